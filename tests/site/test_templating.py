"""Templates are loaded once a language, and what they say does not depend on who asked before."""

from __future__ import annotations

import pytest
from django.template import Context, Engine, engines
from django.utils import translation

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
    ],
)
@pytest.mark.parametrize("language", ["id", "en"])
def test_writing_out_beforehand_changes_nothing(source: str, language: str) -> None:
    with translation.override(language):
        plain, settled = (Engine.get_default().from_string(source) for _ in range(2))
        settle(settled.nodelist)
        said = [template.render(Context({"word": "<ab>"})) for template in (plain, settled)]
    assert said[0] == said[1]


def test_no_other_thread_sees_a_template_before_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    loader = templating.Loader(Engine.get_default(), [APP_DIRECTORIES])
    kept_meanwhile: list[int] = []
    monkeypatch.setattr(templating, "settle", lambda nodes: kept_meanwhile.append(len(loader.get_template_cache)))
    loader.get_template("components/pill.html")

    assert kept_meanwhile == [0]
    assert len(loader.get_template_cache) == 1
