"""A session of the live page that several tests ask: few draws, on a thread of its own."""

from __future__ import annotations

import contextlib
import contextvars
import http.client
import json
import threading
import time
from dataclasses import dataclass

import pytest

from qicsim.api import resolve
from qicsim.runs.posterior import draws_from
from tests.worlds import data_folder

pytest.importorskip("starlette", reason="the extra explore is not installed")

SECRET = "s" * 32
DRAWS = 12
"""Two stages: eight draws, then all."""


def ask(plan_a=None, plan_b=None, **more):
    """What a page asks."""
    plans = {"A": {"preset": "national-2030"} | (plan_a or {})}
    return {"plans": plans | ({} if plan_b is None else {"B": plan_b}), **more}


@dataclass
class Served:
    """A site that is served at a port of this machine."""

    site: object
    port: int
    folder: object

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def request(self, method="POST", path="/run", body=None, **headers):
        """Status and text of an answer; `headers` replace those of the page itself, None leaves one out."""
        known = {"x-qicsim-secret": SECRET, "content-type": "application/json"} if method == "POST" else {}
        known |= {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {name: value for name, value in known.items() if value is not None})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())

    def run(self, asked, tab="one", **more):
        """The lines that a change is answered with."""
        _, text, _ = self.request(body={"tab": tab, "ask": asked} | more)
        return [json.loads(line) for line in text.splitlines()]


@contextlib.contextmanager
def serving(reference, folder, draws=DRAWS):
    """A site that is served as long as the `with` lasts."""
    from qicsim.explore.server import listening, server_of, site_of

    site = site_of(reference, draws_from(None, draws, 1), seed=1, workers=2, folder=folder, store=False, language="en")
    with listening(0) as socket:
        server = server_of(site, socket, SECRET)
        thread = threading.Thread(target=contextvars.copy_context().run, args=(server.run, [socket]), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Served(site, socket.getsockname()[1], folder)
        site.tabs.stop()
        server.should_exit = True
        thread.join()
        site.runs.executor.shutdown(wait=True, cancel_futures=True)


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The reference on a data folder of 43 facilities in seven districts."""
    return resolve("reported", None, data_folder(tmp_path_factory.mktemp("few")))


@pytest.fixture(scope="session")
def served(small, tmp_path_factory):
    with serving(small, tmp_path_factory.mktemp("explored")) as found:
        yield found
