"""Where a fighter's joints are: by pose, by the phase of its move, and by what the move strikes with.

Joints are points (forward, up) from the place between the feet, for a fighter 92 units tall; `skeleton` scales them.
Nothing is remembered between pictures: the record alone says how far along a movement is.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

from ..content import FINE
from .content import Character, Content, Move
from .render_arts import ART
from .render_skeleton import STAFF, Point, Skeleton, between
from .state import MOVES, Kind, Level, Phase, Pose, Slot

TALL = 92.0
"""The height the numbers below are for."""


@dataclass(frozen=True)
class Style:
    """How a character holds itself."""

    stance: Skeleton
    arts: dict[Slot, str]  # what it strikes with, where that differs from `ARTS`
    staff: bool = False


ARTS = {
    Slot.STAND_L: "jab",
    Slot.STAND_M: "straight",
    Slot.STAND_H: "kick",
    Slot.CROUCH_L: "sweep",
    Slot.CROUCH_M: "sweep",
    Slot.CROUCH_H: "sweep",
    Slot.AIR_L: "knee",
    Slot.AIR_M: "air kick",
    Slot.AIR_H: "air kick",
    Slot.OVERHEAD: "chop",
}


def _stance(hip: Point, chest: Point, head: Point, hands: list[Point], feet: list[Point]) -> Skeleton:
    return Skeleton(hip=hip, chest=chest, head=head, hands=hands, feet=feet)


PLAIN = Style(Skeleton(), {Slot.OVERHEAD: "axe kick", Slot.SPECIAL_3: "spin kick"})
STYLES = {
    "ren": PLAIN,
    "kaya": Style(
        _stance((-2, 42), (3, 67), (8, 80), [(10, 48), (26, 70)], [(-16, 0), (19, 0)]),
        {
            Slot.STAND_M: "kick",
            Slot.STAND_H: "spin kick",
            Slot.OVERHEAD: "axe kick",
            Slot.SPECIAL_1: "straight",
            Slot.SPECIAL_3: "dive",
            Slot.AIR_L: "jab",
            Slot.SUPER: "flurry",
        },
    ),
    "ivo": Style(
        _stance((-3, 46), (-2, 72), (0, 85), [(6, 50), (15, 62)], [(-11, 0), (12, 0)]),
        dict.fromkeys((Slot.STAND_L, Slot.STAND_M, Slot.STAND_H, Slot.AIR_L, Slot.AIR_M), "staff")
        | dict.fromkeys((Slot.CROUCH_L, Slot.CROUCH_H), "low staff")
        | {Slot.AIR_H: "staff chop", Slot.OVERHEAD: "staff chop", Slot.SPECIAL_2: "spire"},
        staff=True,
    ),
    "bruk": Style(
        _stance((-2, 42), (7, 68), (13, 80), [(22, 48), (31, 62)], [(-20, 0), (20, 0)]),
        {
            Slot.CROUCH_L: "low jab",
            Slot.CROUCH_M: "uppercut",
            Slot.CROUCH_H: "roll",
            Slot.AIR_L: "air elbow",
            Slot.AIR_H: "body drop",
            Slot.SPECIAL_2: "lariat",
            Slot.SPECIAL_3: "charge",
        },
    ),
}


def skeleton(content: Content, match: Any, side: int) -> Skeleton:
    """The joints of one side's fighter as the record has it."""
    it, other = match.fighter[side], match.fighter[1 - side]
    who = content.characters[it.character]
    style = STYLES.get(content.names[it.character], PLAIN)
    scale = who.stand / TALL
    body = _body(content, style, who, match, it, other, scale)
    if style.staff and body.staff is None:
        hand = body.hands[1]
        lean = 6 if it.pose in (Pose.DOWN, Pose.FALL, Pose.HELD) else 14
        low = hand[1] - STAFF * 0.52
        if it.y == 0 and not body.turn:
            low = max(2.0, low)
        body.staff = (hand[0] - lean, low), (hand[0] + lean, low + STAFF)
    return body


