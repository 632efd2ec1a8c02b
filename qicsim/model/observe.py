"""Observation: a month is read into sums by group, and into the programme's own indicators."""

from __future__ import annotations

from qicsim.ground.compiled import compiled, compiled_for_steps, compiled_into_callers
from qicsim.model import indicators as i
from qicsim.model.columns import ACTIVE, CLIENT, GRADUATED, LAPSED, NOT_LAUNCHED, PROCESS, STRUCTURE, WEIGHTS_NQEM
from qicsim.model.mechanisms.coaching import coach_capacity
from qicsim.model.places import reading_of_added

BINS = 100

read_added = reading_of_added(i.FIRST_ADDED)


@compiled_for_steps
def read_nation(month, setting, threshold, state, sums):
    """Add every open facility to its kind and status; `sums` has shape (4, columns)."""
    sums[:] = 0.0
    for f in range(state.facility.size):
        if setting.facility[f].opened <= month:
            group = 2 * setting.facility[f].hospital + state.facility[f].ever
            read_facility(state.facility[f], setting.facility[f], setting.area[0], threshold, sums[group])


@compiled
def read_places(month, setting, threshold, state, place, crossed, sums):
    """Add every open facility to its place, crossed with kind and status or not; `sums` has shape (groups, columns)."""
    sums[:] = 0.0
    for f in range(state.facility.size):
        if setting.facility[f].opened <= month:
            group = place[f]
            if crossed:
                group = 4 * group + 2 * setting.facility[f].hospital + state.facility[f].ever
            read_facility(state.facility[f], setting.facility[f], setting.area[0], threshold, sums[group])


@compiled
def read_facility(facility, site, areas, threshold, row):
    """Add a facility to the sums of its group."""
    read_dimensions(facility, site, areas, row)
    read_team(facility, row)
    read_scores(facility, site, threshold, row)
    read_added(facility, site, areas, threshold, row)
    for line in range(facility.ledger.size):
        row[i.FIRST_LEDGER + line] += facility.ledger[line]
    for a in range(facility.quality.size):
        row[i.FIRST_AREA + a] += facility.quality[a]


@compiled_into_callers
def read_team(facility, row):
    """Team, coaching, staff and clients."""
    row[i.FACILITIES] += 1.0
    row[i.EVER] += facility.ever
    row[i.ACTIVE_TEAMS] += facility.status == ACTIVE
    row[i.GRADUATED_TEAMS] += facility.status == GRADUATED
    row[i.LAPSED_TEAMS] += facility.status == LAPSED
    if facility.status == ACTIVE:
        row[i.VISITS] += facility.visits
        row[i.SUPPORT] += facility.support
    row[i.CAPABILITY] += facility.capability * facility.ever
    row[i.MOTIVATION] += facility.motivation
    row[i.STAKE] += facility.stake
    row[i.IDEAS] += facility.ideas
    row[i.SATISFACTION] += facility.satisfaction
    row[i.TRUST] += facility.trust
    row[i.USE] += facility.use


@compiled_into_callers
def read_scores(facility, site, threshold, row):
    """True quality, recorded score, the threshold, people served."""
    true, recorded = facility.true_score, facility.score
    row[i.TRUE] += true
    row[i.RECORDED] += recorded
    row[i.TRUE_SQUARED] += true * true
    row[i.RECORDED_SQUARED] += recorded * recorded
    row[i.PEOPLE] += site.population
    if true >= threshold:
        row[i.TRUE_80] += 1.0
        row[i.PEOPLE_TRUE_80] += site.population
    if recorded >= threshold:
        row[i.RECORDED_80] += 1.0
        row[i.PEOPLE_RECORDED_80] += site.population


