"""The three figures that carry the decision: how much better in truth, at what price, and when (and on record)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, number, signed
from qicsim.inputs.country import plan_start
from qicsim.report.colours import INK, RECORDED, REFERENCE, RULE, SOFT, TRUE
from qicsim.report.elements import Markup, bare, figure_alone, joined, tag
from qicsim.report.figures import beyond_studies, legend, unstudied
from qicsim.report.formatting import LEVEL, interval, lines
from qicsim.report.language import ENGLISH, counted, say, spoken
from qicsim.report.results import Path, Results
from qicsim.report.svg import apart

SMALL = 12.4


def drawing(width: float, height: float, label: str, *parts: Markup) -> Markup:
    """A drawing with its text alternative."""
    said = bare(label)
    return Markup(f'<svg class="drawing strokes" role="group" aria-label="{said}" viewBox="0 0 {width:g} {height:g}" '
                  f'style="max-width:{width * 1.35:.0f}px"><title>{said}</title>{joined(parts)}</svg>')


def words_at(x: float, y: float, said: object, *, anchor: str = "start", colour: str = INK, size: float = SMALL,
             bold: bool = False) -> Markup:
    """A text; `anchor` start, middle or end."""
    weight = ' font-weight="700"' if bold else ""
    return Markup(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size:g}"{weight}>'
                  f"{bare(said)}</text>")


def line(ends: tuple[float, float, float, float], colour: str = RULE, width: float = 1.0) -> Markup:
    """A straight line between two points, (x, y, x, y)."""
    x1, y1, x2, y2 = ends
    return Markup(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                  f'stroke-width="{width:g}"/>')


def path(points: Iterable[tuple[float, float]], colour: str, *, width: float = 2.0, dashes: str = "") -> Markup:
    """A line through points."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return Markup(f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" stroke-width="{width:g}"'
                  f"{dashed}/>")


def band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], colour: str) -> Markup:
    """The area between two lines."""
    return Markup(f'<polygon points="{_points([*low, *reversed(high)])}" fill="{colour}" fill-opacity="0.18"/>')


def dot(x: float, y: float, colour: str, fill: str, size: float = 4.5) -> Markup:
    """A round sign."""
    return Markup(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" fill="{fill}" stroke="{colour}" '
                  'stroke-width="1.8"/>')


