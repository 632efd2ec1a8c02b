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

LATIN = "Calibri"
KHMER = "Khmer OS Siemreap"  # what offices usually have where Khmer is written; Word falls back to another Khmer font
TABLE, TABLE_TEXT = "qicsim table", "qicsim table text"
HEAD_FILL, RULE, INK = "E8EEF4", "8C9BAB", "1A1A1A"
SIZES = {"Normal": 10.5, "Title": 22.0, "Heading 1": 16.0, "Heading 2": 13.0, "Heading 3": 11.5, "Caption": 9.5}


def styled(scale: float = 1.0) -> Any:
    """An empty A4 document with these styles, all sizes of type times a scale."""
    from docx import Document
    from docx.shared import Cm

    document = Document()
    _without_leftovers(document)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.0)
    _text_styles(document, scale)
    _table_styles(document)
    return document


def _without_leftovers(document: Any) -> None:
    """Take out of the library's template what is not ours: its picture; and give the zoom that the schema asks for."""
    package = document.part.package
    for key in [key for key, one in package.rels.items() if one.reltype.endswith("/thumbnail")]:
        del package.rels[key]
    for zoom in document.settings.element.findall(_qualified("w:zoom")):
        zoom.set(_qualified("w:percent"), "100")


def shrink(paragraph: Any) -> None:
    """Make an empty paragraph, such as Word wants after a table, a line of 4 points."""
    from docx.shared import Pt

    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = 0
    paragraph.paragraph_format.line_spacing = Pt(4)
    mark = tag("w:rPr")
    mark.append(tag("w:sz", val="4"))
    paragraph._p.get_or_add_pPr().append(mark)  # noqa: SLF001


def join_break(document: Any) -> None:
    """Let the empty paragraph before a new break of sections carry it: two would fill a page of their own."""
    last = [one for one in document.element.body if one.tag == _qualified("w:p")][-2:]
    if len(last) == 2 and not "".join(last[0].itertext()) and last[0].getnext() is last[1]:  # noqa: PLR2004
        settings = last[1].find(_qualified("w:pPr"))
        last[0].get_or_add_pPr().append(settings.find(_qualified("w:sectPr")))
        last[1].getparent().remove(last[1])


def set_fonts(run: Any, family: str) -> None:
    """Name a run's fonts: its family for Latin letters, the Khmer font for complex scripts; and its languages."""
    settings = run.get_or_add_rPr() if hasattr(run, "get_or_add_rPr") else run
    for name in ("w:rFonts", "w:lang"):
        for old in settings.findall(_qualified(name)):
            settings.remove(old)
    settings.insert(0, tag("w:rFonts", ascii=family, hAnsi=family, eastAsia=family, cs=KHMER))
    settings.append(tag("w:lang", val="en-GB", bidi="km-KH"))


def tag(name: str, /, **attributes: str) -> Any:
    """An element of WordprocessingML with attributes of its namespace."""
    from docx.oxml import OxmlElement

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(_qualified(f"w:{key}"), value)
    return element


def with_attributes(element: Any, /, **attributes: str) -> None:
    """Set plain attributes of an element."""
    for key, value in attributes.items():
        element.set(key, value)


def fill_contents(paragraph: Any, headings: Sequence[tuple[str, int, str]]) -> None:
    """Put a table of contents where a paragraph is: a field that Word can update, filled with links to the headings."""
    from docx.oxml.ns import qn

    place = paragraph._p  # noqa: SLF001
    for at, (title, level, mark) in enumerate(headings):
        entry = tag("w:p")
        settings = tag("w:pPr")
        settings.append(tag("w:spacing", before="0", after="0" if level > 1 else "20", line="220", lineRule="exact"))
        settings.append(tag("w:ind", left=str(300 * (level - 1))))
        entry.append(settings)
        if at == 0:
            _field_start(entry, ' TOC \\o "1-2" \\h \\z \\u ')
        link = tag("w:hyperlink", anchor=mark, history="1")
        run = tag("w:r")
        look = tag("w:rPr")
        look.append(tag("w:sz", val="19"))
        run.append(look)
        set_fonts(look, LATIN)
        words = tag("w:t")
        words.text = title
        words.set(qn("xml:space"), "preserve")
        run.append(words)
        link.append(run)
        entry.append(link)
        if at == len(headings) - 1:
            _field_part(entry, "end")
        place.addprevious(entry)
    place.getparent().remove(place)


def _field_start(entry: Any, code: str) -> None:
    _field_part(entry, "begin")
    run, text = tag("w:r"), tag("w:instrText")
    text.text = code
    run.append(text)
    entry.append(run)
    _field_part(entry, "separate")


def _field_part(entry: Any, kind: str) -> None:
    run = tag("w:r")
    run.append(tag("w:fldChar", fldCharType=kind))
    entry.append(run)


def _qualified(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _text_styles(document: Any, scale: float) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    small = document.styles.add_style(TABLE_TEXT, WD_STYLE_TYPE.PARAGRAPH)
    small.base_style = document.styles["Normal"]
    small.paragraph_format.space_after = small.paragraph_format.space_before = Pt(1)
    for name, full in {**SIZES, TABLE_TEXT: 8.5}.items():
        size = round(2.0 * scale * full) / 2.0
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = RGBColor.from_string(INK)
        settings = style.element.get_or_add_rPr()
        set_fonts(style.element, LATIN)
        settings.find(_qualified("w:lang")).addprevious(tag("w:szCs", val=str(round(2 * size))))
    document.styles["Caption"].font.bold = True
    document.styles["Normal"].paragraph_format.space_after = Pt(6)


def _table_styles(document: Any) -> None:
    """One style for all tables: rules between rows, the head filled and bold."""
    from docx.enum.style import WD_STYLE_TYPE

    style = document.styles.add_style(TABLE, WD_STYLE_TYPE.TABLE)
    style.base_style = document.styles["Normal Table"]
    settings = tag("w:tblPr")
    borders = tag("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(tag(f"w:{side}", val="single", sz="4", space="0", color=RULE))
    settings.append(borders)
    margins = tag("w:tblCellMar")
    for side in ("left", "right"):
        margins.append(tag(f"w:{side}", w="90", type="dxa"))
    settings.append(margins)
    style.element.append(settings)
    head = tag("w:tblStylePr", type="firstRow")
    bold = tag("w:rPr")
    bold.append(tag("w:b"))
    cell = tag("w:tcPr")
    cell.append(tag("w:shd", val="clear", color="auto", fill=HEAD_FILL))
    head.append(bold)
    head.append(cell)
    style.element.append(head)


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
        from qicsim.report.word import fill_contents

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
