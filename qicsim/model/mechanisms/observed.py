"""Observed levels: a facility of real data starts from the level of its recorded scores, not from the model's own.

    L      = clip(mean + sd * z, 0, 100)                        level of the recorded score in this run
    Q_a    = Q + level_a - mean                                 of areas with observed levels of their own; Q: composite
    Q'_a   = clip(Q_a + shift, 0, C_a)                          every care area by the same points
    shift  such that   clip(sum of w_a Q'_a + visit_day(Q') + leniency + gaming + district bias, 0, 100) = L

mean, sd  level and standard error estimated from the facility's noisy scores (`qicsim.inputs.observed.levels`): data
z         standard normal number of the facility: the error of the estimate is carried into the runs
level_a   level of a care area, estimated from its own scores: areas lie as far apart as these, whatever their means
Q_a, C_a  true quality and ceiling of an area;  w_a  NQEM weights in force
visit_day, leniency, gaming, district bias   what the record adds under this draw (see `assessment`)

It happens once, at the end of the month to which the levels belong (the month of opening, for a facility that opens
later), just before the quarter's round. Halving an interval finds the shift. Where payment has a step two qualities may
give one score, that of a facility just below it, which games, and that of one above it, which does not: halving takes
one of them, always the same. A level above what the ceilings allow gives the ceilings. The points are booked in the
ledger as part of the start: they correct what was assumed about the facility, and nobody's work made them. For the same
reason clients' trust and the level that it is compared with move together. Without data nothing happens.
"""

from __future__ import annotations

from qicsim.ground.compiled import compiled

FULL = 100.0
HALVINGS = 40


@compiled
def observed_level(mean, sd, z):
    """Level of the recorded score in this run, points."""
    return min(max(mean + sd * z, 0.0), FULL)


@compiled
def area_start(composite, area_level, level):
    """Quality of an area before the shift: as far from the composite as its level is from that of the total."""
    return composite + area_level - level


@compiled
def shifted(quality, shift, ceiling):
    """True quality of an area after the shift, points."""
    return min(max(quality + shift, 0.0), ceiling)


@compiled
def fragile_within(fragile, quality):
    """Fragile gain of an area after the shift: no more than there is quality, points."""
    return min(fragile, quality)


@compiled
def moved_along(trust, change):
    """Trust, or its start, after satisfaction was corrected by some points; above 0, since use is relative to it."""
    return min(max(trust + change, 1.0), FULL)
