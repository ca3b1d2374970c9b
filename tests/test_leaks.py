"""Planted leaks: a leaky policy plays as what it wraps in everything but its leak."""

import numpy as np
import pytest

from kumite import agents, arenas
from kumite.agents.leaks import DOWN, LEAKS, Leak, LeakyBot, LeakyPolicy, _allowed, leaks, plant
from kumite.agents.lineup import Lineup
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import PolicyError, UniformPolicy
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.batch import Batch
from kumite.arenas.fight.state import Event, Pose
from kumite.league.play import play_games

NONE = Leak("none", "no weakness", lambda game, observation, actions: actions)
THROW, DOWN_BACK, HEAVY = 4, 8, 3


@pytest.fixture(scope="module")
def fight():
    return arenas.make_game("fight", rounds=1, seconds=20)


def watch(game, policy, foe, decisions=500, matches=32):
    """Matches of `policy` (side 0) against `foe`: after each decision the batch and the actions of side 0."""
    batch = Batch(game, matches, seed=3, threads=1)
    rng = np.random.default_rng(0)
    seats = np.arange(2 * matches)
    lineups = [Lineup(batch, seats[side::2], who, rng) for side, who in enumerate((policy, foe))]
    for _ in range(decisions):
        actions = np.zeros((2 * matches, 3), np.int16)
        seen, legal = batch.observations.reshape(2 * matches, -1), batch.masks.reshape(2 * matches, 3, -1)
        before = batch.state.fighter.copy()
        for lineup in lineups:
            lineup.act(seen, legal, actions)
        batch.step(actions.reshape(matches, 2, 3))
        yield before[:, 0], batch.actions[:, 0].copy(), batch
        for lineup in lineups:
            lineup.draw(batch.done[lineup.match])


def test_a_bot_without_a_leak_is_that_bot_to_the_last_game(fight):
    """Asked for its choice and played from outside, a bot plays the games it plays inside the batch."""
    bot, foe = agents.resolve("cpu-6", fight), agents.resolve("poker", fight)
    asked = LeakyBot("cpu-6", NONE, fight)
    asked.policy_hash = bot.policy_hash  # chance is by hash
    inside, outside = (play_games(fight, one, foe, range(12), threads=1) for one in (bot, asked))
    assert [game.trajectory for game in outside] == [game.trajectory for game in inside]
    assert len({game.trajectory for game in inside}) == len(inside)


def test_it_never_blocks_low(fight):
    crouched = stood = 0
    for name in ("cpu-6", "leak:never-block-low:cpu-6"):
        for _, actions, batch in watch(fight, agents.resolve(name, fight), agents.resolve("cpu-5", fight), 300):
            crouched += int(((actions[:, 0] == DOWN_BACK) & (actions[:, 1] == 0)).sum())
            me = batch.state.fighter[:, 0]
            if name != "cpu-6":
                stood += int(((me.pose == Pose.BLOCK) & (me.low == 0)).sum())
                assert not ((me.pose == Pose.BLOCK) & (me.low == 1)).any()
        if name == "cpu-6":
            assert crouched > 100
            crouched = 0
    assert crouched == 0
    assert stood > 10


def test_it_never_techs(fight):
    """Against one who throws all the time, the bot escapes some; with the leak none."""
    escapes = {}
    for name in ("grabber", "leak:never-tech:grabber"):
        ticks = set()
        for at, (_, actions, batch) in enumerate(
            watch(fight, agents.resolve(name, fight), agents.resolve("grabber", fight))
        ):
            me = batch.state.fighter[:, 0]
            ticks |= {
                (i, at) for i in np.flatnonzero((me.event == Event.TECH) & (me.event_tick >= batch.state.tick - 4))
            }
            assert name == "grabber" or not (actions[:, 1] == THROW).any()
        escapes[name] = len(ticks)
    assert escapes["grabber"] > 5
    assert escapes["leak:never-tech:grabber"] == 0


def test_it_rises_with_the_heavy_blow(fight):
    policy = agents.resolve("leak:same-rise:cpu-6", fight)
    down = rises = 0
    for before, actions, _ in watch(fight, policy, agents.resolve("grabber", fight)):
        lying = (before.pose == Pose.DOWN) | (before.pose == Pose.RISE)
        down += int(lying.sum())
        assert (actions[lying] == [0, HEAVY, 0]).all()
        rises += int((actions[~lying] == [0, HEAVY, 0]).all(axis=1).sum())
    assert down > 100
    assert rises < 0.2 * 500 * 32  # elsewhere it is the bot


