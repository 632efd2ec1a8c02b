"""The model described by its own declarations: tables in Markdown that also read well in a terminal.

Nothing here is written twice: parameters, levers and columns come from their declarations, the schedule and the list of
mechanisms from the source, areas and unit costs from the embedded data. ODD.md holds the same tables.
"""

from __future__ import annotations

import ast
import csv
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from qicsim.ground.declare import GRADES, Column, Lever, Parameter, Prior, declared
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.extension import PLACES
from qicsim.inputs.country import worded

FILE = Path(__file__).resolve().parents[1] / "model" / "priors.csv"
AS_PROPOSED = "as proposed"


class Proposal(NamedTuple):
    """What was proposed for a parameter; empty where nothing was.

    proposed_as   the review's own name of the quantity
    central, range, distribution  as it wrote them, about 90 % limits
    basis, basis_grade  on what, and how good the review found that
    why           why the prior differs from it, or where the prior comes from
    default       why the default lies outside the middle half of the prior, where it does
    """

    parameter: str
    proposed_as: str
    central: str
    range: str
    distribution: str
    basis: str
    basis_grade: str
    why: str
    default: str

    @property
    def words(self) -> str:
        """The proposal on one line, such as `k_item 0.10 (0.04-0.17), LogNormal`; empty without one."""
        if not self.proposed_as:
            return ""
        limits = f" ({self.range})" if self.range else ""
        return f"`{self.proposed_as}` {self.central}{limits}, {self.distribution}"


