"""Every setting, safe by default: debug does not exist, and a missing secret stops the start."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from naungan.site import env

PACKAGE = Path(__file__).resolve().parent.parent
HOME = env.home()
DEMO = env.flag("DEMO")


def _secret(name: str) -> str:
    """A secret from outside; the demonstration makes its own and keeps it in its home folder."""
    given = env.text(name)
    if given:
        if len(given) < 32:
            raise env.BadSetting(name, "must have at least 32 characters")
        return given
    kept = HOME / name.lower()
    if not DEMO:
        raise env.BadSetting(name, f"is missing; set it, or NAUNGAN_{name}_FILE, or run with NAUNGAN_DEMO=1")
    if not kept.exists():
        HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return kept.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret("SECRET_KEY")
AUDIT_KEY = _secret("AUDIT_KEY")
DEBUG = False
ALLOWED_HOSTS = env.listed("HOST", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
BEHIND_TLS = env.flag("TLS", default=not DEMO)

INSTALLED_APPS = [
    "naungan.site",  # first: its templates stand before those of the libraries
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
    "naungan.access",
    "naungan.vault",
    "naungan.protection.cases",
    "naungan.protection.consent",
    "naungan.protection.safety",
    "naungan.exchange",
    "naungan.exchange.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "naungan.site.middleware.no_store",
    "naungan.site.sessions.Middleware",
    "naungan.site.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "naungan.site.middleware.signed_in_only",
    "naungan.site.middleware.idle_lock",
    "naungan.site.middleware.size_limit",
    "naungan.site.middleware.domain_errors",
    "naungan.site.middleware.asked_once",
]

ROOT_URLCONF = "naungan.site.urls"
WSGI_APPLICATION = "naungan.site.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": env.database(env.text("DATABASE_URL"), HOME)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # Throttles count here: at Django's 300 entries, guesses at made-up addresses would push out a real one's count.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("naungan.site.templating.Loader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "naungan.site.context.shell",
            ],
        },
    }
]

# People and sign-in
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["naungan.site.sign_in.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "signed_out"
ACCOUNT_ADAPTER = "naungan.site.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {"reset_password": "naungan.site.sign_in.ResetPasswordForm"}
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key", "reset_password": "5/h/ip,3/h/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
MFA_TOTP_ISSUER = "Naungan"
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_FORMS = {"authenticate": "naungan.site.sign_in.CodeForm", "reauthenticate": "naungan.site.sign_in.CodeAgainForm"}
MFA_ADAPTER = "naungan.site.sign_in.MFAAdapter"
# The list of sign-ins is kept by middleware.idle_lock, twice a minute and not on every page.
USERSESSIONS_TRACK_ACTIVITY = False

SESSION_ENGINE = "naungan.site.sessions"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_NAME = "__Host-naungan" if BEHIND_TLS else "naungan"
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = True
IDLE_LOCK_MINUTES = env.whole("IDLE_LOCK_MINUTES", default=15, least=1, most=240)
SECOND_FACTOR_OPTIONAL = DEMO

# What a browser may do
SECURE_SSL_REDIRECT = BEHIND_TLS
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.flag("PROXY") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("PROXY") else None
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if BEHIND_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_TLS
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" would send forms with the origin "null", which is refused
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
    }
}

# Words, times, files
LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Bahasa Indonesia")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "cli" / "locale"]  # the commands are no Django app
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Asia/Jakarta")
STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(HOME / "files")}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_HANDLERS = ["naungan.exchange.uploads.InMemoryOnly"]  # no plain copy of an upload touches the disk
UPLOAD_MOST_BYTES = env.whole("UPLOAD_MOST_MB", default=50, least=1, most=2000) * 1_000_000
ATTACHMENT_MOST_BYTES = env.whole("ATTACHMENT_MOST_MB", default=25, least=1, most=500) * 1_000_000

TASKS = {"default": {"BACKEND": env.text("TASKS", "django_tasks_db.DatabaseBackend"), "QUEUES": ["default", "mail"]}}

EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if env.text("EMAIL_HOST")
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = str(HOME / "mail")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.whole("EMAIL_PORT", default=587, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=True)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "naungan@localhost")

# The vault
VAULT_KEY_FILE = env.text("VAULT_KEY_PATH") or str(HOME / "vault_key.json")
VAULT_KEY = env.text("VAULT_KEY")
VAULT_PASSPHRASE = env.text("VAULT_PASSPHRASE")
VAULT_UNWRAP_COMMAND = env.text("VAULT_UNWRAP_COMMAND")
ERASURE_LIST = env.text("ERASURE_LIST") or str(HOME / "erasures.jsonl")
AUDIT_ANCHORS = env.text("AUDIT_ANCHORS") or str(HOME / "audit_anchors.jsonl")
BACKUP_KEPT_DAYS = env.whole("BACKUP_KEPT_DAYS", default=35, least=1, most=3650)
CLAMD = env.text("CLAMD")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"bare": {"()": "naungan.site.logs.BareRequest"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["bare"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "naungan": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # e-mail is unique whatever its case, by a constraint that the check does not read
    "security.W008",  # redirect to TLS is the proxy's where NAUNGAN_TLS is no
]
