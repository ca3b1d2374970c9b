"""Any policy of the project as a plan: what it would do at every information set, asked there.

Policies that can say their probabilities are asked for them; one with memory is carried along everything its side may
see. A compiled bot reads the record, so it is let play in the matches of each information set, with its dice forced
one way after the other: that is exact too. Only a policy that can do neither is asked many times, and the answer says
so. A mixture is a mixture of plans: its member is drawn once per match.
"""

from dataclasses import dataclass

import numpy as np

from ...agents.policy import MixturePolicy, Policy
from .outcomes import Player
from .sequence import ExactError, Floats, Plans, mix
from .tree import Sights, Tree

SAMPLES = 1000
ROWS = 1 << 16
"""Rows a policy is asked about at once."""


@dataclass(frozen=True)
class Asked:
    """A policy's plan [Q]. estimated: names of the policies in it whose probabilities are counts of `samples` draws."""

    plan: Floats
    estimated: tuple[str, ...]


def ask(tree: Tree, side: int, policy: Policy, samples: int = SAMPLES, seed: int = 0) -> Asked:
    """What a policy does on one side. samples, seed: of the draws, where its probabilities must be estimated."""
    if isinstance(policy, MixturePolicy):
        asked = [ask(tree, side, member, samples, seed + i) for i, member in enumerate(policy.members)]
        names = dict.fromkeys(name for part in asked for name in part.estimated)
        return Asked(mix([part.plan for part in asked], policy.weights), tuple(names))
    form = tree.form.sides[side]
    if policy.bot is not None:
        weights = _played(tree, side, policy.bot)
    elif (told := _told(tree, side, policy)) is not None:
        weights = told
    else:
        weights = _drawn(tree, side, policy, samples, np.random.default_rng(seed))
        return Asked(form.realise(form.normalise(weights)), (policy.name,))
    return Asked(form.realise(form.normalise(weights)), ())


def ask_both(
    tree: Tree, policies: tuple[Policy, Policy], samples: int = SAMPLES, seed: int = 0
) -> tuple[Plans, tuple[str, ...]]:
    """Two policies as plans, one a side, and the names of those that had to be estimated."""
    first, second = (ask(tree, side, policy, samples, seed) for side, policy in enumerate(policies))
    return (first.plan, second.plan), tuple(dict.fromkeys(first.estimated + second.estimated))


# --- a policy that can say ---


def _told(tree: Tree, side: int, policy: Policy) -> Floats | None:
    """The probabilities of choices [Q], from the policy itself; None if it cannot say."""
    form, where = tree.form.sides[side], tree.decisions[side]
    legal = np.zeros((len(form.parent), tree.game.action.choices), np.uint8)
    legal[form.owner[1:], where.choice[1:]] = 1
    behaviour, memory = form.even.copy(), policy.initial_state(1)
    for sights in tree.sights[side]:
        state = memory[sights.parent]
        sets = np.arange(*sights.sets)
        sight, slot = where.sight[sets], where.slot[sets]
        mask = sights.mask[sight]
        mask[np.arange(len(sets)), slot] = legal[sets]
        told = policy.probabilities(sights.observation[sight], mask, state[sight])
        if told is None:
            return None
        sequences = np.arange(int(form.start[sights.sets[0]]), int(form.start[sights.sets[1]]))
        local = form.owner[sequences] - sights.sets[0]
        behaviour[sequences] = told[0][local, slot[local], where.choice[sequences]]
        memory = state
        if policy.state_size and (remembered := policy.probabilities(sights.observation, sights.mask, state)):
            memory = remembered[1]
    return behaviour


# --- a bot, and a policy that must be watched ---


def _played(tree: Tree, side: int, bot: str) -> Floats:
    """How probable each sequence [Q] is to a bot, once it is at the tick of its last choice; exact.

    Asked in every history of a sight: a bot that reads what its side does not see gives itself away.
    """
    player, weights = Player(tree.game), np.zeros(tree.form.sides[side].sequences)
    for tick, sights in enumerate(tree.sights[side]):
        chooses = np.zeros(len(sights), np.bool_)
        chooses[tree.decisions[side].sight[slice(*sights.sets)]] = True
        histories = np.flatnonzero(chooses[sights.of_history])
        if not len(histories):
            continue
        done = player.bot_choices(sights.records[histories], side, bot)
        joint = _joints(tree, sights, sights.of_history[histories[done.origin]], done.actions[:, side], bot)
        pairs, row = np.unique(np.stack([done.origin, joint], axis=1), axis=0, return_inverse=True)
        chance = np.bincount(row.ravel(), done.chance)  # of each joint action in each history
        number = np.bincount(sights.of_history, minlength=len(sights))[sights.joint_sight]
        mean = np.bincount(pairs[:, 1], chance, minlength=len(number)) / number
        if not np.allclose(chance, mean[pairs[:, 1]], rtol=0, atol=1e-12):
            raise ExactError(
                f"the bot {bot!r} of {tree.game.arena.name} plays differently at decision {tick} in matches that its "
                "side cannot tell apart: it reads what `observe` does not show, so it is no strategy of this game"
            )
        _spread(tree, side, sights, mean, weights)
    return weights


