"""Tables of the page: the headline, and the plain table under each figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from qicsim.analysis.spending import MeanSpending
from qicsim.ground import numbers
from qicsim.ground.intervals import Interval
from qicsim.ground.numbers import MILLION, adding
from qicsim.inputs.country import home, plan_start
from qicsim.model.columns import COST_LINES, PBF_LINES
from qicsim.model.ledger import LEDGER
from qicsim.report import formatting
from qicsim.report.elements import Markup, joined, table, tag
from qicsim.report.language import place_name, say, text
from qicsim.report.points import ledger_cells
from qicsim.report.results import Results

HEADS = (text("Scenario"), text("True score: more than the reference"), text("At 80 or more, true"),
         text("All public money, more than the reference, US$ million"), text("Collaboratives, US$ million"),
         text("At 80 or more, recorded"), text("Mean score, true"), text("Mean score, recorded"),
         text("Ever joined; active teams"))
WHICH = {"true": text("true"), "recorded": text("recorded")}
ACROSS = 8  # scenarios beside each other in a table that has them as columns: what an A4 page holds
MARKED = frozenset({0})


def named(results: Results, name: str) -> Markup:
    """A scenario as the head of a row: its number, its title and, small, its name."""
    return joined((tag("span", results.heading(name), class_="title"), tag("span", name, class_="name"),
                   results.mark(name)), " ")


def with_interval(cell: Interval[float], write: Callable[[float], str], *, sign: bool = False, digits: int = 1,
                  scale: float = 1.0) -> Markup:
    """The mean, and its interval on a line of its own where its ends, as written, differ."""
    between = formatting.interval(cell.low * scale, cell.high * scale, digits, sign=sign)
    told = numbers.number(cell.low * scale, digits) != numbers.number(cell.high * scale, digits)
    small = tag("span", f"{between}", class_="interval") if between != numbers.NONE and told else ""
    return joined((write(cell.mean), small), " ")


# ----------------------------------------------------------------------------------------------------------- headline


def headline(results: Results, year: int) -> Markup:
    """The headline at the end of a year; scenarios that do not differ from the reference yet share its row."""
    there = [name for name in results.names if results.has(name, year)]
    same = [name for name in there if name != results.reference and _same(results, name, year)]
    shown = [name for name in there if name not in same]
    rows: list[list[object]] = []
    for name in shown:
        rows.append(headline_row(results, name, year))
        if name == results.reference and same:
            alike = formatting.listed([results.heading(other) for other in same])
            rows.append([tag("span", say("The same in this year"), class_="title"), tag("span", alike, class_="alike")])
    if results.has(results.reference, year):
        return table(say("End of {year}", year=year), heads(), rows, class_="headline", marked=MARKED)
    return table(say("End of {year}: scenarios that end in this year, compared with the reference then", year=year),
                 heads(), rows, class_="headline")


def heads() -> list[str]:
    """The heads of the headline table."""
    return [say(head) for head in HEADS]


def recorded(results: Results, name: str, year: int, shown: str) -> Markup:
    """What is recorded at the end of a year, as written; where rounds stopped, that it is the last recorded."""
    quarter = results.last_recorded(name, year)
    if not quarter:
        return joined((shown,))
    return joined((shown, tag("span", say("last recorded, {quarter}", quarter=quarter), class_="name")), " ")


def headline_row(results: Results, name: str, year: int) -> list[object]:
    """One scenario's headline numbers in a year, as written."""
    level = {indicator: results.level(name, year, indicator).mean
             for indicator in ("true", "recorded", "true_80", "recorded_80")}
    return [named(results, name), _difference(results, name, year, "true"), numbers.percent(level["true_80"]),
            _public(results, name, year), _cost(results, name, year),
            recorded(results, name, year, numbers.percent(level["recorded_80"])),
            numbers.number(level["true"]), recorded(results, name, year, numbers.number(level["recorded"])),
            _joined(results, name, year)]


def _same(results: Results, name: str, year: int) -> bool:
    """Whether nothing that the headline shows differs from the reference in any part of its interval."""
    shown = (results.difference(name, year, which) for which in ("true", "recorded", "coverage", "public_cost"))
    return all(cell.low == cell.high == cell.mean == 0.0 for cell in shown)


