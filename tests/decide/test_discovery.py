"""When a plan fails: boxes by hand, planted and published, chance that is not told as a finding, and the command."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from qicsim.cli.options import OPTIONS
from qicsim.decide.boxes import Limit, inside, judged, peel
from qicsim.decide.discovery import USUAL, Failure, _box, _parting, failure_of
from qicsim.ground.errors import SettingError
from tests.helpers import typed
from tests.worlds import data_folder

NAMES = ("a", "b", "c", "d", "e")


def planted(seed, rows=1000):
    """Cases where a <= 0.4 and c >= 0.7, nine of ten of them, and one of twenty elsewhere."""
    chance = np.random.default_rng(seed)
    values = chance.random((rows, len(NAMES)))
    there = (values[:, 0] <= 0.4) & (values[:, 2] >= 0.7)
    return values, chance.random(rows) < np.where(there, 0.9, 0.05)


# ------------------------------------------------------------------------------------------------------------ boxes


def test_what_a_box_holds_is_counted_by_hand():
    values = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]])
    cases = np.array([0, 0, 1, 0, 1, 1, 1, 0])
    limits = (Limit("a", above=True, value=3.0), Limit("a", above=False, value=7.0))

    found = judged(values, cases, ("a",), limits)

    assert inside(values, ("a",), limits).tolist() == [False, False, True, True, True, True, True, False]
    assert (found.coverage, found.density, found.mass) == (1.0, 0.8, 0.625)
    assert found.quasi_p == pytest.approx((binom.sf(3, 5, 4 / 7), binom.sf(3, 5, 4 / 6)))


def test_a_peel_takes_the_thinnest_slice_and_parts_no_equal_values():
    values = np.array([[0.0], [0.0], [0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0]])
    cases = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])

    boxes = peel(values, cases, ("a",))

    assert [[limit.value for limit in one] for one in boxes] == [[], [1.0], [2.0], [3.0]]


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found(seed):
    values, cases = planted(seed)

    best = max(peel(values, cases, NAMES), key=lambda one: judged(values, cases, NAMES, one).coverage
               - judged(values, ~cases, NAMES, one).coverage)
    sides = {(limit.parameter, limit.above): limit.value for limit in best}

    assert sides["a", False] == pytest.approx(0.4, abs=0.05)
    assert sides["c", True] == pytest.approx(0.7, abs=0.05)


def test_weights_are_rows_that_come_again():
    values, cases = planted(5, 200)
    weights = np.random.default_rng(1).integers(1, 4, 200)
    again = np.repeat(np.arange(200), weights)

    boxes = peel(values, cases, NAMES, weights=weights)
    one, other = (judged(values, cases, NAMES, boxes[-1], weights=weights),
                  judged(values[again], cases[again], NAMES, boxes[-1]))

    assert boxes == peel(values[again], cases[again], NAMES)
    assert (one.coverage, one.density, one.mass) == pytest.approx((other.coverage, other.density, other.mass))
    assert one.quasi_p[0] > other.quasi_p[0], "rows that come again are no evidence of their own"


def biofuels():
    """Bryant and Lempert's 882 cases, as the EMA Workbench carries them; skipped where it is not installed."""
    package = find_spec("ema_workbench")
    if package is None:
        pytest.skip("ema_workbench is not installed")
    table = pd.read_csv(Path(package.origin).parent / "examples" / "data" / "bryant et al 2010 data.csv")
    inputs = table.loc[:, "Cellulosic cost":"Biomass backstop price"]
    return inputs.to_numpy(float), table["Greater than 90%"].to_numpy(), tuple(inputs.columns)


