"""Second factors: a passkey, and the six digits of an authenticator app."""

from __future__ import annotations

import base64
import hmac
import struct
import time
from collections.abc import Callable
from hashlib import sha1

from playwright.sync_api import expect

from tests.browser.driving import PASSWORD, Visitor
from tests.browser.test_traces import sign_out

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def six_digits(secret: str, at: float) -> str:
    """The code of RFC 6238 at a moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def prove(visitor: Visitor) -> None:
    """Answer the question for the password, if it is asked."""
    if "reauthenticate" in visitor.page.url:
        visitor.page.fill("input[name=password]", PASSWORD)
        visitor.page.locator("main button.button--primary").click()


def test_codes_are_those_of_the_standard() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()

    assert six_digits(secret, 59) == "287082"  # RFC 6238, appendix B, the last six digits


def test_passkey_is_added_and_signs_in(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("opik@yayasan.example.org")
    page = visitor.page
    devices = visitor.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    visitor.open("/account/2fa/webauthn/add/")
    prove(visitor)
    page.fill("input[name=name]", "Telepon rekaan")
    page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    sign_out(visitor.open("/"))

    visitor.open("/account/login/")
    page.locator("#passkey_login").click()

    page.wait_for_url(visitor.server.address + "/")


def test_authenticator_app_is_set_up_and_asked_for(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_in("mira@yayasan.example.org")
    page = visitor.open("/account/2fa/totp/activate/")
    prove(visitor)
    page.locator("details summary").filter(has_text="I cannot scan it").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.fill("input[name=code]", six_digits(secret, time.time()))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_url(lambda url: "/activate/" not in url)
    visitor.open("/account/2fa/recovery-codes/")
    prove(visitor)
    on_paper = page.locator(".recovery-codes li").first.inner_text()
    sign_out(visitor.open("/"))

    visitor.open("/account/login/")
    page.fill("input[name=login]", "mira@yayasan.example.org")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button.button--primary").first.click()
    page.wait_for_url("**/2fa/authenticate/**")
    visitor.open("/cases/")
    assert "/2fa/authenticate/" in page.url
    # One code serves once, so that of this half minute is used up: take one from the paper.
    page.fill("input[name=code]", on_paper)
    page.locator("main button.button--primary").first.click()

    page.wait_for_url(lambda url: "2fa" not in url)
    expect(page.locator("h1")).to_be_visible()
