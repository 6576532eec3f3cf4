"""The pages of access: each tried by somebody allowed, somebody who is not, and somebody outside."""

from __future__ import annotations

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from naungan.access import actions, audit, clock
from naungan.access.actions import ask_recovery, invite_user
from naungan.access.errors import NotFound
from naungan.access.models import AuditEntry, Organisation, Team, User
from naungan.access.policy import Role
from naungan.access.queries import chain
from naungan.access.queries.people import device_name
from naungan.access.words import PERMISSION_WORDS
from tests.personas import Persona, make_persona, session_of

ADMINISTRATORS = ("people", "person_invite", "organisation", "teams")


@pytest.mark.parametrize("name", ADMINISTRATORS)
def test_administration_is_open_to_the_administrator(esra: Persona, name: str) -> None:
    assert esra.client().get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ADMINISTRATORS)
@pytest.mark.parametrize("who", ["amara", "bilal", "dana", "dewi"])
def test_administration_is_closed_to_others(request: pytest.FixtureRequest, name: str, who: str) -> None:
    assert request.getfixturevalue(who).client().get(reverse(name)).status_code == 403


@pytest.mark.parametrize("name", ["people", "profile", "policy", "audit", "notice_settings"])
def test_pages_send_strangers_to_sign_in(client: object, db: None, name: str) -> None:
    response = client.get(reverse(name))  # type: ignore[attr-defined]  # Django's test client

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ["profile", "policy", "notice_settings"])
@pytest.mark.parametrize("who", ["amara", "dana", "esra"])
def test_own_pages_are_open_to_everybody(request: pytest.FixtureRequest, name: str, who: str) -> None:
    assert request.getfixturevalue(who).client().get(reverse(name)).status_code == 200


def test_people_are_narrowed_by_each_filter(esra: Persona, amara: Persona, bilal: Persona, team_1: Team) -> None:
    page = esra.client()

    for query, shown in (("text=AMARA", "Amara"), ("role=caseworker", "Amara"), (f"team={team_1.ref}", "Amara")):
        text = page.get(f"/people/?{query}").content.decode()
        assert f'class="table__link" href="/people/{amara.user.ref}/"' in text, shown
        assert f"/people/{bilal.user.ref}/" not in text


@pytest.mark.parametrize("state", ["active", "invited", "away", "no_factor", "closed", "nonsense"])
def test_people_are_narrowed_by_state(esra: Persona, amara: Persona, state: str) -> None:
    User.objects.filter(pk=amara.user.pk).update(is_active=state != "closed")
    if state == "invited":
        User.objects.filter(pk=amara.user.pk).update(last_login=None)
    if state == "away":
        User.objects.filter(pk=amara.user.pk).update(away_from=clock.today(), away_until=clock.today())

    assert f"/people/{amara.user.ref}/" in esra.client().get(f"/people/?state={state}").content.decode()


def test_people_of_another_organisation_are_never_listed(esra: Persona, chen: Persona) -> None:
    text = esra.client().get("/people/?text=chen").content.decode()

    assert chen.user.ref not in text
    assert esra.client().get(f"/people/{chen.user.ref}/").status_code == 404


def test_people_go_by_pages(esra: Persona, org_a: Organisation) -> None:
    for number in range(55):
        make_persona(f"orang{number:02}", org_a, Role.TRAINER)

    first = esra.client().get("/people/")
    second = esra.client().get("/people/?after=" + first.context["page"].after)

    assert len(first.context["page"].lines) == 50
    assert len(second.context["page"].lines) == 6
    assert second.context["page"].after == ""


