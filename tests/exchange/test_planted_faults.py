"""A country with planted faults: every one is found, named with its place, and every row is accounted for."""

import json

import numpy as np
import pandas as pd
import pytest

from qicsim import import_data
from qicsim.cli import main
from qicsim.ground.errors import DataError
from qicsim.inputs.exchange.checks import heaping_at

QUARTERS = [f"{year}Q{quarter}" for year in (2020, 2021) for quarter in (1, 2, 3, 4)]
REGISTER = pd.DataFrame([(f"HC{number:02d}", f"Phum {number:02d} health centre", "HC", "Battambang",
                          f"OD {number % 4}", 9000) for number in range(40)],
                        columns=["id", "name", "type", "province", "district", "population"])
NOISE = np.random.default_rng(7).normal(0, 4, (40, 8))


def scores():
    """Sound scores: long, one row for each facility and quarter."""
    grid = np.clip(60 + np.arange(40)[:, None] / 2 + np.arange(8) / 2 + NOISE, 0, 100).round(1)
    return pd.DataFrame([(f"HC{row:02d}", quarter, grid[row, column]) for row in range(40)
                         for column, quarter in enumerate(QUARTERS)],
                        columns=["facility", "quarter", "score"]).astype(object)


def at(table, facility, *quarters):
    return (table["facility"] == facility) & table["quarter"].isin(quarters)


def put(folder, register, table):
    register.to_csv(folder / "register.csv", index=False)
    table.to_csv(folder / "scores.csv", index=False)
    return folder / "register.csv", folder / "scores.csv"


def checks(folder):
    table = pd.read_csv(folder / "quality.csv", keep_default_na=False)
    return dict(list(table[table["level"] != "note"].groupby("check")))


def refused(folder, register, table):
    with pytest.raises(DataError) as refusal:
        import_data(*put(folder, register, table), out=folder / "data")
    assert not (folder / "data").exists()
    return str(refusal.value)


def test_sound_data_give_no_warning(tmp_path):
    import_data(*put(tmp_path, REGISTER, scores()), out=tmp_path / "data")

    assert checks(tmp_path / "data") == {}


def test_every_planted_weakness_of_scores_is_a_warning_at_its_place(tmp_path):
    table = scores()
    table = table[~at(table, "HC03", "2020Q3", "2020Q4")]                                    # a gap
    table = table[(table["quarter"] != "2021Q2") | table["facility"].isin(["HC01", "HC02"])]  # a suspended round
    table = table[table["facility"] != "HC39"]                                               # never assessed
    table.loc[at(table, "HC08", "2021Q3"), "score"] = 20                                     # jumps down and up
    table.loc[table["facility"].str[2:].astype(int).mod(4).eq(1) & (table["quarter"] == "2020Q1"),
              "score"] = 66.6                                                                    # copied
    table = pd.concat([table, table[at(table, "HC10", "2020Q1")]])                           # twice, the same
    register = REGISTER.assign(opened=["2020-08" if each == "HC20" else "" for each in REGISTER["id"]])

    import_data(*put(tmp_path, register, table), out=tmp_path / "data")

    found = checks(tmp_path / "data")
    assert set(found) == {"missing quarters", "suspended round", "no score", "jump", "no variation", "duplicates",
                          "scores out of life"}
    assert found["missing quarters"]["found"].tolist() == ['"Phum 03 health centre" lacks 2020Q3, 2020Q4']
    assert found["suspended round"]["place"].tolist() == ["2021Q2"]
    assert "Phum 39" in found["no score"]["found"].iloc[0]
    assert set(found["jump"]["place"]) == {"HC08"}
    assert found["no variation"]["place"].tolist() == ["OD 1"]
    assert found["duplicates"]["place"].iloc[0].startswith("scores.csv, row ")
    assert "Phum 20" in found["scores out of life"]["found"].iloc[0]


def test_scores_raised_to_the_threshold_are_found_and_rising_ones_are_not():
    draw = np.random.default_rng(3).normal(76, 8, 4000)
    raised = np.where((draw > 78) & (draw < 80) & (np.arange(4000) % 2 == 0), 80.5, draw)

    assert heaping_at(raised)[2] < 1e-6
    assert heaping_at(draw)[2] > 0.001
    assert heaping_at(np.random.default_rng(4).normal(88, 5, 4000))[2] > 0.001
    assert heaping_at(np.array([80.0] * 10))[2] == 1.0


def test_heaping_is_a_warning_of_an_import(tmp_path):
    table = scores()
    near = pd.to_numeric(table["score"]).between(75, 79.9)
    table.loc[near, "score"] = 80

    import_data(*put(tmp_path, REGISTER, table), out=tmp_path / "data")

    assert checks(tmp_path / "data")["heaping"]["place"].tolist() == ["score 80"]


