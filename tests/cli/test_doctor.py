"""What the doctor finds, and that it says the fix, in both languages."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings as SettingsWrapper

from naungan.access.models import AuditEntry
from naungan.vault import keys
from tests.cli.conftest import Inside, Installation, installation

pytestmark = pytest.mark.slow


def findings(place: Installation | Inside, **more: str) -> dict[str, dict[str, Any]]:
    done = place.run("doctor", "--json", **more) if isinstance(place, Installation) else place.run("doctor", "--json")
    found: list[dict[str, Any]] = json.loads(done.out)["findings"]
    worst = {"good": 0, "warning": 1, "bad": 2}
    return {one["code"]: one for one in sorted(found, key=lambda one: worst[one["state"]])}


def test_demo_is_well_enough_and_says_that_it_is_one(inside: Inside) -> None:
    done = inside.run("doctor")

    assert done.code == 0, done.out
    assert "demonstration" in done.out


def test_every_finding_that_is_not_good_says_the_fix(inside: Inside) -> None:
    assert all(one["fix"] for one in findings(inside).values() if one["state"] != "good")


def test_database_of_an_older_version_is_bad(inside: Inside) -> None:
    MigrationRecorder.Migration.objects.filter(app="cases").delete()

    done = inside.run("doctor")

    assert done.code == 1
    assert "naungan migrate" in done.out


def test_cut_audit_chain_is_bad(inside: Inside) -> None:
    AuditEntry.objects.filter(pk=AuditEntry.objects.latest("pk").pk).delete()

    assert findings(inside)["audit"]["state"] == "bad"
    assert inside.run("audit", "verify").code == 1


def test_readable_folder_is_bad(inside: Inside) -> None:
    inside.home.chmod(0o755)
    (inside.home / "vault_key.json").chmod(0o644)

    found = findings(inside)["permissions"]

    assert found["state"] == "bad"
    assert "chmod" in found["fix"]


def test_clock_behind_the_chain_is_bad(inside: Inside) -> None:
    AuditEntry.objects.filter(pk=AuditEntry.objects.latest("pk").pk).update(at=timezone.now() + timedelta(days=400))

    assert findings(inside)["clock"]["state"] == "bad"


def test_task_that_waits_too_long_is_bad(inside: Inside) -> None:
    DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="x.y", backend_name="default", worker_ids=[],
        exception_class_path="", traceback="",
    )  # fmt: skip
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(days=1))

    assert findings(inside)["worker"]["state"] == "bad"


@pytest.mark.parametrize(("age_days", "state"), [(0, "good"), (2, "warning"), (30, "warning")])
def test_age_of_the_backup_is_seen(inside: Inside, age_days: int, state: str) -> None:
    kept_at = timezone.now() - timedelta(days=age_days)
    (inside.home / "last_backup.json").write_text(json.dumps({"kept_at": kept_at.isoformat(), "verified": True}))

    assert findings(inside)["backup"]["state"] == state


def test_old_backup_of_a_real_installation_is_bad(inside: Inside, settings: SettingsWrapper) -> None:
    settings.DEMO = False

    assert findings(inside)["backup"]["state"] == "bad"


def test_beating_server_is_seen(inside: Inside) -> None:
    (inside.home / "worker.json").write_text(json.dumps({"at": time.time(), "pid": 1}))

    assert findings(inside)["worker"]["state"] == "good"


def test_wrong_passphrase_is_bad(inside: Inside, tmp_path: Path, settings: SettingsWrapper) -> None:
    (tmp_path / "p").write_text("enam kata acak yang panjang sekali")
    inside.run("keys", "seal", "--passphrase-file", str(tmp_path / "p"))

    inside.patch.setattr(keys, "_opened", None)
    settings.VAULT_PASSPHRASE = "salah"

    assert findings(inside)["keys"]["state"] == "bad"


def test_doctor_speaks_indonesian(inside: Inside) -> None:
    done = inside.run("doctor", "--language", "id")

    assert "Ini peragaan" in done.out


def test_findings_carry_no_secret(inside: Inside, settings: SettingsWrapper) -> None:
    said = inside.run("doctor", "--json").out

    assert settings.SECRET_KEY not in said
    assert settings.AUDIT_KEY not in said


def test_unbuilt_home_is_told_to_migrate(tmp_path: Path) -> None:
    done = installation(tmp_path / "new", NAUNGAN_DEMO="1").run("doctor")

    assert done.code == 1
    assert "naungan migrate" in done.out


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
