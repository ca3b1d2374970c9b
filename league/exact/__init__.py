"""Small games written out: their tree, their sequence form, any policy as a plan; `eval.exact` solves them."""

from .asking import Asked, ask, ask_both
from .sequence import ExactError, Floats, Level, Plans, SequenceForm, Side, mix
from .tree import LIMIT, Tree, enumerate_game

__all__ = [
    "LIMIT",
    "Asked",
    "ExactError",
    "Floats",
    "Level",
    "Plans",
    "SequenceForm",
    "Side",
    "Tree",
    "ask",
    "ask_both",
    "enumerate_game",
    "mix",
]
