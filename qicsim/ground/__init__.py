"""The ground: errors, files, calendar, declarations, priors, counted randomness and compilation."""
