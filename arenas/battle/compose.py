"""Composes the team pools from the usage table: `python -m kumite.arenas.battle.compose --modules FOLDER/node_modules`.

A team is built around an archetype's core, then filled with species drawn by how often they are used and how often
they are used together; sets are drawn from what is counted for the species. Only teams that Showdown's validator
accepts, and that are unlike every team before, go into a pool.
"""

import argparse
import gzip
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...assets.battle.generate.showdown import VERSION, run_script
from .content import FOLDER, Content, default_content, plain
from .pools import dissimilarity
from .teams import CROWNED, STAT_NAMES, TEAM_SIZE, PokemonSet, Team, check_team, write_packed
from .usage import read_usage

FORMAT = "gen9vgc2024regg"
SEED = 2024
TRAINING = 256
HELD_OUT = 24
LEAST_DISSIMILARITY = 0.35
"""Between any two teams of the pools."""
UNCOUNTED = 8
"""Weight of a species that plays by sets.toml: the least that usage.json counts."""

SPREADS = {
    "fast physical": ("Jolly", "252 Atk / 4 SpD / 252 Spe"),
    "fast special": ("Timid", "252 SpA / 4 SpD / 252 Spe"),
    "bulky physical": ("Adamant", "252 HP / 156 Atk / 4 Def / 76 SpD / 20 Spe"),
    "bulky special": ("Modest", "252 HP / 76 Def / 156 SpA / 4 SpD / 20 Spe"),
    "slow physical": ("Brave", "252 HP / 252 Atk / 4 Def"),
    "slow special": ("Quiet", "252 HP / 252 SpA / 4 Def"),
}
EVENT_ATTACK = {"Raging Bolt": 20, "Iron Crown": 20, "Miraidon": 31}
"""Attack IVs of species that only exist with these."""
UNSEEN_CORE = frozenset(
    (
        "Zamazenta-Crowned",
        "Lunala",
        "Volcarona",
        "Dragonite",
        "Gholdengo",
        "Ursaluna-Bloodmoon",
        "Archaludon",
        "Ogerpon-Wellspring",
        "Kingambit",
        "Landorus-Therian",
        "Roaring Moon",
        "Iron Valiant",
    )
)
"""Species of the third held-out split that no training team has."""
ARCHETYPES = {"balance": 4, "tailwind": 4, "trick room": 3, "rain": 2, "sun": 2, "hyper-offence": 3}
"""Archetypes of the training pool and how often each comes in a round."""
UNSEEN_ARCHETYPES = ("sand", "snow")


@dataclass(frozen=True)
class Archetype:
    """What makes a team of its kind: `core` species by role, each a (how many, who) pair; moves the setters need."""

    core: tuple[tuple[int, tuple[str, ...]], ...]
    moves: Mapping[str, str]  # species -> move it must have


