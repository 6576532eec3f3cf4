"""Short random public references: nothing to count and nothing to guess."""

from __future__ import annotations

import secrets

# Crockford's base 32 without I, L, O, U (https://www.crockford.com/base32.html).
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# Codes leave Z out: 31 letters, a prime, is what lets one character check the others.
LETTERS = ALPHABET[:31]
_NUMBER_OF = {letter: number for number, letter in enumerate(LETTERS)}
# Two characters at once: an import draws several references a row.
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


def new_ref(length: int = 16) -> str:
    """Draw a reference of `length` characters, five bits of chance each."""
    number = secrets.randbits(10 * -(-length // 2))
    return "".join([_PAIRS[number >> place & 1023] for place in range(0, 5 * length, 10)])[:length]


def new_code() -> str:
    """
    Draw a case code such as `K7QF-2M9D-9`: eight characters of chance and one that checks them.

    The check is the sum of the places times their number, modulo 31 (a prime), so that one wrong
    character or two swapped neighbours are noticed.
    """
    return code_of(secrets.randbelow(len(LETTERS) ** 8))


def code_of(number: int) -> str:
    """Write a number below 31 to the eighth as a case code with its check character."""
    letters = []
    for _ in range(8):
        number, digit = divmod(number, len(LETTERS))
        letters.append(LETTERS[digit])
    body = "".join(letters)
    return f"{body[:4]}-{body[4:]}-{_check(body)}"


def read_code(typed: str) -> str | None:
    """Bring a typed code into its written form, or None when the check character disagrees."""
    folded = typed.upper().translate(str.maketrans("OIL", "011", "- "))
    if len(folded) != 9 or any(letter not in LETTERS for letter in folded):
        return None
    body = folded[:8]
    return f"{body[:4]}-{body[4:]}-{folded[8]}" if _check(body) == folded[8] else None


def _check(body: str) -> str:
    return LETTERS[sum([place * _NUMBER_OF[letter] for place, letter in enumerate(body, 2)]) % 31]
