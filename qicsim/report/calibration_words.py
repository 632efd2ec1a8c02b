"""What a calibration says, in sentences and tables: the same on the page and in the README beside the posterior."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED, passed_over
from qicsim.estimate.calibrate.proof_report import Calibration, Proof
from qicsim.estimate.calibrate.structure import Structural
from qicsim.estimate.calibrate.study import ALL, BIAS
from qicsim.estimate.calibrate.targets import CHECKS, counts_of
from qicsim.ground.files import naming
from qicsim.ground.numbers import number, percent, plural
from qicsim.inputs.country import worded

Rows = Sequence[Mapping[str, Any]]


def calibration_tables(fitted: Fit, proof: Proof) -> dict[str, Rows]:
    """Rows of every table by its file's name."""
    early = proof.early
    return {
        "contraction.csv": [asdict(row) for row in proof.learned],
        "predictive.csv": [asdict(row) for row in proof.checked],
        "early_prediction.csv": [asdict(row) for row in early.rows] if early else [],
        "sbc.csv": [row for part in proof.calibrations for row in _sbc(part)],
        "sbc_ranks.csv": [row for part in proof.calibrations for row in _ranks(part)],
        "zero_effect.csv": [asdict(row) for row in proof.zero],
        "structures.csv": [asdict(row) for row in proof.structures],
        "fresh_seeds.csv": [{**asdict(proof.fresh), "penalty": proof.fresh.penalty, "passed": proof.fresh.passed}],
        "methods.csv": [asdict(row) for row in proof.methods.rows],
        "rounds.csv": [asdict(one) for one in fitted.rounds.rounds],
        "failures.csv": failures(fitted)}


def failures(fitted: Fit) -> Rows:
    """How many runs lack each summary, and are so refused where it is fitted."""
    lacking = (~np.isfinite(fitted.pool.values)).sum(axis=0)
    return [{"summary": name, "runs_without_it": int(count), "runs": len(fitted.pool)}
            for name, count in zip(fitted.pool.summaries, lacking, strict=True)]


def write_tables(tables: Mapping[str, Rows], folder: Path) -> list[Path]:
    """Write every table that has rows; the files."""
    found = []
    for name, rows in tables.items():
        if rows:
            with naming(folder / name), (folder / name).open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows({key: _short(value) for key, value in row.items()} for row in rows)
            found.append(folder / name)
    return found


def _sbc(part: Calibration) -> list[dict[str, Any]]:
    known = {one.parameter: one for one in part.recovery}
    rows = []
    for one in part.gate.verdicts:
        row: dict[str, Any] = {"truths_from": part.where, "quantity": one.quantity,
                               "truths": len(part.ranks.rows), "failed": part.ranks.failed,
                               "ecdf_p": one.ecdf, "chi_square_p": one.chi_square}
        for level in one.coverage:
            row[f"coverage_{100 * level.level:.0f}"] = level.share
        found = known.get(one.quantity)
        row |= {"explained": found.explained if found else "", "error": found.error if found else "",
                "sd": found.sd if found else ""}
        rows.append(row)
    return rows


def _ranks(part: Calibration) -> list[dict[str, Any]]:
    return [{"truths_from": part.where, "row": int(row), **dict(zip(part.ranks.quantities, ranks, strict=True))}
            for row, ranks in zip(part.ranks.rows, part.ranks.ranks, strict=True)]


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


OUTSIDE = 0.05
COUNTS_ONLY = (
    ("It says nothing about what collaboratives do for care. Counts of facilities, districts and provinces are fitted, "
     "and the posterior keeps parameters of the roll-out only."),
    ("Table 2 is chosen examples that teams measured themselves, without a control group. Its five rows are shown as "
     "checks, each with a bias of its own (10 points, standard deviation 10), and teach nothing here."),
)
WITH_TABLE_2 = (
    ("What it says about the size of the collaboratives' effect on care rests on Table 2: examples that teams chose "
     "and measured themselves, without a control group or standard errors."),
    ("Each row of Table 2 has a bias of its own (10 points, standard deviation 10, an assumption) and is read through "
     "the mean of the best teams; what it seems to teach rests on both."),
)
ALWAYS = "A parameter that the contraction table does not call learned is as it was believed beforehand."


