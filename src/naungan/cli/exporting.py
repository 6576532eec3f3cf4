"""`naungan export`: cases to a file, by the same act as on the screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from naungan.cli.frame import EXIT_CODES, Progress, Refused, actor_named, start
from naungan.cli.frame import gettext as _


@click.command("export", epilog=EXIT_CODES)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--as",
    "email",
    required=True,
    help="E-mail of the person in whose name it is done; they must be allowed to export.",
)
@click.option(
    "--form",
    default="csv",
    show_default=True,
    help="csv or json (without loss), plain, single or multi (the HTCDS workbooks).",
)
@click.option("--reason", required=True, help="Why; it is kept in the audit chain.")
@click.option("--state", default="", help="Only open cases when left out; `all`, or one state.")
@click.option("--opened-from", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--opened-until", type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--with-identity", is_flag=True, help="Names and other sealed values too; the person must be allowed that."
)
def command(
    file: Path,
    email: str,
    form: str,
    reason: str,
    state: str,
    opened_from: datetime | None,
    opened_until: datetime | None,
    with_identity: bool,
) -> None:
    """Write the cases in somebody's scope to FILE. It is audited case by case."""
    start()
    from naungan.exchange import actions
    from naungan.exchange.states import Form

    if file.exists():
        raise Refused(_("There is already a file of that name; choose another."))
    try:
        chosen = Form(form)
    except ValueError as error:
        raise click.UsageError(_("Forms: %(forms)s.") % {"forms": ", ".join(each.value for each in Form)}) from error
    choice: dict[str, object] = {"state": state}
    if opened_from:
        choice["opened_from"] = opened_from.date().isoformat()
    if opened_until:
        choice["opened_until"] = opened_until.date().isoformat()
    by = actor_named(email)
    export = actions.start_export(by=by, form=chosen, choice=choice, reason=reason, with_identity=with_identity)
    part = file.with_name(f".{file.name}.part")
    try:
        with Progress().step(_("Writing")), part.open("wb") as target:
            for chunk in actions.download(by=by, export=export).chunks:
                target.write(chunk)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    click.echo(_("Wrote %(path)s.") % {"path": file})
