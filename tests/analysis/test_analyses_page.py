"""The page on analyses: its code is run as it is written."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analyses.md"


def test_the_code_of_the_page_runs_in_order(capsys):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 the page is our own

    told = capsys.readouterr().out
    assert len(blocks) == 6
    assert "An interaction of PBF x QIC is seen" in told
    assert "points: true quality by" in told
    assert len(names["table"]) == 3 * 2 * (1 + 44)
    assert {row["estimate"] for row in names["table"] if row["factor"] == "dummy"} <= {0.0, None}
