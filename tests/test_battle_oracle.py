"""The rules against battles that Showdown played: every state, every legal choice, every draw."""

import itertools
from collections import defaultdict

import pytest
from battle_fuzz import AT_ONCE, SHARES, Count, NoOracle, compare, keep, record, specs
from battle_oracle import Table
from battle_recordings import FOLDER, Draw, read_battles, read_lines
from battle_tape import Divergence, Places, shuffle_values, tape_of

from kumite.arenas.battle.state import Stream

SHORT = 40
"""Battles of each recording in the fast run."""
RECORDINGS = ("doubles", "singles3", "singles6", "any")


def play(battles):
    """Plays battles by format; returns how many points agree. Fails at the first that does not."""
    formats = defaultdict(list)
    for battle in battles:
        formats[battle.format].append(battle)
    total = 0
    for group in formats.values():
        agreed, wrong = Table(group).play()
        if wrong:
            raise AssertionError(f"{len(wrong)} of {len(group)} battles diverge; the first:\n{wrong[0]}")
        total += agreed
    return total


@pytest.mark.parametrize("name", RECORDINGS)
def test_battles_go_as_in_showdown(name):
    battles = list(itertools.islice(read_battles(name), SHORT))
    assert play(battles) == sum(len(battle.points) for battle in battles)


@pytest.mark.parametrize("battle", list(read_battles("regressions")), ids=lambda battle: battle.name)
def test_what_once_differed_agrees(battle):
    assert play([battle]) == len(battle.points)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*RECORDINGS, "scenarios"])
def test_all_recorded_battles_go_as_in_showdown(name):
    battles = list(read_battles(name))
    assert play(battles) == sum(len(battle.points) for battle in battles)


def test_a_wrong_roll_is_found():
    """The comparison can fail: one damage roll of the tape changed is a difference in somebody's hit points."""
    battle = next(read_battles("singles3"))
    table = Table([battle])
    spoilt = []
    for actions, tape, number in table.feeds[0]:
        spoilt.append((actions, [(s, f, (v + 8) % 16 if f == 16 else v) for s, f, v in tape], number))
    table.feeds[0] = iter(spoilt)
    _, wrong = table.play()
    assert len(wrong) == 1
    assert isinstance(wrong[0], Divergence)
    assert "hp: got" in str(wrong[0])
    assert wrong[0].point > 0
    assert f"seed {battle.seed}" in str(wrong[0])


def test_a_difference_is_kept_cut_off_and_found_again(tmp_path):
    line = next(read_lines(FOLDER / "singles3.jsonl.gz"))
    point = next(k for k, point in enumerate(line["points"]) if point["state"]["turn"] == 3)
    line["points"][point]["state"]["sides"][1]["team"][0]["hp"] += 1
    keep(line, tmp_path / "spoilt.jsonl.gz")
    for name in ("spoilt.jsonl.gz", "spoilt-0.jsonl.gz"):
        count = Count()
        compare(tmp_path / name, tmp_path, count)
        assert (count.battles, count.points, count.diverged) == (1, {"singles3": point}, 1)
    (kept,) = read_lines(tmp_path / "spoilt-0.jsonl.gz")
    assert len(kept["points"]) == point + 1


def test_an_oracle_that_is_not_there_is_said_in_words(tmp_path):
    with pytest.raises(NoOracle, match=r"no pokemon-showdown in .*npm install|node is not on the path"):
        record("doubles", "pools", 1, 1, tmp_path, tmp_path)


def test_battles_are_shared_out_among_formats():
    shared = list(specs(1200))
    assert {(rules, teams) for rules, teams, _ in shared} == {(rules, teams) for rules, teams, _ in SHARES}
    assert sum(battles for *_, battles in shared) == 1200
    assert max(battles for *_, battles in shared) <= AT_ONCE
    rare = list(specs(500, "rare"))
    assert {(rules, teams) for rules, teams, _ in rare} == {
        (rules, "rare") for rules in ("doubles", "singles3", "singles6")
    }
    assert sum(battles for *_, battles in rare) == 500


def test_a_shuffle_is_told_by_its_draws():
    for order in itertools.permutations(range(4)):
        places = list(range(4))
        for i, (faces, value) in enumerate(shuffle_values(order)):
            assert faces == 4 - i
            places[i], places[i + value] = places[i + value], places[i]
        assert places == list(order)


def test_draws_that_decide_nothing_are_left_out():
    places = Places({"sides": [{"order": [0]}, {"order": [0]}]})
    inert = Draw("target", 2, 1, {"inert": True})
    update = Draw("tie_pokemon", 2, (1, 0), {"event": "Update", "tied": ["p1a", "p2a"]})
    protect = Draw("tie_handler", 2, (1, 0), {"event": "Residual", "tied": ["p1a:protect", "p2a:protect"]})
    poison = Draw("tie_handler", 2, (1, 0), {"event": "Residual", "tied": ["p1a:psn", "p2a:psn"]})
    assert tape_of((inert, update, protect), places, False) == []
    assert [entry[1:] for entry in tape_of((poison,), places, False)] == [(2, 1)]


def test_ties_behind_perish_song_are_drawn_when_somebody_perishes():
    places = Places({"sides": [{"order": [0]}, {"order": [0]}]})
    poison = Draw("tie_handler", 2, (0, 1), {"event": "Residual", "tied": ["p1a:psn", "p2a:psn"]})
    wind = Draw("tie_handler", 2, (1, 0), {"event": "Residual", "tied": ["p1:tailwind", "p2:tailwind"]})
    short = Draw("tie_handler", 3, (2, 0, 1), {"event": "Residual", "tied": ["p2a:stall", "p2a:protect", "p1a:flinch"]})
    sleep = Draw("effect", 3, 2, {"effect": "slp", "event": "Start"})
    dazed = Draw("effect", 4, 1, {"effect": "confusion", "event": "Start"})
    draws = (poison, wind, short, sleep, dazed)
    tie = Stream.TIE_RESIDUAL
    before = [(tie, 2, 0), (Stream.SLEEP, 3, 2)]
    after = [(Stream.CONFUSION, 4, 1)]
    assert tape_of(draws, places, False) == before + after
    late = [(tie, 2, 1), (tie, 3, 0), (tie, 2, 1)]  # the second side's wind; then flinch, stall, protect
    assert tape_of(draws, places, False, perished=True) == before + late + after
