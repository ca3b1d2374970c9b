"""What is done to a match, once for all arenas: decisions, delay, bots, illegal choices, tick limit, what follows it.

These are templates: `step`, `legal`, `observe` and so on are free names, re-bound per arena by `compile.bind`.
`run_match` is the whole of it; the CPU driver loops over matches and the CUDA kernel gives each a thread, and nothing
else differs between them.
"""

import hashlib
from typing import Any

import numpy as np

from .arena import Outcome, Rules
from .compile import bind, rule
from .dice import STREAM_EPISODE, STREAM_RANDOM_PLAY, hash32, hash62, seat

# What `run_match` is asked to do.
RESET = 0  # start the matches marked in `where`
LOOK = 1  # write observations and masks only
CHOOSE = 2  # write random legal actions
STEP = 3  # play the given actions for one decision
ROLLOUT = 4  # play random legal actions for some decisions
MIRROR = 5  # exchange the sides
SEED = 6  # turn the batch's seed, found in the record, into this row's
NEXT = 7  # start the matches that follow those marked in `where`
LOADED = 8  # write what is known of the matches marked in `where`, whose records came from elsewhere
NARROW = 9  # write into `row` what `actions` in earlier slots leave to a slot of the sides marked in `asked`
FORK = 10  # turn a match into one that the side marked in `asked` may imagine, from the seed found in its record
ASK = 11  # write what the bots of the sides marked in `asked` choose, and play nothing

RUNNING, FIRST, SECOND, DRAW = (int(outcome) for outcome in Outcome)


def look(tables, match, buffers, i, out, planes):
    """Writes what each side sees into `out` and `planes`, and what each side may do."""
    for side in range(out.shape[1]):
        seen = out[i, side]
        observe(tables, match, side, seen)
        for j in range(seen.shape[0]):
            seen[j] = seen[j] * buffers.scales[j]
        mask = buffers.masks[i, side]
        mask[:, :] = 0
        legal(tables, match, side, mask)
        if PLANES:
            picture = planes[i, side]
            picture[:, :, :] = 0
            draw_planes(tables, match, side, picture)


def start(tables, matches, buffers, i, follows):
    """A fresh match in row i under the settings found there, from the seed found there or (`follows`) the next one."""
    match = matches[i]
    seed, episode = int(match.seed), int(match.episode)
    if follows:
        seed = hash62(seed, episode, STREAM_EPISODE, 0)
        episode += 1
    tick_limit, frame_skip, delay = int(match.tick_limit), int(match.frame_skip), int(match.delay)
    first, second, flipped = int(match.opponent[0]), int(match.opponent[1]), int(match.flipped)
    tape_row, tape_length, tape_check = int(match.tape_row), int(match.tape_length), int(match.tape_check)
    for j in range(buffers.setup.shape[1]):
        buffers.setup[i, j] = match.setup[j]
    matches[i] = buffers.blank[0]  # a record of zeros: no rule can leave anything behind from the last match
    match = matches[i]
    for j in range(buffers.setup.shape[1]):
        match.setup[j] = buffers.setup[i, j]
    match.seed, match.episode = seed, episode
    match.tick_limit, match.frame_skip, match.delay = tick_limit, frame_skip, delay
    match.opponent[0], match.opponent[1], match.flipped = first, second, flipped
    match.tape_row, match.tape_length, match.tape_check = tape_row, tape_length, tape_check
    reset(tables, match)


def narrow(tables, match, buffers, i, side, slot):
    """Writes into `row` the choices that slot `slot` has, given the choices already made in the slots before it."""
    row = buffers.row[i, side]
    for c in range(row.shape[0]):
        row[c] = buffers.masks[i, side, slot, c]
    if REFINES:
        refine(tables, match, side, slot, buffers.actions[i, side], row)


def choose(tables, match, buffers, i):
    """Random legal actions for both sides, slot by slot, from the match's own dice."""
    for side in range(buffers.actions.shape[1]):
        row = buffers.row[i, side]
        for slot in range(buffers.actions.shape[2]):
            narrow(tables, match, buffers, i, side, slot)
            count = 0
            for c in range(row.shape[0]):
                count += int(row[c])
            index = seat(match, side) * 256 + slot
            left = (hash32(match.seed, match.tick, STREAM_RANDOM_PLAY, index) * count) >> 32
            choice = 0
            for c in range(row.shape[0]):
                if row[c]:
                    if left == 0:
                        choice = c
                        break
                    left -= 1
            buffers.actions[i, side, slot] = choice


