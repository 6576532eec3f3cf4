"""What a release says of its own promise is true."""

from __future__ import annotations

import pytest

from naungan.methods.release.wording import WORDS, guarantee


@pytest.mark.parametrize(
    ("epsilon", "english", "indonesian"),
    [(1.0, "at most 73.2 per cent", "paling banyak 73,2 persen"), (4.0, "98.3 per cent", "98,3 persen"),
     (12.0, "practically certain", "praktis yakin")],
)  # fmt: skip
def test_guarantee_says_how_sure_somebody_may_become(epsilon: float, english: str, indonesian: str) -> None:
    # Half sure before: e^ε / (1 + e^ε) after, which is 0.7311, 0.9821 and 0.999994.
    told = guarantee(epsilon, 1e-6, 1)

    assert english in told[0]
    assert indonesian in told[1]


def test_indonesian_numbers_have_a_comma() -> None:
    told = guarantee(0.5, 4.17e-4, 1)

    assert "ε = 0.5 and δ = 4.17 × 10⁻⁴ (one in 2,398)" in told[0]
    assert "ε = 0,5 dan δ = 4,17 × 10⁻⁴ (satu per 2.398)" in told[1]


def test_nothing_says_that_nobody_can_be_found() -> None:
    told = " ".join(text for pair in [*WORDS.values(), guarantee(12, 1e-6, 1)] for text in pair)

    assert "nobody can be found" not in told
    assert "nearly as well" not in told
