"""What a table of scores says in a few numbers, computed alike from observed and from simulated scores.

`summaries` is the one definition: a table (facilities, quarters) goes in, nan where nothing was observed. Standard
errors are those of the delete-one-district jackknife, since facilities of one district share assessors, a chief and
coaches, and so are not independent:

    se^2 = (D - 1) / D  sum over districts d of (summary without d - mean of these)^2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.ground.errors import DataError, Fault
from qicsim.inputs.observed.panel import NEVER, QUARTERS_PER_YEAR, ScorePanel

FEWEST_DISTRICTS = 4
FEWEST_PAIRS = 8
THRESHOLD = 80.0


@dataclass(frozen=True)
class Summary:
    """A number that a table of scores gives: its key, what it is, its unit, and how far the model may be from right.

    `discrepancy` is the standard deviation of what the model leaves out, in the unit: an assumption of this package.
    """

    key: str
    meaning: str
    unit: str
    discrepancy: float


SUMMARIES = (
    Summary("level", "mean recorded score in the last year of data", "points", 1.0),
    Summary("share_80", "share of scores at 80 or more in the last year of data", "share", 0.03),
    Summary("trend", "change of the recorded score of a facility in a year", "points/year", 0.5),
    Summary("spread", "standard deviation between facilities, means of all quarters", "points", 0.7),
    Summary("district_spread", "standard deviation between means of districts", "points", 0.7),
    Summary("scatter", "standard deviation of the change from a quarter to the next", "points", 0.7),
    Summary("reliability", "correlation of a quarter with the next", "1", 0.05),
    Summary("reliability_year", "correlation of a quarter with the one a year later", "1", 0.05),
    Summary("gap_before", "later joiners before they join, minus facilities that never join", "points", 1.0),
    Summary("gap_first_year", "facilities in their first year in a collaborative, minus those not yet in one", "points",
            1.0),
    Summary("gap_later", "facilities after their first year in a collaborative, minus those not yet in one", "points",
            1.0),
)
KEYS = tuple(one.key for one in SUMMARIES)


@dataclass(frozen=True, eq=False)
class Found:
    """Summaries (K,) in the order of KEYS with their standard errors; nan where the data cannot give them."""

    values: np.ndarray
    errors: np.ndarray
    districts: int

    @property
    def usable(self) -> np.ndarray:
        """Places of summaries with a value and an error above zero."""
        return np.flatnonzero(np.isfinite(self.values) & np.isfinite(self.errors) & (self.errors > 0.0))


def observed_summaries(panel: ScorePanel) -> Found:
    """Summaries of observed scores with standard errors clustered by district; DataError for too few districts."""
    seen = np.unique(panel.district[~np.isnan(panel.scores).all(axis=1)])
    if len(seen) < FEWEST_DISTRICTS:
        raise DataError("", [Fault("scores", f"there are scores of {len(seen)} operational districts",
                                   f"{FEWEST_DISTRICTS} or more, to tell districts from chance")])
    values = summaries(panel.scores, panel)
    without = np.array([summaries(part.scores, part) for part in
                        (panel.rows(panel.district != district) for district in seen)])
    return Found(values, jackknife_error(without), len(seen))


def jackknife_error(without: np.ndarray) -> np.ndarray:
    """Standard errors (K,) from estimates (D, K) that each leave one of D clusters out."""
    clusters = len(without)
    return np.sqrt((clusters - 1) / clusters * np.sum((without - without.mean(axis=0)) ** 2, axis=0))


def summaries(scores: np.ndarray, panel: ScorePanel) -> np.ndarray:
    """The summaries (K,) of scores (F, Q) with nan where there are none; nan for what they cannot say."""
    if np.isnan(scores).all():
        return np.full(len(KEYS), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.array([*_last_year(scores), _trend(scores), *_spreads(scores, panel), *_rounds(scores),
                         *_gaps(scores, panel)])


def _mean(values: np.ndarray, axis: int | None = None, *, keepdims: bool = False) -> np.ndarray:
    """Means of what is there, nan where nothing is; numpy's own warns of empty rows, in every thread."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0.0).sum(axis=axis, keepdims=keepdims)
                          / there.sum(axis=axis, keepdims=keepdims))


