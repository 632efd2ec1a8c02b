"""What is read off the rebuilt model: section 4 of ODD.md, observation."""

from __future__ import annotations

import numpy as np

from tests.verification.rebuild_data import ACTIVE, CLIENT, GRADUATED, LAPSED, PROCESS, STRUCTURE, TODAYS
from tests.verification.rebuild_programme import capacity

BINS = 100


def read_nation(run, now):
    """Sums over open facilities by kind and QIC status (4, indicators), in the order of the table."""
    f = run.open
    group = 2 * f.hospital + f.ever
    return (columns(run, now) @ (group[:, None] == np.arange(4))).T


def columns(run, now):
    """The indicators of each open facility (indicators, facilities)."""
    f, threshold = run.open, now.lever.threshold
    active, true, recorded = f.status == ACTIVE, f.true_score, f.score
    truly, as_recorded = true >= threshold, recorded >= threshold
    rows = [np.ones(true.size), f.ever, active, f.status == GRADUATED, f.status == LAPSED, true, recorded, truly,
            as_recorded, true * true, recorded * recorded,
            *(dimension_quality(run, dimension) for dimension in (STRUCTURE, PROCESS, CLIENT)), unscored(f),
            f.visits * active, f.support * active, f.capability * f.ever, f.motivation, f.stake, f.ideas,
            f.satisfaction, f.trust, f.use, f.population, f.population * truly, f.population * as_recorded]
    return np.vstack((*rows, f.ledger, f.quality))


def dimension_quality(run, dimension):
    """The mean of the areas of a dimension under today's weights; 0 without weight."""
    f, rows = run.open, np.flatnonzero(run.area.dimension == dimension)
    weights = f.weights[TODAYS][rows]
    total = weights.sum(axis=0)
    return (weights * f.quality[rows]).sum(axis=0) / np.where(total > 0, total, 1.0)


def unscored(f):
    """The plain mean of areas without weight today; 0 if there are none."""
    without = f.scored[TODAYS] == 0
    return np.einsum("af,af->f", without, f.quality) / np.maximum(without.sum(axis=0), 1)


def read_programme(run, now):
    """The programme's indicators (8,), in the order of the table."""
    district, programme = run.district, run.programme
    can = capacity(run, district.coaches, now).sum() * now.supported
    made = (district.visits_active * district.active_teams + district.visits_graduated * district.graduated_teams).sum()
    return np.array([np.count_nonzero(district.launched >= 0), run.province.active.sum(), district.coaches.sum(),
                     made / can if can > 0 else 0.0, programme.exchanges_held, gap_between_fifths(run.open.true_score),
                     gap_between_fifths(run.open.score), programme.affordable])


def gap_between_fifths(values):
    """The mean of the best fifth minus that of the worst, from bins of one point."""
    bins = np.minimum(values.astype(np.int64), BINS - 1)
    counts, sums = np.bincount(bins, minlength=BINS), np.bincount(bins, values, BINS)
    return mean_of_first_fifth(counts[::-1], sums[::-1]) - mean_of_first_fifth(counts, sums)


def mean_of_first_fifth(counts, sums):
    """The mean of the first fifth met in the bins; the bin that it cuts lends the missing number at its mean."""
    fifth = counts.sum() / 5
    taken = np.clip(fifth - (np.cumsum(counts) - counts), 0, counts)
    return (taken * sums / np.maximum(counts, 1)).sum() / max(fifth, 1)
