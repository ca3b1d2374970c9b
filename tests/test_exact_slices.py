"""Slices of the fight solved exactly: against a naive recursion, what policies are worth there, and the command."""

import functools
import json
import re

import numpy as np
import pytest
import typer
from source_tree import ROOT
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents.checkpoint import save_policy
from kumite.agents.network import ActorCritic, NetworkConfig
from kumite.agents.policy import BotPolicy, ConstantPolicy, Policy, PolicyError, UniformPolicy
from kumite.agents.trained import NetworkPolicy
from kumite.arenas.arena import Outcome
from kumite.arenas.batch import Batch
from kumite.arenas.fight.slices import read_slices
from kumite.cli import app
from kumite.eval.exact import ExactError
from kumite.eval.exact.judging import best_response_gain, judge_in_states
from kumite.eval.exact.shapley import Solved, by_linear_programme, exploitability, respond, solve_states
from kumite.eval.exact.slices import InSlice, exploiter_control, slice_game
from kumite.eval.exact.solution import SolutionPolicy
from kumite.eval.exact.states import States
from kumite.eval.exact.walk import enumerate_states

PAGE = (ROOT / "eval/README.md").read_text(encoding="utf-8")
ROWS = [
    (name, cells)
    for name, *cells in re.findall(
        r"^\| `([\w-]+)`: [^|]*\| ([\d,]+) \| ([\d,]+) \| ([^|]+) \| ([\d.]+) \|$", PAGE, re.M
    )
]


@functools.cache
def solved(name, **options):
    return solve_states(enumerate_states(slice_game(name, **options)))


