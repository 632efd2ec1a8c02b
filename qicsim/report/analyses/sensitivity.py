"""Exhibits of a sensitivity study: indices with intervals, over time, the plane of a screening, noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.amounts import sentence_case
from qicsim.analysis.emulator import LEVELS
from qicsim.analysis.findings import Findings
from qicsim.analysis.sensitivity import Index, Sensitivity
from qicsim.analysis.study_kinds.emulated import ENDS
from qicsim.analysis.study_kinds.outputs import Output
from qicsim.analysis.study_kinds.sensitivity_findings import MAIN_WORDS, SensitivityRecord
from qicsim.ground.numbers import NONE, percent
from qicsim.report.analyses.effects import titled
from qicsim.report.colours import BLUE, INK, LINES, PAPER, REFERENCE, SOFT, STYLES
from qicsim.report.elements import Markup, details, figure, identifier, joined, panels, table, tag
from qicsim.report.figures import legend
from qicsim.report.language import again, say, text, text_of
from qicsim.report.panel import TEXT
from qicsim.report.svg import apart, canvas, finish, frame, named_rows, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAR, FADED = "#8fbfdc", "#dcebf4"
MOST = 12
ROW = 32.0
LABELS = 218.0
KINDS = ("line", "dash")
MARGIN = 0.06
NAMED = 8
NOTHING = text("nothing moves it")
COLUMN, ROOM = 0.68, 1.6
"""Where names stand, as a share of the width; width over the largest effect."""


def bars(record: SensitivityRecord, result: Sensitivity, output: Output, key: str) -> Markup:
    """The strongest factors of an output at its last time, as bars with intervals; faded where not converged."""
    way = record.settings.way
    index = result.index(way.main)
    value, low, high, sure = (part[:, -1] for part in (index.estimate, index.low, index.high, index.converged))
    order = strongest_first(value)[:MOST]
    figure = canvas(470.0, 44.0 + ROW * max(len(order), 1))
    axes = frame(figure, (LABELS, 14.0, 38.0, 4.0))
    for row, at in enumerate(order):
        axes.barh(row, value[at], height=0.62, color=BAR if sure[at] else FADED, linewidth=0)
        axes.plot([low[at], high[at]], [row, row], color=INK if sure[at] else SOFT, linewidth=1.3)
    if way.main == "total":
        _first(axes, result, order)
    axes.axvline(0.0, color=INK, linewidth=0.9)
    named_rows(axes, [again(record.meanings[result.design.factors[at]]) for at in order] or [""], 34)
    axes.set_xlabel(again(MAIN_WORDS[way.main]) + (f", {text_of(output.unit)}" if way.main == "mu_star" else ""))
    if not order:
        axes.text(0.5, 0.5, say(NOTHING), transform=axes.transAxes, ha="center", va="center")
    quiet(axes, grid="x")
    said = "; ".join(say("{factor} {value} ({low} to {high})", factor=result.design.factors[at],
                         value=f"{value[at]:.2f}", low=f"{low[at]:.2f}", high=f"{high[at]:.2f}") for at in order)
    return finish(figure, key, f"{_at_end(output)}: {said or say(NOTHING)}")


def strongest_first(value: np.ndarray) -> list[int]:
    """Places of the factors that have a value, by falling value."""
    return [int(at) for at in np.argsort(-np.nan_to_num(value, nan=-np.inf), kind="stable") if np.isfinite(value[at])]


def _first(axes: Axes, result: Sensitivity, order: Sequence[int]) -> None:
    """First indices of Sobol as rings a little below, faded where not converged."""
    first = result.index("first")
    for row, at in enumerate(order):
        colour = INK if first.converged[at, -1] else SOFT
        axes.plot([first.low[at, -1], first.high[at, -1]], [row + 0.2] * 2, color=colour, linewidth=0.9)
        axes.plot([first.estimate[at, -1]], [row + 0.2], marker="o", markersize=4.4, color=colour,
                  markerfacecolor=PAPER)


def over_time(record: SensitivityRecord, result: Sensitivity, output: Output, chosen: Sequence[int], key: str
              ) -> Markup:
    """The main index of chosen factors over time, with intervals as bands."""
    index = result.index(record.settings.way.main)
    figure = canvas(430.0, 250.0)
    axes = frame(figure, (46.0, 12.0, 26.0, 8.0))
    x = np.arange(len(output.times))
    for place, at in enumerate(chosen):
        colour, style = LINES[place], STYLES[place % len(KINDS)]
        axes.fill_between(x, index.low[at], index.high[at], color=colour, alpha=0.14, linewidth=0)
        axes.plot(x, index.estimate[at], color=colour, linestyle=style, marker=".", markersize=4.0)
    wanted = sorted({0, len(x) // 2, len(x) - 1})
    axes.set_xticks(wanted, [output.times[at] for at in wanted])
    axes.set_xlim(-0.3, len(x) - 0.7)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), None)
    axes.set_ylabel(again(MAIN_WORDS[record.settings.way.main]))
    quiet(axes)
    factors = result.design.factors
    said = "; ".join(f"{factors[at]} {_path(index.estimate[at], output.times)}" for at in chosen)
    return finish(figure, key, say("{output} over time: {said}", output=again(output.words), said=said))


def _path(values: np.ndarray, times: Sequence[str]) -> str:
    """The first and last values with their times."""
    there = np.flatnonzero(np.isfinite(values))
    if not there.size:
        return say(NOTHING)
    first, last = int(there[0]), int(there[-1])
    return say("{first} at {start} to {last} at {end}", first=f"{values[first]:.2f}", start=times[first],
               last=f"{values[last]:.2f}", end=times[last])


def plane(result: Sensitivity, key: str) -> Markup:
    """Mean absolute elementary effects against their standard deviations at the last time; rings: not converged."""
    strong, spread = (result.index(name) for name in ("mu_star", "sigma"))
    x, y, sure = strong.estimate[:, -1], spread.estimate[:, -1], strong.converged[:, -1] & spread.converged[:, -1]
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    figure = canvas(430.0, 300.0)
    axes = frame(figure, (48.0, 12.0, 38.0, 8.0))
    limit = ROOM * float(np.max(x[there], initial=0.0)) or 1.0
    axes.plot([0.0, limit], [0.0, limit], color=REFERENCE, linewidth=0.9, linestyle=STYLES[2])
    for chosen, face, edge in ((~sure, PAPER, SOFT), (sure, BLUE, PAPER)):
        axes.plot(x[chosen], y[chosen], linestyle="none", marker="o", markersize=4.6, markerfacecolor=face,
                  markeredgecolor=edge, markeredgewidth=0.6)
    axes.set_xlim(0.0, limit)
    axes.set_ylim(0.0, max(1.15 * float(np.max(y[there], initial=0.0)), 1e-9))
    _names(axes, result, there[np.argsort(-x[there], kind="stable")][:NAMED], x, y)
    axes.set_xlabel(again(MAIN_WORDS["mu_star"]))
    axes.set_ylabel(say("standard deviation of effects"))
    quiet(axes)
    strongest_ = [result.design.factors[at] for at in there[np.argsort(-x[there], kind="stable")][:NAMED]]
    return finish(figure, key, say("{there} of {all} factors; strongest: {factors}", there=len(there), all=len(x),
                                   factors=", ".join(strongest_)))


def _names(axes: Axes, result: Sensitivity, chosen: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Names in a column beside the points, with a line to each."""
    high = axes.get_ylim()[1]
    places = apart([float(y[at]) for at in chosen], MARGIN * high, 0.02 * high, 0.98 * high)
    for at, place in zip(chosen, places, strict=True):
        axes.annotate(result.design.factors[at], (x[at], y[at]), (COLUMN * axes.get_xlim()[1], place),
                      va="center", fontsize=TEXT, arrowprops={"arrowstyle": "-", "color": SOFT, "linewidth": 0.5,
                                                             "shrinkA": 0.0, "shrinkB": 2.0})


