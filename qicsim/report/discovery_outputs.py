"""What a discovery leaves in its folder: a page, tables and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from qicsim.decide.boxes import Judged, Limit
from qicsim.decide.discovery import Discovery
from qicsim.ground.files import together
from qicsim.report.outputs import FACTS, VERSIONS, pages_of, take_away, write_csv, write_facts, write_pages
from qicsim.runs.provenance import scenario_facts, versions

PAGES = pages_of("discovery.html")
TABLES = ("box", "peeling", "signs", "draws")
DISCOVERY_FILES = (*PAGES.values(), FACTS, VERSIONS, *(f"{name}.csv" for name in TABLES))


def tables(found: Discovery) -> dict[str, pd.DataFrame]:
    """Every table by name: limits of the box (dropped ones marked), the peeling, signs, and each draw."""
    kept = [] if found.box is None else [
        {**_limit(found, limit), "quasi_p": p, "kept": True}
        for limit, p in zip(found.box.limits, found.box.other.quasi_p, strict=True)]
    dropped = [{**_limit(found, limit), "quasi_p": p, "kept": False} for limit, p in found.dropped]
    peeling = [{"peel": at, "limits": "; ".join(map(_written, one.limits)), **_judged("found", one.found),
                **_judged("other", one.other)} for at, one in enumerate(found.peeled)]
    draws = pd.DataFrame(found.values, columns=list(found.names))
    draws.insert(0, "fails", found.fails)
    draws.insert(1, "half", ["found" if one else "other" for one in found.first])
    draws.insert(0, "draw", range(len(draws)))
    return {"box": pd.DataFrame([*kept, *dropped]), "peeling": pd.DataFrame(peeling),
            "signs": pd.DataFrame([asdict(one) | {"tells": one.tells} for one in found.signs]), "draws": draws}


def _limit(found: Discovery, limit: Limit) -> dict[str, Any]:
    return {"parameter": limit.parameter, "side": "at least" if limit.above else "at most", "value": limit.value,
            "draws": found.within(limit)}


def _written(limit: Limit) -> str:
    return f"{limit.parameter} {'>=' if limit.above else '<='} {limit.value:.6g}"


def _judged(name: str, one: Judged) -> dict[str, float]:
    return {f"{name}_coverage": one.coverage, f"{name}_density": one.density, f"{name}_mass": one.mass}


def write_discovery(found: Discovery, folder: Path, provenance: Mapping[str, Any], *, language: str = "en"
                    ) -> list[Path]:
    """Write the page, tables and provenance, all together or not at all; returns the files, the pages first.

    `language` is en, km or both. A table without rows is not written.
    """
    from qicsim.report.discovery import render_discovery

    facts = dict(provenance) | versions() | {
        "fails": asdict(found.failure) | {"year": found.year}, "draws": len(found.fails),
        "draws_from": found.draws.source, "replicates": found.replicates, "seed": found.seed,
        "scenarios": {"reference": scenario_facts(found.reference), "plan": scenario_facts(found.plan)}}
    with together(folder) as place:
        files = [write_csv(one, place / f"{name}.csv") for name, one in tables(found).items() if len(one)]
        names = [file.name for file in (*files, *write_facts(facts, place))]
        pages = write_pages(place, PAGES, language, lambda one, others: render_discovery(
            found, facts | {"files": names}, language=one, others=others))
    take_away(folder, (*PAGES.values(), *(f"{name}.csv" for name in TABLES)), (*pages, *names))
    return [folder / name for name in (*pages, *names)]
