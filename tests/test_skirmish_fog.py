"""Skirmish, the full game's fog: what is seen, remembered and forgotten, and what is chosen by it."""

import numpy as np
from skirmish_field import FINE, full_game, ghosts, kind_of, seen

from kumite import arenas
from kumite.arenas.skirmish.state import GHOSTS, Node, Order


def scouted():
    """The first side's marine sees a depot of the other side, and is gone again."""
    field = full_game()
    field.put(1, "supply-depot", 0, 3)
    marine = field.put(0, "marine", -4, 3)
    field.unit(1, 13).seen = 0
    field.play(4)
    return field, marine


def hide(field, marine):
    """The marine is far away; what it saw is under the fog again."""
    field.unit(0, marine).x = -30 * FINE
    field.unit(0, marine).y = 3 * FINE
    field.play(4)


def test_a_structure_is_remembered_as_it_was_last_seen():
    field, marine = scouted()
    assert list(ghosts(field)) == [(0, 3)]
    blocks = seen(field)
    assert blocks["foe 13 here"][0] == 1
    assert (blocks["ghost 0 here"][0], blocks["ghost 0 shown"][0], blocks["ghost 0 health"][0]) == (1, 1, 1)
    hide(field, marine)
    blocks = seen(field)
    assert blocks["foe 13 here"][0] == 0
    assert (blocks["ghost 0 here"][0], blocks["ghost 0 shown"][0], blocks["ghost 0 built"][0]) == (1, 0, 1)
    assert "go to ghost 0" in field.allowed(0, marine)
    assert "attack foe 13" not in field.allowed(0, marine)


def test_a_change_that_nobody_saw_is_not_shown():
    field, marine = scouted()
    hide(field, marine)
    before = seen(field)
    field.unit(1, 13).health = 7 * FINE
    field.play(4)
    assert seen(field)["ghost 0 health"] == before["ghost 0 health"]
    field.match.unit[64 + 13] = field.match.spare_unit[0]
    field.play(4)
    assert list(ghosts(field)) == [(0, 3)]
    field.unit(0, marine).x = -4 * FINE
    field.play(4)
    assert ghosts(field) == {}
    assert "go to ghost 0" not in field.allowed(0, marine)


def test_units_on_the_move_are_not_remembered():
    field = full_game()
    field.put(1, "marine", 0, 3)
    marine = field.put(0, "medivac", -4, 3)
    field.play(4)
    assert seen(field)["foe 13 here"][0] == 1
    hide(field, marine)
    assert ghosts(field) == {}
    assert seen(field)["foe 13 here"][0] == 0


def test_fields_are_remembered_as_they_were_last_seen():
    field = full_game()
    field.play(4)
    far = next(k for k in range(48) if field.match.node[k].x > 30 * FINE and field.match.node[k].kind == Node.MINERALS)
    before = field.batch.observations[0, 0].copy()
    masks = field.batch.masks[0, 0].copy()
    field.match.node[far].amount = 5
    field.match.node[far].user = 64
    field.look()
    assert np.array_equal(before, field.batch.observations[0, 0])
    field.match.node[far].kind = Node.NONE
    field.look()
    assert np.array_equal(before, field.batch.observations[0, 0])
    assert np.array_equal(masks, field.batch.masks[0, 0])
    scout = field.put(0, "medivac", int(field.match.node[far].x) / FINE - 3, int(field.match.node[far].y) / FINE)
    field.match.node[far].amount = 0
    field.play(4)
    assert f"gather {far}" not in field.allowed(0, 0)
    assert field.unit(0, scout).kind > 0


def test_who_builds_is_not_held_up_by_who_gathers():
    """A builder once stood for ever between a refinery and the workers at it."""
    field = full_game()
    field.play(4)
    x, y = field.place(0, 0)
    field.unit(0, 0).order, field.unit(0, 0).target = Order.BUILD, kind_of("supply-depot")
    field.unit(0, 0).goal_x, field.unit(0, 0).goal_y = round((x + 4) * FINE), round(y * FINE)
    for worker in range(1, 4):
        it = field.unit(0, worker)
        it.x, it.y, it.order, it.work, it.target = (
            round((x + 0.6) * FINE),
            round((y - 1 + worker / 2) * FINE),
            4,
            9000,
            0,
        )
        field.match.node[0].user = worker
    field.match.minerals[0] = 0
    field.play(8)
    assert field.place(0, 0)[0] > x + 0.8


