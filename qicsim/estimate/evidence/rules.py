"""Rules that turn studies into effects with standard errors, in points at the reference start.

The reference start is 49 per cent, the mean start of topics in the simulator's reference trial, so that the gap is 51
points. Under rule G a study says which share of its gap was closed, and an effect is that share of 51 points. In the
three trials whose outcomes are seen with their control levels the weakest practice gains most in points and closes
about the same share of its gap as the others do: weakness, and no picking of winners, explains "best" results.

G was built after R1 and others had been seen. R1 was fixed in advance and is printed beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qicsim.estimate.evidence.trials import MAIN_SETS, Trial
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.inputs.country import default_country

REFERENCE_START = 49.0
REFERENCE_GAP = 100.0 - REFERENCE_START
LARGE = 20
"""Facilities in both arms from which a study counts as large."""
FEWEST = 2
WIDER = 1.5
CHART_SD = 28.0
"""Standard deviation of gains between charts, points (Franco and Marquez 2011, 27 collaboratives): the error of a chart
whose error nobody states is this over the square root of its facilities."""
Effect = tuple[float, float]


@dataclass(frozen=True)
class Rule:
    """How studies are read: which of them, and their effect and standard error, both in points."""

    key: str
    meaning: str
    effect: Callable[[Trial], Effect]
    takes: Callable[[Trial], bool]


@dataclass(frozen=True, eq=False)
class Readings:
    """What a rule reads from the table: studies, effects and standard errors in points, (studies,) each."""

    rule: Rule
    trials: tuple[Trial, ...]
    effect: np.ndarray
    error: np.ndarray

    def without(self, key: str) -> Readings:
        """The same without one study."""
        kept = np.array([trial.key != key for trial in self.trials], bool)
        return Readings(self.rule, tuple(trial for trial in self.trials if trial.key != key), self.effect[kept],
                        self.error[kept])


def share_of_gap(trial: Trial) -> Effect:
    """The share of the gap closed, times the reference gap: of the weakest practice where its control level is seen."""
    if math.isfinite(trial.control_weak_pct):
        scale = REFERENCE_GAP / (100.0 - trial.control_weak_pct)
        return scale * trial.effect_weak_pp, scale * trial.se_weak
    scale = REFERENCE_GAP / trial.mean_gap_pp
    return scale * trial.effect_all_pp, scale * trial.se_all


def mean_practice(trial: Trial) -> Effect:
    """The mean over declared outcomes of facility practice, as it is."""
    return trial.effect_all_pp, trial.se_all


def weakest_practice(trial: Trial) -> Effect:
    """The weakest or targeted practice in points as they are, where it is seen; else the mean."""
    return (trial.effect_weak_pp, trial.se_weak) if math.isfinite(trial.effect_weak_pp) else mean_practice(trial)


def best_practice(trial: Trial) -> Effect:
    """The best of the declared outcomes, where it is seen; else the mean."""
    known = math.isfinite(trial.effect_selected_pp)
    return (trial.effect_selected_pp, trial.se_selected) if known else mean_practice(trial)


def wider(trial: Trial) -> Effect:
    """The share of the gap with a standard error of one and a half times."""
    effect, error = share_of_gap(trial)
    return effect, WIDER * error


def _main(trial: Trial) -> bool:
    return "effect" in trial.used_for


def _core(trial: Trial) -> bool:
    return _main(trial) and trial.set == MAIN_SETS[0]


def _large_and_randomised(trial: Trial) -> bool:
    return _main(trial) and trial.randomised == "yes" and trial.facilities >= LARGE


def _seen(trial: Trial) -> bool:
    return _main(trial) and trial.size_known not in {"imputed", "remembered"}


def _broad(trial: Trial) -> bool:
    return _main(trial) or ("sensitivity" in trial.used_for and trial.set == "broad")


def at_face_value(trial: Trial) -> Effect:
    """What teams measured themselves, as it is, losses among gains; its error is assumed where none is stated."""
    if math.isfinite(trial.se_all):
        return trial.effect_all_pp, trial.se_all
    return trial.effect_all_pp, CHART_SD / math.sqrt(trial.facilities_intervention)


def _charts(trial: Trial) -> bool:
    """The rows of Table 2: charts of the teams of the project."""
    return "contrast" in trial.used_for and trial.country == default_country().name


def _charts_abroad(trial: Trial) -> bool:
    return "contrast" in trial.used_for and trial.country != default_country().name


RULES = (
    Rule("G", "share of the gap closed, weakest practice where seen, at the reference start", share_of_gap, _main),
    Rule("R1", "mean over declared practices, points as they are (fixed in advance)", mean_practice, _main),
    Rule("R10", f"R1, randomised studies with {LARGE} facilities or more (the sceptic)", mean_practice,
         _large_and_randomised),
    Rule("W", "weakest or targeted practice, points as they are (the optimist)", weakest_practice, _main),
    Rule("best", "best of the declared outcomes: a bound, not an estimate", best_practice, _main),
    Rule("charts", "charts of the project's teams at face value (Table 2, five rows): no control, a claim",
         at_face_value, _charts))
"""Readings of the evidence; the first is used."""
SENSITIVITIES = (
    Rule("G-core", "G, collaboratives and CQI only", share_of_gap, _core),
    Rule("R3", "R1, collaboratives and CQI only", mean_practice, _core),
    Rule("R1-seen", "R1 without imputed or remembered sizes", mean_practice, _seen),
    Rule("R1-broad", "R1 with two hospital programmes of China and Brazil", mean_practice, _broad),
    Rule("G-wider", f"G, standard errors times {WIDER:g}", wider, _main),
    Rule("charts-abroad", "charts of teams elsewhere, two rows: a claim; the prediction is mostly the prior",
         at_face_value, _charts_abroad))
"""The same with one thing changed."""
KEYS = tuple(rule.key for rule in (*RULES, *SENSITIVITIES))


def rule_named(key: str) -> Rule:
    """The rule of a key; SettingError with the nearest one if there is none."""
    for rule in (*RULES, *SENSITIVITIES):
        if rule.key == key:
            return rule
    raise SettingError("", [Fault("rule", f'"{key}" is not known', ", ".join(KEYS), nearest(key, KEYS))])


def readings(rule: Rule, trials: Sequence[Trial]) -> Readings:
    """The studies that a rule takes, in the order of their keys, so that the order of the table cannot matter."""
    taken = tuple(sorted(filter(rule.takes, trials), key=lambda trial: trial.key))
    pairs = np.array([rule.effect(trial) for trial in taken], float).reshape(len(taken), 2)
    return Readings(rule, taken, pairs[:, 0], pairs[:, 1])


def enough(found: Readings) -> Readings:
    """The readings; SettingError where there are too few to join."""
    if len(found.trials) < FEWEST:
        raise SettingError("", [Fault("rule", f'"{found.rule.key}" takes {len(found.trials)} of the studies',
                                      f"{FEWEST} or more")])
    return found
