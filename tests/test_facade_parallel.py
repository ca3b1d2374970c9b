"""PettingZoo: its own conformance tests, the batch's trajectory, names and actions refused, rendering."""

import sys
import types

import numpy as np
import pytest
from facade_play import ARENAS, first_bot, play, short, two_slots  # noqa: F401  a fixture
from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, render_test, seed_test
from pettingzoo.test.state_test import state_test

from kumite import arenas
from kumite.arenas.arena import ArenaError, Outcome
from kumite.arenas.facades import ParallelArena, aec_env, render

each_arena = pytest.mark.parametrize("name", ARENAS)


@each_arena
def test_pettingzoos_parallel_tests_pass(name: str) -> None:
    parallel_api_test(ParallelArena(name, **short(name)), num_cycles=200)
    parallel_seed_test(lambda: ParallelArena(name, **short(name)), num_cycles=100)


# The check would rather have one number than several; the space is what several slots need.
@pytest.mark.filterwarnings("ignore:Action space for each agent probably should be gymnasium.spaces.box:UserWarning")
# A race begins on square 0 of both sides.
@pytest.mark.filterwarnings("ignore:(Observation|State) numpy array is all zeros:UserWarning")
# One arena here shows a single number, and its state is that.
@pytest.mark.filterwarnings("ignore:(Observation|State) is a single number:UserWarning")
@each_arena
def test_pettingzoos_turn_by_turn_tests_pass(name: str) -> None:
    api_test(aec_env(name, **short(name)), num_cycles=200)
    seed_test(lambda: aec_env(name, **short(name)), num_cycles=100)
    env = ParallelArena(name, **short(name))
    state_test(aec_env(name, **short(name)), env, num_cycles=50)


@each_arena
def test_the_trajectory_is_the_batchs(name: str) -> None:
    batch = arenas.make_batch(name, seed=11, **short(name))
    env = arenas.parallel_env(name, seed=3, **short(name))
    observations, infos = env.reset(seed=11)
    agents = env.possible_agents
    assert np.array_equal(np.stack([observations[agent] for agent in agents]), batch.observations[0])
    ended = 0
    for tick in play(batch, 300):
        if not env.agents:
            observations, infos = env.reset()
        given = {agent: tick.actions[0, side] for side, agent in enumerate(agents)}
        if batch.game.action.count == 1:
            given = {agent: int(action[0]) for agent, action in given.items()}
        observations, rewards, terminations, truncations, infos = env.step(given)
        over = bool(tick.done[0])
        expected = tick.final_observations if over else tick.observations
        assert np.array_equal(np.stack([observations[agent] for agent in agents]), expected[0])
        assert [rewards[agent] for agent in agents] == tick.rewards[0].tolist()
        assert terminations == dict.fromkeys(agents, over)
        assert truncations == dict.fromkeys(agents, False)
        assert env.state().shape == expected[0].reshape(-1).shape
        if not over:  # the batch has begun the next match else
            assert np.array_equal(env.state(), batch.global_state()[0])
        if over:  # the batch has begun the next match, the environment has not
            ended += 1
            assert env.agents == []
            assert [infos[agent]["outcome"] for agent in agents] == [Outcome(int(tick.outcome[0]))] * len(agents)
            assert [infos[agent]["utility"] for agent in agents] == tick.utility[0].tolist()
        else:
            assert env.batch.state.tobytes() == batch.state.tobytes()
            for side, agent in enumerate(agents):
                mask = infos[agent]["action_mask"]
                for slot, row in enumerate(mask if isinstance(mask, tuple) else (mask,)):
                    assert row.dtype == np.int8
                    assert np.array_equal(row, tick.masks[0, side, slot, : batch.game.action.sizes[slot]])
    assert ended >= 2
    assert (env.batch.illegal == 0).all()


@each_arena
def test_turn_by_turn_plays_the_same_match(name: str) -> None:
    batch = arenas.make_batch(name, seed=5, **short(name))
    env = aec_env(name, **short(name))
    env.reset(seed=5)
    for tick in play(batch, 100):
        for side, agent in enumerate(env.possible_agents):
            assert env.agent_selection == agent
            env.step(tick.actions[0, side] if batch.game.action.count > 1 else int(tick.actions[0, side, 0]))
        assert env.rewards == dict(zip(env.possible_agents, tick.rewards[0].tolist(), strict=True))
        if tick.done[0]:
            assert all(env.terminations.values())
            return


