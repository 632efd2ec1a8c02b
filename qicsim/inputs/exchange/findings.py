"""What an import has to say and the fate of every input row, and how the terminal and the page say it by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.errors import MOST_SHOWN, DataError, Fault, shown
from qicsim.ground.numbers import plural
from qicsim.ground.translatable import tell

if TYPE_CHECKING:
    import pandas as pd

USED, NOT_USED, ERROR = "used", "not used", "error"
FATES = (USED, NOT_USED, ERROR)
ACCOUNT_COLUMNS = ("file", "sheet", "first_row", "last_row", "cell", "count", "fate", "reason")
ROW_COLUMNS = ("file", "sheet", "row", "cell", "fate", "reason")
FINDING_COLUMNS = ("level", "check", "place", "found", "allowed", "hint", "rows")
MOST_FAULTS = MOST_SHOWN - 1  # so that the line that says how many more there are is shown
WARNING, NOTE = "warning", "note"


@dataclass(frozen=True)
class Finding(Fault):
    """One thing that an import has to say: error, warning or note (`level`), of a kind (`check`), in so many `rows`."""

    level: str = ERROR
    check: str = ""
    rows: int = 1


class Proposal(NamedTuple):
    """A row that a crosswalk file would need: a text of the files, what it may mean, and how alike the two are, 0-1."""

    kind: str
    text: str
    meant: str = ""
    score: float = 0.0
    rows: int = 1
    place: str = ""


class Findings(list[Finding]):
    """Everything that an import has to say so far; the errors among it stop the import."""

    def __init__(self, accepted: Iterable[str] = ()) -> None:
        """`accepted` are the questions that the user answered with yes."""
        super().__init__()
        self.accepted = frozenset(accepted)
        self.proposals: list[Proposal] = []

    def question(self, word: str, check: str, place: str, found: str, *, hint: str = "", count: int = 1) -> None:
        """Something that is hardly right: an error until the user says `--accept` with its word, then a warning."""
        if word in self.accepted:
            self.warning(check, place, found, hint=tell("Accepted"), count=count)
        else:
            ask = tell("If it is right, say --accept {word}", word=word)
            asked = tell("{hint} {ask}" if hint.endswith("?") else "{hint}. {ask}", hint=hint, ask=ask) if hint else ask
            self.error(check, place, found, count=count, hint=asked)

    def error(self, check: str, place: str, found: str, *, allowed: str = "", hint: str = "", count: int = 1) -> None:
        """Something that stops the import."""
        self.append(Finding(place, found, allowed, hint, ERROR, check, count))

    def warning(self, check: str, place: str, found: str, *, hint: str = "", count: int = 1) -> None:
        """Something that a planner should look at."""
        self.append(Finding(place, found, "", hint, WARNING, check, count))

    def note(self, check: str, place: str, found: str, *, count: int = 1) -> None:
        """Something that was understood in one of several ways."""
        self.append(Finding(place, found, "", "", NOTE, check, count))

    def passed_over(self, place: str, found: str, *, alone: bool, allowed: str) -> None:
        """A table that is not understood: an error, or a warning where it is one sheet of several."""
        hint = tell("docs/import.md lists what is understood")
        if alone:
            self.error("no headings", place, found, allowed=allowed, hint=hint)
        else:
            self.warning("sheet not used", place, found, hint=hint)

    def of(self, *levels: str) -> list[Finding]:
        """The findings of some levels."""
        return [finding for finding in self if finding.level in levels]

    def refuse(self) -> None:
        """RefusedImportError with the errors, if there are any: at most MOST_FAULTS, and how many more."""
        errors = self.of(ERROR)
        faults: list[Fault] = [*errors[:MOST_FAULTS]]
        if len(errors) > MOST_FAULTS:
            faults.append(Fault("", f"and {len(errors) - MOST_FAULTS:,} more errors", "",
                                "`--report FILE` writes all of them to a page"))
        if faults:
            raise RefusedImportError(faults, self)


class RefusedImportError(DataError):
    """Files that cannot be imported; `findings` has everything that was found."""

    def __init__(self, faults: Iterable[Fault], findings: Findings) -> None:
        """The faults are the errors among the findings."""
        super().__init__("", faults)
        self.findings = findings


@dataclass
class Accounts:
    """Fates of rows, added as they become known."""

    parts: list[pd.DataFrame] = field(default_factory=list)
    single: list[tuple[str, str, int, str, str, str]] = field(default_factory=list)

    def add(self, rows: pd.DataFrame) -> None:
        """Add rows with the columns file, sheet, row, cell, fate, reason."""
        if len(rows):
            self.parts.append(_runs(rows))

    def add_rows(self, file: str, sheet: str, rows: Iterable[int], fate: str, reason: str) -> None:
        """Add whole rows of one file that share a fate."""
        self.single += [(file, sheet, int(row), "", fate, reason) for row in rows]

    def frame(self) -> pd.DataFrame:
        """All accounts, a line for each run of rows, in the order of files and rows."""
        import pandas as pd

        lone = pd.DataFrame(self.single, columns=list(ROW_COLUMNS))
        parts = [*self.parts, *([_runs(lone)] if len(lone) else [])]
        if not parts:
            return pd.DataFrame(columns=list(ACCOUNT_COLUMNS))
        whole = pd.concat(parts, ignore_index=True)
        return whole.sort_values(["file", "sheet", "cell", "first_row"], kind="stable", ignore_index=True)[
            list(ACCOUNT_COLUMNS)]

    def totals(self) -> pd.DataFrame:
        """Rows (or cells) of each file by fate; index file, columns `rows` and the fates, which add up to it."""
        import pandas as pd

        counted = Counter((file, fate) for file, _, _, _, fate, _ in self.single)
        for part in self.parts:
            for file, fate, count in zip(part["file"], part["fate"], part["count"].tolist(), strict=True):
                counted[file, fate] += count
        files = sorted({file for file, _ in counted})
        table = pd.DataFrame([[counted[file, fate] for fate in FATES] for file in files], dtype=int,
                             index=pd.Index(files, name="file"), columns=list(FATES))
        table.insert(0, "rows", table.sum(axis=1))
        return table


def _runs(rows: pd.DataFrame) -> pd.DataFrame:
    """Consecutive rows of the same fate as one line each."""
    keys = ["file", "sheet", "cell", "fate", "reason"]
    ordered = rows.sort_values(["file", "sheet", "cell", "row"], kind="stable")
    codes = [ordered[key].factorize()[0] for key in keys]
    number = ordered["row"].to_numpy()
    new = np.ones(len(ordered), dtype=bool)
    same = np.logical_and.reduce([code[1:] == code[:-1] for code in codes])
    new[1:] = ~(same & (number[1:] - number[:-1] <= 1))
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(ordered)) - 1
    runs = ordered[keys].iloc[first].reset_index(drop=True)
    return runs.assign(first_row=number[first], last_row=number[last], count=last - first + 1)


# ------------------------------------------------------------------------------------------------------------- by cause

FIRST = (
    # what makes all others: files and columns that were not understood
    "unreadable file", "no table", "no headings", "columns of one meaning", "not organisation units",
    "units without parents", "not data values", "no scores", "data element", "crosswalk",
    # what changes the answer for many
    "month or quarter", "dates in two orders", "scale not clear", "highest score", "two scales",
    "several category option combos", "people against the census", "the same people in every facility",
    "units at another level", "date in the future", "date long ago", "joined apart", "joined while closed",
    "dates far ahead", "repeated round", "quarter in the future", "quarter long ago",
    "coordinates outside the country", "unreadable names",
    # what leaves out facilities or scores
    "no parent", "unknown province", "unknown type", "no id", "contradictory duplicates",
    "facility not in the register", "facility not clear", "faulty quarter", "impossible score", "columns not used",
    "sheet not used", "hidden sheet", "formulas without a value", "no total", "assumed type", "missing population")
"""Checks in the order in which they should be looked at; the others follow by the rows that they touch."""
OTHERS = (
    "cleaned text", "dates", "dates ahead", "district in several provinces", "districts nearly the same", "duplicates",
    "empty register", "encoding", "exact zeros", "faulty date", "faulty population", "formulas", "hashtags", "heaping",
    "how numbers and dates were read", "jump", "left before joining", "left out", "many districts", "merged cells",
    "merged facilities", "missing quarters", "months", "months and quarters", "months averaged", "no score",
    "no variation", "other items", "pages", "quarter of a sheet", "rows of totals", "scale", "scores out of life",
    "split facilities", "suspended round", "the same name twice", "too many facilities", "total outside its items",
    "two rows of headings", "unusual population", "first quarter apart", "last quarter apart")
MOST_CAUSES, WORST, EXAMPLES = 8, 3, 3


class Cause(NamedTuple):
    """Findings of one check."""

    check: str
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        """How many rows or places they touch."""
        return sum(one.rows for one in self.findings)


def causes(findings: Iterable[Finding]) -> list[Cause]:
    """The findings of one level by cause, most important first."""
    found: dict[str, list[Finding]] = {}
    for one in findings:
        found.setdefault(one.check, []).append(one)
    order = {check: place for place, check in enumerate(FIRST)}
    return sorted((Cause(check, tuple(several)) for check, several in found.items()),
                  key=lambda cause: (order.get(cause.check, len(order)), -cause.rows))


def refusal(findings: Findings, *, report: str = "", proposal: str = "") -> str:
    """What the terminal says of an import that is refused: counts, a line for each cause, and where the rest is."""
    errors, warnings = causes(findings.of(ERROR)), causes(findings.of(WARNING))
    head = (f"Nothing was imported: {_counted(errors, 'error')}" + (f" and {_counted(warnings, 'warning')}" if warnings
                                                                     else "") + ".")
    lines = [_line(cause) for cause in errors[:MOST_CAUSES]]
    if len(errors) > MOST_CAUSES:
        lines.append(f"and {plural(len(errors) - MOST_CAUSES, 'more cause', 'more causes')} of errors.")
    ways = [f"All of them stand on {report}" if report else "--report FILE writes all of them to a page"]
    if findings.proposals:
        ways.append(f"correct {proposal}, and give it with --crosswalk" if proposal else
                    "--propose FILE writes what is not known to a crosswalk file, with the nearest names")
    return "\n".join([head, *lines, f"{'; '.join(ways)}."]) + "\n"


def warned(findings: Iterable[Finding], page: str) -> str:
    """What the terminal says of the warnings of an import that is done; "" without any."""
    warnings = causes(one for one in findings if one.level == WARNING)
    if not warnings:
        return ""
    lines = [_line(cause) for cause in warnings[:WORST]]
    more = f"The others stand on {page}.\n" if len(warnings) > WORST else ""
    return "\n".join([f"{_counted(warnings, 'warning')}{', the worst first' if len(warnings) > 1 else ''}:", *lines]
                     ) + "\n" + more


def _counted(several: Sequence[Cause], word: str) -> str:
    number = sum(len(cause.findings) for cause in several)
    kinds = f" of {len(several):,} kinds" if len(several) > 1 else ""
    return f"{plural(number, word, word + 's')}{kinds}"


def _line(cause: Cause) -> str:
    """One cause: what it is, how often, the first finding in full, and where the next ones are."""
    first = cause.findings[0]
    also = [shown(f"{one.place}: {one.found}" if one.place else one.found) for one in cause.findings[1:EXAMPLES]]
    rest = len(cause.findings) - 1 - len(also)
    more = "".join(f"\n    also {each}" for each in also) + (f"\n    and {rest:,} more" if rest else "")
    rows = f" ({cause.rows:,} rows)" if cause.rows > 1 else ""
    return f"  {cause.check}{rows}: {Fault(first.place, first.found, first.allowed, first.hint)}{more}"
