"""What functions of skirmish's commander do: orders, selection, what is available.

`test_skirmish_commander.py` runs these and `commander_sight_cases.py` as plain Python, in the slow suite also compiled,
in a process of their own: the interface has a driver of its own, which takes minutes to compile.
"""

import numpy as np
import pytest
from commander_deck import SCREEN, Deck, squad
from skirmish_field import FINE, Field

from kumite import arenas
from kumite.arenas.arena import IllegalOption
from kumite.arenas.skirmish.selection import SELECTED
from kumite.arenas.skirmish.state import Node, Order

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


def test_who_is_sent_to_a_shard_picks_it_up_wherever_in_its_pixel_it_lies():
    """With large pixels a scripted commander stood in the middle of one, beside the shard in its corner, for good."""
    for function in ("move_screen", "smart_screen"):
        deck = Deck("collect-mineral-shards")
        deck.put(0, "marine", 6, 0)
        deck.unit(0, 0).marks = SELECTED
        deck.match.node[:] = np.zeros(1, deck.match.node.dtype)
        column, line = deck.pixel(-3, 0)
        middle = deck.point(column, line)
        deck.match.node[0].kind, deck.match.node[0].amount = Node.SHARD, 1
        deck.match.node[0].x, deck.match.node[0].y = (int((at + 0.74) * FINE) for at in middle)
        deck.look()
        deck.order(function, (column, line))
        goal = deck.unit(0, 0).goal_x, deck.unit(0, 0).goal_y
        assert goal == (deck.match.node[0].x, deck.match.node[0].y)
        deck.order(function, (column, line - 3))  # nothing lies there
        assert (deck.unit(0, 0).goal_x / FINE, deck.unit(0, 0).goal_y / FINE) == deck.point(column, line - 3)


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
