"""`qicsim explore`: a local page whose sliders run the model."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from qicsim.cli.options import overrides, take
from qicsim.cli.prepared import store_of

FOLDER = "qicsim-explore"
SECRET_BYTES = 24
EXTRA = ("starlette", "uvicorn")


def add(commands: Any) -> None:
    """Declare the command."""
    command = commands.add_parser(
        "explore", help="what if? a page on this machine whose sliders run the model",
        description="Opens a page that this machine alone can reach. Levers, assumptions and unit costs are moved on "
                    "it, and the model is run for two plans beside the reference. A choice can be saved as a scenario "
                    "file, and the full page and the plan made of it. Ctrl-C ends it.")
    take(command, "data", "language", "port", "no_browser", "out", "draws", "seed", "set", "costs", "extend", "store",
         "no_store", "workers", "quiet", draws=64, out=FOLDER)
    command.set_defaults(prepare=prepare, command=execute)


def prepare(options: argparse.Namespace) -> dict[str, Any]:
    """The reference and the draws; SettingError for what cannot be used, or without what the command needs."""
    from importlib.util import find_spec

    from qicsim.api import resolve
    from qicsim.cli.written import output_folder
    from qicsim.explore.controls import refuse_country
    from qicsim.ground.errors import Fault, SettingError
    from qicsim.inputs.scenario import REFERENCE
    from qicsim.runs.posterior import draws_from

    lacking = [name for name in EXTRA if find_spec(name) is None]
    if lacking:
        raise SettingError("", [Fault("explore", f"{' and '.join(lacking)} cannot be found",
                                      hint='`pip install "qicsim[explore]"` brings what it needs')])
    drawn = options.draws if isinstance(options.draws, dict) else {"draws": options.draws}
    draws = draws_from(drawn.get("source"), drawn.get("draws", 64), options.seed, options.data)
    reference = resolve(REFERENCE, None, options.data, *overrides(options).values())
    refuse_country(reference)
    return {"reference": reference, "draws": draws, "seed": options.seed, "workers": options.workers,
            "folder": output_folder(options.out), "store": store_of(options)}


def execute(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    import secrets

    from qicsim.explore.server import HOST, listening, serve, site_of
    from qicsim.ground.errors import Fault, SettingError

    try:
        socket = listening(options.port or 0)
    except OSError as error:
        raise SettingError("", [Fault("--port", f"{options.port} cannot be used ({error.strerror})",
                                      hint="Without --port one that is free is taken")]) from error
    with socket:
        site = site_of(**options.prepared, language=options.language)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        address = f"http://{HOST}:{socket.getsockname()[1]}/#secret={secret}"
        sys.stdout.write(f"What if? {address}\nThis machine alone can open it. Ctrl-C ends it.\n")
        sys.stdout.flush()
        if not options.no_browser:
            _open(address)
        try:
            serve(site, socket, secret)
        except KeyboardInterrupt:
            sys.stdout.write("\nEnded.\n")
    return 0


def _open(address: str) -> None:
    """Open the page in the browser, once the server has had time to answer."""
    import threading
    import webbrowser

    threading.Timer(0.5, webbrowser.open, (address,)).start()
