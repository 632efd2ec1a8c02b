"""Levels of the recorded scores of real facilities at the last observed quarter, estimated from noisy series.

A single score is the level and several points of noise, so that the best facilities of one round are partly the lucky
ones. `estimate` separates the two (`qicsim.inputs.observed.filter`): each facility's level is drawn towards the mean of
its district and kind, the more the fewer scores it has, and carries its standard error. Facilities of a kind without
any score have no level: nothing is known of them, and they start as the model assumes. Care areas with scores of their
own have levels beside that of the total (`qicsim.inputs.observed.areas`).
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from qicsim import __version__
from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month, format_quarter
from qicsim.ground.errors import DataError, Fault
from qicsim.ground.files import together, write_text
from qicsim.ground.threads import one_thread
from qicsim.inputs.exchange.folder import DataFolder
from qicsim.inputs.observed.areas import area_levels
from qicsim.inputs.observed.filter import Panel, Spreads
from qicsim.inputs.observed.pooling import fit_spreads, last_levels
from qicsim.inputs.observed.series import LONGEST, Series, read_series
from qicsim.inputs.scenario.data import folder_files
from qicsim.inputs.scenario.estimated import LEVELS, RECORD, SCORES, digests, file_digest, stale
from qicsim.inputs.world.observed import AREA

COLUMNS = ("facility", "month", "mean", "sd", "quarters", "observed_mean", "shrinkage", "last_scored")
KINDS = ("health centre", "hospital")
FULL = 100.0
DIGITS = 4
ONE_SD = 0.8413


@dataclass(frozen=True, eq=False)
class LevelEstimate:
    """Levels of the recorded score at `month` (absolute): `mean`, `sd` (F,) in points, nan where there is none.

    `quarters` (F,) counts the scores of each facility in the last 40 quarters, `observed_mean` (F,) is their plain mean
    (nan without any), `last_scored` (F,) the quarter of the last one ("" without any), `shrinkage` (F,) the weight of
    the district's and kind's mean in the level. `spreads` are the estimated standard deviations; `noise_prior` is the
    5, 50 and 95 % quantile of the model's own for the noise of one assessment. `notes` are sentences about what was
    left out. `areas` are the levels (F,) of care areas that have scores of their own, by key.
    """

    facility: tuple[str, ...]
    month: int
    mean: np.ndarray
    sd: np.ndarray
    quarters: np.ndarray
    observed_mean: np.ndarray
    shrinkage: np.ndarray
    last_scored: tuple[str, ...]
    spreads: Spreads
    noise_prior: tuple[float, float, float]
    notes: tuple[str, ...] = ()
    areas: Mapping[str, np.ndarray] = field(default_factory=dict)

    def sentence(self) -> str:
        """The noise that the scores show, beside what the model takes for granted."""
        low, middle, high = self.noise_prior
        return (f"One assessment scatters by {self.spreads.noise:.1f} points around a facility's level (the model's "
                f"prior: {middle:.1f}, 90 % interval {low:.1f}-{high:.1f}); levels drift apart by "
                f"{self.spreads.walk:.1f} points a quarter; facilities of one district differ by "
                f"{self.spreads.spread:.1f} points and districts by {self.spreads.district:.1f}; what all share moves "
                f"by {self.spreads.movement:.1f} points a quarter around its drift (SD).")


@one_thread
def estimate(series: Series) -> LevelEstimate:
    """The levels of series of scores; DataError when there is no score at all."""
    if np.all(np.isnan(series.scores)):
        raise DataError(series.source, [Fault("", "holds no total score", "at least one")])
    low, middle, high = noise_quantiles(0.05, 0.5, 0.95)
    panel = Panel(series.scores, np.asarray(series.kind, dtype=np.int64), series.district)
    at_one_sd = noise_quantiles(1.0 - ONE_SD, 0.5, ONE_SD)
    spreads = fit_spreads(panel, math.log(at_one_sd[1]), 0.5 * math.log(at_one_sd[2] / at_one_sd[0]))
    found = last_levels(panel, spreads)
    counts = np.count_nonzero(~np.isnan(series.scores), axis=1)
    means = np.where(counts > 0, np.nansum(series.scores, axis=1) / np.maximum(counts, 1), np.nan)
    levels = np.clip(found.mean, 0.0, FULL)
    return LevelEstimate(series.facility, series.month, levels, found.sd, counts, means, found.shrinkage,
                         last_scored(series), spreads, (low, middle, high),
                         (*series.notes, *_without_level(found.mean, panel.kind)),
                         area_levels(series.areas, series.scores, levels, panel.kind))


def last_scored(series: Series) -> tuple[str, ...]:
    """The quarter of each facility's last score, YYYYQn; "" without any."""
    seen = ~np.isnan(series.scores)
    ago = np.argmax(seen[:, ::-1], axis=1)
    return tuple(format_quarter(series.month - MONTHS_PER_QUARTER * int(quarters)) if any_score else ""
                 for quarters, any_score in zip(ago, seen.any(axis=1), strict=True))


