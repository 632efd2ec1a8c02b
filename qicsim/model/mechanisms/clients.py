"""Clients: what they experience, how far they trust, how much they use the service.

    satisfaction = clip(sat0 + sat_slope * (perceived - 50), 0, 100)      percent
    trust'       = trust + (satisfaction - trust) / trust_lag
    use          = (trust / trust at the start)^util_el * (1 - use_shock * shock)

perceived  mean of true client experience and of the true composite, points
53 % of people rate bad care good (Roder-DeWan et al. 2019): the slope is small. 88 % of 362 patients reported high
trust and satisfaction in six hospitals (Perry et al. 2022). No elasticity of use to a facility score was found.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Gamma, HalfNormal, Normal, Parameter

MID_SCALE = 50.0


class Clients(NamedTuple):
    """Response of clients to quality."""

    sat0: Annotated[float, Parameter("satisfied clients at mid quality", "%", 70.0, 96.0,
                                     Normal(86.0, 3.5), "perry-2022", "Mod")] = 86.0
    sat_slope: Annotated[float, Parameter("satisfaction per point of perceived quality", "%/point", 0.0, 0.5,
                                          HalfNormal(0.12), "roder-dewan-2019", "A")] = 0.1
    trust_lag: Annotated[float, Parameter("months over which trust follows experience", "months", 1.0, 36.0,
                                          Gamma(9.0, 5.0), "assumption", "A")] = 9.0
    util_el: Annotated[float, Parameter("elasticity of use to trust", "1", 0.0, 1.5,
                                        Gamma(0.3, 3.0), "kruk-2014", "W")] = 0.3
    use_shock: Annotated[float, Parameter("share of use lost at full shock", "share", 0.0, 0.6,
                                          Gamma(0.15, 3.0), "assumption", "A")] = 0.15


@compiled
def satisfaction_of(client_quality, composite, clients):
    """Satisfied clients, percent."""
    perceived = 0.5 * (client_quality + composite)
    return min(max(clients.sat0 + clients.sat_slope * (perceived - MID_SCALE), 0.0), 100.0)


@compiled
def trust_after(trust, satisfaction, clients):
    """Trust after a month, percent."""
    return trust + (satisfaction - trust) / clients.trust_lag


@compiled
def use_of_services(trust, trust_at_start, shock, clients):
    """Use of services relative to the start."""
    return (trust / trust_at_start) ** clients.util_el * (1.0 - clients.use_shock * shock)
