"""The public schema of a release: columns, values, bands, rules, population and unit, declared before any look."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from naungan.methods.release.errors import ReleaseError

__all__ = ["Band", "Field", "Population", "Rule", "Schema", "confirm", "read_schema", "schema_of", "write_schema"]

OWN = "naungan"
_NAME = re.compile(r"[^\x00-\x1f]{1,120}")
_MOST_PEOPLE = 10_000_000
_FORMULA = re.compile(r"\s*(?:[=@]|[+-].*[(|!])", re.DOTALL)  # what a spreadsheet that opens the release would run


@dataclass(frozen=True)
class Band:
    """A declared stretch of ages, amounts or dates, ends included; None is open."""

    label: str
    start: float | date | None
    end: float | date | None


@dataclass(frozen=True)
class Field:
    """
    One column of the release.

    Attributes:
        name: As in the file's header.
        values: What may stand in the file that goes out, in order; labels of the bands where there are bands.
        bands: Stretches which the file's numbers or dates fall into; empty for plain values.
        required: Whether a blank is refused; otherwise a blank means that no attribute was recorded.
        delimiter: What parts several values in one cell; None for one value.
        broader: For each step of generalisation, value → broader value, narrowest step first.
        unknowable: Why an outsider cannot know this of a person; empty for a quasi-identifier.
        sensitive: Whether l-diversity is reported for it.
        title: Words for people; the name where none is given.
        description: What it means.
    """

    name: str
    values: tuple[str, ...]
    bands: tuple[Band, ...] = ()
    required: bool = False
    delimiter: str | None = None
    broader: tuple[Mapping[str, str], ...] = ()
    unknowable: str = ""
    sensitive: bool = False
    title: str = ""
    description: str = ""


@dataclass(frozen=True)
class Rule:
    """What always holds: where every column of `given` has one of its values, every column of `then` has one of its."""

    given: Mapping[str, frozenset[str]]
    then: Mapping[str, frozenset[str]]
    because: str = ""


@dataclass(frozen=True)
class Population:
    """
    Whose budget a release spends.

    Attributes:
        name: Of the population; one ledger each.
        size: Declared and public; None where it is not to be told, and is then taken from noisy counts.
        ledger: File of the ledger, beside the schema unless absolute; None for the place derived from the name.
        epsilon_limit: Most that all releases together may spend, with `delta_limit`.
        delta_limit: See `epsilon_limit`.
    """

    name: str
    size: int | None = None
    ledger: str | None = None
    epsilon_limit: float | None = None
    delta_limit: float | None = None


@dataclass(frozen=True)
class Schema:
    """
    A public schema, confirmed by a person.

    Attributes:
        fields: Released columns in order.
        left_out: Columns of the file which are not released, by name; they are never read.
        missing: Texts that mean blank.
        rules: Logic rules; what they exclude never comes out.
        population: Whose budget; None only for tests and for k-anonymous files.
        unit: Column that tells persons apart; None where a row is a person.
        rows_per_person: Most rows of one person, c.
        confirmed: Who confirmed, or when; empty for a draft.
        title: Of the data set.
        licence: Under which it goes out.
        source: Words of the file itself, for what else it holds.
    """

    fields: tuple[Field, ...]
    left_out: tuple[str, ...] = ()
    missing: tuple[str, ...] = ("",)
    rules: tuple[Rule, ...] = ()
    population: Population | None = None
    unit: str | None = None
    rows_per_person: int = 1
    confirmed: str = ""
    title: str = ""
    licence: str = "CC-BY-4.0"
    source: Mapping[str, object] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the released columns."""
        return tuple(each.name for each in self.fields)

    def field_named(self, name: str) -> Field:
        """The column of that name; refused where there is none."""
        for each in self.fields:
            if each.name == name:
                return each
        raise _wrong("A column is named that the schema does not declare.", name)

    def require_confirmed(self) -> None:
        """Refuse a draft."""
        if not self.confirmed:
            raise ReleaseError(
                "draft-schema",
                "The schema is a draft: nobody has confirmed that its columns and values are public.",
                fix="Review it, then run `naungan release schema IN.csv -o SCHEMA --confirm`.",
            )

    def only(self, names: Sequence[str]) -> Schema:
        """The schema of fewer columns, in the order given; the others are left out, and rules over them fall away."""
        kept = tuple(self.field_named(name) for name in names)
        rest = tuple(name for name in self.names if name not in names)
        rules = tuple(rule for rule in self.rules if {*rule.given, *rule.then} <= set(names))
        return replace(self, fields=kept, left_out=(*self.left_out, *rest), rules=rules)


def _wrong(message: str, name: str | None = None) -> ReleaseError:
    return ReleaseError("bad-schema", message, field=name, fix="docs/reference/release.md shows a whole schema.")


