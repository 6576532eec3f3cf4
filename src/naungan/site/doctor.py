"""
The doctor: checks an installation and says, for each thing that is not well, how to mend it.

A finding is `good`, `warning` (look at it soon) or `bad` (the installation is not healthy). No finding carries a
name, a code or a key.
"""

from __future__ import annotations

import json
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from naungan.access.models import AuditChain, AuditEntry, Organisation
from naungan.site import env, serving
from naungan.site.backup import RECORD
from naungan.vault import key_file, keys, queries
from naungan.vault.errors import VaultError

GOOD, WARNING, BAD = "good", "warning", "bad"
BACKUP_DUE, BACKUP_LATE = timedelta(days=1, hours=6), timedelta(days=7)
KEY_TEST_LATE = timedelta(days=366)
LEAST_FREE_BYTES, LOW_FREE_BYTES = 500_000_000, 2_000_000_000
BEAT_LATE_SECONDS = 180
TASK_LATE = timedelta(minutes=15)
ANCHOR_LATE = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: its code, state, a sentence, and the way to mend it."""

    code: str
    state: str
    said: str
    fix: str = ""


def examine() -> list[Finding]:
    """Run every check; one that cannot run is itself a bad finding."""
    found: list[Finding] = []
    for code, check in CHECKS.items():
        try:
            found.extend(check())
        except DatabaseError:
            said = _("The database did not answer this check.")
            found.append(Finding(code, BAD, said, _("Run `naungan migrate`, then this again.")))
        except VaultError:
            said = _("This cannot be checked while the vault is shut.")
            found.append(Finding(code, WARNING, said, _("Mend the keys first.")))
    return found


def is_healthy(found: list[Finding]) -> bool:
    """Whether nothing is bad."""
    return all(finding.state != BAD for finding in found)


def check_secrets() -> Iterator[Finding]:
    """Secrets come from outside the home folder."""
    if settings.DEMO:
        yield Finding(
            "secrets",
            WARNING,
            _("This is the demonstration: secrets and keys lie open in its folder."),
            _("Never put a real person into it. For real work set NAUNGAN_DEMO=0 and follow the installation guide."),
        )
        return
    if not settings.BEHIND_TLS:
        yield Finding(
            "secrets", BAD, _("Cookies travel without TLS."), _("Set NAUNGAN_TLS=yes and put a TLS proxy in front.")
        )
    places = [env.text(f"{name}_FILE") for name in ("SECRET_KEY", "AUDIT_KEY", "VAULT_KEY", "VAULT_PASSPHRASE")]
    inside = [Path(place).name for place in places if place and Path(place).resolve().is_relative_to(settings.HOME)]
    if inside:
        yield Finding(
            "secrets",
            BAD,
            _("Secret files lie in the folder of the data: %(files)s.") % {"files": ", ".join(inside)},
            _("Move them to another disk or a secret store, and set the ..._FILE settings anew."),
        )
    elif settings.BEHIND_TLS:
        yield Finding("secrets", GOOD, _("Secrets come from outside the data folder."))


def check_keys() -> Iterator[Finding]:
    """The vault opens, with this installation's keys, and the key file is sealed."""
    try:
        keys.ring()
        health = queries.key_health()
    except VaultError as error:
        yield Finding(
            "keys",
            BAD,
            _("The vault cannot be opened: %(why)s.") % {"why": error},
            _("Give the right key file and passphrase."),
        )
        return
    if not health.is_this_installation:
        yield Finding(
            "keys",
            BAD,
            _("The keys belong to another installation."),
            _("Check which key file NAUNGAN_VAULT_KEY_PATH names."),
        )
        return
    path = keys.key_path()
    if path.exists() and not key_file.is_sealed(path):
        state = WARNING if settings.DEMO else BAD
        yield Finding("keys", state, _("The key file is not sealed."), _("Run `naungan keys seal`."))
    if health.late_subjects:
        yield Finding(
            "keys",
            WARNING,
            _("%(people)d people are still under an old key.") % {"people": health.late_subjects},
            _("Run `naungan keys rotate --resume`, then `naungan vault reindex`."),
        )
    yield _key_backup(health.backup_tested_at)


