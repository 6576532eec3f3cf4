"""What somebody tries who means harm: forged forms, foreign fields, large bodies, ways out of the site."""

from __future__ import annotations

import csv
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from naungan.access.models import Team
from naungan.protection.cases.models import Attachment, Case, Person
from naungan.site.sessions import SessionStore
from naungan.vault import queries as vault
from tests.personas import Persona, case_of, sign_in
from tests.policy.things import things_of

TABLE = Path(__file__).parents[1] / "policy" / "addresses.csv"
POSTS = [row["name"] for row in csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())]
PASSWORD = "payung-biru-di-taman-17"
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)", "http:evil.example")


@pytest.mark.slow
def test_no_form_is_taken_without_its_token(amara: Persona, esra: Persona, sari: Persona, team_1: Team) -> None:
    things = things_of(amara, esra, sari, team_1)
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, sari.user)

    paths = [reverse(name, kwargs=dict(things.get(name, {}))) for name in POSTS]
    taken = [path for path in paths if browser.post(path).status_code not in (403, 405)]

    assert taken == []


def test_fields_that_a_form_does_not_have_are_left_alone(amara: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    before: dict[str, object] = dict(Case.objects.values().get(pk=case.pk))
    sent = {
        "version": str(case.version),
        "vic_LocationOfRecruitment": "Pasar",
        "cas_Status": "Closed",
        "state": "closed",
        "organisation": "2",
        "organisation_id": "2",
        "is_restricted": "true",
        "code": "K7QF-2M9D-X",
        "retention_until": "2020-01-01",
        "x:passport": "B1234567",
        "prs_FirstName": "Lain",
    }

    answer = amara.client().post(f"/cases/{case.code}/edit/story/", sent)

    after: dict[str, object] = dict(Case.objects.values().get(pk=case.pk))
    assert answer.status_code == 302
    assert {name for name in after if after[name] != before[name]} <= {"version", "touched_at"}
    subject = Person.objects.get(pk=case.person_id).subject_id
    kept = vault.read([subject], ["prs_FirstName", "x:passport"])[subject]
    assert kept == {"prs_FirstName": "Tini"}


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_page_sends_people_elsewhere(amara: Persona, target: str) -> None:
    amara.user.set_password(PASSWORD)
    amara.user.save()
    browser = Client()

    answers = [
        browser.post("/account/login/", {"login": amara.user.email, "password": PASSWORD, "next": target}),
        browser.get("/account/login/", {"next": target}),
        browser.post("/language/", {"language": "en", "next": target}),
        browser.post("/language/", {"language": "en"}, headers={"Referer": target}),
        browser.post("/theme/", {"theme": "dark", "next": target}),
        browser.post("/lock/", {"next": target}),
        browser.post("/account/reauthenticate/", {"password": PASSWORD, "next": target}),
    ]

    places = [urlsplit(answer.headers["Location"]) for answer in answers]
    assert all(place.path.startswith("/") and not place.scheme and not place.netloc for place in places)
    assert "evil" not in places[-2].query


@pytest.mark.parametrize("path", ["/language/", "/cases/open/", "/search/", "/account/login/"])
def test_body_larger_than_a_form_is_refused_unread(amara: Persona, path: str) -> None:
    file = SimpleUploadedFile("besar.txt", b"x" * 3_000_000)
    browser = Client() if path == "/account/login/" else amara.client()

    answer = browser.post(path, {"file": file})

    assert answer.status_code == 413
    assert re.search(r"2[.,]5 MB", answer.content.decode())


def test_file_larger_than_its_place_takes_is_refused_unread(amara: Persona, settings: object) -> None:
    settings.ATTACHMENT_MOST_BYTES = 400_000  # type: ignore[attr-defined]  # pytest-django's settings
    case = case_of(amara)

    answer = amara.client().post(
        f"/cases/{case.code}/files/", {"file": SimpleUploadedFile("besar.txt", b"x" * 3_000_000)}
    )

    assert answer.status_code == 413
    assert "It takes at most 0.4 MB." in answer.content.decode()
    assert not Attachment.objects.exists()


def test_large_file_leaves_no_plain_copy_on_the_disk(amara: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a plain copy was about to be written")

    case = case_of(amara)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)

    answer = amara.client().post(
        f"/cases/{case.code}/files/", {"file": SimpleUploadedFile("surat.txt", b"Surat panjang. " * 120_000)}
    )

    assert answer.status_code == 302
    assert Attachment.objects.get().size_bytes > 1_000_000


@pytest.mark.parametrize(
    "name", ['a"\r\nX-Evil: yes.txt', "../../etc/passwd", "a;filename=b.html", "nama\u202etxt.exe"]
)
def test_name_of_a_file_cannot_write_headers(amara: Persona, name: str) -> None:
    case = case_of(amara)
    browser = amara.client()
    browser.post(f"/cases/{case.code}/files/", {"file": SimpleUploadedFile(name, b"Surat")})
    ref = Attachment.objects.get().ref

    answer = browser.get(f"/cases/{case.code}/files/{ref}/")

    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment; filename*=UTF-8''")
    assert not set('"\r\n;/\\') & set(said.removeprefix("attachment; "))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "X-Evil" not in answer.headers


def test_page_says_the_same_of_a_foreign_case_and_of_none(amara: Persona, chen: Persona) -> None:
    case = case_of(amara, prs_FirstName="Tini")
    browser = chen.client()

    foreign = browser.get(f"/cases/{case.code}/")
    nothing = browser.get("/cases/0000-0000-0/")

    assert foreign.status_code == nothing.status_code == 404
    assert _bare(foreign.content.decode()) == _bare(nothing.content.decode())


def test_reset_says_the_same_of_a_known_and_an_unknown_address(amara: Persona) -> None:
    answers = [
        Client().post("/account/password/reset/", {"email": email}, follow=True)
        for email in (amara.user.email, "nobody@example.org")
    ]

    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert _bare(answers[0].content.decode()) == _bare(answers[1].content.decode())


def test_signing_in_changes_the_session(amara: Persona) -> None:
    amara.user.set_password(PASSWORD)
    amara.user.save()
    browser = Client()
    session = SessionStore()
    session["planted"] = "yes"
    session.save()
    browser.cookies["naungan"] = planted = session.secret

    browser.post("/account/login/", {"login": amara.user.email, "password": PASSWORD})

    assert browser.cookies["naungan"].value != planted


def test_foreign_host_is_refused() -> None:
    assert Client().get("/account/login/", headers={"Host": "evil.example"}).status_code == 400


def test_words_of_templates_are_words(amara: Persona) -> None:
    case = case_of(amara)
    browser = amara.client()

    browser.post(f"/cases/{case.code}/notes/", {"text": "{{ 7|add:7 }}{% debug %}<script>alert(1)</script>"})
    shown = browser.get(f"/cases/{case.code}/").content.decode()

    assert "{{ 7|add:7 }}{% debug %}&lt;script&gt;alert(1)&lt;/script&gt;" in shown


def _bare(page: str) -> str:
    """A page without what is new each time: tokens of forms."""
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower() and "next" not in line)
