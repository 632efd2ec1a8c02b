"""The Mesa face is a real Mesa model, and gives the numbers of the compiled run to the last bit."""

import gc
import inspect
import subprocess
import sys
import weakref
from dataclasses import replace

import mesa
import numpy as np
import pytest

from qicsim.agents import District, Facility, QicModel
from qicsim.ground.errors import QicsimError, SettingError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.forms import FORMS
from qicsim.model.columns import ACTIVE, Structure
from qicsim.model.indicators import RECORDED, TRUE, TRUE_80
from qicsim.model.levers import Levers
from qicsim.model.month import close_month, live, open_month
from qicsim.model.observe import read_nation, read_programme
from qicsim.model.simulate import noise_key
from qicsim.model.state import TABLES
from qicsim.model.steps.begin import begin
from tests.worlds import (
    SCENARIO,
    busy_country,
    country_of,
    differing,
    listed_country,
    observed_country,
    parameter_row,
    parameters,
    register_text,
    small_country,
)


@pytest.fixture
def model():
    """A model of the small country that has not lived a month."""
    country = small_country()
    return QicModel(country.world, country.scenario)


# -------------------------------------------------------------------------------------------------------- equality


@pytest.mark.parametrize("country", [small_country, busy_country, observed_country, listed_country])
@pytest.mark.parametrize(("seed", "draw", "replicate"), [(1, 0, 0), (2, 5, 7)])
def test_shuffled_agents_end_in_the_very_state_of_the_compiled_run(country, seed, draw, replicate):
    country = country()

    lived = QicModel(country.world, country.scenario, seed=seed, draw=draw, replicate=replicate).run()

    assert differing(lived.state, country.run(key=noise_key(seed, draw, replicate))) == []


@pytest.mark.parametrize(("name", "form"), [(name, form) for name in FORMS for form in range(1, len(FORMS[name]))])
def test_shuffled_agents_live_under_every_form_as_the_compiled_run_does(name, form):
    country = busy_country().but(reenrol=1, support=1)
    scenario = replace(country.scenario, structure=Structure(**{name: form}), levers=levers_of(country))

    lived = QicModel(country.world, scenario).run()

    assert differing(lived.state, country.shaped(**{name: form}).run()) == []


def levers_of(country):
    """The levers of a country as a record of arrays."""
    return Levers(*(country.levers[name] for name in Levers._fields))


def test_the_embedded_country_ends_in_the_very_state_of_the_compiled_run():
    country = country_of(load_scenario("reported", horizon_end="2019-12"))

    lived = QicModel(country.world, country.scenario).run()

    assert lived.state.facility["ever"].any()
    assert differing(lived.state, country.run()) == []


def test_the_face_steps_what_was_compiled_for_a_run():
    """Whoever has run the model waits for no compiler here."""
    country = small_country()
    country.run()
    steps = (begin, open_month, live, close_month, read_nation, read_programme)
    before = [sum(step.stats.cache_misses.values()) for step in steps]

    QicModel(country.world, country.scenario).step()

    assert [sum(step.stats.cache_misses.values()) for step in steps] == before


def test_parameters_by_name_and_as_a_draw_are_those_of_the_compiled_run():
    country, changed = small_country(), {"pdsa.k_item": 0.3, "luck.sigma": 0.0}

    by_name = QicModel(country.world, country.scenario, changed).run()
    as_draw = QicModel(country.world, country.scenario, parameter_row(changed)).run()

    assert differing(by_name.state, country.run(parameters(changed))) == []
    assert differing(as_draw.state, by_name.state) == []


def test_facilities_live_in_another_order_every_month(model):
    orders = []
    for _ in range(2):
        order = []
        model.facilities.select(lambda facility: True).shuffle_do(lambda facility, seen=order: seen.append(facility.id))
        orders.append(order)

    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1]) == sorted(model.world.register.id)


# ---------------------------------------------------------------------------------------------------------- agents


