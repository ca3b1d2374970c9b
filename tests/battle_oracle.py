"""Compares the rules with a battle that Showdown played: its choices and draws (battle_tape.py) go in, its states and
legal choices must come out."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from battle_recordings import Battle, Choice, Point
from battle_tape import Divergence, tape_between

from kumite.arenas import battle as arena
from kumite.arenas.batch import Batch
from kumite.arenas.battle.choices import COMPACT, FULL, TERA, USE
from kumite.arenas.battle.content import default_content, plain
from kumite.arenas.battle.state import ALWAYS, NOBODY, Request, Stream
from kumite.arenas.battle.status import STALLED
from kumite.arenas.battle.terms import SideCondition, Stage, Stat, Status, Terrain, Type, Volatile, Weather

HELD_TO = {Volatile.ENCORE: "encored", Volatile.DISABLE: "barred", Volatile.CHOICELOCK: "chosen"}
"""Volatiles that name a move, and where the rules keep it."""


# --- choices ---


def code_of(choice: Choice, tera: int = TERA) -> int:
    """A recorded choice in the full space. tera: what Terastallization adds, less in the compact space."""
    if choice.kind == "pass":
        return 0
    if choice.kind == "switch":
        return 1 + choice.row
    return USE + 5 * choice.row + choice.target + 2 + tera * choice.tera


# --- states ---


def compared(match: Any) -> dict[str, Any]:
    """A match as a recording's state names it, fields that the rules keep."""
    content = default_content()
    words = {
        "turn": int(match.turn),
        "winner": ("", "p1", "p2", "tie")[int(match.outcome)],
        "weather": [Weather(int(match.weather)).name.lower(), int(match.weather_turns)] if match.weather else None,
        "terrain": [Terrain(int(match.terrain)).name.lower(), int(match.terrain_turns)] if match.terrain else None,
        "trick_room": int(match.trick_room),
    }
    for side in range(2):
        for kind in SideCondition:
            words[f"side {side} {kind.name.lower()}"] = int(match.layers[side, kind])
        for k in range(6):
            mon = match.mon[6 * side + k]
            if mon.place == NOBODY and match.request != Request.PREVIEW:
                continue
            key = f"p{side + 1} {k + 1} "
            words[key + "species"] = plain(content.species[int(mon.species)])
            words[key + "hp"] = int(mon.hp)
            words[key + "place"] = -1 if mon.at == NOBODY else int(mon.at) % 2
            words[key + "fainted"] = bool(mon.fainted)
            if mon.fainted:
                continue
            words[key + "status"] = Status(int(mon.status)).name.lower() if mon.status else ""
            words[key + "status turns"] = int(mon.status_turns)
            words[key + "item"] = plain(content.items[int(mon.held)])
            words[key + "ability"] = plain(content.abilities[int(mon.ability)])
            words[key + "tera"] = Type(int(mon.terastallized)).name.title() if mon.terastallized else ""
            words[key + "pp"] = [int(pp) for pp, move in zip(mon.pp, mon.moves, strict=True) if move]
            words[key + "stages"] = {stage.name.lower(): int(mon.stages[stage]) for stage in Stage if mon.stages[stage]}
            words[key + "volatiles"] = {
                kind.name.lower(): 0 if mon.turns[kind] == ALWAYS else int(mon.turns[kind])
                for kind in Volatile
                if mon.turns[kind]
            }
            as_born = mon.terastallized in (0, Type.STELLAR)
            kinds = [kind for kind in mon.types if kind] if as_born else [mon.terastallized]
            words[key + "types"] = [Type(int(kind)).name for kind in kinds]
            if mon.turns[Volatile.SUBSTITUTE]:
                words[key + "substitute"] = int(mon.substitute)
            if mon.turns[Volatile.STALL]:
                words[key + "stall"] = STALLED[mon.stall]
            if mon.turns[Volatile.PROTOSYNTHESIS] or mon.turns[Volatile.QUARKDRIVE]:
                words[key + "best"] = Stat(int(mon.best)).name.lower()
            for kind, field in HELD_TO.items():
                if mon.turns[kind]:
                    words[key + field] = plain(content.moves[int(mon[field])])
            if mon.at != NOBODY:
                words[key + "attacked"] = int(mon.attacked)
    return words


