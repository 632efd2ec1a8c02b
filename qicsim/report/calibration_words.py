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
from qicsim.ground.numbers import number, percent
from qicsim.report.language import counted, say, text, text_of

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
    text("It says nothing about what collaboratives do for care. Counts of facilities, districts and provinces are "
         "fitted, and the posterior keeps parameters of the roll-out only."),
    text("Table 2 is chosen examples that teams measured themselves, without a control group. Its five rows are shown "
         "as checks, each with a bias of its own (10 points, standard deviation 10), and teach nothing here."),
)
WITH_TABLE_2 = (
    text("What it says about the size of the collaboratives' effect on care rests on Table 2: examples that teams "
         "chose and measured themselves, without a control group or standard errors."),
    text("Each row of Table 2 has a bias of its own (10 points, standard deviation 10, an assumption) and is read "
         "through the mean of the best teams; what it seems to teach rests on both."),
)
ALWAYS = (
    text("A parameter that the contraction table does not call learned is as it was believed beforehand."),
    text("What is reported after {year} is nothing, so nothing after {year} is tested."),
)
METHODS = {"importance": text("importance"), "approximate": text("approximate")}
SOURCES = {"prior": text("prior"), "posterior": text("posterior")}


def cannot(fitted: Fit) -> tuple[str, ...]:
    """What the calibration cannot say."""
    about = WITH_TABLE_2 if fitted.study.table2 == BIAS else COUNTS_ONLY if counts_of().topics else COUNTS_ONLY[:1]
    return tuple(say(one, year=counts_of().late[:4]) for one in (*about, *ALWAYS))


def how(fitted: Fit) -> str:
    """How the posterior was made."""
    known, rounds = fitted.posterior.diagnostics, fitted.rounds
    tail = (say("Pareto k {shape}", shape=f"{known.pareto_k:.2f}") if known.method == "importance" else
            say("distance accepted {tolerance} spreads, adjusted by regression", tolerance=f"{known.tolerance:.3g}"))
    chosen = text_of(known.chosen)
    return say("{bank} draws of the prior were simulated to the end of {year}, and {added} more where the targets "
               "asked for them, in {rounds}, until {stopped}. Method: {method}. {accepted} of {considered} usable runs "
               "have a weight worth keeping ({share}); effective sample {sample}; {tail}. {Chosen}. Tolerance of the "
               "last round: {tolerance} (1 is the likelihood as stated).", bank=f"{len(fitted.bank):,}",
               year=counts_of().late[:4],
               added=f"{len(fitted.pool) - len(fitted.bank):,}",
               rounds=counted(len(rounds.rounds) - 1, "{count} round", "{count} rounds"),
               stopped=text_of(rounds.stopped), method=say(METHODS.get(known.method, known.method)),
               accepted=f"{known.accepted:,}", considered=f"{known.considered:,}", share=percent(known.acceptance, 1),
               sample=number(known.effective_sample), tail=tail, Chosen=chosen[:1].upper() + chosen[1:],
               tolerance=f"{rounds.rounds[-1].tolerance:.3g}")


def refused(fitted: Fit) -> str:
    """Runs that failed or lack a summary; "" where no topics were reported."""
    if not counts_of().topics:
        return ""
    lacking = counted(len(fitted.pool.failed),
                      "{count} run of {all} had no team on a topic, so that a summary has no value. Each is recorded "
                      "with its draw; {file} counts them by topic.",
                      "{count} runs of {all} had no team on a topic, so that a summary has no value. Each is recorded "
                      "with its draw; {file} counts them by topic.", all=f"{len(fitted.pool):,}", file="failures.csv")
    treated = (say("Since teams were reported on every topic, such a run contradicts the report and has likelihood "
                   "zero.") if fitted.study.table2 == BIAS else
               say("They count for the roll-out like any others, and the check of that topic is made without them."))
    return f"{lacking} {treated}"