def call(*words):
    done = CliRunner().invoke(app, ["exact", *map(str, words)], standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.stdout


# --- values ---


def test_a_slice_is_worth_what_a_naive_recursion_says():
    """The last two decisions of the last round: each pair of choices stepped alone, a linear programme a state."""
    game = slice_game("last-round")
    found = solved("last-round")
    batch, one = Batch(game, 1, auto_reset=False), Batch(game, 1, auto_reset=False)
    for guards in ([[2], [3]], [[3], [2]]):  # high and low
        batch.step(np.array([guards]))
    assert batch.state.tick[0] == 30

    def worth(saved):
        one.load(0, saved)
        outcome = Outcome(int(one.state.outcome[0]))
        if outcome != Outcome.RUNNING:
            return {Outcome.FIRST: 1.0, Outcome.SECOND: -1.0, Outcome.DRAW: 0.0}[outcome]
        legal = [np.flatnonzero(one.masks[0, side, 0]) for side in (0, 1)]
        matrix = np.zeros((len(legal[0]), len(legal[1])))
        for i, first in enumerate(legal[0]):
            for j, second in enumerate(legal[1]):
                one.load(0, saved)
                one.step(np.array([[[first], [second]]]))
                matrix[i, j] = worth(one.save(0))
        return by_linear_programme(matrix)[0]

    from kumite.eval.exact.states import as_words, canonical

    words = as_words(canonical(game, np.asarray(batch.state).copy()))
    (state,) = np.flatnonzero((as_words(found.states.records) == words).all(axis=1))
    assert found.values[state] == pytest.approx(worth(batch.save(0)), abs=1e-9)


@pytest.mark.parametrize("name", ["wake-up", "corner", "last-round"])
def test_equilibria_cannot_be_exploited_and_lead_is_worth_something(name):
    found = solved(name)
    assert 0 <= found.gap + 1e-15 < 1e-9
    assert found.value >= -1e-12  # the first stands over the second, has it at the wall, is ahead
    assert found.handed == 0
    as_first, _ = respond(found.states, 0, found.mixes[1])
    assert found.states.root(as_first) == pytest.approx(found.value, abs=1e-9)
    assert found.matrices > 1000


@pytest.mark.parametrize(("name", "cells"), ROWS)
def test_a_slice_is_what_its_row_in_the_readme_says(name, cells):
    states, pairs, value, even = cells
    found = solved(name)
    points = found.states.game.score_scale if name != "last-round" else 1
    assert f"{len(found.states):,}" == states
    assert f"{len(found.states.edges.successor):,}" == pairs
    assert found.value / points == pytest.approx(float(value.split()[0]), abs=0.005)
    mixes = tuple(np.repeat(1 / choices.count, choices.count) for choices in found.states.choices)
    assert exploitability(found.states, mixes) == pytest.approx(float(even), abs=5e-5)


def test_the_readme_has_a_row_for_every_slice():
    assert {name for name, _ in ROWS} == set(read_slices())


def test_the_readmes_example_runs(run_python):
    (source,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "enumerate_states" in code]
    assert run_python(source).startswith("57 0.0 {(0,):")


@pytest.mark.slow
def test_a_finer_grid_is_another_and_larger_game():
    found = solved("corner", frame_skip=12)
    assert len(found.states) > 5 * len(solved("corner").states)
    assert found.gap < 1e-9
    assert found.value == pytest.approx(0.003789, abs=1e-6)


def test_hidden_information_is_found_where_it_is_denied():
    """Kuhn poker that calls its history public: two deals look alike to who holds the same card."""
    from dataclasses import replace

    with pytest.raises(ExactError, match=r"classic/kuhn has hidden information: [\d,]+ times two states"):
        enumerate_states(replace(arenas.make_game("classic/kuhn"), public_history=True))


# --- policies ---


def test_the_control_is_what_the_best_response_wins():
    states = solved("last-round").states
    policy = UniformPolicy()
    judged = judge_in_states(states, [policy])
    assert [best_response_gain(states, policy, side) for side in (1, 0)] == pytest.approx(
        judged.best_responses, abs=1e-12
    )
    assert exploiter_control("last-round", policy, 1) == pytest.approx(judged.best_responses[0], abs=1e-12)
    assert judged.exploitability > 0.01


def test_who_guards_low_is_thrown():
    """The gain of a best response in the corner, played out: the throw's damage and what it can add to it."""
    policy = ConstantPolicy([2])  # guard low
    gain = best_response_gain(solved("corner").states, policy, 1)
    game = slice_game("corner")
    batch, throw = Batch(game, 1, auto_reset=False), game.action.slots[0].choices.index("throw")
    while not batch.done[0]:
        batch.step(np.array([[[throw], [2]]]))
    assert gain >= batch.utility[0, 0] > 0.1


def test_a_bot_is_judged_and_the_answer_says_how():
    states = solved("last-round").states
    few, more = (judge_in_states(states, [BotPolicy("turtle")], samples=n, seed=1) for n in (8, 16))
    for judged in (few, more):
        assert judged.estimated
        assert judged.from_above
        assert 0 < judged.exploitability <= 1


class Semantic(Policy):
    """A policy of whole fights that always does one thing."""

    name = "semantic"

    def __init__(self, *action):
        self.action = action

    def probabilities(self, observation, mask, state):
        told = np.zeros(mask.shape)
        for slot, choice in enumerate(self.action):
            told[:, slot, choice] = 1
        return told, state


@pytest.mark.parametrize(
    ("action", "choice"),
    [((0, 0, 0), "wait"), ((8, 0, 0), "guard low"), ((1, 3, 2), "overhead"), ((2, 4, 0), "throw"),
     ((0, 6, 1), "special 2"), ((4, 3, 0), "low straight"), ((3, 0, 0), "backdash")],
)  # fmt: skip
def test_a_policy_of_whole_fights_does_in_a_slice_what_it_does_there(action, choice):
    """Or its stand-in: the corner has no sweep and no upward jump."""
    game = slice_game("corner")
    one = ConstantPolicy([game.action.slots[0].choices.index(choice)])
    states = solved("corner").states
    meant, said = (judge_in_states(states, [policy]) for policy in (InSlice(Semantic(*action), game), one))
    assert meant.best_responses == pytest.approx(said.best_responses, abs=1e-12)


# --- the command ---


def test_the_figures_of_a_slice(tmp_path):
    whole = arenas.make_game("fight", delay=0)
    save_policy(
        tmp_path / "net.safetensors", NetworkPolicy(ActorCritic(NetworkConfig.of(whole, hidden=(8,)), 1)), whole
    )
    members = ["uniform", tmp_path / "net.safetensors"]
    picture = tmp_path / "mix.svg"
    words = ["fight", "--slice", "last-round", "--picture", picture, "--json"]
    found = json.loads(call(*words, *(word for name in members for word in ("--member", name))))
    same = solved("last-round")
    assert found["states"] == len(same.states)
    assert found["value"] == pytest.approx(same.value, abs=1e-12)
    assert found["options"]["slice"] == "last-round"
    assert sum(found["roots"][0]["first"].values()) == pytest.approx(1)
    assert [row["name"] for row in found["members"]] == list(map(str, members))
    for row in found["members"]:
        assert row["exploitability"] == pytest.approx(sum(row["best_responses"]) / 2)
        assert row["estimated"] == []
    assert found["members"][0]["exploitability"] == pytest.approx(found["uniform_exploitability"])
    assert "guard low" in picture.read_text()


def test_the_tables_for_people():
    said = call("classic/goofspiel", "-o", "cards=3", "--states", "--member", "uniform")
    for words in ("by states", "57", "0.000000000", "exact", "a match begins"):
        assert words in said


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["fight", "--slice", "cornr"], arenas.arena.IllegalOption, "corner"),
        (["classic/kuhn", "--states"], ExactError, "hidden information"),
        (["classic/kuhn", "--picture", "x.svg"], typer.BadParameter, "--picture needs --states or --slice"),
        (["classic/blotto", "--states", "--picture", "x.gif"], ExactError, "ends in .svg or .png"),
        (["classic/blotto", "--states", "--curve", "cfr"], typer.BadParameter, "are of histories"),
        (["classic/blotto", "--states", "--member", "unifrom"], PolicyError, "did you mean 'uniform'"),
        (["classic/tic-tac-toe", "--states", "--limit", "100"], ExactError, "the limit is 100"),
    ],
)
def test_what_the_command_refuses(words, error, said):
    with pytest.raises(error, match=said):
        call(*words)


