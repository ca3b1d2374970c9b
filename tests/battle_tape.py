"""The draws of a recorded battle as a tape: what the rules draw, in their order. What decides nothing is left out."""

from collections.abc import Iterator, Sequence
from typing import Any

from battle_recordings import Draw, Point

from kumite.arenas.battle.content import default_content, plain
from kumite.arenas.battle.state import Stream
from kumite.arenas.battle.terms import Target, Volatile

STREAMS = {
    "roll": Stream.ROLL,
    "critical": Stream.CRITICAL,
    "accuracy": Stream.ACCURACY,
    "hits": Stream.HITS,
    "secondary": Stream.SECONDARY,
    "self_drop": Stream.SELF_DROP,
    "target": Stream.TARGET,
    "drag": Stream.DRAG,
    "tie_action": Stream.TIE_ACTION,
    "tie_insert": Stream.TIE_INSERT,
}
EFFECTS = {
    ("par", "BeforeMove"): Stream.PARALYSIS,
    ("slp", "Start"): Stream.SLEEP,
    ("frz", "BeforeMove"): Stream.THAW,
    ("confusion", "Start"): Stream.CONFUSION,
    ("confusion", "BeforeMove"): Stream.CONFUSED,
    ("stall", "StallMove"): Stream.STALL,
    ("lockedmove", "Start"): Stream.LOCK,
    ("flamebody", "DamagingHit"): Stream.CONTACT,
    ("toxicchain", "SourceDamagingHit"): Stream.CONTACT,
    ("toxicchain", "DamagingHit"): Stream.CONTACT,
    ("direclaw", "Hit"): Stream.STATUS,
}
ENDINGS = {
    *("grassyterrain", "leftovers", "blacksludge", "leechseed", "psn", "tox", "brn", "saltcure", "taunt", "encore"),
    *("disable", "healblock", "throatchop", "yawn", "perishsong", "flameorb", "toxicorb"),
}
"""Effects at the end of a turn whose order can matter."""

LATE = {
    *("flinch", "protect", "spikyshield", "burningbulwark", "endure", "stall", "followme", "ragepowder", "helpinghand"),
    *("lockedmove", "twoturnmove", "reflect", "lightscreen", "safeguard", "mist", "tailwind", "auroraveil"),
}
"""Effects at the end of a turn whose order can only matter after Perish Song."""


BLIND = {Target.ALLADJACENT, Target.ALLADJACENTFOES, Target.FOESIDE, Target.ALLIES, Target.RANDOMNORMAL}
"""Aims of moves for which Showdown draws a foe as they are ordered."""
GATHERING = {"meteorbeam", "electroshot"}


class Divergence(AssertionError):
    """The first difference between the rules and a recording: of which battle of the table, at which point, in what."""

    battle = point = 0
    field = ""


