"""Writes the hash-locked requirements, or checks that they are in step with pyproject.toml."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"base": ["pyproject.toml"], "dev": ["--group", "dev", "pyproject.toml"], "uv": ["-"]}


def compiled(name: str, source: list[str], out: Path) -> str:
    """Resolve one set, keeping the pins already in `out`; returns the text."""
    command = [
        sys.executable, "-m", "uv", "pip", "compile", "-q", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate",
        *source, "-o", str(out),
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT, input="uv>=0.9\n" if name == "uv" else None, text=True)
    return out.read_text(encoding="utf-8")


def main() -> int:
    """Lock, or with `--check` say which file is out of step."""
    check = "--check" in sys.argv
    stale = []
    for name, source in FILES.items():
        kept = ROOT / "requirements" / f"{name}.txt"
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / kept.name
            if kept.exists():
                shutil.copy(kept, out)
            text = compiled(name, source, out)
        if not check:
            kept.write_text(text, encoding="utf-8")
        elif text != kept.read_text(encoding="utf-8"):
            stale.append(kept.name)
    if stale:
        print(f"Out of step with pyproject.toml: {', '.join(stale)}. Run make lock.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
