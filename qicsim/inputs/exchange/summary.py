"""What an import found, by cause: counts, examples, and what to do first. The terminal and the page share the order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from qicsim.ground.errors import Fault, shown
from qicsim.ground.numbers import plural
from qicsim.inputs.exchange.row_audit import ERROR, WARNING, Finding, Findings

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
