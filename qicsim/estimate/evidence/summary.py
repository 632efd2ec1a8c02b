"""The whole synthesis in one call: what a new programme does, under every rule, and how it hangs on each study."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.estimate.evidence.others import (
    Breadth,
    Left,
    Retention,
    breadth,
    left_after_end,
    retention,
    used_for_retention,
)
from qicsim.estimate.evidence.rules import (
    FEWEST,
    RULES,
    SENSITIVITIES,
    Readings,
    Rule,
    enough,
    readings,
    rule_named,
)
from qicsim.estimate.evidence.synthesis import (
    QUANTILES,
    WITHOUT_SPIKE,
    Pooled,
    Prediction,
    pooled,
    posterior,
)
from qicsim.estimate.evidence.trials import Trial, read_trials, struck
from qicsim.ground.shown import Face, Shown

if TYPE_CHECKING:
    import pandas as pd

TABLES = ("studies", "rules", "leave_one_out", "predictive")
SHOWN = ("key", "name", "set", "facilities_intervention", "facilities_control", "months", "support_months",
         "visits_month", "start_level", "size_known", "se_known", "grade", "source", "derivation", "correction")


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Shown):
    """The synthesis under one rule; what a new programme does is worked out when it is first asked for."""

    readings: Readings
    pooled: Pooled

    @cached_property
    def spike(self) -> Prediction:
        """A new programme, with a mass at zero."""
        return posterior(self.readings.effect, self.readings.error)

    @cached_property
    def plain(self) -> Prediction:
        """A new programme, without a mass at zero."""
        return posterior(self.readings.effect, self.readings.error, WITHOUT_SPIKE)

    @cached_property
    def spike_quantiles(self) -> np.ndarray:
        """5, 25, 50, 75 and 95 % points of a new programme, with a mass at zero."""
        return self.spike.quantile(np.array(QUANTILES))

    @cached_property
    def plain_quantiles(self) -> np.ndarray:
        """The same points without a mass at zero."""
        return self.plain.quantile(np.array(QUANTILES))

    @property
    def rule(self) -> Rule:
        """How the studies were read."""
        return self.readings.rule

    @property
    def weight(self) -> np.ndarray:
        """What each study weighs in the mean, (studies,), adding up to 1."""
        precision: np.ndarray = 1.0 / (self.readings.error**2 + self.pooled.tau**2)
        return precision / precision.sum()

    @property
    def mean_months(self) -> float:
        """The month in which effects were read, by weight, of the studies that say it; NaN where none does."""
        months = np.array([trial.months for trial in self.readings.trials])
        known = np.isfinite(months)
        return float(np.average(months[known], weights=self.weight[known])) if known.any() else math.nan

    @property
    def spike_factor(self) -> float:
        """Logarithm of the Bayes factor for a mass at zero against none: above 0 the studies ask for it."""
        return self.spike.log_evidence - self.plain.log_evidence

    @property
    def assumed_errors(self) -> int:
        """How many standard errors are assumed."""
        return sum(trial.se_known == "assumed" for trial in self.readings.trials)


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Shown):
    """What the studies say.

    fit            under the chosen rule
    fits           under every rule and sensitivity that has enough studies, in their order
    leave_one_out  the synthesis without each study, by its key
    retention      of the studies that are used for it; `retention_all` of every study that counted teams
    """

    trials: tuple[Trial, ...]
    without: tuple[str, ...]
    fit: Fit
    fits: tuple[Fit, ...]
    leave_one_out: dict[str, Fit]
    retention: Retention | None
    retention_all: Retention | None
    left: tuple[Left, ...]
    breadth: tuple[Breadth, ...]

    def face(self) -> Face:
        """How many studies, and the synthesis under each rule."""
        return Face(f"Evidence: {len(self.fit.readings.trials)} studies under rule {self.fit.rule.key}",
                    (f"Mean effect {self.fit.pooled.mean:.3f}, between programmes {self.fit.pooled.tau:.3f} (sd).",),
                    self.tables()["rules"])

    def under(self, rule: str) -> Fit | None:
        """The synthesis under a rule by its key; None where it has too few studies."""
        return next((fit for fit in self.fits if fit.rule.key == rule), None)

    @property
    def extremes(self) -> tuple[str, str]:
        """The studies without which the mean is lowest, and highest."""
        ordered = sorted(self.leave_one_out, key=lambda key: self.leave_one_out[key].pooled.mean)
        return ordered[0], ordered[-1]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by its name: studies, rules, leave_one_out, predictive."""
        import pandas as pd

        rows = {"studies": _study_rows(self.fit), "rules": [_rule_row(fit) for fit in self.fits],
                "leave_one_out": [{"without": key} | _mean_row(fit.pooled) | _left_out_row(fit)
                                  for key, fit in self.leave_one_out.items()],
                "predictive": [row for fit in self.fits for row in _prediction_rows(fit)]}
        return {name: pd.DataFrame(rows[name]) for name in TABLES}