def test_what_is_returned_is_kept() -> None:
    """Users keep observations and masks in buffers of their own: a later step must not write into them."""
    env = ParallelArena("two-slots")
    observations, infos = env.reset(seed=1)
    kept = (observations["side_0"].copy(), infos["side_0"]["action_mask"][0].copy())
    env.step({"side_0": [2, 1], "side_1": [1, 0]})
    assert np.array_equal(observations["side_0"], kept[0])
    assert np.array_equal(infos["side_0"]["action_mask"][0], kept[1])
    assert not np.array_equal(env.batch.observations[0, 0], kept[0])


def test_a_mask_samples_legal_actions_only() -> None:
    env = ParallelArena("two-slots")
    _, infos = env.reset(seed=1)
    sizes = [mask.size for mask in infos["side_0"]["action_mask"]]
    assert sizes == [4, 2]
    space = env.action_space("side_0")
    space.seed(0)
    while env.agents:
        actions = {agent: env.action_space(agent).sample(infos[agent]["action_mask"]) for agent in env.agents}
        for agent in env.agents:
            actions[agent][1] *= actions[agent][0] > 0  # the order of the slots, which no mask shows
        _, _, _, _, infos = env.step(actions)
    assert env.batch.illegal.sum() == 0
    assert [mask.tolist() for mask in infos["side_0"]["action_mask"]] == [[1, 0, 0, 0], [1, 0]]


def test_illegal_actions_are_played_as_nothing_and_counted() -> None:
    env = ParallelArena("two-slots")
    env.reset(seed=1)
    env.step({"side_0": [0, 1], "side_1": [9, 0]})  # doubling nothing; spending what is not there
    assert env.batch.actions[0].tolist() == [[0, 0], [0, 0]]
    assert env.batch.illegal[0].tolist() == [1, 1]


def test_resets_without_a_seed_go_on_to_other_matches_and_are_reproducible() -> None:
    def cards(env: ParallelArena) -> list[bytes]:
        env.reset(seed=2)
        found = []
        for _ in range(12):  # abandoned after one step
            env.step({"side_0": 0, "side_1": 0})
            env.reset()
            found.append(env.batch.state.card[0].tobytes())
        return found

    once, again = cards(ParallelArena("classic/kuhn")), cards(ParallelArena("classic/kuhn", seed=9))
    assert once == again
    assert len(set(once)) > 3


def test_a_reset_shows_the_match_that_the_constructor_started() -> None:
    env = ParallelArena("classic/kuhn", seed=4)
    env.reset()
    first = env.batch.state.tobytes()
    env.reset(seed=4)
    assert env.batch.state.tobytes() == first
    env.reset()
    assert env.batch.state.seed[0] != np.frombuffer(first, env.game.state)["seed"][0]


def test_bots_play_sides_that_are_no_agents() -> None:
    env = ParallelArena("example", opponents={1: "gambler"})
    batch = arenas.make_batch("example", seed=0, opponents={1: "gambler"})
    observations, _ = env.reset(seed=0)
    assert env.agents == list(observations) == ["side_0"]
    for _ in range(5):
        env.step({"side_0": 1})
        batch.step(np.ones((1, 2, 1), np.int64))
        assert env.batch.state.tobytes() == batch.state.tobytes()
    with pytest.raises(ArenaError, match="bots play every side"):
        ParallelArena("example", opponents={0: "walker", 1: "walker"})