def test_agents_read_every_column_of_their_row(model):
    model.step()

    for agents, table in ((model.facilities, "facility"), (model.districts, "district")):
        for agent in agents:
            for column in TABLES[table]._fields:
                assert np.array_equal(getattr(agent, column), getattr(model.state, table)[column][agent.row])


def test_amounts_read_as_float_and_whole_numbers_as_int(model):
    facility = model.facilities[0]

    assert (type(facility.true_score), type(facility.status)) == (float, int)


def test_what_is_written_to_an_agent_reaches_the_rules(model):
    other = QicModel(model.world, model.resolved)
    facility = model.facilities[3]

    facility.quality = 12.0
    facility.motivation = -2.0
    with pytest.warns(UserWarning, match=r"OD-BA1-H4 has .* that no line accounts for"):
        model.step()
    other.step()

    assert model.state.facility[3].true_score < 15.0 < other.state.facility[3].true_score
    assert facility.motivation < -1.0


def test_agents_know_who_they_are(model):
    facility = next(iter(model.facilities.select(lambda agent: agent.id == "OD-KC1-H5")))
    district = next(iter(model.districts.select(lambda agent: agent.id == "OD-KC1")))

    assert (facility.name, facility.province, facility.district) == ("OD-KC1-H5", "Kampong Cham", "OD-KC1")
    assert (facility.kind, facility.population, facility.opened) == ("health_centre", 11500.0, 12)
    assert (district.province, len(district.facilities)) == ("Kampong Cham", 8)
    assert district.population == sum(agent.population for agent in district.facilities)


def test_a_facility_is_open_from_its_first_month_on(model):
    late, early = (next(iter(model.facilities.select(lambda agent, name=name: agent.id == name)))
                   for name in ("OD-BA1-H2", "OD-BA1-H1"))
    seen = []
    for _ in range(9):
        model.step()
        seen.append((late.is_open, early.is_open))

    assert seen == [(False, True)] * 7 + [(True, True)] * 2


def test_mesa_s_queries_work(model):
    for _ in range(12):
        model.step()

    teams = model.facilities.select(lambda facility: facility.team == "active")
    assert len(teams) == np.count_nonzero(model.state.facility["status"] == ACTIVE) > 0
    assert model.facilities.agg("true_score", np.mean) == pytest.approx(model.state.facility["true_score"].mean())
    assert set(model.facilities.get("ever")) == {0, 1}
    assert model.agents_by_type.keys() == {Facility, District}
    model.facilities.set("motivation", 0.5)
    assert np.all(model.state.facility["motivation"] == 0.5)


def test_the_network_is_the_one_of_the_setting(model):
    site = model.setting.facility[4]
    ids = [model.world.register.id[row] for row in model.setting.peer[site.first_peer:site.end_peer]]

    assert sorted(model.network.neighbors(model.world.register.id[4])) == sorted(ids)


# ----------------------------------------------------------------------------------------------- time and reporting


def test_a_model_stops_at_the_end_of_its_horizon(model):
    model.run()

    assert (model.month, model.running) == (36, False)
    with pytest.raises(QicsimError, match="all 36 months were lived"):
        model.step()


def test_the_table_has_a_row_for_each_month_with_the_national_indicators(model):
    table = model.run().to_frame()

    scores = model.state.facility["true_score"]
    assert (table.index[0], table.index[-1], len(table)) == ("2018-01", "2020-12", 36)
    assert table["true"].iloc[-1] == pytest.approx(scores.mean(), abs=1e-9)
    assert table["true_80"].iloc[-1] == pytest.approx(np.mean(scores >= 80.0))
    assert table["active"].iloc[-1] == np.count_nonzero(model.state.facility["status"] == ACTIVE)
    assert table["districts"].iloc[-1] == 7
    assert table["facilities"].iloc[[0, 7, 12, 16]].tolist() == [40, 41, 42, 43]


