"""Forms of structure: declared once, read and written by word everywhere."""

from __future__ import annotations

import pytest

from qicsim.ground.errors import ScenarioError
from qicsim.inputs.scenario import load_scenario
from qicsim.inputs.scenario.forms import FORMS, forms_of, structure_of
from qicsim.inputs.scenario.overrides import with_overrides
from qicsim.inputs.scenario.structure import restructured
from qicsim.model.columns import Structure

OTHERS = [(name, form) for name, forms in FORMS.items() for form in forms[1:]]


@pytest.mark.parametrize(("name", "form"), OTHERS)
def test_every_form_can_be_chosen_in_a_file_and_for_a_call(tmp_path, name, form):
    file = tmp_path / "other.toml"
    file.write_text(f'title = "t"\ndescription = "d"\nextends = "reported"\n[structure]\n{name} = "{form}"\n')
    chosen = load_scenario(file)
    assert forms_of(chosen.structure) == forms_of(Structure()) | {name: form}
    assert with_overrides(load_scenario("reported"), {f"structure.{name}": form}).structure == chosen.structure
    written = tmp_path / "resolved.json"
    written.write_text(chosen.to_json())
    assert load_scenario(written).structure == chosen.structure


def test_forms_are_added_to_those_that_hold():
    changed = restructured(load_scenario("reported"), {"contagion": "threshold"})
    assert restructured(changed, {}).structure == changed.structure
    assert structure_of({}, changed.structure) == changed.structure


def test_a_form_that_is_none_names_the_nearest(tmp_path):
    file = tmp_path / "other.toml"
    file.write_text('title = "t"\ndescription = "d"\nextends = "reported"\n[structure]\ncontagion = "simpel"\n')
    with pytest.raises(ScenarioError, match=r'Did you mean "simple"\?'):
        load_scenario(file)
