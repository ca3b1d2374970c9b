"""Policy objects as plans: what can say its probabilities, what is played by dice or draws, memory and mixtures."""

import exact_arena
import numpy as np
import pytest
import torch
from exact_games import Silent, exploitability, tree
from kuhn_exact import gap
from stable_baselines3 import PPO
from test_exact_tree import race, two_slots

from kumite import arenas
from kumite.agents import resolve
from kumite.agents.lineup import Lineup
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import BotPolicy, ConstantPolicy, MixturePolicy, Policy, UniformPolicy
from kumite.agents.sb3 import SB3Policy
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.batch import Batch
from kumite.arenas.facades import KumiteVecEnv
from kumite.eval.exact import ExactError, ask, ask_both, enumerate_game

torch.set_num_threads(1)


def network(game, seed=1, sharpness=100.0, **options):
    """A network that plays anything but evenly."""
    made = ActorCritic(NetworkConfig.of(game, hidden=(16, 16), **options), seed)
    made.head.weight.data.mul_(sharpness)
    return made


def policies(game):
    """One of each kind that can say its probabilities."""
    return {
        "uniform": UniformPolicy(),
        "constant": ConstantPolicy([1] * game.action.count),
        "sample": NetworkPolicy(network(game)),
        "greedy": NetworkPolicy(network(game), "greedy"),
        "temperature": NetworkPolicy(network(game), "temperature=2.5"),
        "memory": NetworkPolicy(network(game, memory="gru")),
    }


