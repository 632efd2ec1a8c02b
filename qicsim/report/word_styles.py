"""Styles of a Word document: fonts for Latin and Khmer, headings, captions, one style of tables, page, language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    for at, (text, level, mark) in enumerate(headings):
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
        words.text = text
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
