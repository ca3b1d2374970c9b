"""Schemes and settings: what the files say, what the command line changes, and how wrong ones are refused."""

from dataclasses import fields

import pytest

from kumite import arenas
from kumite.league.config import CHOICES, RANGES, LeagueConfig, LeagueError, load_scheme, parse_setting, schemes
from kumite.league.matchmaking import number_of_populations
from kumite.league.run import Run


def test_there_are_eight_schemes_and_each_says_what_it_is():
    first, second = ["alphastar", "delta-uniform", "double-oracle", "fictitious-play"], ["independent", "prioritised"]
    assert schemes() == [*first, *second, "regularised", "self-play"]
    for name in schemes():
        config = load_scheme(name)
        assert config.scheme == name
        assert len(config.about) > 30


def test_schemes_differ_in_what_they_are_judged_by_and_play_against():
    found = {name: (load_scheme(name).opponents, load_scheme(name).meta_solver) for name in schemes()}
    assert found["double-oracle"] == ("mixture", "nash")
    assert found["fictitious-play"] == ("mixture", "uniform")
    assert found["self-play"][0] == "self"
    assert found["independent"][0] == "latest"
    judged = {name: load_scheme(name).judged_by for name in schemes()}
    assert judged == {
        "alphastar": "main", "delta-uniform": "latest", "double-oracle": "mixture", "fictitious-play": "mixture",
        "independent": "latest", "prioritised": "latest", "regularised": "latest", "self-play": "latest",
    }  # fmt: skip


def test_settings_change_a_scheme_and_its_learner():
    given = {"steps": 5e5, "gate": "none", "initial": "uniform, walker", "learning_rate": 3e-4, "hidden": [64, 32]}
    config = load_scheme("double-oracle", given)
    assert (config.steps, config.gate, config.initial) == (500_000, "none", ("uniform", "walker"))
    assert config.learner_options == {"learning_rate": 3e-4, "hidden": (64, 32)}
    again = config.changed({"learner_options.hidden": "16,16"})
    assert again.learner_options == {"learning_rate": 3e-4, "hidden": (16, 16)}


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("steps=1_000_000", ("steps", 1_000_000)),
        ("gate = none", ("gate", "none")),
        ("learning_rate=3e-4", ("learning_rate", 3e-4)),
        ("hidden=[64, 64]", ("hidden", [64, 64])),
        ("initial=uniform,cpu-1", ("initial", "uniform,cpu-1")),
        ("tensorboard=false", ("tensorboard", False)),
        ("about=a=b", ("about", "a=b")),
    ],
)
def test_settings_of_the_command_line_are_toml_or_plain_words(text, setting):
    assert parse_setting(text) == setting


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"stepps": 3}, "no setting 'stepps'.*'steps'"),
        ({"learning_rat": 3}, "no setting 'learning_rat'.*'learning_rate'"),
        ({"learner_options": {"horizn": 3}}, "'ppo' has no setting 'horizn'.*'horizon'"),
        ({"meta_solver": "nahs"}, "meta_solver = 'nahs'.*'nash'"),
        ({"opponents": "mixtur"}, "opponents = 'mixtur'.*'mixture'"),
        ({"learner": "pop"}, "no learner 'pop'.*'ppo'"),
        ({"steps": "many"}, "steps = 'many': expected int"),
        ({"steps": 0}, "steps = 0: expected 1"),
        ({"steps": 1.5}, "steps = 1.5: expected int"),
        ({"gate_confidence": 1}, "gate_confidence = 1.0: expected 0.5"),
        ({"initial": []}, "one member at least"),
        ({"initial": [3]}, "initial = \\[3\\]"),
        ({"hidden": ["a"]}, "hidden = \\['a'\\]"),
        ({"tensorboard": 1}, "tensorboard = 1: expected bool"),
        ({"pairs": 0}, "pairs = 0 measures no payoffs, and opponents needs them"),
        ({"pairs": 1}, "pairs = 1 gives payoffs without standard errors"),
        ({"self_play": 1.5}, "self_play = 1.5: expected 0 to 1"),
        (
            {"self_play": 0.5, "opponents": "self"},
            "self_play = 0.5 is for .* got 'responses', 'ppo' and opponents = 'self'",
        ),
        ({"device": "cuda"}, "device = 'cuda'"),
    ],
)
def test_wrong_settings_are_refused_with_the_right_word(setting, message):
    with pytest.raises(LeagueError, match=message):
        load_scheme("double-oracle", setting)


