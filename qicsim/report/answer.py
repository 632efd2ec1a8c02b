"""The opening of the page: what the runs say in a paragraph, what they cannot say, and the words used."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qicsim.experiment.compare import PLAN_START
from qicsim.model.ledger import LEDGER
from qicsim.report import words
from qicsim.report.elements import Markup, items, joined, tag
from qicsim.report.evidence import assumed
from qicsim.report.language import counted, phrase, say, text
from qicsim.report.origin import about_register
from qicsim.report.points import PBF_LEDGER, ledger_cells
from qicsim.report.results import Cell, Results

ABOUT_FACILITIES = text("The facilities are synthetic: invented places in real provinces, with real populations and "
                        "national totals. Nothing here ranks a province, a district or a facility.")
CANNOT = (
    (text("Not a forecast."),
     text("No NQEM score level and no effect of the collaboratives on it is published for Cambodia. Effects come from "
          "trials elsewhere and from assumptions; the intervals are wide because little is known.")),
    (text("Not about single facilities."), ABOUT_FACILITIES),
    (text("The recorded score is not the truth."),
     text("The coaches are the assessors, and payment depends on the score. So both are shown: true quality, which "
          "nobody observes, and the NQEM score as it would be recorded.")),
    (text("No deaths averted."),
     text("The model follows quality of care. It makes no claim about illness, deaths or lives saved.")),
)

GLOSSARY = (
    (text("NQEM score"),
     text("quality of a facility, 0 to 100 points, by the National Quality Enhancement Monitoring.")),
    (text("True, recorded"),
     text("what the score would be if it were measured without error; and what assessors write down.")),
    (text("At 80 or more"), text("the share of facilities with 80 points or more.")),
    (text("Collaborative"),
     text("facility teams that test improvements together, with coaches and learning sessions.")),
    (text("Covered"), text("a facility whose team ever joined a collaborative, whether it is still active or not.")),
    (text("PBF"), text("performance-based financing: money for a facility that depends on its recorded score.")),
    (text("Difference"),
     text("a scenario minus the reference in the same run, so under the same assumptions and the same luck.")),
    (text("{level} interval"),
     text("nine runs in ten lie inside it. It is not a margin of error of the model as a whole.")),
)


def opening(results: Results) -> Markup:
    """The answer in one paragraph, worked out from the numbers."""
    if not results.others:
        return tag("div", tag("p", _alone(results)), class_="answer")
    best = results.best
    if best is None:
        return tag("div", tag("p", say("No scenario lasts as long as the reference, so none can be compared at its "
                                       "end.")), class_="answer")
    sentences = (_first(results, best), _cost(results, best), _record(results, best), _source(results, best),
                 *_rivals(results, best))
    return tag("div", tag("p", _sentences(sentences)), class_="answer")


def in_full(results: Results) -> Markup:
    """What stands behind the answer: PBF alone, the gap between record and truth, and what cannot be told apart."""
    if results.best is None:
        return Markup("")
    paragraphs = (_pbf_alone(results), _gap(results, results.best), _ties(results, results.best))
    return joined(tag("p", paragraph) for paragraph in paragraphs if paragraph)


def _sentences(parts: Iterable[object]) -> Markup:
    return joined((part for part in parts if part), " ")


def _alone(results: Results) -> str:
    name, first = results.reference, results.years[0]
    level = {year: results.level(name, year, "true").mean for year in (first, results.end)}
    told = {"scenario": words.quoted(results.title(name)), "year": results.end,
            "true": words.number(level[results.end]),
            "recorded": words.number(results.level(name, results.end, "recorded").mean)}
    if first == results.end:
        return say("Only one scenario was run, {scenario}, so this page shows no differences. At the end of {year} "
                   "mean true quality is {true} points of 100, and the recorded score {recorded}.", **told)
    return say("Only one scenario was run, {scenario}, so this page shows no differences. At the end of {year} mean "
               "true quality is {true} points of 100 ({before} at the end of {first}), and the recorded score "
               "{recorded}.",
               **told, before=words.number(level[first]), first=first)


def _first(results: Results, best: str) -> Markup:
    """The best scenario, and by how much."""
    gain = results.difference(best, results.end, "true")
    if gain.mean <= 0.0:
        return phrase("No scenario raises true quality above the reference by the end of {year}. The nearest, "
                      "{scenario}, differs by {points} points{interval}.", year=results.end,
                      scenario=tag("strong", results.title(best)), points=words.signed(gain.mean),
                      interval=_brackets(gain))
    return phrase("Of {count} scenarios, {scenario} has the highest mean true quality at the end of {year}: {level} "
                  "points of 100, {gain} against the reference, {reference}{interval}.", count=len(results.names),
                  scenario=tag("strong", results.title(best)), year=results.end,
                  level=words.number(results.level(best, results.end, "true").mean),
                  gain=tag("strong", say("{points} points", points=words.signed(gain.mean))),
                  reference=words.quoted(results.title(results.reference)), interval=_brackets(gain))


def _brackets(cell: Cell) -> Markup:
    """The interval in brackets, after a space; nothing where there is none."""
    if cell.low == cell.high:
        return Markup("")
    between = words.interval(cell.low, cell.high, sign=True)
    return Markup(" " + phrase("({level} of runs: {between})", level=words.LEVEL, between=between))


def _cost(results: Results, name: str) -> str:
    cost = results.level(name, results.end, "qic_cost")
    if results.end < PLAN_START:
        return ""
    if cost.mean == 0.0:
        return say("It spends nothing on collaboratives from {year} on.", year=PLAN_START)
    spread = "" if cost.low == cost.high else f" ({words.interval(cost.low / 1e6, cost.high / 1e6)})"
    return say("Its collaboratives cost US$ {cost} million{spread} from {first} to {last}, in money of 2021.",
               cost=words.number(cost.mean / 1e6, 1), spread=spread, first=PLAN_START, last=results.end)


def _record(results: Results, best: str) -> str:
    """What would be recorded at 80 or more, and what truly is there."""
    true, recorded = (words.percent(results.level(best, results.end, f"{which}_80").mean)
                      for which in ("true", "recorded"))
    return say("There {recorded} of facilities would be recorded at 80 or more, and {true} truly are.",
               recorded=recorded, true=true)


def _rivals(results: Results, best: str) -> tuple[object, ...]:
    """In a sentence or two: what is as good, and what is nearly as good for less."""
    if not results.several:
        return (say("This is a single run: it cannot say which scenarios differ for more than chance."),)
    alike = [name for name in results.alike(best) if results.has(name, results.end)]
    tied = counted(len(alike), "{count} other scenario cannot be told apart from it.",
                   "{count} other scenarios cannot be told apart from it.") if alike else ""
    return tied, _cheaper(results, best)


def _source(results: Results, best: str) -> Markup:
    """Which line of the ledger brings most of the gain, and how well its size is known."""
    cells = ledger_cells(results, difference=True)
    lines = {line: cells[best, results.end, line].mean for line in LEDGER}
    line = max(lines, key=lines.__getitem__)
    if lines[line] <= 0.0:
        return Markup("")
    unsure = (say("How far work on one topic reaches other areas is an assumption: no study measured it, and the "
                  "reported history does not teach it.") if line == "spillover" and assumed("pdsa.spill") else "")
    share = phrase("The largest part, {part} of {gained} points gained (and {lost} lost again), is booked to: {line}.",
                   part=words.signed(lines[line]), line=tag("strong", say(words.LEDGER_WORDS[line]).lower()),
                   gained=words.signed(sum(points for points in lines.values() if points > 0.0)),
                   lost=words.signed(sum(points for points in lines.values() if points < 0.0)))
    return _sentences((share, unsure))


def _pbf_alone(results: Results) -> str:
    """Where performance-based financing alone leads, if that is what the reference is in the end."""
    reference = results.reference
    pbf, support = (results.lever(reference, name)[-1] for name in ("pbf", "support"))
    since = next(year for year in results.years if results.has(reference, year))
    if not pbf or support or not since < PLAN_START <= results.end:
        return ""
    start, end = (results.level(reference, year, "true").mean for year in (since, results.end))
    booked = ledger_cells(results, difference=False)
    by_pbf = sum(booked[reference, results.end, line].mean - booked[reference, since, line].mean for line in PBF_LEDGER)
    return say("Would performance-based financing alone do? In the reference, which is PBF alone after its project, "
               "true quality goes from {start} points at the end of {since} to {end} at the end of {year}; {by_pbf} "
               "of these {change} points are booked to PBF, the rest to other change that goes on anyway.",
               start=words.number(start, 1), since=since, end=words.number(end, 1), year=results.end,
               by_pbf=words.signed(by_pbf), change=words.signed(end - start))


def _gap(results: Results, best: str) -> str:
    """The gap between recorded and true, in the reference and in the best scenario."""
    gaps = {name: results.level(name, results.end, "inflation").mean for name in (results.reference, best)}
    told = {"reference": words.against(gaps[results.reference]), "best": words.against(gaps[best])}
    if min(gaps.values()) > 0:
        return say("The record flatters: the mean recorded score is {reference} true quality in the reference and "
                   "{best} it in this scenario.", **told)
    return say("Recorded and true differ: the mean recorded score is {reference} true quality in the reference and "
               "{best} it in this scenario.", **told)


def _ties(results: Results, best: str) -> Markup:
    """What cannot be told apart from the best, and from the reference."""
    if not results.several:
        return Markup("")
    alike = results.alike(best)
    flat = results.alike(results.reference)
    rivals = [name for name in results.others if name != best and results.has(name, results.end)]
    lead: object = ""
    if rivals and alike:
        lead = phrase("Paired in the same runs, it cannot be told apart from {scenarios}: the interval of the "
                      "difference holds zero.", scenarios=_titles(results, alike))
    elif rivals:
        lead = say("Paired in the same runs, it is above every other scenario in at least 95 % of runs.")
    none = (phrase("From the reference itself these cannot be told apart: {scenarios}.",
                   scenarios=_titles(results, flat)) if flat else "")
    return _sentences((lead, none))


def _titles(results: Results, names: Sequence[str]) -> Markup:
    return joined((tag("em", results.title(name)) for name in names), "; ")


def _cheaper(results: Results, best: str) -> Markup:
    """The least costly scenario that gives at least three quarters of the best one's gain, if it is another one."""
    cheap = cheapest(results, best)
    if cheap == best:
        return Markup("")
    part = results.difference(cheap, results.end, "true").mean
    spent = results.level(cheap, results.end, "qic_cost").mean
    return phrase("The least costly scenario with at least three quarters of its gain is {scenario}: {points} points "
                  "for US$ {cost} million.", scenario=tag("em", results.title(cheap)), points=words.signed(part),
                  cost=words.number(spent / 1e6, 1))


