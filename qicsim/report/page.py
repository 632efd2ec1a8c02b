"""The page of a comparison: one self-contained HTML file, for a reader who opens it by double-click or prints it.

First the brief, then what the answer rests on, what would change our mind and the risks, then a picture to choose, then
details, which are folded. Sources stand on a page beside it: what is assumed, how well it is known, how to make it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence

from qicsim.analysis.compare import Comparison
from qicsim.analysis.quarters import at_quarter, reached_of
from qicsim.decide.choice import NO_CHOICE, Choice
from qicsim.estimate.calibrate.targets import Report, own_targets
from qicsim.ground import numbers
from qicsim.ground.calendar import format_quarter, parse_month
from qicsim.inputs.country import plan_start
from qicsim.inputs.scenario.overrides import overrides_said
from qicsim.inputs.world.money import costs_said
from qicsim.inputs.world.scaling import cautions_here
from qicsim.report import (
    answer,
    assumptions,
    detailed_findings,
    evidence,
    explorer,
    formatting,
    headline_figures,
    method,
    notes,
    risks,
    sensitivity_of_choice,
    tables,
)
from qicsim.report.chapters import Chapter, coaches, costs, differences, paths, points, provinces, reach
from qicsim.report.elements import Markup, escape, folded, joined, section, table, tag
from qicsim.report.first_screen import first_screen
from qicsim.report.headline_figures import figures as decisive_figures
from qicsim.report.language import ASSETS, ENGLISH, Language, again, name_of, say, speaking, spoken, text, text_of
from qicsim.report.results import Results
from qicsim.report.tables import with_interval
from qicsim.runs.forks import forks_said
from qicsim.runs.posterior import draws_said


def brief(results: Results) -> Markup:
    """Answer and figure; then the headline table, the figures of price and time, and what all that cannot say."""
    drawn = [make(at) for at, make in enumerate(headline_figures.figures(results), start=1)]
    first = drawn[0] if drawn else Markup("")
    said = (first_screen(results, results.answer, first) if results.answer is not None
            else joined((answer.opening(results), first)))
    return section("brief", say("In brief"), said, _table(results),
                   tag("div", *drawn[1:], class_="trio") if drawn else "", tag("p", _note(results), class_="note"),
                   answer.cannot_say(results), class_="brief")


def _table(results: Results) -> Markup:
    """The headline at the end: the reference and the best scenarios."""
    names = (results.reference, *headline_figures.shown(results))
    rows = [tables.headline_row(results, name, results.end) for name in names]
    return table(say("At the end of {year}", year=results.end), tables.heads(), rows, class_="headline",
                 marked=tables.MARKED)


def _note(results: Results) -> str:
    said = say("Means over runs. {runs}. Small type and bars: {kind} Money is summed from {year}, US$ million of "
               "{price_year}; all public money is collaboratives, PBF and assessments. How much facilities are paid is "
               "known roughly, which is in no interval here. {none} means: no value.",
               runs=results.runs_in_words, kind=results.kind_in_words, year=plan_start(),
               price_year=results.price_year, none=numbers.NONE)
    return " ".join(part for part in (said, headline_figures.left_out(results)) if part)


COUNTED = {"facilities": "ever", "districts": "districts", "provinces": "provinces"}
"""The indicator that counts what is reported at the beginning and at the end of the history."""


def counted_by(report: Report) -> str:
    """The indicator that counts what is reported, "" for other numbers."""
    what, _, year = report.key.rpartition("_")
    return COUNTED.get(what, "") if year.isdecimal() else ""


def reported_table(results: Results) -> Markup:
    """Reported numbers, and those of the reference; nothing where its horizon or its register is another."""
    scenario = results.comparison.ensemble.runners[results.reference].scenario
    reported = () if "register" in scenario.data else own_targets(scenario.country)
    rows = [row for one in reported if counted_by(one) for row in _row(results, one)]
    if not rows:
        return Markup("")
    caption = say("Is the past right? What was reported, and what {reference} gives",
                  reference=formatting.quoted(results.title(results.reference)))
    heads = (say("Counted"), say("At the end of"), say("Reported"), say("Reference, mean"), say("Runs that reach it"))
    reading = text_of(scenario.country.said.get("counts", ""))
    return joined((table(caption, heads, rows, class_="narrow"), tag("p", reading, class_="note")))


def _row(results: Results, report: Report) -> list[list[object]]:
    sample = at_quarter(results.comparison.ensemble, results.reference, counted_by(report),
                        format_quarter(parse_month(report.at)))
    reached = reached_of(sample, report.value)
    if reached is None:
        return []
    return [[name_of(report.quantity), report.at[:4], numbers.number(report.value),
             with_interval(reached.interval, numbers.number, digits=0), numbers.percent(reached.share)]]


STYLE, SCRIPT, FONTS = ASSETS / "style.css", ASSETS / "explore.js", ASSETS / "fonts"
WEIGHTS = (400, 700)
KHMER_SIGNS = "U+1780-17FF, U+19E0-19FF, U+200B-200D, U+25CC"
TITLES = {
    "brief": text("In brief"), "rests": text("What the answer rests on"),
    "mind": text("What would change our mind"), "risks": text("Risks"),
    "explore": text("Choose and look"), "answer": text("The answer in full"), "headline": text("Headline"),
    "differences": text("Differences"), "paths": text("Over time"), "programme": text("The programme"),
    "provinces": text("Provinces"), "points": text("Where points come from"), "costs": text("Costs"),
    "assumed": text("What is assumed"), "known": text("How well it is known"), "reproduce": text("Reproduce")}
SOURCES = text("Assumptions, evidence and sources")
Section = tuple[str, str, Markup]
Extra = Callable[[], Sequence[Section]]


def render_page(comparison: Comparison, *, provenance: Mapping[str, object], choice: Choice = NO_CHOICE,
                extra: Extra = tuple, language: Language = ENGLISH, others: Mapping[Language, str] | None = None,
                sources: str = "") -> str:
    """The page as text.

    Args:
        comparison: what is shown.
        provenance: what a reader needs to make it again (command, versions, source digest; any JSON-able fact is
            shown), and under `files` the names of the files beside the page.
        choice: what money chooses among the scenarios (`qicsim.decide.choice.choice_of`); without it the page says
            nothing of that.
        extra: makes more sections, (key, title, content), in the language spoken; they stand after the costs.
        language: of everything on the page.
        others: the same page in other languages: names of files beside this one.
        sources: the name of the page of `render_sources` beside this one; without it these parts stand here.
    """
    with speaking(language):
        results = Results(comparison, choice)
        grounds = [] if sources else _grounds(results, provenance)
        body = _body(results, extra, others or {}, grounds, sources)
        title = say("Scale-up scenarios for quality of care in {country}: {count} compared", count=len(results.names))
        return document(title, body, script=SCRIPT.read_text(encoding="utf-8"))


def render_sources(comparison: Comparison, *, provenance: Mapping[str, object], page: str,
                   language: Language = ENGLISH, others: Mapping[Language, str] | None = None) -> str:
    """The page of sources as text; `page` is the name of the file that it stands beside, the rest as there."""
    with speaking(language):
        results = Results(comparison)
        parts = _grounds(results, provenance)
        links = tag("nav", *(tag("a", title, href=f"#{key}") for key, title, _ in parts),
                    aria_label=say("On this page"))
        top = tag("header", language_links(others or {}), tag("p", tag("a", _title(results), href=page),
                                                              class_="kicker"), tag("h1", say(SOURCES)), draft())
        return document(say(SOURCES), joined((top, tag("main", links, *(part for _, _, part in parts)),
                                              _foot(results)), "\n"))


def document(title: str, body: Markup, *, script: str = "", style: str = "", asks: bool = False) -> str:
    """A whole page in the style of all pages, in the language spoken, from its title and its body.

    A script is let through by its digest alone; it may ask the place that the page came from only where it `asks`.
    """
    style = STYLE.read_text(encoding="utf-8") + style + _fonts()
    run = f"\n<script>{script}</script>" if script else ""
    return (f'<!DOCTYPE html>\n<html lang="{spoken().code}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_policy(script, asks=asks)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<title>{escape(str(title))}</title>\n<link rel="icon" href="data:,">\n'
            f"<style>\n{style}</style>\n</head>\n<body>\n{body}{run}\n</body>\n</html>\n")


def sectioned(title: str, parts: Sequence[Section], *, kicker: str, answer: Sequence[object], heading: str = "",
              more: object = "", limits: object = "", others: Mapping[Language, str] | None = None) -> str:
    """A page of sections, in the language spoken: its head with the answer, a list of contents, the sections.

    `heading` is that of the page where it is not its title; `more` stands under the answer, `limits` under the head.
    """
    links = tag("nav", *(tag("a", name, href=f"#{key}") for key, name, _ in parts), aria_label=say("On this page"))
    top = tag("header", language_links(others or {}), tag("p", kicker, class_="kicker"), tag("h1", heading or title),
              draft(), tag("div", *(tag("p", one) for one in answer), class_="answer"), more)
    skip = tag("a", say("Skip to the first section"), class_="skip", href=f"#{parts[0][0]}")
    main = tag("main", *(section(key, name, part) for key, name, part in parts))
    return document(title, joined((skip, top, limits, links, main), "\n"))


def _policy(script: str, *, asks: bool) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scripts = f"script-src 'sha256-{digest}'; " if script else ""
    fonts = "" if spoken() is ENGLISH else "font-src data:; "
    asked = "connect-src 'self'; " if asks else ""
    return (f"default-src 'none'; {scripts}{asked}{fonts}style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
            "form-action 'none'")


def _fonts() -> str:
    """Noto Sans Khmer, carried inside the page; nothing on a page in English.

    It stands first among the letters: where it came after one that is there and no letter of the system's has Khmer,
    Chromium leaves the first words of some sizes as boxes.
    """
    if spoken() is ENGLISH:
        return ""
    return ':root { --carried: "Noto Sans Khmer"; }\n' + "".join(
        f'@font-face {{ font-family: "Noto Sans Khmer"; font-weight: {weight}; unicode-range: {KHMER_SIGNS}; '
        f"src: url(data:font/woff2;base64,{_font(weight)}) format('woff2'); }}\n" for weight in WEIGHTS)


def _font(weight: int) -> str:
    data = (FONTS / f"noto-sans-khmer-khmer-{weight}-normal.woff2").read_bytes()
    return base64.b64encode(data).decode()


# ------------------------------------------------------------------------------------------------------------- body


def _body(results: Results, extra: Extra, others: Mapping[Language, str], grounds: list[Section], sources: str
          ) -> Markup:
    more = [(key, title, folded(key, title, content)) for key, title, content in ([] if results.early else extra())]
    parts = [*_opening(results), *_details(results), *more, *grounds]
    beside = [tag("a", say(SOURCES), href=sources)] if sources else []
    links = tag("nav", *(tag("a", title, href=f"#{key}") for key, title, _ in parts), *beside,
                aria_label=say("On this page"))
    top = tag("header", language_links(others),
              tag("p", say("Quality improvement collaboratives in {country}"), class_="kicker"),
              tag("h1", _title(results)), draft(), _first_look(results), _set(results))
    return joined((tag("a", say("Skip to the brief"), class_="skip", href="#brief"), top,
                   tag("main", parts[0][2], _to_know(results), links, *(part for _, _, part in parts[1:])),
                   _foot(results)), "\n")


def language_links(others: Mapping[Language, str]) -> Markup:
    """Links to the same page in other languages."""
    links = [tag("a", language.name, href=file, hreflang=language.code, lang=language.code)
             for language, file in others.items()]
    return tag("p", *links, class_="languages") if links else Markup("")


def _set(results: Results) -> Markup:
    """What was set for all scenarios, and their prices; or nothing."""
    said = (*overrides_said([results.comparison.ensemble.runners[name].scenario for name in results.names]),
            *results.comparison.money.said)
    return tag("aside", *(tag("p", again(one)) for one in said), class_="limits") if said else Markup("")


def _to_know(results: Results) -> Markup:
    """What to know of each scenario, and what posterior and costs lack; or nothing."""
    runners = results.comparison.ensemble.runners
    scenarios = [runners[name].scenario for name in results.names]
    said = (*cautions_here(scenarios, runners[results.reference].scenario),
            *forks_said(results.comparison.ensemble),
            *draws_said(results.comparison.ensemble.draws),
            *costs_said(runner.world.unit_costs for runner in runners.values()))
    return tag("aside", *(tag("p", again(one)) for one in said), class_="limits") if said else Markup("")


def draft() -> Markup:
    """That a translation is a draft; nothing on a page in English."""
    if spoken() is ENGLISH:
        return Markup("")
    return tag("p", say("Draft translation, to be reviewed by a native speaker; the English page is the authority."),
               class_="draft")


def _first_look(results: Results) -> Markup:
    """That runs are few; nothing where there are enough, or only one, which has no intervals."""
    if not results.first_look:
        return Markup("")
    return tag("p", say("A first look: {runs}. Intervals from so few runs are rough, and differences may change.",
                        runs=results.runs_in_words), class_="draft")


def _title(results: Results) -> str:
    count = len(results.names)
    if count == 1:
        return say("{scenario}: quality of care to {year}", scenario=results.title(results.reference), year=results.end)
    return say("How should care in public facilities of {country} be improved by {year}?", year=results.end)


def _opening(results: Results) -> list[Section]:
    """The brief, and what stands before the details."""
    made = (("rests", assumptions.rests(results, 1 + len(decisive_figures(results)))),
            ("mind", sensitivity_of_choice.change_of_mind(results)), ("risks", risks.risks(results)),
            ("explore", explorer.explorer(results)))
    return [("brief", say(TITLES["brief"]), brief(results)),
            *((key, say(TITLES[key]), section(key, say(TITLES[key]), part, class_=key)) for key, part in made if part)]


def _details(results: Results) -> list[Section]:
    """Sections in order; numbers of figures go on from those of the brief, and count only those that are there."""
    whole = detailed_findings.in_full(results)
    found: dict[str, list[Markup]] = ({"answer": [whole]} if whole else {}) | {"headline": [_headline(results)]}
    for place, (key, make) in enumerate(_figures(results), start=_first_in_details(results)):
        found.setdefault(key, []).append(make(place))
    return [(key, say(TITLES[key]), folded(key, say(TITLES[key]), *parts)) for key, parts in found.items()]


def _figures(results: Results) -> Chapter:
    return [*differences(results), *paths(results), *reach(results), *coaches(results), *provinces(results),
            *points(results), *costs(results)]


def next_figure(results: Results) -> int:
    """The number of the first figure of `extra` sections."""
    return _first_in_details(results) + len(_figures(results))


def _first_in_details(results: Results) -> int:
    """The number of the first figure of the details."""
    return 1 + len(decisive_figures(results)) + len(assumptions.figures(results))


def _grounds(results: Results, provenance: Mapping[str, object]) -> list[Section]:
    """What everything before stands on."""
    found = {"assumed": method.scenarios(results), "known": evidence.evidence(results),
             "reproduce": method.reproduction(results, provenance)}
    return [(key, say(TITLES[key]), section(key, say(TITLES[key]), part)) for key, part in found.items()]


def _headline(results: Results) -> Markup:
    note = say(
        "Means over runs, at the end of the year. {runs}. In small type: {kind} Money is summed from {year} to "
        "the year, US$ million of {price_year}; all public money is collaboratives, PBF and assessments. {none} "
        "means: no value.",
        runs=results.runs_in_words,
        kind=results.kind_in_words,
        year=plan_start(),
        price_year=results.price_year,
        none=numbers.NONE,
    )
    return joined((tag("div", *(tables.headline(results, year) for year in results.years), class_="blocks"),
                   tag("p", note, class_="note"),
                   reported_table(results), tag("h3", say("Words used here")), answer.glossary()))


def _foot(results: Results) -> Markup:
    facilities = (say("Synthetic facilities.") if results.synthetic
                  else say("Facilities of the register that the runs were given."))
    return tag("footer", tag("p", say("{facilities} {runs}. {notice} Made with Natural Earth (public domain).",
                                      facilities=facilities, runs=results.runs_in_words, notice=say(notes.NOTICE))))
