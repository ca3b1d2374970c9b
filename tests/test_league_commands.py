"""`kumite train`, `resume` and `status` as a user calls them, and the bars that show how far they are."""

import json

import pytest
from league_runs import members, settings, trained

from kumite.commands import progress
from kumite.eval.report.history import command
from kumite.eval.report.material import collect
from kumite.league.run import Run
from kumite.league.trainer import Trainer

SMALL = (
    "--iterations 1 --steps 1500 --pairs 10 --matches 16 --threads 1 -s hidden=8,8 -s horizon=8 -s tensorboard=false"
)


def test_train_resume_and_status(kumite, tmp_path):
    folder = tmp_path / "run"
    code, out, err = kumite("train", "example", "--out", folder, *SMALL.split(), "-s", "gate=none", "-o", "length=6")
    assert code == 0
    assert f"run: {folder}" in out
    assert "ppo-1 joins" in err
    assert "payoffs: 10" in err
    code, out, _ = kumite("status", folder)
    assert code == 0
    assert "iteration 1 of 1 · finished" in out
    code, out, _ = kumite("status", folder, "--json")
    found = json.loads(out)
    assert found["options"] == {"length": 6}
    assert found["settings"]["learner_options"] == {"hidden": [8, 8], "horizon": 8}
    assert [member["name"] for member in found["members"]] == ["uniform", "ppo-1"]
    code, _, err = kumite("resume", folder, "--iterations", 2)
    assert code == 0
    assert "ppo-2 joins" in err
    assert "ppo-1 joins" not in err
    assert json.loads(kumite("status", folder, "--json")[1])["iterations"] == 2
    trained_by = f"kumite train example --out {folder} {SMALL} -s gate=none -o length=6"
    assert command(collect(folder)) == f"{trained_by} && kumite resume {folder} --iterations 2"


def test_the_folder_has_a_name_by_default(kumite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = ["train", "classic/kuhn", "--scheme", "independent", "--seed", 4, *SMALL.split()]
    assert kumite(*command)[0] == 0
    with Run.open(tmp_path / "runs" / "classic-kuhn-independent-4") as run:
        assert run.config.seed == 4
        assert [name for name, _, _ in members(run)][2:] == ["row-ppo-1", "column-ppo-1"]


def test_bench_ppo_measures_the_loop_of_a_league(kumite, tmp_path):
    folder, few = tmp_path / "run", ["-s", "gate=none", "-s", "steps=200"]
    bench = ["bench", "ppo", "--run", folder, "--threads", 1, "--seconds", 0.01, "--json"]
    assert kumite("train", "example", "--out", folder, *SMALL.split(), *few)[0] == 0
    code, _, err = kumite(*bench)
    assert code == 2
    assert "1 trained networks, expected 4 or more" in " ".join(err.replace("│", " ").split())
    assert kumite("resume", folder, "--iterations", 4)[0] == 0
    found = json.loads(kumite(*bench)[1])
    assert found["arena"] == "example"
    assert found["config"]["hidden"] == [8, 8]
    assert found["config"]["matches"] == 16
    assert 0 < found["share_of_bare"]
    assert found["bare_samples_per_second"] != found["null_samples_per_second"]  # one meets the mixture, one does not


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["exmple"], "'exmple' (did you mean 'example'?)"),
        (["example", "--scheme", "selfplay"], "'selfplay' (did you mean 'self-play'?)"),
        (["example", "--learner", "pppo"], "'pppo' (did you mean 'ppo'?)"),
        (["example", "-o", "lenght=3"], "'lenght' (did you mean 'length'?)"),
        (["example", "-s", "learning_rat=3"], "'learning_rat' (did you mean 'learning_rate'?)"),
        (["example", "-s", "learning_rate"], "expected KEY=VALUE"),
        (["classic/kuhn", "--scheme", "self-play"], "symmetric = False"),
        (["example", "--learner", "sb3-ppo"], "say --trust"),
        (["example", "--device", "cuda"], "device = 'cuda'"),
    ],
)
def test_mistakes_are_one_line_and_leave_nothing_behind(kumite, tmp_path, arguments, message):
    code, _, err = kumite("train", *arguments, "--out", tmp_path / "run")
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_folder_without_a_run_is_named(kumite, tmp_path):
    for verb in ("status", "resume"):
        code, _, err = kumite(verb, tmp_path / "nothing")
        assert code == 2
        assert "holds no run" in err


def test_status_shows_two_populations_and_what_is_unplayed(kumite, tmp_path):
    run = Run.create(tmp_path / "run", "classic/kuhn", {}, settings(iterations=0, initial=("uniform", "constant:1")))
    run.close()
    _, out, _ = kumite("status", tmp_path / "run")
    assert "columns: 1 column-uniform, 2 column-constant:1" in out
    assert out.count("–") == 4
    with Run.open(tmp_path / "run", write=True) as run:
        Trainer(run).train()
    _, out, _ = kumite("status", tmp_path / "run")
    assert "–" not in out
    assert out.count("±") == 1 + 4


def test_sb3_responses_join_a_league(kumite, tmp_path):
    folder = tmp_path / "run"
    words = "--learner sb3-ppo --iterations 1 --steps 1024 --pairs 10 --matches 32 --threads 1 -s gate=none"
    extra = "-s minibatch=1024 -s epochs=1 -s hidden=8,8 -s tensorboard=false"
    assert kumite("train", "example", "--trust", "--out", folder, *words.split(), *extra.split())[0] == 0
    with Run.open(folder, trust=True) as run:
        assert run.populations[0].names == ["uniform", "sb3-ppo-1"]
        assert run.table().cells["pairs"][0, 1] == 10


def test_help_says_what_the_settings_are(kumite):
    code, out, _ = kumite("train", "--help")
    assert code == 0
    for word in ("--scheme", "double-oracle", "--setting", "--workers", "Ctrl-C"):
        assert word in out


def test_without_a_terminal_progress_is_lines(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    bars = progress.Bars()
    bars.begin("payoffs [1]", 3000)
    bars.update(1000, "50 games/s")
    bars.end()
    bars.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["payoffs [1]: 1,000 of 3,000 · 50 games/s", "payoffs [1]: 1,000 · 50 games/s"]


def test_local_workers_play_the_payoffs_of_a_run(tmp_path):
    whole = trained(tmp_path / "here")
    run = Run.create(tmp_path / "there", "example", {}, settings())
    Trainer(run, workers=1).train()
    assert members(run) == members(whole)
    assert run.table().to_rows() == whole.table().to_rows()
