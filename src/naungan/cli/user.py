"""`naungan user`: the people who work here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from naungan.cli.frame import (
    EXIT_CODES,
    Refused,
    actor_named,
    json_option,
    organisation_named,
    passphrase_from,
    report,
    start,
    table,
    user_named,
)
from naungan.cli.frame import gettext as _

if TYPE_CHECKING:
    from naungan.access.models import Organisation, Team
    from naungan.access.policy import Role


@click.group("user", epilog=EXIT_CODES)
def command() -> None:
    """People who work here: list, add, give and take roles, let somebody in again."""


@command.command("list", epilog=EXIT_CODES)
@click.option("--organisation", help="Name or reference; all of them when left out.")
@json_option
def list_users(organisation: str | None, as_json: bool) -> None:
    """Who works here, with their roles and teams."""
    start()
    from naungan.access.models import RoleGrant, User

    people = User.objects.select_related("organisation").order_by("organisation__name", "email")
    if organisation:
        people = people.filter(organisation=organisation_named(organisation))
    held: dict[int, list[str]] = {}
    for grant in RoleGrant.objects.filter(revoked_at__isnull=True).select_related("team"):
        held.setdefault(grant.user_id, []).append(f"{grant.role}:{grant.team.name}" if grant.team else grant.role)
    head = ["e-mail", "name", "organisation", "roles", "active"]
    rows = [
        [
            user.email,
            user.display_name,
            user.organisation.name,
            ", ".join(sorted(held.get(user.pk, []))),
            "yes" if user.is_active else "no",
        ]
        for user in people
    ]
    report(
        [dict(zip(head, row, strict=True)) for row in rows],
        table(rows, [_("e-mail"), _("name"), _("organisation"), _("roles"), _("active")]),
        as_json=as_json,
    )


@command.command("create", epilog=EXIT_CODES)
@click.argument("email")
@click.option("--name", required=True, help="How colleagues call the person.")
@click.option("--organisation", required=True, help="Name or reference.")
@click.option(
    "--new-organisation", "kind", help="Found the organisation first; the value is its HTCDS type, for example NGO."
)
@click.option("--role", "roles", multiple=True, help="A role, or ROLE:TEAM; may be given several times.")
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@click.option(
    "--as", "administrator", help="E-mail of the administrator who does it; the machine itself when left out."
)
def create(
    email: str,
    name: str,
    organisation: str,
    kind: str | None,
    roles: tuple[str, ...],
    language: str,
    administrator: str | None,
) -> None:
    """Make an account and print the one-time link that lets the person set a password. It is mailed too."""
    start()
    from django.db import transaction

    from naungan.access import actions
    from naungan.access.links import address_of

    by = actor_named(administrator) if administrator else None
    with transaction.atomic():
        if kind:
            home = actions.create_organisation(by=None, values={"name": organisation, "kind": kind})
        else:
            home = organisation_named(organisation)
        if by is not None and by.organisation_id != home.pk:
            raise Refused(_("An administrator adds people to the own organisation only."))
        made = actions.invite_user(
            by=by,
            email=email,
            display_name=name,
            language=language,
            roles=[_role(text, home, may_create=by is None) for text in roles],
            organisation=home,
        )
    click.echo(_("%(email)s can set a password within seven days at:") % {"email": made.user.email})
    click.echo(address_of(made.token))


@command.command("grant", epilog=EXIT_CODES)
@click.argument("email")
@click.argument("role")
@click.option(
    "--as", "administrator", help="E-mail of the administrator who does it; the machine itself when left out."
)
def grant(email: str, role: str, administrator: str | None) -> None:
    """Give ROLE, or ROLE:TEAM. Roles: intake, caseworker, supervisor, observer, data_protection, administrator..."""
    start()
    from naungan.access import actions

    user = user_named(email)
    chosen, team = _role(role, user.organisation, may_create=False)
    actions.grant_role(by=actor_named(administrator) if administrator else None, user=user, role=chosen, team=team)
    given = f"{chosen.value}:{team.name}" if team else chosen.value
    click.echo(_("%(email)s is now %(role)s.") % {"email": user.email, "role": given})


@command.command("revoke", epilog=EXIT_CODES)
@click.argument("email")
@click.argument("role")
@click.option("--as", "administrator", required=True, help="E-mail of the administrator who does it.")
def revoke(email: str, role: str, administrator: str) -> None:
    """Take ROLE, or ROLE:TEAM, away; it stops working with the person's next click."""
    start()
    from naungan.access import actions
    from naungan.access.models import RoleGrant

    user = user_named(email)
    chosen, team = _role(role, user.organisation, may_create=False)
    held = RoleGrant.objects.filter(user=user, role=chosen.value, team=team, revoked_at__isnull=True).first()
    if held is None:
        raise Refused(_("The person does not have that role there. `naungan user list` shows roles and teams."))
    actions.revoke_role(by=actor_named(administrator), grant=held)
    click.echo(_("%(email)s is no longer %(role)s.") % {"email": user.email, "role": role})


@command.command("password", epilog=EXIT_CODES)
@click.argument("email")
@click.option("--as", "administrator", required=True, help="E-mail of the administrator who does it.")
@click.option(
    "--password-file", type=click.Path(exists=True, dir_okay=False), help="Read it from a file instead of typing it."
)
def password(email: str, administrator: str, password_file: str | None) -> None:
    """Set the first password of somebody invited, at this machine, when their mail does not arrive."""
    start()
    from django.core.exceptions import ValidationError

    from naungan.access import actions

    made = actions.invite_again(by=actor_named(administrator), user=user_named(email))
    try:
        actions.use_link(
            token=made.token, password=passphrase_from(password_file, prompt=_("New password"), confirm=True)
        )
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error
    click.echo(_("%(email)s can sign in with the new password.") % {"email": made.user.email})


@command.command("reset-factor", epilog=EXIT_CODES)
@click.argument("email")
@click.option("--as", "first", required=True, help="E-mail of the administrator who asks.")
@click.option("--and", "second", required=True, help="E-mail of the other administrator, who agrees.")
def reset_factor(email: str, first: str, second: str) -> None:
    """Let somebody in again who lost password or second factor; two administrators must agree."""
    start()
    from naungan.access import actions
    from naungan.access.links import address_of

    user = user_named(email)
    asked = actions.ask_recovery(by=actor_named(first), user=user)
    granted = actions.grant_recovery(by=actor_named(second), recovery=asked)
    words = _("Factors, password and sessions of %(email)s are gone. A new password can be set for a day at:")
    click.echo(words % {"email": user.email})
    click.echo(address_of(granted.token))


def _role(text: str, organisation: Organisation, *, may_create: bool) -> tuple[Role, Team | None]:
    """Read ROLE or ROLE:TEAM; the first people of an organisation may bring their team with them."""
    from naungan.access.models import Team as Teams
    from naungan.access.policy import Role as Roles

    name, _colon, team_name = text.partition(":")
    try:
        role = Roles(name)
    except ValueError as error:
        raise click.UsageError(
            _("There is no such role. Roles: %(roles)s.") % {"roles": ", ".join(role.value for role in Roles)}
        ) from error
    if not team_name:
        return role, None
    team = Teams.objects.filter(organisation=organisation, name__iexact=team_name, ended_at__isnull=True).first()
    if team is None and may_create:
        team = Teams.objects.create(organisation=organisation, name=team_name)
    if team is None:
        raise Refused(_("The organisation has no team of that name. `naungan user list` shows roles and teams."))
    return role, team
