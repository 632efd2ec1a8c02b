"""The peer network is dense inside districts, sparse outside, and each tie is a matter of its two facilities alone."""

import math
from xml.etree import ElementTree

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qicsim.ground.errors import SettingError
from qicsim.ground.randomness import NETWORK, uniform
from qicsim.inputs.world.network import (
    ACROSS,
    DISTRICT,
    HOMOPHILY,
    HUB,
    NETWORK_SEED,
    PROVINCE,
    SAME_DISTRICT,
    export_network,
    peer_arrays,
    peer_graph,
    peer_ties,
)
from qicsim.inputs.world.register import Facility, identity_of, read_register, register_of
from tests.helpers import EMBEDDED


@pytest.fixture(scope="module")
def register():
    return read_register(EMBEDDED["register"])


@pytest.fixture(scope="module")
def ties(register):
    return peer_ties(register)


def degree(ties, register, *reaches):
    kept = np.isin(ties.reach, reaches)
    ends = np.concatenate((ties.first[kept], ties.second[kept]))
    return np.bincount(ends, minlength=len(register))


def tied_ids(register):
    ties = peer_ties(register)
    return {frozenset((register.id[a], register.id[b])) for a, b in zip(ties.first, ties.second, strict=True)}


def two_centres(first_people, second_people, names=("A", "B")):
    return register_of(Facility(name, name, "health_centre", "Kep", "OD", people, 0)
                       for name, people in zip(names, (first_people, second_people), strict=True))


# ------------------------------------------------------------------------------------------------------- shape


def test_a_health_centre_has_4_to_6_ties_inside_its_district_on_average(register, ties):
    centres = register.hospital == 0

    assert 4.0 < degree(ties, register, HUB, DISTRICT)[centres].mean() < 6.0


def test_ties_across_districts_are_about_one_and_across_provinces_rare_and_between_hospitals(register, ties):
    assert 0.8 < degree(ties, register, PROVINCE).mean() < 1.25
    across = ties.reach == ACROSS
    assert 0 < across.sum() < 60
    assert register.hospital[ties.first[across]].all() and register.hospital[ties.second[across]].all()


def test_every_hospital_is_tied_to_every_facility_of_its_district(register, ties):
    pairs = set(zip(ties.first.tolist(), ties.second.tolist(), strict=True))
    rows = {}
    for row, district in enumerate(register.operational_district):
        rows.setdefault(district, []).append(row)

    for members in rows.values():
        for hospital in (row for row in members if register.hospital[row]):
            assert all((min(hospital, row), max(hospital, row)) in pairs for row in members if row != hospital)


def test_alike_health_centres_are_tied_more_often_than_unlike_ones(register, ties):
    unlike = np.abs(np.log(register.population[ties.first] / register.population[ties.second]))
    centres = np.flatnonzero(register.hospital == 0)
    first, second = (centres[side] for side in np.triu_indices(centres.size, 1))
    districts = np.unique(register.operational_district, return_inverse=True)[1]
    same = districts[first] == districts[second]
    possible = np.abs(np.log(register.population[first[same]] / register.population[second[same]]))

    assert unlike[ties.reach == DISTRICT].mean() < 0.9 * possible.mean()


def test_a_tie_stands_once_its_ends_differ_and_its_reach_is_right(register, ties):
    assert np.all(ties.first < ties.second)
    assert len(set(zip(ties.first.tolist(), ties.second.tolist(), strict=True))) == ties.first.size
    for first, second, reach in zip(*(part.tolist() for part in ties), strict=True):
        same_district = register.operational_district[first] == register.operational_district[second]
        same_province = register.province[first] == register.province[second]
        assert (reach in (HUB, DISTRICT)) == same_district
        assert (reach == ACROSS) == (not same_province)


# -------------------------------------------------------------------------------------------------- one pair


@given(first=st.floats(1e3, 1e5), second=st.floats(1e3, 1e5))
@settings(max_examples=50, deadline=None)
def test_a_pair_is_tied_when_its_uniform_lies_below_the_logistic_of_its_likeness(first, second):
    low, high = (tuple(np.uint64(word) for word in identity_of(name)) for name in ("A", "B"))
    luck = uniform((np.uint64(NETWORK_SEED), np.uint64(0)), (low[0], low[1] ^ high[1]), high[0], NETWORK)

    tied = peer_ties(two_centres(first, second)).first.size == 1

    assert tied == (luck < 1 / (1 + math.exp(-(SAME_DISTRICT - HOMOPHILY * abs(math.log(first / second))))))


