"""The page of a calibration: what was learned, what was not, and whether the posterior can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.parameter_status import LEARNED, Learned
from qicsim.estimate.calibrate.prediction import Checked
from qicsim.estimate.calibrate.proof_report import Proof
from qicsim.ground.files import write_text
from qicsim.ground.numbers import percent
from qicsim.report import calibration_figures as drawings
from qicsim.report.calibration_tables import failures
from qicsim.report.calibration_words import (
    cannot,
    gate_in_words,
    headline,
    how,
    refused,
    truths,
    two_methods,
    verdicts,
)
from qicsim.report.elements import (
    Markup,
    details,
    figure,
    identifier,
    items,
    joined,
    numbered,
    panels,
    table,
    tag,
)
from qicsim.report.language import say
from qicsim.report.method import made
from qicsim.report.page import Section, sectioned
from qicsim.report.svg import drawing_style

CONTENTS = (("zero", "The headline without an effect"), ("learned", "What was learned"),
            ("predicted", "What was reported"), ("early", "Predicting 2021"), ("trust", "Can it be trusted"),
            ("structures", "Other structures"), ("methods", "Two methods"), ("made", "How it was made"))
SHOWN = 12


def write_calibration_page(fitted: Fit, proof: Proof, values: np.ndarray, path: Path, *,
                           provenance: Mapping[str, Any]) -> None:
    """Write the page; `values` (n, all) are the posterior draws that were written."""
    with drawing_style():
        parts = _parts(fitted, proof, values, provenance)
    limits = tag("aside", tag("h2", "What this calibration cannot say"), items(cannot(fitted)), class_="limits",
                 id="limits")
    write_text(path, sectioned(
        "Calibration: the reported history of the collaboratives", parts,
        kicker=say("Quality improvement collaboratives in {country}"), heading="What the reported history teaches",
        answer=[headline(proof)], more=items(verdicts(fitted, proof)[:-len(proof.structures) or None]), limits=limits))


def _parts(fitted: Fit, proof: Proof, values: np.ndarray, provenance: Mapping[str, Any]) -> list[Section]:
    sections: tuple[Callable[[], Markup], ...] = (
        lambda: _zero(proof), lambda: _learned(fitted, proof, values), lambda: _predicted(proof), lambda: _early(proof),
        lambda: _trust(proof), lambda: _structures(proof), lambda: _methods(proof),
        lambda: _made(fitted, provenance))
    return [(key, title, make()) for (key, title), make in zip(CONTENTS, sections, strict=True)]


def _zero(proof: Proof) -> Markup:
    rows = [[one.source, f"{one.draws:,}", percent(one.share_with), percent(one.share_without),
             percent(one.share_strict),
             f"{one.ratio:.2f} ({one.ratio_low:.2f} to {one.ratio_high:.2f})", f"{100 * one.median_with:.1f}",
             f"{100 * one.median_without:.1f}"] for one in proof.zero]
    heads = ("Draws", "Number", "Sign seen", "Sign seen, no effect", "No effect, no leniency",
             "Likelihood ratio (95 %)", "Median, points",
             "Median, no effect")
    note = ("The same draws and luck, once as they are and once with every effect of collaboratives on care at zero: "
            "work on topics, learning sessions, exchange visits, recognition, motivation from support.")
    return figure("figure-zero", numbered(1, "How often the headline's sign is seen"), note, drawings.zero(proof.zero),
                  table("The zero-effect question", heads, rows))


def _learned(fitted: Fit, proof: Proof, values: np.ndarray) -> Markup:
    taught = [row for row in proof.learned if row.kind == LEARNED][:SHOWN] or list(proof.learned[:4])
    found = drawings.drawn_values(fitted, values, [row.parameter for row in taught])
    small = [(row.parameter, drawings.density(f"density-{identifier(row.parameter)}", row, found[row.parameter]))
             for row in taught]
    parts = [figure("figure-learned", numbered(2, "Prior (grey) and posterior (blue) of what was learned"),
                    "Histograms of draws.", panels(small, "small"), _contraction(proof.learned))]
    if len(found) > 1:
        parts.append(figure("figure-pairs", numbered(3, "The most contracted parameters, two at a time"),
                            "Posterior draws of equal weight.", drawings.pairs(found), ""))
    return joined(parts)


def _contraction(rows: Sequence[Learned]) -> Markup:
    cells = [[joined((row.meaning, tag("span", row.parameter, class_="name")), " "), row.unit,
              f"{row.prior_low:.3g} to {row.prior_high:.3g}", f"{row.low:.3g} to {row.high:.3g}",
              percent(row.contraction), f"{row.shift:+.2f}", row.grade, row.kind] for row in rows]
    heads = ("Parameter", "Unit", "Prior, 5–95 %", "Posterior, 5–95 %", "Variance removed", "Shift, SD", "Grade",
             "Kind")
    return details("Every parameter: what the data taught, and where else its value comes from",
                   table("Contraction", heads, cells, class_="dense list",
                         marked=frozenset(at for at, row in enumerate(rows) if row.kind == LEARNED)))


def _predicted(proof: Proof) -> Markup:
    note = ("Blue: 5–95 % of runs. Dot: what was reported. Red diamond: outside the 90 % interval of what would be "
            "reported, a miss. Checks were not fitted: fresh runs of draws as projections take them stand beside them.")
    return figure("figure-predicted", numbered(4, "Everything reported, against the posterior"), note,
                  drawings.targets("predicted", proof.checked), _reports("Posterior predictive", proof.checked))


def _reports(title: str, rows: Sequence[Checked]) -> Markup:
    cells = [_report(row) for row in rows]
    heads = ("Report", "Role", "Reported", "Runs, 5–95 %", "Reports, 5–95 %", "Verdict", "Note")
    return table(title, heads, cells, class_="dense list")


def _report(row: Checked) -> list[object]:
    verdict = "missed" if row.missed else "within" if np.isfinite(row.low) else "built in"
    return [joined((f"{row.quantity}, {row.at}", tag("span", row.key, class_="name")), " "), row.role,
            _observed(row), _range(row.low, row.high),
            _range(row.reported_low, row.reported_high), verdict, row.note]


def _observed(row: Checked) -> str:
    """The reported value; none where the model has it built in."""
    kind = "" if row.kind == "equal" else f"{row.kind} "
    return f"{kind}{row.observed:g}" if np.isfinite(row.low) else "–"


def _range(low: float, high: float) -> str:
    return f"{low:.3g} to {high:.3g}" if np.isfinite(low) else "–"


def _early(proof: Proof) -> Markup:
    if proof.early is None:
        return tag("p", "Nothing early is fitted.")
    known = proof.early.diagnostics
    note = (f"Fitted: {', '.join(proof.early.fitted)} ({known.method}, effective sample {known.effective_sample:.0f}). "
            f"{proof.early.inside} of {len(proof.early.rows)} later values lie within the stated interval.")
    return figure("figure-early", numbered(5, "What the numbers of 2019 alone predict for later ones"), note,
                  drawings.targets("early", proof.early.rows),
                  _reports("Prediction of what was not fitted", proof.early.rows))


def _trust(proof: Proof) -> Markup:
    parts: list[Markup] = []
    for part in proof.calibrations:
        key = identifier(part.where)
        if not part.gate.verdicts:
            parts.append(tag("p", f"{truths(part)}: nothing could be ranked."))
            continue
        drawn = panels([("Rank histograms, and what chance allows a bin", drawings.histograms(part, f"bins-{key}")),
                        ("Ranks and their simultaneous 95 % band", drawings.ranks(part, f"ranks-{key}")),
                        ("Coverage of 50, 80, 95 % intervals", drawings.covered(part, f"covered-{key}")),
                        ("Recovery: posterior mean against the truth", drawings.recovered(part, f"found-{key}"))],
                       "wide")
        note = (f"{truths(part)}. Each was fitted as if it had been reported besides; every line or dot is one of "
                f"{len(part.ranks.quantities)} quantities. Gate: {gate_in_words(part)}. Per cent over recovery: share "
                "of the variance of true values that posterior means explain; the table sbc.csv has all.")
        parts.append(figure(f"figure-trust-{key}", f"Truths from: {part.where}", note, drawn, ""))
    return joined(parts) if parts else tag("p", "Nothing was checked: the posterior is approximate.")


def _structures(proof: Proof) -> Markup:
    rows = [[one.title, f"{one.log_ratio:+.1f} ± {one.error:.1f}" if one.weight_in_words else "–",
             one.weight_in_words or "–", f"{one.effective:.0f}", f"{one.mismatch:.1f}", one.verdict]
            for one in proof.structures]
    if not rows:
        return tag("p", "The study names no alternative.")
    heads = ("Alternative", "Log of the evidence ratio", "Posterior weight", "Effective sample", "Mismatch, SD",
             "Verdict")
    note = ("Each against the shipped form, equally likely before, on the same draws and luck. A ratio below a "
            "factor of three, or within two standard errors, tells nothing.")
    return joined((table("Structural alternatives", heads, rows, class_="list"), tag("p", note, class_="note")))


def _methods(proof: Proof) -> Markup:
    taught = [row.parameter for row in proof.learned if row.kind == LEARNED]
    by_name = {row.parameter: row for row in proof.methods.rows}
    rows = [[name, *(f"{value:.3g}" for value in astuple(by_name[name])[1:-1]), f"{by_name[name].apart:+.2f}"]
            for name in taught]
    levels = [f"{method}, {level} %" for method in ("Importance", "Approximate") for level in (5, 50, 95)]
    shown = table("What was learned, by both methods", ("Parameter", *levels, "Means apart, SD"), rows, class_="dense")
    return joined((tag("p", two_methods(proof)), shown))


def _made(fitted: Fit, provenance: Mapping[str, Any]) -> Markup:
    rounds = [[f"{one.runs:,}", f"{one.tolerance:.3g}", f"{one.tempered_sample:.0f}", f"{one.effective_sample:.0f}"]
              for one in fitted.rounds.rounds]
    lacking = [[str(row["summary"]), f"{row['runs_without_it']:,}"]
               for row in failures(fitted) if row["runs_without_it"]]
    return joined((
        tag("p", how(fitted)), tag("p", refused(fitted)),
        table("Rounds", ("Runs before", "Tolerance", "Effective sample there", "Effective sample at 1"), rounds,
              class_="narrow"),
        table("Runs without a value", ("Summary", "Runs"), lacking, class_="narrow") if lacking else "",
        made(provenance, left_out=("chosen",))))
