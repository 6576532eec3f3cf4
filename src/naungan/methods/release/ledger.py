"""The budget of a population: an append-only, hash-chained file, charged before any noise is drawn."""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from naungan.methods.release.accounting import epsilon_of_rho, rho_of_budget
from naungan.methods.release.errors import Refusal, ReleaseError

__all__ = ["Entry", "Ledger", "Verdict", "default_heads", "ledger_path"]

Words = Mapping[str, object]
_FIRST = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line of a ledger: `open`, `charge`, `published` or `no-bound`."""

    number: int
    kind: str
    words: Words

    @property
    def rho(self) -> float:
        """What it charged."""
        value = self.words.get("rho", 0.0)
        return float(value) if isinstance(value, int | float) else 0.0


@dataclass(frozen=True)
class Verdict:
    """Whether a ledger is whole; the first entry at fault and why where it is not."""

    is_sound: bool
    entries: int
    fault: str = ""
    at: int | None = None
    proven_to: int = 0


def default_heads() -> Path:
    """
    Where heads of ledgers are kept on this machine: outside the folders of the ledgers.

    Returns:
        Path: of a folder. Heads stay inside.
    """
    return Path.home() / ".local" / "state" / "naungan" / "ledger-heads"


def ledger_path(folder: Path, population: str, named: str | None) -> Path:
    """
    The file of a population's ledger.

    Args:
        folder: Of the schema.
        population: Name of the population.
        named: File that the schema names; None to derive it from the name.

    Returns:
        Path: absolute, or within the folder. A ledger stays inside; what it says of releases may be told.
    """
    return folder / (named or f"{_slug(population)}.ledger.jsonl")


class Ledger:
    """
    The budget of one population.

    Every entry holds the hash of the one before; the head (length and last hash) is kept outside the file, so that a
    cut tail, an edit and a file made anew are all seen. One lock for reading, checking and appending, so that two
    releases started at once cannot both take the last of the budget.
    """

    def __init__(self, path: Path, *, population: str, heads: Path) -> None:
        """
        Args:
            path: Of the file; it need not be there yet.
            population: Its name; one ledger each.
            heads: Folder of the heads, best on another disk.
        """
        self.path = path
        self.population = population
        name = hashlib.sha256(population.encode()).hexdigest()[:12]
        self.head_path = heads / f"{_slug(population)}-{name}.head.json"

    def open(self, *, epsilon_limit: float, delta_limit: float) -> None:
        """
        Begin the ledger where there is none, with the most that may ever be spent.

        Args:
            epsilon_limit: ε of all releases together.
            delta_limit: δ of all releases together.

        Raises:
            Refusal: `ledger-lost` where a head says that there was one; `ledger-broken` where it is not whole.
        """
        with self._locked():
            if self.path.exists():
                self._sound_entries()
                return
            if self.head_path.exists():
                raise Refusal(
                    "ledger-lost", "The ledger of this population is gone, though its head is kept.",
                    fix=f"Bring the file back from a backup: {self.path.name}.",
                )  # fmt: skip
            limit = rho_of_budget(epsilon_limit, delta_limit)
            self._append(
                [], "open",
                {"population": self.population, "epsilon_limit": epsilon_limit, "delta_limit": delta_limit,
                 "rho_limit": limit, "id": secrets.token_hex(8)},
            )  # fmt: skip

    def charge(self, *, rho: float, run: str, purpose: str, epsilon: float, delta: float | None) -> Entry:
        """
        Take from the budget, before any noise is drawn; it is never given back.

        Args:
            rho: zCDP cost.
            run: Token of the run.
            purpose: In words.
            epsilon: What the release claims.
            delta: See `epsilon`; None where it is not known yet.

        Returns:
            Entry: on the disk when this returns.

        Raises:
            Refusal: `budget-exhausted`, and nothing is taken; `ledger-broken`.
        """
        with self._locked():
            entries = self._sound_entries()
            if not 0 < rho < math.inf:
                raise Refusal("bad-budget", "A charge must be a number above 0.", fix="Report this as an error.")
            left = _limit(entries) - sum(each.rho for each in entries)
            if not rho <= left * (1 + 1e-12):
                raise Refusal(
                    "budget-exhausted",
                    f"The release would cost ρ = {rho:.6f}, and {max(left, 0):.6f} of the population's budget is left.",
                    fix="Choose a smaller ε, or have the limit reviewed by those who set it.",
                )  # fmt: skip
            return self._append(
                entries, "charge", {"rho": rho, "run": run, "purpose": purpose, "epsilon": epsilon, "delta": delta}
            )

    def has_charged(self, *, run: str, purpose: str, rho: float) -> bool:
        """
        Whether a run was charged for this already, so that one which was killed is not charged twice.

        Args:
            run: Token of the run.
            purpose: As it was charged.
            rho: What it costs.

        Returns:
            bool: true where an entry of that run and purpose charged at least ρ.

        Raises:
            Refusal: `ledger-broken`.
        """
        return any(
            each.kind == "charge" and each.rho >= rho * (1 - 1e-12)
            and each.words.get("run") == run and each.words.get("purpose") == purpose
            for each in self.entries()
        )  # fmt: skip

    def note(self, kind: str, words: Words) -> Entry:
        """
        Write that something went out: `published`, or `no-bound` for what no budget can hold.

        Args:
            kind: `published` or `no-bound`.
            words: What, when, of how much.

        Returns:
            Entry.

        Raises:
            Refusal: `ledger-broken`.
        """
        with self._locked():
            return self._append(self._sound_entries(), kind, words)

    def entries(self) -> Sequence[Entry]:
        """All entries of a whole ledger; refused where it is not whole."""
        with self._locked():
            return self._sound_entries()

    def verify(self) -> Verdict:
        """
        Walk the chain, and hold it against the head.

        Returns:
            Verdict: with the first entry that was changed, removed or put in.
        """
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except OSError:
            return Verdict(False, 0, "the file is missing")
        except UnicodeDecodeError:
            return Verdict(False, 0, "it is not text")
        previous = _FIRST
        for number, line in enumerate(lines, 1):
            words = _parsed(line)
            if words is None or words.get("number") != number or words.get("previous") != previous:
                return Verdict(False, len(lines), "an entry was changed, removed or put in", number)
            if words.get("hash") != _hash(words):
                return Verdict(False, len(lines), "an entry was changed", number)
            if not _is_charge(words.get("rho", 0.0)):
                return Verdict(False, len(lines), "an entry gives budget back", number)
            previous = str(words["hash"])
            if number == 1 and words.get("population") != self.population:
                return Verdict(False, len(lines), "the ledger is of another population", 1)
        return self._against_head(lines)

    def _against_head(self, lines: list[str]) -> Verdict:
        head = (
            _parsed(self.head_path.read_text(encoding="utf-8", errors="replace")) if self.head_path.exists() else None
        )
        if head is None:
            return Verdict(False, len(lines), "its head is missing, so a cut or new file would not be seen")
        length = head.get("length")
        if not isinstance(length, int) or not 0 < length <= len(lines):
            return Verdict(False, len(lines), "entries at the end were cut off", len(lines) + 1)
        marked = _parsed(lines[length - 1])
        if marked is None or marked.get("hash") != head.get("hash"):
            return Verdict(False, len(lines), "the chain was written anew", length)
        if len(lines) > length + 1:  # one is what a power cut between entry and head leaves
            return Verdict(False, len(lines), "entries were put in behind its head", length + 1)
        return Verdict(True, len(lines), proven_to=length)

    def spent(self) -> Mapping[str, object]:
        """
        What all releases together may have told about a person who is in all of them.

        Returns:
            Mapping: rho_spent, rho_left, epsilon_spent at delta_limit, no_bound (releases without any bound).
        """
        entries = self.entries()
        rho = sum(each.rho for each in entries)
        delta = entries[0].words.get("delta_limit")
        assert isinstance(delta, float)
        unbounded = [str(each.words.get("purpose", "")) for each in entries if each.kind == "no-bound"]
        return {
            "population": self.population,
            "rho_spent": rho,
            "rho_left": max(0.0, _limit(entries) - rho),
            "epsilon_spent": epsilon_of_rho(rho, delta),
            "epsilon_limit": entries[0].words.get("epsilon_limit"),
            "delta": delta,
            "no_bound": unbounded,
        }

    def _sound_entries(self) -> list[Entry]:
        verdict = self.verify()
        if not verdict.is_sound:
            raise Refusal(
                "ledger-broken",
                f"The ledger cannot be trusted{f' from entry {verdict.at} on' if verdict.at else ''}: {verdict.fault}.",
                fix="Bring back the last whole copy, and find out who changed it.",
            )
        found = []
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            words = _parsed(line) or {}
            found.append(Entry(number, str(words.get("kind")), words))
        return found

    def _append(self, entries: Sequence[Entry], kind: str, words: Words) -> Entry:
        number = len(entries) + 1
        previous = str(entries[-1].words["hash"]) if entries else _FIRST
        whole: dict[str, object] = {
            **words, "number": number, "kind": kind, "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "previous": previous,
        }  # fmt: skip
        whole["hash"] = _hash(whole)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(whole, ensure_ascii=False, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        write_atomically(self.head_path, json.dumps({"length": number, "hash": whole["hash"]}))
        return Entry(number, kind, whole)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.head_path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.head_path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise ReleaseError(
                "ledger-unwritable", "The ledger or the folder of its head cannot be written.",
                fix="Choose another folder with --ledger and --heads.",
            ) from error  # fmt: skip
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that it is there whole or not at all, even after a power cut."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _limit(entries: Sequence[Entry]) -> float:
    value = entries[0].words.get("rho_limit")
    assert isinstance(value, float)
    return value


def _is_charge(rho: object) -> bool:
    return isinstance(rho, int | float) and 0 <= rho < math.inf


def _hash(words: Words) -> str:
    rest = {key: value for key, value in words.items() if key != "hash"}
    return hashlib.sha256(json.dumps(rest, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _parsed(line: str) -> dict[str, object] | None:
    try:
        words = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, dict) else None


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "population"
