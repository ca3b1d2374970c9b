"""The command line on arenas, replays and the machine, as a user calls it."""

import json
from pathlib import Path

import numpy as np
import pytest

from kumite import arenas, cli
from kumite.arenas import bench, example, viewer
from kumite.arenas.replay import Recorder, Replay


@pytest.fixture(scope="module")
def replay_file(tmp_path_factory):
    batch = arenas.make_batch("example", seed=3, opponents={0: "walker", 1: "gambler"}, auto_reset=False)
    recorder = Recorder(batch, players=("walker", "gambler"))
    while not recorder.finished:
        batch.step(np.zeros((1, 2, 1), np.int16))
        recorder()
    return recorder.replay.save(tmp_path_factory.mktemp("replays") / "race.npz")


def test_arenas_lists_every_arena(kumite):
    code, out, _ = kumite("arenas", "--json")
    assert code == 0
    assert [facts["name"] for facts in json.loads(out)] == arenas.names()
    code, out, _ = kumite("arenas")
    assert code == 0
    assert all(f" {name} " in out for name in arenas.names())  # whole, however narrow the window


def test_arenas_shows_one_with_its_options(kumite):
    code, out, _ = kumite("arenas", "example", "-o", "length=4")
    assert code == 0
    assert "length = 4" in out
    assert "gambler" in out
    assert "stay, walk, run" in out


def test_a_wrong_name_is_one_line_and_exit_code_2(kumite):
    code, out, err = kumite("arenas", "exmple")
    assert (code, out) == (2, "")
    assert err == "kumite: no arena 'exmple' (did you mean 'example'?)\n"


def test_a_wrong_option_names_the_nearest(kumite):
    code, _, err = kumite("check", "example", "-o", "lenght=3")
    assert code == 2
    assert "did you mean 'length'" in err
    code, _, err = kumite("check", "example", "-o", "length")
    assert code == 2
    assert "expected KEY=VALUE" in err


def test_check_passes_and_fails_by_exit_code(kumite, tmp_path):
    code, out, _ = kumite("check", "example", "--json")
    assert code == 0
    assert set(json.loads(out).values()) == {None}
    text = Path(example.__file__).read_text().replace("from .", "from kumite.arenas.")
    for choice in ("STAY", "WALK"):
        text = text.replace(f"mask[0, {choice}] = 1", f"mask[0, {choice}] = match.tick < 3")
    source = tmp_path / "empty_mask.py"
    source.write_text(text.replace('name="example"', 'name="empty-mask"'))
    code, out, _ = kumite("check", f"{source}:ARENA")
    assert code == 1
    assert "FAIL  masks are never empty: decision" in out


def test_verify_says_yes_or_names_the_tick(kumite, replay_file, tmp_path):
    code, out, _ = kumite("verify", str(replay_file))
    assert code == 0
    assert "verified" in out
    changed = Replay.load(replay_file)
    changed.hashes[3] ^= np.uint64(1)
    broken = changed.save(tmp_path / "broken.npz")
    code, out, _ = kumite("verify", str(replay_file), str(broken))
    assert code == 1
    assert "broken.npz: differs from decision 3 on (ticks 3 to 4)" in out
    code, out, _ = kumite("verify", str(tmp_path / "missing.npz"), "--json")
    assert code == 1
    assert json.loads(out)[str(tmp_path / "missing.npz")]["verified"] is False


def test_record_then_verify(kumite, tmp_path):
    path = tmp_path / "match.npz"
    code, out, _ = kumite("record", "example", "gambler", "uniform", "--out", str(path), "--seed", "5")
    assert code == 0
    assert "gambler against uniform" in out
    assert kumite("verify", str(path))[0] == 0
    again = tmp_path / "again.npz"
    kumite("record", "example", "gambler", "uniform", "--out", str(again), "--seed", "5")
    assert Replay.load(path).hashes.tolist() == Replay.load(again).hashes.tolist()


