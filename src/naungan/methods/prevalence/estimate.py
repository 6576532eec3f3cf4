"""The one entry: a table and a method in, an estimate with all that must travel with it out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from naungan.methods.prevalence import bootstrap, chao, existence, lattice, limits, search, selection
from naungan.methods.prevalence.errors import PrevalenceError
from naungan.methods.prevalence.loglinear import DRAW_TOLERANCE, POINT_TOLERANCE
from naungan.methods.prevalence.results import Estimate, Limits, Reason
from naungan.methods.prevalence.selection import Chooser
from naungan.methods.prevalence.tables import CaptureTable

__all__ = [
    "DEFAULT_INTERVAL",
    "METHODS",
    "Options",
    "check_level",
    "chooser_of",
    "estimate",
    "estimate_population",
    "unused",
    "usable",
]

Advance = Callable[[int, int], None]
Settings = Mapping[str, str | int | float | bool | None]

METHODS = ("stepwise", "bic", "aic", "chao", "graphs", "latent-class", "thresholding", "two-list", "fixed")
LOG_LINEAR = ("stepwise", "bic", "aic", "fixed")
# Percentile limits hold the truth nearest to as often as promised on the tables tried (reference page, Limits).
DEFAULT_INTERVAL = "percentile"
LEAST_LEVEL, MOST_LEVEL = 0.01, 0.999  # beyond 0.999 fewer than ten of 20,000 replicates lie outside on each side
# Which methods take an option; those that are not here go with every method.
TAKEN_BY: Mapping[str, tuple[str, ...]] = {
    "max-order": ("bic", "aic", "thresholding"),
    "interval": LOG_LINEAR,
    "threshold": ("stepwise", "thresholding"),
    "bootstrap": LOG_LINEAR,
}
DEFAULT_REPLICATES = {"stepwise": 20_000, "fixed": 20_000, "bic": 1_000, "aic": 1_000}
_MOST_REPLICATES = 1_000_000
_LARGEST_ESTIMATE = 1e10  # more people than live
_CONTAINED_FROM = 5  # a list of fewer people lies within another easily by chance
_SEEDED_MODELS = 5
_QUICK_SEARCH = 5  # lists
_MOST_LISTS_OF_SEEDS = 6


@dataclass(frozen=True)
class Options:
    """
    What a log-linear estimate depends on besides the table.

    Attributes:
        method: stepwise, bic, aic or fixed.
        threshold: Stepwise: probability below which an overlap counts as unlikely, in [0, 1).
        max_order: AIC and BIC: most lists in one term.
        terms: Fixed: masks of the interactions.
        interval: percentile, bca or calibrated.
        replicates: Bootstrap samples; 0 leaves only limits that take the model as given.
        n_top: AIC and BIC: in replicates choose only among so many best models of the table; None for all.
        level: Nominal level of the limits; those at 0.8 stand beside.
        seed: Of the random numbers.
    """

    method: str = "stepwise"
    threshold: float = 0.02
    max_order: int = 2
    terms: tuple[int, ...] = ()
    interval: str = DEFAULT_INTERVAL
    replicates: int = 20_000
    n_top: int | None = None
    level: float = 0.95
    seed: int = 1

    @property
    def levels(self) -> tuple[float, ...]:
        """The wanted level and 0.8, larger first."""
        return tuple(sorted({self.level, 0.8}, reverse=True))

    def settings(self) -> Settings:
        """Every setting that changes the digits."""
        found: dict[str, str | int | float | bool | None] = {
            "interval": self.interval,
            "bootstrap": self.replicates,
            "level": self.level,
        }
        if self.method == "stepwise":
            found["threshold"] = self.threshold
        if self.method in ("bic", "aic"):
            found |= {"max_order": self.max_order, "n_top": self.n_top, "n_of_bic": "people"}
        return found


def estimate(
    table: CaptureTable,
    *,
    method: str = "stepwise",
    max_order: int | None = None,
    terms: Sequence[Sequence[str]] = (),
    interval: str = DEFAULT_INTERVAL,
    threshold: float | None = None,
    replicates: int | None = None,
    n_top: int | None = None,
    level: float = 0.95,
    seed: int = 1,
    advance: Advance | None = None,
) -> Estimate:
    """
    Estimate a whole population from lists that overlap.

    Args:
        table: The counts.
        method: One of `METHODS`.
        max_order: Most lists in one term (bic, aic, thresholding); 2 when left out.
        terms: For `fixed`, the interactions by list names; smaller ones within them are added.
        interval: percentile, bca or calibrated.
        threshold: For `stepwise`, the probability below which an overlap counts as unlikely (0.02); for
            `thresholding`, the ratio from which an interaction is kept (2).
        replicates: Bootstrap samples; when left out 20,000 for stepwise and fixed, 1,000 for bic and aic.
        n_top: For bic and aic, choose in replicates only among so many best models of the table.
        level: Nominal level, 0.01 to 0.999; limits at 0.8 stand beside.
        seed: Of the random numbers.
        advance: Called with what is done and what is wanted.

    Returns:
        Estimate: people in all with limits; or none, with status and reasons. Not safe to publish before disclosure
            checks, and never without its limits.

    Raises:
        PrevalenceError: an option is out of range or does not go with the method or the table.

    Source:
        See each method's module; section 4 of the reference page.
    """
    _check(method, interval, level, replicates, max_order)
    if terms and method != "fixed":
        raise PrevalenceError("terms-not-fixed", {"method": method}, field="terms")
    refusal = usable(table, method)
    if refusal is not None:
        return refusal
    warnings = _warnings(table)
    used = table.without(*table.empty_lists) if table.empty_lists else table
    if method not in LOG_LINEAR:
        found = _other(used, method, max_order=max_order, threshold=threshold, level=level, seed=seed, advance=advance)
    else:
        options = Options(
            method=method,
            threshold=_threshold(threshold),
            max_order=_order(used, method, max_order),
            terms=_masks(table, used, method, terms),
            interval=interval,
            replicates=DEFAULT_REPLICATES[method] if replicates is None else replicates,
            n_top=n_top,
            level=level,
            seed=seed,
        )
        found = _log_linear(used, options, advance)
        if method == "fixed":
            found = replace(found, settings={**found.settings, "terms": ",".join(":".join(term) for term in terms)})
    found = replace(found, lists=table.lists, table_hash=table.hash)
    return found.because(*warnings)


# Under this name in the package, where `estimate` is the module.
estimate_population = estimate


def usable(table: CaptureTable, method: str) -> Estimate | None:
    """
    Whether a method may be tried on a table at all.

    Args:
        table: The counts.
        method: One of `METHODS`.

    Returns:
        Estimate | None: a refusal with its reason, or None.

    Source:
        Bishop, Fienberg and Holland (1975), Discrete Multivariate Analysis, ch. 6, for two lists.
    """
    lists = table.t - len(table.empty_lists)
    if lists < 2:
        return Estimate.none(table, method, "refused", Reason("one-list-with-people"))
    if table.overlaps.two_or_more == 0:
        return Estimate.none(table, method, "refused", Reason("no-overlap"))
    for inner, outer in table.contained:
        if table.on_all[table.mask_of([inner])] >= _CONTAINED_FROM:
            return Estimate.none(table, method, "refused", Reason("list-contained", {"inner": inner, "outer": outer}))
    if lists == 2 and method != "two-list":
        return Estimate.none(table, method, "refused", Reason("two-lists-refused"))
    return None


def _warnings(table: CaptureTable) -> tuple[Reason, ...]:
    found = [Reason("list-empty", {"name": name}) for name in table.empty_lists]
    found += [Reason("list-contained-small", {"inner": inner, "outer": outer}) for inner, outer in table.contained]
    alone = [
        name
        for bit, name in enumerate(table.lists)
        if table.on_all[1 << bit] and table.on_all[1 << bit] == table.counts[1 << bit]
    ]
    return (*found, *(Reason("list-never-overlaps", {"name": name}) for name in alone))


def _check(method: str, interval: str, level: float, replicates: int | None, max_order: int | None) -> None:
    if method not in METHODS:
        raise PrevalenceError("method-unknown", {"method": method, "known": ", ".join(METHODS)}, field="method")
    rules = (
        (interval in bootstrap.INTERVALS, "interval", ", ".join(bootstrap.INTERVALS)),
        (replicates is None or 0 <= replicates <= _MOST_REPLICATES, "bootstrap", f"0 .. {_MOST_REPLICATES}"),
        (max_order is None or max_order >= 2, "max-order", ">= 2"),
    )
    for holds, option, rule in rules:
        if not holds:
            raise PrevalenceError("option-range", {"option": option, "rule": rule}, field=option)
    check_level(level)


def check_level(level: float) -> None:
    """
    Refuse a nominal level that replicates cannot tell from nothing or from certainty.

    Raises:
        PrevalenceError: it is not from 0.01 to 0.999.
    """
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise PrevalenceError(
            "option-range", {"option": "level", "rule": f"{LEAST_LEVEL} .. {MOST_LEVEL}"}, field="level"
        )


def unused(method: str, options: Sequence[str]) -> list[PrevalenceError]:
    """
    What to tell whoever gave options that the method does not read: each is named, with the methods that it goes with.

    They do no harm, and a program may give the same to every method; so the estimate goes on.

    Args:
        method: One of `METHODS`.
        options: Names of the options that somebody gave, as on the command line, without `--`.
    """
    return [
        PrevalenceError(
            "option-unused",
            {"method": method, "option": option, "methods": ", ".join(TAKEN_BY[option])},
            field=option,
        )
        for option in options
        if method not in TAKEN_BY.get(option, METHODS)
    ]


def _threshold(threshold: float | None) -> float:
    chosen = 0.02 if threshold is None else threshold
    if not 0.0 <= chosen < 1.0:
        raise PrevalenceError("option-range", {"option": "threshold", "rule": "0 <= p < 1"}, field="threshold")
    return chosen


def _order(table: CaptureTable, method: str, max_order: int | None) -> int:
    if method in ("bic", "aic"):
        return search.check_size(table.t, max_order or 2)
    if method == "stepwise" and max_order not in (None, 2):
        raise PrevalenceError("option-range", {"option": "max-order", "rule": "2 (stepwise)"}, field="max-order")
    return max_order or table.t - 1


def _masks(table: CaptureTable, used: CaptureTable, method: str, terms: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Masks over the lists that somebody is on; what a term says of an empty list is at minus infinity anyway."""
    if method != "fixed":
        return ()
    found = []
    for term in terms:
        if table.mask_of(term).bit_count() < 2:
            raise PrevalenceError("term-too-short", {"term": ":".join(term)}, field="terms")
        mask = used.mask_of(name for name in term if name in used.lists)
        if mask.bit_count() == used.t:
            raise PrevalenceError("term-all-lists", {"term": ":".join(term)}, field="terms")
        if mask.bit_count() >= 2:
            found.append(mask)
    return tuple(found)