def _body(content: Content, style: Style, who: Character, match: Any, it: Any, other: Any, scale: float) -> Skeleton:
    """Joints by pose; those of an attack are made for the true height, the others are scaled to it."""
    pose, left = Pose(int(it.pose)), int(it.left)
    still = style.stance
    if (gone := out_cold(content, match, it)) > 0 and pose != Pose.DOWN:
        return _scaled(_fall(0, 0) if gone < 0.35 else _down(), scale)
    if pose == Pose.ATTACK:
        move = content.move(int(it.move))
        return _attack(style, move, Slot(int(it.move) % MOVES), it, scale)
    ducked = bool(it.low)
    if pose in (Pose.STAND, Pose.WALK, Pose.CROUCH):
        guarding = it.forward < 0 and match.phase == Phase.FIGHT
        if pose == Pose.CROUCH:
            body = _crouch(still, guarding)
        elif pose == Pose.WALK:
            body = _walk(still, float(it.x) * int(it.facing) / FINE)
        else:
            body = _stand(still, int(match.tick))
            if match.phase == Phase.BREAK and it.health > 0 and other.health < it.health:
                body.hands = [(-14, 54), (12, 104)]  # the winner's fist goes up
    elif pose in (Pose.SPRING, Pose.LAND):
        body = _crouch(still, False, depth=0.6)
        body.hands = [(-16, 40), (-6, 36)]
    elif pose == Pose.AIR:
        body = _air(still, int(it.vy))
    elif pose in (Pose.DASH, Pose.BACKDASH):
        body = _dash(still, pose == Pose.DASH, left)
    elif pose == Pose.HIT:
        body = _hit(still, ducked, left, int(it.stop))
    elif pose == Pose.BLOCK:
        body = _block(still, ducked)
    elif pose == Pose.FALL:
        body = _fall(int(it.vy), int(it.stop))
    elif pose == Pose.DOWN:
        body = _down()
    elif pose == Pose.RISE:
        body = _crouch(still, False, depth=1.0 - 0.35 * max(0, 6 - left) / 6)
        body.hands = [(-12, 8), (16, 30)]
    elif pose == Pose.HOLD:
        body = _hold(content, still, it)
    elif pose == Pose.HELD:
        body = _held(content, it, other)
    else:
        body = replace(still, chest=(-5, 69), head=(-6, 83), hands=[(16, 74), (23, 62)], feet=[(-20, 0), (10, 0)])
    return _scaled(body, scale)


def out_cold(content: Content, match: Any, it: Any) -> float:
    """How much of the pause after its knock-out has gone by, from above 0 to 1. The rules stand still meanwhile."""
    if match.phase != Phase.BREAK or it.health > 0:
        return 0.0
    return 1 - max(0, int(match.pause) - 1) / content.common.pause


def _scaled(body: Skeleton, scale: float) -> Skeleton:
    """The same joints on a taller or shorter body."""

    def more(point: Point) -> Point:
        return point[0] * scale, point[1] * scale

    return replace(
        body,
        hip=more(body.hip),
        chest=more(body.chest),
        head=more(body.head),
        hands=[more(hand) for hand in body.hands],
        feet=[more(foot) for foot in body.feet],
    )


# --- free, moving, hurt ---------------------------------------------------------------------------------------------


def _stand(still: Skeleton, tick: int) -> Skeleton:
    bob = math.sin(tick * math.tau / 52)

    def up(point: Point) -> Point:
        return point[0], point[1] + 1.3 * bob

    return replace(
        still, hip=up(still.hip), chest=up(still.chest), head=up(still.head), hands=[up(h) for h in still.hands]
    )


def _walk(still: Skeleton, x: float) -> Skeleton:
    """Steps follow the place, so that feet do not slide."""
    phase = x / 8.5
    swing, lift = math.sin(phase), math.cos(phase)
    body = replace(still, feet=[(-17 * swing, 7 * max(0.0, -lift)), (17 * swing, 7 * max(0.0, lift))])
    body.hip = (still.hip[0] + 2, still.hip[1] - 2 + 2 * abs(lift))
    return body


def _crouch(still: Skeleton, guarding: bool, depth: float = 1.0) -> Skeleton:
    body = Skeleton(
        hip=between(still.hip, (-6, 19), depth),
        chest=between(still.chest, (3, 38), depth),
        head=between(still.head, (9, 50), depth),
        feet=[(-17, 0), (17, 0)],
    )
    body.hands = [(15, 40), (20, 47)] if guarding else [(14, 30), (24, 37)]
    return body


def _air(still: Skeleton, speed: int) -> Skeleton:
    rising = max(-1.0, min(1.0, speed / (5.0 * FINE)))  # 1 leaving the ground, 0 on top, -1 coming down
    tuck = 1 - abs(rising)
    body = Skeleton(hip=(0, 46), chest=(5, 70), head=(10, 83))
    body.feet = [(-12 + 6 * tuck, 12 + 14 * tuck), (8 + 4 * tuck, 20 + 12 * tuck)]
    body.hands = [(-14, 62 + 14 * rising), (18, 66 + 16 * rising)]
    return body


def _dash(still: Skeleton, forward: bool, left: int) -> Skeleton:
    if forward:
        swing = math.sin(left * 0.75)
        feet = [(-20 * swing - 6, 6 * max(0.0, swing)), (20 * swing + 2, 6 * max(0.0, -swing))]
        return replace(still, hip=(4, 38), chest=(20, 59), head=(29, 70), feet=feet, hands=[(-6, 46), (28, 50)])
    return replace(
        still, hip=(0, 42), chest=(-7, 67), head=(-7, 81), feet=[(-12, 9), (22, 5)], hands=[(10, 62), (18, 70)]
    )


