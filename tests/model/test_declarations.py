"""Declarations of parameters, tested as data."""

import ast
from pathlib import Path

import numpy as np
import pytest

import qicsim.model
from qicsim.ground.declare import GRADES, declared
from qicsim.model.parameters import Parameters
from qicsim.model.sources import SEEN, sources

LEAVES = declared(Parameters)
MODEL = Path(qicsim.model.__file__).parent
UNITS = {"1", "share", "ratio", "points", "SD", "%", "months", "points/month", "1/month", "1/quarter", "1/year",
         "1/visit", "1/session", "visits/month", "ideas/month", "districts/quarter", "SD/month", "%/point"}

# Bounds that cut the prior inside its 1-99 % quantiles, and why.
CUT_ON_PURPOSE = {"ceilings.single": "no ceiling above full quality"}

# Sources that the data files, the code and ODD.md cite, though no parameter does.
CITED_ELSEWHERE = {"nqem", "census-2019", "phnom-penh-post-2023", "natural-earth", "jhu-covid", "rowe-2018",
                   "ethiopia-2020", "grimm-2020", "salmon-2011", "wichura-1988"}

every_parameter = pytest.mark.parametrize("path", LEAVES)


@every_parameter
def test_a_default_lies_within_its_bounds_and_within_its_prior(path):
    leaf = LEAVES[path]
    at = leaf.declaration.prior.cdf(leaf.default)

    assert leaf.declaration.low < leaf.declaration.high
    assert leaf.declaration.low <= leaf.default <= leaf.declaration.high
    assert 0.0 < at < 1.0


@every_parameter
def test_a_default_is_close_to_the_priors_median(path):
    parameter = LEAVES[path].declaration
    low, at, high = parameter.prior.cdf(np.array([parameter.low, LEAVES[path].default, parameter.high]))

    # Defaults of the roll-out give about the reported counts, which its priors may not know: within 90 % will do.
    assert abs((at - low) / (high - low) - 0.5) < (0.45 if path.startswith("rollout.") else 0.25)


@every_parameter
def test_a_parameter_says_what_it_is_in_which_unit_and_how_well_it_is_known(path):
    parameter = LEAVES[path].declaration

    assert len(parameter.meaning) > 5
    assert parameter.unit in UNITS
    assert parameter.grade in GRADES
    assert parameter.source in sources()
    assert (parameter.source != "assumption") or parameter.grade == "A"


@every_parameter
def test_bounds_hold_nearly_all_of_the_prior_unless_they_cut_it_on_purpose(path):
    parameter = LEAVES[path].declaration
    low, high = parameter.prior.ppf(np.array([0.01, 0.99]))
    within = parameter.low - 1e-9 <= low and high <= parameter.high + 1e-9

    assert within != (path in CUT_ON_PURPOSE)
    assert parameter.prior.cdf(parameter.high) - parameter.prior.cdf(parameter.low) > 0.95


@every_parameter
def test_quantiles_rise_and_stay_within_the_bounds_however_far_out(path):
    parameter = LEAVES[path].declaration
    quantiles = parameter.quantile(np.array([0.0, 1e-12, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0 - 1e-12, 1.0]))

    assert np.all(np.isfinite(quantiles))
    assert np.all(np.diff(quantiles) >= 0.0)
    assert quantiles[2] < quantiles[-3]
    assert parameter.low <= quantiles[0] and quantiles[-1] <= parameter.high


@every_parameter
def test_a_priors_distribution_and_quantile_functions_are_inverses(path):
    prior, u = LEAVES[path].declaration.prior, np.linspace(0.001, 0.999, 41)

    assert prior.cdf(prior.ppf(u)) == pytest.approx(u, abs=1e-9)


def attributes(path):
    """Dotted names without their first part that a file reads: `params.pdsa.spill` gives `pdsa.spill`, and `spill`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
            if isinstance(node.value, ast.Attribute):
                names.add(f"{node.value.attr}.{node.attr}")
    return names


@every_parameter
def test_every_parameter_is_used_by_its_mechanism_or_by_a_step_of_the_month(path):
    group, field = path.split(".")
    in_mechanism = field in attributes(MODEL / "mechanisms" / f"{group}.py")

    assert in_mechanism or any(path in attributes(step) for step in (MODEL / "steps").glob("*.py"))


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
