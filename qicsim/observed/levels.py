"""Levels of the recorded scores of real facilities at the last observed quarter, estimated from noisy series.

A single score is the level and several points of noise, so that the best facilities of one round are partly the lucky
ones. `estimate` separates the two (`qicsim.observed.filter`): each facility's level is drawn towards the mean of its
district and kind, the more the fewer scores it has, and carries its standard error.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from qicsim.calendar import format_month
from qicsim.errors import DataError, Fault
from qicsim.files import write_text
from qicsim.observed.filter import Panel, Spreads, fit_spreads, last_levels
from qicsim.observed.series import Series, read_series
from qicsim.observed.trend import common_trend
from qicsim.scenario.data import LEVELS, SCORES, folder_files

COLUMNS = ("facility", "month", "mean", "sd", "quarters", "observed_mean", "shrinkage")
FULL = 100.0
DIGITS = 4
ONE_SD = 0.8413


@dataclass(frozen=True, eq=False)
class LevelEstimate:
    """Levels of the recorded score at `month` (absolute): `mean`, `sd` (F,) in points.

    `quarters` (F,) counts the scores of each facility, `observed_mean` (F,) is their plain mean (nan without any),
    `shrinkage` (F,) the weight of the district's and kind's mean in the level. `spreads` are the estimated standard
    deviations; `noise_prior` is the 5, 50 and 95 % quantile of the model's own for the noise of one assessment.
    """

    facility: tuple[str, ...]
    month: int
    mean: np.ndarray
    sd: np.ndarray
    quarters: np.ndarray
    observed_mean: np.ndarray
    shrinkage: np.ndarray
    spreads: Spreads
    noise_prior: tuple[float, float, float]

    def sentence(self) -> str:
        """The noise that the scores show, beside what the model takes for granted."""
        low, middle, high = self.noise_prior
        return (f"One assessment scatters by {self.spreads.noise:.1f} points around a facility's level (the model's "
                f"prior: {middle:.1f}, 90 % interval {low:.1f}-{high:.1f}); levels drift apart by "
                f"{self.spreads.walk:.1f} points a quarter; facilities of one district differ by "
                f"{self.spreads.spread:.1f} points and districts by {self.spreads.district:.1f} (SD).")


def estimate(series: Series) -> LevelEstimate:
    """The levels of series of scores; DataError when there is no score at all."""
    if np.all(np.isnan(series.scores)):
        raise DataError(series.source, [Fault("", "holds no total score", "at least one")])
    trend, (low, middle, high) = common_trend(series.scores), noise_quantiles(0.05, 0.5, 0.95)
    panel = Panel(series.scores - trend.common, series.kind, series.district)
    at_one_sd = noise_quantiles(1.0 - ONE_SD, 0.5, ONE_SD)
    spreads = fit_spreads(panel, math.log(at_one_sd[1]), 0.5 * math.log(at_one_sd[2] / at_one_sd[0]))
    found = last_levels(panel, spreads)
    counts = np.count_nonzero(~np.isnan(series.scores), axis=1)
    means = np.where(counts > 0, np.nansum(series.scores, axis=1) / np.maximum(counts, 1), np.nan)
    return LevelEstimate(series.facility, series.month, np.clip(found.mean, 0.0, FULL),
                         np.sqrt(found.sd**2 + trend.variance), counts, means,
                         found.shrinkage, spreads, (low, middle, high))


def noise_quantiles(*probabilities: float) -> tuple[float, ...]:
    """Quantiles of the model's own prior for the noise of one assessment, points."""
    from qicsim.declare import declared
    from qicsim.model.mechanisms.assessment import Assessment

    prior = declared(Assessment)["noise"].declaration.prior
    return tuple(float(prior.ppf(probability)) for probability in probabilities)


def write_levels(folder: Path | str) -> Path:
    """Estimate the levels of a data folder from its scores and write `levels.csv` there; the path written.

    DataError kinds with every fault when register or scores cannot be used.
    """
    place = Path(folder)
    path = place / LEVELS
    write_text(path, levels_text(estimate(read_series(place))))
    return path


def ready(folder: Path | str) -> Path:
    """The folder, with `levels.csv` made where there are scores without it; DataError if it is no data folder."""
    place = Path(folder)
    if (place / SCORES).is_file() and not (place / LEVELS).is_file():
        write_levels(place)
    folder_files(folder)
    return place


def levels_text(found: LevelEstimate) -> str:
    """The levels as CSV text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    month = format_month(found.month)
    for row in zip(found.facility, found.mean, found.sd, found.quarters, found.observed_mean, found.shrinkage,
                   strict=True):
        facility, mean, sd, quarters, plain, shrinkage = row
        writer.writerow((facility, month, _number(mean), _number(sd), int(quarters), _number(plain),
                         _number(shrinkage)))
    return text.getvalue()


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.{DIGITS}f}"
