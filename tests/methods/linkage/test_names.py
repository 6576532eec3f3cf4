"""Names: a table of pairs that are one name or are not, and what holds for any string at all."""

from __future__ import annotations

import csv
import doctest
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.methods.linkage import closeness, names, rules, sounds
from naungan.methods.linkage.names import (
    NormalName,
    normalise,
    prefix_buckets,
    search_sounds,
    search_tokens,
    similarity,
    sound_key,
)

PAIRS = [
    tuple(row.values())
    for row in csv.DictReader(Path(__file__).with_name("name_pairs.csv").read_text(encoding="utf-8").splitlines())
]


def _pairs(*expectations: str) -> list[tuple[str, ...]]:
    return [(a, b, why) for a, b, expect, why in PAIRS if expect in expectations]


# Bits of real names between which any characters may stand: more likely to meet a rule than noise.
BITS = sorted({*rules.WORDS, *rules.DOTTED, *(" ".join(w) for ws in rules.PHRASES.values() for w in ws)})
MARKS = [" ", ". ", ".", ", ", " bin ", " binti ", " anak ", " alias ", " @ ", "(", ")", '"', "/", "-", "'"]
PIECES = st.one_of(
    st.sampled_from(BITS),
    st.sampled_from(MARKS),
    st.sampled_from(["budi", "santoso", "aminah", "abdurrahman", "nurhaji", "a", "m", "h", "i", "တင်", "明"]),
    st.text(max_size=4),
)
ANY_NAME = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=9).map("".join),
    st.lists(PIECES, max_size=6).map(" ".join),
)

_FREE = "abcdefghiklmnoprstuwy"
PLAIN_WORD = st.text(_FREE, min_size=4, max_size=9).filter(
    lambda word: word not in rules.RESERVED and word not in {part for form in rules.TITLES for part in form.split()}
)
PLAIN_NAME = st.lists(PLAIN_WORD, min_size=1, max_size=4)


def test_table_has_both_kinds_of_pairs() -> None:
    assert len(PAIRS) >= 120
    assert len(_pairs("different", "other_sound")) >= 40


@pytest.mark.parametrize(("a", "b", "why"), _pairs("same_sound", "one"))
def test_search_sounds_of_one_name_in_two_spellings_meet(a: str, b: str, why: str) -> None:
    extra = {sound_key(title) for name in (a, b) for title in normalise(name).titles}

    assert search_sounds(a) - extra == search_sounds(b) - extra, why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("same_sound", "one"))
def test_similarity_of_one_name_in_two_spellings_is_high(a: str, b: str, why: str) -> None:
    assert similarity(a, b) >= 0.95, why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("one"))
def test_search_tokens_of_one_name_in_two_forms_meet(a: str, b: str, why: str) -> None:
    assert set(normalise(a).tokens) == set(normalise(b).tokens), why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("alike"))
def test_similarity_of_likely_matches_is_high(a: str, b: str, why: str) -> None:
    assert similarity(a, b) >= 0.8, why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("different"))
def test_similarity_of_other_people_is_low(a: str, b: str, why: str) -> None:
    assert similarity(a, b) < 0.7, why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("other_sound"))
def test_sound_key_keeps_other_names_apart(a: str, b: str, why: str) -> None:
    assert sound_key(a.lower()) != sound_key(b.lower()), why


@pytest.mark.parametrize(("a", "b", "why"), _pairs("other_sound"))
def test_similarity_of_near_names_stays_below_sound_alikes(a: str, b: str, why: str) -> None:
    assert similarity(a, b) < closeness.SAME_SOUND, why


def test_similarity_ranks_the_right_person_first() -> None:
    people = ["Siti Aminah", "Siti Amalia", "Sita Amalia", "Budi Hartono", "Siti Rahayu", "Aminudin"]

    ranked = sorted(people, key=lambda person: -similarity("Sity Aminh", person))

    assert ranked[0] == "Siti Aminah"


def test_normalise_keeps_birth_order_names() -> None:
    assert normalise("Ni Luh Putu Ayu").tokens == ("putu", "ayu")


def test_normalise_keeps_a_title_that_is_the_whole_name() -> None:
    assert normalise("Andi").tokens == ("andi",)
    assert normalise("Ibu").tokens == ("ibu",)


def test_search_tokens_hold_titles_that_are_names() -> None:
    assert search_tokens("Cut Meutia") == {"cut", "meutia"}


