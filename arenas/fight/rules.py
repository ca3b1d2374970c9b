"""The rules of a fight. `step` is one tick: inputs, wishes, movement, contacts, the round."""

from ..arena import Outcome
from ..compile import rule
from ..content import FINE
from ..dice import draw, seat
from .control import control, notice
from .inputs import read_buttons, read_semantic
from .motion import advance, place
from .slices import caught, enter, settle, sliced, stage
from .state import Code, Phase, Pose, Stream
from .strikes import meet

# Entries of tables.options; those of a slice follow, see slices.py.
WINS_NEEDED, ROUND_TICKS, BUTTONS, PENDING, CHARACTERS = range(5)


@rule
def reset(tables, match):
    """Who fights whom, and the first round."""
    for side in range(2):
        me = match.fighter[side]
        own = seat(match, side)
        code = int(match.setup[own])
        if code == Code.SAME:
            code = int(match.setup[1 - own])
            own = 1 - own
        if code == Code.PICKED:
            match.phase = Phase.PICK
            code = 0
        if code == Code.DRAWN:
            code = draw(tables, match, Stream.CHARACTER.value, own, int(tables.options[CHARACTERS]))
        me.character = min(max(code, 0), int(tables.options[CHARACTERS]) - 1)
        if not sliced(tables):
            me.meter = draw(tables, match, Stream.METER.value, seat(match, side), int(tables.common[0].meter_start) + 1)
    new_round(tables, match)
    if sliced(tables):
        stage(tables, match)


@rule
def new_round(tables, match):
    """Both on their marks; meter and rounds won stay."""
    common = tables.common[0]
    least, most = int(common.gap[0]), int(common.gap[1])
    half = 0
    if not sliced(tables):
        half = (least + draw(tables, match, Stream.GAP.value, 0, most - least + 1)) * FINE // 2
    for side in range(2):
        me = match.fighter[side]
        me.facing = 1 - 2 * side
        me.x = -int(me.facing) * half
        me.y = 0
        me.vx = 0
        me.vy = 0
        me.slide = 0
        me.health = tables.characters[me.character].health
        me.pose = Pose.STAND
        me.frame = 0
        me.left = 0
        me.stop = 0
        me.touched = 0
        me.hits = 0
        me.rehit = 0
        me.armor = 0
        me.low = 0
        me.combo = 0
        me.juggle = 0
        me.safe = 0
        me.hard = 0
        me.woke = 0
        me.heading = 0
        me.shot_left = 0
        me.keep = 0
    match.clock = tables.options[ROUND_TICKS]
    match.pause = 0


@rule
def step(tables, match, actions):
    """One tick."""
    if match.phase == Phase.PICK:
        pick(tables, match, actions)
        return
    for side in range(2):
        if sliced(tables):
            enter(tables, match.fighter[side], int(actions[side, 0]))
        elif tables.options[BUTTONS]:
            read_buttons(tables, match, match.fighter[side], actions[side])
        else:
            read_semantic(
                tables, match.fighter[side], int(actions[side, 0]), int(actions[side, 1]), int(actions[side, 2])
            )
    if match.phase == Phase.BREAK:
        match.pause -= 1
        if match.pause <= 0:
            match.phase = Phase.FIGHT
            new_round(tables, match)
        return
    before = caught(match)
    for side in range(2):
        notice(tables, match, side)
    for side in range(2):
        if match.fighter[side].stop == 0:
            control(tables, match, side)
    for side in range(2):
        advance(tables, match, side)
    place(tables, match)
    meet(tables, match)
    match.clock -= 1
    judge(tables, match)
    if sliced(tables):
        settle(tables, match, before)


@rule
def pick(tables, match, actions):
    """The first action chooses the character: it arrives after the delay."""
    if match.tick < match.delay:
        return
    for side in range(2):
        me = match.fighter[side]
        choice = int(actions[side, 0])
        if tables.options[BUTTONS]:
            choice += 2 * int(actions[side, 1]) + 4 * int(actions[side, 2]) + 8 * int(actions[side, 3])
        me.character = min(max(choice, 0), int(tables.options[CHARACTERS]) - 1)
    match.phase = Phase.FIGHT
    new_round(tables, match)


@rule
def judge(tables, match):
    """Whether the round is over, and with it the match. A drawn round is a win for both."""
    first, second = match.fighter[0], match.fighter[1]
    if first.health > 0 and second.health > 0 and match.clock > 0:
        return
    ahead = int(first.health) * int(tables.characters[second.character].health)
    ahead -= int(second.health) * int(tables.characters[first.character].health)
    if first.health > 0 and second.health > 0:
        match.by_time += 1
    if ahead >= 0:
        first.wins += 1
    if ahead <= 0:
        second.wins += 1
    match.last_winner = 0 if ahead > 0 else 1 if ahead < 0 else 2
    match.rounds += 1
    match.phase = Phase.BREAK
    match.pause = tables.common[0].pause
    needed = int(tables.options[WINS_NEEDED])
    if first.wins >= needed or second.wins >= needed:
        if first.wins == second.wins:
            match.outcome = Outcome.DRAW
        else:
            match.outcome = Outcome.FIRST if first.wins > second.wins else Outcome.SECOND


@rule
def mirror(tables, match):
    """The fighters change places, reflected in the middle of the stage."""
    blank = match.scratch[1]
    match.scratch[0] = match.fighter[0]
    match.fighter[0] = match.fighter[1]
    match.fighter[1] = match.scratch[0]
    match.scratch[0] = blank
    for side in range(2):
        me = match.fighter[side]
        me.x = -int(me.x)
        me.vx = -int(me.vx)
        me.slide = -int(me.slide)
        me.shot_x = -int(me.shot_x)
        me.shot_vx = -int(me.shot_vx)
        me.facing = -int(me.facing)
    if match.rounds > 0 and match.last_winner < 2:
        match.last_winner = 1 - int(match.last_winner)


@rule
def fork(tables, match, side, seed):
    """Hidden are the other's inputs not yet played, the presses and motions it has entered, and a bot's plans."""
    it = match.fighter[1 - side]
    it.keep = 0
    it.plan = 0
    it.plan_left = 0
    for entry in range(it.history.shape[0]):
        it.history[entry] = 0
