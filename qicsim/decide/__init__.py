"""Decisions: what scenarios cost and bring, which to choose, what it is worth to know more, and which choice is robust.

Everything but `reading` works on plain arrays and knows nothing of the simulator. Costs and effects of several
scenarios are arrays (scenarios, draws); parameters are (draws, parameters); draws are paired across scenarios.
"""
