"""The texts of pages for translators: where each stands, and the files of translations brought up to date.

    python -m tests.report.texts        # updates qicsim/report/locale/*.po: new texts, fuzzy ones, those that are gone

A text that was changed a little keeps its old translation, marked as fuzzy with the old English beside it; a page says
it in English until a translator has looked. Places are files, without lines and dates, so that a file changes only
where a text does.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from qicsim.analysis.least_likely import MODEL, OTHERS, OWN
from qicsim.analysis.study_kinds.attribution_findings import WORDS as CREDITED
from qicsim.analysis.study_kinds.ranking import MATTERS, OPEN, WEAKER
from qicsim.analysis.switches import BY_NAME
from qicsim.analysis.variance import SOURCES as VARIANCE_SOURCES
from qicsim.decide.budget import MONEY_WORDS
from qicsim.decide.discounting import WORDS
from qicsim.decide.discovery_words import SEEN as SEEN_EARLY
from qicsim.decide.effects import OUTCOMES
from qicsim.decide.mechanisms import MEANINGS, STUDIES
from qicsim.decide.plane import QUADRANTS
from qicsim.decide.rescore import MEASURED
from qicsim.decide.search.levers import SENTENCES as SENTENCES_OF_LEVERS
from qicsim.decide.search.levers import WORDS as WORDS_OF_LEVERS
from qicsim.decide.search.question import GOALS
from qicsim.decide.settings import PERSPECTIVE_WORDS
from qicsim.estimate.calibrate.outside_checks import outside_checks
from qicsim.estimate.calibrate.parameter_status import ASSUMED, ELSEWHERE, LEARNED
from qicsim.estimate.calibrate.reported_history import Calibrated
from qicsim.estimate.calibrate.study import read_study
from qicsim.estimate.calibrate.targets import read_targets
from qicsim.ground.declare import GRADES, declared
from qicsim.ground.money import CONSUMER_PRICES, OTHER_PRICES, SHIPPED_PRICES
from qicsim.inputs.country import default_country
from qicsim.inputs.exchange.findings import FIRST
from qicsim.inputs.exchange.findings import OTHERS as LATER
from qicsim.inputs.observed.joining import ASSUMPTIONS as JOINING
from qicsim.inputs.observed.targets import SUMMARIES
from qicsim.inputs.scenario import load_scenario, shipped
from qicsim.inputs.scenario.consistency import SENTENCES
from qicsim.inputs.scenario.data import SAID
from qicsim.inputs.scenario.estimated import BY_HAND, STALE
from qicsim.inputs.scenario.overrides import COSTED, FORMED, HELD, OWN_PAST
from qicsim.inputs.scenario.past import OTHER_PAST
from qicsim.inputs.scenario.rounds import LAST_RECORDED, NEVER_RECORDED
from qicsim.inputs.scenario.timeline import LEVERS
from qicsim.inputs.world.money import payment_rows, unit_cost_rows
from qicsim.inputs.world.scaling import TEXTS
from qicsim.model.ledger import MEANING
from qicsim.model.sources import SEEN, sources
from qicsim.plan.measures import MEASURES, meaning_of
from qicsim.plan.record import UNITS
from qicsim.report.language import LOCALE, WORDLESS
from qicsim.runs.assumptions import ASSUMPTIONS, GROUPS
from qicsim.runs.fields import NATION, Extent, known
from qicsim.runs.forks import SENTENCES as SENTENCES_OF_FORKS
from qicsim.runs.posterior import FILLED, OF_FOLDER, OF_MODULES, UNUSED
from tests.helpers import EMBEDDED

ROOT = Path(__file__).parents[2]
ROOMS = ("qicsim/report", "qicsim/decide", "qicsim/plan", "qicsim/explore", "qicsim/analysis", "qicsim/inputs/exchange",
         "qicsim/inputs/observed", "qicsim/estimate/calibrate")
PLACES = {"say": 1, "phrase": 1, "text": 1, "counted": 3, "tell": 1}
HEAD_LEFT_OUT = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator'
                           r'|Language-Team): .*\n', re.MULTILINE)


def texts_of(source: str) -> Iterator[str]:
    """Every literal text in calls of say, phrase, text, counted and tell; both of `one if so else other`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in PLACES:
            for argument in node.args[:PLACES[node.func.id]]:
                for one in (argument.body, argument.orelse) if isinstance(argument, ast.IfExp) else (argument,):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


