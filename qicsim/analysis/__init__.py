"""Experiments: what ensembles say, in tables."""
