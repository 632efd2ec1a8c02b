"""The facilities least likely to stand at the threshold at the end of a year: where support is needed most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.projected_tables import effective_runs, facility_facts, likely
from qicsim.ground.calendar import format_quarter
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.intervals import interval_of
from qicsim.model.recording import MEASURES
from qicsim.runs.ensemble import Followed

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.inputs.world.observed import Levels


WEAK = 1
"""With so many scores or fewer a level, and with it a rank, rests on the luck of one round and on other facilities."""
OWN, OTHERS, MODEL = "own scores", "not observed; mean of its kind and district", "not observed; the model's own start"


def at_threshold(followed: Followed, year: int, measure: str, levels: Levels | None) -> pd.DataFrame:
    """How likely each facility stands at the threshold at the end of a year, in the order of the register.

    Columns: what identifies the facility; `probability` that its score stands at the threshold or above at the
    end of the year, with `low`, `high`, the 95 % interval for the number of runs; `ever`, the probability that it stood
    there at the end of any projected quarter until then; `median`, `p05`, `p95` of the score. Of the observed scores:
    `start`, what it starts from (OWN, OTHERS, MODEL, or "" where no scores were given); `observed`, `observed_sd`,
    `observed_until`, its estimated level, empty without scores of its own; `scores`, `last_scored`, `own_weight`, how
    many there are, the quarter of the last, their weight in the level; `weak`, "yes" with a single score. Facilities
    that are not open by then are left out.
    """
    import pandas as pd

    at, column = _place(followed, year), _measure(measure)
    there = np.flatnonzero(np.isfinite(followed.scores[0, at, column]))
    reached = followed.reached[:, at, column][:, there].astype(float)
    probability = reached.mean(axis=0)
    low, high = likely(probability, effective_runs(reached, followed.replicates))
    score = interval_of(followed.scores[:, at, column][:, there].astype(float))
    ever = followed.reached[:, :at + 1, column][..., there].any(axis=1).mean(axis=0)
    facts = {name: np.array(values, dtype=object)[there]
             for name, values in facility_facts(followed.runner.world.register).items()}
    return pd.DataFrame({**facts, "probability": probability, "low": low, "high": high, "ever": ever,
                         "median": score.median, "p05": score.low, "p95": score.high,
                         **_observed(facts["id"], levels)})


def ranked(table: pd.DataFrame) -> pd.DataFrame:
    """The facilities of `at_threshold` with their `rank`, the least likely first; among equals the lower median.

    Facilities that were never scored, while others were, stand at the end without a rank: nothing that was observed
    tells them from the others of their district.
    """
    never = table["start"].isin((OTHERS, MODEL))
    ordered = table.assign(never=never).sort_values(["never", "probability", "median", "id"], kind="stable",
                                                    ignore_index=True).drop(columns="never")
    places = np.arange(1.0, len(ordered) + 1.0)
    ordered.insert(0, "rank", np.where(places <= np.count_nonzero(~never), places, np.nan))
    return ordered


def _place(followed: Followed, year: int) -> int:
    """Number of the last quarter of a year."""
    wanted = f"{year}Q4"
    if wanted not in followed.quarters:
        years = [quarter[:4] for quarter in followed.quarters if quarter.endswith("Q4")]
        raise SettingError("", [Fault("year", f'"{year}" is not projected', f"{years[0]} to {years[-1]}")])
    return followed.quarters.index(wanted)


def _measure(measure: str) -> int:
    if measure not in MEASURES:
        raise SettingError("", [Fault("measure", f'"{measure}" is not known', ", ".join(MEASURES),
                                      nearest(measure, MEASURES))])
    return MEASURES.index(measure)


def _observed(ids: np.ndarray, levels: Levels | None) -> dict[str, np.ndarray]:
    """What was observed of each facility, in the order of the ids; empty where nothing was."""
    if levels is None:
        nothing, no_text = np.full(len(ids), np.nan), np.full(len(ids), "", dtype=object)
        return {"start": no_text, "observed": nothing, "observed_sd": nothing, "observed_until": no_text,
                "scores": nothing, "last_scored": no_text, "own_weight": nothing, "weak": no_text}
    place = {name: row for row, name in enumerate(levels.facility)}
    rows = np.array([place.get(name, -1) for name in ids], dtype=np.int64)
    there, scores = rows >= 0, np.where(rows >= 0, levels.scores[rows], 0.0)
    own = there & ~(scores == 0.0)  # a file of levels that counts no scores is taken at its word

    def numbers(values: np.ndarray, shown: np.ndarray) -> np.ndarray:
        return np.where(shown, values[rows], np.nan)

    def texts(values: object, shown: np.ndarray) -> np.ndarray:
        return np.where(shown, np.array(values, dtype=object), "")

    return {"start": np.where(own, OWN, np.where(there, OTHERS, MODEL)).astype(object),
            "observed": numbers(levels.mean, own), "observed_sd": numbers(levels.sd, own),
            "observed_until": texts(format_quarter(levels.month), own), "scores": scores,
            "last_scored": texts(np.array(levels.last_scored, dtype=object)[rows], own),
            "own_weight": numbers(levels.own_weight, own), "weak": texts("yes", own & (scores <= WEAK))}
