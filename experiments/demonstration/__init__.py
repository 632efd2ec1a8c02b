"""A made country with known parameters: its data in every input form, and how well they are found."""
