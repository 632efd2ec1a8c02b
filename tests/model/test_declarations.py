"""Declarations of parameters, tested as data."""

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import qicsim.model
from qicsim.ground.declare import GRADES, declared
from qicsim.model.parameters import Parameters
from qicsim.model.sources import SEEN, sources
from tests.helpers import assert_none

LEAVES = declared(Parameters)
MODEL = Path(qicsim.model.__file__).parent
UNITS = {"1", "share", "ratio", "points", "SD", "%", "months", "points/month", "1/month", "1/quarter", "1/year",
         "1/visit", "1/session", "visits/month", "ideas/month", "districts/quarter", "SD/month", "%/point"}

# Bounds that cut the prior inside its 1-99 % quantiles, and why.
CUT_ON_PURPOSE = {"ceilings.single": "no ceiling above full quality"}

# Sources that the data files, the code and ODD.md cite, though no parameter does.
CITED_ELSEWHERE = {"nqem", "census-2019", "phnom-penh-post-2023", "natural-earth", "jhu-covid", "rowe-2018",
                   "ethiopia-2020", "gergen-2018", "grimm-2020", "salmon-2011", "wichura-1988"}



def offenders(holds):
    """The parameters for which a rule, a function of path and leaf, does not hold."""
    return [path for path, leaf in LEAVES.items() if not holds(path, leaf)]



def test_defaults_lie_within_their_bounds_and_within_their_priors():
    def holds(_, leaf):
        low, high = leaf.declaration.low, leaf.declaration.high
        return low < high and low <= leaf.default <= high and 0.0 < leaf.declaration.prior.cdf(leaf.default) < 1.0

    assert_none(offenders(holds))


def test_defaults_are_close_to_the_medians_of_their_priors():
    def holds(path, leaf):
        parameter = leaf.declaration
        low, at, high = parameter.prior.cdf(np.array([parameter.low, leaf.default, parameter.high]))
        # Defaults of the roll-out give about the reported counts, which its priors may not know: within 90 % will do.
        return abs((at - low) / (high - low) - 0.5) < (0.45 if path.startswith("rollout.") else 0.25)

    assert_none(offenders(holds))


def test_every_parameter_has_a_meaning_and_a_unit():
    assert_none(offenders(lambda _, leaf: len(leaf.declaration.meaning) > 5 and leaf.declaration.unit in UNITS))


def test_every_parameter_has_a_source_and_a_grade_and_an_assumption_is_graded_as_one():
    def holds(_, leaf):
        parameter = leaf.declaration
        return (parameter.grade in GRADES and parameter.source in sources()
                and (parameter.source != "assumption" or parameter.grade == "A"))

    assert_none(offenders(holds))


def test_bounds_hold_nearly_all_of_the_prior_unless_they_cut_it_on_purpose():
    def holds(path, leaf):
        parameter = leaf.declaration
        low, high = parameter.prior.ppf(np.array([0.01, 0.99]))
        within = parameter.low - 1e-9 <= low and high <= parameter.high + 1e-9
        held = parameter.ends[1] - parameter.ends[0]
        return within != (path in CUT_ON_PURPOSE) and held > 0.95

    assert_none(offenders(holds))


def test_quantiles_rise_and_stay_within_the_bounds_however_far_out():
    def holds(_, leaf):
        parameter = leaf.declaration
        quantiles = parameter.quantile(np.array([0.0, 1e-12, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0 - 1e-12, 1.0]))
        return (np.all(np.isfinite(quantiles)) and np.all(np.diff(quantiles) >= 0.0) and quantiles[2] < quantiles[-3]
                and parameter.low <= quantiles[0] and quantiles[-1] <= parameter.high)

    assert_none(offenders(holds))


def test_distribution_and_quantile_functions_of_priors_are_inverses():
    """Beyond an atom at zero, to which many probabilities belong."""
    def holds(_, leaf):
        prior = leaf.declaration.prior
        u = np.linspace(0.001, 0.999, 41)
        u = u[u > getattr(prior, "weight", 0.0)]
        return prior.cdf(prior.ppf(u)) == pytest.approx(u, abs=1e-9)

    assert_none(offenders(holds))


@cache
def attributes(path):
    """Dotted names without their first part that a file reads: `params.pdsa.spill` gives `pdsa.spill`, and `spill`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            if isinstance(node.value, ast.Attribute):
                names.add(f"{node.value.attr}.{node.attr}")
    return names


def test_every_parameter_is_used_by_its_mechanism_or_by_a_step_of_the_month():
    in_steps = set().union(*(attributes(step) for step in (MODEL / "steps").glob("*.py")))

    def holds(path, _):
        group, field = path.split(".")
        return field in attributes(MODEL / "mechanisms" / f"{group}.py") or path in in_steps

    assert_none(offenders(holds))


def test_every_source_is_complete_and_cited():
    cited = {leaf.declaration.source for leaf in LEAVES.values()}

    assert set(sources()) == cited | CITED_ELSEWHERE
    for source in sources().values():
        assert source.seen in SEEN
        assert 1900 < source.year < 2100
        assert all(len(text) > 3 for text in (source.authors, source.title, source.where, source.says))
        assert source.citation.startswith(f"{source.authors} ({source.year}). {source.title}")


def test_a_grade_does_not_promise_more_than_was_seen():
    for leaf in LEAVES.values():
        if sources()[leaf.declaration.source].seen in ("memory", "none"):
            assert leaf.declaration.grade in ("M", "A")
