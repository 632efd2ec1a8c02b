"""How well it is known: what the reported history taught, what is known from elsewhere, and what is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from qicsim.estimate.calibrate.outside_checks import outside_checks
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED, Learned
from qicsim.estimate.calibrate.shipped import shipped_rows
from qicsim.estimate.calibrate.zero_effect import ZeroEffect
from qicsim.ground import numbers
from qicsim.ground.declare import GRADES, Declared, Parameter, declared
from qicsim.report import formatting
from qicsim.report.elements import Markup, details, items, joined, table, tag
from qicsim.report.language import phrase, say, text, text_of, untranslated
from qicsim.report.results import Results
from qicsim.runs.draws import Draws
from qicsim.runs.modules import EFFECTS, PRIOR
from qicsim.runs.posterior import POSTERIOR

GRADE_ORDER = ("S", "Mod", "W", "D", "M", "A")
WEIGHTED = text("weighted by trials")
KINDS = {
    LEARNED: text("Learned from the data: the reported history narrowed or moved it"),
    ELSEWHERE: text("Known from elsewhere: studies in other countries or settings, not scores of {country}"),
    WEIGHTED: text("Weighted by trials: studies elsewhere favour some values together, and narrow none much"),
    ASSUMED: text("Assumed: no usable figure was found, and the data did not teach it"),
}


def evidence(results: Results) -> Markup:
    """Parameters by what is known of them, what the data taught, and the list of them all with their sources."""
    from qicsim.model.parameters import Parameters  # compiles: only a page that is written should wait

    leaves = declared(Parameters)
    values = say("The model has {count} uncertain parameters. In these runs their values come from {source}.",
                 count=len(leaves), source=results.draws_in_words)
    lead = tag("p", joined((values, _until(results)), " "))
    taught = _taught(results)
    return joined((lead, tag("p", zero_effect_details()), _missed(), _contraction(taught, leaves) if taught else "",
                   _grades(leaves),
                   details(say("All parameters, with their prior intervals and sources"),
                           _parameters(leaves), _sources(leaves))))


def _missed() -> Markup:
    """What of the model does not agree with what is known from outside; nothing where no check is kept."""
    checks = outside_checks()
    if not checks:
        return Markup("")
    said = say("Of {count} checks of what ships against what is known from outside, {held} hold. What is missed stands "
               "in the table.", count=len(checks), held=sum(one.holds for one in checks))
    rows = [[say("{name}: {asked}", name=text_of(one.name), asked=text_of(one.asked)), untranslated(one.source),
             say("{low} to {high}", low=numbers.brief(one.low), high=numbers.brief(one.high)),
             numbers.brief(one.found)] for one in checks if not one.holds]
    if not rows:
        return tag("p", said)
    heads = (say("Check"), say("Source"), say("Asked"), say("The model"))
    return joined((tag("p", said), table(say("What the model misses"), heads, rows, class_="list")))


def zero_effect_sentence() -> str:
    """How often the published order of the groups is seen without any effect; empty where no posterior is shipped."""
    found = {one.source: one for one in shipped_rows(ZeroEffect, "zero_effect.csv")}
    if POSTERIOR not in found:
        return ""
    seen = Fraction(round(10.0 * found[POSTERIOR].share_without), 10)
    return say("Even if collaboratives did nothing for care, the reported order of the groups (more health centres "
               "with teams than without recorded at 80 or more) would be seen in about {seen} of {all} cases, because "
               "the assessors are the coaches.", seen=seen.numerator, all=seen.denominator)


def zero_effect_details() -> str:
    """The same with its numbers: before and after calibration, without leniency, and with effects."""
    found = {one.source: one for one in shipped_rows(ZeroEffect, "zero_effect.csv")}
    if not {"prior", POSTERIOR} <= found.keys():
        return ""
    prior, posterior = found["prior"], found[POSTERIOR]
    return say(
        "That more health centres with teams than without were recorded at 80 or more proves little: it is also "
        "seen in {without} of calibrated draws ({without_prior} before calibration) in which collaboratives do "
        "nothing for care, because the assessors are the coaches: without their leniency, in {strict}, as "
        "chance has it. With effects on care it is seen in {with_effect} ({with_prior}).",
        without=numbers.percent(posterior.share_without),
        without_prior=numbers.percent(prior.share_without),
        strict=numbers.percent(posterior.share_strict),
        with_effect=numbers.percent(posterior.share_with),
        with_prior=numbers.percent(prior.share_with),
    )


def kind_of(parameter: str, draws: Draws) -> str:
    """How a parameter is known in some draws: one of KINDS.

    The fit to the reported history keeps none of the parameters of effects: trials are what weighs those.
    """
    kind = {row.parameter: row.kind for row in shipped_rows(Learned, "contraction.csv")}.get(parameter, ASSUMED)
    return WEIGHTED if kind == ASSUMED and EFFECTS.owns(parameter) and _from_trials(draws) else kind


def _from_trials(draws: Draws) -> bool:
    return any(one.module == EFFECTS.name and one.source != PRIOR for one in draws.modules)


def _taught(results: Results) -> tuple[Learned, ...]:
    """The contraction table of the shipped posterior, if these draws come from it; without parameters of the past.

    A table that was made by an earlier version may have rows of parameters that the model no longer has.
    """
    from qicsim.estimate.calibrate.reported_history import parameter_names

    draws, today = results.comparison.ensemble.draws, set(parameter_names())
    if draws.source != POSTERIOR:
        return ()
    return tuple(replace(row, kind=kind_of(row.parameter, draws)) for row in shipped_rows(Learned, "contraction.csv")
                 if row.parameter in today)


def _until(results: Results) -> str:
    draws = results.comparison.ensemble.draws
    if draws.source.startswith(POSTERIOR):
        fitted = say("What was fitted is the reported roll-out; no NQEM score is published, so none was fitted.")
        return joined((fitted, say("Parameters of effects are weighted by controlled trials elsewhere.")
                       if _from_trials(draws) else ""), " ")
    return say("The model has not been fitted to data of {country} for this page: its intervals show what is believed "
               "beforehand, not what data have taught.")


# ------------------------------------------------------------------------------------------------------ contraction


def _contraction(rows: Sequence[Learned], leaves: Mapping[str, Declared]) -> Markup:
    """How many parameters of each kind there are; those that were learned, before and after; the whole list."""
    counts = [
        [
            say(meaning),
            str(sum(row.kind == kind for row in rows)),
            numbers.percent(sum(row.kind == kind for row in rows) / len(rows)),
        ]
        for kind, meaning in KINDS.items()
    ]
    heads = (say("Parameter"), say("Unit"), say("Before, {level}", level=formatting.LEVEL),
             say("After, {level}", level=formatting.LEVEL), say("Variance removed"), say("Shift, SD"), say("Kind"),
             say("Grade"))
    learned = [row for row in rows if row.kind == LEARNED]
    return joined((
        table(say("What is known of the {count} parameters of the model and of the observation", count=len(rows)),
              (say("What is known"), say("Parameters"), say("Share")), counts, class_="narrow list"),
        table(say("What the reported history taught"), heads, [_before_and_after(row, leaves) for row in learned],
              class_="dense list"),
        details(say("Every parameter, before and after the calibration"),
                table(say("What was and was not learned"), heads, [_before_and_after(row, leaves) for row in rows],
                      class_="dense list"))))


def _before_and_after(row: Learned, leaves: Mapping[str, Declared]) -> list[object]:
    """A row of the table; what a parameter means today, which the table of an older fit may say in other words."""
    meaning = leaves[row.parameter].declaration.meaning if row.parameter in leaves else row.meaning
    return [_named(meaning, row.parameter), text_of(row.unit),
            _span(row.prior_low, row.prior_high), _span(row.low, row.high), numbers.percent(row.contraction),
            numbers.signed(row.shift, 2), text_of(row.kind), row.grade]


def _named(meaning: str, parameter: str) -> Markup:
    """What a parameter means, and its name."""
    return joined((text_of(meaning), tag("span", parameter, class_="name")), " ")


def _span(low: float, high: float) -> str:
    low_text, high_text = (f"{float(f'{value:.3g}'):g}".replace("-", numbers.MINUS) for value in (low, high))
    return say("{low} to {high}", low=low_text, high=high_text)


# ----------------------------------------------------------------------------------------------------------- grades


def _grades(leaves: Mapping[str, Declared]) -> Markup:
    by_grade = _by_grade(leaves)
    rows = [[_capital(text_of(GRADES[grade])), str(len(found)), numbers.percent(len(found) / len(leaves))]
            for grade, found in by_grade.items() if found]
    return table(say("Parameters by grade of the evidence behind their priors"),
                 (say("Grade"), say("Parameters"), say("Share")), rows, class_="narrow")


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def _by_grade(leaves: Mapping[str, Declared]) -> dict[str, list[Declared]]:
    return {grade: [leaf for leaf in leaves.values() if leaf.declaration.grade == grade] for grade in GRADE_ORDER}


def _parameters(leaves: Mapping[str, Declared]) -> Markup:
    rows = [[_named(leaf.declaration.meaning, leaf.path), text_of(leaf.declaration.unit),
             _prior_interval(leaf.declaration), f"{leaf.default:g}", grade, text_of(leaf.declaration.source)]
            for grade, found in _by_grade(leaves).items() for leaf in found]
    grades = say("Grades: {grades}.",
                 grades="; ".join(f"{grade} {text_of(meaning)}" for grade, meaning in GRADES.items()))
    heads = (say("Parameter"), say("Unit"), say("Prior, {level}", level=formatting.LEVEL), say("Default"), say("Grade"),
             say("Source"))
    return joined((table(say("Parameters and their priors"), heads, rows, class_="dense list"),
                   tag("p", grades, class_="fine")))


def _prior_interval(parameter: Parameter) -> str:
    return _span(float(parameter.quantile(0.05)), float(parameter.quantile(0.95)))


def _sources(leaves: Mapping[str, Declared]) -> Markup:
    from qicsim.model.sources import SEEN, sources

    known = sources()
    cited = sorted({leaf.declaration.source for leaf in leaves.values()})
    lines = [phrase("{source}: {citation} ({seen})", source=tag("strong", text_of(key)),
                    citation=text_of(known[key].citation), seen=text_of(SEEN.get(known[key].seen, known[key].seen)))
             for key in cited if key in known]
    return joined((tag("h3", say("Sources")), tag("div", items(lines), class_="fine sources")))
