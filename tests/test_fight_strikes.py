"""Fight: strikes, blocks, throws and projectiles. One scenario a rule."""

import pytest
from fight_ring import CONTENT, Ring, body, move_of

from kumite.arenas.content import FINE
from kumite.arenas.fight.state import FULL_METER, MOVES, WALL, Event, Level, Pose, Slot

NORMALS = {  # words -> slot
    "light": Slot.STAND_L,
    "medium": Slot.STAND_M,
    "heavy": Slot.STAND_H,
    "down light": Slot.CROUCH_L,
    "down medium": Slot.CROUCH_M,
    "down heavy": Slot.CROUCH_H,
    "forward heavy": Slot.OVERHEAD,
}
EVERYBODY = pytest.mark.parametrize("name", CONTENT.names)


@pytest.fixture(scope="module")
def ring() -> Ring:
    return Ring()


def touched(ring: Ring, side: int = 1) -> bool:
    return ring.pose(side) in (Pose.HIT, Pose.FALL, Pose.BLOCK)


# --- high, low, block ---


@EVERYBODY
@pytest.mark.parametrize("words", NORMALS)
@pytest.mark.parametrize("stance", ["back", "down-back"])
def test_standing_blocks_stop_overheads_and_crouching_blocks_lows(ring, name, words, stance):
    move = move_of(name, NORMALS[words])
    ring.place(name, "ren")
    ring.play(words)
    ring.play(ticks=move.startup - 1)
    ring.play("", stance)
    if stance == "down-back" and move.hit[2] >= body("ren").crouch:  # it passes over whoever crouches
        assert not touched(ring)
        return
    opened_by = Level.LOW if stance == "back" else Level.OVERHEAD
    if move.level == opened_by:
        assert ring.pose(1) in (Pose.HIT, Pose.FALL)
        assert ring.lost(1) == move.damage
    else:
        assert ring.pose(1) == Pose.BLOCK
        assert ring.lost(1) == move.chip == 0


@EVERYBODY
def test_attacks_in_a_jump_must_be_blocked_standing(ring, name):
    for slot in (Slot.AIR_L, Slot.AIR_M, Slot.AIR_H):
        assert move_of(name, slot).level == Level.OVERHEAD
    for stance, pose in (("back", Pose.BLOCK), ("down-back", Pose.HIT)):
        ring.place(name, "ren", gap=46)
        attacker = ring.fighter(0)
        attacker.pose, attacker.y = Pose.AIR, 56 * FINE
        ring.play("heavy")
        ring.play(ticks=move_of(name, Slot.AIR_H).startup - 1)
        ring.until(lambda: touched(ring), "", stance, 10)
        assert ring.pose(1) == pose


def test_a_special_costs_some_health_through_a_block(ring):
    move = move_of("ren", Slot.SPECIAL_3)
    ring.place("ren", "bruk")
    ring.play("special 3", "down-back")
    ring.until(lambda: touched(ring), "", "down-back")
    assert ring.pose(1) == Pose.BLOCK
    assert ring.lost(1) == move.chip > 0


def test_who_attacks_or_stands_idle_does_not_block(ring):
    ring.place("ren", "ren")
    ring.play("light", "forward")
    ring.until(lambda: touched(ring), "", "forward")
    assert ring.pose(1) == Pose.HIT


def test_a_jump_over_the_head_turns_the_side_to_block_on(ring):
    """Blocking is away from where the blow comes from."""
    for stance, blocked in (("back", True), ("forward", False)):
        ring.place("ren", "ren", gap=20)
        attacker = ring.fighter(0)
        attacker.x = int(ring.fighter(1).x) + 20 * FINE  # it has just crossed over, and side 1 has turned
        attacker.facing, attacker.pose, attacker.y = -1, Pose.AIR, 30 * FINE
        ring.play("heavy", stance)
        ring.until(lambda: touched(ring), "", stance)
        assert (ring.pose(1) == Pose.BLOCK) == blocked


# --- what follows a touch ---


def test_hitstop_freezes_both(ring):
    move = move_of("ren", Slot.STAND_H)
    ring.place()
    ring.play("heavy")
    ring.until(lambda: touched(ring))
    before = [(int(it.x), int(it.frame), int(it.left)) for it in ring.match.fighter]
    clock = int(ring.match.clock)
    assert [int(it.stop) for it in ring.match.fighter] == [move.stop, move.stop]
    ring.play(ticks=move.stop)
    assert [(int(it.x), int(it.frame), int(it.left)) for it in ring.match.fighter] == before
    assert ring.match.clock == clock - move.stop
    ring.play()
    assert [(int(it.x), int(it.frame), int(it.left)) for it in ring.match.fighter] != before


