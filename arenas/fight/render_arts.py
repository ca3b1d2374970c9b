"""What a fighter strikes with: each art moves the joints of a body so that fist, foot or staff is in the hit box.

An art gets the body at rest, the move, the frame, and how far the limb is out (below 0 drawn back, 1 in the hit box).
"""

import math
from collections.abc import Callable

from .content import Move
from .render_skeleton import STAFF, Point, Skeleton, between
from .state import Kind

ART: dict[str, Callable[[Skeleton, Move, int, float], None]] = {}
"""By name."""


def art(function: Callable[[Skeleton, Move, int, float], None]) -> Callable[[Skeleton, Move, int, float], None]:
    """Enters an art under its name, underscores as spaces."""
    ART[function.__name__.strip("_").replace("_", " ")] = function
    return function


def _aim(move: Move) -> Point:
    """The tip of a hit box."""
    return move.hit[1] - 4.0, (move.hit[2] + move.hit[3]) / 2


def _shift(body: Skeleton, x: float, y: float = 0.0) -> None:
    """Moves the trunk, the feet staying."""
    body.hip = (body.hip[0] + x * 0.7, body.hip[1] + y)
    body.chest = (body.chest[0] + x * 1.3, body.chest[1] + y)
    body.head = (body.head[0] + x * 1.4, body.head[1] + y)


def _reach(rest: Point, aim: Point, out: float, drawn: Point) -> Point:
    """A hand or foot on its way: towards `drawn` while drawn back, towards `aim` when thrown out."""
    return between(rest, aim, out) if out >= 0 else between(rest, drawn, -out / 0.4)


def _strike(body: Skeleton, move: Move, frame: int, out: float, tip: Point, back: Point) -> None:
    if move.startup < frame <= move.startup + move.active and out > 0.9:
        body.tip, body.back = tip, back


# --- fists ---


def _punch(body: Skeleton, move: Move, frame: int, out: float, hand: int) -> None:
    aim = _aim(move)
    stretch = max(0.0, aim[0] - 46)
    _shift(body, out * (5 + 0.35 * stretch))
    body.feet[1] = (body.feet[1][0] + max(0.0, out) * stretch * 0.5, body.feet[1][1])
    rest = body.hands[hand]
    body.hands[hand] = _reach(rest, aim, out, (rest[0] - 20, rest[1] - 4))
    if out > 0:
        body.hands[1 - hand] = between(body.hands[1 - hand], (body.chest[0] - 8, body.chest[1] - 10), out)
    _strike(body, move, frame, out, body.hands[hand], body.chest)


@art
def jab(body: Skeleton, move: Move, frame: int, out: float) -> None:
    _punch(body, move, frame, out, 1)


@art
def straight(body: Skeleton, move: Move, frame: int, out: float) -> None:
    _punch(body, move, frame, out, 0)


@art
def low_jab(body: Skeleton, move: Move, frame: int, out: float) -> None:
    _punch(body, move, frame, out, 1)
    _shift(body, 6 * out, -3 * max(0.0, out))


@art
def air_elbow(body: Skeleton, move: Move, frame: int, out: float) -> None:
    body.hands[1] = _reach(body.hands[1], (move.hit[1] - 6.0, move.hit[2] + 16.0), out, (0, 92))
    _shift(body, 8 * out, -4 * out)
    _strike(body, move, frame, out, body.hands[1], body.chest)


