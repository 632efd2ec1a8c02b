"""What an update by new data says, in sentences: the same on the page, in the README and on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.estimate.calibrate.joining import Joining
from qicsim.estimate.calibrate.posterior_changes import Judged, Taught
from qicsim.estimate.calibrate.update import Update
from qicsim.ground.numbers import number, percent, plural

LIMITS = (
    "The data are recorded scores. What a parameter says about care that no score records is not tested by them.",
    ("Facilities of one district are not independent: errors are those of leaving out one district at a time. With few "
     "districts they are rough themselves."),
    ("The levers of the scenario (support, rounds, coaches) are taken as they are. If something else happened, "
     "parameters take the blame."),
    "A parameter that is not marked in the table is as it was before.",
    ("The update takes the model to be right up to the stated discrepancies. Where a summary is missed after the "
     "update, it is not, and the posterior should not be trusted there."),
)


def how_updated(updated: Update) -> str:
    """How the update was made."""
    known, work = updated.posterior.diagnostics, updated.effort
    panel = updated.world.panel
    added = len(updated.pool) - len(updated.bank)
    where = plural(len(set(panel.district)), "district", "districts")
    return (f"Scores of {len(panel.facility):,} facilities in {where}, {panel.quarters[0]} to {panel.quarters[-1]}, "
            f"gave {len(updated.aims)} summaries. {work.runs:,} draws of {updated.prior.source} were simulated to the "
            f"last quarter, and {added:,} more where the data asked for "
            f"them, until {updated.rounds.stopped}. Method: {known.method}; effective sample "
            f"{number(known.effective_sample)} ({known.chosen}).")


def lessons(rows: Sequence[Taught]) -> str:
    """What the data taught."""
    new = [row for row in rows if row.new]
    if not new:
        return "The data taught nothing beyond what was known: no parameter moved more than chance could move it."
    told = "; ".join(f"{row.meaning} ({row.parameter}): {row.before_low:.3g} to {row.before_high:.3g} before, now "
                     f"{row.low:.3g} to {row.high:.3g}" for row in new[:5])
    return (f"The data taught something about {plural(len(new), 'parameter', 'parameters')} of {len(rows)}. "
            f"Most about: {told}.")


def contradictions(rows: Sequence[Judged]) -> list[str]:
    """Which assumptions the data contradict, plainly."""
    against = sorted((row for row in rows if row.conflict), key=lambda row: row.p)
    if not against:
        return ["No summary of the data contradicts what was assumed: none lies far out under the earlier draws."]
    return [_contradiction(row) for row in against]


def _contradiction(row: Judged) -> str:
    side = "lower" if row.observed < row.before_middle else "higher"
    tied = f"The parameters most tied to it: {', '.join(row.tied)}" if row.tied else "No parameter is tied to it"
    chance = "less than 0.1 %" if row.p < 0.001 else percent(row.p, 1)  # noqa: PLR2004 as printed
    return (f"{row.conflict.capitalize()} conflict: {row.meaning} is {row.observed:.3g} {row.unit}, {side} than the "
            f"earlier draws expect ({row.before_low:.3g} to {row.before_high:.3g}, 90 %); so far out in {chance} of "
            f"runs. {tied}.")


def fit_now(rows: Sequence[Judged]) -> str:
    """How the summaries fit after the update."""
    missed = [row.meaning for row in rows if row.missed]
    if not missed:
        return f"After the update all {len(rows)} summaries lie within the 90 % interval of what runs would show."
    return (f"After the update {len(missed)} of {len(rows)} summaries are still missed: {'; '.join(missed)}. "
            "The model cannot show them together with the others.")


def experiment_words(before: Joining, after: Joining) -> list[str]:
    """The natural experiment, against the model before and after."""
    found = [f"Before the update: {before.verdict}"]
    if after.overall is not None:
        found.append(f"After the update: {after.verdict}")
        p = after.observed.before_p
        if p == p:  # noqa: PLR0124 not nan
            verdict = "they differ, so that the effect must not be believed" if p < 0.05 else "no difference is seen"  # noqa: PLR2004
            found.append(f"Paths of joiners and others before joining: {verdict} (p = {p:.2g}).")
    return found
