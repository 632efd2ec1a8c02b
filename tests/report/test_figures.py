"""What figures are made of: bundles of lines, numbers of scenarios, colours that can be read, light drawings."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qicsim.analysis.spending import MeanSpending
from qicsim.ground.numbers import number, percent, signed
from qicsim.inputs.country import default_country
from qicsim.inputs.country.provinces import outlines
from qicsim.model.columns import COST_LINES
from qicsim.model.ledger import LEDGER
from qicsim.report import chapters, figures, programme
from qicsim.report.chapters import provinces
from qicsim.report.colours import INK, LINES, PAPER, SOFT, contrast, diverging, ink_on, sequential
from qicsim.report.elements import plain
from qicsim.report.formatting import COST_WORDS, LEDGER_WORDS, interval, lines, listed
from qicsim.report.panel import Panel, _round_numbers
from qicsim.report.points import GROUPS, grouped, ledger_cells
from qicsim.report.results import Results
from qicsim.report.svg import apart, canvas, drawing_style, finish, frame


@pytest.fixture(scope="module")
def results(three):
    return Results(three.comparison)


def test_every_ledger_and_cost_line_has_words_and_a_place():
    assert set(LEDGER_WORDS) == set(LEDGER) and set(COST_WORDS) == set(COST_LINES)
    assert sorted(line for _, members, _ in GROUPS for line in members) == sorted(LEDGER)


def test_bars_add_up_to_the_difference_in_true_quality(results):
    cells = ledger_cells(results, difference=True)
    for name in results.others:
        gain = results.difference(name, results.end, "true").mean

        assert grouped(cells, name, results.end).sum() == pytest.approx(gain, abs=2e-3)


def test_costs_add_up_to_the_headline(results):
    spent = MeanSpending(results.comparison).collaboratives("national-2030").sum()

    assert spent == pytest.approx(results.level("national-2030", 2035, "qic_cost").mean, rel=1e-6)


def test_lines_that_coincide_are_drawn_once_and_no_scenario_is_lost(results):
    drawn = programme.bundles(results, "coverage")

    assert sorted(name for names, _ in drawn for name in names) == sorted(results.names)
    assert drawn[0][0] == ["reported", "nasty"]


def test_numbers_of_neighbours_are_joined(results):
    assert results.keys(results.names) == "Ref, 1, 2"
    assert Results(replace(results.comparison)).keys(["reported", "nasty"]) == "Ref, 2"


def test_visits_wanted_hold_only_while_there_is_support(results):
    wanted = programme.wanted_visits(results, "reported")

    assert np.isnan(wanted[:3]).all() and np.isnan(wanted[-1]) and wanted[8] == 0.75
    assert programme.coached(results) == ("national-2030",)


def test_panels_without_any_value_are_drawn(results):
    drawing = programme.visits_panel(results, "nasty")

    assert "no active team" in drawing and "nan" not in re.sub(r"<[^>]*>", "", drawing)


def test_labels_keep_their_distance_and_their_order():
    moved = apart([5.0, 5.1, 0.0, 9.9], 1.0, 0.0, 10.0)

    assert moved[2] == 0.0 and moved[0] == 5.0 and moved[1] == 6.0 and moved[3] == 9.9
    assert apart([9.9, 10.0], 1.0, 0.0, 10.0) == [9.0, 10.0]


def test_text_can_be_read_on_every_colour():
    colours = [colour for _, _, colour in GROUPS] + [sequential(step / 20) for step in range(21)]
    colours += [diverging(step / 10) for step in range(-10, 11)]

    assert all(contrast(colour, ink_on(colour)) >= 4.5 for colour in colours)
    assert contrast(SOFT, PAPER) >= 4.5 and contrast(INK, PAPER) >= 7.0
    assert len(set(LINES)) == len(LINES)


def test_difference_colours_are_centred_on_zero():
    scale = chapters.Scale([-1.0, 4.0], around_zero=True)

    assert (scale.low, scale.high) == (-4.0, 4.0)
    assert scale.colour(0.0) == diverging(0.0) and scale.colour(float("nan")) == chapters.EMPTY


def test_every_province_has_a_tile_and_an_outline(results):
    values = chapters.level_by_province(results, "reported")
    tiles = chapters.tiles(values, chapters.Scale(list(values.values())), "t", "tiles of the provinces",
                       default_country())

    assert len(values) == 25 and set(values) == {feature["properties"]["name"]
                                                     for feature in outlines(default_country())}
    assert all(part in tiles for name in values for part in name.split())


def test_places_that_are_no_provinces_get_a_table(results):
    table = results.comparison.provinces
    elsewhere = replace(results.comparison, provinces=table.assign(province="Zone " + table["province"].str[:3]))
    chapter = [make(1) for _, make in provinces(Results(elsewhere))]

    assert len(chapter) == 1 and "<svg" not in chapter[0] and "Zone Bat" in chapter[0]


def test_a_drawing_is_light_safe_and_keeps_the_text_of_users():
    with drawing_style():
        figure = canvas(200, 100)
        frame(figure, (10, 10, 10, 10)).set_title("<b> & $x_1$ 1.23456")
        drawing = finish(figure, "key", 'a "label" & more')

    assert "&lt;b&gt; &amp; $x_1$ 1.23456" in drawing
    assert drawing.startswith('<svg class="drawing" role="img" aria-label="a &quot;label&quot; &amp; more"')
    assert "xmlns" not in drawing and "<metadata" not in drawing and "<!--" not in drawing
    assert all(name.startswith("key-") for name in re.findall(r'id="([^"]*)"', drawing))


def test_a_panel_is_safe_keeps_the_text_of_users_and_carries_ids_of_its_own():
    panel = Panel((200, 100), (30, 10, 20, 10))
    panel.box((0.0, 1.0), (0.0, 2.0), INK, hatched=True)
    panel.text(0.5, 1.0, "<b> & $x_1$")
    drawing = panel.svg("key", 'a "label" & more')

    assert "&lt;b&gt; &amp; $x_1$" in drawing
    assert drawing.startswith('<svg class="drawing" role="img" aria-label="a &quot;label&quot; &amp; more"')
    assert re.findall(r'id="([^"]*)"', drawing) == ["key-clip", "key-hatch"]
    assert re.findall(r"url\(#([^)]*)", drawing) == ["key-clip", "key-hatch"]


def test_values_stand_where_the_axes_say():
    panel = Panel((400, 200), (40, 0, 40, 0))
    panel.x.fixed, panel.y.fixed = (0.0, 10.0), (100.0, 0.0)

    assert panel.x.at([0.0, 5.0, 10.0]).tolist() == [30.0, 165.0, 300.0]
    assert panel.y.at([100.0, 0.0]).tolist() == [120.0, 0.0]


def test_axes_without_limits_hold_the_data_with_a_margin():
    panel = Panel((400, 200), (0, 0, 0, 0))
    panel.line([0.0, np.nan, 20.0], [1.0, 5.0, 3.0], INK)

    assert panel.x.limits == (-1.0, 21.0) and panel.y.limits == (0.8, 5.2)


def test_lines_and_bands_break_where_there_is_no_value():
    panel = Panel((100, 100), (0, 0, 0, 0), grid="")
    x, y = np.arange(5.0), np.array([1.0, 2.0, np.nan, 2.0, 1.0])
    panel.line(x, y, INK)
    panel.band(x, y, y + 1.0, INK)
    line, band = re.findall(r'<path d="([^"]*)" f', panel.svg("key", "a broken line and band"))[::-1]

    assert line.count("M") == 2 and band.count("Z") == 2 and "nan" not in line + band


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 9))
def test_ticks_are_round_within_the_limits_and_told_apart(low, span, most):
    ticks = _round_numbers(low, low + span, most)
    values = np.array(list(ticks))
    steps = np.diff(values)
    digits = f"{steps[0]:.3e}".partition("e")[0]

    assert 2 <= len(values) <= 2 * most + 3 and len(set(ticks.values())) == len(ticks)
    assert values.min() >= low - 1e-6 * span and values.max() <= low + span + 1e-6 * span
    assert np.allclose(steps, steps[0]) and digits in {"1.000", "2.000", "2.500", "5.000"}
    assert [float(said.replace("−", "-")) for said in ticks.values()] == pytest.approx(values, abs=1e-6 * span)


def test_a_very_long_title_is_cut_in_drawings_only(results):
    long = "A plan whose title goes on and on, " * 10

    assert len(lines(long, 27, 2)) == 2 and lines(long, 27, 2)[1].endswith("…")
    assert "1. Plan: every district" in figures.differences(results, 2035)
    assert plain(long).startswith(lines(long, 27, 2)[0])


def test_numbers_are_written_for_readers():
    assert number(1413.4) == "1,413" and number(-0.04, 1) == "0.0" and number(float("nan")) == "–"
    assert signed(2.25) == "+2.2" and signed(-3.0) == "−3.0" and signed(0.01) == "0.0"
    assert percent(0.234) == "23\u00a0%" and percent(float("inf")) == "–"
    assert interval(-1.0, 2.0, sign=True) == "−1.0 to +2.0" and interval(float("nan"), 1.0) == "–"
    assert listed(["a", "b", "c"]) == "a, b and c" and listed(["a"]) == "a" and listed([]) == ""