def evidence(rule: str = RULES[0].key, *, without: Iterable[str] = (),
             trials: Path | str | Sequence[Trial] | None = None) -> Evidence:
    """What a new programme does on the topic that it works on, from controlled studies of others.

    Args:
        rule: how studies are read (`qicsim.estimate.evidence.rules`); G by default.
        without: keys of studies that are struck out.
        trials: a table like the shipped one, or its studies.

    Raises:
        DataError: with every fault of the table.
        SettingError: for an unknown rule or study, and where too few studies are left.
    """
    chosen = rule_named(rule)
    whole = read_trials(trials) if trials is None or isinstance(trials, Path | str) else tuple(trials)
    keys = (without,) if isinstance(without, str) else tuple(without)
    kept = struck(whole, keys)
    fit = fitted(enough(readings(chosen, kept)))
    others = [readings(other, kept) for other in (*RULES, *SENSITIVITIES) if other is not chosen]
    fits = {one.rule.key: one for one in (fit, *(fitted(found) for found in others if len(found.trials) >= FEWEST))}
    left_out = [fit.readings.without(trial.key) for trial in fit.readings.trials]
    return Evidence(
        kept, keys, fit, tuple(fits[other.key] for other in (*RULES, *SENSITIVITIES) if other.key in fits),
        {trial.key: fitted(found) for trial, found in zip(fit.readings.trials, left_out, strict=True)
         if len(found.trials) >= FEWEST},
        retention(used_for_retention(kept)), retention(kept), left_after_end(kept), breadth(kept))


def fitted(found: Readings) -> Fit:
    """The synthesis of what a rule read."""
    return Fit(found, pooled(found.effect, found.error))


def _study_rows(fit: Fit) -> list[dict[str, Any]]:
    return [{"key": trial.key, "effect": effect, "se": error, "weight": share}
            | {name: getattr(trial, name) for name in SHOWN[1:]}
            for trial, effect, error, share in zip(fit.readings.trials, fit.readings.effect, fit.readings.error,
                                                   fit.weight, strict=True)]


def _mean_row(found: Pooled) -> dict[str, Any]:
    return {"studies": found.k, "mean": found.mean, "low": found.low, "high": found.high, "tau": found.tau}


def _rule_row(fit: Fit) -> dict[str, Any]:
    return {"rule": fit.rule.key, "meaning": fit.rule.meaning, **_mean_row(fit.pooled),
            "assumed_errors": fit.assumed_errors, "log_bayes_factor_of_mass": fit.spike_factor}


def _left_out_row(fit: Fit) -> dict[str, float]:
    middle = QUANTILES.index(0.5)
    return {"median_new": fit.spike_quantiles[middle], "below_1_new": fit.spike.little,
            "median_new_without_mass": fit.plain_quantiles[middle], "below_1_new_without_mass": fit.plain.little}


def _prediction_rows(fit: Fit) -> list[dict[str, Any]]:
    """A row with a mass at zero and one without, each before and after the cut at zero."""
    return [{"rule": fit.rule.key, "mass_at_zero": mass, "no_effect": found.null,
             **{f"q{100 * share:02.0f}": value for share, value in zip(QUANTILES, levels, strict=True)},
             **{f"q{100 * share:02.0f}_cut": max(value, 0.0) for share, value in zip(QUANTILES, levels, strict=True)},
             "below_0": found.harm, "none_or_less": found.nothing, "below_1": found.little, "mean": found.mean,
             "mean_cut": found.mean_after_cut, "shift_of_mean": found.mean_after_cut - found.mean}
            for mass, found, levels in (("yes", fit.spike, fit.spike_quantiles),
                                        ("no", fit.plain, fit.plain_quantiles))]
