"""`naungan keys`: the vault's keys."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from naungan.cli.frame import (
    EXIT_CODES,
    Progress,
    Refused,
    json_option,
    organisation_named,
    passphrase_from,
    report,
    start,
)
from naungan.cli.frame import gettext as _

if TYPE_CHECKING:
    from naungan.vault.ring import KeyRing

_PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Read the passphrase from a file instead of typing it.",
)
_LEAST_LETTERS = 16


@click.group("keys", epilog=EXIT_CODES)
def command() -> None:
    """
    The vault's keys: make, seal, rotate, split, test.

    A lost key is the one way to lose every identity, and an open one the way to lose them to somebody else. Seal
    the key file, keep a copy or shares of it elsewhere, and prove once that they work.
    """


@command.command("generate", epilog=EXIT_CODES)
@_PASSPHRASE_FILE
@click.option("--by-key", is_flag=True, help="Seal by the key in NAUNGAN_VAULT_KEY instead of a passphrase.")
def generate(passphrase_file: str | None, by_key: bool) -> None:
    """Make a key file, sealed. Refused when there is one."""
    start()
    from django.conf import settings

    from naungan.vault import key_file, keys
    from naungan.vault.ring import new_ring

    path = keys.key_path()
    if path.exists():
        raise Refused(
            _("There is a key file already: %(path)s. Keys are never written over; see `naungan keys rotate`.")
            % {"path": path}
        )
    if by_key:
        if not settings.VAULT_KEY:
            raise Refused(_("Set NAUNGAN_VAULT_KEY or NAUNGAN_VAULT_KEY_FILE first."))
        key_file.write_sealed_by_key(path, new_ring(), key_file.read_key(settings.VAULT_KEY))
    else:
        key_file.write_sealed_by_passphrase(path, new_ring(), _new_passphrase(passphrase_file))
    click.echo(_("Made %(path)s. Keep a copy elsewhere, then `naungan keys test COPY`.") % {"path": path})


@command.command("seal", epilog=EXIT_CODES)
@_PASSPHRASE_FILE
def seal(passphrase_file: str | None) -> None:
    """Seal an open key file by a passphrase, or a sealed one by a new passphrase."""
    start()
    from naungan.vault import key_file, keys

    ring, path = keys.ring(), keys.key_path()
    key_file.write_sealed_by_passphrase(path, ring, _new_passphrase(passphrase_file))
    click.echo(
        _("%(path)s is sealed. At each start give the passphrase with NAUNGAN_VAULT_PASSPHRASE_FILE, on another disk.")
        % {"path": path}
    )


@command.command("rotate", epilog=EXIT_CODES)
@click.option("--organisation", help="In whose audit chain it is written; the first one when left out.")
@click.option("--resume", is_flag=True, help="Make no new key: go on with a rotation that was cut off.")
@click.option(
    "--retire", type=int, help="Destroy an old version that nothing uses any more; older backups then stay shut."
)
def rotate(organisation: str | None, resume: bool, retire: int | None) -> None:
    """Make a new key current and wrap every person's key under it, while serving."""
    start()
    from naungan.vault import actions

    body = _organisation(organisation)
    if retire is not None:
        actions.retire_key(retire, by=None, organisation_id=body)
        click.echo(_("Key version %(version)d is destroyed.") % {"version": retire})
        return
    with Progress().step(_("Wrapping every person's key anew")):
        count = actions.rewrap() if resume else actions.rotate_keys(by=None, organisation_id=body)
    click.echo(
        _("%(count)d keys wrapped anew. Now `naungan vault reindex`, then make a new copy or shares of the key file.")
        % {"count": count}
    )


