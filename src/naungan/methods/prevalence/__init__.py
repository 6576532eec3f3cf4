"""How many are never seen: multiple systems estimation, with its limits and its refusals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naungan.methods.prevalence.coverage import simulate
    from naungan.methods.prevalence.errors import PrevalenceError
    from naungan.methods.prevalence.estimate import METHODS, Options, estimate_population
    from naungan.methods.prevalence.results import Bootstrap, Estimate, Reason
    from naungan.methods.prevalence.search import models_within
    from naungan.methods.prevalence.sensitivity import examine
    from naungan.methods.prevalence.tables import (
        CaptureTable,
        Overlaps,
        from_draws,
        from_records,
        read_csv,
        read_records,
        read_strata,
    )
    from naungan.methods.prevalence.verdict import judge

__all__ = [
    "METHODS",
    "Bootstrap",
    "CaptureTable",
    "Estimate",
    "Options",
    "Overlaps",
    "PrevalenceError",
    "Reason",
    "estimate_population",
    "examine",
    "from_draws",
    "from_records",
    "judge",
    "models_within",
    "read_csv",
    "read_records",
    "read_strata",
    "simulate",
]

_HOMES = {
    "coverage": ("simulate",),
    "estimate": ("METHODS", "Options", "estimate_population"),
    "search": ("models_within",),
    "sensitivity": ("examine",),
    "verdict": ("judge",),
    "errors": ("PrevalenceError",),
    "results": ("Bootstrap", "Estimate", "Reason"),
    "tables": ("CaptureTable", "Overlaps", "from_draws", "from_records", "read_csv", "read_records", "read_strata"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """A public name, from its module, when it is first asked for."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
