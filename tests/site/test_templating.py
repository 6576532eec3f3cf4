"""Templates are loaded once a language, and what they say does not depend on who asked before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.template import Context, Engine, engines
from django.utils import translation
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from naungan.site import templating
from naungan.site.templating import settle

APP_DIRECTORIES = "django.template.loaders.app_directories.Loader"


@pytest.mark.parametrize("order", [("id", "en", "id"), ("en", "id", "en")])
def test_a_page_speaks_the_language_of_the_moment(order: tuple[str, ...]) -> None:
    said = {"id": "Masuk", "en": "Sign in"}
    for language in order:
        with translation.override(language):
            page = engines["django"].get_template("account/login.html").render({"form": None})
        assert said[language] in page


@pytest.mark.parametrize(
    "source",
    [
        '{% load i18n %}<b>{% translate "Save" %}</b> & {% translate "Save" as word %}{{ word }}',
        "{% load i18n %}{% translate word %}{% blocktranslate %}Save{% endblocktranslate %}",
        '{% load i18n %}{% language "id" %}{% translate "Save" %}{% endlanguage %}{% translate "Save" %}',
        '{% load i18n %}{% if word %}{% translate "Save" %}{% else %}{% translate "Cover" %}{% endif %}',
        '{% load i18n naungan %}{% for one in word %}{% icon "check" %}{% url "home" %}{% endfor %}',
        "{% load i18n %}{% blocktranslate with x=word %}Save {{ x }}{% endblocktranslate %}",
        '{% load i18n naungan %}{% component "card" title=_("Save") %}'
        '{% slot tools %}{% translate "Save" %}{% endslot %}'
        '{% translate "Save" %}{% endcomponent %}',
        "{{ word }} {{ safe }} {{ number }} {{ moment }} {{ lazy }} {{ nothing }} {{ unknown }} {{ unknown.deeper }}",
        "{{ lazy_markup }} {{ lazy_safe }} {% autoescape off %}{{ lazy_markup }}{% endautoescape %}",
        "{{ thing.word }} {{ thing.method }} {{ thing.unknown }} {{ thing.inner.word }} {{ thing.arguments }}",
        "{{ keyed.word }} {{ keyed.items }} {{ keyed.unknown }} {{ keyed.0 }} {{ several.1 }} {{ several.9 }}",
        "{{ word|upper }} {{ unknown|default:'none' }} {{ word.upper }} {{ template }} {{ autoescape }} {{ called }}",
        "{% autoescape off %}{{ word }}{% endautoescape %}{{ word }}{% filter upper %}{{ word }}{% endfilter %}",
        "{% if word and not nothing %}a{% elif unknown %}b{% else %}c{% endif %}{% if unknown == word %}d{% endif %}",
        "{% if number == 1200 or unknown %}a{% endif %}{% if 'b' in word %}b{% endif %}",
        "{% if number > word %}a{% endif %}{% if number != 3 %}b{% endif %}",
        "{% if unknown|add:missing %}a{% else %}b{% endif %}{% if not unknown|add:missing %}c{% else %}d{% endif %}",
        "{% for one in several %}{{ forloop.counter }}{{ forloop.revcounter0 }}{{ one }}{% endfor %}",
        "{% for one in several reversed %}{{ forloop.first }}{{ forloop.last }}{{ one }}{% empty %}-{% endfor %}",
        "{% for one in unknown %}{{ one }}{% empty %}nobody{% endfor %}{% for one in nothing %}x{% endfor %}{{ one }}",
        "{% for a, b in pairs %}{{ a }}{{ b }}{% for c in several %}{{ forloop.parentloop.counter }}{{ a }}{% endfor %}"
        "{% endfor %}{{ a }}",
        "{% for a, b in keyed.items %}{{ a }}={{ b }}{% endfor %}{% for one in generated %}{{ one }}{% endfor %}",
        "{% url 'case_page' code %}{% url 'case_page' code as here %}{{ here }}{% url 'case_page' word %}",
        "{% url 'part_edit' code 'hte' number %}{% url 'case_page' nothing as none %}-{{ none }}-",
        "{% url 'part_edit' code as none %}-{{ none }}-",
        "{% url 'word_end' number %}{% url 'word_end' word as none %}-{{ none }}-",
        "{% for one in several %}{% with two=one %}{{ two }}{% endwith %}{% cycle 'x' 'y' %}{% ifchanged %}{{ one }}"
        "{% endifchanged %}{% endfor %}",
    ],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_writing_out_beforehand_changes_nothing(source: str, language: str) -> None:
    with translation.override(language):
        plain, settled = (Engine.get_default().from_string(source) for _ in range(2))
        settle(settled.nodelist)
        said = [template.render(Context(_words())) for template in (plain, settled)]
    assert said[0] == said[1]


class _Thing:
    word = "<thing>"

    @property
    def inner(self) -> _Thing:
        return _Thing()

    def method(self) -> str:
        return "<made>"

    def arguments(self, needed: str) -> str:
        return needed


def _words() -> dict[str, object]:
    return {
        "word": "<ab>",
        "code": "K7QF-2M9D-9",
        "safe": mark_safe("<b>safe</b>"),
        "number": 1200,
        "moment": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        "lazy": gettext_lazy("Save"),
        "lazy_markup": lazystr("<i>later</i>"),
        "lazy_safe": lazystr(mark_safe("<i>later</i>")),
        "nothing": None,
        "thing": _Thing(),
        "keyed": {"word": "<key>", "0": "nought"},
        "several": ["<1>", "2", 3],
        "pairs": [("<p>", 1), ("q", None)],
        "generated": (n for n in range(3)),
        "called": lambda: "<called>",
    }


@pytest.mark.parametrize("items", [[(1, 2, 3)], [1]])
def test_a_loop_over_pairs_refuses_what_is_no_pair(items: list[object]) -> None:
    template = Engine.get_default().from_string("{% for a, b in items %}{{ a }}{% endfor %}")
    settle(template.nodelist)
    with pytest.raises(ValueError, match="Need 2 values"):
        template.render(Context({"items": items}))


def test_no_other_thread_sees_a_template_before_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = templating.Loader(Engine.get_default(), [APP_DIRECTORIES])
    kept_meanwhile: list[int] = []
    monkeypatch.setattr(templating, "settle", lambda nodes: kept_meanwhile.append(len(loader.get_template_cache)))
    loader.get_template("components/pill.html")

    assert kept_meanwhile == [0]
    assert len(loader.get_template_cache) == 1
