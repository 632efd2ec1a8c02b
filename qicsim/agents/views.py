"""Facilities and districts as Mesa agents: views on rows of the state, without a rule of their own."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from qicsim.ground.declare import Column, declared
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.model.columns import KINDS, STATUSES, WEIGHTS_NQEM
from qicsim.model.month import live
from qicsim.model.state import TABLES

if TYPE_CHECKING:
    from qicsim.agents.model import QicModel


class Row:
    """An attribute of an agent that is the cell of a column of its model's state.

    Amounts read as float, whole numbers as int, cells that are arrays as a copy that cannot be written, so that what a
    collector keeps stays as it was. The whole cell is set: `facility.quality = values`.
    """

    def __init__(self, table: str, column: str, declaration: Column) -> None:
        """Stand for `column` of `table`."""
        self.table, self.column = table, column
        self.__doc__ = f"{declaration.meaning}, {declaration.unit}"
        number = int if declaration.kind == "whole" else float
        self.cast: Callable[[Any], Any] = _copied if declaration.shape else number

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        """The cell of an agent."""
        return self if agent is None else self.cast(getattr(agent.model.state, self.table)[self.column][agent.row])

    def __set__(self, agent: Any, value: Any) -> None:
        """Change the cell; the compiled rules see it."""
        getattr(agent.model.state, self.table)[self.column][agent.row] = value


def _copied(cell: np.ndarray) -> np.ndarray:
    """A copy that refuses to be written: what is written to it would reach no rule."""
    copy = cell.copy()
    copy.flags.writeable = False
    return copy


def views(table: str) -> Callable[[type], type]:
    """A class decorator that gives agents every column of a table of the state as an attribute."""
    def decorate(agent: type) -> type:
        for column, leaf in declared(TABLES[table]).items():
            setattr(agent, column, Row(table, column, leaf.declaration))
        return agent

    return decorate


class _Counters(weakref.WeakKeyDictionary[Any, Any]):
    """Counters of ids by model. Mesa 3.3 has one for all agents, which keeps every model for ever."""

    def __getitem__(self, model: Any) -> Any:
        return self.setdefault(model, itertools.count(1))


class View(mesa.Agent):
    """An agent that is a row of a table."""

    id: str
    province: str
    _ids = _Counters()

    def __init__(self, model: QicModel, row: int) -> None:
        """Stand for a row."""
        super().__init__(model)
        self.row = row

    def __repr__(self) -> str:
        """What it is, and which."""
        return f"<{type(self).__name__} {self.id}, {self.province}>"


@views("facility")
class Facility(View):
    """A health centre or referral hospital; its columns are those of `qicsim.model.state.Facility`."""

    def __init__(self, model: QicModel, row: int) -> None:
        """The facility of a row of the register."""
        super().__init__(model, row)
        register = model.world.register
        self.id: str = register.id[row]
        self.name: str = register.name[row]
        self.province: str = register.province[row]
        self.district: str = register.operational_district[row]
        self.population = float(register.population[row])
        self.opened = int(model.setting.facility[row].opened)
        self.kind: str = KINDS[model.setting.facility[row].hospital]

    @property
    def team(self) -> str:
        """What became of its team: never (it has none), active, graduated or lapsed."""
        return STATUSES[self.status]

    @property
    def is_open(self) -> bool:
        """Whether it has lived a month, or will live the first."""
        return self.opened < max(self.model.month, 1)

    @property
    def own_points(self) -> float:
        """Points of its true composite that `improve` has added since the start."""
        return float(self.model.own_points[self.row])

    def improve(self, area: str, points: float) -> float:
        """Add points to true quality in a care area, booked as a rule of one's own; those that fit between 0 and 100.

        The true score follows at once, and the ledger stays closed: its lines and `own_points` add up to it.
        SettingError for an area that is none, and for a facility that is not open yet.
        """
        model, areas = self.model, self.model.world.areas.keys
        if area not in areas:
            raise SettingError("", [Fault("area", f'"{area}" is not a care area', ", ".join(areas),
                                          nearest(area, areas))])
        if not self.is_open:
            raise SettingError("", [Fault(self.id, "is not open yet", "facilities whose `is_open` is true")])
        at, cells = areas.index(area), model.state.facility[self.row]
        change = min(max(cells["quality"][at] + points, 0.0), 100.0) - cells["quality"][at]
        cells["quality"][at] += change
        gain = model.setting.area[0]["weight"][WEIGHTS_NQEM, model.setting.facility[self.row].hospital, at] * change
        cells["true_score"] += gain
        model.own_points[self.row] += gain
        return float(change)

    def step(self) -> None:
        """Live the model's month."""
        m = self.model
        live(self.row, m.today, m.setting, m.levers, m.parameters, m.state, m.luck, m.key)


@views("district")
class District(View):
    """An operational district; its columns are those of `qicsim.model.state.District`."""

    def __init__(self, model: QicModel, row: int) -> None:
        """The district of a row of the world."""
        super().__init__(model, row)
        site = model.setting.district[row]
        self.id: str = model.world.districts[row]
        self.province: str = model.world.provinces[site.province]
        self.population = float(site.population)

    @property
    def facilities(self) -> mesa.agent.AgentSet:
        """Its facilities."""
        return self.model.facilities.select(lambda facility: facility.district == self.id)

    def step(self) -> None:
        """Nothing: what happens in a district is part of opening and closing the month."""
