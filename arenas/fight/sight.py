"""What a side sees and may choose, from its own fighter's view: forward is positive, own side first.

The other's inputs and plans are hidden.
"""

from ..arena import Block
from ..compile import rule
from ..content import FINE
from .inputs import RAW
from .rules import BUTTONS, CHARACTERS, PENDING
from .slices import choices, sliced
from .state import FULL_METER, MOVES, WALL, Cancel, Phase, Pose, Slot, Want

ROOM = 12
"""Characters an observation has room for."""
GROUPS = 14
"""Entries of the `doing` block."""
SLOTS = 15
BODY = 15
PENDING_SEMANTIC = 11
HISTORY_STEPS = 4


@rule
def observe(tables, match, side, out):
    """Writes the blocks in the order of `blocks`."""
    for j in range(out.shape[0]):
        out[j] = 0
    me, foe = match.fighter[side], match.fighter[1 - side]
    facing = int(me.facing)
    out[0] = match.clock
    out[1] = me.wins
    out[2] = foe.wins
    out[3] = match.phase != Phase.FIGHT
    out[4] = (int(foe.x) - int(me.x)) * facing
    out[5] = int(me.x) * facing + WALL
    out[6] = WALL - int(me.x) * facing
    at = see_fighter(tables, me, me, foe, facing, out, 7)
    if me.pose == Pose.ATTACK and me.touched > 0:
        into = int(tables.moves[me.move].cancel)
        out[at] = (into & Cancel.SPECIAL.value) != 0
        out[at + 1] = (into & (Cancel.LIGHT.value | Cancel.MEDIUM.value | Cancel.HEAVY.value)) != 0
    at = see_fighter(tables, foe, me, foe, facing, out, at + 2)
    if foe.pose == Pose.ATTACK:
        out[at + int(foe.move) % MOVES] = 1
    at += SLOTS
    if tables.options[BUTTONS]:
        see_buttons(tables, match, side, out, at)
    else:
        see_pending(tables, match, side, out, at)


@rule
def see_fighter(tables, it, me, foe, facing, out, at):
    """One fighter as seen by `me`; returns where the next block begins."""
    out[at] = it.y
    out[at + 1] = int(it.vx) * facing
    out[at + 2] = it.vy
    out[at + 3] = it.health
    out[at + 4] = it.meter
    out[at + 5] = ticks_bound(tables, it)
    out[at + 6] = it.stop
    out[at + 7] = it.safe
    out[at + 8] = it.combo
    out[at + 9] = it.juggle
    out[at + 10] = it.low == 1 or it.pose == Pose.CROUCH
    if it.shot_left > 0:
        out[at + 11] = it.shot_hits
        out[at + 12] = (int(it.shot_x) - int(me.x)) * facing
        out[at + 13] = int(it.shot_vx) * facing
    out[at + 14] = int(it.facing) * facing
    out[at + BODY + group(tables, it)] = 1
    out[at + BODY + GROUPS + int(it.character)] = 1
    return at + BODY + GROUPS + ROOM


@rule
def group(tables, it):
    """What a fighter is doing, in few words: `doing` in the README."""
    pose = int(it.pose)
    if pose <= Pose.WALK:
        return 0
    if pose <= Pose.AIR:
        return pose - 1
    if pose == Pose.ATTACK:
        move = tables.moves[it.move]
        return 6 + (it.frame > move.startup) + (it.frame > move.startup + move.active)
    if pose < Pose.ATTACK:
        return min(pose, 6) - 1  # spring 3, land 4, dashes 5
    if pose <= Pose.FALL:
        return pose  # hit 9, block 10, fall 11
    return 12 if pose <= Pose.RISE else 13


@rule
def ticks_bound(tables, it):
    """Ticks until a fighter is free again, as far as can be told."""
    if it.pose == Pose.ATTACK:
        move = tables.moves[it.move]
        return max(0, int(move.startup) + int(move.active) + int(move.recovery) + 1 - int(it.frame))
    if it.pose <= Pose.AIR:
        return 0
    left = int(it.left)
    if it.pose == Pose.DOWN:
        left += int(tables.common[0].rise)
    return left


@rule
def see_pending(tables, match, side, out, at):
    """Own decisions that have not been played yet (semantic actions)."""
    ring = match.pending.shape[0]
    for ahead in range(tables.options[PENDING]):
        entry = (int(match.tick) + ahead * int(match.frame_skip)) % ring
        direction, button = int(match.pending[entry, side, 0]), int(match.pending[entry, side, 1])
        out[at] = tables.directions[direction, 0]
        out[at + 1] = tables.directions[direction, 1]
        if button == Want.SPECIAL:
            out[at + 7 + int(match.pending[entry, side, 2])] = 1
        elif button != Want.NOTHING:
            out[at + 1 + button] = 1
        at += PENDING_SEMANTIC