def verdicts(fitted: Fit, proof: Proof) -> list[str]:
    """The result of every check, misses first said as misses."""
    return [*_calibrated(proof), _predicted(fitted, proof), _early(proof), _fresh(proof), _learned(fitted, proof),
            two_methods(proof), headline(proof), *structures_said(proof)]


def headline(proof: Proof) -> str:
    """The zero-effect question in two sentences, for use beside every later headline."""
    by_source = {one.source: one for one in proof.zero}
    published = any(row.key == CHECKS[0] for row in proof.checked)
    prior, posterior = by_source["prior"], by_source["posterior"]
    return say("“More health centres with a team than without are recorded at 80 or more” holds in {prior_without} of "
               "prior draws and {posterior_without} of posterior draws in which the collaboratives do nothing for "
               "care, because the assessors are the coaches: without their leniency it holds in {prior_strict} and "
               "{posterior_strict}, as chance has it. With their effects it holds in {prior_with} and "
               "{posterior_with}. So {sign} is {ratio} times as likely with an effect as without (95 % {low} to "
               "{high}; prior draws {prior_ratio}).", sign=say("the published sign") if published else say("that sign"),
               prior_without=percent(prior.share_without),
               posterior_without=percent(posterior.share_without), prior_strict=percent(prior.share_strict),
               posterior_strict=percent(posterior.share_strict), prior_with=percent(prior.share_with),
               posterior_with=percent(posterior.share_with), ratio=f"{posterior.ratio:.2f}",
               low=f"{posterior.ratio_low:.2f}", high=f"{posterior.ratio_high:.2f}", prior_ratio=f"{prior.ratio:.2f}")


def two_methods(proof: Proof) -> str:
    """Importance weights beside the regression-adjusted nearest prior draws."""
    exact, near = proof.methods.importance, proof.methods.approximate
    farthest = max(proof.methods.rows, key=lambda row: abs(row.apart))
    return say("Two methods: importance weights of all runs have an effective sample of {sample} (Pareto k {shape}); "
               "approximate Bayesian computation with regression adjustment on the prior draws alone accepts "
               "{accepted} runs within {tolerance} spreads (effective sample {near}). Their posterior means lie at "
               "most {apart} prior standard deviations apart ({parameter}).", sample=number(exact.effective_sample),
               shape=f"{exact.pareto_k:.2f}", accepted=number(near.accepted), tolerance=f"{near.tolerance:.2g}",
               near=number(near.effective_sample), apart=f"{abs(farthest.apart):.2f}", parameter=farthest.parameter)


def _calibrated(proof: Proof) -> list[str]:
    if not proof.calibrations:
        return [say("Simulation-based calibration was not run: the posterior is approximate, not by weights of runs.")]
    return [say("Simulation-based calibration of {where}, {truths}: {gate}. {out} of {all} rank curves leave their "
                "simultaneous 95 % band (5 % would by chance; the gate fails below p = {limit}).",
                where=text_of(part.where), truths=truths(part), gate=gate_in_words(part),
                out=sum(one.ecdf < OUTSIDE for one in part.gate.verdicts), all=len(part.gate.verdicts),
                limit=f"{part.gate.limit:.1g}") for part in proof.calibrations]


def truths(part: Calibration) -> str:
    """How many truths there were, and of how many the weights failed."""
    count = len(part.ranks.rows) + part.ranks.failed
    if not part.ranks.failed:
        return say("{count} truths, of which the weights of none failed", count=count)
    return say("{count} truths, of which the weights of {failed} failed (Pareto k of 0.7 or more, or too few runs) and "
               "are not ranked", count=count, failed=part.ranks.failed)


def gate_in_words(part: Calibration) -> str:
    """The verdict on the ranks, with every reason."""
    return say("passed") if part.gate.passed else say("FAILED: {reasons}",
                                                      reasons="; ".join(map(text_of, part.gate.reasons)))


