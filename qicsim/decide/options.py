"""Which scenarios are choices: not what happens to a country, and not what a ceiling forbids.

Donors who leave, or a shock, are states of the world: their scenarios stand in the tables of money and effects, and no
analysis weighs them against plans (`Settings.events`). A scenario that exceeds the ceiling in more than `risk` of draws
is no choice either. Where nothing fits the ceiling, all stay, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from qicsim.decide.costs_by_scenario import Budget
from qicsim.decide.decision_inputs import Frame


@dataclass(frozen=True)
class Options:
    """Scenarios by name, in the ensemble's order.

    names      the choices
    events     those that nobody can choose
    forbidden  those that the ceiling forbids, with the share of draws in which they exceed it
    fits       False where a ceiling forbids all, so that it is set aside
    """

    names: tuple[str, ...]
    events: tuple[str, ...]
    forbidden: dict[str, float]
    fits: bool


def options(frame: Frame, spent: Budget) -> Options:
    """The choices among the scenarios; if all are events, all are choices."""
    events = tuple(name for name in frame.names if frame.settings.is_event(name))
    events = () if len(events) == len(frame.names) else events
    choices = tuple(name for name in frame.names if name not in events)
    if spent.fits is None:
        return Options(choices, events, {}, fits=True)
    forbidden = {name: spent.fits.ever[name] for name in choices if name not in spent.fits.fitting}
    allowed = tuple(name for name in choices if name not in forbidden)
    return Options(allowed or choices, events, forbidden, fits=bool(allowed))
