"""The release folder: records, counts with intervals, codebook, texts, charts, one offline page, checksums."""

from __future__ import annotations

import csv
import hashlib
import html
import json
import math
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
import vl_convert

from naungan.methods.release.accounting import epsilon_of_gaussian
from naungan.methods.release.coding import columns_of
from naungan.methods.release.errors import ReleaseError
from naungan.methods.release.junction import Columns, NoisyTable, merge
from naungan.methods.release.select import SELECTION_SHARE
from naungan.methods.release.synthesize import Synthesis
from naungan.methods.release.wording import WORDS, guarantee, say_delta

__all__ = ["Cell", "aggregates", "write_folder"]

_SURE = 1.959964
_STAMP = "NOT PRIVATE"
_FILES = (
    "data.csv", "data.parquet", "aggregates.csv", "measurements.json", "codebook.csv", "parameters.json",
    "datapackage.json", "charts/", "README.md", "LICENSE.txt", "CITATION.cff", "SHA256SUMS",
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """One published count: columns and values, the model's expected count, and the interval from the known noise."""

    columns: tuple[str, ...]
    values: tuple[str, ...]
    count: float
    low: float
    high: float


def aggregates(release: Synthesis) -> list[Cell]:
    """
    Expected counts of every measured table of one or two columns, with 95 % intervals.

    The count comes from the model, so that tables, charts and records agree. The interval is that of the measured
    count, whose noise is known, widened where the model's count lies outside it.

    Args:
        release: As `synthesize` gives it.

    Returns:
        Cells; of pairs only those expected at least once. Safe to publish when the release is private.
    """
    names = [column.name for column in columns_of(release.schema)]
    labels = [column.values for column in columns_of(release.schema)]
    out: list[Cell] = []
    for columns, table in sorted(_measured(release).items(), key=lambda each: (len(each[0]), each[0])):
        if len(columns) > 2:
            continue
        expected = release.model.counts_anywhere(columns)
        wide = _SURE * math.sqrt(table.variance)
        for place in np.ndindex(*expected.shape):
            count = float(expected[place])
            if len(columns) == 2 and count < 1:
                continue
            low = min(count, max(0.0, float(table.values[place]) - wide))
            high = max(count, float(table.values[place]) + wide)
            values = tuple(labels[column][value] for column, value in zip(columns, place, strict=True))
            out.append(Cell(tuple(names[column] for column in columns), values, count, low, high))
    return out


def write_folder(release: Synthesis, out: Path, *, unbounded: Sequence[str] = ()) -> list[str]:
    """
    Write a release folder, whole or not at all.

    Args:
        release: As `synthesize` gives it.
        out: Folder, not there yet.
        unbounded: Releases of the same people which no budget bounds, from the ledger.

    Returns:
        Names of the files. Everything in the folder is computed from the release, nothing from the source: safe to
        publish when the release is private.

    Raises:
        ReleaseError: `folder-exists`.
    """
    if out.exists():
        raise ReleaseError("folder-exists", "There is already a folder of that name.", field="out", fix="Name another.")
    made = out.with_name(f".{out.name}.{secrets.token_hex(4)}.new")
    (made / "charts").mkdir(parents=True)
    cells = aggregates(release)
    _write_records(release, made)
    _write_aggregates(release, cells, made / "aggregates.csv")
    _write_measurements(release, made / "measurements.json")
    _write_codebook(release, made / "codebook.csv")
    _write_json(made / "parameters.json", _parameters(release, unbounded))
    _write_texts(release, made, unbounded)
    _write_charts(release, cells, made / "charts")
    (made / "index.html").write_text(_page(release, cells, unbounded), encoding="utf-8")
    _write_json(made / "datapackage.json", _package(release, made))
    _write_checksums(made)
    try:
        made.replace(out)
    except OSError as error:
        shutil.rmtree(made)
        raise ReleaseError(
            "folder-exists", "A folder of that name was made meanwhile.", field="out", fix="Name another."
        ) from error
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def _measured(release: Synthesis) -> dict[Columns, NoisyTable]:
    return merge(each.noisy() for each in release.measured)


def _write_records(release: Synthesis, folder: Path) -> None:
    records = release.records
    if not release.is_private:
        records = records.with_columns(pl.lit("test").alias(_STAMP))
    records.write_csv(folder / "data.csv")
    records.write_parquet(folder / "data.parquet")


def _write_aggregates(release: Synthesis, cells: Sequence[Cell], path: Path) -> None:
    head = ["column_1", "value_1", "column_2", "value_2", "count", "low_95", "high_95"]
    stamp = [] if release.is_private else [_STAMP]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*head, *stamp])
        for cell in cells:
            pairs = [each for pair in zip(cell.columns, cell.values, strict=True) for each in pair]
            numbers = [f"{cell.count:.1f}", f"{cell.low:.1f}", f"{cell.high:.1f}"]
            writer.writerow([*pairs, *[""] * (4 - len(pairs)), *numbers, *(["test"] if stamp else [])])


