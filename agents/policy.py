"""The policy protocol, always batched, and the policies that need no learning.

Letters used for shapes: B matches, S sides, K slots, C choices, F features; N rows: matches seen from one side each.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator

if TYPE_CHECKING:
    from ..arenas.imagine import Seats

Array = np.ndarray
Refine = Callable[[Array, int, Array, Array], Array]
"""(rows int [n], slot, actions int16 [n, K], mask uint8 [n, C]) -> mask uint8 [n, C]: what earlier slots leave to it.

rows: which of the N rows these are. Arenas whose slots exclude one another (`Rules.refine`) need the record for this,
which a policy never sees: whoever has the batch gives the function (`Batch.refiner`).
"""


class PolicyError(ValueError):
    """A wrong use of a policy, or one that does not fit the game."""


class Forfeit(StrEnum):
    """How a policy from outside can fail at a decision; its game is lost by that."""

    CRASH = "crash"
    TIMEOUT = "timeout"
    ILLEGAL = "illegal"
    MEMORY = "memory"


class Shown:
    """What N rows are shown where planes are drawn: the observation float32 [N, F], planes uint8 [N, P, H, W].

    Rows are taken out of it as out of an array.
    """

    def __init__(self, observation: Any, planes: Any):
        self.observation, self.planes = observation, planes  # arrays, or tensors

    def __getitem__(self, rows: Any) -> "Shown":
        return Shown(self.observation[rows], self.planes[rows])

    def __len__(self) -> int:
        return len(self.observation)


def shown_to(policy: "Policy", batch: Any, observations: Array) -> Any:
    """What a policy is to be shown of a batch's seats: `observations` [B * S, F], with the batch's planes if it sees
    them."""
    if not policy.sees_planes:
        return observations
    if batch.planes is None:
        raise PolicyError(f"{policy.name} sees planes, and none are drawn: make the batch with planes=True")
    return Shown(observations, batch.planes.reshape(len(observations), *batch.planes.shape[2:]))


class Policy:
    """Something that plays a side. Subclasses override `act`, `identity`, and `state_size` if they remember something.

    Memory is one float32 row a match, and a fresh memory is zeros: so any policy's memory can be gathered by rows,
    saved with a checkpoint or a replay, and reset, without knowing the policy.
    """

    name: str = "policy"
    state_size: int = 0
    """M, floats of memory a row."""
    bot: str | None = None
    """The compiled bot this stands for: such a policy is played inside the batch and cannot act from observations."""
    needs_seats: bool = False
    """Whether it imagines matches, or asks a bot what it would do: it is asked by `act_seated` alone."""
    sees_planes: bool = False
    """Whether `act` takes `Shown` for an observation."""
    most_matches: int | None = None
    """How many matches it can play side by side; None: any number."""

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        """Chooses for N rows: (actions int16 [N, K], the memory afterwards float32 [N, M]).

        observation float32 [N, F]; mask uint8 [N, K, C] (1: legal); state float32 [N, M] (not changed).
        All chance comes from `rng`.
        """
        raise NotImplementedError

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        """With what probability each choice is made, float64 [N, K, C], and the memory afterwards; None: it cannot say.

        Where slots are narrowed in order, mask [N, K, C] is what earlier choices leave to the slot that is looked at. A
        policy that can say remembers nothing of its own throws of dice: memory follows from what it was shown.
        """
        return None

    def act_or_forfeit(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array, Mapping[int, Forfeit]]:
        """As `act`, and which rows it failed in (none, unless it comes from outside); their actions mean nothing."""
        return *self.act(observation, mask, state, rng, refine), {}

    def act_seated(
        self, seats: "Seats", observation: Array, mask: Array, state: Array, rng: Generator
    ) -> tuple[Array, Array, Mapping[int, Forfeit]]:
        """As `act_or_forfeit`, by whoever has the matches: a policy may need more of them than it sees (`seats`)."""
        return self.act_or_forfeit(observation, mask, state, rng, seats.refine)

    def initial_state(self, n: int) -> Array:
        """Fresh memory for n rows: float32 [n, M]."""
        return np.zeros((n, self.state_size), np.float32)

    def reset(self, state: Array, where: Array) -> Array:
        """Fresh memory in place for the rows whose match ended (`where`: bool [N]); returns `state`."""
        state[where] = 0
        return state

    def close(self) -> None:
        """Gives back what it holds outside this process; it can be asked again, and takes it anew."""

    def identity(self) -> dict[str, Any]:
        """What makes this policy itself and no other, as JSON values; arrays are given by their hash."""
        raise NotImplementedError

    @cached_property
    def policy_hash(self) -> str:
        """Hash of `identity()`: two policies with one hash play alike. 16 hexadecimal digits."""
        return hash_of(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


def hash_of(policy: Policy) -> str:
    """The hash of a policy's identity as it is now; `policy_hash` keeps what it was when first asked for."""
    text = json.dumps(policy.identity(), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def choose_slots(mask: Array, refine: Refine | None, choose: Callable[[Any, Array], Array]) -> tuple[Array, Array]:
    """Chooses for all slots at once, or one after the other where `refine` narrows the later ones.

    mask: uint8 [N, K, C]. choose: (index of a slot or of all slots, masks [N, ..., C]) -> choices [N, ...].
    Returns the actions, int16 [N, K], and the masks they were chosen from, uint8 [N, K, C].
    """
    if refine is None:
        return choose(slice(None), mask).astype(np.int16), mask
    actions = np.zeros(mask.shape[:2], np.int16)
    narrowed, rows = mask.copy(), np.arange(len(mask))
    for slot in range(mask.shape[1]):
        narrowed[:, slot] = refine(rows, slot, actions, mask[:, slot])
        actions[:, slot] = choose(slot, narrowed[:, slot])
    return actions, narrowed


def one_hot(choices: Array, size: int) -> Array:
    """Certain choices [...] as probabilities, float64 [..., C]."""
    return (np.arange(size) == choices[..., None]).astype(np.float64)


class UniformPolicy(Policy):
    """Every legal choice of a slot alike."""

    name = "uniform"

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        where = rng.random(mask.shape[:2])

        def choose(slot: Any, legal: Array) -> Array:
            rank = np.floor(where[:, slot] * legal.sum(-1))  # of the legal choices, the one with this number
            return (legal.cumsum(-1) > rank[..., None]).argmax(-1)

        return choose_slots(mask, refine, choose)[0], state

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        return mask / mask.sum(-1, keepdims=True, dtype=np.float64), state

    def identity(self) -> dict[str, Any]:
        return {"kind": "uniform"}


class ConstantPolicy(Policy):
    """One fixed action; a slot that may not take it takes its lowest legal choice, by convention doing nothing."""

    def __init__(self, action: Sequence[int]):
        self.action = tuple(int(a) for a in action)
        self.name = "constant-" + "-".join(map(str, self.action))

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        if mask.shape[1] != len(self.action):
            raise PolicyError(f"{self.name}: the game has {mask.shape[1]} slots, the action has {len(self.action)}")
        return choose_slots(mask, refine, self._choose)[0], state

    def probabilities(self, observation: Array, mask: Array, state: Array) -> tuple[Array, Array] | None:
        return one_hot(self._choose(slice(None), mask), mask.shape[-1]), state

    def _choose(self, slot: Any, legal: Array) -> Array:
        mine = np.broadcast_to(np.array(self.action)[slot], legal.shape[:-1])
        allowed = np.take_along_axis(legal, mine[..., None], -1)[..., 0]
        return np.where(allowed, mine, legal.argmax(-1))

    def identity(self) -> dict[str, Any]:
        return {"kind": "constant", "action": list(self.action)}


class BotPolicy(Policy):
    """A compiled bot of an arena, played inside the batch: `batch.set_opponents({side: policy.bot})`, or a `Lineup`."""

    def __init__(self, bot: str):
        self.bot = self.name = bot

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        raise PolicyError(
            f"the bot {self.bot!r} reads the match's record and cannot act from observations: "
            "give it to the batch with set_opponents, or seat it with a Lineup"
        )

    def identity(self) -> dict[str, Any]:
        return {"kind": "bot", "bot": self.bot}


class MixturePolicy(Policy):
    """Draws a member for each match, at its first decision, and keeps it until the match ends: never per step or round.

    Each decision groups the rows by member: one call a member. A row's memory is the member's number (0: not drawn
    yet) and that member's memory.
    """

    def __init__(self, members: Sequence[Policy], weights: Sequence[float] | None = None, name: str = "mixture"):
        given = np.ones(len(members)) if weights is None else np.asarray(weights, np.float64)
        if not members or given.shape != (len(members),):
            raise PolicyError(f"a mixture of {len(members)} members with {given.size} weights: expected one each")
        if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
            raise PolicyError(f"weights {given.tolist()}: expected numbers of 0 or more, not all 0")
        flat = [
            (leaf, share * weight)
            for member, share in zip(members, given / fsum(given), strict=True)
            for leaf, weight in _leaves(member)
            if share * weight > 0
        ]
        self.name = name
        self.members = [leaf for leaf, _ in flat]
        self.weights = np.array([weight for _, weight in flat])
        self.weights /= fsum(self.weights)  # exact: a sum's order, which differs between machines, would be in the hash
        self.state_size = 1 + max(member.state_size for member in self.members)

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        state = state.copy()
        fresh = state[:, 0] == 0
        state[fresh, 0] = 1 + rng.choice(len(self.members), size=int(fresh.sum()), p=self.weights)
        actions = np.zeros(mask.shape[:2], np.int16)
        for _, member, rows in grouped(self.members, state[:, 0].astype(np.int64) - 1):
            end = 1 + member.state_size
            chosen = member.act(observation[rows], mask[rows], state[rows, 1:end], rng, _of_rows(refine, rows))
            actions[rows], state[rows, 1:end] = chosen
        return actions, state

    def close(self) -> None:
        for member in self.members:
            member.close()

    def identity(self) -> dict[str, Any]:
        hashes = [member.policy_hash for member in self.members]
        return {"kind": "mixture", "members": hashes, "weights": self.weights.tolist()}


def mixture(members: Sequence[Policy], weights: Sequence[float], name: str = "mixture") -> Policy:
    """The members whose weight is not 0, one drawn for each match; a single one is that policy itself."""
    drawn = [(member, weight) for member, weight in zip(members, weights, strict=True) if weight != 0]
    if len(drawn) == 1:
        return drawn[0][0]
    return MixturePolicy([member for member, _ in drawn], [weight for _, weight in drawn], name)


def grouped(members: Sequence[Policy], number: Array) -> Iterator[tuple[int, Policy, Array]]:
    """For each member some row has (number: int [N]): its number, itself, and its rows, in order."""
    for i, count in enumerate(np.bincount(number, minlength=len(members))):
        if count:
            yield i, members[i], np.flatnonzero(number == i)


def _leaves(policy: Policy) -> list[tuple[Policy, float]]:
    """A policy as (policy, probability) pairs without mixtures inside."""
    if isinstance(policy, MixturePolicy):
        return list(zip(policy.members, policy.weights, strict=True))
    return [(policy, 1.0)]


def _of_rows(refine: Refine | None, rows: np.ndarray) -> Refine | None:
    """`refine` for a policy that is asked about some of the rows only."""
    if refine is None:
        return None
    return lambda inner, slot, actions, mask: refine(rows[inner], slot, actions, mask)
