"""Checklists for reporting (ODD, CHEERS 2022, STRESS), filled from the code and from runs.

A checklist is a file in `assets/checklists`: the published short name of each item, what it asks, in words of our own,
the name of the answer that the code gives, and what a person has to write or to add. Nothing is answered by fixed text:
where the source of an answer is missing, the item is open, and says why; where a part of the answer is missing, it is
filled partly.
"""

from __future__ import annotations

import csv
import io
import json
import textwrap
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from qicsim.ground.errors import Fault, InputError, SettingError, nearest
from qicsim.ground.files import FORMULA_STARTS, MEGABYTE, from_json, read_plain, refuse_folders, write_bytes, write_text
from qicsim.ground.shown import Shown
from qicsim.inputs.scenario import REFERENCE, Scenario, load_scenario, policy, with_overrides
from qicsim.plan.record import Plan
from qicsim.report import checklist_inputs, checklist_runs
from qicsim.report.checklist_facts import Facts, Found, Missing, NotAsked, said
from qicsim.report.checklist_inputs import COLUMNS, costs_of
from qicsim.report.elements import Markup, joined, plain, section, table, tag
from qicsim.report.outputs import FACTS
from qicsim.report.page import document
from qicsim.report.plan_words import NATION_ROW
from qicsim.report.word import Word

WIDTH, SHORT = 118, 354
READ_ON = "Answers are cut here at three lines; --out FILE.html, .csv or .docx has them in full."
HEADS = ("Item", "Section", "Published name", "What is asked, in our words", "State", "Answer", "Where")
FOLDER = Path(__file__).with_name("assets") / "checklists"
NAMES = ("odd", "cheers", "stress")
FILLED, PARTLY, OPEN, NOT_ASKED = "filled", "partly", "open", "not applicable"
CHECKED = {"S": "list verified against the publication",
           "W": "list verified only in part against the publication",
           "M": "list not verified against the publication"}
ANSWERS: dict[str, Callable[[Facts], Found]] = {**checklist_inputs.ANSWERS, **checklist_runs.ANSWERS}


@dataclass(frozen=True)
class Item:
    """An item: its published short name, and what it asks in words of our own.

    `answer` names a function of ANSWERS; `person` says what a person writes, or adds to that answer. `added` items are
    of this project: the publication does not have them.
    """

    number: str
    section: str
    title: str
    asks: str
    answer: str = ""
    person: str = ""
    added: bool = False

    @property
    def name(self) -> str:
        """The published short name; marked where the item is not published."""
        return f"{self.title} (added by this project)" if self.added else self.title


@dataclass(frozen=True)
class Checklist:
    """A checklist: its source with grade, how far it was checked, and its items."""

    key: str
    title: str
    source: str
    grade: str
    seen: str
    items: tuple[Item, ...]

    @property
    def checked(self) -> str:
        """How far the list was checked against the publication, in a few words."""
        return CHECKED[self.grade]


@dataclass(frozen=True)
class Answered:
    """An item with its state (filled, partly, open, not applicable), its text or the reason, and where to check that.

    `lacks` is the part of the text that says what is missing of an answer that is filled partly. `assumed` answers rest
    on assumptions only.
    """

    item: Item
    state: str
    text: str
    where: str = ""
    lacks: str = ""
    assumed: bool = False


