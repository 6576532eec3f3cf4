"""The report of an estimate: page one for everybody, the rest for a statistician, as a web page or a PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from naungan.methods.figures import prevalence as charts
from naungan.methods.figures.figure import Figure
from naungan.methods.prevalence import linkage_errors, sensitivity
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.estimate import estimate as estimate_by
from naungan.methods.prevalence.graphs import FEWEST_LISTS
from naungan.methods.prevalence.linkage_errors import Correction, WhatIf
from naungan.methods.prevalence.report_html import html
from naungan.methods.prevalence.report_pdf import pdf
from naungan.methods.prevalence.report_words import label
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.sensitivity import MOST_LISTS_OF_PRIORS, Sensitivity
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.verdict import Rate, Strata, Verdict, judge
from naungan.methods.prevalence.words import (
    FIXED,
    QUESTIONS,
    Language,
    interval_name,
    method_name,
    number,
    percent,
    rounded,
    say,
    word,
)

__all__ = ["Block", "Document", "Extras", "Section", "document", "write"]


@dataclass(frozen=True)
class Extras:
    """
    What may stand in a report besides the estimate.

    Attributes:
        others: Every other method that was tried on the table: none is left out because of its number.
        what_if: What wrong links would do.
        correction: The estimate put right for known error rates.
        strata: Estimates by stratum.
        rate: Per 100,000, with denominator and year.
        answers: Answers to `words.QUESTIONS`.
        title: Of the report; what was estimated, where and when.
        written_on: Date of the report; today when left out.
    """

    others: tuple[Estimate, ...] = ()
    what_if: WhatIf | None = None
    correction: Correction | None = None
    strata: Strata | None = None
    rate: Rate | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    written_on: date | None = None


@dataclass(frozen=True)
class Block:
    """
    A piece of a report.

    Attributes:
        kind: paragraph, callout, facts, list, refusals, table, figure or fixed.
        text: Of a paragraph, a callout or the fixed words; the caption of a table.
        items: Of a list; pairs (name, value) of facts are two items in a row.
        columns: Of a table.
        rows: Of a table.
        figure: The chart.
    """

    kind: str
    text: str = ""
    items: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    figure: Figure | None = None


@dataclass(frozen=True)
class Section:
    """A heading and what stands under it."""

    name: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report before it is drawn: the first section is page one."""

    title: str
    subtitle: str
    language: Language
    sections: tuple[Section, ...]
    footer: str


def write(
    path: Path,
    table: CaptureTable,
    estimate: Estimate,
    *,
    language: Language = "en",
    found: Sensitivity | None = None,
    extras: Extras | None = None,
) -> None:
    """
    Write a report: `.html` (one file, works offline, light and dark, no script) or `.pdf` (tagged, PDF/UA-1).

    Args:
        path: Where; the ending says which.
        table: The table.
        estimate: The result.
        language: `en` or `id`.
        found: What else was tried; examined here, with the seed of the estimate, when left out.
        extras: Other methods, linkage, strata, rate, answers; quick other methods, and what wrong links would do, are
            worked out when left out.

    Raises:
        PrevalenceError: another ending.
        OSError: the file cannot be written.
    """
    ending = path.suffix.lower()
    if ending not in (".html", ".pdf"):
        raise PrevalenceError("option-range", {"option": "report", "rule": ".html, .pdf"}, field="report")
    more = extras or Extras()
    if not more.others:
        more = replace(more, others=beside(table, estimate))
    made = document(table, estimate, language=language, found=found, extras=more)
    content = html(made).encode("utf-8") if ending == ".html" else pdf(made)
    path.write_bytes(content)


def beside(table: CaptureTable, estimate: Estimate) -> tuple[Estimate, ...]:
    """Other methods that take no time, so that no answer stands alone; graphs of up to 5 lists only."""
    lists = table.t - len(table.empty_lists)
    names = ["stepwise", "chao"]
    if FEWEST_LISTS <= lists <= MOST_LISTS_OF_PRIORS:
        names.append("graphs")
    if sensitivity.is_searchable(table):
        names.insert(1, "bic")
    if estimate.estimate is None or lists < FEWEST_LISTS:
        return ()
    return tuple(estimate_by(table, method=name, replicates=0) for name in names if name != estimate.method)


