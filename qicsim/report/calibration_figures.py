"""Drawings of a calibration: parameters before and after, targets, ranks, coverage, the zero-effect question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import binom

from qicsim.estimate.calibrate.fitting import Fit
from qicsim.estimate.calibrate.parameter_status import Learned
from qicsim.estimate.calibrate.prediction import Checked
from qicsim.estimate.calibrate.proof_report import Calibration
from qicsim.estimate.calibrate.uniformity import ecdf_band
from qicsim.estimate.calibrate.zero_effect import ZeroEffect
from qicsim.ground.numbers import percent
from qicsim.report.colours import BLUE, INK, ORANGE, REFERENCE, RULE, VERMILLION
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.svg import canvas, finish, frame, quiet

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
