"""What a calibration leaves: posterior, tables, README, and the page of what was learned and whether to trust it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

from qicsim.estimate.calibrate.fitting import Fit, kept_values
from qicsim.estimate.calibrate.parameter_status import LEARNED, Learned
from qicsim.estimate.calibrate.prediction import Checked
from qicsim.estimate.calibrate.proof_report import Calibration, Proof
from qicsim.estimate.calibrate.shipped import NAME, write_posterior
from qicsim.estimate.calibrate.targets import counts_of
from qicsim.estimate.calibrate.uniformity import ecdf_band
from qicsim.estimate.calibrate.zero_effect import ZeroEffect
from qicsim.ground.files import together, write_text
from qicsim.ground.numbers import percent
from qicsim.report.calibration_words import (
    calibration_tables,
    cannot,
    failures,
    gate_in_words,
    headline,
    how,
    refused,
    truths,
    two_methods,
    verdicts,
    write_tables,
)
from qicsim.report.colours import BLUE, INK, ORANGE, REFERENCE, RULE, VERMILLION
from qicsim.report.elements import Markup, details, figure, identifier, items, joined, numbered, panels, table, tag
from qicsim.report.formatting import lines
from qicsim.report.language import say
from qicsim.report.method import made
from qicsim.report.page import Section, sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

BINS = 28
PAIRS = 5
RANK_BINS = 20
RECOVERED = 2
KINDS_OF_ZERO = ("with effect", "no effect", "no effect, no leniency")
ROW = 30.0
Values = dict[str, tuple[np.ndarray, np.ndarray]]


def drawn_values(fitted: Fit, values: np.ndarray, names: Sequence[str]) -> Values:
    """Prior and posterior values of each parameter, by name; `values` (n, kept) are the posterior's."""
    prior = fitted.problem.quantile(fitted.bank.cube[:4096])
    return {name: (prior[:, fitted.problem.parameters.index(name)], values[:, fitted.study.kept.index(name)])
            for name in names}


def density(key: str, one: Learned, pair: tuple[np.ndarray, np.ndarray]) -> Markup:
    """Histograms of a parameter: prior in grey, posterior in blue."""
    figure = canvas(232.0, 136.0)
    axes = frame(figure, (8.0, 8.0, 42.0, 6.0))
    low, high = np.quantile(np.concatenate(pair), (0.002, 0.998))
    edges = np.linspace(low, high if high > low else low + 1.0, BINS)
    axes.hist(pair[0], edges, density=True, color=RULE)
    axes.hist(pair[1], edges, density=True, histtype="step", color=BLUE, linewidth=1.5)
    axes.set_yticks([])
    axes.set_xlabel(one.unit if one.unit != "1" else "")
    quiet(axes, grid="x")
    return finish(figure, key, f"{one.parameter}: prior {one.prior_low:.3g} to {one.prior_high:.3g}, "
                               f"posterior {one.low:.3g} to {one.high:.3g}")


def pairs(found: Values) -> Markup:
    """Scatter of the posterior draws of a few parameters, two at a time."""
    names = list(found)[:PAIRS]
    n, side = len(names), 148.0
    figure = canvas(side * max(n - 1, 1) + 60.0, side * max(n - 1, 1) + 20.0)
    for row in range(1, n):
        for column in range(row):
            axes = figure.add_subplot(n - 1, n - 1, (row - 1) * (n - 1) + column + 1)
            x, y = found[names[column]][1], found[names[row]][1]
            axes.plot(x, y, linestyle="none", marker=".", markersize=1.6, color=BLUE, alpha=0.35, rasterized=True)
            axes.tick_params(labelsize=6.5)
            if row == n - 1:
                axes.set_xlabel(names[column].rpartition(".")[2])
            if column == 0:
                axes.set_ylabel(names[row].rpartition(".")[2])
    figure.subplots_adjust(left=0.1, right=0.98, bottom=0.1, top=0.98, wspace=0.35, hspace=0.3)
    return finish(figure, "pairs", f"Posterior draws of {', '.join(names)}, two at a time")