def chooser_of(table: CaptureTable, options: Options, *, tolerance: float | None = None) -> Chooser:
    """
    The choice of model that the options describe.

    Args:
        table: The counts; models near the best one for them are tried first in every replicate.
        options: Of a log-linear method.
        tolerance: Of the fits; that of replicates when left out.

    Returns:
        Chooser: from superset sums to chosen models.

    Source:
        As each choice in `selection` and `search`.
    """
    precision = DRAW_TOLERANCE if tolerance is None else tolerance
    if options.method == "fixed":
        return selection.fixed(lattice.hierarchy(options.terms, table.t), tolerance=precision)
    if options.method == "stepwise":
        return selection.stepwise(threshold=options.threshold, tolerance=precision)
    criterion: search.Criterion = "aic" if options.method == "aic" else "bic"
    seeds: tuple[tuple[int, ...], ...] = ()
    if tolerance is None:
        # Seeds only make the search faster; with many lists there can be millions near the best.
        within = 6.0 if table.t <= _MOST_LISTS_OF_SEEDS or options.n_top is not None else 0.0
        near = search.models_within(table, within, max_order=options.max_order, criterion=criterion)
        seeds = tuple(ranked.terms for ranked in near[: options.n_top or _SEEDED_MODELS])
    if tolerance is None and options.n_top is not None:
        return search.restricted(seeds, criterion=criterion)
    if tolerance is None:
        return search.exact(table.t, criterion=criterion, max_order=options.max_order, seeds=seeds)
    return search.exact(table.t, criterion=criterion, max_order=options.max_order, tolerance=tolerance)


