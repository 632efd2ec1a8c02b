"""The peer network: whose work a facility hears of without anybody's help.

Advice ties in primary care hardly leave the district (Ethiopian health centres, BMC Health Serv Res 2020, doi
10.1186/s12913-020-05367-3; degree and homophily are assumptions). Two facilities i and j are tied with probability

    p = 1                                                        in the same district, one of them a hospital (hub)
    p = 1 / (1 + exp(-(a - h |ln(population_i / population_j)|)))     otherwise

a  log-odds of a tie between alike facilities: `SAME_DISTRICT`, `SAME_ZONE`, or, for two hospitals of different
   provinces and the same circle, `HOSPITALS`; no other pair is tied
h  homophily: how fast the log-odds fall with the ratio of their sizes

A zone is a province, and the circle holds every hospital, up to the size of the embedded register. Nobody knows of
more colleagues because a register is longer: a province of more than `LARGEST_ZONE` facilities falls into zones of
neighbouring districts (in the order of their codes), and more than `LARGEST_CIRCLE` hospitals into circles by chance,
so that the mean degree stays and the work grows with the number of facilities, where districts keep their size.

The uniform that decides belongs to the pair, so one facility more changes no tie between the others, as long as it
changes no zone and no circle. The network is part of the world, not of the luck of a run: it has its own fixed seed.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.ground.compiled import compiled_with_arrays
from qicsim.ground.errors import Fault, SettingError
from qicsim.ground.randomness import NETWORK, uniform, unit, words
from qicsim.ground.table import listed, suggest, write_new
from qicsim.inputs.world.register import BEFORE_HORIZON, Register, identities

if TYPE_CHECKING:
    import networkx

NETWORK_SEED = 2018
SAME_DISTRICT, SAME_ZONE, HOSPITALS = -0.2, -3.6, -5.3
HOMOPHILY = 1.5
LARGEST_ZONE, USUAL_ZONE = 120, 60
LARGEST_CIRCLE, USUAL_CIRCLE = 150, 125

REACHES = ("hub", "district", "province", "hospitals")
HUB, DISTRICT, PROVINCE, ACROSS = range(4)
_LOG_ODDS = np.array([np.inf, SAME_DISTRICT, SAME_ZONE, HOSPITALS])


class Ties(NamedTuple):
    """Every tie once, sorted: rows of the two facilities, first below second, and its reach; int64 (n,) each."""

    first: np.ndarray
    second: np.ndarray
    reach: np.ndarray


@compiled_with_arrays
def pair_uniforms(key: tuple[np.uint64, np.uint64], identity: np.ndarray, first: np.ndarray,
                  second: np.ndarray) -> np.ndarray:
    """The uniform of each pair of facilities: a counted number of both identities; float64 (n,)."""
    u = np.empty(first.size)
    for n in range(first.size):
        a, b = identity[first[n]], identity[second[n]]
        u[n] = uniform(key, (a[0], a[1] ^ b[1]), b[0], NETWORK)
    return u


@compiled_with_arrays
def circle_uniforms(key: tuple[np.uint64, np.uint64], identity: np.ndarray) -> np.ndarray:
    """The uniform of each hospital that chooses its circle; float64 (n,)."""
    u = np.empty(len(identity))
    for n in range(len(identity)):
        u[n] = unit(words(key, (identity[n, 0], identity[n, 1]), 0, NETWORK, 1)[0])
    return u


class _Facilities(NamedTuple):
    """What decides about ties, one value or row for each facility; `rank` is the place of its id among all ids."""

    identity: np.ndarray
    rank: np.ndarray
    province: np.ndarray
    district: np.ndarray
    hospital: np.ndarray
    population: np.ndarray


def _facilities(register: Register) -> _Facilities:
    rank, province, district = (np.unique(names, return_inverse=True)[1]
                                for names in (register.id, register.province, register.operational_district))
    return _Facilities(identities(register.id), rank, province, district, register.hospital == 1, register.population)


def peer_ties(register: Register) -> Ties:
    """The ties of the network."""
    facilities = _facilities(register)
    parts = [_drawn(facilities, *pairs) for pairs in _candidates(facilities)]
    first, second, reach = np.concatenate(parts, axis=1)
    order = np.lexsort((second, first))
    return Ties(first[order], second[order], reach[order])


def _candidates(facilities: _Facilities) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs that may be tied, zone by zone, then hospitals of a circle across provinces; (first, second) int64 (n,)."""
    for rows in _groups(np.arange(facilities.province.size), _zones(facilities)):
        yield _pairs(rows)
    hospitals = np.flatnonzero(facilities.hospital)
    for rows in _groups(hospitals, _circles(facilities.identity[hospitals])):
        first, second = _pairs(rows)
        apart = facilities.province[first] != facilities.province[second]
        yield first[apart], second[apart]


