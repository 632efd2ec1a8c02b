"""The page of a search: the best plan for the money, what more or less buys, how sure that is, districts in order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from qicsim.decide.currency import usd_words
from qicsim.decide.search import words
from qicsim.decide.search.best import Best, SoFar
from qicsim.decide.search.ladder import Step, what_binds
from qicsim.decide.search.levers import WORDS, said, toml_of
from qicsim.decide.search.question import GOALS
from qicsim.decide.search.tables import TABLES, tables
from qicsim.decide.search.trials import name_of
from qicsim.decide.search.words import basis, headline
from qicsim.ground.files import together, write_text
from qicsim.ground.numbers import MILLION, NONE, number, percent
from qicsim.report.colours import INK, TRUE
from qicsim.report.elements import Markup, details, figure_alone, items, joined, numbered, section, table, tag
from qicsim.report.language import ENGLISH, Language, again, phrase, place_name, say, speaking, text
from qicsim.report.language import name_of as text_shown
from qicsim.report.method import made
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.report.page import Section, document, draft, language_links
from qicsim.report.panel import Panel
from qicsim.runs.provenance import scenario_facts, versions

WIDE, HIGH = 620.0, 300.0
SHOWN = 15
"""Districts that are shown unfolded."""
LIMITS = (
    text("The plan is the best of the levers and values that were tried; another lever may do more."),
    text("Costs that no unit cost holds do not count: what is free in the model is used to the full."),
    text("Effects come from trials elsewhere and from assumptions; that the form of the model is wrong is in no "
         "interval here."))


def render_best(best: Best, provenance: Mapping[str, object], *, language: Language = ENGLISH,
                others: Mapping[Language, str] | None = None) -> str:
    """The page as text; arguments as for the page of a comparison (`page.render_page`)."""
    with speaking(language):
        money = best.question.money
        title = (say("Which plan reaches the target for the least money?") if money is None else
                 say("What is the best plan for {money} a year?", money=again(usd_words(money))))
        parts = [part for part in _sections(best, provenance) if part[2]]
        return document(title, _body(best, title, parts, others or {}))


def _body(best: Best, title: str, parts: list[Section], others: Mapping[Language, str]) -> Markup:
    facilities = (say("Facilities of the register that the runs were given.") if _real(best)
                  else say("Synthetic facilities."))
    links = tag("nav", *(tag("a", name, href=f"#{key}") for key, name, _ in parts), aria_label=say("On this page"))
    told = [words.headline(best), words.sure(best), words.enough_words(best),
            *([] if best.order is None else [words.order_words(best, best.order)])]
    top = tag("header", language_links(others), tag("p", say("Quality improvement collaboratives in {country}"),
                                                    class_="kicker"), tag("h1", title), draft(),
              tag("div", *(tag("p", again(one)) for one in told), class_="answer"))
    limits = tag("aside", tag("h2", say("What this page cannot say")), items([*map(say, LIMITS), facilities]),
                 class_="limits", id="limits")
    return joined((tag("a", say("Skip to the plan"), class_="skip", href="#best-plan"), top, limits, links,
                   tag("main", *(section(key, name, part) for key, name, part in parts)),
                   tag("footer", tag("p", facilities, " ", again(words.basis(best))))), "\n")


def _sections(best: Best, provenance: Mapping[str, object]) -> list[Section]:
    return [("best-plan", say("The plan"), _plan(best)),
            ("best-money", say("What more or less money buys"), _money(best)),
            ("best-least", say("Least money for the target"), items(map(again, words.least_words(best)))
             if best.least else Markup("")),
            ("best-front", say("Plans that had the second look"), _plans(best)),
            ("best-order", say("Which districts first"), _order(best)),
            ("best-assumed", say("Under other assumptions"), _assumed(best)),
            ("best-reproduce", say("Reproduce"), made(provenance, left_out=("levers",)))]


def _plan(best: Best) -> Markup:
    """The levers of the plan, and how it is used."""
    listed = items(again(one) for one in said(best.space, best.places[best.plan]))
    used = phrase("It stands in {file}, a scenario file that qicsim check, compare and plan take.",
                  file=tag("code", "plan.toml"))
    government, donor = best.paid(best.plan)
    paid = say("Altogether the government pays {government} a year for this on average, and donors {donor}.",
               government=again(usd_words(government)), donor=again(usd_words(donor)))
    return joined((listed, tag("p", used), tag("p", again(words.counts(best)), class_="note"), tag("p", paid),
                   *(tag("p", again(one), class_="note") for one in best.prices.said)))


# ------------------------------------------------------------------------------------------------------------ money


def _money(best: Best) -> Markup:
    """The ladder, drawn and as a table."""
    goal = best.question.goal
    rows = [_step(goal, step, target=best.question.reach is not None) for step in best.steps]
    target = () if best.question.reach is None else (say("Draws that meet the target"),)
    heads = (say("US$ a year"), say("Gain, mean of years"), say("More than the step before"), say("Needed"),
             say("Draws above the step"), say("What binds"), *target)
    listed = table(say("The ladder of money: the best plan found for each step"), heads, rows, class_="dense")
    note = say("Needed is the money of the dearest year that a plan keeps within but for {risk} of draws. Money binds "
               "where nine tenths are spent or a programme's own ceiling thins it; coaches where nine tenths of their "
               "time is taken; launches where districts cannot be launched as fast as planned.",
               risk=percent(best.question.risk))
    return joined((figure_alone("figure-ladder", numbered(1, say("What does each step of money buy?"), say("Figure")),
                                _ladder(best)), listed, tag("p", note, class_="note")))


def _step(goal: str, step: Step, *, target: bool) -> list[object]:
    if step.gain is None:
        return [number(step.money), *[NONE] * (6 if target else 5)]
    more = NONE if step.more is None else again_or(words.amount(goal, step.more.mean))
    return [number(step.money), again(words.gained(goal, step.gain)),
            say("{amount}, chance", amount=more) if step.nothing else more, number(step.needed), percent(step.breaks),
            again_or(what_binds(step.binds)), *([percent(step.reached)] if target else [])]


def again_or(told: str) -> str:
    """What was told, in the language spoken; a bare number as it is."""
    return again(told) if hasattr(told, "template") else told


def _ladder(best: Best) -> Markup:
    """Mean gain over money, with the interval between draws."""
    panel = Panel((WIDE, HIGH), (58.0, 20.0, 44.0, 12.0))
    steps = [(step.money / MILLION, step.gain) for step in best.steps if step.gain is not None]
    panel.level(0.0, INK, 0.8)
    x = np.array([money for money, _ in steps])
    scale = 100.0 if words.amount(best.question.goal, 1.0).endswith("percentage points") else 1.0
    low, mean, high = (scale * np.array([getattr(gain, part) for _, gain in steps]) for part in ("low", "mean", "high"))
    for at, one in enumerate(x):
        panel.line([one, one], [low[at], high[at]], TRUE, width=1.2)
    panel.line(x, mean, TRUE, width=1.6)
    panel.dots(x, mean, 6.0, TRUE)
    panel.x.name = say("US$ million a year")
    panel.y.name = say("gain over the reference")
    return panel.svg("ladder", say("Mean gain of the best plan found for each step of money, with the interval between "
                                   "draws."))


# ------------------------------------------------------------------------------------------------- plans and districts


def _plans(best: Best) -> Markup:
    """The plans of the second look: gain, money, equity, how often each is best."""
    needed = best.measured.needed(best.question.risk)
    rows = []
    for plan in np.argsort(needed, kind="stable").tolist():
        marks = [say("chosen") if plan == best.plan else "", say("frontier") if best.front[plan] else "",
                 say("as good") if best.choice.alike[plan] and plan != best.plan else ""]
        rows.append([tag("code", name_of(best.places[plan])), number(needed[plan]),
                     again(words.gained(best.question.goal, best.gain_of(plan))),
                     number(best.gap(plan), 1), percent(float(best.choice.chance[plan])),
                     ", ".join(filter(None, marks)) or NONE])
    heads = (say("Plan"), say("US$ needed a year"), say("Gain, mean of years"),
             say("Points between the best and the worst fifth"), say("Best in"), say("Note"))
    told = tag("p", again(words.sure(best)), " ", say(
        "“As good” are plans within the same money whose difference from the chosen one may be chance. The frontier is "
        "of gain, money, and how near facilities are to each other."))
    return joined((told, table(say("Plans, the cheapest first; their levers stand in front.csv"), heads, rows,
                               class_="dense")))


def _real(best: Best) -> bool:
    """Whether facilities are those of a register that the runs were given."""
    return "register" in best.space.reference.data


def _order(best: Best) -> Markup:
    """Rules of order, and real districts by what they give for their money; invented ones only if order matters."""
    found = best.order
    if found is None:
        return Markup("")
    rules = table(say("The plan under each order"),
                  (say("Order"), say("Gain, mean of years"), say("Less than the plan's own rule"),
                   say("May be chance")),
                  [[say(WORDS[rule.rule]), again(words.gained(best.question.goal, rule.gain)),
                    number(rule.lost, 3), say("yes") if rule.alike else say("no")] for rule in found.rules])
    told = (words.order_words(best, found), *words.list_words(best, found))
    said = joined(tag("p", again(one)) for one in told)
    names = found.found.names if found.found is not None and found.found.better else ()
    listed = tag("p", say("The list: {districts}.", districts=", ".join(names))) if names else Markup("")
    if not (_real(best) or found.matters):
        return joined((said, rules, listed))
    rows = [[at + 1, text_shown(name), place_name(found.provinces[at]), number(float(found.worth.mean[at]), 2),
             say("{low} to {high}", low=number(float(found.rank.low[at])), high=number(float(found.rank.high[at])))
             if math.isfinite(float(found.rank.low[at])) else NONE,
             percent(float(found.upper[at])) if math.isfinite(float(found.upper[at])) else NONE]
            for at, name in enumerate(found.names)]
    heads = (say("Rank"), say("District"), say("Province"), say("Facility-points for US$ 1,000 a year"),
             say("Rank, {level}", level=say("90 % of draws")), say("Draws in which it is in the better half"))
    caption = say("Districts by what they give for their money, all launched at once")
    first = table(caption, heads, rows[:SHOWN], class_="dense")
    rest = details(say("All districts"), table(caption, heads, rows, class_="dense")) if len(rows) > SHOWN else ""
    return joined((said, rules, listed, first, rest))


def _assumed(best: Best) -> Markup:
    """The chosen plan under assumptions that decide."""
    if not best.assumed:
        return Markup("")
    rows = [[text_shown(one.title), again(words.gained(best.question.goal, one.gain)),
             say("the chosen one") if one.lost == 0.0 else tag("code", name_of(best.places[one.best])),
             again_or(words.amount(best.question.goal, one.lost, sign=False))] for one in best.assumed]
    heads = (say("What is assumed"), say("Gain, mean of years"), say("Best plan there"), say("Lost by the choice"))
    goal = say(GOALS[best.question.goal])
    return table(say("The chosen plan by {goal}, one assumption changed at a time", goal=goal), heads, rows,
                 class_="dense")


PLAN, SO_FAR = "plan.toml", "best-so-far.toml"
PAGES = pages_of("best.html")
BEST_FILES = (*PAGES.values(), PLAN, SO_FAR, FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def write_best(best: Best, folder: Path, provenance: Mapping[str, Any], *, language: str = "en") -> list[Path]:
    """Write the plan, pages, tables and provenance, all together or not at all; returns the files, the pages first.

    `language` is en, km or both. A table without rows is not written.
    """
    facts = dict(provenance) | facts_of(best)
    with together(folder) as place:
        write_text(place / PLAN, plan_file(best))
        files = [write_csv(table, place / f"{name}.csv") for name, table in tables(best).items() if len(table)]
        names = [PLAN, *(file.name for file in (*files, *write_facts(facts, place)))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_best(
            best, facts | {"files": names}, language=one, others=others))
    take_away(folder, (SO_FAR, *PAGES.values(), *(f"{name}.csv" for name in TABLES)), (*pages, *names))
    return [folder / name for name in (*pages, *names)]


def plan_file(best: Best) -> str:
    """The plan as a scenario file."""
    money = best.question.money
    title = f"Plan: the best found for US$ {money:,.0f} a year" if money is not None else "Plan: the best found"
    halves = ["Government and donors each pay half of the collaboratives' cost."]
    return toml_of(best.space, best.places[best.plan], title=title,
                   description=f"{headline(best)} {words.counts(best)} {basis(best)}",
                   assumptions=[*said(best.space, best.places[best.plan]),
                                *([] if "donor_share" in best.space.fixed else halves)])


def write_so_far(so_far: SoFar, folder: Path) -> Path:
    """Write the best plan that a search has seen as a scenario file, for those who end it before it is done."""
    told = (f"The best of the first {so_far.plans:,} plans of a search, by {so_far.draws} draws that flatter it. It "
            "has had no second look.")
    file = folder / SO_FAR
    write_text(file, toml_of(so_far.space, so_far.places, title="Plan: the best so far", description=told,
                             assumptions=list(said(so_far.space, so_far.places))))
    return file


def facts_of(best: Best) -> dict[str, Any]:
    """What it takes to find the same plan again; JSON-able."""
    plan = best.scenario(best.plan, "plan", "plan")
    return versions() | {
        **({} if best.prices.as_simulated else {"money_year": best.prices.year}),
        "question": asdict(best.question), "levers": {one.name: list(one.values) for one in best.space.levers},
        "fixed": dict(best.space.fixed), "plans": best.searched, "search_draws": best.search_draws,
        "look_draws": best.look_draws, "draws_from": best.draws.source, "seed": best.seed,
        "assumptions": [one.key for one in best.assumed], "scenarios": {
            "reference": scenario_facts(best.space.reference), "plan": scenario_facts(plan)}}
