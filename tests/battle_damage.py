"""The damage of single hits by the rules, all rolls side by side: an arena of one tick, in which a recorded position is
laid out and one move used up to the damage of its hits (tests/oracle/README.md says what a case is)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kumite.arenas import battle
from kumite.arenas.arena import ActionSpec, Arena, Block, Game, ObsSpec, Rules, SetupEntry, Slot, match_dtype
from kumite.arenas.batch import Batch
from kumite.arenas.battle.aim import find_targets
from kumite.arenas.battle.becoming import become, prepare
from kumite.arenas.battle.content import default_content, word
from kumite.arenas.battle.damage import damage_of
from kumite.arenas.battle.pools import read_pool
from kumite.arenas.battle.state import ALWAYS, NOBODY, OWN_FIELDS, SLOTS, Result
from kumite.arenas.battle.terms import SideCondition, Stage, Stat, Status, Terrain, Type, Volatile, Weather
from kumite.arenas.compile import rule
from kumite.arenas.content import hash_files

CONTENT = default_content()
ROLLS = 16
MOST = 3
"""Targets one move can hit."""
NO_TARGET = 12
UNNERVING = ("asoneglastrier", "asonespectrier")
"""Abilities that have kept foes from eating berries since their holder came in."""
USER, MOVE, AIM, TARGETS = 0, 1, 2, 3
"""Entries of a setup row; the last is the first of `MOST`."""


@rule
def reset(tables, match):
    """The position is written from outside."""


@rule(inline=False)
def step(tables, match, actions):
    """Uses the move up to the damage of its hits; the last one's is the score."""
    user, move, aim = int(match.setup[USER]), int(match.setup[MOVE]), int(match.setup[AIM])
    prepare(tables, match, user, move, 0)
    become(tables, match)
    match.now.target = aim
    find_targets(tables, match, aim)
    match.now.spread = match.now.count > 1
    match.now.hit = 1
    for k in range(MOST):
        who = int(match.setup[TARGETS + k])
        if who != NO_TARGET:
            match.now.target = who
            match.score[0] = damage_of(tables, match, who)


@rule
def legal(tables, match, side, mask):
    """There is nothing to choose."""
    mask[0, 0] = 1


@rule
def observe(tables, match, side, out):
    """There is nothing to see."""
    out[0] = 0


def prepare_game(arena: Arena, options: battle.Options) -> Game:
    """The arena's game: tables and record of battle, and a setup row that says who hits whom with what."""
    whole = battle.build(battle.ARENA, options, list(read_pool("training 1").teams))
    entries = [("user", 12), ("move", len(CONTENT.moves)), ("aim", 12), *((f"target {k}", 13) for k in range(MOST))]
    return Game(
        arena=arena,
        options=vars(options),
        tables=whole.tables,
        state=match_dtype(OWN_FIELDS, slots=SLOTS, setup=TARGETS + MOST),
        observation=ObsSpec((Block("nothing", 1),)),
        action=ActionSpec((Slot("only", ("pass",)),)),
        setup=(0, 0, 0, *[NO_TARGET] * MOST),
        symmetric=False,
        tick_limit=1000,
        setup_spec=tuple(SetupEntry(name, below, 0, name) for name, below in entries),
    )


RULES = Rules(reset, step, legal, observe)
ARENA = Arena(
    name=f"battle-damage-{hash_files([Path(__file__)])}",  # compiled anew when this file changes, too
    version=1,
    title="The damage of one hit",
    rules=RULES,
    options=battle.Options,
    prepare=prepare_game,
    describe=lambda game, match: str(match.score[0]),
    module=battle.__name__,
)


# --- a recorded position ---


def number(place: str) -> int:
    """p2b -> 7: the Pokemon laid out for this place."""
    return 6 * (int(place[1]) - 1) + "ab".index(place[2])


def lay_out(match: Any, position: dict[str, Any]) -> None:
    """Writes a recorded position into a record."""
    match.weather = word(Weather, position["weather"] or None)
    match.terrain = word(Terrain, position["terrain"] or None)
    match.trick_room = 5 * ("trickroom" in position["pseudo_weather"])
    match.active[:] = NOBODY
    match.mon["at"] = NOBODY
    match.left[:] = 4
    for s, side in enumerate(position["sides"]):
        for name in side["conditions"]:
            if name.upper() in SideCondition.__members__:
                match.layers[s, SideCondition[name.upper()]] = 4
        for given in side["active"]:
            who = 6 * s + given["place"]
            match.active[2 * s + given["place"]] = who
            lay_out_mon(match.mon[who], given, 2 * s + given["place"])


