"""What a side may imagine of a battle: nothing it sees changes, nothing hidden is kept, the rest follows its prior."""

import numpy as np
import pytest

from kumite import arenas
from kumite.agents.search import LookAhead, SearchConfig
from kumite.arenas.battle.mons import CAME_IN
from kumite.arenas.battle.state import NOBODY, Do, Request
from kumite.arenas.battle.terms import Status
from kumite.arenas.compile import PLAIN
from kumite.arenas.imagine import Seats
from kumite.league.play import RowGenerator

MATCHES = 4 if PLAIN else 128


def played(decisions: int, seed: int = 3, **options):
    """Matches in the middle of random play, those that are over left out of account by the caller."""
    batch = arenas.make_batch("battle", matches=MATCHES, seed=seed, auto_reset=False, **options)
    for _ in range(decisions):
        batch.step(batch.random_actions())
    return batch


def copy_of(batch, seed=1):
    other = arenas.make_batch("battle", matches=len(batch), seed=seed, auto_reset=False, **batch.game.options)
    other.put(batch.state.copy())
    return other


def hide_otherwise(batch, side):
    """Changes what `side` is not shown: seed, stats, hit points that show alike, who waits unseen, turns of sleep."""
    foe = 1 - side
    for match in batch.state:
        match.seed = int(match.seed) ^ 0x5A5A5A
        for who in range(6 * foe, 6 * foe + 6):
            mon = match.mon[who]
            mon.stats[1:] = mon.stats[1:] + 7
            most = int(mon.stats[0])
            for fewer in (1, -1):
                hp = int(mon.hp) + fewer
                if 0 < hp < most and -(-100 * hp // most) == -(-100 * int(mon.hp) // most) < 100:
                    mon.hp = hp
                    break
        for mon in match.mon:
            if mon.status == Status.SLP:
                mon.status_turns = 1 + int(mon.status_turns) % 3
        unseen = [w for w in range(6 * foe, 6 * foe + 6) if not int(match.mon[w].seen) & CAME_IN]
        waiting = [w for w in unseen if match.mon[w].place != NOBODY]
        at_home = [w for w in unseen if match.mon[w].place == NOBODY]
        for one, other in zip(waiting, at_home):
            match.mon[other].place, match.mon[one].place = int(match.mon[one].place), NOBODY
            match.line[foe] = np.where(match.line[foe] == one, other, match.line[foe])
    batch.look()


@pytest.mark.parametrize("options", [{}, {"sheets": "closed"}, {"format": "singles3"}])
@pytest.mark.parametrize("decisions", [1, 3, 7])
def test_a_fork_shows_what_the_match_shows_and_knows_nothing_hidden(options, decisions):
    batch = played(decisions, **options)
    rows, seeds = np.arange(MATCHES), np.arange(MATCHES) + 10**9
    for side in range(2):
        other = copy_of(batch)
        hide_otherwise(other, side)
        assert np.array_equal(other.observations[:, side], batch.observations[:, side])
        assert not np.array_equal(other.state, batch.state)
        image = copy_of(batch)
        image.fork(rows, side, seeds)
        other.fork(rows, side, seeds)
        assert np.array_equal(image.observations[:, side], batch.observations[:, side])
        assert np.array_equal(image.masks[:, side], batch.masks[:, side])
        for name in batch.game.state.names or ():
            assert np.array_equal(image.state[name], other.state[name]), name
        own = slice(6 * side, 6 * side + 6)
        awake = batch.state.mon[:, own]["status"] != Status.SLP
        for name in ("stats", "hp", "moves", "held", "place", "stages"):
            assert np.array_equal(image.state.mon[:, own][name][awake], batch.state.mon[:, own][name][awake])


def test_those_not_seen_come_along_all_alike():
    batch = arenas.make_batch("battle", matches=max(MATCHES * 8, 32), seed=5, auto_reset=False, teams="1")
    first = np.flatnonzero(batch.masks[0, 0, 0])[:2]
    for picks in (first, first + 2):  # both sides bring 1 to 4
        batch.step(np.broadcast_to(picks.astype(np.int16), batch.actions.shape))
    batch.fork(np.arange(len(batch)), 0, np.arange(len(batch)))
    place = batch.state.mon["place"][:, 6:]
    assert (place[:, :2] == [0, 1]).all()  # they are in play
    assert ((place[:, 2:] != NOBODY).sum(1) == 2).all()
    share = (place[:, 2:] != NOBODY).mean(0)
    assert (abs(share - 0.5) < 5 * 0.5 / np.sqrt(len(batch))).all()
    line = np.sort(batch.state.line[:, 1, :4] - 6, axis=1)
    assert np.array_equal(line, [np.flatnonzero(row != NOBODY) for row in place])


def test_stats_are_those_of_a_set_of_the_species_and_hit_points_show_alike():
    batch = played(5, teams="64")
    sheets = batch.tables.teams.reshape(-1)
    species = batch.tables.book[0].species
    before = batch.state.mon.copy()
    batch.fork(np.arange(MATCHES), 1, np.arange(MATCHES))
    spreads = set()
    for old, new in zip(before[:, :6].reshape(-1), batch.state.mon[:, :6].reshape(-1), strict=True):
        mine = (sheets["species"] == new["species"]) | (species["tera_forme"][sheets["species"]] == new["species"])
        assert (sheets["stats"][mine] == new["stats"]).all(1).any()
        percents = [-(-100 * int(m["hp"]) // int(m["stats"][0])) for m in (old, new)]
        assert percents[0] == percents[1]
        spreads.add(tuple(new["stats"] == old["stats"]))
    assert len(spreads) > 1  # not merely the true ones


def test_closed_sheets_are_filled_from_sets_that_agree_with_what_was_shown():
    batch = played(6, sheets="closed", teams="256")
    before = batch.state.mon[:, 6:].copy().reshape(-1)
    batch.fork(np.arange(MATCHES), 0, np.arange(MATCHES))
    after = batch.state.mon[:, 6:].reshape(-1)
    changed = 0
    for old, new in zip(before, after, strict=True):
        for k in range(4):
            if int(old["seen_moves"]) >> k & 1:
                assert new["moves"][k] == old["moves"][k]
                assert new["pp"][k] == old["pp"][k]
        assert len(set(new["moves"].tolist()) - {0}) == (new["moves"] > 0).sum()
        changed += not np.array_equal(np.sort(new["moves"]), np.sort(old["moves"]))
    assert changed > 0


def test_a_move_that_still_waits_this_turn_is_imagined_anew():
    """Whoever pivots out chooses a replacement while the foe's move waits in the queue, hidden."""
    batch = arenas.make_batch("battle", matches=MATCHES * 4, seed=8, auto_reset=False)
    for _ in range(25):
        state = batch.state
        waits = [
            (i, q)
            for i in np.flatnonzero(
                (state.request == Request.SWITCH) & (state.asked[:, 0] == 1) & (state.mid_turn == 1)
            )
            for q in range(int(state.queued[i]))
            if state.queue[i][q].kind == Do.MOVE and state.queue[i][q].who >= 6 and state.outcome[i] == 0
        ]
        if waits:
            break
        batch.step(batch.random_actions())
    i, q = waits[0]
    who = int(batch.state.queue[i][q].who)
    image = arenas.make_batch("battle", matches=64, auto_reset=False)
    image.put(np.repeat(batch.state[i : i + 1], 64))
    image.state.queue["move"][:, q], image.state.queue["loc"][:, q] = 0, 0  # what it really chose does not matter
    image.fork(np.arange(64), 0, np.arange(64))
    moves = []
    for match in image.state:
        found = [a for a in match.queue[: int(match.queued)] if a.who == who and a.kind == Do.MOVE]
        assert len(found) == 1
        moves.append(int(found[0].move))
    known = set(batch.state.mon[i][who].moves.tolist())
    assert set(moves) <= known
    assert len(set(moves)) > 1
    for _ in range(3):
        image.step(image.random_actions())
    assert not image.illegal.any()


@pytest.mark.parametrize("sheets", ["open", "closed"])
def test_look_ahead_chooses_by_what_its_side_sees_and_legally(sheets):
    batch = played(3, sheets=sheets)
    rows = np.arange(min(MATCHES, 12))
    policy = LookAhead(batch.game, SearchConfig("heuristic", choices=12, samples=2, decisions=2))

    def chosen(of, side):
        seen, legal = of.observations[rows, side], of.masks[rows, side]
        seats, streams = Seats(of, rows, np.full(len(rows), side)), RowGenerator(rows.astype(np.uint64))
        return policy.act_seated(seats, seen, legal, policy.initial_state(len(rows)), streams)[0]

    actions = batch.random_actions()
    for side in range(2):
        actions[rows, side] = chosen(batch, side)
        other = copy_of(batch)
        hide_otherwise(other, side)
        assert np.array_equal(chosen(other, side), actions[rows, side])
    batch.step(actions)
    assert not batch.illegal.any()


def test_look_ahead_lists_every_joint_choice_that_the_slots_leave_each_other():
    batch = played(3)
    policy = LookAhead(batch.game, SearchConfig(choices=4096, samples=1))
    seats, row = Seats(batch, np.array([0]), np.array([0])), np.array([0])
    mask = batch.masks[[0], 0]
    found = policy._joint(seats, row, mask, row, np.random.default_rng(0).random((1, 4096, 2)))[0]
    expected = set()
    for first in np.flatnonzero(mask[0, 0]):
        left = batch.refine(row, row, 1, np.array([[first, 0]], np.int16), mask[:, 1])
        expected |= {(int(first), int(second)) for second in np.flatnonzero(left[0])}
    assert len(found) == len(expected)
    assert {tuple(joint) for joint in found.tolist()} == expected
