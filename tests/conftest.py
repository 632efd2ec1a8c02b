"""What all tests share.

Compiled code is kept in the user's ordinary cache: its folder is named after a digest of the sources, so a test never
meets stale code, and only the first session after a change waits for the compiler. QICSIM_CACHE_DIR keeps it elsewhere.
Runs are kept in a folder of this process's own, so that no test meets the runs of an earlier session.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile

import pytest
from hypothesis import settings

os.environ["QICSIM_STORE"] = tempfile.mkdtemp(prefix="qicsim-tests-")
atexit.register(shutil.rmtree, os.environ["QICSIM_STORE"], ignore_errors=True)

# The same examples every time: a change that fails has broken something.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")


WITHOUT_THE_LOOP = ("tests/exchange/", "tests/scenario/", "tests/world/", "tests/test_")
WITH_IT_ALL_THE_SAME = ("test_demonstration", "test_export", "test_scenario_shipped", "test_any_size", "test_full_disk",
                        "test_readme")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put tests that need no compiled loop in the middle, where the second of two processes begins.

    The first needs the loop at once and compiles it; the second would only wait for it.
    """
    free = [item for item in items if item.nodeid.startswith(WITHOUT_THE_LOOP)
            and item.path.stem not in WITH_IT_ALL_THE_SAME]
    chosen = set(free)
    others = [item for item in items if item not in chosen]
    half = min(len(items) // 2, len(others))
    items[:] = [*others[:half], *free, *others[half:]]


def pytest_collection_finish():
    """What is loaded by now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `-n 2` each process takes one half of the tests in their order, and steals from the other when it is done.

    Dealt out one by one, the tests of a file would make what they share in every process.
    """
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log) if config.getvalue("dist") == "load" else None