def _joined(results: Results, name: str, year: int) -> Markup:
    """The share of facilities that ever joined, and how many teams are active then."""
    share = numbers.percent(results.level(name, year, "coverage").mean)
    active = say("{count} active", count=numbers.number(results.level(name, year, "active").mean))
    return joined((share, tag("span", active, class_="interval")), " ")


def _public(results: Results, name: str, year: int) -> object:
    if year < plan_start():
        return numbers.NONE
    if name == results.reference:
        return say("reference")
    cell = results.difference(name, year, "public_cost").scaled(1.0 / MILLION)
    return with_interval(cell, numbers.signed, sign=True)


def _cost(results: Results, name: str, year: int) -> object:
    cell = results.level(name, year, "qic_cost")
    if year < plan_start():
        return numbers.NONE
    if cell.high == 0.0:
        return "0"
    return with_interval(cell.scaled(1.0 / MILLION), _one_digit)


def _difference(results: Results, name: str, year: int, which: str) -> object:
    if name == results.reference:
        return say("reference")
    return with_interval(results.difference(name, year, which), numbers.signed, sign=True)


# ---------------------------------------------------------------------------------------------------- under figures


def difference_table(results: Results) -> Markup:
    """Differences at the later years, how often a plan is above the reference, and which others it is like."""
    years = results.compared_years
    above = {name: numbers.percent(results.share_above(name, years[-1])) for name in results.others}
    same = len(set(above.values())) == 1 < len(above)
    heads = [say("Scenario"), *(f"{year}, {say(which)}" for year in years for which in WHICH.values()),
             *([] if same else [say("Runs above the reference, {year}", year=years[-1])]),
             say("Not told apart, {year}", year=years[-1])]
    rows = [[results.heading(name),
             *(_difference(results, name, year, which) for year in years for which in ("true", "recorded")),
             *([] if same else [above[name]]), _alike(results, name)] for name in results.others]
    shown = table(say("Points more than the reference, with the {level} interval between runs", level=formatting.LEVEL),
                  heads, rows)
    return joined((shown, tag("p", say("Each is above the reference in {share} of runs, {year}.", year=years[-1],
                                       share=above[results.others[0]]), class_="note"))) if same else shown


def _alike(results: Results, name: str) -> str:
    if not results.several:
        return say("one run only")
    return results.keys(results.alike(name, results.names)) or say("none")


def path_table(results: Results, kind: str) -> Markup:
    """True and recorded, `kind` score or share, at the end of some years."""
    pair = ("true", "recorded") if kind == "score" else ("true_80", "recorded_80")
    write = numbers.number if kind == "score" else _hundredths
    years = shown_years(results)
    rows = [[results.heading(name), *(_pair(results, name, pair, year, write) for year in years)]
            for name in results.names]
    caption = (say("True / recorded, points, means over runs, at the end of the year") if kind == "score" else
               say("True / recorded, % of facilities, means over runs, at the end of the year"))
    return table(caption, [say("Scenario"), *map(str, years)], rows, marked=MARKED)


def _hundredths(value: float) -> str:
    return numbers.number(100.0 * value)


def _pair(results: Results, name: str, pair: tuple[str, str], year: int, write: Callable[[float], str]) -> Markup:
    true, record = (write(results.path(name, indicator).at(year)) for indicator in pair)
    return joined((true, recorded(results, name, year, record)), "\u00a0/\u00a0")


def shown_years(results: Results, most: int = 7) -> list[int]:
    """The first and last years, the headline's, and the end of the reported history, as far as there are."""
    paths = [results.path(name, "true").x for name in results.names]
    first, last = int(min(x[0] for x in paths)), round(max(x[-1] for x in paths)) - 1
    counted = {int(counts.late[:4])} if (counts := home().counts) else set()
    wanted = {first, *counted, *results.years, last}
    return sorted(year for year in wanted if first <= year <= last)[-most:]


def province_table(results: Results, columns: Sequence[tuple[str, dict[str, float]]]) -> Markup:
    """Mean true quality by province under the scenarios that the maps show."""
    places = sorted({province for _, values in columns for province in values})
    rows = [[place_name(province), *(numbers.number(values.get(province, float("nan"))) for _, values in columns)]
            for province in places]
    heads = [say("Province"), *(f"{results.key(name)}" if name == results.reference else results.heading(name)
                           for name, _ in columns)]
    return table(say("Mean true quality by province, points, end of {year}, means over runs", year=results.end), heads,
                 rows)


