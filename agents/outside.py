"""Agents from outside: any program that speaks JSON lines, one process a match; agents/README.md has the protocol."""

import hashlib
import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from ..arenas.arena import Game
from .policy import Array, Forfeit, Policy, PolicyError, Refine
from .process import Failure, Limits, Program, found, listen

PROTOCOL = 1
PREFIX = "cmd:"
START_TRIES = 3  # a program that fails to start so often in a row is not started again


class OutsidePolicy(Policy):
    """A program outside, asked over its stdin and stdout.

    Each match has a process of its own, which plays one match after the other. Memory: the number of the process,
    from 1. text: `cmd:./my_agent --fast`, or with a name, `mine=cmd:./my_agent`. matches: how many processes at most.
    """

    state_size = 1

    def __init__(self, text: str, game: Game, limits: Limits | None = None, matches: int = 2):
        name, _, line = text.partition(PREFIX)
        self.command = shlex.split(line)
        if not self.command or (name and not name.endswith("=")):
            raise PolicyError(f"{text!r}: expected cmd:PROGRAM ARGUMENTS, or NAME=cmd:PROGRAM ARGUMENTS")
        self.limits, self.most_matches, self.folder = limits or Limits(), matches, str(Path.cwd())
        if self.limits.seconds <= 0 or self.limits.start <= 0 or self.limits.memory < 0 or matches < 1:
            raise PolicyError(f"{text!r}: {self.limits}, {matches} processes: expected positive limits (memory 0: any)")
        if not found(self.command, self.folder):
            raise PolicyError(f"{text!r}: no program {self.command[0]!r} that can be run")
        files = [word for word in self.command if Path(word).is_file()]
        self.name = name[:-1] or Path((files or self.command)[-1]).stem
        self.greeting = json.dumps(greeting(game, self.limits))
        self._forget()

    def identity(self) -> dict[str, Any]:
        """The command, with each file named in it by its content, and the limits. What those files load is not seen."""
        words = [_word(Path(self.folder) / word, word) for word in self.command]
        return {"kind": "outside", "command": words, "limits": asdict(self.limits), "protocol": PROTOCOL}

    def act(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array]:
        actions, state, lost = self.act_or_forfeit(observation, mask, state, rng, refine)
        if lost:
            raise PolicyError(f"{self.name} forfeits: {', '.join(sorted(set(lost.values())))}")
        return actions, state

    def act_or_forfeit(
        self, observation: Array, mask: Array, state: Array, rng: Generator, refine: Refine | None = None
    ) -> tuple[Array, Array, Mapping[int, Forfeit]]:
        n = len(mask)
        seeds = (rng.random((n, 1))[:, 0] * 2**53).astype(np.int64)  # drawn at each decision: streams stay in step
        state, actions = state.copy(), np.zeros(mask.shape[:2], np.int16)
        failures: dict[int, Failure] = {}
        fresh = np.flatnonzero(state[:, 0] == 0).tolist()
        for row in fresh:
            state[row, 0] = self._free.pop() if self._free else self._more()
        failures |= self._start({row: int(state[row, 0]) for row in fresh})
        for row in fresh:
            if row not in failures:
                self._programs[int(state[row, 0])].say(json.dumps({"type": "begin", "seed": int(seeds[row])}))
        asked: dict[int, Program] = {}
        for row in range(n):
            program = self._programs.get(int(state[row, 0]))
            if row in failures or program is None:
                failures.setdefault(row, Failure(Forfeit.CRASH, "asked again after it failed"))
            elif (failure := program.spoke_unasked() or program.memory_failure()) is not None:
                failures[row] = failure
            else:
                program.say(_question(observation[row], mask[row]))
                asked[row] = program
        for row, answer in listen(asked, self.limits.seconds).items():
            given = answer if isinstance(answer, Failure) else _action(answer, mask[row])
            if isinstance(given, Failure):
                failures[row] = given
            else:
                actions[row] = given
        if refine is not None:
            _settle(actions, mask, refine)
        for row, failure in failures.items():
            self._fail(int(state[row, 0]), failure)
        return actions, state, {row: failure.kind for row, failure in failures.items()}

    def reset(self, state: Array, where: Array) -> Array:
        for number in state[where][:, 0].astype(np.int64).tolist():
            if number:
                if number in self._programs:
                    self._programs[number].say('{"type": "end"}')
                self._free.append(number)
        state[where] = 0
        return state

    def close(self) -> None:
        """Ends the processes."""
        for program in self._programs.values():
            program.close()
        self._forget()

    def __getstate__(self) -> dict[str, Any]:
        """Without the processes: they stay where they are."""
        return {name: value for name, value in self.__dict__.items() if not name.startswith("_")}

    def __setstate__(self, saved: dict[str, Any]) -> None:
        self.__dict__.update(saved)
        self._forget()

    def _forget(self) -> None:
        self._programs: dict[int, Program] = {}  # by number
        self._free: list[int] = []
        self._numbers, self._start_failures = 0, 0
        self._said: set[Forfeit] = set()

    def _more(self) -> int:
        self._numbers += 1
        return self._numbers

    def _start(self, numbers: Mapping[int, int]) -> dict[int, Failure]:
        """Makes the processes ready that are not ({row: number}); the rows where that fails."""
        failures: dict[int, Failure] = {}
        started: dict[int, Program] = {}
        for row, number in numbers.items():
            if number in self._programs:
                continue
            if self._start_failures >= START_TRIES:
                failures[row] = self._last_failure
                continue
            started[row] = self._programs[number] = Program(self.command, self.limits, self.folder)
            started[row].say(self.greeting)
        for row, answer in listen(started, self.limits.start).items():
            failure = answer if isinstance(answer, Failure) else _ready(answer)
            self._start_failures = 0 if failure is None else self._start_failures + 1
            if failure is not None:
                failures[row] = self._last_failure = failure
        return failures

    def _fail(self, number: int, failure: Failure) -> None:
        """Ends a process that failed: nobody knows what it would say next. Says so once for each kind of failure."""
        if (program := self._programs.pop(number, None)) is not None:
            program.kill()
        if failure.kind not in self._said:
            self._said.add(failure.kind)
            print(f"kumite: {self.name} forfeits a game ({failure.kind}): {failure.why}", file=sys.stderr, flush=True)


