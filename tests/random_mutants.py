"""One-site edits of the code that reads files, drawn at random: do the tests notice them?

    python -m tests.random_mutants             # those of SEED, as a table without outcomes, for the code as it is now

An edit turns a comparison round, makes `or` of `and`, plus of minus, times of divided by, takes a `not` away, adds 1 to
a number, or leaves out a call or a jump that stands for itself. What was found stands in `tests/exchange/mutants.csv`:
each edit with a test that notices it, or why nobody could. An edit is named by what it makes of a line of code, so that
it is found again when lines move.
"""

from __future__ import annotations

import ast
import csv
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "qicsim" / "inputs" / "exchange"
SEED, NUMBER = 20261130, 60
TURNED = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
          ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
          ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
COLUMNS = ("file", "before", "after", "noticed by")


class Edit(NamedTuple):
    """An edit: the file, its line, the code of the line before and after, and the text of the whole file with it."""

    file: str
    line: int
    before: str
    after: str
    text: str


def sites(tree: ast.Module) -> list[int]:
    """The places, in the order of `ast.walk`, of what can be edited; annotations and imports for types are left out."""
    skipped = {id(inner) for part in _untested(tree) for inner in ast.walk(part)}
    return [at for at, node in enumerate(ast.walk(tree)) if id(node) not in skipped and _can_be_edited(node)]


def _untested(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        elif isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield node


def _can_be_edited(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[first, *_]):
            return type(first) in TURNED
        case ast.BoolOp(op=op) | ast.BinOp(op=op):
            return type(op) in TURNED
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.UnaryOp(op=ast.Not()) | ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break():
            return True
    return False


def edited(path: Path, at: int) -> Edit:
    """The edit of a site of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    node = list(ast.walk(tree))[at]
    parents = {id(child): parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    statement: ast.AST = node
    while not isinstance(statement, ast.stmt):
        statement = parents[id(statement)]
    line, before = statement.lineno, _first_line(statement)
    if isinstance(node, ast.Compare):
        node.ops[0] = TURNED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        node.op = TURNED[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value += 1
    else:
        new = node.operand if isinstance(node, ast.UnaryOp) else ast.Pass()
        _replace(parents[id(node)], node, new)
    after = "pass" if node is statement else _first_line(statement)
    return Edit(path.name, line, before, after, ast.unparse(tree))


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(statement).partition("\n")[0]


def _replace(parent: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for name, value in ast.iter_fields(parent):
        if value is old:
            setattr(parent, name, new)
        elif isinstance(value, list):
            setattr(parent, name, [new if each is old else each for each in value])


def every(folder: Path = FOLDER) -> list[tuple[Path, int]]:
    """All sites of the files of a folder."""
    return [(path, at) for path in sorted(folder.glob("*.py"))
            for at in sites(ast.parse(path.read_text(encoding="utf-8")))]


def drawn(folder: Path = FOLDER) -> list[Edit]:
    """NUMBER edits, each as likely as any other."""
    return [edited(*site) for site in random.Random(SEED).sample(every(folder), NUMBER)]


def found(file: str, before: str, after: str) -> Edit:
    """The edit that makes a line of a file another one; LookupError where the line is not there any more."""
    path = FOLDER / file
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    same = {id(inner) for node in nodes if isinstance(node, ast.stmt) and _first_line(node) == before
            for inner in ast.walk(node)}
    every_one = (edited(path, at) for at in sites(tree) if id(nodes[at]) in same)
    one = next((each for each in every_one if (each.before, each.after) == (before, after)), None)
    if one is None:
        raise LookupError(f"{file} has no line any more that reads {before}")
    return one


if __name__ == "__main__":
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([each.file, each.before, each.after, ""] for each in drawn())