def _predicted(made: Fit, proof: Proof) -> str:
    keys = {target.summary for target in made.problem.targets}
    fitted = [row for row in proof.checked if row.key in keys]
    missed = [row.key for row in proof.checked if row.missed]
    low = [say("{target} ({observed}, runs {low} to {high})", target=row.key, observed=f"{row.observed:g}",
               low=f"{row.low:.3g}", high=f"{row.high:.3g}") for row in fitted
           if not row.low <= row.observed <= row.high and not (row.kind == "at least" and row.observed <= row.high)]
    said = [say("Posterior predictive: {inside} of {all} fitted targets lie in the 90 % interval of reports, which "
                "holds observation error and model discrepancy.", inside=sum(not row.missed for row in fitted),
                all=len(fitted))]
    said += [say("Missed, checks among them: {targets}.", targets=", ".join(missed))] if missed else []
    said += [say("Outside the 90 % interval of the runs alone: {targets}.", targets="; ".join(low))] if low else []
    return " ".join(said)


def _early(proof: Proof) -> str:
    if proof.early is None:
        return say("Nothing early is fitted, so nothing was predicted from it.")
    missed = [row.key for row in proof.early.rows if row.missed]
    said = [say("From the {count} numbers of {year} alone, the 90 % intervals hold {inside} of {all} later ones.",
                count=len(proof.early.fitted), year=counts_of().early[:4], inside=proof.early.inside,
                all=len(proof.early.rows))]
    return " ".join([*said, *([say("Missed: {targets}.", targets=", ".join(missed))] if missed else [])])


def _fresh(proof: Proof) -> str:
    fresh = proof.fresh
    return say("Fresh seeds: the mismatch grows by a factor {penalty} (standard error {error}; at most 1.2 is asked): "
               "{verdict}.", penalty=f"{fresh.penalty:.2f}", error=f"{fresh.standard_error:.2f}",
               verdict=say("passed") if fresh.passed else say("FAILED"))


def _learned(fitted: Fit, proof: Proof) -> str:
    count = {kind: sum(row.kind == kind for row in proof.learned) for kind in (LEARNED, ELSEWHERE, ASSUMED)}
    taught = [row.parameter for row in proof.learned if row.kind == LEARNED]
    fields = {"learned": f"{count[LEARNED]}", "elsewhere": count[ELSEWHERE], "assumed": count[ASSUMED],
              "named": f" ({', '.join(taught)})" if taught else ""}
    said = [say("Of all parameters, {learned} were learned from the data{named}, {elsewhere} are known from elsewhere "
                "and {assumed} are assumed.", **fields) if fitted.study.free == ALL and not fitted.study.fixed else
            say("Of the free parameters, {learned} were learned from the data{named}, {elsewhere} are known from "
                "elsewhere and {assumed} are assumed.", **fields)]
    left = passed_over(fitted)
    said += [say("Only those of the roll-out are kept ({count}); of the others the fit says most about {parameter} "
                 "({share} of its variance), which stays at its prior.", count=len(fitted.study.kept),
                 parameter=left[0], share=percent(left[1]))] if left else []
    return " ".join(said)


def structures_said(proof: Proof) -> list[str]:
    """Every alternative beside the shipped form."""
    return [say("{alternative}: {verdict} ({compared}).", alternative=text_of(one.title), verdict=text_of(one.verdict),
                compared=_compared(one)) for one in proof.structures]


def _compared(one: Structural) -> str:
    """Weight and log ratio as far as they can be known; the effective sample alone where too few runs fit."""
    if not one.weight_in_words:
        return say("effective sample {sample}", sample=f"{one.effective:.0f}")
    return say("weight {weight} of 1, log ratio {ratio}, standard error {error}, effective sample {sample}",
               weight=one.weight_in_words, ratio=f"{one.log_ratio:+.1f}", error=f"{one.error:.1f}",
               sample=f"{one.effective:.0f}")
