"""What a search found, as tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from qicsim.decide.search.best import Best
from qicsim.decide.search.trials import name_of
from qicsim.ground.intervals import Interval

TABLES = ("ladder", "front", "least", "rules", "order", "assumptions")


def tables(best: Best) -> dict[str, pd.DataFrame]:
    """Every table by name; those that were not asked for are empty."""
    return {"ladder": _ladder(best), "front": _front(best), "least": _least(best), **_order(best),
            "assumptions": pd.DataFrame([{"assumption": one.key, **_interval("gain", one.gain),
                                          "best": name_of(best.places[one.best]), "lost": one.lost}
                                         for one in best.assumed])}


def _interval(name: str, one: Interval[float] | None) -> dict[str, float]:
    parts = ("mean", "low", "high")
    return {f"{name}_{part}": float("nan") if one is None else getattr(one, part) for part in parts}


def _ladder(best: Best) -> pd.DataFrame:
    return pd.DataFrame([{
        "money": step.money, "plan": "" if step.plan is None else name_of(best.places[step.plan]),
        **_interval("gain", step.gain), **_interval("more", step.more), "more_is_chance": step.nothing,
        "needed": step.needed, "breaks": step.breaks, "reached": step.reached, "binds": " ".join(step.binds),
        **({} if step.plan is None else _levers(best, step.plan))} for step in best.steps])


def _front(best: Best) -> pd.DataFrame:
    needed, reached = best.measured.needed(best.question.risk), (best.measured.reached >= 0.0).mean(axis=1)
    return pd.DataFrame([{"plan": name_of(best.places[plan]), "chosen": plan == best.plan, "frontier": best.front[plan],
                          **_interval("gain", best.gain_of(plan)), "needed": needed[plan],
                     **dict(zip(("government", "donor"), best.paid(plan), strict=True)),
                     "gap": best.gap(plan), "best": best.choice.chance[plan],
                     "alike": best.choice.alike[plan],
                     "reached": reached[plan] if best.question.reach is not None else float("nan"),
                     **_levers(best, plan)} for plan in np.argsort(needed, kind="stable").tolist()])


def _levers(best: Best, plan: int) -> dict[str, Any]:
    return {name: "; ".join(value) if isinstance(value, tuple) else value
            for name, value in best.space.values(best.places[plan]).items()}


def _least(best: Best) -> pd.DataFrame:
    return pd.DataFrame([{"chance": one.chance, "money": one.money,
                          "plan": "" if one.plan is None else name_of(best.places[one.plan])} for one in best.least])


def _order(best: Best) -> dict[str, pd.DataFrame]:
    if best.order is None:
        return {"rules": pd.DataFrame(), "order": pd.DataFrame()}
    found = best.order
    rules = [{"rule": rule.rule, **_interval("gain", rule.gain), "lost": rule.lost, "alike": rule.alike}
             for rule in found.rules]
    listed = {} if found.found is None else {name: at + 1 for at, name in enumerate(found.found.names)}
    districts = [{"district": name, "province": found.provinces[at], "points_for_1000_usd_mean": found.worth.mean[at],
                  "points_for_1000_usd_low": found.worth.low[at], "points_for_1000_usd_high": found.worth.high[at],
                  "rank_mean": found.rank.mean[at], "rank_low": found.rank.low[at], "rank_high": found.rank.high[at],
                  "in_better_half": found.upper[at], "place_in_list": listed.get(name, float("nan"))}
                 for at, name in enumerate(found.names)]
    return {"rules": pd.DataFrame(rules), "order": pd.DataFrame(districts)}
