"""
Starts the web server: one process of blocking threads (WSGI under granian) with the background work beside them.

`prepare` runs in the command's process, which then becomes granian; `make_application` runs in granian's worker.
"""

# Imports wait inside the functions: granian's worker loads this module before Django is set up.

from __future__ import annotations

import ctypes
import fcntl
import gc
import hashlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler

log = logging.getLogger("naungan.serving")

Step = Callable[[str], AbstractContextManager[object]]
TICK_SECONDS = 1.0
BEAT_SECONDS = 15.0


class NotReady(Exception):
    """The installation must not serve yet; the message says why and the fix."""


@dataclass(frozen=True, slots=True)
class Job:
    """Regular work: where its function is, how often it runs, and from which hour of the day if daily."""

    name: str
    function: str
    every: timedelta
    from_hour: int | None = None


JOBS = (
    Job("audit_anchor", "naungan.access.audit.anchor", timedelta(hours=1)),
    Job("escalation", "naungan.access.notices.escalate_unread", timedelta(hours=1)),
    Job("clocks", "naungan.protection.cases.clocks.warn", timedelta(minutes=15)),
    Job("digests", "naungan.access.notices.send_digests", timedelta(days=1), from_hour=7),
    Job("import_files", "naungan.exchange.actions.forget_due_files", timedelta(hours=6)),
    Job("stalled_imports", "naungan.exchange.actions.resume_stalled", timedelta(minutes=10)),
    Job("search_index", "naungan.vault.actions.reindex_what_is_due", timedelta(minutes=30)),
    Job("sessions", "naungan.site.serving.clear_sessions", timedelta(days=1)),
    Job("old_tasks", "naungan.site.serving.clear_tasks", timedelta(days=1)),
)


def prepare(*, step: Step | None = None) -> None:
    """
    Make ready to serve: home folder, keys, database, static files, erasure list. Safe to run again.

    Raises:
        NotReady: something forbids serving; the message says the fix.
    """
    from django.conf import settings
    from django.utils.translation import gettext as _

    shown = step or (lambda _what: nullcontext())
    _make_home(settings.HOME)
    with _locked(settings.HOME / "start.lock"):
        if not settings.DEMO:
            _refuse_open_keys()
        if waiting_migrations():
            with shown(_("Bringing the database to this version")):
                migrate()
        if static_changed():
            with shown(_("Gathering static files")):
                gather_static()
        settle_vault()


def run(*, host: str, port: int, threads: int) -> None:
    """Become the web server; does not return. Raises NotReady when the port is taken."""
    from django.db import connections

    _require_free(host, port)
    connections.close_all()
    words = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", "1",
        "--blocking-threads", str(threads), "--runtime-threads", "1", "--no-ws", "--http", "1", "--backlog", "256",
        "--log-level", "error", "--workers-kill-timeout", "20",
        "--factory", "naungan.site.serving:make_application",
    ]  # fmt: skip
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, words)  # noqa: S606 - our own interpreter, a list of words


def make_application() -> WSGIHandler:
    """The WSGI application of the worker process; background work starts with it."""
    from naungan.site.wsgi import application

    os.umask(0o077)
    _end_with_parent()
    gc.collect()
    gc.freeze()  # what was loaded stays: to walk over it again costs some pages 50 ms
    Background().start()
    return application


