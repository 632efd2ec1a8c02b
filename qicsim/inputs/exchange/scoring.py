"""From rows of text to scores 0-100: every row gets a fate, every kind of problem is named.

Data elements of DHIS2 are said, never guessed among several. Scales are recognised block by block and always said: a
block is one item in one quarter of one column of a sheet of a file, since who types a quarter types it in one way.
Points out of another number are never guessed: a column of highest scores, or `--scale`, says them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.calendar import format_quarter
from qicsim.ground.table import listed, suggest
from qicsim.ground.translatable import tell
from qicsim.inputs.exchange.checks import check_edges
from qicsim.inputs.exchange.dates import FAULTY, FIRST_YEAR, FUTURE, NO_MONTH, PAST, UNCLEAR, WRITTEN, read_periods
from qicsim.inputs.exchange.files import UNCALCULATED
from qicsim.inputs.exchange.findings import ERROR, NOT_USED, USED, Accounts, Findings
from qicsim.inputs.exchange.headings import place
from qicsim.inputs.exchange.keys import AMBIGUOUS, LEFT_OUT, SHOWN, SPLIT, TOTALS, UNKNOWN, Keys
from qicsim.inputs.exchange.score_tables import coded, elements_of
from qicsim.inputs.exchange.settings import Settings, item_of, items
from qicsim.inputs.exchange.words import normal, numbers_of

if TYPE_CHECKING:
    import pandas as pd

NAMED = 200


@dataclass
class Scoring:
    """Rows under way: the fate of each (a number of `fates`) is decided once, by the first thing that is wrong."""

    rows: pd.DataFrame
    settings: Settings
    findings: Findings

    def __post_init__(self) -> None:
        """Nothing is decided yet."""
        self.fates = [(USED, "")]
        self.fate = np.zeros(len(self.rows), dtype=np.int16)

    @property
    def open(self) -> np.ndarray:
        """Rows that may still be used."""
        return np.asarray(self.fate == 0)

    def leave(self, rows: np.ndarray, reason: str, fate: str = NOT_USED) -> np.ndarray:
        """Leave out rows; those that were still open."""
        chosen = rows & self.open
        if chosen.any():
            self.fate[chosen] = len(self.fates)
            self.fates.append((fate, reason))
        return chosen

    def accounts(self) -> pd.DataFrame:
        """The rows with their fates and reasons."""
        fate, reason = (coded(np.array(texts, dtype=object), 0)[self.fate] for texts in zip(*self.fates, strict=True))
        return self.rows[["file", "sheet", "row", "cell"]].assign(fate=fate, reason=reason)

    def refuse(self, rows: np.ndarray, check: str, texts: pd.Series, found: Callable[[str], str], *, allowed: str,
               hint: Callable[[str], str] = lambda _: "") -> None:
        """Refuse rows; one error (or warning, where they are left out) for each different text of `texts`."""
        chosen = self.leave(rows, check, NOT_USED if self.settings.skip_faulty else ERROR)
        if not chosen.any():
            return
        groups = self.rows[chosen].assign(text=texts[chosen].to_numpy()).groupby("text", sort=False)
        for number, (text, group) in enumerate(groups):
            if number == NAMED:
                more = tell("and {count} more of this kind", count=f"{groups.ngroups - NAMED:,}")
                self._say(check, "", more, allowed=allowed)
                break
            first = group.iloc[0]
            near = hint(str(text)) if number < NAMED / 4 else ""
            self._say(check, place(first["file"], first["sheet"], first["row"]), found(str(text)), allowed=allowed,
                      hint=near, count=len(group))

    def _say(self, check: str, where: str, what: str, *, allowed: str, hint: str = "", count: int = 1) -> None:
        said = tell("{what} ({count} rows)", what=what, count=f"{count:,}") if count > 1 else what
        if self.settings.skip_faulty:
            self.findings.warning(check, where, tell("{what}; left out", what=said), hint=hint, count=count)
        else:
            self.findings.error(check, where, said, allowed=allowed, hint=hint, count=count)


# --------------------------------------------------------------------------------------------------------------- scales

PERCENT = 100.0
FEWEST = 5  # fewer scores than these do not say their scale where the rest of the file has another
HIGH = 10.0  # a score up to 1 beside scores of which half are above this is a share, or a slip
DIGITS = 10  # 0.57 * 100 is 56.99999999999999
MOST_QUARTERS = 8
LOW = 20.0  # scores of a whole file that never pass this are rather points out of 5, 10 or 20
_WHOLE = ["file", "item"]
_BLOCK = ["file", "sheet", "cell", "item", "quarter"]


class Scaled(NamedTuple):
    """Numbers from 0 to 100, nan where there is none; rows whose scale is not clear, and the words for each."""

    numbers: np.ndarray
    unclear: np.ndarray
    words: dict[str, str]
    block: pd.Series


def scaled(frame: pd.DataFrame, *, scale: float, findings: Findings) -> Scaled:
    """The numbers from 0 to 100; `scale` is the highest score, 0 to recognise it. A percent sign decides for its cell.

    `frame` has the columns file, sheet, row, cell, item, quarter (absolute month), number, percent, highest (as a
    column of the file says it, nan where none does) and used (bool: the row may still be used). Scores
    up to 1 in a block of higher ones are `unclear` unless the scale was said.
    """
    used = frame[frame["used"].to_numpy(dtype=bool)]
    known = ~np.isnan(frame["highest"].to_numpy()) & ~frame["percent"].to_numpy(dtype=bool)
    plain = used[~used["percent"].to_numpy(dtype=bool) & ~known[used.index.to_numpy()]]
    highest = np.where(known, frame["highest"].to_numpy(), PERCENT)
    if len(plain):
        highest[plain.index.to_numpy()] = scale or np.where(_shares(plain), 1.0, PERCENT)
    numbers = frame["number"].to_numpy()
    with np.errstate(over="ignore"):  # whatever is out of range is refused later
        found = np.where(highest == PERCENT, numbers, np.round(numbers * PERCENT / highest, DIGITS))
    _say_scale(plain.assign(highest=highest[plain.index.to_numpy()]), findings, said=bool(scale))
    _say_known(used[known[used.index.to_numpy()]], findings)
    if not scale:
        _ask_low(plain[highest[plain.index.to_numpy()] == PERCENT], findings)
    if signs := int(used["percent"].sum()):
        findings.note("scale", "", tell("{count} scores have a percent sign: 0 to 100", count=f"{signs:,}"),
                      count=signs)
    none = np.zeros(len(frame), dtype=bool)
    if scale or used.empty:
        return Scaled(found, none, {}, frame["file"])
    return _unclear(frame, used.assign(found=found[used.index.to_numpy()]), found)


def _shares(plain: pd.DataFrame) -> np.ndarray:
    """Rows that are read as 0 to 1: whole files of an item without any score above 1, else blocks without one."""
    number = plain["number"]
    inner = (number > 0) & (number < 1)
    if not inner.any():
        return np.zeros(len(plain), dtype=bool)
    of_file, of_block = (plain.groupby(keys, sort=False, observed=True).ngroup() for keys in (_WHOLE, _BLOCK))
    whole = (number.groupby(of_file).transform("max") <= 1) & inner.groupby(of_file).transform("any")
    block = ((number.groupby(of_block).transform("max") <= 1)
             & (inner.groupby(of_block).transform("sum") >= FEWEST))
    return (whole | block).to_numpy()


def _say_scale(plain: pd.DataFrame, findings: Findings, *, said: bool) -> None:
    """How each file was read; a warning where quarters of an item were read in two ways."""
    for (file, name), rows in plain.groupby(_WHOLE, sort=False, observed=True):
        for highest, group in rows.groupby("highest", sort=False):
            values = group["number"]
            findings.note("scale", file, tell(
                "{item}: {count} scores from {low} to {high}, as said as 0 to {highest}" if said else
                "{item}: {count} scores from {low} to {high}, recognised as 0 to {highest}", item=name,
                count=f"{len(values):,}", low=f"{values.min():g}", high=f"{values.max():g}", highest=f"{highest:g}"),
                          count=len(values))
        share = rows["highest"] == 1
        if share.any() and not share.all():
            few = rows[share]
            quarters = sorted({format_quarter(each) for each in few["quarter"].unique()})
            first = few.iloc[0]
            said_quarters = ", ".join(quarters[:MOST_QUARTERS]) + (" ..." if len(quarters) > MOST_QUARTERS else "")
            findings.warning("two scales", place(first["file"], first["sheet"], first["row"]),
                             tell("{item}: {count} scores of {quarters} are read as 0 to 1, those of other quarters or "
                                  "columns as 0 to 100", item=name, count=f"{len(few):,}", quarters=said_quarters),
                             hint=tell("Check that this is right"), count=len(few))


def _say_known(rows: pd.DataFrame, findings: Findings) -> None:
    """Scores that are divided by the highest score beside them."""
    for file, group in rows.groupby("file", sort=False, observed=True):
        first = group.iloc[0]
        most = sorted(group["highest"].unique())
        if most != [PERCENT]:
            findings.warning("scale", place(file, first["sheet"], first["row"]),
                             tell("{count} scores are divided by the highest score beside them ({highest}), the first "
                                  "is {score} of {most}", count=f"{len(group):,}", score=f"{first['number']:g}",
                                  most=f"{first['highest']:g}",
                                  highest=", ".join(f"{each:g}" for each in most[:MOST_QUARTERS])), count=len(group),
                             hint=tell("If the scores are percentages already, name that column in --crosswalk FILE: "
                                       "heading, its text, leave out"))


def _ask_low(rows: pd.DataFrame, findings: Findings) -> None:
    """Files whose scores of an item are all too low to be percentages."""
    for (file, name), group in rows.groupby(_WHOLE, sort=False, observed=True):
        values = group["number"]
        if 0 < values.max() <= LOW:
            first = group.iloc[0]
            findings.error("scale not clear", place(file, first["sheet"], first["row"]),
                           tell("{item}: {count} scores from {low} to {high}, and none above {most}; they are hardly "
                                "percentages", item=name, count=f"{len(values):,}", low=f"{values.min():g}",
                                high=f"{values.max():g}", most=f"{LOW:g}"),
                           allowed=tell("--scale with the highest score possible"),
                           hint=tell("Say --scale {scale}, or --scale 100 if they are percentages",
                                     scale=next(top for top in (5, 10, 20) if values.max() <= top)), count=len(values))


def _unclear(frame: pd.DataFrame, used: pd.DataFrame, found: np.ndarray) -> Scaled:
    """Scores up to 1 where half of the file's others are above HIGH."""
    small = (used["found"] > 0) & (used["found"] <= 1)
    if not small.any():
        return Scaled(found, np.zeros(len(frame), dtype=bool), {}, frame["file"])
    usual = used["found"].where(~small & (used["found"] > 0)).groupby([used[key] for key in _WHOLE], observed=True
                                                                      ).transform("median")
    wrong = used[small & (usual > HIGH)]
    unclear = np.zeros(len(frame), dtype=bool)
    unclear[wrong.index.to_numpy()] = True
    block = used.groupby(_BLOCK, sort=False, observed=True).ngroup().reindex(frame.index, fill_value=-1).astype(str)
    words = {}
    for key, rows in wrong.groupby(block.loc[wrong.index], sort=False):
        first = rows.iloc[0]
        all_of_block = used[block.loc[used.index] == key]
        words[str(key)] = (f"{first['item']}, {format_quarter(first['quarter'])}: {len(rows):,} of "
                           f"{len(all_of_block):,} scores lie between 0 and 1 (first {first['number']:g}"
                           f"{' %' if first['percent'] else ''}), half of the others of the file are above "
                           f"{usual.loc[rows.index[0]]:g}")
    return Scaled(found, unclear, words, block)


