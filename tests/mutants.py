"""One-line edits of the model that the tests must notice.

Each names the tests that should fail. They are tests of what the model means; the golden runs would notice any edit,
but cannot say what is wrong.
"""

from __future__ import annotations

from typing import NamedTuple

MECHANISMS = "tests/model/mechanisms"
MONTH = "tests/model/test_month"
DOCKING = "tests/verification/test_rebuild_from_odd.py"


class Mutant(NamedTuple):
    """What is wrong, the line before and after (`old` stands in `file` once), and tests that should fail."""

    wrong: str
    file: str
    old: str
    new: str
    tests: str


MUTANTS = (
    Mutant("coaches' capacity is ignored", "mechanisms/coaching.py",
           "return min(target, capacity / teams)", "return target", f"{MECHANISMS}/test_coaching.py"),
    Mutant("support does not saturate", "mechanisms/coaching.py",
           "reached = -math.expm1(-visits / coaching.v0)", "reached = visits / coaching.v0",
           f"{MECHANISMS}/test_coaching.py"),
    Mutant("attention has no ceiling: the gap is dropped", "mechanisms/pbf.py",
           "return pbf.att * novelty * gap", "return pbf.att * novelty", f"{MECHANISMS}/test_pbf.py"),
    Mutant("a payment threshold is off by one point", "mechanisms/pbf.py",
           "if score >= start[i]:\n            piece = i", "if score > start[i]:\n            piece = i",
           f"{MECHANISMS}/test_pbf.py"),
    Mutant("the stake outlives the month in which PBF ends", "steps/respond.py",
           "if today.quarter_opens or today.new_terms:", "if today.quarter_opens:",
           f"{MONTH}_payment.py -k in_which_pbf_ends"),
    Mutant("a reform leaves habit alone", "steps/terms.py",
           "programme.novelty = renewed(worn, reform(levers[month], levers[month - 1]))", "programme.novelty = worn",
           f"{MONTH}_payment.py -k whole_reform"),
    Mutant("any change of the bonus is a whole reform", "mechanisms/pbf.py",
           "in_bonus = min(bonus / bonus_before - 1.0, 1.0) if bonus_before > 0.0 else 1.0", "in_bonus = 1.0",
           f"{MECHANISMS}/test_pbf.py -k reform"),
    Mutant("every round may spend the whole envelope", "mechanisms/pbf.py",
           "return min(max(envelope - paid, 0.0) / rounds_left / bill, 1.0)",
           "return min(max(envelope, 0.0) / bill, 1.0)", f"{MECHANISMS}/test_pbf.py -k envelope"),
    Mutant("stakes forget that an envelope cuts the payments", "steps/begin.py",
           "size = now.pbf_size * programme.pbf_level * programme.paid_share",
           "size = now.pbf_size * programme.pbf_level", f"{MONTH}_payment.py -k really_paid"),
    Mutant("facilities above a step inflate as much as those below it", "mechanisms/pbf.py",
           "return 0.0 if rising else distance", "return 0.0", f"{MECHANISMS}/test_pbf.py -k beyond"),
    Mutant("the standard of payment moves the payment and not the gaming", "steps/begin.py",
           "distance_to_rise(honest - now.pay_standard,", "distance_to_rise(honest,",
           f"{MONTH}_payment.py -k gaming_moves"),
    Mutant("money comes a month late", "steps/assess.py",
           "arrival = (today.month + now.pay_delay) % PAYMENT_RING",
           "arrival = (today.month + now.pay_delay + 1) % PAYMENT_RING", f"{MONTH}_payment.py -k arrives_so_many"),
    Mutant("the first money ignores the delay of payment", "steps/begin.py",
           "for arrival in range(now.pay_delay - 1, -1, -3):", "for arrival in range(2, -1, -3):",
           f"{MONTH}_payment.py -k arrives_so_many"),
    Mutant("PBF is divided by the delay of payment where motivation is concerned", "steps/respond.py",
           "delay = today.pbf * now.pay_delay", "delay = today.pbf / now.pay_delay",
           f"{MONTH}_payment.py -k late_payment"),
    Mutant("a delay of payment demotivates where nothing is paid", "steps/respond.py",
           "delay = today.pbf * now.pay_delay", "delay = now.pay_delay * 1.0", f"{MONTH}_payment.py -k late_payment"),
    Mutant("habit grows where it should wear off", "mechanisms/pbf.py",
           "return math.exp(-pbf.hab * years)", "return math.exp(pbf.hab * years)", f"{MECHANISMS}/test_pbf.py"),
    Mutant("the shock keeps nobody from travelling", "mechanisms/shock.py",
           "return 1.0 - shock * (1.0 - virtual)", "return 1.0", f"{MECHANISMS}/test_shock.py"),
    Mutant("annual turnover is divided by twelve", "mechanisms/turnover.py",
           "return -math.expm1(math.log1p(-annual) * ratio / MONTHS)", "return annual * ratio / MONTHS",
           f"{MECHANISMS}/test_turnover.py"),
    Mutant("strong leadership makes teams lapse", "mechanisms/team.py",
           "team.leadership_protects * (leadership - 1.0)", "team.leadership_protects * (1.0 - leadership)",
           f"{MECHANISMS}/test_team.py"),
    Mutant("facilities learn from weaker peers", "mechanisms/peers.py",
           "return peers.lambda_net * max(peers_mean - quality, 0.0)",
           "return peers.lambda_net * (peers_mean - quality)",
           f"{MECHANISMS}/test_peers.py"),
    Mutant("verification finds nothing", "mechanisms/assessment.py",
           "return 1.0 - assessment.detect * verification", "return 1.0", f"{MECHANISMS}/test_assessment.py"),
    Mutant("gains fade faster the better they are supported", "mechanisms/fading.py",
           "return fragile * loss * (1.0 - min(1.0, support / ENOUGH_SUPPORT))",
           "return fragile * loss * min(1.0, support / ENOUGH_SUPPORT)", f"{MECHANISMS}/test_fading.py"),
    Mutant("late payment motivates", "mechanisms/motivation.py",
           "- motivation.delay_cost * late", "+ motivation.delay_cost * late", f"{MECHANISMS}/test_motivation.py"),
    Mutant("leniency is granted to facilities that nobody coaches", "steps/assess.py",
           "if facility.visits > 0.0:", "if facility.visits >= 0.0:",
           f"{MONTH}_switched_off.py -k leniency_alone"),
    Mutant("fading is left out of the ledger", "steps/improve.py",
           "    facility.ledger[FADING] = booked\n", "",
           f"{MONTH}_ledger.py -k add_up_to_its_true_score"),
    Mutant("the ledger of a hospital is kept with the weights of health centres", "steps/improve.py",
           "areas.weight[WEIGHTS_NQEM, site.hospital], facility.ledger[DRIFT]",
           "areas.weight[WEIGHTS_NQEM, 0], facility.ledger[DRIFT]",
           f"{MONTH}_ledger.py -k add_up_to_its_true_score"),
    Mutant("peers are looked at as they are today, so that the order of facilities matters", "steps/meet.py",
           "facility.peers_mean[a] += state.facility[g].quality[a]",
           "state.facility[g].quality[a] += 0.01; facility.peers_mean[a] += state.facility[g].quality[a]",
           f"{MONTH}_invariance.py -k order_of"),
    Mutant("a recorded score changes between rounds", "steps/assess.py",
           "if today.round_held and site.opened <= today.month:", "if site.opened <= today.month:",
           f"{MONTH}_switched_off.py -k waits_for_the_next_round"),
    Mutant("graduated teams take visits that active teams need", "steps/coach.py",
           "graduated = visits_each(left_over(capacity, active, now.visits, district), district.graduated_teams,",
           "graduated = visits_each(capacity, district.graduated_teams,", f"{MONTH}_rollout.py -k visits_never"),
    Mutant("teams stay for ever", "steps/engage.py",
           "if facility.months_in >= now.programme_months:", "if False:", f"{MONTH}_rollout.py -k graduates"),
    Mutant("overhead is paid in full where money is short", "steps/bill.py",
           "overhead = today.affordable * price(OVERHEAD", "overhead = price(OVERHEAD",
           f"{DOCKING} -k 'reads and less'"),
    Mutant("a team changes its topic a month early", "steps/engage.py",
           "facility.months_on > now.cycle_months", "facility.months_on >= now.cycle_months",
           f"{DOCKING} -k 'agrees_with_the_compiled_one and small-0'"),
    Mutant("the better quarter of a district's teams is rounded to the nearest number", "steps/meet.py",
           "best = (teams + 3) // 4", "best = (teams + 2) // 4",
           f"{DOCKING} -k 'agrees_with_the_compiled_one and small-0'"),
)
