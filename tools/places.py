"""Refuses what must not be in a committed file: an address of a registry, or a path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
import sys

HOSTS = "|".join(["pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs", "deb" + r"\.debian"])
PATTERN = re.compile(rf'({HOSTS})|--(extra-)?index-url|find-links=|"resolved":|(^|[\s"\'=(])/(root|work|home)/\w')


def main() -> int:
    """Look through every tracked text file; returns 1 when something was found."""
    files = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=True, text=True).stdout
    bad = []
    for name in filter(None, files.split("\0")):
        if name == "tools/places.py":  # the pattern would find itself
            continue
        try:
            with open(name, encoding="utf-8") as file:
                bad += [f"{name}:{number}" for number, line in enumerate(file, 1) if PATTERN.search(line)]
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
    for place in bad:
        print(f"{place}: an address of a registry, or a path of a machine", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
