"""The house: layers, sizes, docstrings, names, dependencies, files, and what the wheel carries."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

import qicsim
from qicsim.ground.declare import declared
from qicsim.model.columns import TABLES as FIXED_TABLES
from qicsim.model.levers import Levers
from qicsim.model.parameters import Parameters
from qicsim.model.state import TABLES as STATE_TABLES
from tests.helpers import assert_none
from tests.source import MODULES, PACKAGE, name_in, nodes_of, tree_of

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LONGEST_MODULE = 500  # a module holds one idea; a lower cap cut ideas in halves that only one other module imported
LONGEST_FUNCTION = 40
IMPORTED_AS = {"python-docx": "docx"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def offenders(check: Callable[[Path], Iterable[object]]) -> list[str]:
    """What a check finds in any module, each with the module's name."""
    return [f"{name_in(path)}: {found}" for path in MODULES for found in check(path)]


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, check=False)


# --------------------------------------------------------------------------------------------------------- modules


def test_no_module_is_longer_than_one_idea():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}

    assert_none(offenders(lambda path: [f"{lengths[path]} lines"] if lengths[path] >= LONGEST_MODULE else []))


def test_every_function_fits_on_a_screen():
    assert_none(offenders(lambda path: [node.name for node in nodes_of(path) if isinstance(node, Function)
                                   and node.end_lineno - node.lineno >= LONGEST_FUNCTION]))


def test_what_is_public_says_what_it_is():
    def silent(path: Path) -> list[str]:
        named = [("the module", tree_of(path)), *public(tree_of(path))]
        return [name for name, node in named if not ast.get_docstring(node)]

    assert_none(offenders(silent))


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Public functions and classes of a module, and the public methods of those."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{part.name}", part) for part in node.body
                            if isinstance(part, Function) and not part.name.startswith("_"))


def test_only_the_command_line_prints():
    def printing(path: Path) -> list[str]:
        calls = [node for node in nodes_of(path) if isinstance(node, ast.Call)]
        return [f"line {call.lineno} prints" for call in calls if getattr(call.func, "id", "") == "print"
                and not path.is_relative_to(PACKAGE / "cli")]

    assert_none(offenders(printing))


def test_arrows_between_layers_point_down():
    done = run(sys.executable, "-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())")

    assert done.returncode == 0, done.stdout


# ------------------------------------------------------------------------------------------------ one of each


def name_of(node):
    """The last part of the name that an expression is; "" if it is none."""
    return getattr(node, "id", getattr(node, "attr", ""))


def functions_that_call(name):
    """Functions of the package in which a name is called, with the module."""
    calling = [path for path in MODULES if any(isinstance(node, ast.Call) and name_of(node.func) == name
                                               for node in nodes_of(path))]
    return sorted((name_in(path), node.name) for path in calling for node in nodes_of(path)
                  if isinstance(node, ast.FunctionDef)
                  if any(isinstance(call, ast.Call) and name_of(call.func) == name for call in ast.walk(node)))


def modules_that_name(*names):
    """Modules in whose code one of the names stands."""
    return [name_in(path) for path in MODULES if any(name_of(node) in names for node in nodes_of(path))]


def test_one_compiled_function_opens_months_and_beside_it_only_the_mesa_face():
    assert functions_that_call("open_month") == [("agents/model.py", "step"), ("model/simulate.py", "simulate")]


def test_threads_over_runs_stand_in_one_module():
    assert modules_that_name("ThreadPoolExecutor", "ProcessPoolExecutor") == ["runs/executors.py"]


SIMULATING = ("model", "inputs/world", "runs", "agents", "estimate", "analysis", "decide", "adapters", "plan")
"""Floors and parts that make runs or work with them; what the floors above write are results."""
WRITERS = ("write_text", "write_bytes", "together", "beside", "save", "savez", "savez_compressed", "write_array",
           "tofile", "memmap", "open_memmap", "to_csv", "to_parquet", "to_pickle", "to_hdf", "connect")
RESULTS = [("estimate/calibrate/shipped.py", "write_posterior"), ("inputs/world/synthetic.py", "invented_register"),
           ("runs/experiment.py", "extend_experiment"), ("runs/experiment.py", "write_experiment"),
           ("runs/labelled.py", "write_parquet"), ("runs/tables.py", "_write")]
"""Functions of those floors that write results, not runs."""


def writes(call: ast.AST) -> bool:
    """Whether a call writes a file: by a writer's name, and where that can read too, with a mode that writes."""
    if not isinstance(call, ast.Call):
        return False
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name not in ("open", "ZipFile", "fdopen"):
        return name in WRITERS
    values = [*call.args, *(word.value for word in call.keywords)]
    return any(isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
               and set(value.value) <= set("rwaxbt+") and set(value.value) & set("wax+") for value in values)


def writers_in(tree: ast.AST) -> set[str]:
    """Functions in which a file is written."""
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)
            and any(writes(call) for call in ast.walk(node))}


def test_one_module_writes_files_of_runs():
    assert modules_that_name("fsync") == ["runs/store.py"]
    writers = sorted((name_in(path), name) for path in MODULES if name_in(path).startswith(SIMULATING)
                     for name in writers_in(tree_of(path)))
    assert [one for one in writers if one not in RESULTS] == [("runs/store.py", "_put"), ("runs/store.py", "_zipped")]
    assert set(RESULTS) <= set(writers), "otherwise this test would see nothing"