def lay_out_mon(mon: Any, given: dict[str, Any], at: int) -> None:
    """Writes one recorded Pokemon."""
    mon.at, mon.place, mon.level = at, at % 2, 50
    mon.species = CONTENT.id_of("species", given["species"])
    mon.types[:] = CONTENT.species_table[mon.species].types
    mon.ability = mon.own_ability = CONTENT.id_of("abilities", given["ability"]) if given["ability"] else 0
    mon.unnerves = given["ability"] in UNNERVING
    mon.held = CONTENT.id_of("items", given["item"]) if given["item"] else 0
    mon.stats[:] = [given["stats"][stat.name.lower()] for stat in Stat]
    mon.stats[0] = given["max_hp"]
    mon.hp = given["hp"]
    mon.fainted = given["hp"] == 0
    mon.status = word(Status, given["status"] or None)
    mon.tera = word(Type, given["tera_type"])
    mon.terastallized = word(Type, given["terastallized"] or None)
    for name, stage in given["stages"].items():
        mon.stages[Stage[name.upper()]] = stage
    mon.attacked = given.get("times_attacked", 0)
    mon.last_result = Result.FAILED if given.get("last_failed") else Result.UNKNOWN
    mon.speed = given["speed"]
    for kind in filter(None, given.get("stellar", "").split(",")):
        mon.stellar = int(mon.stellar) | 1 << word(Type, kind)
    for name, state in given["volatiles"].items():
        if name.upper() in Volatile.__members__:
            mon.turns[Volatile[name.upper()]] = state.get("duration", ALWAYS)
            if "bestStat" in state:
                mon.best = Stat[state["bestStat"].upper()]


# --- many hits at once ---


@dataclass(frozen=True)
class Hit:
    """One hit of a case: the last of `targets`, those before it having been hit with the lowest roll."""

    position: dict[str, Any]
    user: int
    move: int
    aim: int
    targets: tuple[int, ...]
    critical: tuple[bool, ...]
    rolls: tuple[int, ...]

    def __str__(self) -> str:
        return f"{CONTENT.moves[self.move]} of {self.user} on {self.targets}, expected {self.rolls}:\n{self.position}"

    def tape(self, roll: int) -> list[int]:
        """The draws: a critical hit where it is not certain, and the roll, for each target."""
        thrown = not CONTENT.move_table[self.move].always_critical
        values = []
        for k, critical in enumerate(self.critical):
            values += [0 if critical else 1] * thrown
            values.append(roll if k == len(self.critical) - 1 else ROLLS - 1)
        return values


def hits_of(line: dict[str, Any]) -> Iterator[Hit]:
    """The hits of a recorded position."""
    for case in line["cases"]:
        user, move, aim = number(case["user"]), CONTENT.id_of("moves", case["move"]), number(case["at"])
        targets = tuple(number(hit["target"]) for hit in case["hits"])
        critical = tuple(hit.get("critical", False) for hit in case["hits"])
        for k, hit in enumerate(case["hits"], 1):
            yield Hit(line["position"], user, move, aim, targets[:k], critical[:k], tuple(hit["rolls"]))


def damages(game: Game, hits: Sequence[Hit]) -> np.ndarray:
    """The damage of each hit with each roll: int [hits, 16]."""
    batch = Batch(game, len(hits) * ROLLS)
    tape = np.zeros((len(batch), 2 * MOST), np.int32)
    setup = np.full((len(batch), TARGETS + MOST), NO_TARGET, np.int32)
    for i, hit in enumerate(hits):
        rows = slice(i * ROLLS, (i + 1) * ROLLS)
        setup[rows, :TARGETS] = hit.user, hit.move, hit.aim
        setup[rows, TARGETS : TARGETS + len(hit.targets)] = hit.targets
    batch.reset(setup=setup)
    for i, hit in enumerate(hits):
        first = i * ROLLS
        lay_out(batch.state[first], hit.position)
        for field, *_ in OWN_FIELDS:
            batch.state[field][first + 1 : first + ROLLS] = batch.state[field][first]
        for roll in range(ROLLS):
            values = hit.tape(roll)
            tape[first + roll, : len(values)] = values
            batch.state.tape_length[first + roll] = len(values)
    batch.tables = batch.tables._replace(tape=tape)
    batch.step(np.zeros(batch.actions.shape, np.int16))
    unused = np.flatnonzero(batch.state.tape_cursor != batch.state.tape_length)
    if unused.size or batch.state.tape_faces.any():
        at = int(unused[0]) if unused.size else int(np.flatnonzero(batch.state.tape_faces)[0])
        raise AssertionError(f"draws left over or missing: {hits[at // ROLLS]}")
    return batch.state.score[:, 0].reshape(-1, ROLLS)
