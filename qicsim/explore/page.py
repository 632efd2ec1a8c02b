"""The page: what can be moved beside what comes of it. Labels, meanings and units come from declarations."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from qicsim.explore.controls import (
    EFFECTS,
    ENVELOPES,
    FACTORS,
    HALF,
    LINES,
    NOTHING,
    PACE,
    PLANS,
    SLIDERS,
    later_ends,
    later_starts,
    presets,
)
from qicsim.explore.figures import value_shown
from qicsim.explore.runs import Runs
from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.ground.numbers import number
from qicsim.inputs.country import home, plan_start
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.model.levers import RULES_OF_ORDER
from qicsim.report.elements import Markup, joined, tag
from qicsim.report.explorer import Shown, controls, data_of, json_of
from qicsim.report.language import ENGLISH, khmer, name_of, say, speaking, spoken, text, text_of
from qicsim.report.page import SCRIPT, document, draft, language_links
from qicsim.runs.assumptions import GROUPS, named

FOLDER = Path(__file__).parent
LIVE, STYLE = FOLDER / "live.js", FOLDER / "live.css"
LABELS = {
    "districts": text("Districts launched in all"), "pace": text("Years until the last is launched"),
    "coaches": text("Coaches a district"), "coach_training": text("Coaches trained a quarter"),
    "visits": text("Visits a team and month"), "sessions": text("Learning sessions a quarter"),
    "maintenance": text("Visits to a graduated team"), "programme_months": text("Months until a team graduates"),
    "virtual": text("Held at a distance"), "order": text("Which districts first"),
    "pbf_size": text("Performance payments"), "budget": text("Ceiling of money a year")}
PACED = text("from the first launches on, in equal monthly steps")
SHARED = {HALF: text("half of what is simulated"), NOTHING: text("collaboratives can do nothing")}
COST_LABELS = {"coach_visit": text("A coaching visit"), "coach_post": text("A coach's post, a month"),
               "team_time": text("A team's time, a month"), "session_in_person": text("A session, each facility"),
               "joining_training": text("Training of a team that joins"),
               "district_overhead": text("A district's overhead, a month"),
               "national_staff": text("Programme staff")}
SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""The shipped plans that the page begins with."""
WORDS = {
    "stopped": text("No answer: was qicsim explore ended? Start it again and open the address that it prints."),
    "locked": text("This address needs its secret: open the one that qicsim explore printed."),
    "copied": text("The link is copied."), "link": text("The address of the page is the link."),
    "making": text("{done} of {total} runs"), "undone": text("Taken back."), "reset": text("All is as at first."),
    "failed": text("This cannot be run: {error}")}


def started() -> dict[str, str]:
    """The plans that the page begins with."""
    return dict(zip(PLANS, (home().plan, home().beside), strict=True))


def render(runs: Runs, code: str) -> str:
    """The page as text in a language, en or km."""
    language = khmer() if code == khmer().code else ENGLISH
    with speaking(language):
        other = ENGLISH if language is khmer() else khmer()
        title = say("What if? The model, live")
        top = tag("header", language_links({other: f"/{other.code}"}),
                  tag("p", say("Quality improvement collaboratives in {country}"), class_="kicker"), tag("h1", title),
                  draft(), tag("p", say("Move something: the model itself is run, first for few parameter sets, then "
                                        "for more. Effects come from trials elsewhere and from assumptions.")))
        body = joined((tag("a", say("Skip to the results"), class_="skip", href="#results"), top,
                       tag("main", _moves(runs), _results(), class_="live"), _numbers(runs), _facts(runs)), "\n")
        return document(title, body, script=SCRIPT.read_text(encoding="utf-8") + LIVE.read_text(encoding="utf-8"),
                        style=STYLE.read_text(encoding="utf-8"), asks=True)


# -------------------------------------------------------------------------------------------------------------- moves


