"""Worlds that are damaged in one way: each cause is told in a line that names the file, and the program ends with 2."""

from __future__ import annotations

import shutil

import pytest

from qicsim.cli import main
from qicsim.inputs.country import country_of

EXAMPLE = country_of("example")
FEATURE = ('{"features": [{"properties": {"name": "First province", "label": [1, 2]}, '
           '"geometry": {"coordinates": SHAPE}}]}')
PLACES = "code,name,population\n1,A,50000\n"
MANY = "".join(f"{n},P{n},2000000000\n" for n in range(2, 21))
COUNTS = '[counts]\nearly = "2021-12"\nmiddle = "2022-12"\n'
MAP = ("# [map]\n# file", "[map]\nfile")
DAMAGED = {  # file, what stands there (all of it where ""), what stands there instead, what is said of it
    "year missing": ("world.toml", "price_year = 2021", "", "world.toml price_year: is missing"),
    "horizon of long ago": ("world.toml", 'start = "2020-01"', 'start = "1820-01"', "1820-01 to 2035-12 is no horizon"),
    "shown elsewhere": ("world.toml", "shown = [2026, ", "shown = [9026, ", "[horizon] shown: is no list of years"),
    "currency without code": ("world.toml", 'code = "LCU"', 'code = ""', "world.toml [currency] code: is missing"),
    "rate of nothing": ("world.toml", "per_usd = 1.0", "per_usd = 0", "[currency] per_usd: is missing or no rate"),
    "names no table": ("world.toml", "names = {}", "names = 3", "world.toml names: is no table of texts"),
    "terms without key": ("world.toml", '"NQEM" = ', '"" = ', "[terms.en]: has an empty key"),
    "terms of no language": ("world.toml", "[terms.en]", '[terms."../x"]', '"../x" is no code of a language'),
    "kind twice": ("world.toml", 'key = "hospital"', 'key = "health_centre"', '"health_centre" stands there twice'),
    "district by attributes": ("world.toml", '= "{province} d', '= "{province.x} d', "does not tell districts apart"),
    "kinds without end": ("world.toml", "centres = [1,", "levels = { hospital = 99999999999999 }\ncentres = [1,",
                          "[invented] levels: is no table of numbers"),
    "topic no table": ("world.toml", "[currency]", f'{COUNTS}late = "2023-12"\ntopic = [3]\n\n[currency]',
                       "[[counts.topic]] 1: is no table"),
    "counts beyond": ("world.toml", "[currency]", f'{COUNTS}late = "2055-12"\n\n[currency]',
                      "early and late do not lie in the horizon"),
    "counts without numbers": ("world.toml", "[currency]", f'{COUNTS}late = "2023-12"\n\n[currency]',
                               "My country has no calibration/targets.csv"),
    "plan missing": ("world.toml", 'plan = "national"', 'plan = "nation"', 'Did you mean "national"?'),
    "map missing": ("world.toml", *MAP, "provinces.geojson: is no map of provinces (cannot be read: there is no"),
    "people below 0": ("provinces.csv", "", "code,name,population\n1,A,-5\n", "provinces.csv line 2, population: -5"),
    "half a district": ("provinces.csv", "", "code,name,population,districts\n1,A,90000,2.5\n",
                        "is not a whole number"),
    "province twice": ("provinces.csv", "", f"{PLACES}2,A,50000\n", "stands on line 2 already"),
    "province in capitals": ("provinces.csv", "", f"{PLACES}2,a,50000\n", "differ in capitals only"),
    "more than the world": ("provinces.csv", "", f"{PLACES}".replace("50000", "2000000000") + MANY,
                            "facilities. Allowed: at most 200,000"),
    "shares not 1": ("areas.csv", "0.15,0.15", "0.15,0.95", "sum to 1.8. Allowed: a sum of 1"),
    "type unknown": ("words.toml", "", '[types]\ncastle = ["castle"]\n', 'words.toml [types]: "castle" is not known'),
    "another world's plan": ("scenarios/national.toml", 'extends = "reported"', 'extends = "reported"\nworld = "zz"',
                             '"zz" is not the world that is simulated')}


@pytest.fixture
def new_world(tmp_path):
    folder = tmp_path / "my-country"
    assert main(["world", "new", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_world_is_refused_in_a_line_for_each_cause(new_world, case, capsys):
    name, before, after, said = DAMAGED[case]
    file = new_world / name
    text = file.read_text("utf-8") if before else ""
    assert before in text
    file.write_text(text.replace(before, after, 1) if before else after, "utf-8")
    capsys.readouterr()

    assert main(["world", "check", str(new_world)]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) <= 2


SHAPES = ('[["a"]]', "[[[]]]", "[" * 200 + "]" * 200, "7", '[[1, "2"]]', "[[1]]", "[[1e999, 2]]")


@pytest.mark.parametrize("shape", SHAPES)
def test_a_map_without_points_is_refused_in_words(new_world, shape, capsys):
    for file, before, after in (("world.toml", *MAP), ("provinces.geojson", "", FEATURE.replace("SHAPE", shape))):
        text = (new_world / file).read_text("utf-8").replace(before, after) if before else after
        (new_world / file).write_text(text, "utf-8")

    assert main(["world", "check", str(new_world)]) == 2
    assert "world.toml provinces.geojson: " in capsys.readouterr().err


def _folder(file):
    file.unlink()
    file.mkdir()


def _circle(file):
    file.unlink()
    file.symlink_to(file)


DAMAGES = {"missing": lambda file: file.unlink(), "empty": lambda file: file.write_bytes(b""), "folder": _folder,
           "other signs": lambda file: file.write_bytes(b"\xff\xfe\x00name\xe9\n"), "circle": _circle}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["world.toml", "provinces.csv", "areas.csv", "prices.csv", "scenarios/reported.toml"])
def test_a_file_that_cannot_be_read_is_named(new_world, name, damage, capsys):
    DAMAGES[damage](new_world / name)

    assert main(["world", "check", str(new_world)]) == 2
    assert name.rpartition("/")[2] in capsys.readouterr().err


def test_what_is_no_folder_is_no_world(tmp_path, capsys):
    (tmp_path / "file").write_text("x", "utf-8")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")

    for name in ("file", "circle", "nowhere"):
        assert main(["compare", "--world", str(tmp_path / name)]) == 2
        assert f'there is no folder "{tmp_path / name}"' in capsys.readouterr().err


def test_damaged_files_of_a_calibration_are_found_by_the_check(tmp_path, capsys):
    folder = tmp_path / "example"
    shutil.copytree(EXAMPLE.folder, folder)
    (folder / "calibration" / "targets.csv").write_text("key\n", "utf-8")
    (folder / "calibration" / "posterior.npz").write_bytes(b"PK")

    assert main(["world", "check", str(folder)]) == 2
    told = capsys.readouterr().err
    assert 'targets.csv: line 1: the column "value" is missing' in told
    assert "posterior.npz: is no posterior file, or is damaged" in told
