"""The server of the page: who may ask, a stream of lines for each change, and the end.

It listens to this machine alone. Whoever asks must come from the page itself (Host, Origin and Sec-Fetch-Site), and
must know the secret, which stands in the fragment of the address, so that no log and no referrer holds it. A change is
one POST that is answered by lines of JSON until all draws are run; a new change of the same tab, or a tab that is
closed, ends the one before between two runs.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import socket
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qicsim.explore.controls import Ask, Country, ask_of
from qicsim.explore.figures import message
from qicsim.explore.made import Maker, costs_csv, scenario_toml
from qicsim.explore.page import render
from qicsim.explore.runs import BATCH, Job, Runs
from qicsim.ground.errors import QicsimError
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import data_files
from qicsim.inputs.world.money import unit_cost_rows
from qicsim.report.explorer import json_of
from qicsim.report.language import ENGLISH, Language, khmer, say, speaking
from qicsim.runs.draws import Draws
from qicsim.runs.shared_store import Place
from qicsim.runs.worker import built_world

HOST = "127.0.0.1"
SECRET = "x-qicsim-secret"  # noqa: S105 the name of a header
MOST_BYTES = 64_000
TABS_KNOWN = 1000
HEADERS = ((b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"),
           (b"x-content-type-options", b"nosniff"), (b"cross-origin-opener-policy", b"same-origin"),
           (b"cross-origin-resource-policy", b"same-origin"),
           (b"content-security-policy", b"frame-ancestors 'none'"))
LANGUAGES: dict[str, Callable[[], Language]] = {"en": lambda: ENGLISH, "km": khmer}
T = TypeVar("T")
_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Change:
    """A change under way; once it is stopped no run of it begins any more."""

    stopped: bool = False

    def stop(self) -> None:
        """End it."""
        self.stopped = True

    def is_stopped(self) -> bool:
        """Whether it was ended."""
        return self.stopped


@dataclass(eq=False)
class Tabs:
    """The latest change of each tab."""

    changes: OrderedDict[str, Change] = field(default_factory=OrderedDict)

    def latest(self, tab: str) -> Change:
        """A new change of a tab; the one before is stopped."""
        before = self.changes.pop(tab, None)
        if before is not None:
            before.stop()
        self.changes[tab] = Change()
        while len(self.changes) > TABS_KNOWN:
            self.changes.popitem(last=False)[1].stop()
        return self.changes[tab]

    def stop(self) -> None:
        """End all changes."""
        for one in self.changes.values():
            one.stop()


Answer = Callable[[dict[str, Any], Change], AsyncIterator[dict[str, Any]]]
"""What a request tells and its change, answered by what the page is told."""


class OnlyThePage:
    """Lets through what the page itself asks; everything else is refused before anything is read."""

    def __init__(self, app: ASGIApp, *, port: int, secret: str) -> None:
        """Guard an application that answers at a port."""
        self.app, self.secret = app, secret.encode()
        self.hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":  # no websocket is ever opened
            return
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        refused = self._refused(scope["method"], headers)
        answer = self.app if refused is None else PlainTextResponse(refused[1], refused[0])

        async def guarded(one: Message) -> None:
            if one["type"] == "http.response.start":
                one["headers"] = [*one.get("headers", ()), *HEADERS]
            await send(one)

        await answer(scope, receive, guarded)

    def _refused(self, method: str, headers: dict[str, bytes]) -> tuple[int, str] | None:
        """The status and the reason, or None."""
        host, origin = headers.get("host", b"").decode("latin-1"), headers.get("origin", b"").decode("latin-1")
        if host not in self.hosts:
            return 400, "This address is not served."
        if origin and origin != f"http://{host}":
            return 403, "Another page may not ask."
        if headers.get("sec-fetch-site", b"none") not in (b"same-origin", b"none"):
            return 403, "Another page may not ask."
        if method == "POST" and not hmac.compare_digest(headers.get(SECRET, b""), self.secret):
            return 403, "The secret is missing or wrong: open the address that qicsim explore printed."
        if method == "POST" and not headers.get("content-length", b"").isdigit():
            return 411, "The length is missing."
        if method == "POST" and int(headers["content-length"]) > MOST_BYTES:
            return 413, "That is too long."
        return None


@dataclass(eq=False)
class Site:
    """The application: its runs, what it makes, and the changes of its tabs."""

    runs: Runs
    maker: Maker
    language: str
    tabs: Tabs = field(default_factory=Tabs)

    def app(self, *, port: int, secret: str) -> ASGIApp:
        """What answers at a port to who knows the secret."""
        routes = [Route("/", self.page), *(Route(f"/{code}", self.page) for code in LANGUAGES),
                  Route("/run", self.run, methods=["POST"]), Route("/toml", self.toml, methods=["POST"]),
                  Route("/costs", self.costs, methods=["POST"]),
                  *(Route(f"/make/{what}", partial(self.make, what), methods=["POST"]) for what in ("page", "plan"))]
        return OnlyThePage(Starlette(routes=routes), port=port, secret=secret)

    async def page(self, request: Request) -> Response:
        """The page in a language."""
        code = request.url.path.strip("/") or self.language
        return HTMLResponse(await run_in_threadpool(render, self.runs, code))

    async def run(self, request: Request) -> Response:
        """A change: lines of JSON, one after each stage."""
        return await self._answered(request, self._run)

    async def make(self, what: str, request: Request) -> Response:
        """The page of a comparison, or a plan: lines that say how far it is, and in the end where it stands."""
        return await self._answered(request, partial(self._make, what))

    async def toml(self, request: Request) -> Response:
        """A plan as a scenario file."""
        return await self._text(request, lambda ask, told: scenario_toml(self.runs, ask, str(told.get("plan", "A"))))

    async def costs(self, request: Request) -> Response:
        """Unit costs as a file."""
        return await self._text(request, lambda ask, _: costs_csv(self.runs.country, ask))

    # ----------------------------------------------------------------------------------------------------- inside

    async def _text(self, request: Request, written: Callable[[Ask, dict[str, Any]], str]) -> Response:
        told = await _told(request)
        try:
            return PlainTextResponse(await run_in_threadpool(
                lambda: written(ask_of(told.get("ask"), self.runs.country), told)))
        except QicsimError as error:
            return JSONResponse({"error": str(error)}, 422)

    async def _answered(self, request: Request, answer: Answer) -> Response:
        """A stream of what an answer says; an error is its last line, and the server goes on."""
        told = await _told(request)
        tab = f"{request.url.path} {told.get('tab')}"
        return StreamingResponse(_lines(answer, told, self.tabs.latest(tab)), media_type="application/x-ndjson")

    async def _run(self, told: dict[str, Any], change: Change) -> AsyncIterator[dict[str, Any]]:
        runs = self.runs
        job = await run_in_threadpool(lambda: runs.job(ask_of(told.get("ask"), runs.country)))
        stages = runs.stages if job.missing(len(runs.draws)) else runs.stages[-1:]  # what is there is told at once
        under_way = asyncio.ensure_future(self._stage(job, stages[0], change))
        try:
            for stage, following in zip(stages, (*stages[1:], None), strict=True):
                await under_way
                if change.stopped:
                    return
                if following is not None:  # is run while the page is told of this one
                    under_way = asyncio.ensure_future(self._stage(job, following, change))
                yield await run_in_threadpool(_said_in, _language(told), message, runs, job, stage)
        finally:
            under_way.cancel()

    async def _stage(self, job: Job, stage: int, change: Change) -> None:
        missing = job.missing(stage)
        for at in range(0, len(missing), BATCH):
            futures = [self.runs.submit(job, draw, change.is_stopped) for draw in missing[at:at + BATCH]]
            await asyncio.gather(*map(asyncio.wrap_future, futures))
            if change.stopped:
                return

    async def _make(self, what: str, told: dict[str, Any], change: Change) -> AsyncIterator[dict[str, Any]]:
        loop, said = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any]]()
        ask, language = ask_of(told.get("ask"), self.runs.country), _language(told)

        def progress(done: int, total: int) -> None:
            if change.stopped:
                raise StoppedError
            loop.call_soon_threadsafe(said.put_nowait, {"done": done, "total": total})

        work = asyncio.ensure_future(run_in_threadpool(self.maker.make, what, ask, str(told.get("plan", "A")),
                                                       language.code, progress))
        try:
            while not work.done():
                with suppress(TimeoutError):
                    yield await asyncio.wait_for(said.get(), 0.5)
            yield {"file": str(work.result()), "said": _said_in(language, say, "Written: {file}", file=work.result())}
        finally:
            change.stop()


class StoppedError(QicsimError):
    """What was being made is not wanted any more."""


async def _lines(answer: Answer, told: dict[str, Any], change: Change) -> AsyncIterator[str]:
    """What an answer says as lines; however it ends, no run of it begins any more."""
    try:
        async for one in answer(told, change):
            yield f"{json_of(one)}\n"
    except QicsimError as error:
        yield f"{json_of({'error': str(error)})}\n"
    except Exception as error:  # noqa: BLE001 whatever a run raises is shown, and the server goes on
        _LOG.exception("A change failed.")
        yield f"{json_of({'error': f'{type(error).__name__}: {error}'})}\n"
    finally:
        change.stop()


async def _told(request: Request) -> dict[str, Any]:
    """The JSON of a request; nothing where it is none."""
    try:
        told = json.loads(await request.body())
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said_in(language: Language, make: Callable[..., T], *given: Any, **fields: Any) -> T:
    """What is made while a language is spoken."""
    with speaking(language):
        return make(*given, **fields)


def _language(told: dict[str, Any]) -> Language:
    return LANGUAGES.get(str(told.get("language")), LANGUAGES["en"])()


# ------------------------------------------------------------------------------------------------------------ serving


def site_of(reference: Scenario, draws: Draws, *, seed: int, workers: int | None, folder: Path, store: Place,
            language: str) -> Site:
    """The site of a reference; InputError kinds for its data files. The draws' pasts begin to be lived."""
    world = built_world(reference)
    costs = {row.key: row for row in unit_cost_rows(data_files(reference)["unit_costs"])}
    runs = Runs(Country(reference, len(world.districts), costs), draws, seed=seed, workers=workers)
    runs.begin()
    return Site(runs, Maker(runs, folder, store), LANGUAGES.get(language, LANGUAGES["en"])().code)


def listening(port: int) -> socket.socket:
    """A socket that listens to this machine alone, at a port or at one that is free (0); OSError where it is taken."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen()  # who opens the address before the server runs is answered when it does
    except OSError:
        found.close()
        raise
    return found


def server_of(site: Site, found: socket.socket, secret: str) -> Any:
    """A uvicorn server of a site; told to end, it stops changes first, so that their streams end with it."""
    import uvicorn

    class Server(uvicorn.Server):
        """As above."""

        def handle_exit(self, sig: int, frame: Any) -> None:
            site.tabs.stop()
            super().handle_exit(sig, frame)

    return Server(uvicorn.Config(site.app(port=found.getsockname()[1], secret=secret), log_level="warning",
                                 access_log=False, timeout_graceful_shutdown=1, lifespan="off", ws="none",
                                 server_header=False))


def serve(site: Site, found: socket.socket, secret: str) -> None:
    """Serve until Ctrl-C, which is raised as KeyboardInterrupt; then no run begins any more."""
    try:
        server_of(site, found, secret).run(sockets=[found])
    finally:
        site.tabs.stop()
        site.runs.executor.shutdown(wait=True, cancel_futures=True)
