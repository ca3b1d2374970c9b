"""Enumerated games, kept for all tests of a process, and what a policy object comes to in them."""

import functools

from kumite import arenas
from kumite.agents.policy import Policy
from kumite.eval.exact import ask_both, enumerate_game


@functools.cache
def tree(name, **options):
    """The tree of a game."""
    return enumerate_game(arenas.make_game(name, **options))


def exploitability(name, row, column=None):
    """NashConv / 2 of a policy, or of one a side."""
    found = tree(name)
    plans, estimated = ask_both(found, (row, column or row))
    assert not estimated
    return found.form.exploitability(plans)


def known(found, side):
    """Every information set of a one-slot game by all the side has seen and done on the way: {path: its number}.

    A path is what it saw (as bytes) and what it chose, tick after tick, and at last what it sees.
    """
    sets, before, where = {}, [()], found.decisions[side]
    for sights in found.sights[side]:
        first = sights is found.sights[side][0]
        paths = []
        for parent, action, observation in zip(sights.parent, sights.action, sights.observation, strict=True):
            paths.append((*before[parent], *([] if first else [int(action[0])]), observation.tobytes()))
        sets.update({paths[where.sight[number]]: number for number in range(*sights.sets)})
        before = paths
    return sets


class Silent(Policy):
    """A policy that plays as another does but cannot say its probabilities."""

    name = "silent"

    def __init__(self, policy):
        self.policy, self.state_size = policy, policy.state_size

    def act(self, observation, mask, state, rng, refine=None):
        return self.policy.act(observation, mask, state, rng, refine)

    def identity(self):
        return {"kind": "silent", "policy": self.policy.policy_hash}
