"""What studies of programmes say, in words, in a table for the terminal, and in files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from qicsim.estimate.evidence.others import LEFT_PRIOR, PAYMENT_PRIOR, PAYMENTS, Retention
from qicsim.estimate.evidence.summary import TABLES, Evidence, Fit
from qicsim.ground.files import together, without_formulas, write_text
from qicsim.ground.numbers import number, percent, plural, signed

FOREST = "forest.svg"
FILES = (*(f"{name}.csv" for name in TABLES), FOREST)
HEAD = (f"{'rule':9} {'n':>2}  {'mean':>5} {'95 % interval':>15}  {'SD':>4}   "
        f"{'a new programme: 5 / 25 / 50 / 75 / 95 %':42} below 1   {'the same without a mass at zero':36} below 1")


def answer(evidence: Evidence) -> list[str]:
    """What a new programme does, in plain sentences, the answer first."""
    fit = evidence.fit
    low, first, middle, last, high = fit.spike_quantiles
    plain = fit.plain_quantiles
    lines = [
        (f"A new programme improves the practices that it works on by {_points(middle)} in about 12 months"
        f"{_start(fit)}: half of new programmes by {number(first, 1)} to {number(last, 1)}, nine in ten by "
        f"{number(low, 1)} to {number(high, 1)}. ({plural(fit.pooled.k, 'study', 'studies')}, {_read(fit)}.)"),
        (f"The chance that it brings nothing or harm is {percent(fit.spike.nothing)}, that it brings less than a point "
        f"{percent(fit.spike.little)}."),
        (f"Both hang on a mass at zero, which is largely a prior's (log Bayes factor {signed(fit.spike_factor, 2)}). "
        f"Without it: {_points(plain[2])} ({number(plain[0], 1)} to {number(plain[4], 1)}), "
        f"{percent(fit.plain.nothing)} and {percent(fit.plain.little)}."),
        (f"The mean over programmes is {_points(fit.pooled.mean)} (95 % interval {number(fit.pooled.low, 1)} to "
        f"{number(fit.pooled.high, 1)}), their standard deviation {number(fit.pooled.tau, 1)}.")]
    if evidence.leave_one_out:
        extremes = evidence.extremes
        means = [evidence.leave_one_out[key].pooled.mean for key in extremes]
        lines.append(f"Leaving one study out, the mean lies between {number(means[0], 1)} (without {extremes[0]}) and "
                     f"{number(means[1], 1)} (without {extremes[1]}).")
    return [*lines, *_softness(evidence), _cut(fit)]


def table(evidence: Evidence) -> list[str]:
    """A line for each rule, in columns of a fixed width; the rule in use has a star."""
    return [HEAD, *(_row(fit, star=fit is evidence.fit) for fit in evidence.fits), "",
            *(f"{fit.rule.key:9} {fit.rule.meaning}" for fit in evidence.fits)]


def others(evidence: Evidence) -> list[str]:
    """What else the studies say, a line each."""
    return list(_others(evidence))


def write_evidence(evidence: Evidence, folder: Path | str) -> list[Path]:
    """Write the tables (CSV) and the forest plot (SVG), all together or not at all; returns the files."""
    from qicsim.report.forest import of_evidence

    with together(Path(folder)) as place:
        for name, rows in evidence.tables().items():
            write_text(place / f"{name}.csv", without_formulas(rows).to_csv(index=False, lineterminator="\n"))
        write_text(place / FOREST, of_evidence(evidence))
    return [Path(folder) / name for name in FILES]


def _points(value: float) -> str:
    return f"{number(value, 1)} points"


def _start(fit: Fit) -> str:
    return ", from a start of 49 %" if fit.rule.key.startswith("G") else ", as measured, whatever the start"


def _read(fit: Fit) -> str:
    """After how many months effects were read."""
    months = sorted(trial.months for trial in fit.readings.trials if math.isfinite(trial.months))
    if not months:
        return "months not known"
    return (f"read after {number(months[0])} to {number(months[-1])} months, by weight "
            f"{number(fit.mean_months)}, and taken as one time")


def _softness(evidence: Evidence) -> list[str]:
    """How much is assumed, and what wider errors would do."""
    fit, wider = evidence.fit, evidence.under("G-wider")
    lines = [f"{fit.assumed_errors} of {fit.pooled.k} standard errors are assumed, so that both tails are soft."]
    if fit.rule.key == "G" and wider is not None:
        lines[0] += (f" With errors one and a half times as large: SD {number(wider.pooled.tau, 1)}, a new programme "
                     f"{number(wider.spike_quantiles[2], 1)} ({number(wider.spike_quantiles[0], 1)} to "
                     f"{number(wider.spike_quantiles[4], 1)}).")
    unseen = [trial.key for trial in fit.readings.trials if trial.size_known in {"imputed", "remembered"}]
    if unseen:
        lines.append(f"Sizes that were not seen, but imputed or remembered: {', '.join(unseen)}.")
    return lines


def _cut(fit: Fit) -> str:
    shift = fit.spike.mean_after_cut - fit.spike.mean
    return (f"Where harm counts as nothing the mean of a new programme rises by {number(shift, 2)}, from "
            f"{number(fit.spike.mean, 2)} to {number(fit.spike.mean_after_cut, 2)} points.")


def _row(fit: Fit, *, star: bool) -> str:
    found = fit.pooled
    between = f"{number(found.low, 1)} to {number(found.high, 1)}"
    new, plain = (" / ".join(number(value, 1) for value in levels)
                  for levels in (fit.spike_quantiles, fit.plain_quantiles))
    return (f"{fit.rule.key + '*' * star:9} {found.k:>2}  {number(found.mean, 1):>5} {between:>15}  "
            f"{number(found.tau, 1):>4}   {new:42} {percent(fit.spike.little):>7}   {plain:36} "
            f"{percent(fit.plain.little):>7}")


def _others(evidence: Evidence) -> Iterator[str]:
    used, all_counts = evidence.retention, evidence.retention_all
    if used is not None:
        yield f"Teams that stay: {_stayed(used)}"
    if all_counts is not None and (used is None or all_counts.keys != used.keys):
        more = [key for key in all_counts.keys if used is None or key not in used.keys]
        yield f"  with {', '.join(more)}, whose effect is used above and is the same fact: {_stayed(all_counts)}"
    if evidence.left:
        found = "; ".join(f"{one.key} {_range(one.low, one.high)} after {number(one.months)} months"
                          for one in evidence.left)
        yield (f"Left after the end: {found}. Too few to join; a prior that reaches them, Beta({LEFT_PRIOR.a:g}, "
               f"{LEFT_PRIOR.b:g}), is a judgement.")
    if evidence.breadth:
        shares = ", ".join(f"{number(one.share, 2)} ({one.key})" for one in evidence.breadth)
        yield (f"Breadth inside declared outcomes (the others over the weakest): {shares}. These were worked on: an "
               "upper bound for areas that nobody worked on.")
    paid = "; ".join(f"{one.country} {number(one.effect, 3) if one.effect else 'about 0'}" for one in PAYMENTS)
    yield (f"Payment on true quality at equal money: {paid} SD. Two points are no synthesis; "
           f"N({PAYMENT_PRIOR.mean:g}, {PAYMENT_PRIOR.sd:g}) SD is a judgement.")


def _stayed(found: Retention) -> str:
    counts = ", ".join(f"{stayed} of {teams} ({key})"
                       for key, stayed, teams in zip(found.keys, found.stayed, found.teams, strict=True))
    return (f"{counts}; in a new programme {percent(found.mean)} (90 % interval {percent(found.low)} to "
            f"{percent(found.high)}).")


def _range(low: float, high: float) -> str:
    return percent(low) if low == high else f"{percent(low)} to {percent(high)}"
