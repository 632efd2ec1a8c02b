"""Reports: what the model and its results look like in words, tables and figures."""