def test_a_solo_arena_has_one_agent(run_python) -> None:
    source = """
import sys
sys.path.insert(0, sys.argv[0] or TESTS)
import facade_arena
from types import SimpleNamespace
from pettingzoo.test import parallel_api_test
from kumite import arenas
module = type(sys)("solo"); module.ARENA = facade_arena.SOLO
arenas.register("solo", module)
env = arenas.parallel_env("solo")
assert env.possible_agents == ["side_0"]
parallel_api_test(env, num_cycles=50)
env.reset(seed=0)
assert env.state().shape == (4,)
env.step({"side_0": [1, 1]})
print(env.batch.state.score[0].tolist())
from kumite.arenas.facades import SingleArena
single = SingleArena("solo")
single.reset(seed=0)
print(single.step([1, 1])[1] > 0)
""".replace("sys.argv[0] or TESTS", repr(str(__file__).rpartition("/")[0]))
    assert run_python(source, NUMBA_DISABLE_JIT="1").split("\n")[-3:-1] == ["[2, 0]", "True"]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda: ParallelArena("exmaple"), r"no arena 'exmaple' \(did you mean 'example'\?\)"),
        (lambda: ParallelArena("example", lenght=3), r"no option 'lenght' \(did you mean 'length'\?\)"),
        (lambda: ParallelArena("example", opponents={1: "walk"}), r"no bot 'walk' \(did you mean 'walker'\?\)"),
        (lambda: ParallelArena("example", render_mode="rgb_aray"), "no render mode 'rgb_aray'"),
        (lambda: ParallelArena("example", seed=-1), "seed = -1: expected a whole number"),
        (lambda: ParallelArena("example").reset(seed=2**62), "seed = 4611686018427387904: expected"),
        (lambda: ParallelArena("example").action_space("side_2"), r"no agent 'side_2' \(did you mean 'side_1'"),
        (lambda: ParallelArena("example").step({}), r"call reset\(\) first"),
        (lambda: ParallelArena("example").render(), "no render_mode was chosen"),
    ],
)
def test_wrong_names_are_refused(use, message: str) -> None:
    with pytest.raises(ArenaError, match=message):
        use()


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ({"side_0": [0, 0]}, "no action of 'side_1' among those of \\['side_0'\\]"),
        ({"side_0": [0, 0], "side1": [0, 0]}, "did you mean 'side_1'"),
        ({"side_0": [0, 0], "side_1": [0, 0, 0]}, r"action of 'side_1' = \[0, 0, 0\]: expected one of MultiDiscrete"),
        ({"side_0": "up", "side_1": [0, 0]}, "action of 'side_0' = 'up'"),
        ([[0, 0], [0, 0]], "actions are a list: expected a dict"),
    ],
)
def test_wrong_actions_are_refused(actions, message: str) -> None:
    env = ParallelArena("two-slots")
    env.reset(seed=0)
    with pytest.raises(ArenaError, match=message):
        env.step(actions)


def test_every_arena_can_be_shown_as_text() -> None:
    env = ParallelArena("classic/kuhn", render_mode="ansi")
    env.reset(seed=0)
    assert env.render() == env.batch.describe(0)
    env.step({"side_0": 0, "side_1": 0})
    env.step({"side_0": 0, "side_1": 0})
    assert not env.agents
    assert env.render() == env.batch.describe(0)
    assert "tick 2" in env.render()  # as it ended


def test_a_match_can_be_given_its_own_setup() -> None:
    env = ParallelArena("fight", **short("fight"))
    for options, characters in (({"setup": [2, 3]}, [2, 3]), (None, [0, 0]), ({"setup": [1, 0]}, [1, 0])):
        env.reset(options=options)
        assert env.batch.state.fighter.character[0].tolist() == characters


@pytest.fixture
def renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the example arena a renderer: a bar a side."""

    def draw(game, match, boxes=False, width=640):
        picture = np.zeros((48, width, 3), np.uint8)
        for side in range(2):
            picture[24 * side : 24 * side + 24, : 60 * int(match.place[side]) + 1] = 255
        return picture

    module = types.ModuleType("kumite.arenas.render")
    module.draw = draw
    monkeypatch.setitem(sys.modules, module.__name__, module)


@pytest.mark.usefixtures("renderer")
def test_pictures_and_windows_where_there_is_a_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "TURNS_PER_SECOND", 1000.0)
    render_test(lambda render_mode: aec_env("example", render_mode=render_mode))
    env = ParallelArena("example", render_mode="rgb_array")
    env.reset(seed=0)
    start = env.render()
    env.step({"side_0": 1, "side_1": 0})
    assert (env.render() > 0).sum() > (start > 0).sum()
    env.close()
    assert ParallelArena("example").metadata["render_modes"] == ["ansi", "rgb_array", "human"]


def test_pictures_are_refused_where_there_is_no_renderer() -> None:
    with pytest.raises(ArenaError, match=r"classic/kuhn has no render mode 'human' \(there are: 'ansi'\)"):
        ParallelArena("classic/kuhn", render_mode="human")


@each_arena
def test_metadata_names_the_arena_and_its_version(name: str) -> None:
    env = ParallelArena(name, **short(name))
    assert str(env) == f"{name.replace('/', '_')}_v{arenas.get(name).version}"
    assert env.metadata["render_fps"] > 0
    assert first_bot(name) is None or arenas.get(name).bot(first_bot(name)) == 0
