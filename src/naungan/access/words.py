"""The plain words of permissions, relations, audit actions and notices; roles have theirs beside the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from naungan.access.policy import ROLE_WORDS, Permission, Relation, Role

PERMISSION_WORDS: Mapping[Permission, Promise] = {
    Permission.CASE_LIST: _("See code and status of cases"),
    Permission.CASE_READ: _("Read cases"),
    Permission.CASE_OPEN: _("Open cases"),
    Permission.CASE_WRITE: _("Change cases"),
    Permission.CASE_MOVE: _("Move cases to their next step"),
    Permission.CASE_CLOSE: _("Close cases"),
    Permission.CASE_ASSIGN: _("Assign cases and hand them over"),
    Permission.CASE_SHARE: _("Share cases with another team"),
    Permission.CASE_RESTRICT: _("Restrict cases to named people"),
    Permission.CASE_STATEMENT: _("Print the statement of who saw a file"),
    Permission.CASE_EMERGENCY: _("Open a case for an hour in an emergency"),
    Permission.IDENTITY_SEARCH: _("Search for people by name or number"),
    Permission.IDENTITY_REVEAL: _("Reveal who somebody is"),
    Permission.IDENTITY_ERASE: _("Erase an identity"),
    Permission.IMPORT: _("Import cases from files"),
    Permission.EXPORT: _("Export cases without identities"),
    Permission.EXPORT_IDENTITY: _("Export cases with identities"),
    Permission.CASELOADS: _("See the caseloads of colleagues"),
    Permission.VIEW_MANAGE: _("Remove shared views of the list whose maker has left"),
    Permission.ORGANISATION_MANAGE: _("Manage the organisation and its teams"),
    Permission.USER_MANAGE: _("Manage people and roles"),
    Permission.FIELD_MANAGE: _("Manage the organisation's own fields"),
    Permission.TOKEN_MANAGE: _("Manage integrations"),
    Permission.AUDIT_READ: _("Read the audit chain"),
}

RELATION_WORDS: Mapping[Relation, Promise] = {
    Relation.ASSIGNED: _("assigned to the person"),
    Relation.OWN_INTAKE: _("taken in by the person"),
    Relation.TEAM: _("held by the person's team"),
    Relation.HOLDER: _("held by the organisation"),
    Relation.RECEIVER: _("received by an accepted referral, the consented parts only"),
    Relation.PARTY: _("in a proceeding that the organisation is a party to"),
    Relation.NAMED: _("restricted, and the person is named"),
    Relation.EMERGENCY: _("opened in an emergency, for one hour"),
    Relation.OWN: _("in the own organisation"),
}

ACTION_WORDS: Mapping[str, Promise] = {
    "sign_in": _("Signed in"),
    "sign_out": _("Signed out"),
    "import.row_mended": _("A row of an import was corrected"),
    "import.row_skipped": _("A row of an import was left out"),
    "import.row_back": _("A row of an import was brought back"),
    "import.row_new": _("A row of an import was kept as a new case"),
    "import.row_matched": _("A row of an import was added to a case"),
    "sign_in.failed": _("A sign-in failed"),
    "password.changed": _("Password changed"),
    "password.reset": _("Password set anew by a mailed link"),
    "factor.added": _("Second factor added"),
    "factor.removed": _("Second factor removed"),
    "session.ended": _("Session ended from afar"),
    "organisation.created": _("Organisation created"),
    "organisation.saved": _("Organisation changed"),
    "team.created": _("Team created"),
    "team.ended": _("Team ended"),
    "user.invited": _("Person invited"),
    "invitation.used": _("Invitation used"),
    "user.saved": _("Profile changed"),
    "user.email": _("E-mail address of a person changed"),
    "user.away": _("Absence changed"),
    "user.deactivated": _("Account closed"),
    "user.reactivated": _("Account opened again"),
    "role.granted": _("Role given"),
    "role.revoked": _("Role taken away"),
    "recovery.asked": _("Recovery asked for"),
    "recovery.declined": _("Recovery turned down"),
    "recovery.granted": _("Recovery granted"),
    "recovery.used": _("Recovery used"),
    "audit.read": _("Audit chain read"),
    "audit.verified": _("Audit chain verified"),
    "audit.exported": _("Audit chain downloaded"),
    "case.opened": _("Case opened"),
    "case.imported": _("Case imported"),
    "case.read": _("Case read"),
    "case.save": _("Case changed"),
    "case.hold": _("Case paused"),
    "case.resume": _("Case resumed"),
    "case.follow_up": _("Case moved to follow-up"),
    "case.close": _("Case closed"),
    "case.transfer": _("Case transferred"),
    "case.reopen": _("Case opened again"),
    "case.undone": _("Case removed by undoing an import"),
    "case.assigned": _("Case assigned"),
    "case.shared": _("Case shared"),
    "case.restricted": _("Restriction of a case changed"),
    "case.emergency": _("Case opened in an emergency"),
    "case.emergency_missed": _("Emergency access found no case"),
    "case.statement": _("Statement of who saw a file printed"),
    "case.note": _("Note written"),
    "case.comment": _("Comment written"),
    "consent.asked": _("Consent asked for"),
    "consent.given": _("Consent given"),
    "consent.refused": _("Consent refused"),
    "consent.withdrawn": _("Consent withdrawn"),
    "consent.confirmed": _("Acting on a withdrawn consent confirmed"),
    "consent.printed": _("Consent form printed"),
    "safety.planned": _("Safety plan put into force"),
    "safety.reviewed": _("Safety plan reviewed, unchanged"),
    "safety.closed": _("Safety plan closed"),
    "safety.event": _("Danger reported"),
    "safety.measure": _("Protection measure recorded"),
    "safety.measure_ended": _("Protection measure ended"),
    "field.added": _("Own field added"),
    "field.changed": _("Own field changed"),
    "choice.added": _("Word of a list added"),
    "choice.ended": _("Word of a list ended"),
    "choice.revived": _("Word of a list in use again"),
    "view.removed": _("Shared view of the list removed"),
    "deadline.set": _("Deadline set"),
    "deadline.done": _("Deadline met"),
    "identity.reveal": _("Identity revealed"),
    "identity.search": _("People searched"),
    "identity.found": _("Person shown among search results"),
    "vault.erase": _("Identity erased"),
    "vault.hold": _("Legal hold set"),
    "vault.release_hold": _("Legal hold released"),
    "file.added": _("File added"),
    "file.read": _("File read"),
    "file.removed": _("File removed"),
    "export.case": _("Case exported"),
    "export": _("Cases exported"),
    "export.prepare": _("Export prepared"),
    "import.staged": _("File taken in"),
    "import.mapped": _("Columns matched"),
    "import.checked": _("File checked"),
    "import.row_read": _("Row of a file read"),
    "import.marked": _("Marked workbook downloaded"),
    "import.returned": _("Marked workbook returned"),
    "import.accepting": _("Accepting of a file begun"),
    "import.resumed": _("Import resumed"),
    "import.accepted": _("File accepted"),
    "import.failed": _("Import failed"),
    "import.discarded": _("Import discarded"),
    "import.closed": _("Import closed"),
    "import.undo": _("Undoing of an import begun"),
    "import.undone": _("Import undone"),
    "token.created": _("Integration token made"),
    "token.revoked": _("Integration token revoked"),
    "keys.rotate": _("Keys rotated"),
    "keys.retire": _("Key retired"),
    "keys.backup_tested": _("Key backup tested"),
    "denied": _("Refused"),
}

DETAIL_WORDS: Mapping[str, Promise] = {
    "role": _("role"),
    "team": _("team"),
    "fields": _("fields"),
    "to": _("to"),
    "from": _("from"),
    "again": _("again"),
    "sessions": _("sessions"),
    "factors": _("second factors"),
    "shown": _("shown"),
    "person": _("person"),
    "action": _("action"),
    "length": _("entries"),
    "broken_at": _("broken at"),
    "kind": _("kind"),
    "names": _("with names"),
    "lines": _("lines"),
    "found": _("found"),
    "batch": _("batch"),
    "file": _("file"),
    "people": _("people"),
    "conflict": _("conflict of interest"),
    "reason": _("reason"),
    "status": _("answer"),
    "route": _("page"),
    "identity": _("with identity"),
    "form": _("form"),
    "export": _("export"),
    "version": _("version"),
    "opened": _("opened to compare"),
    "days": _("days"),
    "bytes": _("bytes"),
    "scopes": _("scopes"),
    "rows": _("rows"),
    "row": _("row"),
    "user": _("program"),
    "code": _("cause"),
    "cases": _("cases"),
    "left": _("left as they are"),
    "mended": _("mended"),
    "wrong": _("still wrong"),
    "other": _("of another file"),
    "good": _("good rows"),
    "quarantined": _("rows in quarantine"),
    "accepted": _("accepted rows"),
    "skipped": _("skipped rows"),
    "matched": _("rows added to a case"),
    "undone": _("rows taken back"),
    "purpose": _("purpose"),
    "consent": _("consent"),
    "answer": _("how it was answered"),
    "language": _("language"),
    "ended": _("ended"),
    "lifted": _("lifted"),
}
# Through which door something was done.
VIA_WORDS: Mapping[str, Promise] = {
    "web": _("on the pages"),
    "api": _("by a program"),
    "cli": _("at the command line"),
    "task": _("in the background"),
    "system": _("by itself"),
}
FACTOR_WORDS: Mapping[str, Promise] = {"totp": _("authenticator app"), "webauthn": _("passkey")}
Namer = Callable[[str], object | None]
# Details that are 1 for yes.
_FLAGS = frozenset({"identity", "names", "again"})

NOTICE_WORDS: Mapping[str, Promise] = {
    "assigned": _("Work was assigned to you."),
    "shared": _("Work was shared with your team."),
    "emergency": _("Somebody used emergency access. Please review it."),
    "clock_runs_out": _("A clock that the law or a risk has set runs out within a day."),
    "clock_ran_out": _("A clock that the law or a risk has set has run out. Please see that it is acted on."),
    "safety": _("Something happened that endangers somebody. Please look at the safety plan."),
    "escalated": _("A notice to a colleague of your team has lain unread for a day."),
    "import_done": _("An import has finished."),
    "identity_access": _("Somebody, or a program, was given access to identities. Please look at the audit."),
    "many_looks": _("Somebody looked at unusually many identities within an hour. Please look at the audit."),
    "role_granted": _("You were given a role."),
    "role_revoked": _("A role was taken from you."),
    "recovery_asked": _(
        "Somebody asked to recover your account. If it was not you, tell your data protection officer."
    ),
    "recovery_waits": _("The recovery of an account waits for a second administrator."),
    "recovery_granted": _("Your account was recovered by two administrators."),
}


def role_name(code: str) -> str:
    """A role's name in plain words; several, parted by commas, become several names."""
    names = [str(ROLE_WORDS[Role(part)][0]) if part in set(Role) else part for part in code.split(",") if part]
    return ", ".join(names)


