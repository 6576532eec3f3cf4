"""`naungan import`: a workbook, a CSV file or survey answers, by the same steps as on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from naungan.cli.frame import EXIT_CODES, Progress, Refused, actor_named, json_option, organisation_named, report, start
from naungan.cli.frame import gettext as _

if TYPE_CHECKING:
    from naungan.exchange.models import ImportBatch


@click.command("import", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as",
    "email",
    required=True,
    help="E-mail of the person in whose name it is done; they must be allowed to import.",
)
@click.option("--organisation", help="Name or reference; must be the person's own, and guards against a mix-up.")
@click.option("--check-only", is_flag=True, help="Stop after checking: nothing becomes a case.")
@json_option
def command(file: Path, email: str, organisation: str | None, check_only: bool, as_json: bool) -> int:
    """
    Take in FILE: an HTCDS workbook, a CSV file by API names, or survey answers (CSV or JSON).

    Good rows become cases; the others wait in quarantine, to be mended on the screen. The same file twice changes
    nothing. Exit code 1 when rows wait or the file cannot be read.
    """
    start()
    from naungan.exchange import actions
    from naungan.exchange.states import State

    by = actor_named(email)
    if organisation and organisation_named(organisation).pk != by.organisation_id:
        raise Refused(_("That person works in another organisation."))
    progress = Progress()
    with progress.step(_("Reading")), file.open("rb") as content:
        staged = actions.stage_file(by=by, file=content, name=file.name)
        batch = _settled(staged.batch)
    if not staged.is_known and batch.state == State.MAPPING:
        with progress.step(_("Checking")):
            batch = _settled(actions.confirm_mapping(by=by, batch=batch))
    if not check_only and batch.state == State.CHECKED:
        with progress.step(_("Importing")):
            batch = _settled(actions.accept_good(by=by, batch=batch))
    return _tell(batch, is_known=staged.is_known, as_json=as_json)


def _settled(batch: ImportBatch) -> ImportBatch:
    """Do the queued work of a batch here, or wait for the server that does it."""
    import time

    from naungan.exchange.states import RUNNING, State
    from naungan.site import serving

    while True:
        batch.refresh_from_db()
        if State(batch.state) not in RUNNING:
            return batch
        if not serving.run_waiting_task():
            time.sleep(0.2)


def _tell(batch: ImportBatch, *, is_known: bool, as_json: bool) -> int:
    from naungan.exchange.states import ROW_WORDS, STATE_WORDS, RowState, State

    data: dict[str, Any] = {
        "batch": batch.ref,
        "state": batch.state,
        "known": is_known,
        "counts": batch.counts,
        "failure": batch.failure,
    }
    lines = [_("This file was taken in before; nothing changed.")] if is_known else []
    lines.append(_("Batch %(ref)s: %(state)s") % {"ref": batch.ref, "state": STATE_WORDS[State(batch.state)]})
    lines += [f"  {ROW_WORDS[RowState(name)]}: {count}" for name, count in batch.counts.items()]
    if batch.failure:
        words = _("The file could not be read: %(code)s. Its page on the site says what to do.")
        lines.append("  " + words % {"code": batch.failure})
    if batch.state == "partly_accepted":
        lines.append("  " + _("Some rows wait in quarantine: mend them on the site, under Imports."))
    report(data, lines, as_json=as_json)
    return 1 if batch.state in ("failed", "partly_accepted") else 0
