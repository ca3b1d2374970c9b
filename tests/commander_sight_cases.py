"""What skirmish's commander is shown, delays, the mirror image, scripts. `commander_cases.py` says how it is run."""

import re
from pathlib import Path

import numpy as np
import pytest
from commander_deck import SCREEN, VIEW, Deck, squad
from skirmish_field import FINE, ROWS, UNITS, kind_of

from kumite import arenas
from kumite.arenas.skirmish.functions import Arg, Fn
from kumite.arenas.skirmish.layers import Plane
from kumite.arenas.skirmish.selection import SELECTED
from kumite.arenas.skirmish.state import Node, Order

# --- what is seen ---


def test_the_screen_shows_units_where_they_are():
    deck = squad()
    deck.unit(0, 1).health = 15 * FINE
    deck.order("select_point", deck.pixel(-6, 3))
    column, line = deck.pixel(-6, 3)
    assert deck.plane(Plane.PLAYER_RELATIVE)[line, column] == 1
    assert deck.plane(Plane.SELECTED).sum() == deck.plane(Plane.SELECTED)[line, column] == 1
    assert deck.plane(Plane.HP_RATIO)[line, column] == 255 * 15 // 45
    foe_column, foe_line = deck.pixel(2, 0)
    assert deck.plane(Plane.PLAYER_RELATIVE)[foe_line, foe_column] == 4
    assert deck.plane(Plane.UNIT_TYPE)[foe_line, foe_column] != deck.plane(Plane.UNIT_TYPE)[line, column]
    assert deck.plane(Plane.MINI_PLAYER_RELATIVE).max() == 4
    assert deck.plane(Plane.MINI_CAMERA).mean() == pytest.approx((VIEW / 32) ** 2, abs=0.1)


def test_both_sides_see_the_map_from_their_own_end():
    deck = Deck()
    deck.put(0, "marine", -4, 1)
    deck.put(1, "marine", 4, -1)
    deck.look()
    for _ in range(4):
        deck.order("no_op")
    assert np.array_equal(deck.batch.planes[0, 0], deck.batch.planes[0, 1])
    assert np.array_equal(deck.batch.observations[0, 0], deck.batch.observations[0, 1])


def test_the_camera_moves_within_the_map():
    deck = squad()
    for row in range(4):
        deck.unit(0, row).x -= 5 * FINE
    deck.order("move_camera", (SCREEN - 1, 0))
    assert tuple(deck.match.camera[0] / FINE) == (16 - VIEW / 2, 16 - VIEW / 2)
    assert not (deck.plane(Plane.PLAYER_RELATIVE) == 1).any()  # they stand in the west
    assert (deck.plane(Plane.MINI_PLAYER_RELATIVE) == 1).any()


def test_things_to_gather_are_neutral():
    deck = Deck("collect-mineral-shards", empty=False)
    kinds = len(deck.game.planes.layers) and deck.plane(Plane.UNIT_TYPE)[deck.plane(Plane.PLAYER_RELATIVE) == 3]
    assert len(kinds) > 10
    assert set(kinds.tolist()) == {1 + int(Node.SHARD)}  # after the one kind of unit


def test_structures_show_how_far_they_are_built():
    deck = Deck("build-marines", empty=False)
    hall = deck.unit(0, 12)
    hall.work = int(UNITS[kind_of("command-center")].build) // 4
    deck.match.camera[0] = hall.x, hall.y
    deck.look()
    assert set(np.unique(deck.plane(Plane.BUILD_PROGRESS)).tolist()) == {0, 192}


def hidden_twins(**options):
    """Two matches that differ only in what the first side cannot know."""
    decks = []
    for differs in (False, True):
        deck = Deck(**options)
        deck.put(0, "marine", -12, 2)
        deck.put(1, "marine", 12, -2)
        deck.match.worth[:] = deck.match.score[:] = 0  # the score is public, and tells of health
        if differs:
            deck.put(1, "roach", 13, 5)
            it = deck.unit(1, 0)
            it.x, it.health, it.order, it.marks = 11 * FINE, 9 * FINE, Order.MARCH, SELECTED + 4
            deck.match.camera[1] = 3 * FINE, -FINE
            deck.match.breath[1] = 7
        for side in range(2):
            for row in range(2):
                deck.unit(side, row).seen = 1 << side
        deck.look()
        decks.append(deck)
    return decks


@pytest.mark.parametrize("options", [{}, {"lists": True}, {"apm": 100, "delay": 3}])
def test_what_is_under_the_fog_changes_nothing_that_a_commander_is_shown(options):
    decks = hidden_twins(**options)
    for _ in range(3):
        for name in ("observations", "planes", "masks"):
            first, second = (getattr(deck.batch, name)[0] for deck in decks)
            assert np.array_equal(first[0], second[0]), name
        assert not np.array_equal(*(deck.batch.planes[0, 1] for deck in decks))
        decks[0].order("select_army")
        decks[1].order("select_army")


