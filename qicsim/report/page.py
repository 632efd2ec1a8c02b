"""The page of a comparison: one self-contained HTML file, for a reader who opens it by double-click or prints it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qicsim.experiment.compare import PLAN_START, Comparison
from qicsim.files import write_text
from qicsim.report import answer, evidence, history, maps, method, tables, words
from qicsim.report.canvas import drawing_style
from qicsim.report.chapters import coaches, costs, differences, paths, points, provinces, reach
from qicsim.report.elements import Markup, escape, joined, section, tag
from qicsim.report.results import Results

STYLE = Path(__file__).parent / "assets" / "style.css"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
CONTENTS = (("headline", "Headline"), ("differences", "Differences"), ("paths", "Over time"),
            ("programme", "The programme"), ("provinces", "Provinces"), ("points", "Where points come from"),
            ("costs", "Costs"), ("assumed", "What is assumed"), ("known", "How well it is known"),
            ("reproduce", "Reproduce"))


def write_page(comparison: Comparison, path: Path, *, provenance: Mapping[str, object]) -> None:
    """Write the page; it is there whole or not at all."""
    write_text(path, render_page(comparison, provenance=provenance))


def render_page(comparison: Comparison, *, provenance: Mapping[str, object]) -> str:
    """The page as text.

    `provenance` holds what a reader needs to make it again (command, versions, source digest; any JSON-able fact is
    shown), and under `files` the names of the files beside the page.
    """
    results = Results(comparison)
    with drawing_style():
        body = _body(results, provenance)
    return document(f"Scale-up scenarios for quality of care in Cambodia: {len(results.names)} compared", body)


def document(title: str, body: Markup) -> str:
    """A whole page in the style of all pages, from its title and its body."""
    return ('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n'
            f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n")


def _body(results: Results, provenance: Mapping[str, object]) -> Markup:
    parts = [*_chapters(results, provenance)]
    known = {key for key, _ in parts}
    links = tag("nav", *(tag("a", title, href=f"#{key}") for key, title in CONTENTS if key in known),
                aria_label="On this page")
    top = tag("header", tag("p", "Quality improvement collaboratives in Cambodia", class_="kicker"),
              tag("h1", _title(results)), answer.opening(results))
    return joined((tag("a", "Skip to the headline", class_="skip", href="#headline"), top, answer.cannot_say(results),
                   links, tag("main", *(part for _, part in parts)), _foot(results)), "\n")


def _title(results: Results) -> str:
    count = len(results.names)
    if count == 1:
        return f"{results.title(results.reference)}: quality of care to {results.end}"
    return f"Better care in public facilities: {count} scenarios to {results.end}"


def _chapters(results: Results, provenance: Mapping[str, object]) -> list[tuple[str, Markup]]:
    """Sections in order; numbers of figures count only those that are there."""
    figures = [*differences(results), *paths(results), *reach(results), *coaches(results), *provinces(results),
               *points(results), *costs(results)]
    titles = dict(CONTENTS)
    found = {"headline": [_headline(results)]}
    for place, (key, make) in enumerate(figures, start=1):
        found.setdefault(key, []).append(make(place))
    found["assumed"] = [method.scenarios(results)]
    found["known"] = [evidence.evidence(results)]
    found["reproduce"] = [method.reproduction(results, provenance)]
    return [(key, section(key, titles[key], *parts)) for key, parts in found.items()]


def _headline(results: Results) -> Markup:
    note = (f"Means over runs, at the end of the year. {results.runs_in_words}. In small type: {results.kind_in_words} "
            f"Costs are summed from {PLAN_START} to the year, US$ million of 2021. {words.NONE} means: no value.")
    return joined((tag("div", *(tables.headline(results, year) for year in results.years), class_="blocks"),
                   tag("p", note, class_="note"), tag("p", evidence.zero_effect_sentence(), class_="note"),
                   history.reported_table(results), tag("h3", "Words used here"), answer.glossary()))


def _foot(results: Results) -> Markup:
    return tag("footer", tag("p", f"Synthetic facilities. {results.runs_in_words}. {maps.NOTICE} "
                             "Made with Natural Earth (public domain)."))
