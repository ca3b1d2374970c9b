"""Teams: read from and written as Showdown pastes and packed teams, checked, and turned into records for the rules."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..arena import nearest
from ..content import ContentError
from .content import Content, default_content, plain
from .terms import Gender, Stat, Type

LEVEL = 50
TEAM_SIZE = 6
MOVES = 4
MOST_EVS = 510
"""In all; at most 252 in one stat."""
STAT_NAMES = ("HP", "Atk", "Def", "SpA", "SpD", "Spe")
CROWNED = {"zaciancrowned": "Behemoth Blade", "zamazentacrowned": "Behemoth Bash"}
"""Species whose Iron Head turns into another move as the battle begins."""

SET = np.dtype(
    [
        ("species", np.int16),
        ("ability", np.int16),
        ("held", np.int16),
        ("moves", np.int16, MOVES),  # ids, 0 after the last
        ("nature", np.int16),  # row of the natures
        ("tera", np.int16),  # Type
        ("gender", np.int16),  # Gender
        ("level", np.int16),
        ("stats", np.int16, 6),  # by Stat, at that level
    ],
    align=True,
)


class TeamError(ContentError):
    """A team that cannot be read, or may not be used."""


@dataclass(frozen=True, kw_only=True)
class PokemonSet:
    """One Pokemon of a team, in names as the vocabulary has them. evs, ivs: by Stat."""

    species: str
    ability: str
    item: str = ""
    moves: tuple[str, ...] = ()
    nature: str = "Serious"
    tera: str = ""
    gender: str = ""
    level: int = LEVEL
    evs: tuple[int, ...] = (0,) * 6
    ivs: tuple[int, ...] = (31,) * 6
    nickname: str = field(default="", compare=False)


Team = tuple[PokemonSet, ...]


def read_team(text: str, content: Content | None = None) -> Team:
    """A team from a paste or a packed line. TeamError or ContentError if it cannot be, saying why."""
    content = content or default_content()
    drafts = _unpack(text) if "|" in text and "\n" not in text.strip() else _parse_paste(text)
    return tuple(_settle(draft, content) for draft in drafts)


def _parse_paste(text: str) -> list[dict]:
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r", "").strip()) if block.strip()]
    if not blocks:
        raise TeamError("the text of the team is empty")
    return [_parse_block(block.strip().splitlines()) for block in blocks if not block.startswith("===")]


def _parse_block(lines: Sequence[str]) -> dict:
    """One set of a paste."""
    head = lines[0].strip()
    head, _, item = head.partition(" @ ")
    draft: dict = {"item": item.strip(), "moves": [], "gender": ""}
    if match := re.search(r" \((M|F|N)\)\s*$", head):
        draft["gender"] = match[1]
        head = head[: match.start()]
    match = re.fullmatch(r"(.*)\((.+)\)\s*", head)
    draft["nickname"], draft["species"] = (match[1].strip(), match[2]) if match else ("", head.strip())
    for line in (entry.strip() for entry in lines[1:]):
        key, _, value = line.partition(": ")
        if line.startswith(("-", "~")):
            draft["moves"].append(line[1:].strip())
        elif line.endswith((" Nature", " nature")):
            draft["nature"] = line.split()[0]
        elif key in ("EVs", "IVs"):
            draft[key.lower()] = _spread(value, 0 if key == "EVs" else 31, line)
        elif key == "Level":
            draft["level"] = _number(value, line)
        elif key in ("Ability", "Tera Type"):
            draft[key.split()[0].lower()] = value.strip()
    return draft


def _spread(text: str, default: int, line: str) -> tuple[int, ...]:
    """ "252 Atk / 4 SpD / 252 Spe" by Stat."""
    values = [default] * 6
    for part in text.split("/"):
        amount, _, name = part.strip().partition(" ")
        if name not in STAT_NAMES:
            raise TeamError(f"{line!r}: unknown stat {name!r}" + nearest(name, STAT_NAMES))
        values[STAT_NAMES.index(name)] = _number(amount, line)
    return tuple(values)


def _number(text: str, line: str) -> int:
    if not re.fullmatch(r"\d+", text.strip()):
        raise TeamError(f"{line!r}: {text!r} is not a whole number")
    return int(text)


def _unpack(text: str) -> list[dict]:
    """Sets of a packed line: NAME|SPECIES|ITEM|ABILITY|MOVES|NATURE|EVS|GENDER|IVS|SHINY|LEVEL|,,,,,TERA and "]"."""
    drafts = []
    for part in text.strip().split("]"):
        columns = part.split("|")
        if len(columns) != 12:
            raise TeamError(f"{part!r}: {len(columns)} columns, expected 12 in a packed team")
        name, species, item, ability, moves, nature, evs, gender, ivs, _shiny, level, rest = columns
        draft = {
            "nickname": name if species else "",
            "species": species or name,
            "item": item,
            "ability": ability,
            "moves": [move for move in moves.split(",") if move],
            "gender": gender,
            "evs": _packed_spread(evs, 0, part),
            "ivs": _packed_spread(ivs, 31, part),
            "level": _number(level, part) if level else 100,
        }
        if nature:
            draft["nature"] = nature
        if len(tail := rest.split(",")) > 5:
            draft["tera"] = tail[5]
        drafts.append(draft)
    return drafts


def _packed_spread(text: str, default: int, part: str) -> tuple[int, ...]:
    if not text or text == "0":
        return (default,) * 6
    values = text.split(",")
    if len(values) != 6:
        raise TeamError(f"{part!r}: {len(values)} values in {text!r}, expected 6")
    return tuple(_number(value, part) if value else default for value in values)


def _settle(draft: dict, content: Content) -> PokemonSet:
    """A set as written, in the vocabulary's names, with what a paste leaves out."""

    def known(kind: str, name: str) -> str:
        try:
            return getattr(content, kind)[content.id_of(kind, name)]
        except ContentError as error:
            raise TeamError(f"{draft['species']}: {error}") from None

    item = known("items", draft["item"]) if draft["item"] and plain(draft["item"]) != "noitem" else ""
    species = known("species", draft["species"])
    crowned = plain(species + "-Crowned")
    if crowned in CROWNED and item and content.rows["species"][known("species", crowned)]["item"] == item:
        species = known("species", crowned)
    row = content.rows["species"][species]
    moves = [known("moves", move) for move in draft["moves"]]
    if plain(species) in CROWNED:
        moves = [CROWNED[plain(species)] if move == "Iron Head" else move for move in moves]
    ability = draft.get("ability", "")
    if not ability and len(row["abilities"]) == 1:
        ability = row["abilities"][0]
    if plain(species) in CROWNED:  # sheets carry the ability of the forme before the battle, which has the same one
        ability = ability or row["abilities"][0]
    gender = draft["gender"] if row["gender"] == "MF" else row["gender"]
    tera = draft.get("tera") or row.get("tera") or row["types"][0]
    if tera.upper() not in Type.__members__ or tera.upper() == "TYPELESS":
        names = [kind.name.title() for kind in Type if kind]
        raise TeamError(f"{species}: unknown Tera type {tera!r}" + nearest(tera.title(), names))
    return PokemonSet(
        species=species,
        ability=known("abilities", ability) if ability else "",
        item=item,
        moves=tuple(moves),
        nature=known("natures", draft.get("nature", "Serious")),
        tera=tera.title(),
        gender=gender or "M",  # Showdown would toss a coin; no rule of the vocabulary asks
        level=draft.get("level", 100),
        evs=draft.get("evs", (0,) * 6),
        ivs=draft.get("ivs", (31,) * 6),
        nickname=draft.get("nickname", ""),
    )


