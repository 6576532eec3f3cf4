"""Browser tests: one server for all of them, one browser for each module."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.driving import Pass, Scheme, Visitor, chromium, visiting
from tests.browser.server import Server, demonstration


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies here drives a browser."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demonstration with sixty people."""
    with demonstration(tmp_path_factory.mktemp("browser"), people=60) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; not kept longer than a module, since its event loop forbids Django's database meanwhile."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def passes(browser: Browser, server: Server) -> Pass:
    """The cookies of people who are signed in."""
    return Pass(browser, server)


@pytest.fixture
def visit(browser: Browser, server: Server, passes: Pass) -> Iterator[Callable[..., Visitor]]:
    """Let somebody visit: `visit("ratih@uptd.example.org", width=360)`; nobody in particular when without a name."""
    with ExitStack() as stack:

        def begin(
            email: str = "", *, width: int = 1280, scheme: Scheme = "light", language: str = "en", script: bool = True
        ) -> Visitor:
            state = passes.of(email) if email else None
            return stack.enter_context(
                visiting(browser, server, state=state, width=width, scheme=scheme, language=language, script=script)
            )

        yield begin
