"""`naungan demo`: the fictional world, built once, then served."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from naungan.cli.frame import EXIT_CODES, Progress, Refused, start, table
from naungan.cli.frame import gettext as _

if TYPE_CHECKING:
    from datetime import datetime

    from naungan.world.caseload import Span


@click.command("demo", epilog=EXIT_CODES)
@click.option(
    "--people", default=2000, show_default=True, type=click.IntRange(1, 5_000_000), help="People in the caseload."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--seed", default=17, show_default=True, help="The same seed and day give the same people.")
@click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), help="The day that the world ends on; the present day when left out."
)
@click.option("--no-serve", is_flag=True, help="Build, print the sign-in lines, and stop.")
@click.option("--empty", is_flag=True, help="Organisations and people who work there, without a caseload.")
def command(people: int, port: int, host: str, seed: int, today: datetime | None, no_serve: bool, empty: bool) -> None:
    """
    Build the fictional world and serve it.

    A dozen organisations, forty people who work there, and a caseload whose mix follows published figures. Nobody
    in it exists. A second run starts at once and changes nothing; more --people adds the difference. For a look
    around on this machine only: keys lie open and everybody shares one printed password.
    """
    start(demo=True)
    from django.conf import settings

    from naungan.site import serving

    if not settings.DEMO:
        raise Refused(_("This is set up as a real installation (NAUNGAN_DEMO=0); invented people do not belong in it."))
    progress = Progress()
    serving.prepare(step=progress.step)
    build(people=0 if empty else people, seed=seed, today=today.date() if today else None, progress=progress)
    _greet(settings.HOME, port)
    if not no_serve:
        serving.run(host=host, port=port, threads=8)


def build(*, people: int, seed: int, today: date | None, progress: Progress) -> None:
    """Build what is missing of the world, and note in the home folder what is there."""
    from django.conf import settings
    from django.utils import timezone

    from naungan.world.caseload import Span

    path = settings.HOME / "demo.json"
    state = _state(path)
    if state is None:
        _refuse_other_people()
        day = today or timezone.localdate()
        first: _Stretch = {"start": 0, "stop": people, "today": day.isoformat()}
        state = {"seed": seed, "fictional": True, "spans": [first], "done": False}
        _keep(path, state)
    known = state["spans"][-1]["stop"]
    if state["done"] and people > known:
        day = today or timezone.localdate()
        state["spans"].append({"start": known, "stop": people, "today": day.isoformat()})
        state["done"] = False
        _keep(path, state)
    if state["done"]:
        return
    for span in state["spans"]:
        _build_span(Span(state["seed"], span["start"], span["stop"], date.fromisoformat(span["today"])), progress)
    state["done"] = True
    _keep(path, state)


def _build_span(span: Span, progress: Progress) -> None:
    from naungan.world.building import build_caseload, build_organisations
    from naungan.world.living import live_a_week

    with progress.step(_("Making organisations and the people who work there")):
        roster = build_organisations(people=span.stop)
    if span.stop > span.start:
        with progress.step(_("Inventing %(count)s people") % {"count": f"{span.stop - span.start:,}"}) as advance:
            build_caseload(span, roster, advance=advance)
        with progress.step(_("Living a week")):
            live_a_week(span, roster)


def _refuse_other_people() -> None:
    """An installation with real organisations must not be filled with invented ones."""
    from naungan.access.models import Organisation

    if Organisation.objects.filter(is_fictional=False).exists():
        raise Refused(
            _("This database holds an organisation that is not fictional. Choose another folder with NAUNGAN_HOME.")
        )


class _Stretch(TypedDict):
    start: int
    stop: int
    today: str


class _World(TypedDict):
    seed: int
    fictional: bool
    spans: list[_Stretch]
    done: bool


def _state(path: Path) -> _World | None:
    try:
        found: _World = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found


def _keep(path: Path, state: _World) -> None:
    made = path.with_suffix(".new")
    made.write_text(json.dumps(state, indent=1), encoding="utf-8")
    made.replace(path)


def _greet(home: Path, port: int) -> None:
    from naungan.access.models import User
    from naungan.access.policy import ROLE_WORDS
    from naungan.world.organisations import ORGANISATIONS, PASSWORD, PERSONAS

    names = {body.key: body.name for body in ORGANISATIONS}
    there = set(User.objects.filter(email__in=[persona.email for persona in PERSONAS]).values_list("email", flat=True))
    rows = [
        [persona.email, ", ".join(str(ROLE_WORDS[role][0]) for role in persona.roles), names[persona.organisation]]
        for persona in PERSONAS
        if persona.email in there
    ]
    click.echo()
    click.echo(_("Everything here is FICTIONAL. Sign in as any of these people; all have the same password:") + "\n")
    for line in table(rows, [_("e-mail"), _("role"), _("organisation")]):
        click.echo(f"  {line}")
    click.echo("\n  " + _("password: %(password)s    (for this demonstration only)") % {"password": PASSWORD})
    click.echo("  " + _("kept in %(home)s") % {"home": home} + "\n")
    words = _("Open %(address)s and try ratih@uptd.example.org first. Stop with Ctrl-C.")
    click.echo(words % {"address": f"http://localhost:{port}"} + "\n")