@dataclass(frozen=True, repr=False)
class FilledChecklist(Shown):
    """A checklist with its answers, and for which scenarios."""

    checklist: Checklist
    scenarios: tuple[str, ...]
    answers: tuple[Answered, ...]

    def of(self, state: str) -> tuple[Answered, ...]:
        """The answers in a state."""
        return tuple(one for one in self.answers if one.state == state)

    def published(self, state: str) -> int:
        """How many published items are in a state."""
        return sum(not one.item.added for one in self.of(state))

    def numbers(self, state: str) -> str:
        """The numbers of the items in a state, with commas; "none" where there is none."""
        return ", ".join(one.item.number for one in self.of(state)) or "none"

    @property
    def applicable(self) -> int:
        """How many published items this study has a use for."""
        return sum(self.published(state) for state in (FILLED, PARTLY, OPEN))

    @property
    def score(self) -> float:
        """Published items that are filled as a share of those that apply, 0-1; those filled partly do not count."""
        return self.published(FILLED) / self.applicable

    @property
    def words(self) -> str:
        """The score, how far the list was checked, and which items are not filled or rest on assumptions."""
        spare = self.published(NOT_ASKED)
        aside = f"; {spare} not applicable" if spare else ""
        head = (f"{self.checklist.title}: {self.published(FILLED)} of {self.applicable} published items are filled "
                f"({100 * self.score:.0f} %; {self.checklist.checked}{aside}).")
        partly = f"Partly filled, not counted: {self.numbers(PARTLY)}." if self.of(PARTLY) else ""
        opened = f"Open: {self.numbers(OPEN)}." if self.of(OPEN) else "None is open."
        return said(head, partly, opened, self._added(), self._assumed())

    def _added(self) -> str:
        own = [one for one in self.answers if one.item.added]
        filled = sum(one.state == FILLED for one in own)
        return f"Of {len(own)} further items of this project {filled} are filled." if own else ""

    def _assumed(self) -> str:
        """Which answers rest on assumptions only."""
        numbers = ", ".join(one.item.number for one in self.answers if one.assumed)
        return f"Answered from assumptions only: {numbers}." if numbers else ""


@cache
def read_checklist(name: str) -> Checklist:
    """A checklist by its key; SettingError for another name."""
    if name not in NAMES:
        raise SettingError("", [Fault("checklist", f'"{name}" is not a checklist', ", ".join(NAMES),
                                      nearest(name, NAMES))])
    table: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    items = tuple(Item(**item) for item in table.pop("item"))
    return Checklist(name, items=items, **table)


def fill(name: str, facts: Facts) -> FilledChecklist:
    """A checklist with every answer that the facts give; SettingError for an unknown name."""
    checklist = read_checklist(name)
    return FilledChecklist(checklist, tuple(one.name for one in facts.scenarios),
                           tuple(_answered(item, facts) for item in checklist.items))


def fill_all(facts: Facts, names: Sequence[str] = NAMES) -> tuple[FilledChecklist, ...]:
    """Several checklists from the same facts."""
    return tuple(fill(name, facts) for name in names)


def _answered(item: Item, facts: Facts) -> Answered:
    if not item.answer:
        return Answered(item, OPEN, f"A person writes: {item.person}")
    try:
        found = ANSWERS[item.answer](facts)
    except Missing as reason:
        return Answered(item, OPEN, str(reason))
    except NotAsked as reason:
        return Answered(item, NOT_ASKED, str(reason))
    lacks = said(found.lacks, f"A person adds: {item.person}" if item.person else "")
    resting = "This rests on assumptions only." if found.assumed else ""
    return Answered(item, PARTLY if lacks else FILLED, said(found.text, resting, lacks), found.where, lacks,
                    found.assumed)


MARKS = {FILLED: "[x]", PARTLY: "[~]", OPEN: "[ ]"}


def write_checklist(filled: FilledChecklist, path: Path | str) -> Path:
    """Write a checklist as .html, .csv or .docx, whole or not at all; SettingError for another ending or no folder."""
    place = Path(path)
    write = _WRITERS.get(place.suffix.lower())
    if write is None:
        raise SettingError("", [Fault("--out", f'"{place.name}" has another ending', ", ".join(_WRITERS))])
    if not place.parent.is_dir():
        raise SettingError("", [Fault("--out", f'the folder of "{plain(place)}" is not there', "a file in a folder")])
    refuse_folders(place.parent, [place.name])
    write(filled, place)
    return place


def rows(filled: FilledChecklist) -> list[tuple[str, ...]]:
    """One row for each item, in the order of HEADS; text in one line without control characters."""
    return [tuple(plain(cell) for cell in (one.item.number, one.item.section, one.item.name, one.item.asks, one.state,
                                           one.text, one.where)) for one in filled.answers]


