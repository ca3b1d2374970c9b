"""A game written out and the plans of the policies that meet in it: exact payoffs and exact best responses."""

from collections.abc import Sequence

import numpy as np

from ...agents.policy import MixturePolicy, Policy
from ...agents.table import TablePolicy
from ...arenas.arena import Game
from .asking import ask
from .sequence import ExactError, Floats, mix
from .tree import LIMIT, Sights, enumerate_game

_OPEN: dict[str, "Book"] = {}


def open_book(game: Game, limit: int = LIMIT) -> "Book":
    """The book of a game; the last one is kept, for whoever asks next."""
    if game.content_hash not in _OPEN:
        book = Book(game, limit)
        _OPEN.clear()
        _OPEN[game.content_hash] = book
    return _OPEN[game.content_hash]


class Book:
    """One game's tree, and each policy's plan, asked for once."""

    def __init__(self, game: Game, limit: int = LIMIT):
        self.game, self.tree = game, enumerate_game(game, limit)
        self._plans: dict[tuple[int, str], Floats] = {}

    def plan(self, side: int, policy: Policy) -> Floats:
        """What a policy does on a side. Refused where its probabilities could only be estimated."""
        if isinstance(policy, MixturePolicy):
            return mix([self.plan(side, member) for member in policy.members], policy.weights)
        key = side, policy.policy_hash
        if key not in self._plans:
            asked = ask(self.tree, side, policy)
            if asked.estimated:
                raise ExactError(f"{policy.name!r} cannot say its probabilities: nothing exact can be said of it")
            self._plans[key] = asked.plan
        return self._plans[key]

    def payoff(self, rows: Sequence[Policy], columns: Sequence[Policy] | None = None) -> Floats:
        """The row policies' expected utility, [m, n]; columns None: a symmetric game, its seats taken by turns."""
        form = self.tree.form
        first = np.stack([self.plan(0, policy) for policy in rows])
        second = np.stack([self.plan(1, policy) for policy in (rows if columns is None else columns)])
        value = first @ (form.payoff @ second.T)
        return value if columns is not None else (value - value.T) / 2

    def value(self, row: Policy, column: Policy) -> float:
        """The row policy's expected utility in the first seat against the column policy in the second."""
        return self.tree.form.value((self.plan(0, row), self.plan(1, column)))

    def exploitability(self, row: Policy, column: Policy) -> float:
        """NashConv / 2 of two policies, one a side."""
        return self.tree.form.exploitability((self.plan(0, row), self.plan(1, column)))

    def respond(self, opponents: Policy, side: int | None) -> TablePolicy:
        """A best response to a policy on the other side; side None: for both seats. Of equal choices the lowest."""
        plans: list[tuple[int, Floats]] = []
        for seat in (0, 1) if side is None else (side,):
            gradient = self.tree.form.gradient(seat, self.plan(1 - seat, opponents))
            _, behaviour = self.tree.form.sides[seat].best(gradient)
            plans.append((seat, self.tree.form.sides[seat].realise(behaviour)))
        return self._table(plans)

    def _table(self, plans: Sequence[tuple[int, Floats]]) -> TablePolicy:
        """Pure plans, of one seat or both, as one policy. It knows its seat by what it sees, or plays both alike."""
        number: dict[tuple[int, bytes], int] = {}
        parents, seen, done = [], [], []
        for side, plan in plans:
            before = np.zeros(1, np.int64)  # the node at each sight of the tick before; -1: the plan never comes there
            acted: np.ndarray | None = None
            for sights in self.tree.sights[side]:
                chosen = _chosen(sights, plan)
                node = np.full(len(sights), -1)
                for i, parent in enumerate(before[sights.parent]):
                    own = acted is None or np.array_equal(sights.action[i], acted[sights.parent[i]])
                    if parent < 0 or not own or chosen[i, 0] < 0:
                        continue
                    key = int(parent), sights.observation[i].tobytes()
                    if key not in number:
                        number[key] = len(number) + 1
                        parents.append(int(parent))
                        seen.append(sights.observation[i])
                        done.append(chosen[i])
                    elif not np.array_equal(done[number[key] - 1], chosen[i]):
                        raise ExactError(
                            f"{self.game.arena.name}: the seats look alike to a policy, and the best responses in them "
                            "differ: no one policy can play both"
                        )
                    node[i] = number[key]
                before, acted = node, chosen
        return TablePolicy(np.array(parents), np.stack(seen), np.stack(done), "exact")


def _chosen(sights: Sights, plan: Floats) -> np.ndarray:
    """What a pure plan does at each sight, int16 [N, K]; -1 where it never comes."""
    chosen = np.full((len(sights), sights.joint_action.shape[1]), -1, np.int16)
    taken = plan[sights.joint_sequence] > 0.5
    chosen[sights.joint_sight[taken]] = sights.joint_action[taken]
    return chosen