def cannot(fitted: Fit) -> tuple[str, ...]:
    """What the calibration cannot say."""
    year = counts_of().late[:4]
    about = WITH_TABLE_2 if fitted.study.table2 == BIAS else COUNTS_ONLY if counts_of().topics else COUNTS_ONLY[:1]
    return (*map(worded, about), ALWAYS,
            f"What is reported after {year} is nothing, so nothing after {year} is tested.")


def how(fitted: Fit) -> str:
    """How the posterior was made."""
    known, rounds = fitted.posterior.diagnostics, fitted.rounds
    added = len(fitted.pool) - len(fitted.bank)
    tail = (f"Pareto k {known.pareto_k:.2f}" if known.method == "importance"
            else f"distance accepted {known.tolerance:.3g} spreads, adjusted by regression")
    return (f"{len(fitted.bank):,} draws of the prior were simulated to the end of {counts_of().late[:4]}, and "
            f"{added:,} more where the targets asked for them, in {plural(len(rounds.rounds) - 1, 'round', 'rounds')}, "
            f"until {rounds.stopped}. Method: {known.method}. {known.accepted:,} of {known.considered:,} usable runs "
            f"have a weight worth keeping ({percent(known.acceptance, 1)}); effective sample "
            f"{number(known.effective_sample)}; {tail}. {known.chosen[:1].upper() + known.chosen[1:]}. Tolerance of "
            f"the last round: {rounds.rounds[-1].tolerance:.3g} (1 is the likelihood as stated).")


def refused(fitted: Fit) -> str:
    """Runs that failed or lack a summary; "" where no topics were reported."""
    if not counts_of().topics:
        return ""
    failed = len(fitted.pool.failed)
    lacking = (f"{plural(failed, 'run', 'runs')} of {len(fitted.pool):,} had no team on a topic, so that a summary has "
               "no value. Each is recorded with its draw; failures.csv counts them by topic. ")
    if fitted.study.table2 == BIAS:
        return (f"{lacking}Since teams were reported on every topic, such a run contradicts the report and has "
                "likelihood zero.")
    return f"{lacking}They count for the roll-out like any others, and the check of that topic is made without them."


def verdicts(fitted: Fit, proof: Proof) -> list[str]:
    """The result of every check, misses first said as misses."""
    return [*_calibrated(proof), _predicted(fitted, proof), _early(proof), _fresh(proof), _learned(fitted, proof),
            two_methods(proof), headline(proof), *structures_said(proof)]


def headline(proof: Proof) -> str:
    """The zero-effect question in two sentences, for use beside every later headline."""
    by_source = {one.source: one for one in proof.zero}
    sign = "the published sign" if any(row.key == CHECKS[0] for row in proof.checked) else "that sign"
    prior, posterior = by_source["prior"], by_source["posterior"]
    return (f"“{worded('More health centres')} with a team than without are recorded at 80 or more” holds in "
            f"{percent(prior.share_without)} of prior draws and {percent(posterior.share_without)} of posterior draws "
            "in which the collaboratives do nothing for care, because the assessors are the coaches: without their "
            f"leniency it holds in {percent(prior.share_strict)} and {percent(posterior.share_strict)}, as chance has "
            f"it. With their effects it holds in {percent(prior.share_with)} and "
            f"{percent(posterior.share_with)}. "
            f"So {sign} is {posterior.ratio:.2f} times as likely with an effect as without "
            f"(95 % {posterior.ratio_low:.2f} to {posterior.ratio_high:.2f}; prior draws {prior.ratio:.2f}).")


def two_methods(proof: Proof) -> str:
    """Importance weights beside the regression-adjusted nearest prior draws."""
    exact, near = proof.methods.importance, proof.methods.approximate
    farthest = max(proof.methods.rows, key=lambda row: abs(row.apart))
    return (f"Two methods: importance weights of all runs have an effective sample of {number(exact.effective_sample)} "
            f"(Pareto k {exact.pareto_k:.2f}); approximate Bayesian computation with regression adjustment on the "
            f"prior draws alone accepts {number(near.accepted)} runs within {near.tolerance:.2g} spreads (effective "
            f"sample {number(near.effective_sample)}). Their posterior means lie at most {abs(farthest.apart):.2f} "
            f"prior standard deviations apart ({farthest.parameter}).")


