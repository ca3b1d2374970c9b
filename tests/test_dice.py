"""Chance: independent streams, fair faces, tapes, and the same in every backend."""

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.arena import ArenaError
from kumite.arenas.example import RUN, WALK


@pytest.fixture(scope="module")
def batch():
    return arenas.make_batch("example", matches=30_000, seed=4)


def run_once(batch):
    batch.reset()
    actions = np.full(batch.actions.shape, RUN, np.int16)
    batch.step(actions)
    return batch.state.place.copy()


def test_a_runner_stumbles_one_time_in_three(batch):
    places = run_once(batch)
    stumbled = (places == 0).mean()
    assert abs(stumbled - 1 / 3) < 4 * np.sqrt(2 / 9 / places.size)


def test_the_sides_throw_their_own_dice(batch):
    places = run_once(batch)
    assert abs(np.corrcoef(places[:, 0], places[:, 1])[0, 1]) < 4 / np.sqrt(len(places))


def test_neighbouring_seeds_are_independent(batch):
    batch.reset(seeds=np.arange(len(batch)))
    batch.step(np.full(batch.actions.shape, RUN, np.int16))
    stumbled = (batch.state.place[:, 0] == 0).astype(float)
    assert abs(np.corrcoef(stumbled[:-1], stumbled[1:])[0, 1]) < 4 / np.sqrt(len(batch))
    assert abs(stumbled.mean() - 1 / 3) < 4 * np.sqrt(2 / 9 / len(batch))


def test_ticks_are_independent(batch):
    batch.reset()
    run = np.full(batch.actions.shape, RUN, np.int16)
    batch.step(run)
    first = batch.state.place[:, 0].astype(float)
    batch.step(run)
    second = batch.state.place[:, 0] - first
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(batch))


def test_dice_of_one_seed_never_change():
    """Golden: a change of the hash would silently replay every recorded match differently."""
    batch = arenas.make_batch("example", matches=1, seed=2026)
    batch.rollout_random(12)
    assert int(batch.state.seed[0]) == GOLDEN_SEED
    assert batch.state.place[0].tolist() == GOLDEN_PLACES


GOLDEN_SEED, GOLDEN_PLACES = 1144745369924450002, [5, 3]


def with_tape(values, **options):
    batch = arenas.make_batch("example", matches=2, seed=1)
    batch.set_tape(np.array([values, values]).reshape(2, -1).astype(int), **options)
    return batch


def run(batch):
    batch.step(np.full(batch.actions.shape, RUN, np.int16))


def test_a_tape_forces_the_dice():
    batch = with_tape([0, 1, 2, 0])
    run(batch)
    assert batch.state.place.tolist() == [[0, 2], [0, 2]]  # 0 stumbles; side 0 draws first
    run(batch)
    assert batch.state.place.tolist() == [[2, 2], [2, 2]]
    faults = batch.tape_faults()
    assert faults.taken.tolist() == [4, 4]
    assert faults.left.tolist() == [0, 0]
    assert not faults.faces.any()


def test_a_tape_that_runs_out_leaves_the_first_fault():
    batch = with_tape([2])
    run(batch)
    assert batch.state.place.tolist() == [[2, 0], [2, 0]]  # the missing value counts as 0
    run(batch)
    faults = batch.tape_faults()
    assert faults.faces.tolist() == [3, 3]
    assert faults.stream.tolist() == [0, 0]
    assert faults.at.tolist() == [1, 1]
    assert faults.taken.tolist() == [4, 4]  # more than there were


def test_a_value_no_die_shows_is_a_fault():
    batch = with_tape([7, 1])
    run(batch)
    assert batch.tape_faults().faces.tolist() == [3, 3]
    assert batch.tape_faults().at.tolist() == [0, 0]
    batch = with_tape([-1, 1])
    run(batch)
    assert batch.tape_faults().faces.tolist() == [3, 3]


def test_a_value_rolled_with_other_faces_is_a_fault_at_once():
    batch = with_tape([1, 1, 1, 1], faces=[[3, 3, 3, 3], [3, 6, 0, 3]])
    run(batch)
    assert batch.tape_faults().faces.tolist() == [0, 3]
    assert batch.tape_faults().at.tolist() == [0, 1]
    assert batch.state.place.tolist() == [[2, 2], [2, 0]]
    run(batch)  # 0: not known with how many faces
    assert batch.state.place[1].tolist() == [4, 2]