class Background:
    """The queue's worker and the clockwork of regular jobs, each in a thread that ends with the process."""

    def __init__(self) -> None:
        self.threads = [
            threading.Thread(target=self._work, name="naungan-tasks"),
            threading.Thread(target=self._tick, name="naungan-jobs"),
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        """Do what is queued, one task at a time; the task at work is finished before the process ends."""
        from django.conf import settings

        beaten, path = 0.0, settings.HOME / "worker.json"
        while _is_running():
            if time.monotonic() - beaten > BEAT_SECONDS:
                beaten = time.monotonic()
                _guarded("beat", lambda: _write_json(path, {"at": time.time(), "pid": os.getpid()}))
            if not _guarded("tasks", run_waiting_task):
                _rest(TICK_SECONDS)

    def _tick(self) -> None:
        _rest(5)
        while _is_running():
            _guarded("jobs", run_due_jobs)
            _rest(30)


def run_waiting_task() -> bool:
    """Run the next task of the queue; False when none waits."""
    from django.db import close_old_connections
    from django_tasks import task_backends
    from django_tasks_db.backend import DatabaseBackend
    from django_tasks_db.models import DBTaskResult

    close_old_connections()
    if not isinstance(task_backends["default"], DatabaseBackend) or not DBTaskResult.objects.ready().exists():
        return False
    _drain()
    return True


def run_due_jobs(now: datetime | None = None) -> list[str]:
    """Run the regular jobs whose time has come; returns their names."""
    from django.conf import settings
    from django.db import close_old_connections
    from django.utils import timezone

    moment = now or timezone.now()
    done = []
    with _locked(settings.HOME / "jobs.lock"):
        path = settings.HOME / "jobs.json"
        ran: dict[str, str] = _read_json(path)
        for job in JOBS:
            if not _is_due(job, ran.get(job.name), moment):
                continue
            close_old_connections()
            if _guarded(job.name, partial(_run_job, job)) is not False:
                done.append(job.name)
            ran[job.name] = moment.isoformat()
            _write_json(path, ran)
    return done


def clear_sessions() -> None:
    """Forget sessions that have ended."""
    from django.core.management import call_command

    call_command("clearsessions")


def clear_tasks() -> None:
    """Forget tasks that ended a week ago."""
    from django.core.management import call_command

    call_command("prune_db_task_results", min_age_days=7, verbosity=0)


def waiting_migrations() -> list[str]:
    """The migrations that this version has and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> None:
    """Bring the database to this version; on PostgreSQL one starting server does it while the others wait."""
    from django.core.management import call_command

    with _database_lock():
        call_command("migrate", interactive=False, verbosity=0)


def static_changed() -> bool:
    """Whether the package's static files differ from those gathered."""
    from django.conf import settings

    return _read_text(Path(settings.STATIC_ROOT) / ".fingerprint") != _static_fingerprint()


def gather_static() -> None:
    """Gather, hash and compress the static files into the home folder."""
    from django.conf import settings
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    (Path(settings.STATIC_ROOT) / ".fingerprint").write_text(_static_fingerprint(), encoding="utf-8")


def settle_vault() -> None:
    """
    Make sure that the keys are this database's, and erase again whoever the erasure list names.

    Raises:
        NotReady: the key file belongs to another installation.
    """
    from django.utils.translation import gettext as _

    from naungan.vault import actions as vault
    from naungan.vault.errors import VaultError

    try:
        vault.note_key_versions()
    except VaultError as error:
        raise NotReady(_("The vault cannot be opened: %(fault)s.") % {"fault": error}) from error
    vault.list_erasures()
    applied = vault.apply_erasures()
    if applied.erased or applied.refused:
        log.warning("erasure list: %d erased again, %d lines not ours", applied.erased, applied.refused)


def _refuse_open_keys() -> None:
    from django.conf import settings
    from django.utils.translation import gettext as _

    from naungan.site import env
    from naungan.vault import keys
    from naungan.vault.errors import KeysMissing, VaultError

    named = [env.text("VAULT_KEY_FILE"), env.text("VAULT_PASSPHRASE_FILE")]
    try:
        keys.refuse_unsealed_on_data_disk(settings.HOME, secret_files=[Path(name) for name in named if name])
        keys.ring()
    except KeysMissing as error:
        raise NotReady(
            _("There are no keys yet: %(fault)s. Then `naungan keys seal`, and start again.") % {"fault": error}
        ) from error
    except VaultError as error:
        raise NotReady(_("The vault cannot be opened: %(fault)s.") % {"fault": error}) from error


def _make_home(home: Path) -> None:
    for folder in (home, home / "files"):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    home.chmod(0o700)


def _static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            kept = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{kept.st_size}\0{kept.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _run_job(job: Job) -> object:
    """Call the job's function."""
    module, _, name = job.function.rpartition(".")
    return getattr(import_module(module), name)()


def _is_due(job: Job, last: str | None, now: datetime) -> bool:
    from django.utils import timezone

    if last and now - datetime.fromisoformat(last) < job.every * 0.95:
        return False
    return job.from_hour is None or timezone.localtime(now).hour >= job.from_hour


def _drain() -> None:
    """Let the queue's own worker empty the queue once."""
    from django_tasks_db.management.commands.db_worker import Worker

    Worker(
        queue_names=["*"], interval=0, batch=True, backend_name="default", startup_delay=False, max_tasks=1,
        worker_id=f"server-{os.getpid()}", excluded_queue_names=[],
    ).run()  # fmt: skip


def _require_free(host: str, port: int) -> None:
    from django.utils.translation import gettext as _

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                _("Port %(port)d is taken or cannot be used (%(fault)s); give another with --port.")
                % {"port": port, "fault": error.strerror}
            ) from error


def _end_with_parent() -> None:
    """Ask Linux to end this worker when granian itself is killed, so that no orphan keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM))  # PR_SET_PDEATHSIG


def _is_running() -> bool:
    # The main thread has ended when the process is asked to stop: then finish and go.
    return threading.main_thread().is_alive()


def _rest(seconds: float) -> None:
    until = time.monotonic() + seconds
    while _is_running() and time.monotonic() < until:
        time.sleep(min(0.25, seconds))


def _guarded(what: str, act: Callable[[], object]) -> object:
    """Do it, and log a failure by its kind only; False when it failed."""
    try:
        return act()
    except Exception as error:
        log.error("%s failed: %s", what, type(error).__name__)
        return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time on this machine."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _database_lock() -> Iterator[None]:
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7310520)")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(7310520)")


def _read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _read_json(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _write_json(path: Path, values: object) -> bool:
    made = path.with_suffix(".new")
    made.write_text(json.dumps(values), encoding="utf-8")
    made.replace(path)
    return True
