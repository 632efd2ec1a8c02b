"""A table whose headings are understood: the row of headings is found, and each column gets the name of its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from qicsim.ground.table import listed, suggest
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.files import Grid
from qicsim.inputs.exchange.findings import NOT_USED, Accounts, Findings, Proposal
from qicsim.inputs.exchange.settings import LEAVE_OUT
from qicsim.inputs.exchange.words import field_of, normal, spellings, words

if TYPE_CHECKING:
    import pandas as pd

SEARCHED = 30
FEWEST = 2
SHOWN = 12
CLOSE = 0.7
_HEADING = re.compile(r"[^\W\d_]|^\d{4}$")
LONGEST = 200
_GROUPS = re.compile(r"[a-z0-9_/:]+[/:](?=[a-z0-9_])|(?!(?:sub|non|co|pre|post|self|mid)-)[a-z][a-z0-9_]*-"
                     r"(?=[a-z0-9_])")


class Vocabulary(NamedTuple):
    """What headings mean: tables of words.toml, what any other heading means, and what the user said of headings.

    `meaning` gives None for a heading that means nothing; `chosen` maps normalised headings to fields or LEAVE_OUT.
    """

    tables: tuple[str, ...]
    meaning: Callable[[str], object] | None = None
    chosen: Mapping[str, str] = {}

    def field(self, heading: str) -> str:
        """The field that a heading names, "" if none; forms of ODK and Kobo put groups of questions before it."""
        if said := self.chosen.get(normal(heading)):
            return "" if said == LEAVE_OUT else said
        return field_of(heading, *self.tables) or field_of(ungrouped(heading), *self.tables)

    def other(self, heading: str) -> object:
        """What a heading without a field means, None if nothing."""
        if self.meaning is None or normal(heading) in self.chosen:
            return None
        return self.meaning(heading)

    def key(self, cell: str) -> str:
        """The field of a cell, or the cell itself where it means something else; "" if nothing."""
        return self.field(cell) or (cell if self.other(cell) is not None else "")

    def sure(self, heading: str, field: str) -> bool:
        """Whether a heading names its field as precisely as any does: OD does, District does less."""
        weaker = words("weaker").get(field, ())
        said = normal(heading) in self.chosen
        return said or not {normal(heading), normal(ungrouped(heading))} & set(weaker)


def ungrouped(heading: str) -> str:
    """A heading of ODK or Kobo without the groups of questions before it: facility_code of intro/facility_code."""
    match = _GROUPS.match(heading) if len(heading) <= LONGEST else None
    return heading[match.end():] if match else heading


class Headed(NamedTuple):
    """Rows below the headings: `fields` has a column of text for each field found; `scored` those named by `special`.

    Both have the row numbers of the sheet as index. `special` maps a column of `scored` to what its heading means.
    """

    file: str
    sheet: str
    fields: pd.DataFrame
    scored: pd.DataFrame
    special: dict[str, object]
    unused: tuple[str, ...] = ()


def headed(grid: Grid, vocabulary: Vocabulary, findings: Findings, accounts: Accounts) -> Headed | None:
    """The table with its fields; None, with what was wrong in `findings`, where no row looks like headings."""
    if (found := _headings(grid, vocabulary)) is None:
        return None
    accounts.add_rows(grid.file, grid.sheet, grid.rows.index[:found.first].tolist(), NOT_USED, "above the headings")
    rows = grid.rows.index[found.first:found.last + 1].tolist()
    accounts.add_rows(grid.file, grid.sheet, rows, NOT_USED, "headings")
    if len(rows) > 1:
        findings.note("two rows of headings", place(grid.file, grid.sheet), tell(
            "rows {first} and {last} are read as one row of headings: {columns}", first=rows[0], last=rows[1],
            columns=listed(one[:60] for one in found.heads[:20])))
    return _named(_without_tags(grid, found, accounts, findings), found, vocabulary, findings)


class _Heads(NamedTuple):
    """Headings of the columns, and the first and last row (from 0) that they stand in."""

    first: int
    last: int
    heads: list[str]


def _headings(grid: Grid, vocabulary: Vocabulary) -> _Heads | None:
    """The row with most known headings among the first, or two rows that say more together; None if none has two."""
    rows = [[str(cell) for cell in cells] for cells in grid.rows.head(SEARCHED).itertuples(index=False)]
    known = [_known(cells, vocabulary) for cells in rows]
    best = max(known, default=0)
    pairs = [_together(top, bottom, vocabulary) for top, bottom in pairwise(rows)]
    more = [_known(heads, vocabulary) if heads else 0 for heads in pairs]
    if max(more, default=0) > best:
        at = more.index(max(more))
        return _Heads(at, at + 1, pairs[at])
    return _Heads(known.index(best), known.index(best), rows[known.index(best)]) if best >= FEWEST else None


def _known(cells: list[str], vocabulary: Vocabulary) -> int:
    """How many different headings are known."""
    return len({vocabulary.key(cell) for cell in cells if cell} - {""})


def _together(top: list[str], bottom: list[str], vocabulary: Vocabulary) -> list[str]:
    """The headings of two rows, like 2026 over Q1 to Q4; none where fewer than two are known only together.

    A cell of the upper row stands for the empty ones to its right too.
    """
    heads, combined, above = [], 0, ""
    for upper, lower in zip(top, bottom, strict=True):
        above = upper or above
        both = f"{above} {lower}" if above and _HEADING.search(lower) else ""
        if both and vocabulary.key(both):
            combined += 1
            heads.append(both)
        else:
            heads.append(next((one for one in (upper, lower) if one and vocabulary.key(one)), upper or lower))
    return heads if combined >= FEWEST else []


def understood(grid: Grid, vocabulary: Vocabulary) -> str:
    """What is known and what is not of the row with most known headings, in words; "" if nothing is known."""
    rows = [[str(cell) for cell in cells if cell] for cells in grid.rows.head(SEARCHED).itertuples(index=False)]
    best = max(range(len(rows)), key=lambda at: _known(rows[at], vocabulary), default=0)
    if not rows or not _known(rows[best], vocabulary):
        return ""
    yes = [f'"{cell[:40]}"' for cell in rows[best] if vocabulary.key(cell)]
    no = [f'"{cell[:40]}"' for cell in rows[best] if not vocabulary.key(cell)]
    return (f"; row {grid.rows.index[best]} has {listed(yes[:SHOWN])}"
            + (f", and {listed(no[:SHOWN])}, which are not known as headings" if no else ""))


def _without_tags(grid: Grid, found: _Heads, accounts: Accounts, findings: Findings) -> Grid:
    """The table without a row of hashtags of HXL, or of explanations that begin with #, below its headings."""
    below = grid.rows.iloc[found.last + 1:found.last + 2]
    tags = [cell.strip() for cell in below.to_numpy().ravel().tolist() if cell.strip()]
    if not tags or not all(tag.startswith("#") for tag in tags):
        return grid
    row = int(below.index[0])
    accounts.add_rows(grid.file, grid.sheet, [row], NOT_USED, "a row of hashtags")
    findings.note("hashtags", place(grid.file, grid.sheet, row), tell(
        "a row whose cells begin with # is no row of data"))
    return grid._replace(rows=grid.rows.drop(index=row))


