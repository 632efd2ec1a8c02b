"""The page of a decision, and its chapters for other pages: what is worth buying, at what cost, how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from qicsim.analysis.drivers import FEWEST_DRAWS
from qicsim.decide.budget import ALL
from qicsim.decide.costs_by_scenario import PAID
from qicsim.decide.decision import Decision
from qicsim.decide.frontier import Row
from qicsim.decide.settings import LEVELS
from qicsim.decide.tables import TABLES
from qicsim.decide.tables import tables as tables_of
from qicsim.decide.targets import TargetDrivers
from qicsim.decide.under_assumptions import UnderAssumptions
from qicsim.ground import numbers
from qicsim.ground.files import together
from qicsim.ground.numbers import millions
from qicsim.report import decision_answer as answers
from qicsim.report import decision_figures as draw
from qicsim.report import decision_notes as notes
from qicsim.report import decision_tables as tables
from qicsim.report import decision_words as words
from qicsim.report import formatting
from qicsim.report.colours import INK, RECORDED, REFERENCE, TRUE
from qicsim.report.decision_answer import answer, in_short
from qicsim.report.decision_tables import learn
from qicsim.report.decision_words import Labels, basis, money, parameter, runs_words, unit
from qicsim.report.decision_words import assumed as assumption
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, panels, section, table, tag
from qicsim.report.figures import legend
from qicsim.report.formatting import PAYER_WORDS
from qicsim.report.language import ENGLISH, Language, again, counted, phrase, say, speaking, text
from qicsim.report.method import made
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.report.page import Section, document, draft, language_links


def tied_words(decision: Decision, labels: Labels) -> str:
    """That the least regret on average is a tie, if it is."""
    here = decision.value.here
    if not here.tied:
        return ""
    return say("On average, regrets of {scenarios} differ by less than their error: take them as equal.",
               scenarios=formatting.listed([labels.title(name) for name in labels.ordered((here.best, *here.tied))]))


def enough_words(decision: Decision, labels: Labels) -> str:
    """Which scenario is good enough most often, what binds, and where two measures of the gap disagree."""
    robust = decision.robust
    found, best = robust.enough, robust.enough.best
    binding = found.outcomes.index(robust.binding)
    told = {"binding": again(robust.thresholds[robust.binding]),
            "most": numbers.percent(float(found.each[binding].max()))}
    if not found.share.max() > 0.0:
        said = say("Nothing is good enough: in no draw does any scenario meet all thresholds. What binds is that "
                   "{binding}: by itself that holds in {most} of draws at best.", **told)
    else:
        said = say("Good enough most often: {scenario}, in {share} of draws. What binds is that {binding}: by itself "
                   "that holds in {most} of draws at best.", scenario=labels.title(found.names[best]),
                   share=numbers.percent(float(found.share[best])), **told)
    if not robust.disagree:
        return said
    apart = say("The two measures of the gap between provinces disagree for these scenarios: {scenarios}. One narrows "
                "on average while the other widens. Both must hold.",
                scenarios=", ".join(labels.key(name) for name in labels.ordered(robust.disagree)))
    return f"{said} {apart}"


def fits(decision: Decision, labels: Labels) -> str:
    """Which scenarios a ceiling allows, by their titles."""
    found = decision.budget.fits
    if found is None:
        return again(decision.budget.sentence)
    risk = numbers.percent(decision.settings.risk)
    if found.fitting:
        return say("Within the ceiling in every year, with a risk of at most {risk}: {scenarios}.", risk=risk,
                   scenarios=formatting.listed([labels.title(name) for name in found.fitting]))
    nearest = min(found.ever, key=lambda name: found.ever[name])
    return say("No scenario fits the ceiling with a risk of at most {risk}. {nearest} comes nearest, and exceeds it in "
               "{share} of draws.", risk=risk, nearest=labels.title(nearest),
               share=numbers.percent(found.ever[nearest]))


def barred_words(decision: Decision, labels: Labels) -> str:
    """Which scenarios nobody can choose."""
    return say("Nobody can choose {scenarios}: a state of the world, or a past that did not happen. They stand in the "
               "tables, but not on the frontier and not in any value of information.",
               scenarios=formatting.listed([formatting.quoted(labels.title(name)) for name in decision.options.events]))


def assumed(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 one form for all chapters
    """The choice under each assumption, and where it turns by the price of a point; nothing where none was tried."""
    found = decision.assumed
    if found is None:
        return Markup("")
    said = (_turning(decision, labels), _best(found, labels))
    return joined((*(tag("p", one) for one in said if one), _choices(decision, found, labels),
                   _regrets(found, labels), tag("p", _note(decision), class_="note")))


def _turning(decision: Decision, labels: Labels) -> Markup:
    """The price of a point at which the choice turns last, as simulated, and its range over assumptions."""
    *before, last = decision.by_point
    if not before:
        return Markup("")
    said = phrase("For one point more of true quality in one facility for a year the choice turns from {before} to "
                  "{last} at {price}.", before=tag("em", labels.title(before[-1].name)),
                  last=tag("em", labels.title(last.name)), price=tag("strong", money(float(last.icer or 0.0))))
    prices = decision.assumed.prices if decision.assumed else None
    if prices is None:
        return said
    wide = phrase("Under other assumptions the choice turns last at {low} to {high}.", low=money(prices[0]),
                  high=money(prices[1]))
    return joined((said, wide), " ")


def _best(found: UnderAssumptions, labels: Labels) -> Markup:
    """Which plan is best under how many assumptions, and which one risks least."""
    own, *others = found.choices
    turned = [one for one in others if one.best != own.best]
    least = tag("em", labels.title(found.least_regret))
    told = {"best": tag("em", labels.title(own.best)), "worth": money(found.worth), "least": least}
    if not turned:
        return phrase("At {worth} for a unit of effect {best} is the best plan as simulated and under all assumptions "
                      "that were tried. {least} has the least mean regret under the assumption that is worst for it.",
                      **told)
    return phrase("At {worth} for a unit of effect {best} is the best plan as simulated; under these another one is: "
                  "{assumptions}. {least} has the least mean regret under the assumption that is worst for it.", **told,
                  assumptions="; ".join(assumption(one.key) for one in turned))


def _choices(decision: Decision, found: UnderAssumptions, labels: Labels) -> Markup:
    rows = [[assumption(one.key), labels.key(one.best), _steps(one.steps, labels), _steps(one.by_point, labels)]
            for one in found.choices]
    heads = (say("Assumption"), say("Best plan at {worth}", worth=money(found.worth)),
             say("By what a {unit} is worth", unit=unit(decision)),
             say("By what one point more in one facility for a year is worth"))
    return table(say("The choice under other assumptions"), heads, rows, class_="dense list")


def _steps(steps: Sequence[Row], labels: Labels) -> str:
    """From which worth on each plan is the choice."""
    first, *later = steps
    return "; ".join([labels.key(first.name), *(say("{scenario} from {worth} on", scenario=labels.key(row.name),
                                                    worth=money(float(row.icer or 0.0))) for row in later)])


def _regrets(found: UnderAssumptions, labels: Labels) -> Markup:
    rows = [[assumption(one.key), *(millions(float(lost)) for lost in one.regret)] for one in found.choices]
    return table(say("Mean regret under other assumptions, US$ million of net benefit, discounted"),
                 (say("Assumption"), *map(labels.key, found.plans)), rows, class_="dense list")


def _note(decision: Decision) -> str:
    return say("The plans that are not dominated were run again under each assumption, one at a time, with the same "
               "{draws} draws and luck. Regret is held against the best plan under the same assumption and draw. "
               "Nobody knows how likely each assumption is, so nothing is averaged over them.",
               draws=f"{decision.draws:,}")


__all__ = ["answer", "render_decision", "sections"]

GRANTS = text("Fixed grants to facilities, about {grants} a year and the same in every scenario, are not among the "
              "costs; a ceiling is held against money without them.")
CANNOT = (
    text("No deaths and no DALYs: no bridge from a score to health holds, so no ratio here can be held against a "
         "threshold for a DALY."),
    text("Not what a facility-year at 80 points is worth: that is for those who pay to say."),
    text("What clients pay, and the time of staff that no line names, are not among the costs."),
    text("Effects come from trials elsewhere and from assumptions; that the form of the model is wrong is in no "
         "interval and in no value of information."))


def render_decision(decision: Decision, provenance: Mapping[str, object], *, language: Language = ENGLISH,
                    others: Mapping[Language, str] | None = None) -> str:
    """The page as text; arguments as for the page of a comparison (`page.render_page`)."""
    with speaking(language):
        parts = [*sections(decision),
                 ("decision-reproduce", say("Reproduce"), made(provenance, left_out=("parameters",)))]
        span = {"first": decision.years[0], "last": decision.years[-1]}
        title = counted(len(decision.names), "What is worth buying? {count} scenario, {first} to {last}",
                        "What is worth buying? {count} scenarios, {first} to {last}", **span)
        return document(title, _body(decision, title, parts, others or {}))


def _body(decision: Decision, title: str, parts: list[Section], others: Mapping[Language, str]) -> Markup:
    facilities = (say("Synthetic facilities.") if decision.synthetic
                  else say("Facilities of the register that the runs were given."))
    cannot = [*map(say, CANNOT), say(GRANTS, grants=money(decision.bill.grants)), facilities]
    runs = say("{runs}.", runs=runs_words(decision))
    to_know = [tag("p", again(note)) for note in decision.notes]
    links = tag("nav", *(tag("a", name, href=f"#{key}") for key, name, _ in parts), aria_label=say("On this page"))
    limits = details(say("What this page cannot say"), items(cannot))
    whole = details(say("The answer in full"), answer(decision), tag("p", basis(decision), f" {runs}"))
    top = tag("header", language_links(others),
              tag("p", say("Quality improvement collaboratives in {country}"), class_="kicker"), tag("h1", title),
              draft())
    first = section("brief", say("In brief"), in_short(decision),
                    tag("aside", *to_know, class_="limits") if to_know else "", whole, limits, class_="brief")
    return joined((tag("a", say("Skip to value for money"), class_="skip", href=f"#{parts[0][0]}"), top,
                   tag("main", first, links, *(section(key, name, part) for key, name, part in parts)),
                   tag("footer", tag("p", facilities, f" {runs}"))), "\n")


def sections(decision: Decision, *, first: int = 1, keys: Mapping[str, str] | None = None) -> list[Section]:
    """The chapters as (key, title, markup), for any page.

    `first` is the number of the first figure; `keys` are the short signs that scenarios carry on that page.
    """
    labels = Labels(decision, keys)
    count = iter(range(first, first + 100))
    found: list[Section] = []
    for key, title, make in CHAPTERS:
        part = make(decision, labels, count)
        if part:
            found.append((key, say(title), part))
    return found


# ---------------------------------------------------------------------------------------------------------- chapters


def value(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """The incremental table and the plane."""
    if not decision.others:
        return joined((tag("p", answer(decision)), tables.increments(decision, labels)))
    said = tag("p", say("A scenario is on the frontier if no other one, and no mixture of two others, brings more for "
                        "the same money. Along it, each step costs more for a further unit than the one before."),
               f" {words.drawn(decision)}")
    marks = legend(*((colour, "dot", labels.heading(name)) for name, colour in draw.coloured(decision).items()),
                   *_others(decision, "dot"), (INK, "line", say("frontier")))
    drawn = figure("figure-decision-plane", _titled(count, say("What more does it bring, for how much more?")),
                   notes.plane(decision), joined((marks, draw.plane(decision, labels))),
                   tables.plane(decision, labels))
    paid = tag("p", say("Payments are a matter of whose purse is asked: those who pay must find the money; for society "
                        "it changes hands and uses nothing up. Decide on both, and say which one was asked."))
    barred = tag("p", barred_words(decision, labels), class_="note") if decision.options.events else ""
    return joined((said, tables.increments(decision, labels), barred, paid, tables.payments(decision, labels), drawn,
                   details(say("Other conventions"), tables.cases(decision, labels))))


def sure(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Acceptability curves with the frontier."""
    if not decision.others:
        return Markup("")
    marks = legend(*((colour, "line", labels.heading(name)) for name, colour in draw.coloured(decision).items()),
                   *_others(decision, "line"), (INK, "band", say("best on average")))
    said = tag("p", answers.sure(decision, labels))
    return joined((said, tables.points(decision, labels), figure(
        "figure-decision-acceptability", _titled(count, say("How sure is it which one is best?")),
        notes.acceptability(decision), joined((marks, draw.acceptability(decision, labels))),
        tables.acceptability(decision, labels))))