def test_a_setting_without_a_value_is_refused():
    with pytest.raises(LeagueError, match="expected KEY=VALUE"):
        parse_setting("steps")


def test_a_wrong_scheme_is_refused_with_the_nearest():
    with pytest.raises(LeagueError, match=r"no scheme 'double-oracel'.*'double-oracle'"):
        load_scheme("double-oracel")


def test_a_scheme_file_of_ones_own_and_its_errors(tmp_path):
    own = tmp_path / "mine.toml"
    own.write_text('meta_solver = "regret_matching"\niterations = 3\n[learner_options]\nhorizon = 16\n')
    config = load_scheme(str(own), {"iterations": 4})
    assert (config.scheme, config.meta_solver, config.iterations) == ("mine", "regret_matching", 4)
    assert config.learner_options == {"horizon": 16}
    own.write_text('meta_solvr = "nash"')
    with pytest.raises(LeagueError, match=r"mine.toml: no setting 'meta_solvr'.*'meta_solver'"):
        load_scheme(str(own))
    own.write_text("meta_solver = ")
    with pytest.raises(LeagueError, match=r"mine.toml"):
        load_scheme(str(own))


def test_settings_survive_json_and_have_a_hash_of_their_own():
    import json

    config = load_scheme("double-oracle", {"hidden": [8, 8], "initial": ["uniform", "walker"]})
    again = LeagueConfig.from_json(json.loads(json.dumps(config.as_json())))
    assert again == config
    assert again.config_hash == config.config_hash
    assert config.changed({"seed": 1}).config_hash != config.config_hash


def test_every_choice_and_range_is_of_a_setting():
    known = {f.name for f in fields(LeagueConfig)}
    assert set(CHOICES) | set(RANGES) <= known


# --- symmetry ---


def test_populations_follow_the_games_symmetry():
    race, kuhn = arenas.make_game("example"), arenas.make_game("classic/kuhn")
    assert number_of_populations(load_scheme("double-oracle"), race) == 1
    assert number_of_populations(load_scheme("double-oracle"), kuhn) == 2
    assert number_of_populations(load_scheme("independent"), race) == 2


@pytest.mark.parametrize("scheme", ["double-oracle", "self-play"])
def test_a_symmetric_shortcut_on_an_asymmetric_game_is_refused_by_naming_the_fact(scheme):
    with pytest.raises(LeagueError, match=r"classic/kuhn .* symmetric = False.*populations = 1: expected 2"):
        number_of_populations(load_scheme(scheme, {"populations": 1}), arenas.make_game("classic/kuhn"))


def test_one_policy_for_both_seats_is_one_population():
    with pytest.raises(LeagueError, match="opponents = 'self'"):
        number_of_populations(load_scheme("self-play", {"populations": 2}), arenas.make_game("example"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"gamma": 2.0}, "gamma = 2.0: expected 0 to 1"),
        ({"epochs": 0}, "epochs = 0: expected 1 to 1000"),
        ({"learning_rate": float("nan")}, "learning_rate = nan"),
        ({"horizon": 0}, "horizon = 0"),
        ({"memory": "grru"}, "memory 'grru': expected 'none' or 'gru'"),
        ({"network": "foo"}, "network 'foo'"),
    ],
)
def test_a_learners_settings_are_refused_before_a_folder_is_made(tmp_path, given, told):
    """Some trained on without a word, and some were refused with a run left behind that no other settings could use."""
    with pytest.raises(ValueError, match=told):
        Run.create(tmp_path / "run", "example", {}, load_scheme("double-oracle", given))
    assert not (tmp_path / "run").exists()
