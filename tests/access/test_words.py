"""Whatever an audit entry says has a word of its own, in English and in Indonesian."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import naungan
from naungan.access import audit
from naungan.access.words import DETAIL_WORDS, detail_name, value_name
from naungan.exchange.api.scopes import Scope
from naungan.exchange.states import Form, RowState
from naungan.protection.cases.queries.records import REVEAL_REASONS
from naungan.protection.cases.states import State
from naungan.protection.cases.words import DEADLINE_WORDS, ERASE_WORDS, HOLD_WORDS
from tests.personas import Persona

ROOT = Path(naungan.__file__).parent
WRITERS = {"append", "Line", "_record"}
# Of entries on a case's timeline only, or of values that are not an entry's details.
ELSEWHERE = {"what"}


def written_details() -> Iterator[str]:
    """The name of every detail that the code writes into an entry."""
    for path in sorted(ROOT.rglob("*.py")):
        if "world" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for given in _details(node):
                yield from (str(key.value) for key in given.keys if isinstance(key, ast.Constant))


def _details(node: ast.AST) -> Iterator[ast.Dict]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        # Lists are appended to as well: of `append` only what is named counts.
        values = [word.value for word in node.keywords if word.arg == "details"]
        values += [] if name == "append" else node.args
        yield from (value for value in values if name in WRITERS and isinstance(value, ast.Dict))
    if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
        yield from [node.value] if ast.unparse(node.target) == "details" else []


def test_every_detail_of_an_entry_has_a_word() -> None:
    found = {*written_details(), *(state.value for state in RowState)} - ELSEWHERE

    assert {"identity", "version", "fields", "bytes"} <= found
    assert sorted(found - DETAIL_WORDS.keys()) == []


@pytest.mark.parametrize("key", sorted(DETAIL_WORDS))
def test_detail_is_said_in_indonesian(key: str) -> None:
    with translation.override("en"):
        english = detail_name(key)
    with translation.override("id"):
        indonesian = detail_name(key)

    assert indonesian != english or key in {"file", "status"}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("identity", 1, "ya"),
        ("identity", 0, "tidak"),
        ("role", "observer", "Pengamat"),
        ("rows", 1, "1"),
        ("reason", "case_work", "Mendampingi orang ini"),
        ("kind", "totp", "aplikasi autentikator"),
        ("to", "follow_up", "Tindak lanjut"),
        ("from", "", ""),
        ("scopes", "imports,exports", "Mengirim berkas untuk diimpor, Ekspor kasus"),
        ("form", "csv", "CSV menurut nama bidang, tanpa kehilangan isi"),
        ("fields", "prs_MobilePhone,x:shoe_size,prs_Mai", "Telepon seluler, x:shoe_size, prs_Mai"),
        ("action", "case.read", "Kasus dibaca"),
    ],
)
def test_value_of_a_detail_is_said_in_indonesian(key: str, value: int | str, words: str) -> None:
    with translation.override("id"):
        assert value_name(key, value) == words


def test_every_code_of_a_reason_a_state_a_form_and_a_scope_is_said_in_words() -> None:
    codes: dict[str, set[str]] = {
        "reason": {*REVEAL_REASONS, *ERASE_WORDS, *HOLD_WORDS},
        "to": set(State),
        "form": set(Form),
        "scopes": set(Scope),
        "kind": {*DEADLINE_WORDS, "totp", "webauthn"},
    }

    assert [(key, code) for key, known in codes.items() for code in known if value_name(key, code) == code] == []


@pytest.mark.django_db
def test_audit_page_says_codes_in_words(dewi: Persona, amara: Persona) -> None:
    details: dict[str, str | int] = {"reason": "case_work", "fields": 3}
    audit.append(
        by=amara.actor(), organisation_id=amara.user.organisation_id, action="identity.reveal", details=details
    )

    page = dewi.client().get("/audit/").content.decode()

    assert "reason: Accompanying the person" in page
    assert "on the pages" in page
    assert "case_work" not in page
