"""Short lists about facilities: who joined a collaborative when, and how many people each serves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.dates import (
    FIRST_YEAR,
    WRITTEN_MONTH,
    loose_month,
    may_be_quarters,
    month_of,
    month_of_day,
    reading,
    say_order,
)
from qicsim.inputs.exchange.files import Grid, Opened
from qicsim.inputs.exchange.findings import ERROR, NOT_USED, USED, Accounts, Findings
from qicsim.inputs.exchange.headings import Headed, Vocabulary, headed, place
from qicsim.inputs.exchange.keys import AMBIGUOUS, KEYS, LEFT_OUT, SPLIT, TOTALS, Keys, is_total
from qicsim.inputs.exchange.settings import Settings
from qicsim.inputs.exchange.words import normal, people_of
from qicsim.inputs.world.register import MOST_PEOPLE, NOT_CLOSED

EMPTY = ("", "na", "n a", "never", "no", "none", "null")
NO_MONTH = -1
FEWEST_JOINS = 10
APART = 36  # months between a join and all others that are more than a pause of a programme


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
                self.findings.error("no table", file.name, tell("is JSON"), allowed="CSV, XLSX")
            for grid in file.grids:
                table = headed(grid, Vocabulary(tables, None, self.settings.headings), self.findings, self.accounts)
                if table is None or needed not in table.fields or not set(KEYS) & set(table.fields):
                    self._refuse(grid, table, needed)
                    continue
                for row, *cells in table.fields.itertuples():
                    yield Line(table, row, dict(zip(table.fields.columns, map(str.strip, cells), strict=True)))

    def _refuse(self, grid: Grid, table: Headed | None, needed: str) -> None:
        rows = (grid.rows if table is None else table.fields).index
        self.accounts.add_rows(grid.file, grid.sheet, rows.tolist(), NOT_USED, "not understood")
        self.findings.error("no headings", place(grid.file, grid.sheet),
                            tell("has no columns of facilities and of {field}", field=needed),
                            allowed=tell("headings like facility, {field}", field=needed))

    def book(self, line: Line, fate: str, reason: str = "") -> None:
        """Book a row."""
        self.accounts.add_rows(line.table.file, line.table.sheet, [line.row], fate, reason)

    def refuse(self, line: Line, check: str, found: str, allowed: str = "", hint: str = "") -> None:
        """A row with an error: it stops the import, or is left out."""
        if self.settings.skip_faulty:
            self.findings.warning(check, line.place, tell("{what}; the row is left out", what=found), hint=hint)
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
                        tell("one facility: an id, uid or code, or a name with its province and district"))
        elif meant.place <= SPLIT:
            self.refuse(line, "facility not clear", tell('"{name}" was split, by the crosswalk', name=shown),
                        tell("a row for each of the new facilities"))
        else:
            keys.propose(meant.label, 1, line.place)
            self.refuse(line, "facility not in the register", tell('"{name}" is not in the register', name=shown),
                        tell("an id, uid, code or name of the register"),
                        keys.nearest(shown))
        return None

    def total(self, line: Line) -> None:
        """A row that adds up others is left out, and said."""
        self.book(line, NOT_USED, "a row of totals")
        self.findings.warning("rows of totals", line.place, tell("is taken for a sum over facilities and left out"))


def memberships(files: Sequence[Opened], keys: Keys, listing: Listing) -> dict[int, Membership]:
    """Who joined when: row of the register -> months."""
    found: dict[int, Membership] = {}
    lines = list(listing.lines(files, ("joined", "register"), "joined"))
    orders = _orders(lines, listing)
    loose = _may_be_quarters(lines, listing.settings)
    places: dict[int, str] = {}
    for line in lines:
        if (at := listing.facility(line, keys)) is None:
            continue
        months = {name: _month(line, name, listing, orders, loose) for name in ("joined", "left") if name in line.cells}
        joined, left = months["joined"], months.get("left", NO_MONTH)
        if joined is None or left is None:
            continue
        if joined == NO_MONTH:
            listing.book(line, NOT_USED, "never joined")
        elif NO_MONTH < left < joined:
            listing.refuse(line, "left before joining", tell(
                "left {left}, joined {joined}", left=format_month(left), joined=format_month(joined)))
        elif found.get(at, Membership(joined, left)) != Membership(joined, left):
            listing.refuse(line, "contradictory duplicates",
                           tell("the facility stands there with other months already"), tell("each facility once"))
        else:
            listing.book(line, *((NOT_USED, "the same again") if at in found else (USED, "")))
            found[at] = Membership(joined, left)
            places.setdefault(at, line.place)
    _check_memberships(found, places, keys, listing.findings)
    return found


def _check_memberships(found: Mapping[int, Membership], places: Mapping[int, str], keys: Keys, findings: Findings
                       ) -> None:
    """Questions about joins of facilities that were not open, and about joins that lie far from all others."""
    register = keys.register
    shut = [at for at, one in found.items() if one.joined < register.opened[at]
            or (register.closed[at] != NOT_CLOSED and one.joined > register.closed[at])]
    if shut:
        at = shut[0]
        findings.question("dates", "joined while closed", places[at], tell(
            '"{name}" joined in {month}, before it opened or after it closed; {count} in all',
            name=register.name[at][:60], month=format_month(found[at].joined), count=f"{len(shut):,}"), count=len(shut))
    months = sorted(one.joined for one in found.values())
    if len(months) < FEWEST_JOINS:
        return
    few = max(1, len(months) // 50)
    early = next((count for count in range(few, 0, -1) if months[count] - months[count - 1] > APART), 0)
    late = next((count for count in range(few, 0, -1) if months[-count] - months[-count - 1] > APART), 0)
    apart = {*months[:early], *(months[-late:] if late else ())}
    odd = [at for at, one in found.items() if one.joined in apart]
    if odd:
        others = [month for month in months if month not in apart]
        at = odd[0]
        findings.question("dates", "joined apart", places[at], tell(
            '"{name}" joined in {month}; all others from {first} to {last}', name=register.name[at][:60],
            month=format_month(found[at].joined), first=format_month(others[0]), last=format_month(others[-1])),
                          hint=tell("Check the year"), count=len(odd))


def _may_be_quarters(lines: Sequence[Line], settings: Settings) -> set[tuple[str, str]]:
    """The tables, by file and sheet, whose dates like 1/2026 may be quarters."""
    texts: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        texts.setdefault((line.table.file, line.table.sheet), []).extend(
            line.cells[name] for name in ("joined", "left") if name in line.cells)
    return {key for key, column in texts.items() if settings.periods == "auto" and may_be_quarters(column)}


def _orders(lines: Sequence[Line], listing: Listing) -> dict[tuple[str, str, str], bool]:
    """Whether each column of dates has its month first, by file, sheet and field."""
    texts: dict[tuple[str, str, str], list[str]] = {}
    for line in lines:
        for name in {"joined", "left"} & set(line.cells):
            texts.setdefault((line.table.file, line.table.sheet, name), []).append(line.cells[name])
    return {key: say_order(column, f"{place(*key[:2])}, column {key[2]}", listing.findings)
            for key, column in sorted(texts.items())}


def _month(line: Line, name: str, listing: Listing, orders: dict[tuple[str, str, str], bool],
           loose: set[tuple[str, str]]) -> int | None:
    """Absolute month of a cell, NO_MONTH if it is empty; None, booked, if it cannot be read or cannot be."""
    text, settings = line.cells[name], listing.settings
    if normal(text) in EMPTY:
        return NO_MONTH
    month_first = orders[line.table.file, line.table.sheet, name]
    month, wrong = reading(partial(month_of, month_first=month_first, quarters=settings.periods == "quarter"), text)
    said = f'{name} "{text[:60]}"'
    if not isinstance(month, int):
        listing.refuse(line, "faulty date", tell("{what} {wrong}", what=said, wrong=wrong), WRITTEN_MONTH)
    elif (line.table.file, line.table.sheet) in loose and loose_month(text):
        listing.refuse(line, "month or quarter", tell(
            "{what} may be a month or a quarter: no number of the table is above 4", what=said), WRITTEN_MONTH,
                       tell("Say --periods quarter, or --periods month"))
    elif settings.today and month > month_of_day(settings.today):
        listing.refuse(line, "date in the future", tell(
            "{what} is in the future; today is {today}", what=said, today=settings.today), tell("months up to now"),
                       tell("Check the year"))
    elif month < FIRST_YEAR * MONTHS_PER_YEAR:
        listing.refuse(line, "date long ago", tell("{what} lies before {year}", what=said, year=FIRST_YEAR),
                       tell("months from {year} on", year=FIRST_YEAR), tell("Check the year"))
    else:
        return month
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
            listing.refuse(line, "faulty population", tell(
                '"{text}" is not a number of people', text=line.cells["population"][:60]),
                           tell("whole numbers from 1 to {most}", most=f"{MOST_PEOPLE:,}"))
        else:
            if how:
                listing.findings.note("how numbers and dates were read", line.place,
                                      tell(
                    'population "{text}": {how}', text=line.cells["population"][:60], how=how))
            listing.book(line, USED)
            found |= {normal(text): number for key in KEYS if (text := line.cells.get(key, ""))}
    return found

