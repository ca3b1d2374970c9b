"""The driver, on the example arena and Kuhn poker: what is done once for all games."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas import example, launch
from kumite.arenas.arena import ArenaError, IllegalOption, Outcome, SetupEntry
from kumite.arenas.batch import Batch
from kumite.arenas.compile import rule
from kumite.arenas.example import RUN, STAY, WALK


def race(matches=1, **options):
    return arenas.make_batch("example", matches=matches, seed=1, **options)


def both(batch, first, second):
    actions = np.empty(batch.actions.shape, np.int16)
    actions[:, 0], actions[:, 1] = first, second
    batch.step(actions)


def test_the_first_to_arrive_wins_and_the_next_match_begins():
    batch = race(2, length=3)
    seed = batch.state.seed.copy()
    for _ in range(3):
        assert not batch.done.any()
        both(batch, WALK, STAY)
    assert batch.done.all()
    assert batch.outcome.tolist() == [Outcome.FIRST, Outcome.FIRST]
    assert batch.rewards.tolist() == [[1, -1], [1, -1]]
    assert batch.final_observations[0].tolist() == [[1, 0], [0, 1]]  # own square first, scaled by the track's length
    assert batch.observations[0].tolist() == [[0, 0], [0, 0]]  # of the next match
    assert batch.state.episode.tolist() == [1, 1]
    assert (batch.state.seed != seed).all()
    both(batch, WALK, STAY)
    assert not batch.done.any()
    assert not batch.rewards.any()


def test_both_arriving_is_a_draw():
    batch = race(length=2)
    both(batch, WALK, WALK)
    both(batch, WALK, WALK)
    assert batch.outcome[0] == Outcome.DRAW
    assert batch.rewards.tolist() == [[0, 0]]


def test_at_the_tick_limit_the_score_decides():
    batch = race()
    both(batch, STAY, WALK)
    for _ in range(49):
        both(batch, STAY, STAY)
    assert batch.done[0]
    assert batch.outcome[0] == Outcome.SECOND


def test_an_illegal_choice_is_corrected_and_counted():
    batch = race(3, length=1)  # no room to run
    actions = np.array([[[RUN], [WALK]], [[-1], [WALK]], [[3], [WALK]]], np.int16)
    batch.step(actions)
    assert batch.illegal.tolist() == [[1, 0], [1, 0], [1, 0]]
    assert batch.actions[:, 0, 0].tolist() == [STAY] * 3  # the lowest legal choice was played
    batch.reset()
    assert not batch.illegal.any()


def test_score_reward_is_the_change_of_the_difference():
    batch = race(reward="score")
    both(batch, WALK, STAY)
    assert batch.rewards.tolist() == [[1, -1]]
    both(batch, STAY, WALK)
    assert batch.rewards.tolist() == [[-1, 1]]


def test_a_batch_of_one_plays_the_first_match_of_any_batch():
    one, many = race(1), race(700)
    for _ in range(40):
        one.rollout_random(1)
        many.rollout_random(1)
        assert one.save(0) == many.save(0)


def test_threads_change_nothing():
    batches = [arenas.make_batch("example", matches=1024, seed=9, threads=threads) for threads in (1, 2)]
    assert [batch.threads for batch in batches] == [1, 2]
    for batch in batches:
        batch.rollout_random(200)
    assert batches[0].state.tobytes() == batches[1].state.tobytes()


def test_a_rollout_is_its_steps():
    whole, parts = race(300), race(300)
    whole.rollout_random(37)
    for _ in range(37):
        parts.step(parts.random_actions())
    assert whole.state.tobytes() == parts.state.tobytes()
    assert np.array_equal(whole.observations, parts.observations)


def test_bots_play_the_sides_they_are_given():
    batch = race(3, opponents={1: ["walker", None, "gambler"], 0: "walker"})
    for _ in range(4):
        both(batch, STAY, STAY)
    places = batch.state.place
    assert places[:, 0].tolist() == [4, 4, 4]
    assert places[:2, 1].tolist() == [4, 0]
    batch.set_opponents({0: None})
    both(batch, STAY, STAY)
    assert places[:, 0].tolist() == [4, 4, 4]


@rule
def silent(tables, match, side, bot, actions):
    """A bot that writes nothing, or (number 1) what no mask allows."""
    if bot == 1:
        actions[0] = 77


def test_what_a_bot_writes_is_corrected_and_counted_apart():
    arena = replace(example.ARENA, name="silent", module=__name__, rules=example.ARENA.rules._replace(act=silent))
    batch = Batch(arena.game(), 1, 1)
    both(batch, WALK, WALK)
    batch.set_opponents({0: "gambler"})
    both(batch, RUN, RUN)
    assert batch.actions[0, 0, 0] == STAY  # the lowest legal choice
    batch.set_opponents({0: "walker"})
    both(batch, RUN, 9)
    assert batch.actions[0, 0, 0] == STAY  # nothing of what was there before
    assert batch.state.place[0, 0] == 1
    assert batch.bot_illegal.tolist() == [[1, 0]]
    assert batch.illegal.tolist() == [[0, 1]]


def test_reset_where_and_given_seeds():
    batch = race(4)
    batch.rollout_random(5)
    before = batch.save(0)
    batch.reset(np.array([False, True, True, True]), seeds=np.array([0, 5, 5, 6]))
    assert batch.save(0) == before
    assert batch.state.seed[1:].tolist() == [5, 5, 6]
    assert batch.save(1) == batch.save(2)
    assert batch.state.tick.tolist()[1:] == [0, 0, 0]


def ended_race(matches=2):
    """A batch without auto-reset; side 0 has won the first match, the others go on."""
    batch = race(matches, length=2, auto_reset=False)
    actions = np.full(batch.actions.shape, STAY, np.int16)
    actions[0, 0] = WALK
    batch.step(actions)
    batch.step(actions)
    return batch


def test_without_auto_reset_an_ended_match_stays_as_it_ended():
    batch = ended_race()
    record = batch.save(0)
    assert batch.state.outcome.tolist() == [Outcome.FIRST, Outcome.RUNNING]
    assert batch.state.place[0].tolist() == [2, 0]
    assert batch.observations[0].tolist() == batch.final_observations[0].tolist() == [[1, 0], [0, 1]]
    assert batch.rewards.tolist() == [[1, -1], [0, 0]]
    for _ in range(3):
        both(batch, STAY, WALK)
        assert batch.save(0) == record
        assert batch.done[0]
        assert batch.outcome[0] == Outcome.FIRST
        assert batch.utility[0].tolist() == [1, -1]
        assert batch.rewards[0].tolist() == [0, 0]
    assert batch.outcome[1] == Outcome.SECOND  # the other match went on meanwhile
    batch.rollout_random(5)
    assert batch.save(0) == record


def test_the_match_after_an_ended_one_is_that_of_auto_reset():
    batch, automatic = race(3, length=4, auto_reset=False), race(3, length=4)
    for _ in range(60):
        batch.rollout_random(1)
        automatic.rollout_random(1)
        ended = batch.done.copy()
        assert np.array_equal(ended, automatic.done)
        assert np.array_equal(batch.rewards, automatic.rewards)
        assert np.array_equal(batch.final_observations[ended], automatic.final_observations[ended])
        if ended.any():
            batch.reset(ended)
            assert not batch.done[ended].any()
        assert batch.state.tobytes() == automatic.state.tobytes()
    assert batch.state.episode.min() > 2


def test_a_marked_row_goes_on_to_its_next_match_and_a_seed_begins_anew():
    batch = race(3)
    first = [batch.save(i) for i in range(3)]
    batch.rollout_random(3)
    kept = batch.save(0)
    batch.reset(np.array([False, True, True]))
    assert batch.save(0) == kept
    assert batch.state.episode.tolist() == [0, 1, 1]
    assert batch.state.tick.tolist() == [3, 0, 0]
    batch.reset(np.array([False, True, False]), seed=1)
    assert batch.save(1) == first[1]
    assert batch.save(2) != first[2]
    batch.reset()
    assert [batch.save(i) for i in range(3)] == first
    with pytest.raises(ArenaError, match="whole number"):
        batch.reset(seed=-1)


def test_a_loaded_match_brings_its_own_results():
    running, ended = race(length=2).save(0), ended_race().save(0)
    batch = ended_race()
    batch.load(0, running)
    assert not batch.done[0]
    assert batch.outcome[0] == Outcome.RUNNING
    assert not batch.utility[0].any()
    batch.load(1, ended)
    assert batch.done.tolist() == [False, True]
    assert batch.utility[1].tolist() == [1, -1]
    assert batch.rewards[1].tolist() == [0, 0]
    automatic = race(length=2)
    automatic.load(0, ended)  # its results are told, and the next match begins
    assert automatic.done[0]
    assert automatic.outcome[0] == Outcome.FIRST
    assert automatic.state.outcome[0] == Outcome.RUNNING
    assert automatic.state.episode[0] == 1


def test_setup_rows_are_checked_by_what_the_game_tells_of_them():
    game = arenas.make_game("fight", matchup="random")
    assert game.check_setup([[0, 3], [-1, -2]]).dtype == np.int32
    for wrong, words in (
        ([[0, 0], [0, 4]], "second character = 4: expected -3 to 3"),
        ([-4, 0], "first character = -4"),
        ([0], r"got int64 \[1\], expected integers \[2\]"),
        ([0.5, 1], "got float64"),
        (0, r"got int64 \[\]"),
    ):
        with pytest.raises(ArenaError, match=words):
            game.check_setup(wrong)
    with pytest.raises(ArenaError, match="setup_spec tells of 1"):
        replace(game, setup_spec=game.setup_spec[:1])
    with pytest.raises(ArenaError, match="expected 0 to 1"):
        replace(game, setup_spec=(SetupEntry("a", 2), SetupEntry("b", 2)))
    assert race().game.check_setup([]).shape == (0,)
    with pytest.raises(ArenaError, match=r"expected integers \[0\]"):
        race().reset(setup=np.array([1]))
    with pytest.raises(ArenaError, match="got 2 rows, expected one row or 1"):
        race().reset(setup=np.zeros((2, 0), int))


def test_saved_under_other_options_is_refused():
    saved = race(length=5).save(0)
    with pytest.raises(ArenaError, match="other rules or options"):
        race(length=6).load(0, saved)
    with pytest.raises(ArenaError, match="not a saved match"):
        race().load(0, saved[:-1])


def test_wrong_arguments_say_what_was_expected():
    with pytest.raises(ArenaError, match="did you mean 'example'"):
        arenas.make_batch("exmaple")
    with pytest.raises(IllegalOption, match="did you mean 'length'"):
        race(lenght=3)
    with pytest.raises(IllegalOption, match="expected int, as in the default 10"):
        race(length="long")
    with pytest.raises(ArenaError, match="did you mean 'walker'"):
        race(opponents={1: "walkr"})
    with pytest.raises(ArenaError, match="no side 2"):
        race(opponents={2: "walker"})
    with pytest.raises(ArenaError, match=r"expected integers \[1, 2, 1\]"):
        race().step(np.zeros((1, 2), np.int16))
    with pytest.raises(ArenaError, match="expected integers"):
        race().step(np.zeros((1, 2, 1)))
    with pytest.raises(ArenaError, match="expected 'outcome' or 'score'"):
        race(reward="dense")
    with pytest.raises(ArenaError, match="expected 1 or more"):
        race(0)
    with pytest.raises(ArenaError, match="expected 'cpu' or 'cuda'"):
        arenas.make_batch("example", device="tpu")


def test_what_does_not_fit_in_memory_is_refused_with_the_figure(monkeypatch):
    monkeypatch.setattr(launch, "available_memory", lambda: 10_000_000)
    with pytest.raises(MemoryError, match=r"MiB .* at most [\d,]+ matches fit"):
        race(1_000_000)


def test_describe_is_readable():
    batch = race()
    both(batch, WALK, STAY)
    assert batch.describe(0) == "example match 0: tick 1, score 1:0, running\nsquares 1 and 0 of 10"


def test_random_actions_are_the_same_until_the_next_step():
    batch = race(20)
    first = batch.random_actions()
    assert np.array_equal(batch.random_actions(), first)
    batch.step(first)
    assert not np.array_equal(batch.random_actions(), first)


def test_an_arena_in_a_file_takes_no_modules_place_bug(tmp_path):
    """A file called like a module of Python's own replaced it for the whole process."""
    path = tmp_path / "random.py"
    path.write_text("from kumite.arenas.example import ARENA\n")
    other = tmp_path / "other"
    other.mkdir()
    (other / "random.py").write_text("from kumite.arenas.classic.kuhn import ARENA\n")
    before = sys.modules.get("random")
    assert arenas.get(str(path)).name == "example"
    assert arenas.get(str(other / "random.py")).name == "classic/kuhn"
    assert sys.modules.get("random") is before


