"""Comparison tables: what they say is what the ensemble holds."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.compare import compare
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.model.columns import COST_LINES
from qicsim.model.ledger import LEDGER
from qicsim.runs.draws import prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import GROUP_ROWS, known_indicators, province_values, qic_lines, sums, values, yearly_cost
from tests.worlds import SCENARIO, register_text

LONGER = SCENARIO.replace('end = "2020-12"', 'end = "2028-12"')


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    place = tmp_path_factory.mktemp("compare")
    (place / "register.csv").write_text(register_text())
    (place / "with-teams.toml").write_text(LONGER)
    (place / "without-teams.toml").write_text(LONGER.replace("recruiting = true", "recruiting = false"))
    scenarios = [load_scenario(place / f"{name}.toml") for name in ("without-teams", "with-teams")]
    return run_ensemble(scenarios, prior_draws(6, 1), replicates=2)


@pytest.fixture(scope="module")
def comparison(ensemble):
    return compare(ensemble, "without-teams")


def row(table, **where):
    chosen = table
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_reference_differs_from_itself_by_nothing(comparison):
    own = comparison.headline[comparison.headline["scenario"] == "without-teams"]
    numbers = own[["difference_mean", "difference_p05", "difference_p95"]].to_numpy()

    assert np.all((numbers == 0.0) | np.isnan(numbers))


def test_differences_are_paired_run_by_run(comparison, ensemble):
    at = ensemble.runners["with-teams"].years.index(2026)
    record = ensemble.runners["with-teams"].year_ends[at]
    paired = (values(ensemble, "with-teams", "true") - values(ensemble, "without-teams", "true"))[:, record]
    told = row(comparison.headline, scenario="with-teams", year=2026, indicator="true")

    assert told["difference_mean"] == pytest.approx(paired.mean())
    assert told["difference_p05"] == pytest.approx(np.percentile(paired, 5))
    assert told["n"] == 12


def test_a_mean_over_all_is_the_weighted_mean_of_its_groups(ensemble):
    parts = [(values(ensemble, "with-teams", "recorded", group), sums(ensemble, "with-teams", "facilities", group))
             for group in ("health_centre", "referral_hospital")]
    weighted = sum(mean * count for mean, count in parts) / sum(count for _, count in parts)

    assert np.allclose(weighted, values(ensemble, "with-teams", "recorded"), rtol=1e-6)


def test_the_groups_cover_every_facility_once():
    assert sorted(GROUP_ROWS["never"] + GROUP_ROWS["ever"]) == list(GROUP_ROWS["all"])


def test_provinces_add_up_to_the_nation(ensemble):
    provinces = province_values(ensemble, "with-teams", "facilities").sum(axis=2)
    ends = ensemble.runners["with-teams"].year_ends

    assert np.array_equal(provinces, sums(ensemble, "with-teams", "facilities")[:, ends])


def test_the_ledger_adds_up_to_mean_true_quality(ensemble):
    lines = sum(values(ensemble, "with-teams", f"ledger_{line}") for line in LEDGER)

    assert np.allclose(lines, values(ensemble, "with-teams", "true"), atol=1e-3)


def test_costs_of_years_add_up_to_the_total(ensemble):
    cost = yearly_cost(ensemble, "with-teams")

    assert np.allclose(cost.sum(axis=1), ensemble.kept["with-teams"].cost[:, -1], rtol=1e-5)
    assert np.all(cost >= -1e-3)


def test_every_cost_line_is_either_the_collaboratives_or_pbf_s():
    assert {COST_LINES[i] for i in qic_lines()} == set(COST_LINES) - {"assessment", "verification", "pbf"}


def test_without_teams_the_collaboratives_pay_for_districts_at_most(comparison):
    lines = comparison.costs[(comparison.costs["scenario"] == "without-teams") & (comparison.costs["year"] == 2020)]
    visits = lines[lines["line"].isin(["coach_visits", "sessions", "exchange", "joining"])]

    assert visits["mean"].sum() == 0.0


def test_an_empty_group_has_no_value_rather_than_a_zero(ensemble, comparison):
    nobody = values(ensemble, "without-teams", "recorded", "ever")
    told = comparison.trajectories.query("scenario == 'without-teams' and indicator == 'recorded' and group == 'ever'")

    assert np.all(np.isnan(nobody))
    assert told["n"].eq(0).all()
    assert told["mean"].isna().all()


def test_shares_lie_between_0_and_1(ensemble):
    for name in ("true_80", "recorded_80", "coverage", "capability", "coach_load", "affordable"):
        shares = values(ensemble, "with-teams", name)
        shares = shares[np.isfinite(shares)]
        assert shares.min() >= 0.0
        assert shares.max() <= 1.0 + 1e-6, name


def test_every_known_indicator_can_be_read(ensemble):
    for name in known_indicators(ensemble):
        assert values(ensemble, "with-teams", name).shape == (12, 44)


def test_a_reference_that_was_not_run_is_refused(ensemble):
    with pytest.raises(SettingError, match="not among the scenarios"):
        compare(ensemble, "national-2030")


def test_a_scenario_that_runs_longer_than_the_reference_has_no_difference_beyond_it(tmp_path):
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "longer.toml").write_text(LONGER)
    (tmp_path / "shorter.toml").write_text(LONGER.replace("2028-12", "2025-12"))
    scenarios = [load_scenario(tmp_path / f"{name}.toml") for name in ("longer", "shorter")]
    told = compare(run_ensemble(scenarios, prior_draws(2, 1)), "shorter")

    beyond = row(told.headline, scenario="longer", year=2026, indicator="true")
    assert np.isfinite(beyond["mean"])
    assert np.isnan(beyond["difference_mean"])
    assert row(told.ledger, scenario="longer", year=2026, line="pdsa")["n"] == 2
