"""Effects held against trials: in words, in tables, and as files of rows."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qicsim import __version__
from qicsim.estimate.anchor.anchored import ALTERNATIVES, MINISTRY_RANGE, SHARES, Anchor, Anchored
from qicsim.estimate.anchor.proof import Proof
from qicsim.estimate.anchor.reference_trial import MONTHS, REFERENCE, REFERENCE_MONTH
from qicsim.estimate.evidence.synthesis import QUANTILES
from qicsim.ground.files import together, without_formulas, write_bytes, write_text
from qicsim.ground.numbers import number, percent
from qicsim.runs.identity import made_by

if TYPE_CHECKING:
    import pandas as pd

NAME = "effects"
TABLES = ("studies", "fit", "parameters", "shape")
FILES = tuple(f"{stem}.{kind}" for stem in (NAME, *(f"{NAME}-{rule}" for rule in ALTERNATIVES))
              for kind in ("npz", "json")) + tuple(f"{NAME}-{table}.csv" for table in TABLES)
PROOF = f"{NAME}-sbc.csv"
OUTSIDE = 0.05
MIDDLE = QUANTILES.index(0.5)
HERE = "at the reference"


def answer(found: Anchored) -> list[str]:
    """What came out, the answer first."""
    best = found.chosen
    levels = " / ".join(number(level, 1) for level in best.checked)
    wanted = " / ".join(number(level, 1) for level in best.weighted.wanted)
    lines = [
        (f"Simulated trials of the new rows bring {number(best.checked[MIDDLE], 1)} points on the topic in "
         f"{REFERENCE_MONTH} months (5 / 25 / 50 / 75 / 95 %: {levels}; {found.checks} fresh trials). The studies, "
         f"read at their own designs, say {wanted} (rule {best.rule}, {len(best.designs)} studies)."),
        (f"The chance of no effect is {percent(best.weighted.none)}, of less than a point "
         f"{percent(best.little_checked)} (studies: {percent(best.weighted.little)})."),
        (f"Without a correction for designs the studies say {number(_middle(best.before), 1)} points, with it "
         f"{number(best.weighted.wanted[MIDDLE], 1)}."),
        (f"{number(best.weighted.effective)} of {number(found.runs)} simulated trials count (effective number). "
         f"{percent(best.national_share)} of the variance of log efficacy lies between nations, the rest between "
         "districts of one.")]
    return [*lines, "", *_national(found), "", *_designs(best), "", *map(_rule, found.anchors), "",
            *_shape(found)]


def tables(found: Anchored) -> dict[str, pd.DataFrame]:
    """Every table by its name: studies, fit, parameters, shape."""
    import pandas as pd

    rows: dict[str, list[dict[str, Any]]] = {
        "studies": [row for one in found.anchors for row in _study_rows(one)],
        "fit": [_fit_row(one) for one in found.anchors],
        "parameters": _parameter_rows(found), "shape": _shape_rows(found)}
    return {name: pd.DataFrame(rows[name]) for name in TABLES}


def calibrated(proof: Proof) -> list[str]:
    """What simulation-based calibration says: how many truths, which quantities leave their band, the verdict."""
    ranked, failed = len(proof.ranks.rows), proof.ranks.failed
    out = [one.quantity for one in proof.gate.verdicts if one.ecdf < OUTSIDE]
    left = f" ({', '.join(out)})" if out else ""
    verdict = "passed" if proof.gate.passed else f"FAILED: {'; '.join(proof.gate.reasons)}"
    return [(f"Simulation-based calibration of rule {proof.rule} on {number(proof.rows)} rows: "
             f"{number(ranked + failed)} truths, of which the weights of {number(failed)} failed and are not ranked. "
             f"{len(out)} of {len(proof.gate.verdicts)} quantities leave their simultaneous 95 % band{left}; 5 % would "
             f"by chance. The gate (p below {proof.gate.limit:.1g}): {verdict}."),
            *(f"{one.quantity:18} band p {one.ecdf:.2f}   "
              + ", ".join(f"{100 * part.level:.0f} % intervals hold {percent(part.share)}" for part in one.coverage)
              for one in proof.gate.verdicts)]


def proof_rows(proof: Proof) -> list[dict[str, Any]]:
    """A row for each quantity: its p values and the coverage of its intervals."""
    return [{"rule": proof.rule, "quantity": one.quantity, "rows": proof.rows, "truths": len(proof.ranks.rows),
             "failed": proof.ranks.failed, "ecdf_p": one.ecdf, "chi_square_p": one.chi_square,
             **{f"coverage_{100 * part.level:.0f}": part.share for part in one.coverage}}
            for one in proof.gate.verdicts]


def write_anchor(found: Anchored, folder: Path | str, proof: Proof | None = None) -> list[Path]:
    """Write rows of effects under every rule with their provenance, and the tables, all together or not at all."""
    import pandas as pd

    with together(Path(folder)) as place:
        for one in found.anchors:
            stem = NAME if one is found.chosen else f"{NAME}-{one.rule}"
            _write_rows(place / f"{stem}.npz", found, one)
        if found.chosen.rule in ALTERNATIVES:
            _write_rows(place / f"{NAME}-{found.chosen.rule}.npz", found, found.chosen)
        for name, rows in tables(found).items():
            write_text(place / f"{NAME}-{name}.csv", without_formulas(rows).to_csv(index=False, lineterminator="\n"))
        if proof is not None:
            write_text(place / PROOF, pd.DataFrame(proof_rows(proof)).to_csv(index=False, lineterminator="\n"))
    return [Path(folder) / name for name in (*FILES, *(() if proof is None else (PROOF,)))]


def provenance(found: Anchored, one: Anchor) -> dict[str, Any]:
    """How rows of effects were made; JSON-able, and the same whenever the same is made."""
    options = f" --without {' '.join(found.without)}" if found.without else ""
    return {
        "command": f"qicsim anchor --rule {one.rule} --runs {found.runs} --seed {found.seed}{options}",
        "qicsim": __version__, "made": made_by(), "numpy": np.__version__, "rule": one.rule, "runs": found.runs,
        "seed": found.seed, "rows": len(one.drawn), "studies": [design.key for design in one.designs],
        "ratios": dict(zip((design.key for design in one.designs), one.ratios.round(6).tolist(), strict=True)),
        "quantiles": list(QUANTILES), "wanted": one.weighted.wanted.round(6).tolist(),
        "got": one.weighted.got.round(6).tolist(), "checked": one.checked.round(6).tolist(), "checks": found.checks,
        "none": round(one.weighted.none, 6), "below_1": round(one.weighted.little, 6),
        "below_1_checked": round(one.little_checked, 6), "effective_sample": round(one.weighted.effective, 3),
        "between_nations": round(one.national_share, 6), "national_ratio": round(found.national.ratio, 6)}


def _write_rows(path: Path, found: Anchored, one: Anchor) -> None:
    content, facts = io.BytesIO(), provenance(found, one)
    np.savez_compressed(content, parameters=np.array(found.parameters), values=one.drawn,
                        provenance=np.array(json.dumps(facts)))
    write_bytes(path, content.getbuffer())
    write_text(path.with_suffix(".json"), json.dumps(facts, indent=1) + "\n")


def _middle(before: Any) -> float:
    from qicsim.estimate.evidence.summary import fitted

    return float(max(fitted(before).spike_quantiles[MIDDLE], 0.0))


def _national(found: Anchored) -> list[str]:
    """Whether a national plan needs a discount of its own."""
    ratio, (plan, trial) = found.national.ratio, found.national.means
    said = (f"Under {found.national.name} teams gain {number(ratio, 2)} of what the reference trial finds in the "
            f"same rows, a year after they joined ({number(plan, 1)} against {number(trial, 1)} points, "
            f"{len(found.national.plan)} draws): thinner coaching, later launches, topics of teams' own choice.")
    low, high = MINISTRY_RANGE
    judged = ("Programmes that a ministry runs keep three quarters of a trial's effect, by judgement "
              f"({number(low, 2)} to {number(high, 2)} in nine of ten): ")
    return [said, judged + ("the model does that already, and no factor is applied." if ratio <= high else
                            "the model does not, and nothing here corrects it.")]


def _designs(one: Anchor) -> list[str]:
    """A line for each study: how it was simulated, and what that does."""
    lines = [f"{'study':14} {'month':>5} {'visits':>6} {'support':>8} {'ratio':>6}   {'effect':>6} {HERE}   assumed"]
    for design, ratio, effect, after in zip(one.designs, one.ratios, one.before.effect, one.fit.readings.effect,
                                            strict=True):
        support = "all" if design.arm.support_months >= REFERENCE.support_months else str(design.arm.support_months)
        lines.append(f"{design.key:14} {number(design.month):>5} {number(design.arm.visits, 2):>6} {support:>8} "
                     f"{number(ratio, 2):>6}   {number(effect, 1):>6} {number(after, 1):>16}   "
                     f"{', '.join(design.assumed)}".rstrip())
    return lines


def _rule(one: Anchor) -> str:
    wanted, got, fresh = (" / ".join(number(level, 1) for level in levels)
                          for levels in (one.weighted.wanted, one.weighted.got, one.checked))
    return (f"{one.rule:4} wanted {wanted}; weighted bank {got}; fresh trials {fresh}; no effect "
            f"{percent(one.weighted.none)}, below 1 {percent(one.little_checked)}; effective rows "
            f"{number(one.weighted.effective)}")


def _shape(found: Anchored) -> list[str]:
    rows = _shape_rows(found)
    at = ", ".join(f"{number(row['of_reference'], 2)} in month {row['month']}" for row in rows)
    return [f"The effect in time, as a share of that in month {REFERENCE_MONTH} (weighted rows): {at}."]


def _shape_rows(found: Anchored) -> list[dict[str, Any]]:
    weights, bank = found.chosen.weighted.weights, found.bank
    reference = float(weights @ bank.at(REFERENCE_MONTH))
    return [{"month": month, "topic": float(weights @ bank.at(month)),
             "of_reference": float(weights @ bank.at(month)) / reference,
             "beside": float(weights @ bank.at(month, "beside")),
             "composite": float(weights @ bank.at(month, "composite")),
             "stayed": float(weights @ bank.at(month, "stayed"))} for month in MONTHS]


def _study_rows(one: Anchor) -> list[dict[str, Any]]:
    return [{"rule": one.rule, "key": design.key, "month": design.month, "visits_month": design.arm.visits,
             "support_months": design.arm.support_months, "assumed": "; ".join(design.assumed), "ratio": ratio,
             "effect": effect, "se": error, "effect_at_reference": after, "se_at_reference": error_after}
            for design, ratio, effect, error, after, error_after in zip(
                one.designs, one.ratios, one.before.effect, one.before.error, one.fit.readings.effect,
                one.fit.readings.error, strict=True)]


def _fit_row(one: Anchor) -> dict[str, Any]:
    levels = {"wanted": one.weighted.wanted, "bank": one.weighted.got, "fresh": one.checked}
    return {"rule": one.rule, "studies": len(one.designs),
            **{f"{name}_q{100 * share:02.0f}": level for name, values in levels.items()
               for share, level in zip(QUANTILES, values, strict=True)},
            "none": one.weighted.none, "below_1_wanted": one.weighted.little, "below_1_bank": one.weighted.little_got,
            "below_1_fresh": one.little_checked, "effective_rows": one.weighted.effective,
            "between_nations": one.national_share}


def _parameter_rows(found: Anchored) -> list[dict[str, Any]]:
    """5, 50 and 95 % points of each parameter before and after, under every rule."""
    rows = []
    for one in found.anchors:
        before, after = found.levels(one)
        rows += [{"parameter": name, "rule": one.rule}
                 | {f"prior_q{100 * share:02.0f}": before[at, column] for at, share in enumerate(SHARES)}
                 | {f"q{100 * share:02.0f}": after[at, column] for at, share in enumerate(SHARES)}
                 for column, name in enumerate(found.parameters)]
    return rows
