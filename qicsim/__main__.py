"""`python -m qicsim`."""

from __future__ import annotations

import sys

from qicsim.cli import main

sys.exit(main())
