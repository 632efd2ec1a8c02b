"""The live page in a browser with the network off: levers, undo, links, files, two languages, two tabs, a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qicsim.explore.page import COST_LABELS, LABELS
from qicsim.inputs.scenario import load_scenario
from qicsim.report.language import khmer, say, speaking
from tests.explore.conftest import DRAWS, SECRET, serving

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}")
ALL = f"() => document.getElementById('status').textContent.startsWith('{DRAWS} ')"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, served):
    """Opens pages of one context, where nothing beyond this machine may be asked, and nothing may be complained of."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    said, asked = [], []

    def open_page(fragment=f"#secret={SECRET}", path="", *, wait=True):
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{served.address}{path}{fragment}")
        if wait:
            page.wait_for_function(ALL)
        return page

    yield open_page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith((served.address, "data:", "blob:"))] == []


def big(page, plan, tile):
    return page.inner_text(f'#tiles-{plan} [data-tile="{tile}"] .big')


def moved(page, key, by):
    """Press a key on a control until all runs are done; what was said aloud meanwhile."""
    page.focus(key)
    page.evaluate("() => { window.aloud = []; new MutationObserver((all) => window.aloud.push(...all.flatMap("
                  "(one) => [...one.addedNodes].map((node) => node.textContent))))"
                  ".observe(document.getElementById('spoken'), { childList: true }); }")
    page.keyboard.press(by)
    page.wait_for_timeout(150)
    page.wait_for_function(ALL)
    return page.evaluate("() => window.aloud")


def test_a_lever_is_moved_by_keyboard_runs_the_model_and_is_taken_back(opened):
    page = opened()
    assert SECRET not in page.url and page.locator("#explorer").is_visible()
    assert page.evaluate("() => document.getElementById('tiles').scrollWidth <= document.getElementById('tiles')"
                         ".clientWidth"), "the map is cut"
    before = big(page, "A", "points"), page.inner_text("#readout"), page.locator("#tiles svg .tile").count()
    aloud = moved(page, "#A-coaches", "ArrowRight")

    assert page.inner_text("#A-coaches-value") == page.get_attribute("#A-coaches", "aria-valuetext") == "2.5"
    assert (big(page, "A", "points"), page.inner_text("#readout")) != before[:2] and before[2] == 3
    assert f"n = {DRAWS}" in page.inner_text("#readout")
    assert [one.split(",")[0] for one in aloud] == ["First picture", f"All {DRAWS} runs: A {big(page, 'A', 'points')}"]
    page.keyboard.press("Control+z")
    page.wait_for_function(ALL)
    page.wait_for_function("before => document.querySelector('#tiles-A [data-tile=points] .big').innerText === before",
                           arg=before[0])
    assert page.inner_text("#A-coaches-value") == "2" and page.locator("#undo").is_disabled()


MOVE_ALL = """() => [...document.querySelectorAll('.moves input, .moves select')].map((one) => {
  const before = one.value;
  if (one.type === 'range') one.value = Number(one.value) ? Number(one.value) - 1 : 1;
  else if (!one.id.endsWith('preset')) one.selectedIndex = one.options.length - 1;
  one.dispatchEvent(new Event('input', { bubbles: true }));
  return [one.labels[0].innerText, one.id, one.value !== before];
})"""


def test_every_control_has_a_label_and_moves_something(opened):
    page = opened()
    page.evaluate("() => { for (const one of document.querySelectorAll('.moves details')) one.open = true; }")
    found = page.evaluate(MOVE_ALL)
    names = [name for name, *_ in found]

    assert all(names) and [key for _, key, changed in found if not changed] == ["A-preset", "B-preset", "target-year"]
    assert all(sum(LABELS[key] in name for name in names) == 2 for key in LABELS)
    assert all(any(label in name for name in names) for label in COST_LABELS.values())
    assert page.locator(".moved").count() == len(found) - 3
    page.wait_for_timeout(150)
    page.wait_for_function(ALL)
    page.click("#reset")
    assert page.locator(".moved").count() == 0


def test_a_link_opens_the_same_choice_in_another_tab(opened):
    first = opened()
    moved(first, "#A-visits", "ArrowRight")
    first.select_option("#A-start", "2028")
    first.wait_for_timeout(150)
    first.wait_for_function(ALL)
    second = opened(fragment="#" + first.url.partition("#")[2])

    assert second.input_value("#A-start") == "2028" and second.inner_text("#A-visits-value") == "1"
    assert [big(second, "A", key) for key in ("points", "cost")] == [big(first, "A", key) for key in ("points", "cost")]