def source_words(filled: FilledChecklist) -> str:
    """The source of the checklist, its grade, and how far it was checked."""
    held = filled.checklist
    return f"Source: {held.source}. {held.checked.capitalize()} (grade {held.grade}): {held.seen}."


def text(filled: FilledChecklist) -> str:
    """For a terminal: every item with its answer in a few lines and where to read on, and the score at the end."""
    marks = "Marks: [x] filled, [~] partly filled, [ ] open, [-] not applicable."
    ends = [textwrap.fill(words, WIDTH) for words in (f"{marks} {READ_ON}", source_words(filled), filled.words)]
    return "\n\n".join(["\n".join(_item(one) for one in filled.answers), *ends]) + "\n"


def _item(one: Answered) -> str:
    """One item for a terminal: what is asked, the answer, what it lacks, and where to read on if it is cut."""
    head = f"{MARKS.get(one.state, '[-]')} {one.item.number} {one.item.name} ({one.item.asks.rstrip('.')}):"
    short = textwrap.shorten(plain(one.text.removesuffix(one.lacks)), SHORT, placeholder=" […]")
    where = f"Where: {plain(one.where)}." if one.where else ""
    return textwrap.fill(said(head, short, plain(one.lacks), where), WIDTH, subsequent_indent="    ",
                         break_on_hyphens=False)


def page(filled: FilledChecklist) -> str:
    """A page that opens by double-click: score, open items, all items."""
    return document(f"{filled.checklist.title}, filled from the model", joined((
        tag("header", tag("h1", f"{filled.checklist.title}, filled from the model"), tag("p", filled.words),
            tag("p", _about(filled), class_="note")),
        tag("main", _open_items(filled), section("items", "All items", table(
            "Every item, what is asked, and the answer", HEADS, rows(filled)))))))


def _about(filled: FilledChecklist) -> str:
    named = f"Scenarios: {', '.join(filled.scenarios)}. " if filled.scenarios else ""
    return named + source_words(filled)


def _open_items(filled: FilledChecklist) -> Markup:
    left = [one for one in filled.answers if one.state in {PARTLY, OPEN}]
    shown = [(f"{one.item.number} {one.item.name}", one.item.asks, one.state, one.lacks or one.text) for one in left]
    return section("open", "Open items", table("What must still be given or written", (
        "Item", "What is asked", "State", "What is missing"), shown)) if shown else Markup("")


def _write_page(filled: FilledChecklist, path: Path) -> None:
    write_text(path, page(filled))


