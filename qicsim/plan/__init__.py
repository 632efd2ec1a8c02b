"""Plans: indicators, targets, posts and budgets by place and year, read from runs; no files are written here."""