def _named(grid: Grid, found: _Heads, vocabulary: Vocabulary, findings: Findings) -> Headed:
    body = grid.rows.iloc[found.last + 1:]
    columns: dict[str, list[int]] = {}
    special: dict[str, object] = {}
    unused = []
    for column, heading in enumerate(found.heads):
        field = vocabulary.field(heading)
        if field:
            columns.setdefault(field, []).append(column)
        elif heading and (meant := vocabulary.other(heading)) is not None:
            special[heading] = meant
            columns.setdefault(heading, []).append(column)
        elif heading or (body[column] != "").any():
            unused.append(heading or f"column {column + 1}")
    choose = _Choice(grid, found.heads, body, vocabulary, findings)
    chosen = {name: choose.one(name, several) for name, several in columns.items()}
    unused += choose.unused
    if unused:
        _say_unused(grid, unused, vocabulary.tables, findings)
    return Headed(grid.file, grid.sheet,
                  _columns(body, {name: column for name, column in chosen.items() if name not in special}),
                  _columns(body, {name: chosen[name] for name in special}), special, tuple(unused))


class _Choice:
    """Which of several columns that mean the same is read; those that are not read gather in `unused`."""

    def __init__(self, grid: Grid, heads: list[str], body: pd.DataFrame, vocabulary: Vocabulary,
                 findings: Findings) -> None:
        self.grid, self.heads, self.body, self.vocabulary, self.findings = grid, heads, body, vocabulary, findings
        self.unused: list[str] = []

    def one(self, name: str, columns: list[int]) -> int:
        """The column to read: of those that are named most precisely, the one with most cells.

        Columns of the same precision must agree wherever both say something; where they do not, nothing is guessed.
        """
        if len(columns) == 1:
            return columns[0]
        sure = [column for column in columns if self.vocabulary.sure(self.heads[column], name)] or columns
        best = max(sure, key=lambda column: int((self.body[column].str.strip() != "").sum()))
        others = [column for column in columns if column != best]
        self.unused += [self.heads[column] for column in others if column not in sure]
        for column in others:
            self._say(name.replace("_", " "), best, column, sure=column in sure)
        return best

    def _say(self, name: str, best: int, other: int, *, sure: bool) -> None:
        one, two = (self.body[column].map(normal) for column in (best, other))
        differ = (one != two) & (one != "") & (two != "")
        heads = tell('"{one}" and "{other}"', one=self.heads[best][:60], other=self.heads[other][:60])
        where = place(self.grid.file, self.grid.sheet)
        if not differ.any():
            self.findings.note("columns of one meaning", where, tell(
                "{columns} say the same; the first of them is read as {field}", columns=heads, field=name))
            return
        row = int(self.body.index[int(differ.to_numpy().argmax())])
        first = tell('"{one}" and "{other}" in row {row}', one=self.body.loc[row, best][:40],
                     other=self.body.loc[row, other][:40], row=row)
        if sure:
            self.findings.error("columns of one meaning", place(self.grid.file, self.grid.sheet, row),
                                tell("{columns} both mean {field}, and differ in {count} rows, as {first}",
                                     columns=heads, field=name, count=f"{int(differ.sum()):,}", first=first),
                                allowed=tell("one column of each meaning"), count=int(differ.sum()),
                                hint=tell("Name the other one in --crosswalk FILE: heading,{heading},{answer}",
                                          heading=self.heads[other][:40], answer=LEAVE_OUT))
        else:
            self.findings.warning("columns of one meaning", where, tell(
                "{columns} may both mean {field}, and differ in {count} rows, as {first}; the first says it more "
                "precisely, and is read", columns=heads, field=name, count=f"{int(differ.sum()):,}", first=first),
                                  count=int(differ.sum()), hint=tell("Say it in --crosswalk FILE if this is wrong"))


