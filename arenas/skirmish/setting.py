"""From a scenario and the options to the numbers and tables the rules read."""

from dataclasses import replace
from typing import Any

import numpy as np

from ..arena import SetupEntry
from ..content import table
from .content import Content, Scenario, Strategy, goal_table, made_table, unit_table
from .orders import DIRECTIONS
from .state import ATTACKS, CAMP_ROWS, CELL, FINE, GHOSTS, NODES, SETUP, Node, Opt, Role, Task
from .terrain import Map

TRAINED_MIXES = 3
"""The first mixes are those of split = "train"."""
SPLITS = ("all", "train", "held-out")
LANE = 12 * FINE
"""From the middle of map `lanes` to the middle of a lane."""
HALL = "command-center"
REACH = 12
"""Cells from a hall within which places to build are looked for."""
FEW = 32
"""Up to so many units the neighbour search goes through all: squares would cost more than they save."""
WORKING = (Task.HARVEST, Task.TRAINING, Task.CONQUEST)
SPACE, WIDE_SPACE = FINE // 2, 3 * FINE // 2
"""Between structures; in the full game armies pass between them."""


class Setting:
    """A scenario as it is played: solo, by two sides, with armies from the options."""

    def __init__(self, content: Content, scenario: Scenario, options: Any):
        self.content, self.scenario, self.options = content, scenario, options
        self.full = scenario.task == Task.CONQUEST
        self.micro = scenario.task == Task.ELIMINATION
        self.duel = self.micro or self.full  # two sides that fight each other, for victory
        self.drawn = self.micro and not scenario.first
        self.works = scenario.task in WORKING
        self.sides = 2 if self.duel or options.race else 1
        self.map: Map = content.maps[options.map or (scenario.race_map if options.race else scenario.map)]
        self.kinds = self._kinds()
        self.healers = any(content.units[name].role == Role.HEALER for name in self.kinds)
        self.own = self._own()
        self.foes = self.own if self.sides == 2 else 0
        camp = sum(count for _, count in scenario.camp)
        self.creeps = camp + CAMP_ROWS if camp and scenario.task == Task.WAVES and self.sides == 2 else camp
        self.nodes = self._nodes()
        self.shown_nodes = scenario.nodes or len(self.nodes)
        self.halls = self._places("HN")
        self.gates = self._places("Cc")

    def _kinds(self) -> list[str]:
        """The units there can be, in the content's order."""
        scenario = self.scenario
        named = {name for name, _ in (*scenario.first, *scenario.second, *scenario.camp)} | {*scenario.makes}
        if self.drawn:
            named |= {name for mix in self.content.mixes.values() for name in mix}
        if self.works:
            named.add(HALL)
        return [name for name in self.content.units if name in named]

    def _own(self) -> int:
        """Slots of a side: as many units as it can ever have."""
        scenario = self.scenario
        if self.drawn:
            return self.options.most
        if self.works:
            return self.options.rows
        if scenario.task == Task.WAVES:
            return min(scenario.count(0) + 3 * scenario.reinforcements, self.options.rows)
        return max(scenario.count(0), scenario.count(1))

    def _nodes(self) -> np.ndarray:
        """Places to gather at: int16 [nodes, 3]: x, y, Node."""
        found = [(place, Node.MINERALS) for letter in "Mm" for place in self._at(letter)]
        found += [(place, Node.GEYSER) for letter in "Gg" for place in self._at(letter)]
        if len(found) > NODES:
            raise ValueError(f"map {self.map.name}: {len(found)} nodes: expected at most {NODES}")
        return np.array([(x, y, int(kind)) for (x, y), kind in found], np.int16).reshape(-1, 3)

    def _at(self, letter: str) -> list[tuple[int, int]]:
        return [self.map.middle(cell) for cell in self.map.places.get(letter, ())]

    def _places(self, letters: str) -> list[tuple[int, int]]:
        """Where these letters stand, from the first side's end to the other's."""
        return sorted(place for letter in letters for place in self._at(letter))

    def sites(self) -> list[str]:
        """Names of the places that units of the full game can be sent to, as each side counts them."""
        if not self.full:
            return []
        return [f"hall {k}" for k in range(len(self.halls))] + [f"gate {k}" for k in range(len(self.gates))]

    def _turned(self) -> np.ndarray:
        """The node where each comes to lie when the map is turned by 180°."""
        places = {tuple(node): number for number, node in enumerate(self.nodes.tolist())}
        return np.array([places[-x, -y, kind] for x, y, kind in self.nodes.tolist()], np.int16)

    def choices(self) -> tuple[str, ...]:
        """Names of a unit's choices."""
        attacks = [f"attack foe {k}" for k in range(self.foes)] + [f"attack creep {k}" for k in range(self.creeps)]
        heals = [f"heal {k}" for k in range(self.own)] if self.healers else []
        gathers = [f"gather {k}" for k in range(self.shown_nodes)] if self.works else []
        makes = [f"make {name}" for name in self.scenario.makes]
        goes = [f"go to {site}" for site in self.sites()] + [f"go to ghost {k}" for k in range(GHOSTS * self.full)]
        return ("nothing", "stop", *DIRECTIONS, *attacks, *heals, *gathers, *makes, *goes)

    def numbers(self) -> np.ndarray:
        """`tables.options`: int32 [Opt]."""
        scenario, options = self.scenario, self.options
        heal = ATTACKS + self.foes + self.creeps
        gather = heal + self.own * self.healers
        make = gather + self.shown_nodes * self.works
        go = make + len(scenario.makes)
        mixes = len(self.content.mixes)
        values = {
            Opt.TASK: scenario.task,
            Opt.SIDES: self.sides,
            Opt.OWN: self.own,
            Opt.FOES: self.foes,
            Opt.CREEPS: self.creeps,
            Opt.NODES: self.shown_nodes,
            Opt.KINDS: len(self.kinds),
            Opt.FOG: self.micro or scenario.fog,
            Opt.TRUCE: not self.duel,
            Opt.WORK: self.works,
            Opt.HEAL: heal,
            Opt.GATHER: gather,
            Opt.MAKE: make,
            Opt.CHOICES: len(self.choices()),
            Opt.LEAST: options.units,
            Opt.MOST: options.most,
            Opt.FIRST_MIX: TRAINED_MIXES if options.split == "held-out" else 0,
            Opt.LAST_MIX: (TRAINED_MIXES if options.split == "train" else mixes) - 1,
            Opt.ALIKE: options.armies == "alike",
            Opt.HELD_OUT: SPLITS.index(options.split),
            Opt.LANE: LANE if self.map.name == "lanes" else 0,
            Opt.REINFORCE: scenario.reinforcements,
            Opt.KILL: scenario.kill,
            Opt.LOSS: scenario.loss,
            Opt.HALL: self.content.kind(HALL),
            Opt.FEW: FEW,
            Opt.GO: go,
            Opt.SITES: len(self.sites()),
            Opt.FASTEST: int(unit_table()["speed"].max()),
            Opt.SPACE: WIDE_SPACE if self.full else SPACE,
            Opt.PURSE: scenario.purse,
            Opt.ORDER: 0,
        }
        return np.array([int(values[entry]) for entry in Opt], np.int32)

    def setup_spec(self) -> tuple[SetupEntry, ...]:
        """What each entry of a setup row may be; -1: drawn."""
        count = SetupEntry("", self.own + 1, -1, "units of a random army")
        mix = SetupEntry("", len(self.content.mixes), -1, "what a random army is drawn from")
        kinds = {
            "swap": SetupEntry("", 2, -1, "1: the first side has the second army"),
            "layout": SetupEntry("", 8, -1, "eighths of a turn by which the armies' places are turned"),
        }
        kinds |= {"first count": count, "second count": count, "first mix": mix, "second mix": mix}
        return tuple(replace(kinds[name], name=name) for name in SETUP)

    def tables(self) -> dict[str, np.ndarray]:
        """The tables of the rules, by name."""
        content, scenario = self.content, self.scenario
        local = np.zeros(len(content.units) + 1, np.int16)
        for place, name in enumerate(self.kinds):
            local[content.kind(name)] = place
        across = np.arange(-REACH, REACH + 1)
        rings = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
        return {
            "tape": np.zeros((1, 0), np.int32),
            "units": unit_table(),
            "made": made_table(content),
            "makes": np.array([content.kind(name) for name in scenario.makes], np.int16),
            "local": local,
            "armies": np.array([content.weights(scenario.first), content.weights(scenario.second)], np.int16),
            "camp": content.weights(scenario.camp),
            "mixes": np.array([content.weights(mix) for mix in content.mixes.values()], np.int16),
            "nodes": self.nodes,
            "turned": self._turned(),
            "starts": np.array(self.halls, np.int16).reshape(-1, 2),
            "sites": np.array(self.halls + self.gates, np.int16).reshape(-1, 2),
            "strategies": table(Strategy, [*content.strategies.values()]),
            "goals": goal_table(content),
            "wishes": np.array([content.weights(row.mix) for row in content.strategies.values()], np.int16),
            "rings": rings[np.argsort((rings**2).sum(axis=1), kind="stable")].astype(np.int16),
            "ground": self.map.ground,
            "way": self.map.way,
            "hypotenuse": np.round(256 * np.hypot(1, np.arange(257) / 256)).astype(np.int16),
            "turns": np.round(256 * np.exp(0.25j * np.pi * np.arange(8))[:, None].view(float)).astype(np.int16),
            "options": self.numbers(),
        }

    def width(self) -> int:
        """Of the map, the longer way, in 1/256 of a unit."""
        return max(self.map.ground.shape) * CELL
