"""Whatever an audit entry says has a word of its own, in English and in Indonesian."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import naungan
from naungan.access.words import DETAIL_WORDS, detail_name, value_name
from naungan.exchange.states import RowState

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
    [("identity", 1, "ya"), ("identity", 0, "tidak"), ("role", "observer", "Pengamat"), ("rows", 1, "1")],
)
def test_value_of_a_detail_is_said_in_indonesian(key: str, value: int | str, words: str) -> None:
    with translation.override("id"):
        assert value_name(key, value) == words
