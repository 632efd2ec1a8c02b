"""The page of a projection: the facilities least likely to reach the threshold, districts, and how scores move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.least_likely import WEAK
from qicsim.analysis.projection import Projection
from qicsim.ground import numbers
from qicsim.report import formatting
from qicsim.report.colours import RECORDED, REFERENCE, SOFT, TRUE
from qicsim.report.elements import Markup, figure, items, joined, numbered, section, table, tag
from qicsim.report.figures import BEYOND_STUDIES, legend
from qicsim.report.method import fact_label, files_beside, flat_facts
from qicsim.report.page import document
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 50
EVEN = 0.5
HEADS = ("Facility", "Operational district", "Province", "Probability", "Score, median", formatting.LEVEL)
SIZE = (700.0, 250.0)
MARGINS = (46.0, 14.0, 34.0, 8.0)
BINS = 20
YEAR_TICKS = 14
SYNTHETIC = ("The facilities of this projection are synthetic: they are invented, and no line of this page is about a "
             "real place.")
READING = ("A probability is a share of runs. The interval beside it says how exactly so many runs tell it. A facility "
           "that is recorded at the threshold in one quarter may be below it in the next: a score is partly luck.")
WEAKLY = (
    f"* weak: no more than {numbers.plural(WEAK, 'score', 'scores')} of its own, so that its level, and with it "
    "its rank, rests on the luck of a single round and on the other facilities of its kind and district. Own "
    "weight is the weight of a facility's own scores in its level."
)
NEVER = ("Never scored, so not ranked: nothing that was observed tells these facilities from the others of their kind "
         "and district, and a low probability says little about them. They need an assessment first.")


def render_projection(projection: Projection, year: int | None, provenance: Mapping[str, Any]) -> str:
    """The page as text; `year` is that of the ranked list (None: the usual one)."""
    chosen = year or projection.usual_year
    ranking = projection.least_likely(chosen)
    with drawing_style():
        drawn = joined((_paths(projection), _spread(ranking, chosen)))
    title = f"{projection.scenario.title}: projections by facility"
    top = tag("header", tag("p", "Quality improvement collaboratives in Cambodia: projections", class_="kicker"),
              tag("h1", title), tag("div", *(tag("p", text) for text in _answer(projection, ranking, chosen)),
                                    class_="answer"))
    parts = (section("ranked", f"Least likely to stand at the threshold at the end of {chosen}",
                     _ranked(ranking[ranking["rank"].notna()], chosen), tag("p", READING, class_="note"),
                     _never_scored(ranking[ranking["rank"].isna()], chosen)),
             section("districts", "Districts", _districts(projection, chosen)),
             section("paths", "How scores move", drawn),
             section("made", "How it was made", items(projection.scenario.assumptions), _made(projection, provenance)))
    return document(title, joined((top, tag("main", *parts)), "\n"))


def _answer(projection: Projection, ranking: pd.DataFrame, year: int) -> list[str]:
    """What a reader is to know first."""
    below, never = int((ranking["probability"] < EVEN).sum()), int(ranking["rank"].isna().sum())
    nation = projection.table("nation", every="year").set_index("period").loc[str(year)]
    said = [(f"At the end of {year}, {below:,} of {len(ranking):,} facilities are more likely to be recorded below the "
             "threshold than at or above it."),
            (f"Of all facilities {numbers.percent(nation['recorded_share'])} are expected at the threshold "
            f"({formatting.LEVEL} interval {numbers.percent(nation['recorded_share_p05'])} to "
            f"{numbers.percent(nation['recorded_share_p95'])}); by their true quality it would be "
            f"{numbers.percent(nation['true_share'])} ({numbers.percent(nation['true_share_p05'])} to "
            f"{numbers.percent(nation['true_share_p95'])}).")]
    said += [f"{never:,} of the facilities were never scored; they are not ranked."] if never else []
    return [*said, SYNTHETIC] if projection.synthetic else said


def _ranked(ranking: pd.DataFrame, year: int) -> Markup:
    """The first facilities of the list."""
    observed = bool(np.isfinite(ranking["observed"].to_numpy(float)).any())
    until = next((text for text in ranking["observed_until"] if text), "")
    heads = ["Rank", *HEADS, *([f"Estimated level, {until}", "Scores (last)", "Own weight"] if observed else [])]
    shown = ranking.head(SHOWN)
    rows = [[f"{row.rank:.0f}{'*' if row.weak else ''}", *_projected(row), *(_of_scores(row) if observed else [])]
            for row in shown.itertuples(index=False)]
    caption = (f"Recorded score at the end of {year}: the first {len(rows)} of {len(ranking):,} facilities "
               "(all of them: least-likely.csv, or the workbook)")
    note = tag("p", WEAKLY, class_="note") if (shown["weak"] != "").any() else ""
    return joined((table(caption, heads, rows, class_="dense list"), note))


def _never_scored(ranking: pd.DataFrame, year: int) -> Markup | str:
    """Facilities that were never scored, by what they start from."""
    if ranking.empty:
        return ""
    rows = [[*_projected(row), row.start] for row in ranking.head(SHOWN).itertuples(index=False)]
    caption = f"Never scored: the first {len(rows)} of {len(ranking):,} facilities, at the end of {year}"
    return joined((tag("p", NEVER), table(caption, (*HEADS, "Starts from"), rows, class_="dense list")))


def _projected(row: Any) -> list[str]:
    """Cells of a facility under HEADS."""
    return [row.name, row.district, row.province,
            f"{numbers.percent(row.probability)} ({numbers.percent(row.low)} to {numbers.percent(row.high)})",
            numbers.number(row.median, 1), formatting.interval(row.p05, row.p95)]


def _of_scores(row: Any) -> list[str]:
    """Its level, how many scores there are, when the last was, and their weight in the level."""
    counted = numbers.NONE if np.isnan(row.scores) else f"{row.scores:.0f}"
    weight = numbers.NONE if np.isnan(row.own_weight) else numbers.percent(row.own_weight)
    return [_level(row.observed, row.observed_sd), f"{counted} ({row.last_scored})" if row.last_scored else counted,
            weight]


def _level(mean: float, sd: float) -> str:
    return numbers.NONE if np.isnan(mean) else f"{numbers.number(mean, 1)} (± {numbers.number(sd, 1)})"


def _districts(projection: Projection, year: int) -> Markup:
    """Districts by the expected share of their facilities at the threshold, the lowest first."""
    there = projection.table("district", every="year")
    there = there[(there["period"] == str(year)) & (there["facilities"] > 0)]
    there = there.sort_values(["recorded_share", "district"], kind="stable")
    rows = [[row.district, row.province, row.facilities,
             (f"{numbers.percent(row.recorded_share)} ({numbers.percent(row.recorded_share_p05)} to "
              f"{numbers.percent(row.recorded_share_p95)})"), numbers.percent(row.true_share),
             f"{numbers.number(row.recorded_median, 1)} ({formatting.interval(row.recorded_p05, row.recorded_p95)})"]
            for row in there.itertuples(index=False)]
    heads = ("Operational district", "Province", "Facilities", "Recorded at the threshold", "By true quality",
             "Mean recorded score, median")
    return table(f"Districts at the end of {year}, in brackets {formatting.LEVEL} intervals between runs", heads, rows,
                 class_="dense")


def _paths(projection: Projection) -> Markup:
    """Mean recorded score and true quality of all facilities by quarter, with intervals."""
    nation = projection.table("nation")
    x = np.array([int(text[:4]) + int(text[5]) / 4 for text in nation["period"]])
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    for name, colour, style in (("recorded", RECORDED, (0, (4, 1.8))), ("true", TRUE, "solid")):
        axes.fill_between(x, nation[f"{name}_p05"], nation[f"{name}_p95"], color=colour, alpha=0.2, linewidth=0)
        axes.plot(x, nation[f"{name}_median"], color=colour, linestyle=style)
    axes.set_ylabel("points")
    late = float(x[-1]) > BEYOND_STUDIES
    if late:
        axes.axvspan(BEYOND_STUDIES, float(x[-1]), color=SOFT, alpha=0.13, linewidth=0)
    first, last = int(np.ceil(x[0])), int(x[-1])
    axes.set_xticks(range(first, last + 1, max((last - first) // YEAR_TICKS, 1)))
    axes.set_xlabel("end of the quarter; a year stands at its beginning", labelpad=2)
    quiet(axes)
    signs = legend((RECORDED, "dash", "recorded score, median"), (TRUE, "line", "true quality, median"),
                   (REFERENCE, "band", f"{formatting.LEVEL} interval between runs"),
                   *([(SOFT, "band", "no controlled study reaches so far")] if late else []))
    end = nation.iloc[-1]
    label = (f"Mean recorded score {end['recorded_median']:.1f} and true quality {end['true_median']:.1f} points in "
             f"{end['period']}, medians between runs")
    note = f"Means over all open facilities. {numbers.plural(projection.followed.runs, 'run', 'runs')}."
    return figure("figure-paths", numbered(1, "Recorded score and true quality, all facilities"), note,
                  joined((signs, finish(drawing, "paths", label))), "")


def _spread(ranking: pd.DataFrame, year: int) -> Markup:
    """How many facilities have which probability."""
    probability = ranking["probability"].to_numpy(float)
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    axes.hist(100 * probability, bins=BINS, range=(0, 100), color=RECORDED, linewidth=0, rwidth=0.9)
    axes.axvline(100 * EVEN, color=REFERENCE, linewidth=0.9)
    axes.set_xlabel(f"probability of being recorded at the threshold at the end of {year}, %", labelpad=2)
    axes.set_ylabel("facilities")
    quiet(axes)
    label = f"{int((probability < EVEN).sum())} of {len(probability)} facilities have a probability below 50 %"
    return figure("figure-spread", numbered(2, "Facilities by probability"), "The line marks 50 %.",
                  finish(drawing, "spread", label), "")


def _made(projection: Projection, provenance: Mapping[str, Any]) -> Markup:
    followed = projection.followed
    facts = [("Draws", f"{len(followed.draws):,} from the {followed.draws.source}"),
             ("Replicates", f"{followed.replicates:,} of each draw"), ("Seed", str(followed.seed))]
    told = {name.lower() for name, _ in facts} | {"files", "scenario", "draws_from"}
    facts += [fact for key, value in provenance.items() if key.lower() not in told for fact in flat_facts(key, value)]
    return joined((tag("dl", *(joined((tag("dt", fact_label(key)), tag("dd", tag("code", value))))
                               for key, value in facts), class_="facts"),
                   files_beside(provenance.get("files", ()))))
