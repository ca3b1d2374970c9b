"""What the state solver runs compiled: telling records apart, matrix games, expectations. No allocation in any of it.

Shapes: N states, W words of a record, P pairs of choices; a state's matrix is rows (first side) by columns, laid out
row by row in pairs `pair[s]` to `pair[s + 1]`.
"""

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

from ...arenas.compile import bind, cache_root, rule
from ...arenas.dice import LOW

UNSOLVED = -1.0
"""Gap of a matrix that the simplex gave up on."""
SMALL = 1e-12


@rule
def word_hash(words, row):
    """32 bits from a row of 32-bit words."""
    found = 0x9E3779B9
    for j in range(words.shape[1]):
        found = ((found ^ int(words[row, j])) * 0x45D9F3B) & LOW
        found ^= found >> 15
    return found


@rule
def same_words(one, i, other, j):
    for k in range(one.shape[1]):
        if one[i, k] != other[j, k]:
            return False
    return True


def _intern(words, store, hashes, slots, count, number):
    """Numbers rows of words (uint32 [n, W]) alike where they are alike, from `count` on where they are new.

    store [capacity, W] and hashes int64 [capacity] hold those known; slots: int64, a power of two of them, number + 1
    of who is there or 0. number: int64 [n], out. Returns how many are known now.
    """
    last = slots.shape[0] - 1
    for i in range(words.shape[0]):
        key = word_hash(words, i)
        at = key & last
        while slots[at] != 0:
            known = slots[at] - 1
            if hashes[known] == key and same_words(words, i, store, known):
                break
            at = (at + 1) & last
        if slots[at] == 0:
            slots[at] = count + 1
            hashes[count] = key
            for k in range(words.shape[1]):
                store[count, k] = words[i, k]
            count += 1
        number[i] = slots[at] - 1
    return count


def _rehash(hashes, count, slots):
    """Puts those known into a larger table of slots, all 0."""
    last = slots.shape[0] - 1
    for known in range(count):
        at = hashes[known] & last
        while slots[at] != 0:
            at = (at + 1) & last
        slots[at] = known + 1


# --- matrix games ---


@rule
def saddle(worth, low, m, n, first, second):
    """A pure equilibrium if there is one: whether, and it is written into the mixes. Ties: the lowest choices."""
    best, row = 0.0, -1
    for a in range(m):
        least = worth[low + a * n]
        for b in range(1, n):
            least = min(least, worth[low + a * n + b])
        if row < 0 or least > best:
            best, row = least, a
    worst, column = 0.0, -1
    for b in range(n):
        most = worth[low + b]
        for a in range(1, m):
            most = max(most, worth[low + a * n + b])
        if column < 0 or most < worst:
            worst, column = most, b
    if worst > best:
        return False
    for a in range(m):
        first[a] = 1.0 if a == row else 0.0
    for b in range(n):
        second[b] = 1.0 if b == column else 0.0
    return True


@rule
def two_by_two(worth, low, first, second):
    """The mixed equilibrium of a 2 x 2 matrix without a saddle point."""
    a, b, c, d = worth[low], worth[low + 1], worth[low + 2], worth[low + 3]
    total = a - b - c + d
    first[0] = (d - c) / total
    first[1] = (a - b) / total
    second[0] = (d - b) / total
    second[1] = (a - c) / total


@rule
def simplex(worth, low, m, n, first, second, tableau, basis):
    """An equilibrium by the simplex method: the second side's mix is its solution, the first's its duals.

    All payoffs are moved into [1, 2]; then, with mixes divided by the value, the second side maximises the sum of its
    weights while no row pays more than 1 (G. Dantzig, A proof of the equivalence of the programming problem and the
    game problem, 1951). Largest coefficient first, Bland's rule after a while, so that it cannot run in circles.
    """
    least, most = worth[low], worth[low]
    for j in range(1, m * n):
        least, most = min(least, worth[low + j]), max(most, worth[low + j])
    scale = 1.0 / (most - least)
    width = n + m  # columns of the second side, then slacks; the right-hand sides come last
    for a in range(m):
        for b in range(n):
            tableau[a, b] = (worth[low + a * n + b] - least) * scale + 1.0
        for b in range(m):
            tableau[a, n + b] = 1.0 if a == b else 0.0
        tableau[a, width] = 1.0
        basis[a] = n + a
    for b in range(width + 1):
        tableau[m, b] = -1.0 if b < n else 0.0
    patience = 20 * (m + n)
    for turn in range(50 * (m + n)):
        enter, gain = -1, -SMALL
        for b in range(width):
            if tableau[m, b] < gain:
                enter, gain = b, tableau[m, b]
                if turn > patience:
                    break
        if enter < 0:
            break
        leave, ratio = -1, 0.0
        for a in range(m):
            if tableau[a, enter] > SMALL:
                now = tableau[a, width] / tableau[a, enter]
                if leave < 0 or now < ratio - SMALL or (now < ratio + SMALL and basis[a] < basis[leave]):
                    leave, ratio = a, now
        if leave < 0:
            return False
        pivot = tableau[leave, enter]
        for b in range(width + 1):
            tableau[leave, b] = tableau[leave, b] / pivot
        for a in range(m + 1):
            if a != leave and tableau[a, enter] != 0.0:
                factor = tableau[a, enter]
                for b in range(width + 1):
                    tableau[a, b] = tableau[a, b] - factor * tableau[leave, b]
        basis[leave] = enter
    total_first, total_second = 0.0, 0.0
    for b in range(n):
        second[b] = 0.0
    for a in range(m):
        if basis[a] < n:
            second[basis[a]] = max(tableau[a, width], 0.0)
        first[a] = max(tableau[m, n + a], 0.0)
    for a in range(m):
        total_first += first[a]
    for b in range(n):
        total_second += second[b]
    if total_first <= 0.0 or total_second <= 0.0:
        return False
    for a in range(m):
        first[a] = first[a] / total_first
    for b in range(n):
        second[b] = second[b] / total_second
    return True


