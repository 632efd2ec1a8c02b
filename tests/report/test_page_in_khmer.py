"""What a page in Khmer stands on is in Khmer: assumptions, evidence, and how to make the page again."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from qicsim.decide.choice import choice_of
from qicsim.estimate.calibrate.outside_checks import outside_checks
from qicsim.estimate.calibrate.parameter_status import LEARNED, Learned
from qicsim.estimate.calibrate.shipped import shipped_rows
from qicsim.ground.declare import declared
from qicsim.inputs.scenario import load_scenario
from qicsim.model.parameters import Parameters
from qicsim.model.sources import sources
from qicsim.report import evidence, method
from qicsim.report.elements import tag
from qicsim.report.language import khmer, speaking
from qicsim.report.page import render_page
from qicsim.report.results import Results
from qicsim.runs.provenance import PACKAGES, provenance
from tests.report.conftest import IMAGE, NASTY, PROVENANCE, SET

SECTIONS = ("assumed", "known", "reproduce")
CODES = {"PBF", "USAID", "NQEM", "CPD", "Mod", "qicsim", "Python", "seed", "sha"}
FILES = ["headline.csv", "tables/costs.csv"]
ENGLISH = r'<span lang="en">([^<]*)</span>'


def of_section(page: str, key: str) -> str:
    start = page.index(f'<section id="{key}">')
    return page[start:page.index("</section>", start)]


def other(comparison, source="posterior", **scenarios):
    """The comparison with draws from elsewhere, and with other scenarios under their names."""
    ensemble = comparison.ensemble
    runners = {name: replace(runner, scenario=scenarios.get(name, runner.scenario))
               for name, runner in ensemble.runners.items()}
    draws = replace(ensemble.draws, source=source)
    return replace(comparison, ensemble=replace(ensemble, runners=runners, draws=draws))


@pytest.fixture(scope="module")
def khmer_page(three) -> str:
    """A page of shipped scenarios alone, with what the posterior taught."""
    comparison = other(three.comparison, nasty=load_scenario("reference-trial", horizon_end="2035-12"))
    facts = provenance(comparison.ensemble, command="qicsim compare") | {"files": FILES}
    return render_page(comparison, provenance=facts, choice=choice_of(comparison), language=khmer())


@pytest.mark.parametrize("key", SECTIONS)
def test_no_word_is_english_but_what_is_marked_and_codes(khmer_page, key):
    part = of_section(khmer_page, key)
    forms = "|".join(rf"\b{path.partition('.')[2]}\b|{form}" for path, form in SET.items())
    coded = rf'<code\b.*?</code>|<span class="name">.*?</span>|\b[a-z]+\.[a-z_]+|{forms}'
    bare = re.sub(f"{ENGLISH}|{coded}", " ", part, flags=re.DOTALL)
    words = set(re.findall(r"[A-Za-z]{2,}", html.unescape(re.sub(r"<[^>]*>", " ", bare))))

    assert words - CODES == set()
    assert len(re.findall(r"[\u1780-\u17ff]", bare)) > 300


@pytest.mark.parametrize("key", SECTIONS)
def test_only_citations_keys_of_sources_packages_and_files_stay_in_english(khmer_page, key):
    known = sources()
    kept = {*known, *(html.escape(one.citation) for one in known.values()), *PACKAGES, *FILES,
            *(one.source for one in outside_checks())}

    assert set(re.findall(ENGLISH, of_section(khmer_page, key))) <= kept


def test_a_parameter_that_the_model_no_longer_has_is_not_in_the_table_of_what_was_learned(three, monkeypatch):
    rows = shipped_rows(Learned, "contraction.csv")
    retired = replace(rows[0], parameter="team.of_yore", meaning="chance of yore", kind=LEARNED)
    monkeypatch.setattr(evidence, "shipped_rows", lambda record, name: (retired, *shipped_rows(record, name)))
    told = evidence.evidence(Results(other(three.comparison)))

    assert "of_yore" not in told and "chance of yore" not in told


def test_every_parameter_and_every_cited_source_is_there(khmer_page):
    known = of_section(khmer_page, "known")

    for leaf in declared(Parameters).values():
        assert khmer().translated(leaf.declaration.meaning)[0] in html.unescape(known)
        assert khmer().translated(leaf.declaration.unit)[0] in known
    for key in {leaf.declaration.source for leaf in declared(Parameters).values()} - {"assumption"}:
        assert f'<strong><span lang="en">{key}</span></strong>' in known
        assert html.escape(sources()[key].citation) in known


def test_a_description_and_a_value_held_fixed_are_told_in_khmer(khmer_page):
    part, trial = of_section(khmer_page, "assumed"), load_scenario("reference-trial")

    assert khmer().translated(trial.description)[0] in part and trial.description not in part
    assert all(khmer().translated(one)[0] in part for one in trial.assumptions)
    held, _ = khmer().translated("Held at one value: {parameter} = {value}.")
    assert held.format(parameter="team.h_drop", value=0) in part


def test_texts_of_the_user_stay_as_written_and_are_marked_unless_in_khmer(three):
    page = render_page(three.comparison, provenance=PROVENANCE, choice=three.choice, language=khmer())
    part = of_section(page, "assumed")

    assert f'<li><span lang="en">{html.escape(IMAGE)}</span></li>' in part
    assert f"<p>{html.escape('<script>')}" in part and "គុណភាព" in NASTY
    assert '<li><span lang="en">../outside.csv</span></li>' in page


@pytest.mark.parametrize(("source", "said"), [
    ("prior", "3 ពីការចែកចាយមុនទិន្នន័យ"), ("defaults", "3 ពីតម្លៃលំនាំដើម"),
    ("posterior in own/fit.npz", "3 ពីការចែកចាយក្រោយទិន្នន័យ ក្នុងឯកសារ own/fit.npz")])
def test_where_the_draws_come_from_is_said_in_the_language_of_the_page(three, source, said):
    results = Results(other(three.comparison, source))
    with speaking(khmer()):
        in_khmer = method.reproduction(results, {})

    assert f"<dd><code>{said}</code></dd>" in in_khmer
    assert f"<dd><code>3 from the {source}</code></dd>" in method.reproduction(results, {})


@pytest.mark.parametrize(("key", "english", "in_khmer"), [
    ("seed", "Seed", "លេខចាប់ផ្តើមចៃដន្យ (seed)"),
    ("source_digest", "Source digest", "លេខសម្គាល់កូដប្រភព"),
    ("packages: numpy", "Packages: numpy", 'កញ្ចប់កម្មវិធី៖ <span lang="en">numpy</span>'),
    ("my_fact: a_b <c>", "My fact: a b &lt;c&gt;",
     '<span lang="en">My fact</span>៖ <span lang="en">a b &lt;c&gt;</span>')])
def test_a_fact_is_named_in_the_language_of_the_page_and_its_parts_keep_their_names(key, english, in_khmer):
    with speaking(khmer()):
        said = tag("dt", method.fact_label(key))

    assert said == f"<dt>{in_khmer}</dt>"
    assert tag("dt", method.fact_label(key)) == f"<dt>{english}</dt>"
