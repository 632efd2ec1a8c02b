"""Filled checklists as tables of a Word document."""

from __future__ import annotations

from collections.abc import Sequence

from qicsim.report.checklist_facts import said
from qicsim.report.checklist_outputs import source_words
from qicsim.report.checklists import FILLED, OPEN, PARTLY, FilledChecklist
from qicsim.report.word import Word

MOST = 320
SCORES = ("Checklist", "Items that apply", "Filled", "Partly", "Share filled", "Open items")
ITEMS = ("Item", "What is asked, in our words", "State", "Answer, and where")
SAID = ("Shares count published items that are filled; those filled partly and those added by this project do not "
        "count. An answer was found: whether it is good enough is for a reader to judge.")
CUT = ("Answers that end in […] are cut: the place to read on stands in brackets behind them, and "
       "qicsim checklist with --out FILE.docx gives them in full.")


def add_checklists(word: Word, filled: Sequence[FilledChecklist], level: int = 2) -> None:
    """A table of scores, then each checklist under a heading of its own."""
    word.table("Checklists: items that the code and the runs answer, and items that a person must still write", SCORES,
               [(one.checklist.title, one.applicable, one.published(FILLED), one.published(PARTLY),
                 f"{100 * one.score:.0f} % ({one.checklist.checked})", one.numbers(OPEN)) for one in filled],
               widths=(1.7, 1.3, 1, 1, 3, 3))
    word.paragraph(f"{SAID} {CUT}")
    for one in filled:
        word.heading(one.checklist.title, level)
        word.paragraph(source_words(one))
        add_checklist(word, one, most=MOST)


def add_checklist(word: Word, filled: FilledChecklist, *, most: int | None = None) -> None:
    """One checklist: its score, and every item; answers cut behind `most` signs, but what they lack is kept."""
    word.paragraph(filled.words)
    word.table(f"{filled.checklist.title}, item by item", ITEMS, [
        (f"{one.item.number} {one.item.name}", one.item.asks, one.state,
         said(_cut(one.text.removesuffix(one.lacks), most), one.lacks, f"({one.where})" if one.where else ""))
        for one in filled.answers], widths=(2.9, 2.8, 1.6, 6.3))


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} […]"
