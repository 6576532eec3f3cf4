"""What all commands share: the group, exit codes, `--json`, progress, and how Django is started."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal, TypeVar

import click

WRONG, USAGE, SETTING = 1, 2, 3

# Each command, where it lives, and its line in the list; the module is imported only when it is called.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("naungan.cli.serve", "Serve the site, with its background work, from this machine."),
    "demo": ("naungan.cli.demo", "Build the fictional world and serve it."),
    "import": ("naungan.cli.importing", "Take in a workbook, a CSV file or survey answers."),
    "export": ("naungan.cli.exporting", "Write cases to a workbook or a CSV file."),
    "user": ("naungan.cli.user", "People who work here: list, add, roles, passwords."),
    "keys": ("naungan.cli.keys", "The vault's keys: make, seal, rotate, split, test."),
    "audit": ("naungan.cli.audit", "The chain of what was done: verify, anchor, daily root."),
    "doctor": ("naungan.cli.doctor", "Check the installation, and say how to mend what is not well."),
    "backup": ("naungan.cli.backup", "Write everything to one encrypted file, and prove that it restores."),
    "restore": ("naungan.cli.restore", "Bring a backup back into an empty folder."),
    "vault": ("naungan.cli.vault", "The vault: search index, legal hold, erasure."),
    "release": ("naungan.cli.release", "What may be told safely: private synthetic records, safe tables, attacks."),
    "prevalence": ("naungan.cli.prevalence", "How many are on no list: estimates from lists that overlap."),
    "migrate": ("naungan.cli.migrate", "Bring the database to this version."),
}

EXIT_CODES = (
    "Exit codes: 0 done; 1 something is wrong, the message says what; 2 the command was written wrongly; "
    "3 a setting or a secret is missing or cannot be used."
)


class Refused(click.ClickException):
    """Something is wrong, and the message says what to do: exit code 1."""

    exit_code = WRONG

    def show(self, file: Any = None) -> None:
        click.echo(self.format_message(), err=True)


class BadSetting(Refused):
    """A setting is missing or cannot be used: exit code 3."""

    exit_code = SETTING


class _Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=_Commands, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="naungan", message="naungan %(version)s")
def cli() -> None:
    """
    Naungan: protect victims of trafficking and follow the work, from first contact to reintegration.

    Settings come from the environment (NAUNGAN_HOME, NAUNGAN_DATABASE_URL and the rest).
    """


def run(group: click.Command, words: Sequence[str]) -> int:
    """Run a command and turn what it raises into an exit code."""
    try:
        result = group.main(args=list(words), standalone_mode=False)
    except click.exceptions.Abort:
        click.echo(_("Stopped."), err=True)
        return WRONG
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:  # a door: what the house refuses becomes a sentence
        sentence = _sentence(error)
        if sentence is None:
            raise
        click.echo(sentence, err=True)
        return WRONG
    return result if isinstance(result, int) else 0


def _refusals() -> Mapping[str, str]:
    """What access refuses, in words; its own messages name a permission or nothing at all."""
    return {
        "Forbidden": _("That person's role does not allow this ({what}). `naungan user list` shows roles."),
        "NotFound": _("There is no such record for that person."),
        "SecondFactorNeeded": _("That person's second factor was given too long ago ({what})."),
    }


def _sentence(error: Exception) -> str | None:
    """What the house's own errors say; None for those nobody expected."""
    kind = type(error)
    if not kind.__module__.startswith("naungan."):
        return None
    if kind.__module__ == "naungan.access.errors" and kind.__name__ in _refusals():
        return _refusals()[kind.__name__].format(what=error)
    return str(error) or (kind.__doc__ or kind.__name__).strip().split("\n")[0]


def gettext(text: str) -> str:
    """A sentence in the terminal's language once Django is started, which keeps the catalogues; before, as written."""
    registry = sys.modules.get("django.apps")
    if registry is None or not registry.apps.ready:
        return text
    from django.utils import translation

    return translation.gettext(text)