@lru_cache(maxsize=1)
def proposals() -> dict[str, Proposal]:
    """Every row of the file, by the parameter's dotted path, in its order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["parameter"]: Proposal(**row) for row in csv.DictReader(file)}


MODEL = Path(__file__).resolve().parents[1] / "model"
ODD = MODEL / "ODD.md"
PHASES = {"open_month": "Open the month", "facility_month": "Each facility's month", "close_month": "Close the month"}
WIDTH = 120
_TABLE = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def topics() -> tuple[str, ...]:
    """What can be described."""
    return tuple(_TOPICS)


def describe(topic: str) -> str:
    """The topic as Markdown that ends in a line feed; SettingError for another topic."""
    if topic not in _TOPICS:
        raise SettingError("", [Fault("", f'"{topic}" is not a topic', ", ".join(_TOPICS), nearest(topic, _TOPICS))])
    return _TOPICS[topic]().rstrip("\n") + "\n"


def with_tables(text: str) -> str:
    """The text with every part between `<!-- table: TOPIC -->` and `<!-- end -->` described anew."""
    return _TABLE.sub(lambda found: f"{found[1]}\n{describe(found[2])}\n{found[3]}", text)


def update_odd(path: Path = ODD) -> bool:
    """Rewrite the tables of ODD.md; whether anything changed."""
    before = path.read_text(encoding="utf-8")
    after = with_tables(before)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
    return after != before


# ----------------------------------------------------------------------------------------------------------- words


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, columns padded to one width; meanings are in the words of the country."""
    cells = [[worded(str(cell)) if head == "meaning" else str(cell) for head, cell in zip(heads, row, strict=True)]
             for row in (heads, *rows)]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in cells]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    head, *body = (" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    rule = "|".join("-" * (width + 2) for width in widths)
    return "\n".join((f"| {head} |", f"|{rule}|", *(f"| {line} |" for line in body))) + "\n"


def _span(low: float, high: float) -> str:
    """A range in words; infinite ends are open."""
    if low == float("-inf") and high == float("inf"):
        return "any"
    if high == float("inf"):
        return f"{low:g} or more"
    if low == float("-inf"):
        return f"{high:g} or less"
    return f"{low:g}{' to ' if low < 0 else '-'}{high:g}"


def prior_in_words(parameter: Parameter) -> str:
    """The prior and the bounds that cut it, such as `LogNormal(median 0.14, sigma 0.35) cut to 0.02-0.4`."""
    start, end = parameter.ends
    bounds = _span(parameter.low, parameter.high)
    return _shape(parameter.prior) + (f" cut to {bounds}" if start > 0.0 or end < 1.0 else f" within {bounds}")


def _shape(prior: Prior) -> str:
    values = {field.name: getattr(prior, field.name) for field in fields(prior)}
    words = (f"{name} {value:g}" if isinstance(value, float) else f"{name} {_shape(value)}"
             for name, value in values.items())
    return f"{type(prior).__name__}({', '.join(words)})"


def _sections(parts: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"**{title}**\n\n{body}" for title, body in parts)


def _first_line(node: ast.Module | ast.FunctionDef) -> str:
    return (ast.get_docstring(node) or "").splitlines()[0]


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------------------------------- declarations


def _parameters() -> str:
    """Grouped by mechanism, followed by grades and sources."""
    from qicsim.model.parameters import Parameters  # compiles: only those who ask for parameters should wait
    from qicsim.model.sources import sources

    groups: dict[str, list[Sequence[object]]] = {}
    cited: dict[str, None] = {}
    for path, leaf in declared(Parameters).items():
        found: Parameter = leaf.declaration
        groups.setdefault(path.split(".")[0], []).append((
            f"`{path}`", found.meaning, found.unit, f"{leaf.default:g}", prior_in_words(found), _interval(found),
            found.source, found.grade))
        cited[found.source] = None
    heads = ("parameter", "meaning", "unit", "default", "prior", "5-95 %", "source", "grade")
    known = sources()
    return "\n".join((
        _sections((group, _table(heads, rows)) for group, rows in groups.items()),
        "Grades: " + "; ".join(f"{grade} {meaning}" for grade, meaning in GRADES.items()) + ".\n",
        "Sources:\n", *(f"- {key}: {known[key].citation}" for key in sorted(cited))))


def _interval(parameter: Parameter) -> str:
    """The 5-95 % interval of the prior, to three digits."""
    low, high = (float(f"{parameter.quantile(u):.3g}") for u in (0.05, 0.95))
    return _span(low, high)


def _priors() -> str:
    """Each prior beside what the review of the evidence proposed before the model was built, and why it differs."""
    from qicsim.model.parameters import Parameters
    from qicsim.report.describe import proposals

    known, rows, notes = proposals(), [], []
    for path, leaf in declared(Parameters).items():
        found: Parameter = leaf.declaration
        said = known[path]
        rows.append((f"`{path}`", f"{leaf.default:g}", f"{100 * float(found.below(leaf.default)):.0f} %",
                     prior_in_words(found), found.source, found.grade, said.words or "-", said.basis or "-",
                     said.basis_grade or "-", said.why))
        notes += [f"- `{path}`: {said.default}."] if said.default else []
    heads = ("parameter", "default", "stands at", "prior", "source", "grade", "the review proposed", "because of",
             "its grade", "why the prior differs")
    return "\n".join((_table(heads, rows), "Defaults outside the middle half of their prior:\n", *notes))


def _levers() -> str:
    from qicsim.model.levers import Levers

    return _table(("lever", "meaning", "unit", "allowed", "default"), (
        (f"`{name}`", leaf.declaration.meaning, leaf.declaration.unit, leaf.declaration.allowed,
         _lever_value(leaf.declaration, leaf.default)) for name, leaf in declared(Levers).items()))


def _lever_value(lever: Lever, value: float) -> str:
    return lever.choices[int(value)] if lever.choices else f"{value:g}"


def _columns() -> str:
    """What changes (state), then what never changes (setting)."""
    from qicsim.model import columns, state

    tables: dict[str, Any] = {f"state: {name}": record for name, record in state.TABLES.items()}
    tables |= {f"setting: {name}": record for name, record in columns.TABLES.items()}
    forms = _table(("structure", "meaning", "forms, the shipped one first"), (
        (f"`{name}`", leaf.declaration.meaning, ", ".join(f"`{form}`" for form in leaf.declaration.choices))
        for name, leaf in declared(columns.Structure).items()))
    rows = [(title, _table(("column", "meaning", "unit", "range", "cell"), _column_rows(record)))
            for title, record in tables.items()]
    return _sections([*rows, ("structure", forms)])


def _column_rows(record: type) -> Iterable[Sequence[object]]:
    for name, leaf in declared(record).items():
        column: Column = leaf.declaration
        shape = " x ".join(map(str, column.shape))
        yield f"`{name}`", column.meaning, column.unit, _span(column.low, column.high), f"{column.kind} {shape}".strip()


def _indicators() -> str:
    """Columns of the reading, then those of the programme."""
    from qicsim.inputs.world.areas import read_areas
    from qicsim.model.indicators import PROGRAMME, indicators

    heads = ("indicator", "meaning", "unit", "shown per")
    groups = {"by group": indicators(read_areas(_data("areas")).keys), "programme": PROGRAMME}
    rows = {title: [(f"`{one.name}`", one.meaning, one.unit, one.per or "sum") for one in group]
            for title, group in groups.items()}
    return _sections((title, _table(heads, group)) for title, group in rows.items())


# ------------------------------------------------------------------------------------------------------------ data


def _data(name: str) -> Path:
    from qicsim.inputs.country import home

    return home().table(name)


def _rows(name: str) -> list[dict[str, str]]:
    from qicsim.inputs.scenario.wave import OTHER_NAMES

    usual = {other: name_of_column for name_of_column, other in OTHER_NAMES.items()}
    with _data(name).open(encoding="utf-8", newline="") as file:
        return [{usual.get(column, column): value for column, value in row.items()} for row in csv.DictReader(file)]


def _areas() -> str:
    """The embedded care areas; weights for health centres and referral hospitals, today's and extended."""
    shown = ("key", "dimension", "breadth", "start", "watched", "weight_hc", "weight_rh", "weight_hc_extended",
             "weight_rh_extended", "topic_hc", "topic_rh", "standards", "grade")
    return _table(shown, ([row[column] for column in shown] for row in _rows("areas")))


def _costs() -> str:
    """The embedded unit costs."""
    shown = ("key", "unit", "usd", "low", "high", "grade")
    return _table(shown, ([row[column] for column in shown] for row in _rows("unit_costs")))


def _scenarios() -> str:
    from qicsim.inputs.scenario import load_scenario, shipped

    described = (f"- `{name}`: {one.title}. {' '.join(one.description.split())}"
                 for name, one in ((name, load_scenario(name)) for name in shipped()))
    return "\n".join(textwrap.fill(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False) for text in described)


# ---------------------------------------------------------------------------------------------------------- source


def schedule() -> dict[str, list[str]]:
    """The functions that each phase of the month calls, in order, read off the source of `month.py`.

    Places of extensions are none of the model's own steps.
    """
    phases = {node.name: node for node in _parsed(MODEL / "month.py").body if isinstance(node, ast.FunctionDef)}
    return {phase: [call.func.id for call in _calls(phases[phase]) if call.func.id not in PLACES] for phase in PHASES}


def _calls(function: ast.FunctionDef) -> list[Any]:
    """Calls of plain names, in the order of the text."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
             and node.func.id != "compiled"]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _schedule() -> str:
    """Numbered through all phases, each step with what it says of itself."""
    said = {node.name: _first_line(node) for path in (MODEL / "luck.py", *sorted((MODEL / "steps").glob("*.py")))
            for node in _parsed(path).body if isinstance(node, ast.FunctionDef)}
    number, parts = 0, []
    for phase, steps in schedule().items():
        lines = [f"{number + place}. `{step}`: {said[step]}" for place, step in enumerate(steps, start=1)]
        number += len(steps)
        parts.append((PHASES[phase], "\n".join(lines) + "\n"))
    return _sections(parts)


def _mechanisms() -> str:
    return _table(("file", "mechanism"), ((f"`{path.name}`", _first_line(_parsed(path)))
                                          for path in sorted((MODEL / "mechanisms").glob("[!_]*.py"))))


def _purposes() -> str:
    """Purposes of random numbers, with the numbers that they keep for ever."""
    body = _parsed(MODEL.parent / "ground" / "randomness.py").body
    named = [(node.targets[0].id, node.value.value) for node in body if isinstance(node, ast.Assign)
             and isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Constant)]
    first = [name for name, _ in named].index("INITIAL_FACILITY")
    return _table(("number", "purpose"), ((number, f"`{name}`") for name, number in named[first:]))


_TOPICS: dict[str, Callable[[], str]] = {
    "parameters": _parameters, "priors": _priors, "levers": _levers, "areas": _areas, "schedule": _schedule,
    "indicators": _indicators, "scenarios": _scenarios, "mechanisms": _mechanisms, "columns": _columns,
    "costs": _costs, "purposes": _purposes}