def shuffle_values(order: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The (faces, value) draws of a Fisher-Yates shuffle that ends in this order."""
    places = list(range(len(order)))
    for i in range(len(order) - 1):
        j = places.index(order[i], i)
        yield len(order) - i, j - i
        places[i], places[j] = places[j], places[i]


class Places:
    """Where each Pokemon of a recording stands when its ties are listed: by side and place, then by sheet."""

    def __init__(self, state: dict[str, Any]):
        self.at = {"p1": 0, "p2": 1}  # sides themselves, which only tie with one another
        self.gather = set(gathering(state))
        for s, side in enumerate(state["sides"]):
            for slot, sheet in enumerate(side["order"]):
                self.at[f"p{s + 1}-{sheet + 1}"] = 2 * s + slot

    def __call__(self, name: str) -> int:
        if name in self.at or name[2] == "-":
            return self.at.get(name, 99)
        return 2 * (int(name[1]) - 1) + "ab".index(name[2])


def gathering(state: dict[str, Any]) -> Iterator[str]:
    """Who is about to be given an order and knows a move that gathers strength: the foe drawn for it can matter."""
    for s, side in enumerate(state["sides"]):
        for mon in side.get("team", ()) if state.get("request") == "move" else ():
            free = mon and mon["place"] >= 0 and not {"lockedmove", "twoturnmove"} & mon["volatiles"].keys()
            if free and GATHERING & {move["id"] for move in mon["moves"]}:
                yield f"p{s + 1}{'ab'[mon['place']]}"


def tape_of(
    draws: Sequence[Draw], places: Places, sandstorm: bool, perished: bool = False
) -> list[tuple[Stream, int, int]]:
    """The draws the rules make, as (stream, faces, value). perished: somebody has fallen by Perish Song.

    Showdown draws every tie of the end of a turn before anything happens; where somebody perishes, the rules draw those
    of what comes after it at that moment, and only a rage that ends can draw again then.
    """
    if perished:
        late = [draw for draw in draws if _comes_late(draw)]
        draws = [draw for draw in draws if not _comes_late(draw)]
        end = len(draws)
        while end and draws[end - 1].label == "effect" and draws[end - 1].rest.get("effect") == "confusion":
            end -= 1
        draws = [*draws[:end], *late, *draws[end:]]
    tape: list[tuple[Stream, int, int]] = []
    gather = set(places.gather)
    for draw in draws:
        if isinstance(draw.value, tuple):
            stream = Stream.TIE_RESIDUAL if perished and _comes_late(draw) else _tie(draw, sandstorm)
            if stream is not None:
                tied = [name.partition(":") for name in draw.rest["tied"]]
                listed = sorted(range(draw.faces), key=lambda k: (places(tied[k][0]), _number(tied[k][2])))
                order = [listed.index(k) for k in draw.value]
                tape += [(stream, faces, value) for faces, value in shuffle_values(order)]
            continue
        if draw.label == "target" and draw.rest.get("inert") and not _ordered(draw, gather):
            continue
        if draw.faces == 1:
            continue
        if draw.label == "effect":
            stream = EFFECTS.get((draw.rest.get("effect", draw.rest.get("move")), draw.rest.get("event")))
            if stream is None:
                raise Divergence(f"no stream for the draw {draw}")
        elif draw.label in STREAMS:
            stream = STREAMS[draw.label]
        else:
            raise Divergence(f"no stream for the draw {draw}")
        tape.append((stream, draw.faces, draw.value))
    return tape


def _ordered(draw: Draw, gather: set[str]) -> bool:
    """Whether a target was drawn for the order of one of `gather`, each of whom gives but one and is then left out."""
    user, move = draw.rest.get("user", ""), draw.rest.get("move", "")
    content = default_content()
    if user not in gather or move == "struggle" or move not in map(plain, content.moves):
        return False
    if content.move_table[content.id_of("moves", move)].target not in BLIND:
        return False
    gather.discard(user)
    return True


def _comes_late(draw: Draw) -> bool:
    """Whether a tie is of what comes after Perish Song, but for orbs; of guards none needs to be drawn."""
    if draw.rest.get("event") != "Residual" or not isinstance(draw.value, tuple):
        return False
    return all(name.split(":")[1] in LATE for name in draw.rest["tied"])


def _number(name: str) -> int:
    """A volatile's place among those of one Pokemon, as the rules go through them."""
    return Volatile[name.upper()] if name.upper() in Volatile.__members__ else 0


def _tie(draw: Draw, sandstorm: bool) -> Stream | None:
    """The stream of a tie, None where its order decides nothing."""
    tied, event = draw.rest["tied"], draw.rest["event"]
    if draw.label == "tie_action":
        return None if tied[0].endswith(":team") else Stream.TIE_ACTION
    if draw.label == "tie_pokemon":
        if event == "order":
            return Stream.TIE_ENTRY
        return Stream.TIE_WEATHER if event == "Weather" and sandstorm else None
    own = all(name[2:3] in ("a", "b", "-") and name.split(":")[1] in ENDINGS for name in tied)
    return Stream.TIE_RESIDUAL if event == "Residual" and own else None


def tape_between(point: Point, after: Point) -> list[tuple[Stream, int, int]]:
    """The draws that lead from one point to the next."""
    perished = any(line.endswith("|perish0") for line in after.log)
    return tape_of(after.draws, Places(point.state), after.state["weather"] == "sandstorm", perished)
