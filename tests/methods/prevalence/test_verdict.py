"""What may be said: never a number alone, refusals in words, both languages, no claim that the data do not carry."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naungan.methods import prevalence
from naungan.methods.prevalence.errors import MESSAGES, PrevalenceError
from naungan.methods.prevalence.estimate import estimate
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.sensitivity import examine
from naungan.methods.prevalence.tables import CaptureTable, read_csv
from naungan.methods.prevalence.verdict import judge, rate_per_100_000, strata_beside
from naungan.methods.prevalence.words import FIXED, QUESTIONS, SENTENCES, Language, say, two_figures
from naungan.methods.prevalence.years import compare_years

DATA = Path(__file__).parent / "data"
SOURCE = Path(prevalence.__file__).parent


def codes(reasons: tuple[Reason, ...]) -> list[str]:
    return [reason.code for reason in reasons]


@pytest.mark.slow
def test_uk_verdict_says_that_the_data_do_not_decide() -> None:
    table = read_csv(DATA / "UKdat_5.csv")
    found = judge(table, estimate(table, replicates=500, seed=1), examine(table, seed=1))

    assert found.undecided
    assert "say-undecided" in codes(found.may_say)
    assert any("11,000 to 26,000" in line for line in found.lines("en"))


@pytest.mark.slow
def test_kosovo_verdict_gives_a_range_and_warns_of_low_internal_checks() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    found = judge(table, estimate(table, replicates=500, seed=1), examine(table, seed=1))

    assert not found.undecided
    assert "say-range" in codes(found.may_say)
    assert "consistency-low" in codes(found.know)


def test_table_without_overlap_gives_no_number_and_says_that_this_is_not_zero() -> None:
    table = CaptureTable.of(["A", "B", "C"], {"A": 5, "B": 5, "C": 5})
    found = judge(table, estimate(table))

    assert codes(found.may_say) == ["say-observed", "say-none"]
    assert "not-zero" in codes(found.may_not_say)


def test_conditional_limits_are_called_so() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    found = judge(table, estimate(table, method="fixed", terms=[("EXH", "ABA")], replicates=0))

    assert "say-range-conditional" in codes(found.may_say)
    assert "conditional" in codes(found.know)


def test_chao_is_told_as_a_bound() -> None:
    table = read_csv(DATA / "Kosovo.csv")

    assert codes(judge(table, estimate(table, method="chao")).may_say) == ["say-observed", "say-bound"]


def test_missing_upper_limit_is_told() -> None:
    table = read_csv(DATA / "Korea.csv")
    open_ended = Estimate("stepwise", table.observed, 157.0, "ok", limits={0.95: (130.0, None)})
    found = judge(table, open_ended)

    assert "say-at-least" in codes(found.may_say)
    assert "not-upper" in codes(found.may_not_say)


@pytest.mark.parametrize("language", ["en", "id"])
def test_fixed_words_stand_beside_every_verdict(language: Language) -> None:
    table = read_csv(DATA / "Korea.csv")

    assert judge(table, estimate(table, method="chao")).lines(language)[-1] == FIXED[language]


def test_questions_nobody_answered_are_unanswered() -> None:
    table = read_csv(DATA / "Korea.csv")
    found = judge(table, estimate(table, method="chao"), answers={"closed": "yes, 2013"})

    assert found.answers["closed"] == "yes, 2013"
    assert len(found.unanswered) == len(QUESTIONS) - 1


def test_answer_to_a_question_not_asked_is_refused() -> None:
    table = read_csv(DATA / "Korea.csv")

    with pytest.raises(PrevalenceError, match="answers"):
        judge(table, estimate(table, method="chao"), answers={"weather": "fine"})


def test_every_reason_that_the_package_gives_has_its_sentences() -> None:
    given_codes: set[str] = set()
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason":
                given_codes |= {
                    leaf.value
                    for leaf in ast.walk(node.args[0])
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                }

    assert given_codes
    assert not given_codes - set(SENTENCES)


@pytest.mark.parametrize("name", [name for name in prevalence.__all__ if inspect.isfunction(getattr(prevalence, name))])
def test_public_function_says_what_it_takes_gives_raises_and_follows(name: str) -> None:
    said = inspect.getdoc(getattr(prevalence, name)) or ""

    assert [part for part in ("Args:", "Returns:", "Raises:", "Source:") if part not in said] == []


@pytest.mark.parametrize("code", SENTENCES)
def test_both_languages_name_the_same_things(code: str) -> None:
    english, indonesian = SENTENCES[code]

    assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", indonesian))
    assert english != indonesian


@pytest.mark.parametrize("code", sorted(set(SENTENCES) & set(MESSAGES)))
def test_code_of_a_reason_and_of_a_refusal_needs_the_same_parameters(code: str) -> None:
    names = {re.sub(r"\W", "", name) for name in re.findall(r"{\w+}", " ".join(MESSAGES[code]))}

    assert names == set(re.findall(r"{(\w+)}", SENTENCES[code][0]))


def test_refusal_that_became_a_reason_is_told_in_words() -> None:
    said = say(Reason("search-too-large", {"limit": 5}), "en")

    assert said.startswith("The exact search takes at most 5 lists")


def test_code_without_a_sentence_is_shown_as_it_is() -> None:
    assert say(Reason("new-thing", {"what": "x"}), "en") == "new-thing what=x"


@given(st.floats(0, 1e9))
def test_two_figures_are_near(value: float) -> None:
    assert abs(two_figures(value) - value) <= max(0.05 * value + 0.5, 0.5)


def test_rate_has_its_denominator() -> None:
    found = rate_per_100_000(
        Estimate("bic", 100, 400.0, "ok", limits={0.95: (300.0, None)}), population=1_000_000, year=2013, of="residents"
    )

    assert (found.detected, found.total, found.low, found.high) == (10.0, 40.0, 30.0, None)


def test_strata_that_fail_are_named_and_not_added_up() -> None:
    good = Estimate("bic", 100, 400.0, "ok")
    bad = Estimate("bic", 10, None, "no-estimate")

    found = strata_beside({"women": good, "men": bad}, good)

    assert (found.total, found.failing) == (None, ("men",))
    assert strata_beside({"women": good, "men": good}, good).total == 800.0


@pytest.mark.slow
def test_same_table_twice_did_not_change() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    found = compare_years(table, table, seed=1, replicates=400)

    assert (found.difference, found.verdict.code) == (0.0, "years-unknown")


@pytest.mark.slow
def test_table_three_times_as_large_rose() -> None:
    table = read_csv(DATA / "Kosovo.csv")
    found = compare_years(table, CaptureTable(table.lists, 3 * table.counts), seed=1, replicates=400)

    assert found.verdict.code == "years-rose"


def test_years_with_other_lists_are_not_compared() -> None:
    with pytest.raises(PrevalenceError):
        compare_years(read_csv(DATA / "Kosovo.csv"), read_csv(DATA / "Korea.csv"), seed=1)
