"""Teams: pastes and packed lines in and out, what is refused and how, stats, and the pools that ship."""

import dataclasses
import itertools
from collections import Counter

import numpy as np
import pytest
from battle_recordings import FOLDER, read_lines

from kumite.arenas.battle.content import default_content
from kumite.arenas.battle.pools import SIZES, dissimilarity, held_out, novelty, read_pool
from kumite.arenas.battle.teams import (
    SET,
    TeamError,
    check_team,
    read_team,
    stats,
    team_table,
    write_packed,
    write_paste,
)
from kumite.arenas.battle.terms import Gender, Type

VERDICTS = list(read_lines(FOLDER / "verdicts.jsonl.gz"))
PASTE = """\
Claws (Urshifu-Rapid-Strike) (M) @ Mystic Water
Ability: Unseen Fist
Level: 50
Tera Type: Water
EVs: 4 HP / 252 Atk / 252 Spe
Adamant Nature
IVs: 0 SpA
- Surging Strikes
- Close Combat
- Aqua Jet
- Detect
"""


def test_a_paste_says_what_a_set_is():
    (claws,) = read_team(PASTE)
    assert (claws.species, claws.nickname, claws.gender) == ("Urshifu-Rapid-Strike", "Claws", "M")
    assert claws.moves == ("Surging Strikes", "Close Combat", "Aqua Jet", "Detect")
    assert (claws.evs, claws.ivs) == ((4, 252, 0, 0, 0, 252), (31, 31, 31, 0, 31, 31))
    assert write_paste([claws]) == PASTE


def test_pastes_and_packed_lines_are_what_showdown_writes():
    for verdict in VERDICTS:
        team = read_team(verdict["team"])
        assert write_packed(team) == verdict["packed"]
        assert write_paste(team).splitlines() == [line.rstrip() for line in verdict["paste"].strip().splitlines()]
        assert read_team(verdict["paste"]) == read_team(verdict["packed"]) == team


def test_showdowns_validator_accepts_every_team_that_ships():
    shipped = [team for name in (f"training {SIZES[-1]}", *held_out()) for team in read_pool(name).teams]
    assert [write_packed(team) for team in shipped] == [verdict["packed"] for verdict in VERDICTS]
    assert [verdict["problems"] for verdict in VERDICTS] == [[]] * len(shipped)


def test_a_sword_makes_zacian_crowned():
    text = "Zacian @ Rusted Sword\nAbility: Intrepid Sword\nLevel: 50\nJolly Nature\n- Iron Head\n- Protect\n"
    (zacian,) = read_team(text)
    assert zacian.species == "Zacian-Crowned"
    assert zacian.moves == ("Behemoth Blade", "Protect")


TEAM = read_pool("training 1").teams[0]


def changed(place: int, **changes) -> tuple:
    """The first training team with one set changed."""
    return tuple(
        dataclasses.replace(member, **changes) if number == place else member for number, member in enumerate(TEAM)
    )


@pytest.mark.parametrize(
    ("team", "words"),
    [
        (TEAM[:5], "5 Pokemon, expected 6"),
        (changed(0, moves=("Moonblast",)), "Incineroar: does not learn 'Moonblast'"),
        (changed(0, moves=("Protect", "Protect")), "Incineroar: a move twice"),
        (changed(0, moves=()), "Incineroar: 0 moves, expected 1 to 4"),
        (changed(0, ability="Drizzle"), "Incineroar: ability 'Drizzle'"),
        (changed(0, evs=(252, 252, 252, 0, 0, 0)), "at most 252 each, 510 in all"),
        (changed(0, ivs=(32, 31, 31, 31, 31, 31)), "expected 0 to 31"),
        (changed(0, gender="N"), "gender 'N': expected M or F"),
        (changed(0, item=TEAM[1].item), f"the item {TEAM[1].item} is there twice"),
        (changed(0, species=TEAM[1].species, ability=TEAM[1].ability, moves=TEAM[1].moves), "is there twice"),
        (
            changed(0, species="Zamazenta", ability="Dauntless Shield", gender="N", moves=("Protect",)),
            "Zamazenta and Calyrex-Ice are restricted",
        ),
        (
            changed(0, species="Ogerpon-Wellspring", ability="Water Absorb", gender="F", moves=("Ivy Cudgel",)),
            "expected 'Wellspring Mask'",
        ),
        (changed(0, species="Ogerpon-Teal-Tera"), "this forme is taken in battle"),
    ],
)
def test_a_wrong_team_is_refused_by_name(team, words):
    with pytest.raises(TeamError) as refusal:
        check_team(team)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Close Combat", "Fissure", "'Fissure' is not in the vocabulary: left out, one-hit knock-out"),
        ("Close Combat", "Close Kombat", "did you mean 'Close Combat'"),
        ("Mystic Water", "Eject Button", "'Eject Button' is not in the vocabulary: left out"),
        ("Unseen Fist", "Frisk", "'Frisk' is not in the vocabulary: left out"),
        ("Urshifu-Rapid-Strike", "Ditto", "'Ditto' is not in the vocabulary: left out, plays with Imposter"),
        ("252 Spe", "252 Speed", "unknown stat 'Speed'"),
        ("252 Spe", "many Spe", "'many' is not a whole number"),
        ("Tera Type: Water", "Tera Type: Wator", "unknown Tera type 'Wator' (did you mean 'Water'?)"),
    ],
)
def test_a_text_outside_the_vocabulary_is_refused_by_name(old, new, words):
    with pytest.raises(TeamError) as refusal:
        read_team(PASTE.replace(old, new))
    assert words in str(refusal.value)


