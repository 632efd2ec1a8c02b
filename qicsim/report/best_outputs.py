"""What a search for the best plan leaves in its folder: the plan as a scenario file, a page, tables, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qicsim.decide.search.best import Best
from qicsim.decide.search.levers import said, toml_of
from qicsim.decide.search.tables import TABLES, tables
from qicsim.decide.search.words import basis, headline
from qicsim.ground.files import together, write_text
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.runs.provenance import scenario_facts, versions

PLAN = "plan.toml"
PAGES = pages_of("best.html")
BEST_FILES = (*PAGES.values(), PLAN, FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def write_best(best: Best, folder: Path, provenance: Mapping[str, Any], *, language: str = "en") -> list[Path]:
    """Write the plan, pages, tables and provenance, all together or not at all; returns the files, the pages first.

    `language` is en, km or both. A table without rows is not written.
    """
    from qicsim.report.best import render_best

    facts = dict(provenance) | facts_of(best)
    with together(folder) as place:
        write_text(place / PLAN, plan_file(best))
        files = [write_csv(table, place / f"{name}.csv") for name, table in tables(best).items() if len(table)]
        names = [PLAN, *(file.name for file in (*files, *write_facts(facts, place)))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_best(
            best, facts | {"files": names}, language=one, others=others))
    take_away(folder, (*PAGES.values(), *(f"{name}.csv" for name in TABLES)), (*pages, *names))
    return [folder / name for name in (*pages, *names)]


def plan_file(best: Best) -> str:
    """The plan as a scenario file."""
    money = best.question.money
    title = f"Plan: the best found for US$ {money:,.0f} a year" if money is not None else "Plan: the best found"
    halves = ["Government and donors each pay half of the collaboratives' cost."]
    return toml_of(best.space, best.places[best.plan], title=title, description=f"{headline(best)} {basis(best)}",
                   assumptions=[*said(best.space, best.places[best.plan]),
                                *([] if "donor_share" in best.space.fixed else halves)])


def facts_of(best: Best) -> dict[str, Any]:
    """What it takes to find the same plan again; JSON-able."""
    plan = best.scenario(best.plan, "plan", "plan")
    return versions() | {
        "question": asdict(best.question), "levers": {one.name: list(one.values) for one in best.space.levers},
        "fixed": dict(best.space.fixed), "plans": best.searched, "search_draws": best.search_draws,
        "look_draws": best.look_draws, "draws_from": best.draws.source, "seed": best.seed,
        "assumptions": [one.key for one in best.assumed], "scenarios": {
            "reference": scenario_facts(best.space.reference), "plan": scenario_facts(plan)}}
