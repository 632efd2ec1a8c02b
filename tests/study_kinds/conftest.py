"""The small country and its studies, as the tests of the engine have them; reports of studies."""

from __future__ import annotations

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from qicsim.analysis.study_kinds import analyse_experiment
from qicsim.report.experiment import PAGES, render_report, write_report
from qicsim.report.language import khmer, speaking
from qicsim.runs.draws import names
from qicsim.runs.experiment import experiment_facts, run_experiment
from tests.runs.conftest import place, study_of

__all__ = ["place", "study_of"]


@pytest.fixture(scope="session")
def reported(study_of, tmp_path_factory):
    """Makes a study, runs and analyses it, and writes its report."""
    def make(*scenarios, **tables):
        study, folder = study_of(*scenarios, **tables), tmp_path_factory.mktemp("reported")
        results = run_experiment(study, folder, executor="serial")
        return report_of(results, folder)
    return make


def report_of(results, folder):
    """The findings and the report of results."""
    findings = analyse_experiment(results)
    files = write_report(results, findings, folder, experiment_facts(results, "qicsim experiment run study.toml"))
    page = (folder / PAGES["en"]).read_text(encoding="utf-8")
    return SimpleNamespace(results=results, findings=findings, files=files, folder=folder, page=page)


def drawings(page):
    """The drawings of a page, parsed; each has a text that is read aloud."""
    found = [ElementTree.fromstring(text) for text in re.findall(r'<svg class="drawing".*?</svg>', page, re.DOTALL)]
    assert all(len(one.get("aria-label")) > 20 for one in found)
    return found


def ids(page):
    """The ids of a page."""
    return re.findall(r'\bid="([^"]*)"', page)


def values_of(points):
    """The values of all parameters, (n, parameters), of points or draws."""
    return points.values


def khmer_page(found):
    """The same page in Khmer."""
    with speaking(khmer()):
        return render_report(found.results, found.findings, experiment_facts(found.results, "qicsim experiment run"),
                             [file.name for file in found.files if file.suffix == ".csv"])


def names_of(found):
    """What keeps its name in every language: a study's, its scenarios' and parameters', and what citations say."""
    study = found.results.design.study
    return (study.name, study.title, *(name for one in study.scenarios for name in (one.title, one.name)), *names())
