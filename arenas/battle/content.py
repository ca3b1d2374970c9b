"""The tables of the battle arena: `assets/battle/*.json` -> integer records for the rules.

Every table has a row of zeros first, for none; a row's number is its id (`ids.py`). Words are members of `terms.py`.
"""

import functools
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

import numpy as np

from ... import assets
from ..arena import nearest
from ..content import ContentError, hash_files
from .terms import (
    AbilityFlag,
    Category,
    Cause,
    Flag,
    Gender,
    PseudoWeather,
    SideCondition,
    Stage,
    Stat,
    Status,
    Target,
    Terrain,
    Type,
    Volatile,
    Weather,
)

FOLDER = Path(assets.__file__ or "").parent / "battle"
IMMUNE = -9
"""In the type chart: no effect at all. Other entries are powers of two and add up over a target's types."""
SECONDARIES = 2
"""Rows of secondary effects a move may have."""

SPECIES = np.dtype(
    [
        ("types", np.int16, 2),  # Type; the second is TYPELESS where there is one only
        ("base_stats", np.int16, 6),  # by Stat
        ("weight", np.int16),  # hectograms
        ("gender", np.int16),  # Gender where it is given, or -1: either
        ("family", np.int16),  # species clause: the lowest id of its base species
        ("tera", np.int16),  # Type it must terastallize to, or 0
        ("tera_forme", np.int16),  # species it becomes when it does, or 0
        ("tera_ability", np.int16),  # and the ability that forme has
        ("needs_item", np.int16),  # item it must hold and keep, or 0
        ("evolves", np.int16),  # 1: not fully evolved
        ("battle_only", np.int16),  # 1: never on a team sheet
        ("restricted", np.int16),  # 1: one of these a team
        ("paradox", np.int16),  # 1: Booster Energy cannot be taken from it
    ],
    align=True,
)
MOVE = np.dtype(
    [
        ("type", np.int16),
        ("category", np.int16),
        ("power", np.int16),
        ("accuracy", np.int16),  # percent; 0: does not miss
        ("pp", np.int16),  # with all PP Ups
        ("priority", np.int16),
        ("target", np.int16),
        ("critical", np.int16),  # stage: 1 is ordinary
        ("always_critical", np.int16),
        ("pad", np.int16),
        ("traits", np.int32),  # Flag
        ("hits", np.int16, 2),  # fewest and most
        ("each_hit_can_miss", np.int16),
        ("drain", np.int16, 2),  # numerator and denominator of damage dealt; 0, 1: none
        ("recoil", np.int16, 2),  # the same
        ("heal", np.int16, 2),  # of maximum hit points
        ("status", np.int16),  # Status given to the target by a move that is about that
        ("volatile", np.int16),  # Volatile given to the target (or user, by `target`)
        ("stages", np.int16, 7),  # by Stage, of the target
        ("self_stages", np.int16, 7),  # of the user, once a move has hit
        ("last_stages", np.int16, 7),  # of the user, after the last hit
        ("self_volatile", np.int16),  # Volatile of the user once the move has hit
        ("side_condition", np.int16),  # SideCondition
        ("weather", np.int16),
        ("terrain", np.int16),
        ("pseudo_weather", np.int16),
        ("secondary_count", np.int16),  # secondary effects, coded ones too; Sheer Force asks
        ("sheer_force", np.int16),  # 1: Sheer Force strengthens it
        ("secondary_chance", np.int16, SECONDARIES),  # percent
        ("secondary_status", np.int16, SECONDARIES),
        ("secondary_volatile", np.int16, SECONDARIES),
        ("secondary_stages", np.int16, (SECONDARIES, 7)),
        ("secondary_self_stages", np.int16, (SECONDARIES, 7)),
        ("attack_stat", np.int16),  # Stat it hits with, or 0: by category
        ("defense_stat", np.int16),  # Stat it hits against, or 0: by category
        ("uses_target_attack", np.int16),  # Foul Play
        ("ignores_stages", np.int16),  # of the target's defence and evasion
        ("ignores_ability", np.int16),
        ("asks_immunity", np.int16),  # fails against types that its own type has no effect on
        ("breaks_protect", np.int16),
        ("stalls", np.int16),  # Protect's family: less likely each turn in a row
        ("thaws_target", np.int16),
        ("self_switch", np.int16),  # the user goes afterwards
        ("force_switch", np.int16),  # the target is dragged out
        ("struggle_recoil", np.int16),  # a quarter of maximum hit points
        ("duration", np.int16),  # turns of what it starts, or 0: see the rule
    ],
    align=True,
)
ITEM = np.dtype(
    [
        ("berry", np.int16),
        ("choice", np.int16),  # locks its holder into a move
        ("boost_type", np.int16),  # Type whose moves get power * 4915 / 4096, or 0
        ("resist_type", np.int16),  # Type whose super-effective hit is halved once, or 0
        ("stages", np.int16, 7),  # by Stage, given to the holder when it is used up
        ("holder", np.int16),  # species (lowest id of the family) that cannot lose it, or 0
    ],
    align=True,
)
ABILITY = np.dtype([("traits", np.int16)], align=True)  # AbilityFlag


