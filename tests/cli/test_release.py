"""`naungan release`: the same promises at the command line, without Django."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from naungan.cli.frame import cli, run
from naungan.methods.release.alone import alone
from tests.cli.conftest import ROOT, Done
from tests.methods.release.examples import HEAD, fields, own, rows, words, write_rows

SECRET = "Siti Rahmawati"


class Desk:
    """A folder with a file and a schema, and the command run in this process."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capture = folder, capture
        write_rows(folder / "in.csv", rows(300))
        (folder / "schema.json").write_text(json.dumps(words()), "utf-8")

    def run(self, *given: str, heads: bool = True) -> Done:
        self.capture.readouterr()
        extra = ["--heads", str(self.folder / "heads")] if heads else []
        code = run(cli, ["release", *given, *extra])
        out, err = self.capture.readouterr()
        return Done(code, out, err)

    def synthesize(self, *given: str, out: str = "out") -> Done:
        source, schema = str(self.folder / "in.csv"), str(self.folder / "schema.json")
        target = str(self.folder / out)
        return self.run("synthesize", source, "--schema", schema, "--epsilon", "2", "--out", target, *given)

    @property
    def ledger(self) -> Path:
        return self.folder / "invented.ledger.jsonl"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.slow
def test_release_does_not_start_django(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom naungan.cli.frame import cli, run\n"
        "assert run(cli, sys.argv[1:]) == 0\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])"
    )
    source, schema = write_rows(tmp_path / "in.csv", rows(50)), tmp_path / "schema.json"
    schema.write_text(json.dumps(words()), "utf-8")
    given = ["release", "synthesize", str(source), "--schema", str(schema), "--epsilon", "2", "--test", "--out"]

    done = subprocess.run(
        [sys.executable, "-c", program, *given, str(tmp_path / "out")],
        env={"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("[]")


def test_help_loads_no_library() -> None:
    program = (
        "import sys\nimport naungan.cli.release, naungan.methods.release\n"
        "print([n for n in sys.modules if n in ('polars', 'opendp', 'altair', 'numpy', 'django')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_release_writes_a_folder_and_charges(desk: Desk) -> None:
    done = desk.synthesize("--json")

    assert done.code == 0, done.err
    words_out = json.loads(done.out)
    assert words_out["private"] is True
    assert (desk.folder / "out" / "data.csv").exists()
    assert words_out["budget"]["rho_spent"] == pytest.approx(words_out["rho"])


@pytest.mark.slow
def test_dry_run_charges_nothing_and_reads_nothing(desk: Desk) -> None:
    (desk.folder / "in.csv").write_text("not,even\na,table,here\n", "utf-8")

    done = desk.synthesize("--dry-run", "--json")

    assert done.code == 0
    assert json.loads(done.out)["epsilon"] == 2
    assert not desk.ledger.exists()


@pytest.mark.slow
def test_dry_run_says_for_whom_at_what_cost_and_what_is_left(desk: Desk) -> None:
    plan = json.loads(desk.synthesize("--dry-run", "--json").out)

    assert plan["population"] == "Invented"
    assert plan["rho"] < plan["budget"]["rho_left"]
    assert plan["fits_budget"] is True


@pytest.mark.slow
def test_dry_run_beyond_the_limit_says_so(desk: Desk) -> None:
    given = words()
    own(given)["population"] = {"name": "Invented", "size": 300, "limit": {"epsilon": 1, "delta": 1e-6}}
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")

    plan = json.loads(desk.synthesize("--dry-run", "--json").out)

    assert plan["fits_budget"] is False
    assert not desk.ledger.exists()


@pytest.mark.slow
def test_dry_run_without_size_says_the_most_that_it_may_cost(desk: Desk) -> None:
    given = words()
    own(given)["population"] = {"name": "Invented", "limit": {"epsilon": 12, "delta": 1e-6}}
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")

    plan = json.loads(desk.synthesize("--dry-run", "--json").out)

    assert (plan["delta"], plan["rho_at_most"] > 0) == (None, True)


@pytest.mark.slow
def test_test_run_is_stamped_and_needs_no_ledger(desk: Desk) -> None:
    done = desk.synthesize("--test")

    assert done.code == 0
    assert "NOT PRIVATE" in done.out
    assert "NOT PRIVATE" in (desk.folder / "out" / "data.csv").read_text("utf-8")
    assert not desk.ledger.exists()


def test_population_without_a_name_is_refused(desk: Desk) -> None:
    given = words()
    own(given).pop("population")
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")

    done = desk.synthesize()

    assert done.code == 1
    assert "population" in done.err


def bad_outside(desk: Desk) -> tuple[str, str]:
    write_rows(desk.folder / "in.csv", [*rows(30), ["1999", "Man", "", "", ""]])
    return "`year`, row 32", "1999"


def bad_free_text(desk: Desk) -> tuple[str, str]:
    write_rows(desk.folder / "in.csv", [["2021", SECRET, "", "", ""]])
    return "`gender`, row 2", SECRET


def bad_column(desk: Desk) -> tuple[str, str]:
    write_rows(desk.folder / "in.csv", [], (*HEAD, SECRET))
    return "Column 6", SECRET


def bad_rule(desk: Desk) -> tuple[str, str]:
    write_rows(desk.folder / "in.csv", [["2021", "Man", "44", "", "1"]])
    return "Row 2 breaks rule 1", "44"


def bad_person(desk: Desk) -> tuple[str, str]:
    given = words()
    own(given)["unit"] = "person"
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")
    twice = [["2021", "Man", "", "", "", SECRET], ["2022", "Man", "", "", "", SECRET]]
    write_rows(desk.folder / "in.csv", twice, (*HEAD, "person"))
    return "Row 3: a person has more than 1 row", SECRET


def bad_table(desk: Desk) -> tuple[str, str]:
    (desk.folder / "in.csv").write_bytes(b"\xff\xfe" + SECRET.encode() + b",\n1,2,3\n")
    return "cannot be read", SECRET


@pytest.mark.parametrize("spoil", [bad_outside, bad_free_text, bad_column, bad_rule, bad_person, bad_table])
def test_bad_input_is_told_without_its_text_and_leaves_nothing(
    desk: Desk, spoil: Callable[[Desk], tuple[str, str]]
) -> None:
    said, secret = spoil(desk)

    done = desk.synthesize("--json")

    assert done.code == 1
    assert said in done.err
    assert secret not in done.err + done.out
    assert not list(desk.folder.glob("*out*"))
    assert '"charge"' not in (desk.ledger.read_text("utf-8") if desk.ledger.exists() else "")


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 20])
def test_few_people_at_the_command_line_get_an_answer_or_a_refusal(desk: Desk, count: int) -> None:
    given = words()
    own(given)["population"] = {"name": "Invented", "limit": {"epsilon": 12, "delta": 1e-6}}
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")
    write_rows(desk.folder / "in.csv", rows(count))

    done = desk.synthesize()

    assert (done.code, (desk.folder / "out").exists()) in {(0, True), (1, False)}
    assert "Traceback" not in done.err


@pytest.mark.slow
def test_two_releases_started_at_once_make_one_and_charge_once(desk: Desk) -> None:
    words_of_one = [
        sys.executable, "-m", "naungan", "release", "synthesize", str(desk.folder / "in.csv"),
        "--schema", str(desk.folder / "schema.json"), "--epsilon", "2", "--out", str(desk.folder / "out"),
        "--heads", str(desk.folder / "heads"),
    ]  # fmt: skip
    both = [
        subprocess.Popen(words_of_one, env={"PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]

    codes = sorted(process.wait() for process in both)

    kinds = [json.loads(line)["kind"] for line in desk.ledger.read_text("utf-8").splitlines()]
    assert codes[0] == 0
    assert kinds.count("charge") == kinds.count("published") == codes.count(0)


@pytest.mark.slow
def test_exhausted_budget_is_refused(desk: Desk) -> None:
    given = words()
    own(given)["population"] = {"name": "Invented", "size": 300, "limit": {"epsilon": 1, "delta": 1e-6}}
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")

    done = desk.synthesize()

    assert done.code == 1
    assert "budget" in done.err
    assert not [each.name for each in desk.folder.iterdir() if "out" in each.name and each.is_dir()]


@pytest.mark.slow
def test_ledger_is_shown_and_verified(desk: Desk) -> None:
    desk.synthesize()

    shown = desk.run("ledger", "show", str(desk.ledger), "--json")
    sound = desk.run("ledger", "verify", str(desk.ledger), "--json")

    assert [each["kind"] for each in json.loads(shown.out)["entries"]] == ["open", "charge", "published"]
    assert (sound.code, json.loads(sound.out)["sound"]) == (0, True)


@pytest.mark.slow
def test_edited_ledger_fails_and_stops_releases(desk: Desk) -> None:
    desk.synthesize()
    desk.ledger.write_text(desk.ledger.read_text("utf-8").replace('"rho": 0', '"rho": 1', 1), "utf-8")

    assert desk.run("ledger", "verify", str(desk.ledger)).code == 1
    assert desk.synthesize(out="second").code == 1


def test_draft_is_made_then_refused_then_confirmed(desk: Desk) -> None:
    source, out = str(desk.folder / "in.csv"), str(desk.folder / "new.json")
    drafted = desk.run("schema", source, "-o", out, "--population", "Invented", heads=False)
    refused = desk.run("synthesize", source, "--schema", out, "--epsilon", "1", "--out", str(desk.folder / "x"))

    confirmed = desk.run("schema", source, "-o", out, "--confirm", "--by", "Dana", heads=False)

    assert (drafted.code, refused.code, confirmed.code) == (0, 1, 0)
    assert json.loads(Path(out).read_text("utf-8"))["naungan"]["confirmed"].startswith("Dana")


def test_draft_is_not_confirmed_unseen(desk: Desk) -> None:
    done = desk.run(
        "schema", str(desk.folder / "in.csv"), "-o", str(desk.folder / "new.json"), "--confirm", heads=False
    )

    assert done.code == 1
    assert not (desk.folder / "new.json").exists()


def test_confirmed_schema_marks_no_column_unconfirmed(desk: Desk) -> None:
    source, out = str(desk.folder / "in.csv"), str(desk.folder / "new.json")
    desk.run("schema", source, "-o", out, "--population", "Invented", heads=False)

    desk.run("schema", source, "-o", out, "--confirm", heads=False)

    assert "unconfirmed" not in Path(out).read_text("utf-8")
    assert "toConfirm" not in Path(out).read_text("utf-8")


def test_draft_never_lists_rare_values(desk: Desk) -> None:
    write_rows(desk.folder / "in.csv", [*rows(100), ["2021", SECRET, "", "", ""]])

    desk.run("schema", str(desk.folder / "in.csv"), "-o", str(desk.folder / "new.json"), heads=False)

    assert SECRET not in (desk.folder / "new.json").read_text("utf-8")


@pytest.mark.slow
def test_kanon_keeps_every_row_and_is_noted_as_unbounded(desk: Desk) -> None:
    source, schema = str(desk.folder / "in.csv"), str(desk.folder / "schema.json")

    done = desk.run(
        "kanon", source, "--schema", schema, "--columns", "year,gender,age", "--out", str(desk.folder / "k"), "--json"
    )

    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"] == 300
    shown = json.loads(desk.run("ledger", "show", str(desk.ledger), "--json").out)
    assert shown["spent"]["no_bound"] == ["k-anonymous records: k"]


@pytest.mark.slow
def test_pages_after_an_unbounded_release_say_so(desk: Desk) -> None:
    source, schema = str(desk.folder / "in.csv"), str(desk.folder / "schema.json")
    desk.run("kanon", source, "--schema", schema, "--out", str(desk.folder / "k"))

    desk.synthesize()

    assert "k-anonymous records: k" in (desk.folder / "out" / "index.html").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["suppress", "round", "private"])
def test_tables_go_out_by_each_method(desk: Desk, method: str) -> None:
    spec = {"schema": "schema.json", "tables": [["year", "gender"]], "method": method, "epsilon": 1}
    (desk.folder / "spec.json").write_text(json.dumps(spec), "utf-8")

    done = desk.run(
        "tables", str(desk.folder / "in.csv"), "--spec", str(desk.folder / "spec.json"), "--out", str(desk.folder / "t")
    )

    assert done.code == 0, done.err
    assert (desk.folder / "t" / "table01.csv").exists()
    kinds = [each["kind"] for each in json.loads(desk.run("ledger", "show", str(desk.ledger), "--json").out)["entries"]]
    assert kinds == ["open", "charge" if method == "private" else "no-bound"]


@pytest.mark.slow
def test_tables_with_noise_say_the_whole_promise(desk: Desk) -> None:
    write_spec(desk, ["year", "gender"], method="private")

    make_tables(desk, "t")

    told = json.loads((desk.folder / "t" / "parameters.json").read_text("utf-8"))
    charged = json.loads(desk.run("ledger", "show", str(desk.ledger), "--json").out)["entries"][-1]
    assert (told["epsilon"], told["delta"], told["rho"]) == (1, charged["delta"], charged["rho"])
    assert told["neighbours"] == "add or remove one person"


@pytest.mark.slow
def test_kanon_folder_does_not_tell_where_the_ledger_lies(desk: Desk) -> None:
    source, schema = str(desk.folder / "in.csv"), str(desk.folder / "schema.json")

    desk.run("kanon", source, "--schema", schema, "--out", str(desk.folder / "k"))

    assert str(desk.folder) not in (desk.folder / "k" / "parameters.json").read_text("utf-8")


@pytest.mark.parametrize("command", ["kanon", "tables"])
def test_folder_that_is_being_made_is_left_to_the_run_that_makes_it(desk: Desk, command: str) -> None:
    write_spec(desk, ["year", "gender"])
    option = ("--schema", "schema.json") if command == "kanon" else ("--spec", "spec.json")
    given = [str(desk.folder / "in.csv"), option[0], str(desk.folder / option[1])]

    with alone(desk.folder / ".x.made"):
        done = desk.run(command, *given, "--out", str(desk.folder / "x"))

    assert done.code == 1
    assert "Another run" in done.err
    assert not desk.ledger.exists()
    assert not (desk.folder / "x").exists()


def test_tables_are_not_made_beside_others_of_the_same_people(desk: Desk) -> None:
    write_spec(desk, ["year", "gender"])

    with alone(desk.ledger):
        done = make_tables(desk, "t")

    assert (done.code, desk.ledger.exists()) == (1, False)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["kanon", "tables"])
def test_two_started_at_once_make_one_folder_and_one_entry(desk: Desk, command: str) -> None:
    write_spec(desk, ["year", "gender"])
    option = ("--schema", "schema.json") if command == "kanon" else ("--spec", "spec.json")
    started = [
        sys.executable, "-m", "naungan", "release", command, str(desk.folder / "in.csv"), option[0],
        str(desk.folder / option[1]), "--out", str(desk.folder / "x"), "--heads", str(desk.folder / "heads"),
    ]  # fmt: skip
    both = [
        subprocess.Popen(started, env={"PYTHONPATH": str(ROOT / "src")}, stderr=subprocess.DEVNULL) for _ in range(2)
    ]

    codes = sorted(process.wait() for process in both)

    kinds = [json.loads(line)["kind"] for line in desk.ledger.read_text("utf-8").splitlines()]
    assert codes == [0, 1]
    assert kinds == ["open", "no-bound"]
    assert not list(desk.folder.glob(".x*"))


def write_spec(desk: Desk, *tables: list[str], method: str = "suppress") -> None:
    spec = {"schema": "schema.json", "tables": list(tables), "method": method, "epsilon": 1}
    (desk.folder / "spec.json").write_text(json.dumps(spec), "utf-8")


def make_tables(desk: Desk, out: str, *given: str) -> Done:
    source, spec = str(desk.folder / "in.csv"), str(desk.folder / "spec.json")
    return desk.run("tables", source, "--spec", spec, "--out", str(desk.folder / out), *given)


@pytest.mark.slow
def test_tables_beside_earlier_ones_that_are_not_given_are_refused(desk: Desk) -> None:
    write_spec(desk, ["year", "gender"])
    make_tables(desk, "first")

    done = make_tables(desk, "second")

    assert done.code == 1
    assert "--earlier" in done.err
    assert not (desk.folder / "second").exists()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["earlier", "other"])
def test_tables_beside_earlier_ones_go_out_when_they_are_given_or_of_others(desk: Desk, way: str) -> None:
    write_spec(desk, ["year", "gender"])
    make_tables(desk, "first")

    done = make_tables(
        desk, "second", *(["--earlier", str(desk.folder / "first")] if way == "earlier" else ["--other-people"])
    )

    assert done.code == 0, done.err


@pytest.mark.slow
def test_small_count_of_the_source_is_not_shown(desk: Desk) -> None:
    write_rows(desk.folder / "in.csv", [*rows(300), ["2021", "Man", "99", "1", "1"]])
    given = words()
    field = next(each for each in fields(given) if each["name"] == "age")
    field["naungan"] = {"bands": [{"label": "0--90", "to": 90}, {"label": "91+", "from": 91}]}
    (desk.folder / "schema.json").write_text(json.dumps(given), "utf-8")
    write_spec(desk, ["age", "gender"])

    make_tables(desk, "t")

    told = json.loads((desk.folder / "t" / "tables.json").read_text("utf-8"))["tables"][0]["values"]
    assert not {n for line in told for n in line if n is not None} & set(range(1, 10))


@pytest.mark.slow
def test_attack_reports_errors_by_size_and_its_control(desk: Desk) -> None:
    write_rows(desk.folder / "other.csv", rows(300, seed=7))
    desk.synthesize("--test")
    source, schema = str(desk.folder / "in.csv"), str(desk.folder / "schema.json")

    done = desk.run(
        "attack", source, "--schema", schema, "--release", str(desk.folder / "out"), "--holdout",
        str(desk.folder / "other.csv"), "--json", heads=False,
    )  # fmt: skip

    found = json.loads(done.out)
    assert found["utility"]["bands"][0]["counts"] > 0
    assert found["disclosure"]["attack"]["control_tried"] > 0
    assert done.code == int(found["disclosure"]["attack"]["interval"][0] > 0)


@pytest.mark.slow
def test_attack_reconstructs_published_tables(desk: Desk) -> None:
    write_spec(desk, ["age", "gender"])
    make_tables(desk, "t")

    done = desk.run(
        "attack", "--schema", str(desk.folder / "schema.json"), "--tables", str(desk.folder / "t"), "--json",
        heads=False,
    )  # fmt: skip

    assert done.code == 0, done.err
    assert json.loads(done.out)["tables"]["exact"] == 0


@pytest.mark.slow
def test_audit_tries_both_worlds_and_planted_secrets(desk: Desk) -> None:
    schema = str(desk.folder / "schema.json")

    done = desk.run("attack", "--schema", schema, "--audit", "--runs", "20", "--json", heads=False)

    found = json.loads(done.out)
    refuted = any(each["refuted"] for each in found["audit"]) or found["planted"]["interval"][0] > 0
    audited = [(each["kind"], each["reuses"]) for each in found["audit"]]
    assert audited == [("wide", False), ("wide", True), ("canary", False)]
    assert {each["runs"] for each in found["audit"]} == {20}
    assert found["planted"]["tried"] == found["planted"]["control_tried"] == 9
    assert done.code == int(refuted)


def test_audit_with_too_few_runs_is_wrong_usage(desk: Desk) -> None:
    schema = str(desk.folder / "schema.json")

    assert desk.run("attack", "--schema", schema, "--audit", "--runs", "5", heads=False).code == 2


def test_attack_without_an_aim_is_wrong_usage(desk: Desk) -> None:
    assert desk.run("attack", "--schema", str(desk.folder / "schema.json"), heads=False).code == 2
