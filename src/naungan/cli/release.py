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
    if is_confirmed and not out.exists():
        raise Refused("There is no schema of that name to confirm. Draft it first without --confirm, and review it.")
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

    plan: dict[str, Any] = dict(plan_of(schema, order))
    if order.seed is None and schema.population:
        path, ledger = _ledger_object(schema, schema_file, given["ledger_file"], given["heads"])
        plan["budget"] = dict(ledger.spent()) if path.exists() else _first_budget(schema)
        left = (plan["budget"] or {}).get("rho_left")
        plan["fits_budget"] = None if left is None else bool(plan["rho_at_most"] <= left)
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in plan.items()]
    report(plan, [*lines, "Nothing was charged, and no noise was drawn."], as_json=as_json)


def _first_budget(schema: Schema) -> dict[str, object] | None:
    """What a ledger that is not begun yet would hold."""
    from naungan.methods.release.accounting import rho_of_budget

    population = schema.population
    if population is None or population.epsilon_limit is None or population.delta_limit is None:
        return None
    left = rho_of_budget(population.epsilon_limit, population.delta_limit)
    return {
        "population": population.name,
        "rho_spent": 0.0,
        "rho_left": left,
        "epsilon_limit": population.epsilon_limit,
    }


@command.command("kanon", epilog=EXIT_CODES)
@click.argument("source", type=_FILE)
@_SCHEMA
@click.option("--k", default=11, show_default=True, type=click.IntRange(2), help="Fewest records that look the same.")
@click.option("--columns", help="Columns to be released, parted by commas; all when left out.")
@_LEDGER
@_HEADS
@_OUT
@json_option
def kanon(source: Path, schema_file: Path, k: int, columns: str | None, out: Path, as_json: bool, **given: Any) -> None:
    """
    Make SOURCE k-anonymous in the folder OUT: broader values where declared, then blanks; no row is dropped.

    No bound holds over several such files. Where the schema names a population, its ledger says so from then on.
    """
    from naungan.methods.release.coding import decode, encode, read_cells
    from naungan.methods.release.kanon import anonymise

    whole = _schema(schema_file, None)
    schema = whole.only([name.strip() for name in columns.split(",")]) if columns else whole
    _hold(out)
    with _Steps() as advance:
        advance("reading", 0, 1)
        records = decode(encode(read_cells(source, schema), schema).codes, schema)
        advance("anonymising", 0, 1)
        made = anonymise(records, schema, k=k)
    ledger = _note_unbounded(whole, schema_file, given, f"k-anonymous records: {out.name}")
    figures: dict[str, object] = {
        "k": made.k, "quasi_identifiers": list(made.quasi), "rows": made.rows, "cells_filled_before": made.filled,
        "cells_exact": made.kept, "cells_broader": made.broader, "kept_share": round(made.kept_share, 4),
        "l_diversity": dict(made.diversity),
        "unknowable": {f.name: f.unknowable for f in schema.fields if f.unknowable},
        "bound": "none",
    }  # fmt: skip
    part = _new_folder(out)
    made.records.write_csv(part / "data.csv")
    made.records.write_parquet(part / "data.parquet")
    _write_json(part / "parameters.json", figures)
    part.replace(out)
    line = f"{out}: {made.rows:,} records, {made.kept_share:.1%} of filled cells kept, k = {k}."
    report({"out": str(out), **figures, "ledger": ledger}, [line, *_unbounded_line(ledger)], as_json=as_json)