def correct(tables, match, buffers, i, side, illegal):
    """Counts illegal choices and replaces each by the lowest legal one (by convention the one that does nothing)."""
    row = buffers.row[i, side]
    for slot in range(buffers.actions.shape[2]):
        narrow(tables, match, buffers, i, side, slot)
        choice = int(buffers.actions[i, side, slot])
        if choice < 0 or choice >= row.shape[0] or row[choice] == 0:
            illegal[i, side] += 1
            choice = 0
            for c in range(row.shape[0]):
                if row[c]:
                    choice = c
                    break
            buffers.actions[i, side, slot] = choice


def decide(tables, match, buffers, i, asks):
    """One decision of a match: both sides choose and its ticks are played. asks: only bots do, those asked for."""
    sides, slots = buffers.actions.shape[1], buffers.actions.shape[2]
    ring = match.pending.shape[0]
    for side in range(sides):
        by_bot = BOTS and match.opponent[side] >= 0 and (not asks or buffers.asked[i, side])
        if by_bot:
            for slot in range(slots):
                buffers.actions[i, side, slot] = 0
            act(tables, match, side, int(match.opponent[side]), buffers.actions[i, side])
        if by_bot or not asks:
            correct(tables, match, buffers, i, side, buffers.bot_illegal if by_bot else buffers.illegal)
    if asks:
        return
    begins = int(match.tick) + int(match.delay)
    for tick in range(begins, begins + int(match.frame_skip)):
        for side in range(sides):
            for slot in range(slots):
                match.pending[tick % ring, side, slot] = buffers.actions[i, side, slot]

    for _ in range(int(match.frame_skip)):
        step(tables, match, match.pending[int(match.tick) % ring])
        match.tick += 1
        if match.outcome == RUNNING and match.tick >= match.tick_limit:
            ahead = lead(match)
            match.outcome = FIRST if ahead > 0 else SECOND if ahead < 0 else DRAW
        if match.outcome != RUNNING:
            break


@rule
def lead(match):
    """By how many points the first side is ahead."""
    return int(match.score[0]) - int(match.score[1])


def judge(match, buffers, i):
    """Writes whether the match has ended, and what it came to."""
    ended = match.outcome != RUNNING
    buffers.done[i] = ended
    buffers.outcome[i] = match.outcome
    for side in range(buffers.actions.shape[1]):
        sign = 1 - 2 * side
        worth = np.float32(0)
        if ended:
            if buffers.final_scale[0] != 0:
                worth = np.float32(sign * lead(match)) * buffers.final_scale[0]
            elif match.outcome != DRAW:
                worth = np.float32(sign if match.outcome == FIRST else -sign)
        buffers.utility[i, side] = worth
    return ended


def pay(buffers, i, gained):
    """The rewards of a decision in which the first side `gained` points on the other: those, or the utility."""
    for side in range(buffers.actions.shape[1]):
        reward = buffers.utility[i, side]
        if buffers.step_reward[0] != 0:
            reward = np.float32((1 - 2 * side) * gained) * buffers.step_reward[0]
        buffers.rewards[i, side] = reward


def reflect(tables, match):
    """Exchanges the sides: the header here, the rest by the arena."""
    match.score[0], match.score[1] = int(match.score[1]), int(match.score[0])
    match.opponent[0], match.opponent[1] = int(match.opponent[1]), int(match.opponent[0])
    match.flipped = 1 - int(match.flipped)
    if match.outcome == FIRST:
        match.outcome = SECOND
    elif match.outcome == SECOND:
        match.outcome = FIRST
    for entry in range(match.pending.shape[0]):
        for slot in range(match.pending.shape[2]):
            first = int(match.pending[entry, 0, slot])
            match.pending[entry, 0, slot] = match.pending[entry, 1, slot]
            match.pending[entry, 1, slot] = first
    mirror(tables, match)


def imagine(tables, match, side):
    """What `side` may think the match is: chance from the seed just given, and nothing of what is hidden from it."""
    match.tape_row, match.tape_check, match.tape_length, match.tape_cursor = 0, 0, -1, 0
    match.tape_stream, match.tape_faces, match.tape_at = 0, 0, 0
    for entry in range(match.pending.shape[0]):
        for slot in range(match.pending.shape[2]):
            match.pending[entry, 1 - side, slot] = 0
    fork(tables, match, side, int(match.seed))


