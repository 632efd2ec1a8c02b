"""What commands prepare of their options before they look at the output folder and run anything.

`qicsim.cli.parsing` calls a command's `prepare`, so that what is wrong with scenarios, draws and settings is told
together with the faults of options, and before a folder is refused.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from qicsim.cli.options import overrides
from qicsim.ground.errors import Fault, InputError, SettingError

OF_ALL = ("horizon_end",)
"""Arguments that all scenarios of a call share: what is wrong with them is told once, and not of a file."""


def gathered(options: argparse.Namespace, *parts: Callable[[argparse.Namespace], dict[str, Any]]) -> dict[str, Any]:
    """What several parts prepare, in one; SettingError with the faults of all of them."""
    found: dict[str, Any] = {}
    with all_at_once() as attempt:
        for part in parts:
            found |= attempt(part, options) or {}
    return found


def ensemble(options: argparse.Namespace) -> dict[str, Any]:
    """How an ensemble is run, as arguments of `qicsim.run` and `qicsim.compare`; InputError kinds without its draws."""
    from qicsim.runs.posterior import draws_from

    drawn = options.draws if isinstance(options.draws, dict) else {"draws": options.draws}
    number = drawn.get("draws", options.taken["draws"].default)
    return {"draws": draws_from(drawn.get("source"), number, options.seed, options.data),
            "replicates": options.replicates, "seed": options.seed, "workers": options.workers,
            "store": store_of(options)}


def assumptions(options: argparse.Namespace) -> dict[str, Any]:
    """Which assumptions are tried, as an argument of `qicsim.compare`: none at a first look, unless they are asked for.

    SettingError for one that is not known.
    """
    from qicsim.runs.assumptions import NONE, USUAL, chosen

    usual = NONE if getattr(options, "quick", False) else USUAL
    return {"assumptions": tuple(one.key for one in chosen(options.assumptions or usual))}


def money(options: argparse.Namespace) -> dict[str, Any]:
    """The prices that US$ are in, as arguments of `qicsim.compare`; InputError kinds for what cannot be used."""
    from qicsim.inputs.world.prices import money_of

    money_of(options.money_year, options.prices)
    return {"money_year": options.money_year, "prices": options.prices}


def store_of(options: argparse.Namespace) -> Any:
    """Where runs are kept, as an argument of `qicsim.run`; False for nowhere."""
    return False if options.no_store else options.store


def resolved(options: argparse.Namespace, names: Iterable[str], *, until: str | None = None) -> list[Any]:
    """The scenarios of these names with what holds for all of them; SettingError with the faults of all."""
    from qicsim.api import resolve

    with all_at_once() as attempt:
        return [attempt(resolve, name, until, options.data, *overrides(options).values()) for name in names]


def paired(options: argparse.Namespace) -> dict[str, Any]:
    """Scenarios and reference that are run under the same draws, as arguments of `qicsim.compare`; as `resolved`."""
    from qicsim.inputs.scenario import policy
    from qicsim.runs.ensemble import check_ensemble

    names = options.scenarios or policy()
    found = resolved(options, dict.fromkeys((*names, options.reference)), until=options.until)
    by_name = dict(zip(dict.fromkeys((*names, options.reference)), found, strict=True))
    scenarios = [by_name[name] for name in names]
    check_ensemble(scenarios, options.replicates, options.seed, options.workers)
    return {"scenarios": scenarios, "reference": by_name[options.reference]}


@contextmanager
def all_at_once() -> Iterator[Callable[..., Any]]:
    """A way to try several things; SettingError at the end, with the faults of all that could not be done."""
    faults: list[Fault] = []

    def attempt(make: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return make(*arguments)
        except InputError as error:
            faults.extend(fault if fault.place in OF_ALL else
                          replace(fault, place=": ".join(part for part in (error.source, fault.place) if part))
                          for fault in error.faults)
            return None

    yield attempt
    if faults:
        raise SettingError("", dict.fromkeys(faults))
