"""Sets what is printed from here, dated by the clock of the house."""

from __future__ import annotations

from collections.abc import Mapping

from naungan.access import clock
from naungan.methods import typesetting


def pdf(template: str, data: Mapping[str, object]) -> bytes:
    """A tagged PDF of a Typst template and its data, as `typesetting.pdf` says."""
    return typesetting.pdf(template, data, at=clock.now())
