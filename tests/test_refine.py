"""What earlier slots leave to later ones reaches whoever chooses: policies, opponents, learners; and the check."""

from dataclasses import replace

import facade_arena
import numpy as np
import pytest
import torch
from facade_play import two_slots  # noqa: F401  registers the arena

from kumite import arenas
from kumite.agents.bench import bench_ppo
from kumite.agents.lineup import Lineup
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, UniformPolicy
from kumite.agents.ppo import PPO, PPOConfig
from kumite.arenas import check
from kumite.arenas.batch import Batch
from kumite.arenas.compile import rule
from kumite.arenas.facades import VectorArena
from kumite.league import play


def spent_nothing_cannot_be_doubled(actions):
    """Whether actions [..., K] keep to the arena's `refine`."""
    return ((actions[..., 0] > 0) | (actions[..., 1] == 0)).all()


def test_a_batch_says_what_earlier_choices_leave():
    batch = arenas.make_batch("two-slots", matches=4)
    matches, sides = np.array([0, 0, 2, 3]), np.array([0, 1, 1, 0])
    mask = batch.masks[matches, sides]
    actions = np.array([[0, 0], [1, 0], [0, 1], [2, 1]], np.int16)
    assert np.array_equal(batch.refine(matches, sides, 0, actions, mask[:, 0]), mask[:, 0])
    assert batch.refine(matches, sides, 1, actions, mask[:, 1])[:, :2].tolist() == [[1, 0], [1, 1], [1, 0], [1, 1]]
    less = mask[:, 1] * np.array([0, 1, 1, 1], np.uint8)  # of a mask that is narrow already it takes away only
    assert batch.refine(matches, sides, 1, actions, less)[:, :2].tolist() == [[0, 0], [0, 1], [0, 0], [0, 1]]
    refine = batch.refiner(matches, sides)
    assert refine is not None
    assert refine(np.array([1, 2]), 1, actions[1:3], mask[1:3, 1])[:, :2].tolist() == [[1, 1], [1, 0]]
    assert arenas.make_batch("example").refiner(matches, sides) is None


def test_uniform_play_in_a_league_is_never_corrected(monkeypatch):
    seen = []

    class Seen(Batch):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            seen.append(self)

        def reset(self, *arguments, **settings):
            assert not self.illegal.any()
            super().reset(*arguments, **settings)

    monkeypatch.setattr(play, "Batch", Seen)
    pair = [UniformPolicy(), MixturePolicy([UniformPolicy(), ConstantPolicy([1, 1]), BotPolicy("miser")])]
    records = play.play_games(arenas.make_game("two-slots"), *pair, seeds=range(20), matches=8)
    assert len(records) == 40
    assert not seen[-1].illegal.any()
    assert not seen[-1].bot_illegal.any()


def test_a_lineups_policies_are_never_corrected():
    batch = arenas.make_batch("two-slots", matches=16, auto_reset=False)
    both = Lineup(batch, np.arange(32), UniformPolicy(), np.random.default_rng(0))
    while not batch.done.all():
        actions = np.zeros((32, 2), np.int16)
        both.act(batch.observations.reshape(32, -1), batch.masks.reshape(32, 2, -1), actions)
        assert spent_nothing_cannot_be_doubled(actions)
        batch.step(actions.reshape(16, 2, 2))
    assert not batch.illegal.any()


def doubling(observation, mask, state, rng):
    """Chooses each slot for itself, and doubles what it does not spend."""
    return np.tile([0, 1], (len(mask), 1)), state


@pytest.mark.parametrize(("opponent", "clashes"), [(UniformPolicy(), False), (doubling, True)])
def test_opponents_of_the_environments_are_given_refine_if_they_take_it(opponent, clashes):
    envs = VectorArena("two-slots", 16, opponent=opponent, seed=3)
    envs.reset()
    for _ in range(15):
        envs.step(np.zeros((16, 2), np.int64))
        assert spent_nothing_cannot_be_doubled(envs.batch.actions)
    assert not envs.batch.illegal[:, 0].any()
    assert envs.batch.illegal[:, 1].any() == clashes