def test_every_planted_error_of_scores_is_named_and_nothing_is_written(tmp_path):
    table = scores()
    table.loc[at(table, "HC01", "2020Q1"), "score"] = 170
    table.loc[at(table, "HC01", "2020Q2"), "score"] = "=1+1"
    table.loc[at(table, "HC01", "2020Q3"), "score"] = -1
    table.loc[at(table, "HC02", "2020Q1"), "quarter"] = "2020Q7"
    table.loc[at(table, "HC05", *QUARTERS), "facility"] = "Phum 99 health center"
    again = table[at(table, "HC06", "2020Q1")].assign(score=1.5)

    message = refused(tmp_path, REGISTER, pd.concat([table, again]))

    assert "the score 170 is impossible" in message and "the score -1 is impossible" in message
    assert 'scores.csv, row 11: "=1+1" is not a number' in message
    assert 'the quarter "2020Q7"' in message
    assert '"Phum 99 health center" is not in the register (8 rows)' in message
    assert 'Did you mean "Phum ' in message
    assert '"HC06", 2020Q1, total: different scores; scores.csv, row 50 says' in message
    assert "scores.csv, row 322 says 1.5 (2 rows)" in message


def test_every_planted_error_of_a_register_is_named(tmp_path):
    register = REGISTER.astype(object)
    register.loc[1, "province"] = "Batambang"
    register.loc[2, "district"] = ""
    register.loc[3, ["name", "type"]] = "Sok", "Pharmacy"
    register.loc[4, "population"] = "many"
    register.loc[6, "id"] = "HC05"
    register["opened"] = ["soon" if number == 7 else "" for number in range(40)]
    register["latitude"] = ["213" if number == 8 else "" for number in range(40)]

    message = refused(tmp_path, register, scores())

    assert 'register.csv, row 3: "Phum 01 health centre": "Batambang" is not a known province' in message
    assert 'Did you mean "Battambang"?' in message
    assert 'row 4: "Phum 02 health centre": has no operational district' in message
    assert '"Pharmacy" is not a known facility type' in message
    assert '"many" is not a number of people' in message
    assert "has the id or uid of register.csv, row 7 and says something else" in message
    assert 'opened "soon" is not a date' in message
    assert 'latitude "213" is no degree' in message


def test_faulty_rows_may_be_left_out_and_are_warnings_then(tmp_path):
    table = scores()
    table.loc[at(table, "HC01", "2020Q1"), "score"] = 170
    again = table[at(table, "HC06", "2020Q1")].assign(score=1.5)
    register = REGISTER.astype(object)
    register.loc[39, ["name", "type"]] = "Sok", "Pharmacy"

    data = import_data(*put(tmp_path, register, pd.concat([table, again])), out=tmp_path / "data", skip_faulty=True)

    assert len(data.register) == 39
    by_id = dict(zip(data.register.id, data.scores, strict=True))
    assert np.isnan(by_id["HC01"][0]) and np.isnan(by_id["HC06"][0])
    assert {"unknown type", "impossible score", "contradictory duplicates"} <= set(checks(tmp_path / "data"))
    rows = json.loads((tmp_path / "data" / "provenance.json").read_text(encoding="utf-8"))["rows"]
    assert rows["scores.csv"] == {"rows": 322, "used": 310, "not used": 12, "error": 0}
    assert rows["register.csv"] == {"rows": 41, "used": 39, "not used": 2, "error": 0}


def test_used_rows_are_the_scores_of_the_folder_and_accounts_hold_each_row_once(tmp_path):
    table = scores()
    table.loc[at(table, "HC01", "2020Q1"), "score"] = ""

    import_data(*put(tmp_path, REGISTER, table), out=tmp_path / "data")

    accounts = pd.read_csv(tmp_path / "data" / "accounts.csv", keep_default_na=False)
    mine = accounts[accounts["file"] == "scores.csv"]
    rows = sorted(row for line in mine.itertuples() for row in range(line.first_row, line.last_row + 1))
    assert rows == list(range(1, 322))
    assert mine.loc[mine["fate"] == "used", "count"].sum() == len(pd.read_csv(tmp_path / "data" / "scores.csv")) == 319


def test_the_command_says_what_it_wrote_and_a_refusal_leaves_only_the_report(tmp_path, capsys):
    register, table = put(tmp_path, REGISTER, scores())
    command = ["import", "--register", str(register), "--scores", str(table), "--out"]

    assert main([*command, str(tmp_path / "data")]) == 0
    assert "40 facilities, quarters 2020Q1 to 2021Q4" in capsys.readouterr().out
    table.write_text("facility,quarter,score\nHC77,2020Q1,50\n", encoding="utf-8")
    before = {file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()}
    assert main([*command, str(tmp_path / "data"), "--report", str(tmp_path / "report.html"), "--replace"]) == 2
    assert '"HC77" is not in the register' in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in (tmp_path / "data").iterdir()} == before
    assert "1 error must be corrected" in (tmp_path / "report.html").read_text(encoding="utf-8")
