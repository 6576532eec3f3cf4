"""People, keys, vault and audit on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_django import Settings as SettingsWrapper

from naungan.access.models import AuditEntry, Organisation
from naungan.protection.cases.models import Case
from naungan.vault import keys
from tests.cli.conftest import Inside, Installation

pytestmark = pytest.mark.slow

ADMIN = "admin@uptd.example.org"
OFFICER = "tirta@uptd.example.org"
HOUSE = "UPTD PPA Tirtasari (fiktif)"
PASSPHRASE = "enam kata acak yang panjang sekali"


def case_of_the_house() -> str:
    return Case.objects.filter(organisation__name=HOUSE).order_by("pk").values_list("code", flat=True)[0]


def roles_of(inside: Inside, email: str) -> str:
    people = json.loads(inside.run("user", "list", "--json").out)
    return str(next(line["roles"] for line in people if line["e-mail"] == email))


def test_created_person_has_roles_and_gets_a_link(inside: Inside) -> None:
    done = inside.run(
        "user", "create", "baru@uptd.example.org", "--name", "Orang Baru", "--organisation", HOUSE,
        "--role", "caseworker:Pendampingan", "--as", ADMIN,
    )  # fmt: skip

    assert done.code == 0, done.err
    assert "/recover/" in done.out
    assert roles_of(inside, "baru@uptd.example.org") == "caseworker:Pendampingan"


def test_role_is_given_and_taken(inside: Inside) -> None:
    inside.run("user", "grant", "wulan@uptd.example.org", "observer")
    given = roles_of(inside, "wulan@uptd.example.org")
    inside.run("user", "revoke", "wulan@uptd.example.org", "observer", "--as", ADMIN)

    assert "observer" in given
    assert "observer" not in roles_of(inside, "wulan@uptd.example.org")


def test_role_is_not_taken_by_somebody_without_that_right(inside: Inside) -> None:
    done = inside.run(
        "user", "revoke", "wulan@uptd.example.org", "caseworker:Pendampingan", "--as", "bayu@uptd.example.org"
    )

    assert done.code == 1
    assert roles_of(inside, "wulan@uptd.example.org") == "caseworker:Pendampingan"


def test_unknown_person_and_role_are_told_apart(inside: Inside) -> None:
    assert inside.run("user", "grant", "nobody@example.org", "observer").code == 1
    assert inside.run("user", "grant", ADMIN, "nonsense").code == 2


def test_factor_reset_needs_two_administrators(inside: Inside) -> None:
    alone = inside.run("user", "reset-factor", "wulan@uptd.example.org", "--as", ADMIN, "--and", ADMIN)
    together = inside.run(
        "user", "reset-factor", "bayu@uptd.example.org", "--as", ADMIN, "--and", "admin2@uptd.example.org"
    )

    assert alone.code == 1
    assert together.code == 0, together.err
    assert "/recover/" in together.out


def test_sealed_key_file_opens_only_with_its_passphrase(
    inside: Inside, tmp_path: Path, settings: SettingsWrapper
) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    inside.run("keys", "seal", "--passphrase-file", str(tmp_path / "p"))

    inside.patch.setattr(keys, "_opened", None)
    shut = inside.run("keys", "show")
    settings.VAULT_PASSPHRASE = PASSPHRASE
    opened = inside.run("keys", "show", "--json")

    assert shut.code == 1
    assert json.loads(opened.out)["sealed"] is True


def test_short_passphrase_is_refused(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "p").write_text("pendek")

    assert inside.run("keys", "seal", "--passphrase-file", str(tmp_path / "p")).code == 1


def test_keys_are_never_written_over(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    before = (inside.home / "vault_key.json").read_bytes()

    done = inside.run("keys", "generate", "--passphrase-file", str(tmp_path / "p"))

    assert done.code == 1
    assert (inside.home / "vault_key.json").read_bytes() == before


def test_shares_restore_the_keys_and_too_few_do_not(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "p").write_text(PASSPHRASE)
    out = inside.run("keys", "split", "--needed", "3", "--custodians", "5").out
    shares = [line for line in out.splitlines() if line.startswith("NAUNGAN-SHARE")]
    words = ("keys", "combine", str(tmp_path / "made.json"), "--passphrase-file", str(tmp_path / "p"))

    few = inside.run(*words, given="\n".join(shares[:2]))
    enough = inside.run(*words, given="\n".join(shares[1:4]))
    tested = inside.run("keys", "test", str(tmp_path / "made.json"), "--passphrase-file", str(tmp_path / "p"))

    assert few.code == 1
    assert enough.code == 0, enough.err
    assert tested.code == 0, tested.err


def test_rotation_wraps_everybody_anew_and_people_stay_findable(inside: Inside) -> None:
    done = inside.run("keys", "rotate")
    inside.run("vault", "reindex")

    assert "60 keys" in done.out
    assert json.loads(inside.run("keys", "show", "--json").out)["current"] == 2
    assert inside.run("keys", "rotate", "--retire", "1").code == 0


def test_erasure_asks_the_policy(inside: Inside) -> None:
    code = case_of_the_house()

    refused = inside.run("vault", "erase", code, "--as", "wulan@uptd.example.org", "--reason", "request", "--yes")
    done = inside.run("vault", "erase", code, "--as", OFFICER, "--reason", "request", "--yes")

    assert refused.code == 1
    assert done.code == 0, done.err


def test_hold_forbids_erasure_until_it_is_released(inside: Inside) -> None:
    code = case_of_the_house()
    words = ("vault", "erase", code, "--as", OFFICER, "--reason", "request", "--yes")
    inside.run("vault", "hold", code, "--as", OFFICER)

    held = inside.run(*words)
    inside.run("vault", "hold", code, "--as", OFFICER, "--release")

    assert held.code == 1
    assert inside.run(*words).code == 0


def test_audit_is_anchored_verified_and_rooted(inside: Inside) -> None:
    anchored = inside.run("audit", "anchor")
    found = json.loads(inside.run("audit", "verify", "--json").out)
    root = json.loads(inside.run("audit", "root", "--json").out)

    assert anchored.code == 0
    assert all(one["anchored_to"] == one["entries"] for one in found)
    assert len(root["root"]) == 64


def test_audit_names_the_first_broken_entry(inside: Inside) -> None:
    organisation = Organisation.objects.get(name=HOUSE)
    AuditEntry.objects.filter(organisation=organisation, number=2).update(action="nothing")

    done = inside.run("audit", "verify", "--json")

    assert done.code == 1
    assert [one["broken_at"] for one in json.loads(done.out) if one["broken_at"]] == [2]


def test_command_speaks_the_language_of_the_terminal(demo: Installation) -> None:
    indonesian = demo.run("user", "revoke", "tidak-ada@example.org", "observer", "--as", "x@example.org", LANG="id_ID")
    english = demo.run("user", "revoke", "tidak-ada@example.org", "observer", "--as", "x@example.org", LANG="C")

    assert indonesian.err.startswith("Tidak ada yang masuk dengan alamat itu.")
    assert english.err.startswith("Nobody signs in with that address.")
