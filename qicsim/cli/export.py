"""`qicsim export`: projections of every facility, as tables and for DHIS2."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import ENSEMBLE, overrides_facts, take
from qicsim.cli.prepared import ensemble, gathered, resolved
from qicsim.cli.request import output_of
from qicsim.cli.written import command_line, say_draws, warn_of_scenarios, written

FOLDER = "qicsim-projections"


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "export", help="projections by facility, district and province; for DHIS2 as well",
        description="Projects the recorded score and the true quality of every facility and writes tables (CSV, XLSX), "
                    "files for DHIS2, and a page with those of your facilities that are least likely to stand at the "
                    "threshold (invented ones are not ranked).")
    take(command, "scenario", "out", "replace", "format", "level", "ranked_year", "first_quarter", "period", "identify",
         "prefix", "category_combo", "attribute_combo", "observed", "today", "language", *ENSEMBLE, out=FOLDER,
         draws=128, replicates=1)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> tuple[dict[str, Any], Any]:
    """What is projected and how, and which files are written of it."""
    how = gathered(options, _scenario, ensemble)
    return how, _files(options, how["scenario"])


def _scenario(options: argparse.Namespace) -> dict[str, Any]:
    """The scenario, whose horizon holds the quarter and the year that are asked for."""
    from qicsim.analysis.projection import projected

    (scenario,) = resolved(options, [options.scenario], until=options.until)
    projected(scenario, options.since, options.by)
    return {"scenario": scenario}


def _files(options: argparse.Namespace, scenario: Any) -> Any:
    """What is written of a projection; InputError kinds for what cannot be."""
    from qicsim.inputs.exchange.folder import read_units
    from qicsim.inputs.world.build import facilities_of
    from qicsim.report.projection_files import plan_export

    return plan_export(facilities_of(scenario), formats=options.format, levels=options.level, every=options.period,
                       identify=options.identify, prefix=options.prefix, year=options.by,
                       observed=_observed(options), today=options.today,
                       above=read_units(options.data) if options.data else None,
                       category_combo=options.category_combo or "", attribute_combo=options.attribute_combo or "",
                       language=options.language)


def execute(options: argparse.Namespace) -> int:
    """Refuse what cannot be written, project, write."""
    from qicsim.analysis.projection import project
    from qicsim.ground.progress import Progress
    from qicsim.report.projection_files import write_projection

    how, plan = options.prepared
    output = output_of(options, plan.names())
    with output.alone():
        projection = project(**how, since=options.since, year=options.by,
                             progress=Progress("Runs", quiet=options.quiet))
        files = write_projection(projection, output.folder, plan, _provenance(projection) | overrides_facts(options))
        output.keep(files)
    warn_of_scenarios([how["scenario"]], how["scenario"])
    say_draws(how["draws"])
    sys.stdout.write(_said(projection, plan, files))
    return 0


def _observed(options: argparse.Namespace) -> set[str]:
    """The data elements of observed scores: those of the data folder, and those that are named."""
    from pathlib import Path

    from qicsim.inputs.exchange.dhis2 import observed_elements

    return set(options.observed) | (observed_elements(Path(options.data)) if options.data else set())


def _provenance(projection: Any) -> dict[str, object]:
    from qicsim.runs.provenance import scenario_facts, versions

    followed = projection.followed
    return {"command": command_line(), **versions(), "seed": followed.seed, "draws": len(followed.draws),
            "draws_from": followed.draws.source, "replicates": followed.replicates,
            "scenario": scenario_facts(projection.scenario)}


def _of_levels(scenario: Any) -> tuple[str, ...]:
    """What a reader must know of the levels of the observed scores."""
    from qicsim.inputs.scenario.estimated import notes_of

    levels = scenario.data.get("levels")
    return () if levels is None else notes_of(levels.parent)


def _said(projection: Any, plan: Any, files: list[Any]) -> str:
    from qicsim.report.projection import SYNTHETIC

    told = [SYNTHETIC] if projection.synthetic else []
    told += list(_of_levels(projection.scenario))
    told += [f"Nothing is written for DHIS2: {plan.refused}"] if plan.refused else []
    missing = sum(map(bool, plan.units.reasons)) if plan.units is not None else 0
    if missing:
        told.append(f"Facilities that are not in the files for DHIS2: {missing:,}; dhis2-left-out.csv says why.")
    return "\n".join([*told, written(files)])
