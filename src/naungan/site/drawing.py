"""
Draws the commonest parts of a template quickly: values, conditions and loops.

Django looks each value up in general ways, with a hundred questions that are answered the same for nearly all of them.
Here the usual case is tried first: a name in the context, then keys of a dictionary or attributes of an object, text
or safe text at the end. Whatever is not usual is left to Django's own code, so that a page says the same either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Variable, VariableDoesNotExist, VariableNode
from django.template.defaulttags import ForNode, IfNode, URLNode
from django.template.smartif import TokenBase
from django.urls import get_resolver, get_script_prefix
from django.urls.converters import StringConverter
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString

Reader = Callable[[Context], Any]


def _nothing(_: Context) -> None:
    return None


def _invalid(context: Context) -> str:
    assert context.template is not None
    return context.template.engine.string_if_invalid


_needs_escaping = re.compile("[&<>\"']").search
_subscriptable: dict[type, bool] = {}
_MISSING, _UNUSUAL = object(), object()


def quickened(node: Node) -> Node:
    """The same node, drawn quickly where that is possible."""
    if type(node) is VariableNode:
        return _Value(node)
    if type(node) is IfNode:
        return _If(node)
    if type(node) is ForNode:
        return _For(node)
    if type(node) is URLNode and isinstance(node.view_name.var, str) and node.args and not node.kwargs:
        return _Address(node)
    return node


class Straight(NodeList):
    """A list of nodes drawn one after another, without the notes that only a debugging page shows."""

    def render(self, context: Context) -> SafeString:
        return SafeString("".join([node.render(context) for node in self]))


def reader(expression: FilterExpression, *, missing_is_none: bool = False) -> Reader:
    """What reads an expression from a context, as `expression.resolve` does."""

    def slowly(context: Context) -> Any:
        return expression.resolve(context, missing_is_none)

    known = expression.var
    if expression.filters:
        return slowly
    if isinstance(known, str):
        return lambda _: known
    if not isinstance(known, Variable) or known.lookups is None or known.translate:
        return slowly
    missing = _nothing if missing_is_none else _invalid
    return _looked_up(known.lookups[0], known.lookups[1:], slowly, missing)


def _looked_up(first: str, others: Sequence[str], slowly: Reader, missing: Reader) -> Reader:
    def read(context: Context) -> Any:
        for names in reversed(context.dicts):
            if first in names:
                found = names[first]
                break
        else:
            return slowly(context) if hasattr(context, first) else missing(context)
        if callable(found):
            return slowly(context)
        for name in others:
            found = _inside(found, name)
            if found is _MISSING:
                return missing(context)
            if found is _UNUSUAL or callable(found):
                return slowly(context)
        return found

    return read


def _inside(whole: Any, name: str) -> Any:
    """A key of a dictionary or an attribute of an object; a mark when there is none or Django must look."""
    kind = type(whole)
    if kind is dict:
        if name in whole:
            return whole[name]
        return _UNUSUAL if hasattr(dict, name) or name.isdecimal() else _MISSING
    try:
        general = _subscriptable[kind]
    except KeyError:
        general = _subscriptable[kind] = hasattr(kind, "__getitem__")
    return _UNUSUAL if general else getattr(whole, name, _UNUSUAL)


def escaped(text: str) -> str:
    """Text that is safe in a page; most has nothing to escape."""
    return escape(text) if _needs_escaping(text) else text


class _Value(VariableNode):
    def __init__(self, plain: VariableNode) -> None:
        super().__init__(plain.filter_expression)
        self.origin, self.token = plain.origin, plain.token
        self.read = reader(plain.filter_expression)

    def render(self, context: Context) -> str:
        if context.autoescape:
            value = self.read(context)
            kind = type(value)
            if kind is SafeString or (kind is str and not _needs_escaping(value)):
                return cast(str, value)
            if kind is str:
                return escape(value)
            if isinstance(value, Promise):  # words of the interface, that wait for a language
                text = str(value)
                return text if type(text) is SafeString else escaped(text)
        return super().render(context)


class _If(IfNode):
    def __init__(self, plain: IfNode) -> None:
        super().__init__(plain.conditions_nodelists)
        self.origin, self.token = plain.origin, plain.token
        self.branches = [
            (_condition(condition) if condition is not None else _always, nodes)
            for condition, nodes in plain.conditions_nodelists
        ]

    def render(self, context: Context) -> str:
        for holds, nodes in self.branches:
            try:
                held = holds(context)
            except VariableDoesNotExist:
                held = False
            if held:
                return nodes.render(context)
        return ""


class _Address(URLNode):
    """An address of ours: one pattern, whose places are filled with plain words; any other is Django's to make."""

    def __init__(self, plain: URLNode) -> None:
        super().__init__(plain.view_name, plain.args, plain.kwargs, plain.asvar)
        self.origin, self.token = plain.origin, plain.token
        self.name = str(plain.view_name.var)
        self.reads = [reader(argument) for argument in plain.args]

    def render(self, context: Context) -> str:
        known = _pattern_of(self.name, len(self.reads))
        values = [read(context) for read in self.reads]
        if known is None or get_script_prefix() != "/":
            return super().render(context)
        form, fits = known
        address = form % tuple(values)
        if any(value is None or value == "" for value in values) or not fits(address) or not _is_plain(address):
            return super().render(context)
        if self.asvar:
            context[self.asvar] = address
            return ""
        return address


