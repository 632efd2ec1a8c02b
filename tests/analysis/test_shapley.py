"""Shapley values of games whose values are known, and of the model's own mechanisms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qicsim.analysis.shapley import order_weights, shapley
from qicsim.analysis.switches import MECHANISMS, coalition_draws, coalitions, switched_off
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.model.ledger import LEDGER
from qicsim.runs.draws import prior_draws, with_fixed
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.readout import values
from tests.worlds import SCENARIO, busy_country, parameters, register_text

THREE = ("improvement", "peers", "accreditation")


def game(value, m):
    """A game (2^m, 2 draws, 3 replicates) in which every run is alike."""
    sets = [{i for i in range(m) if place >> i & 1} for place in range(2**m)]
    return np.broadcast_to(np.array([float(value(one)) for one in sets])[:, None, None], (2**m, 2, 3))


def means(found):
    return [float(one.mean) for one in found.values]


def test_the_glove_game():
    """One left glove and two right ones make a pair (Shapley and Shubik 1969): 2/3, 1/6, 1/6."""
    found = shapley(game(lambda one: 0 in one and len(one) > 1, 3), ("left", "right", "other right"))

    assert means(found) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert found.shares == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_the_airport_game():
    """Runways of cost 1, 3, 6 (Littlechild and Owen 1973): each part is shared by those who need it."""
    cost = [1.0, 3.0, 6.0]
    found = shapley(game(lambda one: max((cost[i] for i in one), default=0.0), 3), ("a", "b", "c"))

    assert means(found) == pytest.approx([1 / 3, 1 / 3 + 1.0, 1 / 3 + 1.0 + 3.0])


def test_without_interaction_a_mechanism_is_worth_what_it_adds():
    worth = [2.0, -1.0, 0.0, 5.0]

    assert means(shapley(game(lambda one: sum(worth[i] for i in one), 4), "abcd")) == pytest.approx(worth)


@pytest.mark.parametrize("m", [1, 2, 5, 8])
def test_values_add_up_to_everything_on_minus_everything_off_in_every_run(m):
    rng = np.random.default_rng(m)
    played = rng.standard_normal((2**m, 3, 2, 2))

    found = shapley(played, [str(i) for i in range(m)])

    assert np.allclose(found.per_run.sum(axis=0), played[-1] - played[0])
    assert sum(math.comb(m - 1, size) * weight for size, weight in enumerate(order_weights(m))) == pytest.approx(1.0)


def test_values_of_mechanisms_that_are_alike_are_alike():
    found = shapley(game(lambda one: len(one) ** 2, 3), "abc")

    assert means(found) == pytest.approx([3.0, 3.0, 3.0])


def test_the_standard_error_is_that_of_draws():
    rng = np.random.default_rng(9)
    effect = 1.0 + 0.5 * rng.standard_normal((200, 1))
    played = np.stack([np.zeros((200, 4)), np.broadcast_to(effect, (200, 4)) + 0.2 * rng.standard_normal((200, 4))])

    found = shapley(played, ["one"]).values[0]

    assert found.error == pytest.approx(np.sqrt((0.25 + 0.04 / 4) / 200), rel=0.15)
    assert found.error_chance == pytest.approx(np.sqrt(0.04 / 4 / 200), rel=0.15)


def test_another_number_of_sets_is_refused():
    with pytest.raises(SettingError, match=r"\(8, draws"):
        shapley(np.zeros((4, 2, 2)), "abc")


# ---------------------------------------------------------------------------------------------------------- switches


@pytest.mark.parametrize("mechanism", [one for one in MECHANISMS if one.lines], ids=lambda one: one.name)
def test_a_mechanism_that_is_switched_off_books_nothing_at_all(mechanism):
    places = [LEDGER.index(line) for line in mechanism.lines]
    with_it = busy_country().run(parameters())
    without = busy_country().run(parameters(mechanism.off))

    assert np.all(with_it.facility["ledger"][:, places].any(axis=0))
    assert not without.facility["ledger"][:, places].any()


def off(*names):
    return parameters({path: value for one in MECHANISMS if one.name in names for path, value in one.off.items()})


def test_without_what_makes_the_record_err_it_is_the_truth():
    last = busy_country().but(weights=0).first(36).run(
        off("leniency", "gaming", "visit day", "assessor bias", "assessment noise"))

    assert np.array_equal(last.facility["score"], last.facility["true_score"])


def test_without_leniency_it_does_not_matter_who_assesses():
    country, given = busy_country(), off("leniency")

    one, other = (country.but(separated=share).run(given).facility for share in (0.0, 1.0))
    assert np.array_equal(one, other)


def test_without_anything_that_moves_motivation_it_stays_at_zero():
    last = busy_country().run(off("side effects of PBF", "encouragement", "exchange"))

    assert not last.facility["motivation"].any()
    assert busy_country().run(off("side effects of PBF", "exchange")).facility["motivation"].any()


def test_every_switch_changes_something():
    as_it_is = busy_country().run(parameters()).facility

    for mechanism in MECHANISMS:
        assert not np.array_equal(busy_country().run(parameters(mechanism.off)).facility, as_it_is), mechanism.name


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    place = tmp_path_factory.mktemp("shapley")
    (place / "register.csv").write_text(register_text())
    (place / "small.toml").write_text(SCENARIO)
    return load_scenario(place / "small.toml")


def test_the_model_s_mechanisms_share_out_what_they_do_together(small):
    """Nobody prepares for accreditation here, so its share is exactly nothing (null player)."""
    sets = coalitions(small, THREE)
    ensemble = run_ensemble(sets, prior_draws(4, 1), replicates=2, workers=1)
    played = np.stack([values(ensemble, one.name, "true").reshape(4, 2, -1) for one in sets])

    found = shapley(played, THREE)

    assert np.allclose(found.per_run.sum(axis=0), played[-1] - played[0])
    assert not found.per_run[2].any()
    assert np.all(found.values[0].mean[-4:] > 0.0)


def test_a_coalition_holds_the_parameters_of_what_is_off(small):
    sets = coalitions(small, THREE)

    assert sets[0].parameters == {"pdsa.k_item": 0.0, "peers.lambda_net": 0.0, "accreditation.attention": 0.0,
                                  "topic.accreditation_tilt": 0.0}
    assert sets[0b010].parameters.keys() == sets[0].parameters.keys() - {"peers.lambda_net"}
    assert sets[-1].parameters == small.parameters
    assert len({one.name for one in sets}) == 8


def test_coalitions_can_be_given_as_draws_of_one_scenario(small):
    draws = prior_draws(3, 1)
    table, draw = coalition_draws(draws, THREE)

    assert draw.tolist() == [0, 1, 2] * 8
    for place, one in enumerate(coalitions(small, THREE)):
        assert np.array_equal(table[3 * place:3 * place + 3], with_fixed(draws.values, one.parameters))


def test_unknown_mechanisms_are_refused(small):
    with pytest.raises(SettingError, match='Did you mean "sessions"'):
        switched_off(small, ["session"])
    with pytest.raises(SettingError, match="each once"):
        coalitions(small, ("peers", "peers"))
