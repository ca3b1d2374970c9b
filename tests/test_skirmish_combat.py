"""Skirmish: fighting, one scenario a rule. Numbers are those of assets/skirmish/units.toml."""

import itertools

import pytest
from skirmish_field import FINE, HOSTILE, UNITS, Field, kind_of

from kumite.arenas.arena import Outcome
from kumite.arenas.skirmish.state import Order


def duel(first, second, apart):
    """One unit a side, their middles so far apart, the first told to attack."""
    field = Field()
    field.put(0, first, -apart / 2)
    field.put(1, second, apart / 2)
    field.look()
    return field


def first_hit(field, side=1, row=0):
    """Ticks until a unit is hit, and by how much; what it healed by itself until then does not count."""
    for ticks in range(1, 400):
        before = field.life(side, row)
        field.play()
        if field.life(side, row) < before:
            return ticks, before - field.life(side, row)
    raise AssertionError("nobody hit it")


@pytest.mark.parametrize(
    ("attacker", "target", "points"),
    [
        ("marine", "marine", 6),
        ("marine", "roach", 5),  # armour takes one
        ("zealot", "roach", 14),  # from each of two hits
        ("marauder", "marine", 10),
        ("marauder", "roach", 19),  # bonus against armoured, less armour
        ("stalker", "stalker", 18),  # a shield has no armour
        ("hellion", "zergling", 14),
    ],
)
def test_damage_is_bonus_by_attribute_and_less_armour(attacker, target, points):
    field = duel(attacker, target, 1.2)
    field.unit(1).cooldown = 1000
    assert first_hit(field)[1] == pytest.approx(points, abs=0.03)  # zerg heal as they are hit


def test_armour_is_taken_from_every_hit():
    field = duel("marine", "spine-crawler", 4)
    field.unit(1).cooldown = 1000
    field.unit(1).health = 20 * FINE
    assert UNITS[kind_of("spine-crawler")].armor == 2
    assert first_hit(field)[1] == pytest.approx(4, abs=0.03)


def test_a_shield_takes_what_it_can_and_armour_counts_for_the_rest():
    """13 + 5 points on 8 points of shield: 10 of 18 come through, and of the armour's point ten eighteenths."""
    field = duel("stalker", "stalker", 4)
    field.unit(1).cooldown = 1000
    field.unit(1).shield = 8 * FINE
    field.unit(1).hurt = 0
    first_hit(field)
    assert field.unit(1).shield == 0
    assert int(field.unit(1).health) == 80 * FINE - 17 * FINE * 10 // 18


def test_windup_and_cooldown_set_the_pace():
    """The first shot falls after the windup, the next after 0.86 s, at most two ticks more or one less."""
    field = duel("marine", "command-center", 6)
    moments = []
    before = field.life(1)
    for tick in range(200):
        field.play()
        if field.life(1) < before:
            moments.append(tick)
            before = field.life(1)
    pauses = {later - earlier for earlier, later in itertools.pairwise(moments)}
    assert len(moments) > 10
    assert pauses <= {14, 15, 16, 17}
    assert len(pauses) > 1


def test_walking_away_breaks_an_attack_off():
    field = duel("roach", "command-center", 5)
    field.play()
    assert field.unit(0).windup > 0
    field.tell(0, 0, "west")
    field.play(8)
    assert field.unit(0).windup == 0
    assert field.life(1) == 1500
    assert field.unit(0).cooldown == 0


def test_an_attack_fails_when_its_target_gets_away():
    field = duel("roach", "hellion", 4)
    field.unit(1).cooldown = 1000
    field.play()
    assert field.unit(0).windup > 0
    field.unit(1).x = 12 * FINE
    field.play(4)
    assert field.life(1) == 90


def test_shots_of_one_tick_all_count():
    """Two marines with one shot's life left: both shoot, both die, and the match is a draw."""
    field = duel("marine", "marine", 4)
    for side in range(2):
        field.unit(side).health = FINE
    field.until(lambda: bool(field.batch.done[0]))
    assert field.batch.outcome[0] == Outcome.DRAW
    assert field.batch.utility[0].tolist() == [0, 0]


def test_the_greatest_threat_is_shot_first_then_the_nearest():
    field = Field()
    field.put(0, "marine", 0)
    field.put(1, "supply-depot", 2)
    field.put(1, "scv", 3, 1)
    field.put(1, "marine", 4.5)
    field.put(1, "marine", 4.5, -1)
    for row in range(4):
        field.unit(1, row).cooldown = 1000
    field.play(4)
    assert field.unit(0).aim == 64 + 2
    field.unit(1, 3).x = 3 * FINE
    field.unit(0).aim = -1
    field.play(5)
    assert field.unit(0).aim == 64 + 3


