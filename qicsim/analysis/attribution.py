"""Attribution by the ledger: points of true quality by the mechanism that made them, over time.

The ledger books every change of a facility's true composite when it happens; its lines add up to the mean true quality
of the group. Kept runs hold single precision, so sums agree to about a thousandth of a point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qicsim.analysis.contrasts import Contrast, contrast
from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.intervals import LEVEL
from qicsim.model.ledger import LEDGER
from qicsim.runs.ensemble import Ensemble
from qicsim.runs.readout import values
from qicsim.runs.sums import GROUP_ROWS


@dataclass(frozen=True, eq=False)
class LedgerOverTime:
    """Points by ledger line for a group of facilities, mean over its facilities.

    points  (draws, replicates, quarters, lines), NaN where the group is empty
    """

    scenario: str
    group: str
    lines: tuple[str, ...]
    quarters: tuple[str, ...]
    points: np.ndarray

    @property
    def true(self) -> np.ndarray:
        """Mean true quality: the sum of the lines, (draws, replicates, quarters)."""
        return self.points.sum(axis=-1)


def ledger_over_time(ensemble: Ensemble, scenario: str, group: str = "all") -> LedgerOverTime:
    """The ledger of a scenario for the nation, a facility type or a QIC status (`sums.GROUP_ROWS`).

    The members of a group by status change as facilities join, and their lines change with them.
    """
    _check(ensemble, scenario, group)
    points = np.stack([values(ensemble, scenario, f"ledger_{line}", group) for line in LEDGER], axis=-1)
    shape = (len(ensemble.draws), ensemble.replicates, *points.shape[1:])
    return LedgerOverTime(scenario, group, LEDGER, ensemble.runners[scenario].quarters, points.reshape(shape))


def ledger_contrast(ensemble: Ensemble, scenario: str, reference: str, group: str = "all", *, level: float = LEVEL
                    ) -> Contrast:
    """Where the difference between two scenarios was made: the paired contrast of each line, (quarters, lines).

    SettingError for scenarios of different horizons, as for unknown ones.
    """
    one, other = (ledger_over_time(ensemble, name, group) for name in (scenario, reference))
    return contrast(one.points, other.points, level=level)


def _check(ensemble: Ensemble, scenario: str, group: str) -> None:
    faults = []
    if scenario not in ensemble.runners:
        faults.append(Fault("scenario", f'"{scenario}" was not run', ", ".join(ensemble.runners),
                            nearest(scenario, ensemble.runners)))
    if group not in GROUP_ROWS:
        faults.append(Fault("group", f'"{group}" is not a group', ", ".join(GROUP_ROWS), nearest(group, GROUP_ROWS)))
    if faults:
        raise SettingError("", faults)
