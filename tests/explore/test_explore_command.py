"""The command: it prints an address that answers, ends with Ctrl-C, and refuses what it cannot use in words."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import urllib.request

import pytest

from qicsim.__main__ import main
from tests.worlds import data_folder

HEARS = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that runs in the background ignores it
runpy.run_module("qicsim", run_name="__main__", alter_sys=True)
"""


def test_it_prints_an_address_that_answers_and_ends_with_ctrl_c(tmp_path):
    command = [sys.executable, "-c", HEARS, "explore", "--no-browser", "--draws", "8", "--language", "km", "--data",
               str(data_folder(tmp_path)), "--no-store"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as started:
        try:
            line = started.stdout.readline()
            address, secret = re.search(r"(http://127\.0\.0\.1:\d+/)#secret=([\w-]{32})\n", line).groups()
            page = urllib.request.urlopen(address, timeout=60).read().decode()  # noqa: S310 of this machine
            started.send_signal(signal.SIGINT)
            said, errors = started.communicate(timeout=60)
        finally:
            started.kill()

    assert '<html lang="km">' in page and secret not in page
    assert (started.returncode, said.splitlines()[-1]) == (0, "Ended.")
    assert "Traceback" not in errors and "secret" not in errors
    assert not (tmp_path / "qicsim-explore").exists(), "nothing was made"


@pytest.mark.parametrize(("words", "said"), [
    (["--port", "80"], "--port"), (["--data", "nowhere"], "nowhere"), (["--draws", "many"], "--draws"),
    (["--language", "fr"], "--language"), (["national-2030"], "national-2030"), (["--until", "2028"], "--until")])
def test_what_cannot_be_used_is_refused_before_anything_is_served(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert main(["explore", "--no-browser", *words]) == 2
    assert said in capsys.readouterr().err


def test_without_its_packages_it_says_what_brings_them(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    assert main(["explore", "--no-browser"]) == 2
    assert 'pip install "qicsim[explore]"' in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(served, capsys):
    assert main(["explore", "--no-browser", "--port", str(served.port)]) == 2
    assert f"{served.port} cannot be used" in capsys.readouterr().err