def test_the_table_agrees_with_what_the_compiled_run_reads(model):
    table, nation = model.run().to_frame(), small_country().read().nation.sum(axis=1)

    for name, column in (("true", TRUE), ("recorded", RECORDED), ("true_80", TRUE_80)):
        assert np.array_equal(table[name], nation[:, column] / nation[:, 0])


def test_facilities_are_reported_on_demand(model):
    model.report_facilities({"true_score": "true_score", "team": lambda facility: facility.team})
    model.step()
    model.step()

    table = model.datacollector.get_agenttype_vars_dataframe(Facility)
    last = table.xs(2, level=0)
    assert len(table) == 2 * len(model.facilities)
    assert np.array_equal(last["true_score"], model.state.facility["true_score"])
    assert set(last["team"]) == {"never", "active"}


def test_the_history_of_array_columns_is_kept(model):
    """A collector keeps what it is given: a view on the state would show the last month everywhere."""
    model.report_facilities({"quality": "quality"})
    model.step()
    first = model.state.facility["quality"].copy()
    model.step()

    table = model.datacollector.get_agenttype_vars_dataframe(Facility)["quality"]
    assert np.array_equal(np.stack(table.xs(1, level=0)), first)
    assert not np.array_equal(np.stack(table.xs(2, level=0)), first)
    with pytest.raises(ValueError, match="read-only"):
        model.facilities[0].quality[0] = 1.0


# ------------------------------------------------------------------------------------------ from keywords, own rules


def test_a_model_is_made_from_keywords(plan_file):
    made = QicModel(scenario=plan_file, coaches=3.0, since="2019-01", until="2019-12", seed=2, replicate=1)
    again = type(made)(scenario=plan_file, coaches=3.0, since="2019-01", until="2019-12", rng=2, replicate=1)

    assert made.levers["coaches"].tolist() == [2.0] * 12 + [3.0] * 12
    assert differing(made.run().state, again.run().state) == []
    assert repr(made) == "<QicModel of plan at 2019-12: 43 facilities in 7 districts>"
    assert repr(made.facilities[0]) == "<Facility OD-BA1-H1, Battambang>"


def test_levers_hold_from_the_first_month_that_is_not_history():
    model = QicModel(until="2026-12", coaches=9.0)

    known = model.resolved.known_until - model.world.start
    assert set(model.levers["coaches"][known + 1:]) == {9.0}
    assert set(model.levers["coaches"][:known + 1]) != {9.0}


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="Mesa 4 has none")
def test_mesa_runs_batches_of_models(plan_file):
    """As solara's page and any explorer do: a class, and values of its keywords."""
    found = mesa.batch_run(QicModel, {"scenario": plan_file, "until": "2018-12", "mentoring": [0.0, 1.0],
                                      "replicate": range(2)}, display_progress=False, **once())

    assert len(found) == 4
    assert {one["mentoring"] for one in found} == {0.0, 1.0}
    assert all(np.isfinite(one["true"]) for one in found)


def once():
    """How this Mesa is asked for one run of each combination."""
    return {"iterations": 1} if "rng" not in inspect.signature(mesa.batch_run).parameters else {"rng": [1]}


class Tutor(Facility):
    """A facility that helps itself."""

    def step(self):
        super().step()
        if self.is_open:
            self.improve("child_health", 0.5)


def test_agents_of_one_s_own_class_live_and_their_ledger_closes():
    country = small_country()
    model = QicModel(country.world, country.scenario, facility=Tutor)
    plain = QicModel(country.world, country.scenario)
    model.report_facilities({"own": "own_points"})
    for _ in range(3):
        model.step()
        plain.step()

    table = model.datacollector.get_agenttype_vars_dataframe(Tutor)
    assert {type(one) for one in model.facilities} == {Tutor}
    assert (table.xs(3, level=0)["own"] > 0.0).any()
    ledger = model.state.facility["ledger"].sum(axis=1) + model.own_points
    there = model.state.facility["ledger"].any(axis=1)
    assert np.allclose(ledger[there], model.state.facility["true_score"][there], atol=1e-9)
    assert model.to_frame()["ledger_own"].iloc[-1] > 0.0 == plain.to_frame()["ledger_own"].iloc[-1]
    assert model.to_frame()["true"].iloc[-1] > plain.to_frame()["true"].iloc[-1]


