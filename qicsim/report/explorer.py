"""Choose and look: scenarios, indicator, place and year, drawn by a small script from numbers inside the page.

The choice stands in the address, so that a link opens the same view; chart and numbers can be saved. Without the
script the section says where the same numbers stand. Numbers are tenths of a point, of a per cent, of a team or of a
million US$, as whole numbers; every scenario has its mean, its 5-95 % interval, and the paired difference from the
reference. Money is of the nation only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from string import Formatter

import numpy as np

from qicsim.analysis.places import COST, by_place, paired_intervals, provinces_of
from qicsim.inputs.country import home
from qicsim.report.colours import INK, LINES, RECORDED, REFERENCE, SOFT, TRUE, ink_on, sequential
from qicsim.report.elements import Markup, tag
from qicsim.report.figures import beyond_studies, legend, unstudied
from qicsim.report.formatting import LEVEL
from qicsim.report.language import place_name, say, spoken, text
from qicsim.report.notes import project
from qicsim.report.results import Results

INDICATORS = (
    ("true", text("True quality"), 1.0, "points"), ("recorded", text("Recorded score"), 1.0, "points"),
    ("true_80", text("Facilities truly at 80 or more"), 100.0, "percent"),
    ("recorded_80", text("Facilities recorded at 80 or more"), 100.0, "percent"),
    ("coverage", text("Facilities that ever joined"), 100.0, "percent"),
    ("active", text("Active teams"), 1.0, "teams"),
    ("cost", text("All public money in the year"), 1e-6, "money"))
RECORDS = ("recorded", "recorded_80")
NATION = "all"
STEPS = 40
TENTHS = 10.0
WORDS = {
    "readout": text("{place}, end of {year}, {indicator}: {scenario} {value} ({low} to {high}); reference {reference} "
                    "({reference_low} to {reference_high}); difference {gain} ({gain_low} to {gain_high}). {level} "
                    "intervals between runs, n = {n}."),
    "alone": text("{place}, end of {year}, {indicator}: {scenario} {value} ({low} to {high}). {level} interval between "
                  "runs, n = {n}."),
    "mark": text("{scenario}, {place}, end of {year}: {value} ({low} to {high}), n = {n}"),
    "interval": text("{value} ({low} to {high})"),
    "none": text("There is no value for this choice."), "points": text("points"), "percent": text("% of facilities"),
    "teams": text("teams"), "money": text("US$ million of {price_year}"), "level": text("the scenario"),
    "gain": text("more than the reference"),
    "marked_gain": text("{scenario}, {place}, end of {year}, more than the reference: {value} ({low} to {high}), "
                        "n = {n}"),
    "year": text("Year"), "difference": text("Difference"),
    "picture": text("{indicator} in {place} over time, and by province at the end of {year}")}
ONE_RUN = {
    "readout": text("{place}, end of {year}, {indicator}: {scenario} {value}; reference {reference}; difference "
                    "{gain}. One run."),
    "alone": text("{place}, end of {year}, {indicator}: {scenario} {value}. One run."),
    "mark": text("{scenario}, {place}, end of {year}: {value}; one run"),
    "marked_gain": text("{scenario}, {place}, end of {year}, more than the reference: {value}; one run")}


@dataclass(frozen=True, eq=False)
class Shown:
    """What there is to choose and look at; the reference comes first among the scenarios.

    names    of scenarios; `titles` are what they are called on the page
    start    the number of the one that is shown first
    end      the year that is shown first
    runs     of each scenario
    factor   US$ of the page for US$ of the price year
    samples  by scenario an indicator's key, float64 (runs, years, 1 + provinces), the nation first; none yet is empty
    beside   numbers of scenarios that the chart begins with, beside the first
    more     whether it begins with what is more than the reference
    """

    names: Sequence[str]
    titles: Sequence[str]
    start: int
    years: Sequence[int]
    end: int
    provinces: Sequence[str]
    runs: int
    price_year: int
    factor: float
    samples: Sequence[Callable[[str], np.ndarray]]
    beside: Sequence[int] = ()
    more: bool = False


def explorer(results: Results) -> Markup:
    """The section: what it says without the script, and the numbers for it."""
    return tag("div", tag("p", say("This part needs JavaScript. The same numbers stand in the tables below, and in "
                                   "provinces.csv and trajectories.csv beside the page."), class_="without-script"),
               tag("p", project(results), class_="note") if project(results) else "",
               legend(*unstudied(results)) if unstudied(results) else "", controls(), data_of(_shown(results)))


def controls() -> Markup:
    """The choices (filled by the script) and the places of the pictures; hidden until the script is there."""
    labels = {"scenario": say("Scenario"), "indicator": say("Indicator"), "place": say("Place"), "show": say("Show")}
    picks = [tag("label", tag("span", label), tag("select", id=f"pick-{key}")) for key, label in labels.items()]
    year = tag("label", tag("span", say("Year"), " ", tag("output", id="shown-year", for_="pick-year")),
               tag("input", type="range", id="pick-year", step=1), for_="pick-year")
    parts = (tag("form", *picks, year, class_="controls", aria_label=say("Choices")),
             tag("details", tag("summary", say("More scenarios in the chart")),
                 tag("fieldset", id="pick-others", class_="legend", aria_label=say("More scenarios in the chart"))),
             tag("p", class_="readout", id="readout", aria_live="polite"),
             tag("div", tag("div", tag("div", id="legend", class_="legend"), tag("div", id="chart")),
                 tag("div", id="tiles", tabindex="0", role="group"), class_="pictures"),
             tag("p", tag("button", say("Save the chart (PNG)"), type="button", id="save-png"), " ",
                 tag("button", say("Save these numbers (CSV)"), type="button", id="save-csv")),
             tag("p", say("The address of the page holds your choices: a link opens the same view."), class_="note"),
             tag("details", tag("summary", say("These numbers as a table")),
                 tag("div", id="numbers", class_="scroll", tabindex="0", role="region", aria_label=say("Numbers"))))
    return tag("div", *parts, id="explorer", hidden="")


def _shown(results: Results) -> Shown:
    """The scenarios of a comparison."""
    ensemble, names = results.comparison.ensemble, results.names
    years = sorted({year for name in names for year in ensemble.runners[name].years})
    return Shown(names, [results.heading(name) for name in names], names.index(results.plan or results.reference),
                 years, results.end, provinces_of(ensemble), ensemble.runs, results.price_year,
                 results.comparison.money.factor, [partial(by_place, ensemble, name, years) for name in names])


def data_of(shown: Shown) -> Markup:
    """The numbers and words for the script; no sign in them can end the element that holds them."""
    at = {province.name: province.tile for province in home().provinces if province.tile is not None}
    data = {
        "n": shown.runs, "level": LEVEL, "years": shown.years, "end": shown.end,
        "names": shown.names, "keys": [key for key, *_ in INDICATORS], "regions": [NATION, *shown.provinces],
        "beyond": beyond_studies(), "scenarios": shown.titles, "start": shown.start, "beside": shown.beside,
        "more": shown.more,
        "places": [home().named(spoken().code), *map(place_name, shown.provinces)],
        "tiles": [[place, *at[name]] for place, name in enumerate(shown.provinces, start=1) if name in at],
        "indicators": [[say(label), unit, key in RECORDS] for key, label, _, unit in INDICATORS],
        "values": values_of(shown),
        "words": {key: _template(said, shown.price_year) for key, said in
                  (WORDS if shown.runs > 1 else WORDS | ONE_RUN).items()},
        "colours": {"ink": INK, "soft": SOFT, "true": TRUE, "recorded": RECORDED, "reference": REFERENCE,
                    "lines": LINES},
        "scale": [sequential(step / STEPS) for step in range(STEPS + 1)],
        "inks": [ink_on(sequential(step / STEPS)) for step in range(STEPS + 1)]}
    return Markup(f'<script type="application/json" id="explore-data">{json_of(data)}</script>')


def json_of(data: object) -> str:
    """JSON that can stand inside an element of a page."""
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return dumped.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def values_of(shown: Shown) -> list[list[list[list[object]]]]:
    """By scenario, indicator and place: by year mean, low, high, and those of the difference from the reference."""
    scales = {key: scale * (shown.factor if key == COST else 1.0) for key, _, scale, _ in INDICATORS}
    reference = {key: shown.samples[0](key) for key in scales} if shown.samples else {}
    nothing: list[list[object]] = [[] for _ in (NATION, *shown.provinces)]
    return [[_block(sample(key), reference[key], scale) for key, scale in scales.items()]
            for sample in shown.samples] or [[nothing for _ in scales] for _ in shown.names]


def _template(english: str, price_year: int) -> str:
    """A text whose fields stay, for the script to fill; but for the year of prices."""
    fields = (name for _, name, _, _ in Formatter().parse(english) if name)
    return say(english, **({field: f"{{{field}}}" for field in fields} | {"price_year": price_year}))


def _block(own: np.ndarray, reference: np.ndarray, scale: float) -> list[list[object]]:
    """For the nation and each place: by year mean, low, high, and those of the difference from the reference."""
    both = paired_intervals(own, reference)
    numbers = np.stack([part * scale for known in both for part in (known.mean, known.low, known.high)])
    return [_whole(numbers[:, :, place].T.ravel()) if np.isfinite(numbers[:, :, place]).any() else []
            for place in range(numbers.shape[2])]


def _whole(numbers: np.ndarray) -> list[object]:
    there = np.isfinite(numbers)
    whole: list[object] = np.rint(np.where(there, numbers, 0.0) * TENTHS).astype(int).tolist()
    return whole if there.all() else [value if known else None for value, known in zip(whole, there, strict=True)]
