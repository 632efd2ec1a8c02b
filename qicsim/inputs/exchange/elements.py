"""Data elements of DHIS2 and their category option combos: what a value is of is said, never guessed among several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from qicsim.inputs.exchange.header_detection import place
from qicsim.inputs.exchange.row_status import Scoring
from qicsim.inputs.exchange.synonyms import normal

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 60
_LISTED = 8
SEVERAL = "several category option combos"


def elements_of(under: Scoring, elements: Mapping[str, str]) -> np.ndarray:
    """The item of each row by its data element and combo, "" where `elements` names none or the row is of no element.

    `ELEMENT.COMBO` comes before `ELEMENT`; an element that is named alone and has values of several combos is refused.
    """
    rows = under.rows
    item = np.full(len(rows), "", dtype=object)
    for (element, combo), group in rows[rows["element"].to_numpy(dtype=bool)].groupby(["item", "combo"], sort=False):
        item[group.index.to_numpy()] = _mapped(str(element), str(combo), elements)
    for element, group in rows[under.open & (item != "")].groupby("item", sort=False):
        if group["element"].iloc[0]:
            _say(under, str(element), group, elements, item)
    return item


def _mapped(element: str, combo: str, elements: Mapping[str, str]) -> str:
    """What is said of a combo of an element; where some combos are chosen, the others are not read."""
    if name := elements.get(normal(f"{element}.{combo}")) if combo else "":
        return name
    return elements.get(normal(element), "")


def _say(under: Scoring, element: str, group: pd.DataFrame, elements: Mapping[str, str], item: np.ndarray) -> None:
    """Name the combos of an element; refuse those that were not chosen where there are several."""
    chosen = {combo for combo in group["combo"].unique() if combo and normal(f"{element}.{combo}") in elements}
    count = group["combo"].value_counts(sort=False)
    for combo in [one for one in count.index if one and (one in chosen or len(count) == 1)][:_LISTED]:
        first = item[group.index[(group["combo"] == combo).to_numpy()][0]]
        under.findings.note("data element", group.iloc[0]["file"], f'"{element[:SHOWN]}" with the category option '
                            f"combo {combo[:SHOWN]}: {count[combo]:,} values, read as {first}", count=int(count[combo]))
    others = [one for one in count.index if one not in chosen]
    if len(others) > 1 or (others and chosen):
        listed = ", ".join(f"{one[:SHOWN] or 'none'} ({count[one]:,} values)" for one in others[:_LISTED])
        mine = np.isin(np.arange(len(under.rows)), group.index[group["combo"].isin(others).to_numpy()].to_numpy())
        first = group.iloc[0]
        under.refuse(mine, SEVERAL, under.rows["item"], lambda text: f'"{text[:SHOWN]}" has several category option '
                     f"combos: {listed}", allowed="the combo that holds the score",
                     hint=lambda text: f"Say --elements {text[:SHOWN]}.{others[0][:SHOWN] or 'COMBO'}=total, in "
                     f"{place(first['file'])}")
