"""Whole plays of OpenSpiel's games, and the same plays on ours: rolls forced through the dice tape, choices given."""

from dataclasses import dataclass

import numpy as np
import pyspiel

from kumite import arenas


@dataclass
class Decision:
    """Where somebody chooses. `legal` and `told` are None for a side that waits."""

    rolls: int  # made before it
    legal: list[list[int] | None]  # by side
    told: list[str | None]  # OpenSpiel's name of the information set, by side
    chosen: list[int]  # by side, 0 where it waits


@dataclass
class Line:
    """One play from beginning to end."""

    dice: list[int]  # each roll as its place among those that were possible
    decisions: list[Decision]
    returns: list[float]


def decision(state, rolls, chosen):
    """What OpenSpiel says at a state, before `chosen` (by side, None: waits) is played."""
    moving = [side for side in (0, 1) if chosen[side] is not None]
    return Decision(
        rolls,
        [state.legal_actions(side) if side in moving else None for side in (0, 1)],
        [state.information_state_string(side) if side in moving else None for side in (0, 1)],
        [choice or 0 for choice in chosen],
    )


def steps(state):
    """Every way on from a state: (roll or None, choices by side or None, the state it leads to)."""
    if state.is_chance_node():
        for place, outcome in enumerate(state.legal_actions()):
            yield place, None, state.child(outcome)
    elif state.is_simultaneous_node():
        for first in state.legal_actions(0):
            for second in state.legal_actions(1):
                after = state.clone()
                after.apply_actions([first, second])
                yield None, [first, second], after
    else:
        for choice in state.legal_actions():
            chosen: list[int | None] = [None, None]
            chosen[state.current_player()] = choice
            yield None, chosen, state.child(choice)


def every_line(state, dice=(), decisions=()):
    """All plays there are from a state."""
    if state.is_terminal():
        yield Line(list(dice), list(decisions), state.returns())
    for roll, chosen, after in steps(state):
        if chosen is None:
            yield from every_line(after, (*dice, roll), decisions)
        else:
            yield from every_line(after, dice, (*decisions, decision(state, len(dice), chosen)))


def random_line(state, rng):
    """One play in which every way on is equally likely."""
    dice, decisions = [], []
    while not state.is_terminal():
        if state.is_simultaneous_node():  # not every pair of choices, only to draw one
            chosen = [int(rng.choice(state.legal_actions(side))) for side in (0, 1)]
            decisions.append(decision(state, len(dice), chosen))
            state.apply_actions(chosen)
            continue
        ways = list(steps(state))
        roll, chosen, after = ways[rng.integers(len(ways))]
        if chosen is None:
            dice.append(roll)
        else:
            decisions.append(decision(state, len(dice), chosen))
        state = after
    return Line(dice, decisions, state.returns())


def lines(game, number=None, seed=0):
    """Plays of one of OpenSpiel's games: all of them, or a number of random ones."""
    loaded = pyspiel.load_game(game) if isinstance(game, str) else game
    if number is None:
        return list(every_line(loaded.new_initial_state()))
    rng = np.random.default_rng(seed)
    return [random_line(loaded.new_initial_state(), rng) for _ in range(number)]


@dataclass
class Told:
    """An information set met on the way, as both programs name it."""

    side: int
    remembered: tuple  # all our side has seen so far and chosen
    now: bytes  # what it sees now
    theirs: str


def play_along(name, options, plays, first_choice):
    """Plays lines on our arena and compares at every decision: legal choices, rolls, end and utilities.

    first_choice: our number of OpenSpiel's action 0; below it lies `wait`. Returns every information set met.
    """
    batch = arenas.make_batch(name, matches=len(plays), **options)
    longest = max(len(line.dice) for line in plays)
    values = np.array([line.dice + [0] * (longest - len(line.dice)) for line in plays], np.int32)
    batch.set_tape(values, lengths=[len(line.dice) for line in plays])
    batch.reset()
    remembered = [[(), ()] for _ in plays]
    met = []
    for moment in range(max(len(line.decisions) for line in plays)):
        actions = np.zeros(batch.actions.shape, np.int16)
        running = [(i, line) for i, line in enumerate(plays) if moment < len(line.decisions)]
        for i, line in running:
            at = line.decisions[moment]
            where = f"play {i}, decision {moment}: {batch.describe(i)}"
            assert batch.state.tape_cursor[i] == at.rolls, where
            for side in (0, 1):
                seen = batch.observations[i, side].tobytes()
                allowed = np.flatnonzero(batch.masks[i, side, 0]).tolist()
                if at.legal[side] is None:
                    assert allowed == [0], where
                else:
                    assert allowed == [first_choice + action for action in at.legal[side]], where
                    actions[i, side] = first_choice + at.chosen[side]
                    met.append(Told(side, (*remembered[i][side], seen), seen, at.told[side]))
                remembered[i][side] += (seen, int(actions[i, side, 0]))
        batch.step(actions)
        for i, line in running:
            ends = moment == len(line.decisions) - 1
            assert bool(batch.done[i]) == ends, f"play {i}, decision {moment}"
            if ends:
                assert batch.utility[i].tolist() == line.returns, f"play {i} of {line}"
    return met
