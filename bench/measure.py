"""
Measures one world in this process, whose environment names it; prints one JSON line for each act.

    python -m bench.measure --runs 300 --only list
"""

from __future__ import annotations

import argparse
import json
import os


def main() -> None:
    """Measure what is asked for."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "naungan.site.settings")
    import django

    django.setup()
    from bench.measures import MEASURES

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--only", choices=MEASURES, default=None)
    asked = parser.parse_args()
    for name, act in MEASURES.items():
        if asked.only in (None, name):
            for figures in act(asked.runs):
                print(json.dumps({"measure": name, **figures.as_row(), "ratio": figures.ratio}), flush=True)


if __name__ == "__main__":
    main()