def _zones(facilities: _Facilities) -> np.ndarray:
    """The zone of each facility; int64 (F,). Districts follow one another in the order of their codes."""
    order = np.lexsort((facilities.district, facilities.province))
    _, province, in_province = np.unique(facilities.province[order], return_inverse=True, return_counts=True)
    start = np.concatenate(([0], np.cumsum(in_province)))[province]
    opens = np.concatenate(([True], np.diff(facilities.district[order]) != 0)) | (np.arange(order.size) == start)
    before = np.maximum.accumulate(np.where(opens, np.arange(order.size), 0)) - start
    zones = np.where(in_province > LARGEST_ZONE, -(-in_province // USUAL_ZONE), 1)
    zone = np.empty(order.size, dtype=np.int64)
    zone[order] = np.concatenate(([0], np.cumsum(zones)))[province] + before * zones[province] // in_province[province]
    return zone


def _circles(identity: np.ndarray) -> np.ndarray:
    """The circle of each hospital, drawn by its identity; int64 (n,)."""
    count = len(identity)
    circles = -(-count // USUAL_CIRCLE) if count > LARGEST_CIRCLE else 1
    return (circle_uniforms((np.uint64(NETWORK_SEED), np.uint64(0)), identity) * circles).astype(np.int64)


def _groups(rows: np.ndarray, group: np.ndarray) -> list[np.ndarray]:
    """The rows of each group."""
    order = np.argsort(group, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(group[order])) + 1)


def _pairs(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of the rows once."""
    first, second = np.triu_indices(rows.size, 1)
    return rows[first], rows[second]


def _drawn(facilities: _Facilities, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Those candidate pairs that are tied, with their reach; int64 (3, n)."""
    same_district = facilities.district[first] == facilities.district[second]
    hub = same_district & (facilities.hospital[first] | facilities.hospital[second])
    same_province = facilities.province[first] == facilities.province[second]
    reach = np.select([hub, same_district, same_province], [HUB, DISTRICT, PROVINCE], ACROSS)
    unlike = np.abs(np.log(facilities.population[first] / facilities.population[second]))
    tied = _luck(facilities, first, second) < 1.0 / (1.0 + np.exp(HOMOPHILY * unlike - _LOG_ODDS[reach]))
    return np.stack((first[tied], second[tied], reach[tied]))


def _luck(facilities: _Facilities, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """The pairs' uniforms. The smaller id comes first, so that where the rows stand does not matter."""
    swap = facilities.rank[first] > facilities.rank[second]
    key = (np.uint64(NETWORK_SEED), np.uint64(0))
    return pair_uniforms(key, facilities.identity, np.where(swap, second, first), np.where(swap, first, second))


# ---------------------------------------------------------------------------------------------------- two outputs


def peer_arrays(register: Register) -> tuple[np.ndarray, np.ndarray]:
    """The network as rows: peers of facility f are `peer[peer_start[f]:peer_start[f + 1]]`, sorted; int64 both."""
    ties = peer_ties(register)
    row, peer = np.concatenate((ties.first, ties.second)), np.concatenate((ties.second, ties.first))
    degree = np.bincount(row, minlength=len(register))
    return np.concatenate(([0], np.cumsum(degree))).astype(np.int64), peer[np.lexsort((peer, row))].astype(np.int64)


def peer_graph(register: Register) -> networkx.Graph:
    """The network as a graph: nodes are ids with their columns, edges carry `reach` (one of REACHES)."""
    import networkx  # half a tenth of a second that only those who ask for the graph should wait

    graph = networkx.Graph(name="peer network", synthetic=register.synthetic)
    for row in register.facilities:
        opened = "" if row.opened == BEFORE_HORIZON else format_month(row.opened)
        graph.add_node(row.id, name=row.name, type=row.type, province=row.province,
                       operational_district=row.operational_district, population=row.population, opened=opened)
    for first, second, reach in zip(*(part.tolist() for part in peer_ties(register)), strict=True):
        graph.add_edge(register.id[first], register.id[second], reach=REACHES[reach])
    return graph


# ---------------------------------------------------------------------------------------------------------- export


def export_network(register: Register, path: Path | str) -> None:
    """Write the network as GraphML, GEXF or a CSV of edges, as the suffix says; SettingError for another suffix."""
    suffix = Path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise SettingError(str(path), [Fault("", f'"{suffix}" is not a format of networks', allowed=listed(_FORMATS),
                                             hint=suggest(suffix, _FORMATS))])
    write_new(path, _FORMATS[suffix](peer_graph(register)))


def _graphml(graph: networkx.Graph) -> str:
    import networkx

    return "\n".join(networkx.generate_graphml(graph)) + "\n"


def _gexf(graph: networkx.Graph) -> str:
    """GEXF without the date of writing, so that the same network gives the same file."""
    import networkx

    return re.sub(r' lastmodifieddate="[^"]*"', "", "\n".join(networkx.generate_gexf(graph)) + "\n")


def _csv(graph: networkx.Graph) -> str:
    text = io.StringIO()
    write = partial(csv.writer(text, lineterminator="\n").writerow)
    write(("source", "target", "reach"))
    for source, target, reach in graph.edges(data="reach"):
        write((source, target, reach))
    return text.getvalue()


_FORMATS = {".graphml": _graphml, ".gexf": _gexf, ".csv": _csv}
