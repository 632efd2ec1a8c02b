"""Limits with an answer: one mechanism at a time, against a closed form.

    geometric   headroom of the topic after n months of constant support: (1 - k)^n of the first
    fading      gain left n months after support ended: theta + (1 - theta) 2^(-n / half-life) of that at the end
    trust       distance to satisfaction after n months: (1 - 1/lag)^n of the first
    coaches     in the long run, where t coaches a month can be trained and each leaves with probability p: t / p
    joins       share of eligible health centres that have not joined after n quarters: exp(-hazard n)

They are run in the small country of the tests, where every other mechanism is switched off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qicsim.model.columns import ACTIVE
from qicsim.model.mechanisms.pdsa import MASTERED
from qicsim.model.simulate import noise_key
from tests.worlds import Country, parameters, small_country

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STILL = {
    "luck.sigma": 0.0,
    "drift.trend0": 0.0,
    "peers.lambda_net": 0.0,
    "session.lambda_ls": 0.0,
    "pbf.res": 0.0,
    "pbf.att": 0.0,
    "pbf.inc": 0.0,
    "motivation.crowd": 0.0,
    "motivation.delay_cost": 0.0,
    "motivation.coached": 0.0,
    "exchange.lambda_ex": 0.0,
    "leadership.sd": 0.0,
    "turnover.annual": 0.0,
    "team.h_drop": 0.0,
}
PLAIN_TEAMS = STILL | {
    "pdsa.efficacy": 1.0,
    "pdsa.efficacy_sd": 0.0,
    "pdsa.spill": 0.0,
    "pdsa.inputs": -1000.0,
    "team.p_resp": 1.0,
    "team.rate_sd": 0.0,
    "team.tau": 0.0,
    "team.fatigue": 0.0,
    "fading.keep": 0.02,
    "capability.learn": 0.0,
    "interaction.synergy": 0.0,
    "rollout.hc_delay": 0.0,
    "rollout.join_hazard": 1000.0,
    "start.q0_sd": 0.0,
    "start.area_sd": 0.0,
}
WELL_COACHED = {
    "visits": 0.75,
    "coaches": 20.0,
    "coach_training": 1000.0,
    "virtual": 1.0,
    "cycle_months": 60,
    "programme_months": 600,
    "launch_boost": 20.0,
}
K_ITEM, SKILL, TRAIN = 0.1, 0.9, 0.3
THETA, HALF_LIFE = 0.4, 5.0
CEILING = 98.0
TRUST_LAG = 7.0
LOW_START = 60.0
JUMP, QUALITY_AFTER_JUMP = 12, 60.0
END_OF_SUPPORT = 18


def closing() -> float:
    """Share of the headroom of its topic that the plain, well-coached team closes each month."""
    capability = 0.1 + TRAIN * 0.9
    return K_ITEM * SKILL * (0.5 + 0.5 * capability / MASTERED)


def _series(country: Country, overrides: dict[str, float], read: Callable, key: tuple | None = None) -> np.ndarray:
    return np.array([read(state) for _, state in country.months(parameters(overrides), key=key)])


def topic_quality() -> np.ndarray:
    """Quality of the topic of each facility that joined at once, shape (months, facilities); support ends after 18."""
    country = small_country().but(
        support=_until(END_OF_SUPPORT, 36), recruiting=_until(END_OF_SUPPORT, 36), **WELL_COACHED
    )
    overrides = PLAIN_TEAMS | {
        "pdsa.k_item": K_ITEM,
        "coaching.skill": SKILL,
        "coaching.v0": 0.5,
        "capability.train_gain": TRAIN,
        "fading.theta": THETA,
        "fading.half_life": HALF_LIFE,
        "ceilings.single": CEILING,
        "ceilings.broad": CEILING,
    }
    taken = _series(
        country,
        overrides,
        lambda state: np.column_stack([state.facility["quality"], state.facility["topic"], state.facility["status"]]),
    )
    rows = np.flatnonzero(taken[0, :, -1] == ACTIVE)
    topics = taken[0, rows, -2].astype(int)
    return np.take_along_axis(
        taken[:, rows], np.broadcast_to(topics[None, :, None], (len(taken), len(rows), 1)), axis=2
    )[:, :, 0]


def _until(month: int, months: int) -> np.ndarray:
    return (np.arange(months) < month).astype(int)


def trust_path() -> tuple[np.ndarray, np.ndarray]:
    """Trust and satisfaction, shape (months, facilities): quality is set to 60 after a year, nothing else moves."""
    country = small_country().but(recruiting=0, support=0)
    there = country.setting.facility["opened"] <= 0
    taken = []
    for month, state in country.months(parameters(STILL | {"clients.sat_slope": 0.4, "clients.trust_lag": TRUST_LAG})):
        taken.append([state.facility["trust"][there], state.facility["satisfaction"][there]])
        if month == JUMP - 1:
            state.facility["quality"][:] = QUALITY_AFTER_JUMP
    trust, satisfaction = np.moveaxis(np.array(taken), 1, 0)
    return trust, satisfaction


def coaches_path(*, training: float, annual: float) -> np.ndarray:
    """Coaches at work in the small country by month; 20 are wanted in each of its districts."""
    country = small_country().but(coaches=20.0, coach_training=training, launch_boost=20.0)
    return _series(country, STILL | {"turnover.annual": annual}, lambda state: state.district["coaches"].sum())


def not_joined(hazard: float, replicate: int) -> np.ndarray:
    """Share of health centres open at the start that have not joined, by month; all districts launched at once."""
    country = small_country().but(launch_boost=20.0).first(12)
    centre = (country.setting.facility["hospital"] == 0) & (country.setting.facility["opened"] <= 0)
    overrides = STILL | {
        "rollout.join_hazard": hazard,
        "rollout.hc_delay": 0.0,
        "rollout.peer_pull": 0.0,
        "rollout.launch_shock": 0.0,
    }
    return _series(
        country, overrides, lambda state: 1.0 - state.facility["ever"][centre].mean(), noise_key(1, 0, replicate)
    )


def draw(axes: Axes) -> str:
    """A topic under constant support and after it, model and closed form; returns the caption."""
    quality = topic_quality()
    months = np.arange(1, quality.shape[0] + 1)
    low = quality[0] < LOW_START
    axes.plot(months, quality[:, low][:, ::4], "o", ms=2.5, color="C0")
    axes.plot(months, expected_quality(quality[0, low][::4], months.size), color="black", lw=0.8)
    axes.set(
        xlabel="month",
        ylabel="true quality of the topic (points)",
        title="Improvement work and fading alone, against the closed form",
    )
    return (
        "Dots: teams of a small country in which nothing else acts; lines: headroom (1 - k)^n while support is "
        "constant, then "
        f"theta + (1 - theta) 2^(-n / half-life) of the gain. k = {closing():.4f} a month, theta = {THETA}, half-life "
        f"{HALF_LIFE:g} months, support ends after month {END_OF_SUPPORT}. No chance, no interval: equal to 1e-9 "
        f"points."
    )


def expected_quality(first: np.ndarray, months: int) -> np.ndarray:
    """Closed form of `topic_quality`, shape (months, facilities), from the quality in the month of joining.

    A team joins in month 1 and begins to work in month 2.
    """
    n = np.arange(1, months + 1)[:, None]
    rising = CEILING - (CEILING - first) * (1.0 - closing()) ** (np.minimum(n, END_OF_SUPPORT) - 1)
    left = THETA + (1.0 - THETA) * 2.0 ** (-np.maximum(n - END_OF_SUPPORT, 0) / HALF_LIFE)
    return first + left * (rising - first)