@cache
def used() -> dict[str, set[str]]:
    """Texts of the code, of tables there and of what is shipped, with the files in which they stand."""
    found: dict[str, set[str]] = {}
    for place, texts in (*_in_calls(), *_in_tables(), *_carried()):
        for one in filter(None, texts):
            if not WORDLESS.fullmatch(str(one)):
                found.setdefault(str(one), set()).add(place)
    return found


def _in_calls() -> Iterator[tuple[str, Iterable[str]]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), texts_of(path.read_text(encoding="utf-8"))


def _in_tables() -> Iterator[tuple[str, Iterable[str]]]:
    """Texts of decisions and runs that stand in tables there and are said where they are used; unit costs shipped."""
    extent = Extent(0, 0, default_country().price_year, (), (), (), ())
    costs = unit_cost_rows(EMBEDDED["unit_costs"])
    yield "qicsim/analysis/least_likely.py", (OWN, OTHERS, MODEL)
    yield "qicsim/analysis/study_kinds/attribution_findings.py", CREDITED.values()
    yield "qicsim/analysis/study_kinds/ranking.py", (MATTERS, WEAKER, OPEN)
    yield "qicsim/analysis/variance.py", VARIANCE_SOURCES
    yield "qicsim/analysis/switches.py", (one.meaning.partition(":")[0] for one in BY_NAME.values())
    yield "qicsim/model/ledger.py", MEANING.values()
    yield "qicsim/model/indicators.py", (part for one in known(extent, NATION).values()
                                               for part in (one.meaning, one.unit))
    yield "qicsim/inputs/observed/targets.py", (part for one in SUMMARIES for part in (one.meaning, one.unit))
    yield "qicsim/inputs/observed/joining.py", JOINING
    yield "calibration/study.toml", (one.title for one in read_study(None, read_targets()).alternatives)
    yield "qicsim/decide/discounting.py", WORDS.values()
    yield "qicsim/decide/discovery_words.py", SEEN_EARLY.values()
    yield "qicsim/decide/search/levers.py", (*SENTENCES_OF_LEVERS.values(), *WORDS_OF_LEVERS.values())
    yield "qicsim/decide/search/question.py", GOALS.values()
    yield "qicsim/decide/budget.py", MONEY_WORDS.values()
    yield "qicsim/decide/settings.py", PERSPECTIVE_WORDS.values()
    yield "qicsim/decide/mechanisms.py", (*MEANINGS.values(), *STUDIES.values())
    yield "qicsim/decide/rescore.py", MEASURED.values()
    yield "qicsim/decide/plane.py", QUADRANTS
    yield "qicsim/decide/effects.py", (part for one in OUTCOMES for part in (one.meaning, one.unit))
    yield "qicsim/inputs/exchange/findings.py", (*FIRST, *LATER)
    yield "qicsim/inputs/scenario/data.py", SAID.values()
    yield "qicsim/inputs/scenario/estimated.py", (BY_HAND, STALE)
    yield "qicsim/inputs/scenario/overrides.py", (HELD, FORMED, COSTED, OWN_PAST)
    yield "qicsim/ground/money.py", (SHIPPED_PRICES, OTHER_PRICES, CONSUMER_PRICES)
    yield "qicsim/inputs/scenario/past.py", (OTHER_PAST,)
    yield "qicsim/inputs/scenario/rounds.py", (LAST_RECORDED, NEVER_RECORDED)
    yield "qicsim/inputs/scenario/consistency.py", SENTENCES
    yield "qicsim/runs/forks.py", SENTENCES_OF_FORKS
    yield "qicsim/runs/assumptions.py", (*GROUPS.values(), *(part for one in ASSUMPTIONS
                                                             for part in (one.title, one.known)))
    yield "qicsim/plan/measures.py", (part for one in MEASURES for part in (
        one.title, one.responsible, one.verified, *UNITS.get(one.form, (meaning_of(one.name)[1],))))
    yield "qicsim/inputs/world/scaling.py", TEXTS
    yield "qicsim/model/levers.py", (part for one in LEVERS.values() for part in (one.meaning, one.unit))
    yield "qicsim/runs/posterior.py", (FILLED, UNUSED, *OF_FOLDER, *OF_MODULES)
    yield "qicsim/worlds/cambodia", (part for one in costs for part in (
        one.key.replace("_", " ").capitalize(), one.unit, one.source))
    yield "qicsim/worlds/cambodia", (*default_country().said.values(), default_country().currency.name)
    yield "qicsim/worlds/cambodia", (one.source for one in payment_rows(EMBEDDED["payments"]))


