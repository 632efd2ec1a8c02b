"""Value for money of the options: cost, what it brings, and how surely each is the best choice."""

from __future__ import annotations

from qicsim.plan.record import MONEY, SHARE, Option, Plan, Value
from qicsim.report.book.sheet import ASIDE, TENTH, WRAPPED, Book, Sheet
from qicsim.report.words import number

NAME = "Value for money"
HEAD_ROW = 3
NOTE = ("Counted is: {effect}, in {unit}; {horizon}. Means over draws; extra PBF payments count as cost. Nobody has "
        "said what one more is worth in Cambodia: how often an option is best, and regret (what is given up on average "
        "against the best option of each draw), take US$ {worth}, where the last large step between options becomes "
        "worth its price.")
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
    sheet.table(HEAD_ROW, HEAD_ROW + max(len(options), 1), 6, kept=1, filtered=False)


def _note(value: Value) -> str:
    return NOTE.format(effect=value.effect, horizon=value.horizon, unit=value.unit, worth=number(value.worth))


def _option(sheet: Sheet, option: Option, line: int) -> None:
    sheet.text(line, 0, f"{option.title} ({option.name})", WRAPPED)
    sheet.number(line, 1, option.cost, MONEY)
    sheet.number(line, 2, option.effect, TENTH)
    over = f" ({option.over})" if option.over and "dominated" in option.status else ""
    sheet.text(line, 3, f"{option.status}{over}", ASIDE)
    sheet.number(line, 4, option.icer, MONEY)
    sheet.number(line, 5, option.best, SHARE)
    sheet.number(line, 6, option.regret, MONEY)
