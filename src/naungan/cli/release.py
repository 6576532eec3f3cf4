"""`naungan release`: what may be told safely; a door to `naungan.methods.release`, without a database or Django."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naungan.cli.frame import EXIT_CODES, Progress, Refused, json_option, report

if TYPE_CHECKING:
    from naungan.methods.release.ledger import Ledger
    from naungan.methods.release.schema import Schema

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_SCHEMA = click.option("--schema", "schema_file", required=True, type=_FILE, help="The public schema, confirmed.")
_OUT = click.option("--out", required=True, type=_FOLDER, help="Folder to be made; must not be there yet.")
_HEADS = click.option("--heads", type=_FOLDER, help="Folder of the ledgers' heads; best on another disk.")
_LEDGER = click.option(
    "--ledger", "ledger_file", type=click.Path(dir_okay=False, path_type=Path), help="The ledger; else the schema's."
)


@click.group("release", epilog=EXIT_CODES)
def command() -> None:
    """
    What may be told safely: private synthetic records, k-anonymous records, protected tables.

    Begin with `schema`, have it reviewed, then make a release. Reports computed from the source stay inside; a
    release folder holds nothing that was not paid for.
    """


@command.command("schema", epilog=EXIT_CODES)
@click.argument("source", type=_FILE)
@click.option("-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The schema's file.")
@click.option(
    "--confirm", "is_confirmed", is_flag=True, help="You have reviewed OUT: its columns and values are public."
)
@click.option("--by", default="", help="Who confirms; kept in the schema.")
@click.option("--population", default="", help="Name of the population, for a draft.")
@json_option
def schema(source: Path, out: Path, is_confirmed: bool, by: str, population: str, as_json: bool) -> None:
    """
    Draft a schema from SOURCE for review, or confirm one that was reviewed.

    With --confirm an existing OUT is confirmed as it stands. A draft is never used for a release.
    """
    from naungan.methods.release.draft import draft_schema
    from naungan.methods.release.schema import confirm, read_schema, write_schema

    if out.exists() and not is_confirmed:
        raise Refused("There is already a schema of that name. Review it, then give --confirm, or choose another name.")
    if not out.exists():
        write_schema(draft_schema(source, population=population), out)
    if is_confirmed:
        said = f"{by or 'the person who ran --confirm'}, {datetime.now(UTC).date().isoformat()}"
        write_schema(confirm(read_schema(out), by=said), out)
    done = "confirmed" if is_confirmed else "draft"
    lines = [f"{out}: {done}."]
    if not is_confirmed:
        lines.append("Review it: every column and value must be public knowledge. It stays inside until then.")
        lines.append(f"Then: naungan release schema {source.name} -o {out.name} --confirm")
    report({"schema": str(out), "state": done}, lines, as_json=as_json)


@command.command("synthesize", epilog=EXIT_CODES)
@click.argument("source", type=_FILE)
@_SCHEMA
@click.option("--epsilon", required=True, type=float, help="ε of the release: smaller is safer and less exact.")
@click.option("--delta", type=float, help="δ; else 1/(n ln n) of the declared size or of a noisy count.")
@click.option("--unit", help="Column that tells persons apart; else the schema's, else a row is a person.")
@click.option("--support", type=click.IntRange(1, 1000), help="Fewest times that a pair is seen in the synthetic file.")
@click.option("--workload", type=_FILE, help="JSON: which tables matter more.")
@_LEDGER
@_HEADS
@click.option("--reuse", multiple=True, type=_FOLDER, help="Folder of an earlier release of the same population.")
@click.option("--test", "seed", type=int, is_flag=False, flag_value=0, help="A seeded run, stamped NOT PRIVATE.")
@click.option("--dry-run", is_flag=True, help="Say what it would cost and measure; nothing is charged or drawn.")
@_OUT
@json_option
def synthesize(source: Path, schema_file: Path, out: Path, as_json: bool, **given: Any) -> None:
    """
    Make private synthetic records of SOURCE in the folder OUT.

    The budget is charged before any noise is drawn. A run that was killed goes on where it stopped when the same
    command is given again.
    """
    from naungan.methods.release import folder, synthesize

    schema = _schema(schema_file, given["unit"])
    order = synthesize.Order(
        epsilon=given["epsilon"], delta=given["delta"], support=given["support"] or synthesize.DEFAULT_SUPPORT,
        weights=synthesize.read_workload(given["workload"], schema) if given["workload"] else {},
        earlier=synthesize.read_earlier(given["reuse"], schema), seed=given["seed"],
    )  # fmt: skip
    if given["dry_run"]:
        _dry_run(schema, schema_file, order, given, as_json=as_json)
        return
    if out.exists():
        raise Refused("There is already a folder of that name; choose another.")
    ledger = None if order.seed is not None else _ledger(schema, schema_file, given["ledger_file"], given["heads"])
    work = out.with_name(f".{out.name}.run")
    with _Steps() as advance:
        made = synthesize.synthesize(
            source, schema, order, ledger=ledger, work=work, purpose=f"synthetic records: {out.name}", advance=advance
        )
        advance("writing the folder", 0, 1)
        unbounded = [str(each) for each in _list(ledger.spent()["no_bound"])] if ledger else []
        names = folder.write_folder(made, out, unbounded=unbounded)
    if ledger:
        ledger.note("published", {"purpose": out.name, "epsilon": made.epsilon, "delta": made.delta})
    _remove(work)
    data = {
        "out": str(out), "private": made.is_private, "epsilon": made.epsilon, "delta": made.delta, "rho": made.rho,
        "rows": made.records.height, "files": names, "budget": ledger.spent() if ledger else None,
    }  # fmt: skip
    stamp = "" if made.is_private else " NOT PRIVATE: a test, must not go out."
    report(
        data,
        [f"{out}: {made.records.height:,} records, ε = {made.epsilon:g}, δ = {made.delta:.3g}.{stamp}"],
        as_json=as_json,
    )


def _dry_run(schema: Schema, schema_file: Path, order: Any, given: dict[str, Any], *, as_json: bool) -> None:
    from naungan.methods.release.synthesize import plan_of

    plan = dict(plan_of(schema, order))
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in plan.items()]
    if order.seed is None and schema.population:
        path, ledger = _ledger_object(schema, schema_file, given["ledger_file"], given["heads"])
        plan["budget"] = dict(ledger.spent()) if path.exists() else None
        lines.append(f"budget: {plan['budget'] or 'the ledger is not begun yet'}")
    report(plan, [*lines, "Nothing was charged, and no noise was drawn."], as_json=as_json)


@command.group("ledger", epilog=EXIT_CODES)
def ledger() -> None:
    """The budget of a population: what was spent, and whether the record of it is whole."""


@ledger.command("show", epilog=EXIT_CODES)
@click.argument("file", type=_FILE)
@_HEADS
@json_option
def ledger_show(file: Path, heads: Path | None, as_json: bool) -> None:
    """What was charged to the ledger FILE, and what all releases together may tell about one person."""
    opened = _opened(file, heads)
    spent = opened.spent()
    entries = [dict(each.words) for each in opened.entries()]
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in spent.items()]
    lines += [
        f"{each['number']}  {each['at']}  {each['kind']}  {each.get('purpose', '')}  ρ {each.get('rho', 0)}"
        for each in entries
    ]
    report({"spent": dict(spent), "entries": entries}, lines, as_json=as_json)


@ledger.command("verify", epilog=EXIT_CODES)
@click.argument("file", type=_FILE)
@_HEADS
@json_option
def ledger_verify(file: Path, heads: Path | None, as_json: bool) -> int:
    """Walk the chain of FILE and hold it against its head. Exit code 1 when it is not whole."""
    verdict = _opened(file, heads).verify()
    data = {"sound": verdict.is_sound, "entries": verdict.entries, "fault": verdict.fault, "at": verdict.at}
    said = f"sound, {verdict.entries} entries" if verdict.is_sound else f"entry {verdict.at or '-'}: {verdict.fault}"
    report(data, [f"{file}: {said}"], as_json=as_json)
    return 0 if verdict.is_sound else 1


def _opened(file: Path, heads: Path | None) -> Ledger:
    """The ledger of a file, whose first line names its population."""
    import json

    from naungan.methods.release.ledger import Ledger, default_heads

    try:
        first = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
        population = str(first["population"])
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise Refused("That file is not a ledger.") from error
    return Ledger(file, population=population, heads=heads or default_heads())


def _schema(path: Path, unit: str | None) -> Schema:
    from dataclasses import replace

    from naungan.methods.release.schema import read_schema

    schema = read_schema(path)
    schema.require_confirmed()
    if unit is None:
        return schema
    fields = tuple(field for field in schema.fields if field.name != unit)
    left_out = tuple(name for name in schema.left_out if name != unit)
    return replace(schema, unit=unit, fields=fields, left_out=left_out)


def _ledger_object(schema: Schema, schema_file: Path, named: Path | None, heads: Path | None) -> tuple[Path, Ledger]:
    from naungan.methods.release.ledger import Ledger, default_heads, ledger_path

    population = schema.population
    if population is None:
        raise Refused("The schema names no population, so there is no budget to charge. Name one, or give --test.")
    path = named or ledger_path(schema_file.parent, population.name, population.ledger)
    return path, Ledger(path, population=population.name, heads=heads or default_heads())


def _ledger(schema: Schema, schema_file: Path, named: Path | None, heads: Path | None) -> Ledger:
    """The population's ledger, begun with the limit that the schema declares."""
    path, ledger = _ledger_object(schema, schema_file, named, heads)
    population = schema.population
    assert population is not None
    if not path.exists() and (population.epsilon_limit is None or population.delta_limit is None):
        raise Refused(
            "There is no ledger, and the schema declares no limit (population.limit: epsilon, delta) to begin one."
        )
    ledger.open(epsilon_limit=population.epsilon_limit or 1.0, delta_limit=population.delta_limit or 1e-6)
    return ledger


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _remove(work: Path) -> None:
    import shutil

    shutil.rmtree(work, ignore_errors=True)


class _Steps:
    """Tells the steps of a method as `Progress` does, one after another."""

    def __init__(self) -> None:
        self.progress = Progress()
        self.what = ""
        self.stack = ExitStack()
        self.advance: Callable[[int, int], None] | None = None

    def __enter__(self) -> _Steps:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if kind is None:
            self.stack.close()

    def __call__(self, what: str, done: int, of: int) -> None:
        if what != self.what:
            self.stack.close()
            step: AbstractContextManager[Callable[[int, int], None]] = self.progress.step(what.capitalize())
            self.advance = self.stack.enter_context(step)
            self.what = what
        if self.advance:
            self.advance(done, of)
