"""`--money-year` and `--prices` of all commands that show money: the same words, the same faults, said beside costs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from qicsim.cli import main
from tests.worlds import SCENARIO, register_text

FEW = ("--draws", "prior:2", "--replicates", "1", "--until", "2029-12", "--quiet")
PAIR = ("national-2030", "--reference", "reported")
COMMANDS = {"compare": "out", "decide": "out", "plan": "plan.xlsx"}
PRICES = "year,change,source,grade\n2022,0.10,our table,A\n2023,0.10,our table,A\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "our-prices.csv").write_text(PRICES, encoding="utf-8")
    (tmp_path / "gap.csv").write_text(PRICES.replace("2022", "2024"), encoding="utf-8")
    (tmp_path / "register.csv").write_text(register_text(), encoding="utf-8")
    (tmp_path / "small.toml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("options", "fault"), [
    (("--money-year", "2020"), "--money-year: 2020"),
    (("--money-year", "2060"), "--money-year: 2060. Allowed: 2021 to 2050."),
    (("--prices", "our-prices.csv"), "--prices: do nothing in money of 2021. Allowed: a money year of 2022 to 2023."),
    (("--money-year", "2024", "--prices", "our-prices.csv"), "--money-year: 2024. Allowed: 2021 to 2023."),
    (("--money-year", "2022", "--prices", "none.csv"), "none.csv: cannot be read"),
    (("--money-year", "2022", "--prices", "gap.csv"), "gap.csv: year: 2022 is missing")])
def test_what_cannot_be_meant_is_refused_by_all_commands_that_show_money(folder, capsys, command, options, fault):
    assert main([command, *PAIR, *FEW, *options]) == 2
    assert fault in capsys.readouterr().err


def test_a_comparison_in_money_of_another_year_says_so_and_multiplies_all_costs(folder):
    scenario = ("small.toml", "--reference", "small.toml", *FEW[:-3], "--quiet")
    assert main(["compare", *scenario, "--out", "old"]) == 0
    assert main(["compare", *scenario, "--out", "new", "--money-year", "2023", "--prices", "our-prices.csv"]) == 0
    old, new = (pd.read_csv(Path(place) / "costs.csv")["mean"] for place in ("old", "new"))
    facts = json.loads(Path("new/provenance.json").read_text(encoding="utf-8"))

    assert new.sum() == pytest.approx(1.21 * old.sum(), rel=1e-5)
    assert old.sum() > 0.0
    assert (facts["money_year"], facts["prices"]) == (2023, "our-prices.csv")
    assert "money_year" not in json.loads(Path("old/provenance.json").read_text(encoding="utf-8"))
    assert "by the changes in the file our-prices.csv." in Path("new/compare.html").read_text(encoding="utf-8")


def test_a_folder_holds_one_file_of_prices(folder, capsys):
    """Another content of the file is another request."""
    asked = ["compare", "small.toml", "--reference", "small.toml", *FEW[:-3], "--quiet", "--out", "out",
             "--money-year", "2023", "--prices", "our-prices.csv"]
    assert main(asked) == 0
    Path("our-prices.csv").write_text(PRICES.replace("0.10", "0.20"), encoding="utf-8")

    assert main(asked) == 2
    assert "our-prices.csv" in capsys.readouterr().err
