"""`python -m naungan` is the command `naungan`."""

import sys

from naungan.cli import main

if __name__ == "__main__":
    sys.exit(main())