def test_an_arena_without_pictures_refuses_watch_in_words(kumite, replay_file, tmp_path):
    code, _, err = kumite("watch", str(replay_file), "--gif", str(tmp_path / "race.gif"))
    assert code == 2
    assert "example has no picture to draw" in err


@pytest.fixture(scope="module")
def fight_file(tmp_path_factory):
    bots = {0: "cpu-1", 1: "cpu-1"}
    batch = arenas.make_batch("fight", seed=1, preset="training", opponents=bots, auto_reset=False)
    recorder = Recorder(batch, players=("cpu-1", "cpu-1"))
    for _ in range(30):
        batch.step(np.zeros(batch.actions.shape, np.int16))
        recorder()
    return recorder.replay.save(tmp_path_factory.mktemp("replays") / "fight.npz")


def test_watch_writes_a_gif_that_moves(kumite, fight_file, tmp_path):
    from PIL import Image

    path = tmp_path / "fight.gif"
    code, out, _ = kumite("watch", str(fight_file), "--gif", str(path), "--width", "320", "--stop", "20", "--boxes")
    assert code == 0
    assert "21 frames" in out
    with Image.open(path) as gif:
        assert gif.n_frames > 10  # equal pictures in a row are stored once
        first = np.asarray(gif.convert("RGB"))
        gif.seek(gif.n_frames - 1)
        assert (np.asarray(gif.convert("RGB")) != first).any()


def test_watch_opens_a_window(fight_file):
    assert viewer.show(fight_file, width=320, speed=50, limit=5) == 5


def test_bench_measures_every_figure_it_prints(kumite):
    from kumite.commands.machine import FIGURES

    code, out, _ = kumite("bench", "example", "--matches", "512", "--seconds", "0.02", "--json")
    assert code == 0
    measured = json.loads(out)
    assert set(FIGURES) <= set(measured)
    assert all(measured[key] > 0 for key in FIGURES)
    assert measured["cold_seconds"] > measured["warm_seconds"]
    assert measured["machine"]["cores"]


def test_a_rate_is_a_median(monkeypatch):
    clock = iter([0, 0, 1] * bench.RUNS)  # a run begins, is not over, is over after a second
    monkeypatch.setattr(bench.time, "perf_counter", lambda: next(clock))
    units = iter([5, 100, 7, 8, 6])
    assert bench.median_rate(lambda: next(units), 0.5) == 7


def test_doctor_shows_and_clears_the_cache(kumite, tmp_path, monkeypatch):
    monkeypatch.setenv("KUMITE_CACHE_DIR", str(tmp_path))
    (tmp_path / "example-0123456789abcdef").mkdir()
    (tmp_path / "example-0123456789abcdef" / "code.nbc").write_bytes(b"x" * 1000)
    code, out, _ = kumite("doctor", "--json")
    assert code == 0
    found = json.loads(out)
    assert found["compile_cache"]["arenas"] == {"example-0123456789abcdef": 1000}
    assert found["versions"]["kumite"]
    assert kumite("doctor", "--clear-cache")[0] == 0
    assert not tmp_path.exists()


@pytest.mark.parametrize("verb", [verb for verbs in cli.VERBS.values() for verb in verbs])
def test_every_verb_has_help(kumite, verb):
    code, out, _ = kumite(verb.replace("_", "-"), "--help")
    assert code == 0
    assert "Usage:" in out


def test_an_arenas_file_may_be_moved_and_its_machine_code_is_still_found(tmp_path, run_python):
    text = Path(example.__file__).read_text().replace("from .", "from kumite.arenas.")
    play = "from kumite import arenas; b = arenas.make_batch({!r}); b.step(b.random_actions()); print(b.state.tick[0])"
    for folder in ("one", "other"):
        source = tmp_path / folder / "moved.py"
        source.parent.mkdir()
        source.write_text(text.replace('name="example"', 'name="moved"'))
        assert run_python(play.format(str(source)), KUMITE_CACHE_DIR=str(tmp_path / "cache")).strip() == "1"
    assert len(list((tmp_path / "cache").iterdir())) == 1
