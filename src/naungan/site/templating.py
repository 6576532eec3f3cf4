"""
Loads templates once for each language, with what never changes already written out.

A page has hundreds of tags that say the same every time: translated words, icons, addresses without arguments. They
are answered when the template is loaded, in the language of the moment, and run together with the text around them;
half of the work of drawing a page was to answer them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Template, TextNode, Variable
from django.template.defaulttags import URLNode
from django.template.library import SimpleNode
from django.template.loaders.base import Loader as BaseLoader
from django.template.loaders.cached import Loader as CachedLoader
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.utils.translation import get_language

from naungan.site.drawing import Straight, quickened

# Simple tags of ours whose answer depends on nothing but their arguments.
PURE = frozenset({"icon"})


class _Settling(BaseLoader):
    """Settles a template as soon as it is compiled, before any other thread can see it."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        found = super().get_template(template_name, skip)
        settle(found.nodelist)
        return found


class Loader(CachedLoader, _Settling):
    """Keeps one compiled template for each name and language."""

    def cache_key(self, template_name: str, skip: Any = None) -> str:
        return f"{get_language()} {super().cache_key(template_name, skip)}"


class Kept(Node):
    """A constant given a name: `{% translate "Name" as label %}`."""

    def __init__(self, name: str, value: object) -> None:
        self.name = name
        self.value = value

    def render(self, context: Context) -> str:
        context[self.name] = self.value
        return ""


def settle(nodes: NodeList) -> None:
    """Write out, in place, what is constant in a list of nodes and everything below it."""
    settled: list[Node] = []
    for node in nodes:
        for below in _below(node):
            settle(below)
        answer = _answered(node)
        if isinstance(answer, TextNode) and settled and isinstance(settled[-1], TextNode):
            settled[-1] = TextNode(settled[-1].s + answer.s)
        else:
            settled.append(quickened(answer))
    nodes[:] = settled
    nodes.__class__ = Straight


def _below(node: Node) -> Iterator[NodeList]:
    """The lists of nodes inside a node, those in another language aside."""
    if isinstance(node, LanguageNode):
        return
    for held in vars(node).values():
        if isinstance(held, NodeList):
            yield held
        elif isinstance(held, list):  # the branches of an `if`, the slots of a component
            yield from (
                one for branch in held if isinstance(branch, tuple) for one in branch if isinstance(one, NodeList)
            )
            yield from (below for slot in held if isinstance(slot, Node) for below in _below(slot))


def _answered(node: Node) -> Node:
    if isinstance(node, TextNode) or not _is_constant(node):
        return node
    name: str | None = getattr(node, "asvar", None)
    if name is None:
        return TextNode(str(node.render(Context())))
    context = Context()
    node.render(context)
    return Kept(name, context[name])


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        return _is_literal(node.filter_expression) and node.message_context is None
    if isinstance(node, BlockTranslateNode):
        words = all(token.token_type.name == "TEXT" for token in node.singular)
        return (
            words and node.plural is None and node.message_context is None and not node.extra_context and not node.asvar
        )
    if isinstance(node, URLNode):
        return _is_literal(node.view_name) and not node.args and not node.kwargs
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    if isinstance(node, SimpleNode):
        given = [*node.args, *node.kwargs.values()]
        return node.func.__name__ in PURE and node.target_var is None and all(_is_literal(one) for one in given)
    return False


def _is_literal(expression: FilterExpression) -> bool:
    """Whether an expression is a word written in the template, without filters."""
    known = expression.var
    return not expression.filters and (
        isinstance(known, str) or (isinstance(known, Variable) and known.literal is not None)
    )
