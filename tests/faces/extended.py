"""A process with the extension of the tutorial: its store, pairing, Mesa face, sensitivity and page, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import qicsim

FILE = Path(__file__).parents[2] / "docs" / "extensions" / "peer_learning.py"
MEETINGS = '\n[[change]]\nfrom = "2018-07"\npeer_meetings = 1\n'
PARAMETERS = ("peer_learning.share", "assessment.noise")


def found(folder: Path) -> dict[str, object]:
    """What the tutorial says holds, in numbers."""
    qicsim.use_extension(FILE)

    import numpy as np

    from qicsim.agents import QicModel
    from qicsim.ground.declare import declared
    from qicsim.model.ledger import LEDGER
    from qicsim.model.parameters import Parameters
    from qicsim.runs.draws import names, prior_draws
    from qicsim.runs.identity import code_digest
    from tests.worlds import SCENARIO, country_of, differing, parameters, register_text

    head, *rows = register_text().splitlines(keepends=True)
    (folder / "register.csv").write_text(head + "".join(row for row in rows if row.startswith("OD-BA1")))
    (folder / "without.toml").write_text(SCENARIO.replace("2020-12", "2018-12"))
    (folder / "with.toml").write_text(SCENARIO.replace("2020-12", "2018-12") + MEETINGS)

    plan = qicsim.load_scenario(folder / "with.toml")
    country, share = country_of(plan), {"peer_learning.share": 0.2}
    state = country.run(parameters(share), state=country.run(parameters(share)))  # nothing of a first run is left
    lived = QicModel(country.world, plan, share).run()

    asked = {"draws": prior_draws(2), "replicates": 1, "store": folder / "store", "workers": 1}
    first = qicsim.compare([folder / "with.toml"], reference=folder / "without.toml", **asked)
    stored = {path: path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file()}
    again = qicsim.compare([folder / "with.toml"], reference=folder / "without.toml", **asked)
    true = [qicsim.values(first.ensemble, name, "true") for name in ("without", "with")]
    lines = sum(qicsim.values(first.ensemble, "with", f"ledger_{line}") for line in LEDGER)

    findings = qicsim.sensitivity(folder / "with.toml", parameters=PARAMETERS, indicators=["true", "meetings"], size=4,
                                  replicates=1, source="prior", executor="serial")
    return {
        "code": code_digest(), "names": names()[-1:], "default": declared(Parameters)["peer_learning.share"].default,
        "draws": prior_draws(3).values.tolist(), "differing": differing(lived.state, state),
        "agent": sum(agent.meetings for agent in lived.facilities), "meetings": float(state.facility["meetings"].sum()),
        "open": float(np.abs(state.facility["ledger"].sum(axis=1) - state.facility["true_score"]).max()),
        "booked": float(state.facility["ledger"][:, LEDGER.index("best_peer")].sum()),
        "before": float(np.abs(true[1] - true[0])[:, :2].max()), "after": (true[1] - true[0])[:, -1].tolist(),
        "sums": float(np.abs(lines - true[1]).max()),
        "kept": stored == {path: path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file()},
        "same": bool(np.array_equal(true[1], qicsim.values(again.ensemble, "with", "true"))),
        "sentences": findings.sentences}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(found(Path(sys.argv[1]))))
