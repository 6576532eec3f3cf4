"""`naungan prevalence`: how many are on no list, estimated from lists that overlap; Django is never started."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naungan.cli.frame import EXIT_CODES, WRONG, Progress, json_option, report, terminal_language

if TYPE_CHECKING:
    from naungan.methods.prevalence.errors import PrevalenceError
    from naungan.methods.prevalence.results import Estimate
    from naungan.methods.prevalence.sensitivity import SpreadRow
    from naungan.methods.prevalence.tables import CaptureTable

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
        from naungan.methods.prevalence.estimate import estimate, unused
        from naungan.methods.prevalence.terminal import summary

        for note in unused(method, _given()):
            click.echo(" ".join(note.say(terminal_language())), err=True)
        _check_report(report_to)
        read = tables.read_csv(table)
        wanted = [term.split(":") for term in terms.split(",") if term]
        with _step("Estimating", as_json) as advance:
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
        near = _near(read, found)
        if report_to is not None:
            with _step("Writing the report", as_json):
                _write_report(report_to, read, found)
        lines = summary(read, found, terminal_language(), spread=near)
        report({**found.to_json(), "spread": _spread_json(near)}, lines, as_json=as_json)
        return _code(found)

    return _door(act, as_json, method)


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
        from naungan.methods.prevalence.terminal import covered

        options = Options(method=method, replicates=bootstrap, seed=seed, level=level)
        with _step("Simulating", as_json) as advance:
            found = simulate(read_csv(table), options, tables=tables, advance=advance)
        report(found.to_json(), covered(found, terminal_language()), as_json=as_json)
        return 0 if found.truth is not None else 1

    return _door(act, as_json, method)


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
        from naungan.methods.prevalence.terminal import examined, summary

        read = read_csv(table)
        refusal = usable(read, "two-list" if read.t == 2 else "stepwise")
        if refusal is not None:
            report(refusal.to_json(), summary(read, refusal, terminal_language()), as_json=as_json)
            return _code(refusal)
        with _step("Examining", as_json) as advance:
            found = examine(read, seed=seed, progress=lambda share: advance(round(100 * share), 100))
        report(found.to_json(), examined(found, terminal_language()), as_json=as_json)
        return 0

    return _door(act, as_json, "stepwise")


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
        from naungan.methods.prevalence.terminal import compared

        read = read_csv(table)
        found = []
        with _step("Comparing", as_json) as advance:
            for at, method in enumerate(METHODS[:-1]):
                found.append(_tried(read, method, bootstrap, seed, level))
                advance(at + 1, len(METHODS) - 1)
        told = {"observed": read.observed, "methods": [one.to_json() for one in found]}
        report(told, compared(read, found, level, terminal_language()), as_json=as_json)
        return 0 if any(one.status != "refused" for one in found) else 1

    return _door(act, as_json, None)


def _tried(table: CaptureTable, method: str, bootstrap: int, seed: int, level: float) -> Estimate:
    """The result of one method; one that does not take this table says so in the same form."""
    from naungan.methods.prevalence.errors import PrevalenceError
    from naungan.methods.prevalence.estimate import estimate
    from naungan.methods.prevalence.results import Estimate, Reason

    try:
        return estimate(table, method=method, replicates=bootstrap, seed=seed, level=level)
    except PrevalenceError as error:
        if error.field in ("level", "bootstrap"):
            raise
        return Estimate.none(table, method, "refused", Reason(error.code, error.params))


def _near(table: CaptureTable, found: Estimate) -> tuple[SpreadRow, ...]:
    """Models that fit about as well as the one chosen: whether the data decide belongs beside every number."""
    from naungan.methods.prevalence.sensitivity import ALWAYS_SEARCHED, JUDGED_WITHIN, models_spread

    lists = table.t - len(table.empty_lists)
    if found.estimate is None or found.method not in ("stepwise", "bic", "aic") or not 3 <= lists <= ALWAYS_SEARCHED:
        return ()
    used = table.without(*table.empty_lists) if table.empty_lists else table
    return models_spread(used, within=JUDGED_WITHIN)


def _spread_json(near: tuple[SpreadRow, ...]) -> dict[str, Any] | None:
    from naungan.methods.prevalence.sensitivity import undecided_between

    if not near:
        return None
    totals = [row.estimate for row in near]
    return {
        "within_bic": 6,
        "models": len(near),
        "low": min(totals),
        "high": max(totals),
        "undecided": undecided_between(near) is not None,
    }


@contextmanager
def _step(what: str, as_json: bool) -> Iterator[Callable[[int, int], None]]:
    """A moving line on a screen; nothing where a program reads."""
    shown = Progress()
    if as_json or not shown.moves:
        yield lambda _done, _of: None
        return
    with shown.step(what) as advance:
        yield advance


def _given() -> list[str]:
    """The options that somebody wrote, by name."""
    context = click.get_current_context()
    written = click.core.ParameterSource.COMMANDLINE
    return [name.replace("_", "-") for name in context.params if context.get_parameter_source(name) is written]


def _check_report(path: Path | None) -> None:
    """Before anything is computed: an ending that can be written, in a folder that is there."""
    from naungan.methods.prevalence.errors import PrevalenceError

    if path is None:
        return
    if path.suffix.lower() not in (".html", ".pdf"):
        raise PrevalenceError("option-range", {"option": "report", "rule": ".html, .pdf"}, field="report")
    if not path.parent.is_dir():
        raise PrevalenceError("report-folder", field="report")


def _door(act: Callable[[], int], as_json: bool, method: str | None) -> int:
    """Run, and turn what is refused into a sentence and an exit code; with --json also into an object."""
    from naungan.methods.prevalence.errors import PrevalenceError

    try:
        return act()
    except PrevalenceError as error:
        if as_json:
            report(_refusal(error, method), (), as_json=True)
        what, fix = error.say(terminal_language())
        click.echo(f"{what} {fix}", err=True)
        return WRONG
    except BrokenPipeError:
        raise  # nobody reads any more; the command line ends without a word
    except OSError as error:
        click.echo(f"{error.filename}: {error.strerror}", err=True)
        return 1


def _refusal(error: PrevalenceError, method: str | None) -> dict[str, Any]:
    """The same keys as an estimate, so that a program finds null where it looks for a number."""
    from naungan import __version__

    return {
        "method": method,
        "status": "refused",
        "observed": None,
        "estimate": None,
        "hidden": None,
        "limits": {"0.95": [None, None], "0.8": [None, None]},
        "interval": "none",
        "limits_other": {},
        "model": [],
        "reasons": [
            {
                "code": error.code,
                "params": dict(error.params),
                "field": error.field,
                "message": error.message,
                "fix": error.fix,
            }
        ],
        "conditional_on_model": False,
        "seed": None,
        "version": __version__,
    }


def _code(found: Estimate) -> int:
    """A table without an estimate is a result; a refused one is not."""
    from naungan.methods.prevalence.terminal import said

    if found.status != "refused":
        return 0
    for reason in found.reasons:
        click.echo(said(reason, terminal_language()), err=True)
    return 1


def _write_report(path: Path, table: CaptureTable, found: Estimate) -> None:
    """Charts, tables and words in one file."""
    from naungan.methods.prevalence.report import write

    write(path, table, found, language=terminal_language())
