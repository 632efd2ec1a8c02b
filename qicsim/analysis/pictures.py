"""Pictures of a comparison and of findings, and what they say of themselves in a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from qicsim.ground import plots
from qicsim.ground.calendar import format_month
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.numbers import plural, signed
from qicsim.ground.shown import Face
from qicsim.runs.readout import known_indicators

if TYPE_CHECKING:
    import pandas as pd

    from qicsim.analysis.compare import Comparison
    from qicsim.analysis.findings import Findings

TRAJECTORIES, DIFFERENCES, LEDGER, MAP = WHAT = ("trajectories", "differences", "ledger", "map")
FIRST_INDICES = ("total", "mu_star", "shapley", "pawn")
MOST_FACTORS = 20
LEAST_SHOWN = 0.005  # points
CONVERGED = "converged"


# ------------------------------------------------------------------------------------------------------- comparisons


def face_of_comparison(comparison: Comparison) -> Face:
    """The difference of each scenario at the end in words, and the headline table of that year."""
    ensemble, year = comparison.ensemble, comparison.end
    runner = ensemble.runners[comparison.reference]
    draws, names = len(ensemble.draws), comparison.others
    table = comparison.headline.query("year == @year")
    rows = table.set_index(["scenario", "indicator"])
    sentences = []
    for name in names:
        if (name, "true") in rows.index:
            true, recorded = rows.loc[(name, "true")], rows.loc[(name, "recorded")]
            sentences.append(
                f"{name}: true quality {signed(true['difference_mean'])} points in {year} "
                f"({signed(true['difference_p05'])} to {signed(true['difference_p95'])}), recorded score "
                f"{signed(recorded['difference_mean'])}")
    title = (f"{plural(len(names), 'scenario', 'scenarios')} compared with {comparison.reference}: "
             f"{plural(draws, 'draw', 'draws')} x {plural(ensemble.replicates, 'replicate', 'replicates')}, "
             f"{format_month(runner.scenario.start)} to {format_month(runner.scenario.end)}; "
             "5-95 % intervals")
    return Face(title, tuple(sentences), _headline(table))


def _headline(table: pd.DataFrame) -> pd.DataFrame:
    shown = ["scenario", "year", "indicator", "mean", "p05", "p95", "difference_mean", "difference_p05",
             "difference_p95"]
    wanted = ["true", "recorded", "true_80", "recorded_80", "public_cost"]
    return table.loc[table["indicator"].isin(wanted), shown]


def draw_comparison(comparison: Comparison, what: str, *, indicator: str, group: str, year: int | None,
                    scenarios: Sequence[str] | None, axes: Any) -> Any:
    """A picture of a comparison; SettingError for what it does not have."""
    year = comparison.end if year is None else year
    years = sorted(comparison.headline["year"].unique().tolist())
    faults = [] if what in WHAT else [Fault("what", f'"{what}"', ", ".join(WHAT), nearest(what, WHAT))]
    if year not in years:
        faults.append(Fault("year", f"{year}", ", ".join(map(str, years))))
    if faults:
        raise SettingError("", faults)
    others = _chosen(comparison, scenarios)
    if what == LEDGER:
        return _ledger(comparison, others, year, axes)
    if what == DIFFERENCES:
        return _differences(comparison, others, indicator, year, axes)
    if what == MAP:
        return _map(comparison, others[0], indicator, year, axes)
    rows = _of(_of(comparison.trajectories, "indicator", indicator), "group", group)
    rows = rows[rows["scenario"].isin([comparison.reference, *others])]
    return plots.paths({name: (one["quarter"].tolist(), _path(one, "p05", "p95"))
                        for name, one in rows.groupby("scenario", sort=False)}, _label(comparison, indicator), axes)


def _ledger(comparison: Comparison, others: Sequence[str], year: int, axes: Any) -> Any:
    """What each line of the ledger adds to the difference."""
    rows = comparison.ledger[comparison.ledger["year"] == year].set_index("scenario")
    parts = {name: rows.loc[name].set_index("line")["difference_mean"] for name in others if name in rows.index}
    return plots.stacks({name: row[row.abs() > LEAST_SHOWN].to_dict() for name, row in parts.items()},
                        f"points of true quality more than {comparison.reference}, {year}", axes)


def _differences(comparison: Comparison, others: Sequence[str], indicator: str, year: int, axes: Any) -> Any:
    """The paired difference of each scenario with its interval."""
    rows = _of(comparison.headline, "indicator", indicator)
    rows = rows[rows["year"] == year].set_index("scenario")[["difference_mean", "difference_p05", "difference_p95"]]
    return plots.intervals({name: tuple(rows.loc[name]) for name in others if name in rows.index},
                           f"{_label(comparison, indicator)} more than {comparison.reference}, {year}", axes)


def _map(comparison: Comparison, name: str, indicator: str, year: int, axes: Any) -> Any:
    """The mean difference of a scenario by province."""
    rows = _of(comparison.provinces, "indicator", indicator)
    rows = rows[rows["year"] == year]
    own, first = (rows[rows["scenario"] == one].set_index("province")["mean"] for one in (name, comparison.reference))
    gain, country = own - first, comparison.ensemble.runners[name].scenario.country
    found = {one.name: plots.Tile(*one.tile, float(gain[one.name])) for one in country.provinces
             if one.tile is not None and one.name in gain.index}
    if not found:
        raise SettingError("", [Fault("map", "no province of these runs has a place on it")])
    axes = plots.tiles(found, f"{_label(comparison, indicator)} more than {comparison.reference}", axes,
                       around_zero=True)
    axes.set_title(f"{name}, {year}")
    return axes


def _chosen(comparison: Comparison, scenarios: Sequence[str] | None) -> list[str]:
    """The scenarios to show beside the reference."""
    if scenarios is None:
        return list(comparison.others)
    there = list(comparison.ensemble.runners)
    faults = [Fault("scenarios", f'"{name}" was not run', ", ".join(there), nearest(name, there)) for name in scenarios
              if name not in there]
    if faults or not scenarios:
        raise SettingError("", faults or [Fault("scenarios", "there is none", ", ".join(there))])
    return [name for name in scenarios if name != comparison.reference]


def _of(table: pd.DataFrame, column: str, wanted: str) -> pd.DataFrame:
    """The rows that have a value; SettingError where none has."""
    known = table[column].unique().tolist()
    if wanted not in known:
        raise SettingError("", [Fault(column, f'"{wanted}" is not in the table', ", ".join(known),
                                      nearest(wanted, known))])
    return table[table[column] == wanted]


def _path(rows: pd.DataFrame, low: str, high: str) -> plots.Path:
    return plots.Path(*(rows[name].to_numpy(dtype=float) for name in ("mean", low, high)))


def _label(comparison: Comparison, indicator: str) -> str:
    one = known_indicators(comparison.ensemble).get(indicator)
    return indicator if one is None else f"{one.meaning}, {one.unit}"


# ---------------------------------------------------------------------------------------------------------- findings


def face_of_findings(found: Findings) -> Face:
    """The sentences and notes, and the first table."""
    import pandas as pd

    rows = next(iter(found.tables.values()), [])
    return Face(f"Findings of {found.kind}", (*found.sentences, *found.notes), pd.DataFrame(rows))


def draw_findings(found: Findings, indicator: str | None, time: str | None, axes: Any) -> Any:
    """Indices of a sensitivity analysis, the largest above, or paired contrasts over time; SettingError for others."""
    import pandas as pd

    kind = next((name for name in ("indices", "contrasts") if found.tables.get(name)), None)
    if kind is None:
        raise SettingError("", [Fault("plot", f"there is no picture of {found.kind}",
                                      "a sensitivity analysis or contrasts", "The page has its figures: write_report")])
    table = pd.DataFrame(found.tables[kind])
    table = _of(table, "indicator", table["indicator"].iloc[0] if indicator is None else indicator)
    if kind == "contrasts":
        first = table.iloc[0]
        rows = table[(table["group"] == first["group"]) & (table["row"] == first["row"])]
        return plots.paths({name: (one["time"].tolist(), _path(one, "low", "high"))
                            for name, one in rows.groupby("scenario", sort=False)},
                           f"{first['indicator']}, {first['unit']} more than {first['reference']}", axes)
    table = _of(table, "time", table["time"].iloc[-1] if time is None else time)
    index = next((name for name in FIRST_INDICES if name in set(table["index"])), table["index"].iloc[0])
    rows = table[table["index"] == index].sort_values("estimate", ascending=False, na_position="last")
    rows = rows.head(MOST_FACTORS).set_index("factor")[["estimate", "low", "high", "verdict"]]
    axes = plots.intervals({name: (row.estimate, row.low, row.high) for name, row in rows.iterrows()},
                           f"{index.replace('_', ' ')} (paler: not converged)", axes,
                           faded=rows.index[rows["verdict"] != CONVERGED].tolist())
    axes.set_title(f"{table['indicator'].iloc[0]}, {table['time'].iloc[0]}")
    return axes


