"""Figures of contrasts: how large at the last time, and over time, true beside recorded; with the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qicsim.analysis.advice import Advice
from qicsim.analysis.amounts import amount, between, group_words, scale
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.compared import SCORES, Compared, leading, told
from qicsim.analysis.study_kinds.contrasts import Contrasts, times_words
from qicsim.analysis.study_kinds.factorial_words import Factorial
from qicsim.analysis.study_kinds.replicates import CONTRAST, LEVEL, Need, Needs, design_words
from qicsim.ground.calendar import MONTHS_PER_QUARTER, MONTHS_PER_YEAR
from qicsim.ground.numbers import NONE, number
from qicsim.report.colours import BLUE, INK, PAPER, RECORDED, REFERENCE, TRUE, VERMILLION
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table, tag
from qicsim.report.figures import legend
from qicsim.report.language import again, say, text, text_of
from qicsim.report.svg import canvas, finish, frame, named_rows, quiet
from qicsim.runs.fields import Field

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL = (270.0, 180.0)
MARGINS = (40.0, 12.0, 24.0, 8.0)
WIDE = (430.0, 170.0)
MANY_TIMES = 3


def titled(number: int, title: str) -> Markup:
    """The title of a figure with its number."""
    return numbered(number, title, say("Figure"))


def years_of(times: Sequence[str]) -> np.ndarray:
    """Ends of quarters ("2030Q4") or years ("2030") in years: both 2031.0."""
    parts = [time.partition("Q") for time in times]
    return np.array([int(year) + (int(quarter) * MONTHS_PER_QUARTER / MONTHS_PER_YEAR if quarter else 1.0)
                     for year, _, quarter in parts])


def year_ticks(axes: Axes, x: np.ndarray) -> None:
    """First, middle and last calendar year, each named where it ends."""
    axes.set_xlim(x[0], x[-1])
    first, last = int(np.ceil(x[0])), int(np.floor(x[-1]))
    wanted = sorted({first, (first + last) // 2, last})
    axes.set_xticks(wanted, [str(year - 1) for year in wanted])


def mark(axes: Axes, y: float, values: tuple[float, float, float], error: float, colour: str, *, filled: bool = True
         ) -> None:
    """A mean with its interval (low, mean, high) as a line, and two standard errors from chance as a bar across it."""
    low, mean, high = values
    if not np.isfinite(mean):
        return
    axes.plot([low, high], [y, y], color=colour, linewidth=1.8, solid_capstyle="butt")
    if np.isfinite(error):
        axes.plot([mean - 2.0 * error, mean + 2.0 * error], [y, y], color=colour, linewidth=6.5, alpha=0.35,
                  solid_capstyle="butt")
    axes.plot([mean], [y], marker="o", markersize=5.2, color=colour, markerfacecolor=colour if filled else PAPER,
              markeredgewidth=1.4)


def cell(mean: float, low: float, high: float, unit: str) -> Markup | str:
    """A number with its interval in small type."""
    if not np.isfinite(mean):
        return NONE
    interval = tag("span", again(between(low, high, unit)), class_="interval") if np.isfinite(low) else ""
    return joined((amount(mean, unit, named=False), interval))


def plain_number(value: float, unit: str) -> str:
    """A number without sign or unit; a dash where there is none."""
    return amount(value, unit, named=False, sign=False) if np.isfinite(value) else NONE


ROW = 40.0
COLOURS = (TRUE, RECORDED)


@dataclass(frozen=True, eq=False)
class Effects:
    """What is drawn: rows (title and contrasts), a name for rows, words for the numbers, how it was made, the CSV."""

    rows: Sequence[tuple[str, tuple[Compared, ...]]]
    kind: str
    head: str
    made: str
    file: str

    @property
    def shown(self) -> list[Compared]:
        """The leading contrasts that have a value."""
        return [one for _, compared in self.rows for one in leading(compared) if one.known]


def last_and_over_time(effects: Effects, titles: tuple[str, str]) -> list[Markup]:
    """Figures 1 and 2; the second only when there are enough times."""
    times = max((len(one.field.times) for one in effects.shown), default=0)
    first = _last(effects, titles[0])
    return [first, _over_time(effects, titles[1])] if times >= MANY_TIMES else [first]


def how_made(size: str, level: float) -> str:
    """What the interval of a paired contrast is, from a size in words."""
    return say("Paired by draw and luck: {size}. Interval: {level} of draws (parameters), the noise of replicates "
               "removed.", size=again(size), level=f"{100 * level:.0f}\u00a0%")


def _legend(effects: Effects) -> Markup:
    named = dict.fromkeys(text_of(one.field.indicator.meaning) for one in effects.shown)
    return legend(*((colour, kind, meaning) for colour, kind, meaning in zip(COLOURS, ("dot", "ring"), named,
                                                                             strict=False)))


def _last(effects: Effects, title: str) -> Markup:
    factor, word = scale(effects.shown[0].field.indicator.unit)
    drawing = canvas(560.0, 48.0 + ROW * len(effects.rows))
    axes = frame(drawing, (196.0, 14.0, 38.0, 6.0))
    for row, (_, compared) in enumerate(effects.rows):
        for aside, one, colour in zip((-0.16, 0.16), leading(compared), COLOURS, strict=False):
            c, at = one.contrast, one.last
            mark(axes, row + aside, (c.low[at] * factor, c.mean[at] * factor, c.high[at] * factor),
                 c.error_chance[at] * factor, colour, filled=colour == TRUE)
    named_rows(axes, [name for name, _ in effects.rows])
    axes.axvline(0.0, color=INK, linewidth=0.9)
    axes.set_xlabel(f"{effects.head}, {again(word)}")
    quiet(axes, grid="x")
    said = "; ".join(f"{name}: {again(told(compared))}" for name, compared in effects.rows)
    note = say("{made} Pale bar: two standard errors from chance on each side of the mean, which more replicates would "
               "make shorter. Data: {file}.", made=effects.made, file=effects.file)
    return figure("figure-last", titled(1, title), note, joined((_legend(effects), finish(drawing, "last", said))),
                  _tables(effects))


def _tables(effects: Effects) -> Markup:
    heads = (effects.kind, say("Indicator"), say("Group"), say("At"), effects.head, say("Standard error"),
             say("Of which chance"), say("Without pairing: runs, times"), say("Without shared luck: runs, times"))
    first = [one for _, compared in effects.rows for one in leading(compared)]
    rest = [one for _, compared in effects.rows for one in compared if one not in first and one.known]
    shown = table(say("At the last time, with the interval between draws"), heads, [_row(one) for one in first],
                  class_="dense")
    others = say("Other indicators and groups")
    return joined((shown, details(others, table(others, heads, [_row(one) for one in rest], class_="dense"))
                   )) if rest else shown


def _row(one: Compared) -> list[object]:
    c, unit, at = one.contrast, one.field.indicator.unit, one.last
    return [again(one.title), _named(one.field), again(group_words(one.field.group)),
            one.time if one.known else "", cell(c.mean[at], c.low[at], c.high[at], unit),
            plain_number(c.error[at], unit), plain_number(c.error_chance[at], unit),
            *(text_of(times_words(saved[at])) for saved in (c.saved_total, c.saved_within))]


def _named(field: Field) -> str:
    """An indicator with its unit."""
    return f"{text_of(field.indicator.meaning)}, {again(scale(field.indicator.unit)[1])}"


def _over_time(effects: Effects, title: str) -> Markup:
    drawn = [(name, _path(effects, row)) for row, (name, _) in enumerate(effects.rows)]
    note = say("{made} Lines: means; band: the interval of {indicator}. All panels have the same scale. Data: {file}.",
               made=effects.made, indicator=text_of(effects.shown[0].field.indicator.meaning), file=effects.file)
    return figure("figure-time", titled(2, title), note, joined((_legend(effects), panels(drawn, "small"))), "")


def _path(effects: Effects, row: int) -> Markup:
    name, compared = effects.rows[row]
    drawing = canvas(*PANEL)
    axes = frame(drawing, MARGINS)
    axes.axhline(0.0, color=INK, linewidth=0.8)
    for place, (one, colour) in enumerate(zip(leading(compared), COLOURS, strict=False)):
        factor, x, c = scale(one.field.indicator.unit)[0], years_of(one.field.times), one.contrast
        if place == 0:
            axes.fill_between(x, c.low * factor, c.high * factor, color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, c.mean * factor, color=colour, linestyle="solid" if place == 0 else (0, (4, 1.8)))
        year_ticks(axes, x)
    axes.set_ylim(*_limits(effects))
    quiet(axes)
    return finish(drawing, f"path-{row}", say("{name} over time; at {time}: {contrasts}", name=name,
                                              time=leading(compared)[0].time, contrasts=again(told(compared))))


def _limits(effects: Effects) -> tuple[float, float]:
    """Limits that hold every band and line."""
    parts = [part * scale(one.field.indicator.unit)[0] for one in effects.shown
             for part in (one.contrast.low, one.contrast.high, one.contrast.mean)]
    everything = np.concatenate([*parts, [0.0]])
    low, high = float(np.nanmin(everything)), float(np.nanmax(everything))
    room = 0.05 * max(high - low, 1e-9)
    return low - room, high + room


def contrast_exhibits(findings: Findings) -> list[Markup]:
    """Differences from the reference at the last time, and over time."""
    found: Contrasts = findings.record
    made = say("{made} Reference: {reference}.", made=how_made(found.size.words, found.level),
               reference=again(found.reference.title))
    rows = [(again(arm.title), compared) for arm, compared in found.arms.items()]
    effects = Effects(rows, say("Scenario"), say("More than the reference"), made, "contrasts.csv")
    return last_and_over_time(effects, (say("How much more than the reference, at the last time"),
                                        say("The difference over time")))


def factorial_exhibits(findings: Findings) -> list[Markup]:
    """Effects at the last time and over time, and the means of the cells."""
    found: Factorial = findings.record
    rows = [(" x ".join(factors), compared) for factors, compared in found.effects.items()]
    effects = Effects(rows, say("Effect"), say("Brings"), how_made(found.size, found.level), "factorial.csv")
    first, *others = last_and_over_time(effects, (say("What each brings, and what they bring only together"),
                                                  say("The effects over time")))
    return [joined((first, _cells(found))), *others]


def _cells(found: Factorial) -> Markup:
    first = next(iter(found.cells[0][2])).rpartition(", ")[2]
    rows = [[text_of(title), text_of(on), *(number(means[f"{score}, {first}"], 2) for score in SCORES)]
            for title, on, means in found.cells]
    return table(say("Means of the cells at the last time, {group} (all in {file})", group=again(group_words(first)),
                     file="cells.csv"),
                 (say("Scenario"), say("What is on"), say("Mean true quality"), say("Mean recorded score")), rows,
                 class_="dense")


REPLICATE_ROW = 44.0
MARKS = ((LEVEL, BLUE, text("level of a scenario")),
         (CONTRAST, VERMILLION, text("paired contrast with the reference")))
SUBJECTS = {LEVEL: text("level"), CONTRAST: text("contrast")}
TICKS = (10, 1000, 100_000)
LEAST_DRAWS, MOST_DRAWS = 2.0, 100_000.0


def replicate_exhibits(findings: Findings) -> list[Markup]:
    """What is needed, and how the error falls."""
    found: Needs = findings.record
    made = say("Most demanding scenario; variances at the last time from {size}. Reference: {reference}. Data: {file}.",
               size=again(found.size.words), reference=again(found.reference), file="needed.csv")
    needed = figure("figure-needed", titled(1, say("Draws that are enough")),
                    say("Filled: for the mean. Empty: for each end of the 5–95\u00a0% interval between draws. {made}",
                        made=made), joined((_replicates_legend("dot", "dot"), _needed(found))), _table(found))
    drawn = [(_head(found, name), _falling(found, name)) for name in found.indicators]
    falling = figure("figure-falling", titled(2, say("How the standard error of a mean falls with draws")),
                     say("Two replicates of each draw. Grey: the wanted error. {made}", made=made),
                     joined((_replicates_legend("line", "dash"), panels(drawn, "small"))), "")
    return [needed, falling]


def _replicates_legend(*kinds: str) -> Markup:
    return legend(*((colour, kind, say(meaning)) for (_, colour, meaning), kind in zip(MARKS, kinds, strict=True)))


def _head(found: Needs, indicator: str) -> str:
    named = _named(next(one.field for one in found.needs if one.field.indicator.name == indicator))
    return named[:1].upper() + named[1:]


def _needed(found: Needs) -> Markup:
    drawing = canvas(560.0, 52.0 + REPLICATE_ROW * len(found.indicators))
    axes = frame(drawing, (196.0, 20.0, 42.0, 6.0))
    said = []
    for row, indicator in enumerate(found.indicators):
        for aside, (what, colour, meaning) in zip((-0.17, 0.17), MARKS, strict=True):
            one = found.most(indicator, what)
            if one is None:
                continue
            for advice, fill in ((one.mean, colour), (one.interval, PAPER)):
                if advice is not None:
                    axes.plot([advice.draws], [row + aside], marker="o", markersize=6.0, color=colour,
                              markerfacecolor=fill, markeredgewidth=1.4)
            said.append(say("{indicator}, {what}: {mean} for the mean, {ends} for ends of the interval",
                            indicator=_head(found, indicator), what=say(meaning), mean=again(design_words(one.mean)),
                            ends=again(design_words(one.interval))))
    named_rows(axes, [_head(found, indicator).partition(",")[0] for indicator in found.indicators], 34)
    axes.set_xscale("log")
    _powers(axes)
    axes.set_xlabel(say("draws, with two replicates each (logarithmic scale)"))
    quiet(axes, grid="x")
    return finish(drawing, "needed", "; ".join(said))


def _powers(axes: Axes) -> None:
    """Powers of ten as plain numbers."""
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.minorticks_off()


def _falling(found: Needs, indicator: str) -> Markup:
    drawing = canvas(*PANEL)
    axes = frame(drawing, (52.0, 12.0, 40.0, 8.0))
    draws = np.geomspace(LEAST_DRAWS, MOST_DRAWS, 60)
    said = []
    for (what, colour, meaning), style in zip(MARKS, ("solid", (0, (5, 1.5))), strict=True):
        one = found.most(indicator, what)
        if one is not None:
            factor = scale(one.field.indicator.unit)[0]
            axes.plot(draws, one.error_of(draws, 2) * factor, color=colour, linestyle=style)
            axes.axhline(one.wanted * factor, color=REFERENCE, linewidth=1.0)
            said.append(say("{what}: {error} with {count} draws", what=say(meaning), count=100,
                            error=f"{one.error_of(np.array([100.0]), 2)[0] * factor:.2g}"))
    axes.set_xscale("log")
    axes.set_yscale("log")
    _powers(axes)
    axes.set_xticks(TICKS)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,g}")
    axes.set_xlabel(say("draws"), color=INK)
    axes.grid(visible=True)
    return finish(drawing, f"falling-{indicator}", say("Standard error of {indicator}: {errors}",
                                                            indicator=_head(found, indicator), errors="; ".join(said)))


def _table(found: Needs) -> Markup:
    heads = (say("Scenario"), say("What"), say("Indicator"), say("Wanted error"), say("SD between draws"),
             say("SD by chance"), say("Error in this study"), say("For the mean"), say("For ends of the interval"),
             say("Replicates of one draw"))
    return table(say("Draws x replicates that are enough"), heads, [_need(one) for one in found.needs], class_="dense")


def _need(one: Need) -> list[object]:
    unit = one.field.indicator.unit
    return [again(one.title), say(SUBJECTS[one.what]), _named(one.field), plain_number(one.wanted, unit),
            plain_number(float(np.sqrt(one.between)), unit), plain_number(float(np.sqrt(one.within)), unit),
            plain_number(one.error, unit), _size(one.mean), _size(one.interval), f"{one.of_a_draw:,}"]


def _size(advice: Advice | None) -> str:
    return NONE if advice is None else f"{advice.draws:,}\u00a0x\u00a0{advice.replicates}"
