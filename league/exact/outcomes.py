"""Every outcome of a reset or a decision: chance is served from the tape, and each missing value is tried in turn.

A match whose rules ask for a value that the tape does not have is left with a fault: the stream and the number of
faces. It is dropped and played again once for every face, with that value added. All copies go through the compiled
batch together.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...arenas.arena import Game, Outcome
from ...arenas.batch import Batch
from ...arenas.dice import STREAM_BOT
from .sequence import ExactError

CHUNK = 1 << 14
"""Matches played at once: what bounds the memory of buffers."""
Growth = Callable[[int], None]
"""Told how many chance nodes and copies are about to be added; refuses by raising."""


@dataclass(frozen=True)
class Outcomes:
    """What matches came to. N rows, several for one match where chance has a say."""

    origin: np.ndarray  # int64 [N]: which of the matches given
    chance: np.ndarray  # float64 [N]: probability of this outcome
    records: np.ndarray  # [N], the tape's fields blank
    observations: np.ndarray  # float32 [N, S, F]
    masks: np.ndarray  # uint8 [N, S, K, C]
    done: np.ndarray  # bool [N]
    utility: np.ndarray  # float64 [N], the first side's
    actions: np.ndarray  # int16 [N, S, K], as played
    draws: int  # values that chance was asked for: the chance nodes passed

    def __len__(self) -> int:
        return len(self.origin)


class Player:
    """Plays matches of a game with every outcome of chance. looks: whether what is seen is kept (else it is empty)."""

    def __init__(self, game: Game, looks: bool = True):
        self.game, self.looks = game, looks
        self._batches: dict[int, Batch] = {}

    def starts(self, grow: Growth) -> Outcomes:
        """All ways in which a match may begin."""
        return self._unroll(1, lambda batch, _: batch.reset(), grow)

    def successors(self, records: np.ndarray, actions: np.ndarray, grow: Growth) -> Outcomes:
        """All ways in which each match goes on. records [N]; actions int16 [N, S, K], legal ones."""

        def play(batch: Batch, rows: np.ndarray) -> None:
            batch.put(_picked(records, rows))
            batch.step(actions[rows])
            if batch.illegal.any():
                raise ExactError(
                    f"{self.game.arena.name}: what is legal for a side differs between matches that it cannot tell "
                    "apart: `observe` must show what `legal` and `refine` depend on"
                )

        return self._unroll(len(records), play, grow)

    def bot_choices(self, records: np.ndarray, side: int, bot: str) -> Outcomes:
        """What a compiled bot does in each match, with the probability of each of its own throws of dice.

        The records that come back are of no use: chance that is not the bot's is left at its first value. Refused where
        the bot writes into the match: what it will remember then is not in the matches enumerated without it.
        """

        def play(batch: Batch, rows: np.ndarray) -> None:
            batch.put(_picked(records, rows))
            batch.set_opponents({side: bot})
            batch.step(np.zeros_like(batch.actions))

        def replay(batch: Batch, rows: np.ndarray) -> None:
            batch.put(_picked(records, done.origin[rows]))
            batch.step(done.actions[rows])

        done = self._unroll(len(records), play, _any, only_bots=True)
        same = self._unroll(len(done), replay, _any, only_bots=True)
        done.records["opponent"] = same.records["opponent"]
        if not np.array_equal(done.records, same.records):
            raise ExactError(
                f"the bot {bot!r} of {self.game.arena.name} keeps a memory of its own in the match, or plays what is "
                "illegal: its plan cannot be read off single decisions"
            )
        return done

    def narrowed(self, records: np.ndarray, side: int, slot: int, actions: np.ndarray) -> np.ndarray:
        """What a side's choices in earlier slots (actions int16 [N, K]) leave to a slot: uint8 [N, C]."""
        masks = []
        for rows in _chunks(np.arange(len(records))):
            batch = self._batch(len(rows))
            batch.put(_picked(records, rows))
            every = np.arange(len(rows))
            masks.append(batch.refine(every, np.full(len(rows), side), slot, actions[rows], batch.masks[:, side, slot]))
        return np.concatenate(masks)

    def _unroll(
        self, count: int, play: Callable[[Batch, np.ndarray], None], grow: Growth, only_bots: bool = False
    ) -> Outcomes:
        """Plays `count` matches, and again with one more value on the tape those that miss one, until none does."""
        rows, weight, tape = np.arange(count), np.ones(count), np.zeros((count, 0), np.int32)
        parts, draws = [], 0
        while len(rows):
            faults, grown = np.zeros(len(rows), np.int64), 0
            for part in _chunks(np.arange(len(rows))):
                n = len(part)
                filled = np.pad(part, (0, _room(n) - n), mode="edge")
                batch = self._batch(len(filled))
                batch.state.opponent[:] = -1
                batch.illegal[:] = 0
                batch.set_tape(tape[filled], merged=True)
                play(batch, rows[filled])
                used = batch.tape_faults()
                faces = used.faces[:n].astype(np.int64)
                if only_bots:
                    faces[used.stream[:n] < STREAM_BOT] = 0
                ended = faces == 0
                if not only_bots and used.left[:n][ended].any():
                    raise ExactError(
                        f"{self.game.arena.name}: how many values chance is asked for depends on its draws"
                    )
                parts.append(self._taken(batch, np.flatnonzero(ended), rows[part][ended], weight[part][ended]))
                faults[part] = faces
                grown += int(_branches(faces).sum())
                grow(grown)
            draws += int((faults > 0).sum())
            branches = _branches(faults)
            copies, face = np.repeat(np.arange(len(rows)), branches), ranges(branches)
            rows, weight = rows[copies], weight[copies] * _share(faults[copies], face)
            tape = np.column_stack([tape[copies], face]).astype(np.int32)
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        order = np.argsort(joined["origin"], kind="stable")
        return Outcomes(**{name: array[order] for name, array in joined.items()}, draws=draws)

    def _taken(self, batch: Batch, where: np.ndarray, origin: np.ndarray, chance: np.ndarray) -> dict[str, np.ndarray]:
        """Some rows of a batch as arrays of their own, the records without traces of the tape."""
        records = _picked(np.asarray(batch.state), where)
        for name in ("tape_row", "tape_cursor", "tape_stream", "tape_faces", "tape_at", "tape_check"):
            records[name] = 0
        records["tape_length"] = -1
        return {
            "origin": origin,
            "chance": chance,
            "records": records,
            "observations": batch.observations[where] if self.looks else batch.observations[: len(origin), :, :0],
            "masks": batch.masks[where],
            "done": batch.done[where],
            "utility": self._utility(records),
            "actions": batch.actions[where],
        }

    def _utility(self, records: np.ndarray) -> np.ndarray:
        """The first side's, as the driver counts it, in float64: thirds stay thirds to the last digits."""
        if self.game.utility == "score":
            score = records["score"].astype(np.float64)
            return (score[:, 0] - score[:, 1]) * self.game.score_scale
        outcome = records["outcome"]
        return (outcome == Outcome.FIRST).astype(np.float64) - (outcome == Outcome.SECOND)

    def _batch(self, size: int) -> Batch:
        """A batch of so many matches; the last few sizes are kept."""
        if size not in self._batches:
            if len(self._batches) >= 8:
                self._batches.pop(next(iter(self._batches)))
            self._batches[size] = Batch(self.game, size, auto_reset=False)
        return self._batches[size]