# --------------------------------------------------------------------------------------------------------------- scores

MOST_ROWS, TOTAL = 5, "total"
EMPTY = ("", "na", "n a", "nan", "null", "none", "missing", "no data")
NOT_AVAILABLE = "#N/A"
HIGHEST, TOLERANCE = 100.0, 1e-9


def scores(rows: pd.DataFrame, keys: Keys, settings: Settings, findings: Findings, accounts: Accounts) -> pd.DataFrame:
    """Scores with the columns place, quarter (absolute month of its beginning), item, score; each once."""
    rows, again = _split(rows, keys, findings)
    under = Scoring(rows, settings, findings)
    short = each_once(rows["value"], str.strip)
    under.leave((short == UNCALCULATED).to_numpy(), UNCALCULATED)
    under.leave((short == NOT_AVAILABLE).to_numpy(), NOT_AVAILABLE)
    under.leave(np.asarray(each_once(short, normal).isin(EMPTY)), "no score")
    _facilities(under, keys)
    quarter, month = _quarters(under)
    item = _items(under)
    score = _values(under, short, item, quarter)
    data = rows[["place"]].assign(quarter=quarter, month=month, item=item, score=score)
    merged = _merged(under, data, keys, findings)
    _duplicates(under, data, merged)
    totals = under.open & (item == TOTAL).to_numpy()
    check_edges(rows[["file", "sheet", "row", "place"]].assign(quarter=quarter)[totals], keys.register.name, findings)
    fates = under.accounts()
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
                          tell(
                '{count} scores of "{name}" count for {facilities}', count=f"{len(old):,}",
                name=str(old.iloc[0]["label"])[:SHOWN],
                facilities=listed(keys.register.name[at][:SHOWN] for at in new)), count=len(old))
    return pd.concat(parts, ignore_index=True), np.concatenate(again)


