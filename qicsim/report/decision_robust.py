"""What a decision's page says of robust choices: ties of regret, what is good enough, what a ceiling allows."""

from __future__ import annotations

from qicsim.decide.decision import Decision
from qicsim.ground import numbers
from qicsim.report import formatting
from qicsim.report.decision_words import Labels
from qicsim.report.language import again, say


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
