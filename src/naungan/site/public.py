"""The pages that need no sign-in: everything else does."""

PUBLIC = frozenset(
    {
        "account_login",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_inactive",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "mfa_signup_webauthn",
        "set_language",
        "set_theme",
        "alive",
        "recover",
        "signed_out",
    }
)

# Pages of a locked session: prove who you are, or leave.
WHILE_LOCKED = frozenset(
    {
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_logout",
        "lock",
        "set_language",
        "set_theme",
        "alive",
    }
)

# Answers 401 itself, with the one error shape.
API_PREFIX = "/api/"
