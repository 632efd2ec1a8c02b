"""`qicsim best` as a user types it: files, the answer, and everything that it refuses before it runs."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pandas as pd
import pytest

from qicsim.cli import GO_ON
from qicsim.cli.options import AMOUNTS, GOALS, MONEY
from qicsim.decide import budget
from qicsim.decide.search import question
from qicsim.inputs.scenario import load_scenario
from tests.helpers import typed
from tests.worlds import data_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return data_folder(tmp_path_factory.mktemp("best"))


@pytest.fixture(scope="module")
def found(folder):
    with mock.patch("qicsim.decide.search.best.QUICK_PLANS", 100):
        return search(folder)


def search(folder):
    return typed("best", "--money", "400,000", "--data", ".", "--quick", "--free", "coaches", "visits", "order",
                 "--fix", "sessions=1", "--fix", "districts=7", "--fix", "coach_training=12",
                 "--reach", "true_80=0.01 by 2035", "--language", "both", "--out", "found", cwd=folder)


def test_the_plan_a_page_in_each_language_tables_and_provenance_are_written(found, folder):
    assert found.returncode == 0, found.stderr
    written = {file.name for file in (folder / "found").iterdir()}

    assert {"best.html", "best.km.html", "plan.toml", "ladder.csv", "front.csv", "least.csv", "rules.csv", "order.csv",
            "provenance.json"} <= written
    assert "assumptions.csv" not in written
    assert len((folder / "found" / "best.html").read_text()) < 1_000_000


def test_the_answer_says_the_gain_how_sure_it_is_the_ladder_and_the_order(found):
    first, sure, counts, *rest = found.stdout.splitlines()

    assert first.startswith("The best plan found for US$ 400,000 a year gains, in mean true quality, ")
    assert sure.startswith("It is the best of ")
    assert counts.startswith("Money counts what collaboratives cost")
    assert sum(" a year: " in line and "what binds" in line for line in rest) >= 5
    assert any(line.startswith("The order of districts ") for line in rest)
    assert "figures are of 32 other draws" in found.stdout


def test_the_plan_is_a_scenario_that_other_commands_take(found, folder):
    plan = load_scenario(folder / "found" / "plan.toml", data=folder)
    at = 12 * 2027 - plan.start

    checked = typed("check", "found/plan.toml", "--data", ".", cwd=folder)

    assert checked.returncode == 0, checked.stderr
    assert plan.levers.sessions[at] == 1 and plan.levers.coach_training[at] == 12.0
    assert plan.levers.districts[-1] == 7.0


def test_the_tables_hold_the_steps_and_the_plans_of_the_second_look(found, folder):
    ladder, front, order = (pd.read_csv(folder / "found" / f"{name}.csv") for name in ("ladder", "front", "order"))
    fits = ladder.dropna(subset="gain_mean")

    assert ladder["money"].tolist() == [share * 400_000.0 for share in question.STEPS]
    assert fits["gain_mean"].is_monotonic_increasing
    assert (fits["breaks"] <= 0.2).all()
    assert front["chosen"].sum() == 1 and len(front) <= 20
    assert len(order) == 7


def test_a_search_that_is_interrupted_leaves_the_best_plan_so_far_and_the_same_command_goes_on(folder):
    words = ("best", "--money", "400,000", "--data", ".", "--quick", "--free", "coaches", "visits", "--fix",
             "districts=7", "--out", "stopped")

    def stopped(*_):
        raise KeyboardInterrupt

    with mock.patch("qicsim.decide.search.best.QUICK_PLANS", 40):
        with mock.patch("qicsim.decide.search.best.looked_at", stopped):
            interrupted = typed(*words, cwd=folder)
        file = folder / "stopped" / "best-so-far.toml"
        plan, checked = load_scenario(file, data=folder), typed("check", file, "--data", ".", cwd=folder)
        done = typed(*words, cwd=folder)

    assert interrupted.returncode == 130
    assert f"The plan is {Path('stopped') / file.name}: check, compare and plan take it." in interrupted.stderr
    assert "the same command goes on from there" in interrupted.stderr
    assert checked.returncode == 0, checked.stderr
    assert plan.levers.districts[-1] == 7.0 and "second look" in plan.description
    assert done.returncode == 0, done.stderr
    assert not file.exists() and (folder / "stopped" / "plan.toml").exists()


def test_a_target_out_of_reach_is_said_with_how_near_plans_come_and_ends_with_two(folder):
    with mock.patch.multiple("qicsim.decide.search.best", QUICK_PLANS=12, QUICK_LOOK=8):
        found = typed("best", "--reach", "true_80=1 by 2028", "--data", ".", "--quick", "--free", "coaches", "visits",
                      "--out", "beyond", cwd=folder)

    assert found.returncode == 2, found.stderr
    said = found.stdout.replace("\u00a0", " ")
    assert said.startswith("No plan that was found reaches the target in 80 % of draws; the likeliest reaches it in 0")
    assert "100 % or more by the end of 2028: no plan that was found reaches it in 50 % of draws." in said
    assert {"best.html", "plan.toml", "least.csv"} <= {file.name for file in (folder / "beyond").iterdir()}


def test_all_levers_fixed_leave_nothing_to_search(folder):
    levers = ("support=true", "districts=7", "pace=1", "coaches=2", "coach_training=12", "visits=1", "maintenance=0",
              "mentoring=0", "sessions=1", "virtual=0", "exchanges=0", "programme_months=24", "cycle_months=12",
              "topics=team", "reenrol=never", "order=plan", "budget=1e12")

    refused = typed("best", "--money", "1e6", *(word for one in levers for word in ("--fix", one)), "--data", ".",
                    "--out", "refused", cwd=folder)

    assert refused.returncode == 2
    assert "every lever is fixed, so that nothing is left to search" in refused.stderr


@pytest.mark.parametrize(("words", "message"), [
    ((), "--money: is missing, and so is a target"), (("--money", "0"), "--money: 0"),
    (("--money", "much"), '--money: "much" is no number'), (("--money", "1e6", "--goal", "truth"), "--goal"),
    (("--money", "1e6", "--risk", "20"), "--risk: 20 is out of range"),
    (("--money", "1e6", "--reach", "true_80=0.3"), '--reach: "true_80=0.3" is no target'),
    (("--reach", "true_80=30 by 2032"), "--reach: 30 is no share"),
    (("--reach", "true_80=0.3 by 2050"), "--reach: 2050"),
    (("--money", "1e6", "--from", "2024"), "--from: 2024"),
    (("--money", "1e6", "--free", "coach"), '--free: "coach" is not a lever that is searched'),
    (("--money", "1e6", "--free", "pbf_size"), '--free: "pbf_size" cannot be searched'),
    (("--money", "1e6", "--fix", "coachs=2"), '--fix: "coachs" is not a lever'),
    (("--money", "1e6", "--free", "coaches", "--fix", "coaches=2"), '--free: "coaches" is fixed too'),
    (("--money", "1e6", "--money-is", "mine"), "--money-is"),
    (("--money", "1e6", "--perspective", "donors"), 'Did you mean "donor"?'),
    (("--money", "1e6", "--money-year", "2020"), "--money-year: 2020"),
    (("--money", "1e6", "--prices", "none.csv"), "none.csv: cannot be read")])
def test_what_cannot_be_meant_is_refused_in_clear_words(folder, words, message):
    refused = typed("best", *words, "--data", ".", "--out", "refused", cwd=folder)

    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr


def test_choices_are_those_of_the_search_and_an_interrupted_search_goes_on():
    assert budget.MONEY == MONEY
    assert (question.LEAST_MONEY, question.MOST_MONEY) == AMOUNTS
    assert tuple(question.GOALS) == GOALS
    assert "best" in GO_ON