def _write_measurements(release: Synthesis, path: Path) -> None:
    """The noisy tables themselves: public, and reused by the next release."""
    population = release.schema.population
    words = {
        "private": release.is_private,
        "stamp": None if release.is_private else _STAMP,
        "population": population.name if population else None,
        "columns": [{"name": column.name, "values": list(column.values)} for column in columns_of(release.schema)],
        "tables": [
            {"columns": list(columns), "variance": table.variance, "values": np.round(table.values, 3).tolist()}
            for columns, table in _measured(release).items()
        ],
    }
    path.write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def _write_codebook(release: Synthesis, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        stamp = [] if release.is_private else [_STAMP]
        head = ["column", "title", "description", "value", "blank_allowed", "several_values_parted_by"]
        writer.writerow([*head, *stamp])
        for field in release.schema.fields:
            for value in field.values:
                blank = "no" if field.required else "yes"
                said = [field.name, field.title, field.description, value, blank, field.delimiter or ""]
                writer.writerow([*said, *(["test"] if stamp else [])])


def _parameters(release: Synthesis, unbounded: Sequence[str]) -> dict[str, object]:
    population = release.schema.population
    return {
        "private": release.is_private,
        "stamp": None if release.is_private else _STAMP,
        "method": "select-measure-generate on a junction tree; exact discrete Gaussian noise; zCDP",
        "epsilon": release.epsilon,
        "delta": release.delta,
        "rho": release.rho,
        "epsilon_of_the_gaussian_part_alone": epsilon_of_gaussian(release.rho * (1 - SELECTION_SHARE), release.delta),
        "conversion": "Canonne, Kamath and Steinke 2020",
        "neighbours": "add or remove one person",
        "rows_per_person": release.schema.rows_per_person,
        "population": population.name if population else None,
        "declared_size": population.size if population else None,
        "support_threshold": release.support,
        "rows": release.records.height,
        "noisy_total": round(release.people, 1),
        "tables_measured": len(release.measured),
        "earlier_tables_reused": release.reused,
        "releases_without_bound": list(unbounded),
        "made_on": datetime.now(UTC).date().isoformat(),
    }


def _title(release: Synthesis) -> str:
    population = release.schema.population
    return release.schema.title or (population.name if population else "") or "Synthetic records"


def _write_texts(release: Synthesis, folder: Path, unbounded: Sequence[str]) -> None:
    stamp = "" if release.is_private else f"# {_STAMP}\n\n"
    today = datetime.now(UTC).date()
    parts = [f"{stamp}# {_title(release)}\n"]
    for language in (0, 1):
        said = [WORDS["what"][language], WORDS["who"][language]]
        said += [f"## {WORDS['guarantee'][language]}", _promise(release)[language]]
        if unbounded:
            said.append(WORDS["unbounded"][language] + "; ".join(unbounded) + ".")
        for part in ("use", "not"):
            said += [f"## {WORDS[part][language]}", WORDS[f"{part}_text"][language]]
        said += [f"## {WORDS['cite'][language]}", _citation(release, today)]
        parts.append("\n\n".join(said) + "\n")
    (folder / "README.md").write_text("\n---\n\n".join(parts), encoding="utf-8")
    (folder / "LICENSE.txt").write_text(f"{stamp}{_licence(release.schema.licence)}\n", encoding="utf-8")
    quoted = json.dumps(f"{stamp.strip('# ').strip()} {_title(release)}".strip(), ensure_ascii=False)
    (folder / "CITATION.cff").write_text(
        f"cff-version: 1.2.0\nmessage: Please cite this data set as below.\ntype: dataset\ntitle: {quoted}\n"
        f"authors:\n  - name: The organisations that contributed\ndate-released: {today.isoformat()}\n"
        f"license: {release.schema.licence}\n",
        encoding="utf-8",
    )


def _licence(name: str) -> str:
    addresses = {
        "CC-BY-4.0": "Creative Commons Attribution 4.0 International, https://creativecommons.org/licenses/by/4.0/",
        "CC0-1.0": "Creative Commons Zero 1.0 Universal, https://creativecommons.org/publicdomain/zero/1.0/",
    }
    return addresses.get(name, name)


def _citation(release: Synthesis, today: date) -> str:
    return f"{_title(release)}. Synthetic records, ε = {release.epsilon:g}. Made on {today.isoformat()} with Naungan."


def _promise(release: Synthesis) -> tuple[str, str]:
    if not release.is_private:
        return WORDS["test"]
    return guarantee(release.epsilon, release.delta, release.schema.rows_per_person)


def _one_way(release: Synthesis, cells: Sequence[Cell], field: int) -> list[tuple[str, Cell]]:
    """Label and cell of each value of a field; of several values only those that are there."""
    columns = [column for column in columns_of(release.schema) if column.field == field]
    found: list[tuple[str, Cell]] = []
    for column in columns:
        for cell in cells:
            if cell.columns == (column.name,) and (column.member is None or cell.values[0]):
                found.append((cell.values[0], cell))
    return found


def _write_charts(release: Synthesis, cells: Sequence[Cell], folder: Path) -> None:
    for number, field in enumerate(release.schema.fields):
        rows = [
            {"value": label or WORDS["blank"][0], "count": cell.count, "low": cell.low, "high": cell.high}
            for label, cell in _one_way(release, cells, number)
        ]
        rows = sorted(rows, key=lambda row: -float(row["count"]))[:20] if len(rows) > 20 else rows  # type: ignore[arg-type]
        title = [field.title or field.name, "people, with 95 % intervals of the noise; synthetic, not prevalence"]
        if not release.is_private:
            title.insert(0, _STAMP)
        y = {"field": "value", "type": "nominal", "sort": None, "title": None}
        spec = {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": {"text": title[:-1], "subtitle": title[-1], "anchor": "start"},
            "data": {"values": rows},
            "width": 420,
            "layer": [
                {"mark": {"type": "bar", "color": "#2f6f73"}, "encoding": {"y": y, "x": _x("count")}},
                {"mark": "rule", "encoding": {"y": y, "x": _x("low"), "x2": {"field": "high"}}},
            ],
        }  # fmt: skip
        drawn = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version="5.20")
        (folder / f"{number + 1:02d}.svg").write_text(drawn, encoding="utf-8")


