"""Tables of a projection: median, mean and 5-95 % interval between runs by facility, district, province and nation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from qicsim.ground.intervals import HIGH, LOW, interval_of
from qicsim.model.recording import MEASURES
from qicsim.runs.ensemble import Followed

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.inputs.world.register import Register

LEVELS = ("facility", "district", "province", "nation")
EVERY = ("quarter", "year")
Z = 1.959964
"""Normal quantile of a two-sided 95 % interval."""


class Places(NamedTuple):
    """The places of a level: a row of `facts` for each, and for each facility its place, (facilities,)."""

    facts: dict[str, Sequence[Any]]
    place: np.ndarray
    many: int


def period_places(quarters: Sequence[str], every: str) -> dict[str, int]:
    """Names of periods, each with the number of the quarter that is read for it: a year is read at its end."""
    if every == "quarter":
        return {quarter: place for place, quarter in enumerate(quarters)}
    return {quarter[:4]: place for place, quarter in enumerate(quarters) if quarter.endswith("Q4")}


def level_table(followed: Followed, level: str, periods: dict[str, int]) -> pd.DataFrame:
    """A row for each place and period, place by place.

    Columns: what identifies the place; `period`, `facilities` (open ones), `n` (runs); for each measure `_median`,
    `_mean`, `_p05`, `_p95` of the score (points; of a group: of the mean score of its facilities). For facilities
    `_probability` of standing at the threshold with `_low`, `_high`, its 95 % interval for the number of runs; for
    groups the mean `_share` of facilities at the threshold with `_share_p05`, `_share_p95`. Places with no open
    facility have empty numbers.
    """
    import pandas as pd

    places = places_of(followed, level)
    at = list(periods.values())
    count = open_facilities(followed, places, at)
    columns: dict[str, np.ndarray] = {"facilities": count, "n": np.where(count > 0, followed.runs, 0)}
    for measure in reversed(range(len(MEASURES))):
        columns |= _measured(followed, places, at, measure, facility=level == "facility")
    facts = {name: np.repeat(np.array(values, dtype=object), len(at)) for name, values in places.facts.items()}
    numbers = {name: values.T.ravel() for name, values in columns.items()}
    period = np.tile(np.array(list(periods), dtype=object), places.many)
    return pd.DataFrame({"scenario": followed.runner.scenario.name, "level": level, **facts, "period": period,
                         **numbers})


def places_of(followed: Followed, level: str) -> Places:
    """The places of a level, in the order of the register."""
    world = followed.runner.world
    register, site = world.register, world.setting.facility
    if level == "facility":
        return Places(facility_facts(register), np.arange(len(register)), len(register))
    if level == "district":
        home = world.setting.district["province"]
        facts = {"district": world.districts, "province": [world.provinces[at] for at in home]}
        return Places(facts, np.array(site["district"]), len(world.districts))
    if level == "province":
        return Places({"province": world.provinces}, np.array(site["province"]), len(world.provinces))
    return Places({"nation": (world.country.name,)}, np.zeros(len(register), np.int64), 1)


def facility_facts(register: Register) -> dict[str, Sequence[Any]]:
    """What identifies facilities, by column."""
    return {"id": register.id, "code": register.code, "dhis2_uid": register.dhis2_uid, "name": register.name,
            "type": register.type, "district": register.operational_district, "province": register.province}


def open_facilities(followed: Followed, places: Places, at: Sequence[int]) -> np.ndarray:
    """How many facilities of each place are open; int64 (periods, places)."""
    there = np.isfinite(followed.scores[0, list(at), 0])
    return np.array([np.bincount(places.place[row], minlength=places.many) for row in there])


def _measured(followed: Followed, places: Places, at: list[int], measure: int, *, facility: bool
              ) -> dict[str, np.ndarray]:
    """Columns of a measure, each (periods, places)."""
    name = MEASURES[measure]
    scores = by_place(followed.scores[:, at, measure].astype(float), places)
    score = interval_of(scores)
    found = {f"{name}_median": score.median, f"{name}_mean": score.mean, f"{name}_p05": score.low,
             f"{name}_p95": score.high}
    reached = followed.reached[:, at, measure].astype(float)
    reached[np.isnan(followed.scores[:, at, measure])] = np.nan
    if not facility:
        shares = by_place(reached, places)
        return found | {f"{name}_share": interval_of(shares).mean, f"{name}_share_p05": _from_below(shares, LOW),
                        f"{name}_share_p95": _from_below(shares, HIGH)}
    probability = reached.mean(axis=0)
    low, high = likely(probability, effective_runs(reached, followed.replicates))
    return found | {f"{name}_probability": probability, f"{name}_low": low, f"{name}_high": high}


def _from_below(values: np.ndarray, percent: float) -> np.ndarray:
    """A percentile over the first axis, interpolated from the value below it; the last digit hangs on that.

    `interval_of` begins from the nearer of the two, so that shares of few runs would print otherwise than in 0.1.
    """
    ordered, position = np.sort(values, axis=0), percent / 100.0 * (len(values) - 1)
    below = int(position)
    low, high = ordered[below], ordered[min(below + 1, len(values) - 1)]
    return low + (high - low) * (position - below)


def by_place(values: np.ndarray, places: Places) -> np.ndarray:
    """Means over the open facilities of each place, (runs, periods, places) from (runs, periods, facilities).

    The register is sorted, so that the facilities of a place stand side by side.
    """
    if places.many == values.shape[-1]:
        return values
    starts, there = np.searchsorted(places.place, np.arange(places.many)), np.isfinite(values[0])
    sums = np.add.reduceat(np.where(there, values, 0.0), starts, axis=-1)
    count = np.add.reduceat(there.astype(float), starts, axis=-1)
    return np.divide(sums, count, out=np.full_like(sums, np.nan), where=count > 0)


def effective_runs(reached: np.ndarray, replicates: int) -> float:
    """How many independent runs the runs (runs, ...) are worth: replicates of one draw are alike.

    The variance of the means of draws against that of independent runs, pooled over all columns.
    """
    runs = len(reached)
    if replicates in {1, runs}:
        return float(runs)
    share = reached.mean(axis=0)
    of_draws = reached.reshape(-1, replicates, *reached.shape[1:]).mean(axis=1)
    clustered = np.nansum(of_draws.var(axis=0, ddof=1)) / len(of_draws)
    independent = np.nansum(share * (1.0 - share)) / runs
    return runs / max(clustered / independent, 1.0) if independent > 0.0 else float(runs)


def likely(share: np.ndarray, n: float) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's 95 % interval for a probability of which `share` was seen in `n` runs."""
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * np.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
