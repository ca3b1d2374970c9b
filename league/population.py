"""Populations: the members of a league with their policies loaded. A symmetric game has one, another has one a seat."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ..agents import resolve
from ..agents.policy import Policy, mixture
from ..arenas.arena import Game
from .records import Member

PREFIXES = {1: ("",), 2: ("row-", "column-")}
"""What a member's name begins with, by the number of populations: one name is one member of the whole run."""
FILES = (".safetensors", ".zip")

INITIAL, RESPONSE, REFUSED = "initial", "response", "refused"
"""A member's role: there from the start, a response that joined, one the gate refused (kept, never met)."""


@dataclass(frozen=True)
class Player:
    """A member and its policy."""

    member: Member
    policy: Policy

    @property
    def learned(self) -> bool:
        """Whether another response can start from its weights."""
        return self.member.kind == "checkpoint"


@dataclass
class Population:
    """The members that meet (the row population has number 0), and the responses that were refused."""

    number: int
    players: list[Player] = field(default_factory=list)
    refused: list[Player] = field(default_factory=list)

    def add(self, player: Player) -> None:
        """Takes in a member by its role."""
        (self.refused if player.member.role == REFUSED else self.players).append(player)

    @property
    def names(self) -> list[str]:
        """Of those that meet, in the order they joined."""
        return [player.member.name for player in self.players]

    @property
    def hashes(self) -> dict[str, str]:
        """Name -> policy hash, of those that meet."""
        return {player.member.name: player.member.hash for player in self.players}

    @property
    def policies(self) -> dict[str, Policy]:
        """Policy hash -> policy, of those that meet."""
        return {player.member.hash: player.policy for player in self.players}

    def player(self, name: str) -> Player:
        """A member by name."""
        return next(player for player in (*self.players, *self.refused) if player.member.name == name)

    def latest_learned(self) -> Player | None:
        """The last response trained, refused ones included."""
        learned = [player for player in (*self.players, *self.refused) if player.learned]
        return max(learned, key=lambda player: player.member.iteration, default=None)

    def mixture(self, names: Sequence[str], weights: ArrayLike, name: str = "mixture") -> Policy:
        """The named members, one drawn for each match; a single one is that policy itself."""
        shares = np.asarray(weights, np.float64).tolist()
        return mixture([self.player(n).policy for n in names], shares, name)


def initial_member(what: str, number: int, populations: int, game: Game, *, trust: bool = False) -> Player:
    """A population's first members, from what `agents.resolve` takes."""
    policy = resolve(what, game, trust=trust)
    file, _, acting = what.partition("@")
    in_file = Path(file).suffix in FILES
    kind = "checkpoint" if in_file else "bot" if policy.bot else what.partition(":")[0]
    own = Path(file).stem + (f"@{acting}" if acting else "") if in_file else what
    name = PREFIXES[populations][number] + own
    member = Member(name, kind, INITIAL, policy.policy_hash, path=what if in_file else None, population=number)
    return Player(member, policy)


def load_player(member: Member, populations: int, folder: Path, game: Game, *, trust: bool = False) -> Player:
    """A recorded member with its policy, whose hash must be the recorded one. Its path is relative to the folder."""
    name = member.name.removeprefix(PREFIXES[populations][member.population])
    policy = resolve(str(folder / member.path) if member.path else name, game, trust=trust)
    policy.name = member.name
    if policy.policy_hash != member.hash:
        raise ValueError(
            f"member {member.name!r} was recorded with hash {member.hash}, "
            f"and {member.path or name!r} now has {policy.policy_hash}"
        )
    return Player(member, policy)
