"""A person without a browser: reads pages and sends forms over HTTP, as a script would."""

from __future__ import annotations

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from http.cookiejar import CookieJar

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')

Sent = Mapping[str, str | Sequence[str] | SimpleUploadedFile]


@dataclass
class Answer:
    """What the server answered in the end."""

    status: int
    url: str
    text: str
    headers: Message
    content: bytes = b""


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


@dataclass
class Caller:
    """Keeps cookies, and sends with each form the token that it needs."""

    address: str
    cookies: CookieJar = field(default_factory=CookieJar)

    def get(self, path: str, *, follow: bool = True, **headers: str) -> Answer:
        """Read a page."""
        return self._ask(urllib.request.Request(self.address + path, headers=headers), follow=follow)  # noqa: S310 - our own server

    def post(self, path: str, sent: Sent, *, page: str = "", follow: bool = True, **headers: str) -> Answer:
        """Send a form; `page` is where it stands, if not at the address it goes to."""
        shown = self.get(page or path).text
        token = TOKEN.search(shown)
        version = VERSION.search(shown)
        values: dict[str, object] = {"csrfmiddlewaretoken": token[1] if token else "", **sent}
        if version:
            values.setdefault("version", version[1])
        body = encode_multipart(BOUNDARY, values)
        request = urllib.request.Request(  # noqa: S310 - our own server
            self.address + path, body, {"Content-Type": MULTIPART_CONTENT, **headers}
        )
        return self._ask(request, follow=follow)

    def sign_in(self, email: str, password: str) -> Answer:
        """Sign in with e-mail and password."""
        return self.post("/account/login/", {"login": email, "password": password})

    def _ask(self, request: urllib.request.Request, *, follow: bool) -> Answer:
        handlers: list[urllib.request.BaseHandler] = [urllib.request.HTTPCookieProcessor(self.cookies)]
        if not follow:
            handlers.append(_Stay())
        opener = urllib.request.build_opener(*handlers)
        try:
            with opener.open(request, timeout=60) as answer:
                content = answer.read()
                return Answer(answer.status, answer.url, _text(content), answer.headers, content)
        except urllib.error.HTTPError as refusal:
            content = refusal.read()
            return Answer(refusal.code, refusal.url or "", _text(content), refusal.headers, content)


def _text(content: bytes) -> str:
    return html.unescape(content.decode("utf-8", "replace"))
