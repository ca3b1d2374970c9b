"""Fight: movement, wake-up, meter and rounds. One scenario a rule."""

import numpy as np
import pytest
from fight_ring import CONTENT, Ring, action, body, move_of

from kumite import arenas
from kumite.arenas.arena import IllegalOption, Outcome
from kumite.arenas.content import FINE
from kumite.arenas.fight.state import FULL_METER, MOVES, WALL, Event, Phase, Pose, Slot

EVERYBODY = pytest.mark.parametrize("name", CONTENT.names)


@pytest.fixture(scope="module")
def ring() -> Ring:
    return Ring()


# --- movement -------------------------------------------------------------------------------------------------------


@EVERYBODY
def test_a_jump_is_as_high_and_long_as_the_file_says(ring, name):
    who = body(name)
    ring.place(name, "ren", gap=400)
    ring.play("up")
    assert ring.pose(0) == Pose.SPRING
    heights = [0.0]
    ring.until(lambda: ring.pose(0) == Pose.AIR)
    while ring.pose(0) == Pose.AIR:
        heights.append(int(ring.fighter(0).y) / FINE)
        ring.play()
    assert max(heights) == pytest.approx(who.jump_height, abs=3)
    assert len(heights) == pytest.approx(who.jump_ticks, abs=1)
    assert 40 <= who.spring + who.jump_ticks <= 45
    assert ring.pose(0) == Pose.LAND


@EVERYBODY
def test_walking_dashing_and_crouching(ring, name):
    who = body(name)
    for words, speed in (("forward", who.walk), ("back", -who.walk_back)):
        ring.place(name, "ren", gap=400)
        start = int(ring.fighter(0).x)
        ring.play(words, ticks=10)
        assert int(ring.fighter(0).x) - start == 10 * speed
    for words, pose, speed, ticks in (
        ("forward dash", Pose.DASH, who.dash, who.dash_ticks),
        ("back dash", Pose.BACKDASH, -who.backdash, who.backdash_ticks),
    ):
        ring.place(name, "ren", gap=300, middle=90)
        start = int(ring.fighter(0).x)
        ring.play(words)
        assert ring.pose(0) == pose
        assert 1 + ring.until(lambda: ring.pose(0) == Pose.STAND) == ticks
        assert int(ring.fighter(0).x) - start == (ticks - 1) * speed  # in the last tick it stands
    ring.play("down")
    assert ring.pose(0) == Pose.CROUCH


def test_nobody_passes_the_walls_nor_walks_through_the_other(ring):
    ring.place(gap=100)
    ring.play("forward", "back", 400)
    first, second = (int(it.x) for it in ring.match.fighter)
    assert second == WALL
    assert second - first >= 2 * body("ren").width * FINE - 1


def test_fighters_turn_to_each_other_after_a_jump_over(ring):
    ring.place("kaya", "bruk", gap=70)
    ring.play("up-forward")
    ring.until(lambda: ring.pose(0) == Pose.LAND)
    ring.play(ticks=6)
    assert ring.fighter(0).x > ring.fighter(1).x
    assert [int(it.facing) for it in ring.match.fighter] == [-1, 1]


def test_a_crouching_move_leaves_nobody_crouched_bug(ring):
    """Back on the feet, a fighter is as tall as before: a high blow reaches it."""
    jab = move_of("ren", Slot.STAND_L)
    assert jab.hit[2] > body("ren").crouch
    ring.place(gap=140)
    ring.play("", "down light")
    ring.until(lambda: ring.pose(1) == Pose.STAND)
    assert ring.lost(0) == 0
    ring.fighter(0).x = int(ring.fighter(1).x) - 40 * FINE
    ring.play("light")
    ring.play(ticks=jab.startup)
    assert ring.lost(1) == jab.damage


# --- wake-up --------------------------------------------------------------------------------------------------------


def knocked_down(ring: Ring, left: int) -> None:
    """Side 1 lies at the feet of side 0 and begins to rise in `left` ticks."""
    ring.place()
    victim = ring.fighter(1)
    victim.pose, victim.left = Pose.DOWN, left


