"""Choose and look: scenarios, indicator, place and year, drawn by a small script from numbers inside the page.

The choice stands in the address, so that a link opens the same view; chart and numbers can be saved. Without the
script the section says where the same numbers stand. Numbers are tenths of a point, of a per cent, of a team or of a
million US$, as whole numbers; every scenario has its mean, its 5-95 % interval, and the paired difference from the
reference. Money is of the nation only.
"""

from __future__ import annotations

import json
from string import Formatter

import numpy as np

from qicsim.analysis.places import COST, by_place, paired_intervals, provinces_of
from qicsim.inputs.world.provinces import provinces
from qicsim.report.colours import INK, LINES, RECORDED, REFERENCE, SOFT, TRUE, ink_on, sequential
from qicsim.report.elements import Markup, tag
from qicsim.report.figures import BEYOND_STUDIES, legend, unstudied
from qicsim.report.formatting import LEVEL
from qicsim.report.language import place_name, say, text
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


def explorer(results: Results) -> Markup:
    """The section: what it says without the script, and the numbers for it."""
    return tag("div", tag("p", say("This part needs JavaScript. The same numbers stand in the tables below, and in "
                                   "provinces.csv and trajectories.csv beside the page."), class_="without-script"),
               tag("p", project(results), class_="note") if project(results) else "",
               legend(*unstudied(results)) if unstudied(results) else "", _controls(),
               Markup(f'<script type="application/json" id="explore-data">{_json(results)}</script>'))


def _controls() -> Markup:
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
                 tag("div", id="tiles"), class_="pictures"),
             tag("p", tag("button", say("Save the chart (PNG)"), type="button", id="save-png"), " ",
                 tag("button", say("Save these numbers (CSV)"), type="button", id="save-csv")),
             tag("p", say("The address of the page holds your choices: a link opens the same view."), class_="note"),
             tag("details", tag("summary", say("These numbers as a table")),
                 tag("div", id="numbers", class_="scroll", tabindex="0", role="region", aria_label=say("Numbers"))))
    return tag("div", *parts, id="explorer", hidden="")


def _json(results: Results) -> str:
    """The numbers and words for the script; no sign in it can end the element that holds it."""
    ensemble = results.comparison.ensemble
    places = provinces_of(ensemble)
    years = sorted({year for name in results.names for year in results.comparison.ensemble.runners[name].years})
    at = {province.name: (province.tile_row, province.tile_col) for province in provinces()}
    plan = results.plan or results.reference
    scales = {key: scale * (results.comparison.money.factor if key == COST else 1.0) for key, _, scale, _ in INDICATORS}
    reference = {key: by_place(ensemble, results.reference, years, key) for key, *_ in INDICATORS}
    data = {
        "n": results.comparison.ensemble.runs, "level": LEVEL, "years": years, "end": results.end,
        "names": results.names, "keys": [key for key, *_ in INDICATORS], "regions": [NATION, *places],
        "beyond": BEYOND_STUDIES,
        "scenarios": [results.heading(name) for name in results.names], "start": results.names.index(plan),
        "places": [say("Cambodia"), *map(place_name, places)],
        "tiles": [[place, *at[name]] for place, name in enumerate(places, start=1) if name in at],
        "indicators": [[say(label), unit, key in RECORDS] for key, label, _, unit in INDICATORS],
        "values": [[_block(by_place(ensemble, name, years, key), reference[key], scale)
                    for key, scale in scales.items()] for name in results.names],
        "words": {key: _template(said, results.price_year) for key, said in
                  (WORDS if results.several else WORDS | ONE_RUN).items()},
        "colours": {"ink": INK, "soft": SOFT, "true": TRUE, "recorded": RECORDED, "reference": REFERENCE,
                    "lines": LINES},
        "scale": [sequential(step / STEPS) for step in range(STEPS + 1)],
        "inks": [ink_on(sequential(step / STEPS)) for step in range(STEPS + 1)]}
    dumped = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return dumped.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


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
