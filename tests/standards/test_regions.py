"""Provinces of Indonesia, marked as not yet verified."""

from __future__ import annotations

import pytest

from naungan.standards.regions import PROVINCES, find_province


def test_provinces_are_38_and_marked_unverified() -> None:
    assert len(PROVINCES) == 38
    assert not any(province.is_verified for province in PROVINCES.values())
    assert all("[K]" in province.note for province in PROVINCES.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Jawa Barat", "32"),
        ("JABAR", "32"),
        ("Prov. NTT", "53"),
        ("West Java", "32"),
        ("96", "96"),
        ("D.I. Yogyakarta", "34"),
        ("DKI  Jakarta", "31"),
    ],
)
def test_province_is_found_by_name_short_name_and_code(text: str, code: str) -> None:
    province = find_province(text)

    assert province is not None
    assert province.code == code


def test_province_is_not_guessed() -> None:
    assert find_province("Jawa") is None