SERIES = 6
WIDE = "~"
INDICES = {"mu_star": text("mu star"), "mu": text("mu"), "sigma": text("sigma"), "first": text("first"),
           "total": text("total"), "second": text("second"), "shapley": text("shapley"), "pawn": text("pawn"),
           "median": text("median"), "maximum": text("maximum")}
HELP = {
    "mu_star": text("The mean absolute elementary effect is what a factor moves, on average, when it goes across its "
                    "range: a parameter by twice what half of the probability of its prior or posterior moves, a lever "
                    "by the largest difference between two of its values."),
    "total": text("A total index is the share of the variance that would be left if everything but this factor were "
                  "known; the first index (ring) is the share that knowing this factor alone would remove."),
    "shapley": text("Shapley effects share the variance out over the factors and add up to 1."),
    "pawn": text("A PAWN index is the median distance between the output's distribution and that with the factor "
                 "known."),
}


def exhibits(findings: Findings) -> list[Markup]:
    """Figures with their tables."""
    record: SensitivityRecord = findings.record
    drawn = [_bars]
    if any(len(one.times) > 1 for one in record.outputs):
        drawn.append(_over_time)
    if findings.kind == "screening":
        drawn.append(_plane)
    found = [draw(record, place) for place, draw in enumerate(drawn, start=1)]
    if findings.kind == "screening":
        found.append(_ranking(record, findings))
    return [*found, _noise(record) if record.emulator is None else _emulated(findings)]


