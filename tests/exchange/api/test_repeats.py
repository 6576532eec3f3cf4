"""A repeated request: the same answer, the work done once, and nothing kept that a person could be found by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from naungan.access import clock
from naungan.exchange.api.models import IdempotentAnswer
from naungan.exchange.api.scopes import Scope
from naungan.protection.cases.models import Case, Entry
from tests.exchange.api.conftest import FIRST_NAME, NOTE, Program, ask, body_of
from tests.exchange.api.test_files import send

pytestmark = pytest.mark.django_db
KEY = "a-key-of-this-test"
SENT = {"fields": {"prs_FirstName": FIRST_NAME, "prs_Gender": "Feminine"}}


def test_same_key_and_body_gives_same_answer_and_one_case(full: Program) -> None:
    first = full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)
    again = full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)

    assert (again.status_code, body_of(again)) == (201, body_of(first))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert Case.objects.count() == 1


def test_same_key_with_other_body_is_refused(full: Program) -> None:
    full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)
    response = full.ask("POST", "/cases", {"fields": {}}, Idempotency_Key=KEY)

    assert response.status_code == 409
    assert body_of(response)["error"]["code"] == "key_used"


def test_same_key_at_another_address_is_refused(writer: Program, case: Case) -> None:
    writer.ask("POST", f"/cases/{case.code}/notes", {"text": NOTE}, Idempotency_Key=KEY)

    assert writer.ask("POST", "/cases", {"fields": {}}, Idempotency_Key=KEY).status_code == 409


def test_same_key_of_another_token_is_another_key(program: Callable[..., Program]) -> None:
    for _ in range(2):
        assert program(Scope.CASES_WRITE).ask("POST", "/cases", {"own": {}}, Idempotency_Key=KEY).status_code == 201

    assert Case.objects.count() == 2


def test_refused_request_leaves_its_key_free(full: Program) -> None:
    refused = full.ask("POST", "/cases", {"fields": {"prs_Gender": "?"}}, Idempotency_Key=KEY)
    mended = full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)

    assert (refused.status_code, mended.status_code) == (422, 201)


def test_key_is_free_again_after_a_day(full: Program) -> None:
    full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)
    with clock.fixed(clock.now() + timedelta(hours=25)):
        full.ask("POST", "/cases", SENT, Idempotency_Key=KEY)

    assert Case.objects.count() == 2
    assert IdempotentAnswer.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "with blank in it", "x" * 201, "k\u00e4se-k\u00e4se"])
def test_request_without_usable_key_is_refused(full: Program, key: str) -> None:
    sent = {"Authorization": f"Bearer {full.secret}", "Idempotency-Key": key}
    response = ask("POST", "/cases", SENT, sent)

    assert response.status_code == 400
    assert body_of(response)["error"]["code"] == "key_missing"
    assert not Case.objects.exists()


def test_kept_answer_holds_no_value_of_the_request(full: Program, case: Case) -> None:
    full.ask("POST", "/cases", SENT)
    full.ask("POST", f"/cases/{case.code}/notes", {"text": NOTE})
    full.ask("POST", f"/cases/{case.code}/steps", {"step": "hold", "given": {"reason": NOTE}})
    kept = repr(list(IdempotentAnswer.objects.values()))

    assert FIRST_NAME not in kept
    assert NOTE not in kept
    assert KEY not in kept


def test_request_still_at_work_is_not_begun_twice(program: Callable[..., Program]) -> None:
    who = program(Scope.IMPORTS)
    send(who, key=KEY)
    IdempotentAnswer.objects.update(status=None)
    waiting = send(who, key=KEY)
    with clock.fixed(clock.now() + timedelta(minutes=16)):
        given_up = send(who, key=KEY)

    assert (waiting.status_code, body_of(waiting)["error"]["code"]) == (409, "in_progress")
    assert waiting.headers["Retry-After"] == "1"
    assert body_of(given_up)["is_known"] is True


def test_failure_inside_keeps_nothing(writer: Program, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("naungan.access.audit.append", fail)
    response = writer.ask("POST", f"/cases/{case.code}/notes", {"text": NOTE}, Idempotency_Key=KEY)

    assert response.status_code == 500
    assert not IdempotentAnswer.objects.exists()
    assert not Entry.objects.filter(kind="note").exists()
