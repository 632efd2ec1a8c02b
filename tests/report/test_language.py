"""Texts of the page in Khmer: none is missing, none is left over, and every one keeps its fields."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

import qicsim.decide
import qicsim.report
from qicsim.decide.discounting import WORDS
from qicsim.decide.effects import OUTCOMES
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.rescore import MEASURED
from qicsim.decide.settings import PERSPECTIVE_WORDS
from qicsim.estimate.calibrate.cambodia import Calibrated
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED
from qicsim.estimate.calibrate.targets import read_targets
from qicsim.ground.declare import GRADES, declared
from qicsim.ground.errors import SettingError
from qicsim.inputs.scenario import load_scenario, shipped
from qicsim.inputs.scenario.consistency import SENTENCES
from qicsim.inputs.scenario.overrides import COSTED, FORMED, HELD, OWN_PAST
from qicsim.inputs.scenario.past import OTHER_PAST
from qicsim.inputs.scenario.rounds import LAST_RECORDED, NEVER_RECORDED
from qicsim.inputs.world.build import EMBEDDED
from qicsim.inputs.world.money import payment_rows, unit_cost_rows
from qicsim.inputs.world.provinces import provinces
from qicsim.model.sources import SEEN, sources
from qicsim.report import formatting
from qicsim.report.elements import Foreign, Markup, escape, tag
from qicsim.report.history import COUNTED
from qicsim.report.language import (
    ASSETS,
    ENGLISH,
    khmer,
    languages,
    name_of,
    phrase,
    place_name,
    say,
    speaking,
    spoken,
)
from qicsim.runs.posterior import FILLED, OF_MODULES, UNUSED
from tests.helpers import assert_none

PLACES = {"say": 1, "phrase": 1, "text": 1, "counted": 3, "tell": 1}
FILE = tomllib.loads((ASSETS / "km.toml").read_text(encoding="utf-8"))
KHMER = {key: value for table in FILE.values() for key, value in table.items()}


def texts_of(source: str) -> set[str]:
    """Every literal text in calls of say, phrase, text, counted and tell."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
             and getattr(node.func, "id", "") in PLACES]
    arguments = [argument for call in calls for argument in call.args[:PLACES[call.func.id]]]
    return {argument.value for argument in arguments
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)}


def used() -> set[str]:
    """Texts of the code, and those that shipped things and decisions carry."""
    folders = [Path(room.__file__).parent for room in (qicsim.report, qicsim.decide)]
    said = set().union(*(texts_of(path.read_text(encoding="utf-8"))
                         for folder in folders for path in folder.glob("*.py")))
    return said | told_in_tables() | carried()


def told_in_tables() -> set[str]:
    """Texts of decisions that stand in tables there and are said where they are used, and the unit costs shipped."""
    outcomes = {part for one in OUTCOMES for part in (one.meaning, one.unit)}
    costs = {part for one in unit_cost_rows(EMBEDDED["unit_costs"])
             for part in (one.key.replace("_", " ").capitalize(), one.unit, one.source)}
    costs |= {one.source for one in payment_rows(EMBEDDED["payments"])}
    return {*WORDS.values(), *PERSPECTIVE_WORDS.values(), *MEANINGS.values(), *STUDIES.values(), *MEASURED.values(),
            HELD, FORMED, COSTED, OWN_PAST, OTHER_PAST, LAST_RECORDED, NEVER_RECORDED,
            *SENTENCES, FILLED, UNUSED, *OF_MODULES, *QUADRANTS, *outcomes, *costs}


def carried() -> set[str]:
    """Texts of shipped scenarios, of parameters and what is known of them, and what the reported history counts."""
    scenarios = [load_scenario(name) for name in shipped()]
    told = {text for one in scenarios for text in (one.title, one.description, *one.assumptions)}
    parameters = {text for leaf in declared(Calibrated).values()
                  for text in (leaf.declaration.meaning, leaf.declaration.unit)}
    known = {LEARNED, ELSEWHERE, ASSUMED, *GRADES.values(), *SEEN.values()}
    known |= {text for key, one in sources().items() if one.seen == "none" for text in (key, one.citation)}
    return told | parameters | known | {one.quantity for one in read_targets() if one.key in COUNTED}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_texts_are_found_in_the_code():
    source = 'say("a " "b {x}", x=1)\nphrase("c")\ntext("d")\ncounted(n, "one", "many")\nsay(variable)\nother("e")'

    assert texts_of(source) == {"a b {x}", "c", "d", "one", "many"}