def _hit(still: Skeleton, ducked: bool, left: int, stop: int) -> Skeleton:
    """Thrown back by the blow, then slowly upright again."""
    much = 1.0 if stop > 0 else min(1.0, left / 10)
    if ducked:
        body = _crouch(still, False)
        body.chest, body.head = (-7, 37), between((9, 50), (-17, 46), much)
        body.hands = [(-20, 26), (8, 18)]
        return body
    body = replace(still)
    body.hip = (-2, 42)
    body.chest = between(still.chest, (-12, 65), much)
    body.head = between(still.head, (-24, 76), much)
    body.hands = [between(still.hands[0], (-26, 52), much), between(still.hands[1], (12, 44), much)]
    body.feet = [(-20, 0), (14, 0)]
    return body


def _block(still: Skeleton, ducked: bool) -> Skeleton:
    if ducked:
        body = _crouch(still, True)
        body.chest, body.head, body.hands = (-2, 37), (1, 48), [(15, 56), (17, 34)]
        return body
    return replace(
        still, hip=(-4, 41), chest=(-6, 66), head=(-5, 79), hands=[(12, 88), (14, 60)], feet=[(-20, 0), (13, 0)]
    )


def _fall(speed: int, stop: int) -> Skeleton:
    """Off the ground, back first: the faster down, the flatter."""
    body = Skeleton(hip=(0, 26), chest=(-2, 52), head=(-6, 65), hands=[(-24, 70), (16, 74)], feet=[(14, -14), (24, -4)])
    body.turn = 52.0 if stop > 0 else 66.0 - 24 * max(-1.0, min(1.0, speed / (5 * FINE)))
    return body


def _down() -> Skeleton:
    return Skeleton(hip=(0, 9), chest=(-26, 9), head=(-41, 10), hands=[(-30, 4), (-12, 5)], feet=[(38, 4), (20, 3)])


# --- throws ---------------------------------------------------------------------------------------------------------


def swung(content: Content, holder: Any) -> float:
    """How far a throw is along, from 0 (just caught: it can still be escaped) to 1 (let go)."""
    return max(0.0, min(1.0, 1 - int(holder.left) / content.common.throw))


def _hold(content: Content, still: Skeleton, it: Any) -> Skeleton:
    share = swung(content, it)
    if share == 0:
        return replace(still, chest=(9, 68), head=(14, 81), hands=[(30, 58), (33, 70)])
    angle = math.pi * share if it.heading else 0.75 * math.pi * math.sin(math.pi * share)
    lean = 10 * math.cos(angle)
    hand = (28 * math.cos(angle), 66 + 40 * math.sin(angle))
    body = replace(still, hip=(0, 38), chest=(lean, 64), head=(lean * 1.5, 77))
    body.hands = [hand, (hand[0] + 5, hand[1] - 5)]
    body.feet = [(-19, 0), (19, 0)]
    return body


def _held(content: Content, it: Any, holder: Any) -> Skeleton:
    """Carried over the holder's head where it throws backwards, else lifted and slammed down in front."""
    share = swung(content, holder)
    body = Skeleton(hip=(0, 42), chest=(-4, 68), head=(-6, 82), hands=[(12, 52), (20, 58)], feet=[(-12, 0), (14, 2)])
    if share == 0:
        return body
    gap = abs(int(it.x) - int(holder.x)) / FINE
    height = math.sin(math.pi * share)
    body.turn = 200 * share if holder.heading else 170 * height
    across = gap * (1 - math.cos(math.pi * share)) if holder.heading else gap * 0.7 * height
    body.lift = (across, 52 * height)
    body.hands, body.feet = [(-16, 84), (14, 88)], [(-14, 4), (16, 8)]
    return body


# --- attacks --------------------------------------------------------------------------------------------------------


def _attack(style: Style, move: Move, slot: Slot, it: Any, scale: float) -> Skeleton:
    """Drawn back in startup, in the hit box while active, coming home in recovery."""
    frame = int(it.frame)
    crouching = Slot.CROUCH_L <= slot <= Slot.CROUCH_H
    base = _crouch(style.stance, False) if crouching else replace(style.stance)
    if it.y > 0 and move.leap <= 0:
        base = _air(style.stance, int(it.vy))
    base = _scaled(replace(base, hands=list(base.hands), feet=list(base.feet)), scale)
    art = style.arts.get(slot) or ARTS.get(slot)
    if move.kind == Kind.PROJECTILE:
        art = "cast"
    elif move.kind == Kind.THROW:
        art = "grab"
    elif art is None:
        art = "uppercut" if move.leap > 0 else "straight"
    elif art == "kick" and move.level == Level.LOW:
        art = "sweep"
    ART[art](base, move, frame, extension(move, frame))
    return base


def extension(move: Move, frame: int) -> float:
    """How far a limb is out: below 0 drawn back, 1 in the hit box."""
    if frame <= move.startup:
        share = frame / (move.startup + 1)
        return -0.4 * math.sin(math.pi * share / 1.3) if share < 0.65 else -0.4 + 1.1 * (share - 0.65) / 0.35
    if frame <= move.startup + move.active:
        return 1.0
    return max(0.0, 1 - (frame - move.startup - move.active) / max(1, move.recovery)) ** 1.4
