"""What all tests share.

Compiled code is kept in the user's ordinary cache: its folder is named after a digest of the sources, so a test never
meets stale code, and only the first session after a change waits for the compiler. QICSIM_CACHE_DIR keeps it elsewhere.
Runs are kept in a folder of this process's own, so that no test meets the runs of an earlier session.
Where Python is told to keep no bytecode beside the sources, it is kept with the compiled code: the assertions of all
tests are rewritten once, not in every process of every session, and processes that tests start load the package's.
"""

from __future__ import annotations

import atexit
import gc
import os
import re
import shutil
import sys
import tempfile

import pytest
from hypothesis import settings

from qicsim.ground.compiled import cache_root

if sys.dont_write_bytecode:
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache_root() / "bytecode")
    os.environ["PYTHONDONTWRITEBYTECODE"], sys.dont_write_bytecode = "", False

os.environ["QICSIM_STORE"] = tempfile.mkdtemp(prefix="qicsim-tests-")
atexit.register(shutil.rmtree, os.environ["QICSIM_STORE"], ignore_errors=True)

# The same examples every time: a change that fails has broken something.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")


ALL_UNWANTED = re.compile(r"^pytestmark = pytest\.mark\.(slow|bench)$", re.MULTILINE)
WITHOUT_THE_LOOP = ("tests/exchange/", "tests/scenario/", "tests/world/", "tests/test_")
WITH_IT_ALL_THE_SAME = ("test_demonstration", "test_export", "test_scenario_shipped", "test_any_size", "test_full_disk",
                        "test_readme")


def pytest_ignore_collect(collection_path, config):
    """Files that are slow or benches as a whole are not read where neither is wanted: True leaves a file out."""
    unwanted = config.option.markexpr == "not slow and not bench" and collection_path.suffix == ".py"
    return True if unwanted and ALL_UNWANTED.search(collection_path.read_text(encoding="utf-8")) else None


@pytest.hookimpl(wrapper=True)
def pytest_collect_directory():
    """The second of two processes reads files from the last to the first: each rewrites the assertions of one half."""
    folder = yield
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        forwards = folder.collect
        folder.collect = lambda: reversed([*forwards()])
    return folder


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put tests that need no compiled loop in the middle, where the second of two processes begins.

    The first needs the loop at once and compiles it; the second would only wait for it.
    """
    items.sort(key=lambda item: item.path)
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
