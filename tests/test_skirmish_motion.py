"""Skirmish: moving, walls, and who stands in whose way."""

from itertools import pairwise

import numpy as np
import pytest
from skirmish_field import FINE, UNITS, Field, kind_of

from kumite import arenas
from kumite.arenas.skirmish.plane import portion
from kumite.arenas.skirmish.state import Opt, Order
from kumite.arenas.skirmish.terrain import VIEW, in_view, ways

FAR_AWAY = ("command-center", 12.0)


def alone(name, x=0.0, y=0.0):
    """One unit, and a structure of the other side out of the way."""
    field = Field()
    field.put(0, name, x, y)
    field.put(1, *FAR_AWAY, 12)
    return field


@pytest.mark.parametrize("name", ["marine", "zergling", "hellion", "scv", "medivac"])
@pytest.mark.parametrize("direction", ["east", "north-west"])
def test_speed_is_that_of_the_list_in_every_direction(name, direction):
    """Speeds are held in 1/256 a tick, lengths to 1/256 of themselves."""
    field = alone(name, -2, 0)
    for _ in range(4):
        field.tell(0, 0, direction)
        field.play(4)
    x, y = field.place(0)
    speed = int(UNITS[kind_of(name)].speed) / FINE * 16
    assert np.hypot(x + 2, y) == pytest.approx(speed, rel=0.02)


def test_a_move_goes_two_units_and_ends():
    field = alone("marine")
    field.tell(0, 0, "north")
    field.play(40)
    assert field.place(0) == (0, 2)
    assert field.unit(0).order == Order.IDLE


def test_directions_are_seen_from_the_own_side():
    """East is towards the other side, for both."""
    field = Field()
    field.put(0, "marine", -12)
    field.put(1, "marine", 12)
    for side in range(2):
        field.tell(side, 0, "east")
    field.play(10)
    assert field.place(0)[0] > -12
    assert field.place(1)[0] < 12


def test_stop_ends_a_move():
    field = alone("marine")
    field.tell(0, 0, "east")
    field.play(4)
    field.tell(0, 0, "stop")
    field.play(1)
    before = field.place(0)
    field.play(5)
    assert field.place(0) == before


def test_the_edge_stops_and_does_no_harm():
    field = alone("marine", -15.5, 0)
    for _ in range(10):
        field.tell(0, 0, "west")
        field.play(4)
    assert field.place(0)[0] == -16 + 0.375
    assert field.life(0) == 45


def test_units_do_not_stand_in_each_other():
    field = Field()
    for row in range(12):
        field.put(0, "marine", 0.1 * (row % 4), 0.1 * (row // 4))
    field.put(1, *FAR_AWAY, 12)
    field.play(60)
    gaps = [field.apart((0, i), (0, j)) for i in range(12) for j in range(i)]
    assert min(gaps) > 0.65  # of 0.75


def test_two_units_on_one_spot_part():
    field = Field()
    field.put(0, "marine", 0)
    field.put(1, "marine", 0)
    field.play(3)
    assert field.place(0)[0] < 0 < field.place(1)[0]


def test_a_unit_walks_around_one_that_stands_in_its_way():
    field = alone("zealot", -4)
    field.put(0, "command-center", 0)
    for _ in range(40):
        field.tell(0, 0, "east")
        field.play(4)
    assert field.place(0)[0] > 3.5


def test_flyers_pass_over_everything():
    field = alone("medivac", -4)
    field.put(0, "command-center", 0)
    for _ in range(10):
        field.tell(0, 0, "east")
        field.play(4)
    assert field.place(0)[0] > 0
    assert field.place(0)[1] == 0


def test_walls_are_not_crossed():
    field = Field("defeat-roaches", race=True)
    field.put(0, "marine", 0, -8)
    for _ in range(20):
        field.tell(0, 0, "north")
        field.play(4)
    assert -6 < field.place(0)[1] <= -4


@pytest.mark.parametrize("scenario", ["27m_vs_30m", "defeat-roaches"])
def test_the_neighbour_search_by_squares_changes_nothing(scenario):
    """One list of all units and squares lead to the same bytes, and leave nothing behind."""
    records = []
    for few in (0, 1000):
        batch = arenas.make_batch("skirmish", scenario=scenario, seed=4, opponents={0: "attack-move"})
        options = batch.tables.options.copy()
        options[Opt.FEW] = few
        options.flags.writeable = False  # as all tables are: another type would be compiled anew
        batch.tables = batch.tables._replace(options=options)
        batch.rollout_random(24 * 8)
        assert not batch.state.square.any()
        assert not batch.state.unit.next.any()
        assert not batch.state.unit.close.any()
        records.append(batch.state.tobytes())
    assert records[0] == records[1]


def test_portions_are_rounded_down_whatever_the_sign():
    plain = getattr(portion, "py_func", portion)
    for amount in (-513, -512, -1, 0, 1, 511, 512, 10**9 + 1, -(10**9) - 1):
        for whole in (1, 2, 255, 256, 10**6):
            assert plain(amount, whole) == amount // whole


def test_ways_lead_around_walls():
    walk = np.ones((7, 9), np.uint8)
    walk[1:, 4] = 0
    way = ways(walk)
    here, there = 5 * 9 + 1, 5 * 9 + 7
    steps = [here]
    while steps[-1] != there:
        steps.append(int(way[steps[-1], there]))
        assert len(steps) < 10
    assert any(step // 9 == 0 for step in steps)
    view = in_view(walk > 0)
    for first, second in pairwise(steps):
        dy, dx = second // 9 - first // 9, second % 9 - first % 9
        assert view[first, dy + VIEW, dx + VIEW]


def test_nothing_is_seen_through_a_wall():
    walk = np.ones((5, 5), np.uint8)
    walk[2, 2] = 0
    view = in_view(walk > 0)
    middle = VIEW
    assert view[0, middle, middle + 4]
    assert not view[0, middle + 4, middle + 4]  # across the wall
    assert not view[2 * 5, middle, middle + 4]
    assert view[0, middle + 1, middle + 1]


def test_a_wall_s_cell_is_gone_to_as_its_nearest_free_one():
    walk = np.ones((5, 5), np.uint8)
    walk[2, 2:] = 0
    way = ways(walk)
    assert way[0, 2 * 5 + 4] in (way[0, 1 * 5 + 4], way[0, 3 * 5 + 4])
