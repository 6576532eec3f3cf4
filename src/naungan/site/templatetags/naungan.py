"""Puts components into pages: `{% show %}`, `{% component %}`, `{% icon %}`, and words that changed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, kwarg_re
from django.templatetags.static import static
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from naungan.site.drawing import escaped as escape
from naungan.site.drawing import reader

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()

# What a component still sees of the page around it; everything else is given to it by name.
SHARED = ("csrf_token", "request", "csp_nonce", "LANGUAGE_CODE", "LANGUAGE_BIDI")
_sprite = SimpleLazyObject(lambda: static("icons.svg"))


@register.simple_tag
@lru_cache(maxsize=1000)
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """A line icon of ours; with a label it speaks, without one it is decoration."""
    extra = f" icon--{size}" if size else ""
    if label:
        return format_html(
            '<svg class="icon{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', extra, label, _sprite, name
        )
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>', extra, _sprite, name
    )


@register.simple_tag
def options(words: Iterable[Any], choose: bool = True) -> SafeString:
    """
    The lines of a menu; a page has hundreds of them, so they are written at once.

    Args:
        words: Each with `code`, `label` and `chosen`.
        choose: Whether the chosen ones are marked.
    """
    marks = {True: " selected" if choose else "", False: ""}
    return SafeString(
        "".join([f'<option value="{escape(w.code)}"{marks[w.chosen]}>{escape(str(w.label))}</option>' for w in words])
    )


class SlotNode(Node):
    """A named part of a component's body."""

    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        return self.nodelist.render(context)


class ComponentNode(Node):
    """Renders `components/<name>.html` with what it was given, and nothing else of the page."""

    def __init__(self, name: FilterExpression, given: dict[str, FilterExpression], body: NodeList) -> None:
        self.name = name
        self.given = {key: reader(value) for key, value in given.items()}
        self.slots = [node for node in body if isinstance(node, SlotNode)]
        self.nodelist = NodeList([node for node in body if not isinstance(node, SlotNode)])
        self.found: NodeList | None = None

    def render(self, context: Context) -> SafeString:
        values = {key: read(context) for key, read in self.given.items()}
        values |= {key: context[key] for key in SHARED if key in context}
        if self.nodelist:
            values["body"] = SafeString(self.nodelist.render(context).strip())
        values |= {slot.name: slot.render(context) for slot in self.slots}
        # A component has no blocks, so its nodes are drawn at once, without the bookkeeping that a page needs.
        return self._drawn(context).render(context.new(values))

    def _drawn(self, context: Context) -> NodeList:
        """The nodes of the component; those of a fixed name are found once, for this node is of one language."""
        if self.found is not None:
            return self.found
        assert context.template is not None
        found = context.template.engine.get_template(f"components/{self.name.resolve(context)}.html").nodelist
        if isinstance(self.name.var, str):
            self.found = found
        return found


def _arguments(parser: Parser, token: Token) -> tuple[FilterExpression, dict[str, FilterExpression]]:
    """Read `tag "name" key=value ...`."""
    tag, *bits = token.split_contents()
    if not bits:
        raise template.TemplateSyntaxError(f"{tag} needs the name of a component")
    given: dict[str, FilterExpression] = {}
    for bit in bits[1:]:
        match = kwarg_re.match(bit)
        if match is None or not match[1]:
            raise template.TemplateSyntaxError(f"{tag}: {bit} must have the form key=value")
        given[match[1]] = parser.compile_filter(match[2])
    return parser.compile_filter(bits[0]), given


@register.tag
def show(parser: Parser, token: Token) -> ComponentNode:
    """A component without a body: `{% show "pill" label=_("Open") tone="accent" %}`."""
    name, given = _arguments(parser, token)
    return ComponentNode(name, given, NodeList())


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """A component with a body and, if it has them, slots: `{% component "card" title=t %}...{% endcomponent %}`."""
    name, given = _arguments(parser, token)
    body = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return ComponentNode(name, given, body)


@register.tag
def slot(parser: Parser, token: Token) -> SlotNode:
    """A named part of a body: `{% slot actions %}...{% endslot %}`."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError("slot needs one name")
    nodelist = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(bits[1].strip("\"'"), nodelist)


@register.filter
def undo_address(tags: str | None) -> str:
    """The address that undoes what a message reports: a message tag of the form `undo=/path/`."""
    for tag in (tags or "").split():
        if tag.startswith("undo=/") and not tag.startswith("undo=//"):
            return tag.removeprefix("undo=")
    return ""


def _words(text: object) -> list[str]:
    return re.findall(r"\s+|[^\s]+", str(text or ""))


@register.filter
def words_beside(text: object, other: object) -> SafeString:
    """The text, with the words that the other one has not marked as inserted."""
    mine = _words(text)
    matcher = difflib.SequenceMatcher(None, _words(other), mine, autojunk=False)
    parts = (
        (mark_safe("ins" if kind in ("insert", "replace") else "span"), "".join(mine[start:end]))  # noqa: S308  constants
        for kind, _, _, start, end in matcher.get_opcodes()
        if end > start
    )
    return format_html_join("", "<{0}>{1}</{0}>", parts)


@register.filter
def initials(name: object) -> str:
    """At most two first letters of a colleague's name, for the round mark of the account menu."""
    words = [word for word in str(name or "").split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@register.simple_tag
def attributes(given: dict[str, object] | None) -> SafeString:
    """A mapping as HTML attributes; false leaves one out, true writes its name alone."""
    parts = [
        format_html(" {}", key) if value is True else format_html(' {}="{}"', key, str(value))
        for key, value in (given or {}).items()
        if value is not False and value is not None
    ]
    return SafeString("".join(parts))


# The first name found says which browser it is; the order matters, because browsers claim to be each other.
BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "Chrome", "Safari")
BROWSER_NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet"}
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "CrOS", "Linux")


@register.filter
def browser_name(user_agent: object) -> str:
    """A browser and its system in the words people use: `Firefox, Android`."""
    text = str(user_agent or "")
    browser = next((name for name in BROWSERS if name in text), "")
    system = next((name for name in SYSTEMS if name in text), "")
    return ", ".join(part for part in (BROWSER_NAMES.get(browser, browser), system) if part) or text[:60] or "?"
