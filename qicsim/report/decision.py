"""The page of a decision, and its chapters for other pages: what is worth buying, at what cost, how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from qicsim.decide.decision import Decision
from qicsim.report import decision_figures as draw
from qicsim.report import decision_notes as notes
from qicsim.report import decision_tables as tables
from qicsim.report import words
from qicsim.report.canvas import drawing_style
from qicsim.report.colours import INK, RECORDED, REFERENCE, TRUE
from qicsim.report.decision_words import Labels, answer, basis, fits, runs_words
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, panels, section, tag
from qicsim.report.figures import legend
from qicsim.report.method import fact_label, files_beside, flat_facts
from qicsim.report.page import document
from qicsim.report.words import PAYER_WORDS

__all__ = ["answer", "render_decision", "sections"]

Section = tuple[str, str, Markup]
CANNOT = (
    ("No deaths and no DALYs: no bridge from a score to health holds, so no ratio here can be held against a threshold "
     "for a DALY."),
    "Not what a facility-year at 80 points is worth: that is for those who pay to say.",
    "What clients pay, and the time of staff that no line names, are not among the costs.",
    "Facilities are synthetic, unless a register was given; effects come from trials elsewhere and from assumptions.")


def render_decision(decision: Decision, provenance: Mapping[str, object]) -> str:
    """The page as text; `provenance` as for the page of a comparison, with the names of `files` beside it."""
    with drawing_style():
        parts = [*sections(decision), ("decision-reproduce", "Reproduce", _reproduce(provenance))]
    count = len(decision.names)
    title = (f"What is worth buying? {words.plural(count, 'scenario', 'scenarios')}, {decision.years[0]} to "
             f"{decision.years[-1]}")
    links = tag("nav", *(tag("a", name, href=f"#{key}") for key, name, _ in parts), aria_label="On this page")
    limits = tag("aside", tag("h2", "What this page cannot say"), items(CANNOT), class_="limits", id="limits")
    top = tag("header", tag("p", "Quality improvement collaboratives in Cambodia", class_="kicker"), tag("h1", title),
              tag("div", answer(decision), tag("p", basis(decision), f" {runs_words(decision)}."),
                  *(tag("p", note) for note in decision.notes), class_="answer"))
    body = joined((tag("a", "Skip to value for money", class_="skip", href=f"#{parts[0][0]}"), top, limits, links,
                   tag("main", *(section(key, name, part) for key, name, part in parts)),
                   tag("footer", tag("p", f"Synthetic facilities. {runs_words(decision)}."))), "\n")
    return document(title, body)


def sections(decision: Decision, *, first: int = 1, keys: Mapping[str, str] | None = None) -> list[Section]:
    """The chapters as (key, title, markup), for any page; draw them inside `canvas.drawing_style`.

    `first` is the number of the first figure; `keys` are the short signs that scenarios carry on that page.
    """
    labels = Labels(decision, keys)
    count = iter(range(first, first + 100))
    made: list[Section] = []
    for key, title, make in CHAPTERS:
        part = make(decision, labels, count)
        if part:
            made.append((key, title, part))
    return made


# ---------------------------------------------------------------------------------------------------------- chapters


def value(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """The incremental table and the plane."""
    if not decision.others:
        return joined((tag("p", answer(decision)), tables.increments(decision, labels)))
    said = tag("p", "A scenario is on the frontier if no other one, and no mixture of two others, brings more for the "
                    "same money. Along it, each step costs more for a further unit than the one before.")
    marks = legend(*((colour, "dot", labels.heading(name)) for name, colour in draw.coloured(decision).items()),
                   *_others(decision, "dot"), (INK, "line", "frontier"))
    drawn = figure("figure-decision-plane", numbered(next(count), "What more does it bring, for how much more?"),
                   notes.plane(decision), joined((marks, _wide(draw.plane(decision, labels), "Plane"))),
                   tables.plane(decision, labels))
    return joined((said, tables.increments(decision, labels), drawn))


def sure(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Acceptability curves with the frontier."""
    if not decision.others:
        return Markup("")
    marks = legend(*((colour, "line", labels.heading(name)) for name, colour in draw.coloured(decision).items()),
                   *_others(decision, "line"), (INK, "band", "best on average"))
    return figure("figure-decision-acceptability", numbered(next(count), "How sure is it which one is best?"),
                  notes.acceptability(decision),
                  joined((marks, _wide(draw.acceptability(decision, labels), "Curves"))),
                  tables.acceptability(decision, labels))


