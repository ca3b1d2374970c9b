"""The record of a run: one append-only SQLite file that survives being killed and can be read while it is written.

A game is identified by who met whom from which seat in which setup, so a game done twice is recorded once, and resuming
a run is doing the keys that are missing. Uncertain or partial work never reaches the file: rows appear by transactions.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from .payoff import CELL, PayoffTable, mirrored
from .records import GameKey, GameRecord, Member, Pairs, Reason, canonical

SCHEMA_VERSION = 1
# Written in the file's header ("KUMI"), so that another SQLite file is not taken for a run.
APPLICATION_ID = 0x4B554D49

# `game` is stored in the order of its key (WITHOUT ROWID): all games of a pair of members lie together on disk.
# Of the two names for one game, (a, b, seed, seat) and (b, a, seed, 1 - seat), the one with the smaller hash first is
# stored, seen by that member. Seeds are u64 in two's complement, since SQLite's integers are signed.
SCHEMA = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY CHECK (id = 1), spec TEXT NOT NULL, versions TEXT NOT NULL, content_hash TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE member (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, role TEXT NOT NULL, parent TEXT,
    hash TEXT NOT NULL, path TEXT, iteration INTEGER NOT NULL, added_at REAL NOT NULL, population INTEGER NOT NULL
);
CREATE TABLE game (
    row_hash TEXT NOT NULL, column_hash TEXT NOT NULL, seed INTEGER NOT NULL, seat INTEGER NOT NULL,
    outcome INTEGER NOT NULL, utility REAL NOT NULL, ticks INTEGER NOT NULL, decisions INTEGER NOT NULL,
    trajectory TEXT NOT NULL, reason TEXT NOT NULL, created REAL NOT NULL,
    PRIMARY KEY (row_hash, column_hash, seed, seat)
) WITHOUT ROWID;
CREATE TABLE scalar (
    name TEXT NOT NULL, step INTEGER NOT NULL, value REAL, wall REAL NOT NULL, PRIMARY KEY (name, step)
) WITHOUT ROWID;
CREATE TABLE event (
    id INTEGER PRIMARY KEY, iteration INTEGER NOT NULL, phase TEXT NOT NULL, data TEXT NOT NULL, created REAL NOT NULL
);
"""


class StoreError(RuntimeError):
    """A file that is not a run of this version, or a record that contradicts what the run already holds."""


