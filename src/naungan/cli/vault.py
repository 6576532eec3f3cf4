"""`naungan vault`: the search index, legal hold and erasure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from naungan.cli.frame import (
    EXIT_CODES,
    Progress,
    Refused,
    actor_named,
    json_option,
    organisation_named,
    report,
    start,
    table,
)
from naungan.cli.frame import gettext as _

if TYPE_CHECKING:
    from naungan.access.actor import Actor
    from naungan.protection.cases.models import Case

_AS = click.option("--as", "email", required=True, help="E-mail of the data protection officer who decides.")
_REASONS = ("request", "consent_withdrawn", "retention", "mistake", "order")


@click.group("vault", epilog=EXIT_CODES)
def command() -> None:
    """The vault: search index, legal hold, erasure."""


@command.command("reindex", epilog=EXIT_CODES)
@click.option("--organisation", help="Name or reference; all of them when left out.")
@click.option(
    "--renormalise", is_flag=True, help="Make the normal forms of names anew too, after an update changed their rules."
)
def reindex(organisation: str | None, renormalise: bool) -> None:
    """Build the search index anew while the old one serves. Safe to stop and to run again."""
    start()
    from naungan.access.models import Organisation
    from naungan.vault import actions

    chosen = [organisation_named(organisation)] if organisation else list(Organisation.objects.order_by("pk"))
    for body in chosen:
        with Progress().step(_("Indexing %(organisation)s") % {"organisation": body.name}) as advance:
            count = actions.reindex(body.pk, renormalise=renormalise, progress=advance)
        click.echo(_("%(organisation)s: %(count)d people indexed.") % {"organisation": body.name, "count": count})


@command.command("status", epilog=EXIT_CODES)
@json_option
def status(as_json: bool) -> None:
    """How many identities are kept, held, erased, and how the indexes stand."""
    start()
    from naungan.access.models import Organisation
    from naungan.vault import queries
    from naungan.vault.models import IndexVersion, Subject

    head = ["organisation", "people", "held", "erased", "index for", "reindex due"]
    rows = []
    for body in Organisation.objects.order_by("name"):
        people = Subject.objects.filter(organisation=body, kind="person")
        index = IndexVersion.objects.filter(organisation=body, state=IndexVersion.SERVING).first()
        rows.append(
            [
                body.name,
                str(people.filter(erased_at__isnull=True).count()),
                str(people.filter(held_at__isnull=False).count()),
                str(people.filter(erased_at__isnull=False).count()),
                str(index.people) if index else "-",
                "yes" if queries.reindex_due(body.pk) else "no",
            ]
        )
    report([dict(zip(head, row, strict=True)) for row in rows], table(rows, head), as_json=as_json)


@command.command("erase", epilog=EXIT_CODES)
@click.argument("code")
@_AS
@click.option("--reason", required=True, type=click.Choice(_REASONS))
@click.option("--yes", is_flag=True, help="Do not ask again.")
def erase(code: str, email: str, reason: str, yes: bool) -> None:
    """Make the identity of the person of case CODE unreadable for ever, by destroying their key."""
    start()
    from naungan.protection.cases import actions

    by, case = _decide(email, code)
    if not yes:
        click.confirm(_("Nobody will be able to read this identity again. Go on?"), abort=True, err=True)
    record = actions.erase_person(by=by, case=case, reason=reason)
    click.echo(_("Erased. In backups it holds from %(day)s.") % {"day": record.backups_until})


@command.command("hold", epilog=EXIT_CODES)
@click.argument("code")
@_AS
@click.option("--reason", default="legal", show_default=True, help="A short code, no words about the person.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; until released when left out.")
@click.option("--release", is_flag=True, help="Take the hold off.")
def hold(code: str, email: str, reason: str, until: datetime | None, release: bool) -> None:
    """Forbid the erasure of the person of case CODE while a law or a court wants it kept."""
    start()
    from django.utils import timezone

    from naungan.protection.cases import actions

    by, case = _decide(email, code)
    if release:
        actions.lift_hold(by=by, case=case)
        click.echo(_("The hold is off."))
        return
    actions.hold_person(by=by, case=case, reason=reason, until=timezone.make_aware(until) if until else None)
    click.echo(_("Held: nobody can erase this identity."))


@command.command("erasures", epilog=EXIT_CODES)
@click.option(
    "--write", "is_written", is_flag=True, help="Write those that are missing to the list outside the database."
)
@json_option
def erasures(is_written: bool, as_json: bool) -> None:
    """The erasures so far, by reference, and whether each is on the list outside the database."""
    start()
    from naungan.vault import actions
    from naungan.vault.models import ErasureRecord

    if is_written:
        click.echo(_("%(count)d written to the list.") % {"count": actions.list_erasures()}, err=True)
    head = ["reference", "erased", "reason", "in backups from", "listed"]
    rows = [
        [r.subject_ref, f"{r.erased_at:%Y-%m-%d}", r.reason, str(r.backups_until), "yes" if r.listed_at else "no"]
        for r in ErasureRecord.objects.order_by("-erased_at")
    ]
    report([dict(zip(head, row, strict=True)) for row in rows], table(rows, head), as_json=as_json)


def _decide(email: str, code: str) -> tuple[Actor, Case]:
    """Who decides, and a case in their scope."""
    from naungan.access.policy import Permission
    from naungan.access.references import read_code
    from naungan.access.rules import require, visible
    from naungan.protection.cases.models import Case

    by = actor_named(email)
    cases = visible(by, Permission.CASE_LIST, Case).select_related("person__subject")
    case = cases.filter(code=read_code(code) or "").first()
    if case is None:
        raise Refused(_("There is no case of that code for this person."))
    require(by, Permission.IDENTITY_ERASE, case)
    return by, case