def learn(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001
    """What it is worth to know more, and which study comes first."""
    known = decision.learning
    said = tag("p", tag("strong", known.first))
    if known.alone is None or known.groups is None:
        return said if decision.others else Markup("")
    drawn = panels((("By mechanism", draw.information(known.groups, "groups")),
                    ("By single parameter", draw.information(known.alone, "alone"))), "wide")
    shown = figure("figure-decision-information", numbered(next(count), "What would be worth knowing?"),
                   notes.information(decision), drawn,
                   joined((tables.information(known.groups, "By mechanism, the most valuable first"),
                           tables.parameters(known.alone, "By single parameter, the most valuable first"))))
    assumed = details("What the re-scoring assumes", items(known.assumptions))
    return joined((said, shown, tables.studies(decision) if known.studies else "", assumed))


def robust(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Regret and satisficing."""
    if not decision.others:
        return Markup("")
    rules = {"mean": "on average", "95 %": "at the 95 % point", "minimax": "at the worst"}
    chosen: dict[str, list[str]] = {}
    for rule, name in decision.robust.regret.choices.items():
        chosen.setdefault(name, []).append(rules[rule])
    said = tag("p", "Least regret: ", "; ".join(f"{labels.title(name)}, {words.listed(when)}"
                                                for name, when in chosen.items()), ".")
    marks = legend((TRUE, "dot", "mean, and line to the 95 % point"), (RECORDED, "rule", "largest"))
    return joined((said, figure(
        "figure-decision-regret", numbered(next(count), "Which choice is regretted least?"), notes.regret(decision),
        joined((marks, _wide(draw.regret(decision, labels), "Regret"))), tables.regret(decision, labels))))


def aim(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """The target, and what it hinges on."""
    found = decision.aim
    drawn = figure("figure-decision-target", numbered(next(count), "How near does each scenario come to the target?"),
                   notes.target(decision), _wide(draw.target(decision, labels), "Target"),
                   tables.target(decision, labels))
    told: list[object] = []
    for name, hinged in found.hinges.items():
        title = words.quoted(labels.title(name))
        if hinged.ranked:
            told += [tag("p", f"Under {title}: {hinged.sentence}"),
                     tables.hinges(hinged, f"What the target hinges on, {title}", "Chance")]
        elif name in found.middle:
            line, middle = found.middle[name]
            told += [tag("p", f"Under {title}: {hinged.sentence} Half of the draws end above {words.percent(line, 1)}: "
                              f"{_inner(middle.sentence)}")]
            told += [tables.hinges(middle, f"What more than {words.percent(line, 1)} hinges on, {title}", "Chance")
                     ] if middle.ranked else []
    return joined((drawn, *told))


def budget(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:
    """Budget by year against the ceiling, budget impact, and the bill by payer, line, province and kind."""
    payers = decision.settings.payers
    drawn = panels(((labels.heading(name), draw.budget(decision, labels, name)) for name in decision.names), "small")
    marks = legend(*((draw.PAYER_COLOURS[payer], "box", PAYER_WORDS[payer]) for payer in payers),
                   *([(INK, "line", "ceiling")] if decision.budget.excess else []))
    shown = figure("figure-decision-budget", numbered(next(count), "What is spent, year by year?"),
                   notes.budget(decision), joined((marks, drawn)), tables.budget(decision, labels))
    said = [joined((tag("strong", labels.title(name)), ": ", one.sentence))
            for name, one in decision.budget.excess.items()]
    return joined((
        tag("p", fits(decision, labels)), shown, items(said) if said else "",
        tables.impact(decision, labels) if decision.others else "", tables.bills(decision, labels),
        tag("p", f"Riel at {decision.settings.riel.words}; no rate of 2021, the price year, was found.", class_="note"),
        details("By line", tables.by_line(decision, labels)),
        details("By kind of facility and by province", tables.by_place(decision, labels, "kind"),
                tables.by_place(decision, labels, "province")),
        details("Unit costs and their sources", tables.unit_costs(decision))))


def effects(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 no figure
    """Every outcome."""
    said = tag("p", "Recorded effects count what leniency and gaming add: decide on true ones. A negative range or "
                    "slope means that provinces come closer to each other.", class_="note")
    return joined((tables.effects(decision, labels), said,
                   tag("p", f"{basis(decision)} {runs_words(decision)}.", class_="note")))


def _inner(sentence: str) -> str:
    """What a line through the middle of the draws hinges on, after a colon."""
    return sentence.replace("The target hinges", "that hinges").replace("No parameter", "no parameter")


def _others(decision: Decision, sign: str) -> list[tuple[str, str, str]]:
    """An entry of the legend for scenarios without a colour, if there are any."""
    return [(REFERENCE, sign, "other scenarios")] if len(decision.names) > draw.COLOURED else []


def _wide(drawn: Markup, label: str) -> Markup:
    return tag("div", drawn, class_="scroll drawn", tabindex="0", role="region", aria_label=label)


CHAPTERS: tuple[tuple[str, str, Callable[[Decision, Labels, Iterator[int]], Markup]], ...] = (
    ("decision-value", "Value for money", value), ("decision-sure", "How sure is the choice?", sure),
    ("decision-learn", "What to learn first", learn), ("decision-robust", "Robust choices", robust),
    ("decision-target", "The target", aim), ("decision-budget", "Budget and costs", budget),
    ("decision-effects", "Effects", effects))


# ------------------------------------------------------------------------------------------------------ reproduction


def _reproduce(provenance: Mapping[str, object]) -> Markup:
    """Everything that is needed to make the same numbers again."""
    facts = [fact for key, value in provenance.items() if key not in ("files", "scenarios", "parameters")
             for fact in flat_facts(key, value)]
    listing = tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", held)))) for key, held in facts),
                  class_="facts")
    return joined((listing, files_beside(provenance.get("files", ()))))