def _log_linear(table: CaptureTable, options: Options, advance: Advance | None) -> Estimate:
    on_all = table.on_all[None].astype(np.float64)
    chosen = chooser_of(table, options, tolerance=POINT_TOLERANCE)(on_all)
    total = float(chosen.total[0])
    if math.isnan(total) or total > _LARGEST_ESTIMATE:
        return _none(table, options, int(chosen.code[0]))
    fit = limits.fit_model(table, chosen.model(0, table.t))
    other: dict[str, Limits] = {"log-normal-conditional": limits.log_normal(fit, table.observed, options.levels)}
    if options.method == "fixed" or options.replicates == 0:
        other["profile-conditional"] = limits.profile(table, fit.model, options.levels)[1]
    bounds = chao.bounds(table)
    found = Estimate(
        method=options.method,
        observed=table.observed,
        estimate=total,
        status="ok",
        limits=other["log-normal-conditional"],
        interval="log-normal-conditional",
        limits_other=other,
        model=tuple(table.names_of(mask) for mask in lattice.maximal(fit.model)),
        conditional_on_model=True,
        reasons=_about(table, fit, bounds),
        seed=options.seed if options.replicates else None,
        settings=options.settings(),
        scores={
            "aic": fit.aic,
            "bic": fit.bic,
            "log_likelihood": fit.log_likelihood,
            "parameters": len(fit.model),
            "standard_error_log_hidden": fit.standard_error,
            "chao_bias_corrected": bounds.bias_corrected,
            "chao_mh": bounds.mh,
            "chao_mth": bounds.mth,
        },
    )
    return _with_bootstrap(table, options, found, advance) if options.replicates else found


