"""Every compiled function of a mechanism is tested in the mechanism's own file."""

import ast
from pathlib import Path

import qicsim.model.mechanisms
from tests.helpers import assert_none

MECHANISMS = sorted(path for path in Path(qicsim.model.mechanisms.__file__).parent.glob("*.py")
                    if path.stem != "__init__")
HERE = Path(__file__).parent


def compiled_functions(path):
    """Names of the functions of a file that are compiled."""
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.FunctionDef)
            and any(isinstance(mark, ast.Name) and mark.id == "compiled" for mark in node.decorator_list)}


def called_in_tests(path):
    """Names that the tests of a file use, beyond importing them."""
    return {node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}


def untested(path):
    """Compiled functions of a mechanism that the tests of its file do not use."""
    return sorted(compiled_functions(path) - called_in_tests(HERE / f"test_{path.stem}.py"))


def lacking(path):
    """What the tests of a mechanism lack: worked values and limits, a property, or a docstring with the working."""
    tests = [node for node in ast.parse((HERE / f"test_{path.stem}.py").read_text(encoding="utf-8")).body
             if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    properties = [test for test in tests if any(ast.unparse(mark).startswith("given(") for mark in test.decorator_list)]
    has = {"two tests that are no properties": len(tests) - len(properties) >= 2, "a property": bool(properties),
           "a docstring": any(ast.get_docstring(test) for test in tests)}
    return [name for name, present in has.items() if not present]


def test_every_compiled_function_is_tested():
    assert MECHANISMS
    assert_none(f"{path.stem}: {name}" for path in MECHANISMS for name in untested(path))


def test_every_mechanism_has_a_worked_value_a_limit_and_a_property():
    assert_none(f"{path.stem} lacks {name}" for path in MECHANISMS for name in lacking(path))
