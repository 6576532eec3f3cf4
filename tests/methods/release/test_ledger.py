"""The budget is charged once, never exceeded, and every change to its record is seen."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

from naungan.methods.release.errors import Refusal
from naungan.methods.release.ledger import Ledger
from naungan.methods.release.ledger import _hash as ledger_hash


def make(folder: Path) -> Ledger:
    ledger = Ledger(folder / "p.ledger.jsonl", population="P", heads=folder / "heads")
    ledger.open(epsilon_limit=4, delta_limit=1e-6)
    return ledger


def charge(ledger: Ledger, rho: float) -> None:
    ledger.charge(rho=rho, run="r", purpose="a test", epsilon=1, delta=1e-6)


def test_spent_budget_adds_up(tmp_path: Path) -> None:
    ledger = make(tmp_path)

    charge(ledger, 0.1)
    charge(ledger, 0.1)

    assert ledger.spent()["rho_spent"] == pytest.approx(0.2)


def test_release_beyond_the_limit_is_refused_and_takes_nothing(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.2)

    with pytest.raises(Refusal) as refused:
        charge(ledger, 0.2)

    assert refused.value.code == "budget-exhausted"
    assert ledger.spent()["rho_spent"] == pytest.approx(0.2)


def test_cost_that_is_no_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        charge(make(tmp_path), float("nan"))


@pytest.mark.parametrize("rho", [0.0, -0.1, float("inf")])
def test_cost_that_would_give_budget_back_is_refused(tmp_path: Path, rho: float) -> None:
    ledger = make(tmp_path)

    with pytest.raises(Refusal):
        charge(ledger, rho)

    assert ledger.spent()["rho_spent"] == 0


def forged(ledger: Ledger, **words: object) -> None:
    """An entry put at the end with a hash that fits, by somebody who cannot write the head."""
    before = json.loads(ledger.path.read_text("utf-8").splitlines()[-1])
    whole: dict[str, object] = {"kind": "charge", "number": before["number"] + 1, "previous": before["hash"], **words}
    whole["hash"] = ledger_hash(whole)
    with ledger.path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(whole, ensure_ascii=False, sort_keys=True) + "\n")


def test_entry_that_gives_budget_back_is_found(tmp_path: Path) -> None:
    ledger = make(tmp_path)

    forged(ledger, rho=-5.0)

    assert not ledger.verify().is_sound


def test_one_entry_beyond_the_head_is_a_power_cut_and_two_are_not(tmp_path: Path) -> None:
    ledger = make(tmp_path)

    forged(ledger, rho=0.01)
    assert ledger.verify().is_sound
    forged(ledger, rho=0.01)

    assert not ledger.verify().is_sound


def test_charge_is_found_by_its_run_and_purpose(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.1)

    assert ledger.has_charged(run="r", purpose="a test", rho=0.1)
    assert not ledger.has_charged(run="other", purpose="a test", rho=0.1)
    assert not ledger.has_charged(run="r", purpose="a test", rho=0.2)


def test_whole_ledger_is_sound(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.1)

    assert ledger.verify().is_sound
    assert ledger.verify().proven_to == 2


@pytest.mark.parametrize("at", [0, 1, 2])
def test_edited_entry_is_found(tmp_path: Path, at: int) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.1)
    charge(ledger, 0.05)
    lines = ledger.path.read_text("utf-8").splitlines()
    words = json.loads(lines[at])
    words["purpose"] = "something else"
    lines[at] = json.dumps(words, sort_keys=True)
    ledger.path.write_text("\n".join(lines) + "\n", "utf-8")

    verdict = ledger.verify()

    assert (verdict.is_sound, verdict.at) == (False, at + 1)
    with pytest.raises(Refusal):
        charge(ledger, 0.01)


@pytest.mark.parametrize("keep", [[0, 1], [0, 2], [1, 2]])
def test_removed_entry_is_found(tmp_path: Path, keep: list[int]) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.1)
    charge(ledger, 0.05)
    lines = ledger.path.read_text("utf-8").splitlines()
    ledger.path.write_text("".join(lines[at] + "\n" for at in keep), "utf-8")

    assert not ledger.verify().is_sound


def test_chain_written_anew_does_not_fit_its_head(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    charge(ledger, 0.2)
    other = make(tmp_path / "other")
    charge(other, 0.01)
    ledger.path.write_text(other.path.read_text("utf-8"), "utf-8")

    assert ledger.verify().fault == "the chain was written anew"


def test_missing_ledger_with_a_head_is_not_begun_anew(tmp_path: Path) -> None:
    make(tmp_path).path.unlink()

    with pytest.raises(Refusal) as refused:
        make(tmp_path)

    assert refused.value.code == "ledger-lost"


def test_missing_head_is_not_trusted(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    ledger.head_path.unlink()

    assert not ledger.verify().is_sound


def test_ledger_of_another_population_is_refused(tmp_path: Path) -> None:
    ledger = make(tmp_path)

    assert not Ledger(ledger.path, population="Q", heads=tmp_path / "heads").verify().is_sound


def test_releases_without_bound_are_named(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    ledger.note("no-bound", {"purpose": "exact tables of 2023"})

    assert ledger.spent()["no_bound"] == ["exact tables of 2023"]


def _charge_often(folder: Path) -> None:
    ledger = Ledger(folder / "p.ledger.jsonl", population="P", heads=folder / "heads")
    for _ in range(10):
        try:
            charge(ledger, 0.02)
        except Refusal:
            return


@pytest.mark.slow
def test_releases_started_at_once_never_pass_the_limit(tmp_path: Path) -> None:
    ledger = make(tmp_path)
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_charge_often, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    # The limit of ε = 4 at δ = 1e-6 is ρ = 0.3135: fifteen charges of 0.02.
    assert len(ledger.entries()) == 1 + 15
    assert ledger.verify().is_sound


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[" * 100_000, b"null\n"])
def test_file_that_is_no_ledger_is_seen(tmp_path: Path, content: bytes) -> None:
    ledger = make(tmp_path)
    ledger.path.write_bytes(content)

    assert not ledger.verify().is_sound


@pytest.mark.parametrize("length", [0, -7, "1", None])
def test_head_of_an_impossible_length_is_seen(tmp_path: Path, length: object) -> None:
    ledger = make(tmp_path)
    head = json.loads(ledger.head_path.read_text("utf-8"))
    ledger.head_path.write_text(json.dumps({**head, "length": length}), "utf-8")

    assert not ledger.verify().is_sound
