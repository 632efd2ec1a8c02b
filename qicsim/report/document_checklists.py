"""Filled checklists as tables of a Word document."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.report.checklist_outputs import source_words
from qicsim.report.checklists import FILLED, FilledChecklist
from qicsim.report.word import Word

MOST = 320


def add_checklists(word: Word, filled: Sequence[FilledChecklist], level: int = 2) -> None:
    """A table of scores, then each checklist under a heading of its own."""
    word.table("Checklists: items that the code and the runs answer, and items that a person must still write",
               ("Checklist", "Items that apply", "Filled", "Completeness", "Open items"),
               [(one.checklist.title, one.applicable, len(one.of(FILLED)), f"{100 * one.score:.0f} %",
                 ", ".join(answer.item.number for answer in one.of("open")) or "none") for one in filled],
               widths=(2, 1.5, 1, 1.5, 4))
    for one in filled:
        word.heading(one.checklist.title, level)
        word.paragraph(source_words(one))
        add_checklist(word, one, most=MOST)


def add_checklist(word: Word, filled: FilledChecklist, *, most: int | None = None) -> None:
    """One checklist: its score, and every item; answers cut behind `most` signs."""
    word.paragraph(filled.words)
    word.table(f"{filled.checklist.title}, item by item", ("Item", "What is asked", "State", "Answer, and where"), [
        (f"{one.item.number} {one.item.title}", one.item.asks, one.state, _cut(one.text, most)
         + (f" ({one.where})" if one.where else "")) for one in filled.answers], widths=(2.2, 3, 1.4, 5.7))


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} […]"
