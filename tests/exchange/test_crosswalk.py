"""The crosswalk: what is not understood is proposed, corrected by the planner, and read back."""

import datetime

import pandas as pd
import pytest

from qicsim import import_data
from qicsim.cli import main
from qicsim.ground.errors import DataError, SettingError

TODAY = datetime.date(2023, 5, 20)
HEAD = "code,name,type,province,OD,population\n"
REGISTER = (HEAD + "0001,Zed Health Centre,HC,Kampot,Kampot 1,9000\n0002,Yod Health Centre,HC,Kampot,Kampot 1,8000\n"
            "0003,New Zed Health Centre,HC,Kampot,Kampot 1,8000\n")
SCORES = "facility,quarter,score\nZed Health Centre,2021Q1,70\nYodd Health Center,2021Q1,60\n"


def put(folder, name, content):
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return file


def load(folder, scores=SCORES, register=REGISTER, answers=None, **more):
    if answers:
        more["crosswalk"] = put(folder, "c.csv", "kind,from,to\n" + answers)
    return import_data(put(folder, "r.csv", register), put(folder, "s.csv", scores), out=folder / "data", today=TODAY,
                       **more)


def said(folder, name="quality.csv"):
    return (folder / "data" / name).read_text(encoding="utf-8")


def test_a_proposal_is_written_though_the_import_is_refused_and_read_back(tmp_path):
    register = REGISTER.replace("0002,Yod Health Centre,HC,Kampot", "0002,Yod,Dispensary,Kampott")
    file = tmp_path / "proposal.csv"

    with pytest.raises(DataError):
        load(tmp_path, register=register, propose=file)

    table = pd.read_csv(file, dtype=str, keep_default_na=False)
    assert list(table.columns) == ["kind", "from", "to", "score", "rows", "where"]
    rows = table.set_index("kind")
    assert rows.loc["type", "from"] == "Dispensary" and rows.loc["type", "to"] == ""
    assert rows.loc["province", "to"] == "Kampot" and float(rows.loc["province", "score"]) > 0.9
    assert not (tmp_path / "data").exists()
    table.loc[table["kind"] == "type", "to"] = "health_centre"
    table.loc[table["kind"] == "facility", "to"] = "0002"
    table.to_csv(file, index=False)
    data = load(tmp_path, register=register, crosswalk=file)
    assert data.register.type == ("health_centre",) * 3
    assert data.scores[:, 0].tolist()[:2] == [70, 60]


def test_the_nearest_name_of_an_unknown_facility_is_proposed_with_its_score(tmp_path):
    with pytest.raises(DataError):
        load(tmp_path, propose=tmp_path / "p.csv")

    row = pd.read_csv(tmp_path / "p.csv", dtype=str, keep_default_na=False).iloc[0]
    assert row["from"] == "Yodd Health Center" and row["to"] == "Yod Health Centre" and row["where"] == "s.csv, row 3"
    data = load(tmp_path, crosswalk=tmp_path / "p.csv")
    assert data.scores[1, 0] == 60


def test_a_proposal_never_takes_the_place_of_a_file(tmp_path):
    file = put(tmp_path, "p.csv", "kind,from,to\nfacility,Yodd Health Center,0002\n")

    with pytest.raises(SettingError, match="is there already"):
        load(tmp_path, propose=file)


def test_two_old_facilities_that_lead_to_one_are_merged_by_their_mean(tmp_path):
    scores = "facility,quarter,score\nOld A,2021Q1,70\nOld B,2021Q1,60\nOld A,2021Q2,80\nYod Health Centre,2021Q2,50\n"

    data = load(tmp_path, scores, answers="facility,Old A,0001\nfacility,Old B,0001\n")

    assert data.scores[0].tolist() == [65, 80]
    assert "2 scores of facilities that were merged; the mean" in said(tmp_path)


def test_a_facility_that_was_split_gives_its_scores_to_both_and_is_counted_once(tmp_path):
    scores = "facility,quarter,score\nOld,2021Q1,70\nZed Health Centre,2021Q2,74\n"

    data = load(tmp_path, scores, answers="facility,Old,Zed Health Centre\nfacility,Old,New Zed Health Centre\n")

    assert data.scores[0].tolist() == [70, 74] and data.scores[2, 0] == 70
    assert '1 scores of ""Old"" count for Zed Health Centre, New Zed Health Centre' in said(tmp_path)
    assert "s.csv,,2,3,,2,used," in said(tmp_path, "accounts.csv")


