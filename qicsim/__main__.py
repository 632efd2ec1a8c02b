"""`python -m qicsim`."""

from __future__ import annotations

import sys

from qicsim.cli import main

# Workers of MPI load this file too.
if __name__ == "__main__":
    sys.exit(main())
