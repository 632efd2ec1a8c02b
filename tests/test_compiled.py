"""The cache of compiled code: named after the sources, never stale, kept to its own folders."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from qicsim.ground import compiled
from qicsim.ground.compiled import (
    KEPT_CACHES,
    PACKAGE,
    _prepare,
    cache_root,
    compile_for,
    compiled_digest,
    is_compiled,
)
from qicsim.model import simulate as simulation

PROBE = """
import json, numba
from qicsim.ground import compiled
from qicsim.model.whole import whole
print(json.dumps({"digest": compiled.SOURCE_DIGEST, "cached": compiled.CACHED, "folder": numba.config.CACHE_DIR,
                  "answer": whole(1.0)}))
"""
PART = "from qicsim.ground.compiled import compiled\n\n\n@compiled\ndef part(x):\n    return {factor} * x\n"
WHOLE = ("from qicsim.ground.compiled import compiled\nfrom qicsim.model.part import part\n\n\n"
         "@compiled\ndef whole(x):\n    return part(x)\n")


@pytest.fixture
def copy(tmp_path):
    """A copy of what compiled code is made of, with two functions in two files: one calls the other."""
    package = tmp_path / "qicsim"
    shutil.copytree(PACKAGE / "model", package / "model", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PACKAGE / "ground", package / "ground", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE / "__init__.py", package)
    (package / "model" / "part.py").write_text(PART.format(factor=2.0))
    (package / "model" / "whole.py").write_text(WHOLE)
    return package


def probe(package, cache):
    """What a fresh process finds: digest, whether it caches, where, and whole(1.0)."""
    return probe_and_hear(package, cache)[0]


def probe_and_hear(package, cache, **settings):
    """What a fresh process finds, and what it says on stderr."""
    environment = os.environ | {"PYTHONPATH": str(package.parent), "QICSIM_CACHE_DIR": str(cache),
                                "PYTHONDONTWRITEBYTECODE": "1"} | settings  # files are edited within a second
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, cwd=package.parent, capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout), done.stderr


def test_compiled_code_is_kept_where_the_user_says_until_a_called_file_changes(copy, tmp_path):
    """The digest and the answer change; numba's own cache would go on giving 2: the calling file has not changed."""
    first = probe(copy, tmp_path / "cache")
    (copy / "model" / "part.py").write_text(PART.format(factor=3.0))
    changed = probe(copy, tmp_path / "cache")

    assert (first["answer"], changed["answer"]) == (2.0, 3.0)
    assert first["digest"] != changed["digest"]
    for found in (first, changed):
        assert found["cached"]
        assert Path(found["folder"]) == tmp_path / "cache" / f"compiled-{found['digest']}"
        assert list(Path(found["folder"]).rglob("*.nbi"))
    assert not list(copy.rglob("*.nbi"))


def test_where_the_folder_cannot_be_written_a_temporary_one_of_the_user_is_taken_and_that_is_said(copy, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "tmp").mkdir()
    found, said = probe_and_hear(copy, tmp_path / "file" / "cache", TMPDIR=str(tmp_path / "tmp"))

    own = tmp_path / "tmp" / f"qicsim-{os.getuid()}"
    assert Path(found["folder"]).parent == own
    assert own.stat().st_mode & 0o777 == 0o700
    assert list(own.rglob("*.nbi"))
    assert said.count(str(tmp_path / "file" / "cache")) == 1


def test_where_no_folder_is_safe_nothing_is_cached_and_that_is_said(copy, tmp_path):
    """Not even beside the source, where numba would fall back to."""
    (tmp_path / "file").write_text("not a folder")
    own = unsafe(tmp_path, "a link")
    found, said = probe_and_hear(copy, tmp_path / "file" / "cache", TMPDIR=str(own.parent))

    assert not found["cached"]
    assert found["answer"] == 2.0
    assert not list(tmp_path.rglob("*.nbi"))
    assert "every process compiles anew" in said


