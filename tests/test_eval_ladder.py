"""The ladder: its rungs, what a policy plays on them, and when a rung is held."""

import pytest

from kumite import arenas
from kumite.agents import resolve
from kumite.eval.ladder import Climb, against, characters, climb, levels, own_characters
from kumite.eval.playing import EvaluationError, open_store


@pytest.fixture
def game():
    return arenas.make_game("example")


@pytest.fixture
def fight():
    return arenas.make_game("fight", preset="training")


def test_levels_are_the_cpu_levels_in_order_or_else_all_bots(game, fight):
    assert levels(game) == ("walker", "gambler")
    assert levels(fight)[:2] == ("cpu-1", "cpu-2")
    assert len(levels(fight)) == 8
    with pytest.raises(EvaluationError, match="has no bots"):
        levels(arenas.make_game("classic/kuhn"))


def test_what_the_opponent_and_the_policy_play(game, fight):
    assert characters(game) == ("",)
    assert own_characters(game) == ("",)
    assert len(characters(fight)) == 4
    assert own_characters(fight) == ("ren",)
    drawn = arenas.make_game("fight", matchup="random")
    assert own_characters(drawn) == characters(fight)
    assert own_characters(drawn, "ren") == ("ren",)
    with pytest.raises(EvaluationError, match=r"no character 'rem'.*did you mean 'ren'"):
        own_characters(fight, "rem")


def test_a_rung_changes_the_matchup_and_nothing_else(fight):
    other = next(name for name in characters(fight) if name != "ren")
    rung = against(fight, "ren", other)
    assert (rung.options["matchup"], rung.options["character"], rung.options["versus"]) == ("fixed", "ren", other)
    assert rung.options["seconds"] == fight.options["seconds"]
    assert not rung.symmetric
    assert rung.observation == fight.observation


def test_a_strong_policy_climbs_and_a_weak_one_falls(game, tmp_path):
    strong, weak = resolve("gambler", game), resolve("uniform", game)
    with open_store(tmp_path / "l.sqlite", game, {}) as store:
        up = climb(game, strong, store, games=100, name="strong", rungs=("uniform", "walker"))
        games = store.game_count()
        assert climb(game, strong, store, games=100, name="strong", rungs=("uniform", "walker")) == up
        assert store.game_count() == games == 200
        down = climb(game, weak, store, games=100)
        recorded = [data for _, phase, data in store.events() if phase == "ladder"]
    assert up.highest == up.full_level == "walker"
    assert [rung.level for rung in up.rungs] == ["uniform", "walker"]
    assert all(rung.lower > 0.5 and rung.held for rung in up.rungs)
    assert down.highest == ""
    assert [rung.level for rung in down.rungs] == ["walker"]  # the level on which it falls is the last one played
    assert Climb.from_values(recorded[0]) == up


def test_no_rung_above_a_failure_is_held(game, tmp_path):
    """The order is what makes the correction unnecessary, so a later win cannot count."""
    walker = resolve("walker", game)
    with open_store(tmp_path / "l.sqlite", game, {}) as store:
        found = climb(game, walker, store, games=200, rungs=("gambler", "uniform"), whole=True)
    assert [rung.level for rung in found.rungs] == ["gambler", "uniform"]
    assert not found.rungs[0].held
    assert found.rungs[1].lower > 0.5
    assert not found.rungs[1].reached
    assert not found.rungs[1].held
    assert found.highest == ""
    assert "95%" in found.how


def test_replayed_games_hold_no_rung(game, tmp_path):
    """A walker beats one who stands still in one single game, however often it is played."""
    with open_store(tmp_path / "l.sqlite", game, {}) as store:
        found = climb(game, resolve("walker", game), store, games=100, rungs=("constant:0",))
    assert found.rungs[0].distinct == 1
    assert found.rungs[0].lower is None
    assert "distinct" in found.rungs[0].why
    assert found.highest == ""


def test_fight_has_a_rung_for_every_character(fight, tmp_path):
    with open_store(tmp_path / "l.sqlite", fight, {}) as store:
        found = climb(fight, resolve("cpu-8", fight), store, games=60, rungs=("uniform",))
    assert [rung.character for rung in found.rungs] == list(characters(fight))
    assert all(rung.units == 60 for rung in found.rungs)
    assert found.full_level == "uniform"
