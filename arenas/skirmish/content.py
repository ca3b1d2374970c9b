"""Units, scenarios and maps: `assets/skirmish/` -> tables for the rules."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ... import assets
from ..arena import nearest
from ..content import FINE, ContentError, Kind, build, decimal, load, only, table, text, whole, word, words
from .state import NODES, Army, Attribute, Role, Task
from .terrain import Map, read_map

FOLDER = Path(assets.__file__ or "").parent / "skirmish"


def army() -> Any:
    """A table from names of units to how many: checked against the units there are by `read`."""

    def right(value: Any) -> tuple[tuple[str, int], ...]:
        if not isinstance(value, Mapping) or any(type(n) is not int or not 0 < n <= 100 for n in value.values()):
            raise ValueError("expected a table of units and whole numbers from 1 to 100")
        return tuple(value.items())

    return dataclasses.field(default=(), metadata={"kind": Kind(right, 0)})


def goals() -> Any:
    """A list of "unit count": checked by `read`."""

    def right(value: Any) -> tuple[tuple[str, int], ...]:
        pairs = [entry.split() for entry in value] if isinstance(value, list) else []
        if not pairs or any(len(pair) != 2 or not pair[1].isdigit() or not 0 < int(pair[1]) <= 100 for pair in pairs):
            raise ValueError('expected a list of a unit and a number from 1 to 100 each, such as "scv 14"')
        return tuple((name, int(count)) for name, count in pairs)

    return dataclasses.field(default=(), metadata={"kind": Kind(right, 0)})


def names() -> Any:
    """A list of names of units: checked by `read`."""

    def right(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise ValueError("expected a list of names")
        return tuple(value)

    return dataclasses.field(default=(), metadata={"kind": Kind(right, 0)})


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A kind of unit or structure, as the file has it."""

    title: str = text()
    role: Role = word(Role, Role.FIGHTER)
    health: int = whole(1, 5000)
    shield: int = whole(0, 2000, 0)
    armor: int = whole(0, 9, 0)
    damage: int = whole(0, 500, 0)  # a hit; 0: unarmed
    hits: int = whole(1, 4, 1)  # an attack
    bonus: int = whole(0, 200, 0)  # added to damage against `against`
    against: Attribute = words(Attribute, Attribute(0))
    hits_air: int = whole(0, 1, 0)
    cooldown: int = decimal(0, 10, 0)  # from one attack to the next
    windup: int = whole(0, 16, 0)  # ticks
    range: int = decimal(0, 15, 0)  # between the edges of two units
    splash: int = decimal(0, 5, 0)  # radius, 0: one target
    nearest: int = decimal(0, 5, 0)  # a target nearer than that cannot be hit
    still: int = whole(0, 100, 0)  # ticks that a siege unit must have stood still
    heal: int = whole(0, 50, 0)  # points a second, 3 for a point of energy
    energy: int = whole(0, 200, 0)  # at the start
    speed: int = decimal(0, 8, 0)
    sight: int = decimal(1, 20)
    radius: int = decimal(0.1, 5)
    attributes: Attribute = words(Attribute)
    threat: int = whole(1, 3, 3)  # shot at first: armed, worker, structure
    regeneration: int = decimal(0, 5, 0)  # health a second
    supply: int = whole(0, 20, 0)  # halves
    minerals: int = whole(0, 1000, 0)
    gas: int = whole(0, 1000, 0)
    build: int = whole(0, 5000, 0)  # ticks
    gives: int = whole(0, 60, 0)  # supply, in halves
    span: int = whole(0, 4, 0)  # cells on a side that a structure stands on
    by: str = text("")  # who makes it
    needs: str = text("")  # what must stand


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a match is about."""

    title: str = text()
    task: Task = word(Task)
    map: str = text()
    seconds: int = whole(1, 1800)
    first: tuple = army()  # (unit, how many)
    second: tuple = army()
    race_map: str = text("")  # where two sides compete in a minigame; without it there is no race
    camp: tuple = army()  # hostile units
    reinforcements: int = whole(0, 20, 0)  # of the first army's first unit, for a camp beaten
    kill: int = whole(0, 100, 0)  # points for a hostile unit
    loss: int = whole(0, 100, 0)  # points lost with an own unit
    fog: int = whole(0, 1, 0)
    nodes: int = whole(0, NODES, 0)  # beacons or shards; elsewhere the map's minerals and geysers
    bound: int = whole(1, 100_000, 1)  # more than any match of a minigame can score
    makes: tuple = names()  # what can be trained and built
    purse: int = whole(0, 1000, 50)  # minerals that a side with workers begins with
    maps: tuple = names()  # other maps that it can be played on

    def count(self, number: int) -> int:
        """Units of an army."""
        return sum(count for _, count in (self.first, self.second)[number])


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """How a script plays the full game."""

    title: str = text()
    goals: tuple = goals()  # at least so many of each, in this order
    mix: tuple = army()  # what is trained beyond the goals, by weight
    workers: int = whole(1, 60)  # trained beyond the goals, up to so many
    bases: int = whole(1, 3, 1)  # halls wanted in the end
    army: Army = word(Army)
    force: int = whole(0, 200, 0)  # supply of fighters, in halves, that goes to attack
    post: int = whole(0, 20, 0)  # site, as the own side counts them, where the army waits
    militia: int = whole(0, 30, 8)  # workers that fight what comes to a base, at most


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of it, checked. A unit's kind is its place, from 1."""

    units: dict[str, Unit]
    scenarios: dict[str, Scenario]
    mixes: dict[str, dict[str, int]]
    strategies: dict[str, Strategy]
    maps: dict[str, Map]

    def kind(self, name: str) -> int:
        """A unit's number."""
        return [*self.units].index(name) + 1

    def weights(self, units: Mapping[str, int] | tuple[tuple[str, int], ...]) -> np.ndarray:
        """An army or mix by kind: int16 [kinds + 1]."""
        row = np.zeros(len(self.units) + 1, np.int16)
        for name, count in dict(units).items():
            row[self.kind(name)] = count
        return row


