"""Files of other programs: registers, scores and projections, in spreadsheets and in the formats of DHIS2."""
