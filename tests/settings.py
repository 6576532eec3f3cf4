"""The settings of the tests: real ones, with secrets and a home folder that live as long as the run."""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="naungan-test-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.mkdir(f"{_HOME}/static")  # noqa: PTH102 - WhiteNoise warns of a missing folder
os.environ.update(
    NAUNGAN_HOME=_HOME,
    NAUNGAN_SECRET_KEY="a-secret-for-tests-only-" + "x" * 20,
    NAUNGAN_AUDIT_KEY="an-audit-key-for-tests-only-" + "x" * 20,
    NAUNGAN_VAULT_KEY="11" * 32,
    NAUNGAN_TLS="no",
    NAUNGAN_TASKS="django_tasks.backends.immediate.ImmediateBackend",
)

from naungan.site.settings import *  # noqa: E402, F403 - the environment must be set before

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": f"{_HOME}/files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):  # noqa: F405 - of the real settings
    # A file, as in life: several connections to one in-memory database do not wait for each other.
    DATABASES["default"]["TEST"] = {"NAME": f"{_HOME}/test.sqlite3"}  # noqa: F405
