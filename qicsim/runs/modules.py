"""Modules: which parameters are learned from which evidence. Each module has a posterior file of its own.

    roll-out  how collaboratives spread: fitted to the nine reported counts      calibration/posterior.npz
    effects   what they do for care, and how long it lasts: from trials          calibration/effects.npz
    the rest  their priors

The counts depend on other parameters too, but hardly: another prior draw of all parameters of one kind moves the number
of facilities at the last count by 150 on average where it is the roll-out, by 1.5 where it is leadership, by less than
1 for any other (48 draws, same luck). A fit to the counts lets all parameters vary, and keeps what it says of the
roll-out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

PRIOR = "prior"


class Module(NamedTuple):
    """A module: its name, its posterior file, and its parameters: whole kinds ("pdsa.") or single names.

    What `travels` is learned from studies elsewhere and holds in any country; other files are those of one country.
    """

    name: str
    file: str
    owned: tuple[str, ...]
    travels: bool

    def owns(self, parameter: str) -> bool:
        """Whether a parameter is learned here."""
        return any(parameter.startswith(one) if one.endswith(".") else parameter == one for one in self.owned)

    def of(self, parameters: Sequence[str]) -> tuple[str, ...]:
        """Those of the parameters that are learned here, in their order."""
        return tuple(name for name in parameters if self.owns(name))


ROLL_OUT = Module("roll-out", "posterior.npz", ("rollout.",), travels=False)
EFFECTS = Module("effects", "effects.npz", (
    "pdsa.", "team.p_resp", "team.rate_sd", "team.tau", "team.h_drop", "team.fatigue", "fading.", "session.",
    "exchange.", "transfer."), travels=True)
MODULES = (ROLL_OUT, EFFECTS)


class Origin(NamedTuple):
    """Where the parameters of a module come from in some draws: "prior", or the posterior file."""

    module: str
    source: str
    parameters: int
