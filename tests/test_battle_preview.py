"""The team preview as a matrix game: every pick once, cells that add up, and an equilibrium that cannot be beaten."""

import numpy as np
import pytest

from kumite import agents, arenas
from kumite.arenas.battle.state import NOBODY
from kumite.eval.playing import EvaluationError
from kumite.eval.preview import all_picks, preview_matrix


@pytest.mark.parametrize(("form", "count", "brought"), [("doubles", 90, 4), ("singles3", 60, 3), ("singles6", 6, 1)])
def test_every_pick_is_there_once(form, count, brought):
    picks = all_picks(arenas.make_game("battle", format=form))
    assert len(set(picks)) == len(picks) == count
    assert all(len(set(pick)) == brought for pick in picks)


def test_the_leads_of_a_mirrored_team_are_a_matrix_game():
    game = arenas.make_game("battle", format="singles6", teams="4")
    bot = agents.resolve("damage", game)
    found = preview_matrix(game, bot, bot, (2, 2), games=20, seed=1, threads=1)
    assert found.outcome.shape == (6, 6, 20)
    row, column = found.solution.row, found.solution.column
    assert (row @ found.payoff >= found.solution.value - 1e-6).all()
    assert (found.payoff @ column <= found.solution.value + 1e-6).all()
    assert found.lower <= found.upper
    assert abs(found.solution.value) < 0.35  # the same team and player on both sides: 0 but for the sampling
    cell = found.cell(0, 5)
    assert cell.lower <= found.payoff[0, 5] <= cell.upper
    again = preview_matrix(game, bot, bot, (2, 2), games=20, seed=1, threads=1)
    assert np.array_equal(again.outcome, found.outcome)


def test_a_pick_is_who_comes():
    game = arenas.make_game("battle", teams="1")
    batch = arenas.make_batch("battle", matches=90, teams="1", auto_reset=False)
    chosen = np.array(all_picks(game))
    for first in (0, 2):
        batch.step(np.repeat(1 + chosen[:, None, first : first + 2], 2, axis=1))
    place = batch.state.mon["place"][:, :6]
    assert [sorted(np.flatnonzero(row != NOBODY)) for row in place] == [sorted(pick) for pick in chosen.tolist()]
    assert [sorted(np.flatnonzero((row == 0) | (row == 1))) for row in place] == [
        sorted(p[:2]) for p in chosen.tolist()
    ]


def test_other_arenas_and_single_games_are_refused():
    example = arenas.make_game("example")
    uniform = agents.resolve("uniform", example)
    with pytest.raises(EvaluationError, match="example has no team preview"):
        preview_matrix(example, uniform, uniform)
    with pytest.raises(EvaluationError, match="games = 1: expected 2 or more"):
        preview_matrix(arenas.make_game("battle"), uniform, uniform, games=1)
