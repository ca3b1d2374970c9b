"""Skirmish, the full game: maps, tech, building by rule, fighting, victory: one scenario a rule."""

import numpy as np
import pytest
from skirmish_field import FINE, HALL, UNITS, Field, full_game, kind_of, row_of

from kumite import arenas
from kumite.arenas.arena import IllegalOption, Outcome
from kumite.arenas.skirmish import Options
from kumite.arenas.skirmish.content import default_content
from kumite.arenas.skirmish.setting import Setting
from kumite.arenas.skirmish.state import Node, Order, Terrain

MAPS = ["causeway", "plateau"]


# --- maps and beginning ---


@pytest.mark.parametrize("name", MAPS)
def test_a_map_has_bases_gates_high_ground_and_ways(name):
    content = default_content()
    setting = Setting(content, content.scenarios["full"], Options(scenario="full", map=name))
    terrain = setting.map
    assert len(setting.halls) == 6
    assert len(setting.gates) >= 4
    assert (terrain.ground & Terrain.HIGH > 0).any()
    assert (terrain.ground & Terrain.WALK == 0).any()
    assert ((terrain.ground & Terrain.WALK > 0) & (terrain.ground & Terrain.BUILD == 0)).any()
    walk = np.flatnonzero(terrain.ground.ravel() & Terrain.WALK)
    main = terrain.places["N"][0]
    here = main[1] * terrain.ground.shape[1] + main[0]
    assert (terrain.way[walk, here] != walk).sum() == len(walk) - 1, "every cell leads to the main base"
    for places in (setting.halls, setting.gates):
        assert places == sorted((-x, -y) for x, y in places)


@pytest.mark.parametrize("name", MAPS)
def test_both_sides_begin_alike(name):
    field = full_game(name)
    assert field.match.minerals.tolist() == [400, 400]
    field.play(4)
    assert (field.match.supply / 2).tolist() == [12, 12]
    assert field.place(0, HALL) == tuple(-x for x in field.place(1, HALL))
    assert np.array_equal(*field.batch.observations[0])
    near = [
        node
        for node in field.match.node
        if np.hypot(*(np.array([node.x, node.y]) / FINE - field.place(0, HALL))) < 10.5
    ]
    assert sum(node.kind == Node.MINERALS for node in near) == 8
    assert sum(node.kind == Node.GEYSER for node in near) == 2


def test_maps_are_chosen_by_name():
    with pytest.raises(IllegalOption, match=r"map = 'casueway' .did you mean 'causeway'"):
        arenas.make_game("skirmish", scenario="full", map="casueway")
    with pytest.raises(IllegalOption, match="map = 'causeway'"):
        arenas.make_game("skirmish", scenario="3m", map="causeway")


# --- tech ---


def depth(name):
    """How many structures must have been built one after the other before a kind can be made."""
    unit = default_content().units[name]
    before = [other for other in (unit.by, unit.needs) if other and other not in ("scv", "command-center")]
    structure = "structure" in [flag.name.lower() for flag in unit.attributes]
    return structure + max((depth(other) for other in before), default=0)


def test_the_tech_tree_is_four_deep():
    assert [depth(name) for name in ("supply-depot", "barracks", "factory", "starport")] == [1, 2, 3, 4]
    assert depth("banshee") == 4


def test_tech_opens_what_can_be_made():
    field = full_game()
    field.match.minerals[0] = field.match.gas[0] = 1000
    field.play(4)
    made = {name for name in field.allowed(0, 0) if name.startswith("make")}
    assert made == {"make supply-depot", "make refinery", "make command-center"}
    x, y = field.place(0, HALL)
    for name, opened in (
        ("supply-depot", {"make barracks"}),
        ("barracks", {"make engineering-bay", "make factory", "make bunker"}),
        ("factory", {"make starport"}),
    ):
        field.put(0, name, x + 8, y)
        assert {choice for choice in field.allowed(0, 0) if choice.startswith("make")} == made | opened
        made |= opened
    barracks = row_of(field, 0, "barracks")
    assert "make marauder" not in field.allowed(0, barracks)
    field.put(0, "engineering-bay", x + 8, y)
    assert "make marauder" in field.allowed(0, barracks)
    assert "make siege-tank" in field.allowed(0, row_of(field, 0, "factory"))