def test_people_list_asks_a_fixed_number_of_questions(
    esra: Persona, org_a: Organisation, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_persona(f"orang{number:02}", org_a, Role.TRAINER, Role.ADVISER)
    page = esra.client()

    with django_assert_max_num_queries(20):  # type: ignore[operator]  # a fixture that is called
        page.get("/people/")


def test_invite_page_shows_the_link_once(esra: Persona, team_1: Team) -> None:
    answer = esra.client().post(
        "/people/invite/",
        {
            "display_name": "Baru",
            "email": "baru@example.org",
            "language": "id",
            "role": "caseworker",
            "team": team_1.ref,
        },
    )

    user = User.objects.get(email="baru@example.org")
    assert answer.status_code == 200
    assert "/recover/" in answer.content.decode()
    assert user.grants.get().team == team_1


def test_invite_page_says_what_is_wrong(esra: Persona, amara: Persona) -> None:
    said = {"display_name": "Lagi", "email": "amara@example.org", "language": "id", "role": "intake"}

    answer = esra.client().post("/people/invite/", said)

    assert answer.status_code == 422
    assert "already has an account" in answer.content.decode()
    assert esra.client().post("/people/invite/", {}).status_code == 422


def test_person_page_says_what_each_role_may_do(esra: Persona, sari: Persona) -> None:
    text = esra.client().get(f"/people/{sari.user.ref}/").content.decode()

    assert "Supervisor" in text
    assert "Assign cases and hand them over" in text
    assert "held by the person&#x27;s team" in text


def test_person_page_gives_and_takes_roles(esra: Persona, dana: Persona) -> None:
    page, here = esra.client(), f"/people/{dana.user.ref}/"

    page.post(here + "roles/", {"role": "coordinator"})
    grant = dana.user.grants.get(role="coordinator")
    page.post(f"{here}roles/{grant.pk}/revoke/")

    assert dana.user.grants.get(role="coordinator").revoked_at is not None
    assert page.post(here + "roles/", {"role": "integration"}).status_code == 422
    assert page.post(f"{here}roles/{grant.pk}/revoke/").status_code == 404


def test_person_page_says_why_a_role_stays(esra: Persona, dewi: Persona) -> None:
    grant = dewi.user.grants.get()

    answer = esra.client().post(f"/people/{dewi.user.ref}/roles/{grant.pk}/revoke/")

    (message,) = get_messages(answer.wsgi_request)
    assert "last data protection officer" in str(message)


def test_person_page_saves_name_absence_and_closing(esra: Persona, amara: Persona, bilal: Persona) -> None:
    page, here, today = esra.client(), f"/people/{amara.user.ref}/", clock.today().isoformat()

    page.post(here, {"display_name": "Amara Lagi", "language": "id"})
    page.post(here + "away/", {"away_from": today, "away_until": today, "delegate": bilal.user.ref})
    amara.user.refresh_from_db()
    assert (amara.user.display_name, amara.user.delegate) == ("Amara Lagi", bilal.user)

    page.post(here + "close/")
    amara.user.refresh_from_db()
    assert not amara.user.is_active
    page.post(here + "reopen/")
    amara.user.refresh_from_db()
    assert amara.user.is_active


def test_person_page_keeps_what_cannot_be_saved(esra: Persona, amara: Persona) -> None:
    page, here = esra.client(), f"/people/{amara.user.ref}/"

    assert page.post(here, {"display_name": "", "language": "id"}).status_code == 422
    assert page.post(here + "away/", {"away_from": "31 February"}).status_code == 422


def test_person_page_sends_a_new_invitation(esra: Persona, amara: Persona) -> None:
    invited = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru").user

    assert "/recover/" in esra.client().post(f"/people/{invited.ref}/invite-again/").content.decode()
    assert esra.client().post(f"/people/{amara.user.ref}/invite-again/").status_code == 302


def test_remote_sign_out_ends_the_other_browser(esra: Persona, amara: Persona) -> None:
    hers = amara.client()
    hers.get("/profile/")
    session = UserSession.objects.get(user=amara.user)

    esra.client().post(f"/people/{amara.user.ref}/sessions/{session.pk}/end/")

    assert hers.get("/profile/").status_code == 302
    assert AuditEntry.objects.filter(action="session.ended", ref=amara.user.ref).exists()


def test_own_sessions_can_be_ended_one_by_one_or_all(amara: Persona) -> None:
    one, two = amara.client(), amara.client()
    one.get("/profile/")
    two.get("/profile/")
    other = UserSession.objects.exclude(session_key=session_of(two).session_key).get()

    two.post(f"/profile/sessions/{other.pk}/end/")
    assert one.get("/profile/").status_code == 302
    assert two.post(f"/profile/sessions/{other.pk}/end/").status_code == 404

    two.post("/profile/sessions/end/")
    assert two.get("/profile/").status_code == 302


def test_sessions_of_others_are_out_of_reach(amara: Persona, bilal: Persona) -> None:
    bilal.client().get("/profile/")
    session = UserSession.objects.get(user=bilal.user)

    assert amara.client().post(f"/profile/sessions/{session.pk}/end/").status_code == 404


def test_profile_saves_name_absence_and_digest(amara: Persona, sari: Persona) -> None:
    page, today = amara.client(), clock.today().isoformat()

    page.post("/profile/", {"display_name": "Amara C", "language": "en"})
    page.post("/profile/away/", {"away_from": today, "away_until": today, "delegate": sari.user.ref})
    page.post("/profile/notices/", {})

    amara.user.refresh_from_db()
    assert (amara.user.display_name, amara.user.delegate, amara.user.wants_digest) == ("Amara C", sari.user, False)
    assert page.post("/profile/", {}).status_code == 422
    assert page.post("/profile/away/", {"away_from": "x"}).status_code == 422


def test_policy_page_shows_every_permission(bilal: Persona) -> None:
    text = bilal.client().get("/policy/").content.decode()

    with translation.override("en"):
        used = [str(escape(words)) for words in PERMISSION_WORDS.values()]
    assert [words for words in used if words not in text] == []
    assert "Your role" in text


def test_organisation_form_has_the_ten_fields_and_saves(esra: Persona, org_a: Organisation) -> None:
    page = esra.client()
    said = {
        "org_Name": "Rumah Contoh A",
        "org_Type": "NGO",
        "org_ShippingCountry": "ID",
        "org_Phone": "+62 21 555 0100",
        "org_ShippingCity": "Kota Contoh",
        "org_ShippingLatitude": "-6.2",
    }

    assert len(page.get("/organisation/").context["form"].fields) == 10
    assert page.post("/organisation/", said).status_code == 302

    org_a.refresh_from_db()
    assert (org_a.phone, org_a.city, str(org_a.latitude)) == ("+62215550100", "Kota Contoh", "-6.200000")


def test_organisation_form_says_what_is_wrong(esra: Persona, org_b: Organisation) -> None:
    said = {"org_Name": org_b.name, "org_Type": "NGO", "org_ShippingCountry": "ID"}

    assert "of this name" in esra.client().post("/organisation/", said).content.decode()
    wrong = esra.client().post("/organisation/", {**said, "org_ShippingLatitude": "200", "org_Phone": "12"})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"org_ShippingLatitude", "org_Phone"}