@command.command("tables", epilog=EXIT_CODES)
@click.argument("source", type=_FILE)
@click.option("--schema", "schema_file", type=_FILE, help="The public schema; else `schema` in SPEC names it.")
@click.option("--spec", "spec_file", required=True, type=_FILE, help="JSON: tables, method, threshold, base, epsilon.")
@click.option(
    "--earlier", multiple=True, type=_FOLDER, help="Folder of tables of the same people that went out before."
)
@click.option("--other-people", is_flag=True, help="Tables in the ledger that --earlier does not name are of others.")
@_LEDGER
@_HEADS
@_OUT
@json_option
def tables(
    source: Path,
    schema_file: Path | None,
    spec_file: Path,
    earlier: tuple[Path, ...],
    other_people: bool,
    out: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """
    Make count tables of SOURCE that may go out: small counts hidden, rounded, or with noise.

    Small counts are checked by linear programs over all tables of this release and of those named by --earlier. Where
    the ledger knows of tables that are not named, nothing is made, unless --other-people says that they are of others.
    """
    from naungan.methods.release import tables as method
    from naungan.methods.release.accounting import rho_of_budget
    from naungan.methods.release.coding import encode, read_cells
    from naungan.methods.release.noise import ExactNoise
    from naungan.methods.release.synthesize import delta_for

    schema_path = schema_file or _named_schema(spec_file)
    schema = _schema(schema_path, None)
    _hold(out)
    if schema.population is not None:  # two that do not know of each other could not be checked together
        _hold(_ledger_object(schema, schema_path, given["ledger_file"], given["heads"])[0], is_new=False)
    with _Steps() as advance:
        advance("reading", 0, 1)
        coded = encode(read_cells(source, schema), schema)
        names = [column.name for column in coded.columns]
        spec = method.read_spec(spec_file, schema, names)
        before = [shown for folder in earlier for shown in method.read_published(folder / "tables.json", names)]
        exact = method.count_tables(coded, spec)
        promise: dict[str, object] = {"epsilon": spec.epsilon}
        threshold, base = (method.people_at_least(coded, number) for number in (spec.threshold, spec.base))
        advance("protecting", 0, 1)
        if spec.method == "private":
            ledger = _ledger(schema, schema_path, given["ledger_file"], given["heads"])
            size = schema.population.size if schema.population else None
            if size is None:
                raise Refused("Tables with noise need population.size in the schema, from which δ follows.")
            rho = rho_of_budget(spec.epsilon, delta_for(size))
            promise |= {"delta": delta_for(size), "rho": rho, "neighbours": "add or remove one person"}
            purpose = f"tables: {out.name}"
            ledger.charge(rho=rho, run=out.name, purpose=purpose, epsilon=spec.epsilon, delta=delta_for(size))
            shown = method.noisy_tables(exact, rho=rho, sensitivity=coded.rows_per_person, noise=ExactNoise())
            noted = str(ledger.path)
        else:
            if not other_people:
                _require_named(schema, schema_path, given, earlier)
            shown = (
                method.suppress(exact, coded.sizes, threshold=threshold, earlier=before)
                if spec.method == "suppress"
                else method.round_tables(exact, coded.sizes, base=base, threshold=threshold, earlier=before)
            )
            digest = _digest_of(method.words_of(shown, names, spec.method))
            noted = _note_unbounded(
                schema, schema_path, given, f"tables, {spec.method}: {out.name}", tables=digest
            ) or ""  # fmt: skip
    part = _new_folder(out)
    _write_json(part / "tables.json", dict(method.words_of(shown, names, spec.method)))
    hidden = _write_tables(part, shown, coded.columns, names)
    _write_json(
        part / "parameters.json",
        {
            "method": spec.method,
            "threshold_persons": spec.threshold,
            "base_persons": spec.base,
            "rows_per_person": schema.rows_per_person,
            **promise,
        },
    )
    part.replace(out)
    data = {"out": str(out), "method": spec.method, "tables": len(shown), "hidden": hidden, "ledger": noted or None}
    bound = [] if spec.method == "private" else _unbounded_line(noted or None)
    report(data, [f"{out}: {len(shown)} tables, {hidden} cells hidden.", *bound], as_json=as_json)


@command.command("attack", epilog=EXIT_CODES)
@click.argument("source", required=False, type=_FILE)
@_SCHEMA
@click.option("--release", "released", type=_FOLDER, help="Folder of the release to be attacked; needs SOURCE.")
@click.option("--holdout", type=_FILE, help="Records of the same kind which did not go in: the control.")
@click.option("--audit", is_flag=True, help="Try the mechanism itself: two worlds, and planted secrets, all invented.")
@click.option("--tables", "published", multiple=True, type=_FOLDER, help="Folder of count tables to be reconstructed.")
@click.option("--epsilon", default=1.0, show_default=True, type=float, help="Claimed, for --audit.")
@click.option("--runs", default=300, show_default=True, type=click.IntRange(20), help="In each world, for --audit.")
@json_option
def attack(
    source: Path | None, schema_file: Path, released: Path | None, holdout: Path | None, audit: bool,
    published: tuple[Path, ...], epsilon: float, runs: int, as_json: bool,
) -> int:  # fmt: skip
    """
    Attack a release, count tables or the mechanism, with a control. What it says of SOURCE stays inside.

    Exit code 1 when the promise is refuted, when people in the source are found more often than the control, or when a
    hidden count can be worked out.
    """
    schema = _schema(schema_file, None)
    found: dict[str, Any] = {}
    if audit:
        found["audit"] = _audit(schema, epsilon, runs)
        found["planted"] = _planted(schema, epsilon)
    if published:
        found["tables"] = _reconstructed(schema, published)
    if released is not None and source is not None:
        found |= _attack_release(schema, source, released, holdout)
    if not found:
        raise click.UsageError("Give --audit, --tables, or SOURCE with --release.")
    worst = (found.get("disclosure") or {}).get("attack")
    compared = [each for each in (worst, found.get("planted")) if each is not None]
    broken = (
        any(each["refuted"] for each in found.get("audit", []))
        or any(each["interval"][0] > 0 for each in compared)
        or (found.get("tables") or {}).get("exact", 0) > 0
    )
    lines = [_audit_line(each, epsilon) for each in found.get("audit", [])]
    if planted := found.get("planted"):
        lines.append(
            f"planted secrets: {planted['hits']} of {planted['tried']} found, control {planted['control_hits']} of "
            f"{planted['control_tried']}"
        )
    if "tables" in found:
        told = found["tables"]
        lines.append(f"tables: {told['hidden']} hidden cells, {told['exact']} small ones known exactly")
    if worst is not None:
        low, high = worst["interval"]
        lines.append(
            f"rare combinations: {worst['hits']} of {worst['tried']} found, control {worst['control_hits']} of "
            f"{worst['control_tried']}; advantage {worst['advantage']:.3f} ({low:.3f} to {high:.3f})"
        )
    for band in (found.get("utility") or {}).get("bands", []):
        if band["counts"]:
            lines.append(f"pair counts from {band['low']:,} on: right to ± {band['within']:,.0f} in 95 of 100")
    lines += ["Computed from sensitive data: stays inside."] * (source is not None)
    report(found, lines, as_json=as_json)
    return 1 if broken else 0


def _audit_line(found: dict[str, Any], epsilon: float) -> str:
    world = f"{found['kind']}, reusing an earlier release" if found["reuses"] else found["kind"]
    verdict = "REFUTED" if found["refuted"] else "not refuted"
    return f"two worlds, {world}: real ε at least {found['epsilon_low']:.2f}, claimed {epsilon:g}; {verdict}"


def _audit(schema: Schema, epsilon: float, runs: int) -> list[dict[str, object]]:
    from functools import partial

    from naungan.methods.release.attack import audit_mechanism, canary_worlds, publish

    out: list[dict[str, object]] = []
    with _Steps() as advance:
        for kind in ("wide", "canary"):
            records, person = canary_worlds(schema, 200, seed=17, kind=kind)
            build = partial(publish, schema=schema, epsilon=epsilon, delta=1e-4)
            for reuse in (False, True) if kind == "wide" else (False,):  # a canary leaves too few people to be counted
                later = partial(build, earlier=build(records).tables) if reuse else build
                told = partial(_renamed, advance, f"{kind}{', reusing' if reuse else ''}")
                done = audit_mechanism(later, records, person, epsilon=epsilon, delta=1e-4, runs=runs, advance=told)
                out.append({"kind": kind, "reuses": reuse, **vars(done), "refuted": done.is_refuted})
    return out


def _planted(schema: Schema, epsilon: float) -> dict[str, object]:
    from naungan.methods.release.attack import plant_and_look

    found = plant_and_look(schema, epsilon=epsilon, delta=1e-4, rows=300, count=30, seed=17)
    return {**vars(found), "advantage": found.advantage, "interval": found.interval}


def _reconstructed(schema: Schema, folders: tuple[Path, ...]) -> dict[str, object]:
    from naungan.methods.release.attack import reconstruct
    from naungan.methods.release.coding import columns_of
    from naungan.methods.release.tables import read_published

    columns = columns_of(schema)
    names = [column.name for column in columns]
    shown = [each for folder in folders for each in read_published(folder / "tables.json", names)]
    return vars(reconstruct(shown, [len(column.values) for column in columns]))


def _renamed(advance: _Steps, kind: str, what: str, done: int, of: int) -> None:
    advance(f"{kind} {what}", done, of)


def _attack_release(schema: Schema, source: Path, released: Path, holdout: Path | None) -> dict[str, object]:
    import polars as pl

    from naungan.methods.release.coding import decode, encode, read_cells
    from naungan.methods.release.reports import disclosure_report, utility_report

    def banded(path: Path) -> pl.DataFrame:
        return decode(encode(read_cells(path, schema), schema).codes, schema)

    inside, out = banded(source), pl.read_csv(released / "data.csv", infer_schema=False)
    control = banded(holdout) if holdout else None
    names = list(schema.names)
    return {
        "utility": dict(utility_report(inside, out, names)),
        "disclosure": dict(disclosure_report(inside, out, names, holdout=control, seed=17)),
    }


def _named_schema(spec: Path) -> Path:
    import json

    try:
        return spec.parent / str(json.loads(spec.read_text(encoding="utf-8"))["schema"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise Refused("Give --schema, or name the schema's file in the spec.") from error


def _digest_of(words: object) -> str:
    """Of tables that go out, so that a later run knows them again."""
    import hashlib
    import json

    return hashlib.sha256(json.dumps(words, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _require_named(schema: Schema, schema_file: Path, given: dict[str, Any], earlier: tuple[Path, ...]) -> None:
    """Refuse where tables of the population went out which --earlier does not name: they could not be checked."""
    import json

    if schema.population is None:
        return
    ledger = _ledger(schema, schema_file, given["ledger_file"], given["heads"])
    named = {_digest_of(json.loads((folder / "tables.json").read_text(encoding="utf-8"))) for folder in earlier}
    missing = [
        str(each.words.get("purpose", ""))
        for each in ledger.entries()
        if each.words.get("tables", "") not in {"", *named}
    ]
    if missing:
        raise Refused(
            f"Tables of this population went out before and cannot be checked: {'; '.join(missing)}. Name their "
            "folders with --earlier, or give --other-people where they count others, as of another year."
        )


def _note_unbounded(
    schema: Schema, schema_file: Path, given: dict[str, Any], purpose: str, **words: object
) -> str | None:
    """Write into the population's ledger that no bound holds any more; None where no population is named."""
    if schema.population is None:
        return None
    ledger = _ledger(schema, schema_file, given["ledger_file"], given["heads"])
    ledger.note("no-bound", {"purpose": purpose, **words})
    return str(ledger.path)


def _unbounded_line(ledger: str | None) -> list[str]:
    return ["Noted in the ledger: from now on no bound holds over all releases of these people."] if ledger else []


def _hold(path: Path, *, is_new: bool = True) -> None:
    """Hold a path until the command ends; refuse one that is being made, or that is there already."""
    from naungan.methods.release.alone import alone

    hidden = path.with_name(f".{path.name}.made") if is_new else path
    click.get_current_context().with_resource(alone(hidden))
    if is_new and path.exists():
        raise Refused("There is already a folder of that name; choose another.")


def _new_folder(out: Path) -> Path:
    part = out.with_name(f".{out.name}.new")
    _remove(part)
    part.mkdir(parents=True)
    return part


def _write_json(path: Path, words: dict[str, object]) -> None:
    import json

    path.write_text(json.dumps(words, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_tables(folder: Path, shown: Any, columns: Any, names: list[str]) -> int:
    """One CSV file a table, hidden cells empty; returns how many are hidden."""
    import csv
    import math

    import numpy as np

    hidden = 0
    for number, table in enumerate(shown, 1):
        labels = [[*columns[c].values, "TOTAL"] for c in table.columns]
        with (folder / f"table{number:02d}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*(names[c] for c in table.columns), "count", "low", "high"])
            for at in np.ndindex(*table.values.shape):
                value = float(table.values[at])
                hidden += math.isnan(value)
                cells = [each[place] for each, place in zip(labels, at, strict=True)]
                said = "" if math.isnan(value) else f"{value:.0f}"
                writer.writerow([*cells, said, f"{table.low[at]:.0f}", f"{table.high[at]:.0f}"])
    return hidden


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
    except (OSError, ValueError, RecursionError, IndexError, KeyError, TypeError) as error:
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