def _moves(runs: Runs) -> Markup:
    last = runs.country.reference.end // MONTHS_PER_YEAR
    plans = [_plan(runs, key) for key in PLANS]
    years = [(str(year), str(year)) for year in range(plan_start(), last + 1)]
    target = (_range("target-share", say("Share truly at 80 points"), ""),
              _select("target-year", say("By the end of"), years))
    buttons = [tag("button", label, type="button", id=key) for key, label in (
        ("undo", say("Undo")), ("reset", say("Reset")), ("link", say("Copy the link")),
        ("make-page", say("Make the full page")), ("save-costs", say("Save unit costs (CSV)")))]
    return tag("form", tag("p", *buttons, class_="buttons"), tag("p", id="made", role="status"), *plans,
               _folded("assumptions", say("Assumptions"), *_assumptions()),
               _folded("costs", say("Unit costs"), *_costs(runs)), _folded("target", say("Target"), *target),
               id="moves", class_="moves", aria_label=say("What can be moved"))


def _folded(key: str, title: str, *parts: object, opened: bool = False) -> Markup:
    return tag("details", tag("summary", tag("h2", title)), *parts, id=key, open="" if opened else None)


def _plan(runs: Runs, key: str) -> Markup:
    """The choices of one plan."""
    none = [("", say("no second plan"))] if key != PLANS[0] else []
    shipped = [(name, name_of(runs.titles[name])) for name in presets()]
    years = [(str(year), say("January {year}", year=year)) for year in later_starts()]
    ends = [("", say("goes on")), *((str(year), say("to the end of {year}", year=year)) for year in later_ends())]
    levers = [_lever(runs, key, name) for name in SLIDERS]
    buttons = [tag("button", label, type="button", class_=what, data_plan=key) for what, label in (
        ("save-toml", say("Save as scenario (TOML)")), ("make-plan", say("Make the plan (Excel)")))]
    return _folded(f"plan-{key}", say("Plan {letter}", letter=key),
                   _select(f"{key}-preset", say("Begin with a shipped plan"), [*none, *shipped]),
                   tag("div", _select(f"{key}-start", say("It starts"), years),
                       _select(f"{key}-ends", say("Support"), ends), *levers, id=f"levers-{key}"),
                   tag("p", *buttons, class_="buttons"), opened=key == PLANS[0])


def _lever(runs: Runs, key: str, name: str) -> Markup:
    """A slider or a choice with its meaning, its unit, and what it is today."""
    if name == PACE:
        return _range(f"{key}-{name}", say(LABELS[name]), say(PACED))
    lever = LEVERS[name]
    hint = say("{meaning} ({unit}; today {today})", meaning=text_of(lever.meaning), unit=text_of(lever.unit),
               today=value_shown(name, runs.country.today(name)))
    if name == "order":
        rules = [(one, value_shown(name, one)) for one in RULES_OF_ORDER]
        return _select(f"{key}-{name}", say(LABELS[name]), rules, hint)
    return _range(f"{key}-{name}", say(LABELS[name]), hint)


def _assumptions() -> list[Markup]:
    from qicsim.explore.controls import choices_of

    found = []
    for group, title in GROUPS.items():
        choices = [(key, say(SHARED[key]) if key in SHARED else text_of(named(key).title))
                   for key in choices_of(group)]
        hint = say("A change runs the past and the reference again.") if group == EFFECTS else ""
        found.append(_select(f"assume-{group}", text_of(title), [("", say("as simulated")), *choices], hint))
    envelope = [("", say("no limit")), *((f"{usd:.0f}", value_shown("pbf_envelope", usd)) for usd in ENVELOPES)]
    return [*found, _select("envelope", say("PBF's envelope for performance payments, a year"), envelope,
                            say("holds for the reference too")), tag("p", id="payments", class_="hint")]


