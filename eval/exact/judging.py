"""Any policy in a game's states: what it would do in each, and what a best response wins against it.

A policy whose probabilities follow from what it sees is asked for them in every state: exact. One that cannot say them
is asked many times, and named as estimated. A compiled bot has a memory in the match: against it the states are those
of the match with that memory, and its dice are thrown `samples` times in each; that is an estimate too, and named. It
is one from above: the best response knows what the bot remembers, its plan among that. In games with chance of their
own a bot must have no memory; what it does in a state is then counted, and the best response knows no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...agents.policy import MixturePolicy, Policy
from ...arenas.batch import Batch
from ...league.exact.outcomes import Player
from ...league.exact.sequence import ExactError
from .against_bots import against_bot
from .shapley import Mixes, expect, respond
from .states import CHUNK, States
from .walk import Told

SAMPLES = 200


@dataclass(frozen=True)
class Judged:
    """A policy in a game of states.

    mixes: what it does on either side, where that is a matter of the state; None for a bot. best_responses: what a
    best response wins on average as first and as second. value: to the first side, when the policy meets itself; None
    for a bot. estimated: whether it was watched, not asked. from_above: whether the best response knew
    more than it could see.
    """

    mixes: Mixes | None
    best_responses: tuple[float, float]
    value: float | None
    estimated: bool
    from_above: bool = False

    @property
    def exploitability(self) -> float:
        """NashConv / 2: what best responses win on average."""
        return sum(self.best_responses) / 2


def judge_in_states(
    states: States, policies: Sequence[Policy], samples: int = SAMPLES, seed: int = 0, told: Told | None = None
) -> Judged:
    """How exploitable one policy is that plays both sides, or two that play one each."""
    if len(policies) not in (1, 2):
        raise ExactError(f"{len(policies)} policies: expected one, or one a side")
    pair = (policies[0], policies[-1])
    if any(policy.bot is not None for policy in pair) and not states.game.chance:
        worth = [best_response_gain(states, policy, side, samples, seed, told) for side, policy in enumerate(pair)]
        return Judged(None, (worth[1], worth[0]), None, True, True)
    asked = [ask_in_states(states, side, policy, samples, seed) for side, policy in enumerate(pair)]
    mixes = asked[0][0], asked[1][0]
    first, second = (states.root(respond(states, side, mixes[1 - side])[0]) for side in range(2))
    estimated = asked[0][1] or asked[1][1]
    return Judged(mixes, (first, -second), states.root(expect(states, mixes)), estimated)


def best_response_gain(
    states: States, policy: Policy, side: int, samples: int = SAMPLES, seed: int = 0, told: Told | None = None
) -> float:
    """What the best response wins on average, in utility, against a policy that plays `side`.

    It is the most that any exploiter can win there, exactly but for what is estimated. An exploiter that knows its
    craft finds nearly all of it: what it wins on average in the same game, over this, is its positive control.
    """
    if policy.bot is not None and not states.game.chance:
        value = against_bot(states.game, side, policy.bot, samples, seed, len(states) * 50, told)
        return value if side == 1 else -value
    mix, _ = ask_in_states(states, side, policy, samples, seed)
    value = states.root(respond(states, 1 - side, mix)[0])
    return value if side == 1 else -value


def ask_in_states(
    states: States, side: int, policy: Policy, samples: int = SAMPLES, seed: int = 0
) -> tuple[np.ndarray, bool]:
    """A policy's probabilities of a side's choices, float64 [Q], and whether they are counts of draws."""
    name = states.game.arena.name
    if isinstance(policy, MixturePolicy):
        raise ExactError(
            f"{policy.name!r} is a mixture: which member plays is drawn once a match, so what it does in a state of "
            f"{name} depends on how that came about; expected its members one by one"
        )
    if policy.state_size:
        raise ExactError(
            f"{policy.name!r} remembers: what it does in a state of {name} depends on how that came about; expected a "
            "policy without memory"
        )
    rng = np.random.default_rng(seed)
    if policy.bot is not None:
        return _thrown(states, side, policy.bot, samples, rng), True
    looks = Looks(states)
    mix, estimated = np.zeros(int(states.choices[side].first[-1])), False
    for low in range(0, len(states), CHUNK):
        rows = np.arange(low, min(low + CHUNK, len(states)))
        told = _told(states, looks, rows, side, policy)
        if told is None:
            estimated = True
            told = _drawn(states, looks, rows, side, policy, samples, rng)
        first = states.choices[side].first[[rows[0], rows[-1] + 1]]
        mix[slice(*first)] = told
    return mix, estimated


def _thrown(states: States, side: int, bot: str, samples: int, rng: np.random.Generator) -> np.ndarray:
    """How often a bot made each choice in each state, of `samples` throws of its dice; refused if it keeps a memory."""
    choices, each = states.choices[side], max(1, CHUNK // samples)
    batch = Batch(states.game, each * samples, auto_reset=False, threads=1)
    mix = np.zeros(int(choices.first[-1]))
    for low in range(0, len(states), each):
        rows = np.minimum(np.repeat(np.arange(low, low + each), samples), len(states) - 1)
        batch.put(states.records[rows])
        batch.state.seed[:] = rng.integers(0, 2**62, len(batch))
        before = np.asarray(batch.state).tobytes()
        played = batch.bot_choices(np.arange(len(batch)), np.full(len(batch), side), bot)
        if np.asarray(batch.state).tobytes() != before:
            raise ExactError(f"the bot {bot!r} of {states.game.arena.name} remembers: its states are not the game's")
        for s in range(low, min(low + each, len(states))):
            actions = choices.actions[int(choices.first[s]) : int(choices.first[s + 1])]
            same = (played[rows == s][:, None] == actions).all(axis=2)
            mix[int(choices.first[s]) :][: len(actions)] = same.mean(axis=0)
    return mix


class Looks:
    """What is seen in states."""

    def __init__(self, states: States):
        self.states, self.player = states, Player(states.game)
        self.batch = Batch(states.game, min(CHUNK, len(states)), auto_reset=False, threads=1)

    def __call__(self, rows: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Observations [n, F] and masks [n, K, C] of up to CHUNK states."""
        batch = self.batch
        batch.state[: len(rows)] = self.states.records[rows]
        batch.look()
        return batch.observations[: len(rows), side].copy(), batch.masks[: len(rows), side].copy()