def _drawn(tree: Tree, side: int, policy: Policy, samples: int, rng: np.random.Generator) -> Floats:
    """How often each sequence [Q] was chosen where it could be, of `samples` draws at each sight.

    Each sight holds that many memories. Those of a later sight are drawn from the ones that did, a tick before, what
    leads there: a policy whose memory holds its own throws of dice is followed too.
    """
    player, weights = Player(tree.game), np.zeros(tree.form.sides[side].sequences)
    memory, chosen = policy.initial_state(samples)[None], np.zeros((1, samples, tree.game.action.count), np.int16)
    for sights in tree.sights[side]:
        after = np.zeros((len(sights), samples, policy.state_size), np.float32)
        actions = np.zeros((len(sights), samples, tree.game.action.count), np.int16)
        step = max(1, ROWS // samples)
        for low in range(0, len(sights), step):
            rows = np.arange(low, min(low + step, len(sights)))
            state = _inherited(memory, chosen, sights, rows, rng)
            actions[rows], after[rows] = _acted(player, side, policy, sights, rows, state, rng)
        memory, chosen = after, actions
        sight = np.repeat(np.arange(len(sights)), samples)
        joint = _joints(tree, sights, sight, actions.reshape(len(sight), -1), policy.name)
        _spread(tree, side, sights, np.bincount(joint, minlength=len(sights.joint_sight)).astype(np.float64), weights)
    return weights


def _inherited(
    memory: np.ndarray, chosen: np.ndarray, sights: Sights, rows: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Memories for some sights, float32 [n, samples, M], from those of the sights before that did what leads here."""
    parent, samples = sights.parent[rows], memory.shape[1]
    fits = (chosen[parent] == sights.action[rows, None]).all(axis=2)
    order = np.argsort(~fits, axis=1, kind="stable")  # those that fit come first; where none does, all are as good
    number = np.where(fits.any(axis=1), fits.sum(axis=1), samples)[:, None]
    pick = np.floor(rng.random((len(rows), samples)) * number).astype(np.int64)
    return memory[parent[:, None], np.take_along_axis(order, pick, axis=1)]


def _acted(
    player: Player, side: int, policy: Policy, sights: Sights, rows: np.ndarray, state: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """What the policy does at some sights with each memory: actions [n, samples, K], memories [n, samples, M]."""
    n, samples, size = state.shape
    each = np.repeat(rows, samples)

    def refine(of: np.ndarray, slot: int, actions: np.ndarray, _: np.ndarray) -> np.ndarray:
        return player.narrowed(sights.records[sights.example[each[of]]], side, slot, actions)

    actions, after = policy.act(
        sights.observation[each],
        sights.mask[each],
        state.reshape(n * samples, size),
        rng,
        refine if player.game.arena.rules.refine is not None else None,
    )
    return actions.reshape(n, samples, -1), after.reshape(n, samples, size)


# --- from actions to sequences ---


def _joints(tree: Tree, sights: Sights, sight: np.ndarray, actions: np.ndarray, name: str) -> np.ndarray:
    """Which of the joint actions of the sights each of some actions (int16 [n, K], at sights [n]) is: int64 [n]."""
    code, known = sight, sights.joint_sight
    for slot in range(actions.shape[1]):  # numbers of equal (sight, choices so far), the same for both lists
        pairs = np.stack([np.append(known, code), np.append(sights.joint_action[:, slot], actions[:, slot])], axis=1)
        number = np.unique(pairs, axis=0, return_inverse=True)[1].ravel()
        known, code = number[: len(known)], number[len(known) :]
    order = np.argsort(known)
    joint = order[np.minimum(np.searchsorted(known, code, sorter=order), len(order) - 1)]
    if (known[joint] != code).any():
        wrong = int(np.flatnonzero(known[joint] != code)[0])
        words = tree.game.action.text(actions[wrong])
        raise ExactError(f"{name!r} plays {words!r} where {tree.game.arena.name} does not allow it")
    return joint


def _spread(tree: Tree, side: int, sights: Sights, weight: Floats, into: Floats) -> None:
    """Adds the weight of joint actions [J] to the sequences they complete, and to those on the way from their sight."""
    sequence, entry = sights.joint_sequence.copy(), sights.entry[sights.joint_sight]
    while (open_ := sequence != entry).any():
        np.add.at(into, sequence[open_], weight[open_])
        sequence[open_] = tree.form.sides[side].before[sequence[open_]]
