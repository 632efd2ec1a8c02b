"""The model as other tools take it: SALib, the EMA Workbench, pyABC and sbi, xarray. Each is thin, none has a rule."""