def _branches(faces: np.ndarray) -> np.ndarray:
    """How many ways a throw may go: its faces, or two where it asked for k << 16 | n (`Batch.set_tape`)."""
    return np.where(faces >> 16, 2, faces)


def _share(faces: np.ndarray, face: np.ndarray) -> np.ndarray:
    """How likely each way is."""
    yes = (faces >> 16) / np.maximum(faces & 0xFFFF, 1)
    return np.where(faces >> 16, np.where(face == 0, yes, 1 - yes), 1 / np.maximum(faces, 1))


def _room(count: int) -> int:
    """A size of batch with room for so many: few sizes, since a batch of wide observations is slow to make."""
    return min(4 ** ((count - 1).bit_length() + 1 >> 1), CHUNK)


def _picked(records: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """A copy of some records, as bytes: numpy copies records field by field, 40 times slower."""
    size = records.dtype.itemsize
    raw = np.ascontiguousarray(records).view(np.uint8).reshape(len(records), size)
    return raw[rows].view(records.dtype).reshape(len(rows))


def _any(_: int) -> None:
    """No limit."""


def _chunks(rows: np.ndarray) -> Iterator[np.ndarray]:
    for low in range(0, len(rows), CHUNK):
        yield rows[low : low + CHUNK]


def ranges(counts: np.ndarray) -> np.ndarray:
    """0 up to each count, one after the other: [2, 3] gives 0 1 0 1 2."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
