"""Axes with lines, bands, bars, dots and texts, written straight as SVG: a page has ninety of them.

A plotting library draws the same picture in thirty times the time and four times the bytes. Data are drawn in the units
of the axes; the size and the margins of a panel are pixels, widths of lines and sizes of dots and texts are points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np

from qicsim.report.colours import INK, RULE, SOFT
from qicsim.report.elements import Markup, bare, tag

PIXEL = 0.75  # points in a pixel
TEXT = 11.5 * PIXEL
LEAST, NARROW = 11.0, 320.0  # pixels: of a text on a screen at the least; what any screen has beside its margins
MARGIN = 0.05  # of the span of the data, at either side of axes without limits of their own
MOST_TICKS = 9
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
DIGIT, BELOW, MIDDLE = 0.64, 0.27, 0.36  # of the size of a text: a digit's width; what hangs under it; half its height
HATCHED = 6.0  # points from line to line
_SIZES = re.compile(r'font-size[=:] ?"?([\d.]+)')
HATCH = "M0 6L6 0M-1 1L1 -1M5 7L7 5"

Style = str | tuple[float, tuple[float, ...]]
"""How a line is dashed: "solid", or (0, lengths of dashes and gaps in widths of the line)."""


class Margins(NamedTuple):
    """Pixels between the edges of a panel and its axes."""

    left: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    top: float = 0.0


class Axis:
    """One axis: from the units of the data to points of the drawing, with its ticks and its name."""

    def __init__(self, start: float, end: float, size_of_label: float) -> None:
        """The axis between two points of the drawing; a tick's label is about so many points long along it."""
        self.start, self.end, self.room = start, end, size_of_label
        self.seen: list[tuple[float, float]] = []
        self.fixed: tuple[float, float] | None = None
        self.labels: dict[float, str] | None = None
        self.name = ""

    def see(self, *values: Any) -> None:
        """Data that axes without limits of their own have to hold."""
        found = np.concatenate([np.atleast_1d(np.asarray(each, dtype=float)).ravel() for each in values])
        found = found[np.isfinite(found)]
        if found.size:
            self.seen.append((float(found.min()), float(found.max())))

    @property
    def limits(self) -> tuple[float, float]:
        """The values at the start and the end: those that were set, or else the data's with a margin."""
        if self.fixed is not None:
            return self.fixed
        low, high = min((low for low, _ in self.seen), default=0.0), max((high for _, high in self.seen), default=1.0)
        if low == high:
            low, high = (low - MARGIN * abs(low), high + MARGIN * abs(high)) if low else (-MARGIN, MARGIN)
        return low - MARGIN * (high - low), high + MARGIN * (high - low)

    def at(self, values: Any) -> Any:
        """The points of values."""
        low, high = self.limits
        return self.start + (np.asarray(values, dtype=float) - low) / ((high - low) or 1.0) * (self.end - self.start)

    def ticks(self) -> dict[float, str]:
        """What stands at the axis, by value: the labels that were set, or else round numbers."""
        low, high = sorted(self.limits)
        if self.labels is None:
            return _round_numbers(low, high, min(max(int(abs(self.end - self.start) / self.room), 1), MOST_TICKS))
        return {value: label for value, label in self.labels.items() if low <= value <= high}


def _round_numbers(low: float, high: float, most: int) -> dict[float, str]:
    """Round numbers between two values, at most so many steps, at least two numbers; with as many digits as needed."""
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    sizes = [float(size * scale) for scale in (power / 10.0, power) for size in STEPS[:-1]] + [float(power * 10.0)]
    start = next(at for at, size in enumerate(sizes) if size >= rough * (1.0 - 1e-9))
    for step in reversed(sizes[:start + 1]):
        first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
        if last > first:
            break
    digits = next(digits for digits in range(12) if abs(round(step, digits) - step) <= 1e-6 * step)
    return {count * step: f"{count * step + 0.0:.{digits}f}".replace("-", "−") for count in range(first, last + 1)}


