"""The solvers' learning curves: how exploitable what each is judged by still is, as iterations go on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...arenas.arena import nearest
from ...league.exact.sequence import ExactError, Plans, SequenceForm
from .cfr import CFR
from .fictitious import FictitiousPlay
from .mirror_descent import MirrorDescent, annealed


class Solver(Protocol):
    """What iterates towards an equilibrium."""

    iterations: int

    def iterate(self) -> None:
        """One iteration."""
        ...

    def current(self) -> Plans:
        """The last plans."""
        ...

    def average(self) -> Plans:
        """The average plans."""
        ...


@dataclass(frozen=True)
class Method:
    """A solver with its settings, and which of its plans it is judged by."""

    title: str
    make: Callable[[SequenceForm], Solver]
    judged: Callable[[Solver], Plans]


def _last(solver: Solver) -> Plans:
    return solver.current()


def _average(solver: Solver) -> Plans:
    return solver.average()


METHODS: dict[str, Method] = {
    "cfr": Method("CFR, alternating, average", CFR, _average),
    "cfr+": Method("CFR⁺, average", lambda form: CFR(form, plus=True), _average),
    "xfp": Method("fictitious play, average", FictitiousPlay, _average),
    "mmd-qre": Method("mirror descent, α .1, η .9, last", lambda form: MirrorDescent(form, 0.1, 0.9), _last),
    "mmd-last": Method("mirror descent, α 0, η 1, last", lambda form: MirrorDescent(form, 0.0, 1.0), _last),
    "mmd-average": Method("mirror descent, α 0, η 1, average", lambda form: MirrorDescent(form, 0.0, 1.0), _average),
    "mmd-annealed": Method(
        "mirror descent, α = η = 1/√t, last", lambda form: MirrorDescent(form, schedule=annealed), _last
    ),
}


def curve(form: SequenceForm, method: str, iterations: int) -> dict[int, float]:
    """Exploitability after 1, 10, 100, ... iterations, and after the last."""
    if method not in METHODS:
        raise ExactError(f"no method {method!r}" + nearest(method, list(METHODS)))
    if iterations < 1:
        raise ExactError(f"iterations = {iterations}: expected 1 or more")
    chosen, found = METHODS[method], {}
    solver = chosen.make(form)
    while solver.iterations < iterations:
        solver.iterate()
        t = solver.iterations
        if t == iterations or 10 ** (len(str(t)) - 1) == t:
            found[t] = form.exploitability(chosen.judged(solver))
    return found