def _merged(under: Scoring, data: pd.DataFrame, keys: Keys, findings: Findings) -> np.ndarray:
    """Rows of facilities that the crosswalk merged, with other scores in the same period; their mean is taken."""
    import pandas as pd

    none = np.zeros(len(data), dtype=bool)
    crossed = under.open & under.rows["label"].map(lambda text: normal(str(text)) in keys.crossed).to_numpy() \
        if keys.crossed else none
    if not crossed.any():
        return none
    by = [data[key] for key in ("place", "item", "quarter", "month")]
    several = under.rows["label"].where(under.open).groupby(by, observed=True).transform("nunique").to_numpy() > 1
    touched = pd.Series(crossed).groupby(by, observed=True).transform("any").to_numpy()
    merged = under.open & several & touched
    if merged.any():
        findings.note("merged facilities", _first(under, merged), tell(
            "{count} scores of facilities that were merged; the mean of those of one quarter is taken",
            count=f"{int(merged.sum()):,}"), count=int(merged.sum()))
    return np.asarray(merged)


def each_once(texts: pd.Series, function: Callable[[str], str]) -> pd.Series:
    """A function of many texts (categories), called once for each different one; categories in alphabetical order."""
    import pandas as pd

    found = np.array([function(text) for text in texts.cat.categories], dtype=object)
    unique, place = np.unique(found, return_inverse=True)
    return pd.Series(pd.Categorical.from_codes(place[texts.cat.codes.to_numpy()], pd.Index(unique, dtype=object)),
                     index=texts.index)