# --- building, rallying, marching ---


@pytest.mark.parametrize("name", MAPS)
def test_a_new_hall_goes_to_the_natural_expansion(name):
    field = full_game(name)
    field.match.minerals[:] = 400
    for side in range(2):
        field.tell(side, 0, "make command-center")
    field.until(lambda: (field.match.unit["kind"] == kind_of("command-center")).sum() == 4, limit=800)
    natural = field.batch.tables.starts[1]
    for side, sign in ((0, 1), (1, -1)):
        rows = [row for row in range(64) if field.unit(side, row).kind == kind_of("command-center")]
        assert field.place(side, rows[-1]) == tuple(sign * natural / FINE)


def test_what_is_armed_stands_where_the_enemy_comes_from():
    field = full_game()
    field.put(0, "supply-depot", -20, 4)
    field.put(0, "barracks", -20, 12)
    field.match.minerals[:] = 200
    field.play(4)
    field.tell(0, 0, "make bunker")
    field.play()
    goal = np.array([field.unit(0).goal_x, field.unit(0).goal_y]) / FINE
    field.tell(0, 1, "make supply-depot")
    field.play()
    other = np.array([field.unit(0, 1).goal_x, field.unit(0, 1).goal_y]) / FINE
    ramp = np.array([-23.0, 4.0])
    assert np.hypot(*(goal - ramp)) < np.hypot(*(np.array(field.place(0, HALL)) - ramp)) - 4
    assert np.hypot(*(goal - field.place(0, HALL))) > np.hypot(*(other - field.place(0, HALL)))


def test_armies_pass_between_structures():
    field = full_game()
    field.match.minerals[0] = 5000
    for worker in range(6):
        field.tell(0, worker, "make supply-depot")
        field.play(600)
    depots = [row for row in range(64) if field.unit(0, row).kind == kind_of("supply-depot")]
    assert len(depots) == 6
    gaps = [field.apart((0, i), (0, j)) for i in depots for j in depots if i < j]
    tank = 2 * int(UNITS[kind_of("siege-tank")].radius) / FINE
    assert min(gaps) - 2 * 1.25 >= min(tank, 1.5)


@pytest.mark.parametrize("name", MAPS)
def test_structures_do_not_block_a_ramp(name):
    """Factories once stood at the head of the only way out."""
    field = full_game(name)
    field.put(0, "supply-depot", -31, 24)
    ground = field.batch.tables.ground
    ways = np.argwhere((ground & Terrain.WALK > 0) & (ground & Terrain.BUILD == 0))
    ways = 2 * ways[:, ::-1] + 1 - np.array(ground.shape[::-1])
    nodes = np.stack([field.match.node["x"], field.match.node["y"]], axis=1) / FINE
    ways = np.array([cell for cell in ways if not (nodes == cell).all(axis=1).any()])
    for _ in range(12):
        field.match.minerals[0] = 1000
        field.look()
        field.tell(0, 0, "make barracks")
        field.play()
        place = np.array([field.unit(0).goal_x, field.unit(0).goal_y]) / FINE
        assert (np.abs(ways - place).max(axis=1) >= 2 + 2 + 1).all()
        row = field.put(0, "barracks", *place)
        field.unit(0, row).seen = 1
        field.unit(0).order = Order.IDLE


@pytest.mark.parametrize("side", [0, 1])
def test_a_place_is_marched_to_and_recruits_are_sent_there(side):
    field = full_game()
    marine = field.put(side, "marine", *field.place(side, HALL))
    field.look()
    field.tell(side, marine, "go to hall 1")
    field.play()
    assert field.unit(side, marine).order == Order.MARCH
    goal = (int(field.unit(side, marine).goal_x), int(field.unit(side, marine).goal_y))
    assert goal == tuple((1 - 2 * side) * field.batch.tables.sites[1])
    field.until(lambda: field.unit(side, marine).order == Order.IDLE, limit=700)
    field.tell(side, HALL, "go to gate 0")
    field.play()
    assert (int(field.unit(side, HALL).rally_x), int(field.unit(side, HALL).rally_y)) == tuple(
        (1 - 2 * side) * field.batch.tables.sites[6]
    )


