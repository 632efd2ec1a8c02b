"""How long the papers in a folder are: `python -m tests.report.counts FOLDER [FOLDER ...]`, a line for each paper.

Of a page: its size, words and numbers shown before the first figure (an interval counts as one number), words of prose
(outside tables and drawings, folded ones too) and screens of a laptop with everything folded. Of Word and Excel: words,
and printed pages where LibreOffice is there. `--lines` counts the lines of the package and of its reports.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from docx import Document

from tests.source import PACKAGE

HIDDEN = re.compile(r"<(style|script|svg|table)\b.*?</\1>", re.DOTALL)
CHROMIUM, SOFFICE, WIDTH, HEIGHT = "/usr/bin/chromium", "/usr/bin/soffice", 1366, 768


def plain(markup: str) -> str:
    """Text without markup; spaces are plain ones."""
    bare = html.unescape(re.sub(r"<[^>]*>", " ", markup)).replace("\u00a0", " ").replace("\u2060", "")
    return re.sub(r"\s+", " ", bare)


def before_the_figure(page: str) -> tuple[int, int]:
    """Words and numbers from the title to the first figure, an interval once; what is read out alone is left out."""
    start = page.index("<h1")
    text = plain(page[start:max(page.find("<figure", start), start)].replace("<h2>In brief</h2>", ""))
    return (len(re.findall(r"[A-Za-z][A-Za-z'’-]*", text)),
            len(re.findall(r"[−+]?\d[\d,.]*\d|\d", re.sub(r"[−+]?[\d.,]+ to [−+]?[\d.,]+", "1", text))))


def words_of_prose(page: str) -> int:
    """Words outside tables, drawings, styles and scripts; folded ones count."""
    return len(re.findall(r"\w[\w'’-]*", plain(HIDDEN.sub(" ", page))))


def screens(path: Path) -> float:
    """The height of a page in screens of a laptop, as it opens."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        page = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_page(
            viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(path.resolve().as_uri())
        return float(page.evaluate("document.documentElement.scrollHeight")) / HEIGHT


def printed(path: Path) -> int:
    """Pages that LibreOffice prints."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([SOFFICE, "--headless", "--convert-to", "pdf", "--outdir", folder, str(path)], check=True,
                       capture_output=True)
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", (Path(folder) / f"{path.stem}.pdf").read_bytes()))


def told(path: Path) -> str:
    """The counts of one paper."""
    if path.suffix == ".html":
        page = path.read_text(encoding="utf-8")
        words, numbers = before_the_figure(page)
        return (f"{path.stat().st_size / 1e6:.2f} MB, {words} words and {numbers} numbers before the figure, "
                f"{words_of_prose(page):,} words of prose, {screens(path):.1f} screens")
    if path.suffix == ".docx":
        return f"{sum(len(one.text.split()) for one in Document(str(path)).paragraphs):,} words, {printed(path)} pages"
    return f"{printed(path)} pages"


def main(arguments: list[str]) -> None:
    """Count what is named."""
    if "--lines" in arguments:
        for folder in (PACKAGE, PACKAGE / "report"):
            lines = [len(one.read_text(encoding="utf-8").splitlines()) for one in folder.rglob("*.py")]
            print(f"{folder.name}: {sum(lines):,} lines in {len(lines)} modules")
    for folder in (one for one in arguments if one != "--lines"):
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in (".html", ".docx", ".xlsx"):
                print(f"{path.relative_to(folder)}: {told(path)}")


if __name__ == "__main__":
    main(sys.argv[1:])
