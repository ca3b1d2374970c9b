"""Look-ahead: it plays from what its side knows, by name, and better than what it looks with."""

import numpy as np
import pytest

from kumite import agents, arenas
from kumite.agents.lineup import Lineup
from kumite.agents.policy import PolicyError, UniformPolicy
from kumite.agents.search import LookAhead, SearchConfig
from kumite.arenas.imagine import Seats
from kumite.league.play import RowGenerator, pair_utilities, play_games

JACK, QUEEN, KING = range(3)
PASS, BET = range(2)


def asked(policy, batch, matches, sides, streams=None):
    """What a policy chooses for some seats, each with its own stream of chance."""
    sides = np.broadcast_to(sides, np.shape(matches))
    streams = np.asarray(matches if streams is None else streams, np.uint64)
    seen, legal = batch.observations[matches, sides], batch.masks[matches, sides]
    memory = policy.initial_state(len(seen))
    return policy.act_seated(Seats(batch, matches, sides), seen, legal, memory, RowGenerator(streams))[0]


def answering(count=60):
    """Kuhn poker where the first to move has bet, and the other is to answer."""
    batch = arenas.make_batch("classic/kuhn", matches=count, seed=4, auto_reset=False)
    batch.step(np.full_like(batch.actions, BET))
    return batch


def test_in_kuhn_poker_it_calls_with_what_wins_and_folds_what_loses():
    batch = answering()
    policy = LookAhead(batch.game, SearchConfig(samples=64))
    turn = batch.state.turn.astype(int)
    chosen = asked(policy, batch, np.arange(60), turn)[:, 0]
    card = batch.state.card[np.arange(60), turn]
    assert (chosen[card == JACK] == PASS).all()
    assert (chosen[card != JACK] == BET).all()  # with a queen even chances of 2 are better than a certain loss of 1


def test_a_choice_does_not_depend_on_what_is_hidden_or_on_the_true_seed():
    batch = answering()
    policy = LookAhead(batch.game, SearchConfig(samples=1))  # one sample: the queen's answer is a toss
    turn = batch.state.turn.astype(int)
    before = asked(policy, batch, np.arange(60), turn)
    queens = batch.state.card[np.arange(60), turn] == QUEEN
    assert len(set(before[queens, 0].tolist())) == 2
    other = batch.state.card[np.arange(60), 1 - turn]
    batch.state.card[np.arange(60), 1 - turn] = 3 - batch.state.card[np.arange(60), turn] - other  # the third card
    batch.state.seed[:] = np.arange(60) + 99
    assert np.array_equal(asked(policy, batch, np.arange(60), turn), before)


def test_a_choice_does_not_depend_on_who_is_asked_beside_it():
    batch = answering()
    policy = LookAhead(batch.game, SearchConfig(samples=2))
    turn = batch.state.turn.astype(int)
    together = asked(policy, batch, np.arange(60), turn)
    for i in (0, 7, 31):
        assert np.array_equal(asked(policy, batch, np.array([i]), turn[[i]])[0], together[i])


def test_looking_ahead_leaves_the_matches_alone():
    batch = answering()
    before = batch.state.copy(), batch.observations.copy(), batch.masks.copy()
    asked(LookAhead(batch.game), batch, np.arange(60), 0)
    assert all(np.array_equal(now, then) for now, then in zip((batch.state, batch.observations, batch.masks), before))


def test_it_beats_uniform_play_in_fight_and_longer_looks_see_the_end():
    game = arenas.make_game("example")
    far = agents.resolve("look-ahead:walker,decisions=12,samples=16", game)
    assert pair_utilities(play_games(game, far, UniformPolicy(), range(100), threads=1)).mean() > 0.5


def test_a_lineup_seats_it_and_single_environments_do():
    batch = arenas.make_batch("example", matches=8, seed=1)
    policy = agents.resolve("look-ahead", batch.game)
    lineup = Lineup(batch, np.arange(8) * 2, policy, np.random.default_rng(0))
    actions = np.zeros((16, 1), np.int16)
    lineup.act(batch.observations.reshape(16, -1), batch.masks.reshape(16, 1, -1), actions)
    assert (actions[::2] > 0).all()  # it goes forward
    from kumite.arenas.facades.single import make_single

    env = make_single("example", opponent=policy)
    env.reset(seed=1)
    done = False
    while not done:
        done = env.step(1)[2]


@pytest.mark.parametrize(
    ("arena", "name", "words"),
    [
        ("classic/leduc", "look-ahead", "classic/leduc declares no fork"),
        ("example", "look-ahead:walkr", "no bot 'walkr' in example.*did you mean 'walker'"),
        ("example", "look-ahead:walker,sample=3", "no setting 'sample'.*did you mean 'samples'"),
        ("example", "look-ahead:walker,samples=few", "samples = 'few': expected int"),
        ("example", "look-ahead:walker,samples=0", "samples = 0: expected 1 or more"),
        ("example", "look-ahead:walker,even=0", "even = 0.0: expected a number above 0"),
    ],
)
def test_a_wrong_use_is_refused_by_name(arena, name, words):
    with pytest.raises(PolicyError, match=words):
        agents.resolve(name, arenas.make_game(arena))


def test_it_cannot_act_from_observations():
    policy = LookAhead(arenas.make_game("example"))
    with pytest.raises(PolicyError, match="cannot act from observations"):
        policy.act(np.zeros((1, 1)), np.ones((1, 1, 3)), np.zeros((1, 0)), np.random.default_rng(0))


def test_its_settings_are_its_identity():
    game = arenas.make_game("example")
    names = ("look-ahead", "look-ahead:walker", "look-ahead:walker,samples=9", "look-ahead:walker,decisions=2")
    assert len({agents.resolve(name, game).policy_hash for name in names}) == 4
    assert (
        agents.resolve("look-ahead:walker,samples=8", game).policy_hash
        == agents.resolve("look-ahead:walker", game).policy_hash
    )
