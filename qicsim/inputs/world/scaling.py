"""A plan made for more places than a register has: it is told, and can be scaled to the register.

    cautions_here(scenarios, reference)       # `cautions`, and which roll-outs are too large for the register
    scaled_text(plan, "national-2030", here)  # a scenario file with ceilings and a pace for the register

Scaled are the ceilings and the pace of collaboratives, from the first month in which the plan acts. Districts go from
those that are launched here to this register's share of the plan's, in the plan's steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache, reduce
from pathlib import Path
from typing import NamedTuple

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR, format_month
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.translatable import Told, tell
from qicsim.inputs.country import Country
from qicsim.inputs.scenario.past import cautions
from qicsim.inputs.scenario.record import Scenario
from qicsim.inputs.world.build import data_files
from qicsim.inputs.world.observed import anchor_of, read_joined
from qicsim.inputs.world.register import open_since, read_register
from qicsim.model.columns import NOT_KNOWN
from qicsim.model.levers import NO_CEILING

ANY_NUMBER = 1000.0
"""Districts: so high a ceiling says that there is none."""
ROUNDING, DIGITS = 1e-9, 4
REST = ("Launches come earlier, and teams, coaches and spending rise faster, than a plan for these places would have "
        "it. `qicsim check PLAN --data FOLDER --propose FILE` writes a plan that is scaled to them.")
TOO_FEW = ("The roll-out of {scenarios} is not made for this register: it allows {most} operational districts in "
           "{provinces} provinces, and the register has {there} in {all}. " + REST)
TOO_FEW_EARLY = ("The roll-out of {scenarios} is not made for this register: it allows {most} operational districts in "
                 "{provinces} provinces, and the register has {there} in {all}; as {before} are allowed already at the "
                 "end of {year}, no ceiling holds any of them back. " + REST)
TITLE, TITLES = "“{title}”", "{titles}, {title}"
TEXTS = (TOO_FEW, TOO_FEW_EARLY, TITLE, TITLES)


class Places(NamedTuple):
    """How many facilities, operational districts and provinces a register has, and in how many districts any joined."""

    facilities: int
    districts: int
    provinces: int
    launched: int = 0


def places_of(scenario: Scenario) -> Places:
    """The places of the register that a scenario is run on; DataError kinds for files that cannot be used."""
    files, since = data_files(scenario), anchor_of(scenario.data)
    joined = files.get("joined")
    changed = tuple(0 if file is None else file.stat().st_mtime_ns for file in (files["register"], joined))
    return _places(scenario.country, files["register"], joined, changed, scenario.start if since is None else since)


@lru_cache(maxsize=32)
def _places(country: Country, register: Path, joined: Path | None, _: tuple[int, ...], since: int) -> Places:
    there = open_since(read_register(register, country), since)
    homes = {key: (province, district) for key, province, district in
             zip(there.id, there.province, there.operational_district, strict=True)}
    return Places(len(there), len(set(homes.values())), len(set(there.province)), _launched(homes, joined))


def _launched(homes: dict[str, tuple[str, str]], joined: Path | None) -> int:
    """Districts of which a facility joined."""
    if joined is None:
        return 0
    found = read_joined(joined)
    return len({homes[key] for key, month in zip(found.facility, found.joined, strict=True)
                if month != NOT_KNOWN and key in homes})


# --------------------------------------------------------------------------------------------------------------- told


def cautions_here(scenarios: Sequence[Scenario], reference: Scenario) -> tuple[Told, ...]:
    """What a reader must know of scenarios: which are not made for their register, and what `cautions` says."""
    return (*too_few_places(scenarios), *cautions(scenarios, reference))


def too_few_places(scenarios: Iterable[Scenario]) -> tuple[Told, ...]:
    """A sentence for all roll-outs that allow the same number of places, more than their own register has."""
    found: dict[tuple[str, tuple[tuple[str, object], ...]], list[str]] = {}
    for one in scenarios:
        if "register" in one.data and (words := _too_few(one)):
            found.setdefault((words[0], tuple(words[1].items())), []).append(one.title)
    return tuple(tell(template, scenarios=_titles(titles), **dict(fields)) for (template, fields), titles in
                 found.items())


def _titles(titles: Sequence[str]) -> Told:
    named = [tell(TITLE, title=title) for title in dict.fromkeys(titles)]
    return reduce(lambda before, title: tell(TITLES, titles=before, title=title), named)


def _too_few(scenario: Scenario) -> tuple[str, dict[str, object]] | None:
    """A template with its fields; None where the register has as many places as the plan allows, or nobody joins."""
    levers, first = scenario.levers, _decided(scenario)
    joining = np.flatnonzero((np.asarray(levers.recruiting) == 1)[first:])
    if not joining.size:
        return None
    here, begin = places_of(scenario), first + int(joining[0])
    allowed = np.floor(np.asarray(levers.districts, dtype=float) + ROUNDING)
    most, provinces = int(allowed[begin:].max()), int(np.asarray(levers.provinces)[begin:].max())
    if most >= ANY_NUMBER or (here.districts >= most and here.provinces >= provinces):
        return None
    fields: dict[str, object] = {"most": f"{most:,}", "provinces": f"{provinces:,}", "there": f"{here.districts:,}",
                                 "all": f"{here.provinces:,}"}
    moves = np.flatnonzero(np.diff(allowed[max(begin - 1, 0):]))
    moved = max(begin - 1, 0) + int(moves[0]) + 1 if moves.size else begin
    january = moved - (scenario.start + moved) % MONTHS_PER_YEAR
    before = int(allowed[january - 1]) if january > 0 else 0
    if here.districts <= before < ANY_NUMBER:
        return TOO_FEW_EARLY, fields | {"before": before, "year": (scenario.start + january) // MONTHS_PER_YEAR - 1}
    return TOO_FEW, fields


def _decided(scenario: Scenario) -> int:
    """The number of the first month that can still be decided."""
    known = scenario.known_until
    return 0 if known is None else min(max(known + 1 - scenario.start, 0), scenario.months - 1)


# ------------------------------------------------------------------------------------------------------------- scaled


def scaled_text(plan: Scenario, extends: str, here: Places) -> str:
    """A scenario file that extends a plan, with ceilings and pace for the places `here`.

    `plan` is the plan on the register that it is made for. SettingError where it launches no district.
    """
    whole, first = places_of(plan), _decided(plan)
    acts = np.flatnonzero((np.asarray(plan.levers.recruiting) == 1)[first:])
    if not acts.size:
        raise SettingError("", [Fault("--propose", f'"{plan.name}" launches no district: there is nothing to scale')])
    begin = first + int(acts[0])
    share = here.districts / whole.districts
    scaled = {"districts": _districts(plan, begin, share, here),
              "provinces": np.ceil(np.asarray(plan.levers.provinces) * here.provinces / whole.provinces - ROUNDING),
              "launch_boost": np.asarray(plan.levers.launch_boost) * share,
              "coach_training": np.asarray(plan.levers.coach_training) * share,
              **{name: np.where(values < NO_CEILING, values * part, values) for name, values, part in (
                  ("budget", np.asarray(plan.levers.budget), share),
                  ("pbf_envelope", np.asarray(plan.levers.pbf_envelope), here.facilities / whole.facilities))}}
    blocks: dict[str, list[str]] = {}
    for name, values in scaled.items():
        for when, what in _changes(name, np.round(values[begin:], DIGITS),
                                   np.asarray(getattr(plan.levers, name))[begin:], plan.start + begin):
            blocks.setdefault(when, []).append(what)
    begun = f"the {here.launched:,} that are launched here" if here.launched else "this register's share of the plan's"
    return _HEAD.format(
        title=json.dumps(f"{plan.title} (scaled to {here.districts:,} districts)", ensure_ascii=False),
        extends=json.dumps(extends, ensure_ascii=False), districts=here.districts, provinces=here.provinces,
        of_districts=whole.districts, of_provinces=whole.provinces, share=f"{share:.4g}",
        begun=begun) + "".join(f"\n[[change]]\n{when}{''.join(said)}" for when, said in blocks.items())


_HEAD = """\
title = {title}
description = "The plan that this file extends, with ceilings and a pace for {districts} operational districts in \
{provinces} provinces instead of {of_districts} in {of_provinces}."
assumptions = [
    {{ text = "Districts begin from {begun} and rise, in the plan's steps, to this register's \
share of the plan's districts.", levers = ["districts"] }},
    {{ text = "Districts that can be launched and coaches that can be trained in a quarter, and ceilings of money, are \
{share} of the plan's.", levers = ["launch_boost", "coach_training"] }},
]
extends = {extends}
"""


def _districts(plan: Scenario, begin: int, share: float, here: Places) -> np.ndarray:
    """Ceilings of districts (months,): from those launched here to the share of the plan's most, in the plan's steps.

    Where nobody is known to have joined, what the plan begins from is scaled too.
    """
    values = np.asarray(plan.levers.districts, dtype=float)
    before, most = (float(values[begin - 1]) if begin else 0.0), float(values[begin:].max())
    if most >= ANY_NUMBER:
        return values
    before = min(before, most)
    start, end = float(here.launched) or before * share, max(most * share, 1.0)
    if most <= before:
        return np.minimum(np.maximum(values * share, start), here.districts)
    moved = start + (values - before) / (most - before) * (max(end, start) - start)
    return np.minimum(moved, float(here.districts))


def _changes(name: str, values: np.ndarray, before: np.ndarray, month: int) -> list[tuple[str, str]]:
    """When and what a lever is changed to have these values (months,) from a month on; nothing if they are the plan's.

    Equal steps of several months are a ramp.
    """
    if np.array_equal(values, before):
        return []
    found, steps, at = [_change(name, month, values[0])], np.diff(values), 0
    while at < len(steps):
        until = at + 1
        alike = 2.0 * 10.0**-DIGITS * (steps[at] != 0.0) + ROUNDING  # what rounding may do to a step
        while until < len(steps) and abs(steps[until] - steps[at]) < alike:
            until += 1
        if steps[at]:
            found.append(_change(name, month + at + 1, values[until], month + until if until > at + 1 else None))
        at = until
    return found


def _change(name: str, month: int, value: float, ramp_to: int | None = None) -> tuple[str, str]:
    ramp = "" if ramp_to is None else f'ramp_to = "{format_month(ramp_to)}"\n'
    written = int(value) if name == "provinces" else float(value)
    return f'from = "{format_month(month)}"\n{ramp}', f"{name} = {written}\n"