# --- fighting ---


def war(first, second):
    """Armies of (name, count) a side that march against each other in the open; what each has left, in health."""
    field = Field("random", most=64)
    for side, army in enumerate((first, second)):
        place = 0
        for name, count in army:
            for _ in range(count):
                x, y = -7 - place // 8, (place % 8 - 3.5) * 1.2
                row = field.put(side, name, *((x, y) if side == 0 else (-x, -y)))
                it = field.unit(side, row)
                it.order, it.goal_x, it.goal_y = Order.MARCH, (1 - 2 * side) * 7 * FINE, it.y
                place += 1
    for tick in range(90 * 16):
        field.play()
        if field.batch.done[0]:
            break
        for it in field.match.unit:
            if tick % 80 == 79 and it.kind > 0 and it.order == Order.IDLE:
                it.order, it.goal_x, it.goal_y = Order.MARCH, 0, 0
    return field.batch.outcome[0]


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ([("hellion", 6)], [("marine", 12)]),  # splash and bonus against the light
        ([("marauder", 5)], [("hellion", 6)]),
        ([("marine", 12)], [("marauder", 5)]),
        ([("siege-tank", 2), ("marine", 4)], [("marauder", 6)]),
        ([("banshee", 3)], [("marauder", 7)]),  # cannot hit the air
        ([("marine", 15)], [("banshee", 3)]),
    ],
    ids=lambda army: "+".join(f"{count} {name}" for name, count in army),
)
def test_roles_counter_each_other_at_like_cost(winner, loser):
    """Minerals and gas of both armies differ by a fifth at most."""
    content = default_content()
    costs = [sum((content.units[n].minerals + content.units[n].gas) * c for n, c in army) for army in (winner, loser)]
    assert abs(costs[0] - costs[1]) <= max(costs) / 5
    assert war(winner, loser) == Outcome.FIRST
    assert war(loser, winner) == Outcome.SECOND


def test_a_siege_tank_shoots_only_when_it_has_stood_still():
    field = Field()
    field.put(0, "siege-tank", 0)
    field.put(0, "medivac", 4, 4)  # sees for it
    field.put(1, "command-center", 12)
    field.play(4)
    before = field.life(1)
    assert field.until(lambda: field.life(1) < before, limit=100) >= UNITS[kind_of("siege-tank")].still - 4
    field.tell(0, 0, "west")
    field.play(2)
    assert field.unit(0).still == 0


def test_a_siege_tank_hits_all_near_its_target_and_nobody_near_itself():
    field = Field()
    field.put(0, "siege-tank", 0)
    field.put(1, "marine", 8)
    field.put(1, "marine", 8, 1)
    field.put(1, "marine", 1.5, 0)
    for row in range(3):
        field.unit(1, row).cooldown = 1000
        field.unit(1, row).health = 100 * FINE
    field.until(lambda: field.life(1, 0) < 100, limit=100)
    assert field.life(1, 1) < 100
    assert field.life(1, 2) == 100


# --- the end ---


def test_who_has_no_structures_left_has_lost():
    field = full_game()
    field.play(4)
    field.unit(1, HALL).health = 0
    field.play()
    assert field.batch.done[0]
    assert field.batch.outcome[0] == Outcome.FIRST
    assert field.batch.utility[0].tolist() == [1, -1]


def test_a_lost_unit_counts_what_it_cost_and_decides_at_the_time_limit():
    field = full_game()
    field.put(1, "marauder", 20, 20)
    field.unit(1, 13).health = 0
    field.play()
    assert field.match.score.tolist() == [125, 0]
    field.match.tick = field.match.tick_limit - 1
    field.play()
    assert field.batch.outcome[0] == Outcome.FIRST
    field = full_game()
    field.match.tick = field.match.tick_limit - 1
    field.play()
    assert field.batch.outcome[0] == Outcome.DRAW
