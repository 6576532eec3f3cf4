"""
Invented people for the benchmark of private release: a Bayesian network shaped like counter-trafficking open data.

Twenty columns as in the field's synthetic data (year, gender, age band, citizenship, country, recruiter, duration and
thirteen flags that are 1 or blank), with rules that always hold, and a few strong and many weak dependences.
Nobody in it exists.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

YEARS = tuple(str(year) for year in range(2004, 2024))
GENDERS = ("Woman", "Man", "Transgender/Other")
AGES = ("0--8", "9--17", "18--20", "21--23", "24--26", "27--29", "30--38", "39--47", "48+")
FLAGS = (
    "meansDebtBondage", "meansThreats", "meansAbuse", "meansFalsePromises", "meansRestrictsMovement", "meansDocuments",
    "isForcedLabour", "isSexualExploit", "isOtherExploit", "labourAgriculture", "labourConstruction", "labourDomestic",
    "sexProstitution",
)  # fmt: skip
RECRUITERS = ("family", "partner", "friend", "acquaintance", "agency", "stranger")
MONTHS = ("0--3", "4--12", "13--24", "25+")
NAMES = ("year", "gender", "age", "citizenship", "country", "recruiter", "monthsExploited", *FLAGS)
PLACES = 90
SIZES = (len(YEARS) + 1, len(GENDERS) + 1, len(AGES) + 1, PLACES + 1, PLACES + 1, 7, 5, *([2] * len(FLAGS)))
# (if this flag is filled, that one is filled): what a logic rule of the schema says.
RULES = tuple(
    (part, whole)
    for part, whole in (
        ("labourAgriculture", "isForcedLabour"),
        ("labourConstruction", "isForcedLabour"),
        ("labourDomestic", "isForcedLabour"),
        ("sexProstitution", "isSexualExploit"),
    )
)
_KINDS = 7


def people(rows: int, *, seed: int, world: int = 7) -> Codes:
    """
    Draw invented people.

    Args:
        rows: How many.
        seed: Of the people; two seeds give two independent draws from one population.
        world: Of the population: the tables of the network.

    Returns:
        Codes of shape (rows, 20); 0 is blank, value v of a column is v - 1 in its list.
    """
    tables = np.random.default_rng(world)
    draw = np.random.default_rng(seed)
    kinds = _pick(draw, np.tile(tables.dirichlet(np.full(_KINDS, 4.0)), (rows, 1)))
    out = np.zeros((rows, len(NAMES)), dtype=np.int64)
    out[:, 0] = _pick(draw, _rows(tables, _KINDS, len(YEARS), 0.8, blank=0.0)[kinds])
    out[:, 1] = _pick(draw, _rows(tables, _KINDS, len(GENDERS), 0.5, blank=0.02)[kinds])
    out[:, 2] = _pick(draw, _rows(tables, (_KINDS, 4), len(AGES), 0.7, blank=0.25)[kinds, out[:, 1]])
    out[:, 3] = _pick(draw, _places(tables, (_KINDS,))[kinds])
    home = _places(tables, (PLACES + 1,))
    out[:, 4] = _pick(draw, home[out[:, 3]])
    same = draw.random(rows) < tables.uniform(0.1, 0.5, _KINDS)[kinds]
    out[same, 4] = out[same, 3]
    _flags(tables, draw, out, kinds)
    return out


def _flags(tables: np.random.Generator, draw: np.random.Generator, out: Codes, kinds: Codes) -> None:
    """Fill the rest: exploitation by kind and gender, labour by country, means by exploitation and year."""
    rows = len(out)
    at = {name: number for number, name in enumerate(NAMES)}
    eras = out[:, 0] // 6
    for name in ("isForcedLabour", "isSexualExploit", "isOtherExploit"):
        chance = tables.beta(0.4, 0.6 if name != "isOtherExploit" else 6, (_KINDS, 4))
        out[:, at[name]] = draw.random(rows) < chance[kinds, out[:, 1]]
    labour, sexual = out[:, at["isForcedLabour"]], out[:, at["isSexualExploit"]]
    for name in ("labourAgriculture", "labourConstruction", "labourDomestic"):
        chance = tables.beta(0.4, 1.6, (PLACES + 1, 4))
        out[:, at[name]] = (draw.random(rows) < chance[out[:, 4], out[:, 1]]) & (labour == 1)
    chance = tables.beta(2, 1.5, (_KINDS,))
    out[:, at["sexProstitution"]] = (draw.random(rows) < chance[kinds]) & (sexual == 1)
    for name in FLAGS[:6]:
        chance = tables.beta(0.45, 1.0, (2, 2, 4, _KINDS))
        out[:, at[name]] = draw.random(rows) < chance[labour, sexual, eras, kinds]
    recruiter = _rows(tables, (len(AGES) + 1, 4), len(RECRUITERS), 0.8, blank=0.4)
    out[:, at["recruiter"]] = _pick(draw, recruiter[out[:, 2], eras])
    months = _rows(tables, (2, 2, _KINDS), len(MONTHS), 0.8, blank=0.5)
    out[:, at["monthsExploited"]] = _pick(draw, months[labour, sexual, kinds])


def _rows(
    tables: np.random.Generator, shape: int | tuple[int, ...], values: int, evenness: float, *, blank: float
) -> NDArray[np.float64]:
    leading = (shape,) if isinstance(shape, int) else shape
    filled = tables.dirichlet(np.full(values, evenness), leading)
    return np.concatenate([np.full((*leading, 1), blank), filled * (1 - blank)], axis=-1)


def _places(tables: np.random.Generator, leading: tuple[int, ...]) -> NDArray[np.float64]:
    popularity = 1.0 / np.arange(1, PLACES + 1) ** 0.9
    sharp = np.stack([tables.dirichlet(popularity / popularity.sum() * 3) for _ in range(int(np.prod(leading)))])
    blank = tables.uniform(0.02, 0.1, (*leading, 1))
    return np.concatenate([blank, sharp.reshape(*leading, PLACES) * (1 - blank)], axis=-1)


def _pick(draw: np.random.Generator, chances: NDArray[np.float64]) -> Codes:
    edges = np.cumsum(chances, axis=1)
    edges /= edges[:, -1:]
    return np.asarray((draw.random((len(chances), 1)) > edges).sum(axis=1), dtype=np.int64)
