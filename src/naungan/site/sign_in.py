"""How people sign in: closed to strangers, second factors sealed, every coming and going on the audit chain."""

from __future__ import annotations

from base64 import b64decode, b64encode
from hashlib import sha256
from hmac import new as hmac
from secrets import token_bytes
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.forms import ResetPasswordForm as LibraryResetPasswordForm
from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed, password_reset
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest

from naungan.access import audit
from naungan.access.actor import actor_for
from naungan.access.asking import ID, question
from naungan.access.models import User
from naungan.site import mails


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Knows people by the one address that an administrator gave, and finds them together with their organisation."""

    def get_user(self, user_id: int) -> User | None:
        return _users.first(user=user_id)

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        return self._check_password(User.objects.of_address(email).first(), password)  # type: ignore[no-any-return]


class ResetPasswordForm(LibraryResetPasswordForm):  # type: ignore[misc]  # allauth ships no types
    """Sends the address of a new password to the one address that an administrator gave."""

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip()
        self.users = list(User.objects.of_address(email).filter(is_active=True))
        return email


@question(user=ID)
def _users(user: int) -> QuerySet[User]:
    return User.objects.select_related("organisation").filter(pk=user, is_active=True)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Accounts are made by administrators only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_user_display(self, user: User) -> str:
        return user.display_name

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mails.send(template_prefix, email, context)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, context, user.email)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Seals the secrets of second factors before they reach the database."""

    def encrypt(self, text: str) -> str:
        nonce = token_bytes(12)
        return b64encode(nonce + AESGCM(_key()).encrypt(nonce, text.encode(), b"second factor")).decode()

    def decrypt(self, encrypted_text: str) -> str:
        raw = b64decode(encrypted_text)
        return AESGCM(_key()).decrypt(raw[:12], raw[12:], b"second factor").decode()


class CodeOnce:
    """
    Takes a one-time code once, and none older than the last one.

    The library forgets a used code after one time step, but takes the neighbouring steps too
    (RFC 6238, section 5.2): without this a code that was read over a shoulder would serve again.
    """

    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]  # of the library's form beside it
        if self.authenticator.type == Authenticator.Type.TOTP and not _use_up(self.authenticator, code):
            raise DefaultMFAAdapter().validation_error("incorrect_code")
        return code


class CodeForm(CodeOnce, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The code at sign-in."""


class CodeAgainForm(CodeOnce, ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The code that proves again who one is."""


@transaction.atomic
def _use_up(authenticator: Authenticator, code: str) -> bool:
    """Keep the time step of a code; False where it, or a later one, served already."""
    locked = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    secret = MFAAdapter().decrypt(locked.data["secret"])
    steps = (one for one in yield_hotp_counters_from_time() if _is_code_of(secret, one, code))
    step = max(steps, default=0)
    if step <= locked.data.get("step", 0):
        return False
    locked.data["step"] = step
    locked.save(update_fields=["data"])
    return True


def _is_code_of(secret: str, step: int, code: str) -> bool:
    return bool(compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))))


def _key() -> bytes:
    return hmac(settings.SECRET_KEY.encode(), b"naungan second factor", sha256).digest()


@receiver(user_logged_in)
def _signed_in(sender: object, request: HttpRequest | None, user: User, **_: Any) -> None:
    _record(user, "sign_in")


@receiver(user_login_failed)
def _sign_in_failed(sender: object, credentials: dict[str, Any], **_: Any) -> None:
    typed = str(credentials.get("email") or credentials.get("username") or "")
    user = User.objects.of_address(typed).first() if typed else None
    if user is not None:
        audit.append(by=None, organisation_id=user.organisation_id, action="sign_in.failed", ref=user.ref)


@receiver(user_logged_out)
def _signed_out(sender: object, request: HttpRequest | None, user: User | None, **_: Any) -> None:
    if user is not None:
        _record(user, "sign_out")


@receiver(password_changed)
def _password_changed(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    _record(user, "password.changed")


@receiver(password_reset)
def _password_reset(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    _record(user, "password.reset")


@receiver(authenticator_added)
def _factor_added(sender: object, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    if authenticator.type != "recovery_codes":
        record_authentication(request, user, method="mfa", type=authenticator.type)
    _record(user, "factor.added", kind=authenticator.type)


@receiver(authenticator_removed)
def _factor_removed(sender: object, request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    _record(user, "factor.removed", kind=authenticator.type)


def _record(user: User, action: str, **details: str) -> None:
    audit.append(by=actor_for(user), organisation_id=user.organisation_id, action=action, ref=user.ref, details=details)