def write_paste(team: Iterable[PokemonSet]) -> str:
    """A team as Showdown exports it."""
    return "\n".join(_paste(member) for member in team)


def _paste(member: PokemonSet) -> str:
    head = f"{member.nickname} ({member.species})" if member.nickname else member.species
    head += f" ({member.gender})" if member.gender in ("M", "F") else ""
    lines = [f"{head} @ {member.item}" if member.item else head, f"Ability: {member.ability}"]
    if member.level != 100:
        lines.append(f"Level: {member.level}")
    lines.append(f"Tera Type: {member.tera}")
    lines += [*_spread_line("EVs", member.evs, 0), f"{member.nature} Nature", *_spread_line("IVs", member.ivs, 31)]
    return "\n".join([*lines, *(f"- {move}" for move in member.moves)]) + "\n"


def _spread_line(key: str, values: Sequence[int], default: int) -> list[str]:
    parts = [f"{value} {name}" for value, name in zip(values, STAT_NAMES) if value != default]
    return [f"{key}: " + " / ".join(parts)] if parts else []


def write_packed(team: Iterable[PokemonSet]) -> str:
    """A team on one line, as Showdown's protocol carries it."""
    return "]".join(_pack(member) for member in team)


def _pack(member: PokemonSet) -> str:
    def spread(values: Sequence[int], default: int) -> str:
        text = ",".join("" if value == default else str(value) for value in values)
        return "" if text == ",,,,," else text

    squeezed = [re.sub(r"[^A-Za-z0-9]+", "", text) for text in (member.species, member.item, member.ability)]
    columns = [
        member.nickname or member.species,
        squeezed[0] if member.nickname and plain(member.nickname) != plain(member.species) else "",
        squeezed[1],
        squeezed[2],
        ",".join(re.sub(r"[^A-Za-z0-9]+", "", move) for move in member.moves),
        member.nature,
        spread(member.evs, 0),
        member.gender,
        spread(member.ivs, 31),
        "",
        "" if member.level == 100 else str(member.level),
        f",,,,,{member.tera}",
    ]
    return "|".join(columns)


