"""Checks of what ships against what is known from outside, in one table: `python -m experiments.verification checks`.

Each check has a range, fixed from the source before the model was looked at, and can fail. Misses are shown as misses;
`docs/science.md` names them, and tests/verification/test_checks.py holds each as an expected failure.

Trials are reference trials of the shipped rows of effects with fresh draws of everything else and fresh luck (as in
`qicsim anchor`); the other checks run the shipped draws.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

import qicsim
from experiments.verification import composite, incentive
from experiments.verification.common import WORKERS, ensemble, histories, shipped, trial, without_teams
from qicsim.estimate.anchor.anchored import joined, settings
from qicsim.estimate.anchor.reference_trial import EFFICACY, REFERENCE, REFERENCE_MONTH, Arm, ReferenceTrial, Trials
from qicsim.estimate.calibrate.outside_checks import Check
from qicsim.estimate.evidence.others import PAYMENT_PRIOR, left_after_end, retention
from qicsim.estimate.evidence.rules import readings, rule_named
from qicsim.estimate.evidence.synthesis import QUANTILES, pooled
from qicsim.estimate.evidence.trials import read_trials
from qicsim.ground.files import shipped_path
from qicsim.runs.draws import names
from qicsim.runs.posterior import PosteriorFile, read_posterior
from qicsim.runs.shared_store import open_store

TRIALS = 512
FRESH_SEED = 23
EARLY, LATE = 9.0, 18.0
"""Studies that were read by this month, and from this month on."""
SUPPORTED, YEAR_AFTER = 12, 24
WORKING = 1.0
"""Points on the topic from which a draw counts where a share of the effect is asked for."""
MONTHS, LAST_JOIN, TOPIC_BELOW = 27, 15, 75.0
TOLERANCE = {0.05: 2.0, 0.25: 1.0, 0.5: 1.0, 0.75: 1.0, 0.95: 2.0}


@cache
def effects() -> PosteriorFile:
    """The shipped rows of effects, with their provenance."""
    return read_posterior(shipped_path("calibration", "effects.npz"))


@cache
def fresh(arm: Arm = REFERENCE) -> tuple[Trials, np.ndarray]:
    """Fresh trials of the shipped rows in an arm, and which of the rows have any efficacy."""
    rows = joined(effects().values, TRIALS, FRESH_SEED)
    found = ReferenceTrial.of(open_store(), workers=WORKERS).run(rows, settings(TRIALS, FRESH_SEED), seed=FRESH_SEED,
                                                                 arm=arm)
    return found, rows[:, names().index(EFFICACY)] > 0.0


def trials_after_a_year() -> list[Check]:
    """Quantiles of the simulated trial in month 12, and the chance of less than a point."""
    found, works = fresh()
    effect, facts = found.at(REFERENCE_MONTH) * works, effects().provenance
    rows = [Check(f"trial, month 12, {100 * share:.0f} % point", "a new programme under rule G",
                  "qicsim anchor", wanted - TOLERANCE[share], wanted + TOLERANCE[share],
                  float(np.quantile(effect, share)), "points")
            for share, wanted in zip(QUANTILES, facts["wanted"], strict=True)]
    little = facts["below_1"]
    return [*rows, Check("trial, month 12, chance of less than a point", "a new programme under rule G",
                         "qicsim anchor", little - 0.05, little + 0.05, float((effect < 1.0).mean()), "share")]


def trials_in_time() -> list[Check]:
    """Mean effect at the months of the studies that were read early, and late, against the mean of these studies."""
    found, works = fresh()
    everything = readings(rule_named("G"), read_trials())
    months = np.array([one.months for one in everything.trials])
    rows = []
    for name, some in ((f"trial, month 6 (read by month {EARLY:.0f})", months <= EARLY),
                       (f"trial, month 24 (read from month {LATE:.0f} on)", months >= LATE)):
        mean = pooled(everything.effect[some], everything.error[some])
        model = np.mean([found.at(month) * works for month in months[some]], axis=0)
        rows.append(Check(name, f"mean of {mean.k} studies, 95 % interval, in their months", "calibration/trials.csv",
                          mean.low, mean.high, float(model.mean()), "points"))
    return rows


def decay() -> list[Check]:
    """Share of the effect left a year after support ended, in draws with an effect: both studies within reach."""
    ended, works = fresh(Arm(support_months=SUPPORTED))
    at_end = ended.at(SUPPORTED)
    some = works & (at_end >= WORKING)
    left = ended.at(YEAR_AFTER)[some] / at_end[some]
    low, middle, high = np.quantile(left, [0.05, 0.5, 0.95])
    studies = left_after_end(read_trials())
    least, most = min(one.high for one in studies), max(one.low for one in studies)
    spread = f"5-95 % {low:.2f} to {high:.2f}"
    between = "median between what two studies found left"
    return [Check("left a year after the end", between, "Nigeria, Bihar", least, most, float(middle), "share", spread),
            Check("left a year after the end, 5 % point", "reaches the study with all but nothing left", "Nigeria", 0.0,
                  least, float(low), "share"),
            Check("left a year after the end, 95 % point", "reaches the study with most left", "Bihar", most, 1.1,
                  float(high), "share")]


def teams() -> list[Check]:
    """Share of teams that stay for a year, against the prediction for a new programme with and without Safe Care."""
    stayed = fresh()[0].at(REFERENCE_MONTH, "stayed")
    low, middle, high = np.quantile(stayed, [0.05, 0.5, 0.95])
    counted, spread = read_trials(), f"5-95 % {low:.2f} to {high:.2f}"
    with_all = retention(counted)
    used = retention([one for one in counted if "retention" in one.used_for])
    return [Check("teams that stay a year, with Safe Care's", "90 % interval of a new programme", "4 studies",
                  with_all.low, with_all.high, float(middle), "share", spread),
            Check("teams that stay a year, without Safe Care's", "90 % interval of a new programme", "3 studies",
                  used.low, used.high, float(middle), "share", spread)]


def _read(facility: np.ndarray) -> np.ndarray:
    return np.column_stack([facility["quality"], facility["topic"], facility["ever"]])


@cache
def shares_of_gap() -> np.ndarray:
    """By draw: share of the gap that the weakest third of facilities closed on their topic, over that of the others."""
    scenario, draws = trial(months_on_topic=60), shipped()
    with_teams = histories(scenario, draws, _read, months=MONTHS)
    without = histories(without_teams(scenario), draws, lambda facility: facility["quality"], months=MONTHS)
    return np.array([_ratio(one, other) for one, other in zip(with_teams, without, strict=True)])


def _ratio(history: np.ndarray, other: np.ndarray) -> float:
    """Of one draw; NaN where the effect is too small for a ratio."""
    quality, topic, ever = history[:, :, :-2], history[:, :, -2], history[:, :, -1]
    first = np.where(ever.any(axis=0), ever.argmax(axis=0), MONTHS)
    rows = np.flatnonzero((first >= 1) & (first < LAST_JOIN))
    area, end = topic[first[rows], rows].astype(int), first[rows] + REFERENCE_MONTH - 1
    before = other[first[rows] - 1, rows, area]
    kept = (area >= 0) & (before < TOPIC_BELOW)
    gained = (quality[end, rows, area] - other[end, rows, area])[kept]
    before = before[kept]
    if gained.mean() < WORKING:
        return float("nan")
    weak = before <= np.quantile(before, 1.0 / 3.0)
    return float(gained[weak].sum() / (100.0 - before[weak]).sum()
                 / (gained[~weak].sum() / (100.0 - before[~weak]).sum()))


def baseline() -> list[Check]:
    """Share of the gap closed by the weakest, and the slope of the composite's gain on the baseline."""
    ratio = shares_of_gap()
    ratio = ratio[np.isfinite(ratio)]
    found = composite.measure(shipped())
    slope = found.slope[found.excess > WORKING / 2.0]
    low, high = np.quantile(ratio, [0.05, 0.95])
    return [Check("share of the gap on the topic, weakest third over the others", "about constant",
                  "5 trials: 0.29 against 0.26", 0.75, 1.5, float(np.median(ratio)), "ratio",
                  f"5-95 % {low:.2f} to {high:.2f}"),
            Check("draws in which the composite gains most where it began lowest", "the weakest gain most",
                  "Franco 2011, Ivers 2014", 0.9, 1.0, float(np.mean(slope < 0.0)), "share")]