def test_networks_have_leaks_too_and_are_other_policies(fight):
    network = NetworkPolicy(ActorCritic(NetworkConfig.of(fight, hidden=(8,), memory="gru"), 0), name="net")
    leaky = plant("never-tech", network, fight)
    assert isinstance(leaky, LeakyPolicy)
    assert leaky.state_size == network.state_size
    assert leaky.name == "leak:never-tech:net"
    pressed = sum(int((actions[:, 1] == THROW).sum()) for _, actions, _ in watch(fight, network, network, 20))
    assert pressed > 20
    assert not any((actions[:, 1] == THROW).any() for _, actions, _ in watch(fight, leaky, network, 20))
    hashes = {plant(leak.name, base, fight).policy_hash for leak in LEAKS["fight"] for base in (network, BOT)}
    assert len(hashes | {network.policy_hash, BOT.policy_hash}) == 8


BOT = agents.resolve("cpu-6", arenas.make_game("fight"))


def test_a_choice_that_would_be_illegal_stays_as_it_was():
    game = arenas.make_game("fight", matchup="pick")
    batch = Batch(game, 4, threads=1)
    policy = agents.resolve("leak:same-rise:cpu-6", game)
    batch.observations[:, 0, game.observation.offset("own doing") + 12] = 1  # as if lying, while picking
    chosen = np.zeros((4, 3), np.int16)
    seen, legal = batch.observations[:, 0], batch.masks[:, 0]
    played = _allowed(legal, chosen, policy.leak.amend(game, seen, chosen.copy()))
    np.testing.assert_array_equal(played, chosen)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("leak:never-block-lo:cpu-6", "did you mean 'never-block-low'"),
        ("leak:never-tech:cpu-66", "no policy 'cpu-66'"),
        ("leak:never-tech", "as in leak:never-block-low:cpu-6"),
    ],
)
def test_wrong_names_are_told(fight, name, told):
    with pytest.raises(PolicyError, match=told):
        agents.resolve(name, fight)


def test_other_games_have_none():
    kuhn = arenas.make_game("classic/kuhn")
    assert leaks(kuhn) == () == leaks(arenas.make_game("fight", actions="buttons"))
    with pytest.raises(PolicyError, match="no leak can be planted in classic/kuhn"):
        agents.resolve("leak:never-tech:uniform", kuhn)


def test_in_a_slice_a_leak_moves_the_shares_of_what_it_changes():
    game = arenas.make_game("fight", preset="wake-up")
    assert [leak.name for leak in leaks(game)] == ["never-block-low", "never-tech", "same-rise"]
    assert [leak.name for leak in leaks(arenas.make_game("fight", preset="corner"))] == [
        "never-block-low",
        "never-tech",
    ]
    names = game.action.slots[0].choices
    batch = Batch(game, 1, seed=0, threads=1)
    second = int(game.observation.split(batch.observations[0])["own doing"][1, DOWN] > 0)
    assert second == 1  # who lies when it begins
    told = {}
    for leak in leaks(game):
        leaky = plant(leak.name, UniformPolicy(), game)
        shares, _ = leaky.probabilities(batch.observations[0], batch.masks[0], leaky.initial_state(2))
        assert shares.sum(-1) == pytest.approx(1)
        told[leak.name] = [dict(zip(names, row[0], strict=True)) for row in shares]
    for row in told["never-block-low"]:
        assert (row["guard low"], row["guard high"]) == (0, pytest.approx(2 / len(names)))
    for row in told["never-tech"]:
        assert (row["throw"], row["wait"]) == (0, pytest.approx(2 / len(names)))
    first, riser = told["same-rise"]
    assert (first["heavy"], riser["heavy"]) == (pytest.approx(1 / len(names)), pytest.approx(1))


def test_what_is_played_with_a_leak_is_what_is_told():
    game = arenas.make_game("fight", preset="wake-up")
    batch = Batch(game, 500, seed=0, threads=1)
    seen, legal = batch.observations[:, 1], batch.masks[:, 1]
    leaky = plant("never-block-low", UniformPolicy(), game)
    actions, _ = leaky.act(seen, legal, leaky.initial_state(500), np.random.default_rng(0))
    told, _ = leaky.probabilities(seen, legal, leaky.initial_state(500))
    counted = np.bincount(actions[:, 0], minlength=told.shape[2]) / 500
    assert counted == pytest.approx(told[0, 0], abs=0.07)
