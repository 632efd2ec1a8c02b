"""Progress of long work: how far, how fast, how long still. On stderr, so that output can be piped."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Told = Callable[[int, int], None]
"""What is called with (done, in all)."""
SECONDS_UNTOLD = 1.0
"""How long work that nobody asked to watch may take without a word."""
SECONDS_BETWEEN = 0.2
SECONDS_BETWEEN_LINES = 10.0
SECONDS_OF_A_RATE = 2.0
"""How long work must have gone on since its first part came before its rate is told."""
SECONDS_OF_COMPILING = 10.0
"""A longer wait, after a first part that came sooner, is taken for a compiler's: that part was found, not made."""


def progress_of(progress: Told | bool | None, what: str = "Runs") -> Told | None:  # noqa: FBT001
    """What a function of the package tells its progress: what it was given, True one of its own, False nobody.

    With None, the default, it tells by itself in a terminal and in a notebook what takes more than a second.
    """
    if callable(progress):
        return progress
    if progress is None:
        return Progress(what, after=SECONDS_UNTOLD) if in_terminal() or in_notebook() else None
    return Progress(what) if progress else None


def in_terminal() -> bool:
    """Whether somebody watches a terminal."""
    return sys.stderr.isatty()


def in_notebook() -> bool:
    """Whether what is written goes to a notebook."""
    return type(sys.stderr).__module__.partition(".")[0] == "ipykernel"


class Progress:
    """Called with (done, total); writes one line that is renewed, or a line now and then where nobody watches."""

    def __init__(self, what: str, *, quiet: bool = False, after: float = 0.0) -> None:
        """Begin to count; `what` names what is counted, `after` so many seconds it is told."""
        self.what = what
        self.quiet = quiet
        self.watched = in_terminal() or in_notebook()
        self.last = time.monotonic()
        self.told_from = self.last + after
        self.told = False
        self.first: int | None = None  # how much was done when the count began: what was found of earlier calls
        self.pace: tuple[int, float] | None = None  # how much was done when the first part came, and when that was
        self.began = self.came = self.last  # when the count began, and when the last part came

    def __call__(self, done: int, total: int) -> None:
        """Show how far the work is."""
        now = time.monotonic()
        if self.first is None:
            self.first = done
        elif self._begins(done, now):
            self.pace = done, now
        self.came = now
        wait = SECONDS_BETWEEN if self.watched else SECONDS_BETWEEN_LINES
        if self.quiet or (now - self.last < wait and done < total) or (now < self.told_from and not self.told):
            return
        self.last, self.told = now, True
        share = f"{done:,} of {total:,} ({100 * done // total} %)"
        text = f"{self.what}: {share}{self._found()}{self._speed(done, total, now)}"
        sys.stderr.write(f"\r{text:<78}" if self.watched else f"{text}\n")
        if self.watched and done == total:
            sys.stderr.write("\n")
        sys.stderr.flush()

    def _begins(self, done: int, now: float) -> bool:
        """Whether this is the first part, or the first one after code was compiled."""
        if self.pace is None:
            return done > (self.first or 0)
        return self.pace[1] - self.began < SECONDS_OF_COMPILING < now - self.came

    def _found(self) -> str:
        """How much was there before."""
        return f", {self.first:,} were there already" if self.first else ""

    def _speed(self, done: int, total: int, now: float) -> str:
        """Rate and time left, once they can be told.

        Both count from when the first part came: before it code may have been compiled, which will not happen again.
        """
        before, since = self.pace or (done, now)
        counted, seconds = done - before, now - since
        if counted < 1 or seconds < SECONDS_OF_A_RATE:
            return ""
        return f", {counted / seconds:,.1f} a second, {(total - done) * seconds / counted:,.0f} s left"