def test_arrays_are_read_as_posteriors_alone():
    """A bank of runs beside the store would be read too."""
    loads = {name_in(path) for path in MODULES for node in nodes_of(path)
             if isinstance(node, ast.Attribute) and node.attr in ("load", "fromfile", "save")
             and getattr(node.value, "id", "") in ("np", "numpy")}
    assert sorted(loads) == ["runs/posterior.py"]


def test_a_bank_beside_the_store_would_be_seen():
    """What version 0.1 did with `chunk-*.npy`, in short."""
    bank = """
def write_chunk(folder, name, record, notes):
    with (folder / "failures.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(notes)

def write_bank(folder, record):
    write_array(folder / "chunk-1.npy", record)

def read_bank(folder):
    return [np.load(path) for path in folder.glob("chunk-*.npy")]
"""
    assert writers_in(ast.parse(bank)) == {"write_chunk", "write_bank"}


# ---------------------------------------------------------------------------------------------------------- names


def test_no_declared_name_hides_behind_one_of_numpys():
    """A column named `fill` or `mean` would read as numpy's method of that name in the interpreter."""
    records = [Parameters, Levers, *FIXED_TABLES.values(), *STATE_TABLES.values()]
    names = {part for record in records for path in declared(record) for part in path.split(".")}

    assert names & set(dir(np.record)) == set()


def test_the_package_exposes_what_it_lists():
    missing = [name for name in qicsim.__all__ if not hasattr(qicsim, name)]

    assert missing == []
    assert sorted(qicsim.__all__) == list(qicsim.__all__)


def test_the_version_is_the_same_wherever_it_stands():
    citation = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE)

    assert citation[1] == qicsim.__version__


# --------------------------------------------------------------------------------------------------- dependencies


def test_what_is_imported_is_declared_and_what_is_declared_is_imported():
    lines = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["explore"]]
    names = {re.match(r"[A-Za-z0-9_-]+", line)[0].lower() for line in lines}

    assert {IMPORTED_AS.get(name, name) for name in names} == {
        name.lower() for name in imported() - sys.stdlib_module_names - {"qicsim"}}


def imported() -> set[str]:
    """Top-level names of everything that the package imports, at the top of modules or inside functions."""
    found = set()
    for path in MODULES:
        for node in nodes_of(path):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            found |= {name.partition(".")[0] for name in names}
    return found


# ---------------------------------------------------------------------------------------------------------- files


def tracked() -> list[Path]:
    """Text files under version control; in an unpacked release, the files that are there."""
    listing = run("git", "ls-files", "-z")
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


FOREIGN = re.compile(
    r"(?<![\w.~])/(?:work|root|home|Users|opt|mnt)/\w|[A-Z]:\\+Users|index[-_]url\b|find[-_]links\b|\bpypi\.[a-z]+/simple")


def test_no_file_knows_the_machine_it_was_written_on_or_an_index():
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
            if match := FOREIGN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")

    assert_none(found)


def test_links_of_the_readme_lead_somewhere():
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("there is no README yet")
    targets = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", readme.read_text(encoding="utf-8"))
    local = [one or other for one, other in targets if not re.match(r"[a-z]+:|#", one or other)]

    assert [target for target in local if not (ROOT / target.partition("#")[0]).exists()] == []


# ---------------------------------------------------------------------------------------------------------- wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The wheel, unpacked as an installer would."""
    if not (ROOT / "README.md").exists():
        pytest.skip("there is no README yet, so no wheel can be built")
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_carries_the_data_and_leaves_the_tests(installed):
    there = {path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()}
    data = {path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*")
            if path.is_file() and path.suffix not in {".pyc", ".pyo"}}
    beside = {f"qicsim/{path.relative_to(ROOT).as_posix()}" for folder in ("scenarios", "calibration")
              for path in (ROOT / folder).rglob("*") if path.is_file()}

    assert data | beside <= there
    assert {name for name in there if not name.startswith(("qicsim/", "qicsim-"))} == set()


def test_khmer_is_shown_from_the_wheel_and_stands_in_the_source_archive(installed, tmp_path):
    program = ("from qicsim.report.language import khmer, say, speaking\n"
               "with speaking(khmer()): print(ascii(say('NQEM score')))")
    done = run(sys.executable, "-c", program, cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.stdout.strip() == ascii("ពិន្ទុ NQEM"), done.stderr

    built = run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path)
    assert built.returncode == 0, built.stderr
    (archive,) = tmp_path.glob("*.tar.gz")
    held = run(sys.executable, "-m", "tarfile", "-l", archive).stdout.splitlines()
    assert any(name.strip().endswith("/qicsim/report/locale/km.po") for name in held)


def test_the_wheel_builds_the_world_from_any_folder(installed, tmp_path):
    program = (
        "from qicsim.inputs.scenario import load_scenario; from qicsim.inputs.world.build import build_world; "
        "import qicsim;"
        "world = build_world(load_scenario('reported')); print(qicsim.__file__, len(world.provinces))"
    )
    done = run(sys.executable, "-c", program, cwd=tmp_path, PYTHONPATH=str(installed))

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(installed / "qicsim" / "__init__.py"), "25"]
