"""Small drawings written straight as SVG: lines, texts, and marks that tell their number when they are met.

A mark is reached by the mouse and by the keyboard; its `<title>` and label carry the whole sentence, so that it needs
no script. Lengths are pixels of the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qicsim.report.colours import INK, RULE, SOFT
from qicsim.report.elements import Markup, bare, joined

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
