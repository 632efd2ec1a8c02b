"""The page on decisions: its code is run as it is written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "decisions.md"


@pytest.fixture(scope="module")
def page():
    """What the page's blocks leave behind."""
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 the page is our own
    return names | {"blocks": blocks}


def test_the_code_of_the_page_on_decisions_runs_in_order(page):
    assert len(page["blocks"]) == 9
    assert page["costs"].shape == page["good"].shape == (3, 24)
    assert page["share"].shape == (3, 24, 1)
    assert page["study"].value.shape == (4,)
    assert page["decision"].names == ("reported", "national-2030", "pbf-reform")
    assert np.isfinite(page["alone"].value).all()


def test_costs_of_the_page_are_those_of_the_comparison(page):
    from qicsim.analysis.compare import Reader, cost_table
    from qicsim.decide.reading import COST_AXES, spending

    rows = cost_table(Reader(page["runs"]))
    for name in page["names"]:
        theirs = rows[(rows["scenario"] == name) & (rows["year"] == 2029)].set_index(["line", "payer"])["mean"]
        ours = spending(page["runs"], name).within(2029, 2029)
        whole = spending(page["runs"], name, COST_AXES).within(2029, 2029)
        for line, label in enumerate(ours.axes["line"]):
            for payer, who in enumerate(ours.axes["payer"]):
                assert ours.usd[:, 0, line, payer].mean() == pytest.approx(theirs[label, who], rel=1e-6, abs=1e-3)
        assert whole.by("line", "payer").usd == pytest.approx(ours.usd, rel=1e-6, abs=1e-3)


def test_effects_of_the_page_are_sums_of_what_was_simulated(page):
    from qicsim import values
    from qicsim.decide.reading import at_year_end, yearly_effect

    runs = page["runs"]
    share, facilities = (values(runs, "national-2030", name) for name in ("true_80", "facilities"))
    assert yearly_effect(runs, "national-2030", "facility_years_true_80")[:, 0, -1] == pytest.approx(
        (share * facilities)[:, -4:].mean(axis=1), rel=1e-5)
    assert at_year_end(runs, "true_80", 2030)[1, :, 0] == pytest.approx(share[:, -1])
    assert yearly_effect(runs, "national-2030", "points_true")[:, 0, 0] == pytest.approx(
        values(runs, "national-2030", "true")[:, :4].mean(axis=1))


def test_years_of_spending_add_up_to_what_was_spent(page):
    from qicsim.decide.reading import spending

    for name in page["names"]:
        since_start = page["runs"].kept[name].cost[:, -1].sum(axis=(1, 2, 3, 4), dtype=float)
        assert spending(page["runs"], name).yearly().sum(axis=1) == pytest.approx(since_start)


def test_provinces_are_ranked_by_where_they_began(page):
    from qicsim.decide.inequality import slope_index
    from qicsim.decide.reading import yearly_effect
    from qicsim.runs.readout import province_values

    quality, weights = (province_values(page["runs"], "national-2030", name)[5] for name in ("true", "facilities"))

    assert yearly_effect(page["runs"], "national-2030", "slope_true")[5, 0, -1] == pytest.approx(
        slope_index(quality[-1], weights[-1], quality[0]))
    assert yearly_effect(page["runs"], "national-2030", "range_true")[5, 0, -1] == pytest.approx(np.ptp(quality[-1]))


def test_factors_multiply_their_lines_and_leave_payments(page):
    from qicsim.decide.reading import spending

    plain, dear = (spending(page["runs"], "national-2030", ("line",), factors) for factors in (None, page["factors"]))
    lines = plain.axes["line"]

    assert dear.usd == pytest.approx(plain.usd * page["factors"][:, None, :])
    assert dear.usd[..., lines.index("pbf")] == pytest.approx(plain.usd[..., lines.index("pbf")])
    assert (page["factors"][:, lines.index("pbf")] == 1.0).all()


def test_a_line_has_the_range_of_the_unit_cost_that_carries_it(page):
    from qicsim.decide.reading import line_factors
    from qicsim.model.columns import COST_LINES

    high = np.percentile(line_factors(page["runs"].runners["reported"].world.unit_costs, 20_000), 95.0, axis=0)

    assert high[COST_LINES.index("coach_visits")] == pytest.approx(90.0 / 35.0, rel=0.03)
    assert high[COST_LINES.index("verification")] == pytest.approx(305.0 / 120.0, rel=0.03)
    assert high[COST_LINES.index("pbf")] == 1.0


def test_faults_of_reading_are_told_at_once(page):
    from qicsim.decide.reading import at_year_end, spending, yearly_effect
    from qicsim.ground.errors import SettingError

    with pytest.raises(SettingError) as caught:
        spending(page["runs"], "national-2031", ("lines",), np.ones((2, 2)))
    assert [fault.place for fault in caught.value.faults] == ["scenario", "by", "factors"]
    assert 'Did you mean "national-2030"?' in str(caught.value)
    with pytest.raises(SettingError, match=r'"deaths" is not known\. Allowed: facility_years_true_80'):
        yearly_effect(page["runs"], "reported", "deaths")
    with pytest.raises(SettingError, match=r"year of reported: 2040\. Allowed: 2018 to 2030"):
        at_year_end(page["runs"], "true_80", 2040)
