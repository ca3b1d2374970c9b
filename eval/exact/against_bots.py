"""Best responses to a compiled bot, whose memory is in the match: one side decides, the bot and its dice are chance.

A bot's throws have too many faces to try out each (a hundred for every percentage). In each state it is let play
`samples` times from seeds of its own; what it did and remembered then is what it may do there, as often as it did it.
The rest is exact. It is an estimate from above, for two reasons: a best response also answers what only the sample
shows, and it knows what the bot remembers, which a player that only sees does not.
"""

import numpy as np

from ...arenas.arena import Game
from ...league.exact.outcomes import Outcomes, ranges
from ...league.exact.sequence import ExactError
from .shapley import sweep
from .states import CHUNK, as_words, canonical, check_game
from .walk import Told, Walk


def against_bot(
    game: Game, side: int, bot: str, samples: int, seed: int, limit: int, told: Told | None = None
) -> float:
    """What the first side has of a match, on average, in which `bot` plays `side` and the other side answers it best.

    samples: throws of the bot's dice in each state. limit: of states, the bot's memory in them.
    """
    check_game(game)
    if game.chance:
        raise ExactError(
            f"{game.arena.name} has chance of its own, which cannot be told from the dice of its bot {bot!r}: "
            "expected a game without"
        )
    walk = _BotWalk(game, limit, side, bot, samples, np.random.default_rng(seed))
    states = walk.everything(told)
    best = np.maximum if side == 1 else np.minimum

    def step(worth: np.ndarray, low: int, high: int) -> np.ndarray:
        starts = states.edges.pair[low:high] - states.edges.pair[low]
        return best.reduceat(worth, starts)

    return states.root(sweep(states, step))


class _BotWalk(Walk):
    """States with a bot's memory in them: its side has no choice, and its throws are outcomes."""

    def __init__(self, game: Game, limit: int, side: int, bot: str, samples: int, rng: np.random.Generator):
        super().__init__(game, limit)
        self.side, self.bot, self.samples, self.rng = side, game.arena.bot(bot), samples, rng
        self._factors = rng.integers(0, 2**63, self.words, dtype=np.uint64) * np.uint64(2) + np.uint64(1)

    def starts(self) -> Outcomes:
        at = super().starts()
        at.records["opponent"][:, self.side] = self.bot
        return at

    def joint(self, side: int, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
        if side != self.side:
            return super().joint(side, low, high)
        return np.ones(high - low, np.int64), np.zeros((high - low, self.game.action.count), np.int16)

    def step(self, state: np.ndarray, actions: np.ndarray) -> None:
        owner, seeds, chance = self._throws(np.unique(state))
        first = np.searchsorted(owner, state)
        outcomes = np.searchsorted(owner, state, "right") - first
        pair = np.repeat(np.arange(len(state)), outcomes)
        which = first[pair] + ranges(outcomes)
        parts = []
        for low in range(0, len(pair), CHUNK):
            rows = slice(low, low + CHUNK)
            seen = state[pair[rows]]
            after, masks = self._play(seen, actions[pair[rows]], seeds[which[rows]])[:2]
            parts.append(self.added(seen, after, masks, np.ones(len(seen), np.bool_)))
        successor, paid = (np.concatenate(part) for part in zip(*parts, strict=True))
        self.keep(outcomes, successor, paid, chance[which])

    def _throws(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the bot's dice come to in some states: the state, a seed that leads there, and how often it came to it.

        Two throws are one if the bot did the same, and the match is the same after it whatever else: with its memory.
        """
        rows = np.repeat(states, self.samples)
        seeds = self.rng.integers(0, 2**62, len(rows))
        keys = []
        for low in range(0, len(rows), CHUNK):
            part = slice(low, low + CHUNK)
            nothing = np.zeros((len(rows[part]), 2, self.game.action.count), np.int16)
            after, _, played = self._play(rows[part], nothing, seeds[part])
            words = as_words(canonical(self.game, after)).astype(np.uint64)
            key = (words * self._factors).sum(axis=1) * np.uint64(0x9E3779B97F4A7C15)
            for slot in range(played.shape[2]):
                key = (key + played[:, self.side, slot].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            keys.append((key + rows[part].astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15))
        _, example, counts = np.unique(np.concatenate(keys), return_index=True, return_counts=True)
        order = np.argsort(example)
        example, counts = example[order], counts[order]
        return rows[example], seeds[example], counts / self.samples

    def _play(self, states: np.ndarray, actions: np.ndarray, seeds: np.ndarray) -> tuple[np.ndarray, ...]:
        """One decision with the bot in its seat: the records, masks and actions after it, views of the batch's."""
        n, batch = len(states), self.batch(len(states))
        np.take(self.store, states, axis=0, out=as_words(np.asarray(batch.state))[:n])
        batch.state.seed[:n] = seeds
        batch.masks[:n] = self.masks[states]
        batch.actions[:n] = actions
        batch.step(batch.actions)
        return np.asarray(batch.state)[:n], batch.masks[:n], batch.actions[:n]