def _facilities(under: Scoring, keys: Keys) -> None:
    where = under.rows["place"].to_numpy()
    under.leave(where == LEFT_OUT, "facility left out")
    if (totals := under.leave(where == TOTALS, "a row of totals")).any():
        under.findings.warning("rows of totals", _first(under, totals), tell(
            '"{name}" and the like are taken for sums over facilities and left out', name=_label(under, totals)),
                               count=int(totals.sum()))
    under.refuse(where == AMBIGUOUS, "facility not clear", under.rows["label"], lambda text: keys.reasons[text],
                 allowed=tell("one facility: an id, uid or code, or a name with its province and district"))
    unknown = (where == UNKNOWN) & under.open
    for text, group in under.rows[unknown].groupby("label", sort=False, observed=True):
        first = group.iloc[0]
        keys.propose(str(text), len(group), place(first["file"], first["sheet"], first["row"]))
    under.refuse(where == UNKNOWN, "facility not in the register", under.rows["label"],
                 lambda text: tell('"{name}" is not in the register' if text else "names no facility",
                                   name=text[:SHOWN]),
                 allowed=tell("an id, uid, code or name of the register"), hint=keys.nearest)


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


def _items(under: Scoring) -> pd.Series:
    """The item of each row, as categories; rows of other things are left out with a warning."""
    import pandas as pd

    areas, elements = items(), under.settings.elements
    rows = under.rows
    only = rows.loc[under.open & rows["element"].to_numpy(dtype=bool), "item"].unique() if not elements else []
    if len(only) == 1:
        elements = {normal(str(only[0])): "total"}
        name = str(only[0])[:60]
        under.findings.warning("data element", "", tell(
            '"{name}" is the only data element; read as the total score', name=name),
                               hint=tell("Say so with --elements {name}=total", name=name))
    elif len(only) > 1:
        under.findings.error("data element", "", tell(
            "{count} data elements and no mapping: {elements}", count=f"{len(only):,}",
            elements=listed(str(one)[:60] for one in only[:10])),
                             allowed=tell("--elements CODE=total, or a file with the columns data element and item"))
    item = each_once(rows["item"], lambda text: item_of(text, areas) if text.strip() else "total")
    if (named := rows["element"].to_numpy(dtype=bool)).any():
        both = np.where(named, elements_of(under, elements), item.astype(object))
        item = each_once(pd.Series(coded(both, len(rows)), index=rows.index), str)
    unknown = under.leave((item == "").to_numpy(), "not a score of the model")
    others = rows.loc[unknown, "item"].astype(object).value_counts()
    for text, count in others.head(NAMED).items():
        under.findings.warning("other items", "", tell('"{text}" is not read', text=str(text)[:60]), count=count,
                               hint=suggest(normal(str(text)), ["total", "structure", "process", "outcome", *areas]))
    return item


