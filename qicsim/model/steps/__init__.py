"""The steps of a month: loops and columns around the mechanisms' scalar functions; noise is counted here."""
