"""The conformance check: what every arena must keep, found out by playing it. `kumite check NAME` or `path.py:ARENA`.

Each check is a function of a game that returns None, or a sentence on what is wrong.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from . import make_game
from .arena import Game, Outcome, hidden_bytes
from .batch import Batch

CHECKS: dict[str, Callable[[Game], str | None]] = {}


def check(function: Callable[[Game], str | None]) -> Callable[[Game], str | None]:
    """Adds a check under its own name."""
    CHECKS[function.__name__] = function
    return function


def _batch(game: Game, matches: int = 1, seed: int = 0, **settings: Any) -> Batch:
    """A batch to play with, its planes drawn where the game has any."""
    return Batch(game, matches, seed, planes=game.planes is not None, **settings)


def _shown(batch: Batch) -> dict[str, np.ndarray]:
    """What sides are shown, by name: arrays [B, S, ...]."""
    shown = {"observation": batch.observations, "mask": batch.masks}
    return shown if batch.planes is None else {**shown, "picture": batch.planes}


def conformance(name: str, **options: object) -> dict[str, str | None]:
    """Every check's verdict on an arena: None where it holds."""
    game = make_game(name, **options)
    verdicts = {key: function(game) for key, function in CHECKS.items()}
    verdicts["plain_equals_compiled"] = plain_equals_compiled(name, game)
    return verdicts


def play_hash(game: Game, matches: int, decisions: int, seed: int = 7) -> str:
    """Hash of records, observations and masks over random legal play, decision by decision."""
    batch = _batch(game, matches, seed)
    digest = hashlib.blake2b(digest_size=16)
    for _ in range(decisions):
        batch.rollout_random(1)
        for array in (batch.state, *_shown(batch).values(), batch.rewards, batch.done):
            digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def plain_equals_compiled(name: str, game: Game) -> str | None:
    """The rules run as plain Python, with warnings as errors, give the bytes that the compiled ones give."""
    script = (
        "import sys; from kumite import arenas; from kumite.arenas.check import play_hash;"
        "print(play_hash(arenas.make_game(sys.argv[1], **dict(a.split('=', 1) for a in sys.argv[2:])), 3, 40))"
    )
    options = [f"{key}={value}" for key, value in game.options.items()]
    hashes = []
    for plain in ("0", "1"):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, name, *options],
            env={**os.environ, "NUMBA_DISABLE_JIT": plain},
            capture_output=True,
            text=True,
        )
        if run.returncode:
            return f"{'plain' if plain == '1' else 'compiled'} play failed: {run.stderr.strip().splitlines()[-1]}"
        hashes.append(run.stdout.split()[-1])
    return None if hashes[0] == hashes[1] else f"plain {hashes[1]}, compiled {hashes[0]}"


@check
def the_record_has_no_hidden_bytes(game: Game) -> str | None:
    """Bytes outside any field would make equal matches hash differently."""
    hidden = hidden_bytes(game.state)
    return f"{hidden} bytes of the record belong to no field" if hidden else None


@check
def facts_agree(game: Game) -> str | None:
    """Specs and setup have the sizes the record has."""
    _, _, slots = game.state["pending"].shape
    if slots < game.action.count:
        return f"the record has {slots} slots, the action spec {game.action.count}"
    if game.state["setup"].shape != (len(game.setup),):
        return f"the record's setup is {game.state['setup'].shape}, the game's has {len(game.setup)} entries"
    if len(game.setup_spec) != len(game.setup):
        return f"setup has {len(game.setup)} entries, setup_spec tells of {len(game.setup_spec)}"
    if game.tick_limit < 1:
        return f"tick_limit is {game.tick_limit}: every match must end"
    return None if "tape" in game.tables._fields else "the tables have no tape"


@check
def masks_are_never_empty(game: Game) -> str | None:
    """Every slot of every side always has a choice, and none beyond its size."""
    batch = _batch(game, 64, 1)
    sizes = game.action.sizes
    for decision in range(200):
        if not (batch.masks.sum(axis=-1) > 0).all():
            side, slot = np.argwhere(batch.masks.sum(axis=-1) == 0)[0][1:]
            return f"decision {decision}: side {side} has no legal choice in slot {game.action.slots[slot].name!r}"
        for slot, size in enumerate(sizes):
            if batch.masks[:, :, slot, size:].any():
                return f"slot {game.action.slots[slot].name!r} has {size} choices, its mask allows a later one"
        batch.rollout_random(1)
    return f"{int(batch.illegal.sum())} random legal actions were called illegal" if batch.illegal.any() else None


