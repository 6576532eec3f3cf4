"""Words that tell who somebody is lie nowhere in the clear: each is planted through the screens, then looked for."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from naungan.protection.cases.forms import GROUPS, SECTIONS
from naungan.protection.consent.purposes import TOLD
from naungan.standards import htcds
from tests.browser.driving import PASSWORD
from tests.browser.server import Server, demonstration
from tests.exchange.making import workbook
from tests.scenarios.disguises import disguises, files_under, find
from tests.scenarios.visitor import Caller

pytestmark = [pytest.mark.slow]

WORKER = "galih@uptd.example.org"
SUPERVISOR = "ratih@uptd.example.org"
ADMINISTRATOR = "admin@uptd.example.org"
CODE = re.compile(r"/cases/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])/")
# A closed list's word says nothing of who somebody is, nor does a country of two letters.
NOT_FREE = {"picklist", "multi_picklist", "country", "boolean"}
ENDED_TASKS = """
from django_tasks_db.models import DBTaskResult
print(DBTaskResult.objects.exclude(status__in=["SUCCESSFUL", "FAILED"]).count())
"""
ROW_STATES = """
from naungan.exchange.models import ImportRow
print(*sorted(ImportRow.objects.values_list("state", flat=True)))
"""
SESSIONS = """
from django.contrib.sessions.models import Session
for session in Session.objects.all():
    print(session.get_decoded())