def test_values_left_over_are_told():
    batch = with_tape([1, 1, 0])
    batch.step(np.full(batch.actions.shape, WALK, np.int16))  # takes nothing
    assert batch.tape_faults().left.tolist() == [3, 3]
    batch.set_tape(np.ones((2, 3), int), lengths=[3, 2])
    run(batch)
    assert batch.tape_faults().left.tolist() == [1, 0]
    assert not batch.tape_faults().faces.any()
    run(batch)
    assert batch.tape_faults().at.tolist() == [3, 2]


def test_each_match_has_its_own_row_and_every_match_begins_it_anew():
    batch = arenas.make_batch("example", matches=2, seed=1, length=2)
    batch.set_tape(np.array([[0, 1], [1, 0]]))
    run(batch)
    assert batch.done.all()
    assert batch.outcome.tolist() == [2, 1]
    run(batch)
    assert batch.outcome.tolist() == [2, 1]  # the next matches', from the same values
    batch.set_tape(None)
    seeds = batch.state.seed.copy()
    run(batch)
    other = arenas.make_batch("example", matches=2, seed=5, length=2)
    other.reset(seeds=seeds)
    run(other)
    assert other.outcome.tolist() == batch.outcome.tolist()


def test_draws_stay_inside_the_tape_whatever_the_record_says():
    """Out of bounds, compiled code would read other memory, and crash or serve what lies there."""
    batch = with_tape([1, 1])
    for field, value in (("tape_row", 900_000), ("tape_row", -900_000), ("tape_cursor", -900_000)):
        batch.set_tape(np.ones((2, 2), int))
        batch.state[field] = value
        batch.state.tape_length[:] = 2_000_000
        run(batch)
        assert batch.tape_faults().faces.tolist() == [3, 3]
    batch.set_tape(np.ones((2, 2), int))
    batch.state.tape_length[:] = 2_000_000
    batch.state.tape_cursor[:] = 1_000_000
    batch.state.tape_check[:] = 900_000
    run(batch)
    assert batch.tape_faults().at.tolist() == [1_000_000, 1_000_000]


def test_a_loaded_match_rolls_as_its_new_row_does():
    batch = with_tape([1, 0, 1])
    run(batch)
    saved = batch.save(0)
    other = arenas.make_batch("example", matches=2, seed=9)
    other.load(1, saved)  # into a batch without a tape
    assert other.state.tape_length.tolist() == [-1, -1]
    assert other.state.tape_cursor.tolist() == [0, 0]
    run(other)
    assert not other.tape_faults().taken.any()
    batch.load(1, saved)  # into one that has: it goes on there
    run(batch)
    assert batch.tape_faults().faces.tolist() == [3, 3]
    assert batch.tape_faults().at.tolist() == [3, 3]
    assert batch.state.place.tolist() == [[4, 0], [4, 0]]


def test_a_tape_that_does_not_fit_is_refused_in_words():
    batch = arenas.make_batch("example", matches=2)
    for values, settings, words in (
        ([[1]], {}, r"got int64 \[1, 1\], expected integers \[2, T\], a row a match"),
        ([[0.5], [1]], {}, "got float64"),
        ([[2**31], [1]], {}, "fits 32 bits"),
        ([[1], [1]], {"lengths": [1, 2]}, "whole numbers from 0 to 1"),
        ([[1], [1]], {"faces": [[3, 3], [3, 3]]}, r"faces: got \[2, 2\], expected \[2, 1\]"),
    ):
        with pytest.raises(ArenaError, match=words):
            batch.set_tape(np.array(values), **settings)


SIMULATED = """
import numpy as np
from kumite import arenas
found = []
for device in ("cpu", "cuda"):
    batch = arenas.make_batch("example", matches=3, seed=2, device=device)
    batch.set_tape([[1, 0], [2, 2], [1, 1]], lengths=[2, 2, 1], faces=[[3, 3], [3, 6], [3, 3]])
    batch.step(np.full(batch.actions.shape, 2, np.int16))
    found.append((batch.state.place.tolist(), [row.tolist() for row in batch.tape_faults()]))
    batch.set_tape(None)
    batch.step(np.full(batch.actions.shape, 2, np.int16))
    found[-1] += (batch.state.tobytes(),)
assert found[0] == found[1], found
print(found[0][:2])
"""


def test_a_gpu_reads_the_same_tape(run_python):
    pytest.importorskip("numba_cuda")
    printed = run_python(SIMULATED, NUMBA_DISABLE_JIT="1", NUMBA_ENABLE_CUDASIM="1")
    assert printed.splitlines()[-1] == (
        "([[2, 0], [2, 0], [2, 0]], [[0, 0, 0], [0, 3, 3], [0, 1, 1], [2, 2, 2], [0, 0, 0]])"
    )
