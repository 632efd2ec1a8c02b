"""The end of the page: what is assumed, and how to make the page again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import quote

from qicsim.ground.calendar import format_month
from qicsim.ground.numbers import NONE
from qicsim.inputs.scenario.overrides import overrides_said
from qicsim.report.elements import Markup, items, joined, plain, table, tag
from qicsim.report.language import phrase, say, text, text_of, untranslated
from qicsim.report.results import Results

_RELATIVE = re.compile(r"(?!/)(?!.*\.\.)[^:\\<>\"|?*]+")
FACTS = {
    "command": text("Command"), "qicsim": text("Qicsim"), "python": text("Python"), "packages": text("Packages"),
    "source_digest": text("Source digest"), "seed": text("Seed"), "draws": text("Draws"),
    "draws_from": text("Draws from"), "extensions": text("Extensions"), "from_prior": text("From the prior"),
    "parameters": text("Parameters"), "replicates": text("Replicates"), "structures": text("Structures"),
    "study": text("Study"), "fails": text("It fails where"),
    "title": text("Title"), "points": text("Points of a study"), "runs": text("Runs"),
    "scenario": text("Scenario"), "digest": text("Digest"), "draw": text("Draw"), "replicate": text("Replicate")}
OF_FIT = {
    "acceptance": text("Acceptance"), "accepted": text("Accepted"), "considered": text("Considered"),
    "data_digest": text("Digest of the data"), "effective_sample": text("Effective sample"),
    "facilities": text("Facilities"), "first_quarter": text("First quarter"), "fitted": text("Fitted"),
    "fixed": text("Fixed"), "free": text("Free"), "kept": text("Kept"), "last_quarter": text("Last quarter"),
    "method": text("Method"), "minutes": text("Minutes"), "numpy": text("Version of numpy"),
    "pareto_k": text("Pareto k"), "prior": text("Prior"), "prior_digest": text("Digest of the prior"),
    "rounds": text("Rounds"), "runs_of_prior": text("Runs of the prior"), "runs_of_rounds": text("Runs of rounds"),
    "runs_that_failed": text("Runs that failed"),
    "runs_without_a_summary": text("Runs without a summary"), "first_runs": text("First runs"),
    "simulator_digest": text("Digest of the simulator"),
    "stopped": text("Why it stopped"), "study_digest": text("Digest of the study"),
    "targets": text("Targets of a fit"), "table2": text("Table 2"), "tolerance": text("Tolerance"),
    "workers": text("Workers")}
"""Names of what is known of a fit."""
PARTS = {"done": text("done"), "failed": text("failed"), "missing": text("missing"), "damaged": text("damaged"),
         "runs": text("runs"), "file": text("file"), "digest": text("digest"),
         "indicator": text("indicator"), "value": text("value"), "gain": text("gain"), "year": text("year")}
"""Names of parts of facts: the state of a study's runs, the file of a fit's targets."""
SETTINGS = {
    "reference": text("Reference"), "years": text("Years"), "discounting": text("Discounting"),
    "perspective": text("Perspective"), "payments": text("Payments"), "level": text("Level of payments"),
    "ceiling": text("Ceiling"), "risk": text("Risk"), "events": text("No choices"), "price_year": text("Price year"),
    "currency": text("Currency"), "outcome": text("Outcome"), "unit_costs": text("Unit costs"),
    "worth": text("Worth of a unit"), "target": text("Target"), "draws": text("Draws"),
    "draws_from": text("Draws from"), "replicates": text("Replicates"), "seed": text("Seed")}
"""Names of the settings of a decision, which stand as parts of one fact."""


def scenarios(results: Results) -> Markup:
    """Every scenario's description and its own assumptions, after those that several scenarios share."""
    holders: dict[str, list[str]] = {}
    for name in results.names:
        for assumption in _assumptions(results, name):
            holders.setdefault(assumption, []).append(name)
    shared = [joined((assumption, tag("span", f"({_which(results, names)})", class_="name")), " ")
              for assumption, names in holders.items() if len(names) > 1]
    lead = tag("article", tag("h3", say("Assumed in several scenarios")), items(shared))
    own = (_scenario(results, name, [one for one in _assumptions(results, name) if len(holders[one]) == 1])
           for name in results.names)
    return joined((lead if shared else "", *own))


