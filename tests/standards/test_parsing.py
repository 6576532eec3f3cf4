"""Raw values of every kind, as people and programs write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.standards import htcds
from naungan.standards.htcds import FIELDS, Parsed, custom_field
from naungan.standards.htcds.dates import parse_date


def read(name: str, raw: object, source: str = "excel") -> Parsed:
    return htcds.parse(FIELDS[name], raw, source=source)


def codes(parsed: Parsed) -> list[str]:
    return [problem.code for problem in parsed.problems]


@pytest.mark.parametrize(
    "raw",
    [
        "2020-04-13", "2020/4/13", "13/04/2020", "13-04-2020", "13.04.2020", "13 04 2020", "13 April 2020",
        "13 april 2020", "13-Apr-2020", "April 13, 2020", "Senin, 13 April 2020", " 13\u00a0April 2020 ",
        date(2020, 4, 13), datetime(2020, 4, 13),  # noqa: DTZ001 - a workbook knows no zone
 "2020-04-13T00:00:00.000+07:00",
    ],
)  # fmt: skip
def test_date_in_an_accepted_form_is_read(raw: object) -> None:
    assert read("hte_Date", raw).value == date(2020, 4, 13)


@pytest.mark.parametrize(
    ("raw", "month"),
    [("1 Januari 2020", 1), ("1 Peb 2020", 2), ("1 Maret 2020", 3), ("1 Mei 2020", 5), ("1 Agustus 2020", 8),
     ("1 Agt 2020", 8), ("1 Oktober 2020", 10), ("1 Nopember 2020", 11), ("1 Des 2020", 12), ("1 December 2020", 12)],
)  # fmt: skip
def test_date_with_a_month_name_is_read_in_both_languages(raw: str, month: int) -> None:
    assert read("hte_Date", raw).value == date(2020, month, 1)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("31/02/2020", "date_impossible"),
        ("31 Februari 2020", "date_impossible"),
        ("29-02-2019", "date_impossible"),
        ("2020-13-01", "date_impossible"),
        ("04/13/2020", "date_unreadable"),
        ("1/2/99", "date_short_year"),
        ("kemarin", "date_unreadable"),
        ("1825-01-01", "date_implausible"),
        ("2199-01-01", "date_implausible"),
        (43924.0, "date_unreadable"),
        (True, "date_unreadable"),
    ],
)
def test_date_that_cannot_be_read_is_refused_and_kept(raw: object, code: str) -> None:
    parsed = read("cas_IncomingReferralDate", raw)

    assert codes(parsed) == [code]
    assert parsed.is_refused
    assert parsed.value is None
    assert parsed.raw


def test_date_that_is_ambiguous_names_both_readings() -> None:
    parsed = read("prs_Birthdate", "03/04/2020")

    assert codes(parsed) == ["date_ambiguous"]
    assert parsed.problems[0].suggestions == ("2020-04-03", "2020-03-04")
    assert "2020" not in parsed.problems[0].message


def test_date_with_day_and_month_alike_is_not_ambiguous() -> None:
    assert read("prs_Birthdate", "05/05/1999").value == date(1999, 5, 5)


def test_birth_date_in_the_future_is_refused() -> None:
    parsed = parse_date("prs_Birthdate", "2020-01-02", birth=True, today=date(2020, 1, 1))

    assert codes(parsed) == ["date_in_future"]


@pytest.mark.parametrize("raw", ["TRUE", "Yes", "ya", " Ya ", "1", 1, 1.0, True])
def test_consent_given_is_read(raw: object) -> None:
    assert read("con_Consent", raw).value is True


@pytest.mark.parametrize("raw", ["FALSE", "No", "Tidak", "0", 0, 0.0, False])
def test_consent_refused_is_read(raw: object) -> None:
    assert read("con_Consent", raw).value is False


@pytest.mark.parametrize("raw", ["mungkin", "2", "yes and no", 2])
def test_consent_that_is_unclear_is_never_guessed(raw: object) -> None:
    assert codes(read("con_Consent", raw)) == ["boolean_unreadable"]


def test_phone_in_international_form_passes() -> None:
    parsed = read("prs_MobilePhone", "+628123456789")

    assert parsed == Parsed("+628123456789")


@pytest.mark.parametrize(
    "raw", ["08123456789", "8123456789", 8123456789.0, "628123456789", "00628123456789", "0812-345-6789"]
)
def test_phone_without_country_is_flagged_with_a_suggestion(raw: object) -> None:
    parsed = read("prs_MobilePhone", raw)

    assert codes(parsed) == ["phone_without_country"]
    assert parsed.problems[0].suggestion == "+628123456789"
    assert parsed.value is None
    assert parsed.raw
    assert not parsed.is_refused


def test_phone_without_country_that_fits_nowhere_has_no_suggestion() -> None:
    parsed = read("prs_MobilePhone", "12345")

    assert codes(parsed) == ["phone_without_country"]
    assert parsed.problems[0].suggestion is None


@pytest.mark.parametrize("raw", ["tidak punya", "+62 abc", "+0123456789", "+12"])
def test_phone_that_is_none_is_kept_as_written(raw: str) -> None:
    parsed = read("prs_HomePhone", raw)

    assert codes(parsed) == ["phone_unreadable"]
    assert parsed.raw == raw


def test_phone_with_blanks_is_tidied_and_said_so() -> None:
    parsed = read("prs_HomePhone", "+62 (21) 555-0123")

    assert parsed.value == "+62215550123"
    assert "phone_tidied" in codes(parsed)


@pytest.mark.parametrize("raw", ["Feminine", "feminine ", "Feminine\u00a0", "Perempuan", "FEMININE"])
def test_choice_is_compared_by_label_value_and_spelling(raw: str) -> None:
    assert read("prs_Gender", raw).value == "Feminine"


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("cas_Status", "Follow up", "FollowUp"),
        ("cas_Status", "Follow Up", "FollowUp"),
        ("cas_Status", "FollowUp", "FollowUp"),
        ("cas_ReasonForIncomingReferral", "Migration Or Change Of Location", "MigrationOrChangeOfLocation"),
        ("cas_ReasonForIncomingReferral", "Migration or Change of Location", "MigrationOrChangeOfLocation"),
        ("prs_MailingCountry", "Turkey", "TR"),
        ("prs_MailingCountry", "tr", "TR"),
        ("prs_MailingCountry", "Arab Saudi", "SA"),
        ("prs_PrimaryLanguage", "Bahasa Jawa", "jav"),
        ("prs_PrimaryLanguage", "Indonesian", "ind"),
        ("prs_PrimaryLanguage", "id", "ind"),
        ("prs_PrimaryLanguage", "may", "msa"),
        ("vic_RelationshipToTrafficker", "Unaquainted", "Unaquainted"),
    ],
)
def test_choice_in_another_spelling_is_found(name: str, raw: str, code: str) -> None:
    parsed = read(name, raw)

    assert parsed.value == code
    assert parsed.problems == ()


@pytest.mark.parametrize(("raw", "code"), [("Czech Republic", "CZ"), ("Swaziland", "SZ"), ("Burma", "MM")])
def test_country_by_an_older_name_is_found_and_noted(raw: str, code: str) -> None:
    parsed = read("prs_MailingCountry", raw)

    assert parsed.value == code
    assert codes(parsed) == ["country_old_name"]


def test_choice_that_is_unknown_is_kept_as_raw_text() -> None:
    parsed = read("prs_Gender", "Wanita ")

    assert parsed.value is None
    assert parsed.raw == "Wanita"
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [("unknown_choice", "warning")]


def test_choices_with_an_unknown_word_keep_the_known_ones_and_the_whole_text() -> None:
    parsed = read("vic_MethodsOfControl", "Debt bondage ; Disihir; False promises")

    assert parsed.value == ("DebtBondage", "FalsePromises")
    assert parsed.raw == "Debt bondage ; Disihir; False promises"


def test_choices_whose_labels_hold_the_delimiter_are_split_rightly() -> None:
    parsed = read("vic_ForcedLabourIndustry", "Water supply; sewerage, waste management and remediation; Construction")

    assert parsed.value == ("E_WaterSupplySewerageWasteManagement", "F_Construction")


@pytest.mark.parametrize(
    "raw", ["DebtBondage PhysicalThreats", "DebtBondage  PhysicalThreats ", "debtbondage physicalthreats"]
)
def test_choices_of_a_survey_are_split_at_blanks(raw: str) -> None:
    assert read("vic_MethodsOfControl", raw, "survey").value == ("DebtBondage", "PhysicalThreats")


def test_choices_given_as_a_list_are_read() -> None:
    assert read("prs_Citizenship", ["ID", "Malaysia"], "api").value == ("ID", "MY")


def test_choices_are_not_repeated() -> None:
    assert read("prs_Citizenship", "Indonesia; ID; indonesia").value == ("ID",)


@pytest.mark.parametrize(("raw", "value"), [("3", 3), (3.0, 3), (" 3 ", 3), (0, 0)])
def test_number_is_read(raw: object, value: int) -> None:
    assert read("prs_NumberOfChildren", raw).value == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("tiga", "number_unreadable"),
        (2.5, "number_unreadable"),
        (-1, "number_out_of_range"),
        (True, "number_unreadable"),
    ],
)
def test_number_that_is_none_is_refused(raw: object, code: str) -> None:
    assert codes(read("prs_NumberOfChildren", raw)) == [code]


@pytest.mark.parametrize("raw", ["-6.2088", "-6,2088", -6.2088, Decimal("-6.2088"), "\u22126.2088"])
def test_latitude_is_read(raw: object) -> None:
    assert read("hte_Latitude", raw).value == Decimal("-6.2088")


@pytest.mark.parametrize(
    ("raw", "code"),
    [("106.8", "degrees_out_of_range"), ("6\u00b012'", "degrees_unreadable"), ("NaN", "degrees_unreadable")],
)
def test_latitude_that_is_none_is_refused(raw: object, code: str) -> None:
    assert codes(read("hte_Latitude", raw)) == [code]


def test_longitude_may_pass_ninety() -> None:
    assert read("prs_MailingLongitude", "106.8").value == Decimal("106.8")


@pytest.mark.parametrize("degrees", ["0.00001", "-0.00001", "0.0000001"])
def test_number_cell_near_nought_is_read_like_the_same_typed_digits(degrees: str) -> None:
    assert read("prs_MailingLongitude", float(degrees)) == read("prs_MailingLongitude", degrees)
    assert read("prs_MailingLongitude", float(degrees)).value == Decimal(degrees)


@pytest.mark.parametrize("raw", ["siti@", "siti example.org", "a@b", "a@example.org, b@example.org"])
def test_email_that_is_none_is_kept_as_written(raw: str) -> None:
    parsed = read("prs_Email", raw)

    assert codes(parsed) == ["email_unreadable"]
    assert parsed.raw == raw


def test_text_that_is_too_long_is_refused_and_kept() -> None:
    parsed = read("prs_FirstName", "a" * 256)

    assert codes(parsed) == ["too_long"]
    assert parsed.raw == "a" * 256


def test_text_from_a_number_has_no_decimal_point() -> None:
    assert read("prs_MailingPostalCode", 40115.0).value == "40115"


def test_identity_number_beyond_15_digits_is_warned_about() -> None:
    parsed = read("prs_IdentityNumber", 3201234567890123.0)

    assert codes(parsed) == ["digits_lost"]


def test_text_with_control_characters_is_cleaned_and_said_so() -> None:
    parsed = read("prs_FirstName", "Si\x00ti\u202e")

    assert parsed.value == "Siti"
    assert codes(parsed) == ["control_characters"]


@pytest.mark.parametrize("raw", [None, "", "   ", "\u00a0", [], ()])
@pytest.mark.parametrize(
    "name",
    [
        "prs_FirstName",
        "prs_Birthdate",
        "prs_Gender",
        "prs_Citizenship",
        "con_Consent",
        "prs_Email",
        "prs_MobilePhone",
        "hte_Latitude",
        "prs_NumberOfChildren",
    ],
)
def test_nothing_is_nothing(name: str, raw: object) -> None:
    assert read(name, raw) == Parsed(None)


def test_custom_field_is_parsed_by_its_own_list() -> None:
    colour = custom_field("c", label="Colour", kind="picklist", choices={"RED": htcds.Choice("RED", "Red", "Merah")})

    assert htcds.parse(colour, "merah").value == "RED"
    assert htcds.parse(colour, "blue").raw == "blue"


_RAW = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=40), st.dates(), st.datetimes(),
    st.lists(st.text(max_size=5), max_size=3), st.decimals(), st.times(),
)  # fmt: skip


@given(name=st.sampled_from(list(FIELDS)), raw=_RAW, source=st.sampled_from(["excel", "csv", "survey", "form", "api"]))
def test_any_value_is_read_without_an_exception_and_nothing_is_lost(name: str, raw: object, source: str) -> None:
    parsed = read(name, raw, source)

    if any(problem.severity != "note" for problem in parsed.problems):
        assert parsed.raw is not None or parsed.value is not None
    if parsed.value is not None:
        again = read(name, parsed.value, "api")
        assert again.value == parsed.value


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_date_in_iso_form_comes_back(day: date) -> None:
    assert read("hte_Date", day.isoformat()).value == day


@given(st.integers(1, 31), st.integers(1, 12), st.integers(1900, 2100))
def test_date_as_numbers_is_read_only_if_one_reading_exists(day: int, month: int, year: int) -> None:
    parsed = read("hte_Date", f"{day}/{month}/{year}")

    if day <= 12 and day != month:
        assert codes(parsed) == ["date_ambiguous"]
    elif parsed.value is not None:
        assert parsed.value == date(year, month, day)
    else:
        assert codes(parsed) == ["date_impossible"]


@pytest.mark.parametrize("name", [name for name, field in FIELDS.items() if field.several])
def test_every_pair_of_labels_is_split_rightly(name: str) -> None:
    choices = [choice for choice in htcds.choices(name).values() if not choice.extension]
    for first, second in pairwise(choices):
        assert read(name, f"{first.label}; {second.label}").value == (first.code, second.code)
