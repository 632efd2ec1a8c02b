"""What makes the numbers of a plan misleading, in sentences for its first page."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.estimate.calibrate.targets import late_count, own_targets
from qicsim.ground.intervals import Intervals
from qicsim.ground.translatable import tell
from qicsim.inputs.country import Country
from qicsim.inputs.world.scaling import too_few_places
from qicsim.plan.notes import ONE_RUN, SAME
from qicsim.plan.provenance_tables import Known
from qicsim.plan.record import POINTS, Target
from qicsim.runs.runner import Runner

NATION = 0
CORE = ("recorded", "true")
UNKNOWN_JOINS = tell("Who joined a collaborative so far is simulated, not known: no file of joining was given. The "
                     "model "
                     "launches the districts of this register as fast as the scenario's ceilings let it; how many "
                     "facilities ever joined by the baseline is its own number. The roll-out can be imported too.")


def known_of(runner: Runner) -> Known:
    """What is known of the facilities of a runner's world."""
    data = runner.scenario.data
    return Known(not runner.world.synthetic, "joined" in data, "levels" in data)


def warnings_of(runner: Runner, known: Known, targets: Sequence[Target], *, years: tuple[int, ...],
                same: bool, runs: int) -> tuple[str, ...]:
    """The warnings of a plan, the most important first."""
    said: list[str] = [SAME] if same else []
    said += [ONE_RUN] if runs == 1 else []
    if known.register:
        said += list(too_few_places([runner.scenario]))
        said += [] if known.joins else [UNKNOWN_JOINS]
    return (*said, *_harm(targets, years[-1]))


def _harm(targets: Sequence[Target], year: int) -> tuple[str, ...]:
    """Scores that the scenario leaves lower than the reference does."""
    at = (NATION, -1)
    lower = {target.name: f"{abs(float(target.difference.mean[at])):.1f}" for target in targets
             if target.name in CORE and target.form == POINTS and float(target.difference.mean[at]) < 0.0}
    if len(lower) == len(CORE):
        return (tell("The scenario does worse than the reference at the end of {year}: mean recorded NQEM score "
                     "{recorded} "
                     "points and mean true quality {true} points lower. It is shown as it was asked for, and is no "
                     "recommendation.", year=year, **lower),)
    if "true" in lower:
        return (tell("The scenario does worse than the reference at the end of {year}: mean true quality {true} "
                     "points lower. "
                     "It is shown as it was asked for, and is no recommendation.", year=year, **lower),)
    if "recorded" in lower:
        return (tell("The scenario does worse than the reference at the end of {year}: mean recorded NQEM score "
                     "{recorded} "
                     "points lower. It is shown as it was asked for, and is no recommendation.", year=year, **lower),)
    return ()


def reported_words(ever: Intervals, year: int, country: Country) -> str:
    """The number of facilities that was reported to have joined, beside the runs (places, years) at the baseline.

    "" where the country has no counts.
    """
    reported = [report for report in own_targets(country) if report.key == late_count("facilities")]
    if not reported:
        return ""
    one = reported[0]
    mean, low, high = (float(values[NATION, 0]) for values in (ever.mean, ever.low, ever.high))
    words = {"reported": f"{one.value:,.0f}", "month": one.at, "mean": f"{mean:,.0f}", "low": f"{low:,.0f}",
             "high": f"{high:,.0f}", "year": year}
    if low <= one.value <= high:
        return tell("{reported} facilities were reported to have joined by {month}; in the runs {mean} ({low} to "
                    "{high}) ever "
                    "did by the end of {year}. The roll-out is simulated and fitted to the reports, not set to them: "
                    "the "
                    "report lies inside the interval of the runs.", **words)
    return tell("{reported} facilities were reported to have joined by {month}; in the runs {mean} ({low} to {high}) "
                "ever did "
                "by the end of {year}. The roll-out is simulated and fitted to the reports, not set to them: the "
                "report lies "
                "outside the interval of the runs.", **words)
