"""Endgames of the battle arena: chance enumerated with merged throws, and solved against a naive recursion."""

import functools
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas import battle
from kumite.arenas.arena import Outcome
from kumite.arenas.batch import Batch
from kumite.arenas.battle.endgames import Endgame, read_endgames
from kumite.arenas.battle.teams import read_team
from kumite.eval.exact.shapley import by_linear_programme, exploitability, solve_states
from kumite.eval.exact.states import as_words, canonical
from kumite.eval.exact.walk import enumerate_states
from kumite.league.exact.outcomes import Player

FIRST = "Kingambit||BlackGlasses|Defiant|SuckerPunch,KowtowCleave|Adamant|252,252,,,4,|M|||50|,,,,,Dark"
SECOND = "Flutter Mane||Leftovers|Protosynthesis|Moonblast,CalmMind|Timid|4,,,252,,252|N|,0,,,,||50|,,,,,Fairy"
SMALLEST = Endgame("two moves each", "singles3", 2, False, ((5,), (5,)), (read_team(FIRST), read_team(SECOND)))
VALUE = {Outcome.FIRST: 1.0, Outcome.SECOND: -1.0, Outcome.DRAW: 0.0}


@functools.cache
def smallest():
    return battle.build_endgame(battle.ARENA, battle.Options(), SMALLEST)


def every_outcome(batch, record, actions):
    """(probability, record) of all ways a request goes on, one match at a time."""
    tapes = [((), 1.0)]
    while tapes:
        tape, chance = tapes.pop()
        batch.set_tape(np.array([tape], np.int32).reshape(1, -1), merged=True)
        batch.put(record)
        batch.step(actions)
        faces = int(batch.tape_faults().faces[0])
        if faces >> 16:
            yes = (faces >> 16) / (faces & 0xFFFF)
            tapes += [((*tape, 0), chance * yes), ((*tape, 1), chance * (1 - yes))]
        elif faces:
            tapes += [((*tape, face), chance / faces) for face in range(faces)]
        else:
            yield chance, np.asarray(batch.state).copy()


def test_a_small_endgame_is_worth_what_a_naive_recursion_says():
    """Every pair of choices, every throw, no state known again: a linear programme a state."""
    game = smallest()
    batch = Batch(game, 1, auto_reset=False, threads=1)

    def worth(record):
        batch.set_tape(np.zeros((1, 0), np.int32), merged=True)
        batch.put(record)
        outcome = Outcome(int(record["outcome"][0]))
        if outcome != Outcome.RUNNING:
            return VALUE[outcome]
        legal = [np.flatnonzero(batch.masks[0, side, 0]) for side in (0, 1)]
        matrix = np.zeros((len(legal[0]), len(legal[1])))
        for i, first in enumerate(legal[0]):
            for j, second in enumerate(legal[1]):
                for chance, after in every_outcome(batch, record, np.array([[[first], [second]]])):
                    matrix[i, j] += chance * worth(after)
        return by_linear_programme(matrix)[0]

    solved = solve_states(enumerate_states(game))
    assert solved.matrices > 1
    assert solved.value == pytest.approx(worth(np.asarray(batch.state).copy()), abs=1e-9)
    assert 0 < abs(solved.value) < 1


def test_merged_throws_are_as_likely_as_all_their_faces():
    """Stone Edge at one that calms its mind: 100 faces of accuracy, 8 of a critical hit, 16 of damage."""
    edge = replace(
        SMALLEST, teams=(read_team(FIRST.replace("KowtowCleave", "StoneEdge")), SMALLEST.teams[1]), health=((0,), (0,))
    )
    game = battle.build_endgame(battle.ARENA, battle.Options(), edge)
    actions, faces = np.array([[[14], [14]]], np.int16), (100, 8, 16)
    assert [slot.choices[14] for slot in game.action.slots] == ["move 2"]
    batch = Batch(game, int(np.prod(faces)), auto_reset=False, threads=1)
    batch.set_tape(np.stack(np.unravel_index(np.arange(len(batch)), faces), axis=1))
    batch.step(np.repeat(actions, len(batch), axis=0))
    assert not batch.tape_faults().faces.any()
    whole = Counter(row.tobytes() for row in as_words(canonical(game, np.asarray(batch.state).copy())))

    found = Player(game).successors(np.asarray(Batch(game).state).copy(), actions, lambda _: None)
    assert len(found) == 1 + 2 * 16
    merged = Counter()
    for chance, row in zip(found.chance, as_words(canonical(game, found.records)), strict=True):
        merged[row.tobytes()] += chance
    assert merged.keys() == whole.keys()
    assert merged == pytest.approx({row: count / len(batch) for row, count in whole.items()})


def test_what_is_certain_is_not_thrown():
    """Sucker Punch cannot miss who attacks: only a critical hit and damage are thrown, and the foe is then gone."""
    game = smallest()
    found = Player(game).successors(np.asarray(Batch(game).state).copy(), np.array([[[9], [9]]]), lambda _: None)
    assert len(found) == 32
    assert (found.utility == 1).all()


def test_in_an_endgame_all_hit_points_are_seen_and_moves_do_not_run_out():
    game = smallest()
    batch = Batch(game, 1, auto_reset=False)
    most = int(batch.state.mon[0, 6].stats[0])
    (seen,) = game.observation.split(batch.observations[0, 0])["foe 1 health"]
    assert seen == pytest.approx(5000 // most / 1000)
    uses = batch.state.mon.pp.copy()
    batch.step(np.array([[[9], [14]]]))
    assert (batch.state.mon.pp == uses).all()
    assert batch.state.outcome[0] == Outcome.RUNNING


@pytest.mark.slow
@pytest.mark.parametrize("name", list(read_endgames()))
def test_endgames_are_solved(name):
    solved = solve_states(enumerate_states(arenas.make_game("battle", endgame=name)))
    assert solved.gap < 1e-9
    assert exploitability(solved.states, solved.mixes) == pytest.approx(0, abs=1e-9)
