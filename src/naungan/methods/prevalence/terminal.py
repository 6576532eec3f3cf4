"""Results as lines of text, in English and Indonesian: people in two figures, and never a number alone."""

from __future__ import annotations

from collections.abc import Sequence

from naungan.methods.prevalence.coverage import Coverage
from naungan.methods.prevalence.errors import MESSAGES, PrevalenceError
from naungan.methods.prevalence.results import Estimate, Reason
from naungan.methods.prevalence.sensitivity import JUDGED_WITHIN, CurvePoint, Sensitivity, SpreadRow, undecided_between
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.verdict import judge
from naungan.methods.prevalence.words import (
    FIXED,
    Language,
    interval_name,
    method_name,
    number,
    percent,
    rounded,
    say,
    two_figures,
    word,
)

__all__ = ["compared", "covered", "examined", "said", "summary"]

_SHOWN_MODELS = 8
_CURVE_SHOWN = (0.25, 0.5, 1.0, 2.0, 4.0)


def _t(language: Language, en: str, id_: str) -> str:
    return id_ if language == "id" else en


def said(reason: Reason, language: Language) -> str:
    """A reason in words; a refusal with what to do."""
    if reason.code in MESSAGES:
        return " ".join(PrevalenceError(reason.code, reason.params).say(language))
    return say(reason, language)


def _decimal(text: str, language: Language) -> str:
    return text.replace(".", _t(language, ".", ","))


def _people(value: float | None, language: Language) -> str:
    return _t(language, "none", "tidak ada") if value is None else rounded(value, language)


def _span(low: float | None, high: float | None, language: Language) -> str:
    if low is None and high is None:
        return _t(language, "no limits", "tanpa batas")
    if high is None:
        return _t(language, f"{_people(low, language)} or more", f"{_people(low, language)} atau lebih")
    to = _t(language, "to", "sampai")
    return f"{_people(0.0 if low is None else low, language)} {to} {_people(high, language)}"


def _terms(model: Sequence[Sequence[str]], language: Language) -> str:
    return ", ".join(":".join(term) for term in model) or _t(language, "none", "tidak ada")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _observed(table: CaptureTable, language: Language) -> str:
    seen = table.overlaps
    two, three, none = number(seen.two_or_more, language), number(seen.three_or_more, language), len(seen.empty_pairs)
    people = number(table.observed, language)
    return _t(
        language,
        f"Known: {people} people on {table.t} lists; {two} on two or more, {three} on three or more; {none} of "
        f"{seen.pairs} pairs of lists share nobody.",
        f"Diketahui: {people} orang di {table.t} daftar; {two} di dua daftar atau lebih, {three} di tiga atau lebih; "
        f"{none} dari {seen.pairs} pasang daftar tidak memiliki orang yang sama.",
    )


def summary(table: CaptureTable, found: Estimate, language: Language, *, spread: Sequence[SpreadRow] = ()) -> list[str]:
    """
    A result for a terminal.

    Args:
        table: The table.
        found: Its result.
        language: `en` or `id`.
        spread: Models that fit about as well (`sensitivity.models_spread`), where they were searched.

    Returns:
        list: lines; people in two figures, each estimate with its limits.
    """
    lines = [_observed(table, language)]
    lines += _none(found, language) if found.estimate is None else _numbers(found, language)
    judged = judge(table, found)
    between = undecided_between(spread)
    lines += [f"- {say(reason, language)}" for reason in judged.may_say]
    if between is not None and found.estimate is not None:
        told = {"low": two_figures(between[0]), "high": two_figures(between[1])}
        lines.append(f"- {say(Reason('say-undecided', told), language)}")
    lines.append(f"- {FIXED[language]}")
    lines += [f"! {said(reason, language)}" for reason in judged.know]
    lines.append(
        _t(
            language,
            "What else moves this answer: `naungan prevalence sensitivity`, or --report.",
            "Apa lagi yang mengubah jawaban ini: `naungan prevalence sensitivity`, atau --report.",
        )
    )
    seed = "" if found.seed is None else _t(language, f", seed {found.seed}", f", benih {found.seed}")
    lines.append(f"naungan {found.version}{seed}, {_t(language, 'table', 'tabel')} {found.table_hash[:16]}.")
    return lines


def _none(found: Estimate, language: Language) -> list[str]:
    status, method = word(found.status, language), method_name(found.method, language)
    return [
        _t(
            language,
            f"Result: {status}. There is no estimate from this table by the method {found.method} ({method}).",
            f"Hasil: {status}. Tidak ada perkiraan dari tabel ini dengan metode {found.method} ({method}).",
        )
    ]


