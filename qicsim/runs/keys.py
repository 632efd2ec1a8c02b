"""What a run depends on, in two parts: what stays (world, structure, parameters, luck) and its levers by month.

The levers are digested cumulatively at the end of every calendar year and of the run, so that a run is found again
under a shorter horizon: its key there is that of the run which ends there.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np

from qicsim.ground.calendar import MONTHS_PER_YEAR
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.scenario.fork import Rule
from qicsim.model.levers import ORDER_LISTED

WHO_BYTES, LEVER_BYTES = 16, 8
ADDRESS_BYTES = WHO_BYTES + LEVER_BYTES


@dataclass(frozen=True)
class LeverKey:
    """The digest of a table of levers up to the end of the run, `whole`, and of each year within it, `years`."""

    months: int
    whole: bytes
    years: tuple[bytes, ...]

    def at(self, start: int, months: int) -> bytes | None:
        """The digest of the first `months` of a run from the absolute month `start`; None where it is not known."""
        if months == self.months:
            return self.whole
        year, rest = divmod(start + months, MONTHS_PER_YEAR)
        number = year - start // MONTHS_PER_YEAR - 1
        return self.years[number] if rest == 0 and 0 <= number < len(self.years) else None


def lever_key(levers: np.ndarray, start: int, districts: Sequence[str] = (), rule: Rule | None = None,
              missed: np.ndarray | None = None) -> LeverKey:
    """The key of a table of levers (months,) from the absolute month `start` on.

    The list of `districts` is part of it from the first year on in which levers go by the list, and where the plan is
    adaptive its rule and the table of the other side from the first year on in which it has been decided.
    """
    tables = [levers] if missed is None else [levers, missed]
    order, facts = json.dumps(list(districts)).encode(), b"" if rule is None else json.dumps(rule.facts()).encode()
    listed = np.any([table["order"] == ORDER_LISTED for table in tables], axis=0) & bool(districts)

    def decided(at: int, end: int) -> bytes:
        parts = [levers[at:end].tobytes(), order * bool(listed[at:end].any())]
        if rule is not None and missed is not None and end > rule.month - start:
            parts += [facts, missed[at:end].tobytes()]
        return b"".join(parts)

    digest = blake2b(repr(levers.dtype.descr).encode(), digest_size=LEVER_BYTES)
    years, at = [], 0
    ends = [end for end in range(1, len(levers) + 1) if (start + end) % MONTHS_PER_YEAR == 0]
    for end in ends:
        digest.update(decided(at, end))
        years.append(digest.digest())
        at = end
    digest.update(decided(at, len(levers)))
    return LeverKey(len(levers), digest.digest(), tuple(years))


def world_key(scenario: Scenario, data: Mapping[str, str]) -> bytes:
    """Digest of all that runs of a scenario share besides code, parameters, levers and luck, whatever their horizon.

    `data` holds the digests of the files that its world is built from.
    """
    facts = [dict(data), scenario.start, list(scenario.provinces), scenario.pbf_since, scenario.pbf_bill,
             [float(value) for value in scenario.structure], scenario.country.digest]
    return blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=WHO_BYTES).digest()


def who_key(world: bytes, values: np.ndarray, seed: int, draw: int, replicate: int) -> bytes:
    """What stays of a run: its world, the values of all parameters, and its luck."""
    digest = blake2b(world, digest_size=WHO_BYTES)
    digest.update(np.ascontiguousarray(values).tobytes())
    digest.update(struct.pack("<qqq", seed, draw, replicate))
    return digest.digest()


@dataclass(frozen=True)
class Keys:
    """The keys of some runs: what stays, and the table of levers with the months of each."""

    who: tuple[bytes, ...]
    tables: tuple[LeverKey, ...]

    def __len__(self) -> int:
        """How many runs there are."""
        return len(self.who)

    @cached_property
    def months(self) -> tuple[int, ...]:
        """The months of each run."""
        return tuple(table.months for table in self.tables)

    @cached_property
    def levers(self) -> tuple[bytes, ...]:
        """The digest of the levers of each run."""
        return tuple(table.whole for table in self.tables)

    @property
    def addresses(self) -> list[bytes]:
        """One name for each run and its horizon, ADDRESS_BYTES long."""
        return [who + table.whole for who, table in zip(self.who, self.tables, strict=True)]

    def some(self, chosen: np.ndarray) -> Keys:
        """The keys of some runs."""
        return Keys(tuple(self.who[run] for run in chosen), tuple(self.tables[run] for run in chosen))