def test_many_pairs_of_alike_facilities_are_tied_at_the_declared_share():
    crowd = register_of(Facility(f"C{n}", "x", "health_centre", "Kep", "OD", 5000.0, 0) for n in range(200))
    share = 1 / (1 + math.exp(-SAME_DISTRICT))
    pairs = 200 * 199 / 2

    found = peer_ties(crowd).first.size / pairs

    assert abs(found - share) < 5 * math.sqrt(share * (1 - share) / pairs)


@given(left_out=st.sets(st.integers(0, 59), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None)
def test_one_facility_more_or_less_changes_no_tie_between_the_others(left_out):
    rows = [Facility(f"F{n}", "x", "CPA1" if n % 10 == 0 else "health_centre", ("Kep", "Pailin")[n % 2],
                     f"OD-{n % 4}", 1000.0 + 37 * n, 0) for n in range(60)]
    kept = [row for n, row in enumerate(rows) if n not in left_out]
    ids = {row.id for row in kept}

    expected = {tie for tie in tied_ids(register_of(rows)) if tie <= ids}

    assert tied_ids(register_of(kept)) == expected


def test_where_the_rows_stand_changes_no_tie():
    rows = [Facility(f"F{n}", "x", "health_centre", "Kep", f"OD-{n % 2}", 1000.0 + n, 0) for n in range(40)]
    turned = [row._replace(operational_district={"OD-0": "OD-9", "OD-1": "OD-1"}[row.operational_district])
              for row in rows]

    assert tied_ids(register_of(rows)) == tied_ids(register_of(turned))


def test_a_single_facility_has_no_peers():
    alone = register_of([Facility("A", "x", "health_centre", "Kep", "OD", 5000.0, 0)])

    start, peer = peer_arrays(alone)

    assert start.tolist() == [0, 0] and peer.size == 0


# ------------------------------------------------------------------------------------------------ two outputs


def test_the_arrays_and_the_graph_hold_the_same_ties(register):
    start, peer = peer_arrays(register)
    graph = peer_graph(register)

    assert start.dtype == peer.dtype == np.int64
    for row, name in enumerate(register.id):
        mine = peer[start[row]:start[row + 1]]
        assert np.all(np.diff(mine) > 0)
        assert {register.id[other] for other in mine} == set(graph[name])


def test_the_arrays_are_symmetric(register):
    start, peer = peer_arrays(register)
    row = np.repeat(np.arange(len(register)), np.diff(start))

    assert set(zip(row.tolist(), peer.tolist(), strict=True)) == set(zip(peer.tolist(), row.tolist(), strict=True))


def test_nodes_carry_what_the_register_knows(register):
    graph = peer_graph(register)

    node = graph.nodes["SYN-0201-R1"]
    assert node["type"] == "CPA3" and node["operational_district"] == "OD-0201" and node["province"] == "Battambang"
    assert graph.graph["synthetic"]
    assert {reach for *_, reach in graph.edges(data="reach")} == {"hub", "district", "province", "hospitals"}


# ----------------------------------------------------------------------------------------------------- export


def test_graphml_and_gexf_read_back_to_the_same_graph(register, tmp_path):
    graph = peer_graph(register)

    for suffix, read in ((".graphml", networkx.read_graphml), (".gexf", networkx.read_gexf)):
        export_network(register, tmp_path / f"peers{suffix}")
        again = read(tmp_path / f"peers{suffix}")
        assert set(again) == set(graph)
        assert {frozenset(edge) for edge in again.edges} == {frozenset(edge) for edge in graph.edges}


def test_the_csv_of_edges_has_a_row_for_each_tie(register, ties, tmp_path):
    export_network(register, tmp_path / "peers.csv")

    lines = (tmp_path / "peers.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source,target,reach"
    assert len(lines) == ties.first.size + 1


def test_the_same_network_gives_the_same_file_on_any_day(register, tmp_path):
    export_network(register, tmp_path / "peers.gexf")

    assert "lastmodifieddate" not in (tmp_path / "peers.gexf").read_text(encoding="utf-8")
    ElementTree.parse(tmp_path / "peers.gexf")


def test_another_suffix_is_refused_with_the_formats(register, tmp_path):
    with pytest.raises(SettingError) as refusal:
        export_network(register, tmp_path / "peers.grahpml")

    assert 'Allowed: .graphml, .gexf, .csv. Did you mean ".graphml"?' in str(refusal.value)
    assert not list(tmp_path.iterdir())