def clear(buffers, i):
    """No results yet."""
    buffers.done[i] = False
    buffers.outcome[i] = RUNNING
    for side in range(buffers.actions.shape[1]):
        buffers.utility[i, side] = 0
        buffers.illegal[i, side] = 0
        buffers.bot_illegal[i, side] = 0
    unpaid(buffers, i)


def unpaid(buffers, i):
    """No rewards: nothing was played."""
    for side in range(buffers.actions.shape[1]):
        buffers.rewards[i, side] = 0


def run_match(tables, matches, buffers, i, mode, number):
    """Everything that is ever done to match i. `start` is called in one place: each call is compiled in.

    number: how many decisions are played, or which slot is narrowed.
    """
    if REFINES and mode == NARROW:
        for side in range(buffers.actions.shape[1]):
            if buffers.asked[i, side]:
                narrow(tables, matches[i], buffers, i, side, number)
        return
    for _ in range(number):
        plays = mode == STEP or mode == ROLLOUT
        if plays and matches[i].outcome != RUNNING:  # it stays as it ended
            unpaid(buffers, i)
            break
        fresh = (mode == RESET or mode == NEXT) and buffers.where[i]
        if fresh:
            clear(buffers, i)
        if mode == SEED and buffers.where[i]:
            matches[i].seed = hash62(matches[i].seed, i, STREAM_EPISODE, 1)
        if MIRRORS and mode == MIRROR:
            reflect(tables, matches[i])
        if FORKS and mode == FORK:
            for side in range(buffers.actions.shape[1]):
                if buffers.asked[i, side]:
                    imagine(tables, matches[i], side)
        if mode == CHOOSE or mode == ROLLOUT:
            choose(tables, matches[i], buffers, i)
        before = lead(matches[i])
        if plays or mode == ASK:
            decide(tables, matches[i], buffers, i, mode == ASK)
        if plays or (mode == LOADED and buffers.where[i]):
            ended = judge(matches[i], buffers, i)
            if plays:
                pay(buffers, i, lead(matches[i]) - before)
            else:
                unpaid(buffers, i)
            if ended:
                look(tables, matches[i], buffers, i, buffers.final_observations, buffers.final_planes)
                fresh = buffers.auto_reset[0]
        if fresh:
            start(tables, matches, buffers, i, mode != RESET)
        if mode != CHOOSE and mode != SEED and mode != ASK:
            look(tables, matches[i], buffers, i, buffers.observations, buffers.planes)


def run_range(tables, matches, buffers, mode, number, low, high):
    """The CPU driver: one match after the other, so that a match stays in the nearest cache for all its decisions."""
    for i in range(low, high):
        run_match(tables, matches, buffers, i, mode, number)


@rule
def nothing(tables, match):
    """Stands in where an arena has no such rule; the branch that would call it is never compiled."""


def driver_name(name: str, rules: Rules, planes: bool) -> str:
    """What a driver is called, in the cache too: one arena may have several sets of rules, and draw planes or not."""
    used = [
        f"{r.__module__}.{r.__qualname__}" for r in rules if r is not None and (planes or r is not rules.draw_planes)
    ]
    return f"{name}_{hashlib.blake2b(' '.join(used).encode(), digest_size=4).hexdigest()}"


def bound_run_match(name: str, rules: Rules, planes: bool = False):
    """`run_match` with an arena's rules in it, as a rule: for the CPU driver and the CUDA kernel alike.

    name: as `driver_name` gives it. planes: draws them; without, nothing of theirs is compiled.
    """
    names: dict[str, Any] = {
        **{key: value if value is not None else nothing for key, value in rules._asdict().items()},
        "REFINES": rules.refine is not None,
        "BOTS": rules.act is not None,
        "MIRRORS": rules.mirror is not None,
        "FORKS": rules.fork is not None,
        "PLANES": planes,
    }
    for template in (
        look,
        start,
        narrow,
        choose,
        correct,
        decide,
        judge,
        pay,
        reflect,
        imagine,
        unpaid,
        clear,
        run_match,
    ):
        names[template.__name__] = bind(template, name, **names)
    return names["run_match"]
