"""`naungan backup`: everything in one encrypted file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from naungan.cli.frame import EXIT_CODES, Progress, json_option, passphrase_from, report, start
from naungan.cli.frame import gettext as _


@click.command("backup", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--passphrase", "by_passphrase", is_flag=True, help="Seal it by a passphrase that you type, instead of the keys."
)
@click.option(
    "--passphrase-file", type=click.Path(exists=True, dir_okay=False), help="Read that passphrase from a file."
)
@click.option("--verify", "only_verify", is_flag=True, help="Write nothing: prove that FILE restores.")
@json_option
def command(file: Path, by_passphrase: bool, passphrase_file: str | None, only_verify: bool, as_json: bool) -> None:
    """
    Write everything to one encrypted FILE, and prove that it restores.

    The file holds database and files, never a key: keep `naungan keys split` or a copy of the sealed key file
    elsewhere. The proof restores it into a scratch place, checks the database, opens one sealed item and walks
    the audit chains.
    """
    start()
    from naungan.site import backup

    passphrase = (
        passphrase_from(passphrase_file, prompt=_("Passphrase"), confirm=not only_verify)
        if by_passphrase or passphrase_file
        else None
    )
    with Progress().step(_("Proving the backup") if only_verify else _("Writing and proving the backup")):
        done = (
            backup.verify_backup(file, passphrase=passphrase)
            if only_verify
            else backup.write_backup(file, passphrase=passphrase)
        )
    report(
        asdict(done),
        [
            _("%(file)s: %(bytes)s bytes, %(rows)s rows; it restores.")
            % {"file": done.file, "bytes": f"{done.bytes:,}", "rows": f"{done.rows:,}"},
            *(f"  {k}: {v}" for k, v in done.checks.items()),
        ],
        as_json=as_json,
    )
