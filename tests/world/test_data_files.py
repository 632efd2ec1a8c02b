"""The embedded data files say what they should, and replaced ones are refused with every fault."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import MOST_SHOWN, DataError
from qicsim.inputs.country import default_country
from qicsim.inputs.world.areas import read_areas
from qicsim.inputs.world.money import (
    FULL_SCORE,
    costs_said,
    mean_payment,
    payment_at,
    payment_rows,
    read_payments,
    read_schedules,
    read_unit_costs,
    unit_cost_rows,
)
from qicsim.inputs.world.register import read_register
from qicsim.inputs.world.shock import monthly_shock, read_shock
from qicsim.inputs.world.synthetic import apportion
from qicsim.model.columns import LATER_UNIT_COSTS, NO_PIECE, SCHEDULE_PIECES, UNIT_COSTS
from qicsim.model.levers import SCHEDULES
from qicsim.model.mechanisms.pbf import schedule_payment
from tests.helpers import EMBEDDED

INVALID = Path(__file__).parent / "invalid"
READERS = {"areas": read_areas, "unit_costs": read_unit_costs, "payments": read_payments,
           "schedules": read_schedules, "shock": read_shock}
CASES = [path for kind in READERS for path in sorted((INVALID / kind).glob("*.csv"))]
PROJECT = {"Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap"}


# ------------------------------------------------------------------------------------------------ refused files


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_faulty_data_file_is_refused_with_the_expected_message(path):
    with pytest.raises(DataError) as refusal:
        READERS[path.parent.name](path)

    for expected in path.with_suffix(".expected").read_text(encoding="utf-8").splitlines():
        assert expected in str(refusal.value)
    assert str(refusal.value).startswith(str(path))


def test_there_are_many_invalid_files_and_each_has_its_message():
    assert len(CASES) >= 25
    assert all(path.with_suffix(".expected").read_text(encoding="utf-8").strip() for path in CASES)


@pytest.mark.parametrize("kind", READERS)
def test_a_data_file_that_is_not_there_a_folder_empty_or_huge_is_refused(kind, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(20_000_001)

    for name, expected in (("none.csv", "cannot be read: there is no such file"),
                           ("", "cannot be read: this is a folder"),
                           ("empty.csv", "is empty"), ("huge.csv", "is larger than 20 MB")):
        with pytest.raises(DataError, match=expected):
            READERS[kind](tmp_path / name)


def test_a_long_list_of_faults_is_cut_and_says_how_many_more(tmp_path):
    file = tmp_path / "shock.csv"
    file.write_text("quarter,shock,source,grade\n" + "".join(f"{1900 + n}Q1,2,s,A\n" for n in range(MOST_SHOWN + 7)))

    with pytest.raises(DataError) as refusal:
        read_shock(file)

    assert len(str(refusal.value).splitlines()) == MOST_SHOWN + 1
    assert str(refusal.value).endswith("and 7 more faults.")
    assert len(refusal.value.faults) == MOST_SHOWN + 7


@pytest.mark.parametrize("kind", READERS)
def test_a_byte_order_mark_and_windows_line_ends_are_accepted(kind, tmp_path):
    file = tmp_path / "copy.csv"
    file.write_bytes(b"\xef\xbb\xbf" + EMBEDDED[kind].read_bytes().replace(b"\n", b"\r\n"))

    READERS[kind](file)


@given(content=st.binary(max_size=400))
@settings(deadline=None)
def test_no_bytes_whatever_make_a_reader_fail_otherwise_than_with_its_own_error(content, tmp_path_factory):
    file = tmp_path_factory.mktemp("bytes") / "any.csv"
    file.write_bytes(content)

    for reader in READERS.values():
        with pytest.raises(DataError):
            reader(file)


@given(cells=st.lists(st.text(max_size=8), min_size=4, max_size=4))
@settings(deadline=None)
def test_no_cells_whatever_make_the_shock_reader_fail_otherwise_than_with_its_own_error(cells, tmp_path_factory):
    file = tmp_path_factory.mktemp("cells") / "any.csv"
    file.write_text("quarter,shock,source,grade\n" + ",".join(cells), encoding="utf-8", errors="replace")

    try:
        assert all(0 <= index <= 1 for index in read_shock(file).values())
    except DataError as refusal:
        assert refusal.faults


# ------------------------------------------------------------------------------------------------------- areas


def test_the_ten_embedded_areas_stand_where_table_2_and_the_back_cast_put_them():
    areas = read_areas(EMBEDDED["areas"])

    start = dict(zip(areas.keys, areas.start, strict=True))
    assert len(areas.keys) == 10
    assert [start[key] for key in ("hand_hygiene", "medical_waste", "general_waste", "tb_screening",
                                   "family_planning")] == [31, 48, 97, 37, 68]
    assert np.allclose(areas.weight.sum(axis=2), 1.0, atol=1e-12)


def test_the_extended_set_scores_tb_and_scales_the_others():
    areas = read_areas(EMBEDDED["areas"])
    tb = areas.keys.index("tb_screening")

    assert areas.weight[0, :, tb].tolist() == [0.0, 0.0]
    assert areas.weight[1, :, tb].tolist() == [0.1, 0.1]
    assert np.allclose(np.delete(areas.weight[1], tb, axis=1), 0.9 * np.delete(areas.weight[0], tb, axis=1))


def test_first_choices_follow_the_counts_of_table_2():
    areas = read_areas(EMBEDDED["areas"])
    ceiling = np.where(areas.broad, 93.0, 98.5)

    choice = areas.preference * np.maximum(ceiling - areas.start, 0.4)

    assert np.allclose(choice / choice.sum(axis=1, keepdims=True),
                       areas.topics / areas.topics.sum(axis=1, keepdims=True))
    assert np.allclose(areas.preference.mean(axis=1), 1.0)


def test_preference_has_mean_1_over_the_areas_that_are_chosen_at_all(tmp_path):
    file = tmp_path / "areas.csv"
    file.write_text(EMBEDDED["areas"].read_text(encoding="utf-8").replace(",124,5,", ",0,0,"), encoding="utf-8")

    preference = read_areas(file).preference

    assert np.allclose([row[row > 0].mean() for row in preference], 1.0)
    assert preference[:, 8].tolist() == [0.0, 0.0]


# ------------------------------------------------------------------------------------------------------- money


def test_every_schedule_but_none_pays_1_on_average():
    schedules = read_schedules(EMBEDDED["schedules"])

    paid = [mean_payment(*pieces) for pieces in zip(schedules.score_from, schedules.pay, schedules.slope, strict=True)]

    assert paid == pytest.approx([0.0, 1.0, 1.0, 1.0], abs=1e-12)


def test_the_equal_money_of_the_threshold_schedule_agrees_with_the_normal_integral():
    from scipy.special import ndtr
    schedules = read_schedules(EMBEDDED["schedules"])
    threshold = SCHEDULES.index("threshold")
    share_paid = (ndtr(40 / 12) - ndtr(20 / 12)) / (ndtr(40 / 12) - ndtr(-60 / 12))

    assert schedules.pay[threshold, 1] == pytest.approx(1 / share_paid, rel=1e-6)


def test_the_model_reads_the_same_payments_off_the_pieces():
    schedules = read_schedules(EMBEDDED["schedules"])

    for pieces in zip(schedules.score_from, schedules.pay, schedules.slope, strict=True):
        for score in (0.0, 59.9, 60.0, 75.5, 80.0, 100.0):
            assert schedule_payment(score, *pieces) == payment_at(np.array([score]), *pieces)[0]


def test_payments_jump_at_the_tiers_and_no_score_reaches_an_unused_piece():
    schedules = read_schedules(EMBEDDED["schedules"])
    tiered = SCHEDULES.index("tiered")
    pieces = schedules.score_from[tiered], schedules.pay[tiered], schedules.slope[tiered]

    paid = payment_at(np.array([0.0, 59.999, 60.0, 70.0, 80.0, FULL_SCORE]), *pieces)

    assert paid / paid[-1] == pytest.approx([0, 0, 0.4, 0.7, 1, 1])
    assert schedules.score_from[tiered].tolist() == [0, 60, 70, 80] + [NO_PIECE] * (SCHEDULE_PIECES - 4)
    assert not schedules.pay[schedules.score_from == NO_PIECE].any()


def test_unit_costs_stand_in_the_order_of_the_model_whatever_the_order_of_the_file(tmp_path):
    header, *rows = EMBEDDED["unit_costs"].read_text(encoding="utf-8").splitlines()
    (tmp_path / "costs.csv").write_text("\n".join([header, *reversed(rows)]), encoding="utf-8")

    assert [row.split(",")[0] for row in rows] == list(UNIT_COSTS)
    assert np.array_equal(read_unit_costs(tmp_path / "costs.csv").usd, read_unit_costs(EMBEDDED["unit_costs"]).usd)


def test_an_active_team_year_costs_about_what_the_note_on_unit_costs_says():
    """The sum of what the note lists; tests/scenario/test_scenario_shipped.py holds it against a run."""
    cost = dict(zip(UNIT_COSTS, read_unit_costs(EMBEDDED["unit_costs"]).usd, strict=True))
    teams, coaches, districts, provinces = 199, 48, 24.5, 6

    of_coaches, of_districts = coaches * 12 * cost["coach_post"], districts * 12 * cost["district_overhead"]
    of_staff = 12 * (provinces * cost["provincial_staff"] + cost["national_staff"] + cost["assistance"])
    visits = 8 * (cost["coach_visit"] + 0.9 * (cost["coach_visit_virtual"] - cost["coach_visit"]))
    listed = visits + 46 + 351 + 11 + 51 + (of_coaches + of_districts + of_staff) / teams + 12 * cost["team_time"]

    assert listed == pytest.approx(1600, abs=20)


def old_costs(folder):
    """A file of version 0.1: without the five unit costs that came later."""
    rows = EMBEDDED["unit_costs"].read_text(encoding="utf-8").splitlines()
    path = folder / "costs.csv"
    path.write_text("\n".join(row for row in rows if row.split(",")[0] not in LATER_UNIT_COSTS), encoding="utf-8")
    return path


def test_a_file_without_the_later_unit_costs_is_filled_from_the_shipped_one_and_that_is_said(tmp_path):
    shipped, old = read_unit_costs(EMBEDDED["unit_costs"]), read_unit_costs(old_costs(tmp_path))

    assert np.array_equal(old.usd, shipped.usd)
    assert old.filled == LATER_UNIT_COSTS
    (said,) = costs_said([shipped, old, old])
    assert str(said) == (
        f"The file of unit costs lacks {', '.join(LATER_UNIT_COSTS)}; the shipped ones are used. Where its cost of a "
        "visit holds the coach's salary, that is counted twice.")
    assert costs_said([shipped]) == ()


def test_rows_of_evidence_are_filled_too_and_name_where_they_are_from(tmp_path):
    rows = {row.key: row.source for row in unit_cost_rows(old_costs(tmp_path))}

    assert set(rows) == set(UNIT_COSTS)
    assert all(rows[key].startswith("not in the file, the shipped one: ") for key in LATER_UNIT_COSTS)


def test_a_unit_cost_of_version_0_1_may_not_be_missing(tmp_path):
    rows = EMBEDDED["unit_costs"].read_text(encoding="utf-8").splitlines()
    (tmp_path / "costs.csv").write_text("\n".join(row for row in rows if not row.startswith("cpd,")), encoding="utf-8")

    with pytest.raises(DataError, match="cpd"):
        read_unit_costs(tmp_path / "costs.csv")


def test_a_health_centre_is_granted_and_paid_1000_dollars_a_quarter_each():
    payments = read_payments(EMBEDDED["payments"])

    assert payments.grant.tolist() == [1000, 4000]
    assert payments.performance_pay.tolist() == [1000, 4000]
    assert [(row.kind, row.low, row.high, row.grade) for row in payment_rows(EMBEDDED["payments"])] == [
        ("health_centre", 500, 3000, "M"), ("referral_hospital", 2000, 12000, "M")]


def test_what_is_paid_lies_in_its_own_range(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text(EMBEDDED["payments"].read_text(encoding="utf-8").replace(",500,3000,", ",2500,3000,"))

    with pytest.raises(DataError, match="line 2, low: 2500 to 3000 does not hold 2000, what is paid"):
        read_payments(path)


# ------------------------------------------------------------------------------------------------------- shock


def test_the_shock_peaks_in_the_second_quarter_of_2021_and_ends_with_2022():
    shock = monthly_shock(read_shock(EMBEDDED["shock"]), parse_month("2018-01"), 216)

    assert np.argmax(shock) == parse_month("2021-04") - parse_month("2018-01")
    assert shock[39:45].tolist() == [1.0, 1.0, 1.0, 0.9, 0.9, 0.9]
    assert shock[48:60].tolist() == [0.15] * 6 + [0.05] * 6
    assert not shock[:24].any() and not shock[60:].any()


# --------------------------------------------------------------------------------------------------- provinces


def test_provinces_sum_to_the_published_national_totals():
    assert len(default_country().provinces) == 25
    assert sum(province.population for province in default_country().provinces) == 15_552_211
    assert sum(province.first_level[0] for province in default_country().provinces) == 1205
    assert sum(province.first_level[1] for province in default_country().provinces) == 1288
    assert sum(province.districts for province in default_country().provinces) == 100


def test_districts_by_province_follow_from_health_centres_and_the_known_counts():
    known = {"Pursat": 4, "Pailin": 1, "Kep": 1, "Phnom Penh": 4}
    for project, total in ((True, 29), (False, 71)):
        group = [province for province in default_country().provinces if (province.name in PROJECT) == project]
        least = [known.get(row.name, max(1, -(-row.first_level[1] // 23))) for row in group]
        most = [known.get(row.name, max(1, row.first_level[0] // 8)) for row in group]

        expected = apportion(total, [row.first_level[0] for row in group], least, most)

        assert [row.districts for row in group] == expected


def test_tiles_of_the_grid_do_not_overlap():
    assert len({province.tile for province in default_country().provinces}) == 25


def test_the_schematic_map_has_the_same_provinces():
    import json
    features = json.loads((EMBEDDED["areas"].parent / "provinces.geojson").read_text("utf-8"))

    drawn = {(feature["properties"]["code"], feature["properties"]["name"]) for feature in features["features"]}

    assert drawn == {(province.code, province.name) for province in default_country().provinces}


def test_embedded_provinces_and_register_agree_on_people():
    register = read_register(EMBEDDED["register"])

    for province in default_country().provinces:
        mine = np.array([name == province.name for name in register.province])
        assert register.population[mine].sum() == province.population
