"""The plain interpreter gives the numbers of the compiled code, to the last bit."""

import os
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import pytest

from qicsim.inputs.scenario.forms import FORMS
from tests.worlds import EVERYTHING, JOINED, SCENARIO, build_country, build_on_data, digest, levels_text, register_text

ROOT = Path(__file__).parents[2]
MONTHS = 16


def few(text):
    """A table of facilities without most health centres: all kinds, openings and joiners are left, in half the time."""
    return "".join(line for line in text.splitlines(keepends=True)
                   if "-H" not in line or line.split(",")[0].endswith(("H1", "H2")) or "OD-KC1-H5" in line)


@cache
def busy_country():
    """The busy country, smaller."""
    return build_country(few(register_text()), EVERYTHING)


def other_country(place):
    """A busy country in which every structure has its form at a place, or its last one before that."""
    forms = {name: min(place, len(choices) - 1) for name, choices in FORMS.items()}
    return busy_country().but(reenrol=1, support=1).shaped(**forms)


def observed_country():
    """The busy country with levels and a history of joining."""
    return build_on_data(EVERYTHING, register=few(register_text()), levels=few(levels_text("2019-06")), joined=JOINED)


COUNTRIES = {"small": partial(build_country, few(register_text()), SCENARIO), "busy": busy_country,
             "observed": observed_country, "other forms": partial(other_country, 1),
             "last forms": partial(other_country, 2)}


@pytest.fixture(scope="module")
def interpreted():
    """Digests of the countries' states after some months, from a process without a compiler."""
    code = (f"import numba; assert numba.config.DISABLE_JIT\n"
            f"from tests.faces.test_interpreter import COUNTRIES\n"
            f"from tests.worlds import digest\n"
            f"for country in COUNTRIES.values():\n"
            f"    print(digest(country().first({MONTHS}).run()))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
                          env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    assert done.returncode == 0, done.stderr
    return dict(zip(COUNTRIES, done.stdout.split(), strict=True))


@pytest.mark.parametrize("name", COUNTRIES)
def test_the_interpreter_gives_the_very_state_of_the_compiled_run(name, interpreted):
    assert interpreted[name] == digest(COUNTRIES[name]().first(MONTHS).run())
