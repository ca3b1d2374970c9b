"""Colonel Blotto: both sides spread their coins over the fields at once, and who wins more fields wins (Borel, 1921).

A field goes to the side with more coins on it, and to neither if they are equal. All coins are placed. Rules and order
of the allocations are those of OpenSpiel's `blotto`.
"""

from dataclasses import dataclass
from math import comb
from typing import NamedTuple

import numpy as np

from ..arena import ActionSpec, Arena, Block, Game, IllegalOption, ObsSpec, Rules, Slot, match_dtype, within
from ..compile import rule
from .common import exchange, no_tape, settle

MOST_ALLOCATIONS = 10_000


class Tables(NamedTuple):
    """Read-only arrays shared by all matches."""

    tape: np.ndarray  # int32 [rows, values]
    allocations: np.ndarray  # int16 [allocations, fields]: coins, in rising order


@rule
def reset(tables, match):
    match.chosen[0] = -1
    match.chosen[1] = -1


@rule
def step(tables, match, actions):
    match.chosen[0] = actions[0, 0]
    match.chosen[1] = actions[1, 0]
    ahead = 0  # fields won by side 0 more than by side 1
    for field in range(tables.allocations.shape[1]):
        first, second = placed(tables, match, 0, field), placed(tables, match, 1, field)
        ahead += int(first > second) - int(first < second)
    settle(match, 0 if ahead > 0 else 1, int(ahead != 0))


@rule
def legal(tables, match, side, mask):
    for choice in range(tables.allocations.shape[0]):
        mask[0, choice] = 1


@rule
def observe(tables, match, side, out):
    fields = tables.allocations.shape[1]
    for field in range(fields):
        out[field] = placed(tables, match, side, field)
        out[fields + field] = placed(tables, match, 1 - side, field)


@rule
def placed(tables, match, side, field):
    """Coins of a side on a field, none before the choice."""
    return int(tables.allocations[match.chosen[side], field]) if match.chosen[side] >= 0 else 0


@rule
def mirror(tables, match):
    exchange(match.chosen)


@dataclass(frozen=True)
class Options:
    """Options of Blotto."""

    coins: int = 10  # of each side
    fields: int = 3


def allocations(coins: int, fields: int) -> list[tuple[int, ...]]:
    """Every way to place the coins, in rising order: the first field's coins count most."""
    if fields == 1:
        return [(coins,)]
    return [(first, *rest) for first in range(coins + 1) for rest in allocations(coins - first, fields - 1)]


def prepare(arena: Arena, options: Options) -> Game:
    """The game with these options."""
    within(arena.name, "coins", options.coins, 1, 100)
    within(arena.name, "fields", options.fields, 1, 20)
    count = comb(options.coins + options.fields - 1, options.fields - 1)
    if count > MOST_ALLOCATIONS:
        raise IllegalOption(
            f"{arena.name}: {options.coins} coins on {options.fields} fields can be placed in {count:,} ways: "
            f"expected at most {MOST_ALLOCATIONS:,}"
        )
    ways = allocations(options.coins, options.fields)
    return Game(
        arena=arena,
        options=vars(options),
        tables=Tables(tape=no_tape(), allocations=np.array(ways, np.int16)),
        state=match_dtype([("chosen", np.int16, (2,))], slots=1, setup=0),
        observation=ObsSpec(
            (
                Block("own coins", options.fields, 1 / options.coins, "by field, once placed"),
                Block("other's coins", options.fields, 1 / options.coins, "the same"),
            )
        ),
        action=ActionSpec((Slot("allocation", tuple("-".join(map(str, way)) for way in ways)),)),
        setup=(),
        symmetric=True,
        tick_limit=1,
        perfect_information=True,
        chance=False,
    )


def describe(game: Game, match) -> str:
    """What was chosen."""
    if match.chosen[0] < 0:
        return f"{game.options['coins']} coins for {game.options['fields']} fields, nothing placed yet"
    names = game.action.slots[0].choices
    return f"{names[match.chosen[0]]} against {names[match.chosen[1]]}"


ARENA = Arena(
    name="classic/blotto",
    version=1,
    title="Colonel Blotto",
    rules=Rules(reset, step, legal, observe, mirror=mirror),
    options=Options,
    prepare=prepare,
    describe=describe,
    module=__name__,
)