def _carried() -> Iterator[tuple[str, Iterable[str]]]:
    """Texts of shipped scenarios, of parameters and what is known of them, and what the reported history counts."""
    for name in shipped():
        one = load_scenario(name)
        yield f"scenarios/{name}.toml", (one.title, one.description, *one.assumptions)
    for name, leaf in declared(Calibrated).items():
        yield f"parameter:{name}", (leaf.declaration.meaning, leaf.declaration.unit)
    yield "qicsim/estimate/calibrate/parameter_status.py", (LEARNED, ELSEWHERE, ASSUMED)
    yield "qicsim/ground/declare.py", GRADES.values()
    yield "qicsim/model/sources.py", (*SEEN.values(), *(part for key, one in sources().items() if one.seen == "none"
                                                        for part in (key, one.citation)))
    yield "calibration/checks.csv", (part for one in outside_checks() if not one.holds
                                     for part in (one.name, one.asked))
    yield "calibration/targets.csv", (part for one in read_targets() for part in (one.quantity, one.note))


def fields(template: str) -> set[str]:
    """Names of the fields of a text."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def template() -> Catalog:
    """What there is to translate: every text with its places, in the order of the places."""
    made = Catalog(fuzzy=False, charset="utf-8")
    for english, places in sorted(used().items(), key=lambda one: (min(one[1]), one[0])):
        made.add(english, locations=[(place, 0) for place in sorted(places)],
                 flags=["python-brace-format"] if fields(english) else [])
    return made


def written(catalogue: Catalog) -> str:
    """A catalogue as a `.po` file: no dates, no lines of sources, one line for a text."""
    file = io.BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False, include_previous=True)
    return HEAD_LEFT_OUT.sub("", file.getvalue().decode("utf-8"))


def updated(path: Path) -> str:
    """A `.po` file with the texts of today; what changed a little is marked as fuzzy."""
    with path.open("rb") as file:
        held = read_po(file)
    head = held.header_comment
    held.update(template(), no_fuzzy_matching=False, update_header_comment=False)
    held.header_comment = head
    held.fuzzy = False
    return written(held)


def missing(catalogue: Catalog) -> list[Message]:
    """Entries that a translator has to look at: empty or fuzzy ones."""
    return [one for one in catalogue if one.id and (one.fuzzy or not one.string)]


def main() -> None:
    """Bring every file of translations up to date, and say what a translator has to look at."""
    for path in sorted(LOCALE.glob("*.po")):
        path.write_text(updated(path), encoding="utf-8")
        with path.open("rb") as file:
            left = missing(read_po(file))
        print(f"{path.relative_to(ROOT)}: {len(left)} texts without a translation that holds")
        for one in left:
            print(f"  {'fuzzy' if one.fuzzy else 'empty'}: {one.id}")


if __name__ == "__main__":
    main()