def test_whoever_hit_last_is_one_more_of_a_threat():
    field = Field()
    field.put(0, "marine", 0)
    field.put(1, "marine", 3)
    field.put(1, "marine", 4, 2)
    field.unit(0).hurt_by = 64 + 1
    field.play(4)
    assert field.unit(0).aim == 64 + 1


def test_a_unit_told_to_attack_follows_until_its_target_is_dead():
    field = duel("zealot", "marine", 8)
    field.put(1, "command-center", 12, 12)
    field.unit(1).cooldown = 30000
    field.tell(0, 0, "attack foe 0")
    field.until(lambda: field.unit(1).kind == 0)
    assert field.unit(0).order == Order.IDLE


def test_a_side_without_units_has_lost():
    field = duel("zealot", "marine", 2)
    field.until(lambda: bool(field.batch.done[0]))
    assert field.batch.outcome[0] == Outcome.FIRST
    assert field.batch.utility[0].tolist() == [1, -1]


def test_a_moving_unit_does_not_fight():
    field = duel("marine", "command-center", 5)
    for _ in range(6):
        field.tell(0, 0, "north")
        field.play(2)
    assert field.life(1) == 1500


def test_only_those_who_can_hit_the_air():
    field = Field()
    field.put(0, "marauder", 0)
    field.put(0, "marine", 0, 2)
    field.put(1, "medivac", 3)
    field.play(6)
    assert field.unit(0, 0).aim == -1
    assert field.unit(0, 1).aim == 64
    assert "attack foe 0" not in field.allowed(0, 0)
    assert "attack foe 0" in field.allowed(0, 1)


def test_a_baneling_bursts_and_hits_all_near_it_but_its_own():
    field = Field()
    field.put(0, "baneling", 0)
    field.put(0, "marine", 0.5, 1)
    field.put(1, "marine", 1)
    field.put(1, "marine", 1, 1.5)
    field.put(1, "roach", 0, -1)
    field.put(1, "marine", 5)
    for row in range(4):
        field.unit(1, row).cooldown = 1000
    field.unit(0, 1).cooldown = 1000
    field.until(lambda: field.unit(0, 0).kind == 0)
    lives = [field.life(1, row) for row in range(4)]
    assert lives == pytest.approx([45 - 35, 45 - 35, 145 - 15, 45], abs=0.03)  # bonus against light, armour of a roach
    assert field.life(0, 1) == 45


def test_a_medivac_heals_flesh_and_spends_energy():
    field = Field()
    field.put(0, "medivac", 0)
    field.put(0, "marine", 2)
    field.put(0, "hellion", 1)
    field.put(1, "command-center", 14)
    field.unit(0, 1).health = 20 * FINE
    field.unit(0, 2).health = 20 * FINE
    field.play(16 + 4)
    healed = field.life(0, 1) - 20
    assert 8 <= healed <= 11.5  # 9 points a second, after at most a quarter of one to notice
    assert field.life(0, 2) == 20
    energy = field.unit(0, 0).energy / FINE
    assert energy == pytest.approx(50 - healed / 3 + 20 * 9 / FINE, abs=0.1)


def test_what_comes_back_by_itself():
    """Shields 2 points a second after 10 s without a hit, zerg health 0.38 a second at once."""
    field = Field()
    field.put(0, "zealot", -10)
    field.put(0, "roach", -10, 3)
    field.put(1, "marine", 14)
    field.unit(0, 0).shield = 10 * FINE
    field.unit(0, 0).hurt = 0
    field.unit(0, 1).health = 100 * FINE
    field.play(159)
    assert field.unit(0, 0).shield == 10 * FINE
    field.play(16)
    assert field.unit(0, 0).shield == 12 * FINE
    assert field.life(0, 1) == pytest.approx(100 + 0.38 * 175 / 16, abs=0.1)


def test_hostile_units_fight_both_sides():
    field = Field()
    field.put(0, "marine", -3)
    field.put(1, "marine", 14)
    field.put(HOSTILE, "zergling", 0)
    field.until(lambda: field.unit(HOSTILE).kind == 0 or field.life(0) < 45)
    field.until(lambda: field.unit(HOSTILE).kind == 0)


def test_the_time_limit_goes_to_who_did_more_damage():
    field = Field()
    field.put(0, "marine", -12)
    field.put(1, "marine", 12)
    field.match.worth[:] = 45
    field.unit(1).health = 40 * FINE
    field.match.tick = field.match.tick_limit - 1
    field.play()
    assert field.batch.done[0]
    assert field.batch.outcome[0] == Outcome.FIRST
