"""From rows of text to scores 0-100: every row gets a fate, every kind of problem is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from qicsim.ground.calendar import format_quarter
from qicsim.inputs.exchange.dates import NO_MONTH, WRITTEN
from qicsim.inputs.exchange.edges import check_edges
from qicsim.inputs.exchange.elements import elements_of
from qicsim.inputs.exchange.file_reading import UNCALCULATED
from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.keys import AMBIGUOUS, LEFT_OUT, SHOWN, SPLIT, TOTALS, UNKNOWN, Keys
from qicsim.inputs.exchange.numbers import numbers_of
from qicsim.inputs.exchange.periods import FAULTY, FIRST_YEAR, FUTURE, PAST, UNCLEAR, read_periods
from qicsim.inputs.exchange.row_audit import Accounts, Findings
from qicsim.inputs.exchange.row_status import NAMED, Scoring
from qicsim.inputs.exchange.scale import scaled
from qicsim.inputs.exchange.settings import Settings, item_of, items
from qicsim.inputs.exchange.synonyms import normal
from qicsim.inputs.world.table import listed, suggest

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 5
TOTAL = "total"
EMPTY = ("", "na", "n a", "nan", "null", "none", "missing", "no data")
NOT_AVAILABLE = "#N/A"
HIGHEST = 100.0
TOLERANCE = 1e-9


def scores(rows: pd.DataFrame, keys: Keys, settings: Settings, findings: Findings, accounts: Accounts) -> pd.DataFrame:
    """Scores with the columns place, quarter (absolute month of its beginning), item, score; each once."""
    rows, again = _split(rows, keys, findings)
    under = Scoring(rows, settings, findings)
    short = rows["value"].str.strip()
    under.leave((short == UNCALCULATED).to_numpy(), UNCALCULATED)
    under.leave((short == NOT_AVAILABLE).to_numpy(), NOT_AVAILABLE)
    under.leave(np.asarray(_mapped(short, normal).isin(EMPTY)), "no score")
    _facilities(under, keys)
    quarter, month = _quarters(under)
    item = _items(under)
    score = _values(under, short, item, quarter)
    data = rows[["place"]].assign(quarter=quarter, month=month, item=item, score=score)
    merged = _merged(under, data, keys, findings)
    _duplicates(under, data, merged)
    totals = under.open & (item == TOTAL)
    check_edges(rows[["file", "sheet", "row", "place"]].assign(quarter=quarter)[totals], keys.register.name, findings)
    fates = rows[["file", "sheet", "row", "cell"]].assign(fate=under.fate, reason=under.reason)
    accounts.add(fates[~again] if again.any() else fates)
    return _folded(data[under.open], keys.register.name, findings)


def _split(rows: pd.DataFrame, keys: Keys, findings: Findings) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows, those of facilities that were split once for each new facility; and which of them stand again."""
    import pandas as pd

    place_of = rows["place"].to_numpy()
    if not (place_of <= SPLIT).any():
        return rows, np.zeros(len(rows), dtype=bool)
    parts = [rows[place_of > SPLIT]]
    again = [np.zeros(len(parts[0]), dtype=bool)]
    for number, new in enumerate(keys.splits):
        old = rows[place_of == SPLIT - number]
        parts += [old.assign(place=at) for at in new]
        again += [np.full(len(old), bool(copy)) for copy in range(len(new))]
        if len(old):
            findings.note("split facilities", place(old.iloc[0]["file"], old.iloc[0]["sheet"], old.iloc[0]["row"]),
                          f'{len(old):,} scores of "{str(old.iloc[0]["label"])[:SHOWN]}" count for '
                          f"{listed(keys.register.name[at][:SHOWN] for at in new)}", count=len(old))
    return pd.concat(parts, ignore_index=True), np.concatenate(again)


def _merged(under: Scoring, data: pd.DataFrame, keys: Keys, findings: Findings) -> np.ndarray:
    """Rows of facilities that the crosswalk merged, with other scores in the same period; their mean is taken."""
    none = np.zeros(len(data), dtype=bool)
    crossed = under.open & under.rows["label"].map(lambda text: normal(str(text)) in keys.crossed).to_numpy() \
        if keys.crossed else none
    if not crossed.any():
        return none
    by = [data[key] for key in ("place", "item", "quarter", "month")]
    several = under.rows["label"].where(under.open).groupby(by).transform("nunique").to_numpy() > 1
    touched = np.asarray(data.assign(crossed=crossed).groupby(["place", "item", "quarter", "month"])["crossed"]
                         .transform("any"))
    merged = under.open & several & touched
    if merged.any():
        findings.note("merged facilities", _first(under, merged), f"{int(merged.sum()):,} scores of facilities that "
                      "were merged; the mean of those of one quarter is taken", count=int(merged.sum()))
    return np.asarray(merged)