def test_a_policy_of_another_game_is_refused(tmp_path):
    delayed = arenas.make_game("fight")
    save_policy(
        tmp_path / "net.safetensors", NetworkPolicy(ActorCritic(NetworkConfig.of(delayed, hidden=(8,)), 1)), delayed
    )
    with pytest.raises(typer.BadParameter, match=r"for a slice whole fights with delay=0"):
        call("fight", "--slice", "corner", "--member", tmp_path / "net.safetensors")


# --- the solution as a player ---


def test_the_solution_as_a_player_cannot_be_exploited_and_plays_the_mix_it_tells():
    found = solved("last-round")
    player = SolutionPolicy(found)
    assert judge_in_states(found.states, [player]).exploitability == pytest.approx(0, abs=1e-9)
    batch = Batch(found.states.game, 2000, seed=0, threads=1)
    for side in range(2):
        seen, legal, memory = batch.observations[:, side], batch.masks[:, side], player.initial_state(2000)
        told = player.probabilities(seen, legal, memory)[0][0, 0]
        assert {(c,): told[c] for c in np.flatnonzero(told)} == pytest.approx(
            {choice: share for choice, share in found.mix(side, int(found.states.start[0])).items() if share}
        )
        actions = player.act(seen, legal, memory, np.random.default_rng(side))[0]
        assert np.bincount(actions[:, 0], minlength=len(told)) / 2000 == pytest.approx(told, abs=0.04)


def test_beyond_what_was_solved_the_solution_plays_evenly():
    player, game = SolutionPolicy(solved("last-round")), slice_game("last-round")
    mask = np.zeros((1, 1, game.action.choices), np.uint8)
    mask[0, 0, [1, 4]] = 1
    told = player.probabilities(np.full((1, game.observation.size), 7, np.float32), mask, player.initial_state(1))[0]
    assert told[0, 0].tolist() == [0.5 * allowed for allowed in mask[0, 0]]
    assert SolutionPolicy(solved("last-round")).policy_hash == player.policy_hash
    assert SolutionPolicy(solved("wake-up")).policy_hash != player.policy_hash


def test_a_game_of_several_slots_is_no_solutions_player():
    states = States(arenas.make_game("fight"), *[None] * (len(States.__dataclass_fields__) - 1))
    with pytest.raises(PolicyError, match="fight has 3 slots"):
        SolutionPolicy(Solved(states, *[None] * (len(Solved.__dataclass_fields__) - 1)))
