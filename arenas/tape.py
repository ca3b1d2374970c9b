"""Dice from outside, as the drivers take them: a table of values, and how far matches have come on it."""

from typing import Any, NamedTuple

import numpy as np

from .arena import ArenaError


class TapeFaults(NamedTuple):
    """How the tape was used, by match; all int32 [B]. See `Batch.set_tape`."""

    stream: np.ndarray  # of the first draw it could not serve
    faces: np.ndarray  # what that draw asked for; 0: no fault
    at: np.ndarray  # the place of the value it asked for
    taken: np.ndarray  # values asked for
    left: np.ndarray  # values not taken


def tape_table(b: int, values: Any, lengths: Any, faces: Any) -> tuple[np.ndarray, np.ndarray]:
    """The tables' `tape` and the length of each match's row, from what `Batch.set_tape` was given for B matches.

    int32 [B, T], or [2 B, T] where faces are told: those of row i lie in row B + i. Lengths: int [B].
    """
    tape = _whole(values, "values", b)
    given = np.full(b, tape.shape[1]) if lengths is None else np.asarray(lengths)
    if given.shape != (b,) or given.dtype.kind not in "iu" or (given < 0).any() or (given > tape.shape[1]).any():
        raise ArenaError(f"lengths: expected {b} whole numbers from 0 to {tape.shape[1]}, got {lengths!r}")
    if faces is not None:
        told = _whole(faces, "faces", b)
        if told.shape != tape.shape:
            raise ArenaError(f"faces: got {list(told.shape)}, expected {list(tape.shape)} as the values")
        tape = np.concatenate([tape, told])
    return tape, given


def _whole(given: Any, name: str, b: int) -> np.ndarray:
    """Whole numbers as int32 [B, T]; refused in words where they are none."""
    array = np.asarray(given)
    if array.ndim != 2 or len(array) != b or array.dtype.kind not in "iu":
        raise ArenaError(f"{name}: got {array.dtype} {list(array.shape)}, expected integers [{b}, T], a row a match")
    if array.size and not -(2**31) <= array.min() <= array.max() < 2**31:
        raise ArenaError(f"{name}: {array.min()} to {array.max()}: expected what fits 32 bits")
    return np.ascontiguousarray(array, np.int32)
