"""What one row of a file says, ready to become a case, and as the plain structure that is sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from naungan.exchange.formats import CheckedRow
from naungan.protection.cases.actions import CaseDraft
from naungan.standards import htcds

_encode_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


@dataclass(frozen=True, slots=True, repr=False)
class RowContent:
    """
    A row.

    `values`, `repeated` and `custom` are canonical. `kept` are words that no list knows: they go with the
    case as they were written. `refused` are the texts of values that break a rule: they wait to be mended.
    `suggestions` are values that a person may accept. `cells` is the row as it stood, by column letter. Words and
    texts of a repeated object go under a name such as `hte#1:hte_Country`.
    """

    values: Mapping[str, object]
    repeated: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    custom: Mapping[str, tuple[str, object]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    suggestions: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    def draft(self) -> CaseDraft:
        """The case that the row asks for."""
        return CaseDraft(
            values=self.values,
            repeated=self.repeated,
            custom={code: value for code, (_, value) in self.custom.items()},
            raw=self.kept,
        )

    def with_values(
        self,
        values: Mapping[str, object],
        custom: Mapping[str, tuple[str, object]],
        words: Mapping[str, str] | None = None,
    ) -> RowContent:
        """
        The row after a person typed some of its fields anew; what was refused of these is settled.

        `words` are texts to keep as they were typed (a phone without country); an empty one drops what was kept.
        """
        settled = {*values, *(f"x:{code}" for code in custom)}
        given = {name for name, value in values.items() if value is not None}
        return replace(
            self,
            values=_merged(self.values, {n: v for n, v in values.items() if not htcds.FIELDS[n].is_repeated}),
            repeated=self._first_ones({n: v for n, v in values.items() if htcds.FIELDS[n].is_repeated}),
            custom={k: v for k, v in {**self.custom, **custom}.items() if v[1] is not None},
            kept=_kept(self.kept, given, words or {}),
            refused={name: text for name, text in self.refused.items() if field_of(name) not in settled},
            suggestions={name: text for name, text in self.suggestions.items() if name not in settled},
        )

    def flat_values(self) -> dict[str, object]:
        """All values by API name, of the repeated objects the first one's, as a form shows them."""
        first = {name: value for several in self.repeated.values() for name, value in (several or [{}])[0].items()}
        return {**first, **self.values}

    def _first_ones(self, changes: Mapping[str, object]) -> dict[str, Sequence[Mapping[str, object]]]:
        repeated = dict(self.repeated)
        for prefix in dict.fromkeys(htcds.FIELDS[name].prefix for name in changes):
            own = {name: value for name, value in changes.items() if htcds.FIELDS[name].prefix == prefix}
            first, rest = (repeated.get(prefix) or [{}])[0], list(repeated.get(prefix) or [{}])[1:]
            kept = [one for one in [_merged(first, own), *rest] if one]
            if kept:
                repeated[prefix] = kept
            else:
                repeated.pop(prefix, None)
        return repeated

    def to_plain(self) -> dict[str, object]:
        """The row as JSON types, values as sealed texts."""
        plain: dict[str, object] = {"v": _texts(self.values)}
        if self.repeated:
            plain["r"] = {prefix: [_texts(one) for one in several] for prefix, several in self.repeated.items()}
        if self.custom:
            plain["x"] = {code: [kind, htcds.to_text(value)] for code, (kind, value) in self.custom.items()}
        rest = {"k": self.kept, "e": self.refused, "s": self.suggestions, "c": self.cells}
        plain.update({letter: value for letter, value in rest.items() if value})
        return plain

    @classmethod
    def from_checked(cls, row: CheckedRow, kinds: Mapping[str, str]) -> RowContent:
        """What a checked row says; `kinds` are the kinds of the organisation's own fields by code."""
        wrong = {problem.field for problem in row.problems if problem.severity == "error"}
        suggestions = {p.field: p.suggestion for p in row.problems if p.field and p.suggestion}
        return cls(
            values=row.values,
            repeated=row.repeated,
            custom={code: (kinds.get(code, "text"), value) for code, value in row.custom.items()},
            kept={name: text for name, text in row.kept.items() if field_of(name) not in wrong},
            refused={name: text for name, text in row.kept.items() if field_of(name) in wrong},
            suggestions=suggestions,
            cells=row.raw,
        )

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> RowContent:
        """Read back what `to_plain` gave."""
        repeated = cast(dict[str, list[dict[str, str]]], plain.get("r", {}))
        custom = cast(dict[str, tuple[str, str]], plain.get("x", {}))
        return cls(
            values=_canonical(cast(dict[str, str], plain["v"])),
            repeated={prefix: [_canonical(one) for one in several] for prefix, several in repeated.items()},
            custom={code: (kind, htcds.from_kind_text(kind, text)) for code, (kind, text) in custom.items()},
            kept=cast(dict[str, str], plain.get("k", {})),
            refused=cast(dict[str, str], plain.get("e", {})),
            suggestions=cast(dict[str, str], plain.get("s", {})),
            cells=cast(dict[str, str], plain.get("c", {})),
        )

    def fingerprint(self, plain: Mapping[str, object]) -> bytes:
        """What makes the row, given as `to_plain` gives it, recognisable when it comes again in whatever form."""
        # Whoever has no status is active: an export says so, the file it came from may not have.
        said = [{"cas_Status": "Active", **cast(dict[str, str], plain["v"])}, plain.get("r"), plain.get("x")]
        said += [dict(self.kept), dict(self.refused)]
        return _encode_sorted(said).encode()


def field_of(name: str) -> str:
    """The API name behind a name such as `hte#1:hte_Country` or `x:code`."""
    return name.rpartition(":")[2] if "#" in name else name


def _kept(before: Mapping[str, str], given: set[str], words: Mapping[str, str]) -> dict[str, str]:
    settled = given | words.keys()
    rest = {name: word for name, word in before.items() if field_of(name) not in settled}
    return rest | {name: word for name, word in words.items() if word}


def _merged(before: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    texts = {name: htcds.to_text(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _canonical(texts: Mapping[str, str]) -> dict[str, object]:
    return {name: htcds.from_text(htcds.FIELDS[name], text) for name, text in texts.items()}
