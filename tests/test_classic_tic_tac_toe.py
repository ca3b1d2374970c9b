"""Tic-tac-toe by the book, and by playing every position there is."""

from itertools import product

import numpy as np
import pytest
from classic_play import Play

from kumite import arenas
from kumite.arenas import driver
from kumite.arenas.arena import Outcome
from kumite.arenas.classic.tic_tac_toe import CELLS, LINES


def test_sides_take_turns_on_empty_cells():
    play = Play("classic/tic-tac-toe")
    assert play.legal(0) == list(CELLS)
    assert play.legal(1) == ["wait"]
    play.play("centre")
    assert play.legal(0) == ["wait"]
    assert play.legal(1) == [cell for cell in CELLS if cell != "centre"]
    play.play("top")
    first, second = play.seen(0), play.seen(1)
    assert np.flatnonzero(first["own marks"]).tolist() == np.flatnonzero(second["other's marks"]).tolist() == [4]
    assert np.flatnonzero(second["own marks"]).tolist() == np.flatnonzero(first["other's marks"]).tolist() == [1]


@pytest.mark.parametrize(("line", "side"), list(product(LINES, (0, 1))))
def test_three_in_a_row_win(line, side):
    play = Play("classic/tic-tac-toe")
    own = [CELLS[cell] for cell in line]
    elsewhere = [cell for number, cell in enumerate(CELLS) if number not in line]
    other = next(
        [a, b, c]
        for a, b, c in product(elsewhere, repeat=3)
        if len({a, b, c}) == 3 and tuple(sorted(map(CELLS.index, (a, b, c)))) not in LINES
    )
    moves = zip(own, other, strict=True) if side == 0 else zip(other, own, strict=True)
    play.play(*[move for pair in moves for move in pair][: 5 + side])
    assert play.result == (("first", "second")[side], 1 - 2 * side)


def test_a_full_board_without_three_in_a_row_is_a_draw():
    order = "centre top-left top bottom left right top-right bottom-left bottom-right"
    assert Play("classic/tic-tac-toe").play(*order.split()).result == ("draw", 0)


def test_the_ninth_mark_can_win():
    order = "top-left top top-right left centre right bottom bottom-left bottom-right"
    assert Play("classic/tic-tac-toe").play(*order.split()).result == ("first", 1)


def every_position():
    """Positions by number of marks, and where each move leads: (board, cell) -> board, or the outcome it ends with."""
    leads, levels = {}, [{(0,) * 9}]
    batch = arenas.make_batch("classic/tic-tac-toe", matches=9 * 2000)
    for marks in range(9):
        moves = [(board, cell) for board in sorted(levels[-1]) for cell in range(9) if not board[cell]]
        count = len(moves)
        batch.reset()
        batch.state.cell[:count] = [board for board, _ in moves]
        batch.state.marks[:count] = marks
        batch.state.turn[:count] = marks % 2
        batch._run(driver.LOOK)  # what is legal in the positions just set
        actions = np.zeros(batch.actions.shape, np.int16)
        actions[:count, marks % 2, 0] = [cell + 1 for _, cell in moves]
        actions[count:, 0, 0] = 1  # the rows left over begin a match
        batch.step(actions)
        levels.append(set())
        for i, (board, cell) in enumerate(moves):
            if batch.done[i]:
                leads[board, cell] = Outcome(int(batch.outcome[i]))
            else:
                leads[board, cell] = tuple(batch.state.cell[i].tolist())
                levels[-1].add(leads[board, cell])
    return levels, leads


def test_every_position_by_backward_induction():
    """5,478 positions can be reached, 958 of them finished; with best play on both sides it is a draw."""
    levels, leads = every_position()
    running = set().union(*levels)
    finished = {
        (*board[:cell], 1 + sum(map(bool, board)) % 2, *board[cell + 1 :])
        for (board, cell), after in leads.items()
        if isinstance(after, Outcome)
    }
    assert (len(running) + len(finished), len(finished)) == (5478, 958)
    worth = {Outcome.FIRST: 1, Outcome.SECOND: -1, Outcome.DRAW: 0}
    for marks, level in reversed(list(enumerate(levels))):
        best = max if marks % 2 == 0 else min
        for board in level:
            worth[board] = best(worth[leads[board, cell]] for cell in range(9) if not board[cell])
    assert worth[(0,) * 9] == 0
