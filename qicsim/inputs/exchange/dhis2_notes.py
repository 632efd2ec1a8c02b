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
intervals of its facilities. They are set to NONE; districts and provinces have tables of their own in CSV and XLSX.

Data elements
-------------
{table}
"""


def notes(values: DataValues, units: Units, names: dict[str, str], *, scenario: str, every: str, prefix: str,
          today: date, synthetic: bool) -> str:
    """The text; `names` holds the names of the files `metadata`, `csv`, `json` and `left`, `today` is the day."""
    warning = "\nTHE FACILITIES ARE SYNTHETIC: they are invented, and the values say nothing about a real place."
    return TEXT.format(
        scenario=scenario, rows=values.rows, elements=len(values.elements), periods=len(values.periods),
        first=values.periods[0], last=values.periods[-1], units=len(values.units), identify=units.identify,
        synthetic=warning if synthetic else "", set=set_code(every, prefix), **names,
        missing=sum(map(bool, units.reasons)), scheme=units.identify, type=PERIOD_TYPES[every].lower(),
        open=open_future(values.periods, every, today), today=today.isoformat(),
        last_open=last_open(values.periods, every, today), table=_table(values.elements))


def _table(elements: Sequence[Element]) -> str:
    width = max(len(one.code) for one in elements)
    return "\n".join(f"{one.code:<{width}}  {one.uid}  {one.aggregation:<7}  {one.name}" for one in elements)