def targets(key: str, rows: Sequence[Checked]) -> Markup:
    """Reports against what the model would report, in half-widths of its 90 % interval from the middle."""
    shown = [row for row in rows if np.isfinite(row.reported_low) and row.reported_high > row.reported_low]
    figure = canvas(700.0, 48.0 + ROW * len(shown))
    axes = frame(figure, (250.0, 96.0, 38.0, 4.0))
    for place, row in enumerate(shown):
        _target(axes, place, row)
    axes.axvspan(-1.0, 1.0, color="#eef3f7", linewidth=0)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_yticks(range(len(shown)), ["\n".join(lines(row.key.replace("_", " "), 40, 2)) for row in shown])
    axes.set_xlabel("reported value, in half-widths of the 90 % interval of reports (shaded)")
    quiet(axes, grid="x")
    missed = [row.key for row in shown if row.missed]
    return finish(figure, key, f"{len(shown) - len(missed)} of {len(shown)} reported values as expected; "
                               f"missed: {', '.join(missed) or 'none'}")


def _target(axes: object, place: int, row: Checked) -> None:
    middle, half = 0.5 * (row.reported_low + row.reported_high), 0.5 * (row.reported_high - row.reported_low)
    at, colour = (row.observed - middle) / half, VERMILLION if row.missed else INK
    shown = float(np.clip(at, -3.0, 3.0))
    axes.plot([(row.low - middle) / half, (row.high - middle) / half], [place, place], color=BLUE, linewidth=4.0,  # type: ignore[attr-defined]
              solid_capstyle="butt")
    axes.plot([shown], [place], marker="D" if row.missed else "o", markersize=6.0, color=colour)  # type: ignore[attr-defined]
    axes.text(1.02, place, f"{row.observed:g}" + (" missed" if row.missed else ""), va="center", color=colour,  # type: ignore[attr-defined]
              transform=axes.get_yaxis_transform())  # type: ignore[attr-defined]


def ranks(part: Calibration, key: str) -> Markup:
    """Empirical distribution of the ranks of every quantity minus the diagonal, with the simultaneous 95 % band."""
    figure = canvas(420.0, 260.0)
    axes = frame(figure, (64.0, 10.0, 40.0, 8.0))
    n = len(part.ranks.rows)
    grid, low, high = ecdf_band(n)
    axes.fill_between(grid, low - grid, high - grid, color="#eef3f7", linewidth=0)
    failed = {reason.partition(":")[0] for reason in part.gate.reasons}
    for i, name in enumerate(part.ranks.quantities):
        line = np.searchsorted(np.sort(part.ranks.ranks[:, i]), grid, side="right") / n - grid
        axes.plot(grid, line, color=VERMILLION if name in failed else BLUE, linewidth=1.2 if name in failed else 0.4)
    axes.set_xlabel("rank of the truth in its posterior")
    axes.set_ylabel("empirical minus uniform")
    quiet(axes)
    return finish(figure, key, f"Ranks of {len(part.ranks.quantities)} quantities over {n} truths, {part.where}: "
                               f"gate {'passed' if part.gate.passed else 'failed'}")


def histograms(part: Calibration, key: str) -> Markup:
    """Rank histograms of all quantities in twenty bins, and where 99 % of the counts of a bin would lie by chance."""
    figure = canvas(420.0, 260.0)
    axes = frame(figure, (64.0, 10.0, 40.0, 8.0))
    n, edges = len(part.ranks.rows), np.linspace(0.0, 1.0, RANK_BINS + 1)
    low, high = binom.ppf((0.005, 0.995), n, 1.0 / RANK_BINS)
    axes.axhspan(low, high, color="#eef3f7", linewidth=0)
    axes.axhline(n / RANK_BINS, color=REFERENCE, linewidth=0.8)
    shift = np.linspace(-0.35, 0.35, len(part.ranks.quantities)) / RANK_BINS
    for ranked, aside in zip(part.ranks.ranks.T, shift, strict=True):
        axes.plot(edges[:-1] + 0.5 / RANK_BINS + aside, np.histogram(ranked, edges)[0], linestyle="none", marker=".",
                  markersize=2.0, color=BLUE)
    axes.set_ylim(0.0, None)
    axes.set_xlabel("rank of the truth in its posterior")
    axes.set_ylabel("truths in a bin")
    quiet(axes)
    return finish(figure, key, f"Rank histograms of {len(part.ranks.quantities)} quantities over {n} truths, "
                               f"{part.where}")


