"""Examples of the README and of the guides that it leads to are run as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from qicsim.cli import COMMANDS
from qicsim.inputs.scenario import load_scenario
from tests.test_site import MADE

ROOT = Path(__file__).parents[1]
TEXT, COMMANDS_TEXT, PYTHON, RESEARCHERS, SCENARIOS = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/commands.md", "docs/python.md", "docs/researchers.md", "docs/scenarios.md"))
LONGEST = 120


def blocks(language, text=TEXT):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def can_run(block):
    """Whether the packages are there that an example says it needs in its first line."""
    needed = re.match(r"# needs ([\w, ]+)\n", block)
    return needed is None or all(find_spec(name) for name in needed[1].split(", "))


def test_the_readme_is_short():
    assert len(TEXT.splitlines()) <= LONGEST


def test_the_python_examples_run_as_written(tmp_path):
    """Each with names of its own, in one process that has loaded nothing before."""
    examples = blocks("python", PYTHON)

    assert len(examples) == 4 and blocks("python")[0] in examples
    run_all(examples, tmp_path, "-W", "error::DeprecationWarning")


@pytest.mark.slow
def test_the_examples_with_other_tools_run_as_written(tmp_path):
    examples = blocks("python", RESEARCHERS)

    assert len(examples) >= 7
    run_all([example for example in examples if can_run(example)], tmp_path)


def run_all(examples, folder, *options):
    """Run examples in a folder, with these options of Python."""
    for number, example in enumerate(examples):
        (folder / f"{number}.py").write_text(example, encoding="utf-8")
    code = (f"import runpy\nfor number in range({len(examples)}):\n"
            "    runpy.run_path(f'{number}.py', run_name='__main__')")
    told = subprocess.run([sys.executable, *options, "-c", code], cwd=folder,
                          capture_output=True, text=True, check=False, timeout=300,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg"})

    assert told.returncode == 0, told.stderr


def test_the_scenario_example_can_be_used(tmp_path):
    example = blocks("toml", SCENARIOS)[0]
    (tmp_path / "two-waves.toml").write_text(example)

    scenario = load_scenario(tmp_path / "two-waves.toml")

    assert scenario.levers.districts[-1] == 100
    assert scenario.levers.districts[131] == 60


def test_every_command_is_named_in_its_guide():
    for command in COMMANDS:
        assert f"qicsim {command}" in COMMANDS_TEXT


def test_the_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"^make (\w+)", blocks("sh")[0], re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_file_that_the_readme_and_the_guides_link_to_is_there():
    for guide in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", guide.read_text(encoding="utf-8")):
            assert (guide.parent / link).exists() or link in MADE, f"{guide.name}: {link}"
