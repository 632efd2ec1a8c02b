"""Figures of scores: differences from the reference as dots and intervals, and paths with bands."""

from __future__ import annotations

import numpy as np

from qicsim.analysis.tried_assumptions import last_of_trials
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import number, signed
from qicsim.inputs.country import plan_start
from qicsim.report.colours import INK, PAPER, RECORDED, REFERENCE, SOFT, TRUE
from qicsim.report.elements import Markup, tag
from qicsim.report.formatting import interval, lines
from qicsim.report.language import say
from qicsim.report.panel import Panel, Style
from qicsim.report.results import Path, Results

ROW = 38.0
LABELS = 172.0
PANEL = (250.0, 168.0)
DASHED: Style = (0, (4.0, 1.8))


def beyond_studies() -> int:
    """The year from whose beginning on plans have lasted longer than any controlled study."""
    return last_of_trials() + 1


def legend(*entries: tuple[str, str, str]) -> Markup:
    """Signs in words: triples of colour, kind of sign (line, dash, dot, ring, band, box, rule, net) and meaning."""
    return tag("p", *(tag("span", _swatch(colour, kind), meaning, class_="entry") for colour, kind, meaning in entries),
               class_="legend")


def _swatch(colour: str, kind: str) -> Markup:
    stroke = f'stroke="{colour}" stroke-width="2.5"'
    inside = {
        "line": f'<line x1="0" x2="26" y1="7" y2="7" {stroke}/>',
        "dash": f'<line x1="0" x2="26" y1="7" y2="7" {stroke} stroke-dasharray="6 3"/>',
        "dot": f'<line x1="0" x2="26" y1="7" y2="7" {stroke}/><circle cx="13" cy="7" r="5" fill="{colour}"/>',
        "ring": f'<line x1="0" x2="26" y1="7" y2="7" {stroke}/><circle cx="13" cy="7" r="4" fill="#fff" {stroke}/>',
        "band": f'<rect width="26" height="14" fill="{colour}" fill-opacity=".2"/>',
        "box": f'<rect width="26" height="14" fill="{colour}"/>',
        "rule": f'<line x1="13" x2="13" y1="0" y2="14" stroke="{colour}" stroke-width="1.2"/>',
        "net": f'<path d="M13 2 20 13 6 13Z" fill="{colour}"/>'}[kind]
    return Markup(f'<svg class="swatch" viewBox="0 0 26 14" width="26" height="14" aria-hidden="true">{inside}</svg>')


# ------------------------------------------------------------------------------------------------------- differences


def differences(results: Results, year: int) -> Markup:
    """Paired differences from the reference in a year: a row for each scenario, true above recorded."""
    names = [name for name in results.others if results.has(name, year)]
    panel = Panel((430.0, 44.0 + ROW * len(names)), (LABELS, 12.0, 36.0, 6.0), grid="x")
    for place, name in enumerate(names):
        _marks(panel, place - 0.16, results.difference(name, year, "true"), TRUE, TRUE)
        _marks(panel, place + 0.16, results.difference(name, year, "recorded"), RECORDED, PAPER)
    panel.names([lines(results.heading(name), 27, 2) for name in names])
    panel.upright(0.0, INK, 0.9)
    panel.x.name = say("points more than the reference")
    said = "; ".join(say("{scenario}: true {true}, recorded {recorded}", scenario=results.title(name),
                         true=_said(results.difference(name, year, "true")),
                         recorded=_said(results.difference(name, year, "recorded"))) for name in names)
    return panel.svg(f"difference-{year}", say("Difference from the reference in {year}, points with interval. {said}.",
                                               year=year, said=said))


def _marks(panel: Panel, y: float, cell: Interval[float], colour: str, fill: str) -> None:
    if not np.isfinite(cell.mean):
        return
    panel.line([cell.low, cell.high], [y, y], colour, width=1.8)
    panel.dots(cell.mean, y, 5.2, fill, edge=(colour, 1.4))