def test_a_worker_sent_to_a_field_that_is_gone_finds_out_when_it_sees_it():
    field = full_game()
    field.play(4)
    far = max(range(48), key=lambda k: (field.match.node[k].kind == Node.MINERALS) * int(field.match.node[k].y))
    field.match.node[far].kind, field.match.node[far].amount = Node.NONE, 0
    field.tell(0, 0, f"gather {far}")
    field.play(100)
    assert field.unit(0).target == far
    field.until(lambda: field.unit(0).target != far, limit=800)
    worker, node = np.array(field.place(0)), field.match.node[far]
    assert np.hypot(*(worker - (int(node.x) / FINE, int(node.y) / FINE))) > 7


def test_matches_that_differ_only_under_the_fog_are_observed_alike():
    """Play on by scripts, then change all that the first side does not see: nothing it is shown or may do changes, and
    its script chooses as before."""
    names = {0: ["early-rush", "turtle-tech", "harass", "fast-expand"] * 2, 1: ["fast-expand", "early-rush"] * 4}
    batch = arenas.make_batch("skirmish", scenario="full", matches=8, seed=3, opponents=names)
    batch.rollout_random(16 * 240)
    before = batch.observations[:, 0].copy(), batch.masks[:, 0].copy()
    same = arenas.make_batch("skirmish", scenario="full", matches=8, seed=3, opponents=names)
    same.state[:] = batch.state
    same.look()
    hidden = 0
    for match in batch.state:
        for row in range(64, 128):
            it = match.unit[row]
            if it.kind > 0 and not it.seen & 1:
                hidden += 1
                it.x, it.y, it.health, it.order, it.carry, it.work = 3 * FINE, 2 * FINE, 5, 1, 3, 9
                it.kind = kind_of("marauder") if row % 2 else kind_of("factory")
            elif it.kind == 0 and row > 120:
                match.unit[row] = match.unit[0]
                match.unit[row].seen = 2
        match.minerals[1], match.gas[1], match.supply[1], match.room[1] = 999, 777, 60, 90
        match.gathered[1], match.made[1], match.whim[1], match.mood[1] = 5, 6, 7, 1
        match.ghost[1]["kind"] = 3
        match.known[1] = 1
        for node in match.node:
            if not node.seen & 1:
                node.amount, node.user = 1, 70
    assert hidden > 100
    batch.look()
    assert np.array_equal(before[0], batch.observations[:, 0])
    assert np.array_equal(before[1], batch.masks[:, 0])
    still = np.zeros(batch.actions.shape, np.int16)
    batch.step(still)
    same.step(still)
    assert np.array_equal(same.actions[:, 0], batch.actions[:, 0])
    assert same.actions[:, 0].any()


def test_a_place_is_chosen_by_what_is_known():
    """A structure that nobody saw keeps no place free, until the builder stands before it."""
    field = full_game()
    natural = field.batch.tables.starts[1] / FINE
    field.put(1, "barracks", *natural)
    field.unit(1, 13).seen = 2
    field.match.minerals[0] = 400
    field.tell(0, 0, "make command-center")
    field.play()
    assert (int(field.unit(0).goal_x), int(field.unit(0).goal_y)) == tuple(field.batch.tables.starts[1])
    field.until(lambda: field.unit(0).order == Order.IDLE, limit=800)
    assert field.match.minerals[0] == 400
    field.tell(0, 0, "make command-center")
    field.play()
    assert (int(field.unit(0).goal_x), int(field.unit(0).goal_y)) == tuple(field.batch.tables.starts[2])


def test_a_full_memory_keeps_what_it_has():
    field = full_game()
    for row in range(GHOSTS + 4):
        field.put(1, "supply-depot", 3 * (row % 7), 3 * (row // 7))
    field.put(0, "medivac", 9, 6)
    field.play(4)
    assert len(ghosts(field)) == GHOSTS
