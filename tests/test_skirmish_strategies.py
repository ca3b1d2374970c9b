"""Skirmish: the scripted strategies of the full game: what they do, and that no one of them is best."""

import json
from pathlib import Path

import numpy as np
import pytest
from skirmish_field import FINE, ROWS, kind_of

from kumite import arenas
from kumite.arenas.skirmish.balance import STRATEGIES as ENTERED
from kumite.arenas.skirmish.balance import played, table
from kumite.arenas.skirmish.balance import wanted as meetings
from kumite.arenas.skirmish.bots import BOTS, Bot
from kumite.arenas.skirmish.content import default_content
from kumite.arenas.skirmish.strategy import STANDARD
from kumite.eval.cycles import significant_cycles
from kumite.eval.ratings import Results

README = Path(arenas.__file__).parent / "skirmish" / "README.md"
STRATEGIES = BOTS[Bot.FIRST_STRATEGY :]
CYCLE = ("early-rush", "fast-expand", "turtle-tech")
"""Each beats the next, and the last the first."""


def play(first, second, matches, seconds, map_name="causeway", seed=11):
    """Matches of two scripts, played so long."""
    options = {"scenario": "full", "map": map_name, "auto_reset": False}
    batch = arenas.make_batch("skirmish", matches=matches, seed=seed, opponents={0: first, 1: second}, **options)
    batch.rollout_random(16 * seconds)
    return batch


def count(batch, side, name):
    """How many of a kind a side has, by match."""
    return (batch.state.unit["kind"][:, side * ROWS : (side + 1) * ROWS] == kind_of(name)).sum(axis=1)


def test_the_rows_of_the_file_are_the_scripts():
    names = list(default_content().strategies)
    assert (*STRATEGIES, "standard") == tuple(names)
    assert names[STANDARD] == "standard"


def test_every_plan_can_be_carried_out():
    """Whatever a strategy wants is on offer, and what it needs stands before it in its plan."""
    content = default_content()
    makes = content.scenarios["full"].makes
    for name, strategy in content.strategies.items():
        there = {"scv", "command-center", "supply-depot"}
        for wanted in [*[goal for goal, _ in strategy.goals], *dict(strategy.mix)]:
            unit = content.units[wanted]
            assert wanted in makes, name
            assert {unit.by, unit.needs} - {""} <= there, (name, wanted)
            there.add(wanted)


@pytest.mark.parametrize("name", BOTS)
def test_scripts_choose_only_what_they_may(name):
    batch = play(name, "early-rush", 4, 200)
    assert not batch.bot_illegal.any()


def test_strategies_build_what_their_plans_say():
    batch = play("turtle-tech", "fast-expand", 2, 240)
    assert (count(batch, 0, "bunker") >= 1).all()
    assert (count(batch, 0, "factory") >= 1).all()
    assert (count(batch, 1, "command-center") == 2).all()
    assert (count(batch, 1, "scv") > 16).all()
    assert (batch.state.gathered > 1500).all()


def test_a_worker_rush_arrives_early():
    """With ten workers after 75 s in about half of the matches; in the others the dice made it look elsewhere first."""
    early = play("worker-rush", "fast-expand", 32, 75)
    workers = early.state.unit[:, :ROWS]
    arrived = ((workers["kind"] == kind_of("scv")) & (workers["x"] > 10 * FINE)).sum(axis=1)
    fallen = early.state.score[:, 1] // 50
    assert (arrived + fallen >= 8).sum() >= 10
    assert (count(early, 0, "scv") >= 4).all()


def test_dice_vary_the_plan():
    """The same two strategies do not play one match again and again: when they go and where they look differs."""
    batch = play("fast-expand", "early-rush", 16, 300)
    assert len({state.tobytes() for state in batch.state.unit}) == 16
    assert len(set(batch.state.whim[:, 0].tolist())) > 8


FIGURES = json.loads((Path(__file__).parent / "data" / "skirmish_payoff.json").read_text())
"""What `python -m kumite.arenas.skirmish.balance --out tests/data/skirmish_payoff.json` found."""


def results(names, cells):
    """Cells of pairs as `eval` counts them, both maps together."""
    rows = [
        (names.index(cell["first"]), names.index(cell["second"]), quarter / 4)
        for cell in cells
        for quarter, count in enumerate(cell["quarters"])
        for _ in range(count)
    ]
    return Results.from_scores(names, *zip(*rows, strict=True), games_per_unit=2)


def last(cells):
    """A cell when all its games are played."""
    *_, cell = cells
    return cell


def circles(found):
    """Members of the cycles that are surely there, from any of them on."""
    return [set(cycle.members) for cycle in found]


def test_the_kept_payoffs_have_the_circle():
    """No strategy is best: each of three beats the next at 95 %, all edges together."""
    found = results(ENTERED, FIGURES["cells"])
    assert set(CYCLE) in circles(significant_cycles(found))
    rate, games = found.rate(), found.units * found.games_per_unit
    for first, second in zip(CYCLE, (*CYCLE[1:], CYCLE[0]), strict=True):
        i, j = ENTERED.index(first), ENTERED.index(second)
        assert rate[i, j] > 0.5
        assert games[i, j] >= 240


def test_all_strategies_have_met_and_know_more_than_chance():
    found = results(ENTERED, FIGURES["cells"])
    assert len(found.edges()[0]) == len(ENTERED) * (len(ENTERED) - 1) // 2
    chance = ENTERED.index("random-biased")
    assert np.delete(found.rate()[chance], chance).max() < 0.5


def test_the_kept_payoffs_are_those_of_the_readme():
    assert table(FIGURES["cells"], ENTERED) in README.read_text()


@pytest.mark.slow
def test_the_strategies_beat_each_other_in_a_circle():
    """Played afresh, 80 games a cell, from other seeds than the kept figures."""
    cells = [last(played(cell, 20, seed=1000)) for cell in meetings(CYCLE)]
    assert circles(significant_cycles(results(CYCLE, cells))) == [set(CYCLE)]


@pytest.mark.slow
def test_the_kept_payoffs_can_be_played_again():
    """A cell of the file, bit for bit."""
    kept = min(FIGURES["cells"], key=lambda cell: sum(cell["quarters"]))
    again = {name: value for name, value in kept.items() if name != "quarters"}
    assert last(played(again, sum(kept["quarters"]), FIGURES["seed"])) == kept
