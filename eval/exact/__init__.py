"""Exact answers for games small enough to enumerate: values, equilibria, best responses, exploitability."""

from ...league.exact.asking import Asked, ask, ask_both
from ...league.exact.sequence import ExactError, SequenceForm, Side, mix
from ...league.exact.tree import LIMIT, Tree, enumerate_game
from .cfr import CFR
from .curves import METHODS, curve
from .fictitious import FictitiousPlay
from .figures import examine, judge
from .linear import Solution, solve
from .mirror_descent import MirrorDescent, annealed

__all__ = [
    "CFR",
    "LIMIT",
    "METHODS",
    "Asked",
    "ExactError",
    "FictitiousPlay",
    "MirrorDescent",
    "SequenceForm",
    "Side",
    "Solution",
    "Tree",
    "annealed",
    "ask",
    "ask_both",
    "curve",
    "enumerate_game",
    "examine",
    "judge",
    "mix",
    "solve",
]
