"""What may be said of a result, what may not, and the questions that only people can answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.results import Estimate, JsonValue, Reason
from naungan.methods.prevalence.sensitivity import Sensitivity, is_searchable, undecided_between
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.words import FIXED, QUESTIONS, Language, say, two_figures

__all__ = ["Rate", "Strata", "Verdict", "judge", "rate_per_100_000", "strata_beside"]

FEW_OVERLAPS = 20
SMALL_CELL = 2
TOO_LOW = 0.8  # an internal check below this share of the known number counts as too low
DECIDES = 1.5  # a list without which the estimate changes by this factor decides much of it


@dataclass(frozen=True)
class Verdict:
    """
    A result in sentences.

    Attributes:
        status: As the estimate's.
        undecided: Whether models that fit about as well give answers that differ by more than half.
        may_say: What the table supports.
        may_not_say: What it does not.
        know: What else to know.
        answers: The answer to each question of `words.QUESTIONS`, None where nobody answered.
    """

    status: str
    undecided: bool
    may_say: tuple[Reason, ...]
    may_not_say: tuple[Reason, ...]
    know: tuple[Reason, ...]
    answers: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Keys of the questions that nobody answered."""
        return tuple(key for key, answer in self.answers.items() if answer is None)

    def to_json(self) -> dict[str, JsonValue]:
        """Codes and the sentences of both languages."""
        return {
            "status": self.status,
            "undecided": self.undecided,
            "may_say": [_both(reason) for reason in self.may_say],
            "may_not_say": [_both(reason) for reason in self.may_not_say],
            "know": [_both(reason) for reason in self.know],
            "answers": dict(self.answers),
            "fixed": {"en": FIXED["en"], "id": FIXED["id"]},
        }

    def lines(self, language: Language) -> tuple[str, ...]:
        """What may be said, then the fixed words: the least that stands beside any number."""
        return (*(say(reason, language) for reason in self.may_say), FIXED[language])


def _both(reason: Reason) -> JsonValue:
    return {"code": reason.code, "en": say(reason, "en"), "id": say(reason, "id")}


def judge(
    table: CaptureTable,
    estimate: Estimate,
    sensitivity: Sensitivity | None = None,
    answers: Mapping[str, str] | None = None,
) -> Verdict:
    """
    Say in words what a result supports.

    Args:
        table: The table.
        estimate: The result.
        sensitivity: What else was tried; without it nothing is said of it.
        answers: Answers to `words.QUESTIONS` by key.

    Returns:
        Verdict: sentences as codes; `words.say` writes them in either language, numbers to two significant figures.

    Raises:
        PrevalenceError: an answer to a question that is not asked.

    Source:
        Section 6 of the reference: Whitehead et al. (2021), Binette and Steorts (2022), Cormack (1999).
    """
    given = dict(answers or {})
    known = {question.key for question in QUESTIONS}
    if set(given) - known:
        raise PrevalenceError("option-range", {"option": "answers", "rule": ", ".join(sorted(known))}, field="answers")
    asked = sensitivity is not None and estimate.estimate is not None
    between = undecided_between(sensitivity.spread) if sensitivity is not None and asked else None
    undecided = between is not None
    found = [Reason("say-observed", {"observed": table.observed}), *_number(estimate)]
    if between is not None:
        found.append(Reason("say-undecided", {"low": two_figures(between[0]), "high": two_figures(between[1])}))
    return Verdict(
        estimate.status,
        undecided,
        tuple(found),
        _may_not(estimate, undecided=undecided),
        _know(table, estimate, sensitivity),
        {question.key: given.get(question.key) or None for question in QUESTIONS},
    )


def _number(estimate: Estimate) -> list[Reason]:
    if estimate.estimate is None:
        return [Reason("say-none")]
    if estimate.method == "chao":
        return [Reason("say-bound", {"low": two_figures(estimate.estimate)})]
    level = max(estimate.limits, default=None)
    low, high = estimate.limits[level] if level is not None else (None, None)
    if low is None or level is None:
        return []
    if high is None:
        return [Reason("say-at-least", {"low": two_figures(low), "level": level})]
    said = {"low": two_figures(low), "high": two_figures(high), "level": level}
    if estimate.conditional_on_model:
        return [Reason("say-range-conditional", said)]
    hidden = {
        "hidden_low": two_figures(low - estimate.observed),
        "hidden_high": two_figures(high - estimate.observed),
    }
    return [Reason("say-range", {**said, **hidden})]


