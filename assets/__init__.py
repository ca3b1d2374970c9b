"""Assets: what the arenas and schemes are made of, as data."""