class Composer:
    """Draws teams. weights: usage by species; lifts: how much likelier two species are together than apart."""

    def __init__(self, content: Content, rng: np.random.Generator) -> None:
        self.content, self.rng = content, rng
        usage = read_usage()
        written = tomllib.loads((FOLDER / "sets.toml").read_text(encoding="utf-8"))["sets"]
        rows = content.rows["species"]
        self.use = {name: row for name, row in usage["species"].items() if name in rows}
        self.use |= {name: _from_written(row) for name, row in written.items()}
        self.lift = {}
        for pair, count in usage["pairs"].items():
            first, second = pair.split(" + ")
            if first in self.use and second in self.use:
                apart = self.use[first]["count"] * self.use[second]["count"] / usage["teams"]
                self.lift[frozenset((first, second))] = min(max(count / apart, 0.3), 4.0)

    def who(self, **wanted: Any) -> tuple[str, ...]:
        """Species with one of `abilities`, with a `move` among those it is used with, or no faster than `slower`."""
        found = []
        for name, use in self.use.items():
            row = self.content.rows["species"][name]
            right = not wanted.get("abilities") or bool(set(wanted["abilities"]) & set(self._abilities(name)))
            right &= "move" not in wanted or wanted["move"] in use["moves"]
            right &= "slower" not in wanted or row["base"][5] <= wanted["slower"]
            right &= "faster" not in wanted or row["base"][5] >= wanted["faster"]
            right &= "strong" not in wanted or max(row["base"][1], row["base"][3]) >= wanted["strong"]
            right &= "types" not in wanted or bool(set(wanted["types"]) & set(row["types"]))
            if right:
                found.append(name)
        return tuple(found)

    def archetypes(self) -> dict[str, Archetype]:
        """By name."""
        room, wind = self.who(move="Trick Room"), self.who(move="Tailwind")
        water = self.who(types=("Water", "Electric"), strong=100)
        return {
            "rain": Archetype(((1, self.who(abilities=("Drizzle",))), (2, water)), {}),
            "sun": Archetype(
                (
                    (1, self.who(abilities=("Drought", "Orichalcum Pulse"))),
                    (2, self.who(abilities=("Protosynthesis", "Chlorophyll"))),
                ),
                {},
            ),
            "trick room": Archetype(
                ((2, room), (2, self.who(slower=60, strong=95))), dict.fromkeys(room, "Trick Room")
            ),
            "tailwind": Archetype(((1, wind), (2, self.who(faster=70, strong=110))), dict.fromkeys(wind, "Tailwind")),
            "hyper-offence": Archetype(((4, self.who(faster=85, strong=115)),), {}),
            "balance": Archetype(
                (
                    (1, self.who(abilities=("Intimidate",))),
                    (1, self.who(abilities=("Regenerator", "Grassy Surge", "Friend Guard", "Hospitality"))),
                    (1, self.who(move="Fake Out")),
                ),
                {},
            ),
            "sand": Archetype(
                (
                    (1, self.who(abilities=("Sand Stream",))),
                    (1, self.who(abilities=("Sand Rush",))),
                    (1, self.who(types=("Rock", "Ground", "Steel"))),
                ),
                {},
            ),
            "snow": Archetype(
                ((1, self.who(abilities=("Snow Warning",))), (2, self.who(types=("Ice",)))),
                {"Ninetales-Alola": "Aurora Veil"},
            ),
        }

    def team(self, archetype: Archetype, banned: frozenset[str], core: tuple[str, ...] = ()) -> Team | None:
        """One team, or None where the draws led nowhere. core: three of these come first."""
        chosen: list[str] = []
        for count, names in (*(((3, core),) if core else ()), *archetype.core):
            for _ in range(count - sum(name in names for name in chosen)):
                if not self._add(chosen, set(names) - banned):
                    return None
        if not any(self._restricted(name) for name in chosen):
            self._add(chosen, {name for name in self.use if self._restricted(name)} - banned)
        while len(chosen) < TEAM_SIZE:
            if not self._add(chosen, set(self.use) - banned):
                return None
        if len(chosen) > TEAM_SIZE:
            return None
        members: list[PokemonSet] = []
        for name in chosen:
            member = self._set(name, chosen, {m.item for m in members}, archetype.moves.get(name))
            if member is None:
                return None
            members.append(member)
        return tuple(members)

    def _add(self, chosen: list[str], names: set[str]) -> bool:
        rows = self.content.rows["species"]
        families = {rows[name]["base_species"] for name in chosen}
        full = any(map(self._restricted, chosen))
        names = {n for n in names if rows[n]["base_species"] not in families and not (full and self._restricted(n))}
        if not names:
            return False
        order = sorted(names)
        weights = np.array([self.use[name]["count"] ** 0.7 for name in order])
        for number, name in enumerate(order):
            for other in chosen:
                weights[number] *= self.lift.get(frozenset((name, other)), 0.8)
                weights[number] *= 0.5 ** len(set(rows[name]["types"]) & set(rows[other]["types"]))
        chosen.append(self._draw(order, weights))
        return True

    def _restricted(self, name: str) -> bool:
        return self.content.rows["species"][name].get("restricted", False)

    def _abilities(self, name: str) -> list[str]:
        return [ability for ability in self.use[name]["abilities"] if ability in self.content.abilities]

    def _draw(self, names: list[str], weights: np.ndarray) -> str:
        return names[int(self.rng.choice(len(names), p=weights / weights.sum()))]

    def _of(self, counts: Mapping[str, int], keep: set[str] | None = None, power: float = 1.0) -> str | None:
        names = [name for name in counts if keep is None or name in keep]
        return self._draw(names, np.array([counts[name] for name in names], float) ** power) if names else None

    def _set(self, name: str, team: list[str], taken: set[str], needed: str | None) -> PokemonSet | None:
        use, row = self.use[name], self.content.rows["species"][name]
        ability = self._of(use["abilities"], set(self.content.abilities) & set(row["abilities"]))
        items = self.content.rows["items"]
        free = {entry for entry in items if entry not in taken and name in items[entry].get("itemUser", [name])}
        item = row.get("item") or self._of(use["items"], free)
        if ability is None or item is None or item in taken:
            return None
        moves = self._moves(name, item, needed)
        tera = row.get("tera") or self._of(use["tera"])
        if moves is None or tera is None or not self._fits(item, ability, moves, team):
            return None
        special = sum(self._category(move) == "Special" for move in moves)
        physical = sum(self._category(move) == "Physical" for move in moves)
        for _ in range(10):
            nature, spread = self._of(use["natures"]), self._of(use["evs"])
            plus = self.content.rows["natures"][nature] if nature else {}
            wrong = (physical and plus.get("minus") == "atk" and "Foul Play" not in moves) or (
                special and plus.get("minus") == "spa"
            )
            slow = plus.get("minus") == "spe"
            if nature and spread and not wrong and not (slow and name in EVENT_ATTACK):
                evs = _evs(spread)
                gender = "M" if row["gender"] == "MF" else row["gender"]
                return PokemonSet(
                    species=name,
                    ability=ability,
                    item=item,
                    moves=moves,
                    nature=nature,
                    tera=tera,
                    gender=gender,
                    evs=evs,
                    ivs=(31, 31 if physical else EVENT_ATTACK.get(name, 0), 31, 31, 31, 0 if slow else 31),
                )
        return None

    def _moves(self, name: str, item: str, needed: str | None) -> tuple[str, ...] | None:
        learned = {*self.content.rows["species"][name]["moves"], CROWNED.get(plain(name))}
        counts = {move: n for move, n in self.use[name]["moves"].items() if move in learned}
        choice = self.content.rows["items"][item].get("isChoice", False)
        if choice or item == "Assault Vest":
            counts = {m: n for m, n in counts.items() if self._category(m) != "Status" or (choice and m == "Trick")}
        if needed is not None and needed not in counts:
            return None
        moves = [needed] if needed else []
        while len(moves) < 4:
            stall = any(self.content.rows["moves"][move].get("stallingMove") for move in moves)
            left = {
                move
                for move in counts
                if move not in moves and not (stall and self.content.rows["moves"][move].get("stallingMove"))
            }
            move = self._of(counts, left, 1.3)
            if move is None:
                return None
            moves.append(move)
        return tuple(moves) if any(self._category(move) != "Status" for move in moves) else None

    def _category(self, move: str) -> str:
        return self.content.rows["moves"][move]["category"]

    def _fits(self, item: str, ability: str, moves: tuple[str, ...], team: list[str]) -> bool:
        """Whether an item has a use here."""
        rows = self.content.rows["moves"]
        abilities = {other for name in team for other in self._abilities(name)}
        flags = {flag for move in moves for flag in rows[move]["flags"]}
        types = {rows[move]["type"] for move in moves if rows[move]["category"] != "Status"}
        boosted = self.content.rows["items"][item].get("boost_type")
        needs = {
            "Booster Energy": ability in ("Protosynthesis", "Quark Drive"),
            "Electric Seed": bool(abilities & {"Electric Surge", "Hadron Engine"}),
            "Grassy Seed": "Grassy Surge" in abilities,
            "Psychic Seed": "Psychic Surge" in abilities,
            "Misty Seed": "Misty Surge" in abilities,
            "Light Clay": bool({"Light Screen", "Reflect", "Aurora Veil"} & set(moves)),
            "Power Herb": "charge" in flags,
            "Loaded Dice": any(isinstance(rows[move].get("multihit"), list) for move in moves),
            "Throat Spray": "sound" in flags,
            "Flame Orb": ability == "Guts" or "Trick" in moves,
            "Toxic Orb": ability == "Guts" or "Trick" in moves,
        }
        return needs.get(item, True) and (boosted is None or boosted in types)


