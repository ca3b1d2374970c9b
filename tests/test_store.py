"""The run's file: idempotent games, resuming by missing keys, readers beside the writer, and being killed."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kumite.league import store as store_module
from kumite.league.payoff import PayoffTable
from kumite.league.records import GameKey, GameRecord, Member, Reason
from kumite.league.store import RunStore, StoreError

HASHES = ("aaaa", "bbbb", "cccc")


@pytest.fixture
def store(tmp_path):
    with RunStore.create(
        tmp_path / "run.sqlite", spec={"arena": "kuhn", "seed": 3}, versions={"kumite": "0.1"}, content_hash="c0ffee"
    ) as created:
        yield created


def game(row: str, column: str, seed: int, seat: int, outcome: int = 1, **more) -> GameRecord:
    stored = seat if row <= column else 1 - seat  # a game has one trajectory, whoever tells of it
    fields = {"utility": float(outcome), "ticks": 60, "decisions": 15, "trajectory": f"{seed}-{stored}"} | more
    return GameRecord(GameKey(row, column, seed, seat), outcome, **fields)


def all_keys(pairs: int) -> list[GameKey]:
    meetings = [(a, b) for i, a in enumerate(HASHES) for b in HASHES[i + 1 :]]
    return [GameKey(a, b, seed, seat) for a, b in meetings for seed in range(pairs) for seat in (0, 1)]


def played(key: GameKey) -> GameRecord:
    """A game whose result follows from its key alone, as a real one does."""
    outcome = (hash((key.row < key.column, key.seed, key.seat)) % 3) - 1
    return game(*key, outcome=outcome, trajectory=f"{key.seed % 5}/{key.seat}", created=0.0)


def test_a_run_keeps_what_it_was_started_with(store):
    reader = RunStore(store.path, read_only=True)
    assert reader.spec == {"arena": "kuhn", "seed": 3}
    assert reader.versions == {"kumite": "0.1"}
    assert reader.content_hash == "c0ffee"
    reader.close()
    assert sqlite3.connect(store.path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_run_is_never_overwritten_and_leaves_no_draft(store):
    with pytest.raises(StoreError, match="exists already"):
        RunStore.create(store.path, spec={}, versions={}, content_hash="")
    assert not [p.name for p in store.path.parent.iterdir() if p.name.startswith(".")]


def test_doing_a_game_again_records_it_once(store):
    first = [game("aaaa", "bbbb", seed, seat) for seed in range(3) for seat in (0, 1)]
    assert store.add_games(first) == 6
    assert store.add_games([*first[:4], game("aaaa", "bbbb", 9, 0)]) == 1
    assert store.game_count() == 7


def test_a_game_done_again_with_another_result_is_refused_whole(store):
    """From whichever side it is told; a forfeit may come or not."""
    store.add_games([game("aaaa", "bbbb", 1, 0), game("aaaa", "bbbb", 2, 0, outcome=-1, reason=Reason.TIMEOUT)])
    for other in (game("aaaa", "bbbb", 1, 0, outcome=-1), game("bbbb", "aaaa", 1, 1, outcome=-1, trajectory="other")):
        with pytest.raises(StoreError, match="seed 1, seat 0 is recorded with"):
            store.add_games([game("aaaa", "bbbb", 9, 0), other])
    assert store.game_count() == 2
    assert store.add_games([game("bbbb", "aaaa", 1, 1, outcome=-1), game("aaaa", "bbbb", 2, 0)]) == 0
    assert [record.reason for record in store.games("aaaa", "bbbb")] == [Reason.NORMAL, Reason.TIMEOUT]


def test_a_game_named_from_either_side_is_one_game(store):
    store.add_games([game("bbbb", "aaaa", 5, 0, outcome=1, utility=2.0)])
    # bbbb sat first and won; from aaaa's side that is seat 1 and a loss.
    assert store.add_games([game("aaaa", "bbbb", 5, 1, outcome=-1, utility=-2.0)]) == 0
    assert store.missing_keys([GameKey("aaaa", "bbbb", 5, 1), GameKey("bbbb", "aaaa", 5, 0)]) == []
    (seen,) = store.games("aaaa", "bbbb")
    assert (seen.key.seat, seen.outcome, seen.utility) == (1, -1, -2.0)
    (other,) = store.games("bbbb", "aaaa")
    assert (other.key.seat, other.outcome, other.utility) == (0, 1, 2.0)


def test_missing_keys_come_back_in_the_order_and_form_asked_for(store):
    store.add_games([game("aaaa", "bbbb", 1, 0), game("aaaa", "cccc", 1, 1)])
    wanted = [GameKey("bbbb", "aaaa", 2, 0), GameKey("aaaa", "bbbb", 1, 0), GameKey("cccc", "aaaa", 1, 1)]
    assert store.missing_keys([*wanted, wanted[0], GameKey("aaaa", "bbbb", 2, 1)]) == [wanted[0], wanted[2]]


def test_seeds_use_all_sixty_four_bits(store):
    high = (1 << 64) - 1
    store.add_games([game("aaaa", "bbbb", high, 0), game("aaaa", "bbbb", 1 << 63, 0), game("aaaa", "bbbb", 7, 0)])
    assert [g.key.seed for g in store.games("aaaa", "bbbb")] == [7, 1 << 63, high]
    assert store.missing_keys([GameKey("aaaa", "bbbb", high, 0)]) == []
    assert store.pairs("bbbb", "aaaa", games_per_pair=1).seeds.tolist() == [7, 1 << 63, high]


def test_payoff_table_from_the_store_equals_one_filled_by_hand(store):
    by_hand = PayoffTable(["x", "y", "z"])
    names = dict(zip(["x", "y", "z"], ["cccc", "aaaa", "bbbb"]))
    rng = np.random.default_rng(0)
    for row, column in [("x", "y"), ("z", "y"), ("x", "z")]:
        outcome = rng.integers(-1, 2, size=(20, 2))
        utility = outcome * rng.uniform(0.5, 2, size=(20, 2))
        by_hand.add(row, column, utility, outcome)
        store.add_games(
            game(names[row], names[column], seed, seat, int(outcome[seed, seat]), utility=utility[seed, seat])
            for seed in range(20)
            for seat in (0, 1)
        )
    table = store.payoff(names)
    for field in table.cells.dtype.names:
        np.testing.assert_allclose(table.cells[field], by_hand.cells[field], rtol=1e-12, err_msg=field)
    flipped = store.payoff({"y": "aaaa"}, {"x": "cccc", "nobody": "dddd"})
    assert flipped.mean()[0, 0] == pytest.approx(by_hand.mean()[1, 0])
    assert np.isnan(flipped.mean()[0, 1])


def test_half_a_pair_waits_until_it_is_whole(store):
    store.add_games([game("aaaa", "bbbb", 0, 0), game("aaaa", "bbbb", 0, 1), game("aaaa", "bbbb", 1, 0)])
    assert store.payoff({"a": "aaaa", "b": "bbbb"}).cells["games"][0, 1] == 2
    assert store.pairs("aaaa", "bbbb").seeds.tolist() == [0]
    store.add_games([game("aaaa", "bbbb", 1, 1)])
    assert store.payoff({"a": "aaaa", "b": "bbbb"}).cells["pairs"][0, 1] == 2


def test_pairs_count_what_is_distinct(store):
    store.add_games(
        game("aaaa", "bbbb", seed, seat, outcome=1 - 2 * seat, trajectory=f"{seed % 2}")
        for seed in range(10)
        for seat in (0, 1)
    )
    pairs = store.pairs("aaaa", "bbbb")
    assert pairs.distinct == 2
    np.testing.assert_array_equal(pairs.outcome, np.tile([1, -1], (10, 1)))
    np.testing.assert_array_equal(store.pairs("bbbb", "aaaa").utility, np.tile([1, -1], (10, 1)))
    assert store.pairs("aaaa", "cccc").utility.shape == (0, 2)


def test_forfeits_are_kept_and_counted_for_the_loser(store):
    store.add_games(
        [
            game("aaaa", "bbbb", 0, 0, outcome=1, reason=Reason.CRASH),
            game("bbbb", "aaaa", 1, 0, outcome=-1, reason=Reason.CRASH),
            game("aaaa", "bbbb", 2, 0, outcome=-1, reason=Reason.TIMEOUT),
            game("aaaa", "bbbb", 3, 0, outcome=-1),
        ]
    )
    assert store.forfeits() == {"bbbb": {Reason.CRASH: 2}, "aaaa": {Reason.TIMEOUT: 1}}
    assert store.payoff({"a": "aaaa", "b": "bbbb"}, games_per_pair=1).cells["games"][0, 1] == 4


def test_members_are_recorded_once_and_never_change_content(store):
    first = Member("main-0", "checkpoint", "main", "h0", iteration=1, path="members/main-0")
    assert store.add_member(first) == store.add_member(first) == 1
    assert store.add_member(Member("cpu-1", "bot", "fixed", "h1", parent="main-0")) == 2
    assert [(m.name, m.hash, m.parent, m.path) for m in store.members()] == [
        ("main-0", "h0", None, "members/main-0"),
        ("cpu-1", "h1", "main-0", None),
    ]
    with pytest.raises(StoreError, match="recorded with hash h0, now got other"):
        store.add_member(Member("main-0", "checkpoint", "main", "other"))


def test_scalars_done_again_replace_and_events_add_up(store):
    store.add_scalars([("loss", 0, 1.0), ("loss", 10, 0.5), ("entropy", 0, float("nan"))])
    store.add_scalars([("loss", 10, 0.25)])
    assert store.scalar_names() == ["entropy", "loss"]
    np.testing.assert_array_equal(store.scalars("loss")[:, :2], [[0, 1.0], [10, 0.25]])
    assert np.isnan(store.scalars("entropy")[0, 1])
    assert store.scalars("absent").shape == (0, 3)
    store.add_event(1, "solve", {"mixture": [0.5, 0.5]})
    store.add_event(1, "gate")
    store.add_event(2, "solve", {})
    assert store.events() == [(1, "solve", {"mixture": [0.5, 0.5]}), (1, "gate", {}), (2, "solve", {})]
    assert [iteration for iteration, _, _ in store.events("solve")] == [1, 2]


def test_a_transaction_happens_whole_or_not_at_all(store):
    def half_way() -> None:
        with store.transaction():
            store.add_member(Member("m", "bot", "fixed", "h"))
            store.add_games([game("aaaa", "bbbb", 0, 0)])
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        half_way()
    assert store.members() == []
    assert store.game_count() == 0
    with store.transaction():
        store.add_event(0, "start")
        store.add_games([game("aaaa", "bbbb", 0, 0)])
    assert (store.game_count(), len(store.events())) == (1, 1)


def test_readers_see_commits_while_the_run_writes_and_cannot_write(store):
    with RunStore(store.path, read_only=True) as reader:
        store.add_games([game("aaaa", "bbbb", 0, 0)])
        assert reader.game_count() == 1
        with store.transaction():
            store.add_games([game("aaaa", "bbbb", 1, 0)])
            assert reader.game_count() == 1
        assert reader.game_count() == 2
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.add_games([game("aaaa", "bbbb", 2, 0)])


def test_a_finished_run_can_be_read_from_a_closed_file(store):
    store.add_games([game("aaaa", "bbbb", 0, 0)])
    store.close()
    with RunStore(store.path, read_only=True) as reader:
        assert reader.game_count() == 1


def test_a_record_that_is_not_one_is_refused(store):
    with pytest.raises(ValueError, match="seat of 0 or 1"):
        game("aaaa", "bbbb", 0, 2)
    with pytest.raises(ValueError, match="unsigned 64-bit"):
        game("aaaa", "bbbb", -1, 0)
    with pytest.raises(ValueError, match="outcome 3"):
        game("aaaa", "bbbb", 0, 0, outcome=3)
    with pytest.raises(ValueError, match="utility nan"):
        game("aaaa", "bbbb", 0, 0, utility=float("nan"))
    with pytest.raises(ValueError, match="bored"):
        store.add_games([game("aaaa", "bbbb", 0, 0, reason="bored")])
    # INSERT OR IGNORE would have dropped this row without a word, and the run would have replayed it for ever.
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"):
        store.add_games([game("aaaa", "bbbb", 0, 0, trajectory=None)])
    assert store.game_count() == 0


def test_other_files_and_other_versions_are_refused_by_name(tmp_path, store):
    with pytest.raises(StoreError, match="no run store at"):
        RunStore(tmp_path / "absent.sqlite")
    (tmp_path / "text").write_text("not a database, but long enough to have a header of some kind " * 4)
    with pytest.raises(StoreError, match="is not a run store"):
        RunStore(tmp_path / "text")
    sqlite3.connect(tmp_path / "other").executescript("CREATE TABLE t (x)")
    with pytest.raises(StoreError, match="not a run store of kumite"):
        RunStore(tmp_path / "other")
    store.close()
    newer = sqlite3.connect(store.path)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreError, match=f"store version 99, this kumite reads version {store_module.SCHEMA_VERSION}"):
        RunStore(store.path)


# Plays what is missing in batches of seven and says so after each commit.
WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from test_store import all_keys, played
from kumite.league.store import RunStore
with RunStore(sys.argv[1]) as store:
    todo = store.missing_keys(all_keys(2000))
    for start in range(0, len(todo), 7):
        store.add_games(played(key) for key in todo[start : start + 7])
        print(store.game_count(), flush=True)
"""


