"""Whether a file is one that the program wrote and that nobody has changed since: only such a file is replaced unasked.

Word, Excel and LibreOffice note who saved a file and when. What the program writes is always of the same date.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from qicsim.ground.errors import Fault, SettingError
from qicsim.report.elements import plain

PROPERTIES = "docProps/core.xml"
OURS = (rb"<dc:creator>qicsim</dc:creator>", rb"<cp:lastModifiedBy>qicsim</cp:lastModifiedBy>",
        rb"<dcterms:modified[^>]*>2000-01-01T00:00:00Z</dcterms:modified>")
MOST = 100_000


def as_written(path: Path) -> bool:
    """Whether a file is an Office file of the program's own that was not saved by anything else since."""
    try:
        with zipfile.ZipFile(path) as held, held.open(PROPERTIES) as properties:
            told = properties.read(MOST)
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False
    return all(re.search(mark, told) for mark in OURS)


def refuse_changed(files: Iterable[Path]) -> None:
    """SettingError with every file that is there and is not as the program wrote it."""
    faults = [Fault("--out", f'"{plain(file)}" is there, and was changed by hand or is not of this program',
                    "another name, or `--replace` to write over it") for file in files
              if file.exists() and not as_written(file)]
    if faults:
        raise SettingError("", faults)