def _may_not(estimate: Estimate, *, undecided: bool) -> tuple[Reason, ...]:
    if estimate.estimate is None:
        codes = ["not-zero", "not-ranking"]
    else:
        codes = ["not-alone", "not-count"]
        if undecided:
            codes.append("not-middle")
        if any(high is None for _, high in estimate.limits.values()):
            codes.append("not-upper")
        codes += ["not-years", "not-ranking", "not-chosen"]
    return tuple(Reason(code) for code in codes)


def _know(table: CaptureTable, estimate: Estimate, sensitivity: Sensitivity | None) -> tuple[Reason, ...]:
    found = list(estimate.reasons)
    if estimate.estimate is not None and estimate.conditional_on_model:
        found.append(Reason("conditional"))
    if 0 < table.overlaps.two_or_more < FEW_OVERLAPS:
        found.append(Reason("few-overlaps", {"people": table.overlaps.two_or_more}))
    if sensitivity is not None:
        if not is_searchable(table):
            found.append(Reason("spread-not-searched"))
        found += _about_sensitivity(sensitivity, told=estimate.estimate is not None)
    small = int(((table.counts > 0) & (table.counts <= SMALL_CELL)).sum())
    if small:
        found.append(Reason("small-cells", {"cells": small}))
    return tuple(found)


def _about_sensitivity(sensitivity: Sensitivity, *, told: bool) -> list[Reason]:
    """What the checks say; where no number is told, none slips in here."""
    rows = sensitivity.consistency
    low = sum(row.estimate is not None and row.estimate < TOO_LOW * row.known for row in rows)
    none = sum(row.estimate is None for row in rows)
    found = []
    if low:
        found.append(Reason("consistency-low", {"lists": low, "of": len(rows)}))
    if none:
        found.append(Reason("consistency-none", {"lists": none, "of": len(rows)}))
    base = sensitivity.estimate
    if base is None or not told:
        return found
    for row in sensitivity.variants:
        if row.kind == "without" and row.estimate is not None:
            ratio = row.estimate / base
            if ratio > DECIDES or ratio < 1 / DECIDES:
                said = {"estimate": two_figures(row.estimate), "base": two_figures(base)}
                found.append(Reason("list-decides", {"name": row.lists[0], **said}))
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """People per 100,000 of a named population and year, detected and undetected apart; None where there is none."""

    population: int
    year: int
    of: str
    detected: float
    total: float | None
    low: float | None
    high: float | None


def rate_per_100_000(estimate: Estimate, *, population: int, year: int, of: str) -> Rate:
    """
    The rate that SDG indicator 16.2.2 asks for.

    Args:
        estimate: The result; its widest limits are used.
        population: The denominator, people, at least 1.
        year: Of the denominator.
        of: Who they are, as in the source ("residents, census").

    Returns:
        Rate: per 100,000.

    Raises:
        PrevalenceError: the population is not positive.

    Source:
        United Nations, metadata of SDG indicator 16.2.2.
    """
    if population < 1:
        raise PrevalenceError("option-range", {"option": "population", "rule": ">= 1"}, field="population")
    low, high = estimate.limits[max(estimate.limits)] if estimate.limits else (None, None)

    def per(people: float | None) -> float | None:
        return None if people is None else 100_000.0 * people / population

    return Rate(
        population,
        year,
        of,
        100_000.0 * estimate.observed / population,
        per(estimate.estimate),
        per(low if estimate.estimate is not None else None),
        per(high if estimate.estimate is not None else None),
    )


@dataclass(frozen=True)
class Strata:
    """
    Estimates by stratum (sex, age, form of exploitation) beside the pooled one.

    Attributes:
        estimates: By name of the stratum; those that fail are there with their status.
        pooled: Of everybody together.
        total: Sum over strata, people; None when one of them has no estimate: it is never filled in silently.
        failing: Names of strata without an estimate.
    """

    estimates: Mapping[str, Estimate]
    pooled: Estimate
    total: float | None
    failing: tuple[str, ...]


def strata_beside(estimates: Mapping[str, Estimate], pooled: Estimate) -> Strata:
    """
    Put the sum of strata beside the pooled estimate, and name the strata that have none.

    Args:
        estimates: By name of the stratum.
        pooled: Of everybody together.

    Returns:
        Strata: without a sum where a stratum has no estimate. Not safe to publish before disclosure checks.

    Source:
        Sekar and Deming (1949), J. Am. Statist. Assoc. 44, 101-115.
    """
    failing = tuple(name for name, found in estimates.items() if found.estimate is None)
    values = [found.estimate for found in estimates.values() if found.estimate is not None]
    total = float(np.sum(values)) if not failing and values else None
    return Strata(estimates, pooled, total, failing)
