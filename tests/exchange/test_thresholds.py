"""The edges of the rules that decide: just inside and just outside, and the counts that messages give."""

import datetime

import numpy as np
import pytest

from qicsim import import_data
from qicsim.ground.errors import DataError

TODAY = datetime.date(2023, 5, 20)
HEAD = "code,name,type,province,OD,population\n"
REGISTER = HEAD + "".join(f"{at:04d},Phum {at:02d},HC,Kampot,Kampot 1,9000\n" for at in range(24))


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, scores=None, register=REGISTER, joined=None, **more):
    return import_data(put(folder, "r.csv", register), put(folder, "s.csv", scores) if scores else (),
                       joined=put(folder, "j.csv", joined) if joined else (), out=folder / "data", today=TODAY, **more)


def said(folder):
    return (folder / "data" / "quality.csv").read_text(encoding="utf-8")


def asks(folder, *parts, **more):
    try:
        load(folder, *parts, **more)
    except DataError as refusal:
        return str(refusal)
    return ""


def table(*quarters):
    """Scores of facilities 0.. in 2021Q1, 2021Q2, ...; each quarter a list."""
    return "code,quarter,score\n" + "".join(f"{at:04d},2021Q{number + 1},{score}\n" for number, quarter in
                                            enumerate(quarters) for at, score in enumerate(quarter))


@pytest.mark.parametrize(("highest", "read"), [("1", 1.0), ("1.01", None)])
def test_a_file_whose_highest_score_is_1_is_read_as_shares_and_one_above_is_not(tmp_path, highest, read):
    scores = table([0.5, 0.6, 0.7, 0.8, highest])

    if read:
        np.testing.assert_allclose(load(tmp_path, scores).scores[:5, 0], [50, 60, 70, 80, 100])
    else:
        assert "none above 20" in asks(tmp_path, scores)


def test_exactly_30_points_are_a_jump_and_29_9_are_none(tmp_path):
    load(tmp_path, table([50, 60], [80, 89.9]))

    jumps = [line for line in said(tmp_path).splitlines() if line.startswith("warning,jump")]
    assert len(jumps) == 1 and "goes from 50 in 2021Q1 to 80 in 2021Q2" in jumps[0]


@pytest.mark.parametrize(("highest", "asked"), [(20, True), (20.1, False)])
def test_scores_up_to_20_are_asked_about_and_higher_ones_are_not(tmp_path, highest, asked):
    assert ("none above 20" in asks(tmp_path, table([5, 12, highest]))) == asked


@pytest.mark.parametrize(("month", "asked"), [("2019-07", False), ("2022-07", False), ("2022-08", True)])
def test_a_join_36_months_after_all_others_is_not_apart_and_one_of_37_is(tmp_path, month, asked):
    joined = "facility,joined\n" + "".join(f"{at:04d},{month if at == 11 else '2019-07'}\n" for at in range(12))

    assert ("all others from 2019-07 to 2019-07" in asks(tmp_path, joined=joined)) == asked


@pytest.mark.parametrize(("count", "asked"), [(9, False), (10, True)])
def test_ten_joins_say_what_is_far_from_the_others_and_nine_do_not(tmp_path, count, asked):
    joined = "facility,joined\n" + "".join(f"{at:04d},{'2010-07' if at == 0 else '2019-07'}\n" for at in range(count))

    assert ("joined in 2010-07" in asks(tmp_path, joined=joined)) == asked


@pytest.mark.parametrize(("typed", "asked"), [("2023-05", False), ("2023-06", True), ("1990-01", False),
                                              ("1989-12", True)])
def test_joins_lie_from_1990_to_this_month(tmp_path, typed, asked):
    assert bool(asks(tmp_path, joined=f"facility,joined\n0000,{typed}\n")) == asked


@pytest.mark.parametrize(("people", "asked"), [(36_700, False), (37_200, True)])
def test_one_and_a_half_times_the_census_is_the_most(tmp_path, people, asked):
    register = HEAD + "".join(f"{at:04d},Phum {at:02d},HC,Kampot,Kampot {at},{people + at}\n" for at in range(24))

    assert ("the census counts 593,829" in asks(tmp_path, register=register)) == asked


@pytest.mark.parametrize(("people", "unusual"), [(199, True), (200, False), (100_000, False), (100_001, True)])
def test_a_health_centre_usually_has_200_to_100_000_people(tmp_path, people, unusual):
    load(tmp_path, register=HEAD + f"0000,Phum,HC,Kampot,Kampot 1,{people}\n")

    assert ("unusual population" in said(tmp_path)) == unusual


@pytest.mark.parametrize(("same", "asked"), [(2, False), (3, True)])
def test_three_facilities_of_a_district_with_the_same_many_people_are_asked_about(tmp_path, same, asked):
    register = HEAD + "".join(f"{at:04d},Phum {at:02d},HC,Kampot,Kampot 1,{60_000 if at < same else 9000 + at}\n"
                              for at in range(6))

    assert ("3 health centres of Kampot 1 have 60,000 people each" in asks(tmp_path, register=register)) == asked


@pytest.mark.parametrize(("again", "asked"), [(21, False), (22, True)])
def test_nine_of_ten_scores_that_stand_again_are_a_repeated_round(tmp_path, again, asked):
    first = [50 + at for at in range(24)]
    second = [score + (at >= again) for at, score in enumerate(first)]

    assert (f"{again} of 24 facilities have exactly the score of 2021Q1 again" in asks(
        tmp_path, table(first, second))) == asked


@pytest.mark.parametrize(("scored", "more"), [(0, "Phum 19 and 4 more"), (3, "Phum 22 and 1 more"), (4, "Phum 23")])
def test_names_after_the_twentieth_are_counted(tmp_path, scored, more):
    load(tmp_path, table([60 + at for at in range(scored)] or [0] * 24))

    check = "no score" if scored else "exact zeros"
    line = next(line for line in said(tmp_path).splitlines() if line.startswith(f"warning,{check}"))
    assert more in line and ("more" in line) == (scored < 4)


@pytest.mark.parametrize(("rows", "words"), [
    (1, ""), (2, '(2 rows; also "Phum 01" (row 3))'),
    (4, '(4 rows; also "Phum 01" (row 3), "Phum 02" (row 4), "Phum 03" (row 5))'),
    (5, '(5 rows; also "Phum 01" (row 3), "Phum 02" (row 4), "Phum 03" (row 5) ...)')])
def test_rows_with_one_cause_are_counted_with_three_examples(tmp_path, rows, words):
    register = HEAD + "".join(f"{at:04d},Phum {at:02d},CHPS,Kampot,Kampot 1,9000\n" for at in range(rows))

    message = asks(tmp_path, register=register)
    assert words in message and ("rows; also" in message) == (rows > 1)
