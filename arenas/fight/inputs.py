"""From actions to what a fighter is asked: a direction, and one wish. Both action spaces end in the same wishes."""

from ..compile import rule
from .control import allowed
from .state import HISTORY, MOVES, Motion, Slot, Want, Where

MOTION_STEPS = 3
# Action space `buttons`: one slot of two choices each.
UP, DOWN, BACK, FORWARD, LIGHT, MEDIUM, HEAVY, THROW = range(8)
RAW = 8
DIRECT = 16
"""Added to the first slot where a bot plays in the space `buttons`: it enters its wish directly, not by motion."""


@rule
def read_semantic(tables, me, direction, button, special):
    """direction x button x special: a wish lasts while it is held."""
    me.forward = tables.directions[direction, 0]
    me.up = tables.directions[direction, 1]
    if button == Want.NOTHING:
        me.keep = 0
    else:
        me.want = button if button != Want.SPECIAL else Want.SPECIAL + 1 + special
        me.keep = 1


@rule
def read_buttons(tables, match, me, action):
    """Eight raw buttons: a press is remembered for a few ticks; motions are read from the last sixteen."""
    if action[0] >= DIRECT:
        read_semantic(tables, me, int(action[0]) - DIRECT, int(action[1]), int(action[2]))
        return
    bits = 0
    for button in range(RAW):
        bits |= (int(action[button]) & 1) << button
    me.forward = ((bits >> FORWARD) & 1) - ((bits >> BACK) & 1)
    me.up = ((bits >> UP) & 1) - ((bits >> DOWN) & 1)
    direction = 5 + int(me.forward) + 3 * int(me.up)
    now = int(match.tick) % HISTORY
    turned = direction != me.history[(now + HISTORY - 1) % HISTORY]
    me.history[now] = direction
    pressed = (bits & ~int(me.buttons)) >> LIGHT
    held = bits >> LIGHT
    me.buttons = bits
    if me.keep > 0 and me.stop == 0:  # hitstop is time to enter a cancel in
        me.keep -= 1
    want = Want.NOTHING
    if pressed:
        want = wished(tables, me, now, held, pressed)
    elif turned and direction == 6 and moved(tables, me, now, Motion.DOUBLE_TAP):
        want = Want.DASH
    elif turned and direction == 4 and moved(tables, me, now, Motion.DOUBLE_TAP_BACK):
        want = Want.DASH
    if want != Want.NOTHING:
        me.want = want
        me.keep = tables.common[0].press_memory


@rule
def wished(tables, me, now, held, pressed):
    """What freshly pressed buttons ask for: the super or a special whose motion was made and that can be begun here and
    now, or a throw, or a normal."""
    place = Where.AIR.value if me.y > 0 else Where.GROUND.value
    first = int(me.character) * MOVES + Slot.SPECIAL_1
    for back in range(4):
        number = 3 - back  # the super first
        move = tables.moves[first + number]
        if (
            (held & move.press) != move.press
            or not pressed & move.press
            or not moved(tables, me, now, int(move.motion))
        ):
            continue
        if allowed(tables, me, Slot.SPECIAL_1 + number, place):
            return Want.SPECIAL + 1 + number
    if pressed & 8:
        return Want.THROW.value
    if pressed & 4:
        return Want.HEAVY.value
    if pressed & 2:
        return Want.MEDIUM.value
    return Want.LIGHT.value


@rule
def moved(tables, me, now, motion):
    """Whether the directions of a motion were held one after the other within the last sixteen ticks."""
    step = MOTION_STEPS - 1
    for age in range(HISTORY):
        if me.history[(now + HISTORY - age) % HISTORY] == tables.motions[motion, step]:
            if step == 0:
                return True
            step -= 1
    return False
