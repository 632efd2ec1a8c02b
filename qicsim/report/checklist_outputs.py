"""A filled checklist as text, as a page, as a table (CSV) or as a Word document."""

from __future__ import annotations

import csv
import io
import textwrap
from collections.abc import Callable
from pathlib import Path

from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.files import FORMULA_STARTS, refuse_folders, write_bytes, write_text
from qicsim.report.checklist_facts import said
from qicsim.report.checklists import FILLED, OPEN, PARTLY, Answered, FilledChecklist
from qicsim.report.elements import Markup, joined, plain, section, table, tag
from qicsim.report.page import document

WIDTH, SHORT = 118, 354
READ_ON = "Answers are cut here at three lines; --out FILE.html, .csv or .docx has them in full."
HEADS = ("Item", "Section", "Published name", "What is asked, in our words", "State", "Answer", "Where")
MARKS = {FILLED: "[x]", PARTLY: "[~]", OPEN: "[ ]"}


def write_checklist(filled: FilledChecklist, path: Path | str) -> Path:
    """Write a checklist as .html, .csv or .docx, whole or not at all; SettingError for another ending or no folder."""
    place = Path(path)
    write = _WRITERS.get(place.suffix.lower())
    if write is None:
        raise SettingError("", [Fault("--out", f'"{place.name}" has another ending', ", ".join(_WRITERS))])
    if not place.parent.is_dir():
        raise SettingError("", [Fault("--out", f'the folder of "{plain(place)}" is not there', "a file in a folder")])
    refuse_folders(place.parent, [place.name])
    write(filled, place)
    return place


def rows(filled: FilledChecklist) -> list[tuple[str, ...]]:
    """One row for each item, in the order of HEADS; text in one line without control characters."""
    return [tuple(plain(cell) for cell in (one.item.number, one.item.section, one.item.name, one.item.asks, one.state,
                                           one.text, one.where)) for one in filled.answers]


def source_words(filled: FilledChecklist) -> str:
    """The source of the checklist, its grade, and how far it was checked."""
    held = filled.checklist
    return f"Source: {held.source}. {held.checked.capitalize()} (grade {held.grade}): {held.seen}."


def text(filled: FilledChecklist) -> str:
    """For a terminal: every item with its answer in a few lines and where to read on, and the score at the end."""
    marks = "Marks: [x] filled, [~] partly filled, [ ] open, [-] not applicable."
    ends = [textwrap.fill(words, WIDTH) for words in (f"{marks} {READ_ON}", source_words(filled), filled.words)]
    return "\n\n".join(["\n".join(_item(one) for one in filled.answers), *ends]) + "\n"


def _item(one: Answered) -> str:
    """One item for a terminal: what is asked, the answer, what it lacks, and where to read on if it is cut."""
    head = f"{MARKS.get(one.state, '[-]')} {one.item.number} {one.item.name} ({one.item.asks.rstrip('.')}):"
    short = textwrap.shorten(plain(one.text.removesuffix(one.lacks)), SHORT, placeholder=" […]")
    where = f"Where: {plain(one.where)}." if one.where else ""
    return textwrap.fill(said(head, short, plain(one.lacks), where), WIDTH, subsequent_indent="    ",
                         break_on_hyphens=False)


def page(filled: FilledChecklist) -> str:
    """A page that opens by double-click: score, open items, all items."""
    return document(f"{filled.checklist.title}, filled from the model", joined((
        tag("header", tag("h1", f"{filled.checklist.title}, filled from the model"), tag("p", filled.words),
            tag("p", _about(filled), class_="note")),
        tag("main", _open_items(filled), section("items", "All items", table(
            "Every item, what is asked, and the answer", HEADS, rows(filled)))))))


def _about(filled: FilledChecklist) -> str:
    named = f"Scenarios: {', '.join(filled.scenarios)}. " if filled.scenarios else ""
    return named + source_words(filled)


def _open_items(filled: FilledChecklist) -> Markup:
    left = [one for one in filled.answers if one.state in {PARTLY, OPEN}]
    shown = [(f"{one.item.number} {one.item.name}", one.item.asks, one.state, one.lacks or one.text) for one in left]
    return section("open", "Open items", table("What must still be given or written", (
        "Item", "What is asked", "State", "What is missing"), shown)) if shown else Markup("")


def _write_page(filled: FilledChecklist, path: Path) -> None:
    write_text(path, page(filled))


def _write_table(filled: FilledChecklist, path: Path) -> None:
    """A table without formulas: text that a spreadsheet would take for one gets an apostrophe in front."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row] for row in rows(filled))
    write_text(path, held.getvalue())


def _write_word(filled: FilledChecklist, path: Path) -> None:
    from qicsim.report.checklist_word import add_checklist
    from qicsim.report.word import Word

    word = Word(f"{filled.checklist.title}, filled from the model", about=", ".join(filled.scenarios))
    word.footer(filled.checklist.title)
    word.paragraph(_about(filled))
    add_checklist(word, filled)
    write_bytes(path, word.content())


_WRITERS: dict[str, Callable[[FilledChecklist, Path], None]] = {
    ".html": _write_page, ".csv": _write_table, ".docx": _write_word}