def document(
    table: CaptureTable,
    estimate: Estimate,
    *,
    language: Language = "en",
    found: Sensitivity | None = None,
    extras: Extras | None = None,
) -> Document:
    """
    Put a report together.

    Args:
        table: As for `write`; likewise the rest.
        estimate: The result.
        language: `en` or `id`.
        found: What else was tried.
        extras: What may stand besides.

    Returns:
        Document: the same for both ways of writing it. It holds no count of a single pattern of lists.
    """
    more = extras or Extras()
    seed = 1 if estimate.seed is None else estimate.seed
    tried = found or sensitivity.examine(table, seed=seed)
    linked = more.what_if or linkage_errors.what_if(table, seed=seed)
    verdict = judge(table, estimate, tried, more.answers)
    sections = (
        _first_page(table, estimate, tried, verdict, more, language),
        _questions(verdict, language),
        _numbers(table, estimate, more, language),
        _models(table, estimate, tried, language),
        _assumptions(table, tried, linked, more, language),
        _strata(more.strata, language),
        _settings(table, estimate, tried, language),
    )
    day = more.written_on or datetime.now(tz=UTC).date()
    made_by = label("made-by", language).format(version=estimate.version, day=_day(day, language))
    return Document(
        title=more.title or label("title", language),
        subtitle=", ".join(table.lists),
        language=language,
        sections=tuple(section for section in sections if section.blocks),
        footer=made_by,
    )


def _day(day: date, language: Language) -> str:
    return f"{day.day} {label(f'month-{day.month}', language)} {day.year}"


def _first_page(
    table: CaptureTable,
    estimate: Estimate,
    tried: Sensitivity,
    verdict: Verdict,
    more: Extras,
    language: Language,
) -> Section:
    blocks = [Block("facts", items=_facts(table, estimate, language))]
    if verdict.undecided:
        undecided = next(reason for reason in verdict.may_say if reason.code == "say-undecided")
        blocks.append(Block("callout", say(undecided, language)))
    if estimate.estimate is None:
        blocks.append(Block("callout", " ".join(say(reason, language) for reason in estimate.reasons)))
    blocks += [
        _sentences("list", label("may-say", language), _not_called_out(verdict.may_say), language),
        _sentences("refusals", label("may-not-say", language), verdict.may_not_say, language),
        Block("fixed", FIXED[language]),
    ]
    if more.rate is not None:
        blocks.append(Block("paragraph", _rate(more.rate, language)))
    if estimate.estimate is not None:
        spread = charts.spread(tried, language) if tried.spread else None
        blocks.append(Block("figure", figure=spread or charts.answers(table, (estimate, *more.others), language)))
    told = () if estimate.estimate is not None else estimate.reasons
    know = tuple(reason for reason in verdict.know if reason not in told)
    if know:
        blocks.append(_sentences("list", label("know", language), know, language))
    return Section("first", label("result", language), tuple(blocks))


