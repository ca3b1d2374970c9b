"""A classic game played by the names of its choices, with forced dice."""

import numpy as np

from kumite import arenas
from kumite.arenas.arena import Outcome


class Play:
    """One match. `Play("classic/leduc", tape=(0, 3))` forces its rolls."""

    def __init__(self, name, tape=None, **options):
        self.batch = arenas.make_batch(name, **options)
        self.names = self.batch.game.action.slots[0].choices
        if tape is not None:
            self.batch.set_tape(np.array([tape], np.int32).reshape(1, -1))
            self.batch.reset()

    @property
    def match(self):
        """The record of the match being played."""
        return self.batch.state[0]

    def legal(self, side):
        """The names of what a side may choose."""
        return [self.names[choice] for choice in np.flatnonzero(self.batch.masks[0, side, 0])]

    @property
    def turn(self):
        """The side that has more to do than wait."""
        return next(side for side in (0, 1) if self.legal(side) != ["wait"])

    def play(self, *moves):
        """Plays moves one after the other: a name is the mover's while the other side waits, a pair is both sides'."""
        for move in moves:
            assert not self.match.tape_faces, "a roll was asked for that is not on the tape"
            assert not self.batch.done[0], f"the match was over before {move}"
            both = move if isinstance(move, tuple) else (move, "wait") if self.turn == 0 else ("wait", move)
            before = int(self.batch.illegal.sum())
            self.batch.step(np.array([[[self.names.index(choice)] for choice in both]], np.int16))
            assert int(self.batch.illegal.sum()) == before, f"{both} was not legal"
        return self

    def seen(self, side):
        """What a side sees now, by block, unscaled to whole numbers."""
        spec = self.batch.game.observation
        whole = np.rint(self.batch.observations[0, side] / spec.scales).astype(int)
        return {name: block.tolist() for name, block in spec.split(whole).items()}

    @property
    def result(self):
        """(outcome, utility of side 0), or None while it goes on. The two utilities always add to nothing."""
        if not self.batch.done[0]:
            return None
        first, second = self.batch.utility[0].tolist()
        assert first == -second
        return Outcome(int(self.batch.outcome[0])).name.lower(), first
