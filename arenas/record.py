"""The record of one match: a header that all arenas share, then the arena's own fields, and no byte hidden."""

from typing import Any

import numpy as np

from .specs import ArenaError


def match_dtype(own: list[tuple], *, slots: int, setup: int, ring: int = 1) -> np.dtype:
    """The record of one match: the common header, then the arena's own fields.

    slots: of the pending actions: K, or more where games with other slots share this record, and with it the compiled
    rules; those beyond K stay 0. setup: length of the setup row. ring: ticks of pending actions kept (1 where neither
    delay nor frame skip matters, `RING` otherwise). Aligned (packed records compile to byte-by-byte loads on a GPU) and
    without hidden padding: every byte is a field, so bytes can be hashed and compared.
    """
    for entry in own:
        if hasattr(np.record, entry[0]):  # plain Python would find the method instead of the field
            raise ArenaError(
                f"a record's field may not be called {entry[0]!r}: numpy's records have a method of that name"
            )
    header = [
        ("seed", np.int64),  # this match's chance, in [0, 2**62)
        ("tick", np.int32),  # ticks played
        ("tick_limit", np.int32),  # at this tick the match ends, on score
        ("episode", np.int32),  # how many matches were played in this row before
        ("frame_skip", np.int16),  # ticks per decision
        ("delay", np.int16),  # ticks between a decision and its first effect
        ("score", np.int32, (2,)),  # by side
        ("outcome", np.int8),  # Outcome
        ("flipped", np.int8),  # 1 in the mirror image of a match: the sides' dice are exchanged too
        ("opponent", np.int8, (2,)),  # the bot that plays this side, -1: actions come from outside
        ("tape_row", np.int32),  # which row of tables.tape serves the dice
        ("tape_length", np.int32),  # values on it, -1: dice are hashed
        ("tape_cursor", np.int32),  # values taken
        ("tape_stream", np.int32),  # stream of the first draw the tape could not serve
        ("tape_faces", np.int32),  # its number of faces; 0: no fault
        ("tape_at", np.int32),  # the place on the tape it asked for
        ("tape_check", np.int32),  # which row of tables.tape tells the faces of each value; 0: that is not known
        (
            "setup",
            np.int32,
            (setup,),
        ),  # what makes this match differ from another: the arena says what each entry means
        ("pending", np.int16, (ring, 2, slots)),  # what will be played at tick t, in entry t % ring
    ]
    return padded(header + own, whole=8)


def padded(entries: list[Any], whole: int | None = None) -> np.dtype:
    """An aligned record in which what alignment leaves free is a field, too.

    entries: (name, type) or (name, type, shape). whole: the size is a multiple of it; without it, of the alignment.
    """
    laid, at, pad = [], 0, 0
    for entry in entries:
        dtype = np.dtype(entry[1:]) if len(entry) > 2 else np.dtype(entry[1])
        if gap := -at % dtype.alignment:
            laid.append((f"pad{pad}", np.int8, (gap,)))
            at, pad = at + gap, pad + 1
        laid.append(entry)
        at += dtype.itemsize
    if gap := -at % (whole or np.dtype(laid, align=True).alignment):
        laid.append((f"pad{pad}", np.int8, (gap,)))
    return np.dtype(laid, align=True)


def hidden_bytes(dtype: np.dtype) -> int:
    """Bytes of a record that belong to no field, nested records included."""
    base = dtype.base
    if base.fields is None:
        return 0
    kinds = [entry[0] for entry in base.fields.values()]
    inside = sum(hidden_bytes(kind) * (kind.itemsize // kind.base.itemsize) for kind in kinds)
    return base.itemsize - sum(kind.itemsize for kind in kinds) + inside
