"""League: a population, its payoffs, and the loop that grows it."""
