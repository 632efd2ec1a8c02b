"""Effects from trials: a table of studies, rules that read it, and a synthesis that one command makes again.

`trials.py` reads and checks the table, `rules.py` turns studies into effects with standard errors, `synthesis.py`
joins them into a mean and a prediction for a new programme, `others.py` holds what else the studies say (teams that
stay, what is left after the end, breadth, payment), `coverage.py` proves the synthesis on simulated truths, and
`summary.py` is the whole in one call. Nothing here knows the simulator, and the simulator does not use it yet.
"""
