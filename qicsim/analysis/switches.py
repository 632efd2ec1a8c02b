"""Switches: which parameters turn a mechanism exactly off.

A mechanism that is off changes nothing, bit for bit, so that a run without it differs from the run with it by its
effect alone: same draw, same luck. Zero may lie outside a parameter's prior; a switch is an experiment, not a belief.

Some routes go through others. Without support from coaching there is no improvement work, so `coaching` contains
`improvement` and both together are one switch too many; without PBF money none of its routes has anything to carry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from qicsim.ground.errors import Fault, SettingError, nearest
from qicsim.ground.extension import loaded
from qicsim.inputs.scenario import Scenario
from qicsim.runs.draws import Draws, with_fixed

MOST_GROUPS = 10


@dataclass(frozen=True)
class Mechanism:
    """A mechanism: what it is, the values that switch it off, and the ledger lines that are zero then."""

    name: str
    meaning: str
    off: Mapping[str, float]
    lines: tuple[str, ...] = ()


def _mechanism(name: str, meaning: str, off: dict[str, float], *lines: str) -> Mechanism:
    return Mechanism(name, meaning, MappingProxyType(off), lines)


MECHANISMS = (
    _mechanism("improvement", "teams' improvement work: PDSA on the topic and spill-over", {"pdsa.k_item": 0.0},
               "pdsa", "spillover"),
    _mechanism("coaching", "all that support from coaching does: improvement work, capability, motivation, engagement",
               {"coaching.skill": 0.0, "fading.policy_keep": 0.0}, "pdsa", "spillover"),
    _mechanism("encouragement", "motivation that support adds", {"motivation.coached": 0.0}),
    _mechanism("sessions", "learning sessions", {"session.lambda_ls": 0.0}, "session"),
    _mechanism("exchange", "exchange visits: ideas for visitors, recognition for hosts",
               {"exchange.lambda_ex": 0.0, "exchange.recognition": 0.0}, "exchange"),
    _mechanism("peers", "practice picked up from informal peers", {"peers.lambda_net": 0.0}, "peers"),
    _mechanism("resources", "PBF money spent on structure", {"pbf.res": 0.0}, "resources"),
    _mechanism("attention", "being measured under PBF", {"pbf.att": 0.0}, "attention"),
    _mechanism("incentive", "the PBF bonus", {"pbf.inc": 0.0}, "incentive"),
    _mechanism("side effects of PBF", "stakes that move motivation, topics, turnover and the rate of improvement work",
               {"motivation.crowd": 0.0, "motivation.delay_cost": 0.0, "topic.stakes_tilt": 0.0,
                "interaction.synergy": 0.0, "turnover.pbf_ratio": 1.0}),
    _mechanism("accreditation", "preparing for accreditation",
               {"accreditation.attention": 0.0, "topic.accreditation_tilt": 0.0}, "accreditation"),
    _mechanism("drift", "secular drift", {"drift.trend0": 0.0}, "drift"),
    _mechanism("fading", "loss of fragile gains", {"fading.theta": 1.0}, "fading"),
    _mechanism("luck", "luck of the month", {"luck.sigma": 0.0}, "luck"),
    _mechanism("leniency", "leniency of assessors who coach", {"assessment.lenient": 0.0}),
    _mechanism("gaming", "gaming just below the scores that pay", {"assessment.game": 0.0}),
    _mechanism("visit day", "practice that rises while it is watched", {"assessment.hawth": 0.0}),
    _mechanism("assessor bias", "bias between districts' assessors", {"assessment.dist_bias": 0.0}),
    _mechanism("assessment noise", "noise of one assessment", {"assessment.noise": 0.0}),
    *(_mechanism(one.name, one.meaning, {f"{one.name}.{name}": value for name, value in one.off.items()}, *one.ledger)
      for _, one in loaded() if one.off),
)
BY_NAME = {mechanism.name: mechanism for mechanism in MECHANISMS}
TRUE_SCORE = ("improvement", "sessions", "exchange", "peers", "resources", "attention", "incentive")
"""What can be switched off to explain true quality: 128 coalitions."""
RECORDED_SCORE = ("improvement", "sessions", "exchange", "peers", "resources", "attention", "incentive", "leniency",
                  "gaming")
"""The same for the record: 512 coalitions."""


def switched_off(scenario: Scenario, mechanisms: Iterable[str], name: str | None = None) -> Scenario:
    """The scenario with mechanisms exactly off in every draw; SettingError for a name that is none.

    Parameters are held at the values of `Mechanism.off`, over what the scenario holds them at.
    """
    chosen = tuple(mechanisms)
    _refuse_unknown(chosen)
    held = {path: value for one in chosen for path, value in BY_NAME[one].off.items()}
    told = (f"Switched off: {', '.join(chosen)}.",) if chosen else ()
    return replace(scenario, name=name or "-without-".join([scenario.name, *(one.replace(" ", "-") for one in chosen)]),
                   parameters={**scenario.parameters, **held}, assumptions=(*scenario.assumptions, *told))


def coalitions(scenario: Scenario, mechanisms: Sequence[str] = TRUE_SCORE) -> list[Scenario]:
    """The scenario under all 2^m sets of mechanisms, in the order of `shapley`: bit i of the place, mechanism i is on.

    SettingError for more than 10 mechanisms, one that comes twice, or a name that is none.
    """
    return [switched_off(scenario, off, name=f"{scenario.name}-with-{place:0{len(mechanisms)}b}")
            for place, off in enumerate(_off_in_each(mechanisms))]


def coalition_draws(draws: Draws, mechanisms: Sequence[str] = TRUE_SCORE) -> tuple[np.ndarray, np.ndarray]:
    """All 2^m sets of mechanisms as parameters of one scenario: (2^m * draws, parameters), and each row's draw.

    Set by set, in the order of `coalitions`; rows of one draw are to share its luck. What a scenario holds parameters
    at would win over these values.
    """
    sets = [with_fixed(draws.values, {path: value for one in off for path, value in BY_NAME[one].off.items()})
            for off in _off_in_each(mechanisms)]
    return np.concatenate(sets), np.tile(np.arange(len(draws)), len(sets))


def _off_in_each(mechanisms: Sequence[str]) -> list[list[str]]:
    """The mechanisms that are off in each set; SettingError for names or numbers that will not do."""
    m = len(mechanisms)
    if not 1 <= m <= MOST_GROUPS or len(set(mechanisms)) != m:
        raise SettingError("", [Fault("mechanisms", f"{', '.join(mechanisms)}",
                                      f"1 to {MOST_GROUPS}, each once: every set of them is run")])
    _refuse_unknown(mechanisms)
    return [[one for i, one in enumerate(mechanisms) if not place >> i & 1] for place in range(2**m)]


def _refuse_unknown(mechanisms: Iterable[str]) -> None:
    faults = [Fault(one, "is not a mechanism", ", ".join(BY_NAME), nearest(one, BY_NAME)) for one in mechanisms
              if one not in BY_NAME]
    if faults:
        raise SettingError("", faults)
