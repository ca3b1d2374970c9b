"""What the commander's interface of skirmish must do.

`test_skirmish_commander.py` runs these as plain Python, in the slow suite also compiled, in a process of their own: the
interface has a driver of its own, which takes minutes to compile.

A `Deck` is one match, a tick a decision, with one commander a side and only what a test puts there.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from skirmish_field import FINE, ROWS, UNITS, Field, kind_of

from kumite import arenas
from kumite.arenas.arena import IllegalOption
from kumite.arenas.skirmish.functions import Arg, Fn
from kumite.arenas.skirmish.layers import Plane
from kumite.arenas.skirmish.selection import SELECTED
from kumite.arenas.skirmish.state import Node, Order

SCREEN = 16
VIEW = 24


class Deck(Field):
    """One match seen by commanders."""

    def __init__(self, scenario="random", *, empty=True, **options):
        if scenario == "random":
            options = {"units": 2, "most": 16, **options}
        settings = {"frame_skip": 1, "interface": "commander", "screen": SCREEN, **options}
        self.batch = arenas.make_batch("skirmish", seed=1, scenario=scenario, planes=True, **settings)
        self.game = self.batch.game
        self.names = self.game.action.slots[0].choices
        if empty:
            self.match.unit[:] = np.zeros(1, self.match.unit.dtype)
            self.match.count[:] = 0
            self.match.camera[:] = 0

    def order(self, function, point=(0, 0), second=(0, 0), side=0, ticks=1, **arguments):
        """One decision by which a side uses a function."""
        actions = np.zeros(self.batch.actions.shape, np.int16)
        chosen = actions[0, side]
        chosen[0] = self.names.index(function)
        for slot, value in {Arg.X: point[0], Arg.Y: point[1], Arg.X2: second[0], Arg.Y2: second[1]}.items():
            chosen[slot] = value
        for name, value in arguments.items():
            chosen[Arg[name.upper()]] = value
        self.batch.look()  # the record may have been changed by hand
        illegal = self.batch.illegal.copy()
        self.batch.step(actions)
        assert np.array_equal(self.batch.illegal, illegal), f"{function} was illegal"
        for _ in range(ticks - 1):
            self.batch.step(actions * 0)

    def pixel(self, x, y, side=0):
        """The pixel of a side's screen that shows a point of the map."""
        sign = 1 - 2 * side
        camera = self.match.camera[side] / FINE
        column = (x * sign - camera[0] + VIEW / 2) * SCREEN / VIEW
        return int(column), int((camera[1] - y * sign + VIEW / 2) * SCREEN / VIEW)

    def point(self, column, line):
        """The middle of a pixel of the first side's screen."""
        camera = self.match.camera[0] / FINE
        width = VIEW / SCREEN
        return camera[0] - VIEW / 2 + (column + 0.5) * width, camera[1] + VIEW / 2 - (line + 0.5) * width

    def selected(self, side=0):
        """Which rows a side has selected."""
        return {row for row in range(ROWS) if int(self.unit(side, row).marks) & SELECTED}

    def functions(self, side=0):
        """The functions that are available."""
        self.look()
        return {name for name, may in zip(self.names, self.batch.masks[0, side, 0], strict=False) if may}

    def plane(self, layer, side=0):
        """One layer, [H, W]."""
        return self.batch.planes[0, side, layer]


def squad(**options):
    """Three marines and a zealot of the first side, a roach of the second in sight."""
    deck = Deck(**options)
    for x, y in ((-6, 0), (-6, 3), (-6, -3)):
        deck.put(0, "marine", x, y)
    deck.put(0, "zealot", -9, 0)
    deck.put(1, "roach", 2, 0)
    deck.look()
    return deck


# --- the same orders as in the interface of units ---


def plain(record):
    """A record without what only a commander has, or what tells how the choice was made."""
    record = record.copy()
    for name in ("camera", "breath", "pending"):
        record[name] = 0
    record["unit"]["marks"] = 0
    return record


ORDERS = {
    "stop": ("stop", "stop", None),
    "attack foe 0": ("attack_screen", "attack foe 0", (3, 0)),
    "smart on a foe": ("smart_screen", "attack foe 0", (3, 0)),
    "heal 0": ("heal_screen", "heal 0", (-5, 2)),
    "smart on a patient": ("smart_screen", "heal 0", (-5, 2)),
}


@pytest.mark.parametrize("name", ORDERS)
def test_a_function_gives_the_unit_the_order_that_its_choice_gives(name):
    function, choice, place = ORDERS[name]
    heals = "heal" in choice
    unit = "medivac" if heals else "marine"
    records = []
    for made in (Field(), Deck()):
        made.put(0, "marine", -5, 2)
        made.put(0, unit, -4, -3)
        made.put(1, "roach", 3, 0)
        made.unit(0, 0).health = 20 * FINE
        made.unit(0, 1).order, made.unit(0, 1).goal_x = Order.MOVE, 9 * FINE
        if isinstance(made, Deck):
            made.unit(0, 1).marks = SELECTED
            made.look()
            made.order(function, made.pixel(*place) if place else (0, 0))
        else:
            made.look()
            made.tell(0, 1, choice)
            made.play()
        records.append(plain(made.batch.state))
    assert records[0].tobytes() == records[1].tobytes()