def _costs(runs: Runs) -> list[Markup]:
    found = [tag("p", say("US$ of {year}. No run is needed, unless a plan has a ceiling of money.",
                          year=home().price_year), class_="hint")]
    for key in LINES:
        row = runs.country.unit_costs[key]
        found.append(_range(f"cost-{key}", say(COST_LABELS[key]),
                            say("today US$ {usd} ({low} to {high}) a {unit}", usd=number(row.usd), low=number(row.low),
                                high=number(row.high), unit=text_of(row.unit))))
    return found


def _range(key: str, label: str, hint: str) -> Markup:
    described = f"{key}-hint" if hint else None
    return tag("div", tag("label", label, " ", tag("output", id=f"{key}-value", for_=key), for_=key),
               tag("input", type="range", id=key, min="0", max="1", step="1", aria_describedby=described),
               tag("p", hint, class_="hint", id=described) if hint else "", class_="move")


def _select(key: str, label: str, choices: list[tuple[str, str]], hint: str = "") -> Markup:
    described = f"{key}-hint" if hint else None
    options = [tag("option", shown, value=value) for value, shown in choices]
    return tag("div", tag("label", label, for_=key), tag("select", *options, id=key, aria_describedby=described),
               tag("p", hint, class_="hint", id=described) if hint else "", class_="move")


# ------------------------------------------------------------------------------------------------------------ results


def _results() -> Markup:
    parts = [tag("p", id="status", class_="status"), tag("p", id="spoken", class_="aloud", aria_live="polite")]
    parts += [tag("div", tag("h2", id=f"title-{key}"), tag("ul", id=f"warnings-{key}", class_="limits warned"),
                  tag("div", id=f"tiles-{key}", class_="tiles"), id=f"result-{key}", hidden="") for key in PLANS]
    return tag("div", *parts, tag("p", say("This page needs JavaScript."), class_="without-script"), controls(),
               id="results", aria_label=say("Results"), role="region", tabindex="-1")


def _numbers(runs: Runs) -> Markup:
    """What the script of the pictures begins with: no numbers yet."""
    reference = runs.country.reference
    years = range(reference.start // MONTHS_PER_YEAR, (reference.end + 1) // MONTHS_PER_YEAR)
    places = sorted(runs.lived(()).world.provinces)
    titles = [name_of(reference.title), *(f"{key}: {name_of(runs.titles[started()[key]])}" for key in PLANS)]
    names = [reference.name, *(f"what-if-{key.lower()}" for key in PLANS)]
    return data_of(Shown(names, titles, 1, list(years), years[-1], places, len(runs.draws), home().price_year, 1.0, [],
                         beside=(2,), more=True))


def _facts(runs: Runs) -> Markup:
    """What the script of the controls needs: values and their words."""
    return Markup(f'<script type="application/json" id="live-data">{json_of(_data(runs, spoken().code))}</script>')


@cache
def _data(runs: Runs, code: str) -> dict[str, Any]:
    country = runs.country
    costs = {key: [[factor, say("US$ {usd}", usd=number(factor * country.unit_costs[key].usd))] for factor in FACTORS]
             for key in LINES}
    stops = {name: [[value, value_shown(name, value)] for value in values] for name, values in country.stops.items()}
    begun = {name: {lever: [value, value_shown(lever, value)]
                    for lever, value in country.preset_values(name).items()} for name in presets()}
    shares = [[share, f"{100.0 * share:.0f} %"] for share in SHARES]
    plan = {"levers": dict[str, Any](), "start": plan_start(), "ends": None}
    first = {"plans": {key: {"preset": started()[key], **plan} for key in PLANS},
             "assumptions": {}, "envelope": None, "costs": {},
             "target": {"share": 0.3, "year": (country.reference.end + 1) // MONTHS_PER_YEAR - 1}}
    return {"language": code, "stops": stops, "presets": begun, "costs": costs, "shares": shares, "first": first,
            "words": {key: _kept(word) for key, word in WORDS.items()}}


def _kept(english: str) -> str:
    """A text whose fields stay, for the script to fill."""
    from string import Formatter

    return say(english, **{name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(english) if name})
