"""What to learn first, on a decision's page: what would be worth knowing, and studies, by what a unit is worth."""

from __future__ import annotations

from collections.abc import Iterator

from qicsim.decide.decision import Decision
from qicsim.decide.information import Information
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.ground.numbers import NONE
from qicsim.report import decision_figures as draw
from qicsim.report import decision_notes as notes
from qicsim.report import formatting
from qicsim.report.decision_words import Labels, money, parameter
from qicsim.report.elements import Markup, details, figure, items, joined, numbered, panels, table, tag
from qicsim.report.language import again, say, text

KNOWN = 12
WORTH_HEADS = (text("Worth of knowing it, at most"), text("Standard error"), text("Chance that luck gives as much"),
               text("Above luck?"))


def learn(decision: Decision, labels: Labels, count: Iterator[int]) -> Markup:  # noqa: ARG001 one form for all chapters
    """What it is worth to know more, and which study comes first."""
    known = decision.learning
    said = tag("p", tag("strong", again(known.first)))
    order = tag("p", again(known.order.sentence)) if known.order else ""
    if known.alone is None or known.groups is None:
        return said if decision.others else Markup("")
    drawn = panels(((say("By mechanism"), draw.information(known.groups, "groups")),
                    (say("By single parameter"), draw.information(known.alone, "alone"))), "wide")
    title = numbered(next(count), say("What would be worth knowing?"), say("Figure"))
    shown = figure("figure-decision-information", title, notes.information(decision), drawn,
                   joined((_mechanisms(known.groups), _parameters(known.alone))))
    assumed = details(say("What the re-scoring assumes"), items(map(again, known.assumptions)))
    return joined((said, order, shown, *((_studies(decision), _over(decision)) if known.studies else ()), assumed))


def _mechanisms(known: Information) -> Markup:
    """The most valuable mechanisms, each with a study that would teach it."""
    rows = [[joined((say(MEANINGS[name]), tag("span", name, class_="name")), " "), *_worth(known, place),
             say(STUDIES[name])] for place, name in _ranked(known)]
    return table(say("By mechanism, the most valuable first"),
                 (say("Mechanism"), *map(say, WORTH_HEADS), say("A study that would teach it")), rows,
                 class_="dense list")


def _parameters(known: Information) -> Markup:
    """The most valuable single parameters."""
    rows = [[parameter(name), *_worth(known, place)] for place, name in _ranked(known)]
    return table(say("By single parameter, the most valuable first"), (say("Parameter"), *map(say, WORTH_HEADS)), rows,
                 class_="dense")


def _ranked(known: Information) -> list[tuple[int, str]]:
    return [(int(place), known.names[place]) for place in known.order[:KNOWN]]


def _worth(known: Information, place: int) -> tuple[str, ...]:
    return (money(float(known.value[place])), money(float(known.error[place])), f"{known.chance[place]:.2f}",
            say("yes") if known.clear[place] else say("no"))


def _studies(decision: Decision) -> Markup:
    """The independent re-scoring by size and by what it measures."""
    said = {"true": text("{count} facilities, true quality"),
            "gap": text("{count} facilities, gap between record and truth")}
    rows = [[say(said[key], count=f"{int(size):,}"),
             *(money(float(getattr(one.study, part)[place])) for part in ("value", "error", "cost", "net", "matched")),
             say("yes") if one.study.agree[place] else say("no"), say("yes") if one.study.clear[place] else say("no")]
            for key, one in decision.learning.studies.items() for place, size in enumerate(one.study.sizes)]
    caption = joined((say("An independent re-scoring before the choice, by size and by what it measures, at {worth} "
                          "for a unit of effect", worth=money(decision.value.worth)),))
    return table(caption, (say("Study"), say("Worth"), say("Standard error"), say("Cost"),
                           say("Worth less cost and delay"), say("Worth by a rougher method"), say("Do they agree?"),
                           say("Above cost and luck?")), rows, class_="dense")


def _over(decision: Decision) -> Markup:
    """EVPI and the best re-scoring over what a unit is worth, and where it pays."""
    known = decision.learning
    rows = [[money(one.worth), money(one.evpi), f"{one.size:,}" if one.size else NONE,
             money(one.net) if one.size else NONE,
             say("yes") if one.clear else say("no")] for one in known.over]
    if known.pays:
        said = say("Of the worths tried, a re-scoring stands above its cost and above luck at {worths}.",
                   worths=formatting.listed([money(one) for one in known.pays]))
    else:
        said = say("At none of the worths tried does a re-scoring stand above its cost and above luck.")
    best = "" if decision.value.given or len(decision.value.steps) == 1 else say(
        "Values of information are highest near a threshold of the frontier. Numbers on this page stand at one, so "
        "they are the most favourable case for studies; those who know what a unit is worth to them should read the "
        "table.")
    return joined((tag("p", joined((said, best), " ")), table(
        say("What knowing more is worth depends on what a unit is worth"),
        (say("A unit is worth"), say("Worth of knowing everything"), say("Best re-scoring, facilities"),
         say("Its worth less cost and delay"), say("Above cost and luck?")), rows, class_="narrow")))
