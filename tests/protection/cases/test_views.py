"""Saved views of the list: renamed by their makers, cleared up after those who have left."""

from __future__ import annotations

import pytest

from naungan.access.models import AuditEntry
from naungan.protection.cases.actions import save_view
from naungan.protection.cases.models import SavedView
from tests.personas import Persona


def view_of(persona: Persona, name: str = "Tutup", *, is_shared: bool = False) -> SavedView:
    """A view that somebody keeps."""
    return save_view(by=persona.actor(), name=name, query={"state": "closed"}, is_shared=is_shared)


def leave(persona: Persona) -> None:
    """Close somebody's account."""
    persona.user.is_active = False
    persona.user.save()


def test_view_is_renamed_by_its_maker(amara: Persona) -> None:
    view = view_of(amara)

    answer = amara.client().post(f"/cases/views/{view.ref}/rename/", {"name": " Sudah selesai "}, follow=True)

    assert answer.redirect_chain == [("/cases/?state=closed", 302)]
    assert "Sudah selesai" in answer.content.decode()
    assert SavedView.objects.get().name == "Sudah selesai"


@pytest.mark.parametrize("name", ["", "x" * 61, "Lain"])
def test_view_keeps_its_name_when_the_new_one_will_not_do(amara: Persona, name: str) -> None:
    view = view_of(amara)
    view_of(amara, "Lain")

    answer = amara.client().post(f"/cases/views/{view.ref}/rename/", {"name": name}, follow=True)

    assert "Give the view a name of at most 60 characters" in answer.content.decode()
    view.refresh_from_db()
    assert view.name == "Tutup"


def test_view_of_a_colleague_is_not_renamed(amara: Persona, sari: Persona) -> None:
    view = view_of(amara, is_shared=True)

    assert sari.client().post(f"/cases/views/{view.ref}/rename/", {"name": "Lain"}).status_code == 404


@pytest.mark.parametrize(
    ("who", "expected"), [("sari", 302), ("tono", 302), ("bilal", 403), ("esra", 403), ("chen", 404)]
)
def test_shared_view_of_somebody_who_left_is_removed_by_those_who_may(
    request: pytest.FixtureRequest, amara: Persona, who: str, expected: int
) -> None:
    view = view_of(amara, is_shared=True)
    leave(amara)

    answer = request.getfixturevalue(who).client().post(f"/cases/views/{view.ref}/remove/")

    assert answer.status_code == expected
    assert SavedView.objects.exists() is (expected != 302)
    assert AuditEntry.objects.filter(action="view.removed", ref=view.ref).exists() is (expected == 302)


def test_shared_view_of_a_colleague_who_is_there_stays(amara: Persona, sari: Persona) -> None:
    view = view_of(amara, is_shared=True)

    assert sari.client().post(f"/cases/views/{view.ref}/remove/").status_code == 404


def test_private_view_of_somebody_who_left_is_shown_to_nobody(amara: Persona, sari: Persona) -> None:
    view = view_of(amara, "Rahasia saya")
    leave(amara)
    browser = sari.client()

    assert "Rahasia saya" not in browser.get("/cases/").content.decode()
    assert browser.post(f"/cases/views/{view.ref}/remove/").status_code == 404


@pytest.mark.parametrize(("who", "offered"), [("sari", True), ("bilal", False)])
def test_list_offers_to_clear_up_to_those_who_may(
    request: pytest.FixtureRequest, amara: Persona, who: str, offered: bool
) -> None:
    view = view_of(amara, is_shared=True)
    leave(amara)

    page = request.getfixturevalue(who).client().get("/cases/").content.decode()

    assert (f"/cases/views/{view.ref}/remove/" in page) is offered
