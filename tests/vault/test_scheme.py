"""Digests: light, spread and heavy words; nothing of frequency is left to see."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.vault.index.plan import Criteria, question_of
from naungan.vault.index.profile import Facets, Profile, number_form, phone_form, profile_of
from naungan.vault.index.scheme import (
    BUCKET_ROWS,
    HEAVY_ROWS,
    Kind,
    Scheme,
    expect,
    index_keys,
    learn,
    pack_frequent,
    unpack_frequent,
)
from naungan.vault.index.words import word_of, words_of

KEYS = index_keys(bytes(32), 1, 1)
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1d\x1e\x1f"), max_size=20)


def named(name: str, year: str = "", facets: Facets | None = None) -> Profile:
    return Profile(name=name, words=words_of(name), birth_year=year, facets=facets or Facets())


def crowd(rare: int = 3000) -> list[Profile]:
    """Half a thousand Sitis, two hundred Wulans and many who are alone with their name."""
    sitis = [named(f"Siti Rare{'abcdefghij'[n % 10]}{'klmnopqrst'[n // 10 % 10]}o", "1994") for n in range(500)]
    return [*sitis, *(named("Wulan") for _ in range(200)), *(named(f"Zeta{_letters(n)}") for n in range(rare))]


def _letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(3))


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    people = crowd()
    return learn(Scheme(KEYS, len(people)), lambda: people)


def test_light_word_has_one_digest(scheme: Scheme) -> None:
    assert len(scheme.find(Kind.WORD, word_of("zetaabc").sound).digests) == 1


def test_frequent_word_is_spread_so_that_no_digest_stands_out(scheme: Scheme) -> None:
    sound = word_of("wulan").sound

    parts = Counter(
        digest
        for number in range(200)
        for digest in scheme.digests_of(f"P{number}", named("Wulan"))
        if digest >> 40 == Kind.WORD
    )

    assert set(parts) <= set(scheme.find(Kind.WORD, sound).digests)
    assert len(parts) > 1
    assert max(parts.values()) < BUCKET_ROWS * 1.5  # binomial: 200 in 2 parts, 3 sigma is 121


def test_person_is_filed_in_the_same_place_each_time(scheme: Scheme) -> None:
    assert scheme.digests_of("P1", named("Wulan", "1990")) == scheme.digests_of("P1", named("Wulan", "1990"))


def test_heavy_word_is_not_filed_by_itself(scheme: Scheme) -> None:
    assert scheme.is_heavy(Kind.WORD, word_of("siti").sound)
    assert {digest >> 40 for digest in scheme.digests_of("P1", named("Siti"))} == {Kind.PAIR}
    assert not scheme.find_word(word_of("siti"), is_unfinished=False).is_whole


def test_heavy_word_is_found_alone_and_with_the_year(scheme: Scheme) -> None:
    filed = scheme.digests_of("P1", named("Siti", "1994"))

    assert filed & set(scheme.find_alone(word_of("siti")).digests)
    assert filed & {d for way in scheme.find_pairs([word_of("siti")], "1994") for d in way.digests}
    assert not list(scheme.find_pairs([word_of("siti")], ""))


def test_two_heavy_words_are_found_together() -> None:
    people = [named("Siti Aminah") for _ in range(HEAVY_ROWS + 1)] + [named("Zeta")] * 100
    scheme = learn(Scheme(KEYS, len(people)), lambda: people)

    ways = list(scheme.find_pairs(words_of("Aminah Siti")))

    assert len(ways) == 1
    assert scheme.digests_of("P1", named("Siti Aminah")) & set(ways[0].digests)


def test_facets_are_filed_only_when_all_are_known(scheme: Scheme) -> None:
    known = scheme.digests_of("P1", named("Zetaabc", "1994", Facets("Female", "32")))
    unknown = scheme.digests_of("P1", named("Zetaabc", "1994", Facets("Female", "")))

    assert Kind.FACETS in {digest >> 40 for digest in known}
    assert Kind.FACETS not in {digest >> 40 for digest in unknown}


def test_keys_of_kinds_organisations_and_builds_differ() -> None:
    made = [*index_keys(bytes(32), 1, 1).values(), *index_keys(bytes(32), 2, 1).values()]
    made += index_keys(bytes(32), 1, 2).values()

    assert len(set(made)) == 3 * len(Kind)


@pytest.mark.parametrize("people", [1, 5_000, 100_000, 1_000_000])
def test_buckets_hold_several_values_at_any_size(people: int) -> None:
    scheme = Scheme(KEYS, people)

    for kind in Kind:
        assert scheme.buckets(kind) & scheme.buckets(kind) - 1 == 0
    if people >= 5_000:
        assert people * 1.8 / scheme.buckets(Kind.WORD) >= BUCKET_ROWS / 2
        assert people / scheme.buckets(Kind.NUMBER) >= 2


def test_new_index_expects_common_words_to_be_heavy_in_a_large_caseload() -> None:
    large, small = expect(Scheme(KEYS, 100_000), {"muhammad": 0.05}), expect(Scheme(KEYS, 1_000), {"muhammad": 0.05})

    assert large.is_heavy(Kind.WORD, word_of("muhammad").sound)
    assert not small.is_heavy(Kind.WORD, word_of("muhammad").sound)


@given(st.dictionaries(st.tuples(st.sampled_from(Kind), st.integers(0, 2**64 - 1)), st.integers(0, 2**32 - 1)))
def test_counts_packed_are_read_back(frequent: dict[tuple[Kind, int], int]) -> None:
    assert unpack_frequent(pack_frequent(frequent)) == frequent


@given(plain, st.lists(plain.filter(bool), max_size=3), plain, plain)
def test_profile_written_is_read_back(name: str, numbers: list[str], year: str, province: str) -> None:
    profile = Profile(name, words_of(name), tuple(numbers), (), ("a@example.org",), year, Facets("Female", province))

    assert Profile.from_text(profile.to_text()) == profile


def test_profile_is_made_of_names_aliases_numbers_and_year() -> None:
    profile = profile_of(
        {"prs_FirstName": "Siti", "prs_SecondName": "A\x1eminah", "x:alias": "Mina", "prs_Birthdate": "1994-05-03"},
        Facets(),
    )

    assert profile.name == "Siti A minah / Mina"
    assert profile.birth_year == "1994"
    assert profile_of({"prs_Birthdate": "unknown"}, Facets()) == Profile()


@pytest.mark.parametrize(
    ("text", "form"),
    [("9999 0101-9405.0003", "9999010194050003"), ("b 123456", "B123456"), ("0000000000", ""), ("12", "")],
)
def test_document_numbers_lose_signs_and_fillers_are_dropped(text: str, form: str) -> None:
    assert number_form(text) == form


@pytest.mark.parametrize("text", ["+62 812-0001-112", "08120001112", "8120001112"])
def test_telephones_of_one_line_share_a_form(text: str) -> None:
    assert phone_form(text) == "120001112"


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("siti aminah", Criteria(name="siti aminah")),
        ("siti 1994", Criteria(name="siti", birth_year="1994")),
        ("siti +62 812 0001 112", Criteria(name="siti", number="+62 812 0001 112")),
        ("B1234567", Criteria(number="B1234567")),
        ("Mina@example.org", Criteria(email="mina@example.org")),
        ("", Criteria()),
    ],
)
def test_what_is_typed_in_one_box_is_sorted(text: str, criteria: Criteria) -> None:
    assert Criteria.of(text) == criteria


def test_score_is_nothing_when_something_asked_for_is_missing() -> None:
    profile = named("Siti Aminah", "1994", Facets("Female", "32"))

    def score(asked: Criteria) -> float:
        return question_of(asked).score(profile)

    assert score(Criteria(name="Aminah Siti")) == 1.0
    assert score(Criteria(name="Sitti Amina")) > 0.8
    assert score(Criteria(name="Siti Ami")) > 0.5
    assert score(Criteria(birth_year="1994", sex="Female", province="32")) == 1.0
    for missing in (
        Criteria(name="Siti Budi"),
        Criteria(name="Siti", birth_year="1990"),
        Criteria(name="Siti", sex="Male"),
        Criteria(name="Siti", number="99990101"),
        Criteria(name="Siti", email="x@example.org"),
    ):
        assert score(missing) == 0
