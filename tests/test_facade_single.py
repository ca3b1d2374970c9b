"""Gymnasium: its own checks and SB3's, the batch's trajectory, every kind of opponent, vector environments."""

import warnings
from typing import Any

import facade_arena
import gymnasium
import numpy as np
import pytest
from facade_play import ARENAS, first_bot, play, short, two_slots  # noqa: F401  a fixture
from gymnasium.utils.env_checker import check_env

from kumite import arenas
from kumite.arenas.arena import ArenaError, Outcome
from kumite.arenas.facades import SingleArena, VectorArena

each_arena = pytest.mark.parametrize("name", ARENAS)


@each_arena
def test_gymnasiums_check_passes(name: str, registered) -> None:
    check_env(gymnasium.make(registered(name)).unwrapped)


@each_arena
def test_sb3s_check_passes(name: str) -> None:
    from stable_baselines3.common.env_checker import check_env as check_for_sb3

    check_for_sb3(SingleArena(name, seed=1, **short(name)), skip_render_check=False)


def one(action: np.ndarray) -> Any:
    """An action [K] as the action space has it."""
    return int(action[0]) if len(action) == 1 else action


@each_arena
@pytest.mark.parametrize("side", [0, 1])
def test_the_trajectory_is_the_batchs(name: str, side: int) -> None:
    """Against a bot where there is one, else against random play from the match's own dice."""
    bot = first_bot(name)
    batch = arenas.make_batch(name, seed=7, opponents={1 - side: bot} if bot else None, **short(name))
    env = SingleArena(name, opponent=bot or "random", side=side, **short(name))
    observation, info = env.reset(seed=7)
    assert np.array_equal(observation, batch.observations[0, side])
    assert info["side"] == side
    running = True
    for tick in play(batch, 200):
        if not running:
            env.reset()
        observation, reward, running, truncated, info = env.step(one(tick.actions[0, side]))
        running = not running
        assert not truncated
        assert running != bool(tick.done[0])
        assert np.array_equal(observation, (tick.observations if running else tick.final_observations)[0, side])
        assert reward == tick.rewards[0, side]
        if running:  # else the batch has begun the next match, and the environment has not
            assert env.batch.state.tobytes() == batch.state.tobytes()
        if not running:
            assert (info["outcome"], info["utility"]) == (Outcome(int(tick.outcome[0])), tick.utility[0, side])
        sizes, legal = batch.game.action.sizes, tick.masks[0, side] if running else None
        masks = info["action_mask"] if isinstance(info["action_mask"], tuple) else (info["action_mask"],)
        flat = np.concatenate(masks)
        assert np.array_equal(flat, env.action_masks())
        if running:
            assert np.array_equal(flat, np.concatenate([legal[k, :size] for k, size in enumerate(sizes)]))
        else:
            assert flat.sum() == len(sizes)


def test_environments_without_a_seed_differ() -> None:
    """A loop over environments that all play one match would be a trap."""
    seeds = set()
    for _ in range(3):
        env = SingleArena("example")
        env.reset()
        seeds.add(int(env.batch.state.seed[0]))
    assert len(seeds) == 3
    given = SingleArena("example", seed=6)
    given.reset()
    assert given.batch.state.tobytes() == arenas.make_batch("example", seed=6).state.tobytes()


def test_equal_seeds_play_equal_matches() -> None:
    """Sides, opponents and their chance included; `reset` in the midst of a match too."""

    def play_three(observation, mask, state, rng):
        return np.column_stack([rng.integers(4, size=len(mask)), np.zeros(len(mask), int)]), state

    def history(seed: int) -> list[Any]:
        env = SingleArena("two-slots", opponent=["miser", ("random", 2.0), play_three], side="random")
        _, info = env.reset(seed=seed)
        seen: list[Any] = [info["side"]]
        for tick in range(80):
            *_, over, _, info = env.step([1, 1])
            seen.append((info.get("utility"), env.batch.state.tobytes()))
            if over or tick % 11 == 0:
                _, info = env.reset()
                seen.append((info["side"], env.batch.state.tobytes()))
        return seen

    assert history(4) == history(4)
    assert history(4) != history(5)


class Counter:
    """A policy with memory: plays 1 at its first decision of a match and 0 afterwards, and notes what it was asked."""

    name = "counter"

    def __init__(self) -> None:
        self.asked: list[tuple[np.ndarray, np.ndarray]] = []

    def initial_state(self, n: int) -> np.ndarray:
        return np.zeros((n, 1), np.float32)

    def reset(self, state: np.ndarray, where: np.ndarray) -> np.ndarray:
        state[where] = 0
        return state

    def act(self, observation, mask, state, rng):
        assert observation.shape[0] == mask.shape[0] == state.shape[0]
        assert isinstance(rng, np.random.Generator)
        self.asked.append((observation, state[:, 0].copy()))
        actions = np.zeros(mask.shape[:2], np.int64)
        actions[:, 0] = state[:, 0] == 0
        return actions, state + 1


