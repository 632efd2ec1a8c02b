"""Linear algebra in one thread, and what hangs on it."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from qicsim.decide.information import evppi
from qicsim.decide.studies import evsi, rescoring
from qicsim.estimate.calibrate.fitting import fit
from qicsim.estimate.calibrate.posterior_as_prior import InformedPrior
from qicsim.estimate.calibrate.proof_report import prove
from qicsim.estimate.calibrate.update import update
from qicsim.ground.threads import one_thread
from qicsim.inputs.observed.levels import estimate


def blas_threads() -> set[int]:
    np.linalg.eigh(np.eye(3))
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_its_own_again_outside():
    with threadpool_limits(limits=2, user_api="blas"):
        outside = blas_threads()

        assert one_thread(blas_threads)() == {1}
        assert blas_threads() == outside


def test_threads_come_back_after_an_error():
    with threadpool_limits(limits=2, user_api="blas"):
        outside = blas_threads()
        with pytest.raises(ZeroDivisionError):
            one_thread(lambda: 1 / 0)()

        assert blas_threads() == outside


@pytest.mark.parametrize("entry", [fit, prove, update, estimate, evppi, evsi, rescoring])
def test_what_decides_by_last_digits_runs_in_one_thread(entry):
    assert entry.__wrapped__.__name__ == entry.__name__


def test_a_prior_of_draws_is_the_same_with_any_number_of_threads():
    digests = set()
    for threads in (1, 2):
        with threadpool_limits(limits=threads, user_api="blas"):
            digests.add(InformedPrior.shipped().digest)

    assert len(digests) == 1
