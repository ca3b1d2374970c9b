"""Fight: the picture. Every pose and every frame of every move can be drawn, and shows what the record says."""

import itertools

import numpy as np
import pytest
from fight_ring import CONTENT

from kumite.arenas import make_game
from kumite.arenas.content import FINE
from kumite.arenas.fight.render import draw
from kumite.arenas.fight.render_arts import ART
from kumite.arenas.fight.render_figures import look_of
from kumite.arenas.fight.render_poses import ARTS, STYLES, skeleton
from kumite.arenas.fight.state import FULL_METER, MOVES, WALL, Kind, Phase, Pose, Slot

GAME = make_game("fight")
EVERYBODY = pytest.mark.parametrize("name", CONTENT.names)


def record(first: str = "ren", second: str = "kaya", gap: float = 120):
    """A match as if just begun, without a batch: nothing is compiled for a picture."""
    match = np.zeros(1, GAME.state).view(np.recarray)[0]
    for side, name in enumerate((first, second)):
        it = match.fighter[side]
        it.character, it.facing = CONTENT.names.index(name), 1 - 2 * side
        it.health, it.x = CONTENT.characters[it.character].health, int((side - 0.5) * gap * FINE)
    match.clock = 60 * 60
    return match


def attacking(match, slot: Slot, frame: int, side: int = 0):
    it = match.fighter[side]
    it.pose, it.move, it.frame = Pose.ATTACK, int(it.character) * MOVES + slot, frame
    return CONTENT.move(int(it.move))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Share of pixels that differ clearly."""
    return float((np.abs(one.astype(int) - other).max(axis=2) > 40).mean())


@pytest.mark.parametrize("width", [320, 640])
def test_a_picture_has_its_shape(width):
    picture = draw(GAME, record(), width=width)
    assert picture.dtype == np.uint8
    assert picture.shape == (width * 9 // 16, width, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20


def test_a_picture_follows_from_the_record_alone():
    match = record()
    first = draw(GAME, match)
    draw(GAME, record("ivo", "bruk"))
    assert np.array_equal(draw(GAME, match), first)


@EVERYBODY
def test_every_pose_looks_different(name):
    """What cannot be told apart cannot be understood."""
    alike = ({Pose.SPRING, Pose.LAND},)
    pictures = {}
    for pose in Pose:
        if pose in (Pose.ATTACK, Pose.HOLD, Pose.HELD):
            continue
        match = record(name, "ren" if name != "ren" else "kaya")
        it = match.fighter[0]
        it.pose, it.left = pose, 6
        pictures[pose] = draw(GAME, match)
    for one, other in itertools.combinations(pictures, 2):
        if {one, other} not in alike:
            assert difference(pictures[one], pictures[other]) > 0.001, (one, other)


@EVERYBODY
def test_every_frame_of_every_move_can_be_drawn(name):
    for slot in Slot:
        match = record(name)
        if Slot.AIR_L <= slot <= Slot.AIR_H:
            match.fighter[0].y = 60 * FINE
        move = CONTENT.moves[CONTENT.names.index(name)][slot]
        phases = []
        for frame in (1, move.startup, move.startup + 1, move.startup + move.active + 1):
            attacking(match, slot, frame)
            phases.append(draw(GAME, match, width=320))
        assert difference(phases[1], phases[2]) > 0.001, slot


@EVERYBODY
def test_a_strike_ends_in_its_hit_box(name):
    """Where the picture shows a fist is where the rules let it hit."""
    for slot in Slot:
        match = record(name)
        move = attacking(match, slot, CONTENT.moves[CONTENT.names.index(name)][slot].startup + 1)
        if move.kind != Kind.STRIKE:
            continue
        if Slot.AIR_L <= slot <= Slot.AIR_H:
            match.fighter[0].y = 60 * FINE
        body = skeleton(CONTENT, match, 0)
        ends = [*body.hands, *body.feet, *([body.tip] if body.tip else []), *(body.staff or ())]
        if body.pillar:
            ends.append((body.pillar[0], body.pillar[3]))
        near, far, low, high = move.hit
        inside = [near - 6 <= x <= far + 6 and low - 6 <= y <= high + 6 for x, y in ends]
        assert any(inside), f"{slot!r}: hit box {move.hit}, limbs end at {ends}"


def test_every_art_is_used_and_known():
    used = set(ARTS.values()) | {art for style in STYLES.values() for art in style.arts.values()}
    assert used <= set(ART)
    assert set(ART) - used <= {"cast", "grab", "uppercut", "straight"}
    assert set(STYLES) == set(CONTENT.names)


def test_characters_differ_in_more_than_colour():
    """Silhouettes in the middle of the stage: where a picture differs from one without the fighter."""

    def outline(name: str) -> np.ndarray:
        match = record(name, "ren")
        match.fighter[0].x, match.fighter[1].x = 0, WALL
        away = match.copy()
        away.fighter[0].y = -120 * FINE  # below the floor
        middle = slice(150, 490)
        shown = draw(GAME, match)[60:-40, middle].astype(int)
        return np.abs(shown - draw(GAME, away)[60:-40, middle]).max(axis=2) > 40

    outlines = {name: outline(name) for name in CONTENT.names}
    assert all(shape.mean() > 0.02 for shape in outlines.values())
    for one, other in itertools.combinations(outlines, 2):
        assert (outlines[one] ^ outlines[other]).mean() > 0.005, (one, other)


def test_a_mirror_match_is_told_apart_by_clothes():
    one, other = record("bruk", "bruk"), record("bruk", "kaya")
    assert difference(draw(GAME, one)[:, :320], draw(GAME, other)[:, :320]) == 0
    assert look_of(CONTENT, one, 0) != look_of(CONTENT, one, 1)


def test_boxes_show_what_the_rules_compare():
    """Green where it can be hit, red where it hits, yellow where it catches."""

    def coloured(slot: Slot, colour: tuple[bool, bool, bool]) -> int:
        match = record(gap=300)
        attacking(match, slot, CONTENT.moves[0][slot].startup + 1)
        gained = draw(GAME, match, boxes=True).astype(int) - draw(GAME, match)
        up, down = gained > 20, gained < -20
        wanted = [up[..., c] | ~down[..., c] if bright else down[..., c] for c, bright in enumerate(colour)]
        return int(np.logical_and.reduce(wanted).sum())

    assert coloured(Slot.STAND_H, (True, False, False)) > 200
    assert coloured(Slot.THROW, (True, True, False)) > 200
    match = record()
    standing = draw(GAME, match, boxes=True)
    match.fighter[0].pose = match.fighter[1].pose = Pose.DOWN
    lying = difference(draw(GAME, match, boxes=True), draw(GAME, match))
    assert lying == 0
    match.fighter[0].pose = match.fighter[1].pose = Pose.STAND
    assert difference(standing, draw(GAME, match)) > 0.02


def test_the_camera_sees_both_fighters():
    for first, second in ((-WALL, WALL), (-WALL, -WALL + 40 * FINE), (WALL - 40 * FINE, WALL), (-20 * FINE, 20 * FINE)):
        match = record()
        match.fighter[0].x, match.fighter[1].x = first, second
        for side in (0, 1):
            before = draw(GAME, match)
            match.fighter[side].pose = Pose.CROUCH
            assert difference(draw(GAME, match), before) > 0.001
            match.fighter[side].pose = Pose.STAND


def test_health_meter_and_rounds_are_shown():
    match = record()
    before = draw(GAME, match)
    match.fighter[0].health //= 2
    bar = difference(draw(GAME, match)[:40], before[:40])
    assert bar > 0.05
    match.fighter[1].meter = FULL_METER
    assert difference(draw(GAME, match)[-40:], before[-40:]) > 0.02
    match.fighter[0].wins = 1
    assert difference(draw(GAME, match)[30:60], before[30:60]) > 0.001


def test_the_end_of_a_round_is_announced():
    match = record()
    fighting = draw(GAME, match)
    match.phase, match.rounds, match.pause = Phase.BREAK, 1, 20
    match.fighter[0].pose = Pose.WALK
    time_over = draw(GAME, match)
    assert difference(time_over, fighting) > 0.01
    match.fighter[1].health = 0
    assert difference(draw(GAME, match), time_over) > 0.01