def expected(state: dict[str, Any]) -> dict[str, Any]:
    """A recording's state in the same words."""

    def field(name: str) -> list[Any] | None:
        return [state[name], state[f"{name}_state"].get("duration", 0)] if state[name] else None

    words = {
        "turn": state["turn"],
        "winner": state["winner"],
        "weather": field("weather"),
        "terrain": field("terrain"),
        "trick_room": state["pseudo_weather"].get("trickroom", {}).get("duration", 0),
    }
    for s, side in enumerate(state["sides"]):
        for kind in SideCondition:
            there = side["conditions"].get(kind.name.lower())
            words[f"side {s} {kind.name.lower()}"] = (
                0 if there is None else there.get("layers", there.get("duration", 1))
            )
        for mon in side["team"]:
            if mon is None:
                continue
            key = f"p{s + 1} {mon['sheet'] + 1} "
            words[key + "species"] = mon["species"]
            words[key + "hp"] = mon["hp"]
            words[key + "place"] = mon["place"]
            words[key + "fainted"] = mon["fainted"]
            if mon["fainted"]:
                continue
            words[key + "status"] = mon["status"]
            timed = mon["status_state"]
            words[key + "status turns"] = timed.get("time", timed.get("stage", 0)) if mon["status"] else 0
            words[key + "item"] = mon["item"]
            words[key + "ability"] = mon["ability"]
            words[key + "tera"] = mon["terastallized"]
            words[key + "pp"] = [move["pp"] for move in mon["moves"]]
            words[key + "stages"] = mon["stages"]
            words[key + "volatiles"] = {
                name: there.get("time", there.get("duration", 0))
                for name, there in mon["volatiles"].items()
                if name.upper() in Volatile.__members__
            }
            words[key + "types"] = [kind.upper() for kind in mon["types"]]
            if "substitute" in mon["volatiles"]:
                words[key + "substitute"] = mon["volatiles"]["substitute"]["hp"]
            if "stall" in mon["volatiles"]:
                words[key + "stall"] = mon["volatiles"]["stall"]["counter"]
            for there in filter(None, map(mon["volatiles"].get, ("protosynthesis", "quarkdrive"))):
                words[key + "best"] = there["bestStat"]
            for kind, field_name in HELD_TO.items():
                there = mon["volatiles"].get(kind.name.lower())
                if there is not None:
                    words[key + field_name] = there["move"]
            if mon["place"] >= 0:
                words[key + "attacked"] = mon.get("times_attacked", 0)
    return words


# --- play ---


def ticks(
    battle: Battle, width: int, lead_only: bool
) -> Iterator[tuple[np.ndarray, list[tuple[Stream, int, int]], int]]:
    """What a battle is fed: (actions [2, K], tape, point that must then be reached or 0) for each tick."""
    for number, (point, after) in enumerate(itertools.pairwise(battle.points)):
        tape = tape_between(point, after)
        if point.state["request"] == "teampreview":
            picks = preview(point, width, lead_only)
            for tick in picks[:-1]:
                yield np.array(tick, np.int16), [], 0
            yield np.array(picks[-1], np.int16), tape, number + 1
            continue
        actions = np.zeros((2, width), np.int16)
        for side, given in enumerate(point.choices):
            for slot, choice in enumerate(given or ()):
                assert isinstance(choice, Choice)
                actions[side, slot] = code_of(choice)
        yield actions, tape, number + 1


def preview(point: Point, width: int, lead_only: bool) -> list[list[list[int]]]:
    """The ticks of a preview: numbers on the sheet, as many at once as there are places."""
    orders = [[int(k) + 1 for k in choice or () if isinstance(k, int)] for choice in point.choices]
    if lead_only:
        return [[[order[0]] for order in orders]]
    count = max(map(len, orders))
    return [[[*order[i : i + width], 0, 0][:width] for order in orders] for i in range(0, count, width)]


