"""`naungan doctor`: is the installation well, and if not, what to do."""

from __future__ import annotations

from dataclasses import asdict

import click

from naungan.cli.frame import EXIT_CODES, json_option, report, start, terminal_language

_MARKS = {"good": "ok ", "warning": " ! ", "bad": "BAD"}


@click.command("doctor", epilog=EXIT_CODES)
@click.option(
    "--language", type=click.Choice(["id", "en"]), help="Indonesian or English; the terminal's language when left out."
)
@json_option
def command(language: str | None, as_json: bool) -> int:
    """
    Check the installation, and say how to mend what is not well.

    Looks at secrets, keys and their backup, age of the backup, database, file permissions, clock, disk, audit
    chain, queue and erasures. Exit code 1 when something is bad.
    """
    start()
    from django.utils import translation

    from naungan.site import doctor

    with translation.override(language or terminal_language()):
        found = doctor.examine()
    healthy = doctor.is_healthy(found)
    lines = []
    for finding in found:
        lines.append(f"[{_MARKS[finding.state]}] {finding.code}: {finding.said}")
        if finding.fix:
            lines.append(f"      -> {finding.fix}")
    report({"healthy": healthy, "findings": [asdict(finding) for finding in found]}, lines, as_json=as_json)
    return 0 if healthy else 1
