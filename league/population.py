"""Populations: the members of a league with their policies loaded. A symmetric game has one, another has one a seat."""

from collections.abc import Iterable, Sequence
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

INITIAL, RESPONSE, REFUSED, PASSING = "initial", "response", "refused", "passing"
"""A member's role: there from the start, a response that joined, one the gate refused (kept, never met), and a learner
as it is between two times that it is frozen (met until its next state is there)."""


MAIN, MAIN_EXPLOITER, LEAGUE_EXPLOITER = "main", "main-exploiter", "league-exploiter"
"""The learners of a population that has several (`roles.py`)."""


def part_of_name(name: str) -> str:
    """Which learner of its population a member is a state of: `main-exploiter` of `row-main-exploiter-3`."""
    for prefix in PREFIXES[2]:
        name = name.removeprefix(prefix)
    return name.rpartition("-")[0]


def part_of(member: Member) -> str:
    """As `part_of_name`; none for a member that was there from the start."""
    return "" if member.role == INITIAL else part_of_name(member.name)


def meeting(members: Iterable[Member], population: int) -> list[Member]:
    """Of a run's members those that meet in a population, in the order they came."""
    met: list[Member] = []
    for member in members:
        if member.population == population and member.role != REFUSED:
            met = [m for m in met if m.role != PASSING or part_of(m) != part_of(member)]
            met.append(member)
    return met


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
    """The members that meet (the row population has number 0), and those that do not: refused ones, states gone by."""

    number: int
    players: list[Player] = field(default_factory=list)
    others: list[Player] = field(default_factory=list)

    def add(self, player: Player) -> None:
        """Takes in a member by its role."""
        known = [*self.players, player]
        met = {member.name for member in meeting([p.member for p in known], self.number)}
        self.others += [p for p in known if p.member.name not in met]
        self.players = [p for p in known if p.member.name in met]

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
        return next(player for player in (*self.players, *self.others) if player.member.name == name)

    def latest_learned(self) -> Player | None:
        """The last response trained, refused ones included."""
        learned = [player for player in (*self.players, *self.others) if player.learned]
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
