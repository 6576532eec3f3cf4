"""Bootstrap samples of a capture table, spread evenly so that the limits hardly depend on the seed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import gcd, pi

import numpy as np
from numpy.typing import NDArray

from naungan.methods.prevalence import lattice

__all__ = ["even_samples", "resample"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_MOST_EVEN = 20  # patterns that are drawn evenly; the others follow by plain chance
_MOST_PEOPLE = 250  # with such a pattern; larger ones vary little for their size
_SAMPLES_A_PATTERN = 10  # fewer points cannot be even in one more direction
_CANDIDATES = 32
_GOLDEN = 0.6180339887498949


def resample(counts: Ints, replicates: int, rng: np.random.Generator) -> Floats:
    """
    Multinomial samples of as many people as the table has.

    Args:
        counts: Shape (2**t,), people.
        replicates: B.
        rng: Source of random numbers.

    Returns:
        Floats: shape (B, 2**t), people.

    Source:
        Efron (1979), Ann. Statist. 7, 1-26.
    """
    there = np.flatnonzero(counts)
    people = int(counts.sum())
    drawn = np.zeros((replicates, len(counts)))
    drawn[:, there] = rng.multinomial(people, counts[there] / people, size=replicates)
    return drawn


def even_samples(counts: Ints, replicates: int, rng: np.random.Generator, *, at_a_time: int) -> Iterator[Floats]:
    """
    As `resample`, but the samples lie evenly: together they follow the multinomial more closely than by plain chance.

    Each sample for itself is exactly multinomial. The patterns of several lists, which decide about the model, are
    drawn one after another given those before, by inverting their binomial distributions at the points of a randomly
    shifted lattice; the rest is drawn by plain chance. The samples come in random order.

    Args:
        counts: Shape (2**t,), people.
        replicates: B.
        rng: Source of random numbers.
        at_a_time: Samples in one array; the digits do not depend on it.

    Yields:
        Floats: shape (at most at_a_time, 2**t), people.

    Source:
        Do and Hall (1991), Stat. Comput. 1, 13-22, for the bootstrap; Korobov (1959), Dokl. Akad. Nauk SSSR 124,
        1207-1210, for the lattice; Cranley and Patterson (1976), SIAM J. Numer. Anal. 13, 904-914, for the shift.
    """
    there = np.flatnonzero(counts)
    alone = lattice.sizes(len(counts).bit_length() - 1)[there] == 1
    ordered = there[np.lexsort((-counts[there], alone))]
    most = min(_MOST_EVEN, replicates // _SAMPLES_A_PATTERN)
    evenly = ordered[counts[ordered] <= _MOST_PEOPLE][:most]
    rest = np.setdiff1d(there, evenly)
    steps, shift = _steps(replicates, len(evenly)), rng.random(len(evenly))
    order = rng.permutation(replicates)
    for at in range(0, replicates, at_a_time):
        points = (order[at : at + at_a_time, None] * steps % replicates / replicates + shift) % 1.0
        drawn = np.zeros((len(points), len(counts)))
        people = int(counts.sum())
        left = np.full(len(points), people)
        for pattern, point in zip(evenly, points.T, strict=True):
            share = counts[pattern] / people
            drawn[:, pattern] = (
                left - _binomial(1.0 - point, left, 1.0 - share) if share > 0.5 else _binomial(point, left, share)
            )
            people -= int(counts[pattern])
            left = left - drawn[:, pattern].astype(np.int64)
        if len(rest):
            drawn[:, rest] = rng.multinomial(left, counts[rest] / people)
        yield drawn


@lru_cache(maxsize=64)
def _steps(points: int, dimensions: int) -> Ints:
    """
    By how many points of the lattice each coordinate moves from one point to the next: powers of one multiplier.

    Of a few multipliers the one is taken whose points integrate smooth periodic functions best, the first coordinates
    counting most (the criterion P2 with product weights 1/j).
    """
    half = np.arange(1, points // 2 + 1)
    tried = [int(points * (at * _GOLDEN % 1.0)) for at in range(1, 20 * _CANDIDATES)]
    multipliers = [each for each in dict.fromkeys(tried) if gcd(each, points) == 1][:_CANDIDATES] or [1]
    found: list[tuple[float, list[int]]] = []
    for multiplier in multipliers:
        steps = [pow(multiplier, power, points) for power in range(dimensions)]
        product = np.ones(len(half))
        for at, step in enumerate(steps, start=1):
            place = half * step % points / points
            product *= 1.0 + 2.0 * pi**2 / at * (place * place - place + 1.0 / 6.0)
        found.append((float(product.sum()), steps))
    return np.array(min(found)[1], dtype=np.int64)


def _binomial(points: Floats, people: Ints, share: float) -> Ints:
    """For each point the quantile of the binomial distribution of so many people and this share, at most one half."""
    fewest = int(people.min())
    sizes = np.arange(fewest, int(people.max()) + 1)
    largest = float(sizes[-1] * share)
    successes = np.arange(1, int(largest + 10.0 * largest**0.5 + 25.0))
    below = np.empty((len(sizes), len(successes) + 1))
    below[:, 0] = np.exp(sizes * np.log1p(-share))
    below[:, 1:] = np.maximum(sizes[:, None] - successes + 1.0, 0.0) / successes * (share / (1.0 - share))
    np.cumprod(below, axis=1, out=below)
    np.cumsum(below, axis=1, out=below)
    np.minimum(below, 1.0, out=below)
    below[:, -1] = 1.0
    below += np.arange(len(sizes))[:, None]
    row = people - fewest
    found: Ints = np.searchsorted(below.reshape(-1), points + row, side="right") - row * below.shape[1]
    return np.minimum(found, people)
