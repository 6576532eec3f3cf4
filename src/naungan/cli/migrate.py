"""`naungan migrate`: the database's shape."""

from __future__ import annotations

import click

from naungan.cli.frame import EXIT_CODES, Progress, json_option, report, start
from naungan.cli.frame import gettext as _


@click.command("migrate", epilog=EXIT_CODES)
@click.option(
    "--check", "only_check", is_flag=True, help="Only say whether something is to be done; exit code 1 if so."
)
@json_option
def command(only_check: bool, as_json: bool) -> int:
    """Bring the database to this version. Safe to run again; `serve` does it too."""
    start()
    from naungan.site import serving

    waiting = serving.waiting_migrations()
    if waiting and not only_check:
        with Progress().step(_("Bringing the database to this version")):
            serving.migrate()
    words = _("The database is at this version.")
    if waiting:
        said = _("%(count)d migrations wait.") if only_check else _("%(count)d migrations done.")
        words = said % {"count": len(waiting)}
    report({"waiting": waiting if only_check else [], "done": [] if only_check else waiting}, [words], as_json=as_json)
    return 1 if only_check and waiting else 0