def _write_table(filled: FilledChecklist, path: Path) -> None:
    """A table without formulas: text that a spreadsheet would take for one gets an apostrophe in front."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row] for row in rows(filled))
    write_text(path, held.getvalue())


def _write_word(filled: FilledChecklist, path: Path) -> None:
    from qicsim.report.checklists import add_checklist
    from qicsim.report.word import Word

    word = Word(f"{filled.checklist.title}, filled from the model", about=", ".join(filled.scenarios))
    word.footer(filled.checklist.title)
    word.paragraph(_about(filled))
    add_checklist(word, filled)
    write_bytes(path, word.content())


_WRITERS: dict[str, Callable[[FilledChecklist, Path], None]] = {
    ".html": _write_page, ".csv": _write_table, ".docx": _write_word}


MOST = 320
SCORES = ("Checklist", "Items that apply", "Filled", "Partly", "Share filled", "Open items")
ITEMS = ("Item", "What is asked, in our words", "State", "Answer, and where")
SAID = ("Shares count published items that are filled; those filled partly and those added by this project do not "
        "count. An answer was found: whether it is good enough is for a reader to judge.")
CUT = ("Answers that end in […] are cut: the place to read on stands in brackets behind them, and "
       "qicsim checklist with --out FILE.docx gives them in full.")


def add_checklists(word: Word, filled: Sequence[FilledChecklist], level: int = 2) -> None:
    """A table of scores, then each checklist under a heading of its own."""
    word.table("Checklists: items that the code and the runs answer, and items that a person must still write", SCORES,
               [(one.checklist.title, one.applicable, one.published(FILLED), one.published(PARTLY),
                 f"{100 * one.score:.0f} % ({one.checklist.checked})", one.numbers(OPEN)) for one in filled],
               widths=(1.7, 1.3, 1, 1, 3, 3))
    word.paragraph(f"{SAID} {CUT}")
    for one in filled:
        word.heading(one.checklist.title, level)
        word.paragraph(source_words(one))
        add_checklist(word, one, most=MOST)


def add_checklist(word: Word, filled: FilledChecklist, *, most: int | None = None) -> None:
    """One checklist: its score, and every item; answers cut behind `most` signs, but what they lack is kept."""
    word.paragraph(filled.words)
    word.table(f"{filled.checklist.title}, item by item", ITEMS, [
        (f"{one.item.number} {one.item.name}", one.item.asks, one.state,
         said(_cut(one.text.removesuffix(one.lacks), most), one.lacks, f"({one.where})" if one.where else ""))
        for one in filled.answers], widths=(2.9, 2.8, 1.6, 6.3))


def _cut(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} […]"


def filled(plan: Plan, provenance: Mapping[str, Any],
           scenarios: Sequence[Scenario] = ()) -> tuple[FilledChecklist, ...]:
    """The checklists, filled from the plan and its run."""
    known = tuple(scenarios) or tuple(_shipped(plan, provenance))
    return fill_all(Facts(known, plan.reference.name, _run(plan, provenance), _results(plan), costs_of(plan)))


def _shipped(plan: Plan, provenance: Mapping[str, Any]) -> list[Scenario]:
    """Shipped scenarios that have the names and the digests of the plan's; none where a file of the user was run."""
    found = []
    held = provenance.get("scenarios") or plan.provenance.get("scenarios") or {}
    for words in (plan.reference, plan.scenario):
        end = (((held.get(words.name) or {}).get("resolved") or {}).get("horizon") or {}).get("end")
        try:
            scenario = load_scenario(words.name, horizon_end=end)
        except (InputError, OSError, ValueError):
            continue
        if scenario.digest == words.digest:
            found.append(scenario)
    return found


def _run(plan: Plan, provenance: Mapping[str, Any]) -> dict[str, Any]:
    """What checklists ask of a run: its provenance, and what the record itself says."""
    decision = {"discounting": plan.budget.discounting, "currency": plan.budget.rate_in_words,
                "years": f"{plan.years[0]}-{plan.years[-1]}"}
    own = {"draws": plan.draws, "draws_from": plan.draws_from, "replicates": plan.replicates, "seed": plan.seed,
           "parameters": [one.name for one in plan.sources.parameters], "decision": decision}
    chosen = decision | dict(provenance.get("decision") or {})
    return own | dict(plan.provenance) | dict(provenance) | {"decision": chosen}


def _results(plan: Plan) -> list[dict[str, Any]]:
    """The nation's targets in the last year, of the plan and of its reference, as rows of a headline table."""
    at, rows = (NATION_ROW, len(plan.years)), []
    for target in plan.targets:
        gain = target.difference
        apart = {"difference_mean": gain.mean[at], "difference_p05": gain.low[at], "difference_p95": gain.high[at]}
        for name, level, more in ((plan.reference.name, target.reference, dict.fromkeys(apart, float("nan"))),
                                  (plan.scenario.name, target.scenario, apart)):
            rows.append({"scenario": name, "year": plan.years[-1], "indicator": target.name, "n": int(level.n[at]),
                         "mean": level.mean[at], "p05": level.low[at], "p95": level.high[at]} | more)
    return rows


RESULTS, COSTS = "headline.csv", "costs.csv"
LARGEST = 100 * MEGABYTE


def checklist(name: str, scenarios: Sequence[str | Path | Scenario] | None = None, *,
              run: str | Path | None = None, reference: str = REFERENCE, costs: Path | str | None = None
              ) -> FilledChecklist:
    """A checklist (odd, cheers, stress), filled for scenarios and, where given, the folder of their run.

    Without scenarios it takes those of the run, or else the shipped policy scenarios; with what was set for all of the
    run. `costs` is the file of unit costs that the run was given, if it was given one. SettingError, with every fault,
    for an unknown name, a folder without a run, and scenarios that are not those of the run; other InputError kinds for
    scenarios that cannot be used.
    """
    return fill(name, facts_of(scenarios, run=run, reference=reference, costs=costs))