def _values(under: Scoring, texts: pd.Series, item: pd.Series, quarter: np.ndarray) -> np.ndarray:
    """Scores 0-100; rows that hold no such score are refused."""
    numbers, percent = numbers_of(texts)
    highest = _highest(under, numbers, percent)
    under.refuse(np.isnan(numbers), "impossible score", texts,
                 lambda text: tell('"{text}" is not a number', text=text[:SHOWN]), allowed="0 to 100")
    frame = under.rows[["file", "sheet", "row", "cell"]].assign(item=item, quarter=quarter, number=numbers,
                                                                percent=percent, highest=highest, used=under.open)
    found = scaled(frame, scale=under.settings.scale, findings=under.findings)
    under.refuse(~((found.numbers >= 0) & (found.numbers <= HIGHEST + TOLERANCE)), "impossible score", texts,
                 lambda text: tell("the score {score} is impossible", score=text[:SHOWN]),
                 allowed=tell("0 to 100, or 0 to 1 in a whole file"),
                 hint=lambda _: tell("If scores are points out of more, say --scale with the highest score possible")
                 if np.nanmax(numbers) > HIGHEST and not under.settings.scale else "")
    under.refuse(found.unclear, "two scales", found.block, found.words.__getitem__,
                 allowed=tell("0 to 100, or 0 to 1 in a whole quarter"),
                 hint=lambda _: tell("Correct them, or say --scale 100 if they are right"))
    return np.clip(found.numbers, 0.0, HIGHEST)


