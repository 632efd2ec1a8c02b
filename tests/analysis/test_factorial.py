"""Factorial effects against a model with known effects, and the cells that the shipped scenarios make."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.analysis.factorial import cell_levels, effect_weights, effect_words, factorial, synergy_words
from qicsim.analysis.factorial_scenarios import (
    COACHING_EXCHANGE_PBF,
    PBF_BY_QIC,
    check_cells,
    lever_cells,
    pbf_by_qic,
)
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import change, load_scenario

NAMES = ("A", "B", "C")


def known(rng, draws=300, replicates=3, synergy=1.5):
    """A +2, B -1, A x B +synergy on top, C nothing; effects vary between draws by 0.4; luck of 0.8 is shared."""
    luck = 0.8 * rng.standard_normal((draws, replicates)) + rng.standard_normal((draws, 1))
    a, b, ab = (mean + 0.4 * rng.standard_normal((draws, 1)) for mean in (2.0, -1.0, synergy))
    return np.stack([luck + level[0] * a + level[1] * b + level[0] * level[1] * ab
                     + 0.1 * rng.standard_normal((draws, replicates)) for level in cell_levels(3)])


def test_cells_come_with_the_last_factor_fastest():
    assert cell_levels(2) == ((0, 0), (0, 1), (1, 0), (1, 1))


def test_weights_of_an_interaction_are_a_difference_of_differences():
    assert effect_weights(2, (0, 1)).tolist() == [1.0, -1.0, -1.0, 1.0]
    assert effect_weights(2, (0,)).tolist() == [-0.5, -0.5, 0.5, 0.5]
    assert effect_weights(3, (0, 1, 2)).tolist() == [-1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0, 1.0]


def test_effects_by_hand():
    """One cell each: 10, 11, 13, 20."""
    cells = np.broadcast_to(np.array([10.0, 11.0, 13.0, 20.0])[:, None, None], (4, 2, 1))
    found = {effect.name: float(effect.contrast.mean) for effect in factorial(cells, ("P", "Q"))}

    assert found == {"P": 6.0, "Q": 4.0, "P x Q": 6.0}


def test_known_effects_are_found_within_their_errors():
    truth = {"A": 2.75, "B": -0.25, "C": 0.0, "A x B": 1.5, "A x C": 0.0, "B x C": 0.0, "A x B x C": 0.0}

    for effect in factorial(known(np.random.default_rng(1)), NAMES):
        assert abs(effect.contrast.mean - truth[effect.name]) < 5.0 * effect.contrast.error, effect.name


def test_the_interval_of_an_interaction_is_that_between_draws():
    """A x B varies between draws with standard deviation 0.4; its noise within a draw is taken out."""
    effect = next(e for e in factorial(known(np.random.default_rng(2), draws=3000), NAMES) if e.name == "A x B")

    assert effect.contrast.low == pytest.approx(1.5 - 1.645 * 0.4, abs=0.04)
    assert effect.contrast.high == pytest.approx(1.5 + 1.645 * 0.4, abs=0.04)
    assert effect.contrast.saved_total > 20.0
    assert effect.verdict == 1


def test_a_factor_without_effect_is_said_to_hold_zero():
    effects = {effect.name: effect for effect in factorial(known(np.random.default_rng(3)), NAMES)}

    assert "holds zero" in effect_words(effects["C"], "points")
    assert "together more than the sum" in effect_words(effects["A x B"], "points")


def test_the_verdict_can_differ_between_truth_and_record():
    rng = np.random.default_rng(4)
    true, recorded = known(rng, synergy=0.0), known(rng, synergy=1.5)
    both = {name: next(e for e in factorial(values, NAMES) if e.name == "A x B")
            for name, values in (("true", true), ("recorded", recorded))}

    assert synergy_words(both) == ("An interaction of A x B is seen in the record only, not in true quality. "
                                   "In the record it is positive (synergy).")


def test_effects_over_time_are_those_of_each_time():
    cells = np.stack([known(np.random.default_rng(seed)) for seed in (5, 6)], axis=-1)

    over_time, alone = factorial(cells, NAMES)[3], factorial(cells[..., 1], NAMES)[3]

    assert over_time.contrast.mean[1] == pytest.approx(float(alone.contrast.mean))
    assert effect_words(over_time, "points", 1) == effect_words(alone, "points")


def test_another_number_of_cells_is_refused():
    with pytest.raises(SettingError, match=r"\(4, draws"):
        factorial(np.zeros((3, 5, 2)), ("A", "B"))


# ------------------------------------------------------------------------------------------------------------- cells


def test_the_shipped_scenarios_form_a_factorial_of_pbf_and_collaboratives():
    cells = pbf_by_qic()
    at = 2027 * 12 - cells[0].start

    check_cells(cells, PBF_BY_QIC)
    assert [(cell.levers.pbf[at], cell.levers.recruiting[at]) for cell in cells] == list(cell_levels(2))


@pytest.mark.parametrize("other", ["pbf-only", "hold-398"])
def test_scenarios_of_another_past_form_none(other):
    cells = pbf_by_qic()
    cells[0] = load_scenario(other)

    with pytest.raises(SettingError, match="depends on more than one of PBF, QIC"):
        check_cells(cells, PBF_BY_QIC)


def test_cells_of_coaching_exchange_and_pbf_are_made_by_levers():
    plan = load_scenario("national-2030")
    cells = lever_cells(plan, COACHING_EXCHANGE_PBF, from_="2027-01")
    at = 2027 * 12 - plan.start

    check_cells(cells, tuple(COACHING_EXCHANGE_PBF))
    assert len({cell.name for cell in cells}) == 8
    assert [cell.levers.visits[at] for cell in cells] == [0.0] * 4 + [0.75] * 4
    assert [cell.levers.exchanges[at] for cell in cells] == [0.0, 0.0, 13.0, 13.0] * 2
    assert [cell.levers.pbf[at] for cell in cells] == [0, 1] * 4
    assert all(np.array_equal(cell.levers.pbf[:at], plan.levers.pbf[:at]) for cell in cells)


def test_cells_that_differ_in_their_horizon_form_none():
    cells = pbf_by_qic()
    cells[2] = load_scenario("reported", horizon_end="2034-12")

    with pytest.raises(SettingError, match="horizon"):
        check_cells(cells, PBF_BY_QIC)


def test_a_lever_that_moves_in_one_cell_alone_is_found():
    cells = pbf_by_qic()
    cells[3] = change(cells[3], from_="2030-01", coaches=5.0)

    with pytest.raises(SettingError, match="coaches"):
        check_cells(cells, PBF_BY_QIC)


def test_cells_must_be_as_many_as_the_factors_ask_for():
    with pytest.raises(SettingError, match="4 scenarios for 3 factors"):
        check_cells(pbf_by_qic(), ("A", "B", "C"))