def facts_of(scenarios: Sequence[str | Path | Scenario] | None = None, *, run: str | Path | None = None,
             reference: str = REFERENCE, costs: Path | str | None = None) -> Facts:
    """What is at hand; the errors are those of `checklist`."""
    told = _provenance(Path(run)) if run is not None else None
    held: Mapping[str, Any] = told["scenarios"] if told else {}
    if scenarios is not None and len(scenarios) == 0:
        raise SettingError("", [Fault("scenarios", "there is none", "one or more, or None for those of the run")])
    wanted = list(scenarios if scenarios is not None else held or policy())
    given = (told or {}).get("set")

    def loaded_one(one: str | Path | Scenario) -> Scenario:
        found = one if isinstance(one, Scenario) else load_scenario(one, horizon_end=_end(held, one))
        return with_overrides(found, given, costs) if given or costs is not None else found

    loaded = [loaded_one(one) for one in wanted]
    base = str((told or {}).get("decision", {}).get("reference", reference))
    if base not in [one.name for one in loaded]:
        loaded.insert(0, loaded_one(base))
    if told is not None:
        _refuse_others(loaded, held)
    if run is None:
        return Facts(tuple(loaded), base)
    return Facts(tuple(loaded), base, told, _headline(Path(run)), _costs(Path(run)))


def _end(held: Mapping[str, Any], scenario: str | Path) -> str | None:
    """The end of the horizon that a run gave to a scenario."""
    known = held.get(Path(scenario).stem)
    return str(known["resolved"]["horizon"]["end"]) if known else None


def _provenance(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    try:
        told = from_json(read_plain(path, LARGEST))
        known = [(one["digest"], one["resolved"]["horizon"]["end"]) for one in told["scenarios"].values()]
        if known and all(isinstance(told.get(key, {}), dict) for key in ("decision", "set")):
            return dict(told)
        found = "names no scenarios"
    except ValueError as error:
        found = "is not JSON" if isinstance(error, json.JSONDecodeError | UnicodeDecodeError) else str(error)
    except (KeyError, TypeError, AttributeError):
        found = "names no scenarios"
    raise SettingError("", [Fault(str(path), found, f"a folder that qicsim compare or decide wrote, with its {FACTS}")])


def _refuse_others(loaded: Sequence[Scenario], held: Mapping[str, Any]) -> None:
    """SettingError for scenarios that the run does not hold, or holds in another form."""
    faults = []
    for one in loaded:
        if one.name not in held:
            faults.append(Fault("scenario", f'"{one.name}" is not in the run', ", ".join(held),
                                nearest(one.name, held)))
        elif held[one.name]["digest"] != one.digest:
            faults.append(Fault("scenario", f'"{one.name}" is not what the run has under that name',
                                hint="The file was changed after the run: run it again; or name the run's --costs"))
    if faults:
        raise SettingError("", faults)


def _headline(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of the headline table; none where the folder has none. SettingError if it is another table."""
    path = folder / RESULTS
    rows = _table(path)
    wanted = {"scenario", "year", "indicator", "n", "mean", "p05", "p95", "difference_mean", "share_above"}
    if rows and not wanted <= rows[0].keys():
        raise InputError(str(path), [Fault("", "is not a headline table", ", ".join(sorted(wanted)))])
    return rows


def _costs(folder: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of the table of costs of qicsim compare; none where there is none, or that of a decision."""
    rows = _table(folder / COSTS)
    return rows if rows and rows[0].keys() >= COLUMNS else ()


def _table(path: Path) -> tuple[Mapping[str, Any], ...]:
    """The rows of a table of a run; none where it is not there. SettingError if it cannot be read."""
    if not path.exists():
        return ()
    try:
        return tuple(csv.DictReader(read_plain(path, LARGEST).decode("utf-8").splitlines()))
    except ValueError as error:
        raise SettingError("", [Fault(str(path), str(error))]) from None
