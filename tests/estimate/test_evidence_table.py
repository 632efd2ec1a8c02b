"""The table of studies: what is shipped, and every fault by line and column; one fact enters once."""

from __future__ import annotations

import csv
import io
import math

import pytest

from qicsim.estimate.evidence.rules import RULES, readings
from qicsim.estimate.evidence.trials import COLUMNS, NUMBERS, Trial, read_trials, struck
from qicsim.ground.errors import DataError, SettingError
from qicsim.ground.files import shipped_path

SHIPPED = shipped_path("calibration", "trials.csv")
ROWS = list(csv.DictReader(io.StringIO(SHIPPED.read_text(encoding="utf-8"))))
LINES = {row["key"]: line for line, row in enumerate(ROWS, start=2)}


@pytest.fixture(scope="module")
def trials():
    return {trial.key: trial for trial in read_trials()}


def table_with(tmp_path, key, cells):
    """The shipped table with other cells in one row."""
    path = tmp_path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | (cells if row["key"] == key else {}) for row in ROWS)
    return path


# ---------------------------------------------------------------------------------------------------------- shipped


def test_fifteen_studies_are_used_for_effect(trials):
    used = {key for key, trial in trials.items() if "effect" in trial.used_for}

    assert used == {"equip_tz", "equip_ug", "scsl_in", "ljm_ng", "monarch_za", "saia", "up_pcmc", "betterbirth",
                    "bihar", "sbmr_et", "mnh_tz", "kenya_hosp", "safecare_tz", "suthi_za", "bhoma_zm"}
    assert used == {key for key, trial in trials.items() if trial.set in {"core", "indirect"}}


def test_decay_and_retention_come_from_facts_that_are_used_for_nothing_else(trials):
    used = {use: {key for key, trial in trials.items() if use in trial.used_for} for use in ("decay", "retention")}

    assert used == {"decay": {"bihar", "smc_ng"}, "retention": {"abc_rw", "idcap_ug", "monarch_za"}}
    assert trials["bihar"].left_low == pytest.approx(8.9 / 14.0, abs=5e-4)
    assert trials["scsl_in"].used_for == trials["betterbirth"].used_for == ("effect",)


def test_what_is_assumed_remembered_or_corrected_is_visible(trials):
    assert {key for key, trial in trials.items() if trial.size_known in {"imputed", "remembered"}} == {
        "scsl_in", "mnh_tz", "safecare_tz"}
    assert "MEMORY" in trials["safecare_tz"].seen
    assert "ASSUMED" in trials["equip_tz"].correction
    assert all(trial.correction for trial in trials.values() if "effect" in trial.used_for)
    assert "reported: no evidence" in trials["equip_tz"].derivation


def test_what_simulating_a_trial_needs_is_there(trials):
    assert (trials["betterbirth"].support_months, trials["betterbirth"].months) == (8.0, 12.0)
    assert trials["suthi_za"].visits_month == 1.4
    assert trials["bhoma_zm"].facilities == 44.0
    assert trials["kenya_hosp"].start_level == pytest.approx(67.8)


def test_self_measured_changes_are_shown_and_used_for_nothing(trials):
    charts = {key: trial.used_for for key, trial in trials.items() if trial.measured == "self"}

    assert len(charts) == 7
    assert set(charts.values()) == {("contrast",)}


def test_every_column_is_a_field(trials):
    assert tuple(Trial.__dataclass_fields__) == COLUMNS
    assert {column for column in COLUMNS if isinstance(getattr(trials["saia"], column), float)} == set(NUMBERS)