class Panel:
    """A drawing with one pair of axes; the methods add to it, `svg` writes it."""

    def __init__(self, size: tuple[float, float], margins: Sequence[float], *, grid: Literal["x", "y", ""] = "y"
                 ) -> None:
        """An empty panel of so many pixels; margins left, right, bottom, top. `grid` "" is for axes without lines."""
        self.width, self.height = size[0] * PIXEL, size[1] * PIXEL
        inside = Margins(*(PIXEL * margin for margin in margins))
        self.x = Axis(inside.left, self.width - inside.right, 3.0 * TEXT)
        self.y = Axis(self.height - inside.bottom, inside.top, 2.0 * TEXT)
        self.grid = grid
        self._shapes: list[tuple[float, Callable[[], str]]] = []
        self._texts: list[Callable[[], str]] = []
        self._hatched = False

    # ------------------------------------------------------------------------------------------------------- shapes

    def line(self, x: Any, y: Any, colour: str, *, width: float = 1.5, style: Style = "solid", order: float = 2.0
             ) -> None:
        """A line through points; it breaks where there is no value."""
        self.x.see(x)
        self.y.see(y)
        dashes = "" if isinstance(style, str) else f' stroke-dasharray="{" ".join(f"{width * d:g}" for d in style[1])}"'
        look = f'fill="none" stroke="{colour}" stroke-width="{width:g}"{dashes}'
        self._shapes.append((order, lambda: f'<path d="{_path(self.x.at(x), self.y.at(y))}" {look}/>'))

    def band(self, x: Any, low: Any, high: Any, colour: str) -> None:
        """The area between two lines, pale; it breaks where there is no value."""
        self.x.see(x)
        self.y.see(low, high)
        self._shapes.append((1.0, lambda: _area(self.x.at(x), self.y.at(low), self.y.at(high), colour)))

    def box(self, x: tuple[float, float], y: tuple[float, float], fill: str, *, hatched: bool = False) -> None:
        """A filled box between two values of each axis; hatched in white if asked for."""
        self.x.see(x)
        self.y.see(y)
        self._hatched |= hatched

        def written() -> str:
            left, right = sorted(self.x.at(x))
            top, bottom = sorted(self.y.at(y))
            shape = f'<path d="M{left:.2f} {top:.2f}H{right:.2f}V{bottom:.2f}H{left:.2f}Z" fill='
            return f'{shape}"{fill}"/>' + (f'{shape}"url(#{{key}}-hatch)"/>' if hatched else "")

        self._shapes.append((1.0, written))

    def dots(self, x: Any, y: Any, size: float, fill: str, *, edge: tuple[str, float] | None = None,
             opacity: float = 1.0, order: float = 2.0) -> None:
        """Round dots of a diameter; `edge` is the colour and the width of their outline."""
        self.x.see(x)
        self.y.see(y)
        outline = f' stroke="{edge[0]}" stroke-width="{edge[1]:g}"' if edge else ""
        faint = f' fill-opacity="{opacity:g}"' if opacity < 1.0 else ""
        look = f'r="{size / 2.0:.2f}" fill="{fill}"{outline}{faint}'
        self._shapes.append((order, lambda: "".join(
            f'<circle cx="{across:.2f}" cy="{down:.2f}" {look}/>'
            for across, down in _points(self.x.at(x), self.y.at(y)))))

    def sign(self, x: float, y: float, drawn: str, colour: str, width: float = 0.0) -> None:
        """A sign at a point: the path `drawn` around it, in points; filled, or a stroke of a width."""
        self.x.see(x)
        self.y.see(y)
        look = f'fill="none" stroke="{colour}" stroke-width="{width:g}"' if width else f'fill="{colour}"'
        self._shapes.append((2.0, lambda: f'<path transform="translate({self.x.at(x):.2f} {self.y.at(y):.2f})" '
                                          f'd="{drawn}" {look}/>'))

    def polygons(self, rings: Iterable[Any], fill: str, edge: tuple[str, float]) -> None:
        """A shape of one or several closed rings, each (points, 2), with the colour and the width of its outline."""
        held = [np.asarray(ring, dtype=float) for ring in rings]
        for ring in held:
            self.x.see(ring[:, 0])
            self.y.see(ring[:, 1])

        def written() -> str:
            drawn = "Z".join(_path(self.x.at(ring[:, 0]), self.y.at(ring[:, 1])) for ring in held)
            return f'<path d="{drawn}Z" fill="{fill}" stroke="{edge[0]}" stroke-width="{edge[1]:g}"/>'

        self._shapes.append((1.0, written))

    def beyond(self, x: float, colour: str) -> None:
        """A pale shade over everything to the right of a value."""
        self._shapes.append((0.5, lambda: self._shade(x, colour)))

    def _shade(self, x: float, colour: str) -> str:
        left, top, low = max(float(self.x.at(x)), self.x.start), self.y.end, self.y.start
        return (f'<path d="M{left:.2f} {top:.2f}H{self.x.end:.2f}V{low:.2f}H{left:.2f}Z" fill="{colour}" '
                f'fill-opacity=".13"/>' if left < self.x.end else "")

    def upright(self, x: float, colour: str, width: float) -> None:
        """A vertical line from end to end."""
        self.x.see(x)
        self._shapes.append((2.0, lambda: self._upright(x, colour, width)))

    def level(self, y: float, colour: str, width: float) -> None:
        """A horizontal line from end to end."""
        self.y.see(y)
        self._shapes.append((2.0, lambda: self._level(y, colour, width)))

    # -------------------------------------------------------------------------------------------------------- texts

    def text(self, x: float, y: float, said: object, *, off: tuple[float, float] = (0.0, 0.0), anchor: str = "start",
             colour: str = INK, size: float = TEXT, bold: bool = False, leader: str = "") -> None:
        """A text whose middle is at a height; `off` moves it by points to the right and down.

        With `leader` a thin line of that colour leads to it from where it would stand without `off`.
        """
        def written() -> str:
            from_x, from_y = float(self.x.at(x)), float(self.y.at(y))
            to_x, to_y = from_x + off[0], from_y + off[1]
            led = _stroke((from_x, from_y, to_x - 2.0, to_y), leader, 0.6) if leader else ""
            return led + words(to_x, to_y + MIDDLE * size, said, anchor=anchor, colour=colour, size=size, bold=bold)

        self._texts.append(written)

    def names(self, rows: Sequence[Sequence[str]], size: float = TEXT * 0.94) -> None:
        """Names left of the rows 0, 1, ... from the top down, each of some lines; the axis gets a place for each row.

        Every line is a text of its own that ends at the axis, so that the browser sets it whatever its letters are.
        """
        self.y.fixed, self.y.labels = (len(rows) - 0.5, -0.5), {}
        for number, parts in enumerate(rows):
            for at, part in enumerate(parts):
                down = (at - (len(parts) - 1) / 2.0) * 1.2 * size
                self._texts.append(partial(self._name, number, down, part, size))

    def _name(self, row: int, down: float, part: str, size: float) -> str:
        return words(self.x.start - 6.0, float(self.y.at(row)) + down + MIDDLE * size, part, anchor="end", size=size)

    def same_scale(self, ratio: float = 1.0) -> None:
        """Draw units of both axes alike, those of the vertical one longer by a ratio; the data stand in the middle."""
        (left, right), (low, high) = self.x.limits, self.y.limits
        wide, tall = abs(self.x.end - self.x.start), abs(self.y.end - self.y.start)
        unit = min(wide / (right - left), tall / ((high - low) * ratio))
        across, up = (wide / unit - (right - left)) / 2.0, (tall / (unit * ratio) - (high - low)) / 2.0
        self.x.fixed, self.y.fixed = (left - across, right + across), (low - up, high + up)

    # ------------------------------------------------------------------------------------------------------ writing

    def svg(self, key: str, label: str) -> Markup:
        """The panel as inline SVG; `key` makes its ids unique on the page, `label` is read aloud in its place."""
        shapes = "".join(write() for _, write in sorted(self._shapes, key=lambda shape: shape[0])).replace("{key}", key)
        left, right, bottom, top = self.x.start, self.x.end, self.y.start, self.y.end
        inside = f'<path d="M{left:.2f} {top:.2f}H{right:.2f}V{bottom:.2f}H{left:.2f}Z"/>'
        hatch = (f'<pattern id="{key}-hatch" width="{HATCHED:g}" height="{HATCHED:g}" patternUnits="userSpaceOnUse">'
                 f'<path d="{HATCH}" stroke="#fff"/></pattern>') if self._hatched else ""
        drawn = (f'<defs><clipPath id="{key}-clip">{inside}</clipPath>{hatch}</defs>'
                 f'<g clip-path="url(#{key}-clip)">{self._lines()}{shapes}</g>{self._around()}'
                 f'{"".join(write() for write in self._texts)}')
        return framed((self.width, self.height), label, Markup(drawn))

    def _lines(self) -> str:
        """The lines of the grid."""
        if self.grid == "x":
            return "".join(self._upright(value, RULE, 0.6) for value in self.x.ticks())
        if self.grid == "y":
            return "".join(self._level(value, RULE, 0.6) for value in self.y.ticks())
        return ""

    def _upright(self, x: float, colour: str, width: float) -> str:
        at = float(self.x.at(x))
        return _stroke((at, self.y.start, at, self.y.end), colour, width)

    def _level(self, y: float, colour: str, width: float) -> str:
        at = float(self.y.at(y))
        return _stroke((self.x.start, at, self.x.end, at), colour, width)

    def _around(self) -> str:
        """The lower edge with its ticks, the labels at the ticks, and the names of the axes."""
        if not self.grid:
            return ""
        low, left = self.y.start, self.x.start
        across, up = ([(float(axis.at(value)), label) for value, label in axis.ticks().items()]
                      for axis in (self.x, self.y))
        parts = [_stroke((left, low, self.x.end, low), SOFT, 0.6),
                 *(_stroke((at, low, at, low + 3.0), SOFT, 0.6) for at, _ in across),
                 *(words(at, low + 13.0, label, anchor="middle") for at, label in across),
                 *(words(left - 3.5, at + MIDDLE * TEXT, label, anchor="end") for at, label in up)]
        parts += [words((left + self.x.end) / 2.0, low + 25.6 + 1.25 * TEXT * at, part, anchor="middle")
                  for at, part in enumerate(self.x.name.split("\n")) if part]
        if self.y.name:
            aside = left - 7.5 - DIGIT * TEXT * max((len(label) for _, label in up), default=0) - BELOW * TEXT
            parts.append(f'<g transform="translate({aside:.2f} {(low + self.y.end) / 2.0:.2f}) rotate(-90)">'
                         f'{words(0.0, 0.0, self.y.name, anchor="middle")}</g>')
        return "".join(parts)


