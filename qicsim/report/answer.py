"""The opening of a page without a choice, what the runs cannot say, and the words that the page uses."""

from __future__ import annotations

from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.inputs.country import plan_start
from qicsim.report import formatting
from qicsim.report.elements import Markup, items, joined, tag
from qicsim.report.language import phrase, say, text
from qicsim.report.origin import about_register
from qicsim.report.results import Results

ABOUT_FACILITIES = text("The facilities are synthetic: invented places in real provinces, with real populations and "
                        "national totals. Nothing here ranks a province, a district or a facility.")
CANNOT = (
    (text("Not a forecast."),
     text("No NQEM score level and no effect of the collaboratives on it is published for {country}. Effects come from "
          "trials elsewhere and from assumptions; the intervals are wide because little is known.")),
    (text("Not about single facilities."), ABOUT_FACILITIES),
    (text("The recorded score is not the truth."),
     text("The coaches are the assessors, and payment depends on the score. So both are shown: true quality, which "
          "nobody observes, and the NQEM score as it would be recorded.")),
    (text("Who joins hardly depends on quality."),
     text("Facilities join by chance and with their peers; the record counts through one assumed parameter, centred on "
          "nothing. If better ones joined first, teams would look better without any effect.")),
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
    (text("Spill-over"), text("what a team's work on one topic does for other areas of care.")),
    (text("Facility-year at 80"), text("one facility with 80 points or more for one year.")),
    (text("All public money"), text("what government and donors spend on collaboratives, PBF and assessments.")),
    (text("Ever joined"),
     text("a facility whose team ever joined a collaborative, whether it is still active or not.")),
    (text("PBF"), text("performance-based financing: money for a facility that depends on its recorded score.")),
    (text("Difference"),
     text("a scenario minus the reference in the same run, so under the same assumptions and the same luck.")),
    (text("{level} interval"),
     text("nine runs in ten lie inside it. It is not a margin of error of the model as a whole.")),
)


def opening(results: Results) -> Markup:
    """What there is to say where nothing can be chosen, or money was not weighed."""
    if not results.others:
        return tag("div", tag("p", _alone(results)), class_="answer")
    best = results.best
    if best is None:
        return tag("div", tag("p", say("No scenario lasts as long as the reference, so none can be compared at its "
                                       "end.")), class_="answer")
    if results.early:
        return tag("div", tag("p", say("The runs end with {end}, before the plans begin in {start}: this page can say "
                                       "nothing about the plans.", end=results.end, start=plan_start())),
                   class_="answer")
    return tag("div", tag("p", joined((part for part in (_first(results, best), _single(results)) if part), " ")),
               class_="answer")


def _alone(results: Results) -> str:
    name, first = results.reference, results.years[0]
    level = {year: results.level(name, year, "true").mean for year in (first, results.end)}
    told = {"scenario": formatting.quoted(results.title(name)), "year": results.end,
            "true": numbers.number(level[results.end]),
            "recorded": numbers.number(results.level(name, results.end, "recorded").mean)}
    quarter = results.last_recorded(name, results.end)
    if quarter:
        return say("Only one scenario was run, {scenario}, so this page shows no differences. At the end of {year} "
                   "mean true quality is {true} points of 100, and the last recorded score, of {quarter}, {recorded}.",
                   **told, quarter=quarter)
    if first == results.end:
        return say("Only one scenario was run, {scenario}, so this page shows no differences. At the end of {year} "
                   "mean true quality is {true} points of 100, and the recorded score {recorded}.", **told)
    return say("Only one scenario was run, {scenario}, so this page shows no differences. At the end of {year} mean "
               "true quality is {true} points of 100 ({before} at the end of {first}), and the recorded score "
               "{recorded}.",
               **told, before=numbers.number(level[first]), first=first)


def _first(results: Results, best: str) -> Markup:
    """The best scenario, and by how much."""
    gain = results.difference(best, results.end, "true")
    if gain.mean <= 0.0:
        return phrase("No scenario raises true quality above the reference by the end of {year}. The nearest, "
                      "{scenario}, differs by {points} points{interval}.", year=results.end,
                      scenario=results.named(best, "strong"), points=numbers.signed(gain.mean),
                      interval=_brackets(gain))
    return phrase("Of {count} scenarios, {scenario} has the highest mean true quality at the end of {year}: {level} "
                  "points of 100, {gain} against the reference, {reference}{interval}.", count=len(results.names),
                  scenario=results.named(best, "strong"), year=results.end,
                  level=numbers.number(results.level(best, results.end, "true").mean),
                  gain=tag("strong", say("{points} points", points=numbers.signed(gain.mean))),
                  reference=formatting.quoted(results.title(results.reference)), interval=_brackets(gain))


def _brackets(cell: Interval[float]) -> Markup:
    """The interval in brackets, after a space; nothing where there is none."""
    if cell.low == cell.high:
        return Markup("")
    between = formatting.interval(cell.low, cell.high, sign=True)
    return Markup(" " + phrase("({level} of runs: {between})", level=formatting.LEVEL, between=between))


def _single(results: Results) -> str:
    """That a single run is no ground for telling scenarios apart."""
    return "" if results.several else say("This is a single run: it cannot say which scenarios differ for more than "
                                          "chance.")


def cannot_say(results: Results) -> Markup:
    """The box of limits."""
    return tag("aside", tag("h3", say("What this page cannot say")),
               items(joined((tag("strong", say(head)), _meaning(results, meaning)), " ") for head, meaning in CANNOT),
               class_="limits", id="limits", aria_label=say("What this page cannot say"))


def glossary() -> Markup:
    """The words that the page uses."""
    return tag("dl", *(joined((tag("dt", say(word, level=formatting.LEVEL)), tag("dd", say(meaning))))
                       for word, meaning in GLOSSARY), class_="glossary")


def _meaning(results: Results, meaning: str) -> str:
    """What a limit means; for the facilities of a register of one's own, what is known of them, in English."""
    if meaning == ABOUT_FACILITIES and not results.synthetic:
        return about_register(results.comparison.ensemble.runners[results.reference].world)
    return say(meaning)
