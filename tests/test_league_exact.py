"""Leagues with exact responses and exact payoffs: the same loop reproduces what is known of them, digit for digit."""

import numpy as np
import pytest
from exact_games import Silent
from league_runs import Said, members, rows, settings

from kumite import arenas
from kumite.agents import resolve
from kumite.agents.policy import MixturePolicy, PolicyError, UniformPolicy
from kumite.agents.table import TablePolicy, load_table, save_table
from kumite.eval.exact import FictitiousPlay
from kumite.league.config import LeagueError, load_scheme
from kumite.league.exact import ExactError
from kumite.league.exact.book import Book
from kumite.league.matchmaking import Meta, judged
from kumite.league.run import Run
from kumite.league.status import run_status
from kumite.league.trainer import Trainer


def exact_settings(scheme, **overrides):
    """A scheme, its responses and payoffs computed."""
    given = {"learner": "exact", "payoffs": "exact", "gate": "none", "tensorboard": False, "threads": 1, "pairs": 2}
    config = settings(scheme)
    return config.changed({**given, **overrides})


def league(folder, arena, scheme, options=None, **overrides):
    """A run trained to its end, what it said, and how exploitable what it is judged by was before each iteration."""
    said = Said()
    run = Run.create(folder, arena, options or {}, exact_settings(scheme, **overrides))
    Trainer(run, said).train()
    curve, book = [], Book(run.game)
    for _, _, data in run.store.events("meta"):
        verdict = judged(run.config, Meta.from_json(data))
        sides = zip(run.populations, verdict.names, verdict.mixtures, strict=True)
        policies = [population.mixture(names, mix) for population, names, mix in sides]
        curve.append(book.exploitability(policies[0], policies[-1]))
    return run, said, curve


def test_double_oracle_solves_kuhn_within_12_responses(tmp_path):
    run, said, curve = league(
        tmp_path / "run", "classic/kuhn", "double-oracle", iterations=14, gate="lower-bound", patience=1
    )
    with run:
        joined = [len(population.players) - 1 for population in run.populations]
        assert max(joined) <= 12
        assert curve[0] == pytest.approx(11 / 24)
        assert curve[-1] < 1e-9
        assert Meta.from_json(run.store.events("meta")[-1][2]).value == pytest.approx(-1 / 18, abs=1e-9)
        assert run.store.game_count() == 0  # nothing was left to chance
        payoff = run_status(run)["payoff"]
        assert (payoff["rows"], np.shape(payoff["mean"])) == (run.populations[0].names, (joined[0] + 1, joined[1] + 1))
        assert said.lines[-1] == "no best response gained anything for 1 iterations: the mixture is an equilibrium"


def test_the_uniform_meta_solver_is_extensive_form_fictitious_play(tmp_path):
    """Given the same responses: both take the lowest of equal choices."""
    run, _, curve = league(tmp_path / "run", "classic/kuhn", "fictitious-play", iterations=12)
    book = Book(run.game)
    expected = FictitiousPlay(book.tree.form)
    with run:
        names = [population.names for population in run.populations]
        for number in range(13):
            members = [run.populations[side].mixture(names[side][: number + 1], np.ones(number + 1)) for side in (0, 1)]
            plans = [book.plan(side, policy) for side, policy in enumerate(members)]
            for plan, average in zip(plans, expected.average(), strict=True):
                np.testing.assert_allclose(plan, average, atol=1e-12)
            assert curve[number] == pytest.approx(book.tree.form.exploitability(expected.average()), abs=1e-12)
            expected.iterate()
    assert curve[1] == pytest.approx(0.3125)


def test_answering_the_latest_alone_never_converges(tmp_path):
    run, _, curve = league(tmp_path / "run", "classic/kuhn", "independent", iterations=20)
    run.close()
    assert min(curve) >= 1 / 6 - 1e-9
    assert max(curve[-6:]) > 0.3