def test_teams_page_adds_and_ends(esra: Persona, amara: Persona, team_1: Team, team_2: Team) -> None:
    page = esra.client()

    page.post("/organisation/teams/", {"name": "Tim Baru"})
    page.post(f"/organisation/teams/{team_2.ref}/end/")
    page.post(f"/organisation/teams/{team_1.ref}/end/")

    assert Team.objects.filter(name="Tim Baru").exists()
    assert Team.objects.get(pk=team_2.pk).ended_at is not None
    assert Team.objects.get(pk=team_1.pk).ended_at is None
    assert page.post("/organisation/teams/", {"name": "Tim Baru"}).status_code == 422


def test_audit_page_is_for_protection_officers(dewi: Persona, esra: Persona, sari: Persona) -> None:
    assert dewi.client().get("/audit/").status_code == 200
    assert esra.client().get("/audit/").status_code == 403
    assert sari.client().post("/audit/verify/").status_code == 403
    assert sari.client().post("/audit/download/", {"reason": "x"}).status_code == 403


def test_audit_page_is_narrowed_and_paged(dewi: Persona, amara: Persona, org_a: Organisation) -> None:
    for number in range(60):
        audit.append(by=amara.actor(), organisation_id=org_a.pk, action="case.read", ref=f"K7QF-{number:04}-X")
    page = dewi.client()

    first = page.get(f"/audit/?person={amara.user.ref}&action=case.read")
    second = page.get(f"/audit/?person={amara.user.ref}&action=case.read&before={first.context['page'].before}")
    days = page.get(f"/audit/?first_day={clock.today()}&last_day={clock.today()}")
    none = page.get("/audit/?last_day=2020-01-01")

    assert [len(answer.context["page"].lines) for answer in (first, second)] == [50, 10]
    assert days.context["page"].lines
    assert none.context["page"].lines == ()


def test_audit_page_finds_a_case_by_its_typed_code(dewi: Persona, org_a: Organisation) -> None:
    from naungan.access.references import new_code

    code = new_code()
    audit.append(by=None, organisation_id=org_a.pk, action="case.read", ref=code)

    found = dewi.client().get("/audit/", {"code": code.replace("-", " ").lower()})
    wrong = dewi.client().get("/audit/", {"code": "K7QF"})

    assert [line.action for line in found.context["page"].lines] == ["case.read"]
    assert "not a case code" in wrong.content.decode()


def test_audit_page_never_shows_another_organisation(dewi: Persona, org_b: Organisation) -> None:
    audit.append(by=None, organisation_id=org_b.pk, action="case.read", ref="K7QF-2M9D-X")

    assert "K7QF-2M9D-X" not in dewi.client().get("/audit/").content.decode()


def test_audit_page_shows_reasons_that_can_be_read(dewi: Persona, org_a: Organisation) -> None:
    audit.append(by=None, organisation_id=org_a.pk, action="x", reason="because of a court order")
    audit.append(by=None, organisation_id=org_a.pk, action="y", reason=audit.Sealed(b"0" * 40))

    text = dewi.client().get("/audit/").content.decode()

    assert "because of a court order" in text
    assert "sealed under the person's own key" in text


