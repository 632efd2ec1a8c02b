"""Answers about the model, about what goes in (places, data files, what was fitted to what), and about costs."""

from __future__ import annotations

import csv
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from qicsim.decide.currency import usual_rate
from qicsim.estimate.calibrate.targets import read_targets
from qicsim.ground.calendar import format_month
from qicsim.ground.declare import GRADES, declared
from qicsim.ground.errors import InputError
from qicsim.ground.files import from_json
from qicsim.ground.numbers import millions, number, percent, plural
from qicsim.inputs.country import home, worded
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files as files_of
from qicsim.inputs.world.register import BEFORE_HORIZON, SYNTHETIC_PREFIX, Register, read_register
from qicsim.model.columns import PBF_LINES
from qicsim.plan.record import Plan
from qicsim.report.checklist_facts import (
    Facts,
    Found,
    Missing,
    in_words,
    odd_answer,
    odd_paragraph,
    odd_section,
    odd_text,
    said,
    shortened,
    without_tables,
)
from qicsim.report.describe import MODEL, PHASES, schedule
from qicsim.report.formatting import PAYER_WORDS

ENTITIES, PROCESS, SUBMODELS = ("Entities, state variables and scales", "Process overview and scheduling", "Submodels")
CONCEPTS = ("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
            "Interaction", "Stochasticity", "Collectives", "Observation")
_STEP = re.compile(r"^(\d+)\. `([a-z_]+)`(.*?)(?=^\d+\. `|^\*\*|\n\n|\Z)", re.MULTILINE | re.DOTALL)


def patterns(facts: Facts) -> Found:
    """How many patterns the description lists, and the list."""
    text = odd_section(facts, "Patterns")
    count = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    return odd_answer(facts, "Patterns", f"{count} patterns.")


def entities(facts: Facts) -> Found:
    """The entities."""
    return Found(odd_paragraph(facts, ENTITIES, "Entities."), f"{facts.odd.name}, “{ENTITIES}”")


def scales(facts: Facts) -> Found:
    """The scales."""
    return Found(odd_paragraph(facts, ENTITIES, "Scales."), f"{facts.odd.name}, “{ENTITIES}”")


def state_variables(facts: Facts) -> Found:
    """The columns of every state table, from their declarations; Missing if the description lacks one of them."""
    from qicsim.model.state import TABLES

    text = odd_text(facts)
    names = {entity: list(declared(record)) for entity, record in TABLES.items()}
    lost = [name for columns in names.values() for name in columns if f"`{name}`" not in text]
    if lost:
        raise Missing(f"{facts.odd.name} does not describe: {', '.join(lost)}.")
    listed = "; ".join(f"{entity} ({len(columns)}): {', '.join(columns)}" for entity, columns in names.items())
    return Found(f"{sum(map(len, names.values()))} state variables, each with meaning, unit and range. {listed}.",
                 f"qicsim describe columns; {facts.odd.name}, “{ENTITIES}”")


def steps(facts: Facts) -> Found:
    """The schedule as the source of the month has it; Missing if the description lists another."""
    found = schedule()
    told = [name for _, name, _ in _STEP.findall(odd_section(facts, PROCESS))]
    if told != [step for phase in found.values() for step in phase]:
        raise Missing(f"{facts.odd.name} lists other steps than month.py calls.")
    listed = "; ".join(f"{PHASES[phase]}: {', '.join(names)}" for phase, names in found.items())
    return Found(f"{sum(map(len, found.values()))} steps a month. {listed}.",
                 f"qicsim describe schedule; {facts.odd.name}, “{PROCESS}”")


def step_reasons(facts: Facts) -> Found:
    """How many steps of the schedule come with the reason for their place; Missing if one lacks it."""
    told = _STEP.findall(odd_section(facts, PROCESS))
    bare = [name for _, name, rest in told if ":" not in rest and "," not in rest]
    if bare or not told:
        raise Missing(f"{facts.odd.name} gives no reason for the place of: {', '.join(bare) or 'any step'}.")
    first = in_words(told[0][2]).lstrip(": ")
    return Found(f"Each of the {len(told)} steps is listed with when it acts and why it stands where it stands, such "
                 f"as {told[0][1]}: {first}", f"{facts.odd.name}, “{PROCESS}”")


