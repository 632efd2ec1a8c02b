"""The opening of the page: what the runs say in a paragraph, what they cannot say, and the words used."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.experiment.compare import PLAN_START
from qicsim.model.ledger import LEDGER
from qicsim.report import words
from qicsim.report.elements import Markup, items, joined, tag
from qicsim.report.evidence import assumed, zero_effect_sentence
from qicsim.report.origin import about_facilities
from qicsim.report.points import PBF_LEDGER, ledger_cells
from qicsim.report.results import Cell, Results

CANNOT = (
    ("Not a forecast.",
     ("No NQEM score level and no effect of the collaboratives on it is published for Cambodia. Effects come from "
      "trials elsewhere and from assumptions; the intervals are wide because little is known.")),
    ("The recorded score is not the truth.",
     ("The coaches are the assessors, and payment depends on the score. So both are shown: true quality, which nobody "
      "observes, and the NQEM score as it would be recorded.")),
    ("No deaths averted.",
     "The model follows quality of care. It makes no claim about illness, deaths or lives saved."),
)

GLOSSARY = (
    ("NQEM score", "quality of a facility, 0 to 100 points, by the National Quality Enhancement Monitoring."),
    ("True, recorded", "what the score would be if it were measured without error; and what assessors write down."),
    ("At 80 or more", "the share of facilities with 80 points or more."),
    ("Collaborative", "facility teams that test improvements together, with coaches and learning sessions."),
    ("Covered", "a facility whose team ever joined a collaborative, whether it is still active or not."),
    ("PBF", "performance-based financing: money for a facility that depends on its recorded score."),
    ("Difference", "a scenario minus the reference in the same run, so under the same assumptions and the same luck."),
    (f"{words.LEVEL} interval", "nine runs in ten lie inside it. It is not a margin of error of the model as a whole."),
)


def opening(results: Results) -> Markup:
    """The answer in a few sentences, worked out from the numbers."""
    if not results.others:
        return tag("div", tag("p", *_alone(results)), class_="answer")
    best = _best(results)
    if best is None:
        return tag("div", tag("p", "No scenario lasts as long as the reference, so none can be compared at its end."),
                   class_="answer")
    paragraphs = (_first(results, best), _source(results, best), (_pbf_alone(results),), _gap(results, best),
                  (zero_effect_sentence(),), _ties(results, best))
    return tag("div", *(tag("p", *parts) for parts in paragraphs if any(parts)), class_="answer")


def _alone(results: Results) -> tuple[str, ...]:
    name, first = results.reference, results.years[0]
    level = {year: results.level(name, year, "true").mean for year in (first, results.end)}
    recorded = results.level(name, results.end, "recorded").mean
    return (f"Only one scenario was run, {words.quoted(results.title(name))}, so this page shows no differences. ",
            f"At the end of {results.end} mean true quality is {words.number(level[results.end])} points of 100",
            f" ({words.number(level[first])} at the end of {first})" if first != results.end else "",
            f", and the recorded score {words.number(recorded)}.")


def _best(results: Results) -> str | None:
    return next((name for name in results.others if results.has(name, results.end)), None)


def _first(results: Results, best: str) -> tuple[object, ...]:
    """The best scenario, by how much, and what it costs."""
    gain = results.difference(best, results.end, "true")
    level = results.level(best, results.end, "true").mean
    if gain.mean <= 0.0:
        return (f"No scenario raises true quality above the reference by the end of {results.end}. The nearest, ",
                tag("strong", results.title(best)), f", differs by {_points(gain)}. ", _cost(results, best))
    return ("Of ", words.plural(len(results.names), "scenario", "scenarios"), ", ", tag("strong", results.title(best)),
            f" has the highest mean true quality at the end of {results.end}: {words.number(level)} points of 100, ",
            tag("strong", f"{words.signed(gain.mean)} points"), " against the reference, ",
            words.quoted(results.title(results.reference)), f"{_brackets(gain)}. ", _cost(results, best))


def _points(cell: Cell) -> str:
    return f"{words.signed(cell.mean)} points{_brackets(cell)}"


def _brackets(cell: Cell) -> str:
    between = words.interval(cell.low, cell.high, sign=True)
    return "" if cell.low == cell.high else f" ({words.LEVEL} of runs: {between})"


def _cost(results: Results, name: str) -> str:
    cost = results.level(name, results.end, "qic_cost")
    if results.end < PLAN_START or cost.mean == 0.0:
        return f"It spends nothing on collaboratives from {PLAN_START} on." if results.end >= PLAN_START else ""
    spread = "" if cost.low == cost.high else f" ({words.interval(cost.low / 1e6, cost.high / 1e6)})"
    return (f"Its collaboratives cost US$\u00a0{words.number(cost.mean / 1e6, 1)} million{spread} from {PLAN_START} to "
            f"{results.end}, in money of 2021.")


def _source(results: Results, best: str) -> tuple[object, ...]:
    """Which line of the ledger brings most of the gain, and how well its size is known."""
    cells = ledger_cells(results, difference=True)
    lines = {line: cells[best, results.end, line].mean for line in LEDGER}
    line = max(lines, key=lines.__getitem__)
    gained = sum(points for points in lines.values() if points > 0.0)
    if lines[line] <= 0.0:
        return ()
    lost = sum(points for points in lines.values() if points < 0.0)
    unsure = (" How far work on one topic reaches other areas is an assumption: no study measured it, and the reported "
              "history does not teach it." if line == "spillover" and assumed("pdsa.spill") else "")
    share = (f"The largest part, {words.signed(lines[line])} of {words.signed(gained)} points gained (and "
             f"{words.signed(lost)} lost again), is booked to: ")
    return (share, tag("strong", words.LEDGER_WORDS[line].lower()), ".", unsure)


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
    return (f"Would performance-based financing alone do? In the reference, which is PBF alone after its project, true "
            f"quality goes from {words.number(start, 1)} points at the end of {since} to {words.number(end, 1)} at the "
            f"end of {results.end}; {words.signed(by_pbf)} of these {words.signed(end - start)} points are booked to "
            "PBF, the rest to other change that goes on anyway.")


def _gap(results: Results, best: str) -> tuple[object, ...]:
    """The gap between recorded and true, in the reference and in the best scenario."""
    gaps = {name: results.level(name, results.end, "inflation").mean for name in (results.reference, best)}
    true, recorded = (words.percent(results.level(best, results.end, f"{which}_80").mean)
                      for which in ("true", "recorded"))
    return ("The record flatters: " if min(gaps.values()) > 0 else "Recorded and true differ: ",
            f"the mean recorded score is {words.against(gaps[results.reference])} true quality in the reference and ",
            f"{words.against(gaps[best])} it in this scenario, where {recorded} of facilities would be recorded at 80 ",
            f"or more and {true} truly are there.")


def _ties(results: Results, best: str) -> tuple[object, ...]:
    """What cannot be told apart from the best, and the cheapest of these."""
    if not results.several:
        return ("This is a single run: it cannot say which scenarios differ for more than chance.",)
    alike = results.alike(best)
    rivals = [name for name in results.others if name != best and results.has(name, results.end)]
    lead: tuple[object, ...]
    if not rivals:
        lead = ()
    elif alike:
        lead = ("Paired in the same runs, it cannot be told apart from ",
                _titles(results, alike), ": the interval of the difference holds zero. ")
    else:
        lead = ("Paired in the same runs, it is above every other scenario in at least 95\u00a0% of runs. ",)
    flat = results.alike(results.reference)
    none = (("From the reference itself these cannot be told apart: ",
             _titles(results, flat), ".") if flat else ())
    return (*lead, *_cheaper(results, best), *none)


def _titles(results: Results, names: Sequence[str]) -> Markup:
    return joined((tag("em", results.title(name)) for name in names), "; ")


def _cheaper(results: Results, best: str) -> tuple[object, ...]:
    """The least costly scenario that gives at least three quarters of the best one's gain, if it is another one."""
    gain = results.difference(best, results.end, "true").mean
    spent = {name: results.level(name, results.end, "qic_cost").mean for name in results.others
             if results.difference(name, results.end, "true").mean >= 0.75 * gain > 0.0}
    cheap = min(spent, key=lambda name: spent[name], default=best)
    if cheap == best or results.end < PLAN_START:
        return ()
    part = results.difference(cheap, results.end, "true").mean
    return ("The least costly scenario with at least three quarters of its gain is ", tag("em", results.title(cheap)),
            f": {words.signed(part)} points for US$\u00a0{words.number(spent[cheap] / 1e6, 1)} million. ")


def cannot_say(results: Results) -> Markup:
    """The box of limits."""
    about = about_facilities(results.comparison.ensemble.runners[results.reference].world)
    limits = (CANNOT[0], ("Not about single facilities.", about), *CANNOT[1:])
    return tag("aside", tag("h2", "What this page cannot say"),
               items(joined((tag("strong", head), text), " ") for head, text in limits), class_="limits", id="limits")


def glossary() -> Markup:
    """The words that the page uses."""
    return tag("dl", *(joined((tag("dt", word), tag("dd", meaning))) for word, meaning in GLOSSARY), class_="glossary")
