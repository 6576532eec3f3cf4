"""Joins the style sheets and scripts into the two files that a page loads; `check` says when they are behind.

Each folder under `static/css` is one cascade layer; each file under `static/js` keeps its names to itself.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "src" / "naungan" / "site" / "static"
LAYERS = ("reset", "tokens", "base", "components", "pages")
# The theme comes first, so that the page is never shown in the wrong light for longer than needed.
FIRST_SCRIPTS = ("theme.js",)


def _without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def _squeezed(text: str) -> str:
    """Drop indentation and empty lines; nothing inside a line is touched."""
    return "\n".join(line for line in (part.strip() for part in text.splitlines()) if line)


def styles() -> str:
    """The whole style sheet: every file of every layer, in the order of their names."""
    parts = [f"@layer {', '.join(LAYERS)};"]
    for layer in LAYERS:
        files = sorted((STATIC / "css" / layer).glob("*.css"))
        rules = "\n".join(_without_comments(path.read_text(encoding="utf-8")) for path in files)
        rules = rules.replace('url("../../', 'url("')
        parts.append(f"@layer {layer} {{\n{_squeezed(rules)}\n}}")
    return "\n".join(parts) + "\n"


def scripts() -> str:
    """The whole script: each file in a block of its own, comments on their own line dropped."""
    files = sorted((STATIC / "js").glob("*.js"), key=lambda path: (path.name not in FIRST_SCRIPTS, path.name))
    blocks = []
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        kept = "\n".join(line for line in lines if not line.lstrip().startswith("//"))
        blocks.append(f"{{\n{_squeezed(kept)}\n}}")
    return "\n".join(blocks) + "\n"


def outputs() -> dict[Path, str]:
    """What the two files must hold."""
    return {STATIC / "naungan.css": styles(), STATIC / "naungan.js": scripts()}


def behind() -> list[Path]:
    """The files that are missing or differ from their sources."""
    return [path for path, text in outputs().items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: list[str]) -> int:
    """`update` writes the files, `check` compares them."""
    if arguments == ["update"]:
        for path, text in outputs().items():
            path.write_text(text, encoding="utf-8")
        return 0
    if arguments == ["check"]:
        for path in behind():
            print(f"{path.name} is behind its sources; run: python tools/assets.py update")
        return 1 if behind() else 0
    print("usage: python tools/assets.py update|check")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
