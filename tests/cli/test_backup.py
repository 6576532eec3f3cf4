"""Backups: written, proven, restored; refused when cut, changed or opened with the wrong key; telling nobody's name."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from datetime import date
from pathlib import Path

import pytest

from naungan.vault.crypto import decrypt_stream, subkey
from naungan.vault.key_file import Secrets, read_ring
from naungan.world.caseload import Span, draw_chunk
from tests.cli.conftest import TODAY, Installation, beside_postgres, installation
from tests.cli.test_demo import rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def kept(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the demonstration."""
    home = tmp_path_factory.mktemp("kept") / "var"
    shutil.copytree(built, home)
    (home / "files" / "sealed").mkdir()
    (home / "files" / "sealed" / "one").write_bytes(os.urandom(100_000))
    done = installation(home, NAUNGAN_DEMO="1").run("backup", str(home.parent / "copy.nb"), "--json")
    assert done.code == 0, done.err
    return home.parent / "copy.nb"


@pytest.fixture
def owner(kept: Path) -> Installation:
    """The installation that the backup was made of."""
    return installation(kept.parent / "var", NAUNGAN_DEMO="1")


def test_backup_and_restore_give_the_same_rows_and_files(owner: Installation, kept: Path, tmp_path: Path) -> None:
    done = owner.run("restore", str(kept), "--into", str(tmp_path / "back"))

    assert done.code == 0, done.err
    assert rows(tmp_path / "back") == rows(owner.home)
    one = "files/sealed/one"
    assert (tmp_path / "back" / one).read_bytes() == (owner.home / one).read_bytes()


def test_restored_demo_is_healthy_and_sound(owner: Installation, kept: Path, tmp_path: Path) -> None:
    owner.run("restore", str(kept), "--into", str(tmp_path / "back"))
    back = installation(tmp_path / "back", NAUNGAN_DEMO="1")

    assert back.run("doctor").code == 0
    assert back.run("audit", "verify").code == 0


def test_backup_is_proven_and_remembered(owner: Installation, kept: Path) -> None:
    record = json.loads((owner.home / "last_backup.json").read_text())

    assert record["verified"] is True
    assert record["checks"] == {
        "integrity": "ok",
        "rows": str(record["rows"]),
        "sealed_item": "opened",
        "audit": "sound",
    }


def test_backup_holds_no_key_and_no_erasure_list(owner: Installation, kept: Path, tmp_path: Path) -> None:
    ring = read_ring(owner.home / "vault_key.json", Secrets())
    magic, header, body = kept.read_bytes().split(b"\n", 2)
    salt = base64.b64decode(json.loads(header)["salt"])
    key = subkey(ring.subkey("backup"), "backup file", salt=salt)
    (tmp_path / "tar").write_bytes(zlib.decompress(b"".join(decrypt_stream(key, magic + b"\n" + header, [body]))))

    with tarfile.open(tmp_path / "tar") as archive:
        names = archive.getnames()
    plain = (tmp_path / "tar").read_bytes()

    assert sorted(names) == ["database.sqlite3", "files/sealed/one", "manifest.json", "sums.json"]
    assert all(secret not in plain for secret in ring.keys.values())
    assert (owner.home / "secret_key").read_bytes() not in plain
    assert (owner.home / "audit_key").read_bytes() not in plain


def test_identity_is_nowhere_in_backup_or_database(owner: Installation, kept: Path) -> None:
    span = Span(17, 0, 60, date.fromisoformat(TODAY))
    drawn = [one for part in span.chunks() for one in draw_chunk(span, part)]
    canaries = {text for one in drawn for text in (one.notes[0][1][:40], str(one.values.get("prs_MobilePhone", "")))}
    canaries |= {str(one.values["prs_FirstName"]) for one in drawn}
    canaries |= {str(one.values["prs_MailingStreet"]) for one in drawn}
    places = [kept, *owner.home.glob("naungan.sqlite3*")]

    found = [
        (place.name, form[:4])
        for place in places
        for content in [place.read_bytes()]
        for canary in canaries
        if len(canary) >= 8
        for form in forms(canary)
        if form in content
    ]

    assert found == []


