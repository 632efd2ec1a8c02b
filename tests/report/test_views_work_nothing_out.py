"""A view works nothing out: what papers say is worked out in analysis, in decide and in plan, and only written here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import qicsim.report
from tests.helpers import assert_none

REPORT = Path(qicsim.report.__file__).parent
STATISTICS = frozenset({
    "mean", "average", "median", "quantile", "percentile", "std", "var", "ptp", "corrcoef", "cov", "corr", "histogram",
    "sort", "argmax", "argmin", "nanargmax", "nanargmin", "nanmean", "nanmedian", "nanquantile", "nanpercentile",
    "nanstd", "nanvar", "interval_of", "summary_of"})
READERS = frozenset({"values", "values_of", "sums", "province_values", "yearly_cost"})
EXCEPTED = {
    "calibration.py": "densities of draws and of ranks, which only their figures need",
    "describe.py": "the range of a prior, which its own function gives",
    "evidence.py": "the range of a prior, which its own function gives",
    "quality.py": "the page of an import: scores as they stand in a file, by quarter, and no runs",
}


def worked_out(code: str) -> list[str]:
    """Statistics that a module calls, and functions that read runs that it imports, each with its line."""
    nodes = list(ast.walk(ast.parse(code)))
    calls = {(node.lineno, name_of(node.func)) for node in nodes if isinstance(node, ast.Call)}
    imports = {(node.lineno, name.name) for node in nodes if isinstance(node, ast.ImportFrom)
               and node.module == "qicsim.runs.readout" for name in node.names}
    return [f"line {line}: {name}" for line, name in sorted(
        {call for call in calls if call[1] in STATISTICS} | {name for name in imports if name[1] in READERS})]


def name_of(function: ast.expr) -> str:
    """The last name of what is called; "" for a call of what a call gives."""
    return getattr(function, "attr", getattr(function, "id", ""))


def modules() -> dict[str, str]:
    return {path.relative_to(REPORT).as_posix(): path.read_text(encoding="utf-8") for path in REPORT.rglob("*.py")}


def test_no_module_of_the_report_works_out_a_statistic_or_reads_runs():
    assert_none([f"{name}, {call}" for name, code in modules().items() if name not in EXCEPTED
                 for call in worked_out(code)])


def test_every_exception_is_needed():
    assert_none([name for name in EXCEPTED if not worked_out(modules().get(name, ""))])


@pytest.mark.parametrize("code", [
    "share = float(np.mean(sample >= 0.8))", "shown = sample.mean(axis=0)", "cell = interval_of(sample).at()",
    "from qicsim.runs.readout import values"])
def test_a_statistic_in_any_form_is_seen(code):
    assert len(worked_out(code)) == 1


def test_means_that_were_worked_out_elsewhere_may_be_shown():
    assert worked_out("panel.line(path.x, path.mean, TRUE)\nreach = spread.mean.max()") == []