def _none(table: CaptureTable, options: Options, code: int) -> Estimate:
    reasons = []
    if code & existence.NO_ESTIMATE or code == existence.FINE:
        reasons.append(Reason("estimate-at-infinity"))
    if code & existence.NOT_IDENTIFIABLE:
        reasons.append(Reason("model-not-identifiable"))
    if table.overlaps.empty_pairs:
        missing = ", ".join(":".join(pair) for pair in table.overlaps.empty_pairs)
        reasons.append(Reason("overlaps-missing", {"pairs": missing}))
    return Estimate.none(
        table,
        options.method,
        "not-identifiable" if code == existence.NOT_IDENTIFIABLE else "no-estimate",
        *reasons,
        settings=options.settings(),
        seed=options.seed,
    )


def _about(table: CaptureTable, fit: limits.ModelFit, bounds: chao.ChaoBounds) -> tuple[Reason, ...]:
    found = []
    empty = [
        ":".join(table.names_of(term))
        for term, parameter in zip(fit.model, fit.parameters, strict=True)
        if term.bit_count() >= 2 and parameter == -np.inf
    ]
    if empty:
        found.append(Reason("terms-at-minus-infinity", {"terms": ", ".join(empty)}))
    if bounds.mth is not None and fit.total is not None and fit.total < 0.95 * bounds.mth:
        found.append(Reason("below-chao", {"bound": round(bounds.mth)}))
    return tuple(found)


