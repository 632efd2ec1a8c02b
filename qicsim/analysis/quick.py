"""Sensitivity without a study file: the same study, runs and findings, asked for by arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qicsim.analysis.findings import Findings
from qicsim.analysis.sensitivity import GIVEN_UP, TOLERANCE
from qicsim.analysis.study_kinds import analyse_experiment, make_study
from qicsim.analysis.study_kinds.sensitivity import LAST, WAYS
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.inputs.country import home
from qicsim.inputs.scenario import Scenario
from qicsim.runs.executors import DEFAULT
from qicsim.runs.experiment import run_experiment
from qicsim.runs.schedule import Progress
from qicsim.runs.study import Study

SIZES = {"screening": 16, "sobol": 256, "shapley-effects": 128, "pawn": 512, "emulator": 512}
INDICATORS = ("true", "recorded")


def sensitivity_study(scenario: str | Path | Scenario | None = None, *, method: str = "screening",
                      against: str | Path | Scenario | None = None, parameters: Any = "all",
                      levers: Mapping[str, Sequence[Any]] | None = None, since: str | None = None,
                      indicators: Sequence[str] = INDICATORS, times: str | Sequence[str] = LAST,
                      size: int | None = None, replicates: int = 2, source: str | Path | None = None, seed: int = 1,
                      until: str | None = None, data: Path | str | None = None, tolerance: float = TOLERANCE,
                      set: Mapping[str, Any] | None = None, costs: Path | str | None = None,  # noqa: A002
                      **design: Any) -> Study:
    """The study of a sensitivity analysis; DataError or SettingError with every fault.

    Args:
        scenario: a shipped name, a file, or a resolved scenario; by default the plan that the country names.
        method: "screening", "sobol", "shapley-effects", "pawn" or "emulator".
        against: a reference: then the paired difference from it is analysed.
        parameters: "all", a list of names, or {"screening": "ranking.csv", "number": 8}.
        levers: values of each lever; with a reference it is set in both scenarios.
        since: month from which the levers hold.
        indicators: what is looked at.
        times: "last", "all" (the ends of years), or a list of years.
        size: base points, trajectories or points (by method: `SIZES`).
        replicates: runs of each point, two or more to know the noise.
        source: where parameters vary: "prior", "posterior" or a posterior file (the shipped posterior).
        seed: fixes design and luck.
        until: last month of the horizon.
        data: a data folder of real facilities.
        tolerance: half-width at which an index is called converged.
        set: values by path that hold for all scenarios.
        costs: a file of unit costs of all scenarios.
        design: as in a study file: luck, sample, dummy, groups, correlated, second_order, within, match.
    """
    _check_method(method)
    scenario = home().plan if scenario is None else scenario
    names = [scenario] if against is None else [against, scenario]
    asked = {"kind": method, "parameters": _listed(parameters), "times": _listed(times), "tolerance": tolerance,
             "levers": {name: list(values) for name, values in (levers or {}).items()} or None, "from": since, **design}
    return make_study([str(one) if isinstance(one, Path) else one for one in names], name="sensitivity",
                      title=title_of(names, method), draws=SIZES[method] if size is None else size,
                      replicates=replicates, seed=seed, keep={"indicators": list(indicators), "every": "year"},
                      analysis=_said(asked), **_said({"from": source, "until": until, "data": data,
                                                      "set": set or None, "costs": costs}))


def _check_method(method: str) -> None:
    """SettingError for a method that there is not, or no more."""
    if method in GIVEN_UP:
        raise SettingError("", [Fault("method", f'"{method}" {GIVEN_UP[method]}')])
    if method not in WAYS:
        raise SettingError("", [Fault("method", f'"{method}"', ", ".join(WAYS), nearest(method, WAYS))])


def _listed(value: Any) -> Any:
    """A word or a table as it is, anything else as a list."""
    return value if isinstance(value, str | Mapping) else list(value)


def _said(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table without what was not said; paths as texts."""
    return {key: str(value) if isinstance(value, Path) else value for key, value in table.items() if value is not None}


def sensitivity(scenario: str | Path | Scenario | None = None, *, folder: Path | str | None = None,
                executor: str = DEFAULT, workers: int | None = None, progress: Progress | bool | None = None,
                **asked: Any
                ) -> Findings:
    """Which parameters and levers move the results of a scenario; `asked` are the arguments of `sensitivity_study`.

    Runs are kept in `folder`, where the same call goes on and a larger one continues; without one they are not kept.
    """
    study = sensitivity_study(scenario, **asked)
    if folder is not None:
        return analyse_experiment(run_experiment(study, folder, executor=executor, workers=workers, progress=progress))
    with TemporaryDirectory() as place:
        return analyse_experiment(run_experiment(study, place, executor=executor, workers=workers, progress=progress))


def title_of(scenarios: Sequence[str | Path | Scenario], method: str) -> str:
    """A title that names scenarios and method."""
    named = [one.name if isinstance(one, Scenario) else Path(one).stem for one in scenarios]
    what = named[0] if len(named) == 1 else f"what {named[1]} brings beyond {named[0]}"
    return f"What moves {what}: {method.replace('-', ' ')}"
