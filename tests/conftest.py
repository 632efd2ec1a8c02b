"""What all tests share.

Compiled code is kept in the user's ordinary cache: its folder is named after a digest of the sources, so a test never
meets stale code, and only the first session after a change waits for the compiler. QICSIM_CACHE_DIR keeps it elsewhere.
Runs are kept in a folder of this process's own, so that no test meets the runs of an earlier session.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from hypothesis import settings

os.environ["QICSIM_STORE"] = tempfile.mkdtemp(prefix="qicsim-tests-")
atexit.register(shutil.rmtree, os.environ["QICSIM_STORE"], ignore_errors=True)

# The same examples every time: a change that fails has broken something.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")
