"""The page in a browser: no errors, no requests, nothing wider than the window; folded tables open in print."""

from __future__ import annotations

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}")


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(three, tmp_path_factory) -> str:
    place = tmp_path_factory.mktemp("page") / "page.html"
    place.write_text(three.page, encoding="utf-8")
    return place.as_uri()


@pytest.mark.parametrize("width", [390, 820, 1280])
def test_it_opens_quietly_and_fits_the_window(browser, address, width):
    said, asked = [], []
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()

    assert said == [] and asked == [address]
    assert wide <= width


def test_it_needs_no_scripts_and_print_opens_what_is_folded(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    listed = page.get_by_text("Parameters and their priors", exact=True)

    assert not listed.is_visible()
    page.emulate_media(media="print")
    assert listed.is_visible()
    context.close()


def test_it_prints(browser, address):
    page = browser.new_page()
    page.goto(address)

    assert page.pdf(format="A4")[:5] == b"%PDF-"
