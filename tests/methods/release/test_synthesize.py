"""A release is charged before noise, goes on where it was killed, and holds nothing that was not paid for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from naungan.methods.release import synthesize as module
from naungan.methods.release.errors import Refusal, ReleaseError
from naungan.methods.release.folder import aggregates, write_folder
from naungan.methods.release.junction import NoisyTable, merge
from naungan.methods.release.ledger import Ledger
from naungan.methods.release.noise import Counts, ExactNoise
from naungan.methods.release.schema import Schema, schema_of
from naungan.methods.release.synthesize import Order, Synthesis, plan_of, read_earlier, read_workload, synthesize
from tests.methods.release.examples import fields, own, rows, schema, words, write_rows


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_rows(tmp_path / "in.csv", rows(400))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "p.jsonl", population="Invented", heads=tmp_path / "heads")
    made.open(epsilon_limit=12, delta_limit=1e-6)
    return made


def without_size() -> Schema:
    given = words()
    own(given)["population"] = {"name": "Invented"}
    return schema_of(given)


def test_records_obey_the_schema_and_its_rules(source: Path) -> None:
    made = synthesize(source, schema(), Order(4.0, seed=1), ledger=None)

    assert made.records.columns == list(schema().names)
    assert made.records.height == 400
    assert made.records.filter((pl.col("farm") == "1") & pl.col("forced").is_null()).is_empty()
    assert set(made.records["gender"].drop_nulls()) <= {"Woman", "Man"}


def test_counts_come_near_the_source(source: Path) -> None:
    made = synthesize(source, schema(), Order(12.0, seed=1), ledger=None)
    true = pl.read_csv(source, infer_schema=False)

    # At ε = 12 with 400 people noise of one column has a scale of about 2.
    women = int((made.records["gender"] == "Woman").sum() or 0)
    assert abs(women - int((true["gender"] == "Woman").sum() or 0)) < 20


def test_number_of_rows_comes_from_noise_where_no_size_is_declared(source: Path) -> None:
    found = {synthesize(source, without_size(), Order(0.5, seed=seed), ledger=None).records.height for seed in range(4)}

    assert len(found) > 1


def test_delta_comes_from_noise_where_no_size_is_declared(source: Path) -> None:
    found = {synthesize(source, without_size(), Order(0.5, seed=seed), ledger=None).delta for seed in range(4)}

    assert len(found) > 1


def test_release_without_ledger_is_refused(source: Path) -> None:
    with pytest.raises(Refusal) as refused:
        synthesize(source, schema(), Order(1.0), ledger=None)

    assert refused.value.code == "no-ledger"


def test_draft_is_refused(source: Path) -> None:
    given = words()
    own(given)["confirmed"] = False

    with pytest.raises(ReleaseError) as refused:
        synthesize(source, schema_of(given), Order(1.0, seed=1), ledger=None)

    assert refused.value.code == "draft-schema"


def test_release_charges_the_ledger_once(source: Path, ledger: Ledger) -> None:
    made = synthesize(source, schema(), Order(1.0), ledger=ledger)

    assert ledger.spent()["rho_spent"] == pytest.approx(made.rho)
    assert sum(each.rho for each in made.measured) <= made.rho


def test_noisy_count_and_release_together_cost_no_more_than_promised(source: Path, ledger: Ledger) -> None:
    made = synthesize(source, without_size(), Order(1.0), ledger=ledger)

    assert ledger.spent()["rho_spent"] == pytest.approx(made.rho)


def test_exhausted_budget_draws_nothing(source: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.charge(rho=1.9, run="r", purpose="before", epsilon=10, delta=1e-6)
    monkeypatch.setattr(ExactNoise, "add", lambda *_, **__: pytest.fail("noise was drawn"))

    with pytest.raises(Refusal):
        synthesize(source, schema(), Order(8.0), ledger=ledger)


def test_bad_cell_charges_nothing(tmp_path: Path, ledger: Ledger) -> None:
    path = write_rows(tmp_path / "bad.csv", [["2021", "someone", "", "", ""]])

    with pytest.raises(ReleaseError):
        synthesize(path, schema(), Order(1.0), ledger=ledger)

    assert ledger.spent()["rho_spent"] == 0


class _Killed(Exception):
    """Stands for a power cut."""


def _kill_at(monkeypatch: pytest.MonkeyPatch, call: int, *, after_saving: bool) -> None:
    """Stop the run at a round: when its noise is drawn, or when the next one begins."""
    real, count = module._DiskStore.begin, [0]

    def begin(self: module._DiskStore, number: int) -> None:
        count[0] += 1
        if after_saving and count[0] == call:
            raise _Killed
        real(self, number)
        if not after_saving and count[0] == call:
            raise _Killed

    monkeypatch.setattr(module._DiskStore, "begin", begin)


def test_killed_run_goes_on_without_a_second_charge(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, 2, after_saving=True)
        with pytest.raises(_Killed):
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")
    first = json.loads((tmp_path / "run" / "round+00.json").read_text("utf-8"))

    made = synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    assert ledger.spent()["rho_spent"] == pytest.approx(made.rho)
    assert made.measured[0].values.tolist() == first["measured"][0]["values"]


def test_lost_round_keeps_its_charge_and_is_charged_anew(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, 2, after_saving=False)
        with pytest.raises(_Killed):
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    made = synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    assert ledger.spent()["rho_spent"] == pytest.approx(2 * made.rho)


def test_changed_input_is_charged_anew(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, 2, after_saving=True)
        with pytest.raises(_Killed):
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")
    write_rows(source, rows(400, seed=9))

    made = synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    assert ledger.spent()["rho_spent"] == pytest.approx(2 * made.rho)


def test_killed_run_that_goes_on_with_another_ledger_is_charged_there(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        _kill_at(patch, 2, after_saving=True)
        with pytest.raises(_Killed):
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")
    other = Ledger(tmp_path / "other.jsonl", population="Invented", heads=tmp_path / "other-heads")
    other.open(epsilon_limit=12, delta_limit=1e-6)

    made = synthesize(source, schema(), Order(1.0), ledger=other, work=tmp_path / "run")

    assert other.spent()["rho_spent"] == pytest.approx(made.rho)


def test_run_killed_between_charge_and_note_is_not_charged_twice(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Ledger.charge

    def charge(*given: object, **words: object) -> None:
        real(*given, **words)  # type: ignore[arg-type] # passed on as they came
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "charge", charge)
        with pytest.raises(_Killed):
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    made = synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    assert ledger.spent()["rho_spent"] == pytest.approx(made.rho)


def test_second_run_in_the_same_work_folder_is_refused(
    source: Path, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def begin(self: module._DiskStore, number: int) -> None:
        with pytest.raises(Refusal) as refused:
            synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")
        found.append(refused.value.code)
        raise _Killed

    monkeypatch.setattr(module._DiskStore, "begin", begin)
    with pytest.raises(_Killed):
        synthesize(source, schema(), Order(1.0), ledger=ledger, work=tmp_path / "run")

    assert found == ["run-under-way"]
    assert len(ledger.entries()) == 2


def test_ledger_of_another_population_is_refused(source: Path, tmp_path: Path) -> None:
    other = Ledger(tmp_path / "p.jsonl", population="Others", heads=tmp_path / "heads")
    other.open(epsilon_limit=12, delta_limit=1e-6)

    with pytest.raises(Refusal) as refused:
        synthesize(source, schema(), Order(1.0), ledger=other)

    assert refused.value.code == "other-population"


@pytest.mark.parametrize("delta", [0.5, 0.0, 1.0, 1 / 399])
def test_delta_that_promises_nothing_is_refused(source: Path, ledger: Ledger, delta: float) -> None:
    with pytest.raises(ReleaseError) as refused:
        synthesize(source, schema(), Order(1.0, delta), ledger=ledger)

    assert refused.value.code == "bad-budget"
    assert ledger.spent()["rho_spent"] == 0


@pytest.mark.parametrize("epsilon", [0.0, -1.0, float("nan"), float("inf")])
def test_epsilon_that_is_no_budget_is_refused(source: Path, ledger: Ledger, epsilon: float) -> None:
    with pytest.raises(ReleaseError) as refused:
        synthesize(source, without_size(), Order(epsilon), ledger=ledger)

    assert refused.value.code == "bad-budget"
    assert ledger.spent()["rho_spent"] == 0


@pytest.mark.parametrize("count", [0, 1, 20])
def test_few_people_give_a_noisy_answer_or_a_clear_refusal(tmp_path: Path, count: int) -> None:
    path = write_rows(tmp_path / "few.csv", rows(count))
    order = Order(1.0, seed=3)
    try:
        rows_out = synthesize(path, without_size(), order, ledger=None).records.height
    except ReleaseError as error:
        rows_out = 1 if error.code == "too-few-people" else 0

    assert rows_out >= 1


def only(*given: dict[str, object]) -> Schema:
    whole = words()
    fields(whole)[:] = list(given)
    own(whole).pop("rules")
    return schema_of(whole)


def test_one_column_is_enough(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "one.csv", [["A"]] * 50, ("a",))

    made = synthesize(path, only({"name": "a", "constraints": {"enum": ["A", "B"]}}), Order(4.0, seed=1), ledger=None)

    assert made.records.height == 400


def test_column_with_one_value_is_no_trouble(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "one.csv", [["A", "x"]] * 50, ("a", "b"))
    by = only(
        {"name": "a", "constraints": {"enum": ["A"], "required": True}}, {"name": "b", "constraints": {"enum": ["x"]}}
    )

    assert set(synthesize(path, by, Order(4.0, seed=1), ledger=None).records["a"]) == {"A"}


def test_schema_of_ten_thousand_values_is_no_trouble(tmp_path: Path) -> None:
    many = [f"v{number}" for number in range(10_000)]
    path = write_rows(tmp_path / "many.csv", [["v5", "x"]] * 500, ("a", "b"))
    by = only({"name": "a", "constraints": {"enum": many}}, {"name": "b", "constraints": {"enum": ["x"]}})

    made = synthesize(path, by, Order(4.0, seed=1), ledger=None)

    assert made.records["a"].value_counts(sort=True)["a"][0] == "v5"


def test_cap_of_rows_multiplies_the_noise(source: Path) -> None:
    given = words()
    own(given)["rowsPerPerson"] = 3

    made = synthesize(source, schema_of(given), Order(4.0, seed=1), ledger=None)

    assert {each.sensitivity for each in made.measured} == {3}
    assert made.measured[0].noisy().variance == pytest.approx(9 / (2 * made.measured[0].rho), rel=1e-6)


def test_dry_run_needs_no_data() -> None:
    plan = plan_of(schema(), Order(2.0))

    assert plan["rho"] == pytest.approx(0.16884, rel=1e-3)
    assert plan["tables_by_round"]


def test_workload_weighs_the_tables_it_names(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('[{"columns": ["year", "gender"], "weight": 5}]', "utf-8")

    assert read_workload(tmp_path / "w.json", schema()) == {(0, 1): 5}


@pytest.mark.parametrize(
    "text", ["{", "[1]", '[{"columns": ["year", "gender"], "weight": 99}]', '[{"columns": ["x"]}]']
)
def test_faulty_workload_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "w.json").write_text(text, "utf-8")

    with pytest.raises(ReleaseError):
        read_workload(tmp_path / "w.json", schema())


def released(source: Path, ledger: Ledger, out: Path, epsilon: float = 4.0) -> Synthesis:
    made = synthesize(source, schema(), Order(epsilon), ledger=ledger)
    write_folder(made, out)
    return made


def test_folder_holds_its_parts_and_their_checksums(source: Path, ledger: Ledger, tmp_path: Path) -> None:
    released(source, ledger, tmp_path / "out")

    sums = (tmp_path / "out" / "SHA256SUMS").read_text("utf-8")
    for name in (
        "data.csv", "data.parquet", "aggregates.csv", "measurements.json", "codebook.csv", "parameters.json",
        "README.md", "LICENSE.txt", "CITATION.cff", "index.html", "datapackage.json", "charts/01.svg",
    ):  # fmt: skip
        assert f"  {name}\n" in sums


@pytest.mark.slow
def test_package_is_valid_for_another_reader(source: Path, ledger: Ledger, tmp_path: Path) -> None:
    import subprocess
    import sys

    released(source, ledger, tmp_path / "out")

    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", "datapackage.json", "--json"],
        cwd=tmp_path / "out", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(done.stdout)["valid"] is True


def test_page_asks_nothing_of_the_network_and_runs_no_script(source: Path, ledger: Ledger, tmp_path: Path) -> None:
    released(source, ledger, tmp_path / "out")

    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<script" not in page
    assert "src=" not in page
    assert "[[" not in page


def test_seeded_run_stamps_everything(source: Path, tmp_path: Path) -> None:
    write_folder(synthesize(source, schema(), Order(4.0, seed=1), ledger=None), tmp_path / "out")

    for path in (tmp_path / "out").rglob("*"):
        if path.suffix in {".csv", ".json", ".md", ".html", ".svg", ".txt", ".cff"}:
            assert "NOT PRIVATE" in path.read_text("utf-8"), path.name
    assert "NOT PRIVATE" in pl.read_parquet(tmp_path / "out" / "data.parquet").columns


def test_private_run_carries_no_stamp(source: Path, ledger: Ledger, tmp_path: Path) -> None:
    released(source, ledger, tmp_path / "out")

    assert "NOT PRIVATE" not in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_folder_that_is_there_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    made = synthesize(source, schema(), Order(4.0, seed=1), ledger=None)
    (tmp_path / "out").mkdir()

    with pytest.raises(ReleaseError) as refused:
        write_folder(made, tmp_path / "out")

    assert refused.value.code == "folder-exists"


def test_tables_and_records_come_from_one_model(source: Path) -> None:
    made = synthesize(source, schema(), Order(4.0, support=1, seed=3), ledger=None)

    for cell in aggregates(made):
        if cell.columns == ("gender",):
            value = cell.values[0]
            found = made.records["gender"].is_null() if value == "" else made.records["gender"] == value
            # Systematic sampling strays by a few people of 400.
            assert int(found.sum() or 0) == pytest.approx(cell.count * 400 / made.people, abs=6)


@pytest.mark.slow
def test_intervals_hold_the_true_counts(source: Path) -> None:
    true = {"Woman": 0, "Man": 0, "": 0}
    with source.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            true[row["gender"]] += 1
    held = [
        cell.low <= true[cell.values[0]] <= cell.high
        for seed in range(25)
        for cell in aggregates(synthesize(source, schema(), Order(1.0, seed=seed), ledger=None))
        if cell.columns == ("gender",)
    ]

    # 75 intervals of at least 95 %: fewer than 86 % would be 3 standard errors below.
    assert np.mean(held) > 0.86


def test_earlier_release_is_reused_for_nothing(source: Path, ledger: Ledger, tmp_path: Path) -> None:
    first = released(source, ledger, tmp_path / "first", epsilon=1.0)
    earlier = read_earlier([tmp_path / "first"], schema())

    again = synthesize(source, schema(), Order(1.0, earlier=earlier), ledger=ledger)

    assert again.reused == len(earlier) > 0
    assert ledger.spent()["rho_spent"] == pytest.approx(first.rho + again.rho)


def women(folder: Path, count: int, share: float, seed: int) -> Path:
    """A file of people of whom a share are women."""
    draw = np.random.default_rng(seed)
    given = [["2021", "Woman" if draw.random() < share else "Man", "", "", ""] for _ in range(count)]
    return write_rows(folder / f"women-{share}-{seed}.csv", given)


def noisy_of(source: Path, seed: int) -> tuple[NoisyTable, ...]:
    """What an earlier release of a file measured."""
    made = synthesize(source, schema(), Order(4.0, seed=seed), ledger=None)
    return tuple(merge(each.noisy() for each in made.measured).values())


def test_earlier_tables_of_a_world_that_moved_do_not_mislead(tmp_path: Path) -> None:
    before, now = women(tmp_path, 3000, 0.3, 1), women(tmp_path, 3000, 0.6, 2)

    made = synthesize(now, schema(), Order(4.0, seed=5, earlier=noisy_of(before, 4)), ledger=None)

    # Half-way between the worlds lies 0.45; noise of one column is below 0.01 here.
    assert int((made.records["gender"] == "Woman").sum() or 0) / made.records.height == pytest.approx(0.6, abs=0.04)


def test_earlier_tables_of_the_same_world_make_counts_nearer(tmp_path: Path) -> None:
    source = women(tmp_path, 3000, 0.3, 1)
    true = int((pl.read_csv(source, infer_schema=False)["gender"] == "Woman").sum() or 0)

    def miss(seed: int, earlier: tuple[NoisyTable, ...]) -> float:
        made = synthesize(source, schema(), Order(0.3, seed=seed, earlier=earlier), ledger=None)
        return abs(float(made.model.counts_anywhere((1,))[1]) - true)

    earlier = [noisy_of(source, seed) for seed in range(6)]
    assert np.mean([miss(10 + n, each) for n, each in enumerate(earlier)]) < np.mean(
        [miss(10 + n, ()) for n in range(6)]
    )


def test_large_tables_of_a_batch_take_more_of_the_budget_than_small_ones(source: Path) -> None:
    made = synthesize(source, schema(), Order(4.0, seed=1), ledger=None)

    cost: dict[int, float] = {}
    for each in made.measured:
        if len(each.columns) == 2:
            cost.setdefault(each.values.size, each.rho)  # the first batch; what is left goes to all alike
    assert cost[max(cost)] > 1.2 * cost[min(cost)]
    assert sum(each.rho for each in made.measured) < made.rho


@pytest.mark.parametrize("fault", ["shape", "variance", "number", "column"])
def test_earlier_tables_that_do_not_fit_are_refused(source: Path, ledger: Ledger, tmp_path: Path, fault: str) -> None:
    released(source, ledger, tmp_path / "first")
    path = tmp_path / "first" / "measurements.json"
    given = json.loads(path.read_text("utf-8"))
    table = given["tables"][0]
    table |= {
        "shape": {"values": table["values"][:-1]}, "variance": {"variance": 0}, "column": {"columns": [99]},
        "number": {"values": [float("nan")] * len(table["values"])},
    }[fault]  # fmt: skip
    path.write_text(json.dumps(given), "utf-8")

    with pytest.raises(ReleaseError) as refused:
        read_earlier([tmp_path / "first"], schema())

    assert refused.value.code == "bad-earlier"


def test_test_run_is_not_reused(source: Path, tmp_path: Path) -> None:
    write_folder(synthesize(source, schema(), Order(4.0, seed=1), ledger=None), tmp_path / "out")

    with pytest.raises(ReleaseError) as refused:
        read_earlier([tmp_path / "out"], schema())

    assert refused.value.code == "bad-earlier"


def test_noise_sees_every_count_before_anything_else(
    source: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all counts replaced by zeros at the noise, nothing of the data is left in the release."""
    real = ExactNoise.add

    def blind(self: ExactNoise, counts: Counts, *, rho: float, sensitivity: int) -> Counts:
        return real(self, counts * 0 + 50, rho=rho, sensitivity=sensitivity)

    monkeypatch.setattr(ExactNoise, "add", blind)
    monkeypatch.setattr(ExactNoise, "best", lambda self, scores, *, rho, sensitivity: 0)

    made = synthesize(source, schema(), Order(4.0), ledger=ledger)

    share = int((made.records["gender"] == "Woman").sum() or 0) / made.records.height
    assert share == pytest.approx(1 / 3, abs=0.08)
