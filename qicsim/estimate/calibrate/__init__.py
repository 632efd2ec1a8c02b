"""Calibration: posteriors from a batched simulator, and the proof that they can be trusted.

This half knows no model. A `Problem` (problem.py) is a prior on the unit cube, a simulator of summaries, and targets
with their spreads. A bank of prior draws is simulated once (bank.py, fill.py). From it come posteriors by importance
weights (importance.py) or by approximate Bayesian computation with regression adjustment (approximate.py); where the
bank holds too few good runs, sequential.py adds runs where they are needed. The proof: sbc.py (simulation-based
calibration and recovery, judged by uniformity.py and gate.py) and checks.py (posterior predictive, fresh-seed
penalty, contraction).

The likelihood is stated once (likelihood.py): a target is a summary of a run plus Normal error, whose standard
deviation joins observation error and model discrepancy.
"""
