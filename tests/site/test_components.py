"""The design system: every component renders, is documented, keeps to the content policy and stays small."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from naungan.protection.cases.forms import Option
from naungan.site import components

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "src" / "naungan" / "site"
STATIC = SITE / "static"
NAMES = sorted(path.stem for path in (SITE / "templates" / "components").glob("*.html"))
TEMPLATES = sorted((ROOT / "src" / "naungan").rglob("templates/**/*.html"))
STYLES = sorted((STATIC / "css").rglob("*.css"))

sys.path.insert(0, str(ROOT / "tools"))
import assets  # noqa: E402  the folder of tools is not a package


def render(source: str, **values: object) -> str:
    return Template("{% load i18n naungan %}" + source).render(Context(values))


def component_page(language: str = "en") -> HttpResponse:
    request = RequestFactory().get("/components/")
    request.user = AnonymousUser()
    with translation.override(language):
        return components.page(request)


@pytest.mark.parametrize("language", ["en", "id"])
def test_component_page_in_each_language_renders(language: str) -> None:
    response = component_page(language)

    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def test_component_page_in_indonesian_shows_no_english_heading() -> None:
    text = component_page("id").content.decode()

    assert ">Tombol</h2>" in text
    assert ">Button</h2>" not in text


def test_component_page_has_no_id_twice() -> None:
    ids = re.findall(r'\sid="([^"]+)"', component_page().content.decode())

    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", NAMES)
def test_component_is_in_the_catalogue(name: str) -> None:
    catalogue = (ROOT / "docs" / "reference" / "components.md").read_text(encoding="utf-8")

    assert f"| `{name}` |" in catalogue


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-3:]))
def test_template_keeps_to_the_content_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*(?:\ssrc=|application/json))", text)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//(?!www\.bmkg\.go\.id)", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-3:]))
def test_template_uses_icons_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r'\{% icon "([a-z-]+)"', text) + re.findall(r'\sicon="([a-z-]+)"', text)

    assert set(used) <= set(components.ICONS)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_style_sheet_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 150


@pytest.mark.parametrize("path", [path for path in STYLES if path.parent.name != "tokens"], ids=lambda path: path.name)
def test_style_sheet_takes_its_colours_from_tokens(path: Path) -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(", path.read_text(encoding="utf-8"))


def test_style_sheets_use_only_tokens_that_exist() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)

    assert set(re.findall(r"var\((--[a-z0-9-]+)", text)) <= set(re.findall(r"(--[a-z0-9-]+):", text))


def test_joined_files_are_in_step_with_their_sources() -> None:
    assert assets.behind() == []


def test_styles_and_scripts_together_stay_under_80_kilobytes() -> None:
    size = sum((STATIC / name).stat().st_size for name in ("naungan.css", "naungan.js"))

    assert size < 80_000
    assert (STATIC / "naungan.js").stat().st_size < 12_000


def test_sign_in_page_is_ours() -> None:
    path = get_template("account/login.html").template.origin.name  # type: ignore[attr-defined]  # Django's backend

    assert Path(path).is_relative_to(SITE)


@pytest.mark.parametrize("code", [400, 403, 404, 413, 429, 500])
def test_error_page_without_a_request_says_what_happened_what_was_kept_and_what_to_do(code: int) -> None:
    with translation.override("en"):
        text = render_to_string(f"errors/{code}.html")

    assert all(part in text for part in ("What happened", "What was kept", "What to do"))


def test_component_does_not_see_the_variables_of_its_page() -> None:
    text = render('{% show "pill" label="Open" %}', tone="danger")

    assert "pill--danger" not in text


def test_component_with_a_body_and_a_slot_puts_both_in_place() -> None:
    source = '{% component "card" %}<p>{{ inner }}</p>{% slot actions %}A{% endslot %}{% endcomponent %}'

    text = render(source, inner="<b>")

    assert "<p>&lt;b&gt;</p>" in text
    assert '<div class="card__foot">A</div>' in text


def test_component_escapes_what_it_is_given() -> None:
    assert "&lt;script&gt;" in render('{% show "callout" text=text %}', text="<script>")


def test_attributes_leave_out_false_and_escape_the_rest() -> None:
    text = render("{% attributes given %}", given={"hx-get": '/a"b', "required": True, "hidden": False})

    assert text == ' hx-get="/a&quot;b" required'


@pytest.mark.parametrize(
    ("tags", "address"),
    [("undo=/cases/undo/1/ success", "/cases/undo/1/"), ("undo=//evil.example", ""), ("success", ""), (None, "")],
)
def test_undo_address_is_a_path_of_this_site(tags: str | None, address: str) -> None:
    assert render("{{ tags|undo_address }}", tags=tags) == address


def test_words_beside_marks_and_escapes_what_the_other_text_has_not() -> None:
    text = render("{{ mine|words_beside:theirs }}", mine="a <b> c", theirs="a c")

    assert "<ins>" in text
    assert "&lt;b&gt;" in text


def test_masked_value_without_a_value_shows_none_and_says_so() -> None:
    with translation.override("en"):
        text = render('{% show "masked" label="Name" reveal_url="/r/" %}')

    assert 'aria-label="Name: covered"' in text
    assert 'href="/r/"' in text


def test_field_with_an_error_ties_it_to_its_control() -> None:
    form = components.SampleForm({})
    form.is_valid()

    text = render('{% show "field" field=form.place %}', form=form)

    assert 'aria-describedby="id_place_error"' in text
    assert 'id="id_place_error"' in text
    assert 'aria-invalid="true"' in text


def test_form_errors_link_to_their_fields() -> None:
    form = components.SampleForm({})
    form.is_valid()

    assert 'href="#id_place"' in render('{% show "form_errors" form=form %}', form=form)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 10) AppleWebKit/537 Chrome/120 Mobile Safari/537", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/121.0", "Firefox, Windows"),
        ("", "?"),
    ],
)
def test_browser_name_is_in_words_people_use(agent: str, words: str) -> None:
    assert render("{{ agent|browser_name }}", agent=agent) == words


def test_styles_name_only_files_that_exist() -> None:
    for path in [*STYLES, STATIC / "naungan.css"]:
        for name in re.findall(r'url\("([^"]+)"\)', path.read_text(encoding="utf-8")):
            assert (path.parent / name).is_file()


def test_a_menu_escapes_its_words_and_marks_the_chosen() -> None:
    words = [Option('a"b', "<Satu>"), Option("b", "Dua & tiga", chosen=True)]
    source = "{% load naungan %}{% options words %}|{% options words False %}"

    drawn = Template(source).render(Context({"words": words}))

    marked, plain = drawn.split("|")
    assert marked == (
        '<option value="a&quot;b">&lt;Satu&gt;</option><option value="b" selected>Dua &amp; tiga</option>'
    )
    assert "selected" not in plain
