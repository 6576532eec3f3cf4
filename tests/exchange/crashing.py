"""A process of its own that imports into a database of its own, and dies or runs out of room where it is told to."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from naungan.access.actor import Actor

ROWS = 200
CHUNK = 50


def main(mode: str) -> None:
    """Do one part of the story and print where it left the database."""
    import django

    django.setup()
    parts = {
        "look": lambda: None,
        "prepare": _prepare,
        "killed": _killed,
        "full": _full,
        "full_staging": _full_staging,
        "resume": _resume,
        "together": _together,
    }
    parts[mode]()
    sys.stdout.write(json.dumps(_state()) + "\n")


def _actor() -> Actor:
    from naungan.access.actor import actor_for
    from naungan.access.models import User

    return actor_for(User.objects.get(email="amara@example.org"), via="cli")


def _prepare() -> None:
    from django.core.management import call_command

    from naungan.access.policy import Role
    from tests.exchange.making import check, csv_file, people
    from tests.personas import make_organisation, make_persona

    call_command("migrate", verbosity=0)
    organisation = make_organisation("Rumah Contoh")
    who = make_persona("amara", organisation, Role.CASEWORKER)
    check(who.actor(via="cli"), csv_file(people(ROWS)))


def _killed() -> None:
    """Accept, and die by kill -9 in the middle of the third chunk: cases written, rows not yet marked."""
    from naungan.exchange.actions import accepting

    count, real = 0, accepting.__dict__["open_cases"]

    def dying(**given: object) -> object:
        nonlocal count
        made = real(**given)
        count += 1
        if count == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    accepting.__dict__["open_cases"] = dying
    accepting.__dict__["CHUNK_ROWS"] = CHUNK  # smaller, so that there are several
    _accept()


def _full() -> None:
    """Accept on a disk on which no file can grow by more than a little."""
    from naungan.exchange.actions import accepting

    accepting.__dict__["CHUNK_ROWS"] = CHUNK  # smaller, so that there are several
    _leave_room(400_000)
    _accept()


def _full_staging() -> None:
    from naungan.exchange import actions
    from naungan.exchange.errors import DiskFull
    from tests.exchange.making import csv_file, people

    content = csv_file(people(20_000))
    _leave_room(100_000)
    try:
        actions.stage_file(by=_actor(), file=content, name="besar.csv")
    except DiskFull:
        sys.stderr.write("refused\n")


def _together() -> None:
    """Two people of one organisation, at the same moment: each brings the same file, then one of their own."""
    from naungan.access.models import Organisation
    from naungan.access.policy import Role
    from tests.personas import make_persona

    organisation = Organisation.objects.get()
    bring_together([make_persona(name, organisation, Role.CASEWORKER).actor(via="cli") for name in ("sita", "lina")])


def bring_together(actors: list[Actor]) -> None:
    """Let each actor, in a thread of their own, bring in the same file and then files that share half of their rows."""
    barrier, faults = Barrier(len(actors)), list[BaseException]()

    def work(place: int, by: Actor) -> None:
        from django.db import connection

        from tests.exchange.making import bring_in, csv_file, people, stage

        try:
            barrier.wait()
            stage(by, csv_file(people(10, first=5000)))
            barrier.wait()
            bring_in(by, csv_file(people(60, first=1000 + 30 * place)))
        except BaseException as error:
            faults.append(error)
            barrier.abort()
        finally:
            connection.close()

    threads = [Thread(target=work, args=(place, by)) for place, by in enumerate(actors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def _leave_room(size: int) -> None:
    home = Path(os.environ["STORY"])
    largest = max(path.stat().st_size for path in home.rglob("*.sqlite3-wal")) if any(home.rglob("*-wal")) else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + size, largest + size))


def _accept() -> None:
    from naungan.exchange import actions
    from naungan.exchange.models import ImportBatch

    actions.accept_good(by=_actor(), batch=ImportBatch.objects.get())


def _resume() -> None:
    from datetime import timedelta

    from naungan.access import clock
    from naungan.exchange import actions
    from naungan.exchange.models import ImportBatch

    batch = ImportBatch.objects.get()
    with clock.fixed(clock.now() + timedelta(minutes=5)):
        if batch.failure:
            actions.resume(by=_actor(), batch=batch)
        else:
            actions.resume_stalled()


def _state() -> dict[str, object]:
    from naungan.access import audit
    from naungan.exchange.models import ImportBatch, ImportRow
    from naungan.protection.cases.models import Case, Person
    from naungan.vault.models import Subject

    batch = ImportBatch.objects.order_by("pk")[0]
    linked = ImportRow.objects.filter(state="accepted", case__isnull=False).count()
    files = [path for path in Path(os.environ["STORY"]).rglob("sealed/*/*") if path.is_file()]
    return {
        "state": batch.state,
        "failure": batch.failure,
        "counts": batch.counts,
        "cases": Case.objects.count(),
        "people": Person.objects.count(),
        "subjects": Subject.objects.filter(kind="person").count(),
        "linked": linked,
        "files": len(files),
        "batches": ImportBatch.objects.count(),
        "chain": audit.verify(batch.organisation_id).broken_at,
    }


if __name__ == "__main__":
    main(sys.argv[1])
