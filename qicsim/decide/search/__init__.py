"""The best plan for the money: levers that are searched, the search, a second look, the ladder, the order."""