def test_killed_at_any_moment_nothing_finished_is_lost(store, tmp_path):
    keys = all_keys(2000)
    store.close()
    command = [sys.executable, "-c", WRITER, str(store.path), str(Path(__file__).parent)]
    recorded = 0
    for batches in (1, 6, 17, 30, 44):
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(batches):
            acknowledged = int(writer.stdout.readline())
        time.sleep(0.0007 * batches)  # somewhere inside the batches that follow
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        assert writer.wait() == -signal.SIGKILL
        writer.stdout.close()
        with RunStore(store.path, read_only=True) as reader:
            survived = reader.game_count()
            assert acknowledged <= survived < len(keys)
            assert survived > recorded
            assert len(reader.missing_keys(keys)) == len(keys) - survived
        recorded = survived
    subprocess.run(command, check=True, capture_output=True)
    with (
        RunStore(store.path) as resumed,
        RunStore.create(tmp_path / "whole.sqlite", spec={}, versions={}, content_hash="") as whole,
    ):
        whole.add_games(played(key) for key in keys)
        assert resumed.game_count() == len(keys)
        for row, column in (("aaaa", "bbbb"), ("aaaa", "cccc"), ("bbbb", "cccc")):
            assert resumed.games(row, column) == whole.games(row, column)
        assert resumed._db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