def _highest(under: Scoring, numbers: np.ndarray, percent: np.ndarray) -> np.ndarray:
    """The highest score that stands beside each score, nan where none does; scores above it are refused.

    Where a file has such a column, a score without one has no scale.
    """
    texts = each_once(under.rows["highest"], str.strip)
    there = (texts != "").to_numpy()
    if not there.any():
        return np.full(len(texts), np.nan)
    highest, _ = numbers_of(texts)
    sheets = under.rows.assign(there=there).groupby(["file", "sheet"], observed=True)
    of_file = sheets["there"].transform("any").to_numpy()
    wrong = of_file & ~percent & ~(highest > 0)
    under.refuse(wrong, "highest score", texts, lambda text: tell(
        '"{text}" as highest score is no number above 0' if text else
        "there is a column of highest scores, and none in this row", text=text[:SHOWN]),
                 allowed=tell("a number above 0"))
    above = ~percent & (numbers > highest + TOLERANCE)
    under.refuse(above, "impossible score", under.rows["value"].str.strip() + " of " + texts.astype(object),
                 lambda text: tell("the score {score} is above the highest one possible", score=text[:SHOWN]),
                 allowed=tell("scores up to the highest one beside them"), hint=lambda _: tell(
                     "If the scores are percentages, name that column in --crosswalk FILE: heading, its text, leave "
                     "out"))
    return highest


def _duplicates(under: Scoring, data: pd.DataFrame, merged: np.ndarray) -> None:
    """The same score again is left out; different scores of one facility, period and item are refused."""
    rows = data[under.open & ~merged]
    keys = ["place", "item", "quarter", "month"]
    double = rows[rows.duplicated(keys, keep=False)]
    if double.empty:
        return
    spread = double.groupby(keys, observed=True)["score"].transform(lambda each: each.max() - each.min())
    wrong = double[spread > TOLERANCE]
    group = wrong.groupby(keys, sort=False, observed=True).ngroup().reindex(data.index, fill_value=-1)
    under.refuse((group >= 0).to_numpy(), "contradictory duplicates", group,
                 lambda number: _contradiction(under.rows[(group == int(number)).to_numpy()], data),
                 allowed=tell("one score for each facility, quarter and item"),
                 hint=lambda _: tell("None of them is used"))
    same = double.index[(spread <= TOLERANCE) & double.duplicated(keys)]
    chosen = under.leave(np.isin(data.index, same), "the same score again")
    if chosen.any():
        under.findings.warning("duplicates", _first(under, chosen),
                               tell("scores that stand there again, the same; each is used once"),
                               count=int(chosen.sum()))


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
            data = data.groupby(keys, as_index=False, observed=True)["score"].mean()
        return data[[*keys, "score"]].sort_values(keys, ignore_index=True)
    groups = data.groupby(keys, as_index=False, observed=True)
    findings.note("months", "", tell(
        "{count} scores are of a month; they stand for its quarter, several of them by their mean",
        count=f"{months:,}"), count=months)
    several = groups["score"].agg(["size", "min", "max"])
    several = several[several["size"] > 1]
    if len(several):
        first = several.iloc[0]
        findings.warning("months averaged", format_quarter(first["quarter"]), tell(
            '"{name}" has {months} months from {low} to {high}; their mean is taken, and so for {count} scores in all',
            name=names[first["place"]][:SHOWN], months=f"{first['size']:,}", low=f"{first['min']:g}",
            high=f"{first['max']:g}", count=f"{len(several):,}"),
                         hint=tell("If 1/2026 to 4/2026 are quarters, say --periods quarter"), count=len(several))
    mixed = data.assign(of=data["month"] == NO_MONTH).groupby(keys, observed=True)["of"].nunique()
    if (mixed > 1).any():
        findings.warning("months and quarters", "", tell(
            "facilities with a score of the quarter and others of its months; their mean is taken"),
                         count=int((mixed > 1).sum()))
    return groups["score"].mean()