def cheapest(results: Results, best: str) -> str:
    """The least costly scenario with at least three quarters of the best one's gain."""
    gain = results.difference(best, results.end, "true").mean
    spent = {name: results.level(name, results.end, "qic_cost").mean for name in results.others
             if results.difference(name, results.end, "true").mean >= 0.75 * gain > 0.0}
    return min(spent, key=lambda name: spent[name], default=best) if results.end >= PLAN_START else best


def cannot_say(results: Results) -> Markup:
    """The box of limits."""
    return tag("aside", tag("h3", say("What this page cannot say")),
               items(joined((tag("strong", say(head)), _meaning(results, meaning)), " ") for head, meaning in CANNOT),
               class_="limits", id="limits", aria_label=say("What this page cannot say"))


def glossary() -> Markup:
    """The words that the page uses."""
    return tag("dl", *(joined((tag("dt", say(word, level=words.LEVEL)), tag("dd", say(meaning))))
                       for word, meaning in GLOSSARY), class_="glossary")


def _meaning(results: Results, meaning: str) -> str:
    """What a limit means; for the facilities of a register of one's own, what is known of them, in English."""
    if meaning == ABOUT_FACILITIES and not results.synthetic:
        return about_register(results.comparison.ensemble.runners[results.reference].world)
    return say(meaning)