def test_independent_learners_go_round_in_rock_paper_scissors(tmp_path):
    """Even play is met by rock, rock by paper, paper by scissors: the latest is always beaten by somebody, always."""
    run, _, curve = league(tmp_path / "run", "classic/matrix", "independent", iterations=9)
    with run:
        played = [player.policy.action[0, 0] for player in run.populations[0].players[1:]]
        assert set(played) == {0, 1, 2}
        assert played[3:] == played[:-3] or len(set(played[-6:])) == 3
    assert curve[1:] == pytest.approx([1.0] * 9)


def test_one_population_of_a_symmetric_game_finds_its_equilibrium(tmp_path):
    """Goofspiel with three cards: a table plays both seats, and the payoffs mirror each other."""
    given = {"iterations": 30, "gate": "lower-bound", "patience": 1}
    run, said, curve = league(tmp_path / "run", "classic/goofspiel", "double-oracle", {"cards": 3}, **given)
    with run:
        assert run.count == 1
        payoff = Meta.from_json(run.store.events("meta")[-1][2]).payoff
        np.testing.assert_array_equal(payoff, -payoff.T)
        assert "the mixture is an equilibrium" in said.lines[-1]
    assert curve[-1] < 1e-8


def test_exact_leagues_repeat_themselves_and_go_on_after_a_stop(tmp_path):
    first, _, _ = league(tmp_path / "a", "classic/kuhn", "double-oracle", iterations=4)
    second, _, _ = league(tmp_path / "b", "classic/kuhn", "double-oracle", iterations=2)
    second.extend(4)
    Trainer(second).train()
    assert members(first) == members(second)
    assert rows(tmp_path / "a") == []


# --- tables ---


def test_a_table_plays_what_its_plan_says(tmp_path):
    game = arenas.make_game("classic/leduc")
    book = Book(game)
    response = book.respond(UniformPolicy(), 1)
    form = book.tree.form
    best = form.sides[1].best_value(form.gradient(1, form.uniform()[0]))
    assert -book.value(UniformPolicy(), response) == pytest.approx(best, abs=1e-12)


def test_a_table_survives_its_file(tmp_path):
    game = arenas.make_game("classic/kuhn")
    response = Book(game).respond(UniformPolicy(), 0)
    save_table(tmp_path / "best.safetensors", response, game)
    again = resolve(str(tmp_path / "best.safetensors"), game)
    assert isinstance(again, TablePolicy)
    assert again.policy_hash == response.policy_hash
    with pytest.raises(PolicyError, match="one way of acting"):
        resolve(f"{tmp_path / 'best.safetensors'}@greedy", game)
    with pytest.raises(PolicyError, match="this game is classic/leduc"):
        load_table(tmp_path / "best.safetensors", arenas.make_game("classic/leduc"))


def test_beyond_its_table_a_policy_takes_everything_alike():
    game = arenas.make_game("classic/kuhn")
    response = Book(game).respond(UniformPolicy(), 0)
    told, memory = response.probabilities(
        np.full((1, game.observation.size), 9, np.float32), np.ones((1, 1, 2), np.uint8), response.initial_state(1)
    )
    np.testing.assert_array_equal(told, [[[0.5, 0.5]]])
    assert memory[0, 0] == -1


# --- what is refused ---


def test_nothing_exact_is_said_of_a_policy_that_cannot_say_its_probabilities():
    book = Book(arenas.make_game("classic/kuhn"))
    with pytest.raises(ExactError, match="cannot say its probabilities"):
        book.plan(0, MixturePolicy([UniformPolicy(), Silent(UniformPolicy())]))


@pytest.mark.parametrize(
    ("scheme", "given", "message"),
    [
        ("self-play", {"learner": "exact"}, "'self' has nobody"),
        ("prioritised", {"payoffs": "exact"}, "needs win rates"),
        ("alphastar", {"payoffs": "exact"}, "needs win rates"),
        ("alphastar", {"learner": "exact"}, "trains its learners on"),
        ("regularised", {"pairs": 10}, "self-play without a payoff table"),
        ("double-oracle", {"judged_by": "main"}, "which has main agents"),
        ("alphastar", {"gate": "lower-bound"}, "rules of its own"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(scheme, given, message):
    with pytest.raises(LeagueError, match=message):
        load_scheme(scheme, given)