def _last_year(scores: np.ndarray) -> tuple[float, float]:
    """Mean, and share at the threshold, of the last four quarters that hold scores."""
    late = scores[:, ~np.isnan(scores).all(axis=0)][:, -QUARTERS_PER_YEAR:]
    return float(_mean(late)), float(np.mean(late[~np.isnan(late)] >= THRESHOLD))


def _trend(scores: np.ndarray) -> float:
    """Slope within facilities, points in a year; nan with less than a year between first and last quarter."""
    times = np.where(np.isnan(scores), np.nan, np.arange(scores.shape[1], dtype=float))
    if np.nanmax(times) - np.nanmin(times) < QUARTERS_PER_YEAR - 1:
        return np.nan
    off = times - _mean(times, axis=1, keepdims=True)
    squares = float(np.nansum(off * off))
    return QUARTERS_PER_YEAR * float(np.nansum(off * scores)) / squares if squares > 0.0 else np.nan


def _spreads(scores: np.ndarray, panel: ScorePanel) -> tuple[float, float]:
    """Standard deviations of facilities' means and of districts' means, quarter means taken out."""
    own = _mean(scores - _mean(scores, axis=0), axis=1)
    known = ~np.isnan(own)
    counts = np.bincount(panel.district[known])
    means = np.bincount(panel.district[known], own[known])[counts > 0] / counts[counts > 0]
    return _deviation(own[known]), _deviation(means)


def _deviation(values: np.ndarray) -> float:
    """Standard deviation of a sample, nan with fewer than two."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else np.nan


def _rounds(scores: np.ndarray) -> tuple[float, float, float]:
    """Scatter of changes, correlation of a quarter with the next, and with the one a year later."""
    change = np.diff(scores, axis=1)
    change = change - _mean(change, axis=0)
    count = int(np.sum(~np.isnan(change)))
    scatter = float(np.sqrt(_mean(change * change))) if count >= FEWEST_PAIRS else np.nan
    return scatter, _correlation(scores, 1), _correlation(scores, QUARTERS_PER_YEAR)


def _correlation(scores: np.ndarray, lag: int) -> float:
    """Correlation of scores with those `lag` quarters later, over the pairs, means of the quarters taken out."""
    if scores.shape[1] <= lag:
        return np.nan
    both = ~np.isnan(scores[:, :-lag]) & ~np.isnan(scores[:, lag:])
    if both.sum() < FEWEST_PAIRS:
        return np.nan
    early, late = np.where(both, scores[:, :-lag], np.nan), np.where(both, scores[:, lag:], np.nan)
    early, late = early - _mean(early, axis=0), late - _mean(late, axis=0)
    return float(np.nansum(early * late) / np.sqrt(np.nansum(early * early) * np.nansum(late * late)))


def _gaps(scores: np.ndarray, panel: ScorePanel) -> tuple[float, float, float]:
    """Joiners minus others in the same quarters: before joining, in the first year, and later."""
    since = np.arange(scores.shape[1]) - panel.joined[:, None]
    never = np.broadcast_to(panel.joined[:, None] == NEVER, since.shape)
    out, first_year = since < 0, (since >= 0) & (since < QUARTERS_PER_YEAR)
    return (_gap(scores, out & ~never, never), _gap(scores, first_year, out),
            _gap(scores, since >= QUARTERS_PER_YEAR, out))


def _gap(scores: np.ndarray, ours: np.ndarray, others: np.ndarray) -> float:
    """Mean of our cells minus the mean of others in the same quarter, over our cells in quarters that have others."""
    off = scores - _mean(np.where(others, scores, np.nan), axis=0)
    return float(_mean(np.where(ours, off, np.nan)))
