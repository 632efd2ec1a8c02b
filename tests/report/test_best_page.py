"""The page of a search: in both languages, whole, and without a way for what users write to become markup."""

from __future__ import annotations

import re

import pytest

from qicsim.decide.search.best import Effort, find_best
from qicsim.decide.search.question import Question, reach_of
from qicsim.inputs.scenario import load_scenario
from qicsim.report.best import facts_of, plan_file, render_best, write_best
from qicsim.report.language import khmer
from qicsim.runs.assumptions import chosen
from qicsim.runs.draws import prior_draws
from tests.decide.test_search import REFERENCE
from tests.worlds import register_text


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("country")
    (folder / "register.csv").write_text(register_text())
    (folder / "small.toml").write_text(REFERENCE)
    question = Question(money=230_000.0, reach=reach_of("true_80=0.01 by 2021"), year=2019)
    effort = Effort(90, 4, 8, assumptions=chosen("breadth-none"), store=False)
    return find_best(question, load_scenario(folder / "small.toml"), prior_draws(12), effort=effort)


def test_every_chapter_stands_on_the_page_and_nothing_is_loaded(found):
    page = render_best(found, facts_of(found) | {"command": "<b>qicsim</b>", "files": ["plan.toml"], "data": None})

    for key in ("plan", "money", "least", "front", "order", "assumed", "reproduce"):
        assert f'id="best-{key}"' in page
    assert "<b>qicsim</b>" not in page
    assert ">None<" not in page and "<code>–</code>" in page
    assert 'src="http' not in page
    assert "What is the best plan for US$ 230,000 a year?" in page
    assert "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL).lower().split()


def test_the_page_in_khmer_leaves_no_sentence_in_english(found):
    page = render_best(found, {}, language=khmer())
    left = re.findall(r'<(?:p|li|th|caption|h2)[^>]*><span lang="en">([^<]{12,})</span>', page)

    assert left == []
    assert 'lang="km"' in page


def test_files_of_a_search_come_together_and_the_plan_says_what_it_is(found, tmp_path):
    files = write_best(found, tmp_path / "out", {"command": "qicsim best"}, language="both")

    assert [file.name for file in files][:3] == ["best.html", "best.km.html", "plan.toml"]
    assert {"least.csv", "assumptions.csv", "rules.csv", "order.csv"} <= {file.name for file in files}
    assert 'title = "Plan: the best found for US$ 230,000 a year"' in plan_file(found)
    assert "Money counts what collaboratives cost, government and donors together, in US$ of 2021" in plan_file(found)