def action_name(code: str) -> str:
    """An audit action in plain words, or its code when there are none yet."""
    return str(ACTION_WORDS.get(code, code))


def detail_name(key: str) -> str:
    """What a detail of an entry is called."""
    return str(DETAIL_WORDS.get(key, key))


def value_name(key: str, value: str | int) -> str:
    """What the value of a detail says: codes in words, several of them parted by commas, all else as it is."""
    if key in _FLAGS:
        return _yes_or_no(value)
    if key not in _namers:
        return str(value)
    return ", ".join(_value_name(key, part) for part in str(value).split(","))


def via_name(code: str) -> str:
    """Through which door something was done, in words."""
    return str(VIA_WORDS.get(code, code))


def register_values(key: str, namer: Namer) -> None:
    """
    Say what the codes of a detail are called. Access knows nothing of cases and files, so they register theirs.

    Args:
        key: The detail, as in `DETAIL_WORDS`.
        namer: Gives the words of a code, or nothing for one that it does not know.
    """
    _namers.setdefault(key, []).append(namer)


def _value_name(key: str, code: str) -> str:
    return next((str(words) for namer in _namers[key] if (words := namer(code))), code)


def _yes_or_no(value: str | int) -> str:
    return {"1": gettext("yes"), "0": gettext("no")}.get(str(value), str(value))


def notice_name(kind: str) -> str:
    """What a notice says; it names no code, no person and no reason."""
    return str(NOTICE_WORDS.get(kind, _("Something waits for you.")))


_namers: dict[str, list[Namer]] = {"role": [role_name], "action": [ACTION_WORDS.get], "kind": [FACTOR_WORDS.get]}