@dataclass(frozen=True)
class Content:
    """What there is, by name, and its tables.

    species, moves, items, abilities: names by id, "" for none. rows: the JSON row of each name, by kind.
    chart: int8 [T, T], attacking type by defending type: 1 weak, -1 resists, IMMUNE. immune: uint8 [T, causes].
    natures: names; nature: int16 [N, 6], per cent of each Stat. left_out: why not, by kind and name.
    """

    species: tuple[str, ...]
    moves: tuple[str, ...]
    items: tuple[str, ...]
    abilities: tuple[str, ...]
    natures: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Any]]
    left_out: Mapping[str, Mapping[str, str]]
    species_table: np.recarray
    move_table: np.recarray
    item_table: np.recarray
    ability_table: np.recarray
    chart: np.ndarray
    immune: np.ndarray
    nature_table: np.ndarray
    content_hash: str

    def id_of(self, kind: str, name: str) -> int:
        """The id of a name; kind is "species", "moves", "items", "abilities" or "natures". ContentError if unknown."""
        number = self._ids[kind].get(plain(name))
        if number is None:
            why = self.left_out.get(kind, {})
            reason = next((f": left out, {text}" for other, text in why.items() if plain(other) == plain(name)), "")
            raise ContentError(
                f"{kind}: {name!r} is not in the vocabulary" + (reason or nearest(name, list(getattr(self, kind))[1:]))
            )
        return number

    @functools.cached_property
    def _ids(self) -> dict[str, dict[str, int]]:
        kinds = ("species", "moves", "items", "abilities", "natures")
        return {kind: {plain(name): number for number, name in enumerate(getattr(self, kind))} for kind in kinds}


def plain(name: str) -> str:
    """A name without case, blanks and signs, as Showdown compares them: "Will-O-Wisp" -> "willowisp"."""
    return "".join(c for c in name.lower() if c.isascii() and c.isalnum())


def word(enum: type[IntEnum], name: str | None) -> int:
    """The number of a word of the data; 0 for None."""
    if name is None:
        return 0
    members = enum.__members__
    if plain(name).upper() not in members:
        raise ContentError(f"{enum.__name__}: unknown word {name!r}" + nearest(plain(name).upper(), list(members)))
    return int(members[plain(name).upper()])


def _flags(enum: type[IntFlag], names: Iterable[str]) -> int:
    return int(sum(enum.__members__.get(name.upper(), enum(0)) for name in names))


def _stages(row: Mapping[str, Any] | None) -> list[int]:
    """A row of boosts by Stage."""
    boosts = (row or {}).get("boosts", {})
    unknown = set(boosts) - {stage.name.lower() for stage in Stage}
    if unknown:
        raise ContentError(f"unknown stages {sorted(unknown)}")
    return [boosts.get(stage.name.lower(), 0) for stage in Stage]