def robust(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Regret and satisficing."""
    if not decision.others:
        return Markup("")
    chosen: dict[str, list[str]] = {}
    for rule, name in decision.robust.regret.choices.items():
        chosen.setdefault(name, []).append(say(RULES[rule]))
    least = "; ".join(say("{scenario}, {when}", scenario=labels.title(name), when=formatting.listed(when))
                      for name, when in chosen.items())
    marks = legend((TRUE, "dot", say("mean, and line to the 95 % point")), (RECORDED, "rule", say("largest")))
    tie = tied_words(decision, labels)
    return joined((tag("p", joined((say("Least regret: {least}.", least=least), tie), " ")), figure(
        "figure-decision-regret", _titled(count, say("Which choice is regretted least?")), notes.regret(decision),
        joined((marks, draw.regret(decision, labels))),
        tables.regret(decision, labels)), tag("p", enough_words(decision, labels)), tables.enough(decision, labels)))


def aim(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """The target, and what it hinges on."""
    found = decision.aim
    drawn = figure("figure-decision-target", _titled(count, say("How near does each scenario come to the target?")),
                   notes.target(decision), draw.target(decision, labels),
                   tables.target(decision, labels))
    told = [_hinged(decision, labels, name) for name in found.drivers]
    return joined(("" if found.ever else tag("p", answers.unmet(decision, labels)), drawn, *told))


def _hinged(decision: Decision, labels: Labels, name: str) -> Markup:
    """What the target hinges on under a scenario; of a target met always or never, a line through the middle."""
    hinged, title = decision.aim.drivers[name], formatting.quoted(labels.title(name))
    if hinged.drivers is not None:
        said = _drivers(hinged, "")
        return joined((tag("p", phrase("Under {scenario}: {said}", scenario=title, said=said)),
                       tables.drivers(hinged.drivers, say("What the target hinges on, {scenario}", scenario=title))))
    said = phrase("Under {scenario}: {said}", scenario=title, said=again(hinged.sentence))
    if not decision.aim.ever:
        said = phrase("Under {scenario}:", scenario=title)
    if name not in decision.aim.middle:
        return tag("p", said)
    line, middle = decision.aim.middle[name]
    share = numbers.percent(line, 1)
    caption = say("What more than {share} hinges on, {scenario}", share=share, scenario=title)
    return joined((tag("p", joined((said, _drivers(middle, share)), " ")),
                   tables.drivers(middle.drivers, caption) if middle.drivers else ""))


def _drivers(found: TargetDrivers, share: str) -> Markup:
    """What the target hinges on, or a share that half of the draws exceed; by meaning, names in small type."""
    if found.drivers and found.drivers.draws < FEWEST_DRAWS:
        return phrase("{draws} draws are too few to say what it hinges on.", draws=found.drivers.draws)
    meant = joined(map(parameter, found.named), ", ")
    if share:
        return (phrase("Half of the draws end above {share}: that hinges on {parameters}.", share=share,
                       parameters=meant)
                if found.named else
                phrase("Half of the draws end above {share}: no parameter alone decides it.", share=share))
    return phrase("The target hinges on {parameters}.", parameters=meant) if found.named else phrase(
        "No parameter alone decides it.")


def budget(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Budget by year against the ceiling, budget impact, and the bill by payer, line, province and kind."""
    payers = decision.settings.payers
    drawn = panels(((labels.heading(name), draw.budget(decision, labels, name)) for name in decision.names), "small")
    drawn_ceiling = decision.budget.excess and decision.settings.ceiling_is == ALL
    marks = legend(*((draw.PAYER_COLOURS[payer], "box", say(PAYER_WORDS[payer])) for payer in payers),
                   *([(INK, "line", say("ceiling"))] if drawn_ceiling else []))
    shown = figure("figure-decision-budget", _titled(count, say("What is spent, year by year?")),
                   notes.budget(decision), joined((marks, drawn)), tables.budget(decision, labels))
    said = [phrase("{scenario}: {said}", scenario=tag("strong", labels.title(name)), said=again(one.sentence))
            for name, one in decision.budget.excess.items()]
    local = say("{Currency} at {rate}, whatever the year of the US$.", rate=again(decision.settings.currency.words))
    return joined((
        tag("p", fits(decision, labels)),
        tag("p", joined((say(GRANTS, grants=money(decision.bill.grants)), _level(decision)), " "), class_="note"),
        shown, items(said) if said else "",
        tables.impact(decision, labels) if decision.others else "", tables.bills(decision, labels),
        tag("p", local, class_="note"), details(say("By line"), tables.by_line(decision, labels)),
        details(say("By kind of facility and by province"), tables.by_place(decision, labels, "kind"),
                tables.by_place(decision, labels, "province")),
        details(say("Unit costs and their sources"), tables.unit_costs(decision))))


def _level(decision: Decision) -> str:
    """How far payments are from the level that they were simulated at."""
    if decision.settings.level != LEVELS[0]:
        rows = [one for one in decision.bill.unit_costs if one.key in PAID.values()]
        low, high = (sum(ends) / sum(one.usd for one in rows) for ends in zip(*((one.low, one.high) for one in rows),
                                                                              strict=True))
        return say(
            "How much facilities are paid is known roughly: payments may be between {low} and {high} of those "
            "used here. No interval here holds that; qicsim decide draws the level.",
            low=numbers.percent(low),
            high=numbers.percent(high),
        )
    level = decision.bill.payment_level
    return say("How much facilities are paid is uncertain: payments are drawn between {low} and {high} of the level "
               "used in the simulation ({level} of draws), which is their mean; the same for all scenarios of a draw.",
               low=numbers.percent(level.low), high=numbers.percent(level.high), level=formatting.LEVEL)


def effects(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 no figure
    """Every outcome."""
    said = tag("p", say("Recorded effects count what leniency and gaming add: decide on true ones. A negative range or "
                        "slope means that provinces come closer to each other."), class_="note")
    runs = say("{runs}.", runs=runs_words(decision))
    return joined((tables.effects(decision, labels), said, tag("p", f"{basis(decision)} {runs}", class_="note")))


def _titled(count: Iterator[int], title: str) -> Markup:
    """The title of the next figure."""
    return numbered(next(count), title, say("Figure"))


def _others(decision: Decision, sign: str) -> list[tuple[str, str, str]]:
    """An entry of the legend for scenarios without a colour, if there are any."""
    return [(REFERENCE, sign, say("other scenarios"))] if len(decision.names) > draw.COLOURED else []


CHAPTERS: tuple[tuple[str, str, Callable[[Decision, Labels, Iterator[int]], Markup]], ...] = (
    ("decision-value", text("Value for money"), value), ("decision-sure", text("How sure is the choice?"), sure),
    ("decision-learn", text("What to learn first"), learn), ("decision-robust", text("Robust choices"), robust),
    ("decision-assumed", text("Under other assumptions"), assumed),
    ("decision-target", text("The target"), aim), ("decision-budget", text("Budget and costs"), budget),
    ("decision-effects", text("Effects"), effects))
RULES = {"mean": text("on average"), "95 %": text("at the 95 % point"), "minimax": text("at the worst")}


PAGES = pages_of("decision.html")
"""The page of a decision by the code of its language."""
DECISION_FILES = (*PAGES.values(), FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def write_decision(decision: Decision, folder: Path, provenance: Mapping[str, object], *,
                   language: str = "en") -> list[Path]:
    """Write pages, tables and provenance of a decision, all together or not at all; returns the files, the pages first.

    `language` is en, km or both; pages of a former decision in a language that is not asked for are taken away. A
    table without rows (nothing to learn, one scenario) is not written.
    """
    with together(folder) as place:
        files = [write_csv(table, place / f"{name}.csv") for name, table in tables_of(decision).items() if len(table)]
        names = [file.name for file in (*files, *write_facts(dict(provenance), place))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_decision(
            decision, dict(provenance) | {"files": names}, language=one, others=others))
    take_away(folder, PAGES.values(), pages)
    return [folder / name for name in (*pages, *names)]
