"""Real facilities in the model: they start from observed levels, and teams joined and left when they did."""

import numpy as np
import pytest

from qicsim.ground.declare import declared
from qicsim.model.columns import ACTIVE, LAPSED
from qicsim.model.mechanisms.ceilings import Ceilings
from qicsim.model.simulate import noise_key
from qicsim.model.state import TABLES
from tests.worlds import (
    JOINED,
    SCENARIO,
    build_on_data,
    by_id,
    copied,
    levels_text,
    observed_country,
    parameters,
    small_country,
)

ANCHOR = 17
RUNS = 120
EXACT = {"assessment.noise": 1.0}


@pytest.fixture(scope="module")
def on_levels():
    """The small country with levels at 2019-06; its own roll-out."""
    return build_on_data(SCENARIO, levels=levels_text("2019-06"))


def at(country, months, params=None, run=0):
    """Copies of the state at the ends of some months."""
    return {month: copied(state) for month, state in country.months(params, key=noise_key(1, run, 0))
            if month in months}


@pytest.fixture(scope="module")
def anchored(on_levels):
    """States at the end of the anchor month of many runs, each a replicate with luck of its own."""
    return [at(on_levels.first(ANCHOR + 1), {ANCHOR}, run=run)[ANCHOR] for run in range(RUNS)]


# ----------------------------------------------------------------------------------------------------------- levels


@pytest.mark.slow
def test_recorded_scores_of_the_anchor_quarter_scatter_around_the_observed_levels(on_levels, anchored):
    levels, scores = on_levels.setting.facility["level"], np.array([state.facility["score"] for state in anchored])
    apart = scores.mean(axis=0) - levels

    # Noise of 5 and a standard error of 2: 5.4 points in a run, 0.49 in the mean of 120, 0.075 in that of all.
    assert abs(apart.mean()) < 0.25
    assert np.abs(apart).max() < 4.0 * 5.4 / np.sqrt(RUNS)


def test_the_uncertainty_of_a_level_is_carried_into_the_runs(on_levels):
    sure = on_levels.where(facility=changed(on_levels.setting.facility, level_sd=0.0))
    unsure = on_levels.where(facility=changed(on_levels.setting.facility, level_sd=6.0))
    params = parameters(EXACT)

    spread = {name: np.std([at(country.first(ANCHOR + 1), {ANCHOR}, params, run)[ANCHOR].facility["score"]
                            for run in range(40)], axis=0, ddof=1).mean()
              for name, country in (("sure", sure), ("unsure", unsure))}

    assert spread["sure"] == pytest.approx(1.0, abs=0.1)
    assert spread["unsure"] == pytest.approx(np.sqrt(37.0), abs=0.4)


def test_what_the_record_adds_is_taken_off_before_the_truth_is_set(on_levels):
    """A bolder record of the same level means a lower true quality."""
    honest = {"assessment.hawth": 0.0, "assessment.lenient": 0.0, "assessment.game": 0.0, "assessment.dist_bias": 0.0}
    bold = honest | {"assessment.hawth": 20.0}

    truth = [at(on_levels.first(ANCHOR + 1), {ANCHOR}, parameters(given))[ANCHOR].facility["true_score"]
             for given in (honest, bold)]

    levels = truth[0] - on_levels.setting.facility["level"]
    assert np.abs(levels.mean()) < 1.0
    assert np.all(truth[1] < truth[0])


def test_the_ledger_adds_up_before_and_after(on_levels):
    for state in at(on_levels, {ANCHOR - 1, ANCHOR, ANCHOR + 1, 35}).values():
        there = state.facility[state.facility["ledger"].any(axis=1)]
        assert there["ledger"].sum(axis=1) == pytest.approx(there["true_score"], abs=1e-9)
        assert np.all((there["quality"] >= 0.0) & (there["quality"] <= Ceilings().single))


def test_only_the_line_of_the_start_is_moved(on_levels):
    free, levelled = (at(country, {ANCHOR})[ANCHOR].facility["ledger"] for country in (small_country(), on_levels))

    assert np.array_equal(free[:, 1:], levelled[:, 1:])
    assert np.abs(free[:, 0] - levelled[:, 0]).mean() > 3.0


def test_every_area_moves_by_the_same_points_within_its_ceiling(on_levels):
    free, levelled = (at(country, {ANCHOR})[ANCHOR].facility["quality"] for country in (small_country(), on_levels))
    moved, ceiling = levelled - free, Ceilings()

    inside = (levelled > 0.0) & (levelled < ceiling.broad - 1e-9)
    for row, counted in zip(moved, inside, strict=True):
        assert np.ptp(row[counted]) < 1e-9