SMALL = PPOConfig(matches=16, horizon=8, minibatch=64, hidden=(16,), threads=1, learning_rate=1e-2)


@pytest.mark.parametrize("opponents", [None, UniformPolicy(), BotPolicy("miser")])
@pytest.mark.parametrize("memory", ["none", "gru"])
def test_ppo_chooses_in_order_and_is_never_corrected(opponents, memory):
    ppo = PPO("two-slots", replace(SMALL, memory=memory), opponents, seed=4)
    for _ in range(6):
        ppo.iterate()
        assert spent_nothing_cannot_be_doubled(ppo.actions)
        # The masks kept for the update are those that were chosen from: nothing spent, nothing doubled.
        assert not ppo.masks[..., 1, 1][ppo.actions[..., 0] == 0].any()
        assert ppo.masks[..., 1, 1][ppo.actions[..., 0] > 0].all()
    assert (ppo.actions[..., 0] == 0).any()
    assert not ppo.batch.illegal.any()


def test_ppos_benchmark_runs_on_such_an_arena():
    assert bench_ppo("two-slots", 0.0, config=SMALL, opponents=UniformPolicy())["samples_per_second"] > 0


def test_ppos_update_starts_from_the_policy_that_played():
    """One pass over all samples at once: the policy that is updated differs by nothing from the one that played."""
    ppo = PPO("two-slots", replace(SMALL, epochs=1, minibatch=10_000), seed=4)
    assert abs(ppo.iterate().kl) < 1e-6
    assert torch.isfinite(ppo.log_probs).all()


@rule
def adding(tables, match, side, slot, actions, row):
    row[3] |= slot == 1


@rule
def emptying(tables, match, side, slot, actions, row):
    if slot == 1 and actions[0] == 2:
        row[:] = 0


def arena_with(refine):
    name = "refine-" + getattr(refine, "py_func", refine).__name__  # compiled, or plain
    return replace(
        facade_arena.ARENA, name=name, module=__name__, rules=facade_arena.ARENA.rules._replace(refine=refine)
    )


def test_a_refine_that_adds_choices_is_found():
    assert check.refine_only_removes_choices(facade_arena.ARENA.game()) is None
    verdict = check.refine_only_removes_choices(arena_with(adding).game()) or ""
    assert "refine allows what the mask does not in slot 'double'" in verdict


def test_a_refine_that_leaves_nothing_is_found_and_played_as_the_first_choice_bug():
    """The last choice of the widest slot was played, which the slot may not even have."""
    game = arena_with(emptying).game()
    verdict = check.refine_only_removes_choices(game) or ""
    assert "refine leaves nothing in slot 'double' of side" in verdict
    assert "after 'two', where refine-emptying match" in verdict  # the state, in words
    batch = Batch(game)
    batch.step(np.array([[[2, 1], [1, 1]]]))
    assert batch.actions.tolist() == [[[2, 0], [1, 1]]]
    assert batch.illegal.tolist() == [[1, 0]]


SIMULATED = """
import numpy as np
from kumite import arenas
results = []
for device in ("cpu", "cuda"):
    batch = arenas.make_batch({arena!r}, matches=3, seed=2, device=device)
    matches, sides = np.array([0, 1, 1, 2]), np.array([1, 0, 1, 0])
    actions = np.array([[0, 1], [2, 1], [0, 0], [1, 0]], np.int16)
    batch.step(batch.random_actions())
    results.append(batch.refine(matches, sides, 1, actions, np.ones((4, 4), np.uint8)).tolist())
assert results[0] == results[1], results
print(results[0])
"""


def test_a_gpu_says_the_same(run_python):
    pytest.importorskip("numba_cuda")
    source = SIMULATED.format(arena=facade_arena.__file__)
    printed = run_python(source, NUMBA_DISABLE_JIT="1", NUMBA_ENABLE_CUDASIM="1")
    assert printed.splitlines()[-1] == "[[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 0, 0]]"
