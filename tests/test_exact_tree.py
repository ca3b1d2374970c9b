"""Enumerating a game from its rules alone: how many histories, what each side can tell apart, what is refused."""

from dataclasses import replace

import exact_arena
import facade_arena
import numpy as np
import pyspiel
import pytest
from exact_games import tree

from kumite import arenas
from kumite.arenas import example
from kumite.arenas.batch import Batch
from kumite.eval.exact import ExactError, enumerate_game
from kumite.league.exact import tree as tree_module

GAMES = {
    "classic/kuhn": ({}, "kuhn_poker"),
    "classic/leduc": ({}, "leduc_poker"),
    "classic/liars-dice": ({"dice": 1, "sides": 3}, "liars_dice(dice_sides=3)"),
}


def race():
    """The example arena as a game of two decisions."""
    return replace(example.ARENA.game(length=2), tick_limit=2)


def two_slots(ticks=1):
    """Coins to spend and, where some were spent, to double: two slots, the second narrowed by the first."""
    return replace(facade_arena.ARENA.game(), tick_limit=ticks)


def histories(state):
    """All of OpenSpiel's histories from a state on, itself included."""
    if state.is_terminal():
        return 1
    return 1 + sum(histories(state.child(action)) for action in state.legal_actions())


@pytest.mark.parametrize("name", ["classic/kuhn", "classic/liars-dice", "classic/leduc"])
def test_histories_are_those_of_openspiel(name):
    options, theirs = GAMES[name]
    assert tree(name, **options).states == histories(pyspiel.load_game(theirs).new_initial_state())


@pytest.mark.parametrize(
    ("name", "options", "each"),
    [
        ("classic/kuhn", {}, 6),
        ("classic/leduc", {}, 468),
        ("classic/liars-dice", {"dice": 1, "sides": 3}, 96),
        ("classic/liars-dice", {"dice": 1, "sides": 5}, 2560),
    ],
)
def test_information_sets_are_where_a_side_is_to_move(name, options, each):
    assert tree(name, **options).information_sets == (each, each)


def test_a_forced_call_is_a_move_but_not_a_decision():
    """After the highest bid only `liar` is left: such a side is to move, and has nothing to decide."""
    found = tree("classic/liars-dice", dice=1, sides=3)
    decided = [len(side.parent) for side in found.form.sides]
    forced = (
        3 * 2**4
    )  # a die of three, and any of the lower five bids made by turns: half the sets of five end on either
    assert [moves - sets for moves, sets in zip(found.information_sets, decided, strict=True)] == [forced, forced]


def test_simultaneous_choices_are_not_seen():
    """Both choose at the start: one information set each. A runner gets nowhere or arrives, which ends the race."""
    found = enumerate_game(race())
    for side in (0, 1):
        start, later = found.sights[side]
        assert len(start) == 1
        assert later.parent.tolist() == [0] * len(later)
        # What each side knows then: its own choice (stay, walk, run and stumble) and both squares, of which 0 and 1
        # are still on the way.
        squares = np.rint(later.observation * 2).astype(int).tolist()
        known = {(int(action[0]), *place) for action, place in zip(later.action, squares, strict=True)}
        assert known == {(choice, own, other) for choice, own in ((0, 0), (1, 1), (2, 0)) for other in (0, 1)}
        assert len(later) == 6


def test_slots_are_choices_in_order_and_the_second_is_narrowed_by_the_first():
    """None can be spent, or one to three of them singly or doubled: 7 of the 8 pairs of choices, 4 sequences and 6."""
    found = enumerate_game(two_slots())
    seen = found.sights[0][0]
    assert len(seen) == 9  # three to five coins, own and other's
    assert found.information_sets == (9, 9)
    assert np.bincount(seen.joint_sight).tolist() == [7] * 9
    assert not ((seen.joint_action[:, 0] == 0) & (seen.joint_action[:, 1] == 1)).any()
    side = found.form.sides[0]
    assert np.bincount(found.decisions[0].slot).tolist() == [9, 27]
    assert side.sequences == 1 + 9 * 4 + 27 * 2
    assert found.states == 1 + 3 + 9 * (4 + 7 * 4) + 9 * 49  # chance, first side's and second side's choices, ends


@pytest.mark.parametrize(
    "game",
    [race(), two_slots(2), arenas.make_game("classic/leduc"), arenas.make_game("classic/goofspiel", cards=3)],
    ids=["race", "two-slots", "leduc", "goofspiel"],
)
def test_even_play_is_worth_what_random_play_wins(game):
    """The tree against the arena's own random play, which knows no tree."""
    form = enumerate_game(game).form
    batch = Batch(game, 4096, seed=3)
    results = []
    for _ in range(60):
        batch.rollout_random(1)
        results.append(batch.utility[batch.done, 0].copy())
    found = np.concatenate(results)
    assert len(found) > 20_000
    assert abs(found.mean() - form.value(form.uniform())) < 4 * found.std() / np.sqrt(len(found))


def test_a_game_too_large_is_refused_and_says_how_far_it_came():
    with pytest.raises(
        ExactError, match=r"classic/leduc is too large to enumerate: [\d,]+ histories reached, the limit is 1,000"
    ):
        enumerate_game(arenas.make_game("classic/leduc"), limit=1_000)
    assert enumerate_game(arenas.make_game("classic/leduc"), limit=9_457).states == 9_457
    with pytest.raises(ExactError, match="9,457 histories reached, the limit is 9,456"):
        enumerate_game(arenas.make_game("classic/leduc"), limit=9_456)


def test_a_game_of_one_side_is_refused():
    with pytest.raises(ExactError, match="solo has 1 side"):
        enumerate_game(facade_arena.SOLO.game())


def test_a_side_must_see_what_it_may_do():
    """With its square hidden, one who stumbled or not cannot know whether there is room to run."""
    with pytest.raises(ExactError, match="what is legal for side 0 at decision 1 differs between matches"):
        enumerate_game(exact_arena.ARENA.game(length=3, odd="blind"))


def test_rolls_that_depend_on_rolls_and_choices_are_followed():
    """A second die is thrown after a 0 only, with two to four faces by what the first side chose."""
    found = enumerate_game(exact_arena.ARENA.game(odd="rolls on rolls"))
    after = 3 * (3 + 4 + 5)  # by the first side's choice: 1 and the die's faces; three choices of the second each
    assert found.ends == after * after
    # Two decisions' nodes (the first side's and, three times, the second's), two throws for each pair, and the ends.
    assert found.states == (1 + after) * (4 + 9 * 2) + found.ends
    rng = np.random.default_rng(0)
    for _ in range(3):  # every end is worth 1 to the first side, so whatever is played is worth the sum of all chances
        first, second = (side.realise(side.normalise(rng.random(side.sequences))) for side in found.form.sides)
        assert found.form.value((first, second)) == pytest.approx(1, abs=1e-12)


def test_a_roll_that_ends_the_match_counts():
    """The last throw, of four faces, decides who has won: 3/4 - 1/4 of a win, whatever is played."""
    form = enumerate_game(exact_arena.ARENA.game(odd="rolls after the end")).form
    assert form.value(form.uniform()) == pytest.approx(1 / 2, abs=1e-12)


def test_more_than_memory_holds_is_refused(monkeypatch):
    monkeypatch.setattr(tree_module, "available_memory", lambda: 100_000)
    with pytest.raises(ExactError, match=r"leduc is too large .* [\d,]+ more need [\d,]+ MiB of memory"):
        enumerate_game(arenas.make_game("classic/leduc"))
