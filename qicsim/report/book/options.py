"""Value for money of the options: cost, what it brings, and how surely each is the best choice."""

from __future__ import annotations

from qicsim.ground.numbers import number
from qicsim.plan.record import MONEY, SHARE, Option, Plan, Value
from qicsim.plan.spending import stands
from qicsim.report.book.sheet import ASIDE, TENTH, WRAPPED, Book, Sheet

NAME = "Value for money"
HEAD_ROW = 3
NOTE = ("Counted is: {effect}, in {unit}; {horizon}. Means over draws; extra PBF payments count as cost, at the level "
        "simulated. Nobody has said what one more is worth in Cambodia: how often an option is best, and regret (what "
        "is given up on average against the best option of each draw), take US$ {worth}, where the last large step "
        "between options becomes worth its price.")
NOTHING = "There is nothing to compare: scenario and reference are the same."


def write_options(book: Book, plan: Plan) -> None:
    """The sheet of options, by rising cost."""
    value = plan.value
    sheet = book.sheet(NAME, "Value for money of the options", NOTHING if value is None else _note(value))
    unit = "unit" if value is None else value.unit
    sheet.widths((0, 0, 44), (1, 2, 20), (3, 3, 36), (4, 4, 20), (5, 6, 16))
    sheet.heads(HEAD_ROW, ["Option", "Cost, discounted, US$", f"Effect, {unit}"], numbers=1)
    sheet.heads(HEAD_ROW, ["How it stands"], 3)
    sheet.heads(HEAD_ROW, ["US$ for one more of them", "Best in, of draws", "Regret, US$"], 4, numbers=4)
    options = () if value is None else value.options
    for line, option in enumerate(options, start=HEAD_ROW + 1):
        _option(sheet, option, line)
    last = HEAD_ROW + max(len(options), 1)
    if value is not None:
        last = _without(sheet, value, last + 2)
    sheet.table(HEAD_ROW, last, 6, kept=1, filtered=False)


def _without(sheet: Sheet, value: Value, head: int) -> int:
    """The block without PBF's payments; its last line."""
    sheet.heads(head, ["Without PBF's payments to facilities, which for society only change hands",
                       "Cost, discounted, US$"], numbers=1)
    sheet.heads(head, ["How it stands"], 3)
    sheet.heads(head, ["US$ for one more of them"], 4, numbers=4)
    for line, step in enumerate(value.without, start=head + 1):
        sheet.text(line, 0, step.title, WRAPPED)
        sheet.number(line, 1, step.cost, MONEY)
        sheet.text(line, 3, stands(step), ASIDE)
        sheet.number(line, 4, step.icer, MONEY)
    return head + len(value.without)


def _note(value: Value) -> str:
    return NOTE.format(effect=value.effect, horizon=value.horizon, unit=value.unit, worth=number(value.worth))


def _option(sheet: Sheet, option: Option, line: int) -> None:
    sheet.text(line, 0, f"{option.title} ({option.name})", WRAPPED)
    sheet.number(line, 1, option.cost, MONEY)
    sheet.number(line, 2, option.effect, TENTH)
    sheet.text(line, 3, stands(option), ASIDE)
    sheet.number(line, 4, option.icer, MONEY)
    sheet.number(line, 5, option.best, SHARE)
    sheet.number(line, 6, option.regret, MONEY)
