"""Short lists about facilities: who joined a collaborative when, and how many people each serves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from qicsim.ground.calendar import format_month
from qicsim.inputs.exchange.dates import WRITTEN_MONTH, month_of, reading
from qicsim.inputs.exchange.file_reading import Grid, Opened
from qicsim.inputs.exchange.header_detection import Headed, headed, place
from qicsim.inputs.exchange.keys import AMBIGUOUS, KEYS, LEFT_OUT, TOTALS, Keys, is_total
from qicsim.inputs.exchange.numbers import people_of
from qicsim.inputs.exchange.periods import say_order
from qicsim.inputs.exchange.row_audit import ERROR, NOT_USED, USED, Accounts, Findings
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.synonyms import normal
from qicsim.inputs.world.register import MOST_PEOPLE

EMPTY = ("", "na", "n a", "never", "no", "none", "null")
NO_MONTH = -1


class Membership(NamedTuple):
    """Absolute months of joining and of leaving, NO_MONTH where there is none."""

    joined: int
    left: int


class Line(NamedTuple):
    """One row of a list: its table, number, and cells by field."""

    table: Headed
    row: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """Where it stands."""
        return place(self.table.file, self.table.sheet, self.row)


class Listing:
    """Books the rows of lists."""

    def __init__(self, settings: Settings, findings: Findings, accounts: Accounts) -> None:
        """Faults go to `findings`, fates to `accounts`."""
        self.settings, self.findings, self.accounts = settings, findings, accounts

    def lines(self, files: Sequence[Opened], tables: tuple[str, ...], needed: str) -> Iterator[Line]:
        """The rows of the files' tables that are not empty; tables without facilities or `needed` are errors."""
        for file in files:
            if file.value is not None:
                self.findings.error("no table", file.name, "is JSON", allowed="CSV or XLSX")
            for grid in file.grids:
                table = headed(grid, tables, self.findings, self.accounts)
                if table is None or needed not in table.fields or not set(KEYS) & set(table.fields):
                    self._refuse(grid, table, needed)
                    continue
                for row, *cells in table.fields.itertuples():
                    yield Line(table, row, dict(zip(table.fields.columns, map(str.strip, cells), strict=True)))

    def _refuse(self, grid: Grid, table: Headed | None, needed: str) -> None:
        rows = (grid.rows if table is None else table.fields).index
        self.accounts.add_rows(grid.file, grid.sheet, rows.tolist(), NOT_USED, "not understood")
        self.findings.error("no headings", place(grid.file, grid.sheet),
                            f"has no columns of facilities and of {needed}",
                            allowed=f"headings like facility, {needed}")

    def book(self, line: Line, fate: str, reason: str = "") -> None:
        """Book a row."""
        self.accounts.add_rows(line.table.file, line.table.sheet, [line.row], fate, reason)

    def refuse(self, line: Line, check: str, found: str, allowed: str = "", hint: str = "") -> None:
        """A row with an error: it stops the import, or is left out."""
        if self.settings.skip_faulty:
            self.findings.warning(check, line.place, f"{found}; the row is left out", hint=hint)
        else:
            self.findings.error(check, line.place, found, allowed=allowed, hint=hint)
        self.book(line, NOT_USED if self.settings.skip_faulty else ERROR, check)

    def facility(self, line: Line, keys: Keys) -> int | None:
        """The row of the register that a line is of; None, booked, if there is none."""
        meant = keys.meant(line.cells)
        if meant.place >= 0:
            return meant.place
        shown = meant.label[:60]
        if not any(line.cells.values()):
            self.book(line, NOT_USED, "empty")
        elif meant.place == LEFT_OUT:
            self.book(line, NOT_USED, "facility left out")
        elif meant.place == TOTALS:
            self.total(line)
        elif meant.place == AMBIGUOUS:
            self.refuse(line, "facility not clear", meant.reason,
                        "one facility: an id, uid or code, or a name with its province and district")
        else:
            self.refuse(line, "facility not in the register", f'"{shown}" is not in the register',
                        "an id, uid, code or name of the register", keys.nearest(shown))
        return None

    def total(self, line: Line) -> None:
        """A row that adds up others is left out, and said."""
        self.book(line, NOT_USED, "a row of totals")
        self.findings.warning("rows of totals", line.place, "is taken for a sum over facilities and left out")


def memberships(files: Sequence[Opened], keys: Keys, listing: Listing) -> dict[int, Membership]:
    """Who joined when: row of the register -> months."""
    found: dict[int, Membership] = {}
    lines = list(listing.lines(files, ("joined", "register"), "joined"))
    orders = _orders(lines, listing)
    for line in lines:
        if (at := listing.facility(line, keys)) is None:
            continue
        months = {name: _month(line, name, listing, orders) for name in ("joined", "left") if name in line.cells}
        joined, left = months["joined"], months.get("left", NO_MONTH)
        if joined is None or left is None:
            continue
        if joined == NO_MONTH:
            listing.book(line, NOT_USED, "never joined")
        elif NO_MONTH < left < joined:
            listing.refuse(line, "left before joining", f"left {format_month(left)}, joined {format_month(joined)}")
        elif found.get(at, Membership(joined, left)) != Membership(joined, left):
            listing.refuse(line, "contradictory duplicates", "the facility stands there with other months already",
                           "each facility once")
        else:
            listing.book(line, *((NOT_USED, "the same again") if at in found else (USED, "")))
            found[at] = Membership(joined, left)
    return found


def _orders(lines: Sequence[Line], listing: Listing) -> dict[tuple[str, str, str], bool]:
    """Whether each column of dates has its month first, by file, sheet and field."""
    texts: dict[tuple[str, str, str], list[str]] = {}
    for line in lines:
        for name in {"joined", "left"} & set(line.cells):
            texts.setdefault((line.table.file, line.table.sheet, name), []).append(line.cells[name])
    return {key: say_order(column, f"{place(*key[:2])}, column {key[2]}", listing.findings)
            for key, column in sorted(texts.items())}


def _month(line: Line, name: str, listing: Listing, orders: dict[tuple[str, str, str], bool]) -> int | None:
    """Absolute month of a cell, NO_MONTH if it is empty; None, booked, if it cannot be read."""
    if normal(line.cells[name]) in EMPTY:
        return NO_MONTH
    month_first = orders[line.table.file, line.table.sheet, name]
    month, wrong = reading(partial(month_of, month_first=month_first), line.cells[name])
    if isinstance(month, int):
        return month
    listing.refuse(line, "faulty date", f'{name} "{line.cells[name][:60]}" {wrong}', WRITTEN_MONTH)
    return None


def people(files: Sequence[Opened], listing: Listing) -> dict[str, float]:
    """Population by normalised id, uid, code and name of a population file."""
    found: dict[str, float] = {}
    for line in listing.lines(files, ("register",), "population"):
        number, how = people_of(line.cells["population"])
        if not any(line.cells.values()):
            listing.book(line, NOT_USED, "empty")
        elif is_total(line.cells):
            listing.total(line)
        elif number is None or not 0 < number <= MOST_PEOPLE:
            listing.refuse(line, "faulty population", f'"{line.cells["population"][:60]}" is not a number of people',
                           f"whole numbers from 1 to {MOST_PEOPLE:,}")
        else:
            if how:
                listing.findings.note("how numbers and dates were read", line.place,
                                      f'population "{line.cells["population"][:60]}": {how}')
            listing.book(line, USED)
            found |= {normal(text): number for key in KEYS if (text := line.cells.get(key, ""))}
    return found

