"""Organisations and their teams."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.access.errors import Forbidden, LastOfItsKind, Refused
from naungan.access.leaving import team_obstacles
from naungan.access.models import Organisation, Team
from naungan.access.policy import Permission
from naungan.access.rules import require

# The ten `org_` fields of HTCDS 2.0, by the column that holds each.
ORGANISATION_FIELDS: Mapping[str, str] = {
    "org_Name": "name",
    "org_Type": "kind",
    "org_Phone": "phone",
    "org_ShippingStreet": "street",
    "org_ShippingCity": "city",
    "org_ShippingState": "state",
    "org_ShippingPostalCode": "postal_code",
    "org_ShippingCountry": "country",
    "org_ShippingLatitude": "latitude",
    "org_ShippingLongitude": "longitude",
}


@transaction.atomic
def create_organisation(*, by: Actor | None, values: Mapping[str, object], is_fictional: bool = False) -> Organisation:
    """Found an organisation; only at the machine itself, where nobody of it can have signed in yet."""
    if by is not None and by.via != "cli":
        raise Forbidden("organisation.create")
    organisation = Organisation(is_fictional=is_fictional, **_columns(values))
    _save(organisation)
    audit.append(by=by, organisation_id=organisation.pk, action="organisation.created", ref=organisation.ref)
    return organisation


@transaction.atomic
def save_organisation(*, by: Actor, organisation: Organisation, values: Mapping[str, object]) -> Organisation:
    """Change what the organisation says of itself."""
    require(by, Permission.ORGANISATION_MANAGE, organisation)
    changed = [name for name, value in _columns(values).items() if getattr(organisation, name) != value]
    for name in changed:
        setattr(organisation, name, values[name])
    if changed:
        _save(organisation, *changed)
        audit.append(
            by=by,
            organisation_id=organisation.pk,
            action="organisation.saved",
            ref=organisation.ref,
            details={"fields": ",".join(sorted(changed))},
        )
    return organisation


@transaction.atomic
def create_team(*, by: Actor, name: str) -> Team:
    """Add a team to one's own organisation."""
    require(by, Permission.ORGANISATION_MANAGE)
    if Team.objects.filter(organisation_id=by.organisation_id, name__iexact=name).exists():
        raise Refused(_("There is already a team of this name, perhaps an ended one. Please choose another name."))
    team = Team.objects.create(organisation_id=by.organisation_id, name=name)
    audit.append(by=by, organisation_id=by.organisation_id, action="team.created", ref=team.ref)
    return team


@transaction.atomic
def end_team(*, by: Actor, team: Team) -> Team:
    """
    End a team that nobody works in and that holds no case any more.

    Raises:
        LastOfItsKind: people have roles in it, or it still holds open cases.
    """
    require(by, Permission.ORGANISATION_MANAGE, team)
    if team.grants.filter(revoked_at__isnull=True).exists():
        raise LastOfItsKind(_("People still have roles in this team. Please move or revoke those roles first."))
    held = team_obstacles(team)
    if held:
        raise LastOfItsKind(" ".join(held))
    team.ended_at = clock.now()
    team.save(update_fields=["ended_at"])
    audit.append(by=by, organisation_id=team.organisation_id, action="team.ended", ref=team.ref)
    return team


def _columns(values: Mapping[str, object]) -> dict[str, object]:
    known = set(ORGANISATION_FIELDS.values())
    return {name: value for name, value in values.items() if name in known}


def _save(organisation: Organisation, *columns: str) -> None:
    try:
        with transaction.atomic():
            organisation.save(update_fields=columns or None)
    except IntegrityError as error:
        raise Refused(_("There is already an organisation of this name.")) from error
