"""Skirmish: gathering, building, training, supply: one scenario a rule."""

import numpy as np
import pytest
from skirmish_field import FINE, Field, kind_of

from kumite.arenas.skirmish.economy import BIDS, LOAD, MINING
from kumite.arenas.skirmish.state import Node, Order


def quarry(workers=0, minerals=0):
    """Collect minerals and gas, without workers but for those put beside the hall (row 12)."""
    field = Field("collect-minerals-and-gas", empty=False)
    for row in range(12):
        field.unit(0, row).kind = 0
    field.match.minerals[0] = minerals
    for worker in range(workers):
        it = field.unit(0, worker)
        it.kind = kind_of("scv")
        it.x, it.y = -4 * FINE, (worker - workers // 2) * FINE
    field.play(4)  # supply is counted four times a second
    return field


def nearest_field(field, nth=0):
    """The mineral field nearest to the hall, or the n-th nearest."""
    places = [(int(n.x) ** 2 + int(n.y) ** 2, k) for k, n in enumerate(field.match.node) if n.kind == Node.MINERALS]
    return sorted(places)[nth][1]


def row_of(field, name):
    """Row of the first side's first unit of a kind."""
    return next(row for row in range(64) if field.unit(0, row).kind == kind_of(name))


def test_a_worker_gathers_carries_and_comes_back():
    field = quarry(1)
    node = nearest_field(field)
    before = int(field.match.node[node].amount)
    field.tell(0, 0, f"gather {node}")
    field.until(lambda: field.unit(0, 0).work > 0)
    assert field.match.node[node].user == 0
    assert field.until(lambda: field.unit(0, 0).carry > 0) == MINING
    assert field.match.node[node].amount == before - LOAD
    assert field.match.node[node].user == -1
    field.until(lambda: field.match.minerals[0] == LOAD)
    assert field.unit(0, 0).carry == 0
    assert field.unit(0, 0).order == Order.GATHER
    assert field.match.score[0] == LOAD


def income(workers, ticks=60 * 16):
    """Minerals a minute that so many workers bring from one field; the others are gone."""
    field = quarry(workers)
    node = nearest_field(field, 8)
    for k, it in enumerate(field.match.node):
        if k != node:
            it.kind = Node.NONE
    for worker in range(workers):
        field.tell(0, worker, f"gather {node}")
    field.play(ticks)
    return int(field.match.minerals[0])


def test_two_workers_fill_a_field_and_a_third_adds_little():
    one, two, three = income(1), income(2), income(3)
    assert two >= 1.7 * one
    assert three - two < 0.5 * (two - one)


def test_a_busy_field_sends_the_next_worker_to_a_free_one():
    field = quarry(2)
    node = nearest_field(field)
    for worker in range(2):
        field.tell(0, worker, f"gather {node}")
    field.until(lambda: field.unit(0, 0).work > 0 and field.unit(0, 1).work > 0)
    assert {int(field.unit(0, 0).target), int(field.unit(0, 1).target)} != {node}
    assert not field.match.node["bid"].any()


def test_of_two_who_come_at_once_the_first_by_rank_gets_the_field():
    field = quarry(2)
    node = nearest_field(field)
    for worker in range(2):
        it = field.unit(0, worker)
        it.x, it.y = int(field.match.node[node].x) + FINE, int(field.match.node[node].y)
        field.tell(0, worker, f"gather {node}")
    field.play()
    assert field.match.node[node].user == 0
    assert BIDS > 4 * 256


def test_an_exhausted_field_is_gone_and_its_workers_go_elsewhere():
    field = quarry(1)
    node = nearest_field(field)
    field.match.node[node].amount = 3
    field.tell(0, 0, f"gather {node}")
    field.until(lambda: field.match.minerals[0] > 0)
    assert field.match.minerals[0] == 3
    assert field.match.node[node].kind == Node.NONE
    field.play(2)
    assert field.unit(0, 0).order == Order.GATHER
    assert field.unit(0, 0).target != node


def test_a_geyser_needs_a_refinery():
    field = quarry(2, minerals=75)
    geyser = next(k for k, n in enumerate(field.match.node) if n.kind == Node.GEYSER)
    assert f"gather {geyser}" not in field.allowed(0, 0)
    field.tell(0, 0, "make refinery")
    field.until(lambda: bool((field.match.node["owner"] >= 0).any()))
    assert field.match.minerals[0] == 0
    built = int((field.match.node["owner"] >= 0).argmax())
    assert f"gather {built}" not in field.allowed(0, 1)  # not before it is done
    assert field.allowed(0, 0) == {"nothing"}  # the builder stays until it is done
    assert field.until(lambda: field.unit(0, 0).order == Order.IDLE, limit=600) == 480
    field.tell(0, 0, f"gather {built}")
    field.until(lambda: field.match.gas[0] == 4, limit=400)
    assert field.match.score[0] == 4


def test_a_structure_needs_room_and_is_fragile_until_it_is_done():
    field = quarry(1, minerals=100)
    room = int(field.match.room[0])
    field.tell(0, 0, "make supply-depot")
    field.until(lambda: (field.match.unit["kind"] == kind_of("supply-depot")).any())
    depot = field.unit(0, row_of(field, "supply-depot"))
    assert depot.health < 0.2 * 400 * FINE
    assert field.match.room[0] == room
    field.play(480 + 4)
    assert depot.health == 400 * FINE
    assert field.match.room[0] == room + 16
    assert field.apart((0, 12), (0, row_of(field, "supply-depot"))) > 2.75 + 1.25


def test_training_takes_minerals_supply_and_time():
    field = quarry(0, minerals=100)
    field.tell(0, 12, "make scv")
    field.play()
    assert field.match.minerals[0] == 50
    assert field.match.supply[0] == 2
    assert field.unit(0, 12).queue[0] == kind_of("scv")
    assert field.until(lambda: field.unit(0, 0).kind > 0) == 272 - 1
    assert field.unit(0, 12).queue[0] == 0


def test_without_supply_nothing_is_trained():
    field = quarry(0, minerals=1000)
    for row in range(40, 54):
        field.unit(0, row).kind = kind_of("scv")
        field.unit(0, row).health = 45 * FINE
    field.match.count[0] = 54
    field.play(4)
    assert field.match.supply[0] == 28
    assert "make scv" in field.allowed(0, 12)
    field.tell(0, 12, "make scv")
    field.play()
    assert "make scv" not in field.allowed(0, 12)


def test_a_hall_sends_its_workers_to_their_field():
    field = quarry(0, minerals=50)
    node = nearest_field(field)
    field.tell(0, 12, f"gather {node}")
    field.play()
    field.tell(0, 12, "make scv")
    field.until(lambda: field.unit(0, 0).kind > 0)
    assert field.unit(0, 0).order == Order.GATHER
    assert field.unit(0, 0).target == node


def test_barracks_need_a_depot_and_make_marines():
    field = Field("build-marines", empty=False)
    field.match.minerals[0] = 1000
    field.play(4)
    assert "make barracks" not in field.allowed(0, 0)
    field.tell(0, 0, "make supply-depot")
    field.play(800)
    assert "make barracks" in field.allowed(0, 0)
    field.tell(0, 0, "make barracks")
    field.play(1400)
    barracks = row_of(field, "barracks")
    assert "make marine" in field.allowed(0, barracks)
    field.tell(0, barracks, "make marine")
    field.play(401)
    assert field.match.score[0] == 1


@pytest.mark.parametrize("scenario", ["collect-minerals-and-gas", "build-marines"])
def test_a_side_starts_with_twelve_workers_fifty_minerals_and_room_for_fifteen(scenario):
    field = Field(scenario, empty=False)
    assert field.match.minerals[0] == 50
    assert (field.match.supply[0] / 2, field.match.room[0] / 2) == (12, 15)
    fields = int((field.match.node["kind"] == Node.MINERALS).sum())
    geysers = int((field.match.node["kind"] == Node.GEYSER).sum())
    assert (fields, geysers) == {"collect-minerals-and-gas": (16, 4), "build-marines": (8, 0)}[scenario]


def test_both_sides_count_nodes_from_their_own_end():
    field = Field("collect-minerals-and-gas", empty=False, race=True)
    seen = field.batch.game.observation.split(field.batch.observations[0])
    for node in range(27):
        assert np.array_equal(seen[f"node {node} place"][0], seen[f"node {node} place"][1])
    for side in range(2):
        field.tell(side, 0, "gather 3")
    field.play()
    first, second = (field.match.node[int(field.unit(side, 0).target)] for side in range(2))
    assert (first.x, first.y) == (-second.x, -second.y)