def test_clients_see_no_event_in_the_correction(on_levels):
    free, levelled = (at(country, {ANCHOR})[ANCHOR].facility for country in (small_country(), on_levels))

    assert np.array_equal(free["use"], levelled["use"])
    assert levelled["trust"] - free["trust"] == pytest.approx(levelled["trust_start"] - free["trust_start"])


def test_a_level_that_the_ceilings_do_not_allow_gives_the_ceilings():
    country = build_on_data(SCENARIO, levels=levels_text("2019-06", mean=100.0, step=0.0, sd=0.0))

    quality = at(country, {ANCHOR}, parameters({"assessment.dist_bias": 0.0}))[ANCHOR].facility["quality"]

    assert np.all((np.abs(quality - Ceilings().single) < 1e-9) | (np.abs(quality - Ceilings().broad) < 1e-9))


def test_a_facility_that_opens_later_takes_its_level_over_when_it_opens():
    country = build_on_data(SCENARIO, levels=levels_text("2018-06", mean=60.0, step=0.0, sd=0.0))
    late = country.world.register.id.index("OD-PU1-R1")

    states = at(country, {15, 16}, parameters(EXACT))

    assert country.setting.facility["level_month"][late] == 16
    assert abs(states[15].facility["score"][late] - 60.0) > 1e-3
    assert states[16].facility["score"][late] == pytest.approx(60.0, abs=1e-9)


def test_without_data_nothing_is_known():
    setting = small_country().setting

    assert set(setting.facility["level_month"]) == set(setting.facility["joined"]) == {-1}
    assert not setting.month["known_joins"].any()


# ------------------------------------------------------------------------------------------------------------ teams


@pytest.fixture(scope="module")
def with_history():
    """The small country with levels at 2019-06 and a known roll-out until then; nobody lapses by chance."""
    return build_on_data(SCENARIO, levels=levels_text("2019-06"), joined=JOINED)


def test_teams_form_in_the_months_in_which_they_did_and_no_others(with_history):
    joined = {}
    for month, state in with_history.months():
        if month <= ANCHOR:
            for name, row in by_id(with_history, state).items():
                if row["ever"] and name not in joined:
                    joined[name] = month

    # OD-KC1-H5 joined in 2018-10, before it opened in 2019-01.
    assert joined == {"OD-BA1-R1": 1, "OD-BA1-H1": 4, "OD-PU1-H2": 10, "OD-KC1-H5": 12}


def test_a_team_that_left_leaves_then_and_stays_away(with_history):
    status = {month: by_id(with_history, state)["OD-BA1-H1"]["status"] for month, state in with_history.months()
              if month <= ANCHOR}

    assert [status[month] for month in range(4, 13)] == [ACTIVE] * 9
    assert [status[month] for month in range(13, ANCHOR + 1)] == [LAPSED] * 5


def test_districts_are_launched_with_their_first_facility(with_history):
    launched = dict(zip(with_history.world.districts, at(with_history, {ANCHOR})[ANCHOR].district["launched"],
                        strict=True))

    assert launched == {"OD-BA1": 1, "OD-KC1": 12, "OD-PU1": 10, "OD-BA2": -1, "OD-BA3": -1, "OD-KC2": -1, "OD-PU2": -1}


def test_the_scenario_s_own_roll_out_goes_on_afterwards(with_history):
    states = at(with_history, {ANCHOR, 35})

    assert states[ANCHOR].facility["ever"].sum() == 4
    assert states[35].facility["ever"].sum() > 15
    assert states[35].programme["launch_quarters"][0] == 12.0


def test_a_known_roll_out_without_levels_is_known_until_the_quarter_of_its_last_event():
    country = build_on_data(SCENARIO, joined=JOINED)

    # The last event is in 2019-02, so that 2019-03 is the last known month.
    assert country.setting.month["known_joins"].tolist() == [1] * 15 + [0] * 21


def test_a_team_that_joined_before_the_run_is_there_from_its_first_month():
    country = build_on_data(SCENARIO, joined="facility,joined\nOD-BA1-R1,2016-05\n")

    first = by_id(country, at(country, {0})[0])
    assert [name for name, row in first.items() if row["ever"]] == ["OD-BA1-R1"]
    assert country.setting.month["known_joins"].tolist() == [1] * 3 + [0] * 33


def test_everything_at_once_stays_within_its_ranges():
    country = observed_country()

    state = country.run()

    assert state.facility["ever"].sum() > 4
    for table, record in TABLES.items():
        for column, leaf in declared(record).items():
            values = getattr(state, table)[column]
            assert np.all((values >= leaf.declaration.low) & (values <= leaf.declaration.high)), column


def changed(table, **columns):
    """A copy of a table with other columns."""
    copy = table.copy()
    for name, values in columns.items():
        copy[name] = values
    return copy
