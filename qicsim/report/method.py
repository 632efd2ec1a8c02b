"""The end of the page: what is assumed, and how to make the page again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from qicsim.calendar import format_month
from qicsim.report.elements import Markup, items, joined, plain, table, tag
from qicsim.report.results import Results

_RELATIVE = re.compile(r"(?!/)(?!.*\.\.)[^:\\<>\"|?*]+")


def scenarios(results: Results) -> Markup:
    """Every scenario's description and its own assumptions, after those that several scenarios share."""
    holders: dict[str, list[str]] = {}
    for name in results.names:
        for assumption in _assumptions(results, name):
            holders.setdefault(assumption, []).append(name)
    shared = [joined((assumption, tag("span", f"({_which(results, names)})", class_="name")), " ")
              for assumption, names in holders.items() if len(names) > 1]
    lead = tag("article", tag("h3", "Assumed in several scenarios"),
               tag("p", "Where a scenario's own list says “instead”, its own list holds."), items(shared))
    own = (_scenario(results, name, [text for text in _assumptions(results, name) if len(holders[text]) == 1])
           for name in results.names)
    return joined((lead if shared else "", *own))


def _assumptions(results: Results, name: str) -> list[str]:
    """What a scenario lists, and the parameters that it holds at one value; each once."""
    scenario = results.comparison.ensemble.runners[name].scenario
    fixed = (f"Held at one value: {path} = {value:g}." for path, value in sorted(scenario.parameters.items()))
    return list(dict.fromkeys((*scenario.assumptions, *fixed)))


def _which(results: Results, names: list[str]) -> str:
    return "all" if len(names) == len(results.names) else results.keys(names)


def _scenario(results: Results, name: str, own: list[str]) -> Markup:
    scenario = results.comparison.ensemble.runners[name].scenario
    return tag("article", tag("h3", results.heading(name), " ", tag("span", name, class_="name")),
               tag("p", scenario.description), items(own) if own else "")


# ------------------------------------------------------------------------------------------------------ reproduction


def reproduction(results: Results, provenance: Mapping[str, object]) -> Markup:
    """Everything that is needed to make the same numbers again, and the tables beside the page."""
    ensemble = results.comparison.ensemble
    facts = [("Draws", f"{len(ensemble.draws):,} from the {ensemble.draws.source}"),
             ("Replicates", f"{ensemble.replicates:,} of each draw"), ("Seed", str(ensemble.seed))]
    told = {word.lower() for word, _ in facts}
    facts += [fact for key, value in provenance.items() if key not in ("files", "scenarios") and key.lower() not in told
              for fact in flat_facts(key, value)]
    listing = tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", value)))) for key, value in facts),
                  class_="facts")
    return joined((listing, _digests(results), files_beside(provenance.get("files", ()))))


def flat_facts(key: str, value: object) -> list[tuple[str, str]]:
    """A fact, or the facts inside it."""
    if isinstance(value, Mapping):
        return [fact for inner, held in value.items() for fact in flat_facts(f"{key}: {inner}", held)]
    if isinstance(value, list | tuple):
        return [(key, ", ".join(map(str, value)))]
    return [(key, str(value))]


def fact_label(key: str) -> str:
    """What a fact is called on the page."""
    spaced = plain(key).replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def _digests(results: Results) -> Markup:
    rows = []
    for name in results.names:
        scenario = results.comparison.ensemble.runners[name].scenario
        months = f"{format_month(scenario.start)} to {format_month(scenario.end)}"
        rows.append([results.heading(name), tag("code", name), months,
                     tag("code", scenario.digest[:16], title=scenario.digest)])
    return table("Scenarios", ("Scenario", "Name", "Horizon", "Digest (sha256, first 16)"), rows, class_="dense")


def files_beside(files: object) -> Markup:
    """Links to the files beside the page; a name that leads elsewhere is shown, not linked."""
    names = [plain(name) for name in files] if isinstance(files, list | tuple) else []
    if not names:
        return Markup("")
    links = (tag("a", name, href=quote(name)) if _RELATIVE.fullmatch(name) else name for name in names)
    return joined((tag("h3", "Files beside this page"), items(links)))
