"""The mails that sign-in sends: what happened, never who somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from naungan.access.models import User

# By the library's name of a mail: subject, and what happened. No other mail leaves.
MAILS: Mapping[str, tuple[object, object]] = {
    "account/email/password_reset_key": (
        _("Set a new password"),
        _("Somebody asked for a new password for your account. Open this address to set one:"),
    ),
    "account/email/password_changed": (_("Your password was changed"), _("Your password was changed.")),
    "account/email/password_reset": (_("Your password was changed"), _("A new password was set for your account.")),
    "mfa/email/totp_activated": (_("A second factor was added"), _("An authenticator app was added to your account.")),
    "mfa/email/totp_deactivated": (
        _("A second factor was removed"),
        _("The authenticator app was removed from your account."),
    ),
    "mfa/email/webauthn_added": (_("A second factor was added"), _("A passkey was added to your account.")),
    "mfa/email/webauthn_removed": (_("A second factor was removed"), _("A passkey was removed from your account.")),
    "mfa/email/recovery_codes_generated": (
        _("New recovery codes were made"),
        _("New recovery codes were made for your account; those before work no more."),
    ),
}


def send(kind: str, email: str, context: Mapping[str, Any]) -> None:
    """
    Send a mail of the sign-in library in the person's own language.

    Args:
        kind: The library's name of the mail; one that is not in `MAILS` is not sent.
        email: To whom; nothing is sent where no account has this address.
        context: What the library knows: address to open, time, browser.
    """
    user = User.objects.of_address(email).filter(is_active=True).first()
    if kind not in MAILS or user is None:
        return
    with translation.override(user.language):
        subject, happened = MAILS[kind]
        body = render_to_string("site/mail.txt", {**context, "happened": happened})
        send_mail(f"Naungan: {subject}", body, None, [user.email])