def _bars(record: SensitivityRecord, place: int) -> Markup:
    """The main index of every output at its last time."""
    name = again(MAIN_WORDS[record.settings.way.main])
    small = [(_at_end(output),
              bars(record, result, output, f"bars-{identifier(output.label)}"))
             for result, output in record.pairs()]
    signs = [(BAR, "box", name), (FADED, "box", say("not converged: wide interval")),
             (INK, "line", say("{level} confidence interval", level=_level(record)))]
    if record.settings.way.main == "total":
        signs.append((INK, "ring", say("first index with its interval")))
    note = say("{help} {size} At most {most} factors are drawn, the strongest first. Data: {file}.",
               help=say(HELP[record.settings.way.main]), size=again(record.size), most=MOST, file="indices.csv")
    return figure("figure-indices", titled(place, say("What moves what")), note,
                  joined((legend(*signs), panels(small, "wide"))), joined(_table(record, *pair)
                                                                         for pair in record.pairs()))


def _over_time(record: SensitivityRecord, place: int) -> Markup:
    """The main index of the strongest factors over time, a panel for each output."""
    way = record.settings.way
    chosen = strongest(record, SERIES)
    factors = record.results[0].design.factors
    signs = [(LINES[place], KINDS[place % len(KINDS)], again(record.meanings[factors[at]]))
             for place, at in enumerate(chosen)]
    small = [(_capital(output), over_time(record, result, output, chosen, f"time-{identifier(output.label)}"))
             for result, output in record.pairs() if len(output.times) > 1]
    name = again(MAIN_WORDS[way.main])
    note = say("{Index} at the end of each period, with its {level} confidence interval as a band; the {count} factors "
               "that are strongest at some time. A gap: nothing varies yet. {size} Data: {file}.",
               Index=name[:1].upper() + name[1:], level=_level(record), count=len(chosen), size=again(record.size),
               file="indices.csv")
    return figure("figure-over-time", titled(place, say("What moves it, over time")), note,
                  joined((legend(*signs), panels(small, "wide"))), "")


def _plane(record: SensitivityRecord, place: int) -> Markup:
    """Mean absolute effect against the spread of effects."""
    small = [(_at_end(output),
              plane(result, f"plane-{identifier(output.label)}"))
             for result, output in record.pairs()]
    note = say("Right: strong. High: the effect depends on the other factors, or is not a straight line; on the dotted "
               "line the spread of effects is as large as the effect. Rings: one of the two numbers is not converged. "
               "The strongest are named. {size} Data: {file}.", size=again(record.size), file="indices.csv")
    return figure("figure-plane", titled(place, say("Strength, and how much it depends on the rest")), note,
                  panels(small, "wide"), "")


def _ranking(record: SensitivityRecord, findings: Findings) -> Markup:
    """The order in which a closer look should take the factors."""
    rows = [[again(record.meanings[row["factor"]]), tag("code", row["factor"]), str(row["rank"]),
             text_of(row["verdict"]), _with_ends(*(f"{row[end]:.2f}" for end in ("share", "low", "high"))),
             tag("code", row["where"])] for row in findings.tables["ranking"]]
    heads = (say("Factor"), say("Name"), say("Rank"), say("Verdict"), say("Share of the largest effect"),
             say("Strongest in"))
    return details(say("All factors in the order in which a closer look should take them ({file})", file="ranking.csv"),
                   table(say("The screening's order, by what a factor may at most be worth"), heads, rows,
                         class_="dense list"))


def _table(record: SensitivityRecord, result: Sensitivity, output: Output) -> Markup:
    """Every index of an output at its last time."""
    main = result.index(record.settings.way.main)
    flat = [one for one in result.indices if one.name != "second"]
    order = np.argsort(-np.nan_to_num(main.estimate[:, -1], nan=-1.0), kind="stable")
    rows = [[again(record.meanings[name]), tag("code", name), *(_cell(one, place) for one in flat)]
            for place in map(int, order) for name in (result.design.factors[place],)]
    pairs = _pairs(result)
    heads = (say("Factor"), say("Name"), *(say(INDICES[one.name]) for one in flat))
    return details(say("{output}: numbers", output=_at_end(output)), table(
        say("Indices with {level} confidence intervals; {wide}: not converged; {none}: constant", level=_level(record),
            wide=WIDE, none=NONE), heads, rows, class_="dense list"), pairs)