def _with_bootstrap(table: CaptureTable, options: Options, found: Estimate, advance: Advance | None) -> Estimate:
    choose = chooser_of(table, options)
    draws = bootstrap.draw(
        table,
        choose,
        found.estimate or 0.0,
        replicates=options.replicates,
        seed=options.seed,
        at_a_time=_replicates_at_a_time(table, options),
        advance=advance,
    )
    kinds = {"percentile": bootstrap.percentile(draws, options.levels), "bca": bootstrap.bca(draws, options.levels)}
    if options.interval == "calibrated":
        kinds["calibrated"] = bootstrap.calibrated(
            table, choose, draws, options.levels, seed=options.seed, advance=advance
        )
    shown = kinds[options.interval]
    other = {kind: interval.limits for kind, interval in kinds.items() if kind != options.interval}
    conditional = options.method == "fixed" or options.n_top == 1
    low, high = shown.limits[options.level]
    total = found.estimate or 0.0
    outside = (low is not None and total < low) or (high is not None and total > high)
    return replace(
        found,
        limits=shown.limits,
        interval=options.interval,
        limits_other={**other, **found.limits_other},
        conditional_on_model=conditional,
        reasons=(*found.reasons, *shown.reasons, *((Reason("estimate-outside-limits"),) if outside else ())),
        bootstrap=bootstrap.summary(table, draws, shown),
        replicates=draws.totals,
    )


def _replicates_at_a_time(table: CaptureTable, options: Options) -> int:
    """So many that progress is heard of now and then: a search takes far longer than a stepwise choice."""
    if options.method not in ("bic", "aic"):
        return 4_000
    return 250 if table.t <= _QUICK_SEARCH else 25


def _other(
    table: CaptureTable,
    method: str,
    *,
    max_order: int | None,
    threshold: float | None,
    level: float,
    seed: int,
    advance: Advance | None,
) -> Estimate:
    """Methods that are not one log-linear model; each module is imported when it is asked for."""
    tell = None if advance is None else lambda share: advance(round(1000 * share), 1000)
    if method == "chao":
        return _chao(table, level)
    if method == "graphs":
        from naungan.methods.prevalence.graphs import average  # noqa: PLC0415

        return average(table, level=level)
    if method == "two-list":
        from naungan.methods.prevalence.two_lists import estimate_two_lists  # noqa: PLC0415

        return estimate_two_lists(table, level=level)
    if method == "latent-class":
        from naungan.methods.prevalence.latent_class import estimate_latent_class  # noqa: PLC0415

        return estimate_latent_class(table, seed=seed, level=level, progress=tell)
    from naungan.methods.prevalence.thresholding import estimate_thresholding  # noqa: PLC0415

    return estimate_thresholding(
        table,
        seed=seed,
        max_order=max_order or 2,
        threshold=2.0 if threshold is None else threshold,
        level=level,
        progress=tell,
    )


def _chao(table: CaptureTable, level: float) -> Estimate:
    """The bound for lists of different sizes; the others stand in the scores."""
    bounds = chao.bounds(table)
    shown = bounds.mth if bounds.mth is not None else bounds.bias_corrected
    return Estimate(
        method="chao",
        observed=table.observed,
        estimate=shown,
        status="ok",
        limits=dict.fromkeys(sorted({level, 0.8}, reverse=True), (None, None)),
        interval="none",
        reasons=(Reason("lower-bound"),),
        settings={"convention": "mth" if bounds.mth is not None else "bias-corrected", "level": level},
        scores={"bias_corrected": bounds.bias_corrected, "mh": bounds.mh, "mth": bounds.mth},
    )
