"""The records that addresses name when the table of access is tried: one of each kind, all in organisation A."""

from __future__ import annotations

from naungan.access import clock
from naungan.access.models import Team
from naungan.exchange.actions import start_export
from naungan.exchange.api.actions import create_token
from naungan.exchange.api.scopes import Scope
from naungan.exchange.states import Form
from naungan.protection.cases.actions import add_attachment, add_choice, add_field, save_part, save_view, set_deadline
from tests.exchange.making import csv_file, people, stage
from tests.personas import Persona, case_of
from tests.protection.consent.saying import asked
from tests.protection.consent.saying import given as given_consent
from tests.protection.consent.saying import withdrawn as withdrawn_consent
from tests.protection.safety.planning import measured, planned

IMPORTS = (
    "import_batch", "import_map", "import_accept", "import_undo", "import_marked", "import_return", "import_report",
)  # fmt: skip


def things_of(amara: Persona, esra: Persona, sari: Persona, team: Team) -> dict[str, dict[str, object]]:
    """Keyword arguments by address name; the case is Amara's, the rest belongs to organisation A."""
    by = amara.actor()
    case = case_of(amara, prs_FirstName="Tini")
    event = save_part(by=by, case=case, prefix="hte", values={"hte_Country": "MY"}, version=case.version)
    file = add_attachment(by=by, case=case, name="surat.txt", content=b"Surat contoh")
    view = save_view(by=by, name="Semua", query={}, is_shared=False)
    due = set_deadline(by=by, case=case, kind="review", due_at=clock.now())
    field = add_field(by=esra.actor(), code="house", kind="picklist", data_class="operational", label_id="Rumah")
    word = add_choice(by=esra.actor(), field="x:house", code="north", label_id="Utara")
    batch = stage(amara.actor(), csv_file(people(1)))
    export = start_export(by=sari.actor(), form=Form.CSV, choice={"state": "all"}, reason="Percobaan")
    given = given_consent(amara, case)
    waited = withdrawn_consent(amara, case).confirmations.get()
    asked(amara, case)
    plan = planned(amara, case)
    measure = measured(amara, case)
    token = create_token(by=esra.actor(), name="Percobaan", scopes=[Scope.CASES_READ], lasts_days=30).token
    code: dict[str, object] = {"code": case.code}
    person: dict[str, object] = {"ref": esra.user.ref}
    return {
        "case_page": code, "case_timeline": code, "case_reveal": code, "case_hide": code, "case_people": code,
        "safety": code, "safety_plan": code, "danger_report": code, "measure_add": code,
        "measure_end": {**code, "ref": measure.ref},
        "plan_confirm": {**code, "ref": plan.ref}, "plan_close": {**code, "ref": plan.ref},
        "consents": code, "consent_ask": code, "consent_answer": code, "consent_form": code,
        "consent_withdraw": {**code, "ref": given.ref},
        "consent_confirm": {**code, "ref": waited.ref},
        "who_saw": code, "case_erase": code, "note_add": code, "deadline_add": code, "file_add": code,
        "case_edit": {**code, "section": "story"},
        "case_move": {**code, "step": "follow_up"},
        "part_add": {**code, "prefix": "hte"},
        "part_edit": {**code, "prefix": "hte", "ref": event},
        "part_remove": {**code, "prefix": "hte", "ref": "0" * 16},
        "file_read": {**code, "ref": file.ref},
        "file_remove": {**code, "ref": "0" * 16},
        "view_remove": {"ref": view.ref},
        "view_rename": {"ref": view.ref},
        "deadline_done": {"ref": due.ref},
        "hand_over": {"ref": amara.user.ref},
        "own_field": {"ref": field.ref},
        "word_end": {"pk": word.pk},
        "person_edit": person, "role_grant": person, "person_away": person, "person_close": person,
        "person_reopen": person, "person_invite_again": person, "person_sessions_end": person, "recovery_ask": person,
        "person_email": person,
        "person_session_end": {**person, "session_id": 0},
        "role_revoke": {**person, "grant_id": 0},
        "recovery_grant": {**person, "recovery_ref": "0" * 16},
        "recovery_decline": {**person, "recovery_ref": "0" * 16},
        "team_end": {"ref": team.ref},
        "profile_session_end": {"session_id": 0},
        "account_reset_password_from_key": {"uidb36": "1", "key": "a-b"},
        "mfa_remove_webauthn": {"pk": 0}, "mfa_edit_webauthn": {"pk": 0},
        **{name: {"ref": batch.ref} for name in IMPORTS},
        "import_row": {"ref": batch.ref, "row": 0},
        "export_download": {"ref": export.ref},
        "integration_revoke": {"ref": token.ref},
        "recover": {"token": "0" * 20},
    }  # fmt: skip
