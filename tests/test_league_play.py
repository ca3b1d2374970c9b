"""Games by key: seats, chance, trajectories and records, independent of what else is in the batch."""

import numpy as np
import pytest

from kumite import arenas
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, Policy, UniformPolicy
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.arena import ArenaError
from kumite.arenas.batch import Batch
from kumite.league.play import (
    RowGenerator,
    derive_seed,
    exchange_matters,
    games_per_pair,
    mix64,
    pair_keys,
    pair_utilities,
    play_games,
    play_keys,
)
from kumite.league.records import GameKey

WALK, RUN = ConstantPolicy([1]), ConstantPolicy([2])


def seeds(count, name="test"):
    return [derive_seed(0, name, number) for number in range(count)]


def network(game, seed=0, memory="none"):
    return NetworkPolicy(ActorCritic(NetworkConfig.of(game, hidden=(16, 16), memory=memory), seed))


class Taught(Policy):
    """Remembers how often it was asked since the match began, and notes it."""

    name, state_size = "taught", 1

    def __init__(self):
        self.asked = []

    def act(self, observation, mask, state, rng, refine=None):
        self.asked.append(state[:, 0].copy())
        return np.full((len(mask), 1), 1, np.int16), state + 1

    def identity(self):
        return {"kind": "taught"}


@pytest.fixture(scope="module")
def race():
    return arenas.make_game("example")


@pytest.fixture(scope="module")
def kuhn():
    return arenas.make_game("classic/kuhn")


def test_every_key_is_played_once_whatever_the_width_of_the_batch(race):
    uniform, trained = UniformPolicy(), network(race)
    keys = pair_keys(race, uniform.policy_hash, trained.policy_hash, seeds(40))
    policies = {policy.policy_hash: policy for policy in (uniform, trained)}
    found = {}
    for width in (1, 7, 40, 1000):
        records = [r for finished in play_keys(race, policies, keys, matches=width) for r in finished]
        assert sorted(record.key for record in records) == sorted(keys)
        found[width] = sorted(records, key=lambda record: record.key)
    assert found[1] == found[7] == found[40] == found[1000]


def test_a_game_is_the_same_in_other_company(race):
    uniform, trained, bot = UniformPolicy(), network(race), BotPolicy("gambler")
    alone = play_games(race, uniform, trained, seeds(5))
    keys = [
        key for other in (trained, bot) for key in pair_keys(race, uniform.policy_hash, other.policy_hash, seeds(5))
    ]
    policies = {policy.policy_hash: policy for policy in (uniform, trained, bot)}
    together = {r.key: r for finished in play_keys(race, policies, keys) for r in finished}
    assert [together[record.key] for record in alone] == alone


def test_records_say_what_happened(race):
    """Walking takes ten ticks and running at least five: with forced play the whole record is known."""
    (game,) = play_games(race, WALK, UniformPolicy(), seeds(1))
    assert game.key.row == WALK.policy_hash
    walked = play_games(race, WALK, ConstantPolicy([0]), seeds(8))
    assert {(r.outcome, r.utility, r.ticks, r.decisions) for r in walked} == {(1, 1.0, 10, 10)}
    drawn = play_games(race, WALK, BotPolicy("walker"), seeds(4))
    assert {(r.outcome, r.utility) for r in drawn} == {(0, 0.0)}


def test_a_bot_meets_the_dice_it_would_meet_in_a_plain_batch(race):
    """The runner against the gambler, game by game as `Batch` plays them from the same seeds."""
    records = play_games(race, RUN, BotPolicy("gambler"), seeds(20))
    for record in records:
        side = record.key.seat
        batch = Batch(race, 1, opponents={1 - side: "gambler"})
        batch.reset(seeds=np.array([record.key.seed]))
        while not batch.done[0]:
            action = 2 if batch.masks[0, side, 0, 2] else 0
            batch.step(np.full((1, 2, 1), action, np.int16))
        assert record.utility == batch.utility[0, side]


def test_utility_of_a_score_game_is_the_row_members(kuhn):
    bet, fold = ConstantPolicy([1]), ConstantPolicy([0])
    assert {r.utility for r in play_games(kuhn, bet, fold, seeds(20))} == {1.0}
    assert {r.utility for r in play_games(kuhn, fold, bet, seeds(20))} == {-1.0}
    assert {r.outcome for r in play_games(kuhn, bet, fold, seeds(20))} == {1}


def test_uniform_play_is_worth_an_eighth_to_the_first_seat_of_kuhn(kuhn):
    uniform = UniformPolicy()
    utilities = pair_utilities(play_games(kuhn, uniform, uniform, seeds(20_000)))
    assert abs(utilities.mean() - 1 / 8) < 4 * utilities.std() / np.sqrt(len(utilities))


def test_memory_begins_afresh_with_each_game(race):
    taught = Taught()
    play_games(race, taught, ConstantPolicy([0]), seeds(30), matches=4)
    asked = np.concatenate(taught.asked)
    assert np.array_equal(np.bincount(asked.astype(int)), [30] * 10)


def test_a_recurrent_network_plays_the_same_in_any_batch(race):
    trained, uniform = network(race, memory="gru"), UniformPolicy()
    wide, narrow = (play_games(race, trained, uniform, seeds(20), matches=m) for m in (20, 3))
    assert wide == narrow


