"""Descriptions are made from declarations, and can be read as they stand."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from qicsim.cli.options import TOPICS
from qicsim.ground.declare import GRADES, Beta, LogNormal, Normal, Parameter, declared
from qicsim.ground.errors import SettingError
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import shipped
from qicsim.model.parameters import Parameters
from qicsim.model.sources import sources
from qicsim.report.describe import (
    AS_PROPOSED,
    ODD,
    describe,
    prior_in_words,
    proposals,
    topics,
    update_odd,
    with_tables,
)

LISTING = default_country().listing


def test_the_command_line_offers_every_topic():
    assert topics() == TOPICS


@pytest.mark.parametrize("topic", topics())
def test_every_topic_ends_in_one_line_feed_and_its_tables_are_rectangular(topic):
    text = describe(topic)
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]

    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert all(len({len(line) for line in block}) == 1 for block in blocks)


def test_an_unknown_topic_is_refused_with_the_nearest_name():
    with pytest.raises(SettingError, match='"lever" is not a topic. Allowed: parameters, .* Did you mean "levers"'):
        describe("lever")


@pytest.mark.parametrize(("prior", "low", "high", "words"), [
    (LogNormal(0.14, 0.35), 0.02, 0.4, "LogNormal(median 0.14, sigma 0.35) cut to 0.02-0.4"),
    (Beta(3.0, 12.0), 0.0, 1.0, "Beta(a 3, b 12) within 0-1"),
    (Normal(0.02, 0.03), -0.1, 0.2, "Normal(mean 0.02, sd 0.03) cut to -0.1 to 0.2"),
])
def test_a_prior_is_told_in_words(prior, low, high, words):
    assert prior_in_words(Parameter("rate", "1/month", low, high, prior, "assumption", "A")) == words


def test_a_parameter_is_shown_with_its_interval_source_and_grade():
    row = next(line for line in describe("parameters").splitlines() if line.startswith("| `assessment.hawth`"))

    assert [cell.strip() for cell in row.split("|")][3:9] == [
        "points", "13", "Normal(mean 13, sd 5) cut to 0-30", "4.98-21.2", "leonard-2006", "Mod"]
    assert "- leonard-2006: Leonard K, Masatu MC (2006). " in describe("parameters")


def test_every_prior_stands_beside_what_the_review_proposed_with_source_grade_and_reason():
    leaves = declared(Parameters)

    assert list(proposals()) == list(leaves)
    for path, said in proposals().items():
        declaration = leaves[path].declaration
        assert declaration.source in sources(), path
        assert declaration.grade in GRADES, path
        assert len(said.why) >= len(AS_PROPOSED), path
        assert bool(said.basis) == bool(said.basis_grade) == bool(said.proposed_as), path
        assert said.proposed_as or said.why.startswith("not proposed"), path
        if said.why == AS_PROPOSED:
            assert float(said.central) == leaves[path].default, path


def test_defaults_lie_in_the_middle_half_of_their_priors_or_the_table_says_why_not():
    for path, leaf in declared(Parameters).items():
        central = 0.25 <= float(leaf.declaration.below(leaf.default)) <= 0.75

        assert central != bool(proposals()[path].default), path


def test_a_prior_and_its_proposal_are_one_row():
    row = next(line for line in describe("priors").splitlines() if line.startswith("| `team.h_drop`"))

    assert [cell.strip() for cell in row.split("|")][2:8] == [
        "0.03", "50 %", "LogNormal(median 0.03, sigma 1.2) cut to 0-0.5", "zamboni-2021", "W",
        "`h_drop` 0.04 (0.01-0.10), LogNormal"]
    assert "- `rollout.join_hazard`: " in describe("priors")


def test_a_choice_is_shown_by_its_word():
    row = next(line for line in describe("levers").splitlines() if line.startswith("| `schedule`"))

    assert [cell.strip() for cell in row.split("|")][4:6] == ["none, linear, threshold, tiered", "tiered"]


def test_the_schedule_is_numbered_through_and_says_what_each_step_does():
    text = describe("schedule")

    assert "\n4. `look_at`: The month's scalars.\n" in text
    assert text.index("`share_visits`") < text.index("`improve_by_pdsa`") < text.index("`hold_round`")


def test_every_shipped_scenario_is_described():
    described = describe("scenarios")

    assert all(f"- `{name}`: " in described for name in LISTING)


def test_the_calendar_of_the_past_in_the_odd_is_that_of_the_reference():
    """Every month of a change, and the amounts that a reader needs, stand there."""
    whole = ODD.read_text(encoding="utf-8")
    first, last = whole.index("**Scenario calendar of the past**"), whole.index("<!-- table: scenarios")
    said = " ".join(whole[first:last].split())
    file = tomllib.loads(shipped()["reported"].read_text(encoding="utf-8"))
    start, changes = file["levers"], {block["from"]: block for block in file["change"]}
    told = (f"{start['coaches']} coaches a district, {start['visits']} visits a team and month",
            f"{changes['2019-01']['exchanges']} exchange visits a quarter",
            f"the ceiling is {changes['2022-01']['districts']} districts",
            f"is {start['donor_share_pbf']}, from 2022-07 {changes['2022-07']['donor_share_pbf']}.",
            f"2025-02: donors pay {changes['2025-02']['donor_share']} of it",
            f"Known until {file['horizon']['known_until']}")

    assert [month for month in changes if month not in said] == []
    assert [words for words in told if words not in said] == []


def test_a_table_is_put_between_its_marks_and_nothing_else_changes():
    before = "Levers\n<!-- table: purposes -->\nold\n<!-- end -->\nend\n"

    after = with_tables(before)

    assert after == f"Levers\n<!-- table: purposes -->\n\n{describe('purposes')}\n<!-- end -->\nend\n"
    assert with_tables(after) == after


def test_an_outdated_file_is_rewritten_once(tmp_path):
    copy = tmp_path / "ODD.md"
    copy.write_text(ODD.read_text(encoding="utf-8").replace("| franco-2011", "| nobody", 1), encoding="utf-8")

    assert update_odd(copy)
    assert not update_odd(copy)
    assert copy.read_text(encoding="utf-8") == ODD.read_text(encoding="utf-8")


def test_topics_without_parameters_leave_the_compiler_alone():
    """All in one process, which ends with the name of the first that loads the compiler."""
    code = """
import sys
from qicsim.report.describe import describe
for topic in ("levers", "areas", "schedule", "indicators", "mechanisms", "columns", "costs"):
    describe(topic)
    if "numba" in sys.modules:
        sys.exit(topic)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