def test_a_link_that_means_nothing_opens_the_first_choice(opened):
    page = opened(fragment=f"#secret={SECRET}")
    page.evaluate("() => { location.hash = '#explore:what=' + encodeURIComponent('{\"plans\":{\"A\":{\"preset\":"
                  "\"<b>\",\"levers\":[]}}}'); }")
    page.wait_for_timeout(150)
    page.wait_for_function(ALL)

    assert page.input_value("#A-preset") == "national-2030"


def test_without_the_secret_nothing_is_run_and_that_is_said(browser, served):
    context = browser.new_context()
    page = context.new_page()
    page.goto(served.address)
    page.wait_for_selector(".status.failed")

    assert "needs its secret" in page.inner_text("#status") and page.inner_text("#tiles-A") == ""
    context.close()


def test_what_is_saved_is_a_scenario_file(opened, tmp_path):
    page = opened()
    moved(page, "#A-coaches", "ArrowRight")
    with page.expect_download() as saved:
        page.click('.save-toml[data-plan="A"]')
    saved.value.save_as(tmp_path / saved.value.suggested_filename)

    assert saved.value.suggested_filename == "what-if-a.toml"
    assert load_scenario(tmp_path / "what-if-a.toml").levers.coaches[-1] == 2.5


def test_the_page_speaks_khmer_and_keeps_the_choice(opened):
    page = opened()
    moved(page, "#A-coaches", "ArrowRight")
    page.click(".languages a")
    page.wait_for_selector("#tiles-A .big")
    with speaking(khmer()):
        head = say("Coaches needed of those at work")

    assert page.url.startswith(page.url[:page.url.index("/", 8)] + "/km#explore:")
    assert page.inner_text("#A-coaches-value") == "2.5" and head in page.inner_text("#tiles-A")
    assert re.search(r'<html lang="km">', page.content())
    assert page.locator('[lang="en"]:not(a)').count() == 0


def test_on_a_phone_nothing_is_wider_than_the_window_and_controls_are_large(opened):
    page = opened()
    page.set_viewport_size({"width": 390, "height": 844})

    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    heights = page.evaluate("() => [...document.querySelectorAll('#plan-A input, #plan-A select')]"
                            ".map((one) => one.getBoundingClientRect().height)")
    assert min(heights) >= 36


def test_fast_changes_in_two_tabs_end_with_the_last_of_each(opened, served):
    pages = [opened(), opened()]
    for _ in range(3):
        for page, key in zip(pages, ("ArrowRight", "ArrowLeft"), strict=True):
            page.focus("#A-maintenance")
            page.keyboard.press(key)
    for page, value in zip(pages, ("0.5", "0"), strict=True):
        page.wait_for_timeout(150)
        page.wait_for_function(ALL)
        assert page.inner_text("#A-maintenance-value") == value
    assert pages[0].inner_text("#tiles-A") != pages[1].inner_text("#tiles-A")


@pytest.mark.slow
def test_ten_tabs_and_two_hundred_quick_changes_end_with_the_last(browser, tmp_path):
    with serving(load_scenario("reported"), tmp_path) as served:
        context = browser.new_context()
        pages = [context.new_page() for _ in range(10)]
        for page in pages:
            page.goto(f"{served.address}#secret={SECRET}")
        for page in pages:
            page.wait_for_function(ALL)
        began = []
        submit = served.site.runs.submit
        served.site.runs.submit = lambda *given: began.append(1) or submit(*given)
        page = pages[3]
        page.focus("#A-visits")
        for at in range(200):
            page.keyboard.press("ArrowRight" if at // 5 % 2 else "ArrowLeft")
            page.wait_for_timeout(10)
        page.wait_for_timeout(150)
        page.wait_for_function(ALL)
        assert len(began) < 200 and served.run({"plans": {"A": {"preset": "national-2030"}}})[-1]["last"]
        context.close()


@pytest.mark.slow
def test_memory_stays_what_it_is_over_a_thousand_changes(small, tmp_path):
    def resident():
        (line,) = (one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS"))
        return int(line.split()[1]) / 1000.0

    with serving(small, tmp_path, draws=8) as served:
        def change(number):
            levers = {"coaches": 1.0 + number % 97 / 10.0, "visits": 0.25 + number % 13 / 10.0}
            assert served.run({"plans": {"A": {"preset": "national-2030", "levers": levers}}})[-1]["last"]

        for number in range(200):
            change(number)
        before = resident()
        for number in range(200, 1000):
            change(number)
        assert resident() - before < 20.0
