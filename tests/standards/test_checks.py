"""What checks say: complete in both languages, and silent about values."""

from __future__ import annotations

import string

import pytest

from naungan.standards.checks import MESSAGES, Message, Problem, messages_id, render


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_message_is_complete_in_both_languages(message: Message) -> None:
    assert all((message.message, message.fix, message.message_id, message.fix_id))
    assert _placeholders(message.message) == _placeholders(message.message_id)
    assert _placeholders(message.fix) == _placeholders(message.fix_id)
    assert messages_id[message.code] == (message.message_id, message.fix_id)


def test_problem_is_rendered_in_indonesian() -> None:
    problem = Problem.of("too_long", {"length": 300, "limit": 255}, field="prs_FirstName")

    assert "300" in problem.message
    assert render(problem, "id")[0].startswith("Panjang teks 300")
    assert render(problem, "en") == (problem.message, problem.fix)


def test_problem_at_a_place_keeps_the_rest() -> None:
    problem = Problem.of("unknown_choice", field="prs_Gender").at(sheet="Case Sheet", row=7, column="H")

    assert (problem.sheet, problem.row, problem.column, problem.field) == ("Case Sheet", 7, "H", "prs_Gender")
