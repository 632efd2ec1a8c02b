"""qicsim: what quality improvement collaboratives and performance-based financing do to a country's public facilities.

    import qicsim
    runs = qicsim.run("national-2030", draws=20)
    runs.frame()

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.2.0.dev0"

_PLACES = {
    "run": "qicsim.api", "compare": "qicsim.api", "decision": "qicsim.api", "best": "qicsim.api",
    "discover": "qicsim.api", "write_discovery": "qicsim.report.discovery",
    "write_best": "qicsim.report.best",
    "write_decision": "qicsim.report.decision", "Settings": "qicsim.decide.settings",
    "write_comparison": "qicsim.api",
    "load_scenario": "qicsim.inputs.scenario", "change": "qicsim.inputs.scenario", "shipped": "qicsim.inputs.scenario",
    "prior_draws": "qicsim.runs.draws", "default_draw": "qicsim.runs.draws",
    "posterior_draws": "qicsim.runs.posterior", "inference_data": "qicsim.estimate.calibrate.shipped",
    "read_study": "qicsim.analysis.study_kinds", "make_study": "qicsim.analysis.study_kinds",
    "Points": "qicsim.runs.points", "run_experiment": "qicsim.runs.experiment",
    "extend_experiment": "qicsim.runs.experiment", "open_experiment": "qicsim.runs.experiment",
    "merge_experiment": "qicsim.runs.experiment", "write_experiment": "qicsim.runs.experiment",
    "analyse_experiment": "qicsim.analysis.study_kinds", "write_report": "qicsim.report.experiment",
    "Emulator": "qicsim.analysis.emulator", "emulator_of": "qicsim.analysis.study_kinds.emulated",
    "sensitivity": "qicsim.analysis.quick", "sensitivity_study": "qicsim.analysis.quick",
    "history": "qicsim.analysis.history", "history_moves": "qicsim.analysis.history",
    "write_history": "qicsim.report.facility", "project": "qicsim.analysis.projection",
    "plan_export": "qicsim.report.projection_files", "write_projection": "qicsim.report.projection_files",
    "evidence": "qicsim.estimate.evidence.summary", "write_evidence": "qicsim.report.trials",
    "import_data": "qicsim.report.imported",
    "checklist": "qicsim.report.checklists", "write_checklist": "qicsim.report.checklists",
    "values": "qicsim.runs.readout", "build_world": "qicsim.inputs.world.build",
    "build_register": "qicsim.inputs.world.synthetic", "read_register": "qicsim.inputs.world.register",
    "country_of": "qicsim.inputs.country", "in_country": "qicsim.inputs.country",
    "peer_graph": "qicsim.inputs.world.network", "QicModel": "qicsim.agents", "QicsimError": "qicsim.ground.errors",
    "Extension": "qicsim.ground.extension", "use_extension": "qicsim.ground.extension",
}

__all__ = [
    "Emulator",
    "Extension",
    "Points",
    "QicModel",
    "QicsimError",
    "Settings",
    "analyse_experiment",
    "best",
    "build_register",
    "build_world",
    "change",
    "checklist",
    "compare",
    "country_of",
    "decision",
    "default_draw",
    "discover",
    "emulator_of",
    "evidence",
    "extend_experiment",
    "history",
    "history_moves",
    "import_data",
    "in_country",
    "inference_data",
    "load_scenario",
    "make_study",
    "merge_experiment",
    "open_experiment",
    "peer_graph",
    "plan_export",
    "posterior_draws",
    "prior_draws",
    "project",
    "read_register",
    "read_study",
    "run",
    "run_experiment",
    "sensitivity",
    "sensitivity_study",
    "shipped",
    "use_extension",
    "values",
    "write_best",
    "write_checklist",
    "write_comparison",
    "write_decision",
    "write_discovery",
    "write_evidence",
    "write_experiment",
    "write_history",
    "write_projection",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """The public names, loaded from where they live."""
    if name not in _PLACES:
        raise AttributeError(f"module 'qicsim' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]
