"""Answers about the study: scenarios, horizon, runs, decision, results, versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, metadata
from typing import Any

from qicsim.analysis.amounts import group_words
from qicsim.analysis.compare import BY_GROUP, GROUPS, PROVINCE_SHOWN
from qicsim.decide.effects import BY_NAME, OUTCOMES
from qicsim.ground.calendar import format_month
from qicsim.ground.numbers import NONE, number, percent, plural
from qicsim.inputs.country import worded
from qicsim.inputs.scenario import Scenario
from qicsim.model.columns import PAYERS
from qicsim.model.indicators import PROGRAMME, SUMS
from qicsim.report.checklist_facts import Facts, Found, Missing, NotAsked, odd_answer, said
from qicsim.report.checklist_inputs import COSTS, spending
from qicsim.report.formatting import DRAW_WORDS, interval
from qicsim.runs.provenance import versions
from qicsim.runs.sums import DERIVED

RUN = "provenance.json of the run"
RESULTS = "headline.csv of the run"
TOLD = ("true", "recorded", "true_80", "recorded_80")
SPENT = {"qic_cost": "spending on collaboratives so far, US$", "pbf_cost": "spending on PBF and assessment so far, US$"}


def comparators(facts: Facts) -> Found:
    """What is compared with what: titles and descriptions; Missing without another scenario than the reference."""
    others = facts.others()
    if not others:
        raise Missing("There is nothing to compare with the reference: name a scenario.")
    first = [f"Reference: {_told(one)}" for one in facts.scenarios if one.name == facts.reference]
    return Found(" ".join([*first, *(f"Against it: {_told(one)}" for one in others)]), "qicsim check SCENARIO")


def _told(scenario: Scenario) -> str:
    return said(f"{scenario.title.rstrip('.')} ({scenario.name}).", " ".join(scenario.description.split()))


def scenario_logic(facts: Facts) -> Found:
    """Which levers, parameters, provinces, structure and data of each scenario differ from the reference."""
    base = next((one for one in facts.scenarios if one.name == facts.reference), None)
    if base is None or not facts.others():
        raise Missing("A scenario and the reference are needed to say how they differ.")
    parts = [f"{one.name}: {', '.join(differences(base, one)) or 'no difference'}." for one in facts.others()]
    return Found(f"Other than in {base.name} are " + " ".join(parts), "qicsim check SCENARIO, both resolved forms")


def differences(base: Scenario, other: Scenario) -> list[str]:
    """Names of what another scenario does otherwise than a base: levers, and parts of the resolved form."""
    one, two = base.resolved(), other.resolved()
    levers = [name for name, values in two["levers"].items() if values != one["levers"].get(name)]
    parts = [key for key in ("horizon", "rollout", "pbf", "parameters", "structure", "data") if two[key] != one[key]]
    return [*levers, *parts]


def horizon(facts: Facts) -> Found:
    """The months of each horizon, and the years that a decision counted."""
    spans: dict[str, list[str]] = {}
    for one in facts.scenarios:
        span = f"{format_month(one.start)} to {format_month(one.end)} ({one.months} months, no warm-up)"
        spans.setdefault(span, []).append(one.name)
    if not spans:
        raise Missing("No scenario was given.")
    told = [f"{span}" if len(spans) == 1 else f"{span}: {', '.join(names)}" for span, names in spans.items()]
    years = ((facts.run or {}).get("decision") or {}).get("years")
    return Found(said("; ".join(told) + ".", f"Costs and effects of {years} count." if years else ""),
                 "horizon of each scenario")


def perspective(facts: Facts) -> Found:
    """Whose money counts: that of the decision, or else those who pay."""
    settings = (facts.run or {}).get("decision") or {}
    payers = f"Costs are kept by payer: {', '.join(PAYERS)}. What clients pay is not in them."
    if "perspective" in settings:
        return Found(said(f"Whose money counts: {settings['perspective']}.", payers), RUN)
    return Found(payers, "qicsim/decide/costing.py")


def discounting(facts: Facts) -> Found:
    """The decision's discounting."""
    told = facts.asked_decision().get("discounting")
    if not told:
        raise Missing("The decision's settings name no discounting.")
    return Found(f"Costs and effects are {told}.", RUN)


