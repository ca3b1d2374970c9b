"""The payoff table: mirrored cells, unplayed cells, pairs as the unit, and its form as rows."""

import numpy as np
import pytest

from kumite.league.payoff import Missing, PayoffTable
from kumite.league.solvers import PayoffError, solve_symmetric


@pytest.fixture
def table() -> PayoffTable:
    """Three members of a symmetric game; rock has met paper and scissors, paper and scissors have not met."""
    table = PayoffTable(["rock", "paper", "scissors"])
    table.add("rock", "paper", [[-1, -1], [-1, 1], [0, -1]])
    table.add("rock", "scissors", [[1, 1], [1, 0]])
    return table


def test_a_cell_counts_games_wins_draws_and_utility_for_the_row(table):
    cell = table.cells[0, 1]
    assert (cell["games"], cell["wins"], cell["draws"], cell["pairs"]) == (6, 1, 1, 3)
    assert (cell["utility"], cell["utility_squares"]) == (-3, 5)
    assert cell["pair_squares"] == pytest.approx(1 + 0 + 0.25)
    assert cell["point_squares"] == pytest.approx(0 + 0.25 + 0.0625)


def test_the_mirrored_cell_is_what_the_other_member_would_have_recorded(table):
    other = PayoffTable(["rock", "paper"])
    other.add("paper", "rock", [[1, 1], [1, -1], [0, 1]])
    assert table.cells[1, 0] == other.cells[1, 0]
    assert table.cells[0, 1] == other.cells[0, 1]


def test_adding_from_either_side_adds_to_one_record(table):
    table.add("paper", "rock", [[1, 1]])
    assert table.cells["games"][0, 1] == table.cells["games"][1, 0] == 8
    assert table.mean()[0, 1] == -table.mean()[1, 0] == pytest.approx(-5 / 8)


def test_unplayed_is_unplayed_and_the_diagonal_is_even_by_symmetry(table):
    mean, rate = table.mean(), table.win_rate()
    assert np.isnan(mean[1, 2])
    assert np.isnan(rate[2, 1])
    np.testing.assert_array_equal(np.diag(mean), 0)
    np.testing.assert_array_equal(np.diag(rate), 0.5)
    assert (table.cells["games"].diagonal() == 0).all()
    with pytest.raises(PayoffError, match=r"first \(1, 2\)"):
        solve_symmetric("nash", mean)


def test_a_complete_table_solves(table):
    table.add("paper", "scissors", [[-1, -1]])
    assert solve_symmetric("nash", table.mean()).gap < 1e-9


def test_standard_error_counts_pairs_not_games(table):
    pair_scores = np.array([-1, 0, -0.5])
    assert table.standard_error()[0, 1] == pytest.approx(pair_scores.std(ddof=1) / np.sqrt(3))
    assert table.standard_error()[1, 0] == table.standard_error()[0, 1]
    # The same games as singles: another unit, another error.
    singles = PayoffTable(["rock", "paper"], games_per_pair=1)
    singles.add("rock", "paper", [-1, -1, -1, 1, 0, -1])
    assert singles.mean()[0, 1] == table.mean()[0, 1]
    assert singles.standard_error()[0, 1] == pytest.approx(np.std([-1, -1, -1, 1, 0, -1], ddof=1) / np.sqrt(6))


def test_one_pair_has_no_standard_error():
    table = PayoffTable(["a", "b"])
    table.add("a", "b", [[1, -1]])
    assert np.isnan(table.standard_error()[0, 1])


def test_seats_that_decide_every_game_leave_no_spread_between_pairs():
    table = PayoffTable(["a", "b"])
    table.add("a", "b", np.tile([1, -1], (50, 1)))
    assert table.mean()[0, 1] == 0
    assert table.standard_error()[0, 1] == 0


def test_utility_need_not_be_the_outcome():
    chips = PayoffTable(["a"], ["b"], games_per_pair=1)
    chips.add("a", "b", [2.0, -1.0, 0.5], outcome=[1, -1, 0])
    assert chips.mean()[0, 0] == pytest.approx(0.5)
    assert chips.win_rate()[0, 0] == 0.5
    assert chips.cells["draws"][0, 0] == 1


def test_two_populations_have_no_mirror_and_a_diagonal_of_their_own():
    table = PayoffTable(["left"], ["left", "right"], games_per_pair=1)
    table.add("left", "left", [1, 1, -1])
    np.testing.assert_allclose(table.mean(), [[1 / 3, np.nan]])
    assert table.missing(3) == [Missing("left", "right", 3)]
    table.add_member("late", population=1)
    assert table.cells.shape == (1, 3)
    table.remove_member("left", population=1)
    assert table.columns == ["right", "late"]
    assert table.rows == ["left"]
    assert np.isnan(table.mean()).all()


def test_missing_names_each_cell_once_with_what_it_lacks(table):
    assert table.missing(3) == [Missing("rock", "scissors", 1), Missing("paper", "scissors", 3)]
    assert table.missing(0) == []
    assert PayoffTable(["alone"]).missing(10) == []


def test_members_come_and_go_without_disturbing_the_others(table):
    before = table.cells[0, 1].copy()
    table.add_member("well")
    assert table.cells.shape == (4, 4)
    assert table.cells[0, 1] == before
    assert [m.row for m in table.missing(1)] == ["rock", "paper", "paper", "scissors"]
    table.remove_member("scissors")
    assert table.rows == table.columns == ["rock", "paper", "well"]
    assert table.cells[0, 1] == before
    assert table.cells["games"].sum() == 12


def test_rows_carry_the_whole_table(table):
    rows = table.to_rows()
    assert [(r["row"], r["column"], r["games"]) for r in rows] == [("rock", "paper", 6), ("rock", "scissors", 4)]
    back = PayoffTable.from_rows(rows, table.rows)
    np.testing.assert_array_equal(back.cells, table.cells)
    assert all(isinstance(v, (str, int, float)) for r in rows for v in r.values())


def test_rows_split_into_halves_add_up_to_the_same_table(table):
    first, second = PayoffTable(table.rows), PayoffTable(table.rows)
    first.add("rock", "paper", [[-1, -1]])
    second.add("paper", "rock", [[1, -1], [0, 1]])
    second.add("rock", "scissors", [[1, 1], [1, 0]])
    both = PayoffTable.from_rows(first.to_rows() + second.to_rows(), table.rows)
    np.testing.assert_array_equal(both.cells, table.cells)


def test_the_repr_counts_each_game_once(table):
    assert repr(table) == "PayoffTable(3 members, 10 games)"


def test_wrong_uses_are_refused(table):
    with pytest.raises(ValueError, match="0 by symmetry"):
        table.add("rock", "rock", [[1, -1]])
    with pytest.raises(KeyError, match="did you mean 'scissors'"):
        table.add("rock", "scisors", [[1, -1]])
    with pytest.raises(ValueError, match="already in this population"):
        table.add_member("rock")
    with pytest.raises(ValueError, match="one population"):
        table.add_member("paper", population=1)
    with pytest.raises(ValueError, match="must be finite"):
        table.add("rock", "paper", [[1, np.nan]])
    with pytest.raises(ValueError, match="an outcome is"):
        table.add("rock", "paper", [[1, -1]], outcome=[[2, -1]])
    with pytest.raises(ValueError, match="games_per_pair=3"):
        PayoffTable(games_per_pair=3)
    with pytest.raises(ValueError, match="have 3 games, expected 2 a pair"):
        PayoffTable.from_rows([table.to_rows()[0] | {"games": 3, "pairs": 1}], table.rows)