def _numbers(found: Estimate, language: Language) -> list[str]:
    method, terms = method_name(found.method, language), _terms(found.model, language)
    lines = [
        _t(
            language,
            f"Method: {found.method} ({method}); terms: {terms}.",
            f"Metode: {found.method} ({method}); suku: {terms}.",
        )
    ]
    if found.method == "chao":
        least, hidden = _people(found.estimate, language), _people(found.hidden, language)
        return [
            *lines,
            _t(
                language,
                f"In all: at least {least}; hidden: at least {hidden}.",
                f"Seluruhnya: sedikitnya {least}; tersembunyi: sedikitnya {hidden}.",
            ),
        ]
    kind = interval_name(found.interval, language, one_model=found.conditional_on_model)
    for level, (low, high) in found.limits.items():
        seen = found.observed
        total = f"{_people(found.estimate, language)}, {percent(level, language)} {_span(low, high, language)}"
        below = _span(None if low is None else low - seen, None if high is None else high - seen, language)
        hidden = f"{_people(found.hidden, language)}, {below}"
        lines.append(
            _t(
                language,
                f"In all: about {total}; hidden: about {hidden} ({kind}).",
                f"Seluruhnya: sekitar {total}; tersembunyi: sekitar {hidden} ({kind}).",
            )
        )
    for kind_of, limits in found.limits_other.items():
        if kind_of == found.interval:
            continue
        name = interval_name(kind_of, language, one_model=found.conditional_on_model)
        spans = "; ".join(f"{percent(level, language)} {_span(*pair, language)}" for level, pair in limits.items())
        lines.append(f"{_t(language, 'Other limits', 'Batas lain')}, {name}: {spans}.")
    return [*lines, *_odds(found, language), *_bootstrap(found, language)]


def _odds(found: Estimate, language: Language) -> list[str]:
    """Two lists: what their dependence, which they cannot show, would make of the answer."""
    rows = [
        (_decimal(name.removeprefix("odds_ratio_"), language), value)
        for name, value in found.scores.items()
        if name.startswith("odds_ratio_")
    ]
    if not rows:
        return []
    told = "; ".join(f"{ratio}: {_people(value, language)}" for ratio, value in rows)
    if language == "id":
        return [f"Bila kedua daftar bergantung dengan rasio odds ini, seluruhnya ada {told}."]
    return [f"If the two lists depend on each other with this odds ratio, there are in all {told}."]


def _bootstrap(found: Estimate, language: Language) -> list[str]:
    run = found.bootstrap
    if run is None:
        return []
    at = "; ".join(f"{percent(level, language)}: {low:.4f} / {high:.4f}" for level, (low, high) in run.levels.items())
    at = _decimal(at, language)
    made, none = number(run.replicates, language), percent(run.without_estimate, language)
    return [
        _t(
            language,
            f"Bootstrap: {made} samples, {none} without an estimate; limits read at {at}.",
            f"Bootstrap: {made} sampel, {none} tanpa perkiraan; batas dibaca pada {at}.",
        )
    ]


def covered(found: Coverage, language: Language) -> list[str]:
    """How often the limits held, as lines."""
    if found.truth is None:
        none = _t(language, "There is no estimate to simulate from.", "Tidak ada perkiraan untuk disimulasikan.")
        return [none, *(f"- {said(reason, language)}" for reason in found.reasons)]
    tables, truth = number(found.tables, language), rounded(found.truth, language)
    lines = [
        _t(
            language,
            f"{tables} tables simulated from the fitted model, where the truth is {truth} people.",
            f"{tables} tabel disimulasikan dari model, dengan angka sebenarnya {truth} orang.",
        )
    ]
    for kind, by in found.held.items():
        for level, held in by.items():
            shares = [percent(share, language) for share in (held.held, held.above, held.below)]
            lines.append(
                _t(
                    language,
                    "{} {}: held {}; too high {}, too low {}.",
                    "{} {}: memuat {}; terlalu tinggi {}, terlalu rendah {}.",
                ).format(word(kind, language), percent(level, language), *shares)
            )
    none = percent(found.without_estimate, language)
    lines.append(_t(language, f"Without an estimate: {none}.", f"Tanpa perkiraan: {none}."))
    if found.root_mean_square_log is not None:
        error = f"{found.root_mean_square_log:.2g}".replace(".", _t(language, ".", ","))
        lines.append(
            _t(
                language,
                f"Root mean square error of the logarithm: {error}.",
                f"Akar rerata kuadrat galat logaritma: {error}.",
            )
        )
    return lines


