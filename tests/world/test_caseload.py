"""The drawn people: the same for a seed, like the published shares, and nobody's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import pytest

from naungan.access.references import read_code
from naungan.standards import htcds
from naungan.world import mix, words
from naungan.world.caseload import CHUNK, Drawn, Span, case_code, draw_chunk
from naungan.world.names import draw_name, misspelt

TODAY = date(2026, 11, 24)


def drawn(people: int, seed: int = 17) -> list[Drawn]:
    span = Span(seed, 0, people, TODAY)
    return [one for part in span.chunks() for one in draw_chunk(span, part)]


@pytest.fixture(scope="module")
def many() -> list[Drawn]:
    return drawn(10_000)


def test_chunk_drawn_twice_is_the_same() -> None:
    assert drawn(50) == drawn(50)


def test_chunk_drawn_alone_equals_the_one_drawn_in_order() -> None:
    span = Span(17, 0, CHUNK + 40, TODAY)
    last = list(span.chunks())[1]

    assert draw_chunk(span, last) == drawn(CHUNK + 40)[CHUNK:]


def test_other_seed_gives_other_people() -> None:
    assert [one.values for one in drawn(20)] != [one.values for one in drawn(20, seed=18)]


def test_case_code_is_a_valid_reference_and_unique() -> None:
    codes = [case_code(17, index) for index in range(5_000)]

    assert len(set(codes)) == 5_000
    assert all(read_code(code) == code for code in codes[:200])


# Four standard errors of a share near one half, at 10,000 people, are 0.02.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("female", 0.69),  # S9, since 2005
        ("under 18", 0.24),  # S35: almost one in four
        ("18 to 24", 0.35),  # S35
        ("elementary or less", 0.57),  # S9
        ("West Java", 0.323),  # S36
        ("Central Java", 0.137),  # S36
        ("not Indonesian", 0.075),  # S36
        ("sexual", 0.265),  # S43
    ],
)
def test_mix_follows_the_published_share(many: list[Drawn], what: str, expected: float) -> None:
    tests: dict[str, Callable[[Drawn], bool]] = {
        "female": lambda one: one.values["prs_Gender"] == "Feminine",
        "under 18": lambda one: 0 < age(one) < 18,
        "18 to 24": lambda one: 18 <= age(one) < 25,
        "elementary or less": lambda one: one.values.get("prs_HighestLevelOfEducation", "") in ("", "PrimaryEducation"),
        "West Java": lambda one: one.values["prs_MailingState"] == "Jawa Barat",
        "Central Java": lambda one: one.values["prs_MailingState"] == "Jawa Tengah",
        "not Indonesian": lambda one: one.values["prs_Citizenship"] != ("ID",),
        "sexual": lambda one: one.values["vic_TypeOfExploitation"] == ("SexualExploitation",),
    }
    known = [one for one in many if "prs_Birthdate" in one.values and one.twin_of is None]

    found = sum(bool(tests[what](one)) for one in known) / len(known)

    assert found == pytest.approx(expected, abs=0.025)


def age(one: Drawn) -> float:
    birth = one.values["prs_Birthdate"]
    assert isinstance(birth, date)
    return (one.opened_on - birth).days / 365.25


@pytest.mark.slow
def test_values_are_canonical_values_of_the_standard(many: list[Drawn]) -> None:
    problems = []
    for one in many[:400]:
        told = {name: value.isoformat() if isinstance(value, date) else value for name, value in one.values.items()}
        problems += htcds.validate_record(told)

    assert {problem.code for problem in problems} <= {"extension_code"}


def test_phone_and_number_reach_nobody() -> None:
    for one in drawn(500):
        phone = str(one.values.get("prs_MobilePhone", "+62800000000"))
        number = str(one.values.get("prs_IdentityNumber", "0000000000000000"))
        assert phone[6:10] == "0000"[: len(phone[6:10])]
        assert number[2:6] == "0000"


def test_twins_come_from_another_organisation_under_another_code(many: list[Drawn]) -> None:
    by_index = {one.index: one for one in many}
    twins = [one for one in many if one.twin_of is not None]

    assert 0.04 < len(twins) / len(many) < 0.08
    assert all(one.organisation != by_index[one.twin_of].organisation for one in twins if one.twin_of is not None)


def test_cases_are_opened_in_order_and_never_after_today(many: list[Drawn]) -> None:
    days = [one.opened_on for one in many]

    assert days == sorted(days)
    assert max(max(one.opened_on, one.closed_on or one.opened_on, one.notes[-1][0]) for one in many) <= TODAY


def test_work_lists_hold_what_is_due_and_what_is_late(many: list[Drawn]) -> None:
    late = [day < TODAY for one in many for _, day in one.due]

    assert 0.05 < sum(late) / len(late) < 0.2


def test_closed_case_has_a_reason_and_a_live_one_has_none(many: list[Drawn]) -> None:
    assert all(bool(one.closure_reason) == (one.state == "closed") == bool(one.closed_on) for one in many)


def test_names_of_a_region_include_single_ones_and_old_spelling() -> None:
    random = Random(5)
    names = [draw_name(random, province="33", country="ID", is_woman=True, age=60) for _ in range(2_000)]

    assert any(len(name.words) == 1 for name in names)
    assert any("oe" in " ".join(name.words) for name in names)


def test_misspelt_name_differs_but_not_by_much() -> None:
    random = Random(7)
    name = draw_name(random, province="32", country="ID", is_woman=False, age=30)
    written = [misspelt(random, name).words for _ in range(200)]

    assert sum(words != name.words for words in written) > 120
    assert all(abs(len("".join(words)) - len("".join(name.words))) <= len("".join(name.words)) for words in written)


def test_notes_fill_every_gap() -> None:
    random = Random(3)

    assert all("{" not in note for _ in range(300) for note in words.notes(random, 3))


def test_shares_draw_only_their_own_keys() -> None:
    random = Random(1)

    assert {mix.GROUPS.draw(random) for _ in range(500)} == {"girl", "boy", "woman", "man"}
