"""Tournaments: who meets whom, playing only what is missing, ratings from games, copies that are no evidence."""

import numpy as np
import pytest

from kumite import arenas
from kumite.agents import resolve
from kumite.eval.playing import EvaluationError, open_store, unit_keys
from kumite.eval.tournament import pairings, play_tournament, standings, tournament_keys
from kumite.league.records import GameRecord, Member

ELO = {"uniform": 0.0, "weak": 100.0, "strong": 350.0, "best": 420.0}


@pytest.fixture
def game():
    return arenas.make_game("example")


def fill(store, game, elo, units, rng, copies=()):
    """Plays out games in which each side wins as its rating says. copies: meetings whose games are all one game."""
    for name in elo:
        store.add_member(Member(name, "network", "entrant", f"hash-{name}"))
    names = list(elo)
    for i, row in enumerate(names):
        for column in names[i + 1 :]:
            chance = 1 / (1 + 10 ** ((elo[column] - elo[row]) / 400))
            copied = (row, column) in copies
            keys = unit_keys(game, f"hash-{row}", f"hash-{column}", range(units))
            won = np.where(rng.random(len(keys)) < chance, 1, -1)
            won = np.full(len(keys), 1) if copied else won
            store.add_games(
                GameRecord(key, int(w), float(w), 40, 10, "same" if copied else f"{row}{column}{key.seed}")
                for key, w in zip(keys, won, strict=True)
            )


def test_everybody_meets_everybody_or_only_the_gauntlet():
    assert pairings(["a", "b", "c"]) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert pairings(["a", "b", "c"], ["b"]) == [("a", "b"), ("b", "c")]
    with pytest.raises(EvaluationError, match="did you mean 'walker'"):
        pairings(["walker", "gambler"], ["walkr"])


def test_a_tournament_is_played_once_and_grows(game, tmp_path):
    members = {name: resolve(name, game) for name in ("uniform", "walker", "gambler")}
    with open_store(tmp_path / "t.sqlite", game, {}) as store:
        assert play_tournament(game, members, store, pairs=20) == 3 * 20
        before = {key: store.games(*key)[0].trajectory for key in [_hashes(members, "uniform", "walker")]}
        assert play_tournament(game, members, store, pairs=20) == 0
        assert play_tournament(game, members, store, pairs=30) == 3 * 10
        members["constant:2"] = resolve("constant:2", game)
        assert play_tournament(game, members, store, pairs=30) == 3 * 30
        assert before == {key: store.games(*key)[0].trajectory for key in before}
        found = standings(game, store)
    elo = dict(zip(found.ratings.names, found.ratings.elo, strict=True))
    assert elo["uniform"] == 0
    assert elo["uniform"] < elo["walker"] < elo["gambler"]
    assert found.games_per_unit == 1
    assert found.varies


def _hashes(members, row, column):
    return members[row].policy_hash, members[column].policy_hash


def test_all_meetings_share_their_setups_and_come_seed_by_seed(game):
    members = {name: resolve(name, game) for name in ("uniform", "walker", "gambler")}
    keys = tournament_keys(game, members, 4, 0)
    assert [key.seed for key in keys[:3]] == [keys[0].seed] * 3
    assert len({key.seed for key in keys}) == 4
    assert keys[:3] == tournament_keys(game, members, 1, 0)


def test_ratings_come_back_with_their_intervals(game, tmp_path):
    inside = 0
    for repeat in range(10):
        with open_store(tmp_path / f"{repeat}.sqlite", game, {}) as store:
            fill(store, game, ELO, 200, np.random.default_rng(repeat))
            found = standings(game, store)
        rated = found.ratings
        inside += sum(
            rated.lower[i] <= ELO[name] <= rated.upper[i] for i, name in enumerate(rated.names) if name != "uniform"
        )
        assert rated.anchors == {"uniform": 0.0}
        assert all(cell.interval.lower < cell.rate < cell.interval.upper for cell in found.cells)
    assert 25 <= inside <= 30  # 95 % of 30


def test_other_anchors_move_the_scale(game, tmp_path):
    with open_store(tmp_path / "t.sqlite", game, {}) as store:
        fill(store, game, ELO, 100, np.random.default_rng(0))
        usual, moved = standings(game, store), standings(game, store, anchors={"strong": 1000.0})
    shift = moved.ratings.elo - usual.ratings.elo
    assert np.ptp(shift) < 1e-6
    assert moved.ratings.elo[moved.names.index("strong")] == 1000


def test_copies_give_no_interval_and_no_evidence(game, tmp_path):
    rng = np.random.default_rng(0)
    with open_store(tmp_path / "a.sqlite", game, {}) as store:
        fill(store, game, ELO, 100, rng, copies=[("strong", "best")])
        found = standings(game, store)
    cell = found.cell("strong", "best")
    assert (cell.units, cell.distinct, cell.rate) == (100, 1, 1.0)
    assert cell.interval is None
    assert "only 1 distinct" in cell.why
    assert found.withheld == ()
    i, j = found.names.index("strong"), found.names.index("best")
    assert found.results.units[i, j] == 1  # a hundred copies count once
    assert found.payoff.cells["pairs"][i, j] == 100  # and are shown


def test_who_played_mostly_copies_has_no_interval(game, tmp_path):
    copies = [(name, "best") for name in ELO if name != "best"]
    with open_store(tmp_path / "b.sqlite", game, {}) as store:
        fill(store, game, ELO, 100, np.random.default_rng(0), copies=copies)
        found = standings(game, store)
    assert found.withheld == ("best",)


def test_copies_are_no_fault_where_games_are_few_by_nature(tmp_path):
    kuhn = arenas.make_game("classic/kuhn")
    members = {"uniform": resolve("uniform", kuhn), "always-bet": resolve("constant:1", kuhn)}
    with open_store(tmp_path / "k.sqlite", kuhn, {}) as store:
        assert play_tournament(kuhn, members, store, pairs=100) == 200
        found = standings(kuhn, store)
    assert not found.varies
    (cell,) = found.cells
    assert cell.interval is not None
    assert cell.distinct < 50 < cell.units == 100
    assert found.games_per_unit == 2


def test_who_has_met_nobody_is_left_out(game, tmp_path):
    with open_store(tmp_path / "t.sqlite", game, {}) as store:
        with pytest.raises(EvaluationError, match="no complete pair"):
            standings(game, store)
        fill(store, game, ELO, 20, np.random.default_rng(0))
        store.add_member(Member("refused", "checkpoint", "refused", "hash-refused"))
        assert "refused" not in standings(game, store).names


def test_one_policy_under_two_names_is_refused(game, tmp_path):
    members = {"uniform": resolve("uniform", game), "also": resolve("uniform", game)}
    with open_store(tmp_path / "t.sqlite", game, {}) as store:
        with pytest.raises(EvaluationError, match="'uniform' and 'also' are one policy"):
            play_tournament(game, members, store, pairs=2)
        with pytest.raises(EvaluationError, match="2 or more members"):
            play_tournament(game, {"uniform": members["uniform"]}, store, pairs=2)
