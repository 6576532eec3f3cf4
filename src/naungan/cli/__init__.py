"""
The command `naungan`: one module a command, imported when it is called, so that `--help` answers at once.

Exit codes: 0 done; 1 something is wrong and the message says what (unhealthy, broken, refused, not found);
2 the command was written wrongly; 3 a setting or a secret is missing or cannot be used.
"""

from __future__ import annotations

import sys

from naungan.cli.frame import cli

__all__ = ["main"]


def main() -> int:
    """Run the command line; returns the exit code."""
    from naungan.cli.frame import run

    return run(cli, sys.argv[1:])