# ----------------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(("key", "cells", "expected"), [
    ("saia", {"used_for": "efect"}, 'used_for: "efect" is not known. Allowed: effect, decay,'),
    ("saia", {"used_for": "efect"}, 'none. Did you mean "effect"?'),
    ("saia", {"used_for": "effect; effect"}, 'used_for: "effect" stands twice. Allowed: each once: a fact enters'),
    ("saia", {"used_for": "effect; none"}, 'used_for: "effect; none" contradicts itself.'),
    ("saia", {"used_for": ""}, "used_for: is empty. Allowed: text."),
    ("saia", {"se_all": "-1"}, "se_all: -1 is out of range. Allowed: 0.001 to 100."),
    ("saia", {"se_all": ""}, "se_all: is empty. Allowed: a value, as the row is used for effect."),
    ("saia", {"effect_all_pp": "6,7"}, 'effect_all_pp: "6,7" is not a number. Allowed: -100 to 100.'),
    ("saia", {"se_weak": ""}, "se_weak: is empty. Allowed: a value, as the row is used for effect."),
    ("saia", {"effect_weak_pp": ""}, "effect_weak_pp: is empty, and control_weak_pct is not. Allowed: both,"),
    ("saia", {"control_weak_pct": "100"}, "control_weak_pct: 100 is out of range. Allowed: 0 to 99."),
    ("saia", {"set": "broad"}, 'set: "broad" is no set of studies used for effect. Allowed: core, indirect.'),
    ("saia", {"size_known": "sen"}, 'size_known: "sen" is not known. Allowed: seen, partly, imputed, remembered.'),
    ("saia", {"measured": "self"}, "used_for: measured by the teams themselves, and used for effect."),
    ("saia", {"grade": "Z"}, 'grade: "Z" is not known.'),
    ("smc_ng", {"left_low": "0.5"}, "left_low: 0.5 is above left_high. Allowed: 0 to 0.15."),
    ("smc_ng", {"left_months": ""}, "left_months: is empty. Allowed: a value, as the row is used for decay."),
    ("abc_rw", {"teams_stayed": "27"}, "teams_stayed: 27 of 26 teams. Allowed: at most all teams."),
    ("betterbirth", {"used_for": "effect; decay", "left_low": "0.57", "left_high": "0.57", "left_months": "4"},
     "used_for: the effect was read in month 12 and support ended in month 8: effect and decay are one fact."),
    ("scsl_in", {"used_for": "effect; retention"}, "the effect was imputed: effect and retention are one fact."),
    ("saia", {"study": "SUTHI (QI collaborative for HIV-TB care)", "country": "South Africa"},
     '"SUTHI (QI collaborative for HIV-TB care)" in South Africa is used for effect on line'),
    ("saia", {"key": "bihar"}, 'key: "bihar" stands on line'),
])
def test_a_fault_is_one_line_with_place_value_and_what_is_allowed(tmp_path, key, cells, expected):
    with pytest.raises(DataError) as refused:
        read_trials(table_with(tmp_path, key, cells))

    (line,) = [line for line in str(refused.value).splitlines() if expected in line]
    where = LINES["suthi_za"] if "study" in cells else LINES["bihar"] if "key" in cells else LINES[key]
    assert line.startswith(f"{tmp_path / 'trials.csv'}: line {where}, ")


def test_safe_care_india_may_be_used_for_retention_instead(tmp_path):
    found = read_trials(table_with(tmp_path, "scsl_in", {"used_for": "retention"}))

    assert len(readings(RULES[0], found).trials) == 14


def test_a_table_without_a_column_is_refused(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("key,study\na,b\n", encoding="utf-8")

    with pytest.raises(DataError, match='line 1: the column "country" is missing'):
        read_trials(path)


def test_an_unknown_study_gets_the_nearest_name(trials):
    with pytest.raises(SettingError, match=r'"beterbirth" is no study.*Did you mean "betterbirth"\?'):
        struck(tuple(trials.values()), ["beterbirth"])


def test_names_are_short_enough_for_a_figure(trials):
    assert trials["suthi_za"].name == "SUTHI, South Africa 2021"
    assert trials["saia"].name == "SAIA systems engineering, 3 countries 2016"
    assert math.isnan(trials["equip_tz"].facilities)