def _fill(dtype: np.dtype, rows: Sequence[Mapping[str, Any]]) -> np.recarray:
    """Records from rows that name only what is not 0; the first record is none."""
    records = np.zeros(len(rows) + 1, dtype)
    for record, row in zip(records[1:], rows, strict=True):
        for name, value in row.items():
            record[name] = value
    return records.view(np.recarray)


def _species(name: str, rows: Mapping[str, Any], ids: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    row = rows[name]
    types = [word(Type, kind) for kind in row["types"]]
    same = [ids["species"][other] for other in rows if rows[other]["base_species"] == row["base_species"]]
    into = next((other for other in rows if rows[other].get("battle_only") == name and other.endswith("-Tera")), None)
    return {
        "types": [*types, 0][:2],
        "base_stats": row["base"],
        "weight": row["weight"],
        "gender": -1 if row["gender"] == "MF" else Gender[row["gender"]],
        "family": min(same),
        "tera": word(Type, row.get("tera")),
        "tera_forme": ids["species"][into] if into else 0,
        "tera_ability": ids["abilities"][rows[into]["abilities"][0]] if into else 0,
        "needs_item": ids["items"][row["item"]] if "item" in row else 0,
        "evolves": row.get("evolves", False),
        "battle_only": "battle_only" in row,
        "restricted": row.get("restricted", False),
        "paradox": row.get("paradox", False),
    }


def _move(row: Mapping[str, Any]) -> dict[str, Any]:
    hits = row.get("multihit", 1)
    secondaries = row.get("secondaries", [row["secondary"]] if "secondary" in row else [])
    if len(secondaries) > SECONDARIES:
        raise ContentError(f"{len(secondaries)} secondary effects, at most {SECONDARIES} fit")
    by_user = row.get("self", {})
    filled = [*secondaries, *[{}] * (SECONDARIES - len(secondaries))]
    return {
        "type": word(Type, row["type"]),
        "category": word(Category, row["category"]),
        "power": row["basePower"],
        "accuracy": 0 if row["accuracy"] is True else row["accuracy"],
        "pp": row["pp"] if row.get("noPPBoosts") else row["pp"] * 8 // 5,
        "priority": row["priority"],
        "target": word(Target, row["target"]),
        "critical": row.get("critRatio", 1),
        "always_critical": row.get("willCrit", False),
        "traits": _flags(Flag, row["flags"]),
        "hits": hits if isinstance(hits, list) else [hits, hits],
        "each_hit_can_miss": row.get("multiaccuracy", False),
        "drain": row.get("drain", [0, 1]),
        "recoil": row.get("recoil", [0, 1]),
        "heal": row.get("heal", [0, 1]),
        "status": word(Status, row.get("status")),
        "volatile": word(Volatile, row.get("volatileStatus")),
        "stages": _stages(row),
        "self_stages": _stages(by_user),
        "last_stages": _stages(row.get("selfBoost")),
        "self_volatile": word(Volatile, by_user.get("volatileStatus")),
        "side_condition": word(SideCondition, row.get("sideCondition")),
        "weather": word(Weather, row.get("weather")),
        "terrain": word(Terrain, row.get("terrain")),
        "pseudo_weather": word(PseudoWeather, row.get("pseudoWeather")),
        "secondary_count": len(secondaries),
        "sheer_force": bool(secondaries) or row.get("hasSheerForceBoost", False),
        "secondary_chance": [effect.get("chance", 0) for effect in filled],
        "secondary_status": [word(Status, effect.get("status")) for effect in filled],
        "secondary_volatile": [word(Volatile, effect.get("volatileStatus")) for effect in filled],
        "secondary_stages": [_stages(effect) for effect in filled],
        "secondary_self_stages": [_stages(effect.get("self")) for effect in filled],
        "attack_stat": word(Stat, row.get("overrideOffensiveStat")),
        "defense_stat": word(Stat, row.get("overrideDefensiveStat")),
        "uses_target_attack": row.get("overrideOffensivePokemon") == "target",
        "ignores_stages": row.get("ignoreDefensive", False),
        "ignores_ability": row.get("ignoreAbility", False),
        "asks_immunity": not row.get("ignoreImmunity", row["category"] == "Status"),
        "breaks_protect": row.get("breaksProtect", False),
        "stalls": row.get("stallingMove", False),
        "thaws_target": row.get("thawsTarget", False),
        "self_switch": row.get("selfSwitch", False),
        "force_switch": row.get("forceSwitch", False),
        "struggle_recoil": row.get("struggleRecoil", False),
        "duration": row.get("duration", 0),
    }


def _item(row: Mapping[str, Any], species: Mapping[str, int], family: Mapping[str, int]) -> dict[str, Any]:
    users = [name for name in row.get("itemUser", []) if name in species]
    return {
        "berry": row.get("isBerry", False),
        "choice": row.get("isChoice", False),
        "boost_type": word(Type, row.get("boost_type")),
        "resist_type": word(Type, row.get("resist_type")),
        "stages": _stages(row),
        "holder": min((family[name] for name in users), default=0),
    }


def _chart(types: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """(chart int8 [T, T], immune uint8 [T, causes])."""
    chart = np.zeros((len(Type), len(Type)), np.int8)
    immune = np.zeros((len(Type), len(Cause)), np.uint8)
    for name, row in types.items():
        defender = word(Type, name)
        for attacker, effect in row["taken"].items():
            chart[word(Type, attacker), defender] = IMMUNE if effect is None else effect
        for cause in row["immune"]:
            immune[defender, word(Cause, cause)] = 1
    return chart, immune


def _natures(natures: Mapping[str, Any]) -> np.ndarray:
    table = np.full((len(natures), len(Stat)), 100, np.int16)
    for number, row in enumerate(natures.values()):
        if row:
            table[number, word(Stat, row["plus"])] = 110
            table[number, word(Stat, row["minus"])] = 90
    return table


@functools.cache
def default_content() -> Content:
    """The content that ships."""
    vocabulary = tomllib.loads((FOLDER / "vocabulary.toml").read_text(encoding="utf-8"))
    kinds = ("species", "moves", "items", "abilities", "types", "natures")
    rows = {kind: json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8")) for kind in kinds}
    for kind in kinds[:4]:
        if list(rows[kind]) != vocabulary[kind]:
            raise ContentError(f"{kind}.json is not what vocabulary.toml lists: run the generator again")
    ids = {kind: {name: number for number, name in enumerate(rows[kind], 1)} for kind in kinds[:4]}
    species = _fill(SPECIES, [_species(name, rows["species"], ids) for name in rows["species"]])
    family = {name: int(species[number].family) for name, number in ids["species"].items()}
    chart, immune = _chart(rows["types"])
    return Content(
        species=("", *rows["species"]),
        moves=("", *rows["moves"]),
        items=("", *rows["items"]),
        abilities=("", *rows["abilities"]),
        natures=tuple(rows["natures"]),
        rows=rows,
        left_out={
            kind: {name: reason for reason, names in reasons.items() for name in names}
            for kind, reasons in vocabulary["left_out"].items()
        },
        species_table=species,
        move_table=_fill(MOVE, [_move(row) for row in rows["moves"].values()]),
        item_table=_fill(ITEM, [_item(row, ids["species"], family) for row in rows["items"].values()]),
        ability_table=_fill(ABILITY, [{"traits": _flags(AbilityFlag, r["flags"])} for r in rows["abilities"].values()]),
        chart=chart,
        immune=immune,
        nature_table=_natures(rows["natures"]),
        content_hash=hash_files([FOLDER / f"{kind}.json" for kind in kinds]),
    )