@compiled_into_callers
def read_dimensions(facility, site, areas, row):
    """True quality of the three dimensions (weighted as in today's NQEM) and of its unscored areas.

    A dimension without weight has quality 0.
    """
    structure, process, client, unscored = 0.0, 0.0, 0.0, 0.0
    of_structure, of_process, of_client, of_unscored = 0.0, 0.0, 0.0, 0
    for a in range(areas.dimension.size):
        weight, quality = areas.weight[WEIGHTS_NQEM, site.hospital, a], facility.quality[a]
        dimension = areas.dimension[a]
        if dimension == STRUCTURE:
            structure, of_structure = structure + weight * quality, of_structure + weight
        elif dimension == PROCESS:
            process, of_process = process + weight * quality, of_process + weight
        elif dimension == CLIENT:
            client, of_client = client + weight * quality, of_client + weight
        if weight <= 0.0:
            unscored, of_unscored = unscored + quality, of_unscored + 1
    row[i.STRUCTURE_QUALITY] += structure / of_structure if of_structure > 0.0 else 0.0
    row[i.PROCESS_QUALITY] += process / of_process if of_process > 0.0 else 0.0
    row[i.CLIENT_QUALITY] += client / of_client if of_client > 0.0 else 0.0
    row[i.UNSCORED] += unscored / max(of_unscored, 1)


@compiled
def read_costs(state, out):
    """Costs since the start, shape (provinces, kinds, lines, payers)."""
    for p in range(state.province.size):
        cost = state.province[p].cost
        for kind in range(cost.shape[0]):
            for line in range(cost.shape[1]):
                for payer in range(cost.shape[2]):
                    out[p, kind, line, payer] = cost[kind, line, payer]


@compiled_for_steps
def read_programme(today, setting, params, state, counts, out):
    """The programme's indicators of a month; `counts` is work space of shape (2, 100)."""
    launched, coaches, capacity, used = 0.0, 0.0, 0.0, 0.0
    for d in range(state.district.size):
        district = state.district[d]
        launched += district.launched != NOT_LAUNCHED
        coaches += district.coaches
        if today.supported:
            capacity += coach_capacity(district.coaches, today.available, params.coaching)
            used += (district.visits_active * district.active_teams
                     + district.visits_graduated * district.graduated_teams)
    provinces = 0
    for p in range(state.province.size):
        provinces += state.province[p].active
    out[i.DISTRICTS] = launched
    out[i.PROVINCES] = provinces
    out[i.COACHES] = coaches
    out[i.COACH_LOAD] = used / capacity if capacity > 0.0 else 0.0
    out[i.EXCHANGES] = state.programme[0].exchanges_held
    out[i.GAP_TRUE] = gap_between_fifths(today, False, setting, state, counts)
    out[i.GAP_RECORDED] = gap_between_fifths(today, True, setting, state, counts)
    out[i.AFFORDABLE_SHARE] = state.programme[0].affordable


@compiled
def gap_between_fifths(today, recorded, setting, state, counts):
    """Mean of the best fifth minus mean of the worst fifth of open facilities, points.

    Facilities are counted in bins of one point; a bin that a fifth cuts gives its mean for the part it lends.
    """
    counts[:] = 0.0
    facilities = 0
    for f in range(state.facility.size):
        if setting.facility[f].opened <= today.month:
            value = state.facility[f].score if recorded else state.facility[f].true_score
            place = min(int(value), BINS - 1)
            counts[0, place] += 1.0
            counts[1, place] += value
            facilities += 1
    fifth = facilities / 5.0
    return mean_of_end(counts, fifth, BINS - 1, -1) - mean_of_end(counts, fifth, 0, 1)


@compiled
def mean_of_end(counts, wanted, place, step):
    """Mean of the first `wanted` facilities met when walking through the bins from `place`."""
    total, missing = 0.0, wanted
    while missing > 0.0 and 0 <= place < BINS:
        if counts[0, place] > 0.0:
            taken = min(missing, counts[0, place])
            total += taken * counts[1, place] / counts[0, place]
            missing -= taken
        place += step
    return total / max(wanted, 1.0)