def test_broken_packed_lines_are_refused():
    packed = write_packed(TEAM)
    with pytest.raises(TeamError, match="11 columns, expected 12"):
        read_team(packed.replace("||", "|", 1))
    with pytest.raises(TeamError, match="is empty"):
        read_team("  \n ")


def test_stats_are_those_of_the_games():
    """Urshifu 100/130/100/63/60/97 at level 50, Adamant, 4 HP / 252 Atk / 252 Spe, no special attack."""
    (claws,) = read_team(PASTE)
    assert stats(claws) == (176, 200, 120, 61, 80, 149)


def test_a_table_of_teams_holds_ids():
    content = default_content()
    table = team_table([TEAM, TEAM[:3]])
    assert table.dtype == SET
    assert table.shape == (2, 6)
    record = table[0, 0]
    assert content.species[record.species] == "Incineroar"
    assert [content.moves[number] for number in record.moves] == list(TEAM[0].moves)
    assert (record.gender, record.tera, record.level) == (Gender.M, Type[TEAM[0].tera.upper()], 50)
    assert tuple(record.stats) == stats(TEAM[0])
    assert not np.any(table[1, 3].species)


def test_training_pools_lie_inside_one_another():
    pools = [read_pool(f"training {size}") for size in SIZES]
    assert [len(pool.teams) for pool in pools] == [1, 4, 16, 64, 256]
    for small, large in itertools.pairwise(pools):
        assert large.teams[: len(small.teams)] == small.teams
    assert len(set(pools[2].archetypes)) == 6


def test_every_shipped_team_keeps_the_rules():
    for name in (f"training {SIZES[-1]}", *held_out()):
        pool = read_pool(name)
        assert len(set(pool.teams)) == len(pool.teams)
        for team in pool.teams:
            check_team(team)


def test_held_out_splits_are_what_they_are_called():
    training = read_pool(f"training {SIZES[-1]}")
    known = {member.species for team in training.teams for member in team}
    same, archetype, core = (read_pool(name) for name in ("same archetypes", "unseen archetype", "unseen core"))
    assert [len(pool.teams) for pool in (same, archetype, core)] == [24] * 3
    assert set(same.archetypes) == set(training.archetypes)
    assert not set(archetype.archetypes) & set(training.archetypes)
    unseen = [sum(member.species not in known for member in team) for team in core.teams]
    assert min(unseen) >= 3
    assert not {write_packed(team) for team in same.teams} & {write_packed(team) for team in training.teams}


def test_archetypes_are_built_around_what_they_need():
    def has(team, *, ability: str = "", move: str = "") -> int:
        return sum(member.ability == ability or move in member.moves for member in team)

    pool = read_pool(f"training {SIZES[-1]}")
    counts = Counter(pool.archetypes)
    assert min(counts.values()) >= 16
    for archetype, team in zip(pool.archetypes, pool.teams):
        if archetype == "rain":
            assert has(team, ability="Drizzle")
        if archetype == "sun":
            assert has(team, ability="Drought") + has(team, ability="Orichalcum Pulse")
        if archetype == "trick room":
            assert has(team, move="Trick Room") >= 2
        if archetype == "tailwind":
            assert has(team, move="Tailwind")
        if archetype == "balance":
            assert has(team, ability="Intimidate")


def test_dissimilarity():
    assert dissimilarity(TEAM, TEAM) == 0
    other = changed(0, tera="Water" if TEAM[0].tera != "Water" else "Fire")
    assert dissimilarity(TEAM, other) == pytest.approx(0.5 / 7 / 6)
    assert dissimilarity(TEAM, other) == dissimilarity(other, TEAM)
    assert dissimilarity(TEAM[:3], TEAM[3:]) == 1
    assert novelty([TEAM], [other, TEAM]) == 0


def test_novelty_falls_with_more_training_teams_and_rises_with_the_split():
    splits = [
        [novelty(read_pool(name).teams, read_pool(f"training {size}").teams) for size in SIZES] for name in held_out()
    ]
    for row in splits:
        assert row == sorted(row, reverse=True)
    assert splits[0][-1] < splits[1][-1] < splits[2][-1]


def test_an_unknown_pool_is_refused():
    with pytest.raises(TeamError, match=r"no pool 'training 65' \(did you mean 'training 64'"):
        read_pool("training 65")