class Unbooked(QicModel):
    """A rule that changes quality behind the ledger's back."""

    def step(self):
        super().step()
        self.facilities[0].quality = self.facilities[0].quality + 5.0


def test_a_rule_that_books_nothing_is_said_once():
    country = small_country()
    model = Unbooked(country.world, country.scenario)
    model.step()
    with pytest.warns(UserWarning, match=r"OD-BA1-H1 has \+\d.* that no line accounts for") as said:
        model.step()
    model.step()  # warnings are errors here

    assert len(said) == 1


def test_points_fit_between_none_and_all_and_are_given_to_open_facilities(model):
    facility = model.facilities[0]
    facility.quality = 99.0

    assert facility.improve("child_health", 3.0) == 1.0
    with pytest.raises(SettingError, match='Did you mean "child_health"'):
        facility.improve("child_healt", 1.0)
    late = next(iter(model.facilities.select(lambda agent: agent.id == "OD-BA1-H2")))
    with pytest.raises(SettingError, match="is not open yet"):
        late.improve("child_health", 1.0)


def test_classes_that_are_no_views_are_refused(model):
    with pytest.raises(SettingError, match=r"a class that inherits qicsim.agents.Facility"):
        QicModel(model.world, model.resolved, facility=mesa.Agent)


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory):
    """The small country as a scenario file."""
    folder = tmp_path_factory.mktemp("mesa")
    (folder / "register.csv").write_text(register_text())
    (folder / "plan.toml").write_text(SCENARIO)
    return folder / "plan.toml"


# -------------------------------------------------------------------------------------------------------- clean-up


@pytest.mark.parametrize("months", [0, 2])
def test_a_model_that_nobody_uses_is_let_go(months):
    country = small_country()
    model = QicModel(country.world, country.scenario)
    for _ in range(months):
        model.step()
    gone = weakref.ref(model)

    del model
    gc.collect()

    assert gone() is None


def test_a_closed_model_is_let_go_even_with_agents_of_the_user_s_own(model):
    mesa.Agent(model)
    assert len(model.agents) == 51

    model.close()

    assert (len(model.agents), model.running) == (0, False)
    assert model not in getattr(mesa.Agent, "_ids", {})


# ----------------------------------------------------------------------------------------------------- bad arguments


@pytest.mark.parametrize(("given", "message"), [
    ({"parameters": {"pdsa.k_itme": 0.1}}, 'Did you mean "pdsa.k_item"'),
    ({"parameters": {"pdsa.k_item": 7.0}}, "0.02 to 0.4"),
    ({"parameters": {"pdsa.k_item": float("nan")}}, "not a finite number"),
    ({"parameters": np.zeros(3)}, "have the shape"),
    ({"seed": -1}, "seed must be within"),
    ({"replicate": 4096}, "replicate within 0-4095"),
])
def test_arguments_that_do_not_fit_are_refused(given, message):
    country = small_country()

    with pytest.raises(SettingError, match=message):
        QicModel(country.world, country.scenario, **given)


def test_every_fault_of_the_parameters_is_named_at_once():
    country = small_country()

    with pytest.raises(SettingError) as refused:
        QicModel(country.world, country.scenario, {"pdsa.k_item": 7.0, "pdsa.spil": 0.1, "luck.sigma": -1.0})

    assert len(refused.value.faults) == 3


def test_the_world_of_another_horizon_is_refused():
    longer = load_scenario("reported", horizon_end="2030-12")

    with pytest.raises(SettingError, match="was built for 2018-01 to 2020-12"):
        QicModel(small_country().world, longer)


def test_importing_the_package_does_not_import_mesa():
    code = "import qicsim, sys; print('mesa' in sys.modules, 'qicsim.agents' in sys.modules)"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.split() == ["False", "False"]