@EVERYBODY
@pytest.mark.parametrize("stance", ["", "down-back"])
def test_stun_lasts_as_long_as_the_move_says(ring, name, stance):
    move = move_of(name, Slot.STAND_M)
    ring.place(name, "ren")
    ring.play("medium", stance)
    ring.until(lambda: touched(ring), "", stance)
    ticks = ring.until(lambda: not touched(ring), "", stance)
    assert ticks == move.stop + (move.blockstun if stance else move.hitstun)


def test_the_corner_gives_push_back_to_the_attacker(ring):
    def pushed(middle: float) -> tuple[int, int]:
        ring.place(middle=middle)
        start = [int(it.x) for it in ring.match.fighter]
        ring.play("medium", "down-back")
        ring.play("", "down-back", 60)
        return tuple(int(it.x) - x for it, x in zip(ring.match.fighter, start, strict=True))

    open_first, open_second = pushed(0)
    assert open_first == 0
    assert open_second > 20 * FINE
    half = (2 * body("ren").width + 4) / 2
    wall_first, wall_second = pushed(WALL / FINE - half)
    assert wall_second == 0
    assert -open_second <= wall_first < -0.75 * open_second  # what is left of it when the block ends is lost


def test_damage_shrinks_with_the_length_of_a_combo(ring):
    move = move_of("ren", Slot.STAND_M)
    for hits, percent in enumerate(CONTENT.common.scaling):
        ring.place()
        ring.fighter(1).combo = hits
        ring.play("medium")
        ring.until(lambda: touched(ring))
        assert ring.lost(1) == move.damage * percent // 100
        assert ring.fighter(1).combo == hits + 1
    assert CONTENT.common.scaling[0] == 100
    assert CONTENT.common.scaling[-1] <= 40


def test_a_combo_is_over_once_its_victim_is_free(ring):
    ring.place()
    ring.play("medium")
    ring.until(lambda: touched(ring))
    assert ring.fighter(1).combo == 1
    ring.until(lambda: ring.pose(1) == Pose.STAND)
    assert ring.fighter(1).combo == 0


def test_a_fall_can_be_hit_on_until_the_juggle_limit(ring):
    limit, points = CONTENT.common.juggle_limit, move_of("ren", Slot.STAND_M).juggle
    for spent, hit in ((0, True), (limit - points, True), (limit - points + 1, False)):
        ring.place()
        victim = ring.fighter(1)
        victim.pose, victim.y, victim.juggle = Pose.FALL, 60 * FINE, spent
        ring.play("medium")
        ring.play(ticks=move_of("ren", Slot.STAND_M).startup)
        assert (ring.lost(1) > 0) == hit
        assert ring.fighter(1).juggle == spent + (points if hit else 0)


@pytest.mark.parametrize("part", ["startup", "recovery"])
def test_a_blow_into_another_move_counts_extra_from_its_startup_to_its_recovery(ring, part):
    move, other, common = move_of("ren", Slot.STAND_L), move_of("ren", Slot.STAND_H), CONTENT.common
    ring.place()
    if part == "recovery":
        victim = ring.fighter(1)
        victim.pose, victim.move = Pose.ATTACK, CONTENT.names.index("ren") * MOVES + Slot.STAND_H
        victim.frame = other.startup + other.active + 1
    ring.play("light", "heavy")
    ring.until(lambda: touched(ring))
    assert ring.lost(1) == move.damage * common.counter_percent // 100
    assert ring.fighter(1).left == move.hitstun + common.counter_stun


def test_armour_takes_one_blow_at_its_full_damage_and_goes_on(ring):
    ring.place("ren", "bruk", gap=60)
    assert move_of("bruk", Slot.SPECIAL_3).armor == 1
    ring.play("light", "special 3")
    ring.until(lambda: ring.lost(1) > 0)
    assert ring.slot(1) == Slot.SPECIAL_3
    assert ring.lost(1) == move_of("ren", Slot.STAND_L).damage
    ring.until(lambda: ring.lost(0) > 0)


