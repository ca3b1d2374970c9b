"""What a side may imagine: nothing it sees changes, and nothing that is hidden from it is left."""

from dataclasses import replace

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas import check
from kumite.arenas.arena import ArenaError
from kumite.arenas.batch import Batch
from kumite.arenas.classic import kuhn
from kumite.arenas.compile import rule


def test_the_others_card_is_imagined_from_what_is_left():
    batch = arenas.make_batch("classic/kuhn", matches=6000, seed=2)
    cards, seen = batch.state.card.copy(), batch.observations.copy()
    batch.fork(np.arange(6000), 1, np.arange(6000))
    assert np.array_equal(batch.state.card[:, 1], cards[:, 1])
    assert np.array_equal(batch.observations[:, 1], seen[:, 1])
    assert batch.state.seed.tolist() == list(range(6000))
    for own in range(3):
        imagined = np.bincount(batch.state.card[cards[:, 1] == own, 0], minlength=3)
        assert imagined[own] == 0
        assert (abs(np.delete(imagined, own) - imagined.sum() / 2) < 4 * np.sqrt(imagined.sum() / 4)).all()
    # As likely whatever the other holds in truth.
    for true in (0, 2):
        held = (cards[:, 1] == 1) & (cards[:, 0] == true)
        assert 0.4 < (batch.state.card[held, 0] == 0).mean() < 0.6


def test_one_row_is_forked_and_the_others_left_alone():
    batch = arenas.make_batch("classic/kuhn", matches=3, seed=2)
    before = [batch.save(i) for i in range(3)]
    batch.fork(1, 0, 77)
    assert [batch.save(i) == before[i] for i in range(3)] == [True, False, True]
    assert batch.state.seed[1] == 77


def test_a_fork_leaves_the_tape_and_blanks_what_the_other_side_has_pending():
    batch = arenas.make_batch("fight", matches=2, seed=4)
    for _ in range(6):
        batch.step(batch.random_actions())
    own = batch.state.pending[0, :, 0].copy()
    assert batch.state.pending[0, :, 1].any()
    batch.state.fighter.plan[0] = [1, 2]
    batch.set_tape(np.zeros((2, 9), int))
    batch.fork(0, 0, 5)
    assert np.array_equal(batch.state.pending[0, :, 0], own)
    assert not batch.state.pending[0, :, 1].any()
    assert batch.state.fighter.plan[0].tolist() == [1, 0]
    assert batch.state.tape_length.tolist() == [-1, 9]


def test_wrong_forks_are_refused_by_name():
    with pytest.raises(ArenaError, match="classic/leduc declares no fork"):
        arenas.make_batch("classic/leduc").fork(0, 0, 1)
    batch = arenas.make_batch("classic/kuhn")
    with pytest.raises(ArenaError, match="no side 2"):
        batch.fork(0, 2, 1)
    with pytest.raises(ArenaError, match="whole numbers in"):
        batch.fork(0, 0, -1)


@rule
def knowing(tables, match, side, seed):
    """Looks at the card it must not know."""
    match.card[1 - side] = (int(match.card[1 - side]) + seed) % 3


@rule
def forgetful(tables, match, side, seed):
    match.card[side] = 0


@pytest.mark.parametrize(
    ("fork", "words"),
    [(knowing, "forks for side 0 from one seed differ in card"), (forgetful, "changes its observation")],
)
def test_a_fork_that_knows_too_much_or_changes_what_is_seen_is_found(fork, words):
    name = "kuhn-" + getattr(fork, "py_func", fork).__name__  # compiled, or plain
    arena = replace(kuhn.ARENA, name=name, module=__name__, rules=kuhn.ARENA.rules._replace(fork=fork))
    assert words in (check.a_fork_knows_what_its_side_knows(arena.game()) or "")
    assert check.a_fork_knows_what_its_side_knows(kuhn.ARENA.game()) is None


SIMULATED = """
import numpy as np
from kumite import arenas
found = []
for device in ("cpu", "cuda"):
    batch = arenas.make_batch("classic/kuhn", matches=4, seed=2, device=device)
    batch.fork(np.array([0, 2]), 1, np.array([8, 9]))
    found.append(batch.state.tobytes())
assert found[0] == found[1]
print("same")
"""


def test_a_gpu_imagines_the_same(run_python):
    pytest.importorskip("numba_cuda")
    printed = run_python(SIMULATED, NUMBA_DISABLE_JIT="1", NUMBA_ENABLE_CUDASIM="1")
    assert printed.splitlines()[-1] == "same"


def test_play_goes_on_from_a_fork():
    game = arenas.make_game("classic/kuhn")
    batch = Batch(game, 50, 3, auto_reset=False)
    batch.fork(np.arange(50), 0, np.arange(50))
    batch.rollout_random(game.tick_limit)
    assert batch.done.all()