class RunStore:
    """A run's file. One process writes; any number may read it meanwhile."""

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            raise StoreError(f"no run store at {self.path}")
        mode = "ro" if read_only else "rw"
        # autocommit: transactions are opened by name, in `transaction`.
        self._db = sqlite3.connect(
            f"file:{quote(str(self.path.absolute()))}?mode={mode}", uri=True, timeout=30, isolation_level=None
        )
        try:
            self._check_header()
            # NORMAL, not FULL: in WAL mode a killed process loses no commit, and a power failure at worst the latest
            # ones, never their order. What a run loses is played again from its keys with the same result, which is
            # cheaper than waiting for the disk after every batch.
            self._db.execute("PRAGMA synchronous = NORMAL")
            spec, versions, self.content_hash = self._one("SELECT spec, versions, content_hash FROM run")
        except BaseException:
            self._db.close()
            raise
        self.spec: dict[str, Any] = json.loads(spec)
        self.versions: dict[str, str] = json.loads(versions)

    @classmethod
    def create(
        cls, path: str | Path, *, spec: Mapping[str, Any], versions: Mapping[str, str], content_hash: str
    ) -> RunStore:
        """Start a run's file. It appears whole or not at all; an existing one is never overwritten."""
        final = Path(path)
        if final.exists():
            raise StoreError(f"{final} exists already: open it to go on, or choose another run")
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = final.with_name(f".{final.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        db = sqlite3.connect(draft)
        try:
            db.executescript(SCHEMA)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            settings = (json.dumps(dict(spec), sort_keys=True), json.dumps(dict(versions), sort_keys=True))
            db.execute("INSERT INTO run VALUES (1, ?, ?, ?, ?)", (*settings, content_hash, time.time()))
            db.commit()
            db.execute("PRAGMA journal_mode = WAL")
        finally:
            db.close()
        draft.replace(final)
        return cls(final)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> RunStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written inside appears at once, or not at all. May be nested; the outermost decides."""
        if self._db.in_transaction:
            yield
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # ---- members

    def add_member(self, member: Member) -> int:
        """Record a member and return its number; adding the same one again changes nothing."""
        with self.transaction():
            known = self._db.execute("SELECT id, hash FROM member WHERE name = ?", (member.name,)).fetchone()
            if known and known[1] != member.hash:
                raise StoreError(f"member {member.name!r} is recorded with hash {known[1]}, now got {member.hash}")
            if known:
                return known[0]
            added_at = time.time() if member.added_at is None else member.added_at
            row = (member.name, member.kind, member.role, member.parent, member.hash, member.path, member.iteration)
            added = self._db.execute(
                "INSERT INTO member VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, added_at, member.population)
            )
            return int(added.lastrowid or 0)

    def members(self) -> list[Member]:
        """All members in the order they were added."""
        fields = "name, kind, role, hash, iteration, parent, path, added_at, population"
        return [Member(*row) for row in self._db.execute(f"SELECT {fields} FROM member ORDER BY id")]

    # ---- games

    def add_games(self, records: Iterable[GameRecord]) -> int:
        """Record finished games in one transaction and return how many were new: known keys are left as they are.

        A game done again must be the game recorded, or nothing is written: its key decides all that happens in it. Only
        a forfeit need not come again, since it can depend on how fast a machine is.
        """
        now = time.time()
        rows = [_game_row(record, now) for record in records]
        with self.transaction():
            before = self._db.total_changes
            # Only the key's conflict is forgiven: INSERT OR IGNORE would also swallow a row that breaks NOT NULL.
            self._db.executemany(
                "INSERT INTO game VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (row_hash, column_hash, seed, seat) DO NOTHING",
                rows,
            )
            new = self._db.total_changes - before
            if new < len(rows):
                self._compare(rows)
        return new

    def _compare(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Refuses games that differ from what is recorded under their keys."""
        facts = "outcome, utility, ticks, decisions, trajectory, reason"
        for row in rows:
            where = "row_hash = ? AND column_hash = ? AND seed = ? AND seat = ?"
            (known,) = self._db.execute(f"SELECT {facts} FROM game WHERE {where}", row[:4])
            again = row[4:10]
            if known != again and {known[-1], again[-1]} == {Reason.NORMAL.value}:
                raise StoreError(
                    f"the game of {row[0]} and {row[1]}, seed {_unsigned(row[2])}, seat {row[3]} is recorded with "
                    f"({facts}) = {known} and was played again with {again}: one of the agents cannot be repeated, or "
                    "the store is shared by machines that calculate differently"
                )

    def missing_keys(self, wanted: Iterable[GameKey]) -> list[GameKey]:
        """Those of `wanted` that are not recorded, each once, in the order and form asked for."""
        asked: dict[GameKey, GameKey] = {}
        for key in wanted:
            asked.setdefault(canonical(key), key)
        done = set()
        for row, column in {(key.row, key.column) for key in asked}:
            found = self._db.execute(
                "SELECT seed, seat FROM game WHERE row_hash = ? AND column_hash = ?", (row, column)
            )
            done.update(GameKey(row, column, _unsigned(seed), seat) for seed, seat in found)
        return [key for stored, key in asked.items() if stored not in done]

    def games(self, row: str, column: str) -> list[GameRecord]:
        """The games between two members by hash, seen by `row`, in the order of seed and seat."""
        first, second = sorted((row, column))
        found = self._db.execute("SELECT * FROM game WHERE row_hash = ? AND column_hash = ?", (first, second))
        records = [
            GameRecord(
                GameKey(a, b, _unsigned(seed), seat), outcome, utility, ticks, decisions, path, Reason(why), when
            )
            for a, b, seed, seat, outcome, utility, ticks, decisions, path, why, when in found
        ]
        seen = records if first == row else [record.swapped() for record in records]
        return sorted(seen, key=lambda record: (record.key.seed, record.key.seat))

    def game_count(self) -> int:
        """How many games are recorded."""
        return self._one("SELECT COUNT(*) FROM game")[0]

    def forfeits(self) -> dict[str, dict[Reason, int]]:
        """How many games each member (by hash) forfeited, by kind; only members that did."""
        counts: dict[str, dict[Reason, int]] = {}
        found = self._db.execute(
            "SELECT row_hash, column_hash, outcome, reason, COUNT(*) FROM game WHERE reason != ? GROUP BY 1, 2, 3, 4",
            (Reason.NORMAL.value,),
        )
        for row, column, outcome, reason, count in found:
            for loser in {0: (row, column), 1: (column,), -1: (row,)}[outcome]:
                kinds = counts.setdefault(loser, {})
                kinds[Reason(reason)] = kinds.get(Reason(reason), 0) + count
        return counts

    def pairs(self, row: str, column: str, *, games_per_pair: int = 2, seat: int | None = None) -> Pairs:
        """The complete pairs between two members by hash. A pair cut in half by a kill waits until it is finished.

        seat: only games in which `row` had this seat, for games whose seats are different roles.
        """
        by_seed: dict[int, list[GameRecord]] = {}
        for game in self.games(row, column):
            if seat is None or game.key.seat == seat:
                by_seed.setdefault(game.key.seed, []).append(game)
        complete = {seed: games for seed, games in by_seed.items() if len(games) == games_per_pair}
        shape = (len(complete), games_per_pair)
        return Pairs(
            np.array(list(complete), dtype=np.uint64),
            np.array([[g.utility for g in games] for games in complete.values()], dtype=np.float64).reshape(shape),
            np.array([[g.outcome for g in games] for games in complete.values()], dtype=np.int8).reshape(shape),
            len({tuple(g.trajectory for g in games) for games in complete.values()}),
        )

    def payoff(
        self,
        rows: Mapping[str, str],
        columns: Mapping[str, str] | None = None,
        *,
        games_per_pair: int = 2,
        seat: int | None = None,
    ) -> PayoffTable:
        """The payoff table of these members (name → hash), from all complete pairs between them.

        seat: only games in which the row member had this seat. Where the seats are different roles, a policy that is in
        both populations meets another such policy from either seat, and those are different cells.
        """
        cells = {tuple(names): cell for *names, cell in self._cells(games_per_pair, by_seat=seat is not None)}
        results = []
        for i, (row, row_hash) in enumerate(rows.items()):
            others = list(rows.items())[i + 1 :] if columns is None else columns.items()
            for column, column_hash in others:
                stored_seat = 0 if seat is None else seat if row_hash <= column_hash else 1 - seat
                cell = cells.get((min(row_hash, column_hash), max(row_hash, column_hash), stored_seat))
                if cell is not None:
                    seen = cell if row_hash <= column_hash else mirrored(cell, games_per_pair)
                    results.append({"row": row, "column": column} | {name: seen[name] for name in CELL.names or ()})
        return PayoffTable.from_rows(
            results, list(rows), None if columns is None else list(columns), games_per_pair=games_per_pair
        )

    def _cells(self, games_per_pair: int, *, by_seat: bool) -> Iterator[tuple[str, str, int, NDArray[np.void]]]:
        """(row hash, column hash, the row's seat or 0 for all seats together, cell) of all games, in stored order."""
        found = self._db.execute(
            "WITH pair AS ("
            " SELECT row_hash, column_hash, CASE WHEN ?2 THEN seat ELSE 0 END AS part,"
            " COUNT(*) AS games, SUM(outcome = 1) AS wins, SUM(outcome = 0) AS draws,"
            " SUM(utility) AS total, SUM(utility * utility) AS squares"
            " FROM game GROUP BY row_hash, column_hash, part, seed HAVING COUNT(*) = ?1)"
            "SELECT row_hash, column_hash, part, SUM(games), SUM(wins), SUM(draws), SUM(total), SUM(squares), COUNT(*),"
            " SUM(total * total) / (?1 * ?1), SUM((wins + draws / 2.0) * (wins + draws / 2.0)) / (?1 * ?1)"
            " FROM pair GROUP BY row_hash, column_hash, part",
            (games_per_pair, by_seat),
        )
        for row, column, part, *sums in found:
            yield row, column, part, np.array(tuple(sums), dtype=CELL)

    # ---- scalars and events

    def add_scalars(self, scalars: Iterable[tuple[str, int, float]]) -> None:
        """Record (name, step, value) curves; a step done again after a resume replaces the earlier value."""
        now = time.time()
        with self.transaction():
            self._db.executemany(
                "INSERT INTO scalar VALUES (?, ?, ?, ?)"
                " ON CONFLICT (name, step) DO UPDATE SET value = excluded.value, wall = excluded.wall",
                [(name, int(step), float(value), now) for name, step, value in scalars],
            )

    def scalar_names(self) -> list[str]:
        """The names of all curves."""
        return [name for (name,) in self._db.execute("SELECT DISTINCT name FROM scalar ORDER BY name")]

    def scalars(self, name: str) -> NDArray[np.float64]:
        """One curve as `[points, 3]`: step, value (NaN where it was not a number), Unix seconds."""
        found = self._db.execute("SELECT step, value, wall FROM scalar WHERE name = ? ORDER BY step", (name,))
        return np.array(found.fetchall(), dtype=np.float64).reshape(-1, 3)

    def add_event(self, iteration: int, phase: str, data: Mapping[str, Any] | None = None) -> None:
        """Record that `phase` of an iteration happened. Of two records of one phase, the later one holds."""
        row = (iteration, phase, json.dumps(dict(data or {}), sort_keys=True), time.time())
        with self.transaction():
            self._db.execute("INSERT INTO event (iteration, phase, data, created) VALUES (?, ?, ?, ?)", row)

    def events(self, phase: str | None = None) -> list[tuple[int, str, dict[str, Any]]]:
        """(iteration, phase, data) in the order recorded, of one phase or all."""
        found = self._db.execute(
            "SELECT iteration, phase, data FROM event WHERE ?1 IS NULL OR phase = ?1 ORDER BY id", (phase,)
        )
        return [(iteration, name, json.loads(data)) for iteration, name, data in found]

    def _one(self, query: str) -> Sequence[Any]:
        return self._db.execute(query).fetchone()

    def _check_header(self) -> None:
        try:
            (application,), (version,) = self._one("PRAGMA application_id"), self._one("PRAGMA user_version")
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path} is not a run store: {error}") from error
        if application != APPLICATION_ID:
            raise StoreError(f"{self.path} is an SQLite file, but not a run store of kumite")
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{self.path} has store version {version}, this kumite reads version {SCHEMA_VERSION}: "
                "use the kumite that wrote it"
            )


def _game_row(record: GameRecord, now: float) -> tuple[Any, ...]:
    game = record if canonical(record.key) == record.key else record.swapped()
    row, column, seed, seat = game.key
    played = (int(game.outcome), float(game.utility), int(game.ticks), int(game.decisions), game.trajectory)
    ended = (Reason(game.reason).value, now if game.created is None else game.created)
    return (row, column, _signed(int(seed)), int(seat), *played, *ended)


def _signed(seed: int) -> int:
    return seed - (1 << 64) if seed >= 1 << 63 else seed


def _unsigned(stored: int) -> int:
    return stored + (1 << 64) if stored < 0 else stored
