"""The plan chapter: about twelve pages in Word that a ministry can put into a health strategic plan.

Problem, options, path, activities, money and gap, risks, monitoring. What is behind it stands in a file of annexes,
what
is above it in a brief of two pages; all three are written together (`write_papers`), in one language or in two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import refuse_folders, write_bytes
from qicsim.inputs.scenario import Scenario
from qicsim.plan.record import Plan
from qicsim.report import plan_figures as figures
from qicsim.report import plan_tables as tables
from qicsim.report.checklists import filled
from qicsim.report.elements import plain
from qicsim.report.evidence import zero_effect_sentence
from qicsim.report.exhibits import to_word
from qicsim.report.language import ENGLISH, Language, say, speaking, text_of
from qicsim.report.plan_brief import annexes, brief
from qicsim.report.plan_figures import Picture
from qicsim.report.plan_risks import risks
from qicsim.report.plan_words import (
    INVENTED,
    alone,
    chance_words,
    cost_words,
    gain_words,
    how_to_read,
    increment_words,
    notes,
    pace_words,
    title_of,
    verdict,
)
from qicsim.report.word import Word

ENDING = ".docx"
BESIDE = ("-annexes", "-brief")
"""What is added to a chapter's name for the files beside it."""
HEADLINES, FIGURE_WIDTH = 4, 13.0


def names_of(path: Path) -> tuple[Path, ...]:
    """The files of a chapter: itself, its annexes, its brief."""
    return (path, *(path.with_name(f"{path.stem}{added}{path.suffix}") for added in BESIDE))


def write_papers(plan: Plan, path: Path | str, provenance: Mapping[str, Any] | None = None, *,
                 scenarios: Sequence[Scenario] = (), language: Language = ENGLISH) -> tuple[Path, ...]:
    """Write chapter, annexes and brief, each whole or not at all; returns their paths, the chapter first.

    `provenance` is that of the run; `scenarios` are the resolved scenarios, for the checklists of the annexes (in
    English only): without them those that are shipped under their names and have the digest of the plan are taken.
    SettingError for another ending, and for a folder that is not there.
    """
    places = names_of(Path(path))
    _check(places)
    with speaking(language):
        lists = filled(plan, provenance or {}, scenarios) if language is ENGLISH else ()
        words = chapter(plan, places[1].name), annexes(plan, provenance or {}, lists), brief(plan)
        for place, word in zip(places, words, strict=True):
            write_bytes(place, word.content())
    return places


def _check(places: Sequence[Path]) -> None:
    place, faults = places[0], []
    if place.suffix.lower() != ENDING:
        faults.append(Fault("--out", f'"{plain(place.name)}" has another ending', ENDING))
    if not place.parent.is_dir():
        faults.append(Fault("--out", f'the folder of "{plain(place)}" is not there', "a file in a folder that exists"))
    if faults:
        raise SettingError("", faults)
    refuse_folders(place.parent, [one.name for one in places])


def chapter(plan: Plan, annex: str = "") -> Word:
    """The chapter, not written yet; `annex` is the name of the file of annexes."""
    word = Word(title_of(plan), about=f"{plan.years[0]}-{plan.years[-1]}: {plan.scenario.name}")
    word.footer(say("{title}, {first} to {last}", title=title_of(plan), first=plan.years[0], last=plan.years[-1]))
    word.paragraph(say("Plan chapter, {first} to {last}", first=plan.years[0], last=plan.years[-1]), "Subtitle")
    word.contents(1)
    _in_short(word, plan)
    _problem(word, plan)
    _options(word, plan)
    _path(word, plan)
    _doing(word, plan)
    _money(word, plan)
    word.heading(say("Risks"))
    word.bullets(risks(plan))
    word.heading(say("Monitoring"))
    to_word(word, tables.monitoring(plan))
    word.heading(say("What a reader must know"))
    word.bullets([how_to_read(plan), *notes(plan.notes)])
    if annex:
        word.paragraph(say("Assumptions, districts, money by line and province, parameters and sources stand in the "
                           "annexes ({file}).", file=annex))
    return word