def _told(states: States, looks: Looks, rows: np.ndarray, side: int, policy: Policy) -> np.ndarray | None:
    """The probabilities of all joint actions of some states, from the policy itself; None if it cannot say."""
    choices = states.choices[side]
    observation, mask = looks(rows, side)
    owner = np.repeat(np.arange(len(rows)), choices.count[rows])
    actions = choices.actions[int(choices.first[rows[0]]) : int(choices.first[rows[-1] + 1])]
    memory = policy.initial_state(len(rows))
    if states.game.arena.rules.refine is None:
        told = policy.probabilities(observation, mask, memory)
        if told is None:
            return None
        shares = np.take_along_axis(told[0][owner], actions[..., None].astype(np.int64), -1)[..., 0]
        return shares.prod(axis=1)
    found = np.ones(len(actions))
    for slot in range(actions.shape[1]):  # what earlier slots leave is another distribution for each of their choices
        narrowed = mask[owner]
        narrowed[:, slot] = looks.player.narrowed(states.records[rows][owner], side, slot, actions)
        told = policy.probabilities(observation[owner], narrowed, memory[owner])
        if told is None:
            return None
        found *= told[0][np.arange(len(actions)), slot, actions[:, slot]]
    return found


def _drawn(
    states: States, looks: Looks, rows: np.ndarray, side: int, policy: Policy, samples: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each joint action of some states was chosen, of `samples` draws in each."""
    choices = states.choices[side]
    observation, mask = looks(rows, side)
    base = int(choices.first[rows[0]])
    actions = choices.actions[base : int(choices.first[rows[-1] + 1])]
    owner = np.repeat(np.arange(len(rows)), choices.count[rows])
    known = {(int(s), *action): i for i, (s, action) in enumerate(zip(owner, actions.tolist(), strict=True))}
    counts = np.zeros(len(actions))

    def refine(of: np.ndarray, slot: int, chosen: np.ndarray, _: np.ndarray) -> np.ndarray:
        return looks.player.narrowed(states.records[rows[of]], side, slot, chosen)

    narrows = refine if states.game.arena.rules.refine is not None else None
    for _ in range(samples):
        drawn, _after = policy.act(observation, mask, policy.initial_state(len(rows)), rng, narrows)
        for s, action in enumerate(drawn.tolist()):
            if (s, *action) not in known:
                words = states.game.action.text(action)
                raise ExactError(f"{policy.name!r} plays {words!r} where {states.game.arena.name} does not allow it")
            counts[known[(s, *action)]] += 1
    return counts / samples
