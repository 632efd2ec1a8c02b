"""A scenario becomes arrays of the declared form, and nothing else gets through to compiled code."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from qicsim.ground.calendar import parse_month
from qicsim.ground.errors import DataError, QicsimError, RegisterError, SettingError
from qicsim.inputs.country import Country, default_country
from qicsim.inputs.world.build import build_world, data_files
from qicsim.inputs.world.check import WorldError, check_setting
from qicsim.inputs.world.network import peer_arrays
from qicsim.inputs.world.register import identity_of, register_of
from qicsim.model.columns import STRUCTURE, TABLES, Structure
from tests.helpers import EMBEDDED

ROOT = Path(__file__).parents[2]
HEADER = "id,name,type,province,operational_district,population,opened\n"
SMALL = HEADER + ("B-1,x,health_centre,Pursat,OD-P,4000,2018-03\nB-2,x,CPA2,Pursat,OD-P,6000,\n"
                  "A-1,x,health_centre,Battambang,OD-2,3000,2017-12\nA-2,x,health_centre,Battambang,OD-1,2000,\n")


def printed(code, **environment):
    """What Python prints that runs the code in a process of its own."""
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True,
                          env=os.environ | environment, cwd=ROOT).stdout


@dataclass
class Stub:
    name: str = "stub"
    start: int = parse_month("2018-01")
    months: int = 216
    provinces: tuple[str, ...] = ("Battambang", "Pursat", "Kampong Cham", "Pailin", "Kampong Speu", "Siem Reap")
    districts: tuple[str, ...] = ()
    pbf_since: int = parse_month("2016-07")
    pbf_bill: float | None = None
    structure: Structure = field(default_factory=Structure)
    data: dict[str, Path] = field(default_factory=dict)
    country: Country = field(default_factory=default_country)


@pytest.fixture(scope="module")
def world():
    return build_world(Stub())


@pytest.fixture
def small(tmp_path):
    (tmp_path / "register.csv").write_text(SMALL)
    return build_world(Stub(provinces=("Kep", "Pursat"), months=6, data={"register": tmp_path / "register.csv"}))


# ------------------------------------------------------------------------------------------------ embedded world


def test_the_embedded_world_has_every_table_in_its_declared_form(world):
    check_setting(world.setting)

    rows = {name: len(getattr(world.setting, name)) for name in TABLES}
    assert rows == {"facility": 1413, "district": 100, "province": 25, "area": 1, "schedule": 4, "money": 1,
                    "month": 216}
    assert (world.months, world.start, world.synthetic) == (216, parse_month("2018-01"), True)


def test_the_plan_opens_the_scenario_s_provinces_first_and_the_rest_by_code(world):
    order = [world.provinces[row] for row in world.setting.province_order]

    others = [province.name for province in default_country().provinces if province.name not in Stub.provinces]
    assert order == [*Stub.provinces, *others]


def test_facilities_of_a_district_stand_together(world):
    for row, (district, name) in enumerate(zip(world.setting.district, world.districts, strict=True)):
        assert set(world.setting.facility["district"][district.first:district.end].tolist()) == {row}
        assert set(world.register.operational_district[district.first:district.end]) == {name}


def test_districts_of_a_province_stand_together(world):
    for row, province in enumerate(world.setting.province):
        assert set(world.setting.district["province"][province.first:province.end].tolist()) == {row}


def test_people_of_districts_are_the_sum_of_their_facilities(world):
    facility, district = world.setting.facility, world.setting.district

    assert district["population"].sum() == 15_552_211
    assert np.add.reduceat(facility["population"], district["first"]).tolist() == district["population"].tolist()


def test_identities_are_those_of_ids_and_district_codes(world):
    assert world.setting.facility["identity"][0].tolist() == list(identity_of(world.register.id[0]))
    assert world.setting.district["identity"][7].tolist() == list(identity_of(world.districts[7]))


def test_peers_of_a_facility_are_those_of_the_network(world):
    start, peer = peer_arrays(world.register)

    facility = world.setting.facility[700]
    assert world.setting.peer[facility.first_peer:facility.end_peer].tolist() == peer[start[700]:start[701]].tolist()


def test_weights_and_preferences_stand_by_area_set_and_kind(world):
    areas, table = world.areas, world.setting.area[0]
    tb = areas.keys.index("tb_screening")

    assert table.weight[:, :, tb].tolist() == [[0.0, 0.0], [0.1, 0.1]]
    assert table.weight[:, :, 0].tolist() == [[0.2, 0.2], [0.18, 0.18]]
    assert table.preference[1].tolist() == areas.preference[1].tolist()


def test_years_of_pbf_are_counted_from_its_start_and_never_negative():
    years = build_world(Stub(months=24, pbf_since=parse_month("2018-07"))).setting.month["pbf_years"]

    assert years[:7].tolist() == [0.0] * 7
    assert years[18] == 1.0


def test_months_of_the_year_follow_the_calendar():
    setting = build_world(Stub(start=parse_month("2019-10"), months=5)).setting

    assert setting.month["month_of_year"].tolist() == [9, 10, 11, 0, 1]
    assert setting.month["shock"][:4].tolist() == [0.0, 0.0, 0.0, 0.1]


def test_two_worlds_share_no_array():
    first, second = build_world(Stub()), build_world(Stub())

    first.setting.facility["population"] = 0.0

    assert second.setting.facility["population"].min() > 0
    assert first.register.population.min() > 0


# --------------------------------------------------------------------------------------------------- small world


def test_a_small_register_becomes_rows_worked_by_hand(small):
    facility, district, province = small.setting.facility, small.setting.district, small.setting.province

    assert small.provinces == ("Battambang", "Pursat") and small.districts == ("OD-1", "OD-2", "OD-P")
    assert facility["district"].tolist() == [0, 1, 2, 2]
    assert facility["province"].tolist() == [0, 0, 1, 1]
    assert facility["hospital"].tolist() == [0, 0, 0, 1]
    assert facility["opened"].tolist() == [0, 0, 2, 0]
    assert (district["first"].tolist(), district["end"].tolist()) == ([0, 1, 2], [1, 2, 4])
    assert (province["first"].tolist(), province["end"].tolist()) == ([0, 2], [2, 3])
    assert district["population"].tolist() == [2000.0, 3000.0, 10000.0]
    assert small.setting.province_order.tolist() == [1, 0]
    assert not small.synthetic


def test_districts_take_the_turns_that_a_scenario_lists_and_strangers_are_refused_with_the_nearest_name(small):
    ordered = small.in_order(Stub(districts=("OD-P", "OD-1")))

    assert small.setting.district["turn"].tolist() == [0, 1, 2]
    assert ordered.setting.district["turn"].tolist() == [1, 2, 0]
    assert ordered.setting.facility is small.setting.facility
    with pytest.raises(SettingError, match='"OD-Q" is not a district of the register. Did you mean "OD-P"?'):
        small.in_order(Stub(districts=("OD-1", "OD-Q")))


def test_a_scenario_s_own_files_replace_the_embedded_ones(tmp_path):
    file = tmp_path / "payments.csv"
    file.write_text("kind,grant,performance_pay,low,high,source,grade\n"
                    "referral_hospital,1,2,1,9,s,A\nhealth_centre,3,4,7,7,s,A\n")

    scenario = Stub(data={"payments": file})

    assert build_world(scenario).setting.money["grant"].tolist() == [[3.0, 1.0]]
    assert data_files(scenario) == {**EMBEDDED, "payments": file}


def test_the_model_takes_as_many_areas_as_the_file_has(tmp_path):
    file = tmp_path / "areas.csv"
    header = EMBEDDED["areas"].read_text(encoding="utf-8").splitlines()[0]
    file.write_text(f"{header}\na,A,,process,single,.5,40,.5,.5,.5,.5,1,1,.5,s,A\n"
                    "b,B,,client,broad,0,60,.5,.5,.5,.5,0,3,.5,s,A\n")

    area = build_world(Stub(data={"areas": file})).setting.area[0]

    assert area.start.tolist() == [40.0, 60.0]
    assert area.preference[0].tolist() == [1.0, 0.0]


# ---------------------------------------------------------------------------------------------------- refusals


def test_an_unknown_province_in_the_plan_is_a_fault_with_the_nearest_name():
    with pytest.raises(SettingError, match='stub: provinces: "Batambang" is not a province.*"Battambang"'):
        build_world(Stub(provinces=("Batambang",)))


@pytest.mark.parametrize(("key", "error"), [("register", RegisterError), ("areas", DataError), ("shock", DataError),
                                            ("unit_costs", DataError), ("payments", DataError),
                                            ("schedules", DataError)])
def test_a_missing_file_is_refused_by_its_own_error(key, error, tmp_path):
    with pytest.raises(error, match=r"none\.csv: cannot be read"):
        build_world(Stub(data={key: tmp_path / "none.csv"}))


def put(name, column, row, value):
    """A change of one cell of one table."""
    def change(setting):
        changed = getattr(setting, name).copy()
        changed[column][row] = value
        return setting._replace(**{name: changed})
    return change


def swap(name, function):
    """A change of a whole table."""
    return lambda setting: setting._replace(**{name: function(getattr(setting, name))})


@pytest.mark.parametrize(("change", "expected"), [
    (swap("facility", np.ndarray.tolist), "facility: must be a one-dimensional array of the declared type, not list"),
    (swap("peer", lambda array: array.astype(np.int32)), "peer: must be a one-dimensional array of the declared type"),
    (swap("district", lambda array: array.reshape(3, 1)), "district: must be a one-dimensional array of the declared"),
    (swap("month", lambda array: array[::2]), "month: must be contiguous and writeable"),
    (swap("schedule", lambda array: array[:3]), "schedule: has 3 rows; allowed 4"),
    (swap("money", lambda array: array[:0]), "money: has 0 rows; allowed 1"),
    (swap("month", lambda array: array[:0]), "month: has 0 rows; allowed 1 or more"),
    (put("facility", "population", 0, np.nan), "facility.population: holds a value that is not finite"),
    (put("schedule", "pay", (2, 1), np.inf), "schedule.pay: holds a value that is not finite"),
    (put("facility", "population", 0, -1.0), "facility.population: runs from -1 to 6000; allowed 0 to inf"),
    (put("area", "watched", (0, 0), 1.5), "area.watched: runs from 0 to 1.5; allowed 0 to 1"),
    (put("area", "dimension", (0, 0), 3), "area.dimension: runs from 1 to 3; allowed 0 to 2"),
    (put("month", "shock", 2, 1.1), "month.shock: runs from 0 to 1.1; allowed 0 to 1"),
    (put("facility", "district", 0, 3), "facility.district: points outside the 3 rows of district"),
    (put("facility", "province", 0, 2), "facility.province: points outside the 2 rows of province"),
    (put("district", "province", 0, 2), "district.province: points outside the 2 rows of province"),
    (swap("peer", lambda array: array + 4), "peer: points outside the 4 rows of facility"),
    (put("district", "end", 1, 9), "district.first and district.end: must cover the 4 rows of facility"),
    (put("province", "first", 0, 1), "province.first and province.end: must cover the 3 rows of district"),
    (put("facility", "end_peer", 3, 99), "facility.first_peer and facility.end_peer: must cover the"),
    (swap("province_order", np.zeros_like), "province_order: must hold every province once"),
    (put("area", "weight", (0, 0, 0, 0), 0.5), "area.weight: the weights of a kind and a set must sum to 1"),
])
def test_a_table_that_is_not_as_declared_is_refused_by_name(small, change, expected):
    with pytest.raises(WorldError) as refusal:
        check_setting(change(small.setting))

    assert expected in str(refusal.value)
    assert isinstance(refusal.value, QicsimError)


def test_every_wrong_table_is_named_at_once(small):
    with pytest.raises(WorldError, match="(?s)facility: must be.*peer: must be"):
        check_setting(small.setting._replace(facility=None, peer=None))


def test_building_a_world_loads_no_heavy_library():
    code = (
        "import sys; import qicsim.inputs.world.build, qicsim.inputs.world.synthetic; "
        "import qicsim.inputs.world.register_check; "
        "print([m for m in ('pandas', 'networkx', 'mesa', 'matplotlib', 'scipy.stats') if m in sys.modules])"
    )

    assert printed(code) == "[]\n"


def test_a_register_is_read_and_built_without_the_compiler():
    code = ("import sys; import qicsim.inputs.world.register_check, qicsim.inputs.world.synthetic; "
            "print('numba' in sys.modules, 'scipy' in sys.modules)")

    assert printed(code) == "False False\n"


def test_the_interpreter_draws_the_same_network_as_the_compiler(world):
    code = ("from qicsim.inputs.world.network import peer_arrays; from qicsim.inputs.world.register import *; "
            "from qicsim.inputs.country import default_country; "
            "rows = read_register(default_country().table('register')).facilities[:120]; "
            "print(peer_arrays(register_of(rows))[1].tolist())")

    compiled = peer_arrays(register_of(world.register.facilities[:120]))[1].tolist()

    assert printed(code, NUMBA_DISABLE_JIT="1") == f"{compiled}\n"


# ------------------------------------------------------------------------------------- weights and bill by scenario


def test_where_tools_are_mostly_structure_it_holds_four_fifths_of_every_set_in_its_own_proportions(world):
    area, before = build_world(Stub(structure=Structure(nqem=1))).setting.area[0], world.setting.area[0]
    structural = area.dimension == STRUCTURE

    assert np.allclose(area.weight[..., structural].sum(axis=-1), 0.8)
    assert np.allclose(area.weight.sum(axis=-1), 1.0)
    for part in (structural, ~structural):
        after, shipped = area.weight[..., part], before.weight[..., part]
        assert np.allclose(after * shipped.sum(axis=-1, keepdims=True), shipped * after.sum(axis=-1, keepdims=True))


def test_a_known_bill_scales_performance_pay_of_all_kinds_alike_and_leaves_the_grant(world):
    """1,205 health centres and 116 hospitals are open in January 2018, at US$ 1,000 and 4,000 a quarter."""
    money, before = build_world(Stub(pbf_bill=20e6)).setting.money[0], world.setting.money[0]

    assert np.allclose(money.performance_pay, before.performance_pay * 20e6 / (4 * (1205 * 1000 + 116 * 4000)))
    assert np.array_equal(money.grant, before.grant)


def test_a_bill_that_nobody_can_be_paid_is_refused(tmp_path):
    text = EMBEDDED["payments"].read_text()
    text = text.replace("1000,1000,500", "1000,0,500").replace("4000,4000,2000", "4000,0,2000")
    (tmp_path / "payments.csv").write_text(text)

    with pytest.raises(SettingError, match=r"\[pbf\] bill"):
        build_world(Stub(pbf_bill=20e6, data={"payments": tmp_path / "payments.csv"}))