def submodels(facts: Facts) -> Found:
    """The mechanisms; Missing if a mechanism's file is not described under the submodels."""
    files = sorted(path.name for path in (MODEL / "mechanisms").glob("[!_]*.py"))
    text = without_tables(odd_text(facts))
    lost = [name for name in files if f"`{name}`" not in text]
    if lost:
        raise Missing(f"{facts.odd.name} does not describe: {', '.join(lost)}.")
    return Found(f"{len(files)} mechanisms, one file of pure functions each, with equations: {', '.join(files)}.",
                 f"{facts.odd.name}, “{SUBMODELS}”; qicsim describe mechanisms")


def parameters(facts: Facts) -> Found:
    """Parameters counted by grade of evidence; Missing if one cites a source that is not listed."""
    from qicsim.model.parameters import Parameters

    leaves = [leaf.declaration for leaf in declared(Parameters).values()]
    try:
        known = tomllib.loads(facts.sources.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Missing(f"The list of sources, {facts.sources.name}, cannot be read.") from None
    lost = sorted({leaf.source for leaf in leaves} - known.keys())
    if lost:
        raise Missing(f"{facts.sources.name} lacks: {', '.join(lost)}.")
    count = Counter(leaf.grade for leaf in leaves)
    graded = "; ".join(f"{count[grade]} {grade} ({meaning})" for grade, meaning in GRADES.items() if count[grade])
    return Found(f"{len(leaves)} uncertain parameters, each with meaning, unit, bounds, prior, source and grade. "
                 f"By grade: {graded}.", "qicsim describe parameters")


def outputs(_facts: Facts) -> Found:
    """What is read off a run."""
    from qicsim.model.indicators import PROGRAMME, SUMS

    listed = ", ".join(worded(one.meaning) for one in (*SUMS, *PROGRAMME))
    return Found(f"{len(SUMS) + len(PROGRAMME)} indicators besides those of each care area, read at the ends of "
                 f"quarters and years: {shortened(listed, 1500)}. Intervals are 5–95 % intervals between runs.",
                 "qicsim describe indicators")


def randomness(facts: Facts) -> Found:
    """How many purposes have random numbers of their own, and the generator."""
    from qicsim.report.describe import describe

    purposes = describe("purposes").count("\n| ")
    return odd_answer(facts, "Random numbers (`randomness.py`)", f"{purposes} purposes with numbers of their own.")



def register_of(scenario: Scenario) -> Register:
    """The register of a scenario; Missing if it cannot be read."""
    try:
        return read_register(files_of(scenario)["register"], scenario.country)
    except InputError as error:
        raise Missing(f"The register of {scenario.name} cannot be read: {error.faults[0]}") from None


def population(facts: Facts) -> Found:
    """Facilities and people of each register that the scenarios use."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        register = register_of(scenario)
        kinds = Counter(register.hospital.tolist())
        first, referral = register.country.roles
        made = sum(str(one).startswith(SYNTHETIC_PREFIX) for one in register.id)
        synthetic = f", {made:,} of them synthetic (invented facilities with real totals)" if made else ""
        parts.append(f"{names}: {kinds[0]:,} {first.plural} and {kinds[1]:,} "
                     f"{referral.plural}{synthetic}, whose catchments hold "
                     f"{number(float(sum(register.population)))} people.")
    return Found(" ".join(parts), "qicsim register; data.register of each scenario")


def setting(facts: Facts) -> Found:
    """Provinces and districts of each register, and since when facilities are paid by score."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        register = register_of(scenario)
        districts = len(set(zip(register.province, register.operational_district, strict=True)))
        places = worded(f"{plural(len(set(register.province)), 'province', 'provinces')} and "
                        f"{plural(districts, 'operational district', 'operational districts')}")
        parts.append(f"{names}: public facilities of {register.country.name} in {places}; performance-based "
                     f"financing since {format_month(scenario.pbf_since)}.")
    return Found(" ".join(parts), "qicsim check SCENARIO")


def arrivals(facts: Facts) -> Found:
    """Which facilities open during a run; teams come and go by the model's own steps."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        late = sum(int(one) > max(scenario.start, BEFORE_HORIZON) for one in register_of(scenario).opened)
        parts.append(f"{names}: {plural(late, 'facility opens', 'facilities open')} after "
                     f"{format_month(scenario.start)}.")
    return odd_answer(facts, "Roll-out: joining (`rollout.py`, `choose_joins`)", said(*parts, "Teams:"))


def data_files(facts: Facts) -> Found:
    """Every data file of the scenarios: digest, rows, and how many rows have which grade."""
    known: dict[str, str] = {}
    for scenario in facts.scenarios:
        for key, path in files_of(scenario).items():
            known.setdefault(f"{key} ({path.name}, sha256 {_digest(path)})", graded(path))
    if not known:
        raise Missing("No scenario was given.")
    return Found("; ".join(f"{name}{graded}" for name, graded in known.items()) + ".",
                 f"README.md in the folder of the world {home().key}")


def _digest(path: Path) -> str:
    """The first signs of a file's sha256; Missing if it cannot be read."""
    try:
        return sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        raise Missing(f"The data file {path.name} cannot be read.") from None


def graded(path: Path) -> str:
    """How many rows a table has, and their grades where it has a column of them."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError):
        raise Missing(f"The data file {path.name} cannot be read.") from None
    count = Counter((row.get("grade") or "").partition(":")[0] for row in rows)
    graded = ", ".join(f"{count[grade]} {grade}" for grade in GRADES if count[grade])
    return f", {plural(len(rows), 'row', 'rows')}" + (f", graded {graded}" if graded else "")


def input_data(facts: Facts) -> Found:
    """The data files, and what the description says of them."""
    return odd_answer(facts, "Input data", data_files(facts).text)


def preparation(facts: Facts) -> Found:
    """How the register was made: as described, if it is the embedded one; else what the import wrote beside it."""
    parts = []
    for names, scenario in by_file(facts, "register"):
        path = files_of(scenario)["register"]
        if path != scenario.country.table("register"):
            parts.append(f"{names}: {_imported(path)}")
        elif not scenario.country.is_default:
            parts.append(f"{names}: {path.name} in the folder of the world {scenario.country.key}, as its README says.")
    own = " ".join(parts)
    if any(one.country.is_default and files_of(one)["register"] == one.country.table("register")
           for one in facts.scenarios):
        return odd_answer(facts, "The embedded register", own)
    return Found(own, "provenance.json beside the register")


def _imported(register: Path) -> str:
    """What made a register, from the file that the import leaves beside it; Missing if there is none."""
    path = register.with_name("provenance.json")
    try:
        command = from_json(path.read_text(encoding="utf-8"))["command"]
    except (OSError, ValueError, KeyError, TypeError):
        raise Missing(f"How {register.name} was made is not known: no {path.name} of an import is beside it.") from None
    return f"{register.name} was made by {command}."


def assumptions(facts: Facts) -> Found:
    """Numbers that are assumed, and what each scenario assumes."""
    from qicsim.model.parameters import Parameters

    leaves = [leaf.declaration for leaf in declared(Parameters).values()]
    assumed = sum(leaf.grade == "A" for leaf in leaves)
    listed = dict.fromkeys(text for scenario in facts.scenarios for text in scenario.assumptions)
    if not listed:
        raise Missing("The scenarios given list no assumptions: write them into their files.")
    return Found(f"{assumed} of {len(leaves)} parameters are assumptions (grade A). The scenarios list "
                 f"{plural(len(listed), 'assumption', 'assumptions')}: {' '.join(listed)}", "qicsim check SCENARIO")


# ------------------------------------------------------------------------------------------------------- calibration


def posterior_facts(facts: Facts) -> dict[str, Any]:
    """How the shipped posterior was made; Missing if its file cannot be read."""
    path = facts.calibration / "posterior.json"
    try:
        return dict(from_json(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise Missing(f"The record of a calibration to own counts, {path.name}, cannot be read.") from None


def calibration(facts: Facts) -> Found:
    """Targets, method and effective sample of the shipped posterior, and whether its runs meet the targets."""
    made = posterior_facts(facts)
    try:
        targets = read_targets(facts.calibration / "targets.csv")
        with (facts.calibration / "predictive.csv").open(encoding="utf-8", newline="") as file:
            checked = [row for row in csv.DictReader(file) if row["role"] != "check"]
        runs = int(made["runs_of_prior"]) + int(made["runs_of_rounds"])
        inside = sum(row["missed"] == "False" for row in checked)
        text = (f"{len(made['fitted'])} of {len(targets)} reported values were fitted, the others are checks. Method: "
                f"{made['method']}, {runs:,} runs, effective sample {number(made['effective_sample'])}, seed "
                f"{made['seed']}. {inside} of {len(checked)} fitted values lie in the "
                " 90 % interval of reports.")
    except (OSError, KeyError, ValueError, InputError):
        raise Missing("The tables of the calibration cannot be read.") from None
    return Found(said(text, _learned(facts)), "calibration/README.md, calibration/posterior.json")


def _learned(facts: Facts) -> str:
    """How many parameters the data taught something about."""
    try:
        with (facts.calibration / "contraction.csv").open(encoding="utf-8", newline="") as file:
            kinds = Counter(row["kind"] for row in csv.DictReader(file))
    except (OSError, KeyError, ValueError):
        return ""
    total = sum(kinds.values())
    told = (f"{count} ({percent(count / total)}) {kind}" for kind, count in kinds.items())
    return f"Parameters: {'; '.join(told)}."


def by_file(facts: Facts, key: str) -> list[tuple[str, Scenario]]:
    """Scenarios by the data file that they share: their names (or “All scenarios”), and one of them."""
    held: dict[Any, list[Scenario]] = {}
    for scenario in facts.scenarios:
        held.setdefault(files_of(scenario)[key], []).append(scenario)
    if not held:
        raise Missing("No scenario was given.")
    return [("All scenarios" if len(held) == 1 else ", ".join(one.name for one in group), group[0])
            for group in held.values()]


Row = Mapping[str, Any]
Amounts = dict[tuple[int, str, str], float]  # US$ by year, line, payer
COSTS = "costs.csv of the run"
COLUMNS = frozenset({"scenario", "year", "line", "payer", "mean"})
GRADE, ASSUMED = "grade", "A"


def costs(facts: Facts) -> Found:
    """How many unit costs there are, of which grade, and how costs are worked out."""
    files = [(names, files_of(scenario)["unit_costs"]) for names, scenario in by_file(facts, "unit_costs")]
    parts = [f"{names}: unit costs from {path.name}{graded(path)}." for names, path in files]
    found = odd_answer(facts, "Costs (`costs.py`, `prices.py`, `bill.py`)", said(*parts))
    return Found(found.text, found.where, assumed=all(_all_assumed(path) for _, path in files))


def _all_assumed(path: Path) -> bool:
    """Whether every row of a table is graded as an assumption."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        grades = [(row.get(GRADE) or "").partition(":")[0] for row in csv.DictReader(file)]
    return bool(grades) and all(grade == ASSUMED for grade in grades)


def currency(facts: Facts) -> Found:
    """Currency, price year, and the rate for the country's own money that the decision used, or the usual one."""
    settings = (facts.run or {}).get("decision") or {}
    local = settings.get("currency", usual_rate().words)
    prices = settings.get("price_year", f"US$ of {_price_year(facts)}")
    return Found(f"Constant {prices}. {home().currency.name.capitalize()} are for display: {local}.",
                 "qicsim/inputs/world/prices.py, qicsim/decide/currency.py")


def _price_year(facts: Facts) -> int:
    """The year whose prices the amounts of a run are in."""
    return int((facts.run or {}).get("money_year", home().price_year))


def spending(facts: Facts) -> str:
    """Mean spending of each scenario in the years in which any differs from the reference, and the increments.

    "" where no costs are at hand, or not those of the reference.
    """
    usd = _sums(facts.costs)
    base = usd.get(facts.reference)
    if base is None or usd.keys() == {facts.reference}:
        return ""
    years = _years(facts.costs, facts.reference)
    total, parts = _total(base, years), []
    for name, held in usd.items():
        parts.append(f"{name} {_money(_total(held, years))}")
        if name != facts.reference:
            parts[-1] += f" ({_increment(held, base, years, _total(held, years) - total)})"
    span = f"{years[0]}–{years[-1]}"
    return f"Mean spending {span}, constant US$ of {_price_year(facts)}, not discounted: {'; '.join(parts)}."


def costs_of(plan: Plan) -> list[dict[str, Any]]:
    """The mean spending of a plan and of its reference, as rows of a table of costs."""
    budget = plan.budget
    usd = {plan.reference.name: budget.reference.mean.sum(axis=1),
           plan.scenario.name: budget.own.mean.sum(axis=1)}
    return [{"scenario": name, "year": year, "line": line, "payer": payer, "mean": float(mean[at, row, column])}
            for name, mean in usd.items() for at, year in enumerate(budget.years)
            for row, line in enumerate(budget.lines) for column, payer in enumerate(budget.payers)]


def _increment(held: Amounts, base: Amounts, years: Sequence[int], more: float) -> str:
    """How much more than the reference, how much of it is not PBF, and by payer."""
    apart = {key: value - base.get(key, 0.0) for key, value in held.items() if key[0] in years}
    programme = sum(value for (_, line, _), value in apart.items() if line not in PBF_LINES)
    payers = dict.fromkeys(payer for _, _, payer in apart)
    paid = ", ".join(f"{PAYER_WORDS.get(payer, payer).lower()} "
                     f"{_signed(sum(value for key, value in apart.items() if key[2] == payer))}" for payer in payers)
    return f"against the reference {_signed(more)}, of it for collaboratives {_signed(programme)}; {paid}"


def _sums(rows: Sequence[Row]) -> dict[str, Amounts]:
    """US$ by scenario, then by (year, line, payer)."""
    held: dict[str, Amounts] = {}
    for row in rows:
        held.setdefault(str(row["scenario"]), {})[int(row["year"]), row["line"], row["payer"]] = float(row["mean"])
    return held


def _years(rows: Sequence[Row], reference: str) -> list[int]:
    """The years from the first on in which a scenario spends otherwise than the reference; all if none does."""
    usd = _sums(rows)
    years = sorted({key[0] for held in usd.values() for key in held})
    first = min((key[0] for held in usd.values() for key, value in held.items()
                 if value != usd[reference].get(key, 0.0)), default=years[0])
    return [year for year in years if year >= first]


def _total(held: Amounts, years: Sequence[int]) -> float:
    return sum(value for key, value in held.items() if key[0] in years)


def _money(usd: float) -> str:
    return f"US$ {millions(usd)} million"


def _signed(usd: float) -> str:
    return f"{'+' if usd >= 0 else '−'}{millions(abs(usd))} million"


ANSWERS: dict[str, Callable[[Facts], Found]] = {
    "population": population, "setting": setting, "arrivals": arrivals, "data_files": data_files,
    "input_data": input_data, "preparation": preparation, "assumptions": assumptions,
    "calibration": calibration,
    "costs": costs, "currency": currency,
    "purpose": partial(odd_answer, title="Purpose"), "patterns": patterns, "entities": entities, "scales": scales,
    "state_variables": state_variables, "steps": steps, "step_reasons": step_reasons, "submodels": submodels,
    "parameters": parameters, "outputs": outputs, "randomness": randomness,
    "model_logic": partial(odd_answer, title=PROCESS), "network": partial(odd_answer, title="The peer network"),
    "initial_state": partial(odd_answer, title="Initialization"),
    "choices": partial(odd_answer, title="Choices that a reader may not expect"),
    **{f"concept_{title.lower().replace(' ', '_')}": partial(odd_answer, title=title) for title in CONCEPTS}}
