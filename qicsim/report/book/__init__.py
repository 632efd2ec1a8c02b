"""The sheets of a planner's workbook: each module writes one or a few of them from the record of a plan."""
