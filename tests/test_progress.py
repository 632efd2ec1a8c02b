"""Progress as it is told while long work goes on."""

from __future__ import annotations

import pytest

from qicsim.ground import progress
from qicsim.ground.progress import Progress


@pytest.fixture
def told(monkeypatch, capsys):
    """The lines that are told, where nobody watches, of work that comes at moments: (seconds, done of 1,000)."""

    def lines(*moments):
        clock = iter([0.0, *(seconds for seconds, _ in moments)])
        monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
        count = Progress("Runs")
        for _, done in moments:
            count(done, 1000)
        return capsys.readouterr().err.splitlines()

    return lines


def test_the_time_left_does_not_count_what_was_compiled_before_the_first_part_came(told):
    assert told((0, 0), (60, 4), (70, 104)) == ["Runs: 4 of 1,000 (0 %)",
                                                "Runs: 104 of 1,000 (10 %), 10.0 a second, 90 s left"]


def test_parts_that_were_found_before_a_compiler_began_say_nothing_of_the_rate(told):
    assert told((0, 500), (1, 501), (60, 505), (70, 605)) == [
        "Runs: 505 of 1,000 (50 %), 500 were there already",
        "Runs: 605 of 1,000 (60 %), 500 were there already, 10.0 a second, 40 s left"]


def test_parts_that_come_together_after_compiling_say_nothing_of_the_rate(told):
    """Several workers wait for one compiler, and then bring their first parts at the same moment."""
    assert told((0, 0), (60, 4), (60.1, 8), (60.2, 1000)) == ["Runs: 4 of 1,000 (0 %)", "Runs: 1,000 of 1,000 (100 %)"]


def test_what_was_there_before_does_not_count(told):
    assert told((0, 500), (20, 510), (40, 530)) == [
        "Runs: 510 of 1,000 (51 %), 500 were there already",
        "Runs: 530 of 1,000 (53 %), 500 were there already, 1.0 a second, 470 s left"]