def compared(table: CaptureTable, found: Sequence[Estimate], level: float, language: Language) -> list[str]:
    """Every method side by side, with its limits or with why there is no number."""
    rows = [tuple(_t(language, *both) for both in _HEAD)]
    for one in found:
        low, high = one.limits.get(level, (None, None))
        if one.estimate is None:
            rows.append((one.method, word(one.status, language), "", ""))
        elif one.method == "chao":
            rows.append((one.method, _people(one.estimate, language), _t(language, "lower bound", "batas bawah"), ""))
        else:
            span = _span(low, high, language)
            if one.conditional_on_model:
                span += _t(language, ", one model", ", satu model")
            rows.append((one.method, _people(one.estimate, language), span, _terms(one.model, language)))
    lines = [
        _observed(table, language),
        _t(language, f"Limits of {percent(level, language)}.", f"Batas {percent(level, language)}."),
    ]
    lines += _aligned(rows)
    lines += [
        f"! {one.method}: {said(reason, language)}" for one in found if one.estimate is None for reason in one.reasons
    ]
    numbers = [one.estimate for one in found if one.estimate is not None]
    if numbers:
        low_, high_ = _people(min(numbers), language), _people(max(numbers), language)
        lines.append(
            _t(
                language,
                f"The methods give {low_} to {high_} people. All were tried; none is left out.",
                f"Metode-metode ini memberi {low_} sampai {high_} orang. Semua dicoba; tidak ada yang ditinggalkan.",
            )
        )
    return [*lines, FIXED[language]]


_HEAD = (("method", "metode"), ("in all", "seluruhnya"), ("limits", "batas"), ("terms", "suku"))


def examined(found: Sensitivity, language: Language) -> list[str]:
    """What moves the answer apart from chance, as lines."""
    table = found.table
    lines = [_observed(table, language)]
    base, method = _people(found.estimate, language), method_name(found.method, language)
    lines.append(
        _t(
            language,
            f"Repeated throughout: {method}, which gives {base} for the whole table.",
            f"Diulang di mana-mana: {method}, yang memberi {base} untuk seluruh tabel.",
        )
    )
    lines += _spread(found, language)
    if found.variants:
        lines += ["", _t(language, "Lists left out or joined:", "Daftar ditinggalkan atau digabung:")]
        kinds = {"without": _t(language, "without", "tanpa"), "joined": _t(language, "joined", "gabung")}
        lines += _aligned(
            [
                (f"  {kinds[row.kind]} {' + '.join(row.lists)}", _people(row.estimate, language))
                for row in found.variants
            ]
        )
    if found.consistency:
        lines += [
            "",
            _t(
                language,
                "Each list from the others (known, estimated):",
                "Tiap daftar dari yang lain (diketahui, perkiraan):",
            ),
        ]
        lines += _aligned(
            [
                (f"  {row.list_name}", number(row.known, language), _people(row.estimate, language))
                for row in found.consistency
            ]
        )
    lines += [
        "",
        _t(
            language,
            "If two lists depend on each other with this odds ratio:",
            "Bila dua daftar bergantung dengan rasio odds ini:",
        ),
    ]
    lines += _curves([(":".join(curve.lists), curve.points) for curve in found.odds], language)
    lines += [
        "",
        _t(
            language,
            "If the hidden are so many times what the model says:",
            "Bila yang tersembunyi sekian kali kata model:",
        ),
    ]
    lines += _curves([("ξ", found.identifying)], language)
    if found.priors:
        lines += [
            "",
            _t(
                language,
                "Average over graphs, by prior count per cell:",
                "Rerata atas graf, menurut hitungan prior per sel:",
            ),
        ]
        lines += _aligned(
            [
                (
                    f"  δ = {_decimal(f'{row.delta:g}', language)}",
                    _people(row.estimate, language),
                    _span(row.low, row.high, language),
                )
                for row in found.priors
            ]
        )
    return [*lines, "", FIXED[language]]


def _spread(found: Sensitivity, language: Language) -> list[str]:
    if not found.spread:
        return []
    lines = [
        "",
        _t(
            language,
            "Models that fit about as well (people, ΔBIC, weight):",
            "Model yang hampir sama cocoknya (orang, ΔBIC, bobot):",
        ),
    ]
    rows = [
        (
            f"  {_people(row.estimate, language)}",
            _decimal(f"{row.delta_bic:.1f}", language),
            f"{row.weight:.0%}",
            _terms(row.model, language),
        )
        for row in found.spread[:_SHOWN_MODELS]
    ]
    lines += _aligned(rows)
    if len(found.spread) > _SHOWN_MODELS:
        more = number(len(found.spread) - _SHOWN_MODELS, language)
        lines.append(_t(language, f"  and {more} more within ΔBIC 10.", f"  dan {more} lagi dalam ΔBIC 10."))
    between = undecided_between(found.spread)
    if between is None:
        within = f"{JUDGED_WITHIN:g}"
        lines.append(
            _t(
                language,
                f"Within ΔBIC {within} they differ by less than half.",
                f"Dalam ΔBIC {within} bedanya kurang dari separuh.",
            )
        )
        return lines
    told = {"low": two_figures(between[0]), "high": two_figures(between[1])}
    return [*lines, say(Reason("say-undecided", told), language)]


def _curves(curves: Sequence[tuple[str, Sequence[CurvePoint]]], language: Language) -> list[str]:
    rows = [("", *(_decimal(f"{value:g}", language) for value in _CURVE_SHOWN))]
    for name, points in curves:
        by = {point.value: point.estimate for point in points}
        rows.append((f"  {name}", *(_people(by.get(value), language) for value in _CURVE_SHOWN)))
    return _aligned(rows)