KINDS = ["uniform", "constant", "sample", "greedy", "temperature", "memory"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("game", [arenas.make_game("classic/kuhn"), two_slots()], ids=["kuhn", "two-slots"])
def test_what_a_policy_says_is_what_it_does(game, kind):
    """Its own probabilities against counts of its draws, every sequence within five standard errors."""
    found, policy = enumerate_game(game), policies(game)[kind]
    for side in (0, 1):
        said, watched = ask(found, side, policy), ask(found, side, Silent(policy), samples=4000)
        assert (said.estimated, watched.estimated) == ((), ("silent",))
        assert np.abs(said.plan - watched.plan).max() < 5 * np.sqrt(0.25 * 3 / 4000)


def test_memory_is_carried_along_everything_that_is_seen():
    """The same network, asked at each information set with fresh memory, is another policy."""
    game = arenas.make_game("classic/leduc")

    class Forgetful(NetworkPolicy):
        def probabilities(self, observation, mask, state):
            return super().probabilities(observation, mask, np.zeros_like(state))

    remembers, forgets = (kind(network(game, memory="gru")) for kind in (NetworkPolicy, Forgetful))
    assert abs(exploitability("classic/leduc", remembers) - exploitability("classic/leduc", forgets)) > 0.01


@pytest.mark.parametrize("kind", ["sample", "memory", "mixture"])
def test_plans_win_what_policies_win_in_play(kind):
    """The value of two plans against thousands of games of the policies themselves, sampled in a batch."""
    game = arenas.make_game("classic/leduc")
    kinds = {**policies(game), "mixture": MixturePolicy([ConstantPolicy([2]), ConstantPolicy([3])], [1, 2])}
    pair = (kinds[kind], NetworkPolicy(network(game, seed=5)))
    plans, estimated = ask_both(tree("classic/leduc"), pair)
    batch, rng = Batch(game, 2048, seed=9), np.random.default_rng(4)
    seats = [Lineup(batch, np.arange(2048) * 2 + side, policy, rng) for side, policy in enumerate(pair)]
    results = []
    for _ in range(60):
        actions = np.zeros((4096, 1), np.int16)
        for seat in seats:
            seat.act(batch.observations.reshape(4096, -1), batch.masks.reshape(4096, 1, -1), actions)
        batch.step(actions.reshape(2048, 2, 1))
        results.append(batch.utility[batch.done, 0].copy())
        for seat in seats:
            seat.draw(batch.done)
    won = np.concatenate(results)
    assert not estimated
    assert len(won) > 10_000
    assert abs(won.mean() - tree("classic/leduc").form.value(plans)) < 4 * won.std() / np.sqrt(len(won))


def test_a_mixture_is_drawn_once_a_match_and_never_averaged_choice_by_choice():
    """Always passing or always betting, half each: by hand over the two pure strategies, and not as even play."""
    never, always = np.zeros((3, 2)), np.ones((3, 2))
    drawn = [(0.5, never), (0.5, always)]
    mixture = MixturePolicy([ConstantPolicy([0]), ConstantPolicy([1])])
    assert exploitability("classic/kuhn", mixture) == pytest.approx(gap(drawn, drawn), abs=1e-12)
    assert exploitability("classic/kuhn", mixture) != pytest.approx(11 / 24, abs=0.01)
    nested = MixturePolicy([mixture, UniformPolicy()], [3, 1])
    evened = [(0.375, never), (0.375, always), (0.25, np.full((3, 2), 0.5))]
    assert exploitability("classic/kuhn", nested) == pytest.approx(gap(evened, evened), abs=1e-12)


def test_a_policy_that_remembers_its_own_dice_is_followed_by_draws():
    """A mixture that may only be watched: the member drawn at the start goes on deciding, match by match."""
    mixture = MixturePolicy([ConstantPolicy([0]), ConstantPolicy([1])])
    plans, estimated = ask_both(tree("classic/kuhn"), (Silent(mixture), Silent(mixture)), samples=20_000)
    assert estimated == ("silent",)
    wanted, _ = ask_both(tree("classic/kuhn"), (mixture, mixture))
    for plan, exact in zip(plans, wanted, strict=True):
        assert np.abs(plan - exact).max() < 0.02


def test_a_mixture_says_which_of_its_members_were_estimated():
    mixture = MixturePolicy([UniformPolicy(), Silent(UniformPolicy())])
    assert ask(tree("classic/kuhn"), 0, mixture, samples=10).estimated == ("silent",)


def test_a_bot_is_exact_through_its_dice():
    """The gambler runs with one half where there is room, and walks otherwise; draws of its play agree."""
    found = enumerate_game(race())
    asked = ask(found, 0, BotPolicy("gambler"))
    assert asked.estimated == ()
    behaviour, where = found.form.sides[0].behave(asked.plan), found.decisions[0]
    assert behaviour[1:4].tolist() == [0, 0.5, 0.5]  # at the start: stay, walk, run
    at_one = [q for q in range(4, len(behaviour)) if where.choice[q] == 1 and asked.plan[q] == 0.5]
    assert at_one  # after walking there is room for one square only
    walker = ask(found, 1, BotPolicy("walker")).plan
    assert set(walker.tolist()) == {0.0, 1.0}
    game = race()
    batch = Batch(game, 4096, seed=1, opponents={0: "gambler", 1: "walker"})
    won = []
    for _ in range(20):
        batch.step(np.zeros_like(batch.actions))
        won.append(batch.utility[batch.done, 0].copy())
    results = np.concatenate(won)
    assert abs(results.mean() - found.form.value((asked.plan, walker))) < 4 * results.std() / np.sqrt(len(results))


def test_a_bot_of_two_slots():
    found = enumerate_game(two_slots(2))
    miser = ask(found, 0, BotPolicy("miser")).plan
    spends = [q for q in np.flatnonzero(miser) if found.decisions[0].slot[found.form.sides[0].owner[q]] == 0][1:]
    assert set(found.decisions[0].choice[spends].tolist()) == {1}
    assert set(miser.tolist()) == {0.0, 1.0}


def test_stable_baselines_models_say_their_probabilities():
    game = arenas.make_game("classic/kuhn")
    model = PPO("MlpPolicy", KumiteVecEnv("classic/kuhn", 1), n_steps=8, batch_size=8, device="cpu", seed=0)
    policy = SB3Policy(model, game)
    said, watched = ask(tree("classic/kuhn"), 0, policy), ask(tree("classic/kuhn"), 0, Silent(policy), samples=4000)
    assert said.estimated == ()
    assert np.abs(said.plan - watched.plan).max() < 0.06


def test_a_bot_that_sees_what_its_side_does_not_is_refused():
    found = enumerate_game(exact_arena.ARENA.game(length=4, odd="peeking bot"))
    with pytest.raises(ExactError, match="'walker' of odd-race plays differently at decision 1"):
        ask(found, 0, BotPolicy("walker"))


def test_a_bot_that_writes_into_the_match_is_refused():
    found = enumerate_game(exact_arena.ARENA.game(odd="scribbling bot"))
    with pytest.raises(ExactError, match="'walker' of odd-race keeps a memory of its own"):
        ask(found, 0, BotPolicy("walker"))


class Lawless(Policy):
    name = "lawless"

    def act(self, observation, mask, state, rng, refine=None):
        return np.full(mask.shape[:2], 2, np.int16), state


def test_a_choice_that_is_not_allowed_is_named():
    with pytest.raises(ExactError, match="'lawless' plays 'run' where example does not allow it"):
        ask(enumerate_game(race()), 0, Lawless(), samples=5)


def test_resolved_names_are_judged():
    game = arenas.make_game("classic/kuhn")
    assert exploitability("classic/kuhn", resolve("constant:0", game), resolve("constant:0", game)) == 1
