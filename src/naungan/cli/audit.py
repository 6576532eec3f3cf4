"""`naungan audit`: the chain of what was done."""

from __future__ import annotations

import click

from naungan.cli.frame import EXIT_CODES, json_option, organisation_named, report, start
from naungan.cli.frame import gettext as _


@click.group("audit", epilog=EXIT_CODES)
def command() -> None:
    """The chain of what was done: verify it, anchor it outside the database, print the day's root."""


@command.command("verify", epilog=EXIT_CODES)
@click.option("--organisation", help="Name or reference; all of them when left out.")
@json_option
def verify(organisation: str | None, as_json: bool) -> int:
    """Walk each chain and name the first entry that was changed, removed, inserted or cut off."""
    start()
    from naungan.access import audit
    from naungan.access.models import Organisation

    chosen = [organisation_named(organisation)] if organisation else list(Organisation.objects.order_by("name"))
    found = [(body, audit.verify(body.pk)) for body in chosen]
    data = [
        {
            "organisation": body.ref,
            "entries": v.length,
            "anchored_to": v.anchored_to,
            "broken_at": v.broken_at,
            "fault": v.fault,
        }
        for body, v in found
    ]
    lines = [
        _("%(organisation)s: entry %(number)d: %(fault)s")
        % {"organisation": body.name, "number": v.broken_at, "fault": v.fault}
        if v.broken_at
        else _("%(organisation)s: sound, %(length)d entries, proven from outside up to entry %(anchored)d")
        % {"organisation": body.name, "length": v.length, "anchored": v.anchored_to}
        for body, v in found
    ]
    report(data, lines, as_json=as_json)
    return 1 if any(v.broken_at for _body, v in found) else 0


@command.command("anchor", epilog=EXIT_CODES)
def anchor() -> None:
    """Write the length and head of each chain, signed, to the file outside the database. The server does it hourly."""
    start()
    from django.conf import settings

    from naungan.access import audit

    count = audit.anchor()
    click.echo(_("%(count)d chains anchored in %(path)s.") % {"count": count, "path": settings.AUDIT_ANCHORS})


@command.command("root", epilog=EXIT_CODES)
@json_option
def root(as_json: bool) -> None:
    """Print one value for all chains. Print or mail it daily: whoever holds it can prove a later change."""
    start()
    from naungan.access import audit, clock

    value = audit.daily_root()
    report({"on": clock.today(), "root": value}, [f"{clock.today()}  {value}"], as_json=as_json)
