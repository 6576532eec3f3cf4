"""What may be done with organisations, teams and the people who work in them: one function an act."""

from naungan.access.actions.organisations import (
    ORGANISATION_FIELDS,
    create_organisation,
    create_team,
    end_team,
    save_organisation,
)
from naungan.access.actions.people import (
    Invitation,
    change_email,
    deactivate_user,
    invite_again,
    invite_user,
    reactivate_user,
    save_profile,
    set_away,
)
from naungan.access.actions.recovering import ask_recovery, decline_recovery, grant_recovery, use_link
from naungan.access.actions.roles import NEVER_WITHOUT, grant_role, revoke_role
from naungan.access.actions.sessions import end_all_sessions, end_session

__all__ = [
    "NEVER_WITHOUT",
    "ORGANISATION_FIELDS",
    "Invitation",
    "ask_recovery",
    "change_email",
    "create_organisation",
    "create_team",
    "deactivate_user",
    "decline_recovery",
    "end_all_sessions",
    "end_session",
    "end_team",
    "grant_recovery",
    "grant_role",
    "invite_again",
    "invite_user",
    "reactivate_user",
    "revoke_role",
    "save_organisation",
    "save_profile",
    "set_away",
    "use_link",
]
