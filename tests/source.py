"""The package as text: its modules, each parsed once for all the tests that look at how it is written."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import qicsim

PACKAGE = Path(qicsim.__file__).resolve().parent
MODULES = sorted(PACKAGE.rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Everything in a module, at any depth."""
    return list(ast.walk(tree_of(path)))


def name_in(path: Path) -> str:
    """A module's path within the package, with slashes."""
    return path.relative_to(PACKAGE).as_posix()
