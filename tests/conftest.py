"""What all tests share.

Compiled code is kept in the user's ordinary cache: its folder is named after a digest of the sources, so a test never
meets stale code, and only the first session after a change waits for the compiler. QICSIM_CACHE_DIR keeps it elsewhere.
"""

from __future__ import annotations

from hypothesis import settings

# The same examples every time: a change that fails has broken something.
settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")
