"""Evaluation games: which make a unit, which are missing, and whether play varies."""

import time

import pytest

from kumite import arenas
from kumite.agents import resolve
from kumite.eval.playing import (
    EvaluationError,
    open_store,
    play_into,
    play_varies,
    unit_games,
    unit_keys,
    unit_seeds,
)
from kumite.league.play import derive_seed


@pytest.fixture
def example():
    return arenas.make_game("example")


@pytest.fixture
def kuhn():
    return arenas.make_game("classic/kuhn")


def test_a_mirrored_setup_gives_single_games_by_turns(example):
    assert unit_games(example) == 1
    keys = unit_keys(example, "a", "b", range(100))
    assert len(keys) == 100
    assert {key.seat for key in keys} == {0, 1}


def test_roles_are_exchanged_so_that_the_seat_cancels(kuhn):
    assert unit_games(kuhn) == 2
    keys = unit_keys(kuhn, "a", "b", [7, 8])
    assert [(key.seed, key.seat) for key in keys] == [(7, 0), (7, 1), (8, 0), (8, 1)]


def test_more_seeds_begin_with_the_same_and_purposes_share_none():
    few, many = unit_seeds(1, "test", 10), unit_seeds(1, "test", 50)
    assert many[:10] == few
    assert len(set(many)) == 50
    assert not set(many) & set(unit_seeds(1, "look", 50))
    assert not set(many) & set(unit_seeds(2, "test", 50))
    assert few[0] == derive_seed(1, "test", 0)


def test_only_missing_games_are_played(example, tmp_path):
    walker, gambler = (resolve(name, example) for name in ("walker", "gambler"))
    policies = {policy.policy_hash: policy for policy in (walker, gambler)}
    told = []
    with open_store(tmp_path / "s.sqlite", example, {}) as store:
        few = unit_keys(example, walker.policy_hash, gambler.policy_hash, unit_seeds(0, "x", 20))
        more = unit_keys(example, walker.policy_hash, gambler.policy_hash, unit_seeds(0, "x", 32))
        assert play_into(store, example, policies, few) == 20
        assert play_into(store, example, policies, few) == 0
        assert play_into(store, example, policies, more, lambda *counts: told.append(counts)) == 12
        assert store.game_count() == 32
    assert told[-1] == (32, 32)


def test_play_stops_in_time_and_keeps_what_was_played(example, tmp_path):
    walker, gambler = (resolve(name, example) for name in ("walker", "gambler"))
    policies = {policy.policy_hash: policy for policy in (walker, gambler)}
    with open_store(tmp_path / "s.sqlite", example, {}) as store:
        keys = unit_keys(example, walker.policy_hash, gambler.policy_hash, unit_seeds(0, "x", 200))
        played = play_into(store, example, policies, keys, until=time.monotonic() - 1, matches=8)
        assert played < 200
        assert store.game_count() == played
        assert len(store.missing_keys(keys)) == 200 - played
        more = play_into(store, example, policies, keys, until=time.monotonic() - 1, first=120, matches=8)
        assert not store.missing_keys(keys[:120])
        assert played + more < 200


def test_a_store_of_other_options_is_refused(example, tmp_path):
    path = tmp_path / "s.sqlite"
    open_store(path, example, {}).close()
    with open_store(path, example, {}) as store:
        assert store.spec["options"] == {"length": 10}
        assert "numba" in store.versions
    with pytest.raises(EvaluationError, match="other rules or options"):
        open_store(path, arenas.make_game("example", length=12), {})


def test_small_trees_repeat_by_nature(example, kuhn):
    assert play_varies(example)
    assert not play_varies(kuhn)
