"""Leading plans under assumptions that decide: what is said of them is what paired runs hold."""

from __future__ import annotations

import numpy as np
import pytest

import qicsim
from qicsim.analysis.gains import at_year_end, mean_by_draw
from qicsim.decide.choice import leading_plans
from qicsim.inputs.scenario import load_scenario
from qicsim.runs.assumptions import AS_SIMULATED
from qicsim.runs.draws import names, prior_draws
from tests.worlds import SCENARIO, register_text

LONGER = SCENARIO.replace('end = "2020-12"', 'end = "2028-12"')
TRIED = ("R10", "breadth-none", "growth-continues")
DRAWS = prior_draws(10, 1)


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory):
    place = tmp_path_factory.mktemp("tried")
    (place / "register.csv").write_text(register_text())
    (place / "without-teams.toml").write_text(LONGER.replace("recruiting = true", "recruiting = false"))
    for name in ("with-teams", "donor-exit-now"):
        (place / f"{name}.toml").write_text(LONGER)
    return [load_scenario(place / f"{name}.toml") for name in ("without-teams", "with-teams", "donor-exit-now")]


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def comparison(scenarios, told):
    return qicsim.compare(scenarios, reference="without-teams", draws=DRAWS, replicates=2, store=False,
                          assumptions=TRIED, progress=lambda done, total: told.append((done, total)))


@pytest.fixture(scope="module")
def tried(comparison):
    return comparison.tried


def test_plans_that_can_be_chosen_are_tried_and_what_happens_to_a_country_is_not(comparison, tried):
    assert leading_plans(comparison) == tried.plans == ("with-teams",)
    assert tried.keys == TRIED
    assert tried.replicates == 1


def test_as_simulated_is_the_headline(comparison, tried):
    row = tried.at(AS_SIMULATED, "with-teams")
    headline = comparison.headline.query("scenario == 'with-teams' and year == 2028 and indicator == 'true'").iloc[0]

    assert row.gain.mean == pytest.approx(headline["difference_mean"], rel=1e-12)
    assert row.gain.low == pytest.approx(headline["difference_p05"], rel=1e-12)
    assert row.assumption is None


def test_no_breadth_is_what_setting_it_gives_to_the_digit(scenarios, tried):
    held = qicsim.compare(scenarios, reference="without-teams", draws=DRAWS, replicates=1, store=False,
                          set={"pdsa.spill": 0.0})

    row, ends = tried.at("breadth-none", "with-teams"), at_year_end(held.ensemble, 2028)
    gains = ends["with-teams"] - ends["without-teams"]
    assert row.gain.mean == gains.mean()
    assert row.gain.high == held.headline.query(
        "scenario == 'with-teams' and year == 2028 and indicator == 'true'").iloc[0]["difference_p95"]
    assert row.little == np.mean(mean_by_draw(held.ensemble, gains) < 1.0)


def test_chances_of_nothing_are_those_of_the_draws(tried):
    nothing = float(np.mean(DRAWS.values[:, names().index("pdsa.efficacy")] == 0.0))

    assert 0.0 < nothing < 1.0
    for key in (AS_SIMULATED, "breadth-none", "growth-continues"):
        row = tried.at(key, "with-teams")
        assert row.nothing == pytest.approx(nothing)
        assert row.works * (1.0 - nothing) == pytest.approx(row.gain.mean, abs=0.05)
        assert row.little >= row.little_if_works * (1.0 - nothing)


def test_ranges_hold_every_assumption(tried):
    rows = tried.of("with-teams")
    low, high = tried.range_of_means("with-teams")

    assert len(rows) == 1 + len(TRIED)
    assert {low, high} <= {row.gain.mean for row in rows}
    assert all(low <= row.gain.mean <= high for row in rows)
    assert tried.range_of_intervals("with-teams") == (min(row.gain.low for row in rows),
                                                      max(row.gain.high for row in rows))


def test_the_table_has_a_row_for_each_assumption_and_plan(tried):
    table = tried.table

    assert list(table["assumption"]) == [AS_SIMULATED, *TRIED]
    assert list(table["group"]) == ["", "effects", "breadth", "growth"]
    assert set(table["rank"]) == {1}
    assert not table.isna().to_numpy().any()


def test_progress_goes_on_from_the_comparison_to_the_assumptions(told):
    done, total = zip(*told, strict=True)

    assert list(done) == sorted(done)
    assert done[-1] == total[-1] == 3 * 20 + 3 * 2 * 10


def test_nothing_is_tried_unless_it_is_asked_for(scenarios):
    assert qicsim.compare(scenarios[:2], reference="without-teams", draws=2, store=False).tried is None