def _x(name: str) -> dict[str, str]:
    return {"field": name, "type": "quantitative", "title": "people"}


def _page(release: Synthesis, cells: Sequence[Cell], unbounded: Sequence[str]) -> str:
    """One page without scripts or addresses: what it is, the promise, and every column's counts as bars."""
    template = files("naungan.methods.release").joinpath("page.html").read_text(encoding="utf-8")
    stamp = "" if release.is_private else f'<p class="stamp" role="alert">{WORDS["test"][0]} {WORDS["test"][1]}</p>'
    said = {
        "stamp": stamp,
        "title": html.escape(("" if release.is_private else f"{_STAMP}: ") + _title(release)),
        "english": _prose(release, unbounded, 0),
        "indonesian": _prose(release, unbounded, 1),
        "figures": _figures(release),
        "columns": "".join(_column(release, cells, number) for number in range(len(release.schema.fields))),
        "cite": html.escape(_citation(release, datetime.now(UTC).date())),
        "files": "".join(f'<li><a href="{name}">{name}</a></li>' for name in _FILES),
    }
    for key, value in said.items():
        template = template.replace(f"[[{key}]]", value)
    return template


def _prose(release: Synthesis, unbounded: Sequence[str], language: int) -> str:
    parts = [f"<p>{html.escape(WORDS['what'][language])}</p><p>{html.escape(WORDS['who'][language])}</p>"]
    parts.append(f"<h3>{WORDS['guarantee'][language]}</h3><p>{html.escape(_promise(release)[language])}</p>")
    if unbounded:
        parts.append(f"<p>{html.escape(WORDS['unbounded'][language] + '; '.join(unbounded))}</p>")
    for part in ("use", "not"):
        parts.append(f"<h3>{WORDS[part][language]}</h3><p>{html.escape(WORDS[f'{part}_text'][language])}</p>")
    return "".join(parts)


