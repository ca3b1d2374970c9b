"""Battles that Showdown plays while a policy of this project chooses for both sides.

What `tests/oracle/record.js --ask` asks is answered by what the policy sees of the same battle here, and every point is
compared as those of a recording.
"""

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from battle_oracle import Table
from battle_recordings import Battle, Point, read_battle, read_point
from battle_tape import Divergence, tape_between

from kumite.agents.lineup import Lineup
from kumite.agents.policy import Policy
from kumite.arenas.battle.choices import SWITCH, USE


class Showdown:
    """The process at the other end of the pipe."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]):
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def read(self) -> Any:
        """The next it says."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"Showdown ended:\n{self.process.stderr.read()}")
        return json.loads(line)

    def answer(self, choices: Sequence[Any]) -> None:
        """What both sides choose in each battle, None where they give it up."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(choices) + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        self.process.wait()


class AskedTable(Table):
    """A table of battles that are not yet played. lines: what a recording would say of each, so far."""

    def __init__(self, showdown: Showdown):
        self.showdown = showdown
        self.lines: list[dict[str, Any]] = [{**head, "points": [], "result": "unfinished"} for head in showdown.read()]
        super().__init__([_begun(line) for line in self.lines], actions="compact")

    def play_with(self, policy: Policy, seed: int) -> tuple[int, list[Divergence]]:
        """Has a policy play both sides. Returns how many points agree, and each battle's first difference."""
        sides = np.arange(2 * len(self.battles))
        self.lineup = Lineup(self.batch, sides, policy, np.random.default_rng(seed))
        self.actions = np.zeros((len(self.battles), 2, self.width), np.int16)
        self.take()
        agreed = sum(self.agrees(i, 0) for i in range(len(self.battles)))
        while self.going:
            preview = self.battles[min(self.going)].points[-1].state["request"] == "teampreview"
            answers = self.pick() if preview else self.choose()
            self.showdown.answer([answer if i in self.going else None for i, answer in enumerate(answers)])
            reached = self.take()
            agreed += self.step(reached)
            self.going -= {i for i in reached if not self.battles[i].points[-1].legal}
        return agreed, self.wrong

    def take(self) -> dict[int, int]:
        """Reads the points that are reached now, and their draws as tapes. Returns their numbers by battle."""
        reached = {}
        self.tapes = [[] for _ in self.battles]
        for i, given in enumerate(self.showdown.read()):
            points = self.battles[i].points
            assert isinstance(points, list)
            if given is not None:
                self.lines[i]["points"].append(given)
                points.append(read_point(given))
                reached[i] = self.reached[i] = len(points) - 1
                if len(points) > 1:
                    self.tapes[i] = tape_between(points[-2], points[-1])
        return reached

    def ask(self) -> None:
        """Puts what the policy chooses now in place of the actions."""
        batch, seats = self.batch, 2 * len(self.battles)
        masks = batch.masks.reshape(seats, self.width, -1)
        self.lineup.act(batch.observations.reshape(seats, -1), masks, self.actions.reshape(seats, self.width))
        self.given = list(self.actions.tolist())

    def pick(self) -> list[list[dict[str, list[int]]]]:
        """The preview: all ticks but the last are played, for nothing is drawn in them. Who comes along, by side."""
        count = self.battles[0].points[0].legal[0]
        assert isinstance(count, int)
        ticks = 1 if self.lead_only else count // self.width
        picked: list[list[list[int]]] = [[[], []] for _ in self.battles]
        for tick in range(ticks):
            self.ask()
            for i, both in enumerate(self.given):
                for side in range(2):
                    picked[i][side] += [code - SWITCH for code in both[side]]
            if tick < ticks - 1:
                self.step({})
        rest = range(count if self.lead_only else 0)
        return [[{"team": [*own, *(k for k in rest if k not in own)]} for own in both] for both in picked]

    def choose(self) -> list[list[list[str] | None]]:
        """A turn's choices or replacements by side, in Showdown's words; None of a side that waits."""
        self.ask()
        answers: list[list[list[str] | None]] = []
        for battle, both in zip(self.battles, self.given, strict=True):
            legal = battle.points[-1].legal or (None, None)
            answers.append(
                [
                    None if asked is None else [self.words(code) for code in own]
                    for asked, own in zip(legal, both, strict=True)
                ]
            )
        return answers

    def words(self, code: int) -> str:
        """A choice as a recording has it (`battle_recordings.read_choice` reads it)."""
        if code < USE:
            return f"s{code - SWITCH}" if code else "p"
        row, location = divmod((code - USE) % self.tera, 5)
        return f"m{row}" + (f">{location - 2}" if location != 2 else "") + "t" * (code >= USE + self.tera)


def _begun(line: dict[str, Any]) -> Battle:
    """A battle without points, which it takes on."""
    points: list[Point] = []
    return Battle(**{**vars(read_battle(line)), "points": points})
