"""Shamir's shares: any k restore, fewer do not, slips of the pen are noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.vault.errors import BadShare, TooFewShares
from naungan.vault.shares import combine, read_share, split


@given(st.binary(min_size=1, max_size=80), st.data())
def test_any_k_shares_restore_the_secret(secret: bytes, data: st.DataObject) -> None:
    total = data.draw(st.integers(2, 8))
    needed = data.draw(st.integers(2, total))
    shares = split(secret, needed=needed, shares=total)

    some = data.draw(st.permutations(shares))[:needed]

    assert combine(some) == secret


@given(st.binary(min_size=16, max_size=40), st.data())
def test_fewer_shares_with_a_lie_about_how_many_restore_something_else(secret: bytes, data: st.DataObject) -> None:
    shares = split(secret, needed=3, shares=5)

    with pytest.raises(TooFewShares):
        combine(shares[:2])


def test_one_share_is_as_likely_under_every_secret() -> None:
    seen = {split(b"\0", needed=2, shares=2)[0].body[0] for _ in range(4000)}

    assert len(seen) == 256  # chance of missing one: 256 * (255/256)**4000 = 4e-5


@given(st.binary(min_size=1, max_size=80))
def test_share_printed_and_typed_in_lower_case_is_read(secret: bytes) -> None:
    for share in split(secret, needed=2, shares=3):
        assert read_share(share.text().lower().replace(" ", "\n", 2).replace("0", "o")) == share


def test_shares_above_nine_and_ninety_nine_are_read() -> None:
    shares = split(b"secret", needed=2, shares=255)

    assert all(read_share(share.text()) == share for share in shares)


PRINTED = split(b"a secret of some length", needed=2, shares=3)[0].text()


@given(st.data())
def test_mistyped_share_is_refused(data: st.DataObject) -> None:
    text = PRINTED
    place = data.draw(st.integers(text.index(" ") + 1, len(text) - 1).filter(lambda at: text[at] != " "))
    letter = data.draw(st.sampled_from("23456789ABCDEFGHJKMNPQRSTVWXYZ").filter(lambda other: other != text[place]))

    with pytest.raises(BadShare):
        read_share(text[:place] + letter + text[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "NAUNGAN-SHARE-", "NAUNGAN-SHARE-1 ABC", "something else", "NAUNGAN-SHARE-1 !!!!!"]
)
def test_text_that_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(BadShare):
        read_share(text)


def test_shares_of_two_sets_are_refused() -> None:
    with pytest.raises(BadShare):
        combine([split(b"one", needed=2, shares=2)[0], split(b"two", needed=2, shares=2)[1]])


def test_the_same_share_twice_is_not_enough() -> None:
    share = split(b"one", needed=2, shares=2)[0]

    with pytest.raises(TooFewShares):
        combine([share, share])
    with pytest.raises(TooFewShares):
        combine([])


@pytest.mark.parametrize(("needed", "shares"), [(1, 3), (4, 3), (2, 256)])
def test_numbers_that_do_not_fit_are_refused(needed: int, shares: int) -> None:
    with pytest.raises(ValueError):
        split(b"x", needed=needed, shares=shares)


def test_share_shows_no_secret_when_printed_by_accident() -> None:
    assert "body" not in repr(split(b"secret", needed=2, shares=2)[0])
