"""The words scripted opponents think in: options and situations."""

from enum import IntEnum

from .state import Want

LEVELS = 8
STYLES = ("turtle", "grabber", "poker", "jumper", "zoner", "reversal")


class Option(IntEnum):
    """What a bot can set out to do. The order is that of `CHOICES`."""

    WAIT = 0
    ADVANCE = 1
    RETREAT = 2
    DASH = 3
    BACKDASH = 4
    GUARD_HIGH = 5
    GUARD_LOW = 6
    JUMP_IN = 7
    JUMP_BACK = 8
    JUMP_UP = 9
    JAB = 10
    STRAIGHT = 11
    HEAVY = 12
    LOW_JAB = 13
    LOW_STRAIGHT = 14
    SWEEP = 15
    OVERHEAD = 16
    THROW = 17
    SPECIAL_1 = 18
    SPECIAL_2 = 19
    SPECIAL_3 = 20
    SUPER = 21


CHOICES = (  # one row an option: direction, button, special, least and most decisions it is held
    (0, 0, 0, 1, 3),
    (1, 0, 0, 1, 4),
    (2, 0, 0, 1, 4),
    (1, 5, 0, 1, 1),
    (2, 5, 0, 1, 1),
    (2, 0, 0, 2, 5),
    (8, 0, 0, 2, 5),
    (5, 0, 0, 1, 1),
    (6, 0, 0, 1, 1),
    (3, 0, 0, 1, 1),
    (0, 1, 0, 1, 2),
    (0, 2, 0, 1, 1),
    (0, 3, 0, 1, 1),
    (4, 1, 0, 1, 2),
    (4, 2, 0, 1, 1),
    (4, 3, 0, 1, 1),
    (1, 3, 0, 1, 1),
    (1, 4, 0, 1, 1),
    (0, 6, 0, 1, 1),
    (0, 6, 1, 1, 1),
    (0, 6, 2, 1, 1),
    (0, 6, 3, 1, 1),
)

STEPS = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Forward and up of each direction of the semantic actions."""


class Situation(IntEnum):
    """What a bot's weights are asked by."""

    FAR = 0
    MIDDLE = 1
    NEAR = 2
    WAKING = 3  # knocked down, about to rise
    PRESSED = 4  # in block or hitstun, about to be free
    OVER = 5  # the other is down


def option_of(direction: int, button: int, special: int) -> Option:
    """What the semantic action (direction, button, special) sets out to do, as an option."""
    forward, up = STEPS[direction]
    if button == Want.SPECIAL:
        return Option(Option.SPECIAL_1 + special)
    if button == Want.DASH:
        return Option.BACKDASH if forward < 0 else Option.DASH
    if button == Want.THROW:
        return Option.THROW
    if button == Want.HEAVY and up >= 0:
        return Option.OVERHEAD if forward > 0 else Option.HEAVY
    if button != Want.NOTHING:
        return Option((Option.LOW_JAB if up < 0 else Option.JAB) + button - Want.LIGHT)
    if up > 0:
        return (Option.JUMP_BACK, Option.JUMP_UP, Option.JUMP_IN)[forward + 1]
    if up < 0:
        return Option.GUARD_LOW if forward < 0 else Option.WAIT
    return (Option.GUARD_HIGH, Option.WAIT, Option.ADVANCE)[forward + 1]
