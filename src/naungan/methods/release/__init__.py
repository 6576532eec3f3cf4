"""
What may be told safely: private synthetic records, k-anonymous records, protected tables, and attacks on them.

Names are imported when they are used, so that asking for help loads no library. Their pages in the code say of each
output whether it is safe to publish.
"""

from __future__ import annotations

from importlib import import_module

_PUBLIC = {
    "accounting": ("epsilon_of_rho", "rho_of_budget"),
    "attack": (
        "attack_rare_combinations", "audit_mechanism", "canary_worlds", "plant_and_look", "plant_secrets", "publish",
        "reconstruct",
    ),
    "draft": ("draft_schema",),
    "errors": ("Refusal", "ReleaseError"),
    "folder": ("aggregates", "write_folder"),
    "kanon": ("anonymise",),
    "ledger": ("Ledger",),
    "reports": ("disclosure_report", "utility_report"),
    "schema": ("Schema", "confirm", "read_schema", "schema_of", "write_schema"),
    "synthesize": ("Order", "Synthesis", "plan_of", "read_earlier", "read_workload"),
    "tables": ("count_tables", "derivable", "noisy_tables", "read_spec", "round_tables", "suppress"),
}  # fmt: skip
_HOME = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = [*_HOME]  # noqa: PLE0604 - the names above, each a text


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(name)