def _mapped(texts: pd.Series, function: Callable[[str], str]) -> pd.Series:
    """A function of many texts, called once for each different one."""
    import pandas as pd

    codes, unique = texts.factorize()
    return pd.Series(np.array([function(text) for text in unique] or [""], dtype=object)[codes], index=texts.index)


def _facilities(under: Scoring, keys: Keys) -> None:
    where = under.rows["place"].to_numpy()
    under.leave(where == LEFT_OUT, "facility left out")
    if (totals := under.leave(where == TOTALS, "a row of totals")).any():
        under.findings.warning("rows of totals", _first(under, totals), f'"{_label(under, totals)}" and the like are '
                               "taken for sums over facilities and left out", count=int(totals.sum()))
    under.refuse(where == AMBIGUOUS, "facility not clear", under.rows["label"], lambda text: keys.reasons[text],
                 allowed="one facility: an id, uid or code, or a name with its province and district")
    unknown = (where == UNKNOWN) & under.open
    for text, group in under.rows[unknown].groupby("label", sort=False):
        first = group.iloc[0]
        keys.propose(str(text), len(group), place(first["file"], first["sheet"], first["row"]))
    under.refuse(where == UNKNOWN, "facility not in the register", under.rows["label"],
                 lambda text: f'"{text[:SHOWN]}" is not in the register' if text else "names no facility",
                 allowed="an id, uid, code or name of the register", hint=keys.nearest)


def _quarters(under: Scoring) -> tuple[np.ndarray, np.ndarray]:
    """Quarter and month of each row, NO_MONTH where there is none; rows without a quarter are refused."""
    found = read_periods(under.rows, under.open, under.settings, under.findings)
    for check, allowed, hint in (
            (FAULTY, WRITTEN, ""), (FUTURE, "quarters up to now", "Check the year"),
            (PAST, f"quarters from {FIRST_YEAR} on", "Check the year"),
            (UNCLEAR, WRITTEN, "Say --periods quarter, or --periods month")):
        under.refuse(found.check == check, check, found.key, lambda at: found.words[int(at)], allowed=allowed,
                     hint=lambda _, hint=hint: hint)  # type: ignore[misc]
    return found.quarter, found.month


def _items(under: Scoring) -> np.ndarray:
    """The item of each row; rows of other things are left out with a warning."""
    areas, elements = items(), under.settings.elements
    rows = under.rows
    only = rows.loc[under.open & rows["element"].to_numpy(dtype=bool), "item"].unique() if not elements else []
    if len(only) == 1:
        elements = {normal(str(only[0])): "total"}
        name = str(only[0])[:60]
        under.findings.warning("data element", "", f'"{name}" is the only data element; read as the total score',
                               hint=f"Say so with --elements {name}=total")
    elif len(only) > 1:
        under.findings.error("data element", "", f"{len(only):,} data elements and no mapping: "
                             f"{listed(str(one)[:60] for one in only[:10])}",
                             allowed="--elements CODE=total, or a file with the columns data element and item")
    by_element = elements_of(under, elements)
    by_name = _mapped(rows["item"], lambda text: item_of(text, areas) if text.strip() else "total")
    item = np.where(rows["element"].to_numpy(dtype=bool), by_element, by_name)
    others = rows.loc[under.leave(item == "", "not a score of the model"), "item"].value_counts()
    for text, count in others.head(NAMED).items():
        under.findings.warning("other items", "", f'"{str(text)[:60]}" is not read', count=count,
                               hint=suggest(normal(str(text)), ["total", "structure", "process", "outcome", *areas]))
    return item


def _values(under: Scoring, texts: pd.Series, item: np.ndarray, quarter: np.ndarray) -> np.ndarray:
    """Scores 0-100; rows that hold no such score are refused."""
    numbers, percent = numbers_of(texts)
    highest = _highest(under, numbers, percent)
    under.refuse(np.isnan(numbers), "impossible score", texts, lambda text: f'"{text[:SHOWN]}" is not a number',
                 allowed="0 to 100")
    frame = under.rows[["file", "sheet", "row", "cell"]].assign(item=item, quarter=quarter, number=numbers,
                                                                percent=percent, highest=highest, used=under.open)
    found = scaled(frame, scale=under.settings.scale, findings=under.findings)
    under.refuse(~((found.numbers >= 0) & (found.numbers <= HIGHEST + TOLERANCE)), "impossible score", texts,
                 lambda text: f"the score {text[:SHOWN]} is impossible", allowed="0 to 100, or 0 to 1 in a whole file",
                 hint=lambda _: "If scores are points out of more, say --scale with the highest score possible"
                 if np.nanmax(numbers) > HIGHEST and not under.settings.scale else "")
    under.refuse(found.unclear, "two scales", found.block, found.words.__getitem__,
                 allowed="0 to 100, or 0 to 1 in a whole quarter",
                 hint=lambda _: "Correct them, or say --scale 100 if they are right")
    return np.clip(found.numbers, 0.0, HIGHEST)


