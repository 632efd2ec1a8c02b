"""Assumptions that decide: what each changes, and that all else stays."""

from __future__ import annotations

import numpy as np
import pytest

from qicsim.cli.options import ASSUMPTIONS as TYPED
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import with_overrides
from qicsim.inputs.scenario.forms import FORMS
from qicsim.runs.assumptions import (
    ASSUMPTIONS,
    BREADTH,
    EFFICACY,
    GROUPS,
    KEYS,
    changes,
    chosen,
    named,
    part_of,
    run_assumptions,
    under,
)
from qicsim.runs.draws import names, prior_draws
from qicsim.runs.ensemble import run_ensemble
from qicsim.runs.modules import EFFECTS
from qicsim.runs.posterior import module_file, posterior_draws
from qicsim.runs.readout import values

SEED = 1


def columns(parameters):
    return [names().index(name) for name in parameters]


def test_every_other_form_of_structure_is_an_assumption_once():
    forms = [(name, form) for one in ASSUMPTIONS for name, form in one.forms.items()]

    assert sorted(forms) == sorted((name, form) for name, choices in FORMS.items() for form in choices[1:])


def test_each_changes_one_thing_and_has_a_group():
    for one in ASSUMPTIONS:
        assert bool(one.forms) + bool(one.rows) + (one.breadth is not None) == 1
        assert one.group in GROUPS


def test_the_rows_of_effects_ship():
    assert all(module_file(EFFECTS._replace(file=one.rows)) for one in ASSUMPTIONS if one.rows)


def test_the_option_knows_them():
    assert TYPED == KEYS


@pytest.mark.parametrize("key", ["R10", "W", "charts"])
def test_other_rows_of_effects_replace_whole_rows_and_nothing_else(key, scenarios):
    draws = posterior_draws(64, seed=SEED)

    _, drawn = under(named(key), scenarios, draws, SEED)

    own = columns(EFFECTS.of(names()))
    others = [column for column in range(len(names())) if column not in own]
    assert np.array_equal(drawn.values[:, others], draws.values[:, others])
    assert (drawn.values[:, own] != draws.values[:, own]).any(axis=1).mean() > 0.9
    assert [one.source for one in drawn.modules if one.module == "effects"] == [f"calibration/effects-{key}.npz"]


def test_more_draws_begin_with_the_fewer_under_every_assumption(scenarios):
    for one in ASSUMPTIONS:
        few, many = (under(one, scenarios, posterior_draws(n, seed=SEED), SEED)[1].values for n in (9, 40))

        assert np.array_equal(few, many[:9])


def test_breadth_is_replaced_where_collaboratives_can_do_something(scenarios):
    draws = prior_draws(200, SEED)
    works = draws.values[:, names().index(EFFICACY)] > 0.0

    none, wide = (under(named(key), scenarios, draws, SEED)[1].values for key in ("breadth-none", "breadth-0.1"))

    column, others = names().index(BREADTH), columns(name for name in names() if name != BREADTH)
    assert (none[works, column] == 0.0).all()
    assert wide[works, column].min() > 0.0
    assert wide[works, column].mean() == pytest.approx(0.2, abs=0.02)
    for changed in (none, wide):
        assert np.array_equal(changed[~works], draws.values[~works])
        assert np.array_equal(changed[:, others], draws.values[:, others])


def test_no_breadth_is_what_setting_it_gives_to_the_digit(scenarios):
    draws = prior_draws(12, SEED)
    assert 0 < (draws.values[:, names().index(EFFICACY)] == 0.0).sum() < len(draws)

    tried = run_assumptions([named("breadth-none")], scenarios, draws, seed=SEED, store=False)["breadth-none"]

    held = [with_overrides(one, {BREADTH: 0.0}) for one in scenarios]
    by_hand = run_ensemble(held, draws, seed=SEED, store=False)
    for name in by_hand.kept:
        assert np.array_equal(tried.kept[name].nation, by_hand.kept[name].nation)
        assert np.array_equal(tried.kept[name].cost, by_hand.kept[name].cost)


def test_what_is_assumed_already_is_not_tried(scenarios):
    draws = prior_draws(4, SEED)
    held = [with_overrides(one, {BREADTH: 0.0, "structure.contagion": "threshold"}) for one in scenarios]

    assert [key for key in KEYS if not changes(named(key), held, draws, SEED)] == [
        "breadth-none", "breadth-0.1", "contagion-threshold"]
    assert all(changes(named(key), scenarios, draws, SEED) for key in KEYS)


def test_runs_under_an_assumption_keep_their_luck_and_differ_by_it_alone(scenarios):
    draws = prior_draws(3, SEED)

    tried = run_assumptions([named("breadth-0.1")], scenarios, draws, seed=SEED, store=False)["breadth-0.1"]

    own = run_ensemble(scenarios, draws, seed=SEED, store=False)
    works = draws.values[:, names().index(EFFICACY)] > 0.0
    assert works.any()
    assert np.array_equal(values(own, "without-teams", "true"), values(tried, "without-teams", "true"))
    assert (values(own, "with-teams", "true") != values(tried, "with-teams", "true")).any(axis=1).tolist() \
        == works.tolist()


def test_progress_counts_the_whole():
    told = []

    part_of(lambda done, total: told.append((done, total)), 5, 10)(2, 4)

    assert told == [(7, 19)]
    assert part_of(None, 5) is None


def test_words_and_keys_choose_and_a_wrong_one_gets_the_nearest():
    assert chosen("none") == ()
    assert chosen("all") == ASSUMPTIONS
    assert [one.key for one in chosen("W,R10")] == ["R10", "W"]
    assert all(one.usual for one in chosen("usual"))
    with pytest.raises(SettingError, match='Did you mean "breadth-none"'):
        chosen("breadth-non")