def _said(cell: Interval[float]) -> str:
    between = "" if cell.low == cell.high else f" ({interval(cell.low, cell.high, sign=True)})"
    return signed(cell.mean) + between


# -------------------------------------------------------------------------------------------------------------- paths


def path_panel(results: Results, name: str, kind: str) -> Markup:
    """One scenario against the reference, `kind` score or share: true with its band, recorded dashed."""
    names = ("true", "recorded") if kind == "score" else ("true_80", "recorded_80")
    scale = 1.0 if kind == "score" else 100.0
    panel = Panel(PANEL, (28.0, 15.0, 22.0, 8.0))
    truth, record = (results.path(name, indicator) for indicator in names)
    panel.band(truth.x, truth.low * scale, truth.high * scale, TRUE)
    if name != results.reference:
        _two(panel, (results.path(results.reference, names[0]), results.path(results.reference, names[1])), scale,
             (REFERENCE, REFERENCE))
    _two(panel, (truth, record), scale, (TRUE, RECORDED))
    year_axis(panel, results)
    _limits(panel, results, names, scale)
    told = {"scenario": results.title(name), "year": results.end, "true": number(truth.at(results.end) * scale),
            "recorded": number(record.at(results.end) * scale)}
    said = (say("{scenario}: at the end of {year} true {true}, recorded {recorded} points", **told) if kind == "score"
            else say("{scenario}: at the end of {year} true {true}, recorded {recorded} per cent of facilities",
                     **told))
    return panel.svg(f"path-{kind}-{sign(results, name)}", said)


def sign(results: Results, name: str) -> str:
    """A scenario's sign in ids of drawings, the same in every language."""
    return "ref" if name == results.reference else results.key(name)


def _two(panel: Panel, paths: tuple[Path, Path], scale: float, colours: tuple[str, str]) -> None:
    styles: tuple[Style, Style] = ("solid", DASHED)
    for path, colour, style in zip(paths, colours, styles, strict=True):
        panel.line(path.x, path.mean * scale, colour, style=style, width=1.6)


def _limits(panel: Panel, results: Results, names: tuple[str, str], scale: float) -> None:
    """The same limits in every panel, so that panels can be compared."""
    if scale != 1.0:
        panel.y.fixed = (0.0, 100.0)
        panel.y.labels = {float(share): str(share) for share in (0, 25, 50, 75, 100)}
        return
    found = [np.concatenate((results.path(name, names[0]).low, results.path(name, names[0]).high,
                             results.path(name, names[1]).mean)) for name in results.names]
    everything = np.concatenate(found)
    low, high = np.nanmin(everything), np.nanmax(everything)
    panel.y.fixed = (np.floor(low / 10.0) * 10.0, min(np.ceil(high / 10.0) * 10.0, 100.0))


def horizon(results: Results) -> tuple[float, float]:
    """The years that any scenario touches, for axes."""
    spans = [results.path(name, "true").x for name in results.names]
    return min(x[0] for x in spans) - 0.25, max(x[-1] for x in spans)


def unstudied(results: Results) -> list[tuple[str, str, str]]:
    """The entry of a legend for the shade of `year_axis`; none where no run lasts so long."""
    if horizon(results)[1] <= beyond_studies():
        return []
    return [(SOFT, "band", say("no controlled study reaches so far"))]


def year_axis(panel: Panel, results: Results) -> None:
    """Years from the first to the last of any scenario; the plans' start is a thin line, what no study saw shaded."""
    start, end = horizon(results)
    panel.x.fixed = (start, end)
    first, last = int(np.ceil(start)), int(np.floor(end)) - 1
    middle = plan_start() if first + 3 < plan_start() < last - 3 else (first + last) // 2
    panel.x.labels = {year + 0.5: str(year) for year in sorted({first, middle, last})}
    if start < plan_start() < end:
        panel.upright(plan_start(), SOFT, 0.8)
    if end > beyond_studies():
        panel.beyond(beyond_studies(), SOFT)

