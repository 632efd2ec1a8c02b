"""A data folder, as `qicsim import` writes it: register, scores, history of joining.

folder = read_folder("my-data")
folder.scores          # (facilities, quarters), nan where there is no score
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.ground.files import MEGABYTE, read_plain
from qicsim.ground.shown import Shown
from qicsim.inputs.country import home
from qicsim.inputs.exchange.findings import Finding
from qicsim.inputs.scenario.data import refuse_other_world
from qicsim.inputs.world.observed import read_joined as read_joins
from qicsim.inputs.world.observed import rows_in
from qicsim.inputs.world.register import Register, read_register
from qicsim.model.columns import NOT_KNOWN

if TYPE_CHECKING:
    import pandas as pd

SCORE_COLUMNS = ("facility", "quarter", "item", "score")
SCORES_LIMIT = 500 * MEGABYTE
HIGHEST = 100.0
_QUARTER = re.compile(r"(?:19|20)\d{2}Q[1-4]", re.ASCII)  # an array has a column for each quarter between two


def read_scores(path: Path, register: Register) -> tuple[tuple[str, ...], dict[str, np.ndarray]]:
    """Quarters, sorted, and (F, Q) scores of each item; DataError with the faults.

    Quarters between the first and the last stand there even when nothing was scored in them.
    """
    frame = _score_frame(path)
    row = _numbers(frame["facility"], register.id)
    score = frame["score"]
    known = [text for text in frame["quarter"].cat.categories if _QUARTER.fullmatch(text)]
    quarters = every_quarter(known)
    column = _numbers(frame["quarter"], quarters)
    checks = (("facility", row < 0, "is not in the register", "an id of register.csv"),
              ("quarter", column < 0, "is not a quarter", "a quarter like 2026Q2"),
              ("score", ~score.between(0.0, HIGHEST), "is not a score", "0 to 100"),
              ("item", frame.duplicated(["facility", "quarter", "item"]), "stands there twice for one quarter", ""))
    faults = [_first(frame, column, wrong, found, allowed) for column, wrong, found, allowed in checks if wrong.any()]
    if faults:
        raise DataError(str(path), faults)
    items = frame["item"].cat.codes.to_numpy()
    return quarters, {item: _grid(len(register), len(quarters), *(each[items == at] for each in (
        row, column, score.to_numpy()))) for at, item in enumerate(frame["item"].cat.categories)}


def _numbers(texts: pd.Series, names: Sequence[str]) -> np.ndarray:
    """The place of each text (categories) among names; -1 where it is none of them."""
    place = {name: at for at, name in enumerate(names)}
    return np.array([place.get(text, -1) for text in texts.cat.categories], dtype=np.int64)[texts.cat.codes.to_numpy()]


def _score_frame(path: Path) -> pd.DataFrame:
    """The table of scores, texts as they are, in categories; DataError when it cannot be read as one."""
    import pandas as pd

    try:
        content = read_plain(path, SCORES_LIMIT)
        frame = pd.read_csv(io.BytesIO(content), dtype=dict.fromkeys(SCORE_COLUMNS[:3], str),
                            keep_default_na=False, na_values={"score": [""]}, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError) as reason:
        known = str(reason).startswith(("cannot", "is larger"))
        text = str(reason) if known else "is not a CSV table of scores in UTF-8"
        raise DataError(str(path), [Fault("", text)]) from None
    if tuple(frame.columns) != SCORE_COLUMNS or frame["score"].dtype.kind not in "if":
        raise DataError(str(path), [Fault("", "is not a table of scores", ",".join(SCORE_COLUMNS)
                                          + " with numbers as scores")])
    return frame.astype({"score": float} | dict.fromkeys(SCORE_COLUMNS[:3], "category"))


def _first(frame: pd.DataFrame, column: str, wrong: pd.Series | np.ndarray, found: str, allowed: str) -> Fault:
    """One fault for a kind of faulty row: the first of them and how many there are."""
    place = int(np.flatnonzero(wrong)[0])
    count = int(wrong.sum())
    more = f" ({count - 1:,} more rows like it)" if count > 1 else ""
    return Fault(f"line {place + 2}, {column}", f'"{frame[column].iloc[place]}" {found}{more}', allowed)


def every_quarter(seen: Iterable[str]) -> tuple[str, ...]:
    """Every quarter from the first to the last one seen, each written YYYYQn."""
    numbers = [int(text[:4]) * 4 + int(text[5]) - 1 for text in seen]
    if not numbers:
        return ()
    return tuple(f"{number // 4:04d}Q{number % 4 + 1}" for number in range(min(numbers), max(numbers) + 1))


def _grid(rows: int, columns: int, row: np.ndarray, column: np.ndarray, score: np.ndarray) -> np.ndarray:
    grid = np.full((rows, columns), np.nan)
    grid[row, column] = score
    return grid


def read_joined(path: Path, register: Register) -> tuple[np.ndarray, np.ndarray]:
    """Months of joining and of leaving; int64 (F,) each, NOT_KNOWN where there is none; DataError with the faults."""
    joins = read_joins(path, set(register.id))
    at = rows_in(joins.facility, register)
    joined, left = (np.append(event, NOT_KNOWN)[at] for event in (joins.joined, joins.left))
    return joined, left


# ----------------------------------------------------------------------------------------------------------- the folder

REGISTER, SCORES, JOINED, LEVELS = "register.csv", "scores.csv", "joined.csv", "levels.csv"
PROVENANCE, QUALITY, ACCOUNTS = "provenance.json", "quality.csv", "accounts.csv"
QUALITY_PAGES = {"en": "quality.html", "km": "quality.km.html"}
"""The page on the quality of the data by the code of its language."""
UNITS = "units.csv"
UNIT_COLUMNS = ("level", "province", "district", "uid", "code")
TOTAL = "total"
Place = tuple[str, str, str]
"""A level (district or province), the province, and the district or ""."""
UNKNOWN = NOT_KNOWN


@dataclass(frozen=True, eq=False, repr=False)
class DataFolder(Shown):
    """What a data folder holds; F facilities in the order of the register, Q quarters in the order of time.

    `scores` float64 (F, Q) is the total score, 0-100, nan where missing; `by_item` has every item (`total`, dimensions,
    care areas) in the same shape. `joined`, `left` int64 (F,): absolute months, UNKNOWN where never or not known.
    `digest` is that of the files' bytes; `findings` are what an import that has just been made had to say.
    Estimated levels are read by `qicsim.inputs.world.observed`.
    """

    path: Path
    register: Register
    quarters: tuple[str, ...]
    scores: np.ndarray
    by_item: dict[str, np.ndarray]
    joined: np.ndarray
    left: np.ndarray
    digest: str
    findings: tuple[Finding, ...] = ()


def read_folder(path: Path | str) -> DataFolder:
    """The data of a folder; SettingError if it is none, RegisterError or DataError with every fault of a file."""
    folder = Path(path)
    if not (folder / REGISTER).is_file():
        raise SettingError("", [Fault(str(folder), f"is no data folder: it holds no {REGISTER}",
                                      "a folder that `qicsim import` wrote")])
    refuse_other_world(folder, home())
    register = read_register(folder / REGISTER)
    quarters, by_item = read_scores(folder / SCORES, register) if (folder / SCORES).exists() else ((), {})
    joined, left = _history(folder / JOINED, register)
    missing = np.full((len(register), len(quarters)), np.nan)
    return DataFolder(folder, register, quarters, by_item.get(TOTAL, missing), by_item, joined, left,
                      folder_digest(folder))


def _history(path: Path, register: Register) -> tuple[np.ndarray, np.ndarray]:
    if path.exists():
        return read_joined(path, register)
    nobody = np.full(len(register), UNKNOWN, dtype=np.int64)
    return nobody, nobody.copy()


def folder_digest(path: Path | str) -> str:
    """A digest of the names and bytes of register, scores, history and levels; DataError for what cannot be read."""
    digest = sha256()
    for name in (REGISTER, SCORES, JOINED, LEVELS):
        file = Path(path) / name
        if file.exists():
            digest.update(f"{name}:{file.stat().st_size}:".encode())
            digest.update(_bytes(file))
    return digest.hexdigest()


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as reason:
        raise DataError(str(file), [Fault("", f"cannot be read: {reason.strerror}")]) from None


# ------------------------------------------------------------------------------- organisation units of places above


def units_table(above: Mapping[Place, tuple[str, str]]) -> pd.DataFrame:
    """The organisation units of districts and provinces as a table, for an export to DHIS2."""
    import pandas as pd

    return pd.DataFrame([(*place, *pair) for place, pair in sorted(above.items())], columns=list(UNIT_COLUMNS))


def read_units(path: Path | str) -> dict[Place, tuple[str, str]]:
    """Uid and code of the organisation units of districts and provinces; none without such a file.

    DataError for a file that is no such table.
    """
    import pandas as pd

    file = Path(path) / UNITS
    if not file.is_file():
        return {}
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as reason:
        raise DataError(str(file), [Fault("", f"cannot be read as a table: {str(reason)[:100]}")]) from None
    if tuple(table.columns) != UNIT_COLUMNS:
        raise DataError(str(file), [Fault("", "is not a table of organisation units", ",".join(UNIT_COLUMNS),
                                          "Import the register again")])
    return {(row.level, row.province, row.district): (row.uid, row.code) for row in table.itertuples()}
