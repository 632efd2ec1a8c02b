"""Figures of analyses: a module for each kind, with a function that gives its exhibits."""
