"""The damage of single hits, in all 16 rolls, against what Showdown computed."""

import itertools
from collections import Counter, defaultdict

import pytest
from battle_damage import ARENA, ROLLS, Hit, damages, hits_of
from battle_recordings import FOLDER, read_lines

from kumite.arenas.battle.content import default_content, plain

AT_ONCE = 250
"""Hits compared side by side."""


def wrong_hits(every: int) -> tuple[int, list[str]]:
    """How many hits of each `every`-th position were compared, and those that differ, in words."""
    by_format: dict[str, list[Hit]] = defaultdict(list)
    for line in itertools.islice(read_lines(FOLDER / "damage.jsonl.gz"), 0, None, every):
        by_format[line["format"]] += hits_of(line)
    wrong = []
    for name, hits in by_format.items():
        game = ARENA.game(format=name)
        for first in range(0, len(hits), AT_ONCE):
            some = hits[first : first + AT_ONCE]
            for hit, got in zip(some, damages(game, some).tolist(), strict=True):
                if tuple(got) != hit.rolls:
                    wrong.append(f"{hit}\ngot {got}")
    return sum(map(len, by_format.values())), wrong


def test_damage_is_showdowns():
    count, wrong = wrong_hits(every=50)
    assert count > 1000
    assert not wrong, f"{len(wrong)} of {count} hits differ, the first:\n{wrong[0]}"


@pytest.mark.slow
def test_all_recorded_damage_is_showdowns():
    count, wrong = wrong_hits(every=1)
    assert count >= 100_000
    assert not wrong, f"{len(wrong)} of {count} hits differ, the first:\n{wrong[0]}"


def test_every_attack_is_among_the_cases():
    """Also those of one species; not Ruination and Endeavor, which the formula has no part in."""
    moves = default_content().rows["moves"]
    attacks = {plain(name) for name, row in moves.items() if row["category"] != "Status"} - {"ruination", "endeavor"}
    hits: Counter[str] = Counter()
    for line in read_lines(FOLDER / "damage.jsonl.gz"):
        for case in line["cases"]:
            hits[case["move"]] += len(case["hits"])
    assert hits.keys() == attacks
    assert hits.total() >= 100_000
    assert min(hits.values()) >= 100


def test_a_wrong_position_is_found():
    """The comparison can fail: a user twice as strong does other damage."""
    line = next(line for line in read_lines(FOLDER / "damage.jsonl.gz") if line["format"] == "doubles")
    hit = next(hits_of(line))
    game = ARENA.game(format="doubles")
    (right,) = damages(game, [hit]).tolist()
    assert tuple(right) == hit.rolls
    side, place = divmod(hit.user, 6)
    user = next(mon for mon in hit.position["sides"][side]["active"] if mon["place"] == place)
    user["stats"] = {name: 2 * value for name, value in user["stats"].items()}
    (spoilt,) = damages(game, [hit]).tolist()
    assert len(spoilt) == ROLLS
    assert spoilt != right
