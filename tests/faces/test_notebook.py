"""What objects say at the end of a cell is short, escaped, and true; pictures show the numbers of the tables."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections import defaultdict
from dataclasses import replace
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import qicsim
from qicsim.adapters.evaluate import Evaluator, Output
from qicsim.adapters.summaries import Simulator
from qicsim.agents import QicModel
from qicsim.analysis.factors import parameter_factors
from qicsim.ground import progress
from qicsim.ground.errors import SettingError
from qicsim.ground.plots import Tile, tiles
from qicsim.ground.shown import Face, Shown
from qicsim.runs.points import from_draws
from tests.source import MODULES, nodes_of
from tests.worlds import SCENARIO, register_text

LONGEST, LONGEST_HTML = 3000, 12_000
FEW = {"draws": 2, "source": "prior"}


@pytest.fixture(scope="module", autouse=True)
def no_screen():
    with mpl.rc_context({"backend": "Agg"}):
        yield
        pyplot.close("all")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One of everything that the public functions give, of two small scenarios."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "register.csv").write_text(register_text())
    (folder / "plan.toml").write_text(SCENARIO)
    plan = qicsim.load_scenario(folder / "plan.toml")
    bare = qicsim.change(plan, from_="2018-01", name="bare", recruiting=False)
    study = qicsim.make_study([bare, plan], draws=2, replicates=2, folder=folder, **{"from": "prior"})
    comparison = qicsim.compare([plan], reference=bare, replicates=1, **FEW)
    results = qicsim.run_experiment(study, folder / "study", executor="serial")
    world = qicsim.build_world(plan)
    model = QicModel(world, plan)
    return SimpleNamespace(
        plan=plan, runs=qicsim.run(plan, **FEW), comparison=comparison, ensemble=comparison.ensemble, study=study,
        decided=qicsim.decision([plan], reference=bare, replicates=1, **FEW), results=results, design=results.design,
        contrasts=qicsim.analyse_experiment(results), world=world, register=world.register,
        sensitivity=qicsim.sensitivity(plan, method="sobol", parameters=["pdsa.k_item", "pdsa.spill"], size=4,
                                       source="prior"),
        projection=qicsim.project(plan, **FEW), history=qicsim.history("OD-KC1-H5", plan, source="prior"),
        evidence=qicsim.evidence(), draws=qicsim.prior_draws(4), default=qicsim.default_draw(),
        points=from_draws(qicsim.prior_draws(4)), settings=qicsim.Settings(), shipped=qicsim.shipped(),
        graph=qicsim.peer_graph(world.register), national=qicsim.load_scenario("national-2030"), model=model,
        facility=model.facilities[0], district=model.districts[0], agents=model.facilities,
        runner=comparison.ensemble.runners["plan"], store=results.store,
        moves=qicsim.history_moves(qicsim.history("OD-KC1-H5", plan, source="prior")),
        evaluator=Evaluator.of(plan, parameter_factors(["pdsa.k_item"]), [Output("true")]),
        simulator=Simulator.of(plan, ["pdsa.k_item"], [Output("true", "2020Q4")]))


def test_nothing_fills_a_screen(made):
    lengths = {name: len(repr(one)) for name, one in vars(made).items()}
    html = {name: len(one._repr_html_()) for name, one in vars(made).items() if hasattr(one, "_repr_html_")}

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
    assert {name: length for name, length in html.items() if length > LONGEST_HTML} == {}
    others = {"agents", "graph"}  # of Mesa and networkx
    assert {name for name, one in vars(made).items() if " at 0x" in repr(one)} == others


def test_every_record_that_a_public_function_gives_shows_what_it_says():
    """Also those that the fixture does not make."""
    bases = defaultdict(set)
    for node in (node for path in MODULES for node in nodes_of(path) if isinstance(node, ast.ClassDef)):
        bases[node.name] |= {ast.unparse(base) for base in node.bases}
    public = [getattr(qicsim, name) for name in qicsim.__all__]
    returned = [str(one.__annotations__.get("return", "")) for one in public if inspect.isfunction(one)]
    given = sorted({name for words in returned for name in re.findall(r"\w+", words)} & set(bases))
    silent = [name for name in given if "Shown" not in bases[name]]

    assert len(given) > 10
    assert silent == SHORT


SHORT = ["Extension", "Moves", "Path"]
"""Records of numbers and words alone, and paths of files."""


def test_a_comparison_says_its_headline(made):
    row = made.comparison.headline.query("scenario == 'plan' and indicator == 'true' and year == 2020").iloc[0]

    title, sentence = repr(made.comparison).splitlines()
    assert title.startswith("1 scenario compared with bare: 2 draws x 1 replicate, 2018-01 to 2020-12")
    assert sentence.startswith(f"  plan: true quality +{row['difference_mean']:.1f} points in 2020")
    assert f"<td>{row['mean']:,.4g}</td>" in made.comparison._repr_html_()


def test_results_say_how_far_they_are(made):
    assert repr(made.results).startswith("Results of study: 8 of 8 runs (2 scenarios x 2 points x 2 replicates)")
    assert "Findings of sobol" in repr(made.sensitivity)
    assert made.sensitivity.sentences[0] in repr(made.sensitivity)
    assert repr(made.register) == "Register of 43 facilities in 7 districts of 3 provinces"


def test_text_of_the_user_is_escaped(made):
    loud = replace(made.plan, title="<script>alert(1)</script>")

    assert "<script>" not in loud._repr_html_()
    assert "&lt;script&gt;" in loud._repr_html_()


def test_long_tables_and_lists_are_cut():
    class Long(Shown):
        def face(self):
            return Face("Long", tuple("abcdefghijkl"), pd.DataFrame({"x": range(1000)}))

    assert repr(Long()).splitlines()[-1] == "  ... and 4 more"
    assert "... and 980 more rows" in Long()._repr_html_()
    assert Long()._repr_html_().count("<td>") == 20


# ------------------------------------------------------------------------------------------------------------ pictures


def test_differences_stand_where_the_table_says(made):
    row = made.comparison.headline.query("scenario == 'plan' and indicator == 'recorded' and year == 2020").iloc[0]
    axes = made.comparison.plot(indicator="recorded")
    line, dot = axes.lines[:2]

    assert [one.get_text() for one in axes.get_yticklabels()] == ["plan"]
    assert line.get_xdata().tolist() == [row["difference_p05"], row["difference_p95"]]
    assert dot.get_xdata().tolist() == [row["difference_mean"]]


def test_trajectories_are_those_of_the_table(made):
    rows = made.comparison.trajectories.query("scenario == 'plan' and indicator == 'true' and group == 'ever'")
    axes = made.comparison.plot("trajectories", group="ever")
    own = next(line for line in axes.lines if line.get_label() == "plan")

    assert np.array_equal(own.get_ydata(), rows["mean"])
    assert axes.get_ylabel() == "mean true quality, points"


def test_parts_of_the_ledger_add_up_to_the_difference(made):
    axes = made.comparison.plot("ledger")
    row = made.comparison.headline.query("scenario == 'plan' and indicator == 'true' and year == 2020").iloc[0]

    assert axes.lines[0].get_xdata()[0] == pytest.approx(row["difference_mean"], abs=0.05)
    assert "pdsa" in axes.get_legend_handles_labels()[1]


def test_a_map_has_a_tile_for_each_province(made):
    axes = made.comparison.plot("map")
    gains = made.comparison.provinces.query("indicator == 'true' and year == 2020").pivot_table(
        index="province", columns="scenario", values="mean")

    texts = {one.get_text() for one in axes.texts}
    assert texts == {"\n".join(name.split(" ", 1)) + f"\n{row['plan'] - row['bare']:+.1f}"
                     for name, row in gains.iterrows()}
    assert axes.get_title() == "plan, 2020"


def test_a_tile_without_a_value_does_not_stop_the_map():
    assert len(tiles({"a": Tile(0, 0, 1.0), "b": Tile(0, 1, float("nan"))}, "points").texts) == 2


def test_indices_of_a_sensitivity_analysis_are_those_of_the_table(made):
    axes = made.sensitivity.plot("recorded")
    estimates = sorted((row["estimate"] for row in made.sensitivity.tables["indices"]
                        if (row["indicator"], row["index"]) == ("recorded", "total")), reverse=True)

    assert [line.get_xdata()[0] for line in axes.lines[1:4:2]] == estimates
    assert axes.lines[0].get_alpha() < 1.0  # four base points tell nothing


def test_runs_and_results_and_contrasts_are_drawn_on_given_axes(made):
    _, axes = pyplot.subplots(3)
    made.runs.plot("recorded", axes=axes[0])
    made.results.plot("recorded", axes=axes[1])
    made.contrasts.plot("recorded", axes=axes[2])

    assert np.allclose(axes[0].lines[0].get_ydata(), qicsim.values(made.runs.ensemble, "plan", "recorded").mean(axis=0))
    assert np.allclose(axes[1].lines[1].get_ydata(), made.results.values("recorded")[1].mean(axis=(0, 1, 3)))
    assert axes[2].get_ylabel() == "recorded, points more than bare"


@pytest.mark.parametrize(("what", "arguments", "words"), [
    ("pie", {}, '"pie". Allowed: trajectories, differences, ledger, map'),
    ("map", {"year": 2019}, "2019. Allowed: 2020"),
    ("differences", {"scenarios": ["plna"]}, 'Did you mean "plan"'),
    ("trajectories", {"indicator": "tru"}, 'Did you mean "true"')])
def test_pictures_that_there_are_not_are_refused(made, what, arguments, words):
    with pytest.raises(SettingError, match=words):
        made.comparison.plot(what, **arguments)


def test_findings_without_a_picture_say_so(made):
    with pytest.raises(SettingError, match="no picture of factorial"):
        replace(made.sensitivity, kind="factorial", tables={}).plot()


# ------------------------------------------------------------------------------------------------------------ progress


def test_progress_is_told_where_somebody_watches(made, monkeypatch, capsys):
    """And what takes no second is not."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    qicsim.run(made.plan, store=False, **FEW)
    assert capsys.readouterr().err == ""

    monkeypatch.setattr(progress, "SECONDS_UNTOLD", 0.0)
    qicsim.run(made.plan, store=False, progress=False, **FEW)
    assert capsys.readouterr().err == ""
    qicsim.run(made.plan, store=False, **FEW)
    assert "Runs: 2 of 2 (100 %)" in capsys.readouterr().err


def test_a_notebook_watches_and_a_file_does_not(monkeypatch):
    assert progress.progress_of(None) is None

    stream = type("OutStream", (), {"__module__": "ipykernel.iostream", "isatty": lambda self: False})
    monkeypatch.setattr(sys, "stderr", stream())
    assert progress.progress_of(None).watched
