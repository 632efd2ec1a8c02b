"""One file for each mechanism: its parameters, its equation, one or a few pure scalar functions."""
