"""Fight: matchups and their chance, the delay, and what a side sees of the other."""

import numpy as np
import pytest
from fight_ring import CONTENT, Ring, action, body

from kumite import arenas
from kumite.arenas.arena import IllegalOption
from kumite.arenas.content import FINE
from kumite.arenas.fight.state import Phase, Pose, Slot


def test_starting_distance_and_meter_vary():
    state = arenas.make_batch("fight", matches=300).state
    gaps = (state.fighter.x[:, 1] - state.fighter.x[:, 0]) / FINE
    least, most = CONTENT.common.gap
    assert least - 1 < gaps.min() < least + 5
    assert most - 5 < gaps.max() <= most
    assert (state.fighter.x[:, 0] == -state.fighter.x[:, 1]).all()
    assert len(np.unique(state.fighter.meter)) > 100
    assert state.fighter.meter.max() <= CONTENT.common.meter_start
    assert (state.fighter.meter[:, 0] != state.fighter.meter[:, 1]).mean() > 0.9


def test_matchups():
    def drawn(**options: str) -> np.ndarray:
        return arenas.make_batch("fight", matches=400, **options).state.fighter.character

    ivo, bruk = CONTENT.names.index("ivo"), CONTENT.names.index("bruk")
    assert (drawn(character="ivo") == ivo).all()
    assert (drawn(matchup="fixed", character="ivo", versus="bruk") == [ivo, bruk]).all()
    same = drawn(character="random")
    assert (same[:, 0] == same[:, 1]).all()
    assert len(np.unique(same)) == len(CONTENT.names)
    pairs = {tuple(pair) for pair in drawn(matchup="random").tolist()}
    assert len(pairs) == len(CONTENT.names) ** 2
    assert arenas.make_game("fight").symmetric
    assert not arenas.make_game("fight", matchup="fixed", character="ivo", versus="bruk").symmetric


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"matchup": "mirrored"}, "did you mean 'mirror'"),
        ({"character": "rem"}, "did you mean 'ren'"),
        ({"matchup": "fixed", "character": "random"}, "needs matchup = 'mirror'"),
        ({"actions": "button"}, "did you mean 'buttons'"),
        ({"preset": "quik"}, "did you mean 'quick'"),
    ],
)
def test_wrong_options_are_refused_in_words(option, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("fight", **option)


@pytest.mark.parametrize("delay", [0, 12])
def test_characters_are_picked_blindly_by_the_first_action(delay):
    batch = arenas.make_batch("fight", matchup="pick", delay=delay)
    assert batch.masks[0, 0, 0].sum() == len(CONTENT.names)
    chosen = CONTENT.names.index("kaya"), CONTENT.names.index("bruk")

    def seen() -> list[float]:
        return batch.game.observation.split(batch.observations[0, 0])["other character"].tolist()

    first = seen()
    batch.step(np.array([[[chosen[0], 0, 0], [chosen[1], 0, 0]]], np.int16))
    while batch.state[0].phase == Phase.PICK:
        assert seen() == first
        assert batch.state[0].tick <= delay
        batch.step(np.zeros_like(batch.actions))
    assert batch.state.fighter.character[0].tolist() == list(chosen)
    assert batch.state.fighter.health[0].tolist() == [body("kaya").health, body("bruk").health]


def test_presets():
    assert arenas.make_game("fight").delay == 12
    for preset, delay in (("superhuman", 0), ("quick", 8), ("slow", 18)):
        assert arenas.make_game("fight", preset=preset).delay == delay
    short = arenas.make_game("fight", preset="training", seconds=20)
    assert (short.options["rounds"], short.options["seconds"]) == (1, 20)


@pytest.mark.parametrize("delay", [0, 8, 12, 18])
@pytest.mark.parametrize("frame_skip", [1, 4])
def test_an_action_has_its_effect_exactly_delay_ticks_later(delay, frame_skip):
    """A jab asked for at tick 0 is in its first frame after tick `delay`."""
    ring = Ring(delay=delay, frame_skip=frame_skip).place(gap=300)
    ring.play("light")
    while ring.match.tick < delay + frame_skip:
        assert ring.pose(0) == (Pose.STAND if ring.match.tick <= delay else Pose.ATTACK)
        ring.play()
    assert ring.slot(0) == Slot.STAND_L
    assert ring.fighter(0).frame == int(ring.match.tick) - delay


def test_own_plans_are_seen_and_the_others_are_not():
    ring = Ring(delay=12, frame_skip=4).place(gap=300)
    before = ring.batch.observations[0].copy()
    ring.match.pending[:, 1] = action("down-back heavy")
    other = ring.fighter(1)
    other.want, other.keep, other.plan, other.plan_left = 3, 1, 5, 2
    ring.look()
    assert np.array_equal(ring.batch.observations[0, 0], before[0])
    now, then = (ring.batch.game.observation.split(row) for row in (ring.batch.observations[0, 1], before[1]))
    changed = {name for name in now if not np.array_equal(now[name], then[name])}
    assert changed == {"pending 0", "pending 1", "pending 2"}


def test_the_others_buttons_and_their_history_are_hidden():
    ring = Ring(delay=12, frame_skip=4, actions="buttons").place(gap=300)
    before = ring.batch.observations[0].copy()
    other = ring.fighter(1)
    other.history[:], other.buttons = 6, 16
    ring.match.pending[:, 1] = 1
    ring.look()
    assert np.array_equal(ring.batch.observations[0, 0], before[0])
    assert not np.array_equal(ring.batch.observations[0, 1], before[1])


def test_the_others_meter_and_move_are_public():
    ring = Ring().place(gap=200, meter=(0, 500))
    ring.play("", "medium")
    seen = ring.batch.game.observation.split(ring.batch.observations[0, 0])
    assert seen["other meter"].tolist() == [0.5]
    assert int(seen["other move"].argmax()) == Slot.STAND_M
    assert seen["distance"][0] == pytest.approx(200 / 300)


def test_the_thrown_see_how_long_they_are_held():
    ring = Ring().place()
    ring.play("throw")
    ring.until(lambda: ring.pose(1) == Pose.HELD)
    bound = []
    while ring.pose(1) == Pose.HELD:
        bound.append(
            round(30 * float(ring.batch.game.observation.split(ring.batch.observations[0, 1])["own bound"][0]))
        )
        ring.play()
    assert bound == list(range(CONTENT.common.hold + CONTENT.common.throw - 1, 0, -1))