def test_critics_see_both_sides_in_full():
    decks = hidden_twins(lists=True)
    states = [deck.batch.global_state().copy() for deck in decks]
    assert states[0].shape == (1, 2 * decks[0].game.observation.size)
    own = slice(0, decks[0].game.observation.size)
    assert not np.array_equal(states[0][0, own], states[1][0, own])  # what the fog hides from the side is in it
    assert np.array_equal(decks[0].batch.observations[0, 0], decks[1].batch.observations[0, 0])


def test_planes_keep_to_their_scales():
    scales = np.array([layer.scale for layer in squad().game.planes.layers])
    for scenario in ("build-marines", "defeat-roaches"):
        batch = Deck(scenario, empty=False, frame_skip=8).batch
        for _ in range(5):
            batch.step(batch.random_actions())
            assert (batch.planes[0].max(axis=(0, 2, 3)) < scales).all()


# --- mirror, delay, bots ---


def test_the_mirror_image_plays_alike():
    """Selection, camera and breath are exchanged, too."""
    settings = {"scenario": "random", "units": 3, "most": 3, "interface": "commander", "screen": 8, "apm": 300}
    one, other = (arenas.make_batch("skirmish", 2, 4, planes=True, **settings) for _ in range(2))
    for _ in range(10):
        for i in range(2):
            other.state[i] = one.state[i]
        other.mirror()
        assert np.array_equal(other.planes, one.planes[:, ::-1])
        assert np.array_equal(other.masks, one.masks[:, ::-1])
        actions = one.random_actions()
        one.step(actions)
        other.step(actions[:, ::-1])
        other.mirror()
        assert other.state.tobytes() == one.state.tobytes()


@pytest.mark.parametrize("interface", ["units", "commander"])
@pytest.mark.parametrize(("delay", "frame_skip"), [(3, 8), (8, 8), (5, 2)])
def test_a_delayed_order_begins_so_many_ticks_later(interface, delay, frame_skip):
    options = {"scenario": "3m", "frame_skip": frame_skip, "delay": delay, "interface": interface}
    batch = arenas.make_batch("skirmish", 1, 1, screen=8, planes=interface == "commander", **options)
    if interface == "commander":
        batch.state[0].unit["marks"] = SELECTED
        batch.look()
    actions = np.zeros(batch.actions.shape, np.int16)
    if interface == "commander":
        actions[0, 0, [Arg.FUNCTION, Arg.X]] = Fn.MOVE_SCREEN, 7
    else:
        actions[0, 0, 0] = 2  # east
    pending = [block for block in batch.game.observation.blocks if block.name.startswith("pending")]
    assert len(pending) == delay // frame_skip
    shown = []
    while batch.state[0].unit[0].order == Order.IDLE:
        batch.step(actions)
        actions[:] = 0
        offsets = [batch.game.observation.offset(block.name) for block in pending]
        shown.append(
            [
                bool(batch.observations[0, 0, at : at + block.length].any())
                for at, block in zip(offsets, pending, strict=True)
            ]
        )
        assert len(shown) < 12
    # It stands in the observation, one place nearer at each decision, until it is played.
    assert [places.index(True) for places in shown if True in places] == list(range(len(pending)))[::-1]
    assert (len(shown) - 1) * frame_skip <= delay < len(shown) * frame_skip
    assert not batch.illegal.any()


@pytest.mark.parametrize("points", ["factored", "flat"])
@pytest.mark.parametrize("bot", ["attack-move", "random-biased"])
def test_scripted_commanders_play_legally(points, bot):
    settings = {"interface": "commander", "screen": 8, "points": points, "planes": True}
    batch = arenas.make_batch("skirmish", 1, 2, scenario="3m", opponents={0: bot, 1: bot}, **settings)
    for _ in range(12):
        batch.step(np.zeros(batch.actions.shape, np.int16))
    assert not batch.bot_illegal.any()
    if bot == "attack-move":
        assert (batch.state[0].unit["aim"][[0, ROWS]] >= 0).any()


def test_a_scripted_commander_walks_to_beacons():
    batch = arenas.make_batch(
        "skirmish",
        1,
        2,
        scenario="move-to-beacon",
        opponents={0: "attack-move"},
        planes=True,
        interface="commander",
        screen=SCREEN,
    )
    for _ in range(60):
        batch.step(np.zeros(batch.actions.shape, np.int16))
    assert batch.state.score[0, 0] >= 4


def test_the_page_tells_of_every_function_and_layer():
    page = (Path(__file__).parent.parent / "arenas/skirmish/README.md").read_text(encoding="utf-8")
    game = arenas.make_game("skirmish", scenario="3m", interface="commander")
    assert game.planes.table() in page
    for name in game.action.slots[0].choices:
        assert f"`{name}`" in page, name
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        if 'interface="commander"' in block:
            exec(block, {"arenas": arenas})