@lru_cache(maxsize=1000)
def _pattern_of(name: str, places: int) -> tuple[str, Callable[[str], object]] | None:
    """Where the values go in the one address of a name, and what tells whether it is one; None when it is not so."""
    found = get_resolver().reverse_dict.getlist(name)
    if len(found) != 1 or len(found[0][0]) != 1:
        return None
    ((form, params),), pattern, defaults, converters = found[0]
    if len(params) != places or defaults or any(type(one).to_url is not _TO_TEXT for one in converters.values()):
        return None
    return "/" + re.sub(r"%\(\w+\)s", "%s", form), re.compile(f"^/{pattern}").search


_is_plain = re.compile(r"[A-Za-z0-9/_.-]+").fullmatch
_TO_TEXT = StringConverter.to_url


def _always(_: Context) -> bool:
    return True


def _condition(token: TokenBase) -> Reader:
    """What tells whether a condition holds; a part that fails is false, as in every template."""
    if token.id == "literal":
        return reader(token.value, missing_is_none=True)
    if token.id == "not":
        return _failing_is_false(_not(_condition(token.first)))
    if token.id in _JOINED:
        return _failing_is_false(_JOINED[token.id](_condition(token.first), _condition(token.second)))
    told: Reader = token.eval  # type: ignore[attr-defined]  # every token of a condition has it
    return told


def _not(one: Reader) -> Reader:
    return lambda context: not one(context)


_JOINED: dict[str, Callable[[Reader, Reader], Reader]] = {
    "and": lambda one, other: lambda context: one(context) and other(context),
    "or": lambda one, other: lambda context: one(context) or other(context),
    "==": lambda one, other: lambda context: one(context) == other(context),
    "!=": lambda one, other: lambda context: one(context) != other(context),
}


def _failing_is_false(told: Reader) -> Reader:
    def safely(context: Context) -> Any:
        try:
            return told(context)
        except Exception:
            return False

    return safely


class _For(ForNode):
    """A loop over one name; a loop over several names is Django's."""

    def __init__(self, plain: ForNode) -> None:
        super().__init__(plain.loopvars, plain.sequence, plain.is_reversed, plain.nodelist_loop, plain.nodelist_empty)
        self.origin, self.token = plain.origin, plain.token
        self.read = reader(cast(FilterExpression, plain.sequence), missing_is_none=True)
        self.drawn, self.instead = cast(NodeList, plain.nodelist_loop), cast(NodeList, plain.nodelist_empty)

    def render(self, context: Context) -> SafeString:
        values = self.read(context)
        if values is None:
            values = []
        elif not hasattr(values, "__len__"):
            values = list(values)
        count = len(values)
        parent = context.get("forloop", {})
        with context.push() as names:
            if count < 1:
                return self.instead.render(context)
            return SafeString("".join(self._turns(context, names, values, count, parent)))

    def _turns(self, context: Context, names: dict[str, Any], values: Any, count: int, parent: Any) -> list[str]:
        drawn: list[str] = []
        draws = [node.render for node in self.drawn]
        single = self.loopvars[0] if len(self.loopvars) == 1 else None
        loop = names["forloop"] = {"parentloop": parent}
        for turn, item in enumerate(reversed(values) if self.is_reversed else values):
            loop |= {
                "counter0": turn,
                "counter": turn + 1,
                "revcounter": count - turn,
                "revcounter0": count - turn - 1,
                "first": turn == 0,
                "last": turn == count - 1,
            }
            if single is not None:
                names[single] = item
                drawn += [draw(context) for draw in draws]
                continue
            with context.push(**self._unpacked(item)):
                drawn += [draw(context) for draw in draws]
        return drawn

    def _unpacked(self, item: Any) -> dict[str, Any]:
        parts = tuple(item) if hasattr(item, "__len__") else (item,)
        if len(parts) != len(self.loopvars):
            raise ValueError(f"Need {len(self.loopvars)} values to unpack in for loop; got {len(parts)}. ")
        return dict(zip(self.loopvars, parts, strict=True))