def _not_called_out(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Without the sentence that stands above in large letters already."""
    return tuple(reason for reason in reasons if reason.code != "say-undecided")


def _sentences(kind: str, heading: str, reasons: Sequence[Reason], language: Language) -> Block:
    return Block(kind, heading, items=tuple(("", say(reason, language)) for reason in reasons))


def _facts(table: CaptureTable, estimate: Estimate, language: Language) -> tuple[tuple[str, str], ...]:
    level = max(estimate.limits, default=0.95)
    low, high = estimate.limits.get(level, (None, None))
    none = label("no-estimate", language)
    if estimate.estimate is None:
        total = hidden = none
    elif estimate.method == "chao":
        total = label("at-least", language).format(low=rounded(estimate.estimate, language))
        hidden = label("at-least", language).format(low=rounded(estimate.estimate - table.observed, language))
    else:
        total = _range(low, high, language)
        seen = table.observed
        hidden = _range(None if low is None else low - seen, None if high is None else high - seen, language)
    known = number(table.observed, language)
    return (
        (label("known", language), known),
        (label("hidden", language), hidden),
        (label("total", language).format(level=percent(level, language)), total),
    )


def _range(low: float | None, high: float | None, language: Language) -> str:
    if low is None and high is None:
        return label("no-limits", language)
    if low is None or high is None:
        return label("at-least", language).format(low=rounded(low if low is not None else 0.0, language))
    return label("between", language).format(low=rounded(low, language), high=rounded(high, language))


def _rate(rate: Rate, language: Language) -> str:
    def per(value: float | None) -> str:
        if value is None:
            return label("no-bound", language)
        text = f"{value:.2g}" if value < 100 else f"{round(value)}"
        return text.replace(".", ",") if language == "id" else text

    return label("rate", language).format(
        detected=per(rate.detected),
        low=per(rate.low),
        high=per(rate.high),
        population=number(rate.population, language),
        of=rate.of,
        year=rate.year,
    )


def _questions(verdict: Verdict, language: Language) -> Section:
    rows = tuple(
        (
            question.id if language == "id" else question.en,
            verdict.answers.get(question.key) or label("unanswered", language),
        )
        for question in QUESTIONS
    )
    head = (label("question", language), label("answer", language))
    note = Block("paragraph", label("questions-note", language))
    return Section("questions", label("questions", language), (note, Block("table", columns=head, rows=rows)))


def _numbers(table: CaptureTable, estimate: Estimate, more: Extras, language: Language) -> Section:
    blocks = [
        Block("table", label("exact", language), columns=_limit_columns(language), rows=_limits(estimate, language))
    ]
    if estimate.bootstrap is not None:
        blocks.append(Block("table", label("bootstrap", language), rows=_bootstrap(estimate, language)))
    drawn = charts.replicates(table, estimate, language)
    if drawn is not None:
        blocks.append(Block("figure", figure=drawn))
    if more.others:
        blocks.append(Block("figure", figure=charts.answers(table, (estimate, *more.others), language)))
    blocks.append(Block("figure", figure=charts.overlap(table, language)))
    return Section("numbers", label("numbers", language), tuple(blocks))


def _limit_columns(language: Language) -> tuple[str, ...]:
    return (
        label("kind", language),
        label("level", language),
        label("low", language),
        label("estimate", language),
        label("high", language),
    )


def _exact(value: float | None, language: Language) -> str:
    if value is None:
        return label("no-bound", language)
    text = f"{value:,.1f}"
    if language == "id":
        text = text.translate(str.maketrans(",.", ".,"))
    return text


def _limits(estimate: Estimate, language: Language) -> tuple[tuple[str, ...], ...]:
    kinds = {estimate.interval: estimate.limits, **estimate.limits_other}
    rows = []
    point = label("no-estimate", language) if estimate.estimate is None else _exact(estimate.estimate, language)
    for kind, limits in kinds.items():
        name = interval_name(kind, language, one_model=estimate.conditional_on_model)
        for level, (low, high) in limits.items():
            rows.append((name, percent(level, language), _exact(low, language), point, _exact(high, language)))
    return tuple(rows) or ((word(estimate.interval, language), "", "", point, ""),)


def _bootstrap(estimate: Estimate, language: Language) -> tuple[tuple[str, ...], ...]:
    run = estimate.bootstrap
    if run is None:
        return ()
    rows = [
        (label("replicates", language), number(run.replicates, language)),
        (label("without", language), percent(run.without_estimate, language)),
    ]
    if run.share_below is not None:
        rows.append((label("below", language), percent(run.share_below, language)))
    if run.median is not None:
        rows.append((label("median", language), _exact(run.median, language)))
    for level, (low, high) in run.levels.items():
        read = label("read-at", language).format(low=f"{low:.5f}", high=f"{high:.5f}")
        rows.append((label("levels", language).format(level=percent(level, language)), read))
    for model, share in run.models[:5]:
        rows.append((_model(model, language), percent(share, language)))
    return tuple(rows)


def _model(model: Sequence[Sequence[str]], language: Language) -> str:
    return ", ".join(":".join(term) for term in model) or label("independence", language)


def _models(table: CaptureTable, estimate: Estimate, tried: Sensitivity, language: Language) -> Section:
    figures = [
        charts.leave_one_out(tried, language),
        charts.consistency(tried, language),
        charts.trajectory(tried, language),
    ]
    blocks = [Block("figure", figure=figure) for figure in figures if figure is not None]
    if tried.spread:
        if estimate.estimate is not None:
            blocks.insert(0, Block("paragraph", label("spread-note", language)))
        else:
            blocks.insert(0, Block("figure", figure=charts.spread(tried, language)))
    if figures[0] is not None:
        repeated = label("repeated", language).format(method=method_name(tried.method, language))
        blocks.insert(0, Block("paragraph", repeated))
    bounds = [
        (label(name, language), _exact(float(value), language))
        for name, value in estimate.scores.items()
        if name.startswith("chao_") and value is not None
    ]
    if bounds:
        blocks.append(Block("table", label("chao", language), rows=tuple(bounds)))
    if tried.priors:
        rows = tuple(
            (f"{prior.delta:g}", *(_exact(value, language) for value in (prior.low, prior.estimate, prior.high)))
            for prior in tried.priors
        )
        head = ("δ", label("low", language), label("estimate", language), label("high", language))
        blocks.append(Block("table", label("priors", language), columns=head, rows=rows))
    return Section("models", label("models", language), tuple(blocks))


def _assumptions(table: CaptureTable, tried: Sensitivity, linked: WhatIf, more: Extras, language: Language) -> Section:
    figures = [
        charts.odds_ratios(tried, language),
        charts.identifying(tried, language),
        charts.linkage(table, linked, language),
    ]
    blocks = [Block("figure", figure=figure) for figure in figures if figure is not None]
    fixed = more.correction
    if fixed is not None:
        low, high = fixed.limits[max(fixed.limits)]
        row = tuple(_exact(value, language) for value in (fixed.raw, fixed.estimate, low, high))
        head = tuple(label(name, language) for name in ("raw", "corrected", "low", "high"))
        blocks.append(Block("table", label("correction", language), columns=head, rows=(row,)))
    return Section("assumptions", label("assumptions", language), tuple(blocks))


def _strata(strata: Strata | None, language: Language) -> Section:
    if strata is None:
        return Section("strata", "", ())
    rows = [_stratum(name, found, language) for name, found in strata.estimates.items()]
    total = label("no-sum", language) if strata.total is None else _exact(strata.total, language)
    rows.append((label("sum", language), "", total, "", ""))
    rows.append(_stratum(label("pooled", language), strata.pooled, language))
    head = ("stratum", "known", "estimate", "low", "high")
    columns = tuple(label(name, language) for name in head)
    return Section("strata", label("strata", language), (Block("table", columns=columns, rows=tuple(rows)),))


def _stratum(name: str, found: Estimate, language: Language) -> tuple[str, ...]:
    seen = number(found.observed, language)
    if found.estimate is None:
        return (name, seen, word(found.status, language), "", "")
    low, high = found.limits[max(found.limits)] if found.limits else (None, None)
    return (name, seen, *(_exact(value, language) for value in (found.estimate, low, high)))


def _settings(table: CaptureTable, estimate: Estimate, tried: Sensitivity, language: Language) -> Section:
    rows = [
        (label("method", language), method_name(estimate.method, language)),
        (label("status", language), word(estimate.status, language)),
        (label("model", language), _model(estimate.model, language)),
        (label("seed", language), "–" if estimate.seed is None else str(estimate.seed)),
        (label("seed-tried", language), str(tried.seed)),
        (label("version", language), estimate.version),
        (label("hash", language), table.hash),
        *((name, "–" if value is None else str(value)) for name, value in estimate.settings.items()),
        *((name, str(value)) for name, value in estimate.scores.items() if not name.startswith("chao_")),
    ]
    note = Block("paragraph", label("settings-note", language))
    return Section("settings", label("settings", language), (note, Block("table", rows=tuple(rows))))
