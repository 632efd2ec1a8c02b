"""A small made country: some districts of the embedded register, run as reported with known parameters."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_QUARTER, format_month, format_quarter, parse_month
from qicsim.ground.declare import parameter_sets
from qicsim.inputs.country import default_country
from qicsim.inputs.scenario import change, load_scenario
from qicsim.inputs.world.build import build_world
from qicsim.inputs.world.register import Register, read_register, register_of, register_text
from qicsim.model.levers import lever_table
from qicsim.model.parameters import Parameters
from qicsim.model.recording import NEVER_JOINED
from qicsim.model.simulate import noise_key, recording_of
from qicsim.runs.branches import Buffers
from qicsim.runs.draws import names

PROVINCES = ("Battambang", "Pursat", "Kampong Cham", "Kampong Speu", "Siem Reap", "Prey Veng")
FIRST, LAST = "2019-01", "2022-12"
SCENARIO = "reported"
MISSING = 0.05
REACHED = 0.6  # of the districts are ever launched, so that some facilities never join
DIGITS = 2


@dataclass(frozen=True, eq=False)
class Country:
    """What a made country would have on file: register, scores (F, Q) with gaps, month of joining (F,) or -1."""

    register: Register
    quarters: tuple[str, ...]
    scores: np.ndarray
    joined: np.ndarray
    parameters: np.ndarray
    seed: int


def small_register(districts: int = 16, facilities: int = 9) -> Register:
    """The first districts of some provinces of the embedded register, with the first facilities of each."""
    whole = read_register(default_country().table("register"))
    rows = [row for row in whole.facilities if row.province in PROVINCES]
    kept: dict[str, list] = {}
    for province in PROVINCES:
        for row in (one for one in rows if one.province == province):
            if row.operational_district in kept or _of(kept, rows, province) < -(-districts // len(PROVINCES)):
                kept.setdefault(row.operational_district, []).append(row)
    chosen = [row for group in list(kept.values())[:districts] for row in _mixed(group, facilities)]
    return register_of(chosen)


def _of(kept: dict[str, list], rows: list, province: str) -> int:
    here = {row.operational_district for row in rows if row.province == province}
    return sum(name in here for name in kept)


def _mixed(group: list, n: int) -> list:
    """A hospital first, then health centres."""
    hospitals = [row for row in group if row.type != "health_centre"][:1]
    return [*hospitals, *(row for row in group if row.type == "health_centre")][:n]


def make_country(values: np.ndarray, seed: int, register: Register | None = None, *, last: str = LAST) -> Country:
    """The country of parameter values (parameters of the model,) and a seed of luck."""
    people = small_register() if register is None else register
    with TemporaryDirectory() as place:
        path = Path(place) / "register.csv"
        path.write_text(register_text(people), encoding="utf-8")
        told = change(load_scenario(SCENARIO, horizon_end=last), from_="2019-01",
                      districts=round(REACHED * len(set(people.operational_district))))
        told = replace(told, data={**told.data, "register": path})
        world = build_world(told)
    buffers = Buffers.of(world.setting, recording_of(world.setting), ("rounds",))
    parameters = parameter_sets(Parameters, values[None])[0]
    reading = buffers.run(lever_table(told.levers), (told.structure, parameters, noise_key(seed, 0, 0)))
    every, month = reading.rounds, reading.joined
    begin = (parse_month(FIRST) - told.start) // MONTHS_PER_QUARTER
    scores = np.round(every[:, begin:], DIGITS)
    luck = np.random.default_rng(seed)
    scores[luck.random(scores.shape) < MISSING] = np.nan
    joined = np.where(month == NEVER_JOINED, -1, told.start + month)
    first = parse_month(FIRST)
    quarters = tuple(format_quarter(first + MONTHS_PER_QUARTER * i) for i in range(scores.shape[1]))
    return Country(world.register, quarters, scores, joined.astype(np.int64), values, seed)


def write_country(country: Country, folder: Path) -> Path:
    """The country as a data folder (register.csv, scores.csv, joined.csv), with the known parameters in truth.json."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "register.csv").write_text(register_text(country.register), encoding="utf-8")
    _write(folder / "scores.csv", ("facility", "quarter", "item", "score"), score_rows(country))
    _write(folder / "joined.csv", ("facility", "joined", "left"), [(*row, "") for row in joined_rows(country)])
    truth = {"seed": country.seed, "parameters": dict(zip(names(), country.parameters.tolist(), strict=True))}
    (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return folder


def score_rows(country: Country) -> list[tuple[str, str, str, str]]:
    """Facility, quarter, item and score of every total score."""
    return [(country.register.id[f], country.quarters[q], "total", f"{country.scores[f, q]:.{DIGITS}f}")
            for f, q in zip(*np.nonzero(~np.isnan(country.scores)), strict=True)]


def joined_rows(country: Country) -> list[tuple[str, str]]:
    """Facility and month of joining."""
    return [(country.register.id[f], format_month(int(country.joined[f]))) for f in np.flatnonzero(country.joined >= 0)]


def _write(path: Path, heads: tuple[str, ...], rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
