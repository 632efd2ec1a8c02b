"""The plain interpreter gives the numbers of the compiled code, to the last bit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.worlds import busy_country, digest, observed_country, small_country

ROOT = Path(__file__).parents[2]
MONTHS = 20


@pytest.fixture(scope="module")
def interpreted():
    """Digests of the countries' states after some months, from a process without a compiler."""
    code = (f"import numba; assert numba.config.DISABLE_JIT\n"
            f"from tests.worlds import *\n"
            f"for country in (small_country(), busy_country(), observed_country()):\n"
            f"    print(digest(country.first({MONTHS}).run()))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
                          env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(("country", "place"), [(small_country, 0), (busy_country, 1), (observed_country, 2)])
def test_the_interpreter_gives_the_very_state_of_the_compiled_run(country, place, interpreted):
    assert interpreted[place] == digest(country().first(MONTHS).run())
