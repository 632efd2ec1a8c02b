"""What is made from a choice: scenario files, unit costs, the page of a comparison, a plan."""

from __future__ import annotations

import csv
import io
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qicsim.analysis.compare import compare
from qicsim.api import write_comparison
from qicsim.decide.search.levers import extended_by
from qicsim.explore.controls import LINES, Ask, Country
from qicsim.explore.runs import Runs
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import tell
from qicsim.inputs.scenario import Scenario, with_overrides
from qicsim.plan.make import make_plan
from qicsim.report.language import languages
from qicsim.report.workbook import write_workbook
from qicsim.runs.draws import Draws
from qicsim.runs.ensemble import Progress, run_ensemble
from qicsim.runs.provenance import provenance
from qicsim.runs.shared_store import Place

PAGE, PLAN = "page", "plan"
COSTS_FILE = "unit-costs.csv"
DESCRIPTION = "A plan that was put together with qicsim explore."
FROM_EXPLORE = "Begun with the shipped plan “{plan}”; what differs was chosen on the page of qicsim explore."


def scenario_toml(runs: Runs, ask: Ask, key: str) -> str:
    """A plan as a scenario file that extends the reference; SettingError where there is no such plan."""
    if key not in ask.plans:
        raise SettingError("", [Fault("plan", f'"{key}"', ", ".join(ask.plans))])
    plan, country = ask.plans[key], runs.country
    blocks = country.blocks(plan)
    return extended_by(country.reference, blocks, title=str(runs.title(plan)), description=DESCRIPTION,
                       assumptions=[FROM_EXPLORE.format(plan=runs.titles[plan.preset])])


def costs_csv(country: Country, ask: Ask) -> str:
    """The unit costs of the page as a file that `--costs` takes; ranges move with the value."""
    factors = {one: factor for key, factor in ask.costs.items() for one in LINES[key][1]}
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n")
    write.writerow(("key", "unit", "usd", "low", "high", "source", "grade", "note"))
    for row in country.unit_costs.values():
        factor = factors.get(row.key, 1.0)
        source = row.source if factor == 1.0 else f"{row.usd:g} times {factor:g}, chosen with qicsim explore"
        write.writerow((row.key, row.unit, *(f"{factor * one:.12g}" for one in (row.usd, row.low, row.high)), source,
                        row.grade, row.note))
    return file.getvalue()


@dataclass(eq=False)
class Maker:
    """Makes pages and plans in a folder, one after the other, each in a folder of its own."""

    runs: Runs
    folder: Path
    store: Place
    replicates: int = 2
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self, what: str, ask: Ask, key: str, language: str, progress: Progress) -> Path:
        """The file that is opened first; InputError kinds for what cannot be made."""
        with self.lock:
            folder = _new(self.folder, what)
            reference, plans, draws = self.scenarios(ask, folder)
            how: dict[str, Any] = {"replicates": self.replicates, "seed": self.runs.seed, "store": self.store,
                                   "progress": progress}
            for name, text in ((f"{one.name}.toml", scenario_toml(self.runs, ask, letter))
                               for letter, one in plans.items()):
                (folder / name).write_text(text, encoding="utf-8")
            if what == PAGE:
                ensemble = run_ensemble([reference, *plans.values()], draws, **how)
                files = write_comparison(compare(ensemble, reference.name), folder,
                                         provenance(ensemble, command="qicsim explore"), language=language)
                return next(file for file in files if file.suffix == ".html").absolute()
            if key not in plans:
                raise SettingError("", [Fault("plan", f'"{key}"', ", ".join(plans))])
            plan = make_plan(plans[key], reference, [one for letter, one in plans.items() if letter != key],
                             draws=draws, command="qicsim explore", **how)
            file = folder / f"{plans[key].name}.xlsx"
            write_workbook(plan, file, dict(plan.provenance), language=languages(language)[0])
            return file.absolute()

    def scenarios(self, ask: Ask, folder: Path) -> tuple[Scenario, dict[str, Scenario], Draws]:
        """Reference, plans and draws as the page has them, with unit costs in a file of their own."""
        job = self.runs.job(ask)
        scenarios = dict(job.scenarios)
        if ask.costs:
            file = folder / COSTS_FILE
            file.write_text(costs_csv(self.runs.country, ask), encoding="utf-8")
            scenarios = {key: with_overrides(one, None, file) for key, one in scenarios.items()}
        if ask.assumptions:
            said = tell("Assumed on the page of qicsim explore: {keys}.", keys=", ".join(ask.assumptions))
            scenarios = {key: replace(one, assumptions=(*one.assumptions, said)) for key, one in scenarios.items()}
        reference = scenarios.pop("")
        return reference, scenarios, job.lived.draws


def _new(folder: Path, what: str) -> Path:
    """A new folder in a folder: page-1, page-2, ..."""
    number = 1
    while True:
        found = folder / f"{what}-{number}"
        try:
            found.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return found
