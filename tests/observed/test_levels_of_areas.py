"""Scores of care areas give levels of their own, and facilities start from them."""

import numpy as np
import pytest

from qicsim.ground.errors import DataError
from qicsim.inputs.observed.areas import RECENT, area_levels, drawn_together
from qicsim.inputs.observed.levels import write_levels
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.world.build import build_world
from qicsim.inputs.world.observed import read_levels
from qicsim.model.mechanisms.ceilings import Ceilings
from qicsim.model.simulate import noise_key
from tests.worlds import SCENARIO, build_on_data, copied, data_folder, levels_text, parameters, register_text

NAN = np.nan
ANCHOR = 17


def test_an_area_is_drawn_towards_the_mean_of_its_kind_by_the_share_of_noise():
    """Means -10, 0, 10: variance 100. Each of four values is 2 off: noise 16/3, of a mean 4/3, weight 0.9867."""
    apart = np.array([[-12.0, -8.0, -12.0, -8.0], [-2.0, 2.0, -2.0, 2.0], [8.0, 12.0, 8.0, 12.0], [NAN] * 4])

    assert drawn_together(apart) == pytest.approx([-9.866667, 0.0, 9.866667, 0.0])


def test_with_one_quarter_each_half_of_the_difference_is_noise():
    assert drawn_together(np.array([[-4.0], [4.0]])) == pytest.approx([-2.0, 2.0])


def test_facilities_that_do_not_differ_have_the_mean_and_nothing_known_is_nothing():
    assert drawn_together(np.array([[1.0, 3.0], [3.0, 1.0]])) == pytest.approx([2.0, 2.0])
    assert drawn_together(np.array([[5.0]])) == pytest.approx([5.0])
    assert np.isnan(drawn_together(np.full((2, 3), NAN))).all()


def test_an_area_lies_beside_the_level_of_the_total_in_recent_quarters_of_the_same_kind():
    total = np.full((4, RECENT + 1), 60.0)
    area = np.full((4, RECENT + 1), NAN)
    area[:2, 1:], area[:2, 0] = 50.0, 90.0  # older than RECENT quarters: not looked at

    found = area_levels({"a": area, "never": np.full((4, RECENT + 1), NAN)}, total, np.array([60.0, 95.0, 5.0, 70.0]),
                        np.array([0, 0, 0, 1]))

    assert list(found) == ["a"]
    assert found["a"][:3] == pytest.approx([50.0, 85.0, 0.0])
    assert np.isnan(found["a"][3])


def area_scores():
    """Totals of 60 in two quarters, and hand hygiene 20 lower."""
    ids = [line.split(",")[0] for line in register_text().splitlines()[1:]]
    return "facility,quarter,item,score\n" + "".join(
        f"{name},2019Q{quarter},{item},{score + at % 3}\n" for at, name in enumerate(ids) for quarter in (1, 2)
        for item, score in (("total", 60), ("hand_hygiene", 40)))


def test_levels_of_areas_stand_in_the_folder_and_in_the_world(tmp_path):
    folder = data_folder(tmp_path, scores=area_scores())

    levels = read_levels(write_levels(folder))

    assert levels.areas["hand_hygiene"] == pytest.approx(levels.mean - 20.0, abs=1e-3)
    world = build_world(load_scenario("reported", horizon_end="2020-12", data=folder))
    known = world.setting.facility["area_level"]
    at = world.areas.keys.index("hand_hygiene")
    assert known[:, at] == pytest.approx(world.setting.facility["level"] - 20.0, abs=1e-3)
    assert np.all(np.delete(known, at, axis=1) == -1.0)


def test_a_column_of_no_care_area_is_refused_with_the_nearest(tmp_path):
    text = levels_text("2019-06", hygiene=-15.0).replace("area_hand_hygiene", "area_hand_higiene")
    folder = data_folder(tmp_path, levels=text)

    with pytest.raises(DataError, match="area_hand_higiene: is of no care area.*hand_hygiene"):
        build_world(load_scenario("reported", horizon_end="2020-12", data=folder))


def test_a_facility_starts_from_its_areas_and_is_still_recorded_at_its_level():
    """Hand hygiene is 15 points below the level, whatever the model assumed; the others move by common points."""
    plain, own = (build_on_data(SCENARIO, levels=levels_text("2019-06", sd=0.0, hygiene=points))
                  for points in (None, -15.0))
    at, params = own.world.areas.keys.index("hand_hygiene"), parameters({"assessment.noise": 1.0})

    free, start = (next(copied(state) for month, state in country.months(params, key=noise_key(1, 0, 0))
                        if month == ANCHOR).facility for country in (plain, own))

    assert start["score"] == pytest.approx(free["score"], abs=1e-6)
    assert start["ledger"].sum(axis=1) == pytest.approx(start["true_score"], abs=1e-9)
    inside = np.all((start["quality"] > 0.0) & (start["quality"] < Ceilings().single - 1e-9), axis=1)
    assert np.ptp(np.delete(start["quality"] - free["quality"], at, axis=1)[inside], axis=1).max() < 1e-9
    known = inside & (own.setting.facility["area_level"][:, at] >= 0.0)
    assert 10 < known.sum() < inside.sum()
    apart, before = (facility["quality"][:, at] - facility["true_score"] for facility in (start, free))
    assert np.ptp(apart[known]) < 6.0 < np.ptp(before[known])
    assert apart[inside & ~known] == pytest.approx(before[inside & ~known], abs=1e-9)
