"""The ladder: one policy against every character at the lowest level of play, then at the next, until it falls."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ..agents.policy import Policy
from ..agents.registry import resolve
from ..arenas.arena import Game, nearest
from ..league.play import derive_seed
from ..league.records import GameKey, Member
from ..league.store import RunStore
from .intervals import CopiesError, mean_interval
from .playing import EvaluationError, Played, play_into, play_varies, unit_keys, unit_seeds

EVEN = 0.5
HOW = (
    "A rung is one character at one level. It is held if the one-sided {confidence:.0%} lower bound of the win rate "
    "(draws count one half) is above 1/2, and all rungs before it are held. Because rungs are tested in this fixed "
    "order and the first failure ends the climb, the chance that any rung is wrongly said to be held is at most "
    "{error:.0%}: no further correction is due."
)


@dataclass(frozen=True)
class Rung:
    """One character at one level. `lower` is None where the interval was refused, `why` then says so."""

    level: str
    character: str
    units: int
    distinct: int
    rate: float
    lower: float | None
    upper: float | None
    reached: bool  # all rungs before it are held
    held: bool
    why: str = ""


@dataclass(frozen=True)
class Climb:
    """How far a policy came. `highest` names the last rung held, `full_level` the last level held whole; "" if none."""

    policy: str
    policy_hash: str
    confidence: float
    rungs: tuple[Rung, ...]
    highest: str
    full_level: str

    @property
    def how(self) -> str:
        """What "held" means, in words."""
        return HOW.format(confidence=self.confidence, error=1 - self.confidence)

    def as_values(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self) | {"how": self.how}

    @classmethod
    def from_values(cls, saved: dict[str, Any]) -> Climb:
        """From what `as_values` gave."""
        fields = {key: value for key, value in saved.items() if key not in ("how", "rungs")}
        return cls(**fields, rungs=tuple(Rung(**rung) for rung in saved["rungs"]))


def levels(game: Game) -> tuple[str, ...]:
    """The arena's levels of play, lowest first: its bots `cpu-1`, `cpu-2` ..., or all its bots where there are none."""
    numbered = {int(m[1]): bot for bot in game.arena.bots if (m := re.fullmatch(r"cpu-(\d+)", bot))}
    found = tuple(numbered[number] for number in sorted(numbered)) or game.arena.bots
    if not found:
        raise EvaluationError(f"{game.arena.name} has no bots, so there is no ladder to climb")
    return found


def characters(game: Game) -> tuple[str, ...]:
    """The characters an opponent may play, or one nameless one where the arena has none."""
    if not {"matchup", "character", "versus"} <= set(game.options):
        return ("",)
    return tuple(importlib.import_module(game.arena.module).default_content().names)


def against(game: Game, own: str, character: str) -> Game:
    """The game in which side 0 plays `own` and side 1 `character`."""
    if not character:
        return game
    options = {**game.options, "matchup": "fixed", "character": own, "versus": character}
    return game.arena.game(**options)


def own_characters(game: Game, own: str | None = None) -> tuple[str, ...]:
    """What the policy plays: the character its game gives it, all (drawn for each game) where its game draws them."""
    known = characters(game)
    if own is not None:
        if own not in known:
            raise EvaluationError(f"{game.arena.name} has no character {own!r}" + nearest(own, list(known)))
        return (own,)
    given = game.options.get("character", "") if game.options.get("matchup") in ("mirror", "fixed") else ""
    return (str(given),) if given in known and given else known


def climb(
    game: Game,
    policy: Policy,
    store: RunStore,
    *,
    name: str | None = None,
    games: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    own: str | None = None,
    whole: bool = False,
    rungs: Sequence[str] | None = None,
    played: Played | None = None,
    threads: int | None = None,
) -> Climb:
    """Sends a policy up the rungs, level by level, to the end of the level on which it falls.

    games: units a rung. own: the character the policy plays. whole: every level is played, wherever it falls. rungs:
    the levels, by default `levels(game)`. The verdict is recorded in the store; games it has are not played again.
    """
    order, foes = rungs or levels(game), characters(game)
    varies = play_varies(game)
    found: list[Rung] = []
    store.add_member(Member(name or policy.name, policy.identity()["kind"], "climber", policy.policy_hash))
    for number, level in enumerate(order):
        bot = resolve(level, game)
        store.add_member(Member(level, "bot", "rung", bot.policy_hash, iteration=number))
        for character in foes:
            keys: list[GameKey] = []
            for meeting, wanted in _meetings(game, policy, bot, own_characters(game, own), character, games, seed):
                both = {policy.policy_hash: policy, bot.policy_hash: bot}
                play_into(store, meeting, both, wanted, threads=threads, kept_as=game)
                keys += wanted
            reached = all(rung.held for rung in found)
            found.append(_rung(store, keys, level, character, varies, confidence, reached))
            if played:
                played(len(found), len(order) * len(foes))
        if not whole and any(not rung.held for rung in found):
            break
    held = [rung for rung in found if rung.held]
    full = [level for level in order if sum(rung.level == level for rung in held) == len(foes)]
    highest = f"{held[-1].level} {held[-1].character}".strip() if held else ""
    verdict = Climb(
        name or policy.name, policy.policy_hash, confidence, tuple(found), highest, full[-1] if full else ""
    )
    store.add_event(0, "ladder", verdict.as_values())
    return verdict


def _meetings(
    game: Game, policy: Policy, bot: Policy, own: Sequence[str], character: str, games: int, seed: int
) -> Iterator[tuple[Game, list[GameKey]]]:
    """The games of one rung by what the policy plays, which is drawn for each unit where there is a choice."""
    seeds = unit_seeds(seed, "ladder", games, character)
    drawn = np.array([derive_seed(one, "own") % len(own) for one in seeds])
    for number, mine in enumerate(own):
        meeting = against(game, mine, character)
        chosen = [one for one, which in zip(seeds, drawn, strict=True) if which == number]
        if character and not meeting.symmetric:  # the seats are the characters: the policy has seat 0
            yield meeting, [GameKey(policy.policy_hash, bot.policy_hash, one, 0) for one in chosen]
        else:
            yield meeting, unit_keys(meeting, policy.policy_hash, bot.policy_hash, chosen)


def _rung(
    store: RunStore, keys: Sequence[GameKey], level: str, character: str, varies: bool, confidence: float, reached: bool
) -> Rung:
    """Judges one rung by its own games, a unit being what was played on one seed."""
    row, column = keys[0].row, keys[0].column
    wanted = {key.seed for key in keys}
    outcomes: dict[int, list[int]] = {}
    paths: dict[int, list[str]] = {}
    for record in store.games(row, column):
        if record.key.seed in wanted:
            outcomes.setdefault(record.key.seed, []).append(record.outcome)
            paths.setdefault(record.key.seed, []).append(record.trajectory)
    scores = np.array([(np.mean(unit) + 1) / 2 for unit in outcomes.values()])
    distinct = len({tuple(path) for path in paths.values()})
    lower = upper = None
    why = ""
    try:
        counted = distinct if varies else None
        lower = mean_interval(scores, confidence=confidence, side="lower", distinct=counted).lower
        upper = mean_interval(scores, confidence=confidence, side="upper", distinct=counted).upper
    except CopiesError as refusal:
        why = str(refusal)
    held = reached and lower is not None and lower > EVEN
    return Rung(level, character, len(scores), distinct, float(scores.mean()), lower, upper, reached, held, why)