def _assumptions(results: Results, name: str) -> list[str]:
    """What a scenario lists, and the parameters that it holds at one value; each once."""
    scenario = results.comparison.ensemble.runners[name].scenario
    for_all = {one.fields.get("parameter") for one in overrides_said([scenario])}
    fixed = (say("Held at one value: {parameter} = {value}.", parameter=path, value=f"{value:g}")
             for path, value in sorted(scenario.parameters.items()) if path not in for_all)
    return list(dict.fromkeys((*map(text_of, scenario.assumptions), *fixed)))


def _which(results: Results, names: list[str]) -> str:
    return say("all") if len(names) == len(results.names) else results.keys(names)


def _scenario(results: Results, name: str, own: list[str]) -> Markup:
    scenario = results.comparison.ensemble.runners[name].scenario
    return tag("article", tag("h3", results.heading(name), " ", tag("span", name, class_="name"), " ",
                              results.mark(name)),
               tag("p", text_of(scenario.description)), items(own) if own else "")


# ------------------------------------------------------------------------------------------------------ reproduction


def reproduction(results: Results, provenance: Mapping[str, object]) -> Markup:
    """Everything that is needed to make the same numbers again, and the tables beside the page."""
    ensemble = results.comparison.ensemble
    facts = [("draws", say("{count} from the {source}", count=f"{len(ensemble.draws):,}",
                           source=results.source_in_words)),
             ("replicates", say("{count} of each draw", count=f"{ensemble.replicates:,}")),
             ("seed", str(ensemble.seed))]
    told = {key for key, _ in facts}
    facts += [fact for key, value in provenance.items() if key not in ("files", "scenarios") and key.lower() not in told
              for fact in flat_facts(key, value)]
    return joined((facts_listed(facts), _digests(results), files_beside(provenance.get("files", ()))))


def facts_listed(facts: Iterable[tuple[str, str]]) -> Markup:
    """Facts as a list of terms."""
    return tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", value)))) for key, value in facts),
               class_="facts")


def made(provenance: Mapping[str, object], *, first: Sequence[tuple[str, str]] = (), left_out: Collection[str] = ()
         ) -> Markup:
    """How a page was made: facts of its own, those of the provenance but for some, and the files beside it."""
    told = {"files", "scenarios", *left_out, *(key for key, _ in first)}
    facts = [fact for key, value in provenance.items() if key.lower() not in told for fact in flat_facts(key, value)]
    return joined((facts_listed([*first, *facts]), files_beside(provenance.get("files", ()))))


def flat_facts(key: str, value: object) -> list[tuple[str, str]]:
    """A fact, or the facts inside it; a dash for what was not asked for."""
    if isinstance(value, Mapping):
        return [fact for inner, held in value.items() for fact in flat_facts(f"{key}: {inner}", held)]
    if isinstance(value, list | tuple):
        return [(key, ", ".join(map(str, value)) or NONE)]
    return [(key, NONE if value is None or value == "" else str(value))]


def fact_label(key: str) -> str:
    """What a fact is called on the page; a part of a fact keeps its own name (`packages: numpy`), a setting has one."""
    fact, colon, part = plain(key).partition(": ")
    spaced = fact.replace("_", " ")
    known = FACTS | OF_FIT
    label = say(known[fact]) if fact in known else untranslated(spaced[:1].upper() + spaced[1:])
    if fact == "decision":
        return say(SETTINGS[part]) if part in SETTINGS else untranslated(part.replace("_", " "))
    name = part if "." in part else part.replace("_", " ")  # paths of parameters are written as they are typed
    called = say(PARTS[part]) if fact in ("runs", "targets", "fails") and part in PARTS else untranslated(name)
    return phrase("{fact}: {part}", fact=label, part=called) if colon else label


def _digests(results: Results) -> Markup:
    rows = []
    for name in results.names:
        scenario = results.comparison.ensemble.runners[name].scenario
        months = say("{low} to {high}", low=format_month(scenario.start), high=format_month(scenario.end))
        rows.append([results.heading(name), tag("code", name), months,
                     tag("code", scenario.digest[:16], title=scenario.digest)])
    heads = (say("Scenario"), say("Name"), say("Horizon"), say("Digest (sha256, first 16)"))
    return table(say("Scenarios"), heads, rows, class_="dense")


def files_beside(files: object) -> Markup:
    """Links to the files beside the page; a name that leads elsewhere is shown, not linked."""
    names = [plain(name) for name in files] if isinstance(files, list | tuple) else []
    if not names:
        return Markup("")
    links = (tag("a", untranslated(name), href=quote(name)) if _RELATIVE.fullmatch(name) else untranslated(name)
             for name in names)
    return joined((tag("h3", say("Files beside this page")), items(links)))
