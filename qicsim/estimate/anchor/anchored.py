"""Effects fitted to trials: the bank is simulated, studies are read at their designs, rows are weighted and drawn.

    1. reference trials under draws of all priors                        `reference_trial`
    2. each study at its own month, dose and end of support              `designs`
    3. the synthesis of what studies would have found at the reference   `evidence`
    4. weights of rows, and rows of equal weight                         `weights`
    5. fresh trials of these rows with other parameters, settings and luck, held against what was wanted

A study that is struck from the table changes 2 to 5, and no run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qicsim.estimate.anchor.designs import Design, at_reference, design_of, ratio_of
from qicsim.estimate.anchor.national import National, national_effects
from qicsim.estimate.anchor.reference_trial import (
    EFFICACY,
    REFERENCE,
    REFERENCE_MONTH,
    SPREAD,
    Arm,
    Progress,
    ReferenceTrial,
    Trials,
)
from qicsim.estimate.anchor.weights import Weighted, equal_rows, weigh
from qicsim.estimate.evidence.rules import RULES, Readings, enough, readings, rule_named
from qicsim.estimate.evidence.summary import Fit, fitted
from qicsim.estimate.evidence.synthesis import QUANTILES
from qicsim.estimate.evidence.trials import Trial, read_trials, struck
from qicsim.ground.priors import Beta
from qicsim.inputs.country import home
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.modules import EFFECTS
from qicsim.runs.store import Store

ALTERNATIVES = ("R10", "W", "charts")
RUNS, ROWS, CHECKS, ARM_ROWS, NATIONAL_ROWS = 20_000, 4096, 512, 512, 64
MINISTRY = Beta(6.0, 2.0)
"""What programmes that a ministry runs keep of a trial's effect: a judgement, held against the national plan."""
MINISTRY_RANGE = tuple(MINISTRY.ppf(np.array([0.05, 0.95])).tolist())
SHARES = (0.05, 0.5, 0.95)
SETTINGS, FRESH = 17, 1_000_003
"""Parts of seeds: of settings, and of what is drawn afresh to check the rows."""


def effect_parameters() -> tuple[str, ...]:
    """Names of the parameters of effects, in the order of the model's."""
    return EFFECTS.of(names())


@dataclass(frozen=True, eq=False)
class Anchor:
    """Effects under one rule.

    designs, ratios  of the studies, and what their design does to the effect
    fit              the synthesis at the reference design
    weighted         weights of the bank's rows
    drawn            rows of equal weight, (rows, parameters of effects)
    checked          quantiles of the effect in fresh trials; `little_checked` the share of them below a point
    """

    rule: str
    designs: tuple[Design, ...]
    ratios: np.ndarray
    before: Readings
    fit: Fit
    weighted: Weighted
    drawn: np.ndarray
    checked: np.ndarray
    little_checked: float
    national_share: float


@dataclass(frozen=True, eq=False)
class Anchored:
    """Effects under the chosen rule and the alternatives, and what they come to in a national plan."""

    anchors: tuple[Anchor, ...]
    parameters: tuple[str, ...]
    prior: np.ndarray
    bank: Trials
    runs: int
    checks: int
    seed: int
    without: tuple[str, ...]
    national: National

    @property
    def chosen(self) -> Anchor:
        """Effects under the chosen rule."""
        return self.anchors[0]

    def levels(self, one: Anchor) -> tuple[np.ndarray, np.ndarray]:
        """5, 50 and 95 % points of each parameter of effects before and after, (3, parameters) each."""
        return np.quantile(self.prior, SHARES, axis=0), np.quantile(one.drawn, SHARES, axis=0)


@dataclass(frozen=True, eq=False)
class Bank:
    """Simulated trials of prior draws, (runs, ...) each, and of some of them in other arms."""

    trial: ReferenceTrial
    values: np.ndarray
    z: np.ndarray
    seed: int
    reference: Trials
    progress: Progress | None

    @staticmethod
    def of(store: Store, runs: int, *, seed: int = 1, workers: int | None = None, progress: Progress | None = None
           ) -> Bank:
        """Simulate, or find in the store; a larger bank begins with the smaller one."""
        trial = ReferenceTrial.of(store, workers=workers)
        values, z = prior_draws(runs, seed).values, settings(runs, seed)
        return Bank(trial, values, z, seed, trial.run(values, z, seed=seed, progress=progress), progress)

    def arm(self, arm: Arm) -> Trials:
        """The first trials of the bank in another arm."""
        some = slice(min(ARM_ROWS, len(self.values)))
        if arm == REFERENCE:
            return self.reference.rows(some)
        return self.trial.run(self.values[some], self.z[some], seed=self.seed, arm=arm, progress=self.progress,
                              what=f"trials with {arm.visits:g} visits a month for {arm.support_months} months")

    def ratios(self, designs: Sequence[Design]) -> np.ndarray:
        """What each design does to the effect."""
        arms = {arm: self.arm(arm) for arm in sorted({REFERENCE, *(design.arm for design in designs)})}
        return np.array([ratio_of(design, arms[design.arm], arms[REFERENCE]) for design in designs])


