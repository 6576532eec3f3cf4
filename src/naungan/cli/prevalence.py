"""`naungan prevalence`: how many are on no list, estimated from lists that overlap; Django is never started."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naungan.cli.frame import EXIT_CODES, Progress, json_option, report

if TYPE_CHECKING:
    from naungan.methods.prevalence.coverage import Coverage
    from naungan.methods.prevalence.errors import PrevalenceError
    from naungan.methods.prevalence.results import Estimate, Limits, Reason
    from naungan.methods.prevalence.tables import CaptureTable
    from naungan.methods.prevalence.words import Language

# Many small matrices: threads of the linear algebra library only wait for each other, at four times the cost. It
# reads this when numpy is imported, which no command has done before.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

METHODS = ("stepwise", "bic", "aic", "chao", "graphs", "latent-class", "thresholding", "two-list", "fixed")
INTERVALS = ("bca", "percentile", "calibrated")
_TABLE = click.argument("table", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_SEED = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the random numbers.")
_LEVEL = click.option(
    "--level", type=float, default=0.95, show_default=True, help="Of the limits; those at 0.8 stand beside."
)


@click.group("prevalence", epilog=EXIT_CODES)
def command() -> None:
    """
    Estimate how many people are on no list, from lists that overlap.

    TABLE is a CSV file: one column for each list (0 or 1), and last `count` (or `jumlah`), one row a pattern.
    """


@command.command("estimate", epilog=EXIT_CODES)
@_TABLE
@click.option("--method", type=click.Choice(METHODS), default="stepwise", show_default=True)
@click.option("--max-order", type=int, help="Most lists in one term (bic, aic, thresholding); 2 when left out.")
@click.option("--terms", default="", help="For `fixed`: interactions, lists joined by `:`, as LA:NG,PF:NCA.")
@click.option("--interval", type=click.Choice(INTERVALS), default="percentile", show_default=True)
@click.option("--threshold", type=float, help="Stepwise: how unlikely an overlap must be (0.02).")
@click.option(
    "--bootstrap", type=int, help="Replicates; 20,000 for stepwise and fixed, 1,000 for bic and aic when left out."
)
@_SEED
@_LEVEL
@click.option(
    "--report",
    "report_to",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write everything, with charts, to a .html or .pdf file.",
)
@json_option
def estimate_command(
    table: Path,
    method: str,
    max_order: int | None,
    terms: str,
    interval: str,
    threshold: float | None,
    bootstrap: int | None,
    seed: int,
    level: float,
    report_to: Path | None,
    as_json: bool,
) -> int:
    """Estimate the whole population of TABLE, with limits that include the choice of the model."""

    def act() -> int:
        from naungan.methods.prevalence import tables
        from naungan.methods.prevalence.estimate import estimate

        read = tables.read_csv(table)
        wanted = [term.split(":") for term in terms.split(",") if term]
        with _progress(as_json).step("Estimating") as advance:
            found = estimate(
                read,
                method=method,
                max_order=max_order,
                terms=wanted,
                interval=interval,
                threshold=threshold,
                replicates=bootstrap,
                seed=seed,
                level=level,
                advance=advance,
            )
        if report_to is not None:
            _write_report(report_to, read, found)
        report(found.to_json(), _lines(read, found), as_json=as_json)
        return _code(found)

    return _door(act, as_json)


@command.command("coverage", epilog=EXIT_CODES)
@_TABLE
@click.option("--method", type=click.Choice(("stepwise", "bic", "aic")), default="stepwise", show_default=True)
@click.option("--tables", type=click.IntRange(min=1), default=500, show_default=True, help="Tables to simulate.")
@click.option("--bootstrap", type=click.IntRange(min=1), default=500, show_default=True, help="Replicates in each.")
@_SEED
@_LEVEL
@json_option
def coverage_command(
    table: Path, method: str, tables: int, bootstrap: int, seed: int, level: float, as_json: bool
) -> int:
    """Simulate tables like TABLE, and count how often the limits hold the truth."""

    def act() -> int:
        from naungan.methods.prevalence.coverage import simulate
        from naungan.methods.prevalence.estimate import Options
        from naungan.methods.prevalence.tables import read_csv

        options = Options(method=method, replicates=bootstrap, seed=seed, level=level)
        with _progress(as_json).step("Simulating") as advance:
            found = simulate(read_csv(table), options, tables=tables, advance=advance)
        report(found.to_json(), _coverage_lines(found), as_json=as_json)
        return 0 if found.truth is not None else 1

    return _door(act, as_json)


@command.command("sensitivity", epilog=EXIT_CODES)
@_TABLE
@_SEED
@json_option
def sensitivity_command(table: Path, seed: int, as_json: bool) -> int:
    """Try on TABLE everything that is not chance: other models, lists left out or joined, assumptions moved."""

    def act() -> int:
        from naungan.methods.prevalence.estimate import usable
        from naungan.methods.prevalence.sensitivity import examine
        from naungan.methods.prevalence.tables import read_csv

        read = read_csv(table)
        refusal = usable(read, "two-list" if read.t == 2 else "stepwise")
        if refusal is not None:
            report(refusal.to_json(), _lines(read, refusal), as_json=as_json)
            return 1
        found = examine(read, seed=seed).to_json()
        report(found, _flat(found), as_json=as_json)
        return 0

    return _door(act, as_json)


@command.command("compare", epilog=EXIT_CODES)
@_TABLE
@click.option("--bootstrap", type=int, default=1_000, show_default=True, help="Replicates of each log-linear method.")
@_SEED
@_LEVEL
@json_option
def compare_command(table: Path, bootstrap: int, seed: int, level: float, as_json: bool) -> int:
    """Run every method on TABLE and show the answers side by side, refusals too."""

    def act() -> int:
        from naungan.methods.prevalence.tables import read_csv

        read = read_csv(table)
        found = []
        with _progress(as_json).step("Comparing") as advance:
            for at, method in enumerate(METHODS[:-1]):
                found.append(_tried(read, method, bootstrap, seed, level))
                advance(at + 1, len(METHODS) - 1)
        report({"observed": read.observed, "methods": found}, _side_by_side(read, found, level), as_json=as_json)
        return 0

    return _door(act, as_json)


def _tried(table: CaptureTable, method: str, bootstrap: int, seed: int, level: float) -> dict[str, Any]:
    """The result of one method as JSON; one that does not take this table says so in the same form."""
    from naungan.methods.prevalence.errors import PrevalenceError
    from naungan.methods.prevalence.estimate import estimate
    from naungan.methods.prevalence.results import Estimate, Reason

    try:
        return estimate(table, method=method, replicates=bootstrap, seed=seed, level=level).to_json()
    except PrevalenceError as error:
        return Estimate.none(table, method, "refused", Reason(error.code, error.params)).to_json()


def _progress(as_json: bool) -> Progress:
    shown = Progress()
    if as_json or not shown.moves:
        shown._say = lambda text, end="\n": None  # type: ignore[method-assign]  # programs read what is written
    return shown


def _door(act: Callable[[], int], as_json: bool) -> int:
    """Run, and turn what is refused into a sentence and an exit code; with --json also into an object."""
    from naungan.methods.prevalence.errors import PrevalenceError

    try:
        return act()
    except PrevalenceError as error:
        if as_json:
            report(_refusal(error), (), as_json=True)
        what, fix = error.say(_language())
        click.echo(f"{what} {fix}", err=True)
        return 1


def _refusal(error: PrevalenceError) -> dict[str, Any]:
    """The same keys as an estimate, so that a program finds null where it looks for a number."""
    from naungan import __version__

    return {
        "method": None,
        "status": "refused",
        "observed": None,
        "estimate": None,
        "hidden": None,
        "limits": {},
        "interval": "none",
        "limits_other": {},
        "model": [],
        "reasons": [{"code": error.code, "params": dict(error.params), "message": error.message, "fix": error.fix}],
        "conditional_on_model": False,
        "seed": None,
        "version": __version__,
    }


def _code(found: Estimate) -> int:
    """A table without an estimate is a result; a refused one is not."""
    if found.status != "refused":
        return 0
    for reason in found.reasons:
        click.echo(_said(reason), err=True)
    return 1


def _language() -> Language:
    return "id" if os.environ.get("LANG", "").lower().startswith("id") else "en"


def _said(reason: Reason) -> str:
    """A reason in words."""
    from naungan.methods.prevalence.errors import MESSAGES, PrevalenceError
    from naungan.methods.prevalence.words import SENTENCES, say

    if reason.code not in SENTENCES and reason.code in MESSAGES:
        return " ".join(PrevalenceError(reason.code, reason.params).say(_language()))
    return say(reason, _language())


def _rounded(people: float | None) -> str:
    """Two significant figures, as a reader should remember it."""
    from naungan.methods.prevalence.words import rounded

    return "no bound" if people is None else rounded(people, "en")


def _span(limits: Limits, level: float) -> str:
    low, high = limits.get(level, (None, None))
    return f"{_rounded(low)} to {_rounded(high)}"


def _lines(table: CaptureTable, found: Estimate) -> list[str]:
    """The summary for a terminal: never a number alone."""
    seen = table.overlaps
    lines = [
        f"Observed: {table.observed:,} people on {table.t} lists; {seen.two_or_more:,} on two or more, "
        f"{seen.three_or_more:,} on three or more; {len(seen.empty_pairs)} of {seen.pairs} pairs of lists share nobody."
    ]
    if found.estimate is None:
        lines.append(f"Result: {found.status}. There is no estimate from this table by the method {found.method}.")
    else:
        lines += _number_lines(found)
    lines += _verdict_lines(table, found)
    seed = "" if found.seed is None else f", seed {found.seed}"
    lines += [f"naungan {found.version}{seed}, table {found.table_hash[:16]}."]
    return lines


def _verdict_lines(table: CaptureTable, found: Estimate) -> list[str]:
    """What may be said and what not; the report and `sensitivity` add what moves the answer apart from chance."""
    from naungan.methods.prevalence.verdict import judge
    from naungan.methods.prevalence.words import say

    judged = judge(table, found)
    said = [f"- {line}" for line in judged.lines(_language())]
    said += [f"! {say(reason, _language())}" for reason in judged.know]
    return [*said, "What else moves this answer: `naungan prevalence sensitivity`, or --report."]


def _number_lines(found: Estimate) -> list[str]:
    label = "conditional on this one model" if found.conditional_on_model else "with the choice of the model"
    lines = [f"Method: {found.method}; terms: {', '.join(':'.join(term) for term in found.model) or 'none'}."]
    for level in found.limits:
        lines.append(
            f"Total: about {_rounded(found.estimate)}, {level:.0%} limits {_span(found.limits, level)} "
            f"({found.interval}, {label}); on no list: about {_rounded(found.hidden)}."
        )
    for kind, limits in found.limits_other.items():
        lines.append(f"Other limits, {kind}: " + "; ".join(f"{lv:.0%} {_span(limits, lv)}" for lv in limits) + ".")
    run = found.bootstrap
    if run is not None:
        levels = ", ".join(f"{level:.0%} at {low:.4f} and {high:.4f}" for level, (low, high) in run.levels.items())
        lines.append(
            f"Bootstrap: {run.replicates:,} replicates, {run.without_estimate:.1%} without an estimate; limits read: "
            f"{levels}."
        )
    return lines


def _coverage_lines(found: Coverage) -> list[str]:
    if found.truth is None:
        return [
            "There is no estimate to simulate from.",
            *(f"- {_said(r)}" for r in found.reasons),
        ]
    lines = [f"{found.tables:,} tables simulated from the fitted model, where the truth is {_rounded(found.truth)}."]
    for kind, by in found.held.items():
        for level, held in by.items():
            lines.append(
                f"{kind} {level:.0%}: held {held.held:.1%}; too high {held.above:.1%}, too low {held.below:.1%}."
            )
    lines.append(f"Without an estimate: {found.without_estimate:.1%}.")
    return lines


def _side_by_side(table: CaptureTable, found: Sequence[dict[str, Any]], level: float) -> list[str]:
    from naungan.cli.frame import table as drawn
    from naungan.methods.prevalence.words import FIXED

    rows = []
    for one in found:
        low, high = one["limits"].get(f"{level:g}", (None, None))
        shown = "none" if one["estimate"] is None else _rounded(one["estimate"])
        span = "" if one["estimate"] is None else f"{_rounded(low)} to {_rounded(high)}"
        rows.append([one["method"], one["status"], shown, span, " ".join(one["model"])])
    head = ["method", "status", "total", f"{level:.0%} limits", "terms"]
    return [f"Observed: {table.observed:,} people.", *drawn(rows, head), FIXED["en"]]


def _flat(data: dict[str, Any], under: str = "") -> list[str]:
    """A report as lines `name: value`."""
    lines = []
    for name, value in data.items():
        if isinstance(value, dict):
            lines += _flat(value, f"{under}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for at, row in enumerate(value, start=1):
                lines += _flat(row, f"{under}{name}[{at}].")
        else:
            lines.append(f"{under}{name}: {value}")
    return lines


def _write_report(path: Path, table: CaptureTable, found: Estimate) -> None:
    """Charts, tables and words in one file."""
    from naungan.methods.prevalence.report import write

    write(path, table, found, language=_language())