def test_no_text_is_missing_in_khmer_and_none_is_left_over():
    texts = used()

    assert_none(sorted(texts - KHMER.keys()))
    assert_none(sorted(KHMER.keys() - texts))


def test_each_text_stands_in_the_file_once():
    assert sum(map(len, FILE.values())) == len(KHMER)


def test_translations_keep_their_fields():
    assert_none(english for english, said in KHMER.items() if fields(said) != fields(english))


def test_translations_are_in_khmer_letters_where_the_text_has_words():
    assert_none(english for english, said in KHMER.items() if not re.search(r"[\u1780-\u17ff]", said)
            and re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", english)))


def test_the_sign_that_joins_two_consonants_stands_between_two_consonants():
    assert_none(said for said in KHMER.values()
            if re.search(r"(?<![\u1780-\u17b3])\u17d2|\u17d2(?![\u1780-\u17b3])", said))


def test_numbers_in_translations_are_those_of_the_text():
    assert_none(english for english, said in KHMER.items()
            if re.findall(r"\d+", said) != re.findall(r"\d+", english))


def test_the_file_says_that_it_is_a_draft():
    head = (ASSETS / "km.toml").read_text(encoding="utf-8").splitlines()[0]

    assert head == "# Draft translation, to be reviewed by a native speaker."


def test_english_is_said_as_it_is_written():
    assert spoken() is ENGLISH
    assert say("{low} to {high}", low=1, high=2) == "1 to 2"
    assert phrase("a & {b}", b=tag("b", "<")) == "a &amp; <b>&lt;</b>"


def test_khmer_is_said_inside_its_with_only():
    with speaking(khmer()):
        said = say("Scenario")
    assert said == KHMER["Scenario"] and say("Scenario") == "Scenario"


def test_what_is_not_translated_is_marked_as_english():
    with speaking(khmer()):
        plain, rich = say("Nobody translated {this}.", this="it"), phrase("Nobody & {who}", who=Markup("<b>x</b>"))
        title = name_of("A plan of one's own")

    assert isinstance(plain, Foreign) and escape(plain) == '<span lang="en">Nobody translated it.</span>'
    assert rich == '<span lang="en">Nobody &amp; <b>x</b></span>'
    assert tag("i", title, title=title) == ('<i title="A plan of one&#x27;s own"><span lang="en">A plan of one&#x27;s '
                                            "own</span></i>")


def test_a_title_in_khmer_is_not_marked_as_english():
    with speaking(khmer()):
        assert not isinstance(name_of("ផែនការ 1"), Foreign)


def test_provinces_have_their_khmer_names():
    with speaking(khmer()):
        said = [place_name(province.name) for province in provinces()]
        assert isinstance(place_name("Atlantis"), Foreign)

    assert said == [province.name_km for province in provinces()]
    assert place_name("Kep") == "Kep"


def test_a_field_with_braces_is_not_read_as_a_field():
    assert say("“{title}”", title="{low}") == "“{low}”"


def test_an_unknown_language_is_refused_with_those_there_are():
    with pytest.raises(SettingError, match="en, km, both"):
        languages("fr")


def test_khmer_lines_break_between_clusters():
    broken = formatting.lines("ផែនការសម្រាប់ស្រុកប្រតិបត្តិទាំងអស់ត្រឹមចុងឆ្នាំ២០៣០", 20, 9)

    assert len(broken) > 1 and "".join(broken) == "ផែនការសម្រាប់ស្រុកប្រតិបត្តិទាំងអស់ត្រឹមចុងឆ្នាំ២០៣០"
    assert all(re.match(r"[\u1780-\u17b3\u17e0-\u17e9]", row) for row in broken)
    assert not any(row.endswith("\u17d2") for row in broken)
