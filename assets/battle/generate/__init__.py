"""Makes the tables of the battle arena from the pokemon-showdown package: `python -m kumite.assets.battle.generate`."""
