"""The page in a browser, in both languages: no errors, no requests, nothing wider than the window, working controls."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from qicsim.report.language import ENGLISH, khmer, languages, say, speaking
from qicsim.report.outputs import PAGES
from qicsim.report.page import render_page
from tests.report.conftest import PROVENANCE

CHROMIUM = Path("/usr/bin/chromium")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"there is no browser at {CHROMIUM}")
each_language = pytest.mark.parametrize("code", ["en", "km"])


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def addresses(three, tmp_path_factory) -> dict[str, str]:
    """The page in each language, beside the other."""
    place = tmp_path_factory.mktemp("page")
    for language, other in ((ENGLISH, khmer()), (khmer(), ENGLISH)):
        page = render_page(three.comparison, provenance=PROVENANCE, choice=three.choice, language=language,
                           others={other: PAGES[other.code]})
        (place / PAGES[language.code]).write_text(page, encoding="utf-8")
    return {code: (place / name).as_uri() for code, name in PAGES.items()}


@dataclass
class Opened:
    """Opens pages with the networking off; what they say and ask for is kept, and must be nothing.

    Called, it loads a page again, in a context of its own if there are options. `shown` gives a page that is loaded
    once for all tests that only look at it.
    """

    browser: object
    addresses: dict[str, str]
    pages: dict[tuple[str, int], object] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, code, width=1280, **options):
        if options:
            return self.page(code, width, **options)
        again = self.pages.get(("again", 0))
        if again is None:
            again = self.pages["again", 0] = self.page(code, width)
        else:
            again.emulate_media(media="null")
            again.mouse.move(0, 0)
            again.set_viewport_size({"width": width, "height": 900})
            again.goto(self.addresses[code])
        return again

    def shown(self, code, width=1280):
        if (code, width) not in self.pages:
            self.pages[code, width] = self.page(code, width)
        return self.pages[code, width]

    def page(self, code, width, **options):
        """A page in a context of its own."""
        context = self.browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(self.addresses[code])
        return page


@pytest.fixture(scope="module")
def opening(browser, addresses):
    return Opened(browser, addresses)


@pytest.fixture
def opened(opening):
    """A way to open pages; what all of them said and asked for so far is looked at after each test."""
    yield opening
    said, asked = opening.said.copy(), opening.asked.copy()
    opening.said.clear()
    opening.asked.clear()
    assert said == []
    assert {re.sub("#.*", "", url) for url in asked if not url.startswith("data:")} <= set(opening.addresses.values())


@each_language
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_it_opens_quietly_and_fits_the_window(opened, code, width):
    page = opened.shown(code, width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == code
    assert page.locator("#chart svg").bounding_box()["width"] <= width


@each_language
def test_choices_change_the_picture_and_the_words(opened, code):
    page = opened(code)
    pictures, words = [page.inner_html("#chart") + page.inner_html("#tiles")], [page.inner_text("#readout")]
    for key, value in (("scenario", "2"), ("indicator", "3"), ("place", "7")):
        page.select_option(f"#pick-{key}", value)
        pictures.append(page.inner_html("#chart") + page.inner_html("#tiles"))
        words.append(page.inner_text("#readout"))

    assert len(set(pictures)) == len(set(words)) == 4
    assert "n = 3" in words[-1] and page.locator("#numbers tbody tr").count() == 18


@each_language
def test_the_difference_from_the_reference_can_be_shown(opened, code):
    page = opened(code)
    before = page.inner_html("#chart"), page.locator("#tiles .tile").first.get_attribute("aria-label")
    page.select_option("#pick-show", "1")
    after = page.inner_html("#chart"), page.locator("#tiles .tile").first.get_attribute("aria-label")

    assert before[0] != after[0] and re.search(r"[+−]\d", after[1]) and not re.search(r"[+−]\d", before[1])


def test_money_has_no_tiles_and_a_chart(opened):
    page = opened("en")
    page.select_option("#pick-indicator", label="All public money in the year")

    assert page.locator("#tiles svg").count() == 0 and page.locator("#chart .mark").count() > 10
    assert "US$ million of 2021" in page.inner_text("#readout")


def test_a_link_to_a_folded_chapter_opens_it(opened):
    page = opened("en")
    chapter = page.locator("#costs details.chapter")
    folded = chapter.get_attribute("open") is None
    page.locator("main > nav a[href='#costs']").click()

    assert folded and chapter.get_attribute("open") is not None and page.locator("#figure-costs").is_visible()


def test_several_scenarios_stand_in_one_chart_each_with_a_colour_and_a_name(opened):
    page = opened("en")
    page.locator("#explorer summary").first.click()
    page.locator("#pick-others label").nth(2).click()
    colours = page.eval_on_selector_all("#chart polyline", "lines => lines.map((one) => one.getAttribute('stroke'))")
    named = page.eval_on_selector_all("#legend line", "lines => lines.map((one) => one.getAttribute('stroke'))")

    assert len(set(colours)) == len(colours) == 3 and set(named) == set(colours)


def test_a_link_opens_the_same_view(opened, addresses):
    page = opened("en")
    page.select_option("#pick-indicator", label="Active teams")
    page.select_option("#pick-place", index=3)
    page.locator("#explorer summary").first.click()
    page.locator("#pick-others label").nth(2).click()
    seen, address = page.inner_text("#readout"), page.url
    page.goto(addresses["en"])
    assert page.inner_text("#readout") != seen
    page.goto(address)

    assert "#explore:" in address and page.inner_text("#readout") == seen
    assert page.locator("#chart polyline").count() == 3
    page.goto(addresses["en"] + "#explore:plan=nobody&year=1812&show=x&place=<b>")
    assert page.locator("#chart polyline").count() >= 1, "what is not known is passed over"


def test_what_has_no_numbers_cannot_be_chosen(opened):
    page = opened("en")
    page.select_option("#pick-indicator", label="All public money in the year")
    places = page.eval_on_selector_all("#pick-place option", "all => all.map((one) => one.disabled)")
    page.select_option("#pick-indicator", index=0)
    page.select_option("#pick-place", index=2)
    money = page.locator("#pick-indicator option", has_text="All public money").get_attribute("disabled")

    assert not places[0] and all(places[1:]) and money is not None


def test_chart_and_numbers_can_be_saved(opened, tmp_path):
    page = opened("en")
    with page.expect_download() as numbers:
        page.click("#save-csv")
    with page.expect_download() as picture:
        page.click("#save-png")
    numbers.value.save_as(tmp_path / "numbers.csv")
    picture.value.save_as(tmp_path / "chart.png")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "numbers.csv").read_text(encoding="utf-8-sig"))))

    assert numbers.value.suggested_filename.endswith("-true-all.csv")
    assert {row["scenario"] for row in rows} >= {"reported"} and all(row["n"] == "3" for row in rows)
    assert len(rows) > 10
    drawn = (tmp_path / "chart.png").read_bytes()
    assert drawn.startswith(b"\x89PNG") and len(drawn) > 10_000


def test_differences_of_provinces_have_a_decimal(opened):
    page = opened("en")
    page.select_option("#pick-show", index=1)

    assert all(re.fullmatch(r"[+−]?\d+\.\d|–", said) for said in page.eval_on_selector_all(
        "#tiles .tile", "all => all.map((one) => one.lastChild.textContent)"))


def test_a_tile_chooses_its_province_with_the_keyboard_and_keeps_the_focus(opened):
    page = opened("en")
    page.locator("#tiles .tile").nth(5).focus()
    name = page.locator("#tiles .tile").nth(5).get_attribute("data-place")
    page.keyboard.press("Enter")

    assert page.locator("#pick-place").input_value() == name
    assert page.evaluate("document.activeElement.dataset.place") == name
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"


def test_the_colours_of_the_tiles_keep_their_scale_from_year_to_year(opened):
    page = opened("en")
    steps = page.evaluate("""() => {
      const scale = JSON.parse(document.getElementById("explore-data").textContent).scale, found = {};
      const year = document.getElementById("pick-year");
      for (let at = Number(year.min); at <= Number(year.max); at += 1) {
        year.value = at;
        year.dispatchEvent(new Event("input", { bubbles: true }));
        for (const tile of document.querySelectorAll("#tiles .tile")) {
          const fill = tile.querySelector("rect").getAttribute("fill");
          (found[tile.lastChild.textContent] ??= []).push(scale.indexOf(fill));
        }
      }
      return found;
    }""")

    assert len(steps) > 10 and min(map(min, steps.values())) >= 0
    assert max(max(found) - min(found) for found in steps.values()) <= 2, "a number has its colour in every year"


@each_language
def test_captions_and_first_columns_stay_in_view_on_a_phone(opened, code):
    page = opened.shown(code, width=390)
    box = page.locator("#brief .scroll")
    caption, first = page.locator("#brief caption .held"), page.locator("#brief tbody th").nth(1)
    start = caption.bounding_box()["x"], first.bounding_box()["x"]
    box.evaluate("box => { box.scrollLeft = 200; }")

    assert page.evaluate("document.querySelector('#brief .scroll').scrollLeft") == 200
    assert (caption.bounding_box()["x"], first.bounding_box()["x"]) == pytest.approx(start, abs=1.0)
    assert max(each.bounding_box()["width"] for each in page.locator("caption .held").all() if each.is_visible()) <= 390
    box.evaluate("box => { box.scrollLeft = 0; }")
    money = page.locator("#brief tbody tr").nth(1).locator("td").nth(2).bounding_box()
    assert money["x"] + money["width"] <= 390, "difference, share at 80 and money are seen without scrolling"


@each_language
def test_marks_are_high_enough_for_a_finger_on_a_phone(opened, code):
    page = opened.shown(code, width=390)
    heights = heights_of(page, "#brief .mark > rect:first-of-type")

    assert heights and min(heights) >= 24.0
    assert min(heights_of(page, "#chart .mark circle:first-child")) >= 24.0


def heights_of(page, chosen):
    """The heights of all elements that are chosen so, CSS pixels."""
    return page.eval_on_selector_all(chosen, "all => all.map(each => each.getBoundingClientRect().height)")


@each_language
def test_text_of_drawings_is_not_tiny_on_a_phone(opened, code):
    page = opened.shown(code, width=390)
    sizes = page.evaluate("""() => [...document.querySelectorAll("svg.drawing text")].map((text) => {
      const svg = text.ownerSVGElement, scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
      return parseFloat(getComputedStyle(text).fontSize) * scale;
    }).filter((size) => size > 0)""")

    assert len(sizes) > 100 and min(sizes) >= 8.0


def test_a_tile_chooses_its_province_and_the_keyboard_the_year(opened):
    page = opened("en")
    page.locator("#tiles .tile").nth(3).click()
    chosen = page.locator("#pick-place").input_value()
    page.focus("#pick-year")
    page.keyboard.press("ArrowLeft")
    name = page.locator("#pick-place option").nth(int(chosen)).inner_text()

    assert chosen != "0" and page.inner_text("#readout").startswith(name)
    assert page.inner_text("#shown-year") == "2034" and "end of 2034" in page.inner_text("#readout")


@each_language
def test_a_mark_tells_its_number_to_the_mouse_and_to_the_keyboard(opened, code):
    page = opened(code)
    mark = page.locator("#decide-gain .mark").first
    mark.hover()
    told = page.inner_text(".tip")
    page.keyboard.press("Escape")
    hidden = not page.locator(".tip").is_visible()
    mark.focus()

    assert told == mark.get_attribute("aria-label") == page.inner_text(".tip") and re.search(r"n\s=\s3", told)
    assert hidden and page.evaluate("document.activeElement.matches('.mark')")


@each_language
def test_without_scripts_everything_is_there_and_print_opens_what_is_folded(opened, code):
    page = opened(code, java_script_enabled=False)
    with speaking(*languages(code)):
        listed = page.get_by_text(say("Parameters and their priors"), exact=True)

    assert page.locator(".without-script").is_visible() and not page.locator("#explorer").is_visible()
    assert page.locator("#brief .mark > title").count() > 0 and page.locator("#brief table").is_visible()
    assert not listed.is_visible()
    page.emulate_media(media="print")
    assert listed.is_visible()


@each_language
def test_the_brief_fills_one_printed_page(opened, code):
    page = opened(code, width=700)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1000})  # an A4 page less its margins, in CSS pixels
    box = page.locator("#brief").bounding_box()

    assert box["y"] + box["height"] < 1017
    assert page.pdf(format="A4")[:5] == b"%PDF-"


def test_the_languages_lead_to_each_other(opened):
    page = opened("en")
    page.click("text=ភាសាខ្មែរ")
    page.wait_for_url("**/compare.km.html")
    page.click("text=English")
    page.wait_for_url("**/compare.html")


def test_khmer_is_set_in_the_font_that_the_page_carries(opened):
    page = opened.shown("km")

    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('700 16px \"Noto Sans Khmer\"', 'ក'))")
    assert page.evaluate("[...document.fonts].map((font) => font.status)") == ["loaded", "loaded"]


def test_what_is_english_on_a_page_in_khmer_is_marked(opened):
    page = opened.shown("km")
    found = page.evaluate("""() => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
      while (walk.nextNode()) {
        const text = walk.currentNode.data, around = walk.currentNode.parentElement;
        if (/[A-Za-z]{4}/.test(text) && !around.closest(
          "[lang=en], script, style, code, .name, #numbers, option")) found.push(text.trim());
      }
      return [...new Set(found)];
    }""")
    allowed = re.compile(r"[ក-៿]|NQEM|PBF|^English$|alert|^co\.")

    assert [text for text in found if not allowed.search(text)] == []


def test_controls_and_regions_have_names_and_landmarks_are_there(opened):
    page = opened.shown("en")
    nameless = page.evaluate("""() =>
      [...document.querySelectorAll("select, input, [role=region], nav, aside, svg[role]")]
      .filter((each) => !(each.getAttribute("aria-label") || each.labels?.[0]?.innerText.trim()))
      .map((each) => each.outerHTML.slice(0, 200))""")

    assert nameless == []
    assert [page.locator(landmark).count() for landmark in ("header", "main", "nav", "footer")] == [1, 1, 1, 1]


WIDTHS = """() => [...document.querySelectorAll("body *")].filter(one => !one.children.length
    && /[\\u1780-\\u17ff]/.test(one.textContent) && !one.closest("svg, select")).map(one => {
    const range = document.createRange(); range.selectNodeContents(one);
    const boxes = range.getClientRects();
    return boxes.length == 1 ? boxes[0].width / parseFloat(getComputedStyle(one).fontSize) : 0; })"""


def test_no_khmer_word_is_left_as_boxes(opening):
    """Words that were set before the page's own letters were there are as wide as boxes until they are set anew."""
    page = opening.page("km", 1280)
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(200)
    first = page.evaluate(WIDTHS)
    page.evaluate("document.documentElement.style.fontSize = '15.9px'")
    anew = page.evaluate(WIDTHS)
    page.context.close()

    both = [(one, other) for one, other in zip(first, anew, strict=True) if one and other]
    assert len(both) > 100
    assert [pair for pair in both if abs(pair[0] / pair[1] - 1.0) > 0.03] == []
