"""Drawings: matplotlib figures turned into light inline SVG whose text stays text and whose ids are safe and stable."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from qicsim.report.colours import INK, RULE, SOFT
from qicsim.report.elements import Markup
from qicsim.report.formatting import lines
from qicsim.report.panel import TEXT, framed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 96.0

STYLE: dict[str, Any] = {
    "svg.fonttype": "none", "svg.hashsalt": "qicsim", "svg.image_inline": True, "text.parse_math": False,
    "font.family": "DejaVu Sans", "font.size": TEXT, "axes.edgecolor": SOFT, "axes.labelcolor": INK,
    "axes.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
    "axes.unicode_minus": True, "axes.grid": False, "grid.color": RULE, "grid.linewidth": 0.6, "xtick.color": SOFT,
    "ytick.color": SOFT, "xtick.labelcolor": INK, "ytick.labelcolor": INK, "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT, "xtick.major.size": 3, "ytick.major.size": 0, "xtick.major.width": 0.6,
    "lines.linewidth": 1.5, "text.color": INK, "figure.facecolor": "none", "axes.facecolor": "none"}

_PROLOGUE = re.compile(r"^.*?(?=<svg\b)|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LONG = re.compile(r"(\d\.\d\d)\d+")
_ID = re.compile(r' id="([^"]*)"')
_USED = re.compile(r'(?:href="#|url\(#)([^")]*)')
_NAMESPACES = re.compile(r' xmlns(?::\w+)?="[^"]*"| version="1\.1"')


@contextmanager
def drawing_style() -> Iterator[None]:
    """The style of every drawing, for the time of a `with`; nothing global stays changed."""
    import matplotlib

    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # Khmer letters that the measuring font lacks: the browser sets the text with a font of its own.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        yield


def canvas(width: float, height: float) -> Figure:
    """An empty figure of so many pixels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width / DPI, height / DPI), dpi=DPI)


def frame(figure: Figure, margins: tuple[float, float, float, float]) -> Axes:
    """Axes inside margins (left, right, bottom, top) in pixels."""
    width, height = figure.get_size_inches() * DPI
    left, right, bottom, top = margins
    return figure.add_axes((left / width, bottom / height, (width - left - right) / width,
                            (height - bottom - top) / height))


def finish(figure: Figure, key: str, label: str) -> Markup:
    """The figure as inline SVG; `key` makes its ids unique on the page, `label` is read aloud in its place."""
    text = StringIO()
    figure.savefig(text, format="svg", transparent=True,
                   metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return inline(text.getvalue(), key, label)


def inline(svg: str, key: str, label: str) -> Markup:
    """SVG text made light: no prologue, two digits, only the ids that are used, and these under the drawing's key."""
    light = _TAG.sub(lambda found: _LONG.sub(r"\1", found[0]), _PROLOGUE.sub("", svg)).replace("xlink:href", "href")
    light = _NAMESPACES.sub("", light, count=4)
    used = set(_USED.findall(light))
    light = _ID.sub(lambda found: f' id="{key}-{found[1]}"' if found[1] in used else "", light)
    light = re.sub(r'(href="#|url\(#)', rf"\1{key}-", light)
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', light).groups()  # type: ignore[union-attr]
    body = re.sub(r"\s*\n\s*", "\n", light[light.index(">", light.index("<svg")) + 1:]).strip()
    return framed((float(width), float(height)), label, Markup(body.removesuffix("</svg>")))


def quiet(axes: Axes, *, grid: Literal["x", "y"] = "y") -> None:
    """Light grid lines on one axis, and no more lines than are needed."""
    axes.grid(visible=True, axis=grid)
    axes.spines["left"].set_visible(False)


def named_rows(axes: Axes, titles: Sequence[str], width: int = 27) -> None:
    """Rows from the top with their names, each of at most two lines.

    Every line is a text of its own that ends at the axis: the browser sets it with letters that are not measured here.
    """
    axes.set_ylim(len(titles) - 0.5, -0.5)
    axes.set_yticks(range(len(titles)), [""] * len(titles))
    size = TEXT * 0.94
    for row, title in enumerate(titles):
        parts = lines(title, width, 2)
        for at, part in enumerate(parts):
            axes.annotate(part, (0.0, row), (-6.0, ((len(parts) - 1) / 2.0 - at) * 1.2 * size),
                          xycoords=axes.get_yaxis_transform(), textcoords="offset points", ha="right", va="center",
                          fontsize=size, annotation_clip=False)


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places moved up, or down from `high`, as little as needed for `gap` between neighbours."""
    order = sorted(range(len(places)), key=lambda at: places[at])
    moved = [max(place, low) for place in places]
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + gap)
    for at, place in enumerate(reversed(order)):
        moved[place] = min(moved[place], high - at * gap)
    return moved
