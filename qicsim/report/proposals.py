"""What the review of the evidence proposed for each prior, before the model was built, and why the prior differs.

The review was of abstracts and openings of pages. Its proposals are data (`qicsim/model/priors.csv`, beside the
declarations), so that a reader sees each next to what the model takes: `qicsim describe priors`.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parents[1] / "model" / "priors.csv"
AS_PROPOSED = "as proposed"


class Proposal(NamedTuple):
    """What was proposed for a parameter; empty where nothing was.

    proposed_as   the review's own name of the quantity
    central, range, distribution  as it wrote them, about 90 % limits
    basis, basis_grade  on what, and how good the review found that
    why           why the prior differs from it, or where the prior comes from
    default       why the default lies outside the middle half of the prior, where it does
    """

    parameter: str
    proposed_as: str
    central: str
    range: str
    distribution: str
    basis: str
    basis_grade: str
    why: str
    default: str

    @property
    def words(self) -> str:
        """The proposal on one line, such as `k_item 0.10 (0.04-0.17), LogNormal`; empty without one."""
        if not self.proposed_as:
            return ""
        limits = f" ({self.range})" if self.range else ""
        return f"`{self.proposed_as}` {self.central}{limits}, {self.distribution}"


@lru_cache(maxsize=1)
def proposals() -> dict[str, Proposal]:
    """Every row of the file, by the parameter's dotted path, in its order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return {row["parameter"]: Proposal(**row) for row in csv.DictReader(file)}
