"""The text that goes with an export to DHIS2: how to import it, and what to know before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qicsim.inputs.exchange.dhis2_elements import PERIOD_TYPES, Element, last_open, open_future, set_code
from qicsim.inputs.exchange.dhis2_out import DataValues, Units

TEXT = """\
Projections for DHIS2
=====================

Scenario {scenario}: {rows:,} values of {elements} data elements in {periods} periods ({first} to {last}) at {units:,}
organisation units, known by their {identify}. They are results of a simulation, not observations.{synthetic}
Each value has the comment "{comment}".

What is here
------------
{metadata:<26}creates the data elements and the data set {set}
{csv:<26}the values (dataValueSets, CSV)
{json:<26}the same values (dataValueSets, JSON): import one of the two, not both
{left:<26}facilities that are not in these files, with the reason ({missing:,})

How to import
-------------
SERVER is the address of your DHIS2, USER a user of it; curl asks for the password. Each step is tried first with
dryRun=true (importMode=VALIDATE for metadata), which writes nothing; read the answer, then run it without.

1. Once: the data elements and the data set.

   curl -u USER -H "Content-Type: application/json" -d @{metadata} \\
     "SERVER/api/metadata?importStrategy=CREATE_AND_UPDATE&identifier=AUTO&skipSharing=true&importMode=VALIDATE"

   Then the same with importMode=COMMIT. Give the users who are to see the projections access to them (Sharing).
   skipSharing=true keeps the access that was given when the metadata are imported again; without it a second import
   takes it away.
   A second import also replaces the list of organisation units of the data set by that of this file ({units:,}).
   After an export of another register, or of a part of it (a province), the units of the earlier one are no longer
   assigned and their values cannot be entered any more. So either export all facilities together, or give each
   register a --prefix of its own.

2. The values.

   curl -u USER -H "Content-Type: application/csv" --data-binary @{csv} \\
     "SERVER/api/dataValueSets?dataElementIdScheme=code&orgUnitIdScheme={scheme}&dryRun=true"

   Then the same with dryRun=false. For the JSON file say -H "Content-Type: application/json" and its name.
   In the Import/Export app: "Data import", format CSV or JSON, data element identifier "Code", organisation unit
   identifier "{identify}", "Dry run" first.

   A large file ({rows:,} values here) takes minutes: add &async=true to the address. DHIS2 then answers at once, and
   says how far it is at SERVER/api/system/tasks/DATAVALUE_IMPORT. If the server has memory to spare, &preheatCache=true
   loads what the values refer to first.

Category combinations
---------------------
{combination}

Several scenarios in one DHIS2
------------------------------
An import replaces earlier values of the same elements, units and periods, whatever the scenario; the comment says which
one a value is of. To keep two side by side, export one with another --prefix, or make a category for scenarios in
DHIS2, give the data set its combination (--category-combo), and name the scenario's attribute option combo
(--attribute-combo).

Future periods
--------------
DHIS2 refuses values of periods that lie too far ahead: a data set says with openFuturePeriods how many periods it
takes, counted from the one in which the import takes place, that one included. The data set here opens {open} {type}
periods: those from {today} to the last projected one, and a year more. An import on that day is taken up to
{last_open}, a later one further. If DHIS2 still answers that a period is in the future, raise this number in the
Maintenance app.

Observed scores
---------------
The data set is separate and every data element has a code and a uid of its own, so that an import never touches an
observed score. If the code of one of them is already in use for something else in your DHIS2, export again with another
--prefix. Importing a later projection replaces the earlier one of the same prefix and periods.

Aggregation
-----------
The mean and the probability may be averaged over facilities, and DHIS2 is told so (AVERAGE). Medians and the ends of
intervals may not: a mean of medians is no median, and the interval of a district is much narrower than the mean of the
intervals of its facilities. They are set to NONE. {groups}

Data elements
-------------
{table}
"""


DEFAULT = """\
The metadata name none, so that DHIS2 takes its own default. (Its uid differs between servers: those that were made
before version 2.30 keep theirs.) If the answer to the metadata says that a categoryCombo is missing, look its uid up at
SERVER/api/categoryCombos.json?filter=name:eq:default and export again with --category-combo UID."""
NAMED = "The metadata name the category combination {}, as was asked."
OF_GROUPS = """{} districts and provinces have values of their own, in the elements {}_GROUP_...:
DHIS2 shows them at their own units and adds nothing up."""
NO_GROUPS = """Districts and provinces have tables of their own in CSV
and XLSX; the data folder holds no uid of theirs."""


def notes(parts: Sequence[DataValues], units: Units, names: dict[str, str], *, scenario: str, every: str, prefix: str,
          today: date, synthetic: bool, combination: str = "") -> str:
    """The text; `parts` are the values of facilities and, if there are any, of groups of them.

    `names` holds the names of the files `metadata`, `csv`, `json` and `left`, `today` is the day, `combination` the uid
    of a category combination.
    """
    values = parts[0]
    elements = [element for part in parts for element in part.elements]
    groups = sum(len(part.units) for part in parts[1:])
    warning = "\nTHE FACILITIES ARE SYNTHETIC: they are invented, and the values say nothing about a real place."
    return TEXT.format(
        scenario=scenario, rows=sum(part.rows for part in parts), elements=len(elements), periods=len(values.periods),
        first=values.periods[0], last=values.periods[-1], units=len(values.units) + groups, comment=values.comment,
        combination=NAMED.format(combination) if combination else DEFAULT,
        groups=OF_GROUPS.format(groups, prefix) if groups else NO_GROUPS, identify=units.identify,
        synthetic=warning if synthetic else "", set=set_code(every, prefix), **names,
        missing=sum(map(bool, units.reasons)), scheme=units.identify, type=PERIOD_TYPES[every].lower(),
        open=open_future(values.periods, every, today), today=today.isoformat(),
        last_open=last_open(values.periods, every, today), table=_table(elements))


def _table(elements: Sequence[Element]) -> str:
    width = max(len(one.code) for one in elements)
    return "\n".join(f"{one.code:<{width}}  {one.uid}  {one.aggregation:<7}  {one.name}" for one in elements)