def recovered(part: Calibration, key: str) -> Markup:
    """Known values against the means of their posteriors, in normal scores, for the parameters recovered best."""
    best = sorted(range(len(part.recovery)), key=lambda i: -part.recovery[i].explained)[:RECOVERED]
    figure = canvas(420.0, 260.0)
    for place, i in enumerate(best):
        axes = figure.add_axes((0.09 + 0.49 * place, 0.16, 0.4, 0.74))
        axes.axline((0.0, 0.0), slope=1.0, color=REFERENCE, linewidth=0.8)
        axes.plot(part.ranks.truths[:, i], part.ranks.means[:, i], linestyle="none", marker=".", markersize=2.0,
                  color=BLUE)
        axes.set_title(f"{part.recovery[i].parameter}: {percent(part.recovery[i].explained)}", fontsize=9.0)
        axes.set_xlabel("true value, normal score")
        quiet(axes)
    return finish(figure, key, "Share of the variance of known values that posterior means explain: " + "; ".join(
        f"{part.recovery[i].parameter} {percent(part.recovery[i].explained)}" for i in best))


def covered(part: Calibration, key: str) -> Markup:
    """Share of intervals that hold the truth, for every quantity and level; the lines are what is right."""
    figure = canvas(420.0, 260.0)
    axes = frame(figure, (64.0, 10.0, 40.0, 8.0))
    for colour, level in zip((BLUE, ORANGE, VERMILLION), range(3), strict=True):
        shares = sorted(verdict.coverage[level].share for verdict in part.gate.verdicts)
        right = part.gate.verdicts[0].coverage[level].level
        axes.axhline(right, color=REFERENCE, linewidth=0.8)
        axes.annotate(percent(right), (0, right), (0, 4), textcoords="offset points", color=colour, fontweight="bold")
        axes.plot(range(len(shares)), shares, linestyle="none", marker=".", markersize=3.0, color=colour)
    axes.set_ylim(0.4, 1.0)
    axes.set_xlabel("quantities, by their coverage")
    axes.set_ylabel("share of intervals that hold the truth")
    quiet(axes)
    return finish(figure, key, f"Coverage of 50, 80 and 95 % intervals of {len(part.gate.verdicts)} quantities, "
                               f"{part.where}")


def zero(rows: Sequence[ZeroEffect]) -> Markup:
    """Share of draws with the headline's sign, with and without an effect."""
    figure = canvas(640.0, 40.0 + 88.0 * len(rows))
    axes = frame(figure, (220.0, 60.0, 36.0, 4.0))
    names = []
    for place, row in enumerate(rows):
        for offset, (share, colour) in enumerate(((row.share_with, BLUE), (row.share_without, ORANGE),
                                                   (row.share_strict, REFERENCE))):
            at = 3.4 * place + offset
            axes.barh(at, share, height=0.8, color=colour, linewidth=0)
            axes.text(share + 0.01, at, percent(share), va="center")
            names.append((at, f"{row.source}, {KINDS_OF_ZERO[offset]}"))
    axes.set_yticks([at for at, _ in names], [name for _, name in names])
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of draws in which more centres with a team are recorded at 80 or more")
    quiet(axes, grid="x")
    return finish(figure, "zero", "; ".join(f"{row.source}: {percent(row.share_with)} with effect, "
                                            f"{percent(row.share_without)} without" for row in rows))