def _highest(under: Scoring, numbers: np.ndarray, percent: np.ndarray) -> np.ndarray:
    """The highest score that stands beside each score, nan where none does; scores above it are refused.

    Where a file has such a column, a score without one has no scale.
    """
    texts = _mapped(under.rows["highest"], str.strip)
    there = (texts != "").to_numpy()
    if not there.any():
        return np.full(len(texts), np.nan)
    highest, _ = numbers_of(texts)
    of_file = under.rows.assign(there=there).groupby(["file", "sheet"])["there"].transform("any").to_numpy()
    wrong = of_file & ~percent & ~(highest > 0)
    under.refuse(wrong, "highest score", texts, lambda text: f'"{text[:SHOWN]}" as highest score is no number above 0'
                 if text else "there is a column of highest scores, and none in this row", allowed="a number above 0")
    above = ~percent & (numbers > highest + TOLERANCE)
    under.refuse(above, "impossible score", under.rows["value"].str.strip() + " of " + texts,
                 lambda text: f"the score {text[:SHOWN]} is above the highest one possible",
                 allowed="scores up to the highest one beside them", hint=lambda _: "If the scores are percentages, "
                 "name that column in --crosswalk FILE: heading, its text, leave out")
    return highest


def _duplicates(under: Scoring, data: pd.DataFrame, merged: np.ndarray) -> None:
    """The same score again is left out; different scores of one facility, period and item are refused."""
    rows = data[under.open & ~merged]
    keys = ["place", "item", "quarter", "month"]
    double = rows[rows.duplicated(keys, keep=False)]
    if double.empty:
        return
    spread = double.groupby(keys)["score"].transform(lambda each: each.max() - each.min())
    wrong = double[spread > TOLERANCE]
    group = wrong.groupby(keys, sort=False).ngroup().reindex(data.index, fill_value=-1)
    under.refuse((group >= 0).to_numpy(), "contradictory duplicates", group,
                 lambda number: _contradiction(under.rows[(group == int(number)).to_numpy()], data),
                 allowed="one score for each facility, quarter and item", hint=lambda _: "None of them is used")
    same = double.index[(spread <= TOLERANCE) & double.duplicated(keys)]
    chosen = under.leave(np.isin(data.index, same), "the same score again")
    if chosen.any():
        under.findings.warning("duplicates", _first(under, chosen),
                               "scores that stand there again, the same; each is used once", count=int(chosen.sum()))


def _contradiction(rows: pd.DataFrame, data: pd.DataFrame) -> str:
    """What the rows of one facility, quarter and item say, each with its place."""
    first = data.loc[rows.index[0]]
    said = [f'{place(row.file, row.sheet, row.row)}{f", column {row.cell[:SHOWN]}" if row.cell else ""} says '
            f"{row.value.strip()[:SHOWN]}" for row in rows.head(MOST_ROWS).itertuples()]
    more = f" and {len(rows) - MOST_ROWS:,} more" if len(rows) > MOST_ROWS else ""
    label = str(rows.iloc[0]["label"])[:SHOWN]
    return (f'"{label}", {format_quarter(first["quarter"])}, {first["item"]}: different scores; '
            f"{'; '.join(said)}{more}")


def _first(under: Scoring, chosen: np.ndarray) -> str:
    first = under.rows[chosen].iloc[0]
    return place(first["file"], first["sheet"], first["row"])


def _label(under: Scoring, chosen: np.ndarray) -> str:
    return str(under.rows[chosen].iloc[0]["label"])[:SHOWN]


def _folded(data: pd.DataFrame, names: Sequence[str], findings: Findings) -> pd.DataFrame:
    """Scores by quarter: months of a quarter become their mean."""
    months = int((data["month"] != NO_MONTH).sum())
    keys = ["place", "quarter", "item"]
    if not months:
        if data.duplicated(keys).any():  # merged facilities
            data = data.groupby(keys, as_index=False)["score"].mean()
        return data[[*keys, "score"]].sort_values(keys, ignore_index=True)
    groups = data.groupby(keys, as_index=False)
    findings.note("months", "", f"{months:,} scores are of a month; they stand for its quarter, several of them by "
                  "their mean", count=months)
    several = groups["score"].agg(["size", "min", "max"])
    several = several[several["size"] > 1]
    if len(several):
        first = several.iloc[0]
        findings.warning("months averaged", format_quarter(first["quarter"]), f'"{names[first["place"]][:SHOWN]}" has '
                         f"{first['size']:,} months from {first['min']:g} to {first['max']:g}; their mean is taken, "
                         f"and so for {len(several):,} scores in all",
                         hint="If 1/2023 to 4/2023 are quarters, say --periods quarter", count=len(several))
    mixed = data.assign(of=data["month"] == NO_MONTH).groupby(keys)["of"].nunique()
    if (mixed > 1).any():
        findings.warning("months and quarters", "", "facilities with a score of the quarter and others of its "
                         "months; their mean is taken", count=int((mixed > 1).sum()))
    return groups["score"].mean()