def test_options_may_come_as_text():
    assert race(length="7").game.options["length"] == 7


def test_the_content_hash_follows_the_rules_options():
    assert race(length=7).game.content_hash != race().game.content_hash
    assert race().game.content_hash == race(3).game.content_hash


def test_an_action_too_large_for_its_type_does_not_wrap_around_to_a_legal_one():
    batch = race()
    batch.step(np.full((1, 2, 1), 65536 + WALK))
    assert batch.illegal.tolist() == [[1, 1]]
    assert not batch.state.place.any()


def test_arrays_may_be_replaced_between_steps():
    """The driver's machine code is kept for the arrays it was looked up for; new ones are looked up again."""
    batch = race()
    both(batch, WALK, WALK)
    batch.state = batch.state.copy()
    batch.tables = batch.tables._replace(length=np.array([2], np.int32))
    both(batch, WALK, STAY)
    assert batch.outcome[0] == Outcome.FIRST


def test_records_are_put_into_all_rows():
    batch, copy = race(3), race(3)
    batch.step(batch.random_actions())
    copy.put(np.asarray(batch.state)[[2, 0, 1]])
    assert copy.state.tobytes() != batch.state.tobytes()
    assert copy.state.place.tolist() == batch.state.place[[2, 0, 1]].tolist()
    assert copy.observations.tolist() == batch.observations[[2, 0, 1]].tolist()
    assert copy.masks.tolist() == batch.masks[[2, 0, 1]].tolist()
    assert copy.state.tape_row.tolist() == [0, 1, 2]
    with pytest.raises(ArenaError, match="expected 3 of"):
        copy.put(np.asarray(batch.state)[:2])