@pytest.mark.parametrize("spoil", ["open to others", "a link", "a file"])
def test_a_temporary_folder_that_is_not_the_users_alone_is_not_taken(tmp_path, monkeypatch, capsys, spoil):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("QICSIM_CACHE_DIR", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(compiled.tempfile, "tempdir", str(unsafe(tmp_path, spoil).parent))

    assert compiled._folder_for("compiled-0") is None
    assert "every process compiles anew" in capsys.readouterr().err


def unsafe(folder, spoil):
    """A temporary folder of the user's name that is not safe."""
    own = folder / "tmp" / f"qicsim-{os.getuid()}"
    own.parent.mkdir()
    if spoil == "open to others":
        own.mkdir()
        own.chmod(0o777)
    elif spoil == "a link":
        (folder / "elsewhere").mkdir()
        own.symlink_to(folder / "elsewhere")
    else:
        own.write_text("")
    return own


def test_only_old_folders_of_our_own_are_dropped(tmp_path):
    own = [tmp_path / f"compiled-{number:016x}" for number in range(KEPT_CACHES + 3)]
    others = [tmp_path / name for name in ("compiled-notes", "results", "compiled-")]
    for age, folder in enumerate([*own, *others]):
        folder.mkdir()
        os.utime(folder, (1_000_000 + age, 1_000_000 + age))

    assert _prepare(own[0])

    kept = {path for path in tmp_path.iterdir() if path not in others}
    assert kept == {own[0], *own[-(KEPT_CACHES - 1):]}
    assert all(folder.exists() for folder in others)


def test_the_cache_lies_in_the_users_cache_folder_unless_one_is_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("QICSIM_CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_root() == tmp_path / "qicsim"

    monkeypatch.setenv("QICSIM_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_root() == tmp_path / "mine"


# -------------------------------------------------------------------------------------------------- what it computes


@pytest.mark.parametrize(("change", "same"), [
    (lambda text: text.replace("def drift_change", "# A remark.\n\n\ndef drift_change"), True),
    (lambda text: text.replace('"""Points of drift in a month."""', '"""Points,\n\n    by the month."""'), True),
    (lambda text: text.replace("return drift.trend0 * gap", "return (drift.trend0\n            * gap)"), True),
    (lambda text: text.replace("return drift.trend0 * gap", "return drift.trend0 * gap * 1.5"), False),
    (lambda text: text.replace("0.02", "0.03"), False),
    (lambda text: text.replace("drift.trend0 * gap", "drift.trend0 + gap"), False),
], ids=["a comment", "a docstring", "a line break", "a factor", "a number", "an operator"])
def test_the_digest_of_compiled_code_follows_what_it_computes_and_not_what_is_said_of_it(copy, change, same):
    before, file = compiled_digest(copy), copy / "model" / "mechanisms" / "drift.py"
    text = file.read_text()
    file.write_text(change(text))

    assert file.read_text() != text
    assert (compiled_digest(copy) == before) == same


def test_the_digest_of_what_is_compiled_knows_the_versions_of_numba_and_numpy(monkeypatch):
    digests = {compiled_digest()}
    for module in (compiled.numba, compiled.np):
        monkeypatch.setattr(module, "__version__", "0.0.0")
        digests.add(compiled_digest())

    assert len(digests) == 3


# ------------------------------------------------------------------------------------------------------ is it there


TOLD = """
import sys
from qicsim.ground.compiled import compile_for, is_compiled
from qicsim.model.whole import whole
before = is_compiled(whole, (1.0,))
compile_for(whole, (1.0,))
print(before, is_compiled(whole, (1.0,)), is_compiled(whole, (1,)), sum(whole.stats.cache_hits.values()))
"""


def test_a_second_process_knows_that_compiled_code_is_there(copy, tmp_path):
    def told():
        environment = os.environ | {"PYTHONPATH": str(copy.parent), "QICSIM_CACHE_DIR": str(tmp_path / "cache")}
        printed = subprocess.run([sys.executable, "-c", TOLD], env=environment, cwd=copy.parent, capture_output=True,
                                 text=True, check=True).stdout
        return printed.split()

    assert told() == ["False", "True", "False", "0"]
    assert told() == ["True", "True", "False", "1"]


def test_of_processes_that_begin_together_one_compiles_and_the_others_wait(tmp_path, monkeypatch):
    class Watched:
        """A compiled function that finds, while it is compiled, that another process would have to wait."""

        signatures, py_func = (), staticmethod(probe)

        def compile(self, _types):
            (lock,) = tmp_path.glob("*.lock")
            with pytest.raises(Timeout):
                FileLock(lock, timeout=0).acquire()
            assert not is_compiled(self, (1.0,))

    monkeypatch.setattr(compiled, "FOLDER", tmp_path)
    compile_for(Watched(), (1.0,))

    assert is_compiled(Watched(), (1.0,))


def test_the_user_is_told_of_compiling_once_and_only_where_it_happens(monkeypatch):
    said, there = [], [False, True]
    monkeypatch.setattr(simulation, "is_compiled", lambda function, arguments: there.pop(0))
    monkeypatch.setattr(simulation, "compile_for", lambda function, arguments: said.append("compiled"))

    assert simulation.ready((), said.append)
    assert not simulation.ready((), said.append)
    assert [text.split(",")[0] for text in said] == ["Compiling for this processor", "compiled"]


def test_the_plain_interpreter_has_nothing_to_compile():
    def plain(x):
        return x

    compile_for(plain, (1.0,))
    assert is_compiled(plain, (1.0,))