def test_a_mixture_is_drawn_once_a_game(race):
    """Half the games are a walker's and half a stayer's, never something between."""
    mixture = MixturePolicy([WALK, ConstantPolicy([0])], [1, 3])
    records = play_games(race, mixture, BotPolicy("walker"), seeds(400))
    assert {record.utility for record in records} == {0.0, -1.0}
    share = np.mean([record.utility == 0.0 for record in records])
    assert abs(share - 1 / 4) < 4 * np.sqrt(3 / 16 / 400)
    bots = MixturePolicy([BotPolicy("walker"), ConstantPolicy([0])], [3, 1])
    assert 0.6 < np.mean([r.utility == 0.0 for r in play_games(race, WALK, bots, seeds(400))]) < 0.9


# --- pairs ---


def test_a_game_exchanges_seats_where_that_can_matter(race, kuhn):
    assert not exchange_matters(race)  # both begin on square 0
    assert exchange_matters(kuhn)  # the seats are different roles
    assert [games_per_pair(game) for game in (race, kuhn)] == [1, 1]


def test_singles_take_turns_with_the_seats_whoever_is_named_first(race):
    keys = pair_keys(race, "bbbb", "aaaa", range(6))
    assert [key.seat for key in keys] == [1, 0, 1, 0, 1, 0]
    assert [key.swapped() for key in keys] == pair_keys(race, "aaaa", "bbbb", range(6))


def test_pairs_have_both_seats_and_roles_keep_theirs(race, kuhn):
    assert [key.seat for key in pair_keys(race, "b", "a", range(2), 2)] == [0, 1, 0, 1]
    assert pair_keys(kuhn, "b", "a", [5, 6]) == [GameKey("b", "a", 5, 0), GameKey("b", "a", 6, 0)]


def test_pair_utilities_are_means_over_seats(race):
    first, second = play_games(race, WALK, ConstantPolicy([0]), seeds(2))
    both = [first, second.swapped()]
    assert pair_utilities(both).tolist() == [1.0, -1.0]
    same = [first, type(first)(GameKey(*first.key[:3], 1 - first.key.seat), -1, -1.0, 1, 1, "")]
    assert pair_utilities(same).tolist() == [0.0]


# --- trajectories ---


def test_trajectories_tell_games_apart_and_know_copies(race):
    copies = play_games(race, WALK, BotPolicy("walker"), seeds(50))
    assert len({record.trajectory for record in copies}) == 1  # seats exchanged included: it is the mirror image
    varied = play_games(race, UniformPolicy(), UniformPolicy(), seeds(200))
    assert len({record.trajectory for record in varied}) == 200


def test_kuhn_has_no_more_trajectories_than_deals_and_lines(kuhn):
    records = play_games(kuhn, UniformPolicy(), UniformPolicy(), seeds(5000))
    assert len({record.trajectory for record in records}) == 30


# --- streams ---


def test_a_rows_stream_depends_on_its_key_alone():
    keys = np.array([3, 7, 11], np.uint64)
    together, alone = RowGenerator(keys), RowGenerator(keys[1:2])
    for size in (2, 5):
        assert np.array_equal(together.random((3, size))[1], alone.random((1, size))[0])
    assert not np.array_equal(RowGenerator(keys).random((3, 4)), RowGenerator(keys + np.uint64(1)).random((3, 4)))


def test_streams_are_uniform_and_fresh_at_each_call():
    generator = RowGenerator(mix64(np.arange(2000, dtype=np.uint64)))
    first, second = generator.random((2000, 8)), generator.random((2000, 8), np.float32)
    assert second.dtype == np.float32
    for numbers in (first, second):
        assert 0 <= numbers.min()
        assert numbers.max() < 1
        assert abs(numbers.mean() - 0.5) < 4 * np.sqrt(1 / 12 / numbers.size)
        assert abs(np.corrcoef(numbers[:-1].ravel(), numbers[1:].ravel())[0, 1]) < 4 / np.sqrt(numbers.size)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 4 / np.sqrt(first.size)


def test_other_draws_of_a_policy_are_repeatable():
    keys = np.array([5, 6], np.uint64)
    draws = [RowGenerator(keys).integers(1000, size=7).tolist() for _ in range(2)]
    assert draws[0] == draws[1]
    assert RowGenerator(keys).random() == RowGenerator(keys).random()  # no rows in the size: the shared generator


def test_the_two_agents_of_a_game_draw_apart(race):
    """Two uniform agents with one stream would move as one, and always draw on this track without luck."""
    uniform = UniformPolicy()
    records = play_games(race, uniform, uniform, seeds(100))
    assert {record.outcome for record in records} >= {1, -1}


def test_derived_seeds_are_apart_and_in_range():
    found = {derive_seed(seed, name, i) for seed in (0, 1) for name in ("gate", "payoff") for i in range(500)}
    assert len(found) == 2000
    assert max(found) < 2**62
    assert derive_seed(1, "a", "b") != derive_seed(1, "ab")


def test_a_game_of_one_side_is_refused(race):
    from dataclasses import replace

    alone = replace(race, sides=1)
    with pytest.raises(ArenaError, match="sides = 1"):
        next(play_keys(alone, {}, [GameKey("a", "b", 0, 0)]))
