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
from qicsim.ground.numbers import NONE, percent
from qicsim.report.calibration_words import (
    METHODS,
    SOURCES,
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
from qicsim.report.language import Language, say, text, text_of
from qicsim.report.method import made
from qicsim.report.outputs import pages_of, take_away, write_pages
from qicsim.report.page import Section, sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, named_rows, quiet

BINS = 28
PAIRS = 5
RANK_BINS = 20
RECOVERED = 2
KINDS_OF_ZERO = (text("{source}, with effect"), text("{source}, no effect"), text("{source}, no effect, no leniency"))
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
    axes.set_xlabel(text_of(one.unit) if one.unit != "1" else "")
    quiet(axes, grid="x")
    return finish(figure, key, say("{parameter}: prior {prior}, posterior {posterior}", parameter=one.parameter,
                                   prior=interval_words(one.prior_low, one.prior_high),
                                   posterior=interval_words(one.low, one.high)))


def pairs(found: Values) -> Markup:
    """Scatter of the posterior draws of a few parameters, two at a time."""
    names = list(found)[:PAIRS]
    n, side = len(names), 190.0
    figure = canvas(side * max(n - 1, 1) + 60.0, side * max(n - 1, 1) + 20.0)
    for row in range(1, n):
        for column in range(row):
            axes = figure.add_subplot(n - 1, n - 1, (row - 1) * (n - 1) + column + 1)
            x, y = found[names[column]][1], found[names[row]][1]
            axes.plot(x, y, linestyle="none", marker=".", markersize=1.6, color=BLUE, alpha=0.35, rasterized=True)
            axes.locator_params(nbins=3)
            if row == n - 1:
                axes.set_xlabel(names[column].rpartition(".")[2])
            if column == 0:
                axes.set_ylabel(names[row].rpartition(".")[2])
    figure.subplots_adjust(left=0.1, right=0.98, bottom=0.1, top=0.98, wspace=0.35, hspace=0.3)
    return finish(figure, "pairs", say("Posterior draws of {parameters}, two at a time", parameters=", ".join(names)))


def targets(key: str, rows: Sequence[Checked]) -> Markup:
    """Reports against what the model would report, in half-widths of its 90 % interval from the middle."""
    shown = [row for row in rows if np.isfinite(row.reported_low) and row.reported_high > row.reported_low]
    figure = canvas(700.0, 48.0 + ROW * len(shown))
    axes = frame(figure, (250.0, 96.0, 38.0, 4.0))
    for place, row in enumerate(shown):
        _target(axes, place, row)
    axes.axvspan(-1.0, 1.0, color="#eef3f7", linewidth=0)
    named_rows(axes, [row.key if row.role == "check" else f"{text_of(row.quantity)}, {_when(row)}" for row in shown],
               40)
    axes.set_xlabel(say("reported value, in half-widths of the 90 % interval of reports (shaded)"))
    quiet(axes, grid="x")
    missed = [row.key for row in shown if row.missed]
    return finish(figure, key, say("{inside} of {all} reported values as expected; missed: {targets}",
                                   inside=len(shown) - len(missed), all=len(shown),
                                   targets=", ".join(missed) or say("none")))


def _target(axes: object, place: int, row: Checked) -> None:
    middle, half = 0.5 * (row.reported_low + row.reported_high), 0.5 * (row.reported_high - row.reported_low)
    at, colour = (row.observed - middle) / half, VERMILLION if row.missed else INK
    shown = float(np.clip(at, -3.0, 3.0))
    axes.plot([(row.low - middle) / half, (row.high - middle) / half], [place, place], color=BLUE, linewidth=4.0,  # type: ignore[attr-defined]
              solid_capstyle="butt")
    axes.plot([shown], [place], marker="D" if row.missed else "o", markersize=6.0, color=colour)  # type: ignore[attr-defined]
    value = say("{value} missed", value=f"{row.observed:g}") if row.missed else f"{row.observed:g}"
    axes.text(1.02, place, value, va="center", color=colour,  # type: ignore[attr-defined]
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
    axes.set_xlabel(say("rank of the truth in its posterior"))
    axes.set_ylabel(say("empirical minus uniform"))
    quiet(axes)
    told = {"count": len(part.ranks.quantities), "truths": n, "where": text_of(part.where)}
    return finish(figure, key, say("Ranks of {count} quantities over {truths} truths, {where}: gate passed", **told)
                  if part.gate.passed else say("Ranks of {count} quantities over {truths} truths, {where}: gate failed",
                                               **told))


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
    axes.set_xlabel(say("rank of the truth in its posterior"))
    axes.set_ylabel(say("truths in a bin"))
    quiet(axes)
    return finish(figure, key, say("Rank histograms of {count} quantities over {truths} truths, {where}",
                                   count=len(part.ranks.quantities), truths=n, where=text_of(part.where)))


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
        axes.set_xlabel(say("true value, normal score"))
        quiet(axes)
    return finish(figure, key, say("Share of the variance of known values that posterior means explain: {shares}",
                                   shares="; ".join(f"{part.recovery[i].parameter} "
                                                    f"{percent(part.recovery[i].explained)}" for i in best)))


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
    axes.set_xlabel(say("quantities, by their coverage"))
    axes.set_ylabel(say("share of intervals that hold the truth"))
    quiet(axes)
    return finish(figure, key, say("Coverage of 50, 80 and 95 % intervals of {count} quantities, {where}",
                                   count=len(part.gate.verdicts), where=text_of(part.where)))


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
            names.append((at, say(KINDS_OF_ZERO[offset], source=say(SOURCES[row.source]))))
    axes.set_yticks([at for at, _ in names], [name for _, name in names])
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(say("share of draws in which more centres with a team are recorded at 80 or more"))
    quiet(axes, grid="x")
    return finish(figure, "zero", "; ".join(
        say("{source}: {with_effect} with effect, {without} without", source=say(SOURCES[row.source]),
            with_effect=percent(row.share_with), without=percent(row.share_without)) for row in rows))


CONTENTS = (("zero", text("The headline without an effect")), ("learned", text("What was learned")),
            ("predicted", text("What was reported")), ("early", text("Predicting {late}")),
            ("trust", text("Can it be trusted")), ("structures", text("Other structures")),
            ("methods", text("Two methods")), ("made", text("How it was made")))
ANY = text("any")
VERDICTS = {"missed": text("missed"), "within": text("within"), "built in": text("built in")}
ROLES = {"fit; early": text("fit; early"), "fit; late": text("fit; late"), "check": text("check")}
BOUNDS = {"at least": text("at least {value}"), "above": text("above {value}"), "within": text("within {value}")}
SHOWN = 12


def calibration_page(fitted: Fit, proof: Proof, values: np.ndarray, *, provenance: Mapping[str, Any],
                     others: Mapping[Language, str] | None = None) -> str:
    """The page, in the language spoken; `values` (n, all) are the posterior draws that were written."""
    with drawing_style():
        parts = _parts(fitted, proof, values, provenance)
    limits = tag("aside", tag("h2", say("What this calibration cannot say")), items(cannot(fitted)), class_="limits",
                 id="limits")
    return sectioned(
        say("Calibration: the reported history of the collaboratives"), parts,
        kicker=say("Quality improvement collaboratives in {country}"),
        heading=say("What the reported history teaches"), answer=[headline(proof)],
        more=items(verdicts(fitted, proof)[:-len(proof.structures) or None]), limits=limits, others=others)


def _parts(fitted: Fit, proof: Proof, values: np.ndarray, provenance: Mapping[str, Any]) -> list[Section]:
    sections: tuple[Callable[[], Markup], ...] = (
        lambda: _zero(proof), lambda: _learned(fitted, proof, values), lambda: _predicted(proof), lambda: _early(proof),
        lambda: _trust(proof), lambda: _structures(proof), lambda: _methods(proof),
        lambda: _made(fitted, provenance))
    late = counts_of().late[:4]
    return [(key, say(title, late=late), make()) for (key, title), make in zip(CONTENTS, sections, strict=True)]


def _zero(proof: Proof) -> Markup:
    rows = [[say(SOURCES[one.source]), f"{one.draws:,}", percent(one.share_with), percent(one.share_without),
             percent(one.share_strict),
             say("{value} ({low} to {high})", value=f"{one.ratio:.2f}", low=f"{one.ratio_low:.2f}",
                 high=f"{one.ratio_high:.2f}"), f"{100 * one.median_with:.1f}",
             f"{100 * one.median_without:.1f}"] for one in proof.zero]
    heads = (say("Draws"), say("Number"), say("Sign seen"), say("Sign seen, no effect"), say("No effect, no leniency"),
             say("Likelihood ratio (95 %)"), say("Median, points"), say("Median, no effect"))
    note = say("The same draws and luck, once as they are and once with every effect of collaboratives on care at "
               "zero: work on topics, learning sessions, exchange visits, recognition, motivation from support.")
    return figure("figure-zero", _titled(1, say("How often the headline's sign is seen")), note, zero(proof.zero),
                  table(say("The zero-effect question"), heads, rows))


def _titled(number: int, title: str) -> Markup:
    return numbered(number, title, say("Figure"))


def _learned(fitted: Fit, proof: Proof, values: np.ndarray) -> Markup:
    taught = [row for row in proof.learned if row.kind == LEARNED][:SHOWN] or list(proof.learned[:4])
    found = drawn_values(fitted, values, [row.parameter for row in taught])
    small = [(row.parameter, density(f"density-{identifier(row.parameter)}", row, found[row.parameter]))
             for row in taught]
    parts = [figure("figure-learned", _titled(2, say("Prior (grey) and posterior (blue) of what was learned")),
                    say("Histograms of draws."), panels(small, "small"), _contraction(proof.learned))]
    if len(found) > 1:
        parts.append(figure("figure-pairs", _titled(3, say("The most contracted parameters, two at a time")),
                            say("Posterior draws of equal weight."), pairs(found), ""))
    return joined(parts)


def _contraction(rows: Sequence[Learned]) -> Markup:
    cells = [[joined((text_of(row.meaning), tag("span", row.parameter, class_="name")), " "), text_of(row.unit),
              interval_words(row.prior_low, row.prior_high), interval_words(row.low, row.high),
              percent(row.contraction), f"{row.shift:+.2f}", row.grade, text_of(row.kind)] for row in rows]
    heads = (say("Parameter"), say("Unit"), say("Prior, 5–95 %"), say("Posterior, 5–95 %"), say("Variance removed"),
             say("Shift, SD"), say("Grade"), say("Kind"))
    return details(say("Every parameter: what the data taught, and where else its value comes from"),
                   table(say("Contraction"), heads, cells, class_="dense list",
                         marked=frozenset(at for at, row in enumerate(rows) if row.kind == LEARNED)))


def _predicted(proof: Proof) -> Markup:
    note = say("Blue: 5–95 % of runs. Dot: what was reported. Red diamond: outside the 90 % interval of what would be "
               "reported, a miss. Checks were not fitted: fresh runs of draws as projections take them stand beside "
               "them.")
    return figure("figure-predicted", _titled(4, say("Everything reported, against the posterior")), note,
                  targets("predicted", proof.checked), _reports(say("Posterior predictive"), proof.checked))


def _reports(title: str, rows: Sequence[Checked]) -> Markup:
    cells = [_report(row) for row in rows]
    heads = (say("Report"), say("Role"), say("Reported"), say("Runs, 5–95 %"), say("Reports, 5–95 %"), say("Verdict"),
             say("Note"))
    return table(title, heads, cells, class_="dense list")


def _report(row: Checked) -> list[object]:
    verdict = "missed" if row.missed else "within" if np.isfinite(row.low) else "built in"
    return [joined((f"{text_of(row.quantity)}, {_when(row)}", tag("span", row.key, class_="name")), " "),
            say(ROLES[row.role]), _observed(row), interval_words(row.low, row.high),
            interval_words(row.reported_low, row.reported_high), say(VERDICTS[verdict]), text_of(row.note)]


def _when(row: Checked) -> str:
    """The month or the months of a report."""
    first, to, last = row.at.partition(" to ")
    return say("{low} to {high}", low=first, high=last) if to else say(ANY) if row.at == ANY else row.at


def _observed(row: Checked) -> str:
    """The reported value; none where the model has it built in."""
    if not np.isfinite(row.low):
        return NONE
    value = f"{row.observed:g}"
    return value if row.kind == "equal" else say(BOUNDS[row.kind], value=value)


def interval_words(low: float, high: float) -> str:
    """Two ends with three digits; a dash where there are none."""
    return say("{low} to {high}", low=f"{low:.3g}", high=f"{high:.3g}") if np.isfinite(low) else NONE


def _early(proof: Proof) -> Markup:
    if proof.early is None:
        return tag("p", say("Nothing early is fitted."))
    known = proof.early.diagnostics
    note = say("Fitted: {targets} ({method}, effective sample {sample}). {inside} of {all} later values lie within the "
               "stated interval.", targets=", ".join(proof.early.fitted),
               method=say(METHODS.get(known.method, known.method)), sample=f"{known.effective_sample:.0f}",
               inside=proof.early.inside, all=len(proof.early.rows))
    return figure("figure-early", _titled(5, say("What the numbers of {year} alone predict for later ones",
                                                  year=counts_of().early[:4])), note,
                  targets("early", proof.early.rows),
                  _reports(say("Prediction of what was not fitted"), proof.early.rows))


def _trust(proof: Proof) -> Markup:
    parts: list[Markup] = []
    for part in proof.calibrations:
        key = identifier(part.where)
        if not part.gate.verdicts:
            parts.append(tag("p", say("{truths}: nothing could be ranked.", truths=truths(part))))
            continue
        drawn = panels([(say("Rank histograms, and what chance allows a bin"), histograms(part, f"bins-{key}")),
                        (say("Ranks and their simultaneous 95 % band"), ranks(part, f"ranks-{key}")),
                        (say("Coverage of 50, 80, 95 % intervals"), covered(part, f"covered-{key}")),
                        (say("Recovery: posterior mean against the truth"), recovered(part, f"found-{key}"))],
                       "wide")
        note = say("{truths}. Each was fitted as if it had been reported besides; every line or dot is one of {count} "
                   "quantities. Gate: {gate}. Per cent over recovery: share of the variance of true values that "
                   "posterior means explain; the table {file} has all.", truths=truths(part),
                   count=len(part.ranks.quantities), gate=gate_in_words(part), file="sbc.csv")
        parts.append(figure(f"figure-trust-{key}", say("Truths from: {where}", where=text_of(part.where)), note, drawn,
                            ""))
    return joined(parts) if parts else tag("p", say("Nothing was checked: the posterior is approximate."))


def _structures(proof: Proof) -> Markup:
    rows = [[text_of(one.title), f"{one.log_ratio:+.1f} ± {one.error:.1f}" if one.weight_in_words else NONE,
             one.weight_in_words or NONE, f"{one.effective:.0f}", f"{one.mismatch:.1f}", text_of(one.verdict)]
            for one in proof.structures]
    if not rows:
        return tag("p", say("The study names no alternative."))
    heads = (say("Alternative"), say("Log of the evidence ratio"), say("Posterior weight"), say("Effective sample"),
             say("Mismatch, SD"), say("Verdict"))
    note = say("Each against the shipped form, equally likely before, on the same draws and luck. A ratio below a "
               "factor of three, or within two standard errors, tells nothing.")
    return joined((table(say("Structural alternatives"), heads, rows, class_="list"), tag("p", note, class_="note")))


def _methods(proof: Proof) -> Markup:
    taught = [row.parameter for row in proof.learned if row.kind == LEARNED]
    by_name = {row.parameter: row for row in proof.methods.rows}
    rows = [[name, *(f"{value:.3g}" for value in astuple(by_name[name])[1:-1]), f"{by_name[name].apart:+.2f}"]
            for name in taught]
    levels = [say(method, level=level) for method in (text("Importance, {level} %"), text("Approximate, {level} %"))
              for level in (5, 50, 95)]
    shown = table(say("What was learned, by both methods"), (say("Parameter"), *levels, say("Means apart, SD")), rows,
                  class_="dense")
    return joined((tag("p", two_methods(proof)), shown))


def _made(fitted: Fit, provenance: Mapping[str, Any]) -> Markup:
    rounds = [[f"{one.runs:,}", f"{one.tolerance:.3g}", f"{one.tempered_sample:.0f}", f"{one.effective_sample:.0f}"]
              for one in fitted.rounds.rounds]
    lacking = [[str(row["summary"]), f"{row['runs_without_it']:,}"]
               for row in failures(fitted) if row["runs_without_it"]]
    return joined((
        tag("p", how(fitted)), tag("p", refused(fitted)) if refused(fitted) else "",
        table(say("Rounds"), (say("Runs before"), say("Tolerance"), say("Effective sample there"),
                              say("Effective sample at 1")), rounds, class_="narrow"),
        table(say("Runs without a value"), (say("Summary"), say("Runs")), lacking, class_="narrow") if lacking else "",
        made(provenance, left_out=("chosen",))))


PAGES, README = pages_of("calibration.html"), "README.md"
PAGE = PAGES["en"]
POSTERIOR = (NAME, NAME.replace(".npz", ".json"))
FILES = (*POSTERIOR, *PAGES.values(), README)


def write_calibration(fitted: Fit, proof: Proof, folder: Path, provenance: dict[str, Any], *, language: str = "en"
                      ) -> list[Path]:
    """Write everything; the files, the posterior first. `language` of the page is en, km or both."""
    values = kept_values(fitted, fitted.study.draws)
    with together(folder) as place:
        write_posterior(place / NAME, fitted.study.kept, values, provenance)
        tables = write_tables(calibration_tables(fitted, proof), place)
        pages = write_pages(place, PAGES, language, lambda _, others: calibration_page(
            fitted, proof, values, provenance=provenance, others=others))
        write_text(place / README, readme(fitted, proof, provenance))
    take_away(folder, PAGES.values(), pages)
    return [folder / name for name in (*POSTERIOR, *pages, README, *(table.name for table in tables))]


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
