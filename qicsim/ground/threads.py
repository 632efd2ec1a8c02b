"""Linear algebra in one thread: sums in another order end in other digits, and small matrices gain nothing by threads.

The last digits of a product depend on how many threads a linear algebra library shares it among, and a sampler that
accepts or refuses by them goes another way: with one thread and with two an update chose other draws. And on two busy
cores a test that calls regressions a thousand times took sixty times as long with two threads as with one.
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
