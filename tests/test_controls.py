"""Positive controls on solved games: what is found of what is there, and what a failing control does."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom
from test_eval_exploitability import verdict

from kumite import arenas
from kumite.agents.policy import ConstantPolicy, MixturePolicy, Policy, UniformPolicy
from kumite.eval.controls import SOLVED, check_all, check_on_leaks, check_on_solved
from kumite.eval.exploitability import Budget, Control, Exploitability, LeakControl, exploiter_config
from kumite.eval.exploiter import Exploiter
from kumite.eval.intervals import mean_interval
from kumite.eval.playing import EvaluationError, open_store

RUNS = [
    (name, memory, seed) for name in ("kuhn", "leduc", "goofspiel") for memory in ("none", "gru") for seed in (0, 1)
]
SLICES = ("corner", "wake-up", "last-round", "never-block-low", "never-tech", "same-rise")
RUNS += [(name, "none", seed) for name in SLICES for seed in (0, 1)]
GOOFSPIEL = arenas.make_game("classic/goofspiel")


class Bidder(Policy):
    """Bids a fixed card on each prize; where that is gone, the nearest one that is left, the lower of two."""

    def __init__(self, name, bids):
        self.name, self.bids = name, np.array(bids)

    def probabilities(self, observation, mask, state):
        prize = GOOFSPIEL.observation.split(observation)["prize"].argmax(-1)
        cards = np.arange(mask.shape[-1])
        away = 2 * np.abs(cards - self.bids[prize][:, None]) + (cards > self.bids[prize][:, None])
        card = np.where(mask[:, 0] > 0, away, 99).argmin(-1)
        return np.eye(mask.shape[-1])[card][:, None], state

    def act(self, observation, mask, state, rng, refine=None):
        return self.probabilities(observation, mask, state)[0].argmax(-1).astype(np.int16), state

    def identity(self):
        return {"kind": "bidder", "bids": self.bids.tolist()}


MIXTURE = MixturePolicy([Bidder("equal", [0, 1, 2, 3]), Bidder("reverse", [3, 2, 1, 0]), UniformPolicy()], [1, 1, 1])
"""Who plays shows in which card goes to which prize."""


def default(game, memory="none"):
    """What `kumite exploit` takes where nothing is asked for."""
    return exploiter_config(UniformPolicy(), memory, game, threads=1)


def kuhn():
    return default(arenas.make_game("classic/kuhn"))


def control(share, asked=0.95):
    return Control("kuhn", "ppo 32-32", "c0de", 1000, 0.5 * share, 0.5, asked, 0.1)


def test_a_control_that_finds_enough_lets_the_figure_stand():
    found = replace(verdict(0.1, 0.2, 0.3, control=None), solved=(control(0.96),))
    assert found.control_passed
    assert found.bound == 0.3
    assert "no positive control was run" not in found.smoke
    assert Exploitability.from_values(found.as_values()) == found


def test_a_control_that_finds_too_little_blanks_the_figure():
    found = replace(verdict(0.1, 0.2, 0.3), solved=(control(0.99), control(0.8)))
    assert found.control_passed is False
    assert found.bound is None
    assert found.sentence() == (
        "Nothing is certified: exploiter class ppo 32-32 failed its positive control "
        "(in kuhn it found 80.0% of a best response's gain, asked were 95%)"
    )


def leak(lower):
    return LeakControl("leak:never-tech:cpu-2", "ppo 128-128", "c0de", 1000, 0.7, 0.6, lower, 0.983)


def test_a_leak_that_is_not_surely_found_blanks_the_figure_too():
    found = replace(verdict(0.1, 0.2, 0.3, control=None), leaks=(leak(0.02),))
    assert found.control_passed
    assert found.bound == 0.3
    assert Exploitability.from_values(found.as_values()) == found
    for lower, words in ((-0.01, "more by at least -0.010"), (0.0, "more by at least +0.000"), (None, "by no bound")):
        missed = replace(found, leaks=(leak(0.02), leak(lower)))
        assert missed.bound is None
        assert words in missed.sentence()
        assert [missed.shown(attempt) for attempt in missed.attempts] == [None] * 3


def test_leaks_that_cannot_be_planted_are_refused(tmp_path):
    game = arenas.make_game("example")
    with pytest.raises(EvaluationError, match="can be planted in example"):
        check_on_leaks(game, UniformPolicy(), kuhn(), tmp_path, budget=Budget(1000))


def test_a_verdict_saved_before_there_were_solved_controls_is_read():
    saved = verdict(0.1).as_values()
    del saved["solved"], saved["leaks"], saved["replayed"]
    assert Exploitability.from_values(saved).solved == ()


def test_too_little_training_fails_on_kuhn_and_is_kept(tmp_path):
    found = check_on_solved("kuhn", kuhn(), tmp_path, steps=4096)
    assert not found.passed
    assert found.gain < found.best == pytest.approx(11 / 24)
    assert found.certified <= found.best
    assert check_on_solved("kuhn", kuhn(), tmp_path, steps=4096) == found


@pytest.mark.parametrize(("name", "best"), [("kuhn", 11 / 24), ("corner", 0.1108)])
def test_what_is_found_and_what_is_there_are_exact(name, best):
    """By histories and by states: the policy itself wins nothing from itself, and nobody more than a best response."""
    control, target = SOLVED[name], UniformPolicy()
    assert control.gains(target, target) == pytest.approx((0, best), abs=1e-4)
    gain, there = control.gains(ConstantPolicy([1]), target)
    assert 0.01 < abs(gain) < there == pytest.approx(best, abs=1e-4)
    back, _ = control.gains(target, ConstantPolicy([1]))
    assert back == pytest.approx(-gain, abs=1e-12)


@pytest.mark.parametrize(("leak", "best"), [("never-block-low", 0.0697), ("never-tech", 0.1369), ("same-rise", 0.0616)])
def test_all_there_is_to_win_from_a_leaky_solution_comes_from_its_leak(leak, best):
    control = SOLVED[leak]
    leaky = control.target()
    assert leaky.name == f"leak:{leak}:solution"
    assert control.gains(leaky, leaky) == pytest.approx((0, best), abs=1e-4)
    _, there = control.gains(leaky, leaky.base)
    assert there == pytest.approx(0, abs=1e-9)


def test_what_fresh_games_certify_is_above_the_truth_in_one_test_of_twenty_at_most(tmp_path):
    game, target, exploiter = arenas.make_game("classic/kuhn"), UniformPolicy(), ConstantPolicy([1])
    gain, _ = SOLVED["kuhn"].gains(exploiter, target)
    means, bounds = [], []
    for seed in range(60):
        with open_store(tmp_path / f"{seed}.sqlite", game, {"seed": seed}) as store:
            gains = Exploiter(game, target, store, tmp_path, test_units=100, seed=seed).fresh_gains(exploiter)
        means.append(gains.mean())
        bounds.append(mean_interval(gains, -2.0, 2.0, side="lower").lower)
    assert np.mean(means) == pytest.approx(gain, abs=4 * np.std(means) / 60**0.5)
    assert np.sum(np.array(bounds) > gain) <= binom.ppf(0.999, 60, 0.05)
    assert max(bounds) > gain - 0.3  # and it is not a bound that says nothing


def test_other_games_are_refused_by_name(tmp_path):
    with pytest.raises(EvaluationError, match="did you mean 'kuhn'"):
        check_all(["kuhnn"], default, tmp_path)
    with pytest.raises(EvaluationError, match=r"corner is solved by its states.*memory = 'gru'"):
        check_all(["kuhn", "corner"], lambda game: default(game, "gru"), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("name", "memory", "seed"), RUNS)
def test_default_exploiters_find_what_is_there(name, memory, seed, tmp_path):
    found = check_on_solved(name, default(SOLVED[name].game(), memory), tmp_path, seed=seed)
    assert found.share >= SOLVED[name].asked
    assert found.gain <= found.best + 1e-9


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("memory", ["none", "gru"])
def test_default_exploiters_find_what_a_mixture_gives_away(memory, tmp_path):
    """Its best response infers the member from its bids. The look shows those too, so that memory is no condition."""
    assert exploiter_config(MIXTURE, game=GOOFSPIEL).memory == "gru"  # by default
    config = exploiter_config(MIXTURE, memory, GOOFSPIEL, threads=1)
    found = check_on_solved("goofspiel", config, tmp_path, target=MIXTURE)
    assert found.best == pytest.approx(0.835648148)
    assert found.share >= 0.85