def mark(said: str, box: tuple[float, float, float, float], *parts: Markup) -> Markup:
    """Signs that tell `said` when they are pointed at or focused; `box` (x, y, width, height) is where they are met."""
    x, y, width, height = box
    label = bare(said)
    hit = (f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="#fff" fill-opacity="0"/>')
    return Markup(f'<g class="mark" tabindex="0" role="img" aria-label="{label}"><title>{label}</title>{hit}'
                  f"{joined(parts)}</g>")


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


class Axis:
    """From values to pixels, with round steps."""

    def __init__(self, low: float, high: float, start: float, end: float, *, steps: int = 6) -> None:
        """The axis that holds low to high between the pixels start and end; about so many steps."""
        high = high if high > low else low + 1.0
        rough = (high - low) / steps
        power = 10.0 ** int(f"{rough:e}".partition("e")[2])
        self.step = next(size * power for size in (1.0, 2.0, 5.0, 10.0) if size * power >= rough)
        self.low, self.high = low // self.step * self.step, -(-high // self.step) * self.step
        self.start, self.end = start, end

    @classmethod
    def spanning(cls, low: float, high: float, start: float, end: float) -> Axis:
        """An axis whose ends are just these values, not rounded."""
        axis = cls(low, high, start, end)
        axis.low, axis.high = low, high
        return axis

    def at(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """The round values on the axis."""
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]

    def across(self, top: float, bottom: float) -> Markup:
        """Vertical lines at the ticks of a horizontal axis, with their values under them."""
        return joined((self.grid(top, bottom), self.under(bottom)))

    def grid(self, top: float, bottom: float) -> Markup:
        """Vertical lines at the ticks of a horizontal axis."""
        return joined(line((self.at(value), top, self.at(value), bottom)) for value in self.ticks())

    def under(self, bottom: float) -> Markup:
        """The values of the ticks of a horizontal axis, under it."""
        return joined(words_at(self.at(value), bottom + 14.0, _tick(value), anchor="middle", colour=SOFT)
                      for value in self.ticks())

    def up(self, left: float, right: float) -> Markup:
        """Horizontal lines at the ticks of a vertical axis, with their values left of them."""
        return joined(joined((line((left, self.at(value), right, self.at(value))),
                              words_at(left - 5.0, self.at(value) + 4.0, _tick(value), anchor="end", colour=SOFT)))
                      for value in self.ticks())


def _tick(value: float) -> str:
    return f"{value:.10g}".replace("-", "−")


SHOWN = 6
WIDTH, HEIGHT = 340.0, 264.0
WIDE, ROW = 400.0, 38.0
ROOM = 62.0  # to the right of lines, for the values at their ends
TITLE_SIGNS, KHMER_SIGNS = 56, 84  # of a line; Khmer is counted wide
FAINT = "#7fb8d8"
SIDES = ((7.0, -6.0), (7.0, 15.0), (-15.0, -6.0), (-15.0, 15.0), (7.0, -20.0), (7.0, 29.0))
APART = (15.0, 13.0)
MET = 24.0  # pixels: what a finger meets


def figures(results: Results) -> list[Callable[[int], Markup]]:
    """The figures, each a function of its number; none where there is nothing to compare."""
    if results.best is None or results.early:
        return []
    return [lambda at: _gains(results, at), lambda at: _prices(results, at), lambda at: _when(results, at)]


def shown(results: Results) -> tuple[str, ...]:
    """The scenarios that the figures and the first table show: all, or those that a choice is among, by their gain.

    These are the one that gains most, the best value, the one regretted least, and those on the frontier; as many as a
    page holds, and the best ones where money decides nothing.
    """
    there = tuple(name for name in results.others if results.has(name, results.end))
    if len(there) <= SHOWN:
        return there
    chosen = [name for name in results.choice.picks(results.best, results.reference) if name in there][:SHOWN]
    return tuple(name for name in there if name in chosen) if chosen[1:] else there[:SHOWN]


def left_out(results: Results) -> str:
    """What to say where not every scenario is shown."""
    rest = len(results.others) - len(shown(results))
    return counted(rest, "{count} other scenario stands in the details.",
                   "{count} other scenarios stand in the details.") if rest > 0 else ""


def _runs(results: Results) -> str:
    return f"n\u00a0=\u00a0{results.comparison.ensemble.runs:,}"


def told(results: Results, what: str, cell: Interval[float], write: Callable[[float], str] = signed) -> str:
    """What a mark tells: its number, interval and count of runs."""
    if cell.low == cell.high:
        return say("{what}: {value}; {runs}", what=what, value=write(cell.mean), runs=_runs(results))
    return say("{what}: {value}, {level} interval {low} to {high}; {runs}", what=what, value=write(cell.mean),
               level=LEVEL, low=write(cell.low), high=write(cell.high), runs=_runs(results))


# ------------------------------------------------------------------------------------------------------- how much


def _gains(results: Results, at: int) -> Markup:
    """Points of true quality more than the reference at the end, of the plans that a choice is among."""
    names = shown(results)
    cells = {name: results.difference(name, results.end, "true") for name in names}
    x = Axis(min(0.0, *(cell.low for cell in cells.values())), max(0.0, *(cell.high for cell in cells.values())),
             10.0, WIDE - 46.0)
    bottom = 6.0 + ROW * len(names)
    signs = TITLE_SIGNS if spoken() is ENGLISH else KHMER_SIGNS
    parts = [x.under(bottom)]
    for place, name in enumerate(names):
        top = 6.0 + ROW * place
        y = top + 26.0
        cell, title = cells[name], lines(results.heading(name), signs, 1)[0]
        said = told(results, say("{scenario}, true quality, points more than the reference",
                                 scenario=results.title(name)), cell)
        parts += [words_at(2.0, top + 13.0, title, size=13.0), x.grid(top + 17.0, top + ROW - 3.0),
                  line((x.at(0.0), top + 17.0, x.at(0.0), top + ROW - 3.0), INK, 1.2),
                  mark(said, (x.at(cell.low) - 8.0, top + 4.0, x.at(cell.high) - x.at(cell.low) + 16.0, ROW - 6.0),
                       line((x.at(cell.low), y, x.at(cell.high), y), TRUE, 2.4), dot(x.at(cell.mean), y, TRUE, TRUE)),
                  words_at(max(x.at(cell.high), x.at(0.0)) + 8.0, y + 4.0, signed(cell.mean), bold=True, size=13.0)]
    parts.append(words_at(WIDE / 2.0, bottom + 30.0, _axis_words(results), anchor="middle", colour=SOFT))
    label = say("Points of true quality more than the reference. {said}", said="; ".join(
        told(results, results.title(name), cells[name]) for name in names))
    return figure_alone("decide-gain", _title(at, say("How much better by the end of {year}?", year=results.end)),
                        drawing(WIDE, bottom + 36.0, label, *parts))


def _axis_words(results: Results) -> str:
    if not results.several:
        return say("points of true quality more than the reference; one run")
    return say("points of true quality more than the reference; {level} of {runs} runs", level=LEVEL,
               runs=f"{results.comparison.ensemble.runs:,}")


# ---------------------------------------------------------------------------------------------------------- price


def _prices(results: Results, at: int) -> Markup:
    names = shown(results)
    cost = {name: results.difference(name, results.end, "public_cost").scaled(1.0 / MILLION) for name in names}
    gain = {name: results.difference(name, results.end, "true") for name in names}
    x = Axis(min(0.0, *(cell.low for cell in cost.values())), max(1e-3, *(cell.high for cell in cost.values())), 34.0,
             WIDTH - 16.0)
    y = Axis(min(0.0, *(cell.low for cell in gain.values())), max(0.0, *(cell.high for cell in gain.values())),
             HEIGHT - 46.0, 10.0)
    parts = [x.grid(10.0, HEIGHT - 46.0), x.under(HEIGHT - 42.0), y.up(34.0, WIDTH - 16.0),
             line((34.0, y.at(0.0), WIDTH - 16.0, y.at(0.0)), INK, 1.2),
             line((x.at(0.0), 10.0, x.at(0.0), HEIGHT - 46.0), INK, 1.2),
             words_at(WIDTH / 2.0, HEIGHT - 14.0, say("US$ million of public money more than the reference"),
                      anchor="middle"),
             *(_priced(results, name, (x, y), (cost[name], gain[name])) for name in names),
             *_numbers({results.key(name): (x.at(cost[name].mean), y.at(gain[name].mean)) for name in names})]
    said = "; ".join(say("{scenario}: {points} points for US$ {cost} million", scenario=results.title(name),
                         points=signed(gain[name].mean), cost=signed(cost[name].mean)) for name in names)
    drawn = drawing(WIDTH, HEIGHT, say("Points gained against public money (collaboratives, PBF and assessments) more "
                                       "than the reference, {first} to {last}. {said}", first=plan_start(),
                                       last=results.end, said=said), *parts)
    sign = legend((TRUE, "dot", say("points of true quality gained, with the scenario’s number")))
    return figure_alone("decide-price", _title(at, say("What does it buy, at what price?")), joined((sign, drawn)))


def _priced(results: Results, name: str, axes: tuple[Axis, Axis], cells: tuple[Interval[float], Interval[float]]
            ) -> Markup:
    (x, y), (cost, gain) = axes, cells
    here, there = x.at(cost.mean), y.at(gain.mean)
    told_ = {"scenario": results.title(name), "points": signed(gain.mean), "cost": signed(cost.mean),
             "runs": _runs(results)}
    said = (say("{scenario}: {points} points for US$ {cost} million more; {runs}", **told_)
            if gain.low == gain.high else
            say("{scenario}: {points} points ({between}) for US$ {cost} million more ({spread}); {runs}", **told_,
                between=interval(gain.low, gain.high, sign=True), spread=interval(cost.low, cost.high, sign=True)))
    half = MET / 2.0 + 1.0
    return mark(said, (here - half, there - half, 2.0 * half, 2.0 * half),
                line((x.at(cost.low), there, x.at(cost.high), there), FAINT, 1.6),
                line((here, y.at(gain.low), here, y.at(gain.high)), FAINT, 1.6), dot(here, there, TRUE, TRUE))


def _numbers(dots: dict[str, tuple[float, float]]) -> list[Markup]:
    """The scenarios' numbers beside their dots, each at the first of some sides where it covers no other."""
    taken: list[tuple[float, float]] = []
    for x, y in dots.values():
        sides = [(x + right, y + down) for right, down in SIDES]
        free = [side for side in sides if all(abs(side[0] - at[0]) >= APART[0] or abs(side[1] - at[1]) >= APART[1]
                                              for at in taken)]
        taken.append((free or sides)[0])
    return [words_at(x, y, key, bold=True, size=13.0) for key, (x, y) in zip(dots, taken, strict=True)]


# ----------------------------------------------------------------------------------------------------------- when


def _when(results: Results, at: int) -> Markup:
    best = results.plan or results.reference
    drawn = {(name, which): results.path(name, which) for name in (best, results.reference)
             for which in ("true", "recorded")}
    low, high = (float(pick([pick(getattr(one, end)) for one in drawn.values()]))
                 for pick, end in ((np.nanmin, "low"), (np.nanmax, "high")))
    x = Axis.spanning(min(one.x[0] for one in drawn.values()), max(one.x[-1] for one in drawn.values()), 34.0,
                      WIDTH - ROOM)
    y = Axis(low, high, HEIGHT - 46.0, 10.0)
    parts = [_shade(x), y.up(34.0, WIDTH - ROOM), _years(x, HEIGHT - 46.0),
             *_trails(drawn, (best, results.reference), (x, y)),
             *(_stop(results, name, year, (x, y)) for name in (results.reference, best) for year in results.years
               if results.has(name, year)), *_ends(results, drawn, best, (x, y))]
    said = say("Mean score over time, {scenario} against the reference: at the end of {year} {best} and {reference} "
               "points of true quality", scenario=results.title(best), year=results.end,
               best=number(drawn[best, "true"].at(results.end)),
               reference=number(drawn[results.reference, "true"].at(results.end)))
    signs = legend((TRUE, "line", say("{scenario}: true", scenario=results.key(best))),
                   (RECORDED, "dash", say("{scenario}: recorded", scenario=results.key(best))),
                   (REFERENCE, "line", say("reference: true")), (REFERENCE, "dash", say("reference: recorded")),
                   *unstudied(results))
    return figure_alone("decide-when", _title(at, say("When, in truth and on record? (points)")),
                        joined((signs, drawing(WIDTH, HEIGHT, said, *parts))))


def _shade(x: Axis) -> Markup:
    """A shade over the years that no controlled study reached."""
    left, right = x.at(max(beyond_studies(), x.low)), x.at(x.high)
    if x.high <= beyond_studies():
        return Markup("")
    return band([(left, 10.0), (right, 10.0)], [(left, HEIGHT - 46.0), (right, HEIGHT - 46.0)], SOFT)


def _years(x: Axis, bottom: float) -> Markup:
    first, last = int(np.ceil(x.low)), int(x.high) - 1
    marks = [words_at(x.at(year + 0.5), bottom + 16.0, year, anchor="middle", colour=SOFT)
             for year in sorted({first, plan_start(), last}) if first <= year <= last]
    rule = ([line((x.at(plan_start()), 10.0, x.at(plan_start()), bottom), SOFT),
             words_at(x.at(plan_start()) - 4.0, 20.0, say("plans begin"), anchor="end", colour=SOFT)]
            if x.low < plan_start() < x.high else [])
    return joined([*marks, *rule])


def _trails(drawn: dict[tuple[str, str], Path], names: tuple[str, str], axes: tuple[Axis, Axis]) -> list[Markup]:
    best, reference = names
    x, y = axes
    truth = drawn[best, "true"]

    def trail(path_: Path, values: np.ndarray) -> list[tuple[float, float]]:
        return [(x.at(when), y.at(value)) for when, value in zip(path_.x, values, strict=True) if np.isfinite(value)]

    styles = (((reference, "recorded"), REFERENCE, "5 3"), ((reference, "true"), REFERENCE, ""),
              ((best, "recorded"), RECORDED, "5 3"), ((best, "true"), TRUE, ""))
    return [band(trail(truth, truth.low), trail(truth, truth.high), TRUE),
            *(path(trail(drawn[key], drawn[key].mean), colour, dashes=dashes) for key, colour, dashes in styles)]


def _stop(results: Results, name: str, year: int, axes: tuple[Axis, Axis]) -> Markup:
    """True quality at the end of a headline year, to be met."""
    x, y = axes
    cell = results.level(name, year, "true")
    colour = REFERENCE if name == results.reference else TRUE
    said = told(results, say("{scenario}, true quality at the end of {year}, points", scenario=results.title(name),
                             year=year), cell, lambda value: number(value, 1))
    here, there = x.at(year + 1.0), y.at(cell.mean)
    return mark(said, (here - MET / 2.0, there - MET / 2.0, MET, MET), dot(here, there, colour, colour, 3.6))


def _ends(results: Results, drawn: dict[tuple[str, str], Path], best: str, axes: tuple[Axis, Axis]
          ) -> list[Markup]:
    """Value and scenario at the end of each of the four lines, in its colour, moved apart where they would touch."""
    x, y = axes
    ends = {key: (path_.x[-1], float(path_.mean[-1])) for key, path_ in drawn.items() if np.isfinite(path_.mean[-1])}
    places = apart([y.at(value) for _, value in ends.values()], 13.0, 8.0, HEIGHT - 40.0)
    found = []
    for (key, (when, value)), place in zip(ends.items(), places, strict=True):
        name, which = key
        colour = REFERENCE if name != best else TRUE if which == "true" else RECORDED
        told = f"{number(value)} ({results.key(name)})"
        found.append(words_at(x.at(when) + 7.0, place + 4.0, told, bold=which == "true", colour=colour))
    return found


def _title(at: int, title: str) -> Markup:
    return joined((tag("span", f"{say('Figure')} {at}. ", class_="number"), title))
