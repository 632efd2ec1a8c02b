"""A Word document from parts: headings, paragraphs, tables with repeated heads, pictures, captions, page numbers.

Text is made plain first, so that no name or title of a user breaks the file. Every run names its fonts for Latin and
for complex scripts, so that Khmer is set in a Khmer font. The same parts give the same bytes: dates are fixed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from qicsim.report.elements import plain
from qicsim.report.language import say, spoken, text
from qicsim.report.word_styles import (
    KHMER,
    LATIN,
    TABLE,
    TABLE_TEXT,
    join_break,
    set_fonts,
    shrink,
    styled,
    tag,
    with_attributes,
)

KINDS = TABLES, FIGURES = text("Table"), text("Figure")
LOCALES = {"en": "en-GB", "km": "km-KH"}
SCALES = {"en": 1.0, "km": 0.88}  # Khmer fonts are drawn larger, and their lines stand further apart
FIXED = datetime(2000, 1, 1, tzinfo=UTC)
FIXED_ZIP = (1980, 1, 1, 0, 0, 0)
LONGEST = 30_000
_KHMER = re.compile(r"([\u1780-\u17ff\u19e0-\u19ff]+(?:[\s\u200b\u200c\u200d]+[\u1780-\u17ff\u19e0-\u19ff]+)*)")
_ONE = r"[+−-]?[\d,]*\.?\d+(?:[ \u00a0]%)?"
_TWO = rf"{_ONE}[ \u00a0](?:to|ដល់)[ \u00a0]{_ONE}"
_NUMBER = re.compile(rf"{_ONE}|\({_ONE}\)|{_TWO}|{_ONE}\s*\({_TWO}\)|[–-]|")
_NOT_XML = re.compile("[\ufffe\uffff]")


def clean(text: object) -> str:
    """Text in one line that XML can hold, of at most 30,000 signs."""
    return _NOT_XML.sub("", plain(text))[:LONGEST]


class Lines(tuple[str, ...]):
    """The lines of a cell that break where they are told to."""

    __slots__ = ()

    def __str__(self) -> str:
        """The lines as one text, parted by line feeds."""
        return "\n".join(self)


def cell_text(cell: object) -> str:
    """What stands in a cell: plain text in one line, or the lines that were asked for."""
    return "\n".join(clean(line) for line in cell) if isinstance(cell, Lines) else clean(cell)


class Word:
    """A document under construction; tables and figures number themselves."""

    def __init__(self, title: str, *, about: str = "") -> None:
        """An empty A4 document with styles, page numbers, language and title."""
        self.document = styled(SCALES[spoken().code])
        self._of_tables = self.document.styles[TABLE_TEXT].style_id
        self._counts = dict.fromkeys(KINDS, 0)
        self._headings: list[tuple[str, int, str]] = []
        self._contents: Any = None
        self._deepest = 2
        told = self.document.core_properties
        told.title, told.subject = clean(title)[:255], clean(about)[:255]
        told.author, told.language = "qicsim", LOCALES[spoken().code]
        told.comments, told.keywords, told.last_modified_by, told.revision = "", "", "qicsim", 1
        told.created = told.modified = FIXED.replace(tzinfo=None)
        self._write(self.document.add_paragraph(style="Title"), title)

    # ------------------------------------------------------------------------------------------------------------ text

    def heading(self, text: str, level: int = 1) -> None:
        """A heading that Word's navigation shows; level 1-3."""
        mark = f"_Toc{len(self._headings) + 1:06d}"
        paragraph = self.document.add_heading("", level)
        paragraph._p.append(tag("w:bookmarkStart", id=str(len(self._headings)), name=mark))  # noqa: SLF001
        self._write(paragraph, text)
        paragraph._p.append(tag("w:bookmarkEnd", id=str(len(self._headings))))  # noqa: SLF001
        self._headings.append((clean(text), level, mark))

    def paragraph(self, text: object, style: str | None = None) -> None:
        """A paragraph."""
        self._write(self.document.add_paragraph(style=style), text)

    def bullets(self, texts: Iterable[object]) -> None:
        """A bulleted list."""
        for one in texts:
            self.paragraph(one, "List Bullet")

    def contents(self, deepest: int = 2) -> None:
        """The place of the table of contents, down to a level of headings; `content` fills it."""
        self._contents, self._deepest = self.document.add_paragraph(), deepest

    def _write(self, paragraph: Any, text: object, *, bold: bool = False) -> None:
        """Runs of text, Khmer ones in the Khmer font."""
        for place, part in enumerate(_KHMER.split(clean(text))):
            if part:
                run = paragraph.add_run(part)
                run.bold = bold or None
                set_fonts(run._r, KHMER if place % 2 else LATIN)  # noqa: SLF001

    # -------------------------------------------------------------------------------------------------- tables, figures

    def caption(self, kind: str, text: str) -> None:
        """A numbered caption of a Table or a Figure; the number is a field, so that Word can list them."""
        self._counts[kind] += 1
        paragraph = self.document.add_paragraph(style="Caption")
        paragraph.paragraph_format.keep_with_next = kind == TABLES
        self._write(paragraph, say(kind))
        paragraph.add_run(" ")
        self._field(paragraph, f"SEQ {kind} \\* ARABIC", str(self._counts[kind]))
        self._write(paragraph, f". {text}")

    def table(self, caption: str, heads: Sequence[object], rows: Iterable[Sequence[object]], *,
              widths: Sequence[float] = (), total: bool = False) -> None:
        """A table under its caption; the head row is repeated on every page, numbers stand to the right.

        `widths` are shares of the page's width; `total` sets the last row off. A table without rows says so.
        """
        self.caption(TABLES, caption)
        body = [[cell_text(cell) for cell in row] for row in rows] or [[say("none"), *[""] * (len(heads) - 1)]]
        table = self.document.add_table(rows=0, cols=len(heads), style=TABLE)
        table.autofit = not widths
        right = [all(_NUMBER.fullmatch(row[at]) for row in body) for at in range(len(heads))]
        for place, row in enumerate([[cell_text(head) for head in heads], *body]):
            self._row(table, row, right, head=place == 0, bold=total and place == len(body))
        _set_widths(self.document, table, widths)
        shrink(self.document.add_paragraph())

    def _row(self, table: Any, cells: Sequence[str], right: Sequence[bool], *, head: bool, bold: bool) -> None:
        row = table.add_row()
        settings = row._tr.get_or_add_trPr()  # noqa: SLF001
        settings.append(tag("w:cantSplit"))
        if head:
            settings.append(tag("w:tblHeader"))
        for cell, words, numeric in zip(row.cells, cells, right, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph._p.style = self._of_tables  # noqa: SLF001 by its name it is looked up anew for every cell
            if numeric:
                paragraph.alignment = 2  # right
            for line, part in enumerate(words.split("\n")):
                if line:
                    paragraph.add_run().add_break()
                self._write(paragraph, part, bold=bold or head)

    def figure(self, picture: bytes, caption: str, alt: str, *, width_cm: float = 16.0) -> None:
        """A PNG with its caption below, and the text that is read aloud in its place."""
        from docx.shared import Cm

        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(io.BytesIO(picture), width=Cm(width_cm))
        with_attributes(shape._inline.docPr, descr=clean(alt), title=clean(caption)[:250],  # noqa: SLF001
                        name=f"Figure {self._counts[FIGURES] + 1}")
        self.caption(FIGURES, caption)

    # ------------------------------------------------------------------------------------------------------------ pages

    def wide(self, *, landscape: bool) -> None:
        """Go on on a new page that is wide (landscape) or tall; the small line after a table carries the break."""
        from docx.enum.section import WD_ORIENT, WD_SECTION

        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        join_break(self.document)
        long, short = max(section.page_width, section.page_height), min(section.page_width, section.page_height)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (long, short) if landscape else (short, long)

    def footer(self, text: str) -> None:
        """Text and the number of the page at the foot of every page."""
        paragraph = self.document.sections[0].footer.paragraphs[0]
        self._write(paragraph, text)
        paragraph.add_run("  |  ")
        self._field(paragraph, "PAGE", "1")
        paragraph.add_run(" / ")
        self._field(paragraph, "NUMPAGES", "1")

    def _field(self, paragraph: Any, code: str, shown: str) -> None:
        """A field that Word works out, with what is shown until then."""
        field = tag("w:fldSimple", instr=f" {code} ")
        run = tag("w:r")
        set_fonts(run, LATIN)
        text = tag("w:t")
        text.text = shown
        run.append(text)
        field.append(run)
        paragraph._p.append(field)  # noqa: SLF001

    def content(self) -> bytes:
        """The bytes of the document: entries in a fixed order, every date fixed."""
        from qicsim.report.word_styles import fill_contents

        if self._contents is not None:
            fill_contents(self._contents, [one for one in self._headings if one[1] <= self._deepest])
        saved, content = io.BytesIO(), io.BytesIO()
        self.document.save(saved)
        with zipfile.ZipFile(saved) as made, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as written:
            for name in made.namelist():
                entry = zipfile.ZipInfo(name, FIXED_ZIP)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
                written.writestr(entry, made.read(name))
        return content.getvalue()


def _set_widths(document: Any, table: Any, shares: Sequence[float]) -> None:
    """Give the columns their shares of the width between the margins."""
    if not shares:
        return
    section = document.sections[-1]
    whole = section.page_width - section.left_margin - section.right_margin
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(whole * share / sum(shares))
        for cell in column.cells:
            cell.width = column.width
