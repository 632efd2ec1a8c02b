"""Where the facilities of a page come from, in words: invented ones, or those of a register of the user's own."""

from __future__ import annotations

import numpy as np

from qicsim.ground.calendar import format_month
from qicsim.inputs.scenario import Scenario
from qicsim.inputs.world.build import World, facilities_of
from qicsim.inputs.world.observed import anchor_of
from qicsim.report.language import say, text

IN_ONE_RUN = {True: text("The facility is synthetic."),
              False: text("The facility is one of the register that the run was given.")}


def about_register(world: World) -> str:
    """What a page says about the facilities of a register that was given, in the language spoken."""
    facility = world.setting.facility
    known = facility["level_month"] >= 0
    told = [say("The {count} facilities are those of the register that the runs were given.",
                count=f"{len(world.register):,}")]
    if np.any(known):
        anchor = format_month(world.start + int(facility["level_month"][known].min()))
        told.append(say("{count} of them start in {month} from the levels of their observed scores; what is shown "
                        "before is the model's own history.", count=f"{np.count_nonzero(known):,}", month=anchor))
    else:
        told.append(say("No observed scores were given: where they start is assumed."))
    if world.setting.month["known_joins"].any():
        told.append(say("Who joined when is as observed, up to the last month that is known."))
    told.append(say("What becomes of a single facility is mostly luck. Nothing here ranks a province, a district or a "
                    "facility."))
    return " ".join(told)


def no_forecast(scenario: Scenario) -> str:
    """What the model is not, and on which facilities it shows what follows from what is assumed."""
    register = facilities_of(scenario)
    if register.synthetic:
        return say("The model is no forecast: it shows what follows from what is assumed, on synthetic facilities.")
    anchor = anchor_of(scenario.data)
    count = f"{len(register):,}"
    if anchor is None:
        return say("The model is no forecast: it shows what follows from what is assumed, on the {count} facilities of "
                   "the register that it was given.", count=count)
    return say("The model is no forecast: it shows what follows from what is assumed, on the {count} facilities of the "
               "register that it was given, which start in {month} from the levels of their observed scores.",
               count=count, month=format_month(anchor))
