"""The battle arena's tables: what is in them, and that ids, words and data agree."""

import tomllib

import numpy as np
import pytest

from kumite.arenas.battle import ids
from kumite.arenas.battle.content import (
    ABILITY,
    FOLDER,
    IMMUNE,
    ITEM,
    MOVE,
    SPECIES,
    default_content,
    word,
)
from kumite.arenas.battle.teams import SET
from kumite.arenas.battle.terms import Category, Cause, Flag, Stage, Stat, Status, Target, Type, Volatile, Weather
from kumite.arenas.battle.usage import coverage
from kumite.arenas.content import ContentError
from kumite.assets.battle.generate.__main__ import ids as ids_source
from kumite.assets.battle.generate.__main__ import member, read_vocabulary

CONTENT = default_content()


def move(name: str) -> np.record:
    return CONTENT.move_table[CONTENT.id_of("moves", name)]


def test_the_vocabulary_is_as_wide_as_declared():
    brought = [row for row in CONTENT.rows["species"].values() if "battle_only" not in row]
    assert len(brought) >= 130
    assert len(CONTENT.moves) - 1 >= 170
    assert len(CONTENT.items) - 1 >= 45
    assert len(CONTENT.abilities) - 1 >= 45
    assert min(coverage(CONTENT).values()) > 0.95


def test_ids_are_the_rows_of_the_tables():
    vocabulary = read_vocabulary()
    assert (FOLDER.parent.parent / "arenas/battle/ids.py").read_text() == ids_source(vocabulary)
    for kind, enum in (("species", ids.Species), ("moves", ids.Move), ("items", ids.Item), ("abilities", ids.Ability)):
        names = getattr(CONTENT, kind)
        assert [entry.name for entry in enum] == ["NONE", *map(member, names[1:])]
        assert [int(entry) for entry in enum] == list(range(len(names)))


def test_old_ids_keep_their_numbers():
    """Replays and checkpoints hold ids: the vocabulary grows at its end."""
    names = tomllib.loads((FOLDER / "vocabulary.toml").read_text())
    for kind, (count, last) in {
        "species": (170, "Ogerpon-Cornerstone-Tera"),
        "moves": (213, "Bullet Punch"),
        "items": (74, "Kasib Berry"),
        "abilities": (87, "Embody Aspect (Cornerstone)"),
    }.items():
        assert names[kind][count - 1] == last


@pytest.mark.parametrize("dtype", [SPECIES, MOVE, ITEM, ABILITY, SET])
def test_records_hide_no_bytes(dtype):
    assert dtype.itemsize == sum(dtype[name].itemsize for name in dtype.names)


def test_the_first_row_is_none():
    for table in (CONTENT.species_table, CONTENT.move_table, CONTENT.item_table, CONTENT.ability_table):
        assert not any(np.any(table[0][name]) for name in table.dtype.names)


def test_a_plain_attack():
    fake_out = move("Fake Out")
    assert (fake_out.type, fake_out.category, fake_out.power, fake_out.accuracy) == (
        Type.NORMAL,
        Category.PHYSICAL,
        40,
        100,
    )
    assert (fake_out.pp, fake_out.priority, fake_out.target) == (16, 3, Target.NORMAL)
    assert fake_out.traits & Flag.CONTACT
    assert fake_out.traits & Flag.PROTECT
    assert (fake_out.secondary_chance[0], fake_out.secondary_volatile[0]) == (100, Volatile.FLINCH)