@art
def flurry(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Fist after fist."""
    reach, low, high = move.hit[1], move.hit[2], move.hit[3]
    _shift(body, 12 * out)
    for hand in (0, 1):
        near = (frame // 2 + hand) % 2
        rest = body.hands[hand]
        aim = (reach - 6 - 26.0 * near, low + (high - low) * (0.35 + 0.12 * ((frame // 2 + 3 * hand) % 5)))
        body.hands[hand] = _reach(rest, aim, out, (rest[0] - 18, rest[1]))
        if not near:
            _strike(body, move, frame, out, body.hands[hand], body.chest)


@art
def uppercut(body: Skeleton, move: Move, frame: int, out: float) -> None:
    top, ahead = move.hit[3] - 8.0, move.hit[1] * 0.62
    grown = max(0.0, out)
    low = max(0.0, -out) / 0.4
    body.hip = (body.hip[0] + 6 * grown, body.hip[1] + 6 * grown - 14 * low)
    body.chest = (body.chest[0] + 6 * grown + 4 * low, body.hip[1] + 27)
    body.head = (body.chest[0] + 3, body.chest[1] + 13)
    body.hands[1] = _reach((26, body.chest[1] - 14), (ahead, top), out, (10, body.hip[1] - 6))
    body.hands[0] = (body.chest[0] - 12, body.chest[1] - 16)
    if move.leap > 0 and out > 0.3:
        body.feet = [(-8, 4), (10, 26)]
    if move.startup < frame <= move.startup + move.active:
        body.tip = body.hands[1]
        body.sweep = (math.dist(body.chest, body.hands[1]), -40, 62)


@art
def chop(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Both fists over the head for all to see, then down."""
    aim = (move.hit[1] - 8.0, move.hit[2] + 16.0)
    above = (4.0, body.head[1] + 26)
    raised = min(1.0, frame / (0.45 * move.startup))
    fists = between(body.hands[1], above, raised) if frame <= move.startup - 2 else between(body.hands[1], aim, out)
    if frame > move.startup - 2:
        _shift(body, 12 * out, -3 * out)
    else:
        _shift(body, -6 * raised)
    body.hands = [(fists[0] - 4, fists[1] - 3), fists]
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.sweep = fists, (math.dist(body.chest, fists), 95, -18)


# --- feet ---


@art
def kick(body: Skeleton, move: Move, frame: int, out: float) -> None:
    aim = (move.hit[1] - 5.0, (move.hit[2] + move.hit[3]) / 2)
    body.feet[0] = (-8, body.feet[0][1])
    body.hip = (body.hip[0] + 6 * out, body.hip[1] + 2)
    lean = max(0.0, out)
    body.chest = (body.chest[0] - 16 * lean, body.chest[1] - 2 * lean)
    body.head = (body.head[0] - 24 * lean, body.head[1] - 4 * lean)
    body.feet[1] = _reach(body.feet[1], aim, out, (10, 30))
    if 0 < out < 1:
        body.feet[1] = (body.feet[1][0], body.feet[1][1] + 14 * math.sin(math.pi * out))
    body.hands = [(-22, body.chest[1] - 18), (14, body.chest[1] - 6)]
    _strike(body, move, frame, out, body.feet[1], body.hip)


@art
def spin_kick(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Round and round where it stays active for long, else one turn."""
    aim = _aim(move)
    if move.active < 8:
        kick(body, move, frame, out)
        if body.tip:
            body.tip, body.back, body.sweep = body.feet[1], None, (aim[0], 70, -12)
        return
    turning = move.startup - 3 < frame <= move.startup + move.active + 3
    if not turning:
        kick(body, move, frame, 0.4 * out)
        return
    round_ = math.cos(frame * 0.9)
    body.hip = (4, body.hip[1] + 8)
    body.chest, body.head = (0, body.hip[1] + 26), (1, body.hip[1] + 39)
    body.feet = [(-4, 18), (8 + (aim[0] - 8) * round_ if round_ > 0 else (8 - move.hit[0]) * round_, aim[1] + 2)]
    body.hands = [(-16 * round_, body.chest[1] - 6), (14 * round_, body.chest[1] + 2)]
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.back = body.feet[1], (-body.feet[1][0] * 0.7, aim[1] - 2)


@art
def sweep(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Low, the leg along the floor."""
    lean = max(0.0, out)
    body.hip = (body.hip[0] - 2 * lean, body.hip[1] - 2 * lean)
    body.chest = (body.chest[0] - 11 * lean, body.chest[1] - 3 * lean)
    body.head = (body.head[0] - 14 * lean, body.head[1] - 3 * lean)
    body.feet[0] = (-9, 0)
    body.feet[1] = _reach(body.feet[1], (move.hit[1] - 5.0, 5.0), out, (4, 8))
    body.hands = [(-24, 5 + 20 * (1 - lean)), (16, body.chest[1] - 6)]
    _strike(body, move, frame, out, body.feet[1], (body.hip[0], 7))


@art
def axe_kick(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """The heel goes up over the head, and falls."""
    aim = (move.hit[1] - 8.0, move.hit[2] + 12.0)
    above = (22.0, move.hit[3] + 12.0)
    body.feet[0] = (-6, 0)
    if frame <= move.startup - 2:
        raised = math.sin(math.pi / 2 * min(1.0, frame / (0.6 * move.startup)))
        body.feet[1] = between(body.feet[1], above, raised)
        lean = raised
    else:
        body.feet[1] = between(body.feet[1], aim, out)
        lean = 0.6 * out
    body.chest = (body.chest[0] - 14 * lean, body.chest[1] - 2 * lean)
    body.head = (body.head[0] - 18 * lean, body.head[1] - 3 * lean)
    body.hands = [(-24, body.chest[1] - 14), (4, body.chest[1] - 18)]
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.sweep = body.feet[1], (math.dist(body.chest, body.feet[1]), 58, -30)


@art
def knee(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """The shin folded under, the knee foremost."""
    body.feet[1] = _reach(body.feet[1], (move.hit[1] - 24.0, move.hit[2] + 2.0), out, (2, 24))
    body.feet[0] = (-16, 16)
    _shift(body, 5 * out)
    _strike(body, move, frame, out, (move.hit[1] - 6.0, _aim(move)[1]), body.hip)


@art
def air_kick(body: Skeleton, move: Move, frame: int, out: float) -> None:
    aim = (move.hit[1] - 5.0, move.hit[2] + 0.3 * (move.hit[3] - move.hit[2]))
    lean = max(0.0, out)
    body.feet[1] = _reach(body.feet[1], aim, out, (2, 30))
    body.feet[0] = between(body.feet[0], (-2, 30), lean)
    if move.hit[0] < -10:  # it strikes behind as well
        body.feet[0] = _reach(body.feet[0], (move.hit[0] + 5.0, aim[1]), out, (-2, 30))
    body.chest = (body.chest[0] - 9 * lean, body.chest[1])
    body.head = (body.head[0] - 11 * lean, body.head[1])
    body.hands = [(-22, body.chest[1] + 2), (12, body.chest[1] - 10)]
    _strike(body, move, frame, out, body.feet[1], body.hip)


@art
def dive(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Feet first, slanting down."""
    lean = max(0.0, out)
    aim = (move.hit[1] - 6.0, move.hit[2] + 8.0)
    body.hip = between(body.hip, (2, 38), lean)
    body.chest = between(body.chest, (-18, 60), lean)
    body.head = between(body.head, (-25, 72), lean)
    body.feet = [between(body.feet[0], (aim[0] - 14, aim[1] + 12), lean), _reach(body.feet[1], aim, out, (4, 34))]
    body.hands = [(-38, 62), (-6, 50)] if lean > 0.3 else body.hands
    _strike(body, move, frame, out, body.feet[1], body.head)


# --- the whole body ---


@art
def roll(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """A heavy tumble along the floor."""
    lean = max(0.0, out)
    reach = move.hit[1]
    body.hip = (body.hip[0] + (reach - 42) * lean, body.hip[1] - 4 * lean)
    body.chest = (body.hip[0] - 20 * lean, 30 - 16 * lean)
    body.head = (body.chest[0] - 9 * lean, body.chest[1] + 11 - 8 * lean)
    body.feet = [(body.hip[0] + 24 * lean - 10, 6.0), _reach(body.feet[1], (reach - 5.0, 8.0), out, (0, 4))]
    body.hands = [(body.chest[0] + 6, 10), (body.chest[0] + 14, 12)]
    _strike(body, move, frame, out, body.feet[1], (body.hip[0] - 30, 8))


@art
def body_drop(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Spread out flat, chest down."""
    lean = max(0.0, out)
    body.hip = between(body.hip, (-6, 28), lean)
    body.chest = between(body.chest, (18, 24), lean)
    body.head = between(body.head, (33, 28), lean)
    body.feet = [between(body.feet[0], (-34, 36), lean), between(body.feet[1], (-36, 22), lean)]
    body.hands = [between(body.hands[0], (30, 48), lean), between(body.hands[1], (42, 14), lean)]
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.back = (12, 6), (-10, 52)


@art
def lariat(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Both arms out, spinning."""
    height = (move.hit[2] + move.hit[3]) / 2 - 8
    if move.startup - 2 < frame <= move.startup + move.active + 4:
        round_ = math.cos(frame * 0.8)
        body.hands = [(-(move.hit[1] - 8) * round_, height), ((move.hit[1] - 4) * round_, height + 4)]
        body.chest, body.head = (0, body.chest[1] + 2), (1, body.head[1] + 3)
        if move.startup < frame <= move.startup + move.active:
            body.tip, body.back = body.hands[1], body.hands[0]
    else:
        _shift(body, -4)
        body.hands = [(-18, body.chest[1] - 8), (-10, body.chest[1] - 2)]


@art
def charge(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Shoulder first, running."""
    swing = math.sin(frame * 0.8)
    if move.moving[0] <= frame <= move.moving[1]:
        body.feet = [(-20 * swing - 4, 6 * max(0.0, swing)), (20 * swing, 6 * max(0.0, -swing))]
    lean = 0.4 if frame < move.moving[0] else max(0.0, out) if frame > move.startup else 0.8
    body.hip = (body.hip[0], body.hip[1] - 4 * lean)
    body.chest = (body.chest[0] + 16 * lean, body.chest[1] - 10 * lean)
    body.head = (body.head[0] + 14 * lean, body.head[1] - 12 * lean)
    body.hands = [(body.chest[0] - 14, body.chest[1] - 22), (body.chest[0] + 10, body.chest[1] - 20)]
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.back = (move.hit[1] - 2.0, body.chest[1]), (body.chest[0] - 40, body.chest[1])


@art
def grab(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Both arms out for a hold, then empty."""
    lean = max(0.0, out)
    _shift(body, 9 * lean, -2 * lean)
    far = body.chest[0] + 28
    body.hands = [
        _reach(body.hands[0], (far, body.chest[1] - 14), out, (-8, 74)),
        _reach(body.hands[1], (far + 4, body.chest[1] + 2), out, (-2, 82)),
    ]
    body.feet[1] = (body.feet[1][0] + 6 * lean, body.feet[1][1])
    if frame > move.startup + move.active:
        body.hands = [(x, y - 10 * (1 - lean)) for x, y in body.hands]


# --- staff and spells ---


def _hold_staff(body: Skeleton, tip: Point, towards: Point) -> None:
    """A staff whose head is at `tip`, running past `towards`; the hands go to it."""
    length = math.dist(tip, towards) or 1.0
    ux, uy = (tip[0] - towards[0]) / length, (tip[1] - towards[1]) / length
    body.staff = (tip[0] - STAFF * ux, tip[1] - STAFF * uy), tip
    grip = min(STAFF - 8, max(30.0, length))
    body.hands = [
        (tip[0] - (grip + 6) * ux, tip[1] - (grip + 6) * uy),
        (tip[0] - (grip - 18) * ux, tip[1] - (grip - 18) * uy),
    ]


@art
def staff(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """A thrust."""
    aim = _aim(move)
    stretch = max(0.0, aim[0] - 74)
    _shift(body, 5 * out + 0.3 * stretch * max(0.0, out))
    body.feet[1] = (body.feet[1][0] + max(0.0, out) * 0.6 * stretch, body.feet[1][1])
    tip = _reach((46, body.chest[1] + 14), (aim[0] + 2, aim[1]), out, (34, body.chest[1]))
    _hold_staff(body, tip, (body.chest[0] + 4, body.chest[1] - 10))
    _strike(body, move, frame, out, tip, body.chest)


@art
def low_staff(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Along the floor."""
    tip = _reach((48, body.chest[1] + 10), (move.hit[1] - 2.0, 5.0), out, (30, 60))
    _shift(body, 6 * max(0.0, out))
    _hold_staff(body, tip, (body.chest[0] + 4, body.chest[1] - 10))
    _strike(body, move, frame, out, tip, (body.hip[0], 6))


@art
def staff_chop(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Over the head, and down."""
    raised = min(1.0, frame / (0.5 * move.startup))
    above, aim = (-26.0, body.head[1] + 40), (move.hit[1] - 2.0, max(4.0, move.hit[2] + 8.0))
    start = (40.0, body.chest[1] + 20)
    tip = between(start, above, raised) if frame <= move.startup - 2 else between(start, aim, out)
    if frame > move.startup - 2:
        _shift(body, 8 * out, -2 * out)
    _hold_staff(body, tip, (body.chest[0] + 6, body.chest[1] + (14 if frame <= move.startup - 2 else -6)))
    if move.startup < frame <= move.startup + move.active:
        body.tip, body.sweep = tip, (math.dist(body.chest, tip), 100, -22)


@art
def spire(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """The staff struck upwards; what rises from it reaches as high as the hit box."""
    lift = max(0.0, out)
    _shift(body, 4 * lift, -6 * (1 - lift))
    tip = between((26, 40), (move.hit[1] * 0.6, move.hit[3] - 34.0), lift)
    _hold_staff(body, tip, (body.chest[0] + 6, body.chest[1] - 6))
    if move.startup < frame <= move.startup + move.active:
        near, far, low, high = move.hit
        body.pillar = (near + 0.3 * far, float(far), low - 30.0, float(high))


@art
def cast(body: Skeleton, move: Move, frame: int, out: float) -> None:
    """Gathered at the hip, let go from both hands."""
    aim = (float(move.shot_at[0]), float(move.shot_at[1]))
    gathered = (-14.0, body.hip[1] + 8)
    lean = max(0.0, out) if frame > move.startup else 0.0
    if frame <= move.startup:
        share = min(1.0, frame / (0.5 * move.startup))
        centre = between(body.hands[0], gathered, share)
        _shift(body, -6 * share)
        body.glow = (centre, 4 + 8 * frame / move.startup)
    else:
        _shift(body, 8 * lean, -3 * lean)
        centre = between(body.hands[1], (aim[0] - 4, aim[1]), lean)
    body.hands = [(centre[0] - 1, centre[1] - 6), (centre[0] + 2, centre[1] + 6)]
    if body.staff is None and move.kind == Kind.PROJECTILE and frame > move.startup and lean > 0.85:
        body.glow = (aim, 8)