@pytest.mark.parametrize("side", [0, 1, "random"])
def test_a_policy_with_memory_plays_and_forgets_with_each_match(side: int | str) -> None:
    policy = Counter()
    envs = VectorArena("example", 6, opponent=policy, side=side)
    envs.reset(seed=5)
    ages = np.zeros(6)
    for _ in range(60):
        before, sides = envs.batch.observations.copy(), envs.sides
        _, _, over, _, _ = envs.step(np.full(6, 2))
        observation, state = policy.asked[-1]
        assert np.array_equal(state, ages)
        assert np.array_equal(observation, before[np.arange(6), 1 - sides])
        played = envs.batch.actions[np.arange(6), 1 - sides, 0]
        assert np.array_equal(played, ages == 0)
        ages = np.where(over, 0, ages + 1)
    assert (ages < 60).all()


def test_a_mixture_is_drawn_once_a_match_and_by_weight() -> None:
    class Marker(Counter):
        def __init__(self, mark: int) -> None:
            super().__init__()
            self.mark = mark

        def act(self, observation, mask, state, rng):
            actions, state = super().act(observation, mask, state, rng)
            actions[:] = self.mark
            return actions, state

    walking, staying = Marker(1), Marker(0)
    envs = VectorArena("example", 400, opponent=[(walking, 3.0), (staying, 1.0)], length=3)
    envs.reset(seed=5)
    played = [envs.batch.actions[:, 1, 0].copy() for _ in range(2) if envs.step(np.zeros(400, np.int64))]
    assert np.array_equal(*played)
    assert 0.68 < played[0].mean() < 0.82
    assert len(walking.asked[-1][0]) == played[0].sum()  # each is asked once, about its own matches
    assert len(staying.asked[-1][0]) == 400 - played[0].sum()
    *_, over, _, _ = envs.step(np.zeros(400, np.int64))
    assert np.array_equal(over, played[0] == 1)
    envs.step(np.zeros(400, np.int64))
    redrawn = envs.batch.actions[:, 1, 0]
    assert np.array_equal(redrawn[~over], played[0][~over])
    assert 0.6 < redrawn[over].mean() < 0.85


def test_sides_are_drawn_for_each_match() -> None:
    envs = VectorArena("example", 200, opponent="walker", side="random", length=2)
    _, infos = envs.reset(seed=5)
    first = infos["side"]
    assert 70 < first.sum() < 130
    assert np.array_equal(envs.batch.state.opponent[np.arange(200), first], np.full(200, -1))
    assert np.array_equal(envs.batch.state.opponent[np.arange(200), 1 - first], np.zeros(200))
    rewards = np.zeros(200)
    for _ in range(2):
        _, reward, over, _, infos = envs.step(np.zeros(200, np.int64))
        rewards += reward
    assert over.all()
    assert (rewards == -1).all()  # staying loses from either side
    assert (infos["final_info"]["outcome"] == np.where(first == 0, Outcome.SECOND, Outcome.FIRST)).all()
    assert 60 < (envs.sides != first).sum() < 140


def test_opponents_of_the_agents_package_play() -> None:
    from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, UniformPolicy

    mixture = MixturePolicy([BotPolicy("walker"), ConstantPolicy([0]), UniformPolicy()], [0.5, 0.5, 0.0])
    envs = VectorArena("example", 300, opponent=mixture)
    envs.reset(seed=1)
    bots = envs.batch.state.opponent[:, 1] == 0
    assert 110 < bots.sum() < 190
    for _ in range(5):
        envs.step(np.zeros(300, np.int64))
    assert np.array_equal(envs.batch.state.place[:, 1], np.where(bots, 5, 0))
    single = SingleArena("example", opponent=UniformPolicy())
    single.reset(seed=0)
    assert single.step(1)[1] == 0


