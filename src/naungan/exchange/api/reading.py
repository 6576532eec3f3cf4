"""Reads what a request carries: strict JSON, versions, keys, and values by API name."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest
from ninja.parser import Parser

from naungan.exchange.api.answers import fault_of
from naungan.exchange.api.errors import ApiError, Fault
from naungan.exchange.api.names import safe
from naungan.protection.cases.actions.own_fields import is_live
from naungan.protection.cases.fields import DERIVED, is_repeated
from naungan.protection.cases.parts import PART_MODELS
from naungan.protection.cases.values import custom_fields, fields_of
from naungan.standards import htcds

KEY = re.compile(r"[\x21-\x7e]{8,200}\Z")
REF_FORM = re.compile(r"[0-9A-HJKMNP-TV-Z]{16}\Z")
VERSION = re.compile(r'"(\d{1,9})"\Z')
# Fields that tell who somebody is: the person's, and those of others named in a case.
IDENTIFYING = frozenset(n for n, f in htcds.FIELDS.items() if f.data_class is htcds.DataClass.IDENTIFYING)
PARTS_MOST = 50


class StrictParser(Parser):
    """JSON as the standard has it: no NaN, no name twice, no half characters."""

    def parse_body(self, request: HttpRequest) -> dict[str, object]:
        if request.content_type != "application/json":
            raise ApiError("wrong_type")
        return parse_json(request.body)


def parse_json(raw: bytes) -> dict[str, object]:
    """
    Read a JSON object.

    Raises:
        ApiError: it is not one, strictly read (400).
    """
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_never, parse_float=_finite)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise ApiError("bad_json") from None
    if not isinstance(found, dict):
        raise ApiError("bad_json", message="The body must be a JSON object.")
    return found


def read_key(text: str) -> str:
    """An Idempotency-Key, or a refusal."""
    if not KEY.match(text):
        raise ApiError("key_missing")
    return text


def read_version(text: str) -> int:
    """The version of an If-Match header; anything but one strong tag of ours cannot match."""
    found = VERSION.match(text.strip())
    return int(found[1]) if found else -1


def matches(request: HttpRequest, etag: str) -> bool:
    """Whether If-None-Match names this version."""
    held = request.headers.get("If-None-Match", "")
    return any(one.strip().removeprefix("W/") in (f'"{etag}"', "*") for one in held.split(","))


@dataclass(slots=True)
class Reader:
    """Reads the values of one body for one organisation, and gathers what is wrong with them."""

    organisation_id: int
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    _fields: dict[str, htcds.Field] | None = None

    def fields(self, given: Mapping[str, object]) -> dict[str, object]:
        """Values of the person and the case by API name; None clears one."""
        return self._read(given, self._problem_with_name, "fields")

    def part(self, prefix: str, given: Mapping[str, object], place: str) -> dict[str, object]:
        """Values of one perpetrator, event, plan or comment."""
        return self._read(given, lambda name: None if name.startswith(f"{prefix}_") else "wrong_object", place)

    def own(self, given: Mapping[str, object]) -> dict[str, object]:
        """Values of the organisation's own fields by code, ended ones refused."""
        if not given:
            return {}
        live = {code for code, own in custom_fields(self.organisation_id).items() if is_live(own.ends_on)}
        named = {f"x:{code}": value for code, value in given.items()}
        read = self._read(named, lambda name: None if name[2:] in live else "unknown_field", "own")
        return {name[2:]: value for name, value in read.items()}

    def identifying_own(self, given: Mapping[str, object]) -> bool:
        """Whether any of the own fields tells who somebody is."""
        fields = self._fields or {}
        return any(fields[f"x:{code}"].data_class is htcds.DataClass.IDENTIFYING for code in given)

    def finish(self) -> None:
        """
        Refuse the body when anything in it breaks a rule.

        Raises:
            ApiError: with every fault (422).
        """
        if self.faults:
            raise ApiError("invalid", self.faults[:100])

    def _read(self, given: Mapping[str, object], check: Callable[[str], str | None], place: str) -> dict[str, object]:
        values: dict[str, object] = {}
        for name, raw in given.items():
            rule = check(name) if name.startswith("x:") or name in htcds.FIELDS else "unknown_field"
            if rule:
                self.faults.append(Fault(safe(name, place), rule, *_WORDS[rule]))
                continue
            values[name] = self._value(name, raw)
        return values

    def _value(self, name: str, raw: object) -> object:
        if self._fields is None:
            self._fields = fields_of(self.organisation_id)
        parsed = htcds.parse(self._fields[name], raw, source="api")
        refused = parsed.is_refused or parsed.raw is not None
        target = self.faults if refused else self.notes
        target.extend(fault_of(problem) for problem in parsed.problems)
        return parsed.value

    def _problem_with_name(self, name: str) -> str | None:
        if name in DERIVED:
            return "read_only"
        if name.startswith("org_"):
            return "of_organisation"
        return "repeated_object" if is_repeated(name) else None


def require_part(prefix: str, *, comments: bool) -> None:
    """Refuse a repeated object that does not exist, or that cannot be written here."""
    if prefix not in PART_MODELS and not (comments and prefix == "cco"):
        raise ApiError("invalid", [Fault("parts", "unknown_field", *_WORDS["unknown_field"])])


def names_identity(values: Mapping[str, object]) -> bool:
    """Whether any of the fields tells who somebody is."""
    return not IDENTIFYING.isdisjoint(values)


_WORDS: Mapping[str, tuple[str, str]] = {
    "unknown_field": ("There is no field of this name here.", "GET /api/v1/fields lists the fields."),
    "read_only": ("This field follows from the case's state.", "POST to the case's steps instead."),
    "of_organisation": ("This field belongs to the organisation.", "An administrator changes it on screen."),
    "repeated_object": ("A case may hold several of these.", "Write it under `parts`."),
    "wrong_object": ("This field belongs to another object.", "Write it where its prefix belongs."),
}


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _never(_text: str) -> object:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number