def chosen_outcomes(facts: Facts) -> Found:
    """Outcomes that are counted, the decision's own first; and why there are no deaths or DALYs."""
    settings = (facts.run or {}).get("decision") or {}
    own = BY_NAME.get(settings.get("outcome", ""))
    lead = f"Money is held against: {worded(own.meaning)}, in {own.unit}." if own else ""
    listed = worded("; ".join(f"{one.meaning} ({one.unit})" for one in OUTCOMES))
    return Found(said(lead, f"Outcomes: {listed}. Deaths and DALYs are not among them."), "qicsim/decide/effects.py")


def valuation(facts: Facts) -> Found:
    """What a unit of effect was taken to be worth; NotAsked where outcomes stay in natural units."""
    worth = ((facts.run or {}).get("decision") or {}).get("worth")
    if worth:
        return Found(f"A unit of effect was taken to be worth {worth}; no preferences of people were measured.", RUN)
    raise NotAsked("Outcomes stay in natural units: " + ", ".join(dict.fromkeys(one.unit for one in OUTCOMES)) + ".")


def groups(_facts: Facts) -> Found:
    """By which groups results are read."""
    kinds = ", ".join(group_words(one) for one in GROUPS)
    return Found(f"For {kinds}: {_meanings(BY_GROUP)}. For each province: {_meanings(PROVINCE_SHOWN)}.",
                 "qicsim/analysis/compare.py; trajectories.csv and provinces.csv of the run")


def _meanings(names: Sequence[str]) -> str:
    """Indicators by what they mean."""
    known = {one.name: one.meaning for one in (*SUMS, *PROGRAMME, *DERIVED)} | SPENT
    return ", ".join(worded(known.get(name, name)) for name in names)


def distribution(_facts: Facts) -> Found:
    """Outcomes that say how quality is spread between provinces."""
    spread = [one for one in OUTCOMES if one.better < 0]
    if not spread:
        raise Missing("No outcome measures differences between provinces.")
    return Found("Measured between provinces: " + "; ".join(f"{one.meaning} ({one.unit})" for one in spread) + ".",
                 "qicsim/decide/inequality.py")


# -------------------------------------------------------------------------------------------------------------- runs


def uncertainty(facts: Facts) -> Found:
    """Draws, where they come from, replicates and seed of the run."""
    run = facts.asked_run()
    source = str(run.get("draws_from", ""))
    words = DRAW_WORDS.get(source.partition(":")[0], "")
    try:
        draws, replicates = int(run["draws"]), int(run["replicates"])
        text = (f"{plural(draws, 'draw', 'draws')} of {len(run['parameters'])} parameters from the {source}"
                f"{f' ({words})' if words else ''}, {plural(replicates, 'replicate', 'replicates')} of each, "
                f"seed {run['seed']}; scenarios are paired by draw and replicate. Intervals are 5–95 % between runs: "
                "they hold what draws leave open, and chance; not the structure of the model.")
    except (KeyError, TypeError, ValueError):
        raise Missing("The run's provenance names no draws, replicates or seed.") from None
    return Found(text, RUN)


def main_results(facts: Facts) -> Found:
    """Quality of each scenario in the last headline year, and its costs; without costs a part is lacking."""
    rows = [row for row in facts.asked_results() if row["indicator"] in TOLD]
    told, spent = _results(rows, "mean", "p05", "p95", differ=False), spending(facts)
    if spent:
        return Found(said(told, spent), f"{RESULTS}; {COSTS}")
    return Found(told, RESULTS, lacks="Costs of the options and increments over the reference are not in it.")


def effect_of_uncertainty(facts: Facts) -> Found:
    """Paired differences from the reference, with intervals; what of the effect is not shown is said."""
    rows = [row for row in facts.asked_results()
            if row["indicator"] in (*TOLD, *SPENT) and row["scenario"] != facts.reference]
    if not rows:
        raise Missing("The run holds no other scenario than the reference.")
    left_out = [] if {row["indicator"] for row in rows} & set(SPENT) else ["of costs"]
    lacks = f"The effect {' and '.join([*left_out, 'of the discount rate and of choices of method'])} is not in it."
    return Found(_results(rows, "difference_mean", "difference_p05", "difference_p95", differ=True), RESULTS, lacks)