def test_scores_and_rows_of_the_register_may_be_left_out(tmp_path):
    data = load(tmp_path, answers="facility,Yodd Health Center,leave out\nfacility,0003,leave out\n")

    assert data.register.id == ("0001", "0002")
    assert "s.csv,,3,3,,1,not used,facility left out" in said(tmp_path, "accounts.csv")
    assert "r.csv,,4,4,,1,not used,left out by the crosswalk" in said(tmp_path, "accounts.csv")


def test_a_heading_is_given_its_meaning(tmp_path):
    data = load(tmp_path, "Formation sanitaire,trimestre,note\n0001,2021Q1,70\n",
                answers="heading,Formation sanitaire,name\nheading,trimestre,quarter\nheading,note,score\n")

    assert data.scores[0, 0] == 70


@pytest.mark.parametrize(("answers", "words"), [
    ("facilty,Old,0001\n", 'c.csv, row 2: "facilty" is not a kind'),
    ("type,Clinic,CPA9\n", 'c.csv, row 2: "CPA9" is not a type'),
    ("province,Kampott,Kampottt\n", 'Did you mean "Kampot"?'),
    ("heading,X,scoring\n", '"scoring" is not a heading'),
    ("type,Clinic,CPA1\ntype,clinic,CPA2\n", '"clinic" has two meanings: CPA1 and CPA2'),
    ("facility,Old,0001\nfacility,Old,leave out\n", "is left out, and leads to"),
    ("facility,,0001\n", "has no text in `from`")])
def test_wrong_answers_are_named_with_their_row(tmp_path, answers, words):
    with pytest.raises(SettingError) as refusal:
        load(tmp_path, answers=answers)

    assert words in str(refusal.value)


def test_an_answer_that_leads_nowhere_stops_with_the_nearest_name(tmp_path):
    with pytest.raises(DataError) as refusal:
        load(tmp_path, answers="facility,Yodd Health Center,Yod Health Centr\n")

    assert '"yodd health center" leads to "Yod Health Centr", which is not in the register' in str(refusal.value)
    assert 'Did you mean "Yod Health Centre"' in str(refusal.value)


# --------------------------------------------------------------------------------------------------------- terminal


def typed(folder, scores, *more):
    return main(["import", "--register", str(put(folder, "r.csv", REGISTER)), "--scores",
                 str(put(folder, "s.csv", scores)), "--out", str(folder / "data"), *more])


def test_the_terminal_says_one_line_for_each_cause_with_counts_and_where_the_rest_is(tmp_path, capsys):
    rows = "".join(f"Stranger {number},2021Q1,70\n" for number in range(20))

    assert typed(tmp_path, "facility,quarter,score\n" + rows + "0001,2031Q1,70\n0002,1/2021,70\n") == 2

    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Nothing was imported: 22 errors of 3 kinds and 1 warning."
    assert lines[1].startswith('  month or quarter: s.csv, row 23: "1/2021" may be a month or a quarter')
    assert lines[2].startswith('  quarter in the future: s.csv, row 22: the quarter "2031Q1"')
    assert lines[3].startswith('  facility not in the register (20 rows): s.csv, row 2: "Stranger 0" is not in the')
    assert lines[4:7] == ['    also s.csv, row 3: "Stranger 1" is not in the register',
                          '    also s.csv, row 4: "Stranger 2" is not in the register', "    and 17 more"]
    assert "--report FILE" in lines[7] and "--propose FILE" in lines[7] and len(lines) == 8
    assert sorted(file.name for file in tmp_path.iterdir()) == ["r.csv", "s.csv"]


def test_the_terminal_counts_the_warnings_of_an_import_that_is_done_and_shows_the_worst_three(tmp_path, capsys):
    register = REGISTER.replace(",HC,", ",Hospital,").replace(",9000", ",")
    put(tmp_path, "r.csv", register)
    code = main(["import", "--register", str(tmp_path / "r.csv"), "--scores",
                 str(put(tmp_path, "s.csv", "facility,quarter,score,remark\n0001,2021Q1,70,x\n0002,2021Q1,70,x\n")),
                 "--out", str(tmp_path / "data")])

    said_there = capsys.readouterr()
    assert code == 0 and "3 facilities, quarters 2021Q1 to 2021Q1" in said_there.out
    lines = said_there.err.splitlines()
    assert lines[0].endswith("kinds, the worst first:") and "warnings of " in lines[0]
    assert lines[1].startswith("  columns not used") and lines[2].startswith("  assumed type")
    assert lines[3].startswith("  missing population")
    assert lines[-1] == f"The others stand on {tmp_path / 'data' / 'quality.html'}."


def test_a_clean_import_says_nothing_of_warnings(tmp_path, capsys):
    scores = "facility,quarter,score\n0001,2021Q1,70\n0002,2021Q1,60\n0003,2021Q1,64\n"

    assert typed(tmp_path, scores) == 0
    assert not capsys.readouterr().err
