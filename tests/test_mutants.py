"""The tests can fail: each one-line edit of the model is noticed by the tests that should notice it.

A copy of the checkout is edited and tested in the interpreter, which spares the compilation of every edit.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants import MUTANTS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
TESTS_FAILED = 1


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of what the tests need."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in ("qicsim", "scenarios", "calibration", "tests"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def outcome_of(checkout: Path, tests: str) -> subprocess.CompletedProcess[str]:
    """What the tests say of the copy; without bytecode, which two edits in one second would share."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist",
               "-p", "no:benchmark", "-o", "addopts=", *shlex.split(tests)]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("tests", sorted({mutant.tests for mutant in MUTANTS}))
def test_the_tests_pass_on_the_model_as_it_is(checkout, tests):
    done = outcome_of(checkout, tests)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.wrong)
def test_an_edit_is_noticed(checkout, mutant):
    file = checkout / "qicsim" / "model" / mutant.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, "the model has changed: the line to edit must stand there once"

    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        done = outcome_of(checkout, mutant.tests)
    finally:
        file.write_text(text, encoding="utf-8")

    assert done.returncode == TESTS_FAILED, done.stdout