def read(folder: Path = FOLDER) -> Content:
    """The content of a folder, or ContentError."""
    given = load(folder / "units.toml")
    units = {name: build(Unit, row, file="units.toml", row=name) for name, row in given.items()}
    for name, unit in units.items():
        for key in ("by", "needs"):
            if (other := getattr(unit, key)) and other not in units:
                raise ContentError(f"units.toml: row {name}: {key} = {other!r}: no such unit")
    file = load(folder / "scenarios.toml")
    only(file, ("scenarios", "mixes"), file="scenarios.toml")
    scenarios = {name: build(Scenario, row, file="scenarios.toml", row=name) for name, row in file["scenarios"].items()}
    listed = [(name, dict(army)) for name, row in scenarios.items() for army in (row.first, row.second, row.camp)]
    listed += [(name, dict.fromkeys(row.makes)) for name, row in scenarios.items()]
    given = load(folder / "strategies.toml")
    strategies = {name: build(Strategy, row, file="strategies.toml", row=name) for name, row in given.items()}
    planned = [(name, dict(part)) for name, row in strategies.items() for part in (row.goals, row.mix)]
    for source, rows in (("scenarios", [*listed, *file["mixes"].items()]), ("strategies", planned)):
        for name, weights in rows:
            for unit in weights:
                if unit not in units:
                    raise ContentError(f"{source}.toml: row {name}: no unit {unit!r}" + nearest(unit, list(units)))
    used = {name for row in scenarios.values() for name in (row.map, row.race_map, *row.maps) if name}
    maps = {name: read_map(folder / "maps" / f"{name}.txt") for name in sorted(used)}
    return Content(units=units, scenarios=scenarios, mixes=file["mixes"], strategies=strategies, maps=maps)


@functools.cache
def default_content() -> Content:
    """The content that ships."""
    return read()


@functools.cache
def unit_table() -> np.ndarray:
    """The units by kind, row 0 empty: speed and regeneration become 1/256 a tick, cooldown ticks, heal 1/256 a tick."""
    rows = table(Unit, [None, *default_content().units.values()])
    for name in ("speed", "regeneration"):
        rows[name] = (rows[name].astype(np.int32) + 8) // 16
    rows["cooldown"] = (rows["cooldown"].astype(np.int32) * 16 + FINE // 2) // FINE
    rows["heal"] = rows["heal"] * FINE // 16
    return rows


def made_table(content: Content) -> np.ndarray:
    """By kind: who makes it, what must stand, 0: nobody, nothing. int16 [kinds + 1, 2]."""
    rows = np.zeros((len(content.units) + 1, 2), np.int16)
    for number, unit in enumerate(content.units.values(), 1):
        rows[number] = [content.kind(other) if other else 0 for other in (unit.by, unit.needs)]
    return rows


def goal_table(content: Content) -> np.ndarray:
    """By strategy: its goals in order, kind and count; ends with zeros. int16 [strategies, goals + 1, 2]."""
    longest = max(len(row.goals) for row in content.strategies.values())
    rows = np.zeros((len(content.strategies), longest + 1, 2), np.int16)
    for number, strategy in enumerate(content.strategies.values()):
        for place, (name, count) in enumerate(strategy.goals):
            rows[number, place] = content.kind(name), count
    return rows