_ = gettext


def terminal_language() -> Literal["id", "en"]:
    """The terminal's language: the first of these that is set decides, as for other programs."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return "id" if os.environ[name].lower().startswith("id") else "en"
    return "en"


def start(*, demo: bool = False) -> None:
    """
    Start Django with the settings of the environment, in the terminal's language.

    A bad setting ends the command with its fix.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naungan.site.settings")
    if demo:
        os.environ.setdefault("NAUNGAN_DEMO", "1")
    import django
    from django.apps import apps

    from naungan.site.env import BadSetting as Bad

    os.umask(0o077)
    try:
        if not apps.ready:  # a second set-up would tie the log to whatever stream is there now
            django.setup()
    except Bad as error:
        raise BadSetting(str(error)) from error
    from django.utils import translation

    translation.activate(terminal_language())


_Function = TypeVar("_Function", bound=Callable[..., Any])


def json_option(function: _Function) -> _Function:
    """Add `--json` to a command that reports."""
    return click.option("--json", "as_json", is_flag=True, help="Write the report as JSON, for programs.")(function)


def report(data: object, lines: Sequence[str], *, as_json: bool) -> None:
    """Write a report as JSON or as lines."""
    if as_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))
    else:
        for line in lines:
            click.echo(line)


def table(rows: Sequence[Sequence[str]], head: Sequence[str]) -> list[str]:
    """Rows in columns as wide as they need."""
    widths = [max(len(str(row[at])) for row in [head, *rows]) for at in range(len(head))]
    drawn = [head, ["-" * width for width in widths], *rows]
    return [
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in drawn
    ]


class Progress:
    """Says on the error stream how far a long step is: a moving line on a screen, a line now and then elsewhere."""

    def __init__(self) -> None:
        self.moves = sys.stderr.isatty()
        self.last = 0.0

    @contextmanager
    def step(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A step: its name, then `advance(done, of)`, then how long it took."""
        began = self.last = time.monotonic()
        self._say(f"{what}...", end="" if self.moves else "\n")

        def advance(done: int, of: int) -> None:
            now = time.monotonic()
            if now - self.last >= (0.2 if self.moves else 5):
                self.last = now
                far = _("%(done)s of %(of)s") % {"done": f"{done:,}", "of": f"{of:,}"}
                self._say(
                    f"\r{what}... {far}" if self.moves else f"{what}: {far}",
                    end="" if self.moves else "\n",
                )

        yield advance
        took = time.monotonic() - began
        ended = _("%(what)s: done in %(seconds)s s") % {"what": what, "seconds": f"{took:.1f}"}
        self._say(f"\r\033[K{ended}" if self.moves else ended)

    def _say(self, text: str, end: str = "\n") -> None:
        click.echo(text + end, nl=False, err=True)


def actor_named(email: str) -> Any:
    """The actor of a command done in somebody's name; refused when there is nobody of that address."""
    from naungan.access.actor import local_actor

    return local_actor(user_named(email))


def user_named(email: str) -> Any:
    """The person who signs in with an address."""
    from naungan.access.models import User

    user = User.objects.of_address(email).select_related("organisation").first()
    if user is None:
        raise Refused(_("Nobody signs in with that address. `naungan user list` shows who does."))
    return user


def organisation_named(text: str) -> Any:
    """The organisation with a name or reference."""
    from django.db.models import Q

    from naungan.access.models import Organisation

    found = Organisation.objects.filter(Q(ref=text) | Q(name__iexact=text)).first()
    if found is None:
        raise Refused(_("There is no organisation of that name or reference. `naungan user list` shows them."))
    return found


def passphrase_from(path: str | None, *, prompt: str, confirm: bool = False) -> str:
    """A passphrase from a file, or typed."""
    if path:
        from pathlib import Path

        return Path(path).read_text(encoding="utf-8").strip()
    if not sys.stdin.isatty():
        raise click.UsageError(_("A passphrase is needed: give --passphrase-file, or type it at a terminal."))
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return typed
