"""ODD.md says what the code does: elements, schedule, tables, and every declared name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from qicsim import model
from qicsim.ground import randomness
from qicsim.ground.declare import declared
from qicsim.ground.extension import PLACES
from qicsim.model.columns import COST_LINES
from qicsim.model.ledger import LEDGER
from qicsim.model.levers import Levers
from qicsim.model.parameters import Parameters
from qicsim.report.describe import ODD, describe, with_tables
from tests.helpers import assert_none

MODEL = Path(model.__file__).parent
TEXT = ODD.read_text(encoding="utf-8")
# What was written by hand: the tables are printed from the declarations and cannot miss a name.
PROSE = re.sub(r"<!-- table: .*?<!-- end -->", "", TEXT, flags=re.DOTALL)
SAID = set(re.findall(r"\w+", PROSE))
TABLES = ("columns", "indicators", "areas", "costs", "levers", "scenarios", "mechanisms", "purposes", "parameters",
          "priors")

ELEMENTS = ["Purpose and patterns", "Entities, state variables and scales", "Process overview and scheduling",
            "Design concepts", "Initialization", "Input data", "Submodels"]
CONCEPTS = ["Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing",
            "Interaction", "Stochasticity", "Collectives", "Observation"]
PURPOSES = {name: value for name, value in vars(randomness).items()
            if name.isupper() and isinstance(value, int) and name != "BLOCKS_PER_PURPOSE"}


def element(number: int) -> str:
    """The text of one of the seven elements, without its heading."""
    return re.split(r"^## \d\. .*$", TEXT, flags=re.MULTILINE)[number]


def listed(phase: str) -> list[str]:
    """The steps that element 3 lists below the name of a function of the month."""
    part = element(3).split(f"(`{phase}`)")[1].split("\n**")[0]
    return re.findall(r"^\d+\. `(\w+)`", part, flags=re.MULTILINE)


def called(phase: str) -> list[str]:
    """The steps that a function of the month calls, in the order of its text, without the places of extensions."""
    month = ast.parse((MODEL / "month.py").read_text(encoding="utf-8"))
    body = next(node for node in month.body if isinstance(node, ast.FunctionDef) and node.name == phase).body
    calls = [node for statement in body for node in ast.walk(statement) if isinstance(node, ast.Call)]
    steps = [call.func.id for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))]
    return [step for step in steps if step not in PLACES]


def test_the_seven_elements_stand_in_order():
    assert re.findall(r"^## \d\. (.*)$", TEXT, flags=re.MULTILINE) == ELEMENTS


def test_the_eleven_design_concepts_stand_in_order():
    assert re.findall(r"^### (.*)$", element(4), flags=re.MULTILINE) == CONCEPTS


@pytest.mark.parametrize("phase", ["open_month", "facility_month", "close_month"])
def test_the_schedule_is_the_order_of_the_code(phase):
    assert listed(phase) == called(phase)


def test_the_steps_are_numbered_through():
    numbers = [int(number) for number in re.findall(r"^(\d+)\. `", element(3), flags=re.MULTILINE)]

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_tables_are_printed_from_the_declarations():
    assert tuple(re.findall(r"<!-- table: (\w+) -->", TEXT)) == TABLES
    assert with_tables(TEXT) == TEXT, "run qicsim.report.describe.update_odd()"


def test_every_parameter_has_a_row_and_a_place_in_an_equation():
    table = describe("parameters")

    assert_none(path for path in declared(Parameters) if f"| `{path}` " not in table)
    assert_none(path for path in declared(Parameters) if path.split(".")[1] not in SAID)


def test_every_lever_acts_somewhere():
    assert_none(set(Levers._fields) - SAID)


def test_every_cost_line_says_what_is_booked():
    booked = element(7).split("### 7.26")[1].split("### ")[0]

    assert_none(line for line in COST_LINES if f"\n| `{line}` |" not in booked)


def test_the_ledger_lines_stand_in_order():
    part = element(7).split("### 7.1 ")[1].split("### ")[0]

    assert tuple(re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE)) == LEDGER


def test_every_purpose_of_random_numbers_has_its_number_and_its_words():
    part = PROSE.split("### 7.29")[1].split("### ")[0]

    assert re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE) == list(PURPOSES)
    assert re.findall(r"\| (\d+) +\| `(\w+)`", describe("purposes")) == [(str(n), name) for name, n in PURPOSES.items()]


def test_every_mechanism_has_a_submodel():
    assert_none(path.name for path in (MODEL / "mechanisms").glob("[!_]*.py") if f"`{path.name}`" not in PROSE)
