"""Papers without what takes most of their time and other tests read."""

import pytest

from qicsim.report.word import Word
from tests.report.plans import EMPTY


@pytest.fixture
def light(monkeypatch):
    """Chapters with empty figures and without checklists."""
    monkeypatch.setattr("qicsim.report.plan_figures.drawn", lambda draw, **size: EMPTY)
    monkeypatch.setattr("qicsim.report.chapter.filled", lambda *known: ())


@pytest.fixture
def bare(light, monkeypatch):
    """Papers of which only the chapter has a content."""
    monkeypatch.setattr("qicsim.report.chapter.annexes", lambda *known: Word("Annexes"))
    monkeypatch.setattr("qicsim.report.chapter.brief", lambda *known: Word("Brief"))
