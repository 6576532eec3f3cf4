"""Answers a repeated request as the first time, for a day, without doing the work again."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from naungan.access import clock
from naungan.exchange.api.answers import answer
from naungan.exchange.api.bearer import caller_of
from naungan.exchange.api.errors import ApiError
from naungan.exchange.api.models import IdempotentAnswer
from naungan.exchange.api.reading import read_key

KEPT_FOR = timedelta(hours=24)
# A reservation without an answer is older than any request can be: its process was killed.
GIVEN_UP_AFTER = timedelta(minutes=15)
# What an act returns: the status, and a body of codes, references, states and counts only.
Made = tuple[int, dict[str, object]]


def once(request: HttpRequest, key: str, act: Callable[[], Made], *, content: bytes | None = None) -> HttpResponse:
    """
    Do an act and keep its answer in the same transaction, or give the answer that was kept.

    Args:
        request: The request; its method, address and body are what the key stands for.
        key: The Idempotency-Key.
        act: Does the work; whatever it raises undoes it, and nothing is kept.
        content: What stands for the body where it has been read in another way.

    Raises:
        ApiError: the key is missing (400), or was used with another request (409).
    """
    token_id, name = caller_of(request).token_id, _keyed(b"key", read_key(key).encode())
    body = content if content is not None else request.body
    sent = _keyed(b"request", f"{request.method} {request.path}\n".encode() + body)
    try:
        with transaction.atomic():
            kept = _kept(token_id, name)
            if kept is None:
                return _done(_reserve(token_id, name, sent), act)
    except IntegrityError:
        kept = _kept(token_id, name)
        if kept is None:
            raise
    return _again(kept, sent)


def once_outside(request: HttpRequest, key: str, act: Callable[[], Made], *, content: bytes) -> HttpResponse:
    """
    The same for work that is too long for one transaction: the key is reserved first, and freed when the act fails.

    Raises:
        ApiError: as `once`; or the first request is still being worked on (409).
    """
    token_id, name = caller_of(request).token_id, _keyed(b"key", read_key(key).encode())
    sent = _keyed(b"request", f"{request.method} {request.path}\n".encode() + content)
    try:
        with transaction.atomic():
            kept = _kept(token_id, name)
            row = None if kept else _reserve(token_id, name, sent)
    except IntegrityError:
        kept, row = _kept(token_id, name), None
    if row is None:
        if kept is None:
            raise ApiError("in_progress", headers={"Retry-After": "1"})
        return _again(kept, sent)
    try:
        return _done(row, act)
    except BaseException:
        row.delete()
        raise


def _kept(token_id: int, name: str) -> IdempotentAnswer | None:
    return IdempotentAnswer.objects.filter(token_id=token_id, key_digest=name).exclude(_is_over()).first()


def _is_over() -> Q:
    now = clock.now()
    return Q(made_at__lte=now - KEPT_FOR) | Q(made_at__lte=now - GIVEN_UP_AFTER, status__isnull=True)


def _reserve(token_id: int, name: str, sent: str) -> IdempotentAnswer:
    IdempotentAnswer.objects.filter(_is_over()).delete()
    return IdempotentAnswer.objects.create(token_id=token_id, key_digest=name, request_digest=sent, made_at=clock.now())


def _done(row: IdempotentAnswer, act: Callable[[], Made]) -> HttpResponse:
    row.status, row.answer = act()
    row.save(update_fields=["status", "answer"])
    return _answer(row)


def _again(kept: IdempotentAnswer, sent: str) -> HttpResponse:
    if not hmac.compare_digest(kept.request_digest, sent):
        raise ApiError("key_used")
    if kept.status is None:
        raise ApiError("in_progress", headers={"Retry-After": "1"})
    response = _answer(kept)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _answer(row: IdempotentAnswer) -> HttpResponse:
    version = row.answer.get("version")
    return answer(row.answer, status=row.status or 200, etag=str(version) if version else "")


def _keyed(purpose: bytes, content: bytes) -> str:
    key = hmac.new(settings.SECRET_KEY.encode(), b"naungan api " + purpose, sha256).digest()
    return hmac.new(key, content, sha256).hexdigest()
