"""A scenario on a data folder."""

import pytest

from qicsim.ground.errors import DataError
from qicsim.inputs.scenario import load_scenario, with_data
from tests.worlds import JOINED, data_folder, levels_text


def test_register_levels_and_joins_of_the_folder_take_the_place_of_the_file_s_own(tmp_path):
    folder = data_folder(tmp_path, levels=levels_text("2019-06"), joined=JOINED)

    scenario = load_scenario("reported", data=folder)

    assert {kind: path.name for kind, path in scenario.data.items()} == {
        "register": "register.csv", "joined": "joined.csv", "levels": "levels.csv"}
    assert scenario == with_data(load_scenario("reported"), str(folder))
    assert "start from the levels" in scenario.assumptions[-1] and str(tmp_path.parent) not in scenario.to_json()


def test_the_digest_follows_every_file_of_the_folder(tmp_path):
    folder, digests = data_folder(tmp_path), [load_scenario("reported").digest]
    for name, text in (("register", None), ("levels", levels_text("2019-06")), ("joined", JOINED),
                       ("levels", levels_text("2019-06", mean=61.0))):
        if text is not None:
            data_folder(folder, **{name: text})
        digests.append(load_scenario("reported", data=folder).digest)

    assert len(set(digests)) == 5


def test_other_files_of_the_scenario_stay(tmp_path):
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "mine.toml").write_text('title = "t"\ndescription = "d"\nextends = "reported"\n'
                                                 '[data]\njoined = "joined.csv"\nshock = "shock.csv"\n')
    for name in ("joined", "shock"):
        (tmp_path / "plan" / f"{name}.csv").write_text("")

    scenario = load_scenario(tmp_path / "plan" / "mine.toml", data=data_folder(tmp_path))

    assert set(scenario.data) == {"register", "shock"}


def test_a_folder_that_cannot_be_used_says_why(tmp_path):
    with pytest.raises(DataError, match="nowhere: is no folder"):
        load_scenario("reported", data=tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"holds no register\.csv"):
        load_scenario("reported", data=tmp_path)
    with pytest.raises(DataError, match=r"holds scores\.csv but no levels\.csv"):
        load_scenario("reported", data=data_folder(tmp_path, scores="facility,quarter,item,score\n"))
