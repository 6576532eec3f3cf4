"""What the doctor finds, and that it says the fix, in both languages."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Installation, installation

pytestmark = pytest.mark.slow


def findings(place: Installation, **more: str) -> dict[str, dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(place.run("doctor", "--json", **more).out)["findings"]
    worst = {"good": 0, "warning": 1, "bad": 2}
    return {one["code"]: one for one in sorted(found, key=lambda one: worst[one["state"]])}


def change(place: Installation, statement: str) -> None:
    with sqlite3.connect(place.home / "naungan.sqlite3") as database:
        database.execute(statement)
    database.close()


def test_demo_is_well_enough_and_says_that_it_is_one(demo: Installation) -> None:
    done = demo.run("doctor")

    assert done.code == 0, done.out
    assert "demonstration" in done.out


def test_every_finding_that_is_not_good_says_the_fix(demo: Installation) -> None:
    assert all(one["fix"] for one in findings(demo).values() if one["state"] != "good")


def test_database_of_an_older_version_is_bad(demo: Installation) -> None:
    change(demo, "DELETE FROM django_migrations WHERE app = 'cases'")

    done = demo.run("doctor")

    assert done.code == 1
    assert "naungan migrate" in done.out


def test_cut_audit_chain_is_bad(demo: Installation) -> None:
    change(demo, "DELETE FROM access_auditentry WHERE id = (SELECT max(id) FROM access_auditentry)")

    assert findings(demo)["audit"]["state"] == "bad"
    assert demo.run("audit", "verify").code == 1


def test_readable_folder_is_bad(demo: Installation) -> None:
    demo.home.chmod(0o755)
    (demo.home / "naungan.sqlite3").chmod(0o644)

    found = findings(demo)["permissions"]

    assert found["state"] == "bad"
    assert "chmod" in found["fix"]


def test_clock_behind_the_chain_is_bad(demo: Installation) -> None:
    change(
        demo,
        "UPDATE access_auditentry SET at = '2099-01-01 00:00:00' WHERE id = (SELECT max(id) FROM access_auditentry)",
    )

    assert findings(demo)["clock"]["state"] == "bad"


def test_task_that_waits_too_long_is_bad(demo: Installation) -> None:
    change(
        demo,
        "INSERT INTO django_tasks_db_dbtaskresult (id, status, args_kwargs, priority, task_path, queue_name, backend_name,"
        " enqueued_at, exception_class_path, traceback, run_after, worker_ids, metadata)"
        " VALUES ('0123456789abcdef0123456789abcdef', 'READY', '{\"args\": [], \"kwargs\": {}}', 0, 'x.y', 'default', 'default',"
        " '2020-01-01 00:00:00', '', '', '2020-01-01 00:00:00', '[]', '{}')",
    )

    assert findings(demo)["worker"]["state"] == "bad"


def test_backup_and_its_age_are_seen(demo: Installation, tmp_path: Path) -> None:
    assert findings(demo)["backup"]["state"] == "warning"
    demo.run("backup", str(tmp_path / "one.nb"))
    assert findings(demo)["backup"]["state"] == "good"

    kept = json.loads((demo.home / "last_backup.json").read_text())
    (demo.home / "last_backup.json").write_text(json.dumps({**kept, "kept_at": "2020-01-01T00:00:00+00:00"}))

    assert "naungan backup" in findings(demo)["backup"]["fix"]


def test_beating_server_is_seen(demo: Installation) -> None:
    (demo.home / "worker.json").write_text(json.dumps({"at": time.time(), "pid": 1}))

    assert findings(demo)["worker"]["state"] == "good"


def test_real_installation_without_tested_keys_is_not_healthy(real: Callable[..., Installation]) -> None:
    secret = "enam kata acak yang panjang sekali"
    place = real(NAUNGAN_VAULT_PASSPHRASE=secret)
    written = place.home.parent / "passphrase"
    written.write_text(secret)
    place.run("keys", "generate", "--passphrase-file", str(written))
    place.run("serve", "--check")

    before = findings(place)
    place.run(
        "user", "create", "a@b.example.org", "--name", "A", "--organisation", "Uji", "--new-organisation", "NGO",
        "--role", "administrator",
    )  # fmt: skip
    shares = place.run("keys", "split", "--needed", "2", "--custodians", "3").out
    two = [line for line in shares.splitlines() if line.startswith("NAUNGAN-SHARE")][:2]
    tested = place.run("keys", "test", given="\n".join(two))

    assert before["key_backup"]["state"] == "bad"
    assert before["backup"]["state"] == "bad"
    assert tested.code == 0, tested.err
    assert findings(place)["key_backup"]["state"] == "good"


def test_wrong_passphrase_is_bad_and_says_so(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("enam kata acak yang panjang sekali")
    demo.run("keys", "seal", "--passphrase-file", str(tmp_path / "p"))

    assert findings(demo, NAUNGAN_VAULT_PASSPHRASE="salah")["keys"]["state"] == "bad"
    assert findings(demo, NAUNGAN_VAULT_PASSPHRASE="enam kata acak yang panjang sekali")["keys"]["state"] != "bad"


def test_doctor_speaks_indonesian(demo: Installation) -> None:
    done = demo.run("doctor", "--language", "id")

    assert "Ini peragaan" in done.out


def test_findings_carry_no_secret(demo: Installation) -> None:
    said = demo.run("doctor", "--json").out

    assert (demo.home / "secret_key").read_text() not in said


def test_unbuilt_home_is_told_to_migrate(tmp_path: Path) -> None:
    done = installation(tmp_path / "new", NAUNGAN_DEMO="1").run("doctor")

    assert done.code == 1
    assert "naungan migrate" in done.out
