"""The page of a projection: the facilities least likely to reach the threshold, districts, and how scores move.

Invented facilities are not ranked, nor are their districts and provinces: their page holds sums of all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim.analysis.least_likely import WEAK
from qicsim.analysis.projection import Projection
from qicsim.analysis.rank_intervals import Agreement
from qicsim.ground import numbers
from qicsim.inputs.world.scaling import too_few_places
from qicsim.report import formatting
from qicsim.report.colours import RECORDED, REFERENCE, SOFT, TRUE
from qicsim.report.elements import Markup, figure, items, joined, numbered, table, tag
from qicsim.report.figures import beyond_studies, legend
from qicsim.report.language import Language, again, counted, name_of, place_name, say, text, text_of, untranslated
from qicsim.report.method import made
from qicsim.report.page import Section, sectioned
from qicsim.report.svg import canvas, drawing_style, finish, frame, quiet

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 50
EVEN = 0.5
HEADS = (text("Facility"), text("Operational district"), text("Province"), text("Probability"), text("Score, median"))
SIZE = (700.0, 250.0)
MARGINS = (46.0, 14.0, 34.0, 8.0)
BINS = 20
YEAR_TICKS = 14
SYNTHETIC = text("The facilities are invented, and where they differ it is by assumption, so that no facility, "
                 "district or province is ranked: give your own register with --data for that.")
READING = text("A probability is a share of runs. The interval beside it says how exactly so many runs tell it. A "
               "facility that is recorded at the threshold in one quarter may be below it in the next: a score is "
               "partly luck.")
WEAKLY = text("* weak: no more than {count} score of its own, so that its level, and with it its rank, rests on the "
              "luck of a single round and on the other facilities of its kind and district. Own weight is the weight "
              "of a facility's own scores in its level.")
GROUPS = text("Ranks have intervals too: where a facility would stand with other draws ({level}). Within a group "
              "nobody can be ordered: the interval of each begins before that of the group's first one ends.")
NEVER = text("Never scored, so not ranked: nothing that was observed tells these facilities from the others of their "
             "kind and district, and a low probability says little about them. They need an assessment first.")


def render_projection(projection: Projection, year: int | None, provenance: Mapping[str, Any], *,
                      others: Mapping[Language, str] | None = None) -> str:
    """The page as text, in the language spoken; `year` is that of the tables (None: the usual one)."""
    chosen = year or projection.usual_year
    likely = projection.at_threshold(chosen)
    with drawing_style():
        drawn = joined((_paths(projection), _spread(likely, chosen)))
    title = say("{scenario}: projections by facility", scenario=name_of(projection.scenario.title))
    parts: list[Section] = [("years", say("Ends of years"), _years(projection)),
                            ("paths", say("How scores move"), drawn),
                            ("made", say("How it was made"), _made(projection, provenance))]
    if not projection.synthetic:
        parts = [("ranked", say("Least likely to stand at the threshold at the end of {year}", year=chosen),
                  _least_likely(projection, chosen)),
                 ("districts", say("Districts"), _districts(projection, chosen)), *parts]
    return sectioned(title, parts, kicker=say("Quality improvement collaboratives in {country}: projections"),
                     answer=_answer(projection, likely, chosen), others=others)


def _answer(projection: Projection, likely: pd.DataFrame, year: int) -> list[str]:
    """What a reader is to know first."""
    nation = projection.table("nation", every="year").set_index("period").loc[str(year)]
    said = [say("At the end of {year}, {count} of {all} facilities are more likely to be recorded below the threshold "
                "than at or above it.", year=year, count=f"{int((likely['probability'] < EVEN).sum()):,}",
                all=f"{len(likely):,}"),
            say("Of all facilities {recorded} are expected at the threshold ({level} interval {low} to {high}); by "
                "their true quality it would be {true} ({true_low} to {true_high}).", level=formatting.LEVEL,
                **_shares(nation, recorded="recorded_share", low="recorded_share_p05", high="recorded_share_p95",
                          true="true_share", true_low="true_share_p05", true_high="true_share_p95"))]
    said += [again(one) for one in (*too_few_places([projection.scenario]), *projection.followed.draws.notes)]
    if projection.synthetic:
        return [*said, say(SYNTHETIC)]
    never = int(projection.least_likely(year)["rank"].isna().sum())
    return [*said, *([counted(never, "{count} of the facilities was never scored; it is not ranked.",
                              "{count} of the facilities were never scored; they are not ranked.")] if never else [])]


def _shares(row: Any, **columns: str) -> dict[str, str]:
    return {name: numbers.percent(row[column]) for name, column in columns.items()}


# ------------------------------------------------------------------------------------------------------ ranked places


def _least_likely(projection: Projection, year: int) -> Markup:
    """The list, and who is not in it."""
    ranking = projection.least_likely(year)
    return joined((_ranked(ranking[ranking["rank"].notna()], year), tag("p", say(READING), class_="note"),
                   _agreement(projection.agreement(year)), _never_scored(ranking[ranking["rank"].isna()], year)))


def _agreement(found: Agreement) -> Markup:
    """How sure the order is, and what it adds to the order of the levels that were observed."""
    said = [say(GROUPS, level=formatting.LEVEL),
            say("With another seed {kept} of the first {first} would be among the first {first} again, on average; "
                "more draws make that more.", kept=numbers.number(found.kept, 1), first=found.first)]
    if found.same >= 0:
        said.append(say("Of the first {count}, {same} are those with the lowest estimated levels (rank correlation of "
                        "the whole list with the levels {correlation}): what the list adds to them is who joins, what "
                        "support reaches a facility, and how far a level may still move.", count=found.levels,
                        same=found.same, correlation=numbers.number(found.correlation, 2)))
    return tag("p", " ".join(said), class_="note")


def _ranked(ranking: pd.DataFrame, year: int) -> Markup:
    """The first facilities of the list."""
    observed = bool(np.isfinite(ranking["observed"].to_numpy(float)).any())
    until = next((one for one in ranking["observed_until"] if one), "")
    heads = [say("Rank"), say("Rank, interval"), say("Group"), *_heads(),
             *([say("Estimated level, {quarter}", quarter=until), say("Scores (last)"), say("Own weight")] if observed
               else [])]
    shown = ranking.head(SHOWN)
    rows = [[f"{row.rank:.0f}{'*' if row.weak else ''}", formatting.interval(row.rank_low, row.rank_high, 0),
             f"{row.group:.0f}", *_projected(row), *(_of_scores(row) if observed else [])]
            for row in shown.itertuples(index=False)]
    caption = say("Recorded score at the end of {year}: the first {count} of {all} facilities (all of them: {file}, or "
                  "the workbook)", year=year, count=len(rows), all=f"{len(ranking):,}", file="least-likely.csv")
    note = tag("p", say(WEAKLY, count=WEAK), class_="note") if (shown["weak"] != "").any() else ""
    return joined((table(caption, heads, rows, class_="dense list"), note))


def _never_scored(ranking: pd.DataFrame, year: int) -> Markup | str:
    """Facilities that were never scored, by what they start from."""
    if ranking.empty:
        return ""
    rows = [[*_projected(row), say(row.start)] for row in ranking.head(SHOWN).itertuples(index=False)]
    caption = say("Never scored: the first {count} of {all} facilities, at the end of {year}", count=len(rows),
                  all=f"{len(ranking):,}", year=year)
    return joined((tag("p", say(NEVER)), table(caption, (*_heads(), say("Starts from")), rows, class_="dense list")))


def _heads() -> list[str]:
    return [*map(say, HEADS), formatting.LEVEL]


def _projected(row: Any) -> list[object]:
    """Cells of a facility under its heads."""
    return [untranslated(row.name), untranslated(row.district), place_name(row.province),
            _between(row.probability, row.low, row.high), numbers.number(row.median, 1),
            formatting.interval(row.p05, row.p95)]


def _between(share: float, low: float, high: float) -> str:
    """A share and its interval."""
    return f"{numbers.percent(share)} ({formatting.interval(100 * low, 100 * high, 0)})"


def _of_scores(row: Any) -> list[str]:
    """Its level, how many scores there are, when the last was, and their weight in the level."""
    number = numbers.NONE if np.isnan(row.scores) else f"{row.scores:.0f}"
    weight = numbers.NONE if np.isnan(row.own_weight) else numbers.percent(row.own_weight)
    return [_level(row.observed, row.observed_sd), f"{number} ({row.last_scored})" if row.last_scored else number,
            weight]


def _level(mean: float, sd: float) -> str:
    return numbers.NONE if np.isnan(mean) else f"{numbers.number(mean, 1)} (± {numbers.number(sd, 1)})"


def _districts(projection: Projection, year: int) -> Markup:
    """Districts by the expected share of their facilities at the threshold, the lowest first."""
    there = projection.table("district", every="year")
    there = there[(there["period"] == str(year)) & (there["facilities"] > 0)]
    there = there.sort_values(["recorded_share", "district"], kind="stable")
    rows = [[untranslated(row.district), place_name(row.province), *_group(row)]
            for row in there.itertuples(index=False)]
    caption = say("Districts at the end of {year}, in brackets {level} intervals between runs", year=year,
                  level=formatting.LEVEL)
    return table(caption, (say(HEADS[1]), say(HEADS[2]), *_group_heads()), rows, class_="dense")


# -------------------------------------------------------------------------------------------------------- all of them


def _years(projection: Projection) -> Markup:
    """All facilities at the ends of years."""
    rows = [[row.period, *_group(row)] for row in projection.table("nation", every="year").itertuples(index=False)]
    caption = say("All facilities, in brackets {level} intervals between runs", level=formatting.LEVEL)
    return table(caption, (say("End of"), *_group_heads()), rows, class_="dense")


def _group_heads() -> tuple[str, ...]:
    return (say("Facilities"), say("Recorded at the threshold, %"), say("By true quality, %"),
            say("Mean recorded score, median"))


def _group(row: Any) -> list[str]:
    """Cells of a group of facilities under its heads."""
    return [f"{row.facilities:,}", _between(row.recorded_share, row.recorded_share_p05, row.recorded_share_p95),
            numbers.percent(row.true_share),
            f"{numbers.number(row.recorded_median, 1)} ({formatting.interval(row.recorded_p05, row.recorded_p95)})"]


def _paths(projection: Projection) -> Markup:
    """Mean recorded score and true quality of all facilities by quarter, with intervals."""
    nation = projection.table("nation")
    x = np.array([int(one[:4]) + int(one[5]) / 4 for one in nation["period"]])
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    for name, colour, style in (("recorded", RECORDED, (0, (4, 1.8))), ("true", TRUE, "solid")):
        axes.fill_between(x, nation[f"{name}_p05"], nation[f"{name}_p95"], color=colour, alpha=0.2, linewidth=0)
        axes.plot(x, nation[f"{name}_median"], color=colour, linestyle=style)
    axes.set_ylabel(say("points"))
    late = float(x[-1]) > beyond_studies()
    if late:
        axes.axvspan(beyond_studies(), float(x[-1]), color=SOFT, alpha=0.13, linewidth=0)
    first, last = int(np.ceil(x[0])), int(x[-1])
    axes.set_xticks(range(first, last + 1, max((last - first) // YEAR_TICKS, 1)))
    axes.set_xlabel(say("end of the quarter; a year stands at its beginning"), labelpad=2)
    quiet(axes)
    signs = legend((RECORDED, "dash", say("recorded score, median")), (TRUE, "line", say("true quality, median")),
                   (REFERENCE, "band", say("{level} interval between runs", level=formatting.LEVEL)),
                   *([(SOFT, "band", say("no controlled study reaches so far"))] if late else []))
    end = nation.iloc[-1]
    label = say("Mean recorded score {recorded} and true quality {true} points in {quarter}, medians between runs",
                recorded=numbers.number(end["recorded_median"], 1), true=numbers.number(end["true_median"], 1),
                quarter=end["period"])
    note = say("Means over all open facilities. {runs}.",
               runs=counted(projection.followed.runs, "{count} run", "{count} runs"))
    return figure("figure-paths", numbered(1, say("Recorded score and true quality, all facilities"), say("Figure")),
                  note, joined((signs, finish(drawing, "paths", label))), "")


def _spread(likely: pd.DataFrame, year: int) -> Markup:
    """How many facilities have which probability."""
    probability = likely["probability"].to_numpy(float)
    drawing = canvas(*SIZE)
    axes = frame(drawing, MARGINS)
    axes.hist(100 * probability, bins=BINS, range=(0, 100), color=RECORDED, linewidth=0, rwidth=0.9)
    axes.axvline(100 * EVEN, color=REFERENCE, linewidth=0.9)
    axes.set_xlabel(say("probability of being recorded at the threshold at the end of {year}, %", year=year),
                    labelpad=2)
    axes.set_ylabel(say("facilities"))
    quiet(axes)
    label = say("{count} of {all} facilities have a probability below 50 %", count=int((probability < EVEN).sum()),
                all=len(probability))
    return figure("figure-spread", numbered(2, say("Facilities by probability"), say("Figure")),
                  say("The line marks 50 %."), finish(drawing, "spread", label), "")


def _made(projection: Projection, provenance: Mapping[str, Any]) -> Markup:
    followed = projection.followed
    first = (("draws", say("{count} from the {source}", count=f"{len(followed.draws):,}",
                           source=formatting.source_words(followed.draws.source))),
             ("replicates", say("{count} of each draw", count=f"{followed.replicates:,}")),
             ("seed", str(followed.seed)))
    return joined((items(map(text_of, projection.scenario.assumptions)),
                   made(provenance, first=first, left_out=("scenario", "draws_from"))))