def check_team(team: Team, content: Content | None = None, *, size: int = TEAM_SIZE) -> None:
    """Refuses a team that may not be used, naming what is wrong. The rules are those of Regulation G at level 50."""
    content = content or default_content()
    if not team or len(team) != size:
        raise TeamError(f"{len(team)} Pokemon, expected {size}")
    for member in team:
        _check_set(member, content)
    rows = [content.rows["species"][member.species] for member in team]
    for what, values in (
        ("species", [row["base_species"] for row in rows]),
        ("item", [member.item for member in team if member.item]),
    ):
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise TeamError(f"the {what} {sorted(twice)[0]} is there twice; each may be there once")
    restricted = [member.species for member, row in zip(team, rows) if row.get("restricted")]
    if len(restricted) > 1:
        raise TeamError(f"{' and '.join(restricted)} are restricted; one of them may be there")


def _check_set(member: PokemonSet, content: Content) -> None:
    row = content.rows["species"][member.species]

    def need(right: bool, words: str) -> None:
        if not right:
            raise TeamError(f"{member.species}: {words}")

    need("battle_only" not in row, "this forme is taken in battle and cannot be brought")
    if member.ability not in row["abilities"]:
        need(False, f"ability {member.ability!r}" + nearest(member.ability, row["abilities"]))
    content.id_of("abilities", member.ability)
    need(1 <= len(member.moves) <= MOVES, f"{len(member.moves)} moves, expected 1 to {MOVES}")
    need(len(set(member.moves)) == len(member.moves), f"a move twice in {', '.join(member.moves)}")
    for move in member.moves:
        if move not in row["moves"] and move != CROWNED.get(plain(member.species)):
            need(False, f"does not learn {move!r}" + nearest(move, row["moves"]))
    need(sum(member.evs) <= MOST_EVS and max(member.evs) <= 252, f"EVs {member.evs}: at most 252 each, 510 in all")
    need(min(member.ivs) >= 0 and max(member.ivs) <= 31, f"IVs {member.ivs}: expected 0 to 31")
    need("item" not in row or member.item == row["item"], f"item {member.item!r}: expected {row.get('item')!r}")
    need(member.tera == row.get("tera", member.tera), f"Tera type {member.tera}: expected {row.get('tera')}")
    genders = {"MF": ("M", "F")}.get(row["gender"], (row["gender"],))
    need(member.gender in genders, f"gender {member.gender!r}: expected {' or '.join(genders)}")
    need(1 <= member.level <= 100, f"level {member.level}: expected 1 to 100")


def stats(member: PokemonSet, content: Content | None = None, level: int = LEVEL) -> tuple[int, ...]:
    """The stats of a set by Stat, at `level` (the formats set every Pokemon to 50)."""
    content = content or default_content()
    base = content.species_table[content.id_of("species", member.species)]["base_stats"]
    nature = content.nature_table[content.id_of("natures", member.nature)]
    values = []
    for stat in Stat:
        inner = (2 * int(base[stat]) + member.ivs[stat] + member.evs[stat] // 4) * level // 100
        values.append(inner + level + 10 if stat == Stat.HP else (inner + 5) * int(nature[stat]) // 100)
    return tuple(values)


def team_table(teams: Sequence[Team], content: Content | None = None) -> np.recarray:
    """Teams as records SET [teams, 6]; a shorter team ends in records of zeros."""
    content = content or default_content()
    table = np.zeros((len(teams), TEAM_SIZE), SET)
    for records, team in zip(table, teams):
        for record, member in zip(records, team):
            record["species"] = content.id_of("species", member.species)
            record["ability"] = content.id_of("abilities", member.ability)
            record["held"] = content.id_of("items", member.item) if member.item else 0
            moves = [content.id_of("moves", move) for move in member.moves]
            record["moves"] = [*moves, *[0] * (MOVES - len(moves))]
            record["nature"] = content.id_of("natures", member.nature)
            record["tera"] = Type[member.tera.upper()]
            record["gender"] = Gender[member.gender]
            record["level"] = LEVEL
            record["stats"] = stats(member, content)
    return table.view(np.recarray)
