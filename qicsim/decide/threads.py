"""Linear algebra in one thread: matrices are small, and threads that wait for each other cost more than they bring.

On two busy cores, a test that calls the regressions a thousand times took sixty times as long with two threads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

P = ParamSpec("P")
T = TypeVar("T")


def one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Decorates a function: BLAS has one thread while it runs; compiled code and other libraries keep theirs."""
    @wraps(function)
    def held(*args: P.args, **kwargs: P.kwargs) -> T:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return held