def _results(rows: list[Mapping[str, Any]], mean: str, low: str, high: str, *, differ: bool) -> str:
    """Rows of the headline table of the last year of each scenario, in words."""
    last = {row["scenario"]: row["year"] for row in sorted(rows, key=lambda row: int(row["year"]))}
    parts = []
    for name, year in last.items():
        told = [_amounts(row, mean, low, high) + (_above(row) if differ else "")
                for row in rows if row["scenario"] == name and row["year"] == year]
        parts.append(f"{name}, end of {year}, n = {_first(rows, name)['n']}: {'; '.join(told)}.")
    head = "Paired differences from the reference" if differ else "Means"
    return f"{head} with 5–95 % intervals between runs (shares in per cent). " + " ".join(parts)


def _amounts(row: Mapping[str, Any], mean: str, low: str, high: str) -> str:
    """An indicator of a row with its mean and interval."""
    ends = interval(*_ends(row, low, high), _digits(row))
    return f"{_meanings([row['indicator']])} {_amount(row, mean)} ({ends})"


def _above(row: Mapping[str, Any]) -> str:
    """In which share of runs a value is above the reference's, where the table says so."""
    return f", above in {percent(float(row['share_above']))} of runs" if "share_above" in row else ""


def _first(rows: list[Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    return next(row for row in rows if row["scenario"] == name)


def _scale(row: Mapping[str, Any]) -> float:
    return 100.0 if str(row["indicator"]).endswith("_80") else 1.0


def _amount(row: Mapping[str, Any], key: str) -> str:
    text = str(row[key])
    return number(_scale(row) * float(text), _digits(row)) if text else NONE


def _digits(row: Mapping[str, Any]) -> int:
    """Digits behind the point: none of US$."""
    return 0 if row["indicator"] in SPENT else 1


def _ends(row: Mapping[str, Any], low: str, high: str) -> tuple[float, float]:
    return tuple(_scale(row) * float(row[key] or "nan") for key in (low, high))  # type: ignore[return-value]


# ---------------------------------------------------------------------------------------------------------- software


def software(facts: Facts) -> Found:
    """Versions of program, language and libraries: those of the run, or of this installation."""
    used: Mapping[str, Any] = facts.run if facts.run and "packages" in facts.run else versions()
    try:
        listed = ", ".join(f"{name} {version}" for name, version in used["packages"].items())
        text = f"qicsim {used['qicsim']} (source {used['source_digest']}) on Python {used['python']}; {listed}."
    except (KeyError, AttributeError):
        raise Missing("The run's provenance does not name all versions.") from None
    return Found(text, RUN if used is facts.run else "this installation; no run was given")


def execution(facts: Facts) -> Found:
    """How time goes on, and the command that made the run."""
    command = (facts.run or {}).get("command", "")
    return odd_answer(facts, "Process overview and scheduling", f"Command: {command}." if command else "")


def rationale(facts: Facts) -> Found:
    """The ideas behind the model, and where it can be had; without a public address a part is lacking."""
    found = odd_answer(facts, "Basic principles")
    try:
        return Found(said(found.text, sharing(facts).text), found.where)
    except Missing as reason:
        return Found(found.text, found.where, lacks=str(reason))


def sharing(_facts: Facts) -> Found:
    """Licence, version and public address of the program; Missing if it names no address."""
    try:
        told = metadata("qicsim")
    except PackageNotFoundError:
        raise Missing("The package is not installed, so its licence is not known.") from None
    addresses = told.get_all("Project-URL") or []
    if not addresses:
        raise Missing(f"qicsim {told['Version']} names a licence ({told['License-Expression']}), but no public "
                      "address: publish it, with a DOI, and write the address into pyproject.toml under project.urls.")
    return Found(f"qicsim {told['Version']}, {told['License-Expression']}; {'; '.join(addresses)}.", "package metadata")


ANSWERS: dict[str, Callable[[Facts], Found]] = {
    "comparators": comparators, "scenario_logic": scenario_logic, "horizon": horizon, "perspective": perspective,
    "discounting": discounting, "chosen_outcomes": chosen_outcomes, "valuation": valuation, "groups": groups,
    "distribution": distribution, "uncertainty": uncertainty, "main_results": main_results,
    "effect_of_uncertainty": effect_of_uncertainty, "software": software, "execution": execution,
    "rationale": rationale, "sharing": sharing}
