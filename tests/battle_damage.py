"""Compares the damage of single hits with what Showdown computed. Runs as a process of its own, rules as plain Python:
`NUMBA_DISABLE_JIT=1 python tests/battle_damage.py EVERY` takes each EVERY-th position and prints how many agree."""

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
from battle_recordings import FOLDER, read_lines

from kumite.arenas import battle as arena
from kumite.arenas.battle import mons
from kumite.arenas.battle.aim import find_targets
from kumite.arenas.battle.becoming import become, prepare
from kumite.arenas.battle.content import default_content, plain, word
from kumite.arenas.battle.damage import damage_of
from kumite.arenas.battle.pools import read_pool
from kumite.arenas.battle.state import ALWAYS, NOBODY, Result, Stream
from kumite.arenas.battle.terms import SideCondition, Stage, Stat, Status, Terrain, Type, Volatile, Weather

CONTENT = default_content()
forced: dict[int, int] = {}


def forced_draw(_tables: Any, _match: Any, stream: int, _index: int, faces: int) -> int:
    """Dice that show what the case says."""
    return min(forced[int(stream)], faces - 1)


def number(place: str) -> int:
    """p2b -> 7: the Pokemon laid out for this place."""
    return 6 * (int(place[1]) - 1) + "ab".index(place[2])


def lay_out(match: Any, position: dict[str, Any]) -> None:
    """Writes a recorded position into a record."""
    match.weather = word(Weather, position["weather"] or None)
    match.terrain = word(Terrain, position["terrain"] or None)
    match.trick_room = 5 * ("trickroom" in position["pseudo_weather"])
    match.active[:] = NOBODY
    match.mon["at"] = NOBODY
    match.left[:] = 4
    for s, side in enumerate(position["sides"]):
        for name in side["conditions"]:
            if name.upper() in SideCondition.__members__:
                match.layers[s, SideCondition[name.upper()]] = 4
        for given in side["active"]:
            who = 6 * s + given["place"]
            match.active[2 * s + given["place"]] = who
            lay_out_mon(match.mon[who], given, 2 * s + given["place"])


def lay_out_mon(mon: Any, given: dict[str, Any], at: int) -> None:
    """Writes one recorded Pokemon."""
    mon.at, mon.place, mon.level = at, at % 2, 50
    mon.species = CONTENT.id_of("species", given["species"])
    mon.types[:] = CONTENT.species_table[mon.species].types
    mon.ability = mon.own_ability = CONTENT.id_of("abilities", given["ability"]) if given["ability"] else 0
    mon.held = CONTENT.id_of("items", given["item"]) if given["item"] else 0
    mon.stats[:] = [given["stats"][stat.name.lower()] for stat in Stat]
    mon.stats[0] = given["max_hp"]
    mon.hp = given["hp"]
    mon.fainted = given["hp"] == 0
    mon.status = word(Status, given["status"] or None)
    mon.tera = word(Type, given["tera_type"])
    mon.terastallized = word(Type, given["terastallized"] or None)
    for name, stage in given["stages"].items():
        mon.stages[Stage[name.upper()]] = stage
    mon.attacked = given.get("times_attacked", 0)
    mon.speed = given["speed"]
    for kind in given.get("stellar", ()):
        mon.stellar = int(mon.stellar) | 1 << word(Type, kind)
    for name, state in given["volatiles"].items():
        if name.upper() in Volatile.__members__:
            mon.turns[Volatile[name.upper()]] = state.get("duration", ALWAYS)
            if "bestStat" in state:
                mon.best = Stat[state["bestStat"].upper()]


def damages(game: Any, state: Any, case: dict[str, Any]) -> Iterator[tuple[list[int], list[int]]]:
    """(got, expected) for each Pokemon a case hits."""
    match = state[0]
    user, move = number(case["user"]), CONTENT.id_of("moves", case["move"])
    prepare(game.tables, match, user, move, 0)
    become(game.tables, match)
    match.now.target = number(case["at"])
    find_targets(game.tables, match, number(case["at"]))
    match.now.spread = match.now.count > 1
    match.now.hit = 1
    for hit in case["hits"]:
        before = state.copy()
        got = []
        for roll in range(16):
            who = number(hit["target"])
            forced.update({int(Stream.CRITICAL): 0 if hit.get("critical") else 1, int(Stream.ROLL): roll})
            match.now.target = who
            got.append(damage_of(game.tables, match, who))
            if roll < 15:  # what the last one changed stays for the next target
                state[:] = before
        yield got, hit["rolls"]


def main(every: int) -> None:
    mons.draw = forced_draw  # type: ignore[attr-defined]
    teams = list(read_pool("training 1").teams)
    games = {name: arena.build(arena.ARENA, arena.Options(format=name), teams) for name in ("doubles", "singles3")}
    hits, moves = 0, set()
    for place, line in enumerate(read_lines(FOLDER / "damage.jsonl.gz")):
        if place % every:
            continue
        game = games[line["format"]]
        for case in line["cases"]:
            state = np.zeros(1, game.state).view(np.recarray)
            lay_out(state[0], line["position"])
            for got, expected in damages(game, state, case):
                if got != expected and case["move"] == "stompingtantrum":
                    # Whether the last move failed is not in the file: the damage must be right if it did.
                    state[0].mon[number(case["user"])].last_result = Result.FAILED
                    got, expected = next(damages(game, state, case))
                if got != expected:
                    raise SystemExit(f"line {place}: {case}\ngot {got}\n{line['position']}")
                hits += 1
            moves.add(plain(case["move"]))
    print(f"{hits} hits of {len(moves)} moves agree in all 16 rolls")


if __name__ == "__main__":
    main(int(sys.argv[1]))
