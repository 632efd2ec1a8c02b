"""The site, the citation and the packages name what is there; `make docs` executes the tutorials."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import yaml

import qicsim
from qicsim.runs.provenance import constraints

ROOT = Path(__file__).parents[1]
MADE = {"odd.md", "reference.md"}
CONDA = {"matplotlib": "matplotlib-base"}


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def pages(held):
    """Every page of a navigation."""
    if isinstance(held, str):
        return [held]
    parts = held.values() if isinstance(held, dict) else held
    return [page for part in parts for page in pages(part)]


def test_every_page_stands_in_the_navigation_once_and_nothing_else():
    told = pages(yaml.safe_load(read("mkdocs.yml"))["nav"])
    there = {file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")}

    assert sorted(told) == sorted(there | MADE)


def test_tutorials_are_python_that_fits_the_page():
    for file in (ROOT / "docs" / "tutorials").glob("*.md"):
        blocks = re.findall(r"^```python\n(.*?)^```", file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

        assert len(blocks) >= 3, file.name
        for block in blocks:
            ast.parse("\n".join(line for line in block.splitlines() if not line.startswith("!")))
            assert max(map(len, block.splitlines())) <= 84, (file.name, block)


def test_the_conda_recipe_needs_what_the_package_needs():
    recipe, project = yaml.safe_load(read("packaging/recipe.yaml")), tomllib.loads(read("pyproject.toml"))["project"]
    wanted = {re.split(r"(?=[<>=!])", one, maxsplit=1)[0].lower(): re.split(r"(?=[<>=!])", one, maxsplit=1)[1]
              for one in project["dependencies"]}
    told = dict(one.split(" ", 1) for one in recipe["requirements"]["run"])

    assert told.pop("python") == project["requires-python"]
    assert told == {CONDA.get(name, name): versions for name, versions in wanted.items()}
    assert qicsim.__version__.startswith(recipe["context"]["version"])
    assert recipe["build"]["python"]["entry_points"] == [f"qicsim = {project['scripts']['qicsim']}"]


def test_the_container_is_of_a_python_that_the_package_takes_and_does_not_run_as_root():
    told = read("packaging/Containerfile")
    version = re.search(r"^FROM \S+/python:(\d+\.\d+)-slim$", told, re.MULTILINE).group(1)
    classifiers = tomllib.loads(read("pyproject.toml"))["project"]["classifiers"]

    assert f"Programming Language :: Python :: {version}" in classifiers
    assert "root" not in re.findall(r"^USER (\S+)$", told, re.MULTILINE) != []


def test_the_citation_is_of_this_version():
    told = yaml.safe_load(read("CITATION.cff"))

    assert told["version"] == qicsim.__version__
    assert told["license"] == "Apache-2.0" and told["date-released"] and told["authors"]
    assert not {"doi", "identifiers", "repository-code"} & set(told)


def test_the_paper_cites_what_its_bibliography_holds():
    cited = set(re.findall(r"@(\w+)", read("paper/paper.md").split("---", 2)[2]))

    assert cited == set(re.findall(r"^@article\{(\w+),", read("paper/paper.bib"), re.MULTILINE))


def test_constraints_name_every_library_with_its_version():
    told = constraints()

    for one in tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]:
        name = re.split(r"[<>=!]", one, maxsplit=1)[0].lower()
        assert re.search(rf"^{name}==\d", told, re.MULTILINE), name
    assert re.search(r"^python-dateutil==", told, re.MULTILINE), "what libraries need themselves"
    assert "file:" not in told and "http" not in told
