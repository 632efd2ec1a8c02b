"""Ensembles: many draws and replicates of scenarios, compiled, paired and stored as they finish."""