def test_two_blows_in_one_tick_trade(ring):
    ring.place()
    ring.play("medium", "medium")
    ring.play(ticks=move_of("ren", Slot.STAND_M).startup)
    assert ring.lost(0) == ring.lost(1) > 0
    assert ring.pose(0) == ring.pose(1) == Pose.HIT


# --- cancels ---


def test_a_normal_is_cut_short_for_a_special_only_after_it_touched(ring):
    for gap, stance, cancels in ((None, "", True), (None, "down-back", True), (200, "", False)):
        ring.place(gap=gap)
        ring.play("medium", stance)
        ring.play("", stance, move_of("ren", Slot.STAND_M).startup)
        ring.play("special 3", stance, move_of("ren", Slot.STAND_M).stop + 1)
        assert ring.slot(0) == (Slot.SPECIAL_3 if cancels else Slot.STAND_M)


def test_a_move_is_cut_short_only_for_what_its_row_allows(ring):
    assert not move_of("ren", Slot.STAND_H).cancel
    ring.place()
    ring.play("heavy")
    ring.play(ticks=move_of("ren", Slot.STAND_H).startup)
    assert touched(ring)
    ring.play("special 3", ticks=move_of("ren", Slot.STAND_H).stop + 1)
    assert ring.slot(0) == Slot.STAND_H


def test_kaya_chains_normals_and_ren_only_jabs(ring):
    for name, words, chained in (("kaya", "medium", True), ("ren", "medium", False), ("ren", "light", True)):
        ring.place(name)
        ring.play("light")
        ring.until(lambda: touched(ring))
        ring.play(words, ticks=move_of(name, Slot.STAND_L).stop)
        begun = int(ring.fighter(0).frame)
        ring.play(words)
        assert (ring.slot(0) == NORMALS[words] and ring.fighter(0).frame <= begun) == chained


# --- throws ---


@EVERYBODY
@pytest.mark.parametrize("stance", ["", "down-back"])
def test_a_throw_beats_a_block(ring, name, stance):
    move = move_of(name, Slot.THROW)
    ring.place(name, "ren")
    ring.play("throw", stance)
    assert ring.until(lambda: ring.pose(1) == Pose.HELD, "", stance) == move.startup
    assert ring.pose(0) == Pose.HOLD
    ring.until(lambda: ring.pose(1) == Pose.DOWN, "", stance)
    assert ring.lost(1) == move.damage
    assert ring.fighter(1).left == CONTENT.common.hard_down


def test_a_throw_in_time_escapes_a_throw(ring):
    hold = CONTENT.common.hold
    for late, escapes in ((0, True), (hold - 2, True), (hold - 1, False)):
        ring.place()
        ring.play("throw")
        ring.until(lambda: ring.pose(1) == Pose.HELD)
        ring.play(ticks=late)
        ring.play("", "throw")
        assert (ring.pose(1) == Pose.BREAK) == escapes, late
        ring.play(ticks=60)
        assert ring.lost(1) == (0 if escapes else move_of("ren", Slot.THROW).damage)
        assert (ring.fighter(1).event == Event.TECH) == escapes


def test_two_throws_at_once_part(ring):
    ring.place()
    ring.play("throw", "throw")
    ring.until(lambda: ring.pose(0) == Pose.BREAK)
    assert ring.pose(1) == Pose.BREAK
    assert ring.fighter(0).slide == -int(ring.fighter(1).slide) < 0


def test_a_command_throw_is_not_escaped(ring):
    move = move_of("bruk", Slot.SPECIAL_1)
    ring.place("bruk")
    ring.play("special 1")
    ring.until(lambda: ring.pose(1) == Pose.HELD)
    ring.until(lambda: ring.pose(1) == Pose.DOWN, "", "throw")
    assert ring.lost(1) == move.damage


def test_a_jump_begun_in_time_beats_a_throw(ring):
    ring.place()
    ring.play("throw", "up")
    assert Pose.HELD not in ring.poses(1, "", "up", move_of("ren", Slot.THROW).startup + 8)


def test_a_strike_beats_a_throw_in_the_same_tick(ring):
    strike, throw = move_of("ren", Slot.STAND_L), move_of("ren", Slot.THROW)
    ring.place()
    ring.play("throw")
    ring.play(ticks=throw.startup - strike.startup - 1)
    ring.play("", "light")
    ring.play(ticks=strike.startup)
    assert ring.pose(0) == Pose.HIT
    assert ring.pose(1) == Pose.ATTACK


