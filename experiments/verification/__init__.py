"""Verification: each pattern that the model must be able to show, measured on draws from the priors.

One module for each pattern: `measure` gives the numbers (tests/verification asserts them), `draw` makes the kept
figure. `python -m experiments.verification` makes all figures, or those that are named.
"""