def _without_level(mean: np.ndarray, kind: np.ndarray) -> tuple[str, ...]:
    """What is said of kinds that have no level."""
    return tuple(f"No {name} has a score in the last {LONGEST} quarters: {np.count_nonzero(kind == at):,} in the "
                 "register have no level and start as the model assumes."
                 for at, name in enumerate(KINDS) if np.isnan(mean[kind == at]).any())


def noise_quantiles(*probabilities: float) -> tuple[float, ...]:
    """Quantiles of the model's own prior for the noise of one assessment, points."""
    from qicsim.ground.declare import declared
    from qicsim.model.mechanisms.assessment import Assessment

    prior = declared(Assessment)["noise"].declaration.prior
    return tuple(float(prior.ppf(probability)) for probability in probabilities)


def write_levels(folder: Path | str, data: DataFolder | None = None) -> Path:
    """Estimate the levels of a data folder from its scores (`data`, or read) and write `levels.csv`; the path written.

    `levels.json` beside it records what they were estimated from and what a reader must know. DataError kinds with
    every fault when register or scores cannot be used.
    """
    place = Path(folder)
    read = digests(place)
    found = estimate(read_series(place, data))
    with together(place) as partial:
        write_text(partial / LEVELS, levels_text(found))
        write_text(partial / RECORD, record_text(found, read | {LEVELS: file_digest(partial / LEVELS)}))
    return place / LEVELS


def record_text(found: LevelEstimate, sha256: dict[str, str]) -> str:
    """The record of an estimate as JSON text."""
    spreads = {name: round(value, DIGITS) for name, value in found.spreads._asdict().items()}
    facts = {"qicsim": __version__, "month": format_month(found.month), "sha256": sha256, "spreads": spreads,
             "said": found.sentence(), "notes": list(found.notes)}
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def ready(folder: Path | str) -> Path:
    """The folder, with levels estimated where there are scores without them, or with those of other scores.

    Levels that somebody wrote by hand stay. DataError if it is no data folder.
    """
    place = Path(folder)
    if (place / SCORES).is_file() and (not (place / LEVELS).is_file() or stale(place)):
        write_levels(place)
    folder_files(folder)
    return place


def levels_text(found: LevelEstimate) -> str:
    """The levels as CSV text; facilities without a level have no row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*COLUMNS, *(AREA + key for key in found.areas)))
    month = format_month(found.month)
    for row in zip(found.facility, found.mean, found.sd, found.quarters, found.observed_mean, found.shrinkage,
                   found.last_scored, *found.areas.values(), strict=True):
        facility, mean, sd, quarters, plain, shrinkage, last, *areas = row
        if not math.isnan(mean):
            writer.writerow((facility, month, _number(mean), _number(sd), int(quarters), _number(plain),
                             _number(shrinkage), last, *map(_number, areas)))
    return text.getvalue()


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.{DIGITS}f}"