def _calibrated(proof: Proof) -> list[str]:
    if not proof.calibrations:
        return ["Simulation-based calibration was not run: the posterior is approximate, not by weights of runs."]
    return [f"Simulation-based calibration of {part.where}, {truths(part)}: {gate_in_words(part)}. "
            f"{sum(one.ecdf < OUTSIDE for one in part.gate.verdicts)} of {len(part.gate.verdicts)} rank curves leave "
            f"their simultaneous 95 % band (5 % would by chance; the gate fails below p = {part.gate.limit:.1g})."
            for part in proof.calibrations]


def truths(part: Calibration) -> str:
    """How many truths there were, and of how many the weights failed."""
    ranked = len(part.ranks.rows)
    failed = (f"the weights of {part.ranks.failed} failed (Pareto k of 0.7 or more, or too few runs) and are not ranked"
              if part.ranks.failed else "the weights of none failed")
    return f"{ranked + part.ranks.failed} truths, of which {failed}"


def gate_in_words(part: Calibration) -> str:
    """The verdict on the ranks, with every reason."""
    return "passed" if part.gate.passed else "FAILED: " + "; ".join(part.gate.reasons)


def _predicted(made: Fit, proof: Proof) -> str:
    keys = {target.summary for target in made.problem.targets}
    fitted = [row for row in proof.checked if row.key in keys]
    missed = [row.key for row in proof.checked if row.missed]
    named = f" Missed, checks among them: {', '.join(missed)}." if missed else ""
    inside = sum(not row.missed for row in fitted)
    low = [f"{row.key} ({row.observed:g}, runs {row.low:.3g} to {row.high:.3g})" for row in fitted
           if not row.low <= row.observed <= row.high and not (row.kind == "at least" and row.observed <= row.high)]
    apart = f" Outside the 90 % interval of the runs alone: {'; '.join(low)}." if low else ""
    return (f"Posterior predictive: {inside} of {len(fitted)} fitted targets lie in the 90 % interval of reports, "
            f"which holds observation error and model discrepancy.{named}{apart}")


def _early(proof: Proof) -> str:
    if proof.early is None:
        return "Nothing early is fitted, so nothing was predicted from it."
    missed = [row.key for row in proof.early.rows if row.missed]
    named = f" Missed: {', '.join(missed)}." if missed else ""
    return (f"From the {len(proof.early.fitted)} numbers of {counts_of().early[:4]} alone, the 90 % intervals "
            f"hold {proof.early.inside} of {len(proof.early.rows)} later ones.{named}")


def _fresh(proof: Proof) -> str:
    fresh = proof.fresh
    return (f"Fresh seeds: the mismatch grows by a factor {fresh.penalty:.2f} (standard error "
            f"{fresh.standard_error:.2f}; at most 1.2 is asked): {'passed' if fresh.passed else 'FAILED'}.")


def _learned(fitted: Fit, proof: Proof) -> str:
    count = {kind: sum(row.kind == kind for row in proof.learned) for kind in (LEARNED, ELSEWHERE, ASSUMED)}
    taught = [row.parameter for row in proof.learned if row.kind == LEARNED]
    named = f" ({', '.join(taught)})" if taught else ""
    which = "all parameters" if fitted.study.free == ALL and not fitted.study.fixed else "the free parameters"
    left = passed_over(fitted)
    beyond = (f" Only those of the roll-out are kept ({len(fitted.study.kept)}); of the others the fit says most about "
              f"{left[0]} ({percent(left[1])} of its variance), which stays at its prior." if left else "")
    return (f"Of {which}, {count[LEARNED]} were learned from the data{named}, {count[ELSEWHERE]} are known from "
            f"elsewhere and {count[ASSUMED]} are assumed.{beyond}")


def structures_said(proof: Proof) -> list[str]:
    """Every alternative beside the shipped form."""
    return [f"{one.title}: {one.verdict} ({_compared(one)})." for one in proof.structures]


def _compared(one: Structural) -> str:
    """Weight and log ratio as far as they can be known; the effective sample alone where too few runs fit."""
    sample = f"effective sample {one.effective:.0f}"
    if not one.weight_in_words:
        return sample
    return (f"weight {one.weight_in_words} of 1, log ratio {one.log_ratio:+.1f}, standard error {one.error:.1f}, "
            f"{sample}")
