"""What several tests share: numbers from declared ranges, functions without compilation, means with standard errors."""

from __future__ import annotations

import contextlib
import html
import io
import multiprocessing
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from unittest import mock

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from qicsim.cli import main
from qicsim.decide.decision import decide
from qicsim.decide.information import evpi
from qicsim.decide.learning import Learning
from qicsim.ground.declare import declared
from qicsim.ground.translatable import tell
from qicsim.inputs.country import default_country
from qicsim.inputs.country.record import TABLES
from qicsim.runs.provenance import PACKAGES

EMBEDDED = {kind: default_country().table(kind) for kind in TABLES}
"""Tables of the default country by kind."""

# Derandomised: the ordinary suite must give the same answer every time.
SMALL_CALIBRATION = """\
runs = 220
round_runs = 64
batch = 64
draws = 40
truths = 12
paired = 12
alternative_runs = 20
"""
"""The study of a calibration as small as one can be."""
PROPERTY = settings(max_examples=100, deadline=None, derandomize=True)

GIBIBYTE = 2**30
shares = st.floats(0.0, 1.0)
points = st.floats(0.0, 100.0)
supports = st.floats(0.0, 9.0)
leaderships = st.floats(0.05, 4.0)
motivations = st.floats(-3.0, 3.0)
normals = st.floats(-6.5, 6.5)
uniforms = st.floats(2.0**-33, 1.0 - 2.0**-33)
stakes = st.floats(0.0, 2.0)


def within(record: type, field: str) -> st.SearchStrategy[float]:
    """Numbers over the declared range of a parameter, ends included."""
    declaration = declared(record)[field].declaration
    return st.floats(declaration.low, declaration.high)


def anywhere(record: type) -> st.SearchStrategy:
    """Records of a group of parameters, each anywhere in its declared range."""
    return st.builds(record, **{field: within(record, field) for field in declared(record)})


def quick_decide(ensemble, reference, settings=None, **more):
    """A decision in which nothing is learnt: values of information take nine tenths of the time of the others."""
    def nothing(used, held, paid):
        return Learning(evpi(held.net), None, None, {}, (), (), (), tell("Nothing is learnt."))

    with mock.patch("qicsim.decide.decision.learning", nothing):
        return decide(ensemble, reference, settings, **more)


def growth(work, size: int, factor: int = 8) -> float:
    """By what the processor time of `work(size)` grows when the size grows by `factor`; the fastest of three each.

    A linear function gives about the factor, a quadratic one its square: eight and 64, far enough apart that a busy
    machine confuses them with nothing.
    """
    def seconds(length: int) -> float:
        begun = time.process_time()
        work(length)
        return time.process_time() - begun

    pairs = [(seconds(size), seconds(size * factor)) for _ in range(3)]
    return min(long for _, long in pairs) / min(short for short, _ in pairs)


def remembered(made):
    """`History._made` that makes no run twice, whichever store is asked for it."""
    memory = {}

    def recalled(history, sets, streams, seed):
        facts = history.digest, seed
        keys = [(*facts, one.tobytes(), int(stream)) for one, stream in zip(sets, streams, strict=True)]
        new = [at for at, key in enumerate(keys) if key not in memory]
        if new:
            memory.update(zip([keys[at] for at in new], zip(*made(history, sets[new], streams[new], seed), strict=True),
                              strict=True))
        return tuple(np.stack(column) for column in zip(*(memory[key] for key in keys), strict=True))

    return recalled


def plain(function):
    """The Python function behind a compiled one."""
    return getattr(function, "py_func", function)


def assert_mean(values, expected: float, *, z: float = 5.0) -> None:
    """The mean of independent `values` is `expected`, within `z` standard errors."""
    error = np.std(values, ddof=1) / np.sqrt(len(values))

    assert abs(np.mean(values) - expected) < z * error, f"{np.mean(values):.4g} +- {error:.2g}, expected {expected:.4g}"


def assert_none(found):
    """Nothing breaks a rule; the message lists everything that does, however long the list is."""
    found = list(found)

    assert not found, f"{len(found)} break the rule:\n" + "\n".join(map(str, found))


def within_memory(function, *arguments):
    """What a function gives in a process of its own with 1 GiB of memory; what it raises is raised here."""
    with multiprocessing.get_context("spawn").Pool(1, _may_have, (GIBIBYTE,)) as pool:
        return pool.apply(function, arguments)


def _may_have(size: int) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def typed(*words, cwd):
    """A command in this process as if it were typed in a folder: its exit code and what it said, as of a process.

    A process of its own would load everything again, two seconds for every command.
    """
    said, complained = io.StringIO(), io.StringIO()
    words = [str(word) for word in words]
    with (contextlib.chdir(cwd), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained),
          mock.patch.object(sys, "argv", ["qicsim", *words])):
        try:
            code = main(words)
        except SystemExit as stopped:
            code = stopped.code or 0
    return subprocess.CompletedProcess(words, code, said.getvalue(), complained.getvalue())


KHMER_WORD = 5
"""Letters of a word of Khmer on average, which is written without spaces."""
CODES = {"PBF", "NQEM", "USAID", "MOH", "CSV", "XLSX", "PNG", "DHIS2", "QIC", "qicsim", "US", "seed", "SHA", "UTF",
         "Poisson", "Python", "sha", *PACKAGES}


def assert_khmer(page: str, names: Iterable[str] = ()) -> None:
    """Less than 2 % of a page's words are in Latin letters, but for names, codes, what is typed, and file names."""
    body = page[page.index("<body"):]
    for part in (r"<code\b.*?</code>", r'<span class="name">.*?</span>', r"<style.*?</style>", r"<script.*?</script>"):
        body = re.sub(part, " ", body, flags=re.DOTALL)
    told = html.unescape(re.sub(r"<[^>]*>", " ", body))
    for name in sorted({*names, "English"}, key=len, reverse=True):
        told = told.replace(name, " ")
    told = re.sub(r"--?[\w-]+|\b[\w-]+\.\w+\b", " ", told)
    latin = [word for word in re.findall(r"[A-Za-z]{2,}", told) if word not in CODES]
    khmer = len(re.findall(r"[\u1780-\u17b3]", told)) / KHMER_WORD
    assert khmer > 50, f"{khmer:.0f} words of Khmer"
    assert len(latin) < 0.02 * (khmer + len(latin)), sorted(set(latin))[:80]