def _columns(body: pd.DataFrame, places: dict[str, int]) -> pd.DataFrame:
    return body[list(places.values())].set_axis(list(places), axis=1)


def _say_unused(grid: Grid, unused: list[str], tables: tuple[str, ...], findings: Findings) -> None:
    known = spellings(*tables)
    near = [hint for heading in unused if normal(heading) not in known
            and (hint := suggest(normal(heading), list(known)))]
    for heading in unused[:20]:
        close = get_close_matches(normal(heading)[:LONGEST], list(known), n=1, cutoff=CLOSE)
        score = SequenceMatcher(None, normal(heading)[:LONGEST], close[0]).ratio() if close else 0.0
        findings.proposals.append(Proposal("heading", heading, known[close[0]] if close else "", score, 1,
                                           place(grid.file, grid.sheet)))
    findings.warning("columns not used", place(grid.file, grid.sheet), tell(
        "columns that are not known, or stand twice: {columns}", columns=listed(one[:60] for one in unused[:20])),
                     hint=" ".join(near[:3]), count=len(unused))


def place(file: str, sheet: str = "", row: int | None = None) -> str:
    """Where something stands, in words."""
    parts = [file, f"sheet {sheet}" if sheet else "", f"row {row}" if row is not None else ""]
    return ", ".join(part for part in parts if part)
