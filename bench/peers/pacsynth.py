"""
pac-synth (Synthetic Data Showcase), as the field uses it, in an environment of its own.

The environment is made under build/bench; the script that runs there gets a CSV file and writes one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.worlds import BUILD

RELEASE = "0.0.8"
FOLDER = BUILD / "pacsynth"
SCRIPT = """
import csv, sys
import pacsynth as p
source, out, epsilon, delta, length, best = sys.argv[1:7]
with open(source, newline="") as file:
    rows = list(csv.reader(file))
p.set_number_of_threads(1)
builder = p.DpAggregateSeededParametersBuilder().reporting_length(int(length))
builder = builder.epsilon(float(epsilon)).delta(float(delta))
if best == "1":
    builder = builder.use_synthetic_counts(True)
made = p.DpAggregateSeededSynthesizer(builder.build())
made.fit(p.Dataset(rows))
with open(out, "w", newline="") as file:
    csv.writer(file).writerows(made.sample(len(rows) - 1))
"""


def ready() -> str:
    """Install when needed; returns why it could not be, or the empty text."""
    python = FOLDER / "bin" / "python"
    if python.exists():
        return ""
    done = subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        pip = [str(python), "-m", "pip", "install", "-q", f"pac-synth=={RELEASE}"]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else "it could not be installed"


def command(source: Path, out: Path, *, epsilon: float, delta: float, length: int, best: bool) -> list[str]:
    """The words that make one release."""
    words = [str(source), str(out), str(epsilon), str(delta), str(length), "1" if best else "0"]
    return [str(FOLDER / "bin" / "python"), "-c", SCRIPT, *words]