def test_nothing_touches_a_fighter_on_the_floor_or_rising(ring):
    for words in ("down medium", "throw"):
        knocked_down(ring, 20)
        poses = ring.poses(1, words, "", 20 + CONTENT.common.rise - 1)
        assert poses == {Pose.DOWN, Pose.RISE}
        assert ring.lost(1) == 0


def meaty(ring: Ring, early: int, wish: str) -> None:
    """Side 0's low kick becomes active `early` ticks before side 1 has risen; side 1 asks for `wish` throughout."""
    move = move_of("ren", Slot.CROUCH_M)
    awake = 30 + CONTENT.common.rise
    knocked_down(ring, 30)
    ring.play("", wish, awake - move.startup - 1 - early)
    ring.play("down medium", wish)
    ring.play("", wish, 40)


@pytest.mark.parametrize("early", [-1, 0, 1])
def test_a_blow_at_the_wake_up_hits_who_rises_unready(ring, early):
    assert move_of("ren", Slot.CROUCH_M).active == 3
    meaty(ring, early, "")
    assert ring.lost(1) > 0
    meaty(ring, early, "down-back")
    assert ring.lost(1) == 0


@pytest.mark.parametrize("early", [-1, 0, 1, 2])
def test_a_reversal_beats_a_blow_active_on_the_tick_of_rising_bug(ring, early):
    """On the very tick of rising one cannot act yet, and must not be struck either."""
    meaty(ring, early, "special 2")
    assert ring.lost(1) == 0
    assert ring.lost(0) > 0
    assert ring.fighter(1).event == Event.REVERSAL


def test_a_blocked_reversal_leaves_its_owner_open(ring):
    knocked_down(ring, 10)
    ring.play("down-back", "special 2", 10 + CONTENT.common.rise + 8)
    assert ring.lost(0) == move_of("ren", Slot.SPECIAL_2).chip
    ring.until(lambda: ring.pose(0) == Pose.CROUCH, "down-back")
    assert ring.pose(1) in (Pose.ATTACK, Pose.LAND)


def test_who_rises_cannot_be_thrown_at_once(ring):
    knocked_down(ring, 5)
    ring.until(lambda: ring.pose(1) <= Pose.CROUCH)
    assert ring.fighter(1).safe == CONTENT.common.throw_safe


# --- meter ----------------------------------------------------------------------------------------------------------


def test_a_super_needs_the_whole_meter_and_spends_it(ring):
    ring.place(gap=200, meter=(FULL_METER, FULL_METER - 1))
    super_choice = Slot.SUPER - Slot.SPECIAL_1
    assert ring.batch.masks[0, :, 2, super_choice].tolist() == [1, 0]
    ring.play("super")
    assert ring.slot(0) == Slot.SUPER
    assert ring.fighter(0).meter == FULL_METER - move_of("ren", Slot.SUPER).cost == 0
    ring.place(gap=200, meter=(FULL_METER - 1, 0))
    ring.batch.step(np.array([[action("super"), action("")]], np.int16))
    assert ring.batch.illegal[0].tolist() == [1, 0]
    assert ring.slot(0) != Slot.SUPER