def test_a_function_plays() -> None:
    env = SingleArena("example", opponent=lambda observation, mask, state, rng: (mask[:, :, 1].astype(int), state))
    env.reset(seed=0)
    env.step(0)
    assert env.batch.state.place.tolist() == [[0, 1]]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"arena": "khun"}, "no arena 'khun'"),
        ({"opponent": "walkr"}, r"example has no opponent 'walkr' \(did you mean 'walker'\?\)"),
        ({"opponent": ["walker", "randm"]}, r"no opponent 'randm' \(did you mean 'random'\?\)"),
        ({"arena": "classic/kuhn", "opponent": "expert"}, r"no opponent 'expert' \(there are: 'random'\)"),
        ({"opponent": 3}, "opponent = 3: expected a name, an object with act"),
        ({"opponent": []}, "an empty mixture"),
        ({"opponent": {"walker": -1}}, "weight of 'walker' = -1"),
        ({"opponent": {"walker": 0}}, "weights add up to 0"),
        ({"side": 2}, "side = 2: expected 0, 1 or 'random'"),
        ({"side": "left"}, "side = 'left'"),
        ({"lenght": 4}, "did you mean 'length'"),
        ({"reward": "points"}, "reward = 'points'"),
        ({"seed": -3}, "seed = -3"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    for make in (SingleArena, VectorArena):
        with pytest.raises(ArenaError, match=message):
            make(**{"arena": "example", **settings})


def test_wrong_calls_are_refused() -> None:
    env = SingleArena("two-slots")
    with pytest.raises(ArenaError, match="call reset"):
        env.step([0, 0])
    env.reset(seed=0)
    with pytest.raises(ArenaError, match=r"action = \[0, 0, 0\]: expected one of MultiDiscrete"):
        env.step([0, 0, 0])
    envs = VectorArena("two-slots", 2)
    with pytest.raises(ArenaError, match="call reset"):
        envs.step(np.zeros((2, 2), int))
    envs.reset(seed=0)
    with pytest.raises(ArenaError, match=r"got actions float64 \[2, 2\], expected integers \[2, 2\]"):
        envs.step(np.zeros((2, 2)))
    with pytest.raises(ArenaError, match="use one environment"):
        VectorArena("two-slots", 2, render_mode="ansi")
    wrong = SingleArena("two-slots", opponent=lambda o, m, s, r: (np.zeros(len(o), int), s))
    wrong.reset(seed=0)
    with pytest.raises(ArenaError, match=r"opponent 'function' chose int64 \[1\], expected integers \[1, 2\]"):
        wrong.step([0, 0])


def test_a_step_after_the_end_is_refused_and_render_shows_the_end() -> None:
    env = SingleArena("example", opponent="walker", render_mode="ansi", length=2)
    env.reset(seed=0)
    env.step(1)
    assert env.step(1)[2]
    assert "tick 2, score 2:2, draw" in env.render()
    with pytest.raises(ArenaError, match="call reset"):
        env.step(1)


def characters(env) -> list[list[int]]:
    return env.batch.state.fighter.character.tolist()


def test_a_match_can_be_given_its_own_setup() -> None:
    env = SingleArena("fight", **short("fight"))
    env.reset(seed=1, options={"setup": [2, 3]})
    assert characters(env) == [[2, 3]]
    env.reset()  # what the environment's options say
    assert characters(env) == [[0, 0]]
    env.reset(options={"setup": np.array([1, 0])})
    assert characters(env) == [[1, 0]]
    with pytest.raises(ArenaError, match="setup: first character = 9: expected -3 to 3"):
        env.reset(options={"setup": [9, 0]})
    with pytest.raises(ArenaError, match=r"setup: got int64 \[3\], expected integers \[2\]"):
        env.reset(options={"setup": [0, 1, 2]})
    assert characters(env) == [[1, 0]]  # a refused reset changes nothing
    envs = VectorArena("fight", 3, **short("fight"))
    envs.reset(seed=1, options={"setup": [[1, 1], [2, 2], [3, 3]]})
    assert characters(envs) == [[1, 1], [2, 2], [3, 3]]
    envs.reset(options={"setup": [0, 1], "reset_mask": np.array([False, True, False])})
    assert characters(envs) == [[1, 1], [0, 1], [3, 3]]


def test_a_solo_arena_refuses_an_opponent() -> None:
    solo = f"{facade_arena.__file__}:SOLO"
    assert SingleArena(solo).reset(seed=1)[1]["side"] == 0
    for make in (SingleArena, VectorArena):
        with pytest.raises(ArenaError, match="solo has one side only"):
            make(solo, opponent="random")


def test_gymnasium_make_warns_of_nothing(registered) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make(registered("example"), opponent="gambler", side=1, render_mode="ansi", length=4)
        env.reset(seed=0)
        env.step(1)
        assert "of 4" in env.render()
        assert env.get_wrapper_attr("action_masks")().shape == (3,)
        env.close()