def _from_written(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of sets.toml as a row of usage.json; what comes first in a list is likelier."""
    nature, spread = SPREADS[row["spread"]]

    def ranked(names: list[str]) -> dict[str, int]:
        return {name: 3 * len(names) - 2 * place for place, name in enumerate(names)}

    return {
        "count": UNCOUNTED,
        "abilities": {row["ability"]: 1},
        "items": ranked(row["items"]),
        "tera": ranked(row["tera"]),
        "moves": ranked(row["moves"]),
        "natures": {nature: 1},
        "evs": {spread: 1},
    }


def _evs(spread: str) -> tuple[int, ...]:
    amounts = {name: int(amount) for amount, name in (part.split() for part in spread.split(" / "))}
    return tuple(amounts.get(name, 0) for name in STAT_NAMES)


def verdicts(teams: list[Team], modules: Path) -> list[dict[str, Any]]:
    """What Showdown makes of each team: `team`, `packed` and `paste` again, and `problems` its validator names."""
    given = {"format": FORMAT, "teams": [write_packed(team) for team in teams]}
    return run_script("validate.js", given, modules)


def compose(modules: Path) -> dict[str, list[tuple[str, Team]]]:
    """The pools: split -> (archetype, team)."""
    content = default_content()
    composer = Composer(content, np.random.default_rng(SEED))
    kinds = composer.archetypes()
    weather = frozenset(composer.who(abilities=("Sand Stream", "Snow Warning")))
    every = list(ARCHETYPES)
    rounds = [name for _ in range(4) for name in every if ARCHETYPES[name] > _]
    plan = {
        "training": ([rounds[i % len(rounds)] for i in range(TRAINING)], UNSEEN_CORE | weather, ()),
        "same archetypes": ([rounds[i % len(rounds)] for i in range(HELD_OUT)], UNSEEN_CORE | weather, ()),
        "unseen archetype": ([UNSEEN_ARCHETYPES[i % 2] for i in range(HELD_OUT)], UNSEEN_CORE, ()),
        "unseen core": ([rounds[i % len(rounds)] for i in range(HELD_OUT)], weather, tuple(sorted(UNSEEN_CORE))),
    }
    pools: dict[str, list[tuple[str, Team]]] = {split: [] for split in plan}
    said: dict[str, int] = {}
    for split, (order, banned, wanted) in plan.items():
        while len(pools[split]) < len(order):
            batch = []
            for archetype in order[len(pools[split]) : len(pools[split]) + 32]:
                team = None
                while team is None:
                    team = composer.team(kinds[archetype], banned, wanted)
                batch.append((archetype, team))
            for (archetype, team), verdict in zip(batch, verdicts([team for _, team in batch], modules)):
                for text in verdict["problems"]:
                    said[text] = said.get(text, 0) + 1
                before = [other for pool in pools.values() for _, other in pool]
                if (
                    not verdict["problems"]
                    and archetype == order[len(pools[split])]
                    and all(dissimilarity(team, other) >= LEAST_DISSIMILARITY for other in before)
                ):
                    check_team(team, content)
                    pools[split].append((archetype, team))
                if len(pools[split]) == len(order):
                    break
    for text, count in sorted(said.items(), key=lambda entry: -entry[1])[:20]:
        print(f"{count:4} {text}")
    return pools


def main() -> None:
    """Writes `assets/battle/teams.json`, and what Showdown makes of each team beside the tests."""
    parser = argparse.ArgumentParser(prog="python -m kumite.arenas.battle.compose", description=__doc__)
    parser.add_argument("--modules", type=Path, default=Path("node_modules"), help="where npm put pokemon-showdown")
    parser.add_argument("--verdicts", type=Path, default=Path("tests/data/battle/verdicts.jsonl.gz"), help="for tests")
    given = parser.parse_args()
    pools = compose(given.modules)
    lines = [f'"validated": {json.dumps(f"{FORMAT}, pokemon-showdown {VERSION}")}']
    for split, teams in pools.items():
        rows = [json.dumps([archetype, write_packed(team)]) for archetype, team in teams]
        lines.append(f'"{split}": [\n' + ",\n".join(rows) + "\n]")
    (FOLDER / "teams.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    found = verdicts([team for teams in pools.values() for _, team in teams], given.modules)
    text = "".join(json.dumps(verdict) + "\n" for verdict in found)
    given.verdicts.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main()