def test_verify_button_shows_the_first_broken_entry(dewi: Persona, org_a: Organisation, anchors: object) -> None:
    for _ in range(3):
        audit.append(by=None, organisation_id=org_a.pk, action="x")
    page = dewi.client()
    assert "The chain is whole" in page.post("/audit/verify/").content.decode()

    AuditEntry.objects.filter(number=2).update(action="z")

    assert "broken at entry 2" in page.post("/audit/verify/").content.decode()


def test_audit_download_needs_a_reason_and_leaves_an_entry(dewi: Persona, amara: Persona, org_a: Organisation) -> None:
    audit.append(by=amara.actor(), organisation_id=org_a.pk, action="=1+1", ref="", details={"n": 1})
    page = dewi.client()

    assert page.post("/audit/download/", {}).status_code == 422
    answer = page.post("/audit/download/", {"reason": "yearly review"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a streamed answer

    assert "'=1+1" in text
    entry = AuditEntry.objects.get(action="audit.exported")
    assert audit.read_reason(entry) == "yearly review"


def test_recovery_on_the_page_needs_another_administrator(esra: Persona, amara: Persona, org_a: Organisation) -> None:
    other = make_persona("edo", org_a, Role.ADMINISTRATOR)
    here = f"/people/{amara.user.ref}/recovery/"
    esra.client().post(here)
    recovery = amara.user.recoveries.get()

    assert esra.client().post(f"{here}{recovery.ref}/grant/").status_code == 302
    assert "Grant the recovery" in other.client().get(f"/people/{amara.user.ref}/").content.decode()
    assert "/recover/" in other.client().post(f"{here}{recovery.ref}/grant/").content.decode()


def test_recovery_can_be_turned_down(esra: Persona, amara: Persona) -> None:
    recovery = ask_recovery(by=esra.actor(), user=amara.user)

    esra.client().post(f"/people/{amara.user.ref}/recovery/{recovery.ref}/decline/")

    assert not amara.user.recoveries.exists()
    assert esra.client().post(f"/people/{amara.user.ref}/recovery/{recovery.ref}/grant/").status_code == 404


def test_recover_page_sets_the_password_and_dies(esra: Persona, client: object) -> None:
    token = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru").token
    page, here = client, f"/recover/{token}/"
    good = "kata sandi yang panjang"

    assert page.get(here).status_code == 200  # type: ignore[attr-defined]  # Django's test client, here and below
    assert page.post(here, {"password": "short", "again": "short"}).status_code == 422  # type: ignore[attr-defined]
    assert page.post(here, {"password": good, "again": "other"}).status_code == 422  # type: ignore[attr-defined]
    assert page.post(here, {"password": good, "again": good}).status_code == 302  # type: ignore[attr-defined]
    assert page.get(here).status_code == 404  # type: ignore[attr-defined]


def test_recover_page_is_throttled(db: None, client: object) -> None:
    answers = [client.get(f"/recover/{number}/").status_code for number in range(25)]  # type: ignore[attr-defined]

    assert answers[0] == 404
    assert answers[-1] == 429


def test_recover_page_says_when_somebody_was_quicker(
    esra: Persona, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = invite_user(by=esra.actor(), email="baru@example.org", display_name="Baru").token

    def too_late(**given: object) -> None:
        raise NotFound("used")

    monkeypatch.setattr(actions, "use_link", too_late)
    client.cookies["language"] = "en"
    answer = client.post(f"/recover/{token}/", {"password": "kata sandi panjang", "again": "kata sandi panjang"})

    assert "used already" in answer.content.decode()


def test_audit_download_comes_in_batches_and_hides_sealed_reasons(
    dewi: Persona, org_a: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "BATCH", 2)
    for _ in range(3):
        audit.append(by=None, organisation_id=org_a.pk, action="x", reason=audit.Sealed(b"0" * 40))

    answer = dewi.client().post("/audit/download/", {"reason": "review"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a streamed answer

    assert len([line for line in lines if "sealed under" in line]) == 3


def test_everywhere_sign_out_by_the_administrator(esra: Persona, amara: Persona) -> None:
    hers = amara.client()
    hers.get("/profile/")

    esra.client().post(f"/people/{amara.user.ref}/sessions/end/")

    assert hers.get("/profile/").status_code == 302


def test_team_of_another_organisation_is_not_found(esra: Persona, org_b: Organisation) -> None:
    foreign = Team.objects.create(organisation=org_b, name="Tim Asing")

    assert esra.client().post(f"/organisation/teams/{foreign.ref}/end/").status_code == 404


@pytest.mark.parametrize(
    ("said", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone) Version/17 Safari/604", "Safari on iPhone"),
        ("Firefox/120", "Firefox"),
        ("curl/8", "curl/8"),
        ("", "Unknown device"),
    ],
)
def test_devices_are_named_in_few_words(said: str, device: str) -> None:
    with translation.override("en"):
        assert device_name(said) == device
