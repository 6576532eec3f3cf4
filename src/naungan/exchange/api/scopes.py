"""What a token may be allowed: each scope, its words, and the permissions it opens of the integration's role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from naungan.access.policy import Permission


class Scope(StrEnum):
    """One thing that a program is let to do."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    IDENTITY_READ = "identity:read"
    IDENTITY_WRITE = "identity:write"
    IMPORTS = "imports"
    EXPORTS = "exports"


SCOPE_WORDS: Mapping[Scope, Promise] = {
    Scope.CASES_READ: _("Read cases, without what tells who somebody is"),
    Scope.CASES_WRITE: _("Open and change cases, add notes, move them along"),
    Scope.IDENTITY_READ: _("Read who somebody is, with a reason each time"),
    Scope.IDENTITY_WRITE: _("Write who somebody is"),
    Scope.IMPORTS: _("Send files to be imported"),
    Scope.EXPORTS: _("Export cases"),
}

_P = Permission
_OPENS: Mapping[Scope, frozenset[Permission]] = {
    Scope.CASES_READ: frozenset({_P.CASE_LIST, _P.CASE_READ}),
    Scope.CASES_WRITE: frozenset({_P.CASE_LIST, _P.CASE_OPEN, _P.CASE_WRITE, _P.CASE_MOVE}),
    Scope.IDENTITY_READ: frozenset({_P.CASE_LIST, _P.IDENTITY_REVEAL}),
    Scope.IDENTITY_WRITE: frozenset({_P.CASE_LIST, _P.IDENTITY_REVEAL}),
    Scope.IMPORTS: frozenset({_P.IMPORT}),
    Scope.EXPORTS: frozenset({_P.CASE_LIST, _P.EXPORT}),
}


def limits_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """The permissions that the scopes leave of the role; identities leave in an export only with both scopes."""
    held = {Scope(scope) for scope in scopes}
    found = frozenset().union(*(_OPENS[scope] for scope in held))
    return found | {_P.EXPORT_IDENTITY} if {Scope.EXPORTS, Scope.IDENTITY_READ} <= held else found
