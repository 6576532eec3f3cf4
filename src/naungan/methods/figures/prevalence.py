"""The charts of an estimate: answers side by side, spread of models, curves of assumptions, checks on the known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import altair as alt
import numpy as np

from naungan.methods.figures.figure import COLOURS, Chart, Figure, Language, sized, values
from naungan.methods.prevalence.linkage_errors import WhatIf
from naungan.methods.prevalence.results import Estimate
from naungan.methods.prevalence.sensitivity import JUDGED_WITHIN, OddsCurve, Sensitivity
from naungan.methods.prevalence.tables import CaptureTable
from naungan.methods.prevalence.words import interval_name, method_name, number, percent, rounded, word

__all__ = [
    "answers",
    "consistency",
    "identifying",
    "leave_one_out",
    "linkage",
    "odds_ratios",
    "overlap",
    "replicates",
    "spread",
    "trajectory",
]

# Curves that move the answer most are named; the others stay grey.
NAMED_CURVES: Final = 3
BINS: Final = 40
MOST_ROWS: Final = 60
SMALL: Final = 3
_ROW: Final = 34


def _t(language: Language, en: str, id_: str) -> str:
    return id_ if language == "id" else en


def _source(table: CaptureTable, language: Language) -> str:
    lists = ", ".join(table.lists)
    return _t(
        language,
        f"Source: capture table of {table.t} lists ({lists}), {number(table.observed, 'en')} people, "
        f"hash {table.hash[:12]}.",
        f"Sumber: tabel irisan {table.t} daftar ({lists}), {number(table.observed, 'id')} orang, "
        f"sidik {table.hash[:12]}.",
    )


def _people(language: Language) -> str:
    return _t(language, "people in all", "orang seluruhnya")


def _axis(title: str, ticks: int = 5) -> alt.Axis:
    return alt.Axis(title=title, format=",.0f", tickCount=ticks, labelFlush=False, labelOverlap=True)


def _missing(language: Language) -> str:
    return _t(language, "no estimate", "tidak ada perkiraan")


def _count(value: float | None, language: Language) -> str:
    return _missing(language) if value is None else number(value, language)


def _safe(people: int, language: Language) -> str:
    """A number of people, small ones hidden: one or two could be known to somebody who knows two facts."""
    return "< 3" if 0 < people < SMALL else number(people, language)


def overlap(table: CaptureTable, language: Language = "en") -> Figure:
    """How many people are on exactly one list, two, three: the information is in the overlaps."""
    sizes = np.array([mask.bit_count() for mask in range(table.counts.size)])
    people = [int(table.counts[sizes == 1].sum()), int(table.counts[sizes == 2].sum())]
    names = [_t(language, "one list", "satu daftar"), _t(language, "two lists", "dua daftar")]
    if table.t > 2:
        people.append(table.overlaps.three_or_more)
        names.append(_t(language, "three or more", "tiga atau lebih"))
    rows = [[name, count, _safe(count, language)] for name, count in zip(names, people, strict=True)]
    data = values(["lists", "people", "label"], rows)

    def draw(width: int) -> Chart:
        base = alt.Chart(data).encode(
            y=alt.Y(
                "lists:N", sort=None, axis=alt.Axis(title=None, domain=False, ticks=False, grid=False, minExtent=100)
            ),
            x=alt.X("people:Q", axis=None, scale=alt.Scale(domain=[0, max(people) * 1.2])),
        )
        bars = base.mark_bar(color=COLOURS["accent"], height=18)
        text = base.mark_text(align="left", dx=6).encode(text="label:N")
        return sized(bars + text, width - 110, 28 * len(names))

    more = table.overlaps
    sentence = _t(
        language,
        f"{_safe(more.two_or_more, 'en')} of {number(table.observed, 'en')} people are on two lists or more, "
        f"{_safe(more.three_or_more, 'en')} on three or more; {len(more.empty_pairs)} of {more.pairs} pairs of lists "
        "share nobody.",
        f"{_safe(more.two_or_more, 'id')} dari {number(table.observed, 'id')} orang ada di dua daftar atau lebih, "
        f"{_safe(more.three_or_more, 'id')} di tiga atau lebih; {len(more.empty_pairs)} dari {more.pairs} pasangan "
        "daftar tidak memiliki orang yang sama.",
    )
    return Figure(
        "overlap",
        _t(language, "People by number of lists", "Orang menurut banyaknya daftar"),
        sentence,
        _source(table, language),
        (_t(language, "Lists", "Daftar"), _t(language, "People", "Orang")),
        tuple((name, _safe(count, language)) for name, count in zip(names, people, strict=True)),
        draw,
        language,
    )


def answers(table: CaptureTable, estimates: Sequence[Estimate], language: Language = "en") -> Figure:
    """Answers side by side: each method that was tried with its 95 % and 80 % limits."""
    level = _t(language, "limits", "batas")
    there = [found for found in estimates if found.estimate is not None]
    rows: list[list[str | float | None]] = []
    cells: list[tuple[str, ...]] = []
    for found in estimates:
        name = method_name(found.method, language)
        wide, inner = _pair(found, 0), _pair(found, 1)
        rows.append([name, found.estimate, wide[0], wide[1], inner[0], inner[1], _label(found, language)])
        kind = interval_name(found.interval, language, one_model=found.conditional_on_model)
        cells.append((name, _count(found.estimate, language), _between(wide, language), kind))
    columns = ["method", "estimate", "low", "high", "inner_low", "inner_high", "label"]
    data = values(columns, rows)
    ends = [value for row in rows for value in row[1:6] if isinstance(value, float)] or [float(table.observed)]
    domain = [min(table.observed, *ends), max(ends) * 1.02]

    def draw(width: int) -> Chart:
        order = [str(row[0]) for row in rows]
        base = alt.Chart(data).encode(
            y=alt.Y("method:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False, labels=False)),
        )
        x = alt.Scale(domain=domain, nice=True, zero=False)
        outer = base.mark_rule(color=COLOURS["accent-line"], strokeWidth=4).encode(
            x=alt.X("low:Q", scale=x, axis=_axis(_people(language), 4 if width < 500 else 6)), x2="high:Q"
        )
        inside = base.mark_rule(color=COLOURS["accent"], strokeWidth=8).encode(
            x=alt.X("inner_low:Q", scale=x), x2="inner_high:Q"
        )
        point = base.mark_point(
            shape="diamond", filled=True, size=110, color=COLOURS["ink"], stroke="white", opacity=1
        ).encode(x=alt.X("estimate:Q", scale=x))
        text = base.mark_text(align="left", dx=4, dy=-17).encode(x=alt.value(0), text="label:N")
        return sized((outer + inside + point + text), width - 30, 46 * len(rows))

    return Figure(
        "answers",
        _t(language, "Answers side by side", "Jawaban berdampingan"),
        _answers_sentence(there, len(estimates), language),
        _source(table, language),
        (
            _t(language, "Method", "Metode"),
            _t(language, "People in all", "Orang seluruhnya"),
            _t(language, f"95% {level}", f"{level.capitalize()} 95%"),
            _t(language, "Kind of limits", "Jenis batas"),
        ),
        tuple(cells),
        draw,
        language,
    )


def _answers_sentence(there: Sequence[Estimate], tried: int, language: Language) -> str:
    found = [estimate.estimate for estimate in there if estimate.estimate is not None]
    if not found:
        return _t(language, "No method gives an estimate.", "Tidak ada metode yang memberi perkiraan.")
    low, high = rounded(min(found), language), rounded(max(found), language)
    if len(found) == 1:
        return _t(
            language,
            f"The diamond is the estimate, about {low} people; the dark bar holds 80% and the light bar 95%.",
            f"Belah ketupat adalah perkiraan, sekitar {low} orang; batang gelap memuat 80% dan batang terang 95%.",
        )
    return _t(
        language,
        f"{len(found)} of {tried} methods give an estimate, from about {low} to {high} people; dark bars hold 80%, "
        "light bars 95%.",
        f"{len(found)} dari {tried} metode memberi perkiraan, dari sekitar {low} sampai {high} orang; batang gelap "
        "memuat 80%, batang terang 95%.",
    )


def _pair(found: Estimate, place: int) -> tuple[float | None, float | None]:
    levels = sorted(found.limits, reverse=True)
    return found.limits[levels[place]] if place < len(levels) else (None, None)


def _label(found: Estimate, language: Language) -> str:
    name = method_name(found.method, language)
    if found.estimate is None:
        return f"{name}: {word(found.status, language)}"
    taken = (
        _t(language, " (one model taken as given)", " (satu model dianggap pasti)")
        if found.conditional_on_model
        else ""
    )
    return f"{name}{taken}: {rounded(found.estimate, language)}"


def _between(pair: tuple[float | None, float | None], language: Language) -> str:
    low, high = (None if value is None else number(value, language) for value in pair)
    if low is None and high is None:
        return _t(language, "none", "tidak ada")
    no_bound = _t(language, "no bound", "tanpa batas")
    return f"{low or no_bound} – {high or no_bound}"


def spread(found: Sensitivity, language: Language = "en") -> Figure:
    """Every model within ΔBIC 10: the estimate against the share of the BIC weights."""
    near = _t(language, f"within {JUDGED_WITHIN:g} BIC", f"dalam {JUDGED_WITHIN:g} BIC")
    far = _t(language, "6 to 10 BIC", "6 sampai 10 BIC")
    rows = [[r.estimate, 100 * r.weight, near if r.delta_bic <= JUDGED_WITHIN else far] for r in found.spread]
    data = values(["estimate", "weight", "zone"], rows)

    def draw(width: int) -> Chart:
        stem = alt.Chart(data).encode(
            x=alt.X(
                "estimate:Q",
                scale=alt.Scale(zero=False, nice=True, padding=12),
                axis=_axis(_people(language), 4 if width < 500 else 6),
            ),
        )
        y = alt.Y(
            "weight:Q",
            axis=alt.Axis(title=_t(language, "weight, % (BIC)", "bobot, % (BIC)"), tickCount=4),
            scale=alt.Scale(zero=True),
        )
        zones = [near, far]
        rules = stem.mark_rule(strokeWidth=2, color=COLOURS["accent-line"]).encode(y=y, y2=alt.datum(0))
        points = stem.mark_point(filled=True, size=70, opacity=1).encode(
            y=y,
            shape=alt.Shape("zone:N", scale=alt.Scale(domain=zones, range=["circle", "triangle-up"]), legend=_legend()),
            color=alt.Color(
                "zone:N", scale=alt.Scale(domain=zones, range=[COLOURS["accent"], COLOURS["note"]]), legend=_legend()
            ),
        )
        return sized(rules + points, width - 60, 210)

    judged = [row.estimate for row in found.spread if row.delta_bic <= JUDGED_WITHIN]
    sentence = _t(language, "No model is admissible.", "Tidak ada model yang dapat dipakai.")
    if judged:
        low, high = rounded(min(judged), language), rounded(max(judged), language)
        sentence = _t(
            language,
            f"{len(judged)} models fit about as well as the best (within 6 BIC units); they give {low} "
            f"to {high} people.",
            f"{len(judged)} model hampir sama cocoknya dengan yang terbaik (dalam 6 satuan BIC); hasilnya {low} sampai "
            f"{high} orang.",
        )
    return Figure(
        "spread",
        _t(language, "What models that fit alike say", "Apa kata model yang sama cocoknya"),
        sentence,
        _source(found.table, language),
        (
            _t(language, "Model (largest terms)", "Model (suku terbesar)"),
            _t(language, "People in all", "Orang seluruhnya"),
            "ΔBIC",
            _t(language, "Weight", "Bobot"),
        ),
        _spread_rows(found, language),
        draw,
        language,
    )


def _spread_rows(found: Sensitivity, language: Language) -> tuple[tuple[str, ...], ...]:
    """The best models, and how many more there are."""
    rows = [
        (
            ", ".join(":".join(term) for term in row.model) or _t(language, "independence", "saling bebas"),
            number(row.estimate, language),
            _decimal(row.delta_bic, language),
            percent(row.weight, language),
        )
        for row in found.spread[:MOST_ROWS]
    ]
    more = len(found.spread) - len(rows)
    if more > 0:
        rows.append((_t(language, f"and {more} more models", f"dan {more} model lagi"), "", "", ""))
    return tuple(rows)


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", labelColor=COLOURS["soft"], labelFontSize=12, labelLimit=260)


def _decimal(value: float, language: Language) -> str:
    text = f"{value:.1f}"
    return text.replace(".", ",") if language == "id" else text


def replicates(table: CaptureTable, found: Estimate, language: Language = "en") -> Figure | None:
    """The resampled estimates with the limits; None without a bootstrap."""
    if found.replicates is None or found.estimate is None or not np.isfinite(found.replicates).any():
        return None
    people = found.replicates[np.isfinite(found.replicates)]
    least, most = (float(value) for value in np.quantile(people, [0.0, 0.995]))
    edges = np.linspace(least, max(most, least + 1), BINS + 1)
    heights, _ = np.histogram(people, edges)
    bars = values(
        ["from", "to", "share"],
        [
            [a, b, 100.0 * h / len(found.replicates)]
            for (a, b), h in zip(pairwise(edges.tolist()), heights, strict=True)
        ],
    )
    low, high = _pair(found, 0)
    marks = [[found.estimate, _t(language, "estimate", "perkiraan")]]
    marks += [[value, "95%"] for value in (low, high) if value is not None]
    data = values(["at", "label"], marks)
    missing = 1.0 - len(people) / len(found.replicates)

    def draw(width: int) -> Chart:
        x = alt.X(
            "from:Q",
            scale=alt.Scale(zero=False, domain=[least, edges[-1]]),
            axis=_axis(_people(language), 4 if width < 500 else 6),
        )
        share = _t(language, "% of resampled tables", "% tabel penarikan ulang")
        area = (
            alt.Chart(bars)
            .mark_rect(color=COLOURS["accent-line"], strokeWidth=0)
            .encode(x=x, x2="to:Q", y=alt.Y("share:Q", axis=alt.Axis(title=share, tickCount=4)), y2=alt.datum(0))
        )
        lines = alt.Chart(data).encode(x=alt.X("at:Q"))
        return sized(
            (
                area
                + lines.mark_rule(color=COLOURS["ink"], strokeWidth=1.5, strokeDash=[4, 3])
                + lines.transform_filter("datum.label == '95%'")
                .mark_text(dy=-6, baseline="bottom")
                .encode(y=alt.value(0), text="label:N")
                + lines.transform_filter("datum.label != '95%'")
                .mark_text(dy=-22, baseline="bottom")
                .encode(y=alt.value(0), text="label:N")
            ),
            width - 60,
            190,
        )

    middle = rounded(float(np.median(people)), language)
    sentence = _t(
        language,
        f"{number(len(found.replicates), 'en')} resampled tables, the model chosen afresh in each: the "
        f"middle one gives "
        f"{middle} people, {percent(missing, 'en')} give no estimate. The highest 0.5% are not drawn.",
        f"{number(len(found.replicates), 'id')} tabel penarikan ulang, model dipilih ulang di setiap tabel: yang di "
        f"tengah memberi {middle} orang, {percent(missing, 'id')} tanpa perkiraan. 0,5% tertinggi tidak digambar.",
    )
    shares = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
    return Figure(
        "replicates",
        _t(language, "Chance: the same people drawn again", "Kebetulan: orang yang sama ditarik lagi"),
        sentence,
        _source(table, language),
        (_t(language, "Share below", "Bagian di bawah"), _t(language, "People in all", "Orang seluruhnya")),
        tuple((percent(q, language), number(float(np.quantile(people, q)), language)) for q in shares),
        draw,
        language,
    )


def leave_one_out(found: Sensitivity, language: Language = "en") -> Figure | None:
    """The estimate without each list, and with pairs joined; None when nothing was tried."""
    if not found.variants:
        return None
    words = {"without": _t(language, "without", "tanpa"), "joined": _t(language, "joined:", "gabung:")}
    rows = [
        [f"{words[v.kind]} {' + '.join(v.lists)}", v.estimate, _missing(language) if v.estimate is None else ""]
        for v in found.variants
    ]
    single = [row for row, v in zip(rows, found.variants, strict=True) if v.kind == "without"]
    data = values(["name", "estimate", "label"], single)
    base = values(["at"], [[found.estimate]] if found.estimate is not None else [])

    def draw(width: int) -> Chart:
        names = [str(row[0]) for row in single]
        rows_ = alt.Chart(data).encode(
            y=alt.Y("name:N", sort=names, axis=alt.Axis(title=None, domain=False, ticks=False, grid=True)),
        )
        x = alt.X(
            "estimate:Q",
            scale=alt.Scale(zero=False, nice=True, padding=14),
            axis=_axis(_people(language), 3 if width < 500 else 6),
        )
        points = rows_.mark_point(filled=True, size=90, color=COLOURS["accent"], opacity=1).encode(x=x)
        none = rows_.mark_text(align="left", color=COLOURS["danger"]).encode(x=alt.value(8), text="label:N")
        line = alt.Chart(base).mark_rule(color=COLOURS["ink"], strokeDash=[4, 3], strokeWidth=1.5).encode(x="at:Q")
        return sized((line + points + none), width - 130, 28 * len(single))

    there = [v.estimate for v in found.variants if v.kind == "without" and v.estimate is not None]
    sentence = _t(
        language, "Without any one list there is no estimate.", "Tanpa salah satu daftar tidak ada perkiraan."
    )
    if there:
        low, high = rounded(min(there), language), rounded(max(there), language)
        at = _t(language, "no estimate", "tidak ada") if found.estimate is None else rounded(found.estimate, language)
        sentence = _t(
            language,
            f"All lists give {at} (dashed); with one list left out the answer runs from {low} to {high} people.",
            f"Semua daftar memberi {at} (garis putus); bila satu daftar ditinggalkan jawabannya {low} "
            f"sampai {high} orang.",
        )
    return Figure(
        "leave-one-out",
        _t(language, "Without one list", "Tanpa satu daftar"),
        sentence,
        _source(found.table, language),
        (
            _t(language, "Lists", "Daftar"),
            _t(language, "Observed", "Teramati"),
            _t(language, "People in all", "Orang seluruhnya"),
        ),
        tuple(
            (str(row[0]), rounded(v.observed, language), _count(v.estimate, language))
            for row, v in zip(rows, found.variants, strict=True)
        ),
        draw,
        language,
    )


def consistency(found: Sensitivity, language: Language = "en") -> Figure | None:
    """Each list estimated from the others, beside its known size; None when it was not tried."""
    if not found.consistency:
        return None
    known, guess = _t(language, "known", "diketahui"), _t(language, "estimated from the others", "diperkirakan")
    rows = [
        [r.list_name, r.known, r.estimate, "" if r.estimate is not None else _missing(language)]
        for r in found.consistency
    ]
    data = values(["list", "known", "estimate", "label"], rows)
    points = values(
        ["list", "people", "kind"],
        [
            [r.list_name, v, k]
            for r in found.consistency
            for v, k in ((r.known, known), (r.estimate, guess))
            if v is not None
        ],
    )

    def draw(width: int) -> Chart:
        names = [row.list_name for row in found.consistency]
        y = alt.Y("list:N", sort=names, axis=alt.Axis(title=None, domain=False, ticks=False))
        people = _t(language, "people on the list", "orang di daftar")
        x = alt.X("people:Q", scale=alt.Scale(zero=True, nice=True), axis=_axis(people, 4 if width < 500 else 6))
        link = (
            alt.Chart(data)
            .mark_rule(color=COLOURS["accent-line"], strokeWidth=4)
            .encode(y=y, x="known:Q", x2="estimate:Q")
        )
        marks = (
            alt.Chart(points)
            .mark_point(size=100, opacity=1, strokeWidth=2)
            .encode(
                y=y,
                x=x,
                shape=alt.Shape(
                    "kind:N", scale=alt.Scale(domain=[known, guess], range=["circle", "diamond"]), legend=_legend()
                ),
                color=alt.Color(
                    "kind:N",
                    scale=alt.Scale(domain=[known, guess], range=[COLOURS["ink"], COLOURS["accent"]]),
                    legend=_legend(),
                ),
            )
        )
        none = (
            alt.Chart(data)
            .mark_text(align="left", dx=12, color=COLOURS["danger"])
            .encode(y=y, x="known:Q", text="label:N")
        )
        return sized((link + marks + none), width - 90, _ROW * len(names))

    low = sum(r.estimate is not None and r.estimate < r.known for r in found.consistency)
    none = sum(r.estimate is None for r in found.consistency)
    sentence = _t(
        language,
        f"The people on each list are known, so the method can be tested: from the other lists it comes "
        f"out too low for "
        f"{low} of {len(rows)} lists and gives no estimate for {none}.",
        f"Orang di setiap daftar diketahui, sehingga metode dapat diuji: dari daftar lain hasilnya "
        f"terlalu rendah untuk "
        f"{low} dari {len(rows)} daftar dan tidak ada perkiraan untuk {none}.",
    )
    return Figure(
        "consistency",
        _t(language, "A test on people who are known", "Uji pada orang yang diketahui"),
        sentence,
        _source(found.table, language),
        (
            _t(language, "List", "Daftar"),
            _t(language, "Known", "Diketahui"),
            _t(language, "Estimated from the others", "Diperkirakan dari daftar lain"),
        ),
        tuple((r.list_name, number(r.known, language), _count(r.estimate, language)) for r in found.consistency),
        draw,
        language,
    )


def odds_ratios(found: Sensitivity, language: Language = "en") -> Figure | None:
    """The estimate for each strength of dependence of each pair; None when no curve exists."""
    there = [curve for curve in found.odds if any(point.estimate is not None for point in curve.points)]
    if not there:
        return None
    order = sorted(there, key=_reach, reverse=True)
    named = {":".join(curve.lists) for curve in order[:NAMED_CURVES]}
    rows = [
        [":".join(c.lists), p.value, p.estimate, ":".join(c.lists) if ":".join(c.lists) in named else ""]
        for c in order
        for p in c.points
    ]
    data = values(["pair", "odds", "estimate", "name"], rows)
    last = [[":".join(c.lists), c.points[-1].value, c.points[-1].estimate] for c in order[:NAMED_CURVES]]
    ends = values(["pair", "odds", "estimate"], last)

    def draw(width: int) -> Chart:
        title = _t(language, "odds ratio of the two lists", "rasio odds kedua daftar")
        x = alt.X(
            "odds:Q",
            scale=alt.Scale(type="log", base=2, domain=[0.25, 4]),
            axis=alt.Axis(title=title, values=[0.25, 0.5, 1, 2, 4], labelExpr=_quarter()),
        )
        y = alt.Y("estimate:Q", scale=alt.Scale(zero=False, nice=True), axis=_axis(_people(language)))
        strong = list(named)
        lines = (
            alt.Chart(data)
            .mark_line()
            .encode(
                x=x,
                y=y,
                detail="pair:N",
                color=alt.condition(
                    alt.FieldOneOfPredicate(field="pair", oneOf=strong),
                    alt.value(COLOURS["accent"]),
                    alt.value(COLOURS["line"]),
                ),
                strokeWidth=alt.condition(
                    alt.FieldOneOfPredicate(field="pair", oneOf=strong), alt.value(2.5), alt.value(1.2)
                ),
            )
        )
        marks = alt.Chart(ends).mark_text(align="left", dx=5).encode(x=x, y=y, text="pair:N")
        one = alt.Chart(values(["at"], [[1.0]])).mark_rule(color=COLOURS["note"], strokeDash=[4, 3]).encode(x="at:Q")
        return sized((one + lines + marks), width - (150 if width > 500 else 130), 240)

    most = order[0]
    low, high = _ends(most)
    sentence = _t(
        language,
        f"If {' and '.join(most.lists)} depended on each other, from four times less to four times more "
        f"likely together, "
        f"the answer would run from {rounded(low, 'en')} to {rounded(high, 'en')} people. The data cannot tell.",
        f"Andaikan {' dan '.join(most.lists)} saling bergantung, dari empat kali lebih jarang sampai empat kali lebih "
        f"sering bersama, jawabannya {rounded(low, 'id')} sampai {rounded(high, 'id')} orang. Data "
        f"tidak dapat memastikan.",
    )
    ratios = [point.value for point in most.points]
    return Figure(
        "odds-ratio",
        _t(language, "If two lists depend on each other", "Bila dua daftar saling bergantung"),
        sentence,
        _source(found.table, language),
        (_t(language, "Lists", "Daftar"), *(_ratio(value, language) for value in ratios)),
        tuple((":".join(c.lists), *(_count(p.estimate, language) for p in c.points)) for c in order),
        draw,
        language,
    )


def _quarter() -> str:
    return "datum.value == 0.25 ? '¼' : datum.value == 0.5 ? '½' : datum.label"


def _ratio(value: float, language: Language) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if language == "id" else text


def _ends(curve: OddsCurve) -> tuple[float, float]:
    there = [point.estimate for point in curve.points if point.estimate is not None]
    return min(there), max(there)


def _reach(curve: OddsCurve) -> float:
    low, high = _ends(curve)
    return high / low


def identifying(found: Sensitivity, language: Language = "en") -> Figure | None:
    """The estimate if the assumption that no data can test were wrong by a factor; None without an estimate."""
    rows = [[point.value, point.estimate] for point in found.identifying if point.estimate is not None]
    if not rows:
        return None
    data = values(["xi", "estimate"], rows)

    def draw(width: int) -> Chart:
        title = _t(language, "factor ξ on the hidden people", "faktor ξ pada orang tersembunyi")
        lines = alt.Chart(data).encode(
            x=alt.X(
                "xi:Q",
                scale=alt.Scale(type="log", base=2, domain=[0.25, 4]),
                axis=alt.Axis(title=title, values=[0.25, 0.5, 1, 2, 4], labelExpr=_quarter()),
            ),
            y=alt.Y("estimate:Q", scale=alt.Scale(zero=True, nice=True), axis=_axis(_people(language))),
        )
        one = alt.Chart(values(["at"], [[1.0]])).mark_rule(color=COLOURS["note"], strokeDash=[4, 3]).encode(x="at:Q")
        return sized(
            (
                one
                + lines.mark_line(color=COLOURS["accent"], strokeWidth=2.5)
                + lines.mark_point(filled=True, color=COLOURS["accent"], size=45, opacity=1)
            ),
            width - 75,
            200,
        )

    people = {round(point.value, 2): point.estimate for point in found.identifying}
    half, twice = people.get(0.5) or 0.0, people.get(2.0) or 0.0
    sentence = _t(
        language,
        f"Every model assumes ξ = 1, and no table can test it: with half as many hidden people it is "
        f"{rounded(half, 'en')} in all, with twice as many {rounded(twice, 'en')}.",
        f"Setiap model menganggap ξ = 1, dan tidak ada tabel yang dapat mengujinya: bila yang tersembunyi setengahnya, "
        f"seluruhnya {rounded(half, 'id')} orang; bila dua kali lipat, {rounded(twice, 'id')}.",
    )
    return Figure(
        "identifying",
        _t(language, "The assumption that no data can test", "Asumsi yang tidak dapat diuji data"),
        sentence,
        _source(found.table, language),
        ("ξ", _t(language, "People in all", "Orang seluruhnya")),
        tuple((_ratio(point.value, language), _count(point.estimate, language)) for point in found.identifying),
        draw,
        language,
    )


def trajectory(found: Sensitivity, language: Language = "en") -> Figure | None:
    """The estimate per person observed as people are added in random order; None when it never exists."""
    there = [step for step in found.steps if step.median is not None]
    if not there:
        return None
    rows = [
        [s.people, (s.median or 0) / s.people, (s.low or 0) / s.people, None if s.high is None else s.high / s.people]
        for s in there
    ]
    top = max(float(row[1] or 0) for row in rows) * 1.8
    data = values(["people", "median", "low", "high"], [[a, b, c, min(d or top, top)] for a, b, c, d in rows])

    def draw(width: int) -> Chart:
        base = alt.Chart(data).encode(
            x=alt.X("people:Q", axis=_axis(_t(language, "people observed", "orang teramati"), 4 if width < 500 else 6))
        )
        title = _t(language, "estimate per person observed", "perkiraan per orang teramati")
        y = alt.Y("low:Q", scale=alt.Scale(zero=False, domainMax=top), axis=alt.Axis(title=title, tickCount=5))
        band = base.mark_area(fill=COLOURS["accent-line"], stroke=None, opacity=0.5).encode(y=y, y2="high:Q")
        line = base.mark_line(color=COLOURS["accent"], strokeWidth=2.5).encode(y="median:Q")
        return sized((band + line), width - 65, 200)

    first, last = there[max(len(there) // 2 - 1, 0)], there[-1]
    half, full = ((s.median or 0) / s.people for s in (first, last))
    sentence = _t(
        language,
        f"With {number(first.people, 'en')} people the method says {_decimal(half, 'en')} for each one "
        f"observed, with all "
        f"{_decimal(full, 'en')}; a level line would say that the number of people no longer matters.",
        f"Dengan {number(first.people, 'id')} orang metode ini memberi {_decimal(half, 'id')} untuk "
        f"setiap orang teramati, "
        f"dengan semuanya {_decimal(full, 'id')}; garis mendatar berarti banyaknya orang tidak lagi berpengaruh.",
    )
    return Figure(
        "trajectory",
        _t(language, "As people are added", "Saat orang ditambahkan"),
        sentence,
        _source(found.table, language),
        (
            _t(language, "Observed", "Teramati"),
            _t(language, "Median estimate", "Perkiraan tengah"),
            _t(language, "Middle 80%", "80% di tengah"),
            _t(language, "Without estimate", "Tanpa perkiraan"),
        ),
        tuple(
            (
                number(s.people, language),
                _count(s.median, language),
                _between((s.low, s.high), language),
                percent(s.without_estimate, language),
            )
            for s in found.steps
        ),
        draw,
        language,
    )


def linkage(table: CaptureTable, found: WhatIf, language: Language = "en") -> Figure | None:
    """How far missed and false links would move the estimate; None without an estimate."""
    if found.estimate is None:
        return None
    rows = [
        [
            percent(c.missed, language),
            percent(c.false, language),
            c.ratio,
            "–" if c.ratio is None else _times(c.ratio, language),
        ]
        for c in found.cells
    ]
    data = values(["missed", "false", "ratio", "label"], rows)
    missed = list(dict.fromkeys(str(row[0]) for row in rows))
    false = list(dict.fromkeys(str(row[1]) for row in rows))

    def draw(width: int) -> Chart:
        base = alt.Chart(data).encode(
            x=alt.X(
                "missed:N",
                sort=missed,
                axis=alt.Axis(
                    title=_t(language, "links missed", "tautan terlewat"), labelAngle=0, domain=False, ticks=False
                ),
            ),
            y=alt.Y(
                "false:N",
                sort=false,
                axis=alt.Axis(title=_t(language, "false links", "tautan salah"), domain=False, ticks=False),
            ),
        )
        cells = base.mark_rect(stroke=COLOURS["line"], fill="none", strokeWidth=1)
        return sized((cells + base.mark_text(fontSize=13).encode(text="label:N")), width - 75, 170)

    lost = next((c.ratio for c in found.cells if c.missed == 0.1 and c.false == 0.0), None)
    wrong = next((c.ratio for c in found.cells if c.missed == 0.0 and c.false == 0.02), None)
    sentence = _t(
        language,
        "If one link in ten were missed the estimate would be multiplied by "
        f"{_ratio_word(lost, 'en')}; if two couples of strangers in a hundred were joined, by "
        f"{_ratio_word(wrong, 'en')}.",
        "Bila satu dari sepuluh tautan terlewat, perkiraan menjadi "
        f"{_ratio_word(lost, 'id')} kali; bila dua dari seratus pasangan orang asing tergabung, "
        f"{_ratio_word(wrong, 'id')} "
        "kali.",
    )
    head = _t(language, "False links \\ missed", "Tautan salah \\ terlewat")
    by_false = {name: [str(row[3]) for row in rows if row[1] == name] for name in false}
    return Figure(
        "linkage",
        _t(language, "If people were matched wrongly", "Bila pencocokan orang keliru"),
        sentence,
        _source(table, language),
        (head, *missed),
        tuple((name, *cells) for name, cells in by_false.items()),
        draw,
        language,
    )


def _times(ratio: float, language: Language) -> str:
    text = f"×{ratio:.2f}"
    return text.replace(".", ",") if language == "id" else text


def _ratio_word(ratio: float | None, language: Language) -> str:
    return "–" if ratio is None else _times(ratio, language).removeprefix("×")
