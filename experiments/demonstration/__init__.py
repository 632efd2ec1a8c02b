"""A made country with known parameters: its data in every form that `qicsim import` reads, and how well they are found."""
