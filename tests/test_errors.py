"""The one collector of faults: everything that is wrong with an input is said at once."""

from __future__ import annotations

import ast

import pytest

from qicsim.decide.checks import Checks
from qicsim.ground.errors import DataError, Fault, Faults, SettingError
from qicsim.inputs.exchange.findings import Findings
from tests.source import MODULES, nodes_of


def test_without_a_fault_nothing_is_refused():
    Faults().refuse()
    Checks().refuse()
    Findings().refuse()


def test_every_fault_is_a_line_of_the_error_that_was_asked_for():
    faults = Faults()
    faults.add("draws", "0 draws", "1 or more")
    faults.add("seed", "-1", hint="Seeds start at 0")

    with pytest.raises(DataError) as caught:
        faults.refuse(DataError, "study.toml")
    assert str(caught.value).splitlines() == ["study.toml: draws: 0 draws. Allowed: 1 or more.",
                                              "study.toml: seed: -1. Seeds start at 0."]
    with pytest.raises(SettingError, match="draws: 0 draws"):
        faults.refuse()


def test_findings_that_are_no_errors_stop_no_import_and_errors_are_capped():
    findings = Findings()
    findings.warning("far", "a.csv", "a jump")
    findings.refuse()
    for row in range(70):
        findings.error("faulty date", f"a.csv row {row}", "no month")

    with pytest.raises(DataError) as caught:
        findings.refuse()
    assert len(caught.value.faults) == 50
    assert "and 21 more errors" in str(caught.value)
    assert (len(findings.of("error")), len(findings.of("warning"))) == (70, 1)


def test_no_other_class_collects_faults():
    """A collector has a method `add` or `refuse` of its own that makes a `Fault`: there is one."""
    collectors = [node.name for path in MODULES for node in nodes_of(path) if isinstance(node, ast.ClassDef)
                  for method in node.body if isinstance(method, ast.FunctionDef) and method.name == "add"
                  if any(isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Fault"
                         for call in ast.walk(method))]

    assert collectors == ["Faults"]


def test_the_name_of_a_file_reaches_the_terminal_without_its_codes():
    said = str(DataError("a\x1b[31m\nb\u202e.csv", [Fault("", "is empty"), Fault("x", "is wrong")]))

    assert said.splitlines() == [r"a\x1b[31m b\x202e.csv: is empty.", r"a\x1b[31m b\x202e.csv: x: is wrong."]
