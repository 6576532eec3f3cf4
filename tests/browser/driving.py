"""A person at a browser: opens pages, signs in, and keeps what the browser complains about."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, StorageState, sync_playwright

from tests.browser.server import Server

PASSWORD = "payung-biru-di-taman-17"
AXE = Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
UNSTICK = """() => { for (const part of document.querySelectorAll("body *"))
  if (["sticky", "fixed"].includes(getComputedStyle(part).position)) part.style.position = "static"; }"""
NAMES = ("chromium", "chromium-browser", "google-chrome")
WORDS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]  # fmt: skip

Scheme = Literal["light", "dark"]


@dataclass
class Visitor:
    """One person with a browser of their own."""

    page: Page
    context: BrowserContext
    server: Server
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page of the site."""
        self.page.goto(self.server.address + path)
        return self.page

    def sign_in(self, email: str) -> Page:
        """Sign in through the page, as people do."""
        page = self.open("/account/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.button--primary")
        page.wait_for_url(self.server.address + "/")
        return page

    def violations(self) -> list[str]:
        """What axe finds on the page that is open: rule, and where."""
        # What sticks to the edge of the window covers something at any moment; scrolling uncovers it.
        self.page.evaluate(UNSTICK)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
            ".then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ')"
            " + ' (' + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message + ')').join('; ')))",
            AXE_TAGS,
        )
        return [str(one) for one in found]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def watch(self, page: Page) -> None:
        """Keep what the browser says against a page: errors, refused scripts, missing parts."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A refused page is the subject of a test, not a complaint; a missing part is seen by its response.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type not in ("document", "xhr", "fetch"):
            self.complaints.append(f"{response.url}: {response.status}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of this machine, which can reach nothing but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=WORDS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(
    browser: Browser,
    server: Server,
    *,
    state: StorageState | None = None,
    width: int = 1280,
    scheme: Scheme = "light",
    language: str = "en",
    script: bool = True,
) -> Iterator[Visitor]:
    """Somebody who visits; the browser has nothing to complain about at the end."""
    context = browser.new_context(
        storage_state=state,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": "language", "value": language, "url": server.address}])
    page = context.new_page()
    visitor = Visitor(page, context, server)
    visitor.watch(page)
    try:
        yield visitor
    finally:
        context.close()
    assert visitor.complaints == []


class Pass:
    """Signs a person in once and lets later visits of the same person go on from there."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.states: dict[str, StorageState] = {}

    def of(self, email: str) -> StorageState:
        """The cookies of somebody signed in."""
        if email not in self.states:
            with visiting(self.browser, self.server) as visitor:
                visitor.sign_in(email)
                self.states[email] = visitor.context.storage_state()
        return self.states[email]


def words_of(lines: Sequence[str]) -> str:
    """Complaints as a readable list."""
    return "\n".join(lines)


@cache
def chromium_path() -> str:
    """Where the browser of this machine is."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise AssertionError("there is no Chromium; run tools/need.sh")