def forms(text: str) -> list[bytes]:
    """A text as it could lie in a file: in several encodings, without blanks, in base64 at each of three offsets."""
    shapes = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.replace(" ", "").encode()]
    for offset in range(3):
        whole = base64.b64encode(b"\0" * offset + text.encode())
        shapes.append(whole[4 if offset else 0 : -4])
    return [shape for shape in shapes if len(shape) >= 8]


def test_cut_backup_is_refused_and_leaves_nothing(owner: Installation, kept: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.nb"
    cut.write_bytes(kept.read_bytes()[:-5_000])

    done = owner.run("restore", str(cut), "--into", str(tmp_path / "back"))

    assert done.code == 1
    assert "changed or cut off" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.nb"]


@pytest.mark.parametrize("place", [60, 2_000, -100])
def test_changed_backup_is_refused(owner: Installation, kept: Path, tmp_path: Path, place: int) -> None:
    content = bytearray(kept.read_bytes())
    content[place] ^= 1
    (tmp_path / "changed.nb").write_bytes(content)

    assert owner.run("backup", "--verify", str(tmp_path / "changed.nb")).code == 1


def test_other_installations_key_is_refused(kept: Path, tmp_path: Path) -> None:
    other = installation(tmp_path / "other", NAUNGAN_DEMO="1")

    done = other.run("restore", str(kept), "--into", str(tmp_path / "back"))

    assert done.code == 1
    assert "another installation" in done.err


def test_wrong_passphrase_is_refused_and_the_right_one_opens(demo: Installation, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("enam kata acak yang panjang sekali")
    wrong.write_text("kata lain")
    file = str(tmp_path / "sealed.nb")
    demo.run("backup", file, "--passphrase-file", str(right))

    refused = demo.run("restore", file, "--into", str(tmp_path / "no"), "--passphrase-file", str(wrong))
    opened = demo.run("restore", file, "--into", str(tmp_path / "back"), "--passphrase-file", str(right))

    assert refused.code == 1
    assert "does not open" in refused.err
    assert opened.code == 0, opened.err


def test_backup_never_writes_over_a_file(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("dear")

    done = demo.run("backup", str(tmp_path / "there"))

    assert done.code == 1
    assert (tmp_path / "there").read_text() == "dear"


def test_restore_never_writes_into_a_full_folder(owner: Installation, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "dear").write_text("dear")

    assert owner.run("restore", str(kept), "--into", str(tmp_path)).code == 1


def test_person_erased_after_the_backup_stays_erased_after_the_restore(
    owner: Installation, kept: Path, tmp_path: Path
) -> None:
    place = installation(tmp_path / "var", NAUNGAN_DEMO="1")
    shutil.copytree(owner.home, place.home)
    code = _case_of(place, "tirta@uptd.example.org")

    erased = place.run("vault", "erase", code, "--as", "tirta@uptd.example.org", "--reason", "request", "--yes")
    done = place.run("restore", str(kept), "--into", str(tmp_path / "back"), "--json")

    assert erased.code == 0, erased.err
    assert done.code == 0, done.err
    assert json.loads(done.out)["checks"]["erased_again"] == "1"


def _case_of(place: Installation, email: str) -> str:
    with sqlite3.connect(place.home / "naungan.sqlite3") as database:
        found = database.execute(
            "SELECT c.code FROM cases_case c JOIN access_user u ON u.organisation_id = c.organisation_id"
            " WHERE u.email = ? AND NOT c.is_restricted LIMIT 1",
            [email],
        ).fetchone()
    return str(found[0])


def test_backup_of_postgresql_restores(tmp_path: Path) -> None:
    script = "set -e\n$PY -m naungan demo --people 60 --no-serve >/dev/null\n$PY -m naungan backup $OUT --json\n"
    done = beside_postgres(script, installation(tmp_path / "var", NAUNGAN_DEMO="1"), OUT=tmp_path / "pg.nb")

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["engine"], report["verified"]) == ("postgresql", True)


RESTORED = """
set -e
BACK=${NAUNGAN_DATABASE_URL%/*}/back
COUNT="SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM vault_sealeditem),
    (SELECT count(*) FROM access_auditentry), (SELECT count(*) FROM vault_subject WHERE wrapped_key IS NULL)"
told() { $PY -c 'import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as c:
    done = c.execute(sys.argv[2])
    done.description and print(*done.fetchone())' "$@"; }
$PY -m naungan demo --people 60 --no-serve >/dev/null
$PY -m naungan backup $OUT --json >/dev/null
told $NAUNGAN_DATABASE_URL "$COUNT"
CODE=$(told $NAUNGAN_DATABASE_URL "SELECT c.code FROM cases_case c JOIN access_user u
    ON u.organisation_id = c.organisation_id WHERE u.email = 'tirta@uptd.example.org' AND NOT c.is_restricted LIMIT 1")
$PY -m naungan vault erase $CODE --as tirta@uptd.example.org --reason request --yes >/dev/null
told $NAUNGAN_DATABASE_URL "CREATE DATABASE back"
$PY -m naungan restore $OUT --into $INTO --database-url $BACK --json >/dev/null
told $BACK "$COUNT"
export NAUNGAN_HOME=$INTO NAUNGAN_DATABASE_URL=$BACK
$PY -m naungan audit verify >/dev/null
$PY -m naungan doctor >/dev/null
echo healthy
"""


def test_backup_of_postgresql_comes_back_into_an_empty_database(tmp_path: Path) -> None:
    place = installation(tmp_path / "var", NAUNGAN_DEMO="1")
    done = beside_postgres(RESTORED, place, OUT=tmp_path / "pg.nb", INTO=tmp_path / "back")

    assert done.returncode == 0, done.stderr + done.stdout
    before, after, healthy = done.stdout.splitlines()[-3:]
    cases, sealed, entries, erased = map(int, before.split())
    assert cases > 0
    assert erased == 0
    then = [int(one) for one in after.split()]
    assert then[0] == cases
    assert then[1] < sealed, "whoever was erased since the backup is erased again"
    assert then[2] >= entries
    assert then[3] == 1
    assert healthy == "healthy"


MOVED = """
set -e
BACK=${NAUNGAN_DATABASE_URL%/*}/naungan
unset NAUNGAN_DATABASE_URL
$PY -m naungan restore $OUT --into $INTO --database-url $BACK --json
export NAUNGAN_HOME=$INTO NAUNGAN_DATABASE_URL=$BACK
$PY -m naungan audit verify >/dev/null
$PY -m naungan doctor >/dev/null
$PY -m naungan backup $OUT.2 --json
! $PY -m naungan restore $OUT --into $INTO.2 --database-url $BACK
"""


def test_backup_of_sqlite_moves_to_postgresql(owner: Installation, kept: Path, tmp_path: Path) -> None:
    done = beside_postgres(MOVED, owner, OUT=kept, INTO=tmp_path / "back")

    assert done.returncode == 0, done.stderr + done.stdout
    there, again = (json.loads(part) for part in done.stdout.replace("}\n{", "}\0{").split("\0"))
    before = json.loads((owner.home / "last_backup.json").read_text())
    assert int(there["checks"]["rows"]) == before["rows"]
    assert (there["checks"]["audit"], there["checks"]["sealed_item"]) == ("sound", "opened")
    assert (again["engine"], again["verified"]) == ("postgresql", True)
    assert "not empty" in done.stderr
    assert not (tmp_path / "back" / "naungan.sqlite3").exists()
