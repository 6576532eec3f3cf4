"""The pick-lists of HTCDS with our extension codes, countries (ISO 3166-1) and languages (ISO 639-2)."""

from __future__ import annotations

import csv
import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import pycountry

__all__ = ["Choice", "country_aliases", "language_aliases", "standard_choices"]

_DATA = resources.files("naungan.standards.htcds").joinpath("data")
_OWN = resources.files("naungan.standards").joinpath("data")


@dataclass(frozen=True, slots=True)
class Choice:
    """
    One entry of a pick-list.

    `code` is the API value. `maps_to` is the published code to write where only the standard is understood: the
    code itself for published entries, None where the standard has no place for it. `excel_label` is the spelling of
    the published single-select workbook, stray blanks included; `survey_value` that of the survey form.
    """

    code: str
    label: str
    label_id: str = ""
    extension: bool = False
    maps_to: str | None = None
    excel_label: str = ""
    survey_value: str = ""

    def label_in(self, language: str) -> str:
        """The entry's label in Indonesian (`id`) or English."""
        return (self.label_id or self.label) if language.lower().startswith("id") else self.label


def _read(resource: str, *, own: bool = False) -> list[dict[str, str]]:
    text = (_OWN if own else _DATA).joinpath(resource).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def _picklists() -> Mapping[str, Mapping[str, Choice]]:
    published = {(row["api_name"], row["value"]): row for row in _read("picklists.csv")}
    lists: dict[str, dict[str, Choice]] = {}
    for row in _read("htcds_choices.csv", own=True):
        name, code = row["api_name"], row["value"]
        source = published.get((name, code))
        lists.setdefault(name, {})[code] = Choice(
            code=code,
            label=row["label"],
            label_id=row["label_id"],
            extension=source is None,
            maps_to=row["maps_to"] or None,
            excel_label=(source["excel_label"] if source else "") or row["label"],
            survey_value=(source["xlsform_value"] if source else "") or code,
        )
    lists["prs_Citizenship"] = lists["country"] = dict(_countries())
    lists["language"] = dict(_languages())
    return MappingProxyType({name: MappingProxyType(entries) for name, entries in lists.items()})


def _translation(domain: str) -> gettext.NullTranslations:
    return gettext.translation(domain, pycountry.LOCALES_DIR, languages=["id"], fallback=True)


def _countries() -> Mapping[str, Choice]:
    indonesian = _translation("iso3166-1")
    found: dict[str, Choice] = {}
    for row in _read("countries.csv"):
        code, label = row["iso_3166_1_alpha_2"], row["label_in_toolkit"]
        iso = pycountry.countries.get(alpha_2=code)
        name = indonesian.gettext(iso.name) if iso else label
        found[code] = Choice(code, label, name, maps_to=code, excel_label=label, survey_value=code)
    return found


def _languages() -> Mapping[str, Choice]:
    indonesian = _translation("iso639-3")
    found: dict[str, Choice] = {}
    for code in _OWN.joinpath("iso_639_2.txt").read_text("utf-8").split():
        language = pycountry.languages.get(alpha_3=code)
        if language is None:
            continue
        label = language.name.removesuffix(" (macrolanguage)")
        name = indonesian.gettext(language.name).removesuffix(" (macrolanguage)")
        found[code] = Choice(code, label, name, maps_to=code, excel_label=label, survey_value=code)
    for code, label, name in (
        ("btk", "Batak languages", "Bahasa Batak"),
        ("day", "Dayak languages", "Bahasa Dayak"),
    ):
        found[code] = Choice(code, label, name, maps_to=code, excel_label=label, survey_value=code)
    return found


@lru_cache(maxsize=1)
def country_aliases() -> tuple[Mapping[str, str], frozenset[str]]:
    """Other spellings of countries (casefolded) with their alpha-2 code, and which of them are older names."""
    known = _picklists()["country"]
    names: dict[str, str] = {}
    for country in pycountry.countries:
        if country.alpha_2 in known:
            for attribute in ("alpha_3", "name", "official_name", "common_name"):
                text = getattr(country, attribute, None)
                if text:
                    names[text.casefold()] = country.alpha_2
    spoken = _read("country_names.csv", own=True)
    names.update({row["name"]: row["alpha_2"] for row in spoken})
    return names, frozenset(row["name"] for row in spoken if row["older_name"] == "yes")


@lru_cache(maxsize=1)
def language_aliases() -> Mapping[str, str]:
    """Other spellings of languages (casefolded) with their ISO 639-2 code."""
    names: dict[str, str] = {}
    for code, choice in _picklists()["language"].items():
        language = pycountry.languages.get(alpha_3=code)
        for text in (getattr(language, "alpha_2", None), getattr(language, "bibliographic", None)):
            if text:
                names[text] = code
        names[f"bahasa {choice.label_id.casefold()}"] = code
        names[f"{choice.label.casefold()} language"] = code
    return names | {row["name"]: row["code"] for row in _read("language_names.csv", own=True)}


def standard_choices(name: str) -> Mapping[str, Choice]:
    """The entries of a field's pick-list, or of the lists `country` and `language`; empty if there is none."""
    return _picklists().get(name, MappingProxyType({}))