class Table:
    """Recorded battles of one format, played side by side: one row of a batch each, all with the same rules."""

    def __init__(self, battles: Sequence[Battle], actions: Literal["full", "compact"] = "full"):
        self.battles = battles
        self.tera = TERA if actions == "full" else TERA + COMPACT - FULL
        options = arena.Options(format=battles[0].format, actions=actions)
        teams = [team for battle in battles for team in battle.teams]
        self.game = arena.build(arena.ARENA, options, teams)
        self.width, _, self.lead_only = (int(k) for k in self.game.tables.book[0].options[:3])
        self.batch = Batch(self.game, len(battles), seed=0, auto_reset=False)
        self.batch.reset(setup=np.arange(2 * len(battles), dtype=np.int32).reshape(-1, 2))
        self.feeds = [ticks(battle, self.width, bool(self.lead_only)) for battle in battles]
        self.tapes: list[list[tuple[Stream, int, int]]] = [[] for _ in battles]
        self.given: list[Any] = [None] * len(battles)
        self.reached = [0] * len(battles)
        self.going = set(range(len(battles)))
        self.wrong: list[Divergence] = []

    def play(self) -> tuple[int, list[Divergence]]:
        """Plays all battles to their ends. Returns how many points agree, and each battle's first difference."""
        agreed = sum(self.agrees(i, 0) for i in range(len(self.battles)))
        while self.going:
            reached = self.feed()
            agreed += self.step(reached)
            self.going -= {i for i, number in reached.items() if number == len(self.battles[i].points) - 1}
        return agreed, self.wrong

    def step(self, reached: dict[int, int]) -> int:
        """Plays the choices and tapes that are in place. Returns how many of the points reached agree."""
        values = np.zeros((len(self.battles), 1 + max(map(len, self.tapes))), np.int32)
        for i, tape in enumerate(self.tapes):
            values[i, : len(tape)] = [value for _, _, value in tape]
        self.batch.tables = self.batch.tables._replace(tape=values)
        self.batch.state.tape_length[:] = [len(tape) for tape in self.tapes]
        self.batch.state.tape_cursor[:] = 0
        before = self.batch.illegal.sum(axis=1)
        self.batch.step(self.actions)
        corrected = self.batch.illegal.sum(axis=1) != before
        return sum(self.agrees(i, number, bool(corrected[i])) for i, number in reached.items())

    def agrees(self, i: int, number: int, corrected: bool = False) -> bool:
        """Whether a battle is at this point as Showdown's; where it is not, it plays no further."""
        try:
            if corrected:
                raise Divergence(f"a choice was corrected: {self.given[i]}")
            if number:
                self.check(i, number)
            else:
                self.check_legal(i, 0)
        except Divergence as found:
            self.lose(i, number, found)
            return False
        return True

    def lose(self, i: int, number: int, found: Divergence) -> None:
        """Notes a battle's first difference."""
        found.battle, found.point, found.field = i, number, str(found).partition(":")[0]
        drawn = [(stream.name, faces, value) for stream, faces, value in self.tapes[i]]
        log = "\n".join(self.battles[i].points[number].log)
        found.args = (f"{self.where(i, number)}: {found}\nactions {self.given[i]}\ndraws {drawn}\n{log}",)
        self.wrong.append(found)
        self.going.discard(i)

    def feed(self) -> dict[int, int]:
        """Puts the next actions and tapes in place. Returns the point each battle must reach, where it reaches one."""
        self.actions = np.zeros((len(self.battles), 2, self.width), np.int16)
        reached = {}
        self.tapes = [[] for _ in self.battles]
        for i in sorted(self.going):
            try:
                self.actions[i], self.tapes[i], number = next(self.feeds[i])
            except Divergence as found:
                self.lose(i, self.reached[i] + 1, found)
                continue
            self.given[i] = self.actions[i].tolist()
            if number:
                reached[i] = self.reached[i] = number
        return reached

    def where(self, i: int, number: int) -> str:
        battle = self.battles[i]
        turn = battle.points[number].state["turn"]
        return f"{battle.format} battle {battle.number} seed {battle.seed} turn {turn} point {number}"

    def check(self, i: int, number: int) -> None:
        """Compares a point."""
        state = self.battles[i].points[number].state
        match = self.batch.state[i]
        if number == 1 and self.lead_only:  # who waits in what order was chosen too, which only Roar sees
            for side, given in enumerate(state["sides"]):
                match.line[side] = [6 * side + sheet for sheet in given["order"]]
        mine, theirs = compared(match), expected(state)
        wrong = [
            f"{key}: got {mine.get(key)!r}, expected {value!r}"
            for key, value in theirs.items()
            if mine.get(key) != value
        ]
        if match.tape_faces:
            wrong.append(
                f"no draw on the tape for {int(match.tape_faces)} faces of {Stream(int(match.tape_stream)).name}"
            )
        elif match.tape_cursor != len(self.tapes[i]):
            wrong.append(f"draws left over from number {int(match.tape_cursor)} on")
        if wrong:
            raise Divergence("\n  ".join(wrong[:12]))
        if not state["ended"]:
            self.check_legal(i, number)

    def check_legal(self, i: int, number: int) -> None:
        """The legal choices of both sides."""
        for side, given in enumerate(self.battles[i].points[number].legal):
            if isinstance(given, int):
                continue
            for slot in range(self.width):
                mine = set(np.flatnonzero(self.batch.masks[i, side, slot]).tolist())
                theirs = {0} if given is None else {code_of(choice, self.tera) for choice in given[slot]}
                if mine != theirs:
                    words = f"too many {sorted(mine - theirs)}, too few {sorted(theirs - mine)}"
                    raise Divergence(f"legal choices of p{side + 1} place {slot}: {words}")
