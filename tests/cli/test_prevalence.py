"""`naungan prevalence`: what other programs call; keys, statuses and exit codes stay as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from naungan.cli.prevalence import command

DATA = Path(__file__).resolve().parents[1] / "methods" / "prevalence" / "data"
KOREA = str(DATA / "Korea.csv")


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(command, list(words), standalone_mode=False)
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


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A,B,count\n1,0,-1\n1,1,2\n", "negative"),
        ("A,B,C,count\n1,0,0,5\n0,1,0,5\n0,0,1,3\n", "on more than one list|on two lists|overlap"),
        ("A,B,count\n1,0,1000000000\n", "more than"),
    ],
)
def test_bad_table_ends_with_code_one_words_and_an_object(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")

    code, out, err = run("estimate", str(path), "--json")

    assert code == 1
    assert json.loads(out)["status"] == "refused"
    assert json.loads(out)["estimate"] is None
    assert any(part in err for part in says.split("|"))


def test_option_out_of_range_names_the_rule() -> None:
    code, _, err = run("estimate", KOREA, "--level", "2")

    assert code == 1
    assert "level" in err


def test_terminal_never_shows_the_number_alone() -> None:
    _, out, _ = run("estimate", KOREA, "--bootstrap", "100")

    assert "95% limits" in out
    assert "on two or more" in out
    assert "is a model-based estimate" in out
    assert "seed 1" in out


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
