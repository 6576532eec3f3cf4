"""
Splits a secret into shares of which any k restore it and fewer tell nothing (Shamir).

Arithmetic is in the field of 256 elements with the AES polynomial x^8 + x^4 + x^3 + x + 1. Shares are
printed as text with a check, to be kept on paper by different people.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from operator import xor

from django.utils.translation import gettext as _

from naungan.vault.errors import BadShare, TooFewShares

MARK = "NAUNGAN-SHARE"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CHECK_BYTES = 5
_SET_BYTES = 4


def _tables() -> tuple[bytes, bytes]:
    exp, log, value = bytearray(510), bytearray(256), 1
    for power in range(255):
        exp[power] = exp[power + 255] = value
        log[value] = power
        value ^= (value << 1) ^ (0x11B if value & 0x80 else 0)  # times 3, a generator
    return bytes(exp), bytes(log)


_EXP, _LOG = _tables()


@dataclass(frozen=True, slots=True)
class Share:
    """One custodian's part: its place on the curve, how many are needed, and the set it belongs to."""

    place: int
    needed: int
    set_id: bytes
    body: bytes

    def __repr__(self) -> str:
        return f"Share(place={self.place}, needed={self.needed})"

    def text(self) -> str:
        """The share in groups of five characters; the last eight are its check."""
        plain = bytes((self.place, self.needed)) + self.set_id + self.body
        written = _encode(plain + sha256(MARK.encode() + plain).digest()[:_CHECK_BYTES])
        return f"{MARK}-{self.place} " + " ".join(written[at : at + 5] for at in range(0, len(written), 5))


def split(secret: bytes, *, needed: int, shares: int) -> list[Share]:
    """
    Split a secret so that any `needed` of `shares` restore it.

    Args:
        secret: What to split; not empty.
        needed: How many restore it, 2 to `shares`.
        shares: How many to make, at most 255.

    Returns:
        list[Share]: fewer than `needed` of them are pure chance.

    Raises:
        ValueError: the numbers do not fit.

    Source:
        Shamir (1979), Comm. ACM 22(11), 612-613.
    """
    if not secret or not 2 <= needed <= shares <= 255:
        raise ValueError("a split needs a secret and 2 <= needed <= shares <= 255")
    set_id = os.urandom(_SET_BYTES)
    curves = [byte.to_bytes() + os.urandom(needed - 1) for byte in secret]
    return [
        Share(place, needed, set_id, bytes(_value_at(curve, place) for curve in curves))
        for place in range(1, shares + 1)
    ]


def combine(shares: Sequence[Share]) -> bytes:
    """
    Restore a secret.

    Raises:
        TooFewShares: fewer different shares than needed.
        BadShare: shares of different sets.
    """
    if not shares:
        raise TooFewShares(_("no share was given"))
    first = shares[0]
    if any((s.set_id, s.needed, len(s.body)) != (first.set_id, first.needed, len(first.body)) for s in shares):
        raise BadShare(_("these shares belong to different sets; use those printed together"))
    different = {share.place: share for share in shares}
    if len(different) < first.needed:
        raise TooFewShares(
            _("%(needed)d different shares are needed, %(given)d were given")
            % {"needed": first.needed, "given": len(different)}
        )
    used = [different[place] for place in sorted(different)[: first.needed]]
    weights = _weights([share.place for share in used])
    return bytes(
        _sum(_product(weight, share.body[at]) for weight, share in zip(weights, used, strict=True))
        for at in range(len(first.body))
    )


def read_share(text: str) -> Share:
    """
    Read a typed share; case, spaces and line breaks do not matter.

    Raises:
        BadShare: mistyped; the message says no more than that.
    """
    folded = "".join(text.upper().split())
    head, _mark, rest = folded.partition(MARK + "-")
    place = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    # The place printed before the groups runs into them; its digits are found by trying.
    for length in range(1, min(3, len(place)) + 1):
        share = None if head else _parse(rest[length:])
        if share is not None and str(share.place) == rest[:length]:
            return share
    raise BadShare(_("the share cannot be read: compare each group of five with the paper"))


def _parse(written: str) -> Share | None:
    raw = _decode(written.translate(_READ))
    if raw is None or len(raw) < 3 + _SET_BYTES + _CHECK_BYTES:
        return None
    plain, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
    if sha256(MARK.encode() + plain).digest()[:_CHECK_BYTES] != check:
        return None
    return Share(plain[0], plain[1], plain[2 : 2 + _SET_BYTES], plain[2 + _SET_BYTES :])


def _encode(raw: bytes) -> str:
    bits = len(raw) * 8
    number = int.from_bytes(raw) << (-bits % 5)
    places = (bits + 4) // 5
    return "".join(_ALPHABET[(number >> 5 * place) & 31] for place in reversed(range(places)))


def _decode(written: str) -> bytes | None:
    if any(letter not in _ALPHABET for letter in written):
        return None
    bits = len(written) * 5
    number = 0
    for letter in written:
        number = number << 5 | _ALPHABET.index(letter)
    left_over = bits % 8
    # Bits left over at the end were written as zeros; anything else is a slip of the pen.
    return None if number & (1 << left_over) - 1 else (number >> left_over).to_bytes(bits // 8)


def _product(left: int, right: int) -> int:
    return _EXP[_LOG[left] + _LOG[right]] if left and right else 0


def _quotient(left: int, right: int) -> int:
    return _EXP[_LOG[left] + 255 - _LOG[right]] if left else 0


def _sum(values: Iterable[int]) -> int:
    return reduce(xor, values, 0)


def _value_at(curve: bytes, place: int) -> int:
    value = 0
    for coefficient in reversed(curve):
        value = _product(value, place) ^ coefficient
    return value


def _weights(places: Sequence[int]) -> list[int]:
    """Lagrange's weights at 0."""
    weights = []
    for place in places:
        weight = 1
        for other in places:
            if other != place:
                weight = _product(weight, _quotient(other, other ^ place))
        weights.append(weight)
    return weights