def _in_short(word: Word, plan: Plan) -> None:
    """What makes the numbers misleading, then what the plan brings, costs and promises, in a few lines."""
    word.heading(say("In short"))
    for warning in (*notes(plan.warnings), *([say(INVENTED)] if plan.synthetic else [])):
        word.paragraph(warning, "Intense Quote")
    word.paragraph(say("{title}. {description}", title=title_of(plan), description=text_of(plan.scenario.description)))
    if not alone(plan):
        word.paragraph(verdict(plan))
    word.bullets(gain_words(plan, target) for target in plan.targets[:HEADLINES])
    word.bullets([cost_words(plan), *([] if alone(plan) else [increment_words(plan)]), chance_words(plan)])


def _problem(word: Word, plan: Plan) -> None:
    """Where things stand: what was reported, the baseline, what is not known."""
    word.heading(say("The problem"))
    word.paragraph(say("Quality of care in public facilities is scored by the NQEM, and the score decides what PBF "
                       "pays. Collaboratives, in which teams of facilities improve care together, reached a part of "
                       "the country and then lost their funding. The question is whether, how far and with what money "
                       "they should go on."))
    for extra in filter(None, [zero_effect_sentence()]):
        word.paragraph(extra)
    to_word(word, tables.reported())
    to_word(word, tables.baseline(plan))


def _options(word: Word, plan: Plan) -> None:
    """The plan and every option, side by side."""
    word.heading(say("Options"))
    if alone(plan):
        word.paragraph(say("There is nothing to compare: the scenario is its own reference."))
        return
    word.paragraph(say("The plan stands beside {count} others: every plan that comes with the model, and those that "
                       "were asked for. All were run under the same draws and the same "
                       "luck.", count=len(plan.options) - 1)
                   if not plan.missing else
                   say("The plan stands beside {count} others. {missing} plans that come with the model were not "
                       "compared.",
                       count=len(plan.options) - 1, missing=len(plan.missing)))
    word.wide(landscape=True)
    to_word(word, tables.options(plan))
    value = tables.value_in_short(plan)
    if value is not None:
        to_word(word, value)
    word.wide(landscape=False)


def _path(word: Word, plan: Plan) -> None:
    """The path of the plan: indicators and targets, with two figures."""
    word.heading(say("Recommended path: {title}", title=title_of(plan)) if plan.recommended
                 else say("The path of “{title}”", title=title_of(plan)))
    word.paragraph(verdict(plan) if not alone(plan) else say("The scenario is its own reference."))
    for picture in figures.paths(plan):
        add_picture(word, picture)
    to_word(word, tables.targets_of_years(plan))


def _doing(word: Word, plan: Plan) -> None:
    """What is done: activities, launches, coaches."""
    word.heading(say("Activities"))
    word.paragraph(pace_words(plan))
    if plan.launches.recruiting:
        add_picture(word, figures.launches(plan))
    add_picture(word, figures.coaches(plan))
    word.wide(landscape=True)
    to_word(word, tables.activities(plan))
    to_word(word, tables.envelope(plan))
    word.wide(landscape=False)


def _money(word: Word, plan: Plan) -> None:
    """Budget: what the plan adds, sums, and the spending by year."""
    word.heading(say("Budget and gap"))
    if not alone(plan):
        word.paragraph(increment_words(plan))
        word.paragraph(say("The gap of the table above is what has to be found beyond what is spent without the plan. "
                           "The workbook holds the same tables with the envelope as cells to be filled in."))
    word.paragraph(text_of(plan.budget.prices))
    to_word(word, tables.sums(plan))
    add_picture(word, figures.spending(plan))


def add_picture(word: Word, picture: Picture) -> None:
    """A figure with its caption and its alternative text."""
    word.figure(picture.png, picture.caption, picture.alt, width_cm=FIGURE_WIDTH)