def test_normalise_reads_every_part() -> None:
    name = normalise("Hj. Siti A. binti H. Ahmad, S.Pd. alias Mina (alm)")

    assert name == NormalName(
        tokens=("siti",),
        initials=("a",),
        aliases=(("mina",),),
        patronymic=("ahmad",),
        titles=("hj", "spd", "h", "alm"),
    )


@pytest.mark.parametrize("name", ["သူဇာ", "សុខា", "王小明", "محمد", "สมชาย", "김영희"])
def test_normalise_keeps_other_scripts_as_one_word(name: str) -> None:
    tokens = normalise(name).tokens

    assert len(tokens) == 1
    assert sound_key(tokens[0]) == tokens[0]


def test_normalise_drops_what_cannot_be_stored() -> None:
    for key in search_tokens("Si\ud800ti \x00 Am\u200binah"):
        key.encode()


@pytest.mark.parametrize("word", ["soerjadi", "tjahjono", "wahyuningsih", "fathurrohman", "kusumawati", "rachmat"])
def test_prefix_buckets_of_typed_letters_are_among_those_stored(word: str) -> None:
    typed = [word[:letters] for letters in range(4, len(word) + 1)]

    last = [prefix_buckets(part)[-1] for part in typed if prefix_buckets(part)]

    assert set(last) <= set(prefix_buckets(word))


@pytest.mark.parametrize("bit", ["sh ", "h ", "(", "a/l ", "alias x ", "nur", "\u0301", "bin "])
def test_similarity_of_a_hostile_length_ends(bit: str) -> None:
    assert 0.0 <= similarity(bit * 100_000, "siti " + bit * 100_000) <= 1.0


def test_prefix_buckets_meet_across_spellings() -> None:
    assert prefix_buckets("soerjadi") == prefix_buckets("suryadi")


def test_similarity_of_an_empty_name_is_nothing() -> None:
    assert similarity("", "Siti") == 0.0
    assert similarity("", "") == 0.0


def test_every_alias_marker_and_father_marker_has_a_row() -> None:
    assert {"alias", "als", "aka"} <= rules.ALIAS_MARKERS
    assert {"bin", "binti", "a/l", "a/p"} <= rules.FATHER_MARKERS


@given(ANY_NAME)
def test_normalise_twice_changes_nothing(name: str) -> None:
    once = normalise(name)

    twice = normalise(once.text)

    assert replace(twice, titles=()) == replace(once, titles=())


@given(ANY_NAME, ANY_NAME)
def test_nothing_raises_and_similarity_is_a_symmetric_share(a: str, b: str) -> None:
    search_tokens(a), search_sounds(a), prefix_buckets(a), sound_key(a)

    close = similarity(a, b)

    assert 0.0 <= close <= 1.0
    assert close == pytest.approx(similarity(b, a))


@given(ANY_NAME)
def test_similarity_of_a_name_with_itself_is_whole(name: str) -> None:
    expected = 1.0 if normalise(name).text else 0.0

    assert similarity(name, name) == pytest.approx(expected)


@given(PLAIN_NAME, st.randoms(use_true_random=False))
def test_order_of_words_does_not_matter(words: list[str], chance: random.Random) -> None:
    other = list(words)
    chance.shuffle(other)
    first, second = " ".join(words), " ".join(other)

    assert search_tokens(first) == search_tokens(second)
    assert search_sounds(first) == search_sounds(second)


@given(st.lists(PLAIN_WORD, min_size=2, max_size=4, unique=True))
def test_similarity_of_reversed_names_is_whole(words: list[str]) -> None:
    assert similarity(" ".join(words), " ".join(reversed(words))) == pytest.approx(1.0)


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_sound_key_of_a_word_is_never_empty(word: str) -> None:
    assert sound_key(word)


@given(st.text(max_size=8), st.text(max_size=8))
def test_typing_slips_is_a_distance(a: str, b: str) -> None:
    slips = closeness.typing_slips(a, b)

    assert slips == closeness.typing_slips(b, a)
    assert (slips == 0) == (a == b)
    assert slips <= max(len(a), len(b))


@pytest.mark.parametrize("module", [names, sounds, closeness])
def test_examples_in_docstrings_hold(module: object) -> None:
    assert doctest.testmod(module).failed == 0  # type: ignore[arg-type]  # a module is an object here
