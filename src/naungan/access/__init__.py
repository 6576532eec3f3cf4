"""Who works here, what each may do, and the chain that records what was done."""

from naungan.access.errors import AccessError, Forbidden, NotFound, SecondFactorNeeded
from naungan.access.policy import Permission, Relation, Role

__all__ = [
    "AccessError",
    "Forbidden",
    "NotFound",
    "Permission",
    "Relation",
    "Role",
    "SecondFactorNeeded",
]
