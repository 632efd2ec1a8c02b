"""One way to write a number, whatever the paper."""

from __future__ import annotations

import ast
import math

import pytest

from qicsim.ground.numbers import adding, brief, fine, millions, money, number, percent, plural, signed
from tests.source import MODULES, name_in, tree_of

NAN = math.nan


@pytest.mark.parametrize(("written", "expected"), [
    (number(1234567.4), "1,234,567"), (number(-3.46, 1), "−3.5"), (number(-0.04, 1), "0.0"), (number(NAN), "–"),
    (signed(2.04), "+2.0"), (signed(-2.06), "−2.1"), (signed(0.0), "0.0"), (signed(0.04), "0.0"), (signed(NAN), "–"),
    (percent(0.125), "12\u00a0%"), (percent(-0.5), "−50\u00a0%"), (percent(0.123, 1), "12.3\u00a0%"),
    (percent(NAN), "–"),
    (brief(2412.0), "2,410"), (brief(12.34), "12.3"), (brief(1.234, sign=True), "+1.23"), (brief(-0.126), "−0.13"),
    (brief(NAN), "–"), (brief(0.0, sign=True), "0"),
    (fine(123.45), "123.5"), (fine(1.0 / 3.0), "0.33"), (fine(0.0123), "0.012"), (fine(-1.234), "−1.23"),
    (fine(0.5, sign=True), "+0.50"), (fine(0.0, sign=True), "0.00"), (fine(NAN), "–"),
    (millions(154_240_000.0), "154.2"), (millions(0.0), "0"), (millions(-60_000.0), "−0.1"),
    (millions(41_000.0), "0.04"),
    (millions(400.0, sign=True), "+0.0004"), (millions(2.5e6, sign=True), "+2.5"), (millions(NAN), "–"),
    (plural(1, "draw", "draws"), "1 draw"), (plural(1200, "draw", "draws"), "1,200 draws")])
def test_numbers_as_readers_see_them(written, expected):
    assert written == expected


@pytest.mark.parametrize(("usd", "expected"), [
    (154_240_000.0, ("154.2", True)), (1.0e6, ("1.0", True)), (999_700.0, ("1.0", True)), (12_345.0, ("12,300", False)),
    (-2.0e6, ("−2.0", True)), (-12.3, ("−12", False)), (0.0, ("0", False))])
def test_money_in_running_text_is_written_as_in_tables(usd, expected):
    assert money(usd) == expected


@pytest.mark.parametrize("parts", [[0.04, 0.04, 0.04], [4.449, 30.549], [-1.26, 3.33, 0.07], [2.0], []])
def test_rounded_parts_add_up_to_their_rounded_sum(parts):
    assert sum(adding(parts)) == pytest.approx(round(sum(parts) + 1e-12, 1))


def test_the_same_function_is_written_once():
    """Names of writers of numbers are defined in one module of the package."""
    writers = {"number", "signed", "percent", "brief", "fine", "millions", "plural", "adding", "three_digits",
               "decimals", "digits"}
    found = {(node.name, name_in(path)) for path in MODULES for node in tree_of(path).body
             if isinstance(node, ast.FunctionDef) if node.name in writers}

    assert {(name, path) for name, path in found if path != "ground/numbers.py"} == {
        ("brief", "report/page.py"), ("brief", "report/plan_brief.py"),  # the section of the page, the paper
        ("number", "inputs/scenario/values.py"), ("number", "analysis/study_kinds/settings.py"),
        ("number", "cli/values.py")}  # checks
