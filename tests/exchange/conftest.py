"""Imports estimate levels in few steps: that the search finds the most likely spreads is asked in `tests/observed`."""

from unittest import mock

import pytest


@pytest.fixture(autouse=True, scope="module")
def few_steps():
    with mock.patch("qicsim.inputs.observed.pooling.MOST_STEPS", 40):
        yield
