"""People, keys, vault and audit on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Installation
from tests.cli.test_backup import _case_of

pytestmark = pytest.mark.slow

ADMIN = "admin@uptd.example.org"
OFFICER = "tirta@uptd.example.org"
HOUSE = "UPTD PPA Tirtasari (fiktif)"
PASSPHRASE = "enam kata acak yang panjang sekali"


def roles_of(demo: Installation, email: str) -> str:
    people = json.loads(demo.run("user", "list", "--json").out)
    return str(next(line["roles"] for line in people if line["e-mail"] == email))


def test_created_person_has_roles_and_gets_a_link(demo: Installation) -> None:
    done = demo.run(
        "user", "create", "baru@uptd.example.org", "--name", "Orang Baru", "--organisation", HOUSE,
        "--role", "caseworker:Pendampingan", "--as", ADMIN,
    )  # fmt: skip

    assert done.code == 0, done.err
    assert "/recover/" in done.out
    assert roles_of(demo, "baru@uptd.example.org") == "caseworker:Pendampingan"


def test_role_is_given_and_taken(demo: Installation) -> None:
    demo.run("user", "grant", "wulan@uptd.example.org", "observer")
    given = roles_of(demo, "wulan@uptd.example.org")
    demo.run("user", "revoke", "wulan@uptd.example.org", "observer", "--as", ADMIN)

    assert "observer" in given
    assert "observer" not in roles_of(demo, "wulan@uptd.example.org")


def test_role_is_not_taken_by_somebody_without_that_right(demo: Installation) -> None:
    done = demo.run(
        "user", "revoke", "wulan@uptd.example.org", "caseworker:Pendampingan", "--as", "bayu@uptd.example.org"
    )

    assert done.code == 1
    assert roles_of(demo, "wulan@uptd.example.org") == "caseworker:Pendampingan"


def test_unknown_person_and_role_are_told_apart(demo: Installation) -> None:
    assert demo.run("user", "grant", "nobody@example.org", "observer").code == 1
    assert demo.run("user", "grant", ADMIN, "nonsense").code == 2


def test_factor_reset_needs_two_administrators(demo: Installation) -> None:
    alone = demo.run("user", "reset-factor", "wulan@uptd.example.org", "--as", ADMIN, "--and", ADMIN)
    together = demo.run(
        "user", "reset-factor", "bayu@uptd.example.org", "--as", ADMIN, "--and", "admin2@uptd.example.org"
    )

    assert alone.code == 1
    assert together.code == 0, together.err
    assert "/recover/" in together.out


def test_sealed_key_file_opens_only_with_its_passphrase(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)

    demo.run("keys", "seal", "--passphrase-file", str(tmp_path / "p"))

    assert demo.run("keys", "show").code == 1
    shown = demo.run("keys", "show", "--json", NAUNGAN_VAULT_PASSPHRASE=PASSPHRASE)
    assert json.loads(shown.out)["sealed"] is True


def test_short_passphrase_is_refused(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("pendek")

    assert demo.run("keys", "seal", "--passphrase-file", str(tmp_path / "p")).code == 1


def test_keys_are_never_written_over(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    before = (demo.home / "vault_key.json").read_bytes()

    done = demo.run("keys", "generate", "--passphrase-file", str(tmp_path / "p"))

    assert done.code == 1
    assert (demo.home / "vault_key.json").read_bytes() == before


def test_shares_restore_the_keys_and_too_few_do_not(demo: Installation, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    out = demo.run("keys", "split", "--needed", "3", "--custodians", "5").out
    shares = [line for line in out.splitlines() if line.startswith("NAUNGAN-SHARE")]
    words = ("keys", "combine", str(tmp_path / "made.json"), "--passphrase-file", str(tmp_path / "p"))

    few = demo.run(*words, given="\n".join(shares[:2]))
    enough = demo.run(*words, given="\n".join(shares[1:4]))
    tested = demo.run("keys", "test", str(tmp_path / "made.json"), "--passphrase-file", str(tmp_path / "p"))

    assert few.code == 1
    assert enough.code == 0, enough.err
    assert tested.code == 0, tested.err


def test_rotation_wraps_everybody_anew_and_people_stay_findable(demo: Installation) -> None:
    done = demo.run("keys", "rotate")
    demo.run("vault", "reindex")

    assert "60 keys" in done.out
    assert json.loads(demo.run("keys", "show", "--json").out)["current"] == 2
    assert demo.run("keys", "rotate", "--retire", "1").code == 0
    assert demo.run("doctor").code == 0


def test_erasure_asks_the_policy(demo: Installation) -> None:
    code = _case_of(demo, OFFICER)

    refused = demo.run("vault", "erase", code, "--as", "wulan@uptd.example.org", "--reason", "request", "--yes")
    done = demo.run("vault", "erase", code, "--as", OFFICER, "--reason", "request", "--yes")

    assert refused.code == 1
    assert done.code == 0, done.err


def test_hold_forbids_erasure_until_it_is_released(demo: Installation) -> None:
    code = _case_of(demo, OFFICER)
    words = ("vault", "erase", code, "--as", OFFICER, "--reason", "request", "--yes")
    demo.run("vault", "hold", code, "--as", OFFICER)

    held = demo.run(*words)
    demo.run("vault", "hold", code, "--as", OFFICER, "--release")

    assert held.code == 1
    assert demo.run(*words).code == 0


def test_audit_is_anchored_verified_and_rooted(demo: Installation) -> None:
    anchored = demo.run("audit", "anchor")
    found = json.loads(demo.run("audit", "verify", "--json").out)
    root = json.loads(demo.run("audit", "root", "--json").out)

    assert anchored.code == 0
    assert all(one["anchored_to"] == one["entries"] for one in found)
    assert len(root["root"]) == 64


def test_audit_names_the_first_broken_entry(demo: Installation) -> None:
    import sqlite3

    with sqlite3.connect(demo.home / "naungan.sqlite3") as database:
        database.execute("UPDATE access_auditentry SET action = 'nothing' WHERE number = 2 AND organisation_id = 2")
    database.close()

    done = demo.run("audit", "verify", "--json")

    assert done.code == 1
    assert [one["broken_at"] for one in json.loads(done.out) if one["broken_at"]] == [2]
