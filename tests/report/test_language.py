"""Texts of the page in Khmer: none is missing, none is left over, and every one keeps its fields."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from qicsim.ground.errors import SettingError
from qicsim.inputs.country import default_country
from qicsim.report import formatting
from qicsim.report.elements import Foreign, Markup, escape, tag
from qicsim.report.language import (
    ENGLISH,
    LOCALE,
    compiled,
    entries,
    khmer,
    languages,
    name_of,
    phrase,
    place_name,
    say,
    speaking,
    spoken,
    translations,
)
from tests.helpers import assert_none
from tests.report.texts import fields, missing, texts_of, updated, used

FILE = LOCALE / "km.po"
HEAD = ""
KHMER = {english: said for english, said in entries(FILE.read_text(encoding="utf-8")) if english != HEAD}


def test_texts_are_found_in_the_code():
    source = 'say("a " "b {x}", x=1)\nphrase("c")\ntext("d")\ncounted(n, "one", "many")\nsay(variable)\nother("e")\n'
    source += 'say("f" if so else "g")'

    assert set(texts_of(source)) == {"a b {x}", "c", "d", "one", "many", "f", "g"}


def test_no_text_is_missing_in_khmer_and_none_is_left_over():
    texts = used().keys()

    assert_none(sorted(texts - KHMER.keys()))
    assert_none(sorted(KHMER.keys() - texts))


def test_the_file_is_what_bringing_it_up_to_date_makes_of_it():
    assert updated(FILE) == FILE.read_text(encoding="utf-8"), "python -m tests.report.texts"


def test_babel_reads_what_is_read_here():
    with FILE.open("rb") as file:
        catalogue = read_po(file)

    assert {one.id: one.string for one in catalogue if one.id} == KHMER
    assert_none(missing(catalogue))


def test_a_text_that_was_changed_a_little_is_fuzzy_and_said_in_english(tmp_path):
    english, said = "Not about single facilities.", KHMER["Not about single facilities."]
    copy = tmp_path / "km.po"
    copy.write_text(FILE.read_text(encoding="utf-8").replace(f'msgid "{english}"', 'msgid "Not about one facility."'),
                    encoding="utf-8")
    copy.write_text(updated(copy), encoding="utf-8")

    marked = f'#, fuzzy\n#| msgid "Not about one facility."\nmsgid "{english}"\nmsgstr "{said}"'
    assert marked in copy.read_text(encoding="utf-8")
    with pytest.raises(KeyError):
        translations(copy).gettext(english)


def test_an_entry_may_stand_on_several_lines_and_may_be_obsolete_or_empty():
    written = ('msgid "a "\n"{b} \\"c\\""\nmsgstr ""\n"x "\n"{b}\\n"\n\n#~ msgid "gone"\n#~ msgstr "y"\n\n'
               'msgid "empty"\nmsgstr ""\n\n#, fuzzy, python-brace-format\nmsgid "f"\nmsgstr "z"\n')

    assert dict(entries(written)) == {'a {b} "c"': "x {b}\n"}
    assert dict(entries(written.replace("\n", "\r\n"))) == dict(entries(written))


def test_the_compiled_form_is_that_of_gettext():
    assert {one.id: one.string for one in read_mo(io.BytesIO(compiled(KHMER))) if one.id} == KHMER


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
    head = FILE.read_text(encoding="utf-8").splitlines()[0]

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
        said = [place_name(province.name) for province in default_country().provinces]
        assert isinstance(place_name("Atlantis"), Foreign)

    assert said == [province.names["km"] for province in default_country().provinces]
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