"""


@dataclass
class Planted:
    """The server, and every canary with the place where it was planted."""

    server: Server
    folder: Path
    canaries: dict[str, str] = field(default_factory=dict)
    code: str = ""

    def word(self, name: str, kind: str = "text") -> str:
        """A new canary, like nothing else in the world."""
        number = len(self.canaries) + 1
        text = {
            "date": f"1931-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
            "phone": f"+6281999{number:03d}7351",
            "email": f"kanari.q{number}z@contoh-rahasia.example.org",
            "decimal_degrees": f"-7.{number:03d}7319",
            "number": str(7310000 + number),
        }.get(kind, f"Kanari Qz{number}wj Kuning")
        self.canaries[name] = text
        return text


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """A small demonstration into which every kind of canary was brought through the screens."""
    folder = tmp_path_factory.mktemp("canaries")
    with demonstration(folder, people=5) as server:
        world = Planted(server, folder)
        worker = Caller(server.address)
        worker.sign_in(WORKER, PASSWORD)
        _plant_own_fields(world)
        world.code = code = _plant_record(world, worker)
        _plant_consents(world, worker, code)
        _plant_dangers(world, worker, code)
        _plant_notes_and_files(world, worker, code)
        _plant_reasons(world, worker, code)
        _plant_import(world, worker)
        _wait_for_tasks(server)
        yield world


def _plant_own_fields(world: Planted) -> None:
    caller = Caller(world.server.address)
    caller.sign_in(ADMINISTRATOR, PASSWORD)
    for data_class in ("identifying", "sensitive"):
        sent = {"code": f"q_{data_class}", "kind": "text", "data_class": data_class, "label_id": data_class}
        assert caller.post("/cases/fields/", sent).status == 200


def _plant_record(world: Planted, worker: Caller) -> str:
    opened = worker.post("/cases/open/", {"prs_FirstName": "Sementara", "prs_Gender": "Feminine"})
    found = CODE.search(opened.url)
    assert found, opened.url
    code = found[1]
    for section, (_title, groups) in SECTIONS.items():
        names = [name for group in groups for name in GROUPS[group][1]]
        _send(world, worker, f"/cases/{code}/edit/{section}/", _free(names))
    for prefix in ("per", "hte", "spl"):
        names = [name for name in htcds.FIELDS if name.startswith(f"{prefix}_")]
        _send(world, worker, f"/cases/{code}/parts/{prefix}/", _free(names))
    own = {f"x:q_{data_class}": world.word(f"own {data_class}") for data_class in ("identifying", "sensitive")}
    assert worker.post(f"/cases/{code}/edit/own/", own).status == 200
    return code


def _free(names: list[str]) -> list[str]:
    return [name for name in names if htcds.FIELDS[name].sealed and htcds.FIELDS[name].kind not in NOT_FREE]


def _send(world: Planted, worker: Caller, path: str, names: list[str]) -> None:
    answer = worker.post(path, {name: world.word(name, htcds.FIELDS[name].kind) for name in names})
    assert answer.status == 200, answer.text[-4000:]
    assert "/edit/" not in answer.url, answer.text[-4000:]


def _plant_notes_and_files(world: Planted, worker: Caller, code: str) -> None:
    page = f"/cases/{code}/"
    worker.post(f"{page}notes/", {"text": world.word("note")}, page=page)
    worker.post(f"{page}notes/", {"text": world.word("cco_CaseComment"), "kind": "comment"}, page=page)
    name = world.word("name of a file").replace(" ", "_") + ".txt"
    world.canaries["name of a file"] = name
    file = SimpleUploadedFile(name, f"Isi: {world.word('content of a file')} selesai.".encode())
    answer = worker.post(f"{page}files/", {"file": file}, page=page)
    assert name in answer.text


def _plant_consents(world: Planted, worker: Caller, code: str) -> None:
    page = f"/cases/{code}/consents/"
    asked = {"purposes": "share", "outside": world.word("receiver of a consent"), "fields_asked": "needs"}
    answer = worker.post(f"{page}ask/", asked)
    found = re.search(r'name="(\w{16})-answer"', answer.text)
    assert found, answer.text[-4000:]
    today = datetime.now(UTC).date()
    said: dict[str, str | list[str]] = {
        f"{found[1]}-answer": "yes",
        f"{found[1]}-until": (today + timedelta(days=30)).isoformat(),
        f"{found[1]}-passed_on": "needs",
        "given_on": today.isoformat(),
        "language": "ind",
        "how": "spoken",
        "told": list(TOLD),
        "is_child": "yes",
        "assent": "yes",
        "given_by": "guardian",
        "guardian_suspected": "no",
        **{part: world.word(f"{part} of a consent") for part in ("witness", "guardian", "interpreter")},
    }
    answer = worker.post(f"{page}answer/", said)
    assert answer.url.endswith("/consents/"), answer.text[-4000:]
    moment = (datetime.now(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    answer = worker.post(f"{page}{found[1]}/withdraw/", {"at": moment})
    waited = re.search(r"confirmations/(\w{16})/", answer.text)
    assert waited, answer.text[-4000:]
    kept = {"answer": "kept", "ground": world.word("ground to keep")}
    answer = worker.post(f"{page}confirmations/{waited[1]}/", kept, page=page)
    assert kept["ground"] in answer.text


def _plant_dangers(world: Planted, worker: Caller, code: str) -> None:
    page = f"/cases/{code}/safety/"
    scored = {"self_harm-likelihood": "3", "self_harm-impact": "3"}
    worker.post(f"{page}plan/", {**scored, "steps": world.word("steps of a safety plan"), "agreed": "on"})
    moment = (datetime.now(UTC) + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    worker.post(f"{page}danger/", {"trigger": "threat", "at": moment, "words": world.word("danger")})
    sent = {"kind": "shelter", "from_on": datetime.now(UTC).date().isoformat(), "words": world.word("measure")}
    answer = worker.post(f"{page}measures/", sent, page=page)
    assert world.canaries["steps of a safety plan"] in answer.text
    assert sent["words"] in answer.text


def _plant_reasons(world: Planted, worker: Caller, code: str) -> None:
    page = f"/cases/{code}/"
    worker.post(f"{page}reveal/", {"reason": "correction", "words": world.word("reason to reveal")})
    worker.post(f"{page}move/hold/", {"reason": world.word("reason to hold")})
    answer = worker.post(f"{page}people/", {"what": "restrict", "reason": world.word("reason to restrict")})
    assert answer.status == 200
    worker.post("/search/", {"q": world.word("search words")})
    worker.post("/search/", {"q": world.canaries["prs_FirstName"]})
    worker.get("/search/?q=" + world.word("search words in an address").replace(" ", "+"))
    worker.get("/cases/" + world.word("a name typed as a code").replace(" ", "%20") + "/")
    sent = {"form": "csv", "state": "all", "reason": world.word("reason to export")}
    answer = worker.post("/exports/", sent)
    assert answer.status == 200
    assert re.search(r"/exports/\w+/$", answer.url), answer.url
    caller = Caller(world.server.address)
    caller.sign_in(world.word("address of a stranger", "email"), world.word("password of a stranger"))


def _plant_import(world: Planted, worker: Caller) -> None:
    row = {
        "D": world.word("imported name"),
        "G": world.word("quarantined cell"),
        "H": world.word("unknown word of a list"),
        "N": world.word("imported street"),
        "AG": world.word("imported free text"),
    }
    content = workbook("plain", [row, {"D": world.word("second imported name"), "G": "1999-04-17"}]).read()
    name = world.word("name of an imported file").replace(" ", "_") + ".xlsx"
    world.canaries["name of an imported file"] = name
    answer = worker.post("/imports/start/", {"file": SimpleUploadedFile(name, content)})
    ref = answer.url.rstrip("/").removesuffix("/map").rsplit("/", 1)[-1]
    _wait_for_tasks(world.server)
    worker.post(f"/imports/{ref}/map/", {"sheet": "0"})
    _wait_for_tasks(world.server)
    worker.post(f"/imports/{ref}/accept/", {}, page=f"/imports/{ref}/")
    _wait_for_tasks(world.server)
    assert world.server.python(ROW_STATES).split() == ["accepted", "quarantined"]


def _wait_for_tasks(server: Server) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if server.python(ENDED_TASKS).strip() == "0":
            return
        time.sleep(0.3)
    raise AssertionError(f"the tasks do not end:\n{server.log.read_text()}")


def _places(world: Planted) -> list[tuple[str, bytes]]:
    """Everything that the installation wrote anywhere: home folder, log, database, backup, what a session says."""
    places = files_under(world.server.home)
    places.append(("log", world.server.log.read_bytes()))
    places.append(("sessions, unpacked", world.server.python(SESSIONS).encode()))
    backup = world.folder / f"copy-{time.monotonic_ns()}.nb"
    world.server.command("backup", str(backup))
    places.append(("backup", backup.read_bytes()))
    url = world.server.environment.get("NAUNGAN_DATABASE_URL", "")
    if url:
        dumped = subprocess.run([_pg_dump(), url], capture_output=True, check=True, timeout=120)
        places.append(("pg_dump", dumped.stdout))
    return places


def _pg_dump() -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"), reverse=True)
    found = str(newest[0]) if newest else shutil.which("pg_dump")
    assert found, "PostgreSQL's pg_dump is not here; run tools/need.sh"
    return found


def test_no_canary_lies_in_the_clear_anywhere(planted: Planted) -> None:
    missing = [name for name in _free(list(htcds.FIELDS)) if name not in planted.canaries]
    places = _places(planted)

    found = find(planted.canaries, places)

    assert missing == []
    assert any("tasks" in name or "sqlite" in name or name == "pg_dump" for name, _content in places)
    assert found == []


def test_no_canary_lies_in_the_clear_while_the_server_writes(planted: Planted) -> None:
    open_files = [name for name, _ in files_under(planted.server.home)]

    found = find(planted.canaries, files_under(planted.server.home))

    if "NAUNGAN_DATABASE_URL" not in planted.server.environment:
        assert "db.sqlite3-wal" in open_files or any(name.endswith("-wal") for name in open_files)
    assert found == []


def test_planted_words_are_read_again_by_those_who_may(planted: Planted) -> None:
    """The canaries did arrive: a search for what was never there would find nothing, too."""
    worker = Caller(planted.server.address)
    worker.sign_in(WORKER, PASSWORD)

    worker.post(f"/cases/{planted.code}/reveal/", {"reason": "correction"})
    shown = worker.get(f"/cases/{planted.code}/").text

    for name in ("prs_FirstName", "prs_MailingStreet", "hte_Description", "spl_Objectives", "own identifying", "note"):
        assert planted.canaries[name] in shown, name


def test_word_in_an_operational_column_is_found(planted: Planted) -> None:
    """The search can fail: the name of a saved view is kept in the clear."""
    worker = Caller(planted.server.address)
    worker.sign_in(SUPERVISOR, PASSWORD)
    worker.post("/cases/views/save/", {"name": "Kanari Pembanding", "query": "state=open"}, page="/cases/")

    found = find({"control": "Kanari Pembanding"}, _places(planted))

    assert any("sqlite" in line or "pg_dump" in line for line in found)


@pytest.mark.parametrize("offset", [0, 1, 2])
@pytest.mark.parametrize("code", ["utf-8", "utf-16-le", "utf-16-be"])
def test_disguised_words_are_found(offset: int, code: str) -> None:
    hidden = base64.b64encode(b"x" * offset + "Kanari Emas".encode(code) + b"yz")

    assert find({"word": "Kanari Emas"}, [("place", b"..." + hidden)]) == ["word in place"]
    assert find({"word": "Kanari Emas"}, [("place", "KanariEmas".encode(code).hex().encode())])
    assert find({"word": "Kanari Emas"}, [("place", b"nothing of it")]) == []
    assert len(disguises("Kanari Emas")) > 20
