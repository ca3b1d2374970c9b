"""Tables, vocabulary and teams of the battle arena, as data."""