WORK = {
    "gather": ("harvest_gather", "gather {node}"),
    "smart on a field": ("smart_screen", "gather {node}"),
    "build": ("build supply-depot", "make supply-depot"),
    "train": ("train scv", "make scv"),
    "rally of workers": ("rally_workers", "gather {node}"),
}


@pytest.mark.parametrize("name", WORK)
def test_work_is_ordered_as_in_the_interface_of_units(name):
    function, choice = WORK[name]
    records = []
    for made in (Field("build-marines", empty=False), Deck("build-marines", empty=False)):
        made.match.minerals[0] = 500
        row = 12 if function in ("train scv", "rally_workers") else 3
        node = 2
        if isinstance(made, Deck):
            made.match.camera[0] = made.match.node[node].x, made.match.node[node].y
            made.unit(0, row).marks = SELECTED
            made.look()
            middle = (SCREEN // 2, SCREEN // 2)
            made.order(function, middle if "node" in choice else (0, 0))
        else:
            made.look()
            made.tell(0, row, choice.format(node=node))
            made.play()
        records.append(plain(made.batch.state))
    assert records[0].tobytes() == records[1].tobytes()
    assert records[0].unit[0, row].target == node or "make" in choice


def test_moves_are_orders_to_points():
    units, deck = Field(), squad()
    units.put(0, "marine", -6, 0)
    units.put(1, "roach", 2, 0)
    units.look()
    units.tell(0, 0, "east")
    units.play()
    deck.unit(0, 0).marks = SELECTED
    goal = deck.pixel(-1, 4)
    deck.order("move_screen", goal)
    for name in ("order", "target", "aim", "windup"):
        assert deck.unit(0, 0)[name] == units.unit(0, 0)[name], name
    it = deck.unit(0, 0)
    assert (it.goal_x / FINE, it.goal_y / FINE) == pytest.approx(deck.point(*goal))
    assert deck.unit(0, 1).order == Order.IDLE  # not selected
    deck.order("attack_screen", deck.pixel(-8, 8))
    assert deck.unit(0, 0).order == Order.MARCH
    deck.order("hold")
    assert deck.unit(0, 0).order == Order.HOLD


def test_who_holds_does_not_follow():
    places = []
    for function in ("stop", "hold"):
        deck = Deck()
        deck.put(0, "zealot", -3)
        deck.put(1, "marine", 2)
        deck.unit(0, 0).marks = SELECTED
        deck.look()
        deck.order(function, ticks=24)
        places.append(deck.place(0)[0])
    assert places[0] > -2  # a zealot that was told to stop goes for an enemy nearby
    assert places[1] == pytest.approx(-3)


def test_the_minimap_sends_across_the_map():
    deck = squad()
    deck.unit(0, 0).marks = SELECTED
    deck.order("move_minimap", (SCREEN - 1, 0))  # the field is 32 units wide
    assert deck.unit(0, 0).goal_x / FINE == pytest.approx(15, abs=1)
    assert deck.unit(0, 0).goal_y / FINE == pytest.approx(15, abs=1)


def test_a_point_may_be_one_choice_of_all_pixels():
    goals = []
    for points in ("factored", "flat"):
        deck = squad(points=points)
        deck.unit(0, 0).marks = SELECTED
        column, line = deck.pixel(-1, 4)
        point = (column, line) if points == "factored" else (line * SCREEN + column, 0)
        deck.order("move_screen", point)
        goals.append((int(deck.unit(0, 0).goal_x), int(deck.unit(0, 0).goal_y)))
    assert goals[0] == goals[1]
    assert [slot.axis for slot in deck.game.action.slots][:3] == ["", "xy", ""]


def test_workers_bring_home_what_they_carry():
    deck = Deck("build-marines", empty=False)
    worker = deck.unit(0, 3)
    worker.marks, worker.carry, worker.order, worker.target = SELECTED, 5, Order.MOVE, -1
    deck.look()
    deck.order("harvest_return")
    assert worker.order == Order.RETURN
    before = int(deck.match.minerals[0])
    for _ in range(80):
        deck.order("no_op")
    assert deck.match.minerals[0] == before + 5


# --- selection ---


def test_units_are_selected_by_point_kind_and_rectangle():
    deck = squad()
    deck.order("select_point", deck.pixel(-6, 3))
    assert deck.selected() == {1}
    deck.order("select_point", deck.pixel(-9, 0), add=1)
    assert deck.selected() == {1, 3}
    deck.order("select_point", deck.pixel(8, 8))  # nobody is there: nothing changes
    assert deck.selected() == {1, 3}
    deck.order("select_type", deck.pixel(-6, 0))
    assert deck.selected() == {0, 1, 2}
    left, upper = deck.pixel(-7, 4)
    right, lower = deck.pixel(-5, -1)
    deck.order("select_rect", (right, lower), (left, upper))
    assert deck.selected() == {0, 1}
    deck.order("select_unit", unit=3)
    assert deck.selected() == {3}
    deck.order("select_army")
    assert deck.selected() == {0, 1, 2, 3}
    assert not deck.selected(1)


def test_control_groups_are_set_added_to_and_recalled():
    deck = squad()
    assert "select_group" not in deck.functions()
    deck.order("select_point", deck.pixel(-6, 3))
    deck.order("set_group", group=4)
    deck.order("select_point", deck.pixel(-9, 0))
    deck.order("add_to_group", group=4)
    deck.order("select_point", deck.pixel(-6, -3))
    deck.order("select_group", group=4)
    assert deck.selected() == {1, 3}
    deck.order("set_group", group=9)
    deck.order("select_army")
    deck.order("select_group", group=9)
    assert deck.selected() == {1, 3}


def test_idle_workers_are_selected_one_after_the_other():
    deck = Deck("build-marines", empty=False)
    deck.order("select_idle_worker")
    first = deck.selected()
    deck.order("select_idle_worker")
    assert len(first) == len(deck.selected()) == 1
    assert deck.selected() != first
    assert "select_army" not in deck.functions()


def test_what_dies_is_not_selected_any_more():
    deck = squad()
    deck.order("select_army")
    deck.unit(0, 1).health = 1
    deck.unit(0, 1).raw = deck.unit(0, 1).net = 10 * FINE
    deck.order("no_op")
    assert deck.unit(0, 1).kind == 0
    assert deck.selected() == {0, 2, 3}


def test_an_army_before_its_enemy_is_selected_from_the_start():
    for scenario, expected in (("defeat-roaches", 9), ("move-to-beacon", 0)):
        deck = Deck(scenario, empty=False)
        assert len(deck.selected()) == expected


# --- what is available ---


def test_functions_ask_for_what_they_need():
    deck = squad()
    assert {"no_op", "select_army", "select_rect", "move_camera"} <= deck.functions()
    assert not {"move_screen", "stop", "set_group", "select_idle_worker", "smart_screen"} & deck.functions()
    deck.order("select_army")
    assert {"move_screen", "attack_screen", "stop", "hold", "set_group", "smart_screen"} <= deck.functions()
    assert not {"heal_screen", "harvest_gather", "rally_units"} & deck.functions()
    work = Deck("build-marines", empty=False)
    assert not {"train scv", "build supply-depot"} & work.functions()
    work.order("select_unit", unit=12)
    assert {"train scv", "rally_workers"} <= work.functions()
    assert "build supply-depot" not in work.functions()
    work.order("select_unit", unit=0)
    assert "build supply-depot" not in work.functions()  # 50 minerals
    work.match.minerals[0] = 100
    assert "build supply-depot" in work.functions()


def test_arguments_that_a_function_does_not_take_have_one_choice():
    deck = squad()
    actions = np.zeros((1, 8), np.int16)
    taken = {"no_op": set(), "select_rect": {1, 2, 3, 4, 7}, "select_unit": {5, 7}, "select_army": {7}}
    for function, slots in taken.items():
        actions[0, 0] = deck.names.index(function)
        for slot in range(1, 8):
            row = deck.batch.narrowed(np.array([0]), np.array([0]), slot, actions)
            assert (row.sum() > 1) == (slot in slots), (function, slot)
            assert row[0, 0] == 1


def test_a_limit_on_actions_is_a_breath_to_be_saved_up():
    deck = squad(apm=120)  # 2 a second, 16 ticks
    deck.order("select_army")
    deck.order("select_army")
    deck.order("move_screen", (3, 3))  # with a target: counts twice; a burst of four is over
    assert not {"select_army", "move_screen", "stop"} & deck.functions()
    assert {"no_op", "move_camera"} <= deck.functions()
    deck.order("no_op", ticks=8)
    assert {"select_army", "stop"} <= deck.functions()
    assert "move_screen" not in deck.functions()
    deck.order("no_op", ticks=8)
    assert "move_screen" in deck.functions()
    assert "move_screen" in squad_after_many_orders().functions()


def squad_after_many_orders():
    """Without a limit nobody gets out of breath."""
    deck = squad()
    for _ in range(6):
        deck.order("select_army")
    return deck


def test_options_are_checked():
    for wrong in ({"interface": "raw"}, {"screen": 4}, {"points": "polar"}, {"apm": -1}, {"delay": 9}):
        with pytest.raises(IllegalOption):
            arenas.make_game("skirmish", **wrong)


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
