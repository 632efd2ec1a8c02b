"""What a register holds, for its owner to compare with what he knows."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.inputs.country import in_country, worded
from qicsim.inputs.world.register import BEFORE_HORIZON, Register

LIKELY_PEOPLE = (1_000, 60_000)
LIKELY_CENTRES = (3, 30)
_NAMED = 5


def check_register(register: Register) -> dict[str, Any]:
    """Counts and remarks.

    Keys: `synthetic`; `facilities`, `districts`, `people` (numbers); `types` {type: facilities}; `provinces` {name:
    {"districts", "health_centres", "referral_hospitals", "people"}}; `open_at_end_of` {year: {"health_centres",
    "referral_hospitals"}}, from the year before the first dated opening; `flags` (sentences, none where all is well).
    """
    counts = Counter(register.type)
    return {
        "synthetic": register.synthetic, "facilities": len(register),
        "districts": len(set(register.operational_district)), "people": float(register.population.sum()),
        "types": {kind: counts[kind] for kind in register.country.types}, "provinces": _by_province(register),
        "open_at_end_of": _by_year(register), "flags": _flags(register)}


def summary_lines(register: Register) -> list[str]:
    """The same in lines of plain text."""
    found = check_register(register)
    first, referral = register.country.roles

    def counted(row: dict[str, Any]) -> str:
        return (f"{first.plural} {row['health_centres']:,}, {referral.plural} {row['referral_hospitals']:,}")

    lines = ["Synthetic facilities in real provinces: not a list of real facilities."] if register.synthetic else []
    with in_country(register.country):
        lines.append(worded("Facilities {facilities:,}, operational districts {districts}, provinces {provinces}, "
                            "people {people:,.0f}").format(**found | {"provinces": len(found["provinces"])}))
        words = worded("districts")
    lines.append("Types: " + ", ".join(f"{kind} {count:,}" for kind, count in found["types"].items()))
    lines += [f"Open at the end of {year}: {counted(row)}" for year, row in found["open_at_end_of"].items()]
    lines += [f"{name}: {words} {row['districts']}, {counted(row)}, people {row['people']:,.0f}"
              for name, row in found["provinces"].items()]
    return lines + [f"Look at: {flag}" for flag in found["flags"]]


def _by_province(register: Register) -> dict[str, dict[str, float]]:
    table = {}
    for name, group in groupby(register.facilities, key=lambda row: row.province):
        rows = list(group)
        hospitals = sum(register.country.role_of[row.type] for row in rows)
        table[name] = {"districts": len({row.operational_district for row in rows}),
                       "health_centres": len(rows) - hospitals, "referral_hospitals": hospitals,
                       "people": sum(row.population for row in rows)}
    return table


def _by_year(register: Register) -> dict[int, dict[str, int]]:
    """Facilities of each kind that are open at the end of each year in which something opens, and the year before."""
    dated = register.opened[register.opened != BEFORE_HORIZON] // MONTHS_PER_YEAR
    if not dated.size:
        return {}
    hospital = register.hospital == 1
    years = sorted({int(dated.min()) - 1, *dated.tolist()})
    there = {year: register.opened < (year + 1) * MONTHS_PER_YEAR for year in years}
    return {year: {"health_centres": int(np.sum(is_open & ~hospital)),
                   "referral_hospitals": int(np.sum(is_open & hospital))} for year, is_open in there.items()}


# ----------------------------------------------------------------------------------------------------------- flags


def _flags(register: Register) -> list[str]:
    """What is allowed but unusual; each remark names the first few cases."""
    hospitals, centres = _per_district(register)
    likely = [
        ("districts without a referral hospital", [name for name in centres if not hospitals[name]]),
        ("districts with fewer than {} or more than {} health centres".format(*LIKELY_CENTRES),
         [name for name, count in centres.items() if not LIKELY_CENTRES[0] <= count <= LIKELY_CENTRES[1]]),
        ("facilities that serve fewer than {:,} or more than {:,} people".format(*LIKELY_PEOPLE),
         [row for row, people in zip(register.id, register.population, strict=True)
          if not LIKELY_PEOPLE[0] <= people <= LIKELY_PEOPLE[1]]),
        ("names that stand twice", [name for name, count in Counter(register.name).items() if count > 1])]
    return [f"{remark}: {len(cases)} ({_first(cases)})" for remark, cases in likely if cases]


def _per_district(register: Register) -> tuple[Counter[str], Counter[str]]:
    """Hospitals and health centres of each district; every district is a key of both."""
    hospitals: Counter[str] = Counter(dict.fromkeys(register.operational_district, 0))
    centres = hospitals.copy()
    for district, kind in zip(register.operational_district, register.type, strict=True):
        (hospitals if register.country.role_of[kind] else centres)[district] += 1
    return hospitals, centres


def _first(cases: list[str]) -> str:
    return ", ".join(cases[:_NAMED]) + (", ..." if len(cases) > _NAMED else "")
