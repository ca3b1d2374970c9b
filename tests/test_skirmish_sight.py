"""Skirmish: what a side sees, what stays hidden, and what it may choose."""

import numpy as np
import pytest
from skirmish_field import FINE, ROWS, Field

from kumite import arenas


def seen(field):
    """Both sides' observations by block."""
    field.look()
    return field.batch.game.observation.split(field.batch.observations[0])


def facing(apart):
    """A marine a side, their middles so far apart."""
    field = Field()
    field.put(0, "marine", -apart / 2)
    field.put(1, "marine", apart / 2)
    field.play(4)  # who sees whom is found out four times a second
    return field


@pytest.mark.parametrize(("apart", "visible"), [(8.9, True), (9.1, False)])
def test_units_see_as_far_as_their_kind(apart, visible):
    field = facing(apart)
    blocks = seen(field)
    for side in range(2):
        assert blocks["foe 0 here"][side] == visible
        assert ("attack foe 0" in field.allowed(side, 0)) == visible


def test_both_sides_see_the_map_from_their_own_end():
    blocks = seen(facing(8))
    assert np.array_equal(blocks["own 0 place"][0], blocks["own 0 place"][1])
    assert blocks["own 0 place"][0, 0] == pytest.approx(-4 / 16)
    assert blocks["foe 0 place"][0, 0] == pytest.approx(4 / 16)


def test_what_is_under_the_fog_changes_nothing():
    """Two matches that differ only in what a side cannot see are observed alike, and bots choose alike."""
    fields = [facing(20), facing(20)]
    hidden = fields[1].unit(1)
    hidden.x, hidden.y, hidden.health, hidden.cooldown, hidden.order = 15 * FINE, 3 * FINE, FINE, 9, 1
    fields[1].put(1, "roach", 14, -9)
    for row in range(2):
        fields[1].unit(1, row).seen = 2
    for field in fields:
        field.look()
    assert np.array_equal(fields[0].batch.observations[0, 0], fields[1].batch.observations[0, 0])
    assert np.array_equal(fields[0].batch.masks[0, 0], fields[1].batch.masks[0, 0])


def test_the_other_side_s_orders_and_cooldowns_are_hidden():
    fields = [facing(6), facing(6)]
    it = fields[1].unit(1)
    it.order, it.cooldown, it.energy, it.goal_x, it.windup, it.aim = 2, 13, 50, 0, 1, 0
    assert np.array_equal(*[seen(field)["foe 0 life"] for field in fields])
    assert np.array_equal(fields[0].batch.observations[0, 0], fields[1].batch.observations[0, 0])
    assert not np.array_equal(fields[0].batch.observations[0, 1], fields[1].batch.observations[0, 1])


def test_own_facts_are_shown():
    field = facing(6)
    me = field.unit(0)
    me.health, me.cooldown = 15 * FINE, 8
    blocks = seen(field)
    assert blocks["own 0 here"][0] == 1
    assert blocks["own 0 health"][0] == pytest.approx(1 / 3, abs=0.01)
    assert blocks["own 0 life"][0] == pytest.approx(15 / 160)
    assert blocks["own 0 cooldown"][0] == pytest.approx(0.25)
    assert blocks["own 0 kind"][0].sum() == 1
    assert blocks["own 1 here"][0] == 0


def test_an_empty_slot_may_only_do_nothing():
    field = facing(6)
    assert field.allowed(0, 1) == {"nothing"}
    assert {"nothing", "stop", "east", "south-west", "attack foe 0"} <= field.allowed(0, 0)


def test_only_healers_heal():
    field = facing(6)
    field.put(0, "medivac", -3, 2)
    assert "heal 0" in field.allowed(0, 1)
    assert "heal 1" not in field.allowed(0, 1)
    assert "attack foe 0" not in field.allowed(0, 1)
    assert not any(name.startswith("heal") for name in field.allowed(0, 0))


def test_an_army_is_drawn_by_the_mixes_and_counts_in_one_batch():
    batch = arenas.make_batch("skirmish", scenario="random", units=3, most=9, matches=400, seed=5)
    kinds = batch.state.unit.kind[:, : 2 * ROWS].reshape(400, 2, ROWS)
    counts = (kinds > 0).sum(axis=2)
    assert set(counts[:, 0].tolist()) == set(range(3, 10))
    assert (kinds[:, 0] == kinds[:, 1]).all()  # alike
    assert len(set(kinds[kinds > 0].tolist())) == 10
    apart = arenas.make_batch("skirmish", scenario="random", units=3, most=9, armies="apart", matches=64, seed=5)
    other = apart.state.unit.kind[:, : 2 * ROWS].reshape(64, 2, ROWS)
    assert not (other[:, 0] == other[:, 1]).all()


def test_counts_and_mixes_can_be_held_out():
    drawn = {}
    for split in ("train", "held-out"):
        batch = arenas.make_batch("skirmish", scenario="random", units=3, most=9, split=split, matches=300, seed=6)
        kinds = batch.state.unit.kind[:, :ROWS]
        drawn[split] = set((kinds > 0).sum(axis=1).tolist())
    assert drawn == {"train": {4, 5, 7, 8}, "held-out": {3, 6, 9}}


def test_a_setup_row_fixes_what_it_names():
    batch = arenas.make_batch("skirmish", scenario="random", units=1, most=9, matches=2, seed=7)
    batch.reset(setup=np.array([[0, 0, 4, 7, 0, 1], [0, 0, 2, 2, 2, 2]]))
    kinds = batch.state.unit.kind[:, : 2 * ROWS].reshape(2, 2, ROWS)
    assert (kinds > 0).sum(axis=2).tolist() == [[4, 7], [2, 2]]


def test_who_has_the_larger_army_is_drawn():
    batch = arenas.make_batch("skirmish", scenario="5m_vs_6m", matches=400, seed=8)
    first = (batch.state.unit.kind[:, :ROWS] > 0).sum(axis=1)
    assert 150 < (first == 5).sum() < 250
    fixed = arenas.make_batch("skirmish", scenario="5m_vs_6m", swap="first", matches=50, seed=8)
    assert ((fixed.state.unit.kind[:, :ROWS] > 0).sum(axis=1) == 5).all()
    assert not fixed.game.symmetric
