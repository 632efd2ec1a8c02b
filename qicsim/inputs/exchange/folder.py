"""A data folder, as `qicsim import` writes it: register, scores, history of joining.

folder = read_folder("my-data")
folder.scores          # (facilities, quarters), nan where there is no score
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.errors import DataError, Fault, SettingError
from qicsim.inputs.exchange.row_audit import Finding
from qicsim.inputs.exchange.stored import read_joined, read_scores
from qicsim.inputs.world.register import Register, read_register
from qicsim.model.columns import NOT_KNOWN

if TYPE_CHECKING:
    import pandas as pd

REGISTER, SCORES, JOINED, LEVELS = "register.csv", "scores.csv", "joined.csv", "levels.csv"
PROVENANCE, QUALITY_PAGE, QUALITY, ACCOUNTS = "provenance.json", "quality.html", "quality.csv", "accounts.csv"
UNITS = "units.csv"
UNIT_COLUMNS = ("level", "province", "district", "uid", "code")
TOTAL = "total"
Place = tuple[str, str, str]
"""A level (district or province), the province, and the district or ""."""
UNKNOWN = NOT_KNOWN


@dataclass(frozen=True, eq=False)
class DataFolder:
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