@rule
def bounds(worth, low, m, n, first, second):
    """What the first side's mix wins at least, and what the second side's mix loses at most."""
    at_least, at_most = 0.0, 0.0
    for b in range(n):
        total = 0.0
        for a in range(m):
            total += first[a] * worth[low + a * n + b]
        at_least = total if b == 0 else min(at_least, total)
    for a in range(m):
        total = 0.0
        for b in range(n):
            total += second[b] * worth[low + a * n + b]
        at_most = total if a == 0 else max(at_most, total)
    return at_least, at_most


def _solve_matrices(worth, pair, first_at, second_at, first, second, value, gap, tableau, basis):
    """Value and equilibrium of every state's matrix: worth float64 [P], pair int64 [N + 1].

    first_at, second_at: int64 [N + 1], where a state's mixes lie in `first`, `second`, out. value, gap: float64 [N],
    out: the middle between what the two mixes guarantee, and how far these are apart. tableau, basis: room for the
    largest.
    """
    for s in range(pair.shape[0] - 1):
        low, m, n = pair[s], first_at[s + 1] - first_at[s], second_at[s + 1] - second_at[s]
        x, y = first[first_at[s] : first_at[s + 1]], second[second_at[s] : second_at[s + 1]]
        solved = True
        if not saddle(worth, low, m, n, x, y):
            if m == 2 and n == 2:
                two_by_two(worth, low, x, y)
            else:
                solved = simplex(worth, low, m, n, x, y, tableau, basis)
        at_least, at_most = bounds(worth, low, m, n, x, y)
        value[s] = (at_least + at_most) / 2
        gap[s] = at_most - at_least if solved else UNSOLVED


# --- expectations ---


def _respond(worth, pair, first_at, second_at, mix, side, value, best):
    """What the best choice of `side` is worth to the first side against the other's mix, and which it is, by state.

    mix: the other side's, laid out as its choices are. value float64 [N], best int64 [N], out: the lowest of equals.
    """
    for s in range(pair.shape[0] - 1):
        low, m, n = pair[s], first_at[s + 1] - first_at[s], second_at[s + 1] - second_at[s]
        own, other = (m, n) if side == 0 else (n, m)
        at = second_at[s] if side == 0 else first_at[s]
        for c in range(own):
            total = 0.0
            for d in range(other):
                total += mix[at + d] * (worth[low + c * n + d] if side == 0 else worth[low + d * n + c])
            if c == 0 or (total > value[s] if side == 0 else total < value[s]):
                value[s] = total
                best[s] = c


def _expect(worth, pair, first_at, second_at, first, second, value):
    """What two mixes are worth to the first side, by state: value float64 [N], out."""
    for s in range(pair.shape[0] - 1):
        low, m, n = pair[s], first_at[s + 1] - first_at[s], second_at[s + 1] - second_at[s]
        total = 0.0
        for a in range(m):
            for b in range(n):
                total += first[first_at[s] + a] * second[second_at[s] + b] * worth[low + a * n + b]
        value[s] = total


@functools.cache
def kernel(name: str) -> Callable:
    """One of these compiled: intern, rehash, solve_matrices, respond, expect. From the disk cache where unchanged."""
    digest = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=8).hexdigest()
    return bind(globals()[f"_{name}"], "states", cache_root() / f"exact-{digest}")
