"""The plain interpreter gives the numbers of the compiled code, to the last bit."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from qicsim.inputs.scenario.forms import FORMS
from tests.worlds import busy_country, digest, observed_country, small_country

ROOT = Path(__file__).parents[2]
MONTHS = 20


def other_country(place):
    """A busy country in which every structure has its form at a place, or its last one before that."""
    forms = {name: min(place, len(choices) - 1) for name, choices in FORMS.items()}
    return busy_country().but(reenrol=1, support=1).shaped(**forms)


COUNTRIES = {"small": small_country, "busy": busy_country, "observed": observed_country,
             "other forms": partial(other_country, 1), "last forms": partial(other_country, 2)}


@pytest.fixture(scope="module")
def interpreted():
    """Digests of the countries' states after some months, from a process without a compiler."""
    code = (f"import numba; assert numba.config.DISABLE_JIT\n"
            f"from tests.worlds import *\n"
            f"from tests.faces.test_interpreter import COUNTRIES\n"
            f"for country in COUNTRIES.values():\n"
            f"    print(digest(country().first({MONTHS}).run()))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
                          env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    assert done.returncode == 0, done.stderr
    return dict(zip(COUNTRIES, done.stdout.split(), strict=True))


@pytest.mark.parametrize("name", COUNTRIES)
def test_the_interpreter_gives_the_very_state_of_the_compiled_run(name, interpreted):
    assert interpreted[name] == digest(COUNTRIES[name]().first(MONTHS).run())