@cache
def recorded() -> dict[str, np.ndarray]:
    """Mean recorded score at the end of years under what was reported, by draw."""
    reported = qicsim.load_scenario("reported", horizon_end="2035-12")
    values = qicsim.values(ensemble(reported, draws=shipped()), "reported", "recorded")
    return {year: values[:, 4 * (int(year) - 2018) + 3] for year in ("2021", "2026", "2035")}


def plateau() -> list[Check]:
    """Recorded scores under payment: a plateau at 60-70 by the sixth year, in seven countries."""
    found, rows = recorded(), []
    for year, said in (("2021", "sixth year of payment"), ("2026", "eleventh year"), ("2035", "twentieth year")):
        low, high = np.quantile(found[year], [0.05, 0.95])
        rows.append(Check(f"mean recorded score, {year}", f"plateau at 60-70 ({said})", "Gergen 2018, 7 countries",
                          60.0, 70.0, float(np.median(found[year])), "points", f"5-95 % {low:.0f} to {high:.0f}"))
    rise = float(np.median(found["2026"] - found["2021"]))
    return [*rows, Check("rise of the record, 2021 to 2026", "flat after a modest rise", "Gergen 2018, 7 countries",
                         -3.0, 3.0, rise, "points")]


def payment() -> list[Check]:
    """The incentive at equal money after 24 months, on true quality."""
    effect = incentive.measure(shipped()).true_sd
    low, high = np.quantile(effect, [0.05, 0.95])
    prior = PAYMENT_PRIOR
    return [Check("payment at equal money, 24 months", "0.1 SD, standard deviation 0.1", "Rwanda, Nigeria",
                  prior.mean - prior.sd, prior.mean + prior.sd, float(np.median(effect)), "SD",
                  f"5-95 % {low:.2f} to {high:.2f}")]