def read_schema(path: Path) -> Schema:
    """
    Read a schema from a JSON file.

    Args:
        path: A Frictionless Table Schema with what this program adds under `naungan`.

    Returns:
        Schema: perhaps a draft; `require_confirmed` refuses those. Safe to publish once it is confirmed.

    Raises:
        ReleaseError: `bad-schema`, with the column where one is to blame.

    Source:
        Frictionless Table Schema 1.0.
    """
    try:
        words = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _wrong("The schema file cannot be read as JSON.") from error
    return schema_of(words)


def schema_of(words: object) -> Schema:
    """
    Make a schema of parsed JSON.

    Args:
        words: As `read_schema` reads it.

    Returns:
        Schema. Safe to publish once it is confirmed.

    Raises:
        ReleaseError: `bad-schema`.
    """
    whole = _object(words, "the schema")
    own = _object(whole.get(OWN, {}), OWN)
    given = _list(whole.get("fields"), "fields")
    if not given:
        raise _wrong("The schema declares no column.")
    parsed = [_object(each, "a field") for each in given]
    kept = [each for each in parsed if _object(each.get(OWN, {}), OWN).get("leaveOut") is not True]
    unit = _text(own.get("unit"), "unit") or None
    fields = tuple(_field(each) for each in kept if each.get("name") != unit)
    left_out = tuple(_name(each) for each in parsed if each not in kept)
    names = [_name(each) for each in parsed]
    if len(set(names)) != len(names):
        raise _wrong("Two columns of the schema have one name.")
    if not fields:
        raise _wrong("The schema releases no column.")
    schema = Schema(
        fields=fields,
        left_out=left_out,
        missing=tuple(_texts(whole.get("missingValues", [""]), "missingValues")),
        population=_population(own.get("population")),
        unit=unit,
        rows_per_person=_count(own.get("rowsPerPerson", 1), "rowsPerPerson"),
        confirmed=_text(own.get("confirmed"), "confirmed"),
        title=_text(whole.get("title"), "title"),
        licence=_text(own.get("licence"), "licence") or "CC-BY-4.0",
        source=whole,
    )
    rules = tuple(_rule(each, schema) for each in _list(own.get("rules", []), "rules"))
    return replace(schema, rules=rules)


