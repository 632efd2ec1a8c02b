"""Figures of the analysis `split`: fans whose bands are the sources of uncertainty, and their shares over time."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.amounts import group_words, scale, sentence_case
from qicsim.analysis.findings import Findings
from qicsim.analysis.study_kinds.split import Parted, Splits, leading_parts, part_words
from qicsim.analysis.variance import FAMILIES, SOURCES
from qicsim.ground.numbers import percent
from qicsim.ground.translatable import as_written
from qicsim.report.analyses.effects import MARGINS, plain_number, year_ticks, years_of
from qicsim.report.colours import BLUE, INK, ORANGE, PURPLE, RULE, SKY
from qicsim.report.elements import Markup, details, figure, joined, numbered, panels, table
from qicsim.report.figures import legend
from qicsim.report.language import again, say, text, text_of
from qicsim.report.svg import canvas, finish, frame, quiet

COLOURS = {text("scenario"): BLUE, text("structure"): ORANGE, text("parameters"): SKY, text("interactions"): PURPLE,
           text("chance"): "#8c8c8c"}
WIDE = (430.0, 230.0)
MOST_SHOWN = 4


def exhibits(findings: Findings) -> list[Markup]:
    """Fans, shares over time, and the sources one by one."""
    found: Splits = findings.record
    shown = leading_parts(found, MOST_SHOWN)
    made = say("{count} structures ({structures}) x {scenarios} scenarios x {draws} draws x {replicates} replicates.",
               count=len(found.structures), structures=", ".join(map(text_of, found.structures)),
               scenarios=len(found.scenarios), draws=found.draws, replicates=found.replicates)
    fans = panels([(_head(one), _fan(one, f"fan-{place}")) for place, one in enumerate(shown)], "wide")
    shares = panels([(say("{indicator}, % of the variance", indicator=_capital(one.field.indicator.meaning)),
                      _shares(one, f"shares-{place}")) for place, one in enumerate(shown)], "wide")
    fan_note = say("Line: median of all runs; the whole fan: 90 % of them (5–95 %). Its bands divide each side in "
                   "proportion to the variance, from the middle outwards. Data: {file}.", file="families.csv")
    share_note = say("Share of the variance by source, 100 % in all. Data: {file}.", file="families.csv, split.csv")
    return [figure("figure-fan", numbered(1, say("What is uncertain, and why"), say("Figure")), f"{made} {fan_note}",
                   joined((_legend(), fans)), _table(found)),
            figure("figure-shares", numbered(2, say("Shares of the variance over time"), say("Figure")),
                   f"{made} {share_note}", joined((_legend(), shares)), _sources(found))]


def _head(one: Parted) -> str:
    indicator = one.field.indicator
    return f"{_capital(indicator.meaning)}, {again(scale(indicator.unit)[1])}"


def _capital(words: str) -> str:
    return again(sentence_case(as_written(words)))


def _legend() -> Markup:
    return legend(*((colour, "box", say(name)) for name, colour in COLOURS.items()))


def _fan(one: Parted, key: str) -> Markup:
    factor, x = scale(one.field.indicator.unit)[0], years_of(one.field.times)
    drawing = canvas(*WIDE)
    axes = frame(drawing, MARGINS)
    middle = one.interval.median * factor
    for end in (one.interval.low * factor, one.interval.high * factor):
        inner = middle
        for name, colour in COLOURS.items():
            outer = inner + (end - middle) * np.nan_to_num(one.shares[FAMILIES.index(name)])
            axes.fill_between(x, inner, outer, color=colour, linewidth=0)
            inner = outer
    axes.plot(x, middle, color=INK)
    year_ticks(axes, x)
    quiet(axes)
    return finish(drawing, key, again(part_words(one)))


def _shares(one: Parted, key: str) -> Markup:
    x = years_of(one.field.times)
    drawing = canvas(*WIDE)
    axes = frame(drawing, MARGINS)
    below = np.zeros(len(x))
    for name, colour in COLOURS.items():
        above = below + 100.0 * one.shares[FAMILIES.index(name)]
        axes.fill_between(x, below, above, color=colour, linewidth=0)
        below = above
    axes.set_ylim(0.0, 100.0)
    axes.set_yticks((0, 25, 50, 75, 100))
    year_ticks(axes, x)
    axes.grid(visible=True, axis="y", color=RULE)
    return finish(drawing, key, say("Shares over time. {shares}", shares=again(part_words(one))))


def _table(found: Splits) -> Markup:
    heads = (say("Indicator"), say("Group"), say("At"), say("Mean"), say("Standard deviation"),
             *map(_capital, COLOURS))
    rows = []
    for one in found.parted:
        unit, at = one.field.indicator.unit, one.last
        rows.append([_head(one), again(group_words(one.field.group)), one.field.times[at],
                     plain_number(one.interval.mean[at], unit), plain_number(one.deviation[at], unit),
                     *(percent(one.shares[FAMILIES.index(name), at], 1) for name in COLOURS)])
    return table(say("Share of the variance by source, at the last time"), heads, rows, class_="dense")


def _sources(found: Splits) -> Markup:
    rows = [[_head(one), text_of(source), f"{one.split.raw[place, one.last]:.3g}",
             f"{one.split.error[place, one.last]:.2g}", percent(one.split.shares[place, one.last], 1)]
            for one in leading_parts(found, MOST_SHOWN) for place, source in enumerate(SOURCES)]
    heads = (say("Indicator"), say("Source"), say("Variance, unit squared"), say("Its standard error"), say("Share"))
    return details(say("Every source with its standard error (a variance that came out negative counts as zero)"),
                   table(say("Sources of variance at the last time"), heads, rows, class_="dense"))