def test_moves_of_every_shape():
    assert move("Trick Room").accuracy == 0
    assert tuple(move("Scale Shot").hits) == (2, 5)
    assert move("Scale Shot").last_stages[Stage.SPE] == 1
    assert move("Triple Axel").each_hit_can_miss
    assert tuple(move("Wood Hammer").recoil) == (33, 100)
    assert tuple(move("Drain Punch").drain) == (1, 2)
    assert tuple(move("Recover").heal) == (1, 2)
    assert move("Flame Charge").secondary_self_stages[0][Stage.SPE] == 1
    assert move("Close Combat").self_stages[Stage.DEF] == -1
    assert move("Body Press").attack_stat == Stat.DEF
    assert move("Psyshock").defense_stat == Stat.DEF
    assert move("Foul Play").uses_target_attack
    assert move("Surging Strikes").always_critical
    assert move("Spore").status == Status.SLP
    assert move("Rain Dance").weather == Weather.RAINDANCE
    assert move("Thunder Wave").asks_immunity
    assert not move("Will-O-Wisp").asks_immunity
    assert move("Electro Shot").sheer_force
    assert move("Struggle").pp == 1


def test_secondary_effects_are_marked_for_sheer_force():
    for number in range(1, len(CONTENT.moves)):
        row = CONTENT.move_table[number]
        assert bool(row.sheer_force) == (row.secondary_count > 0 or CONTENT.moves[number] == "Electro Shot")


def test_the_type_chart():
    chart = CONTENT.chart
    assert chart[Type.WATER, Type.FIRE] == 1
    assert chart[Type.FIRE, Type.WATER] == -1
    assert chart[Type.NORMAL, Type.GHOST] == IMMUNE
    assert chart[Type.GROUND, Type.FLYING] == IMMUNE
    assert not chart[Type.TYPELESS].any()
    assert CONTENT.immune[Type.DARK, Cause.PRANKSTER]
    assert CONTENT.immune[Type.GRASS, Cause.POWDER]
    assert not CONTENT.immune[Type.FIRE, Cause.POWDER]


def test_species_know_their_formes():
    table = CONTENT.species_table
    ogerpon = table[CONTENT.id_of("species", "Ogerpon-Wellspring")]
    assert CONTENT.species[ogerpon.tera_forme] == "Ogerpon-Wellspring-Tera"
    assert CONTENT.abilities[ogerpon.tera_ability] == "Embody Aspect (Wellspring)"
    assert CONTENT.items[ogerpon.needs_item] == "Wellspring Mask"
    assert ogerpon.tera == Type.WATER
    zacian = [table[CONTENT.id_of("species", name)] for name in ("Zacian", "Zacian-Crowned")]
    assert zacian[0].family == zacian[1].family
    assert all(row.restricted for row in zacian)
    assert CONTENT.item_table[CONTENT.id_of("items", "Rusted Sword")].holder == zacian[0].family


def test_natures_raise_one_stat_and_lower_another():
    adamant = CONTENT.nature_table[CONTENT.id_of("natures", "Adamant")]
    assert (adamant[Stat.ATK], adamant[Stat.SPA]) == (110, 90)
    assert (np.sort(CONTENT.nature_table, axis=1)[:, 1:-1] == 100).all()


def test_a_name_that_is_left_out_says_why():
    with pytest.raises(ContentError, match=r"'Transform' is not in the vocabulary: left out, turns into"):
        CONTENT.id_of("moves", "Transform")
    with pytest.raises(ContentError, match=r"did you mean 'Protect'"):
        CONTENT.id_of("moves", "Protekt")


def test_nothing_left_out_is_in():
    for kind, reasons in CONTENT.left_out.items():
        assert not set(reasons) & set(CONTENT.rows[kind])
        assert all(reasons.values())


def test_everything_counted_is_in_or_left_out_with_a_reason():
    from kumite.arenas.battle.usage import read_usage

    for name, row in read_usage()["species"].items():
        for kind, names in (("species", [name]), *((kind, row[kind]) for kind in ("moves", "items", "abilities"))):
            for entry in names:
                assert entry in CONTENT.rows[kind] or entry in CONTENT.left_out[kind], (kind, entry)


def test_an_unknown_word_of_the_data_is_refused():
    with pytest.raises(ContentError, match=r"Weather: unknown word 'hailstorm'"):
        word(Weather, "hailstorm")
