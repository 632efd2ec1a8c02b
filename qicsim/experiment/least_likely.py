"""The facilities least likely to stand at the threshold at the end of a year: where support is needed most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qicsim.calendar import format_quarter
from qicsim.ensemble.facilities import MEASURES, Followed
from qicsim.errors import Fault, SettingError, nearest
from qicsim.experiment.projected_tables import effective_runs, facility_facts, likely, spread

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.world.observed import Levels


def ranked(followed: Followed, year: int, measure: str, levels: Levels | None) -> pd.DataFrame:
    """Facilities, the least likely first; among equals the one with the lower median.

    Columns: `rank`; what identifies the facility; `probability` that its score stands at the threshold or above at the
    end of the year, with `low`, `high`, the 95 % interval for the number of runs; `ever`, the probability that it stood
    there at the end of any projected quarter until then; `median`, `p05`, `p95` of the score; `observed`,
    `observed_sd`, `observed_until`: its estimated level where it was observed. Facilities that are not open by then are
    left out.
    """
    import pandas as pd

    at, column = _place(followed, year), _measure(measure)
    there = np.flatnonzero(np.isfinite(followed.scores[0, at, column]))
    reached = followed.reached[:, at, column][:, there].astype(float)
    probability = reached.mean(axis=0)
    low, high = likely(probability, effective_runs(reached, followed.replicates))
    score = spread(followed.scores[:, at, column][:, there].astype(float))
    ever = followed.reached[:, :at + 1, column][..., there].any(axis=1).mean(axis=0)
    facts = {name: np.array(values, dtype=object)[there]
             for name, values in facility_facts(followed.runner.world.register).items()}
    table = pd.DataFrame({**facts, "probability": probability, "low": low, "high": high, "ever": ever,
                          **{name: score[name] for name in ("median", "p05", "p95")}, **_observed(facts["id"], levels)})
    ordered = table.sort_values(["probability", "median", "id"], kind="stable", ignore_index=True)
    ordered.insert(0, "rank", np.arange(1, len(ordered) + 1))
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


def _observed(ids: np.ndarray, levels: Levels | None) -> dict[str, list[float] | list[str]]:
    """Levels of the observed scores, in the order of the facilities; empty where there is none."""
    place = {} if levels is None else {name: row for row, name in enumerate(levels.facility)}
    rows = [place.get(name) for name in ids]
    if levels is None:
        return {"observed": [np.nan] * len(ids), "observed_sd": [np.nan] * len(ids), "observed_until": [""] * len(ids)}
    until = format_quarter(levels.month)
    return {"observed": [np.nan if row is None else float(levels.mean[row]) for row in rows],
            "observed_sd": [np.nan if row is None else float(levels.sd[row]) for row in rows],
            "observed_until": ["" if row is None else until for row in rows]}