def framed(size: tuple[float, float], label: str, inside: Markup) -> Markup:
    """Inline SVG of so many points, with its text alternative; never so small that a text has less than LEAST pixels.

    What may be wider than a telephone for that stands in a box of its own, which scrolls.
    """
    width, height = size
    said, least = bare(label), width * LEAST / min(map(float, _SIZES.findall(inside)), default=width)
    drawn = Markup(f'<svg class="drawing" role="img" aria-label="{said}" viewBox="0 0 {width:g} {height:g}" '
                   f'style="max-width:{width / PIXEL * 1.3:.0f}px;min-width:{least:.0f}px"><title>{said}</title>'
                   f"{inside}</svg>")
    return drawn if least <= NARROW else tag("div", drawn, class_="scroll drawn", tabindex="0", role="group")


def words(x: float, y: float, said: object, *, anchor: str = "start", colour: str = INK, size: float = TEXT,
          bold: bool = False) -> str:
    """A text at a point of the drawing, on its base line; `anchor` start, middle or end."""
    weight = ' font-weight="700"' if bold else ""
    return (f'<text x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" fill="{colour}" font-size="{size:.2f}"{weight}>'
            f"{bare(said)}</text>")


def _stroke(ends: tuple[float, float, float, float], colour: str, width: float) -> str:
    x1, y1, x2, y2 = ends
    return f'<path d="M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _points(x: np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    """Pairs that have both values."""
    x, y = np.broadcast_arrays(np.atleast_1d(x), np.atleast_1d(y))
    there = np.isfinite(x) & np.isfinite(y)
    return list(zip(x[there].tolist(), y[there].tolist(), strict=True))


def _path(x: np.ndarray, y: np.ndarray) -> str:
    """The data of a path through points; it begins anew after a point without a value."""
    said, pen = [], "M"
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if math.isfinite(across + down):
            said.append(f"{pen}{across:.2f} {down:.2f}")
            pen = "L"
        else:
            pen = "M"
    return "".join(said)


def _area(x: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> str:
    """Areas between two lines, one for each stretch that has values."""
    there = np.isfinite(low) & np.isfinite(high)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(int), [0]))))
    rings = (_path(np.concatenate((x[first:last], x[first:last][::-1])),
                   np.concatenate((low[first:last], high[first:last][::-1])))
             for first, last in zip(edges[::2], edges[1::2], strict=True))
    return f'<path d="{"Z".join(rings)}Z" fill="{colour}" fill-opacity="0.18"/>' if there.any() else ""
