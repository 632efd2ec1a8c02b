"""Timing by the fastest of several rounds, and the table that a bench prints."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


def seconds(call: Callable[[], object], *, rounds: int = 5, calls: int = 1) -> float:
    """Seconds of one call in the fastest round: what the code needs when nothing else disturbs it."""
    call()
    return min(_round(call, calls) for _ in range(rounds))


def _round(call: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        call()
    return (time.perf_counter() - start) / calls


def cpu_seconds(*calls: Callable[[], object], rounds: int = 5) -> list[float]:
    """CPU seconds of each call in its fastest round; the calls take turns, so that all meet the same disturbances."""
    for call in calls:
        call()
    in_rounds = [[_cpu(call) for call in calls] for _ in range(rounds)]
    return [min(of_call) for of_call in zip(*in_rounds, strict=True)]


def _cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


@dataclass
class Table:
    """Lines of what was measured and what was aimed at."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, measured: str, aim: str = "") -> None:
        """Add a line."""
        self.lines.append((what, measured, aim))

    def __str__(self) -> str:
        """The lines under one another."""
        return "\n".join(f"{what:<66}{measured:>16}  {aim}" for what, measured, aim in self.lines)
