"""The README's examples are run as written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from qicsim.cli import COMMANDS
from qicsim.inputs.scenario import load_scenario

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def test_the_python_examples_run_as_written(tmp_path):
    """Each with names of its own, in one process that has loaded nothing before."""
    examples = [f"{number}.py" for number in range(len(blocks("python")))]
    for name, block in zip(examples, blocks("python"), strict=True):
        (tmp_path / name).write_text(block, encoding="utf-8")
    code = f"import runpy\nfor name in {examples}:\n    runpy.run_path(name, run_name='__main__')"
    told = subprocess.run([sys.executable, "-W", "error::DeprecationWarning", "-c", code],
                          cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})

    assert len(examples) == 3
    assert told.returncode == 0, told.stderr


def test_the_scenario_example_can_be_used(tmp_path):
    (example,) = blocks("toml")
    (tmp_path / "two-waves.toml").write_text(example)

    scenario = load_scenario(tmp_path / "two-waves.toml")

    assert scenario.levers.districts[-1] == 100
    assert scenario.levers.districts[131] == 60


def test_every_command_is_named_in_the_readme():
    for command in COMMANDS:
        assert f"qicsim {command}" in TEXT


def test_the_two_commands_are_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    for target in re.findall(r"^make (\w+)", blocks("sh")[0], re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_every_file_that_the_readme_links_to_is_there():
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", TEXT):
        assert (ROOT / link).exists(), link
