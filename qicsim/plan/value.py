"""Value for money of the reference, the plan and further options, from the same runs (`qicsim.decide`)."""

from __future__ import annotations

from qicsim.decide.acceptability import acceptability
from qicsim.decide.costs_by_scenario import bill
from qicsim.decide.decision_inputs import frame
from qicsim.decide.discounting import Discounting
from qicsim.decide.frontier import Row
from qicsim.decide.options import Options
from qicsim.decide.outcomes_by_scenario import gains
from qicsim.decide.settings import Settings
from qicsim.decide.settings import Target as Aim
from qicsim.decide.value import value as value_of
from qicsim.ground.money import Money
from qicsim.ground.translatable import tell
from qicsim.inputs.country.money import as_simulated
from qicsim.plan.spending import Option, Step, Value
from qicsim.runs.ensemble import Ensemble

FEWEST = 2


def option_values(ensemble: Ensemble, pair: tuple[str, str], years: tuple[int, ...], discounting: Discounting,
                  money: Money | None = None) -> Value | None:
    """The choices of an ensemble over the years of a plan, a pair of scenario and reference always among them.

    States of the world and other pasts, which nobody can choose, are left out. None where the reference stands alone.
    """
    _, reference = pair
    if len(ensemble.runners) < FEWEST:
        return None
    used = frame(ensemble, reference, Settings(
        rate=discounting.rate, timing=discounting.timing, base_year=discounting.base_year, first=years[0],
        last=years[-1], target=Aim(by=years[-1]), level="as simulated", money=money or as_simulated(),
        seed=ensemble.seed))
    paid = bill(used)
    gain = gains(used)[used.settings.outcome]
    chosen = tuple(name for name in used.names if name in pair or not used.settings.is_event(name))
    events = tuple(name for name in used.names if name not in chosen)
    held = value_of(used, paid, gain, Options(chosen, events, {}, fits=True))
    rows = [used.names.index(name) for name in chosen]
    sure = acceptability(paid.costs[rows], gain.better[rows], chosen, held.worth).probability[0]
    regret = (held.net.max(axis=0) - held.net).mean(axis=1)
    titles = {name: runner.scenario.title for name, runner in ensemble.runners.items()}
    place = {name: at for at, name in enumerate(chosen)}
    return Value(held.outcome.meaning, held.outcome.unit, held.worth,
                 tell("{first} to {last}, {discounting}; all payers", first=years[0], last=years[-1],
                      discounting=discounting.words),
                 tuple(_option(row, titles, float(sure[place[row.name]]), float(regret[place[row.name]]))
                       for row in held.frontier.rows),
                 tuple(Step(titles[row.name], row.cost, row.status, _over(row, titles), _icer(row))
                       for row in held.views["left out"].rows))


def _option(row: Row, titles: dict[str, str], sure: float, regret: float) -> Option:
    return Option(row.name, titles[row.name], row.cost, row.effect, row.status, _over(row, titles), _icer(row), sure,
                  regret)


def _over(row: Row, titles: dict[str, str]) -> tuple[str, ...]:
    return tuple(titles.get(name, name) for name in row.over)


def _icer(row: Row) -> float:
    return float("nan") if row.icer is None else row.icer
