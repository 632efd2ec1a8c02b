"""The Mesa face: a real Mesa model whose agents are views on rows of the state, and whose rules are the compiled ones.

    model = QicModel(scenario="national-2030", coaches=3).run()
    model.facilities.select(lambda f: f.kind == "referral_hospital").agg("true_score", numpy.mean)

Same numbers as the compiled run, bit for bit, in whatever order Mesa lets the facilities live. It is made to look
inside and to experiment with; ensembles use the compiled run, which is far faster.

Only what Mesa 3.3 to 4.0 share is used. All luck is counted (`qicsim.ground.randomness`): Mesa's generators only
shuffle.
"""

from qicsim.agents.model import QicModel
from qicsim.agents.views import District, Facility

__all__ = ["District", "Facility", "QicModel"]
