"""A plan for more places than a register has is told, and scaled to the register on request."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qicsim.cli import main
from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.past import other_past
from qicsim.inputs.world.scaling import Places, cautions_here, places_of, scaled_text, too_few_places
from tests.worlds import JOINED, data_folder

HERE = Places(facilities=144, districts=16, provinces=6, launched=10)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "facts").mkdir()
    return data_folder(tmp_path / "facts", joined=JOINED)


def scaled(tmp_path, name, here=HERE):
    """The scaled plan of a shipped one, read back, and the lever values in some month."""
    file = tmp_path / f"{name}-scaled.toml"
    file.write_text(scaled_text(load_scenario(name), name, here), encoding="utf-8")
    plan = load_scenario(file)
    return plan, lambda lever, month: float(getattr(plan.levers, lever)[parse_month(month) - plan.start])


def test_places_are_those_of_the_register_and_of_who_joined(folder):
    assert places_of(load_scenario("national-2030")) == Places(1413, 100, 25)
    assert places_of(load_scenario("national-2030", data=folder)) == Places(43, 7, 3, 3)  # BA1, PU1, KC1


def test_districts_rise_from_those_launched_here_to_the_share_of_the_plan_in_its_steps(tmp_path):
    plan, at = scaled(tmp_path, "national-2030")
    national = load_scenario("national-2030").levers.districts

    assert at("districts", "2026-12") == 29.0  # the past is told as before
    assert at("districts", "2027-01") == pytest.approx(10 + 6 / 45, abs=1e-4)
    assert at("districts", "2030-09") == at("districts", "2035-12") == 16.0
    begin = parse_month("2027-01") - plan.start
    moved = (np.asarray(plan.levers.districts)[begin:] - 10) / 6
    assert moved == pytest.approx((national[begin:] - 29) / 71, abs=1e-4)
    assert (at("provinces", "2027-01"), at("launch_boost", "2027-01")) == (6, 0.16)
    assert at("coach_training", "2027-01") == pytest.approx(1.92)
    assert at("coaches", "2027-01") == 2.0  # what each district gets is not scaled
    assert other_past(plan, load_scenario("reported")) is None


def test_where_nobody_is_known_to_have_joined_the_beginning_is_scaled_too(tmp_path):
    _, at = scaled(tmp_path, "national-2030", HERE._replace(launched=0))

    assert at("districts", "2027-01") == pytest.approx(0.16 * (29 + 71 / 45), abs=1e-3)
    assert at("districts", "2030-09") == 16.0


def test_money_is_scaled_and_a_plan_at_once_stays_one(tmp_path):
    _, capped = scaled(tmp_path, "capped-budget")
    _, at_once = scaled(tmp_path, "national-2028")

    assert capped("budget", "2027-01") == 48_000.0 and capped("budget", "2026-12") == 1e12
    assert at_once("districts", "2027-01") == 16.0 and at_once("launch_boost", "2027-01") == pytest.approx(1.6)


def test_a_register_in_which_all_are_launched_keeps_them(tmp_path):
    _, at = scaled(tmp_path, "national-2030", HERE._replace(launched=16))

    assert at("districts", "2027-01") == at("districts", "2030-09") == 16.0


def test_a_plan_without_launches_has_nothing_to_scale():
    with pytest.raises(SettingError, match="launches no district"):
        scaled_text(load_scenario("pbf-only"), "pbf-only", HERE)


def test_plans_that_allow_the_same_are_told_in_one_sentence_and_a_scaled_one_is_not(folder, tmp_path):
    plans = [load_scenario(name, data=folder) for name in ("national-2030", "national-2028", "reported")]
    here = places_of(plans[0])
    file = tmp_path / "mine.toml"
    file.write_text(scaled_text(load_scenario("national-2030"), "national-2030", here), encoding="utf-8")
    (told,) = too_few_places(plans)

    assert told.startswith(f"The roll-out of “{plans[0].title}”, “{plans[1].title}” is not made for this register: it "
                           "allows 100 operational districts in 25 provinces, and the register has 7 in 3; as 29 are "
                           "allowed already at the end of 2026, no ceiling")
    assert cautions_here(plans, plans[2])[0] == told
    assert too_few_places([load_scenario(file, data=folder), load_scenario("national-2030")]) == ()


def test_check_proposes_a_scaled_plan_that_it_then_takes(folder, tmp_path, capsys):
    file = tmp_path / "mine.toml"

    assert main(["check", "national-2030", "--data", str(folder), "--propose", str(file)]) == 0
    said = capsys.readouterr()
    assert "not made for this register" in said.err and f"Scaled to the register: {file}" in said.err
    assert "register" in json.loads(said.out)["data"]
    assert main(["check", str(file), "--data", str(folder)]) == 0
    assert "not made for this register" not in capsys.readouterr().err


@pytest.mark.parametrize(("words", "told"), [
    (("national-2030", "--propose", "mine.toml"), "--data FOLDER"),
    (("national-2030", "--data", "facts", "--propose", "mine.txt"), "a name that ends in .toml"),
    (("national-2030", "--data", "facts", "--propose", "own.toml"), "is there already"),
    (("own.toml", "--data", "facts", "--propose", "facts/mine.toml"), 'does not stand beside "own.toml"')])
def test_a_proposal_that_could_not_be_used_is_not_written(folder, tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text('title = "t"\ndescription = "d"\nextends = "national-2030"\n', encoding="utf-8")
    before = sorted(tmp_path.rglob("*.toml"))

    assert main(["check", *words]) == 2

    assert told in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*.toml")) == before