def reference_ledger(results: Results) -> Markup:
    """Every ledger line of the reference since the start, at its headline years, adding up to mean true quality."""
    cells = ledger_cells(results, difference=False)
    years = [year for year in results.years if (results.reference, year, LEDGER[0]) in cells]
    parts = {year: _adding_up(cells, results.reference, year) for year in years}
    rows: list[list[object]] = [
        [say(formatting.LEDGER_WORDS[line]), *(
            with_interval(replace(cells[results.reference, year, line], mean=parts[year][line]),
                          _one_digit if line == "initial" else numbers.signed, sign=line != "initial")
            for year in years)] for line in LEDGER]
    sums = [sum(parts[year].values()) for year in years]
    rows.append([say("Mean true quality"), *(numbers.number(value, 1) for value in sums)])
    return table(say("{scenario}: points since the start of the run", scenario=results.heading(results.reference)),
                 [say("Line"), *map(str, years)], rows, marked=frozenset({len(rows) - 1}))


def _adding_up(cells: Mapping[tuple[str, int, str], Interval[float]], name: str, year: int) -> dict[str, float]:
    """Ledger lines, rounded so that they add up as printed."""
    return dict(zip(LEDGER, adding([cells[name, year, line].mean for line in LEDGER]), strict=True))


def _one_digit(value: float) -> str:
    return numbers.number(value, 1)


def ledger_tables(results: Results) -> Markup:
    """Every ledger line as a difference from the reference at the end, scenarios as columns."""
    cells = ledger_cells(results, difference=True)
    names = [name for name in results.others if results.has(name, results.end)]

    parts = {name: _adding_up(cells, name, results.end) for name in names}

    def value(line: str, name: str) -> str:
        return numbers.signed(parts[name][line])

    def total(name: str) -> str:
        return numbers.signed(sum(parts[name].values()))

    caption = say("Points by line, difference from the reference, end of {year}, means over runs", year=results.end)
    return across(results, names, caption, [(say(formatting.LEDGER_WORDS[line]), line) for line in LEDGER], value=value,
                  total=total)


def cost_tables(results: Results, money: MeanSpending) -> Markup:
    """Spending since the plans' start by line, scenarios as columns."""
    own = [line for line in COST_LINES if line not in PBF_LINES]
    spent = {(name, line): money.line(name, line) for name in results.names for line in COST_LINES}
    shown = {(name, line): part for name in results.names
             for line, part in zip(own, adding([spent[name, line] / MILLION for line in own]), strict=True)}

    def value(line: str, name: str) -> str:
        amount = shown.get((name, line), spent[name, line] / MILLION)
        return "0" if spent[name, line] == 0.0 else numbers.number(amount, 1)

    def total(name: str) -> str:
        return numbers.millions(money.collaboratives(name).sum())

    span = {"first": money.years[0], "last": money.years[-1], "price_year": results.price_year}
    own_caption = say("Collaboratives, {first} to {last}, US$ million of {price_year}, means over runs", **span)
    other_caption = say("Performance-based financing and assessment, {first} to {last}, US$ million of {price_year}, "
                        "means over runs", **span)
    names = list(results.names)
    lines = [(say(formatting.COST_WORDS[line]), line) for line in own]
    other = [(say(formatting.COST_WORDS[line]), line) for line in PBF_LINES]
    return joined((across(results, names, own_caption, lines, value=value, total=total),
                   across(results, names, other_caption, other, value=value)))


def across(results: Results, names: Sequence[str], caption: str, lines: Sequence[tuple[str, str]], *,
           value: Callable[[str, str], str], total: Callable[[str], str] | None = None) -> Markup:
    """Tables with scenarios as columns (their numbers as heads), so many beside each other as a page holds."""
    blocks = []
    for start in range(0, len(names), ACROSS):
        chosen = names[start:start + ACROSS]
        rows: list[list[object]] = [[words_, *(value(line, name) for name in chosen)] for words_, line in lines]
        if total is not None:
            rows.append([say("Sum"), *(total(name) for name in chosen)])
        heads = ["", *(tag("abbr", results.key(name), title=results.title(name)) for name in chosen)]
        span = say("{low} to {high}", low=results.key(chosen[0]), high=results.key(chosen[-1]))
        more = f" ({span})" if len(names) > ACROSS else ""
        blocks.append(table(caption + more, [say("Line"), *heads[1:]], rows, class_="dense",
                            marked=frozenset({len(lines)}) if total is not None else frozenset()))
    return joined(blocks)
