"""Assessment: how true quality becomes the recorded NQEM score.

    recorded = clip(true + visit_day + leniency + gaming + district bias + noise * z, 0, 100)

    visit_day = hawth * sum over areas of w_a * watched_a * min(1, h_a / 30)
    leniency  = lenient * (1 - exp(-v / presence)) * (1 - separated) * (1 - detect * verify)
    gaming    = game * stake_eff * exp(-(d / 5)^2 / 2) * (1 - detect * verify)
    bias      = dist_bias * z_district                       fixed for the run

true       composite of true quality under the NQEM weights in force
v          coaching visits of the month: who comes often knows the team, and is lenient where he assesses it
separated  share of assessments by somebody else;  verify  share verified independently: levers
d          points from the honest score to the next score from which more is paid (`distance_to_rise`): 0 where
           payment rises with each point, so that a step that pays attracts from below and not from above, and nothing
           is gamed above the last one
honest     clip(true + visit_day + leniency + bias, 0, 100): what the facility knows that it would get; with the last
           recorded score in its place it would game in every second round only

NQEM assessors were deliberately made coaches, and their offices are paid by score (Perry et al. 2022).
People do 13 points better when watched (Leonard and Masatu 2006); district peers and outsiders did not agree at all in
South Africa; registers were manipulated in all six facilities studied in Burkina Faso.
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from qicsim.ground.compiled import compiled
from qicsim.ground.declare import Beta, Gamma, HalfNormal, LogNormal, Normal, Parameter

FULL = 100.0
# About one standard deviation of an assessment (`noise`): who knows a score no better cannot aim more sharply.
GAMING_WIDTH = 5.0
FULL_VISIT_DAY_HEADROOM = 30.0


class Assessment(NamedTuple):
    """What makes the record differ from the truth."""

    hawth: Annotated[float, Parameter("rise of watched practice on the visit day", "points", 0.0, 30.0,
                                      Normal(13.0, 5.0), "leonard-2006", "Mod")] = 13.0
    lenient: Annotated[float, Parameter("leniency of an assessor who coaches the facility", "points", 0.0, 15.0,
                                        HalfNormal(4.0), "perry-2022", "A")] = 3.0
    presence: Annotated[float, Parameter("visits at which a coach's leniency has closed 63 % of its range",
                                         "visits/month", 0.02, 2.0, LogNormal(0.25, 0.5), "assumption", "A")] = 0.25
    game: Annotated[float, Parameter("inflation from gaming just below what pays, at stake 1", "points", 0.0, 15.0,
                                     HalfNormal(4.0), "turcotte-2020", "A")] = 3.0
    detect: Annotated[float, Parameter("share of leniency and gaming that verification removes", "share", 0.0, 1.0,
                                       Beta(4.0, 4.0), "cote-divoire", "A")] = 0.5
    dist_bias: Annotated[float, Parameter("spread of bias between districts' assessors", "points", 0.0, 12.0,
                                          HalfNormal(4.0), "ideal-clinic", "W")] = 3.5
    noise: Annotated[float, Parameter("noise of one assessment (SD)", "points", 1.0, 14.0,
                                      Gamma(5.0, 9.0), "ideal-clinic", "W")] = 5.0


@compiled
def undetected(verification, assessment):
    """Share of leniency and gaming that verification leaves."""
    return 1.0 - assessment.detect * verification


@compiled
def visit_day_rise(weight, watched, headroom, assessment):
    """Points that one area's visit-day behaviour adds to the recorded score."""
    return assessment.hawth * weight * watched * min(1.0, headroom / FULL_VISIT_DAY_HEADROOM)


@compiled
def leniency(visits, separated, left, assessment):
    """Points that an assessor adds who coaches with so many visits a month; `left` is `undetected`."""
    return assessment.lenient * -math.expm1(-visits / assessment.presence) * (1.0 - separated) * left


@compiled
def gaming(distance, stake_effect, left, assessment):
    """Points that gaming adds, `distance` points below the next rise of the payment; `left` is `undetected`."""
    widths = distance / GAMING_WIDTH
    return assessment.game * stake_effect * math.exp(-0.5 * widths * widths) * left


@compiled
def honest_score(true, inflation, district_bias):
    """Score without gaming and noise, points; `inflation` is what visit day and leniency add."""
    return min(max(true + inflation + district_bias, 0.0), FULL)


@compiled
def recorded_score(true, inflation, district_bias, z, assessment):
    """Recorded score, points, from true quality, all inflation and noise."""
    return min(max(true + inflation + district_bias + assessment.noise * z, 0.0), FULL)
