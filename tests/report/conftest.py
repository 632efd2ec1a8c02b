"""Comparisons that several tests of the page read; made once for each run of the tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from qicsim.analysis.compare import Comparison
from qicsim.api import compare
from qicsim.decide.choice import Choice, choice_of
from qicsim.inputs.scenario import load_scenario, with_overrides
from qicsim.report.page import render_page
from qicsim.runs.draws import prior_draws

NASTY = '<script>alert("x")</script> & \u202e\u0007co. $x_1$ គុណភាព'
IMAGE = "<img src=http://elsewhere.example/x.png>"
PROVENANCE = {
    "command": "qicsim compare --draws 3", "source": "ab" * 32, "versions": {"qicsim": "0.1.0", "numpy": "<2>"},
    "files": ["headline.csv", "tables/costs.csv", "../outside.csv", "https://elsewhere.example/x.csv", "/etc/passwd"]}


TRIED = ("R10", "breadth-none", "breadth-0.1", "growth-plateau", "habit-never")
"""Assumptions under which the leading plans of `three` are tried."""
SET = {"structure.habit": "as-before"}
"""What holds in all scenarios of `three`, as `--set` says it: a reform of PBF does little by habit."""


@dataclass(frozen=True)
class Shown:
    """A comparison and its page."""

    comparison: Comparison
    choice: Choice
    page: str

    @property
    def words(self) -> str:
        """The page's text without markup, styles and scripts."""
        bare = re.sub(r"<(style|script)\b.*?</\1>", " ", self.page, flags=re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare))


def show(scenarios, *, draws=3, reference="reported", assumptions="none") -> Shown:
    """Run, compare and render."""
    comparison = compare(scenarios, reference=reference, draws=prior_draws(draws, 1), replicates=1,
                         assumptions=assumptions)
    choice = choice_of(comparison)
    return Shown(comparison, choice, render_page(comparison, provenance=PROVENANCE, choice=choice))


@pytest.fixture(scope="session")
def three() -> Shown:
    """The reference, a plan, and a plan whose words are hostile, with `SET`."""
    reported, plan, reform = (with_overrides(load_scenario(name), SET)
                              for name in ("reported", "national-2030", "pbf-reform"))
    return show([reported, plan, replace(reform, name="nasty", title=NASTY, description=NASTY, assumptions=(IMAGE,))],
                assumptions=TRIED)


@pytest.fixture(scope="session")
def alone() -> Shown:
    """One scenario, one run."""
    return show([load_scenario("reported")], draws=1)


@pytest.fixture(scope="session")
def uneven() -> Shown:
    """A reference to 2032 and a plan to 2028: horizons that differ from each other and from the usual one."""
    return show([load_scenario("reported", horizon_end="2032-12"),
                 load_scenario("national-2030", horizon_end="2028-12")])