def greeting(game: Game, limits: Limits) -> dict[str, Any]:
    """What a program is told first: what it will see, and how many choices each slot has."""
    blocks = [
        {"name": block.name, "offset": game.observation.offset(block.name), "length": block.length}
        for block in game.observation.blocks
    ]
    return {
        "type": "hello",
        "protocol": PROTOCOL,
        "arena": game.arena.name,
        "options": dict(game.options),
        "observation": {"size": game.observation.size, "blocks": blocks},
        "slots": list(game.action.sizes),
        "seconds": limits.seconds,
    }


def _question(observation: Array, mask: Array) -> str:
    legal = [np.flatnonzero(row).tolist() for row in mask]
    return json.dumps({"type": "act", "observation": observation.tolist(), "legal": legal})


def _ready(line: str) -> Failure | None:
    """What is wrong with the answer to the greeting."""
    try:
        ready = json.loads(line)["ready"]
    except (ValueError, TypeError, KeyError):
        ready = None
    return None if ready is True else Failure(Forfeit.ILLEGAL, f'answered {line[:60]!r}, expected {{"ready": true}}')


def _action(line: str, mask: Array) -> list[int] | Failure:
    """The action in an answer, or what is wrong with it. mask: uint8 [K, C]."""
    try:
        action = json.loads(line)["action"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return Failure(Forfeit.ILLEGAL, f'answered {line[:60]!r}, expected {{"action": [...]}}')
    slots, choices = mask.shape
    if not isinstance(action, list) or len(action) != slots or any(type(choice) is not int for choice in action):
        return Failure(Forfeit.ILLEGAL, f"action {str(action)[:60]}: expected {slots} whole numbers, one for each slot")
    for slot, choice in enumerate(action):
        if not 0 <= choice < choices or not mask[slot, choice]:
            legal = np.flatnonzero(mask[slot]).tolist()
            return Failure(Forfeit.ILLEGAL, f"choice {choice} of slot {slot}: legal are {legal}")
    return action


def _settle(actions: Array, mask: Array, refine: Refine) -> None:
    """Where an earlier slot's choice excludes a later one, the later slot takes its lowest choice left (in place)."""
    rows = np.arange(len(actions))
    for slot in range(actions.shape[1]):
        left = refine(rows, slot, actions, mask[:, slot])
        fits = np.take_along_axis(left, actions[:, slot, None].astype(np.int64), -1)[:, 0] != 0
        actions[:, slot] = np.where(fits, actions[:, slot], left.argmax(-1))


def _word(path: Path, word: str) -> str:
    """A word of a command; a file by its content, wherever it lies."""
    return "file:" + hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest() if path.is_file() else word
