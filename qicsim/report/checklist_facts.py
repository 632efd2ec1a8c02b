"""What the answers of a checklist are made from: scenarios, a run, the model's description, the calibration.

An answer is `Found`: words and the place that they come from. An answer that cannot be given raises `Missing` with what
to do about it, and one that is not asked of this study raises `NotAsked` with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qicsim.inputs.country import home, worded
from qicsim.inputs.scenario import REFERENCE, Scenario
from qicsim.model.sources import FILE as SOURCES
from qicsim.report.describe import ODD

CALIBRATION = "calibration"
MOST = 700
_HEADING = re.compile(r"^(#{2,4}) (.+)$", re.MULTILINE)
_GENERATED = re.compile(r"<!-- table: .*?<!-- end -->", re.DOTALL)
_MARKS = re.compile(r"\*\*|`|(?<![\w*])\*(?=\w)|(?<=[\w.])\*(?![\w*])")
_SET_OFF = re.compile(r"( {4,}\S|\||```|\$\$)")
NOT_PROSE = "[formulas or a table: in the section named]"
_NUMBERED = re.compile(r"^\d+(\.\d+)*\.? +")


@dataclass(frozen=True)
class Found:
    """An answer in words, and the place where it can be checked.

    `lacks` says what is asked and not in it; `assumed` answers rest on assumptions only.
    """

    text: str
    where: str
    lacks: str = ""
    assumed: bool = False


class Missing(Exception):  # noqa: N818 - it is an answer, not an error of the program
    """An answer that what is at hand does not give; the message says what would."""


class NotAsked(Exception):  # noqa: N818 - as above
    """An item that this study has no use for; the message says why."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What is at hand.

    scenarios    resolved scenarios; `reference` is the name of the one that the others are compared with
    run          provenance of a run (`ensemble.provenance`, with "decision" if one was made), or None
    results      rows of its headline table by column name; empty where there is none
    costs        rows of its table of costs (scenario, year, line, payer, mean); empty where there is none
    odd, sources, calibration  the model's description, its sources, the folder of the country's calibration
    """

    scenarios: tuple[Scenario, ...]
    reference: str = REFERENCE
    run: Mapping[str, Any] | None = None
    results: Sequence[Mapping[str, Any]] = ()
    costs: Sequence[Mapping[str, Any]] = ()
    odd: Path = ODD
    sources: Path = SOURCES
    calibration: Path = field(default_factory=lambda: home().calibration or home().folder / CALIBRATION)

    def asked_run(self) -> Mapping[str, Any]:
        """The run; Missing if none was given."""
        if self.run is None:
            raise Missing("No run was given: name its folder with --run.")
        return self.run

    def asked_decision(self) -> Mapping[str, Any]:
        """The settings of the decision made on the run; Missing if there is none."""
        settings = (self.run or {}).get("decision")
        if not settings:
            raise Missing("No decision was given: name the folder of qicsim decide with --run.")
        return settings

    def asked_results(self) -> Sequence[Mapping[str, Any]]:
        """The headline table of the run; Missing if there is none."""
        if not self.results:
            raise Missing("No results were given: name the folder of qicsim compare with --run.")
        return self.results

    def others(self) -> tuple[Scenario, ...]:
        """The scenarios that are not the reference."""
        return tuple(one for one in self.scenarios if one.name != self.reference)


# -------------------------------------------------------------------------------------------- the model's description


def sections(text: str) -> dict[str, str]:
    """The own text of every section by its title without number, up to the next; tables of the code left out."""
    marks = list(_HEADING.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {_NUMBERED.sub("", mark[2]): without_tables(text[mark.end():end]).strip("\n").rstrip()
            for mark, end in zip(marks, ends, strict=True)}


def without_tables(text: str) -> str:
    """The text without the tables that the code prints into it."""
    return _GENERATED.sub("", text)


def odd_text(facts: Facts) -> str:
    """The model's description; Missing if the file cannot be read."""
    try:
        return facts.odd.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise Missing(f"The model's description, {facts.odd.name}, cannot be read.") from None


def odd_section(facts: Facts, title: str) -> str:
    """The text of a section of the description; Missing if there is none, or nothing in it."""
    text = worded(sections(odd_text(facts)).get(title, ""))
    if not text:
        raise Missing(f"{facts.odd.name} has no text under “{title}”.")
    return text


def odd_answer(facts: Facts, title: str, lead: str = "") -> Found:
    """The beginning of a section as an answer, with what the code knows before it; tables and equations stay there."""
    place = f"{facts.odd.name}, “{in_words(title)}”"
    return Found(said(lead, shortened(in_words(prose(odd_section(facts, title))), place=place)), place)


def odd_paragraph(facts: Facts, title: str, head: str) -> str:
    """The paragraph of a section that begins with a head such as `Scales.`; Missing if there is none."""
    for part in re.split(r"\n\s*\n", odd_section(facts, title)):
        words = in_words(part)
        if words.startswith(head):
            return words.removeprefix(head).strip()
    raise Missing(f"{facts.odd.name} has no paragraph “{head}” under “{title}”.")


def in_words(text: str) -> str:
    """Markdown as running text in one line."""
    return re.sub(r"\s+", " ", _MARKS.sub("", re.sub(r"^- ", "", text, flags=re.MULTILINE))).strip()


def prose(text: str) -> str:
    """Markdown without tables and equations, which lose their form in running text; a word stands in their place."""
    parts = [NOT_PROSE if _SET_OFF.match(part) else part for part in re.split(r"\n\s*\n", text.strip("\n"))]
    return "\n\n".join(part for place, part in enumerate(parts) if place == 0 or part != NOT_PROSE or
                       parts[place - 1] != NOT_PROSE)


def shortened(text: str, most: int = MOST, place: str = "") -> str:
    """The text, cut behind a whole sentence where it is longer than `most` signs; `place` is where to read on."""
    if len(text) <= most:
        return text
    end = max(text.rfind(sign, 0, most) for sign in (". ", ": ", "; "))
    rest = f"[… more in {place}]" if place else "[…]"
    return f"{text[:end + 1 if end > 0 else most].rstrip(' :;')} {rest}"


def said(*parts: str) -> str:
    """Sentences one after the other, empty ones left out."""
    return " ".join(part.strip() for part in parts if part.strip())
