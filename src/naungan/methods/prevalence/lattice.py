"""Sums over subsets and supersets of bitmasks, for many tables at a time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["hierarchy", "maximal", "pair_masks", "signs", "sizes", "subset_matrix", "subset_sums", "superset_sums"]

Floats = NDArray[np.float64]

_LOW_BITS = 4
_SINGLE_THREADED = 2**18  # multiplications up to which OpenBLAS stays in one thread
_DENSE_BITS = 6  # up to 64 cells one matrix product is faster than t additions of half arrays


@cache
def subset_matrix(bits: int) -> Floats:
    """Shape (2**bits, 2**bits): entry [m, w] is 1 where m is a subset of w, else 0."""
    masks = np.arange(2**bits)
    matrix: Floats = ((masks[:, None] & masks[None, :]) == masks[:, None]).astype(np.float64)
    matrix.flags.writeable = False
    return matrix


@cache
def sizes(bits: int) -> NDArray[np.int64]:
    """Shape (2**bits,): how many lists each mask has."""
    counted = np.array([mask.bit_count() for mask in range(2**bits)], dtype=np.int64)
    counted.flags.writeable = False
    return counted


@cache
def signs(bits: int) -> Floats:
    """Shape (2**bits,): 1 for masks with an even number of lists, -1 for odd ones."""
    found = np.where(sizes(bits) % 2 == 0, 1.0, -1.0)
    found.flags.writeable = False
    return found


@cache
def pair_masks(bits: int) -> NDArray[np.int64]:
    """Shape (t(t-1)/2,): the masks of two lists, in ascending order of (second, first) list."""
    found = np.array([1 << low | 1 << high for high in range(bits) for low in range(high)], dtype=np.int64)
    found.flags.writeable = False
    return found


def subset_sums(values: Floats) -> Floats:
    """
    For each mask the sum of the values of its subsets.

    Args:
        values: Shape (R, 2**t), any real numbers by bitmask.

    Returns:
        Floats: shape (R, 2**t), a new array.

    Source:
        Yates (1937), The Design and Analysis of Factorial Experiments.

    >>> subset_sums(np.array([[1.0, 2.0, 3.0, 4.0]]))
    array([[ 1.,  3.,  4., 10.]])
    """
    return _sums(values, into=1)


def superset_sums(values: Floats) -> Floats:
    """
    For each mask the sum of the values of its supersets.

    Args:
        values: Shape (R, 2**t), any real numbers by bitmask.

    Returns:
        Floats: shape (R, 2**t), a new array.

    Source:
        Yates (1937), The Design and Analysis of Factorial Experiments.

    >>> superset_sums(np.array([[1.0, 2.0, 3.0, 4.0]]))
    array([[10.,  6.,  7.,  4.]])
    """
    return _sums(values, into=0)


def _sums(values: Floats, *, into: int) -> Floats:
    """The sums over subsets (`into` 1: of each bit, the half without is added to the half with) or supersets (0)."""
    bits = values.shape[-1].bit_length() - 1
    low = subset_matrix(bits if bits <= _DENSE_BITS else _LOW_BITS)
    low = low if into else low.T
    if bits <= _DENSE_BITS:
        return _product(values, low)
    sums = _product(values.reshape(-1, 2**_LOW_BITS), low).reshape(values.shape)
    for bit in range(_LOW_BITS, bits):
        halves = sums.reshape(-1, 2, 1 << bit)
        halves[:, into] += halves[:, 1 - into]
    return sums


def _product(values: Floats, matrix: Floats) -> Floats:
    """values @ matrix in blocks too small for OpenBLAS to start threads, which would only wait for each other."""
    block = max(1, _SINGLE_THREADED // matrix.size)
    rows = len(values)
    if rows <= block or values.ndim != 2:
        whole: Floats = values @ matrix
        return whole
    product = np.empty((rows, matrix.shape[1]))
    for at in range(0, rows, block):
        np.matmul(values[at : at + block], matrix, out=product[at : at + block])
    return product


def hierarchy(terms: frozenset[int] | tuple[int, ...], bits: int) -> tuple[int, ...]:
    """
    A model closed under subsets: the empty term, every single list, and all subsets of the terms, ascending.

    Args:
        terms: Masks of the wanted interactions.
        bits: Number of lists.
    """
    closed = {0, *(1 << bit for bit in range(bits))}
    for term in terms:
        part = term
        while part:
            closed.add(part)
            part = (part - 1) & term
    return tuple(sorted(closed))


def maximal(terms: tuple[int, ...]) -> tuple[int, ...]:
    """The terms of two or more lists that lie in no larger term of the same model, by size and mask."""
    wide = [term for term in terms if term.bit_count() >= 2]
    return tuple(
        sorted(
            (term for term in wide if not any(term != other and term & other == term for other in wide)),
            key=lambda term: (term.bit_count(), term),
        )
    )
