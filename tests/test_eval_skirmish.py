"""The tables of the skirmish arena: what their figures are made of, and the commands that print them."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from kumite import arenas
from kumite.agents.networks import taste
from kumite.agents.policy import BotPolicy, ConstantPolicy, UniformPolicy
from kumite.agents.ppo import PPOConfig
from kumite.cli import app
from kumite.eval import skirmish
from kumite.eval.skirmish import Meeting, meet, scores

TINY = PPOConfig(matches=16, horizon=8, minibatch=128, hidden=(16, 16), threads=1, network="auto", shaping=1.0)


@pytest.fixture
def tiny(monkeypatch):
    """Every scenario is trained for an instant."""
    for table in (skirmish.MINIGAMES, skirmish.COMMANDER, skirmish.MICRO):
        for name, recipe in table.items():
            settings = replace(TINY, outcome=recipe.settings.outcome)
            monkeypatch.setitem(table, name, replace(recipe, settings=settings))


def silent(*_):
    """Says nothing about training."""


def test_every_scenario_has_a_row_in_one_of_the_tables():
    micro = [name for name in skirmish.MICRO if arenas.make_game("skirmish", scenario=name).sides == 2]
    solo = [name for name in skirmish.MINIGAMES if arenas.make_game("skirmish", scenario=name).sides == 1]
    assert micro == [*skirmish.MICRO]
    assert solo == [*skirmish.MINIGAMES] == [*skirmish.PUBLISHED]


def test_commanders_are_trained_on_two_minigames_with_a_taste_for_functions_that_are_there():
    assert len(skirmish.COMMANDER) >= 2
    for name, recipe in skirmish.COMMANDER.items():
        game = arenas.make_game("skirmish", scenario=name, **recipe.options)
        assert name in skirmish.MINIGAMES
        assert taste(game, recipe.settings.lean)[0].count_nonzero() == 3


def test_a_score_is_the_games_own_and_the_same_again():
    game = arenas.make_game("skirmish", scenario="move-to-beacon")
    script, again = (scores(game, BotPolicy("attack-move"), 8, seed=3) for _ in range(2))
    assert script == again
    assert 20 < script.mean < 35  # the map is calibrated to 26 to 28 beacons for a straight line
    assert script.mean <= script.best <= 40
    assert scores(game, ConstantPolicy([0]), 8, seed=3).mean == 0


def test_a_meeting_counts_pairs_and_equal_policies_are_even():
    game = arenas.make_game("skirmish", scenario="3m")
    even = meet(game, BotPolicy("attack-move"), UniformPolicy(), 12, seed=5)
    assert (even.row, even.column, even.pairs) == ("attack-move", "uniform", 12)
    assert even.rate > 0.7
    assert even.lower is not None
    assert even.lower <= even.rate
    against = meet(game, UniformPolicy(), BotPolicy("attack-move"), 12, seed=5)
    assert against.rate == pytest.approx(1 - even.rate)


def test_a_meeting_of_copies_has_no_interval(monkeypatch):
    """As of two policies that leave nothing to chance where the game does not either."""
    game = arenas.make_game("skirmish", scenario="3m")
    play = skirmish.play_keys

    def copied(*words, **options):
        for records in play(*words, **options):
            yield [replace(record, trajectory="the same") for record in records]

    monkeypatch.setattr(skirmish, "play_keys", copied)
    found = meet(game, BotPolicy("attack-move"), UniformPolicy(), 12, seed=5)
    assert (found.lower, found.upper, found.distinct) == (None, None, 1)
    assert not found.split


@pytest.mark.parametrize(
    ("blind", "trained", "note"),
    [
        ((0.1, 0.05), (0.8, 0.7), ""),
        ((0.4, 0.3), (0.8, 0.7), "open-loop wins often"),
        ((0.1, 0.05), (0.6, 0.49), "trained does not beat attack-move"),
        ((0.5, None), (0.5, None), "trained does not beat attack-move; open-loop wins often"),
        ((0.5, 0.49), (0.5, 0.49), "trained does not beat attack-move; who has which army decides"),
        ((0.5, 0.49), (0.8, 0.78), "open-loop wins often"),
    ],
)
def test_a_scenario_says_what_speaks_against_it(blind, trained, note):
    found = {
        name: Meeting(name, "attack-move", rate, lower, None if lower is None else 2 * rate - lower, 10, 10)
        for name, (rate, lower) in (("open-loop", blind), ("trained", trained))
    }
    assert skirmish._note(found) == note


@pytest.mark.usefixtures("tiny")
def test_a_row_of_each_table_is_trained_once_and_then_read(tmp_path, monkeypatch):
    battle = skirmish.battle("3m", tmp_path, steps=200, seeds=2, pairs=6, trained=silent)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert len(kept) == 4
    assert battle.seeds == 2
    row = skirmish.minigame("move-to-beacon", tmp_path, steps=200, matches=4, trained=silent)
    assert len([*tmp_path.iterdir()]) == 5
    assert row.normalised[0] == pytest.approx(
        (row.trained[0].mean - row.random.mean) / (row.script.mean - row.random.mean)
    )
    assert (row.note == "") == (row.normalised[0] >= skirmish.AIM)

    monkeypatch.setattr(skirmish, "PPO", None)  # would fail if anything were trained
    assert skirmish.battle("3m", tmp_path, steps=200, seeds=2, pairs=6, trained=silent) == battle
    assert skirmish.minigame("move-to-beacon", tmp_path, steps=200, matches=4, trained=silent) == row


@pytest.mark.usefixtures("tiny")
def test_a_policy_kept_from_other_options_is_not_taken(tmp_path, monkeypatch):
    for options in ({}, {"frame_skip": 4}):
        recipe = replace(skirmish.MINIGAMES["move-to-beacon"], options=options)
        monkeypatch.setitem(skirmish.MINIGAMES, "move-to-beacon", recipe)
        skirmish.minigame("move-to-beacon", tmp_path, steps=200, matches=4, trained=silent)
    assert len([*tmp_path.iterdir()]) == 2


@pytest.mark.usefixtures("tiny")
def test_the_commands_print_tables_and_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        done = CliRunner().invoke(app, ["skirmish", *words], standalone_mode=False)
        if done.exception:
            raise done.exception
        return done.stdout

    sizes = ("--steps", "200", "--out", "kept")
    out = call("minigames", "move-to-beacon", "--matches", "4", *sizes)
    assert "| `move-to-beacon` |" in out
    assert "not comparable" in out
    values = json.loads(call("micro", "3m", "--pairs", "6", *sizes, "--json"))
    assert [row["scenario"] for row in values] == ["3m"]
    assert values[0]["trained"]["pairs"] == 6
    assert "| `3m` |" in call("micro", "3m", "--pairs", "6", *sizes)
    with pytest.raises(Exception, match="did you mean 'move-to-beacon'"):
        call("minigames", "move-to-bacon")


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_a_row_through_the_commanders_interface_is_trained_once_and_then_read(tmp_path, monkeypatch):
    row = skirmish.minigame("move-to-beacon", tmp_path, commander=True, steps=200, matches=4, trained=silent)
    assert [path.name.startswith("commander-move-to-beacon-") for path in tmp_path.iterdir()] == [True]
    assert row.script_by == "attack-move"
    monkeypatch.setattr(skirmish, "PPO", None)  # would fail if anything were trained
    again = skirmish.minigame("move-to-beacon", tmp_path, commander=True, steps=200, matches=4, trained=silent)
    assert again == row


@pytest.mark.slow
def test_ppo_learns_to_walk_to_beacons_and_to_beat_random_play(tmp_path):
    row = skirmish.minigame("move-to-beacon", tmp_path, steps=1_000_000, matches=32, trained=silent)
    assert row.normalised[0] > 0.5
    game = arenas.make_game("skirmish", scenario="3m")
    policy, _ = skirmish.learn(game, "3m", skirmish.MICRO["3m"], UniformPolicy(), tmp_path, 500_000, 1, silent)
    assert meet(game, policy, UniformPolicy(), 100, seed=1).rate > 0.9
    assert np.isfinite(meet(game, policy, BotPolicy("attack-move"), 50, seed=1).rate)


@pytest.mark.slow
def test_ppo_learns_to_point_at_beacons(tmp_path):
    row = skirmish.minigame("move-to-beacon", tmp_path, commander=True, steps=1_000_000, matches=32, trained=silent)
    assert row.normalised[0] > 0.5