@rule
def see_buttons(tables, match, side, out, at):
    """Own decisions not played yet, then own directions of the last ticks, every fourth (raw buttons)."""
    ring = match.pending.shape[0]
    for ahead in range(tables.options[PENDING]):
        entry = (int(match.tick) + ahead * int(match.frame_skip)) % ring
        for button in range(RAW):
            out[at + button] = match.pending[entry, side, button]
        at += RAW
    me = match.fighter[side]
    length = me.history.shape[0]
    for step in range(HISTORY_STEPS):
        direction = int(me.history[(int(match.tick) - 1 - 4 * step) % length])
        if direction > 0:
            out[at] = (direction - 1) % 3 - 1
            out[at + 1] = (direction - 1) // 3 - 1
        at += 2


@rule
def legal(tables, match, side, mask):
    """Anything may be asked for at any time, as it is played after the delay; but the super needs its meter now."""
    if sliced(tables):
        choices(tables, match, side, mask)
        return
    picking = match.phase == Phase.PICK and match.tick == 0
    characters = int(tables.options[CHARACTERS])
    if tables.options[BUTTONS]:
        for slot in range(RAW):
            mask[slot, 0] = 1
            mask[slot, 1] = not picking or (1 << slot) < characters
        return
    if picking:
        for choice in range(min(characters, 9)):
            mask[0, choice] = 1
        mask[1, 0] = 1
        mask[2, 0] = 1
        return
    me = match.fighter[side]
    for choice in range(9):
        mask[0, choice] = 1
    for choice in range(7):
        mask[1, choice] = 1
    for choice in range(3):
        mask[2, choice] = 1
    mask[2, 3] = me.meter >= tables.moves[int(me.character) * MOVES + Slot.SUPER].cost


def blocks(pending: int, buttons: bool) -> tuple[Block, ...]:
    """The blocks of an observation. pending: decisions in flight."""

    def fighter(who: str) -> list[Block]:
        return [
            Block(f"{who} height", 1, 1 / (100 * FINE), "of the feet above the ground"),
            Block(f"{who} speed", 2, 1 / (8 * FINE), "forward as I face, up"),
            Block(f"{who} health", 1, 1 / 1000),
            Block(f"{who} meter", 1, 1 / FULL_METER),
            Block(f"{who} bound", 1, 1 / 30, "ticks until free again, as far as can be told"),
            Block(f"{who} stop", 1, 1 / 12, "ticks of hitstop left"),
            Block(f"{who} safe", 1, 1 / 10, "ticks in which no throw catches"),
            Block(f"{who} combo", 1, 1 / 5, "hits taken since last free"),
            Block(f"{who} juggle", 1, 1 / 4, "juggle points spent on it"),
            Block(f"{who} low", 1, 1.0, "crouching"),
            Block(f"{who} shot", 1, 1 / 2, "hits its projectile still has, 0: none"),
            Block(f"{who} shot place", 1, 1 / (300 * FINE), "ahead of me"),
            Block(f"{who} shot speed", 1, 1 / (8 * FINE), "forward as I face"),
            Block(f"{who} facing", 1, 1.0, "1: as I do"),
            Block(
                f"{who} doing",
                GROUPS,
                1.0,
                "free, crouch, air, spring, land, dash, startup, active, recovery, hit, block, fall, down, throw",
            ),
            Block(f"{who} character", ROOM),
        ]

    own = [
        Block("clock", 1, 1 / 5940, "ticks left of the round"),
        Block("wins", 2, 0.5, "rounds: own, other's"),
        Block("waiting", 1, 1.0, "1: between rounds, or picking"),
        Block("distance", 1, 1 / (300 * FINE), "to the other, forward as I face"),
        Block("walls", 2, 1 / (600 * FINE), "to the one behind, the one ahead"),
        *fighter("own"),
        Block("own cancel", 2, 1.0, "my move touched and may be cut short for a special, for a normal"),
        *fighter("other"),
        Block("other move", SLOTS, 1.0, "its place in the list of moves"),
    ]
    for ahead in range(pending):
        if buttons:
            own.append(Block(f"pending {ahead}", RAW, 1.0, "own buttons to be played"))
        else:
            words = (
                "own decision to be played: direction x, y; light, medium, heavy, throw, dash; special 1, 2, 3, super"
            )
            own.append(Block(f"pending {ahead}", PENDING_SEMANTIC, 1.0, words))
    if buttons:
        own.append(Block("history", 2 * HISTORY_STEPS, 1.0, "own directions of the last ticks, every fourth"))
    return tuple(own)