def write_schema(words: Mapping[str, object], path: Path) -> None:
    """
    Write the words of a schema as JSON, atomically.

    Args:
        words: As `Schema.source`, or as `draft_schema` gives them.
        path: Where to. A draft stays inside; a confirmed schema is public.
    """
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(words, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    part.replace(path)


def confirm(schema: Schema, *, by: str) -> Mapping[str, object]:
    """
    The words of a schema, confirmed as public.

    Args:
        schema: Reviewed by a person.
        by: Who confirms, and when.

    Returns:
        Words for `write_schema`.
    """
    words = dict(schema.source)
    own = dict(_object(words.get(OWN, {}), OWN))
    own["confirmed"] = by
    own.pop("toConfirm", None)
    words[OWN] = own
    words["fields"] = [_reviewed(_object(each, "a field")) for each in _list(words.get("fields"), "fields")]
    return words


def _reviewed(words: Mapping[str, object]) -> Mapping[str, object]:
    """A field without the marks of a draft."""
    own = _object(words.get(OWN, {}), OWN)
    left = {key: value for key, value in own.items() if key != "review"}
    rest = {key: value for key, value in words.items() if key != OWN}
    return {**rest, OWN: left} if left else rest


def _field(words: Mapping[str, object]) -> Field:
    name = _name(words)
    own = _object(words.get(OWN, {}), name)
    limits = _object(words.get("constraints", {}), name)
    bands = tuple(_band(each, name) for each in _list(own.get("bands", []), name))
    values = tuple(band.label for band in bands) or tuple(_texts(limits.get("enum"), name))
    if not values:
        raise _wrong("A column declares neither values (constraints.enum) nor bands.", name)
    if len(set(values)) != len(values):
        raise _wrong("A column declares one value twice.", name)
    _require_apart(bands, name)
    broader = tuple(_mapping(each, name) for each in _list(own.get("broader", []), name))
    title, description = _text(words.get("title"), name), _text(words.get("description"), name)
    _require_plain(name, (name, title, description, *values, *(value for each in broader for value in each.values())))
    return Field(
        name=name,
        values=values,
        bands=bands,
        required=limits.get("required") is True,
        delimiter=_delimiter(own.get("delimiter"), name),
        broader=broader,
        unknowable=_text(own.get("unknowable"), name),
        sensitive=own.get("sensitive") is True,
        title=title,
        description=description,
    )


def _require_plain(name: str, texts: Iterable[str]) -> None:
    """Nothing goes out that a spreadsheet would run as a formula."""
    if any(_FORMULA.match(text) for text in texts):
        raise _wrong("A name, value or title of a column would be run as a formula by a spreadsheet.", name)


def _delimiter(words: object, name: str) -> str | None:
    if words is None:
        return None
    if not isinstance(words, str) or not words.strip():
        raise _wrong("What parts several values must be a mark such as `; `.", name)
    return words


def _band(words: object, name: str) -> Band:
    given = _object(words, name)
    label = _text(given.get("label"), name)
    if not label:
        raise _wrong("A band has no label.", name)
    return Band(label, _end(given.get("from"), name), _end(given.get("to"), name))


def _end(value: object, name: str) -> float | date | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _wrong("The end of a band is neither a number nor a date such as 2020-01-31.", name)


def _require_apart(bands: Sequence[Band], name: str) -> None:
    """Bands of one kind, in rising order, none over another."""
    kinds = {isinstance(end, date) for band in bands for end in (band.start, band.end) if end is not None}
    if len(kinds) > 1:
        raise _wrong("A column mixes bands of numbers and of dates.", name)
    for before, after in pairwise(bands):
        if before.end is None or after.start is None or not _less(before.end, after.start):
            raise _wrong("Bands of a column overlap, or do not rise.", name)


def _less(first: float | date, second: float | date) -> bool:
    if isinstance(first, date) or isinstance(second, date):
        return isinstance(first, date) and isinstance(second, date) and first < second
    return first < second


def _rule(words: object, schema: Schema) -> Rule:
    given = _object(words, "rules")
    because = _text(given.get("because"), "rules")
    rule = Rule(_conditions(given.get("if"), schema), _conditions(given.get("then"), schema), because)
    if not rule.given or not rule.then:
        raise _wrong("A rule needs `if` and `then`, each with columns and values.")
    if len({*rule.given, *rule.then}) > 4:
        raise _wrong("A rule joins more than four columns.")
    return rule


def _conditions(words: object, schema: Schema) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name, values in _object(words, "rules").items():
        column = schema.field_named(name)
        chosen = frozenset(_texts(values, name))
        if not chosen <= {*column.values, ""}:
            raise _wrong("A rule names a value that its column does not declare.", name)
        if column.delimiter and len(chosen) != 1:
            raise _wrong("A rule on a column of several values names exactly one of them.", name)
        found[name] = chosen
    return found


def _population(words: object) -> Population | None:
    if words is None:
        return None
    given = _object(words, "population")
    name = _text(given.get("name"), "population")
    if not name:
        return None
    size = None if given.get("size") is None else _count(given.get("size"), "population.size")
    if size is not None and size > _MOST_PEOPLE:  # as many records are drawn, after the budget is charged
        raise _wrong(f"population.size is more than {_MOST_PEOPLE:,}.", "population")
    limit = _object(given.get("limit", {}), "population.limit")
    return Population(
        name,
        size,
        _text(given.get("ledger"), "population.ledger") or None,
        _positive(limit.get("epsilon"), "population.limit"),
        _positive(limit.get("delta"), "population.limit"),
    )


def _name(words: Mapping[str, object]) -> str:
    name = words.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _wrong("A field of the schema has no usable name.")
    return name


def _object(words: object, where: str) -> Mapping[str, object]:
    if not isinstance(words, dict):
        raise _wrong("An object is expected in the schema.", where)
    return words


def _list(words: object, where: str) -> list[object]:
    if not isinstance(words, list):
        raise _wrong("A list is expected in the schema.", where)
    return words


def _text(words: object, where: str) -> str:
    if words is None or words is False:
        return ""
    if words is True:
        return "yes"
    if not isinstance(words, str):
        raise _wrong("A text is expected in the schema.", where)
    return words.strip()


def _texts(words: object, where: str) -> list[str]:
    found = []
    for each in _list([] if words is None else words, where):
        if isinstance(each, bool) or not isinstance(each, str | int | float):
            raise _wrong("A list of texts is expected in the schema.", where)
        found.append(str(each).strip())
    return found


def _mapping(words: object, where: str) -> Mapping[str, str]:
    return {key: _text(value, where) for key, value in _object(words, where).items()}


def _count(words: object, where: str) -> int:
    if isinstance(words, bool) or not isinstance(words, int) or words < 1:
        raise _wrong("A whole number of at least 1 is expected in the schema.", where)
    return words


def _positive(words: object, where: str) -> float | None:
    if words is None:
        return None
    if isinstance(words, bool) or not isinstance(words, int | float) or not words > 0:
        raise _wrong("A number above 0 is expected in the schema.", where)
    return float(words)
