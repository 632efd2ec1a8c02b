"""Pages at the widths of a telephone, a tablet and a laptop: no fault of access, no text that is small or covered."""

from __future__ import annotations

from pathlib import Path

import pytest

from qicsim.estimate.calibrate.targets import read_targets
from qicsim.report.decision import render_decision
from qicsim.report.language import khmer
from qicsim.report.page import render_page
from qicsim.runs.draws import names
from tests.helpers import SMALL_CALIBRATION, assert_khmer, typed
from tests.report.conftest import PROVENANCE
from tests.worlds import SCENARIO, register_text

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}")
WIDTHS = (390, 768, 1366)
SERIOUS = ("serious", "critical")
LEAST = 11.0
TEXTS = """() => [...document.querySelectorAll('svg')].filter(one => !one.classList.contains('swatch')).map(drawn => [
    ...drawn.querySelectorAll('text')].filter(one => one.textContent.trim() && one.getBoundingClientRect().width).map(
        one => { const box = one.getBoundingClientRect(), turned = one.getScreenCTM();
                 return {said: one.textContent, left: box.left, right: box.right, top: box.top, bottom: box.bottom,
                         size: parseFloat(getComputedStyle(one).fontSize) * Math.hypot(turned.a, turned.b)} }))"""
"""The texts of every drawing: what they say, their boxes and the size of their letters, pixels."""


@pytest.fixture(scope="module")
def pages(three, tmp_path_factory):
    """Open pages by name: a comparison in both languages, and its decision; what is folded is open."""
    place = tmp_path_factory.mktemp("read")
    texts = {"compare": three.page, "decision": render_decision(three.choice.decision, PROVENANCE),
             "compare.km": render_page(three.comparison, provenance=PROVENANCE, choice=three.choice, language=khmer())}
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        found = {}
        for name, text in texts.items():
            (place / f"{name}.html").write_text(text, encoding="utf-8")
            found[name] = browser.new_context(offline=True).new_page()
            found[name].goto((place / f"{name}.html").as_uri())
            found[name].evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        yield found
        browser.close()


each_page = pytest.mark.parametrize("name", ["compare", "compare.km", "decision"])
each_width = pytest.mark.parametrize("width", WIDTHS)


def at(pages, name, width):
    pages[name].set_viewport_size({"width": width, "height": 768})
    return pages[name]


@each_page
@each_width
def test_no_text_of_a_drawing_is_small_or_lies_on_another(pages, name, width):
    drawings = at(pages, name, width).evaluate(TEXTS)

    assert sum(map(len, drawings)) > 50
    assert sorted({one["said"] for texts in drawings for one in texts if one["size"] < LEAST - 0.05}) == []
    assert [pair for texts in drawings for pair in covering(texts)] == []


def covering(texts):
    """Pairs of texts that share more than a pixel of width and a third of their height."""
    return [(one["said"], other["said"]) for at, one in enumerate(texts) for other in texts[at + 1:]
            if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1.0
            and min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            > 0.3 * min(one["bottom"] - one["top"], other["bottom"] - other["top"])]


def test_texts_that_cover_each_other_are_found():
    box = {"said": "a", "left": 0.0, "right": 20.0, "top": 0.0, "bottom": 10.0}

    assert covering([box, box | {"left": 18.0}]) == [("a", "a")]
    assert covering([box, box | {"left": 19.5}, box | {"top": 8.0, "bottom": 18.0}]) == []


STUDY = 'title = "{kind}"\nscenarios = ["idle.toml", "small.toml"]\ndraws = 4\nreplicates = 2\nfrom = "prior"\n'
KINDS = {
    "contrasts": '[analysis]\nkind = "contrasts"\n',
    "replicates": '[analysis]\nkind = "replicates"\nerror = {true = 0.1}\n',
    "split": '[analysis]\nkind = "split"\n[[analysis.structure]]\nname = "other"\ncontagion = "threshold"\n'}
COMMANDS = {
    "history": ("history", "OD-BA1-H1", "--scenario", "small.toml"),
    "export": ("export", "small.toml", "--draws", "2", "--replicates", "1", "--quiet"),
    "sensitivity": ("sensitivity", "small.toml", "--size", "4", "--parameters", "pdsa.spill,pdsa.k_item", "--until",
                    "2019-12", "--quiet"),
    "discover": ("discover", "small.toml", "--reference", "idle.toml", "--draws", "64", "--replicates", "1",
                 "--quiet"),
    "calibrate": ("calibrate", "--study", "study.toml", "--quiet"),
    **{kind: ("experiment", "run", f"{kind}.toml", "--quiet") for kind in KINDS}}


NAMES = ("A small country", "idle", "small", *KINDS, "other", "OD", "BA", *(target.key for target in read_targets()),
         *names(), *(name.rpartition(".")[2] for name in names()), "PRIM", "compare", "CPD", "Mod")
"""What keeps its name on a page in Khmer: scenarios, studies, parameters, what is reported, a method, a command."""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_pages_of_other_commands_can_be_read_in_both_languages(command, tmp_path):
    """No serious fault of access, no text of a figure that is small or covered, nothing wider than a telephone."""
    (tmp_path / "register.csv").write_text(register_text())
    (tmp_path / "small.toml").write_text(SCENARIO)
    (tmp_path / "idle.toml").write_text(SCENARIO.replace("recruiting = true", "recruiting = false"))
    (tmp_path / "study.toml").write_text(SMALL_CALIBRATION)
    for kind, words in KINDS.items():
        (tmp_path / f"{kind}.toml").write_text(STUDY.format(kind=kind) + words)
    done = typed(*COMMANDS[command], "--out", "out", "--language", "both", cwd=tmp_path)
    assert done.returncode == 0, done.stderr

    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        pages = sorted((tmp_path / "out").glob("*.html"))
        assert len(pages) == 2
        assert_khmer(next(one for one in pages if ".km." in one.name).read_text(encoding="utf-8"), NAMES)
        for file in pages:
            page = browser.new_context(offline=True).new_page()
            page.goto(file.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert_readable(page, width=390)
            assert_readable(page, width=1366)
        browser.close()


def assert_readable(page, width):
    page.set_viewport_size({"width": width, "height": 768})
    drawings = page.evaluate(TEXTS)

    assert sorted({one["said"] for texts in drawings for one in texts if one["size"] < LEAST - 0.05}) == []
    assert [pair for texts in drawings for pair in covering(texts)] == []
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def faults(page):
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS]


@pytest.mark.parametrize(("name", "width"), [("compare", 390), ("compare.km", 1366), ("decision", 390)])
def test_axe_finds_no_serious_fault(pages, name, width):
    assert faults(at(pages, name, width)) == []
