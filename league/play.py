"""Plays games between policies: many at once in one batch, each named by its key and the same whoever plays beside it.

The dice of a game come from its seed, and each agent draws its choices from a stream of its own, fixed by (seed, agent,
seat). So a game that is lost to a kill is simply played again from its key.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..agents.policy import Forfeit, MixturePolicy, Policy, grouped, shown_to
from ..arenas.arena import ArenaError, Game, Outcome
from ..arenas.batch import Batch
from ..arenas.dice import SEED_LIMIT
from ..arenas.imagine import Seats
from .records import GameKey, GameRecord, Reason

Words = NDArray[np.uint64]

WEYL = np.uint64(0x9E3779B97F4A7C15)
SIDES = np.array([1, 2], np.uint64) * WEYL


def derive_seed(seed: int, *names: str | int) -> int:
    """A seed in [0, 2**62) for one named use of a run's seed: another name, another stream."""
    digest = blake2b("\0".join(map(str, (seed, *names))).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") % SEED_LIMIT


# --- which games make a pair ---


def exchange_matters(game: Game, samples: int = 64) -> bool:
    """Whether exchanging the seats of two agents can give another game: some fresh match differs from its mirror image.

    False only in a symmetric game whose setups are exactly mirrored, as when both sides are always the same character.
    """
    if not game.symmetric or game.arena.rules.mirror is None:
        return True
    batch = Batch(game, samples, threads=1)
    fresh = batch.state.copy()
    batch.mirror()
    batch.state.flipped[:] = 0  # the sides' dice are exchanged too: that is luck, not setup
    return fresh.tobytes() != batch.state.tobytes()


def games_per_pair(game: Game) -> int:
    """How many games the unit of all statistics has: two, the agents exchanging seats over one seed, or one.

    One where the seats are different roles (`game.symmetric` is false), so that there is nothing to exchange, and where
    the exchange changes nothing: it would count one game twice.
    """
    return 2 if game.symmetric and exchange_matters(game) else 1


def pair_keys(game: Game, row: str, column: str, seeds: Sequence[int], per_pair: int | None = None) -> list[GameKey]:
    """The games of the pairs over `seeds` between two agents, by hash.

    In a game that is not symmetric the row agent has seat 0. per_pair: `games_per_pair(game)`, where it is known.
    """
    if not game.symmetric:
        return [GameKey(row, column, seed, 0) for seed in seeds]
    if (per_pair or games_per_pair(game)) == 2:
        return [GameKey(row, column, seed, seat) for seed in seeds for seat in (0, 1)]
    # Singles: the seats still take turns, so that a fault that favours one seat would favour nobody.
    first, second = sorted((row, column))  # whichever agent is named first
    keys = (GameKey(first, second, seed, seed & 1) for seed in seeds)
    return [key if key.row == row else key.swapped() for key in keys]


# --- streams of chance, one a game and agent ---


def mix64(x: Words) -> Words:
    """Scrambles 64 bits (the finaliser of splitmix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
    Generators", 2014, as in Vigna's public splitmix64.c)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


class RowGenerator(np.random.Generator):
    """A generator whose `random((N, ...))` draws row i from the stream `keys[i]` alone (uint64 [N]).

    A policy that draws so, as all of ours do, chooses the same in a game whatever other games are in the batch (up to
    the rounding of its forward pass). Any other method draws from one generator keyed by all rows together.
    """

    def __init__(self, keys: Words):
        self._keys, self._calls = keys, 0
        super().__init__(np.random.Philox(key=int(np.bitwise_xor.reduce(keys))))

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        shape = (size,) if isinstance(size, int) else tuple(size or ())
        if out is not None or not shape or shape[0] != len(self._keys):
            return super().random(size, dtype, out)
        self._calls += 1
        base = mix64(self._keys + np.array([self._calls], np.uint64) * WEYL)
        count = int(np.prod(shape[1:]))
        numbers = mix64(base[:, None] + np.arange(1, count + 1, dtype=np.uint64) * WEYL).reshape(shape)
        if np.dtype(dtype) == np.float32:
            return (numbers >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)
        return (numbers >> np.uint64(11)).astype(np.float64) * 2**-53


# --- playing ---


def play_keys(
    game: Game,
    policies: Mapping[str, Policy],
    keys: Sequence[GameKey],
    *,
    matches: int = 1024,
    threads: int | None = None,
) -> Iterator[list[GameRecord]]:
    """Plays the games of `keys`, at most `matches` side by side; yields after each decision the games that ended in it.

    policies: by the hashes in the keys. A mixture draws its member once a game. A game that has ended makes room for
    the next key. A policy that forfeits loses the game there: `GameRecord.reason` says how.
    """
    if game.sides != 2:
        raise ArenaError(f"{game.arena.name} has sides = {game.sides}: games are played between two policies")
    try:
        for part, width in _by_width(policies, keys, matches):
            table = _Table(game, policies, part, width, threads)
            while table.playing.any():
                yield table.decide()
    finally:
        for policy in policies.values():
            policy.close()


def _by_width(
    policies: Mapping[str, Policy], keys: Sequence[GameKey], matches: int
) -> Iterator[tuple[list[GameKey], int]]:
    """The keys in parts that can be played side by side, and how many at a time: some policies play few matches."""
    most = {name: min([matches, *_limits(policy)]) for name, policy in policies.items()}
    parts: dict[int, list[GameKey]] = {}
    for key in keys:
        parts.setdefault(min(most[key.row], most[key.column]), []).append(key)
    for width in sorted(parts):
        yield parts[width], min(width, len(parts[width]))


def _limits(policy: Policy) -> list[int]:
    leaves = policy.members if isinstance(policy, MixturePolicy) else [policy]
    return [leaf.most_matches for leaf in leaves if leaf.most_matches is not None]


def play_games(
    game: Game, row: Policy, column: Policy, seeds: Sequence[int], *, matches: int = 1024, threads: int | None = None
) -> list[GameRecord]:
    """Plays one pair (see `games_per_pair`) for each seed; the games as the row policy saw them, by seed."""
    keys = pair_keys(game, row.policy_hash, column.policy_hash, seeds)
    policies = {row.policy_hash: row, column.policy_hash: column}
    finished = play_keys(game, policies, keys, matches=matches, threads=threads)
    found = {record.key: record for records in finished for record in records}
    return [found[key] for key in keys]


def pair_utilities(records: Sequence[GameRecord]) -> NDArray[np.float64]:
    """The row agent's mean utility of each pair, [pairs], from the games of one pair of agents."""
    by_seed: dict[int, list[float]] = {}
    for record in records:
        by_seed.setdefault(record.key.seed, []).append(record.utility)
    return np.array([sum(utilities) / len(utilities) for utilities in by_seed.values()])


class _Table:
    """A batch whose matches follow a list of keys. Flat seats, match * 2 + side, as in a `Lineup`."""

    def __init__(
        self, game: Game, policies: Mapping[str, Policy], keys: Sequence[GameKey], matches: int, threads: int | None
    ):
        self.game, self.keys, self.next = game, keys, 0
        planes = any(
            leaf.sees_planes
            for policy in policies.values()
            for leaf in (policy.members if isinstance(policy, MixturePolicy) else [policy])
        )
        self.batch = batch = Batch(game, matches, threads=threads, auto_reset=False, planes=planes)
        names = sorted(policies)
        number = {name: i for i, name in enumerate(names)}
        self.agents = np.array([[number[key.row], number[key.column]] for key in keys])  # row, column
        self.agents[[key.seat == 1 for key in keys]] = self.agents[[key.seat == 1 for key in keys]][:, ::-1]  # by side
        self.seeds = np.array([key.seed for key in keys], np.int64)
        words = (blake2b(name.encode(), digest_size=8).digest() for name in names)
        self.agent_words = np.frombuffer(b"".join(words), np.uint64)
        self.leaves: list[Policy] = []
        self.first_leaf, self.edges = [], []  # of each agent: where its leaves begin, and its cumulated weights
        for name in names:
            policy = policies[name]
            inside = policy if isinstance(policy, MixturePolicy) else MixturePolicy([policy])
            self.first_leaf.append(len(self.leaves))
            self.leaves += inside.members
            self.edges.append(np.cumsum(inside.weights)[:-1])
        inside = [-1 if leaf.bot is None else game.arena.bot(leaf.bot) for leaf in self.leaves]
        self.bots = np.array(inside, np.int8)
        self.memories = [leaf.initial_state(2 * matches) for leaf in self.leaves]

        self.playing = np.ones(matches, np.bool_)
        self.key_of = np.zeros(matches, np.int64)
        self.seated = np.zeros((matches, 2), np.int64)  # leaf
        self.streams = np.zeros((matches, 2), np.uint64)
        self.first = np.zeros(matches, np.bool_)  # whether side 0 has the agent whose hash sorts first
        self.decisions = np.zeros(matches, np.uint64)
        self.trajectory = np.zeros(matches, np.uint64)
        width = batch.observations[0].size
        self.weights = mix64(np.arange(1, max(width, batch.actions[0].size) + 1, dtype=np.uint64)) | np.uint64(1)
        self._deal(self.playing.copy())

    def _deal(self, ended: NDArray[np.bool_]) -> None:
        """Gives the next keys to the matches marked (bool [B]); those that get none stand idle."""
        rows = np.flatnonzero(ended)
        keys = np.arange(self.next, min(self.next + len(rows), len(self.keys)))
        self.next += len(keys)
        rows, idle = rows[: len(keys)], rows[len(keys) :]
        self.playing[idle] = False
        if len(rows):
            agents, seeds = self.agents[keys], self.seeds[keys]
            self.key_of[rows] = keys
            self.first[rows] = agents[:, 0] <= agents[:, 1]
            for side in (0, 1):
                word = self.agent_words[agents[:, side]] + SIDES[side]
                self.streams[rows, side] = mix64(mix64(word) ^ seeds.astype(np.uint64))
                self.seated[rows, side] = self._draw(agents[:, side], self.streams[rows, side])
            self.batch.state.opponent[rows] = self.bots[self.seated[rows]]
            self.decisions[rows] = 0
            self.trajectory[rows] = 0
            begins = np.zeros(len(self.playing), np.bool_)
            begins[rows] = True
            for leaf, memory in zip(self.leaves, self.memories, strict=True):
                leaf.reset(memory, np.repeat(begins, 2))
            all_seeds = np.zeros(len(begins), np.int64)
            all_seeds[rows] = seeds
            self.batch.reset(begins, seeds=all_seeds)
            self._note(rows, self.batch.observations[rows].view(np.uint32))
        thinking = np.flatnonzero((np.repeat(self.playing, 2)) & (self.bots[self.seated.reshape(-1)] < 0))
        self.groups = [
            (member, thinking[rows], self.memories[number])
            for number, member, rows in grouped(self.leaves, self.seated.reshape(-1)[thinking])
        ]

    def _draw(self, agents: NDArray[np.int64], streams: Words) -> NDArray[np.int64]:
        """Which leaf plays for each agent in these games: its own, or one drawn where it is a mixture."""
        where = RowGenerator(streams ^ WEYL).random(len(streams))
        leaf = np.array(self.first_leaf)[agents]
        for agent in np.unique(agents):
            if len(self.edges[agent]):
                leaf[agents == agent] += np.searchsorted(self.edges[agent], where[agents == agent], side="right")
        return leaf

    def decide(self) -> list[GameRecord]:
        """One decision of every match; the games that ended in it."""
        batch = self.batch
        b, _, k = batch.actions.shape
        actions = np.zeros((2 * b, k), np.int16)
        seen, legal = batch.observations.reshape(2 * b, -1), batch.masks.reshape(2 * b, k, -1)
        streams = self.streams.reshape(-1)
        lost: dict[int, Forfeit] = {}  # by seat
        for policy, seats, memory in self.groups:
            rng = RowGenerator(mix64(streams[seats] + self.decisions[seats // 2] * WEYL))
            shown = shown_to(policy, batch, seen)[seats]
            asked = (Seats(batch, seats // 2, seats % 2), shown, legal[seats], memory[seats], rng)
            actions[seats], memory[seats], failed = policy.act_seated(*asked)
            lost |= {int(seats[row]): kind for row, kind in failed.items()}
        batch.step(actions.reshape(batch.actions.shape))
        self.decisions += np.uint64(1)
        self._note(slice(None), batch.actions)
        forfeited = np.zeros(b, np.bool_)
        forfeited[[seat // 2 for seat in lost]] = True
        rows = np.flatnonzero(batch.done & self.playing & ~forfeited)
        records = []
        if len(rows):
            self._note(rows, batch.final_observations[rows].view(np.uint32))
            records = [self._record(i) for i in rows.tolist()]
        records += [self._forfeit(i, lost.get(2 * i), lost.get(2 * i + 1)) for i in np.flatnonzero(forfeited).tolist()]
        if records:
            self._deal((batch.done | forfeited) & self.playing)
        return records

    def _note(self, rows: Any, what: np.ndarray) -> None:
        """Mixes what happened in some matches, [n, 2, ...] by side, into their trajectories.

        Sides are taken in the order of their agents' hashes: the mirror image of a game has its trajectory.
        """
        first = self.first[rows]
        own = np.where(first[:, None, None], what, what[:, ::-1]).reshape(len(first), -1).astype(np.uint64)
        total = (own * self.weights[: own.shape[1]]).sum(1, dtype=np.uint64)
        self.trajectory[rows] = mix64(self.trajectory[rows] * WEYL + total)

    def _record(self, i: int) -> GameRecord:
        key, outcome = self.keys[self.key_of[i]], int(self.batch.outcome[i])
        won = {Outcome.FIRST: 1, Outcome.SECOND: -1, Outcome.DRAW: 0}[Outcome(outcome)]
        return GameRecord(
            key,
            won if key.seat == 0 else -won,
            float(self.batch.utility[i, key.seat]),
            int(self.batch.state.tick[i]),
            int(self.decisions[i]),
            f"{int(self.trajectory[i]):016x}",
        )

    def _forfeit(self, i: int, first: Forfeit | None, second: Forfeit | None) -> GameRecord:
        """The record of a game that one side forfeited, or both. It costs what a game can cost at most.

        Its trajectory is like no other: failing in the same way again is a failure more, not a copy of the first.
        """
        key = self.keys[self.key_of[i]]
        won = (second is not None) - (first is not None)
        won = won if key.seat == 0 else -won
        kind = "both" if first and second else first or second
        trajectory = mix64(self.trajectory[i : i + 1] ^ mix64(self.seeds[self.key_of[i], None].astype(np.uint64)))[0]
        return GameRecord(
            key,
            won,
            won * self.game.utility_bound,
            int(self.batch.state.tick[i]),
            int(self.decisions[i]),
            f"{int(trajectory):016x}",
            Reason(f"forfeit-{kind}"),
        )