def every() -> dict[str, Check]:
    """Every check by its name."""
    return {one.name: one for group in GROUPS.values() for one in group()}


GROUPS = {"trials after a year": trials_after_a_year, "trials in time": trials_in_time, "decay": decay, "teams": teams,
          "baseline": baseline, "plateau": plateau, "payment": payment}
"""Checks that are measured together."""


def table() -> str:
    """Every check as a row of a Markdown table, misses in capitals."""
    lines = ["| check | what is known | source | asked | model | verdict |", "|---|---|---|---|---|---|"]
    for one in every().values():
        spread = f" ({one.spread})" if one.spread else ""
        lines.append(f"| {one.name} | {one.asked} | {one.source} | {one.low:.2f} to {one.high:.2f} {one.unit} | "
                     f"{one.found:.2f}{spread} | {'holds' if one.holds else 'MISSED'} |")
    return "\n".join(lines)


def rows() -> list[dict[str, object]]:
    """Every check as a row of a table, numbers with three digits."""
    return [one._asdict() | {name: f"{getattr(one, name):.3g}" for name in ("low", "high", "found")}
            for one in every().values()]


def write() -> Path:
    """Keep the table beside what ships; returns the file."""
    path = shipped_path("calibration") / "checks.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, Check._fields, lineterminator="\n")
        table.writeheader()
        table.writerows(rows())
    return path
