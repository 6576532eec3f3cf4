"""What a request leaves in the log: status and name of the page, never what an address or a body carried."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from django.utils.log import log_response

from naungan.site.logs import BareRequest
from tests.personas import Persona

pytestmark = pytest.mark.database


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the log of requests says, as the server writes it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(BareRequest())
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    yield out
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/cases/Kenariwati/?q=Kenariwati", "404 case_page"),
        ("/Kenariwati/", "404 no such page"),
        ("/people/", "403 people"),
    ],
)
def test_refused_request_leaves_its_status_and_the_name_of_the_page(
    amara: Persona, lines: io.StringIO, path: str, line: str
) -> None:
    amara.client().get(path)

    assert lines.getvalue().splitlines() == [line]


def test_error_leaves_its_kind_and_place(rf: RequestFactory, lines: io.StringIO) -> None:
    request = rf.get("/cases/Kenariwati/")
    request.resolver_match = resolve("/cases/Kenariwati/")
    try:
        raise ValueError("Kenariwati")
    except ValueError as error:
        log_response(
            "%s: %s", "Error", request.path, response=HttpResponse(status=500), request=request, exception=error
        )

    said = lines.getvalue()
    assert said.startswith("500 case_page [ValueError] test_error_leaves_its_kind_and_place:")
    assert "Kenariwati" not in said