def test_holding_back_throws_backwards(ring):
    for words, behind in (("throw", False), ("back throw", True)):
        ring.place()
        ring.play(words)
        ring.until(lambda: ring.pose(1) == Pose.DOWN)
        assert (ring.fighter(1).x < ring.fighter(0).x) == behind


def test_nobody_is_thrown_in_stun_nor_right_after(ring):
    ring.place()
    ring.play("medium", "down-back")
    ring.until(lambda: ring.pose(1) == Pose.BLOCK, "", "down-back")
    ring.until(lambda: ring.pose(1) == Pose.CROUCH, "throw", "down-back")
    assert ring.fighter(1).safe > 0
    ring.fighter(0).x = int(ring.fighter(1).x) - 40 * FINE
    assert Pose.HELD not in ring.poses(1, "", "down-back", 4)


# --- projectiles ---


def test_projectiles_destroy_each_other(ring):
    ring.place(gap=300)
    ring.play("special 1", "special 1")
    ring.until(lambda: ring.fighter(0).shot_left > 0)
    ring.until(lambda: ring.fighter(0).shot_left == 0)
    assert ring.fighter(1).shot_left == 0
    assert abs(int(ring.fighter(0).shot_x)) < 30 * FINE
    assert ring.lost(0) == ring.lost(1) == 0


def test_a_projectile_of_more_hits_goes_on(ring):
    ring.place(gap=300, meter=(FULL_METER, 0))
    ring.play("super", "special 1")
    ring.until(lambda: ring.fighter(1).shot_left > 0)
    ring.until(lambda: ring.fighter(1).shot_left == 0)
    assert ring.fighter(0).shot_left > 0
    assert ring.fighter(0).shot_hits == move_of("ren", Slot.SUPER).shot_hits - move_of("ren", Slot.SPECIAL_1).shot_hits


def test_one_projectile_at_a_time(ring):
    ring.place(gap=560)
    ring.play("special 1")
    ring.until(lambda: ring.pose(0) == Pose.STAND)
    assert ring.fighter(0).shot_left > 0
    ring.play("special 1", ticks=3)
    assert ring.pose(0) == Pose.STAND
    ring.fighter(0).shot_left = 0
    ring.play("special 1")
    assert ring.slot(0) == Slot.SPECIAL_1


def test_a_projectile_hits_or_is_blocked_and_is_gone(ring):
    for stance, pose in (("", Pose.HIT), ("down-back", Pose.BLOCK)):
        ring.place(gap=200)
        ring.play("special 1", stance)
        ring.until(lambda: touched(ring), "", stance)
        assert ring.pose(1) == pose
        assert ring.fighter(0).shot_left == 0


def test_a_projectile_is_jumped_over(ring):
    move = move_of("ren", Slot.SPECIAL_1)
    ring.place(gap=200)
    ring.play("special 1")
    ring.play(ticks=move.startup + 18)
    ring.play("", "up")
    ring.play(ticks=60)
    assert ring.lost(1) == 0


def test_some_moves_pass_through_projectiles(ring):
    ring.place("ren", "bruk", gap=200)
    ring.play("special 1")
    ring.until(lambda: int(ring.fighter(0).shot_x) > 30 * FINE)
    ring.play("", "special 2")
    ring.until(lambda: int(ring.fighter(0).shot_x) > int(ring.fighter(1).x) + 30 * FINE, limit=60)
    assert ring.lost(1) == 0


@pytest.mark.parametrize("side", [0, 1])
def test_what_a_move_is_for_does_not_depend_on_who_acts_first(ring, side):
    """One strikes into the recovery of a move that the other cancels in the same tick."""
    move = move_of("ren", Slot.STAND_M)
    ring.place(gap=200)
    other = ring.fighter(1 - side)
    other.pose, other.move = Pose.ATTACK, CONTENT.names.index("ren") * MOVES + Slot.STAND_M
    other.frame, other.touched = move.startup + move.active + 2, 1
    words = ("light", "special 2")
    ring.play(*(words if side == 0 else words[::-1]))
    assert (ring.slot(side), ring.slot(1 - side)) == (Slot.STAND_L, Slot.SPECIAL_2)
    assert ring.fighter(side).event == Event.PUNISH