@check
def refine_only_removes_choices(game: Game) -> str | None:
    """What earlier slots leave to a later one is part of its mask, and never nothing."""
    if game.arena.rules.refine is None:
        return None
    batch, names = _batch(game, 64, 12), [slot.name for slot in game.action.slots]
    matches, sides = (index.ravel() for index in np.indices((len(batch), game.sides)))
    for decision in range(200):
        actions = batch.random_actions()
        for slot, name in enumerate(names):
            row = batch.narrowed(matches, sides, slot, actions[matches, sides])
            added = (row > batch.masks[matches, sides, slot]).sum(axis=1) > 0
            empty = row.sum(axis=1) == 0
            for wrong, words in ((added, "allows what the mask does not"), (empty, "leaves nothing")):
                if wrong.any():
                    n = int(wrong.argmax())
                    i, side = int(matches[n]), int(sides[n])
                    before = (
                        earlier.choices[actions[i, side, k]] for k, earlier in enumerate(game.action.slots[:slot])
                    )
                    return (
                        f"decision {decision}: refine {words} in slot {name!r} of side {side} "
                        f"after {', '.join(before)!r}, where {batch.describe(i)}"
                    )
        batch.step(actions)
    return None


@check
def matches_end(game: Game) -> str | None:
    """Random play ends, within the tick limit, and outcomes are known ones."""
    batch = _batch(game, 32, 2)
    ended = np.zeros(32, bool)
    for _ in range(-(-game.tick_limit // game.frame_skip) + 1):
        batch.rollout_random(1)
        ended |= batch.done
        bad = set(np.unique(batch.outcome).tolist()) - {int(outcome) for outcome in Outcome}
        if bad:
            return f"unknown outcomes {sorted(bad)}"
        if (batch.done != (batch.outcome != Outcome.RUNNING)).any():
            return "done and outcome disagree"
        if ended.all():
            return None
    return f"{int((~ended).sum())} of 32 matches had not ended by the tick limit of {game.tick_limit}"


@check
def utility_stays_within_its_bound(game: Game) -> str | None:
    """No match of random play is worth more than `utility_bound`, and the sides' utilities add up to nothing."""
    batch, most = _batch(game, 64, 4), 0.0
    for _ in range(200):
        batch.rollout_random(1)
        most = max(most, float(np.abs(batch.utility).max()))
        if game.sides == 2 and batch.utility.sum(axis=1).any():
            return "the sides' utilities do not add up to 0"
    return (
        f"a match was worth {most:g}, more than utility_bound = {game.utility_bound:g}"
        if (most > game.utility_bound * (1 + 1e-6))
        else None
    )


@check
def observations_are_finite(game: Game) -> str | None:
    """No feature is far outside [-1, 1]: a network could not use it."""
    batch = _batch(game, 64, 3)
    for _ in range(200):
        batch.rollout_random(1)
        size = np.abs(batch.observations).max(axis=(0, 1))
        if not np.isfinite(size).all() or size.max() > 10:
            at = int(size.argmax())
            block = next(b.name for b in game.observation.blocks if at < game.observation.offset(b.name) + b.length)
            return f"feature {at} (block {block!r}) reached {size[at]}: scale it"
    return None


@check
def planes_keep_to_their_scales(game: Game) -> str | None:
    """Every pixel of a layer is a number below its scale."""
    if game.planes is None:
        return None
    batch = _batch(game, 32, 19)
    scales = np.array([layer.scale for layer in game.planes.layers]).reshape(-1, 1, 1)
    for decision in range(100):
        for name, planes in (("planes", batch.planes), ("final_planes", batch.final_planes)):
            beyond = (planes >= scales).any(axis=(0, 1, 3, 4))
            if beyond.any():
                layer = game.planes.layers[int(beyond.argmax())]
                return (
                    f"decision {decision}: {name}: layer {layer.name!r} has a number beyond its scale of {layer.scale}"
                )
        batch.rollout_random(1)
    return None


@check
def equal_seeds_play_equally(game: Game) -> str | None:
    """Two batches of one seed agree to the byte, and row 0 does not depend on how many matches there are."""
    one, two, more = _batch(game, 3, 5), _batch(game, 3, 5), _batch(game, 600, 5)
    for batch in (one, two, more):
        batch.rollout_random(100 * game.frame_skip)
    if one.state.tobytes() != two.state.tobytes():
        return "two runs with one seed differ"
    if one.save(0) != more.save(0):
        return "the first match of a batch depends on the size of the batch"
    return None


@check
def a_loaded_match_goes_on_identically(game: Game) -> str | None:
    """Save, play on; load elsewhere, play on: the same bytes."""
    batch, other = _batch(game, 4, 6), _batch(game, 2, 99)
    batch.rollout_random(30 * game.frame_skip)
    other.load(1, batch.save(2))
    for name, seen in _shown(batch).items():
        if not np.array_equal(_shown(other)[name][1], seen[2]):
            return f"a loaded match has another {name}"
    for _ in range(100):
        batch.rollout_random(1)
        other.rollout_random(1)
        if batch.save(2) != other.save(1):
            return "a loaded match goes on differently"
    return None


@check
def the_mirror_image_plays_alike(game: Game) -> str | None:
    """step(mirror(m), swapped actions) == mirror(step(m, actions)), and each side observes the same in both. A game of
    one side has no other to exchange it with."""
    if game.arena.rules.mirror is None or game.sides == 1:
        return None
    batch, image = _batch(game, 256, 8), _batch(game, 256, 8)
    for decision in range(300):
        actions = batch.random_actions()
        for i in range(len(batch)):
            image.state[i] = batch.state[i]
        image.mirror()
        for name, seen in _shown(batch).items():
            if not np.array_equal(_shown(image)[name], seen[:, ::-1]):
                return f"decision {decision}: a side has another {name} in the mirror image"
        image.step(actions[:, ::-1])
        batch.step(actions)
        running = ~batch.done
        image.mirror()
        same = image.state == batch.state
        if not same[running].all():
            i = int(np.flatnonzero(running & ~same)[0])
            fields = [n for n in game.state.names or () if not np.array_equal(image.state[n][i], batch.state[n][i])]
            return f"decision {decision}: the mirror image of match {i} went on differently in {', '.join(fields)}"
        if (image.done != batch.done).any() or not np.array_equal(image.utility, batch.utility[:, ::-1]):
            return f"decision {decision}: a match and its mirror image ended differently"
    return None


@check
def a_fork_knows_what_its_side_knows(game: Game) -> str | None:
    """A fork shows its side what the match does, and is the same from any match that its side cannot tell from it.

    Such matches are made by forking: what a first fork has imagined, a second one must not know of.
    """
    if game.arena.rules.fork is None:
        return None
    batch, image, rows = _batch(game, 64, 17), _batch(game, 64, 18), np.arange(64)
    seeds = np.arange(64) + 10**6
    for decision in range(60):
        for side in range(game.sides):
            forks = []
            for first in (None, seeds * 2, seeds * 3):
                for i in range(len(batch)):
                    image.state[i] = batch.state[i]
                if first is not None:
                    image.fork(rows, side, first)
                image.fork(rows, side, seeds)
                forks.append(image.state.copy())
            for name, seen in _shown(batch).items():
                if not np.array_equal(_shown(image)[name][:, side], seen[:, side]):
                    return f"decision {decision}: a fork for side {side} changes its {name}"
            for other in forks[1:]:
                differing = [n for n in game.state.names or () if not np.array_equal(other[n], forks[0][n])]
                if differing:
                    return (
                        f"decision {decision}: forks for side {side} from one seed differ in {', '.join(differing)} "
                        "between matches that it cannot tell apart"
                    )
        batch.rollout_random(1)
    return None


@check
def bots_play_legally(game: Game) -> str | None:
    """Every bot, on either side, chooses what its mask and `refine` allow."""
    for name in game.arena.bots:
        for side in range(game.sides):
            batch = _batch(game, 8, 11, opponents={side: name})
            batch.rollout_random(60 * game.frame_skip)
            if batch.bot_illegal.any():
                return f"the bot {name!r} chose an illegal action on side {side}"
    return None


@check
def chance_is_told(game: Game) -> str | None:
    """A game that says it has no chance never rolls its dice: on an empty tape it finds nothing missing."""
    if game.chance:
        return None
    batch = _batch(game, 64, 13, auto_reset=False)
    batch.set_tape(np.zeros((len(batch), 0), np.int32))
    batch.reset()
    batch.rollout_random(game.tick_limit)
    faults = batch.tape_faults()
    for faces, stream in zip(faults.faces, faults.stream, strict=True):
        if faces:
            return f"chance is False, and step or reset drew a number below {faces} from stream {stream}"
    return None


@check
def turns_are_kept(game: Game) -> str | None:
    """In a game that says it is one of turns, never both sides have a choice."""
    if game.simultaneous or game.sides == 1:
        return None
    batch = _batch(game, 64, 14)
    for decision in range(200):
        if ((batch.masks.sum(axis=-1) > 1).any(axis=-1).sum(axis=1) > 1).any():
            return f"simultaneous is False, and both sides have a choice at decision {decision}"
        batch.rollout_random(1)
    return None


@check
def perfect_information_is_shared(game: Game) -> str | None:
    """Where both sides know everything, matches that look alike to one look alike to the other."""
    if not game.perfect_information or game.sides == 1:
        return None
    batch, seen = _batch(game, 64, 15), []
    for _ in range(100):
        seen.append(batch.observations.copy())
        batch.rollout_random(1)
    both = np.concatenate(seen)
    alike = [np.unique(both[:, side], axis=0, return_inverse=True)[1].ravel() for side in range(2)]
    pairs = len(np.unique(np.stack(alike), axis=1).T)
    for side in range(2):
        if int(alike[side].max()) + 1 < pairs:
            return f"perfect_information is True, and what side {side} sees alike side {1 - side} tells apart"
    return None


@check
def looking_changes_nothing(game: Game) -> str | None:
    """`observe` and `legal` read the match and leave it as it is."""
    batch = _batch(game, 32, 16)
    for decision in range(60):
        before = batch.state.copy()
        batch.look()
        changed = [n for n in game.state.names or () if not np.array_equal(before[n], batch.state[n])]
        if changed:
            return f"observe or legal changed {', '.join(changed)} at decision {decision}"
        batch.rollout_random(1)
    return None


@check
def it_can_be_described(game: Game) -> str | None:
    """`describe` gives text."""
    return None if _batch(game).describe(0).strip() else "describe gives nothing"
