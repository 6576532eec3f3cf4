"""Every screen keeps WCAG 2.2 AA, fits a telephone, and gives the browser nothing to complain about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.acting import open_case, reveal
from tests.browser.driving import Scheme, Visitor, words_of

SUPERVISOR = "ratih@uptd.example.org"
ADMINISTRATOR = "admin@uptd.example.org"
OFFICER = "tirta@uptd.example.org"

# Each screen with the person who sees it; the widths and colours take turns so that each screen has both.
SCREENS = {
    "home": (SUPERVISOR, "/"),
    "case list": (SUPERVISOR, "/cases/"),
    "open a case": (SUPERVISOR, "/cases/open/"),
    "caseloads": (SUPERVISOR, "/cases/caseloads/"),
    "import": (SUPERVISOR, "/imports/start/"),
    "imports": (SUPERVISOR, "/imports/"),
    "export": (SUPERVISOR, "/exports/"),
    "search": (SUPERVISOR, "/search/"),
    "notices": (SUPERVISOR, "/notices/"),
    "policy": (SUPERVISOR, "/policy/"),
    "profile": (SUPERVISOR, "/profile/"),
    "factors": (SUPERVISOR, "/account/2fa/"),
    "sessions": (SUPERVISOR, "/account/sessions/"),
    "not found": (SUPERVISOR, "/nothing-here/"),
    "people": (ADMINISTRATOR, "/people/"),
    "invite": (ADMINISTRATOR, "/people/invite/"),
    "organisation": (ADMINISTRATOR, "/organisation/"),
    "own fields": (ADMINISTRATOR, "/cases/fields/"),
    "integrations": (ADMINISTRATOR, "/integrations/"),
    "audit": (OFFICER, "/audit/"),
    "components": (SUPERVISOR, "/components/"),
}
LOOKS: list[tuple[int, Scheme]] = [(360, "light"), (1280, "dark"), (360, "dark"), (1280, "light")]


def check(visitor: Visitor, name: str) -> list[str]:
    """What is wrong with the page that is open."""
    over = visitor.overflow()
    wider = [f"{name}: {over} px wider than the window"] if over > 0 else []
    return wider + [f"{name}: {line}" for line in visitor.violations()]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_screens_keep_wcag_and_fit(visit: Callable[..., Visitor], width: int, scheme: Scheme) -> None:
    turn = LOOKS.index((width, scheme)) % 2
    wrong: list[str] = []

    for email in dict.fromkeys(email for email, _ in SCREENS.values()):
        visitor = visit(email, width=width, scheme=scheme, language="id" if turn else "en")
        for number, (name, (who, path)) in enumerate(SCREENS.items()):
            # Each screen at both widths, each time in the other colours.
            if who == email and (number + LOOKS.index((width, scheme)) // 2) % 2 == 0:
                visitor.open(path)
                wrong += check(visitor, f"{name} at {width} {scheme}")

    assert not wrong, words_of(wrong)


@pytest.mark.parametrize(("width", "scheme"), LOOKS[:2])
def test_case_screens_keep_wcag_masked_and_revealed(visit: Callable[..., Visitor], width: int, scheme: Scheme) -> None:
    visitor = visit("galih@uptd.example.org", width=width, scheme=scheme)
    code = open_case(visitor, "Wulan", "Sempit" if width == 360 else "Lebar")
    path = f"/cases/{code}/"
    wrong = check(visitor, f"case revealed at {width}")

    visitor.page.get_by_role("button", name="Cover").click()
    for part in ("", "reveal/", "edit/story/", "edit/referral/", "people/", "who-saw/", "parts/hte/"):
        visitor.open(path + part)
        wrong += check(visitor, f"case {part} at {width} {scheme}")
    reveal(visitor, code)
    visitor.open(path + "edit/person/")
    wrong += check(visitor, f"edit at {width} {scheme}")

    assert not wrong, words_of(wrong)


@pytest.mark.parametrize(("width", "scheme"), LOOKS[:2])
def test_screens_of_consents_keep_wcag(visit: Callable[..., Visitor], width: int, scheme: Scheme) -> None:
    visitor = visit("galih@uptd.example.org", width=width, scheme=scheme)
    path = f"/cases/{open_case(visitor, 'Kenanga', 'Sempit' if width == 360 else 'Lebar')}/consents/"
    page = visitor.open(path + "ask/")
    wrong = check(visitor, f"ask at {width}")
    page.get_by_label("Later contact").check()
    page.get_by_label("Sharing with a named organisation").check()
    page.get_by_role("button", name="Go on").click()  # without a receiver
    page.get_by_role("alert").wait_for()
    wrong += check(visitor, f"ask with problems at {width}")
    page.get_by_label("Name of the receiver outside the list").fill("Klinik Rekaan")
    page.get_by_label("Health").check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/answer/")
    page.get_by_role("radio", name="Yes").first.check()
    page.get_by_role("button", name="Save the answers").click()
    page.get_by_role("alert").wait_for()
    wrong += check(visitor, f"answer with problems at {width}")
    for told in page.locator("[name=told]").all():
        told.check()
    page.select_option("main [name=language]", "ind")
    page.select_option("main [name=how]", "written")
    if page.locator("[name=is_child]").count():
        page.locator("[name=is_child][value=no]").check()
    page.get_by_role("button", name="Save the answers").click()
    page.wait_for_url("**/consents/")
    page.get_by_role("link", name="The person takes it back").first.click()
    wrong += check(visitor, f"withdraw at {width}")
    page.get_by_role("button", name="Start the 72 hours").click()
    page.wait_for_url("**/consents/")
    wrong += check(visitor, f"consents at {width}")

    assert not wrong, words_of(wrong)


@pytest.mark.parametrize(("width", "scheme"), LOOKS[:2])
def test_screens_of_safety_keep_wcag(visit: Callable[..., Visitor], width: int, scheme: Scheme) -> None:
    visitor = visit("galih@uptd.example.org", width=width, scheme=scheme)
    path = f"/cases/{open_case(visitor, 'Seruni', 'Sempit' if width == 360 else 'Lebar')}/safety/"
    page = visitor.open(path + "plan/")
    page.get_by_role("button", name="Put into force").click()  # with nothing said
    page.get_by_role("alert").wait_for()
    wrong = check(visitor, f"plan with problems at {width}")
    page.select_option("[name=debt-likelihood]", "3")
    page.select_option("[name=debt-impact]", "3")
    page.fill("[name=steps]", "Rumah aman")
    page.check("[name=agreed]")
    page.get_by_role("button", name="Put into force").click()
    page.wait_for_url("**/safety/")
    wrong += check(visitor, f"safety at {width}")
    visitor.open(path + "danger/")
    wrong += check(visitor, f"danger at {width}")

    assert not wrong, words_of(wrong)


def test_question_whether_somebody_is_known_keeps_wcag(visit: Callable[..., Visitor]) -> None:
    visitor = visit("galih@uptd.example.org", width=360)
    code = open_case(visitor, "Melatiwati", "Kenangan")
    page = visitor.open("/cases/open/")
    page.fill("[name=prs_FirstName]", "Melatiwati")
    page.fill("[name=prs_SecondName]", "Kenangan")
    page.get_by_role("button", name="Open the case").click()
    page.get_by_text(code).wait_for()

    wrong = check(visitor, "perhaps known at 360")

    assert not wrong, words_of(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_public_screens_keep_wcag_and_fit(visit: Callable[..., Visitor], scheme: Scheme) -> None:
    visitor = visit(width=360, scheme=scheme)
    wrong: list[str] = []

    for path in ("/account/login/", "/account/password/reset/", "/signed-out/", "/recover/nothing/"):
        visitor.open(path)
        wrong += check(visitor, f"{path} {scheme}")

    assert not wrong, words_of(wrong)
