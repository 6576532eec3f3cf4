"""The statement "who saw this file", printed for the person concerned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Protocol

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from naungan.access.printing.paper import pdf
from naungan.access.words import action_name, role_name


class Seen(Protocol):
    """One occasion on which somebody saw the file; `person` is empty unless a data protection officer shows names."""

    @property
    def at(self) -> datetime: ...
    @property
    def action(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def person(self) -> str: ...


@dataclass(frozen=True, slots=True)
class StatementAbout:
    """What the statement is about: a case by its code, and who issues it."""

    code: str
    organisation: str
    opened_at: datetime | None
    printed_at: datetime
    contact: str = ""


def statement_pdf(lines: Sequence[Seen], meta: StatementAbout, language: str) -> bytes:
    """
    Print who saw a file: time, what was done, organisation, role and reason of each, names only where given.

    Args:
        lines: Oldest first.
        meta: The case's code and who issues the statement.
        language: `id` or `en`.

    Returns:
        bytes: a tagged PDF (PDF/UA-1). It carries the code of the case and no name of the person concerned.
    """
    with translation.override("id" if language == "id" else "en"):
        data = _data(lines, meta)
    data["language"] = "id" if language == "id" else "en"
    return pdf(_template(), data)


def _data(lines: Sequence[Seen], meta: StatementAbout) -> dict[str, object]:
    with_names = any(line.person for line in lines)
    columns = [_("When"), _("What was done"), _("Organisation"), _("Role"), _("Reason")]
    return {
        "title": _("Who saw this file"),
        "organisation": meta.organisation,
        "intro": _(
            "This statement lists everybody who saw what is recorded about you in this file. It was printed for you: "
            "keep it where nobody finds it who should not know of it."
        ),
        "facts": _facts(lines, meta),
        "lines_title": _("Everybody who saw the file"),
        "nobody": _("Nobody has seen the file."),
        "columns": [*columns, _("Name")] if with_names else columns,
        "widths": [3, 4, 4, 3, 5, 3] if with_names else [3, 4, 4, 3, 5],
        "lines": [_row(line, with_names=with_names) for line in lines],
        "rights_title": _("What you can do"),
        "rights": _rights(meta),
        "footer": _("Case %(code)s, printed %(moment)s") % {"code": meta.code, "moment": _moment(meta.printed_at)},
        "signatures": [_("For the organisation"), _("Received")],
    }


def _facts(lines: Sequence[Seen], meta: StatementAbout) -> list[list[str]]:
    facts = [[_("Case"), meta.code], [_("Printed"), _moment(meta.printed_at)], [_("Occasions"), str(len(lines))]]
    if meta.opened_at is not None:
        facts.insert(1, [_("File opened"), _moment(meta.opened_at)])
    return facts


def _rights(meta: StatementAbout) -> list[str]:
    rights = [
        _("You may ask why somebody saw the file, ask for a correction, and withdraw your consent."),
        _("Names of staff are shown only when the data protection officer decides so."),
    ]
    if meta.contact:
        rights.append(_("Whom to ask: %(contact)s") % {"contact": meta.contact})
    return rights


def _row(line: Seen, *, with_names: bool) -> list[str]:
    cells = [_moment(line.at), action_name(line.action), line.organisation, role_name(line.role), line.reason or "–"]
    return [*cells, line.person or "–"] if with_names else cells


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def _template() -> str:
    return resources.files("naungan.access.printing").joinpath("statement.typ").read_text(encoding="utf-8")
