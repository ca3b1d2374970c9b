"""A replay re-simulates to the same hashes, or says where it does not."""

import json

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.facades import SingleArena
from kumite.arenas.replay import Recorder, Replay, ReplayError, record_hash


def recorded(name, **options):
    batch = arenas.make_batch(name, matches=3, seed=8, auto_reset=False, **options)
    recorder = Recorder(batch, 1, players=("random", "random"))
    while not recorder.finished:
        batch.step(batch.random_actions())
        recorder()
    return recorder.replay


@pytest.mark.parametrize("name", arenas.names())
def test_a_replay_verifies_after_a_trip_to_disk(name, tmp_path):
    replay = recorded(name)
    loaded = Replay.load(replay.save(tmp_path / "match.npz"))
    assert loaded.first_difference() is None
    assert loaded.spec["outcome"] in (1, 2, 3)
    assert loaded.players == ("random", "random")


def test_bots_replay_from_their_own_dice():
    replay = recorded("example", opponents={0: "gambler", 1: "walker"})
    assert replay.first_difference() is None


@pytest.mark.parametrize("seed", range(4))
def test_the_last_decision_of_a_match_from_a_facade_verifies_bug(seed):
    """The next match's opponent was seated in the record that the last hash was taken of."""
    env = SingleArena("example", opponent={"walker": 1, "gambler": 1}, side="random", seed=seed)
    _, info = env.reset()
    recorder = Recorder(env.batch)
    while not recorder.finished:
        _, _, _, _, info = env.step(env.action_space.sample(info["action_mask"]))
        recorder()
    assert recorder.replay.first_difference() is None
    *_, last = recorder.replay.play()
    assert last.state.outcome[0] == recorder.outcome


def test_a_batch_that_starts_the_next_match_at_once_cannot_be_recorded():
    with pytest.raises(ReplayError, match="auto_reset=False"):
        Recorder(arenas.make_batch("example"))


def test_a_changed_action_is_found_at_its_decision():
    replay = recorded("example")
    replay.actions[4, 0, 0] = (replay.actions[4, 0, 0] + 1) % 2
    assert replay.first_difference() == 4


def test_a_changed_hash_is_found_at_its_decision():
    replay = recorded("example")
    replay.hashes[2] += np.uint64(1)
    assert replay.first_difference() == 2


def test_playing_a_replay_shows_every_decision():
    replay = recorded("example")
    hashes = [record_hash(batch, 0) for batch in replay.play()]
    assert hashes[1:] == replay.hashes.tolist()


def test_other_rules_are_refused_by_name(tmp_path):
    replay = recorded("example")
    replay.spec["content_hash"] = "0" * 16
    with pytest.raises(ReplayError, match=r"recorded under example version 1, content 0{16}: this installation"):
        replay.first_difference()


def test_what_is_no_replay_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"not a zip")
    with pytest.raises(ReplayError, match="is not a replay"):
        Replay.load(path)
    np.savez(path, other=np.zeros(3))
    with pytest.raises(ReplayError, match="is not a replay"):
        Replay.load(path)
    replay = recorded("example")
    replay.spec["format"] = 99
    with pytest.raises(ReplayError, match="replay format 99"):
        Replay.load(replay.save(path))
    assert not list(tmp_path.glob("*.tmp"))


def test_a_spec_is_plain_json(tmp_path):
    assert json.loads(json.dumps(recorded("classic/kuhn").spec))["arena"] == "classic/kuhn"