@command.command("split", epilog=EXIT_CODES)
@click.option(
    "--needed", required=True, type=click.IntRange(2, 20), help="How many custodians together restore the keys."
)
@click.option("--custodians", required=True, type=click.IntRange(2, 20), help="How many shares there are.")
def split(needed: int, custodians: int) -> None:
    """Print the keys as shares for custodians; fewer than --needed of them tell nothing. Then clear the screen."""
    start()
    from naungan.vault import keys
    from naungan.vault.ring import split_ring

    if needed > custodians:
        raise click.UsageError(_("More shares are needed than there are custodians."))
    for number, share in enumerate(split_ring(keys.ring(), needed=needed, custodians=custodians), 1):
        words = _("Share %(number)d of %(custodians)d, any %(needed)d restore the keys:")
        click.echo(words % {"number": number, "custodians": custodians, "needed": needed})
        click.echo(f"{share}\n")


@command.command("combine", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@_PASSPHRASE_FILE
def combine(file: Path, passphrase_file: str | None) -> None:
    """Restore a key FILE from custodians' shares, typed or piped in one a line, and seal it by a passphrase."""
    start()
    from naungan.vault import key_file

    if file.exists():
        raise Refused(_("There is already a file of that name; choose another."))
    ring = _combined(_typed_shares())
    key_file.write_sealed_by_passphrase(file, ring, _new_passphrase(passphrase_file))
    click.echo(_("Made %(path)s.") % {"path": file})


@command.command("test", epilog=EXIT_CODES)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_PASSPHRASE_FILE
@click.option("--organisation", help="In whose audit chain it is written; the first one when left out.")
def test(file: Path | None, passphrase_file: str | None, organisation: str | None) -> None:
    """Prove that a copy of the key FILE, or custodians' shares when no file is named, restore the keys in use."""
    start()
    from naungan.vault import actions, key_file

    if file is None:
        ring = _combined(_typed_shares())
    elif key_file.is_sealed(file):
        secret = passphrase_from(passphrase_file, prompt=_("Passphrase of the copy"))
        ring = key_file.read_ring(file, key_file.Secrets(passphrase=secret))
    else:
        ring = key_file.read_ring(file, key_file.Secrets())
    actions.prove_backup(ring, by=None, organisation_id=_organisation(organisation))
    click.echo(_("The backup restores every key in use. `naungan doctor` remembers it."))


@command.command("show", epilog=EXIT_CODES)
@json_option
def show(as_json: bool) -> None:
    """Which key versions there are and how the file is sealed; never a key."""
    start()
    from naungan.vault import key_file, keys, queries

    ring, path, health = keys.ring(), keys.key_path(), queries.key_health()
    data = {
        "file": str(path),
        "sealed": path.exists() and key_file.is_sealed(path),
        "current": ring.current,
        "versions": {version: ring.fingerprint(version) for version in sorted(ring.keys)},
        "backup_tested_at": health.backup_tested_at,
        "under_an_old_key": health.late_subjects,
    }
    report(data, [f"{name.replace('_', ' ')}: {value}" for name, value in data.items()], as_json=as_json)


def _new_passphrase(path: str | None) -> str:
    typed = passphrase_from(
        path,
        prompt=_("New passphrase (at least %(letters)d letters; six random words are good)")
        % {"letters": _LEAST_LETTERS},
        confirm=True,
    )
    if len(typed) < _LEAST_LETTERS:
        raise Refused(_("The passphrase must have at least %(letters)d letters.") % {"letters": _LEAST_LETTERS})
    return typed


def _typed_shares() -> list[str]:
    if not sys.stdin.isatty():
        return [line.strip() for line in sys.stdin if line.strip()]
    shares: list[str] = []
    while line := click.prompt(_("Share (empty when done)"), default="", show_default=False, err=True):
        shares.append(line)
    return shares


def _combined(texts: list[str]) -> KeyRing:
    from naungan.vault.ring import combine_ring

    return combine_ring(texts)


def _organisation(text: str | None) -> int:
    if text:
        return int(organisation_named(text).pk)
    from naungan.access.models import Organisation

    first = Organisation.objects.order_by("pk").first()
    if first is None:
        raise Refused(_("There is no organisation yet; make one with `naungan user create --new-organisation`."))
    return first.pk
