"""New key-encryption keys, rewrapping under them, retiring old ones, and proof that a key backup works."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from naungan.access import audit, clock
from naungan.access.actor import Actor
from naungan.vault import keys, store
from naungan.vault.crypto import DataKey
from naungan.vault.errors import BadKeyFile, KeyInUse
from naungan.vault.models import IndexVersion, KeyVersion, Subject
from naungan.vault.ring import KeyRing

BATCH = 500


def note_key_versions() -> None:
    """
    Remember which keys this database uses, so that another installation's key file is noticed.

    Raises:
        BadKeyFile: the ring's key is not the one this database was sealed under.
    """
    ring = keys.ring()
    noted = dict(KeyVersion.objects.filter(pk__in=list(ring.keys)).values_list("version", "fingerprint"))
    for version in ring.keys:
        fingerprint = ring.fingerprint(version)
        if version not in noted:
            KeyVersion.objects.get_or_create(
                version=version, defaults={"fingerprint": fingerprint, "first_used_at": clock.now()}
            )
        elif noted[version] != fingerprint:
            raise BadKeyFile(_("these keys belong to another installation: check which key file the settings name"))


def rotate_keys(*, by: Actor | None, organisation_id: int) -> int:
    """
    Make a new key-encryption key current and rewrap every subject under it, while serving.

    The key file is written first. A run that was cut off is taken up by `rewrap`. The old key is kept
    until `retire_key`; the index moves to the new key with `reindex`.

    Args:
        by: Who asks; None for the command line.
        organisation_id: In whose audit chain it is written.

    Returns:
        int: how many subjects were rewrapped.
    """
    note_key_versions()
    ring = keys.ring().rotated()
    keys.replace_ring(ring)
    with transaction.atomic():
        note_key_versions()
        audit.append(
            by=by, organisation_id=organisation_id, action="keys.rotate", ref="", details={"version": ring.current}
        )
    return rewrap()


def rewrap(*, batch_size: int = BATCH) -> int:
    """Wrap under the current key every data key that is not yet; safe to stop and to run again."""
    done, last = 0, 0
    current = keys.ring().current
    while True:
        with transaction.atomic():
            late = Subject.objects.select_for_update().exclude(kek_version=current).filter(wrapped_key__isnull=False)
            batch = list(late.filter(pk__gt=last).order_by("pk")[:batch_size])
            for subject in batch:
                _wrap_anew(subject)
            Subject.objects.bulk_update(batch, ["wrapped_key", "kek_version"])
        if not batch:
            return done
        done, last = done + len(batch), batch[-1].pk


def rewrapped(locked: Subject) -> DataKey:
    """The data key of a subject locked for writing, wrapped anew in passing when its key version is old."""
    key = store.data_key(locked)
    if locked.kek_version != keys.ring().current:
        _wrap_anew(locked)
        locked.save(update_fields=["wrapped_key", "kek_version"])
    return key


@transaction.atomic
def retire_key(version: int, *, by: Actor | None, organisation_id: int) -> None:
    """
    Destroy an old key version; backups sealed under it become unreadable.

    Raises:
        KeyInUse: it is current, or still wraps a subject or makes an index.
    """
    if Subject.objects.filter(kek_version=version, wrapped_key__isnull=False).exists():
        raise KeyInUse(_("the key version still wraps identities; run `naungan keys rotate` to its end first"))
    if IndexVersion.objects.filter(kek_version=version).exists():
        raise KeyInUse(_("the key version still makes a search index; run `naungan vault reindex` first"))
    ring = keys.ring().without(version)
    KeyVersion.objects.filter(pk=version).update(retired_at=clock.now())
    audit.append(by=by, organisation_id=organisation_id, action="keys.retire", ref="", details={"version": version})
    keys.replace_ring(ring)


@transaction.atomic
def prove_backup(restored: KeyRing, *, by: Actor | None, organisation_id: int) -> None:
    """
    Record that keys restored from a backup or from custodians' shares are the right and complete ones.

    Raises:
        BadKeyFile: a key in use is missing from the backup, or differs.
    """
    note_key_versions()
    needed = KeyVersion.objects.filter(retired_at__isnull=True)
    for version, fingerprint in needed.values_list("version", "fingerprint"):
        if version not in restored.keys or restored.fingerprint(version) != fingerprint:
            raise BadKeyFile(
                _("the backup does not restore key version %(version)s; make a new one") % {"version": version}
            )
    needed.update(backup_tested_at=clock.now())
    audit.append(by=by, organisation_id=organisation_id, action="keys.backup_tested", ref="")


def _wrap_anew(subject: Subject) -> None:
    if subject.wrapped_key is None:
        return
    old = keys.ring_with(subject.kek_version)
    plain = old.unwrap(bytes(subject.wrapped_key), ref=subject.ref, version=subject.kek_version)
    subject.wrapped_key, subject.kek_version = keys.ring().wrap(plain, ref=subject.ref)
