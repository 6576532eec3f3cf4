"""`naungan prevalence`: what other programs call; keys, statuses and exit codes stay as they are."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from naungan.cli.frame import cli
from naungan.cli.prevalence import METHODS
from naungan.methods.prevalence.words import FIXED

DATA = Path(__file__).resolve().parents[1] / "methods" / "prevalence" / "data"
KOREA = str(DATA / "Korea.csv")


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["prevalence", *words], standalone_mode=False)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return (done.return_value or 0), done.stdout, done.stderr


def answer(*words: str) -> dict[str, object]:
    code, out, _ = run(*words, "--json")
    assert code == 0
    found: dict[str, object] = json.loads(out)
    return found


def test_json_has_the_promised_keys_and_defaults() -> None:
    found = answer("estimate", KOREA, "--bootstrap", "200")

    assert {
        "method",
        "observed",
        "estimate",
        "hidden",
        "limits",
        "interval",
        "limits_other",
        "model",
        "status",
        "reasons",
        "conditional_on_model",
        "seed",
        "version",
    } <= set(found)
    assert (found["method"], found["interval"], found["status"]) == ("stepwise", "percentile", "ok")
    assert found["model"] == ["b:c"]
    assert set(found["limits"]) == {"0.95", "0.8"}  # type: ignore[call-overload]  # a mapping


def test_default_bootstrap_is_twenty_thousand() -> None:
    assert answer("estimate", KOREA)["settings"]["bootstrap"] == 20_000  # type: ignore[index]  # a mapping


def test_terms_are_lists_joined_by_colons() -> None:
    found = answer("estimate", KOREA, "--method", "fixed", "--terms", "b:c,c:d", "--bootstrap", "0")

    assert found["model"] == ["b:c", "c:d"]
    assert found["estimate"] == pytest.approx(157.1666667)


def test_table_without_an_estimate_is_a_result() -> None:
    found = answer("estimate", KOREA, "--method", "fixed", "--terms", "b:c,b:d,c:d")

    assert (found["status"], found["estimate"], found["hidden"]) == ("no-estimate", None, None)
    assert found["reasons"]


TWELVE = ",".join([*(f"L{at}" for at in range(12)), "count"]) + "\n" + ",".join(["1"] * 12 + ["5"]) + "\n"
BAD = {
    "negative": ("A,B,count\n1,0,-1\n1,1,2\n", "Row 2: the count is negative. Write a whole number"),
    "fractional": ("A,B,count\n1,0,3.5\n1,1,2\n", "Row 2: the count is not a whole number"),
    "missing": ("A,B,count\n1,0,\n1,1,2\n", "Row 2 has no count. Write how many"),
    "twice": ("A,B,count\n1,0,3\n1,1,2\n1,0,3\n", "Row 4 has the same pattern of lists as row 2. Give each pattern"),
    "one list": ("A,count\n1,5\n", "one list; people seen by nobody"),
    "never overlap": ("A,B,C,count\n1,0,0,5\n0,1,0,5\n0,0,1,3\n", "Nobody is on two lists"),
    "contained": ("A,B,C,count\n1,1,0,9\n0,1,0,30\n0,0,1,20\n0,1,1,5\n", "Everybody on list A is also on list B"),
    "a thousand million": ("A,B,count\n1,0,1000000000\n", "counts more than 100,000,000 people; no list"),
    "twelve lists": (TWELVE, "The table has 12 lists; at most 10 can be estimated together. Join lists"),
    "Indonesian": ("polisi,LSM,jumlah\n1,0,-4\n1,1,2\n", "Row 2: the count is negative"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_table_ends_with_code_one_words_and_an_object(tmp_path: Path, name: str) -> None:
    text, says = BAD[name]
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")

    code, out, err = run("estimate", str(path), "--json")

    found = json.loads(out)
    assert code == 1
    assert (found["status"], found["estimate"], found["method"]) == ("refused", None, "stepwise")
    assert found["limits"]["0.95"] == [None, None]
    assert says in err


def test_bad_table_is_refused_in_indonesian_where_the_terminal_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "buruk.csv"
    path.write_text("polisi,LSM,jumlah\n1,0,-4\n", encoding="utf-8")
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")

    _, _, err = run("estimate", str(path))

    assert err == "Baris 2: jumlahnya negatif. Tulis bilangan bulat paling kecil 0.\n"


@pytest.mark.parametrize("name", ["never overlap", "contained"])
@pytest.mark.parametrize("words", [("compare",), ("sensitivity",), ("coverage",)])
def test_table_that_cannot_be_used_ends_every_command_with_code_one(
    tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(BAD[name][0], encoding="utf-8")

    code, out, err = run(*words, str(path))

    assert code == 1
    assert BAD[name][1] in out + err


@pytest.mark.parametrize(("place", "says"), [("report.doc", ".html, .pdf"), ("none/report.html", "does not exist")])
def test_report_that_cannot_be_written_is_refused_before_anything_is_computed(
    tmp_path: Path, place: str, says: str
) -> None:
    code, out, err = run("estimate", KOREA, "--report", str(tmp_path / place))

    assert (code, out) == (1, "")
    assert says in err


def test_option_out_of_range_names_the_rule() -> None:
    code, _, err = run("estimate", KOREA, "--level", "2")

    assert code == 1
    assert "level" in err


def test_terminal_never_shows_the_number_alone() -> None:
    _, out, _ = run("estimate", KOREA, "--bootstrap", "100")

    assert "In all: about 270, 95% 120 to" in out
    assert "hidden: about 150, 0 to" in out
    assert "on two or more" in out
    assert "is a model-based estimate" in out
    assert "seed 1" in out


def test_terminal_says_that_the_data_do_not_decide() -> None:
    _, out, _ = run("estimate", str(DATA / "UKdat_5.csv"), "--bootstrap", "100")

    assert "do not decide between these answers: models that fit about as well give 11,000 to 26,000 people" in out


def test_json_says_that_the_data_do_not_decide() -> None:
    spread = answer("estimate", str(DATA / "UKdat_5.csv"), "--bootstrap", "100")["spread"]

    assert isinstance(spread, dict)
    assert (spread["undecided"], round(spread["low"]), round(spread["high"])) == (True, 10674, 25978)


def test_terminal_speaks_indonesian_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")

    _, out, _ = run("estimate", KOREA, "--bootstrap", "100")

    assert "Diketahui: 123 orang di 3 daftar" in out
    assert "Ini adalah perkiraan berdasarkan model" in out
    assert "known" not in out


@pytest.mark.slow
def test_run_that_is_interrupted_stops_with_code_one_and_writes_no_report(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    words = [sys.executable, "-m", "naungan", "prevalence", "estimate", str(DATA / "UKdat.csv")]
    going = subprocess.Popen(
        [*words, "--bootstrap", "1000000", "--report", str(path)], stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(subprocess.TimeoutExpired):
        going.wait(timeout=5)

    going.send_signal(signal.SIGINT)
    _, err = going.communicate(timeout=30)

    assert (going.returncode, err.strip()) == (1, "Stopped.")
    assert not path.exists()


@pytest.mark.slow
def test_comparison_in_words_names_the_range_and_every_refusal() -> None:
    code, out, _ = run("compare", KOREA, "--bootstrap", "50")

    assert code == 0
    assert "The methods give 140 to 270 people." in out
    assert "! two-list: The method two-list takes 2 lists. Choose another method." in out


@pytest.mark.slow
def test_sensitivity_in_words_rounds_and_ends_with_the_fixed_words() -> None:
    code, out, _ = run("sensitivity", str(DATA / "UKdat_5.csv"))

    assert code == 0
    assert "give 11,000 to 26,000 people" in out
    assert "GP" in out
    assert "23,000" in out
    assert "11,313" not in out
    assert out.strip().endswith("depends on assumptions that the data cannot test.")


@pytest.mark.slow
def test_compare_shows_every_method_side_by_side() -> None:
    found = answer("compare", KOREA, "--bootstrap", "50")

    methods = [one["method"] for one in found["methods"]]  # type: ignore[attr-defined]  # a list
    assert methods == ["stepwise", "bic", "aic", "chao", "graphs", "latent-class", "thresholding", "two-list"]


@pytest.mark.slow
def test_coverage_counts_how_often_the_limits_hold() -> None:
    found = answer("coverage", KOREA, "--tables", "10", "--bootstrap", "50")

    assert found["tables"] == 10
    assert set(found["coverage"]) == {"percentile", "bca"}  # type: ignore[call-overload]  # a mapping


@pytest.mark.slow
def test_sensitivity_reports_on_the_table() -> None:
    assert answer("sensitivity", KOREA)


@pytest.mark.slow
def test_report_is_written_beside_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "report.html"

    code, _, _ = run("estimate", KOREA, "--bootstrap", "100", "--report", str(path))

    assert code == 0
    assert "<html" in path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_django_is_never_started() -> None:
    program = (
        "import sys; sys.argv = ['naungan', 'prevalence', 'estimate', sys.argv[1], '--bootstrap', '10', '--json']\n"
        "from naungan.cli import main\n"
        "main()\n"
        "print('django' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, KOREA], capture_output=True, text=True, check=True)

    assert done.stderr.strip().endswith("False")


def test_bound_is_told_as_a_bound() -> None:
    _, out, _ = run("estimate", KOREA, "--method", "chao")

    assert "In all: at least 140; hidden: at least 19." in out
    assert "This is a lower bound, not an estimate" in out


@pytest.mark.slow
def test_coverage_in_words_says_how_often_the_limits_held() -> None:
    code, out, _ = run("coverage", KOREA, "--tables", "10", "--bootstrap", "50")

    assert code == 0
    assert "10 tables simulated from the fitted model, where the truth is 270 people." in out
    assert "percentile, choice of the model repeated 95%: held" in out


@pytest.mark.slow
def test_sensitivity_of_a_table_that_decides_says_so() -> None:
    _, out, _ = run("sensitivity", str(DATA / "Kosovo.csv"))

    assert "Within ΔBIC 6 they differ by less than half." in out


def test_two_lists_are_told_with_what_dependence_would_make_of_them(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("polisi,LSM,jumlah\n1,0,40\n0,1,30\n1,1,12\n", encoding="utf-8")

    code, out, _ = run("estimate", str(path), "--method", "two-list")

    assert code == 0
    assert "with this odds ratio, there are in all 0.25: 110; 0.5: 130; 0.75: 160; 1: 180" in out
    assert "assume that the lists are independent, which nothing here can test" in out


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en_GB.UTF-8", "id_ID.UTF-8"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_speaks_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, language: str
) -> None:
    path = tmp_path / "two.csv"
    path.write_text("polisi,LSM,jumlah\n1,0,40\n0,1,30\n1,1,12\n", encoding="utf-8")
    monkeypatch.setenv("LC_ALL", language)

    code, out, _ = run("estimate", str(path) if method == "two-list" else KOREA, "--method", method)

    assert code == 0
    assert FIXED["id" if language.startswith("id") else "en"] in out


def test_model_that_is_given_is_never_said_to_be_chosen_again() -> None:
    _, out, _ = run("estimate", KOREA, "--method", "fixed", "--terms", "b:c", "--bootstrap", "500")

    assert "(percentile, conditional on one model)" in out
    assert "choice of the model repeated" not in out


def test_limits_without_a_bootstrap_are_told_once() -> None:
    _, out, _ = run("estimate", KOREA, "--bootstrap", "0")

    assert "(log-normal, conditional on one model)." in out
    assert "Other limits, log-normal" not in out


@pytest.mark.parametrize(("samples", "warned"), [("1", True), ("399", True), ("400", False)])
def test_limits_from_few_samples_say_so(samples: str, warned: bool) -> None:
    _, out, _ = run("estimate", KOREA, "--bootstrap", samples)

    assert ("say little of limits this far out; ask for 1,000 or more" in out) is warned


def test_terms_are_refused_where_the_method_chooses_them() -> None:
    code, _, err = run("estimate", KOREA, "--terms", "b:c")

    assert code == 1
    assert "The method stepwise chooses its terms itself. Leave out the terms, or use the method fixed." in err


@pytest.mark.slow
def test_decimals_of_sensitivity_are_written_as_in_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "id_ID.UTF-8")

    _, out, _ = run("sensitivity", KOREA)

    assert "0,25" in out
    assert not re.search(r"\d\.\d(?!\d\d)", out)


@pytest.mark.parametrize(
    ("method", "option", "value"),
    [
        ("graphs", "interval", "bca"),
        ("chao", "bootstrap", "100"),
        ("bic", "threshold", "0.1"),
        ("stepwise", "max-order", "2"),
    ],
)
def test_option_that_the_method_does_not_read_is_named_and_changes_nothing(
    method: str, option: str, value: str
) -> None:
    few = [] if option == "bootstrap" or method in ("graphs", "chao") else ["--bootstrap", "50"]
    code, out, err = run("estimate", KOREA, "--method", method, *few, f"--{option}", value, "--json")
    _, plain, _ = run("estimate", KOREA, "--method", method, *few, "--json")

    assert code == 0
    assert f"--{option} was not read: the method {method} has no use for it" in err
    assert json.loads(out) == json.loads(plain)


@pytest.mark.parametrize("words", [("estimate",), ("compare", "--bootstrap", "10"), ("coverage", "--tables", "2")])
def test_level_that_replicates_cannot_tell_from_certainty_is_refused(words: tuple[str, ...]) -> None:
    code, _, err = run(words[0], KOREA, *words[1:], "--level", "0.999999999999")

    assert code == 1
    assert "level must be 0.01 .. 0.999" in err


def test_reader_that_goes_away_is_no_error_in_words() -> None:
    shell = f"{sys.executable} -m naungan prevalence estimate {KOREA} --bootstrap 50 | true"

    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)

    assert done.stderr == ""


def test_quotation_mark_that_is_not_closed_is_refused_with_its_row(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('A,B,count\n1,0,5\n"0,1,7\n1,1,8\n', encoding="utf-8")

    code, _, err = run("estimate", str(path))

    assert code == 1
    assert err.startswith("Row 3: a quotation mark")


def test_endless_list_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{'A' * 100_000},B,count\n1,0,5\n0,1,7\n1,1,8\n", encoding="utf-8")

    code, _, err = run("estimate", str(path))

    assert code == 1
    assert "at most 100 characters" in err
    assert len(err) < 200