@pytest.mark.parametrize("stance", ["", "down-back"])
def test_meter_comes_from_hitting_and_being_hit_and_less_from_blocks(ring, stance):
    move, common = move_of("ren", Slot.STAND_M), CONTENT.common
    ring.place()
    ring.play("medium", stance)
    ring.play("", stance, move.startup)
    gained = [int(it.meter) for it in ring.match.fighter]
    if stance:
        assert gained == [move.meter // 2, move.meter * common.block_percent // 100]
    else:
        assert gained == [move.meter, move.damage * common.taken_percent // 100]


def test_the_meter_is_never_more_than_full(ring):
    ring.place(meter=(FULL_METER - 1, 0))
    ring.play("medium")
    ring.play(ticks=10)
    assert ring.fighter(0).meter == FULL_METER


# --- rounds ---------------------------------------------------------------------------------------------------------


def finish(ring: Ring, *losers: int) -> None:
    """A projectile finishes off each of `losers`; plays up to the end of the round."""
    for side in losers:
        it, other = ring.fighter(side), ring.fighter(1 - side)
        it.health, it.pose, it.y, it.stop = 1, Pose.STAND, 0, 0
        other.shot_move = MOVES * int(other.character) + Slot.SPECIAL_1
        other.shot_left, other.shot_hits, other.shot_rehit = 50, 1, 0
        other.shot_vx = FINE * (1 if other.x < it.x else -1)
        other.shot_x, other.shot_y = int(it.x) - 20 * int(other.shot_vx), 58 * FINE
    rounds = int(ring.match.rounds)
    ring.until(lambda: ring.batch.done[0] or ring.match.rounds > rounds)


def test_two_rounds_of_three_win_the_match(ring):
    ring.place(gap=300)
    finish(ring, 1)
    assert ring.match.phase == Phase.BREAK
    assert [int(it.wins) for it in ring.match.fighter] == [1, 0]
    assert not ring.batch.done[0]
    meter = [int(it.meter) for it in ring.match.fighter]
    assert ring.until(lambda: ring.match.phase == Phase.FIGHT) == CONTENT.common.pause
    assert [ring.lost(side) for side in (0, 1)] == [0, 0]
    assert [int(it.meter) for it in ring.match.fighter] == meter
    finish(ring, 0)
    assert [int(it.wins) for it in ring.match.fighter] == [1, 1]
    ring.until(lambda: ring.match.phase == Phase.FIGHT)
    finish(ring, 0)
    assert ring.batch.done[0]
    assert ring.batch.outcome[0] == Outcome.SECOND
    assert ring.batch.rewards[0].tolist() == [-1, 1]


def test_nobody_acts_between_rounds(ring):
    ring.place(gap=300)
    finish(ring, 1)
    places = [int(it.x) for it in ring.match.fighter]
    ring.play("forward", "light", CONTENT.common.pause - 1)
    assert [int(it.x) for it in ring.match.fighter] == places
    assert ring.slot(1) is None


def test_a_double_knock_out_is_a_round_for_both(ring):
    ring.place(gap=300)
    finish(ring, 0, 1)
    assert [int(it.wins) for it in ring.match.fighter] == [1, 1]
    assert ring.match.last_winner == 2
    ring.until(lambda: ring.match.phase == Phase.FIGHT)
    finish(ring, 0, 1)
    assert ring.batch.done[0]
    assert ring.batch.outcome[0] == Outcome.DRAW
    assert ring.batch.rewards[0].tolist() == [0, 0]


@pytest.mark.parametrize(("more", "wins"), [(1, [1, 0]), (0, [1, 1]), (-1, [0, 1])])
def test_when_time_is_over_the_larger_share_of_health_wins(ring, more, wins):
    """Of two with equal shares the tougher one has more points: points do not count."""
    ring.place("bruk", "kaya", gap=300)
    assert body("bruk").health > body("kaya").health
    ring.fighter(0).health = body("bruk").health // 2 + more
    ring.fighter(1).health = body("kaya").health // 2
    ring.match.clock = 2
    ring.play()
    assert ring.match.phase == Phase.FIGHT
    ring.play()
    assert ring.match.phase == Phase.BREAK
    assert [int(it.wins) for it in ring.match.fighter] == wins
    assert ring.match.by_time == 1


def test_rounds_and_seconds_are_options():
    ring = Ring(rounds=1, seconds=1).place(gap=300)
    assert ring.match.clock == 60
    assert ring.until(lambda: ring.batch.done[0]) == 60
    assert ring.batch.outcome[0] == Outcome.DRAW
    for option in ({"rounds": 0}, {"seconds": 100}, {"delay": 40}, {"frame_skip": 0}):
        with pytest.raises(IllegalOption, match="expected"):
            arenas.make_game("fight", **option)