def check_backup() -> Iterator[Finding]:
    """The last backup is young and was proven."""
    try:
        kept = json.loads((settings.HOME / RECORD).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(kept["kept_at"])
    except (OSError, ValueError, KeyError):
        yield Finding(
            "backup",
            _unless_demo(),
            _("No backup was ever made."),
            _("Run `naungan backup FILE` daily, to another disk."),
        )
        return
    age = timezone.now() - at
    if age > BACKUP_LATE:
        yield Finding(
            "backup",
            _unless_demo(),
            _("The last backup is %(days)d days old.") % {"days": age.days},
            _("Run `naungan backup FILE`."),
        )
    elif age > BACKUP_DUE:
        yield Finding(
            "backup", WARNING, _("The last backup is older than a day."), _("Run `naungan backup FILE` daily.")
        )
    elif not kept.get("verified"):
        yield Finding("backup", WARNING, _("The last backup was not proven."), _("Run `naungan backup --verify FILE`."))
    else:
        yield Finding("backup", GOOD, _("The last backup is young and restores."))


def check_migrations() -> Iterator[Finding]:
    """The database has the shape of this version."""
    waiting = serving.waiting_migrations()
    if waiting:
        said = _("%(count)d changes of the database wait.") % {"count": len(waiting)}
        yield Finding("migrations", BAD, said, _("Run `naungan migrate`."))
    else:
        yield Finding("migrations", GOOD, _("The database has the shape of this version."))


def check_permissions() -> Iterator[Finding]:
    """Nobody but the owner reads the home folder."""
    places = [settings.HOME, keys.key_path(), Path(settings.ERASURE_LIST), Path(settings.AUDIT_ANCHORS)]
    if connection.vendor == "sqlite":
        places.append(Path(str(connection.settings_dict["NAME"])))
    open_ones = [place for place in places if place.exists() and place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]
    guarded = settings.HOME.exists() and not settings.HOME.stat().st_mode & 0o077
    bad = [place for place in open_ones if not (guarded and place.resolve().is_relative_to(settings.HOME))]
    if bad:
        yield Finding(
            "permissions",
            BAD,
            _("Others than the owner may read: %(files)s.") % {"files": ", ".join(str(place) for place in bad)},
            _("Run `chmod -R go= %(folder)s`, and chmod 600 on files elsewhere.") % {"folder": settings.HOME},
        )
    else:
        yield Finding("permissions", GOOD, _("Only the owner reads the data folder."))


def check_clock() -> Iterator[Finding]:
    """The clock does not stand before what has already happened."""
    newest = AuditEntry.objects.order_by("-pk").values_list("at", flat=True).first()
    now = timezone.now()
    if newest is not None and newest > now + timedelta(minutes=2):
        yield Finding(
            "clock",
            BAD,
            _("The clock stands before the last entry of the audit chain."),
            _("Set the clock by a time server (NTP), then restart."),
        )
    elif now.year < 2025:
        yield Finding("clock", BAD, _("The clock shows a year long past."), _("Set the clock by a time server (NTP)."))
    else:
        yield Finding("clock", GOOD, _("The clock goes forward."))


def check_disk() -> Iterator[Finding]:
    """There is room to write."""
    free = shutil.disk_usage(settings.HOME).free
    said = _("%(free)d MB are free on the data disk.") % {"free": free // 1_000_000}
    if free < LEAST_FREE_BYTES:
        yield Finding("disk", BAD, said, _("Make room now: below that nothing can be saved."))
    elif free < LOW_FREE_BYTES:
        yield Finding("disk", WARNING, said, _("Make room soon."))
    else:
        yield Finding("disk", GOOD, said)


def check_audit() -> Iterator[Finding]:
    """The end of each chain is what its head says, and anchors outside are young."""
    for chain in AuditChain.objects.select_related("organisation"):
        last = AuditEntry.objects.filter(organisation_id=chain.pk).order_by("-number").first()
        if (last.number if last else 0) != chain.length or (last and bytes(last.mac) != bytes(chain.head)):
            yield Finding(
                "audit",
                BAD,
                _("The audit chain of one organisation (%(ref)s) does not end where it should.")
                % {"ref": chain.organisation.ref},
                _("Run `naungan audit verify`, keep the disk as it is, and tell the data protection officer."),
            )
            return
    anchors = Path(settings.AUDIT_ANCHORS)
    if not anchors.exists() or time.time() - anchors.stat().st_mtime > ANCHOR_LATE.total_seconds():
        yield Finding(
            "audit",
            WARNING,
            _("The chain was not anchored outside the database for hours."),
            _("The server does it hourly; start it, or run `naungan audit anchor`."),
        )
    elif anchors.resolve().is_relative_to(settings.HOME) and not settings.DEMO:
        yield Finding(
            "audit",
            WARNING,
            _("The anchors lie beside the data."),
            _("Set NAUNGAN_AUDIT_ANCHORS to a file on another machine or disk."),
        )
    else:
        yield Finding("audit", GOOD, _("The audit chains end where they should."))


def check_worker() -> Iterator[Finding]:
    """Somebody does the queued work."""
    from django_tasks_db.models import DBTaskResult

    try:
        beaten = float(json.loads((settings.HOME / "worker.json").read_text(encoding="utf-8"))["at"])
    except (OSError, ValueError, KeyError):
        beaten = 0.0
    alive = time.time() - beaten < BEAT_LATE_SECONDS
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=timezone.now() - TASK_LATE).count()
    if waiting:
        yield Finding(
            "worker",
            BAD,
            _("%(count)d tasks wait longer than a quarter of an hour.") % {"count": waiting},
            _("Start the server with `naungan serve`; if it runs, restart it."),
        )
    elif not alive:
        yield Finding(
            "worker", WARNING, _("The server does not run, so queued work waits."), _("Start it with `naungan serve`.")
        )
    else:
        yield Finding("worker", GOOD, _("Queued work is being done."))


def check_erasures() -> Iterator[Finding]:
    """Every erasure stands on the list outside the database."""
    unlisted = queries.key_health().unlisted_erasures
    path = Path(settings.ERASURE_LIST)
    if unlisted:
        yield Finding(
            "erasures",
            BAD,
            _("%(count)d erasures are not on the list outside the database.") % {"count": unlisted},
            _("Run `naungan vault erasures --write`; check that the list's folder can be written."),
        )
    elif path.exists() and path.resolve().is_relative_to(settings.HOME) and not settings.DEMO:
        yield Finding(
            "erasures",
            WARNING,
            _("The erasure list lies beside the data."),
            _("Set NAUNGAN_ERASURE_LIST to a file on another disk."),
        )
    else:
        yield Finding("erasures", GOOD, _("Every erasure is on the list outside the database."))


def check_index() -> Iterator[Finding]:
    """No organisation has outgrown its search index."""
    due = [pk for pk in Organisation.objects.values_list("pk", flat=True) if queries.reindex_due(pk)]
    if due:
        said = _("The search index of %(count)d organisations should be built anew.") % {"count": len(due)}
        yield Finding("index", WARNING, said, _("Run `naungan vault reindex`; search goes on meanwhile."))
    else:
        yield Finding("index", GOOD, _("The search indexes fit."))


CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "secrets": check_secrets,
    "migrations": check_migrations,
    "keys": check_keys,
    "backup": check_backup,
    "permissions": check_permissions,
    "clock": check_clock,
    "disk": check_disk,
    "audit": check_audit,
    "worker": check_worker,
    "erasures": check_erasures,
    "index": check_index,
}


def _key_backup(tested: datetime | None) -> Finding:
    if tested is None:
        return Finding(
            "key_backup",
            _unless_demo(),
            _("No backup of the keys was ever tested: a lost key is the one way to lose everything."),
            _("Run `naungan keys split` or copy the sealed key file elsewhere, then `naungan keys test`."),
        )
    if timezone.now() - tested > KEY_TEST_LATE:
        return Finding(
            "key_backup",
            WARNING,
            _("The key backup was last tested more than a year ago."),
            _("Run `naungan keys test`."),
        )
    return Finding("key_backup", GOOD, _("A backup of the keys was tested."))


def _unless_demo() -> str:
    return WARNING if settings.DEMO else BAD
