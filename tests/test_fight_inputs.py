"""Fight: raw buttons, and the motions that ask for specials."""

import pytest
from fight_ring import CONTENT, RAW_NAMES, Ring, move_of

from kumite.arenas.content import FINE
from kumite.arenas.fight import BUTTONS, MOTIONS
from kumite.arenas.fight.content import Press
from kumite.arenas.fight.state import FULL_METER, HISTORY, Motion, Pose, Slot, Where

SPECIALS = (Slot.SPECIAL_1, Slot.SPECIAL_2, Slot.SPECIAL_3, Slot.SUPER)
STICK = {  # directions as on a number pad
    1: "down back",
    2: "down",
    3: "down forward",
    4: "back",
    5: "",
    6: "forward",
    7: "up back",
    8: "up",
    9: "up forward",
}


@pytest.fixture(scope="module")
def ring() -> Ring:
    return Ring(actions="buttons")


def buttons_of(press: Press) -> str:
    """`Press.MEDIUM | Press.HEAVY` -> "medium heavy"."""
    return " ".join(member.name.lower() for member in Press if press & member)


def perform(ring: Ring, side: int, motion: Motion, buttons: str, hold: int = 2) -> None:
    """Directions of a motion for `hold` ticks each, the buttons with the last; then nothing for a tick."""
    for number, step in enumerate(MOTIONS[motion]):
        last = number == len(MOTIONS[motion]) - 1
        words = f"{STICK[step]} {buttons if last else ''}"
        ring.play(*((words, "") if side == 0 else ("", words)), ticks=1 if last else hold)


def test_the_buttons_are_those_of_the_action_spec():
    assert tuple(slot.name for slot in BUTTONS.slots) == RAW_NAMES


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("slot", SPECIALS)
@pytest.mark.parametrize("name", CONTENT.names)
def test_every_motion_makes_its_special_on_either_side(ring, name, slot, side):
    move = move_of(name, slot)
    ring.place(name, name, gap=260, meter=(FULL_METER, FULL_METER))
    if move.where == Where.AIR:
        me = ring.fighter(side)
        me.pose, me.y = Pose.AIR, 90 * FINE
    perform(ring, side, move.motion, buttons_of(move.press))
    assert ring.slot(side) == slot


@pytest.mark.parametrize("name", CONTENT.names)
def test_without_the_meter_the_supers_motion_is_no_super(ring, name):
    move = move_of(name, Slot.SUPER)
    ring.place(name, name, gap=260, meter=(FULL_METER - 1, 0))
    perform(ring, 0, move.motion, buttons_of(move.press))
    assert ring.slot(0) != Slot.SUPER


def test_a_button_alone_is_a_normal(ring):
    for words, slot in (
        ("light", Slot.STAND_L),
        ("heavy", Slot.STAND_H),
        ("down medium", Slot.CROUCH_M),
        ("forward heavy", Slot.OVERHEAD),
        ("throw", Slot.THROW),
    ):
        ring.place(gap=260)
        ring.play(words)
        assert ring.slot(0) == slot


def test_half_a_motion_or_one_too_slow_is_a_normal(ring):
    ring.place(gap=260)
    for words in ("down", "forward", "forward light"):  # 2 6: the 3 between is missing
        ring.play(words)
    assert ring.slot(0) == Slot.STAND_L
    ring.place(gap=260)
    perform(ring, 0, Motion.QUARTER_FORWARD, "light", hold=HISTORY // 2)
    assert ring.slot(0) == Slot.SPECIAL_1
    ring.place(gap=260)
    ring.play("down", ticks=2)
    ring.play("down forward", ticks=HISTORY)
    ring.play("forward light")
    assert ring.slot(0) == Slot.STAND_L


def test_a_button_counts_when_it_goes_down(ring):
    ring.place(gap=260)
    ring.play("light")
    ring.until(lambda: ring.pose(0) == Pose.STAND, "light")
    ring.play("light", ticks=10)
    assert ring.pose(0) == Pose.STAND
    ring.play("")
    ring.play("light")
    assert ring.slot(0) == Slot.STAND_L


def test_a_press_is_remembered_for_a_few_ticks(ring):
    move, memory = move_of("ren", Slot.STAND_L), CONTENT.common.press_memory
    whole = move.startup + move.active + move.recovery + 1
    for early, begun in ((memory - 1, True), (memory + 1, False)):
        ring.place(gap=260)
        ring.play("light")
        ring.play(ticks=whole - 1 - early)
        ring.play("heavy")
        ring.play(ticks=early)
        assert (ring.slot(0) == Slot.STAND_H) == begun, early


def test_a_press_in_hitstop_is_kept_for_the_cancel(ring):
    ring.place(gap=60)
    ring.play("medium")
    ring.until(lambda: ring.fighter(0).stop > 0)
    assert ring.fighter(0).stop > CONTENT.common.press_memory
    perform(ring, 0, Motion.QUARTER_BACK, "medium", hold=1)
    ring.until(lambda: ring.fighter(0).stop == 0)
    ring.play(ticks=2)
    assert ring.slot(0) == Slot.SPECIAL_3


def test_a_motion_for_what_cannot_be_begun_here_is_a_normal(ring):
    assert move_of("kaya", Slot.SPECIAL_3).where == Where.AIR
    ring.place("kaya", "ren", gap=260)
    perform(ring, 0, Motion.QUARTER_BACK, "light")
    assert ring.slot(0) == Slot.STAND_L
    ring.place(gap=500)
    for slot in (Slot.SPECIAL_1, Slot.STAND_L):  # one projectile at a time
        perform(ring, 0, Motion.QUARTER_FORWARD, "light")
        assert ring.slot(0) == slot
        ring.until(lambda: ring.pose(0) == Pose.STAND)
    assert ring.fighter(0).shot_left > 0


@pytest.mark.parametrize(("way", "pose"), [("forward", Pose.DASH), ("back", Pose.BACKDASH)])
def test_a_double_tap_dashes(ring, way, pose):
    for side in (0, 1):
        ring.place(gap=260)
        for words in (way, "", way):
            ring.play(*((words, "") if side == 0 else ("", words)), ticks=2)
        assert ring.pose(side) == pose
    ring.place(gap=260)
    ring.play(way, ticks=20)
    assert ring.pose(0) == Pose.WALK