def _figures(release: Synthesis) -> str:
    spread = _SURE * math.sqrt(max(each.noisy().variance for each in release.measured if len(each.columns) == 1))
    rows = [
        ("Records", "Catatan", f"{release.records.height:,}"),
        ("People (noisy count)", "Orang (hitungan berderau)", f"{release.people:,.0f}"),
        ("ε", "", f"{release.epsilon:g}"),
        ("δ", "", say_delta(release.delta)),
        ("A count is right to", "Hitungan tepat sampai", f"± {spread:,.0f}"),
        ("Support threshold", "Ambang dukungan", str(release.support)),
    ]
    return "".join(
        f"<div><dt>{english}{_second(indonesian)}</dt><dd>{value}</dd></div>" for english, indonesian, value in rows
    )


def _second(indonesian: str) -> str:
    return f'<br><span lang="id">{indonesian}</span>' if indonesian else ""


def _column(release: Synthesis, cells: Sequence[Cell], number: int) -> str:
    field = release.schema.fields[number]
    rows = _one_way(release, cells, number)
    most = max((cell.count for _, cell in rows), default=1.0) or 1.0
    said = "".join(
        f'<tr><th scope="row">{html.escape(label) or " / ".join(WORDS["blank"])}</th>'
        f'<td class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{max(0.0, 100 * cell.count / most):.1f}" height="6"/></svg></td>'
        f"<td>{cell.count:,.0f}</td><td>{cell.low:,.0f}–{cell.high:,.0f}</td></tr>"
        for label, cell in rows
    )
    title = html.escape(field.title or field.name)
    return (
        f"<details{' open' if number < 3 else ''}><summary>{title}</summary>"
        f"{f'<p>{html.escape(field.description)}</p>' if field.description else ''}"
        f'<div class="wide"><table><thead><tr><th scope="col">{" / ".join(WORDS["value"])}</th>'
        f'<th scope="col"><span class="unseen">bar</span></th><th scope="col">{" / ".join(WORDS["count"])}</th>'
        f'<th scope="col">{" / ".join(WORDS["interval"])}</th></tr></thead>'
        f"<tbody>{said}</tbody></table></div></details>"
    )


def _package(release: Synthesis, folder: Path) -> dict[str, object]:
    """A Frictionless data package."""
    fields: list[dict[str, object]] = []
    for field in release.schema.fields:
        limits: dict[str, object] = {}
        if field.delimiter is None:
            limits["enum"] = list(field.values)
        if field.required:
            limits["required"] = True
        words: dict[str, object] = {"name": field.name, "type": "string", "constraints": limits}
        fields.append({**words, "title": field.title or field.name, "description": field.description})
    if not release.is_private:
        fields.append({"name": _STAMP, "type": "string"})
    numbers = [{"name": name, "type": "number"} for name in ("count", "low_95", "high_95")]
    texts = [{"name": name, "type": "string"} for name in ("column_1", "value_1", "column_2", "value_2")]
    extra = [] if release.is_private else [{"name": _STAMP, "type": "string"}]
    return {
        "profile": "tabular-data-package",
        "name": "synthetic-records" if release.is_private else "not-private-test",
        "title": ("" if release.is_private else f"{_STAMP}: ") + _title(release),
        "licenses": [{"name": release.schema.licence, "title": _licence(release.schema.licence)}],
        "created": f"{datetime.now(UTC).date().isoformat()}T00:00:00Z",  # the day is enough
        "resources": [
            _resource(folder, "data", "data.csv", fields),
            _resource(folder, "aggregates", "aggregates.csv", [*texts, *numbers, *extra]),
        ],
    }


def _resource(folder: Path, name: str, file: str, fields: Sequence[object]) -> dict[str, object]:
    path = folder / file
    return {
        "name": name, "path": file, "profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "bytes": path.stat().st_size, "hash": f"sha256:{_digest(path)}",
        "schema": {"fields": list(fields), "missingValues": [""]},
    }  # fmt: skip


def _write_json(path: Path, words: object) -> None:
    path.write_text(json.dumps(words, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_checksums(folder: Path) -> None:
    names = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(folder)}" for path in names]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
