"""Words that an organisation added to lists of the standard: understood on the way in, mapped on the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from naungan.exchange.formats import CheckedRow, Record
from naungan.protection.cases.models import CustomChoice
from naungan.standards import htcds


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The added words of an organisation, by field: spellings to code, and code to the published code."""

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    published: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, organisation_id: int) -> OwnWords:
        """Read them; retired words too, since old records keep them."""
        codes: dict[str, dict[str, str]] = {}
        published: dict[str, dict[str, str]] = {}
        for word in CustomChoice.objects.filter(organisation_id=organisation_id, field__in=list(htcds.FIELDS)):
            published.setdefault(word.field, {})[word.code] = word.maps_to
            for text in (word.code, word.label_id, word.label_en):
                if text.strip():
                    codes.setdefault(word.field, {})[_fold(text)] = word.code
        return cls(codes, published)

    def understand(self, row: CheckedRow) -> None:
        """Take over words of a row that the standard's lists do not know, but the organisation does."""
        for name in [name for name in row.kept if name in self.codes]:
            found = self._codes(name, row.kept[name])
            if found is None:
                continue
            row.values[name] = found if htcds.FIELDS[name].several else found[0]
            del row.kept[name]
            row.problems = tuple(p for p in row.problems if not (p.field == name and p.code == "unknown_choice"))

    def publish(self, record: Record) -> None:
        """Write a record's added codes as the standard's, and keep the words beside them so that they come back."""
        for name, published in self.published.items():
            value = record.values.get(name)
            codes = value if isinstance(value, tuple) else (str(value),) if value else ()
            if not any(code in published for code in codes) or name in record.raw:
                continue
            record.raw[name] = "; ".join(codes)
            mapped = tuple(dict.fromkeys(target for code in codes if (target := published.get(code, code))))
            if mapped:
                record.values[name] = mapped if htcds.FIELDS[name].several else mapped[0]
            else:
                del record.values[name]

    def _codes(self, name: str, text: str) -> tuple[str, ...] | None:
        found = [self._code(name, part) for part in (text.split(";") if htcds.FIELDS[name].several else [text])]
        return tuple(dict.fromkeys(code for code in found if code)) if all(found) else None

    def _code(self, name: str, text: str) -> str | None:
        own = self.codes[name].get(_fold(text))
        if own:
            return own
        parsed = htcds.parse(htcds.FIELDS[name], text.strip(), source="form")
        codes: Sequence[object] = parsed.value if isinstance(parsed.value, tuple) else (parsed.value,)
        return str(codes[0]) if parsed.raw is None and len(codes) == 1 and codes[0] else None


def _fold(text: str) -> str:
    return " ".join(text.split()).casefold()