def settings(n: int, seed: int) -> np.ndarray:
    """Settings of trials, standard normal (n,): how a district's efficacy differs from its nation's."""
    drawn: np.ndarray = np.random.default_rng((seed, SETTINGS)).standard_normal(n)
    return drawn


def anchor(store: Store, *, rule: str = RULES[0].key, without: Sequence[str] = (),
           trials: Path | str | Sequence[Trial] | None = None, runs: int = RUNS, checks: int = CHECKS,
           national_rows: int = NATIONAL_ROWS, seed: int = 1, workers: int | None = None,
           progress: Progress | None = None) -> Anchored:
    """Effects from trials.

    Args:
        store: where simulated trials are kept and found again.
        rule: how studies are read; the alternatives R10, W and charts are worked out as well.
        without: keys of studies that are struck out.
        trials: a table of studies, or its rows (default: the shipped one).
        runs: rows of the bank.
        checks: fresh trials for each rule.
        national_rows: rows that are run in the national plan.
        seed: fixes draws, settings and luck.
        workers: how many trials at a time (default: one for each core).
        progress: called with what is simulated, how much of it is done, and how much there is.

    Raises:
        DataError, SettingError: as `evidence`.
    """
    whole = read_trials(trials) if trials is None or isinstance(trials, Path | str) else tuple(trials)
    kept = struck(whole, without)
    found = [enough(readings(rule_named(key), kept)) for key in dict.fromkeys((rule, *ALTERNATIVES))]
    bank = Bank.of(store, runs, seed=seed, workers=workers, progress=progress)
    anchors = tuple(_anchored(one, bank, checks) for one in found)
    columns = _columns()
    rows = joined(anchors[0].drawn, national_rows, seed)
    plan, teams = national_effects(rows, seed=seed, workers=workers, progress=progress)
    trial = bank.trial.run(rows, rows[:, names().index(SPREAD)] / 2.0, seed=seed, progress=progress,
                           what="reference trials beside national plans")
    return Anchored(anchors, effect_parameters(), bank.values[:, columns], bank.reference, runs, checks, seed,
                    tuple(without), National(home().plan, plan, trial.at(REFERENCE_MONTH), teams))


def joined(values: np.ndarray, n: int, seed: int) -> np.ndarray:
    """`n` draws of all parameters: those of effects from rows (m, parameters of effects) by chance, the rest prior."""
    drawn = prior_draws(n, seed + FRESH).values
    drawn[:, _columns()] = values[np.random.default_rng((seed, FRESH)).integers(0, len(values), n)]
    return drawn


def _columns() -> list[int]:
    return [names().index(name) for name in effect_parameters()]


def _anchored(found: Readings, bank: Bank, checks: int) -> Anchor:
    """Effects under one rule."""
    designs = tuple(design_of(trial) for trial in found.trials)
    ratios = bank.ratios(designs)
    fit = fitted(at_reference(found, ratios))
    effect, works = bank.reference.at(REFERENCE_MONTH), bank.values[:, names().index(EFFICACY)] > 0.0
    weighted = weigh(bank.values[:, _columns()], effect, works, fit.spike)
    values = bank.values[equal_rows(weighted.weights, min(ROWS, len(effect)))][:, _columns()]
    rows = joined(values, checks, bank.seed)
    fresh = bank.trial.run(rows, settings(checks, bank.seed + FRESH), seed=bank.seed + 1, progress=bank.progress,
                           what=f"fresh trials of rule {found.rule.key}").at(REFERENCE_MONTH)
    fresh = fresh * (rows[:, names().index(EFFICACY)] > 0.0)
    return Anchor(found.rule.key, designs, ratios, found, fit, weighted, values, np.quantile(fresh, QUANTILES),
                  float((fresh < 1.0).mean()), _national_share(values))


def _national_share(values: np.ndarray) -> float:
    """Share of the variance of log efficacy that lies between nations, among rows that work."""
    efficacy, spread = (values[:, effect_parameters().index(name)] for name in (EFFICACY, SPREAD))
    works = efficacy > 0.0
    between = float(np.log(efficacy[works]).var())
    return between / (between + float((spread[works]**2).mean()))