def _pairs(result: Sensitivity) -> Markup:
    """Second-order indices at the last time, if there are any."""
    second = next((one for one in result.indices if one.name == "second"), None)
    if second is None:
        return Markup("")
    factors = result.design.factors
    rows = [[f"{factors[i]} x {factors[j]}", _cell(second, (i, j))]
            for i in range(len(factors)) for j in range(i + 1, len(factors))]
    return table(say("Second-order indices: what two factors do beyond each alone"),
                 (say("Pair"), say(INDICES["second"])), rows,
                 class_="dense narrow")


def _cell(index: Index, at: int | tuple[int, int]) -> str:
    value, low, high = (part[at][..., -1] for part in (index.estimate, index.low, index.high))
    if not np.isfinite(high):
        return NONE
    ends = (f"{low:.3f}", f"{high:.3f}")
    told = _with_ends(f"{value:.3f}", *ends) if np.isfinite(value) else say("{low} to {high}", low=ends[0],
                                                                            high=ends[1])
    return told if index.converged[at][..., -1] else f"{told}\u00a0{WIDE}"


def _noise(record: SensitivityRecord) -> Markup:
    """The share of the simulation's own noise in every output at its last time."""
    rows = [[_capital(output), output.times[-1], text_of(output.unit), _share(result.noise.of_run[-1]),
             _share(result.noise.of_mean[-1]), _share(result.noise.left[-1])] for result, output in record.pairs()]
    heads = (say("Output"), say("At"), say("Unit"), say("Of the variance of a run"),
             say("Of the mean of {count}", count=record.results[0].replicates), say("Left in differences"))
    return table(say("How much of the variation is noise of the simulation: luck that no factor explains"), heads, rows,
                 class_="list")


def _emulated(findings: Findings) -> Markup:
    """How the emulator does at points that it had not seen, and what observations leave of each factor."""
    rows = [[tag("code", row["indicator"]), row["time"], f"{row['error']:.3g}", f"{row['luck']:.3g}",
             f"{row['spread']:.3g}", percent(row["explained"]),
             *(percent(row[f"covered_{level * 100:.0f}"]) for level in LEVELS)]
            for row in findings.tables["emulator"]]
    heads = (say("Output"), say("At"), say("Error"), say("Of that luck"), say("Spread of the output"), say("Explained"),
             *(say("Within {level}", level=f"{level:.0%}") for level in LEVELS))
    held = findings.tables["emulator"][0]["held_out"]
    told = table(say("The emulator at {count} points that it had not seen ({file})", count=held, file="emulator.csv"),
                 heads, rows, class_="list")
    if "matching" not in findings.tables:
        return told
    left = [[tag("code", row["factor"]), *(NONE if row[key] is None else f"{row[key]:.3g}" for key in ENDS),
             percent(row["left_of_range"])] for row in findings.tables["matching"]]
    columns = (say("Factor"), "5 %", "95 %", say("{share}, left", share="5 %"), say("{share}, left", share="95 %"),
               say("Left of its range"))
    return joined((told, table(say("What observations leave of each factor ({file})", file="matching.csv"), columns,
                               left, class_="dense list")))


def _share(value: float) -> str:
    return percent(min(float(value), 1.0), 1) if np.isfinite(value) else NONE


def strongest(record: SensitivityRecord, most: int) -> list[int]:
    """Places of the factors whose main index is largest at some time, in any output."""
    peaks = np.max([_peak(one.index(record.settings.way.main)) for one in record.results], axis=0)
    order: Sequence[int] = np.argsort(-peaks, kind="stable").tolist()
    return [place for place in order if peaks[place] > 0.0][:most]


def _peak(index: Index) -> np.ndarray:
    """Each factor's largest index over time, relative to the largest of all."""
    peak = np.nan_to_num(index.estimate).max(axis=1)
    return np.asarray(peak / max(float(peak.max()), 1e-300))


def _level(record: SensitivityRecord) -> str:
    return percent(record.results[0].level)


def _capital(output: Output) -> str:
    return again(sentence_case(output.words))


def _at_end(output: Output) -> str:
    """An output and its last time."""
    return f"{_capital(output)}, {output.times[-1]}"


def _with_ends(value: str, low: str, high: str) -> str:
    return say("{value} ({low} to {high})", value=value, low=low, high=high)