CONTENTS = (("zero", "The headline without an effect"), ("learned", "What was learned"),
            ("predicted", "What was reported"), ("early", "Predicting {late}"), ("trust", "Can it be trusted"),
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
    late = counts_of().late[:4]
    return [(key, title.format(late=late), make()) for (key, title), make in zip(CONTENTS, sections, strict=True)]


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
    return figure("figure-zero", numbered(1, "How often the headline's sign is seen"), note, zero(proof.zero),
                  table("The zero-effect question", heads, rows))


def _learned(fitted: Fit, proof: Proof, values: np.ndarray) -> Markup:
    taught = [row for row in proof.learned if row.kind == LEARNED][:SHOWN] or list(proof.learned[:4])
    found = drawn_values(fitted, values, [row.parameter for row in taught])
    small = [(row.parameter, density(f"density-{identifier(row.parameter)}", row, found[row.parameter]))
             for row in taught]
    parts = [figure("figure-learned", numbered(2, "Prior (grey) and posterior (blue) of what was learned"),
                    "Histograms of draws.", panels(small, "small"), _contraction(proof.learned))]
    if len(found) > 1:
        parts.append(figure("figure-pairs", numbered(3, "The most contracted parameters, two at a time"),
                            "Posterior draws of equal weight.", pairs(found), ""))
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
                  targets("predicted", proof.checked), _reports("Posterior predictive", proof.checked))


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
    title = f"What the numbers of {counts_of().early[:4]} alone predict for later ones"
    return figure("figure-early", numbered(5, title), note,
                  targets("early", proof.early.rows),
                  _reports("Prediction of what was not fitted", proof.early.rows))


def _trust(proof: Proof) -> Markup:
    parts: list[Markup] = []
    for part in proof.calibrations:
        key = identifier(part.where)
        if not part.gate.verdicts:
            parts.append(tag("p", f"{truths(part)}: nothing could be ranked."))
            continue
        drawn = panels([("Rank histograms, and what chance allows a bin", histograms(part, f"bins-{key}")),
                        ("Ranks and their simultaneous 95 % band", ranks(part, f"ranks-{key}")),
                        ("Coverage of 50, 80, 95 % intervals", covered(part, f"covered-{key}")),
                        ("Recovery: posterior mean against the truth", recovered(part, f"found-{key}"))],
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
        tag("p", how(fitted)), tag("p", refused(fitted)) if refused(fitted) else "",
        table("Rounds", ("Runs before", "Tolerance", "Effective sample there", "Effective sample at 1"), rounds,
              class_="narrow"),
        table("Runs without a value", ("Summary", "Runs"), lacking, class_="narrow") if lacking else "",
        made(provenance, left_out=("chosen",))))


PAGE, README = "calibration.html", "README.md"
FILES = (NAME, NAME.replace(".npz", ".json"), PAGE, README)


def write_calibration(fitted: Fit, proof: Proof, folder: Path, provenance: dict[str, Any]) -> list[Path]:
    """Write everything; the files, the posterior first."""
    values = kept_values(fitted, fitted.study.draws)
    with together(folder) as place:
        write_posterior(place / NAME, fitted.study.kept, values, provenance)
        tables = write_tables(calibration_tables(fitted, proof), place)
        write_calibration_page(fitted, proof, values, place / PAGE, provenance=provenance)
        write_text(place / README, readme(fitted, proof, provenance))
    return [folder / name for name in (*FILES, *(table.name for table in tables))]


def readme(fitted: Fit, proof: Proof, provenance: dict[str, Any]) -> str:
    """How this posterior was made, what the checks say, and what it cannot say; every number is of this run."""
    lines = ["# Calibration", "",
             (f"Made by `{provenance['command']}` in {provenance['minutes']:.1f} minutes "
              f"of work on {provenance['workers']} cores (code {provenance['source_digest']})."), "",
             how(fitted), *(["", refused(fitted)] if refused(fitted) else []), "", "## What the checks say", "",
             *(f"- {line}" for line in verdicts(fitted, proof)), "", "## What it cannot say", "",
             *(f"- {line}" for line in cannot(fitted)), "", "## Files", "",
             (f"- `{NAME}`: {fitted.study.draws:,} draws of equal weight of {len(fitted.study.kept)} parameters. "
              "`numpy.load` gives `parameters`, `values` and `provenance`; `posterior.json` is the provenance."),
             f"- `{PAGE}`: the figures. The `.csv` files are its tables.",
             (f"- What went in: the study with digest {provenance['study_digest'][:16]}, the targets with "
              f"digest {provenance['targets']['digest'][:16]}."), ""]
    return "\n".join(lines)
