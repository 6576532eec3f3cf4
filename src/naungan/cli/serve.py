"""`naungan serve`: checks, migrates, gathers static files, then becomes the web server."""

from __future__ import annotations

import click

from naungan.cli.frame import EXIT_CODES, Progress, Refused, start
from naungan.cli.frame import gettext as _


@click.command("serve", epilog=EXIT_CODES)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on. Others than this machine need 0.0.0.0 and TLS in front.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests answered at the same time."
)
@click.option("--check", "only_check", is_flag=True, help="Make everything ready and stop before serving.")
def command(host: str, port: int, threads: int, only_check: bool) -> None:
    """
    Serve the site, with its background work, from this machine.

    Brings the database to this version, gathers static files when they changed, applies the erasure list, and
    refuses to start with an open key beside the data. Stop it with Ctrl-C or SIGTERM: requests and the task at
    work are finished first.
    """
    start()
    from naungan.site import serving

    try:
        serving.prepare(step=Progress().step)
    except serving.NotReady as error:
        raise Refused(str(error)) from error
    if not only_check:
        address = f"http://{'localhost' if host.startswith('127.') else host}:{port}"
        click.echo(_("Serving on %(address)s") % {"address": address}, err=True)
        serving.run(host=host, port=port, threads=threads)
