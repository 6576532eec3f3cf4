"""`naungan restore`: a backup back into an empty folder."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from naungan.cli.frame import EXIT_CODES, Progress, json_option, passphrase_from, report, start
from naungan.cli.frame import gettext as _


@click.command("restore", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The new home folder: empty, or not there.",
)
@click.option(
    "--database-url",
    default="",
    help="An empty PostgreSQL database: for a backup of one, or to move from SQLite to PostgreSQL.",
)
@click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False),
    help="Read the passphrase from a file instead of typing it.",
)
@json_option
def command(file: Path, into: Path, database_url: str, passphrase_file: str | None, as_json: bool) -> None:
    """
    Bring a backup back into an empty folder.

    Needs the keys and secrets of the installation that wrote it. Whoever was erased since the backup is erased
    again before it can serve. Then set NAUNGAN_HOME to the folder and run `naungan doctor`.
    """
    start()
    from naungan.site import backup

    needs = backup.read_header(file).get("sealed_by") == "passphrase"
    passphrase = passphrase_from(passphrase_file, prompt=_("Passphrase")) if needs else None
    with Progress().step(_("Restoring")):
        done = backup.restore_backup(file, into, passphrase=passphrase, database_url=database_url)
    report(
        asdict(done),
        [
            _("%(into)s: %(rows)s rows of %(moment)s; erased again: %(erased)s.")
            % {
                "into": into,
                "rows": f"{done.rows:,}",
                "moment": done.made_at,
                "erased": done.checks.get("erased_again", "0"),
            },
            _("Now set NAUNGAN_HOME=%(into)s, check with `naungan doctor`, and serve.") % {"into": into},
        ],
        as_json=as_json,
    )
