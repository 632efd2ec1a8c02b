"""The cache of compiled code: named after the sources, never stale, kept to its own folders."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from qicsim.ground.compiled import KEPT_CACHES, PACKAGE, _prepare, cache_root

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
    environment = os.environ | {"PYTHONPATH": str(package.parent), "QICSIM_CACHE_DIR": str(cache)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run([sys.executable, "-c", PROBE], env=environment, cwd=package.parent, capture_output=True,
                          text=True, check=True)
    return json.loads(done.stdout)


def test_a_change_in_a_called_file_changes_the_digest_and_the_answer(copy, tmp_path):
    """numba's own cache would go on giving 2: the calling file has not changed."""
    first = probe(copy, tmp_path / "cache")
    again = probe(copy, tmp_path / "cache")
    (copy / "model" / "part.py").write_text(PART.format(factor=3.0))
    changed = probe(copy, tmp_path / "cache")

    assert first == again
    assert (first["answer"], changed["answer"]) == (2.0, 3.0)
    assert first["digest"] != changed["digest"]


def test_compiled_code_is_kept_where_the_user_says(copy, tmp_path):
    found = probe(copy, tmp_path / "cache")

    assert found["cached"]
    assert Path(found["folder"]) == tmp_path / "cache" / f"compiled-{found['digest']}"
    assert list(Path(found["folder"]).rglob("*.nbi"))
    assert not list(copy.rglob("*.nbi"))


def test_where_the_folder_cannot_be_written_nothing_is_cached(copy, tmp_path):
    """Not even beside the source, where numba would fall back to."""
    (tmp_path / "file").write_text("not a folder")
    found = probe(copy, tmp_path / "file" / "cache")

    assert not found["cached"]
    assert found["answer"] == 2.0
    assert not list(tmp_path.rglob("*.nbi"))


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