def test_the_published_box_of_bryant_and_lempert_is_found():
    values, cases, names = biofuels()

    limits = peel(values, cases, names)[21]
    found = judged(values, cases, names, limits)

    assert {limit.parameter for limit in limits} == {"Total biomass", "Demand elasticity", "Biomass backstop price",
                                                     "Cellulosic cost"}
    assert found.coverage == pytest.approx(0.753, abs=0.02)
    assert found.density == pytest.approx(0.770, abs=0.02)
    by_name = {limit.parameter: p for limit, p in zip(limits, found.quasi_p, strict=True)}
    assert by_name.pop("Cellulosic cost") > 0.05
    assert max(by_name.values()) < 1e-4


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("seed", range(5))
def test_the_ema_workbench_peels_the_same_boxes(seed):
    """Where no values are equal the slices differ by the half step in which a quantile lies."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    values, cases = planted(seed)
    theirs = prim.Prim(pd.DataFrame(values, columns=list(NAMES)), cases, threshold=0.1, peel_alpha=0.1).find_box()

    mine = [judged(values, cases, NAMES, limits) for limits in peel(values, cases, NAMES)]

    for one in theirs.peeling_trajectory.itertuples():
        near = min(mine, key=lambda two, one=one: abs(two.mass - one.mass))
        if abs(near.mass - one.mass) < 0.01:
            assert near.density == pytest.approx(one.density, abs=0.05)
            assert near.coverage == pytest.approx(one.coverage, abs=0.05)


@pytest.mark.parametrize(("changed", "message"), [
    ({"cases": np.ones(3)}, "cases: 3 rows. Allowed: 4"), ({"weights": np.zeros(4)}, "weights: a weight of 0"),
    ({"names": ("a",)}, "names: 1 names for 2 parameters"), ({"share": 1.0}, "share: 1"),
    ({"values": np.full((4, 2), np.nan)}, "values")])
def test_arrays_that_do_not_fit_are_refused(changed, message):
    given = {"values": np.ones((4, 2)), "cases": np.ones(4), "names": ("a", "b")} | changed

    with pytest.raises(SettingError, match=message):
        peel(**given)


# -------------------------------------------------------------------------------------------------------- discovery


def test_what_comes_by_chance_is_seldom_told_as_a_finding():
    """A box is found in most sets of noise; on the other half of the draws its limits seldom hold."""
    told = found = 0
    for seed in range(40):
        chance = np.random.default_rng(seed)
        values, fails = chance.random((128, 8)), (chance.random(128) < 0.5).astype(float)
        first = np.arange(128) < 64
        peeled, box, _ = _box(values, fails, tuple("abcdefgh"), first, np.ones(128))
        found += len(peeled) > 1
        told += box is not None

    assert found == 40
    assert told <= 8


def test_a_box_is_judged_on_draws_that_it_was_not_found_on():
    values, cases = planted(7)
    first = np.random.default_rng(1).random(len(cases)) < 0.5

    _, box, _ = _box(values, cases.astype(float), NAMES, first, np.ones(len(cases)))

    assert {limit.parameter for limit in box.limits} == {"a", "c"}
    assert box.other == judged(values[~first], cases[~first], NAMES, box.limits)
    assert box.other != box.found


def test_the_value_that_parts_best_by_hand():
    assert _parting(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False])) == (1.0, 2.5)
    assert _parting(np.array([1.0, 1.0]), np.array([True, False])) == (0.0, 1.0)


@pytest.mark.parametrize(("text", "failure"), [
    (USUAL, Failure("true", 1.0, None, gain=True)), ("true_80<30% by 2032", Failure("true_80", 0.3, 2032, gain=False)),
    ("gain of people_true_80 < 1,000,000", Failure("people_true_80", 1e6, None, gain=True))])
def test_a_text_says_when_a_plan_fails(text, failure):
    assert failure_of(text) == failure


@pytest.mark.parametrize(("text", "message"), [
    ("true > 3", "cannot be understood"), ("truth < 3", '"truth" is not known'), ("true_80 < 30", "30 is no share")])
def test_another_text_is_refused(text, message):
    with pytest.raises(SettingError, match=message):
        failure_of(text)


# ------------------------------------------------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return data_folder(tmp_path_factory.mktemp("discovery"))


@pytest.fixture(scope="module")
def told(folder):
    return typed("discover", "national-2030", "--data", ".", "--draws", "prior:384", "--fails", "gain of true < 0.5",
                 "--until", "2031", "--language", "both", "--out", "found", cwd=folder)


def test_the_page_in_each_language_tables_and_provenance_are_written(told, folder):
    assert told.returncode == 0, told.stderr

    assert {"discovery.html", "discovery.km.html", "peeling.csv", "signs.csv", "draws.csv", "provenance.json"} <= {
        file.name for file in (folder / "found").iterdir()}


def test_what_is_told_is_counted_again_from_the_table_of_draws(told, folder):
    draws, box = (pd.read_csv(folder / "found" / f"{name}.csv") for name in ("draws", "box"))
    other = draws[draws["half"] == "other"]
    held = pd.Series(data=True, index=other.index)
    for limit in box[box["kept"]].itertuples():
        column = other[limit.parameter]
        held &= column >= limit.value * (1 - 1e-5) if limit.side == "at least" else column <= limit.value * (1 + 1e-5)
    said = told.stdout.replace("\u00a0", " ")
    share, density = draws["fails"].mean(), other["fails"][held].mean()
    coverage = other["fails"][held].sum() / other["fails"].sum()

    assert box["kept"].any()
    assert f"fails in {100 * share:.0f} % of draws" in said
    assert f"It fails in {100 * density:.0f} % of draws where" in said
    assert f"{100 * coverage:.0f} % of the draws that fail lie there" in said


def test_a_plan_that_is_its_own_reference_and_years_outside_it_are_refused(folder):
    for words, message in ((("reported",), "has the levers of the reference"),
                           (("national-2030", "--fails", "true < 80 by 2050"), "2050 is outside the plan"),
                           (("national-2030", "--draws", "8"), "64 or more"),
                           (("national-2030", "--fails", "true"), "cannot be understood")):
        refused = typed("discover", *words, *(() if "--draws" in words else ("--draws", "prior:64")), "--data", ".",
                        "--until", "2028", "--out", "refused", cwd=folder)

        assert refused.returncode == 2
        assert message in refused.stderr
    assert not (folder / "refused").exists()


def test_the_command_line_and_python_ask_the_same():
    assert OPTIONS["fails"].default == USUAL
