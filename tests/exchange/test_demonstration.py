"""The demonstration country, in every input form: read as it was made, and every planted fault found."""

import csv

import numpy as np
import pytest

from experiments.demonstration.country import joined_rows, make_country, small_register
from experiments.demonstration.faults import ERROR
from experiments.demonstration.forms import FORMS, export_country, uid_of, versions
from qicsim import import_data
from qicsim.ground.declare import default_row
from qicsim.inputs.exchange.importing import read_inputs
from qicsim.inputs.exchange.settings import settings_of
from qicsim.model.parameters import Parameters


@pytest.fixture(scope="module")
def country():
    return make_country(default_row(Parameters), 11, small_register(12, 8), last="2022-12")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_sound_country_gives_its_facilities_scores_and_joiners(form, country, tmp_path):
    files = FORMS[form](versions(country, form)["sound"], tmp_path)

    data = import_data(files.register, files.scores, joined=files.joined, population=files.population,
                       elements=files.elements, out=tmp_path / "data")

    name = uid_of if form.startswith("dhis2") else str
    at = {one: row for row, one in enumerate(data.register.id)}
    rows = [at[name(one)] for one in country.register.id]
    assert len(rows) == len(data.register) == len(country.register)
    assert data.quarters == country.quarters
    np.testing.assert_allclose(data.scores[rows], country.scores)
    np.testing.assert_array_equal(data.joined[rows], country.joined)
    assert [data.register.type[row] for row in rows] == list(country.register.type)
    np.testing.assert_allclose(data.register.population[rows], country.register.population)
    assert {one for one, _ in joined_rows(country)}


@pytest.mark.parametrize("state", ["weak", "broken", "misplaced"])
@pytest.mark.parametrize("form", FORMS)
def test_the_import_finds_every_planted_fault(form, state, country, tmp_path):
    faulty = versions(country, form)[state]
    files = FORMS[form](faulty, tmp_path)

    found = read_inputs([files.register], [files.scores], [files.joined], [files.population],
                        settings=settings_of(elements=files.elements)).findings

    names = {country.register.name[row]: uid_of(one) for row, one in enumerate(country.register.id)}
    for level, check, text in faulty.planted:
        said = [f"{one.place} {one.found}" for one in found if (one.level, one.check) == (level, check)]
        assert any(text in one or names.get(text, text) in one for one in said), (level, check, text, said[:5])
    assert state != "weak" or not [one for one in found if one.level == ERROR]


def test_the_export_lists_what_it_planted(country, tmp_path):
    folders = export_country(tmp_path, country=country)

    with (tmp_path / "planted.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["form"] for row in rows} == set(FORMS)
    assert {row["level"] for row in rows} == {"warning", "error"}
    assert len(rows) == sum(len(faulty.planted) for form in FORMS for faulty in versions(country, form).values())
    assert all(any(place.iterdir()) for place in folders)
