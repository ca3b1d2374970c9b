"""Battles asked for point by point: a recording at the other end of the pipe, and a policy that chooses as it says."""

import itertools
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from battle_asked import AskedTable, Showdown
from battle_fuzz import command
from battle_oracle import ticks
from battle_recordings import FOLDER, read_battle, read_lines

from kumite.agents.policy import Policy, UniformPolicy

MODULES = Path(os.environ.get("NODE_PATH", "node_modules"))


class Recorded:
    """Showdown, as far as two recorded battles go."""

    def __init__(self, lines):
        self.lines, self.rounds = lines, itertools.count()
        self.said = iter([[{key: line[key] for key in line if key != "points"} for line in lines], *self.points()])

    def points(self):
        for k in range(max(len(line["points"]) for line in self.lines)):
            yield [line["points"][k] if k < len(line["points"]) else None for line in self.lines]

    def read(self):
        return next(self.said)

    def answer(self, choices):
        number = next(self.rounds)
        for line, given in zip(self.lines, choices, strict=True):
            points = line["points"]
            expected = points[number].get("choices") if number < len(points) else None
            if line["format"] == "singles6" and number == 0:  # who waits in what order, nobody chooses here
                given, expected = ([choice["team"][0] for choice in both] for both in (given, expected))
            assert given == expected


class AsRecorded(Policy):
    """Chooses what was recorded, tick by tick."""

    def __init__(self, table, lines):
        self.name = "recorded"
        compact = [[self.compact(tick[0]) for tick in self.ticks(table, line)] for line in lines]
        self.rounds = list(itertools.zip_longest(*compact, fillvalue=np.zeros((2, table.width), np.int16)))
        self.now = itertools.count()

    def ticks(self, table, line):
        return ticks(read_battle(line), table.width, bool(table.lead_only))

    def compact(self, actions):
        return np.where(actions >= 87, actions - 60, actions)

    def act(self, observation, mask, state, rng, refine=None):
        return np.concatenate(self.rounds[next(self.now)]), state


@pytest.mark.parametrize("name", ["doubles", "singles3", "singles6"])
def test_a_recording_answered_as_it_was_answered_agrees_to_its_end(name):
    lines = list(itertools.islice(read_lines(FOLDER / f"{name}.jsonl.gz"), 3))
    table = AskedTable(Recorded(lines))
    agreed, wrong = table.play_with(AsRecorded(table, lines), seed=0)
    assert not wrong, str(wrong[0])
    assert agreed == sum(len(line["points"]) for line in lines)
    assert [line["points"] for line in table.lines] == [line["points"] for line in lines]


def test_a_choice_in_words_is_read_back_as_the_choice():
    table = AskedTable(Recorded(list(itertools.islice(read_lines(FOLDER / "doubles.jsonl.gz"), 1))))
    assert [table.words(code) for code in (0, 1, 6, 9, 15, 26, 27, 46)] == [
        "p", "s0", "s5", "m0", "m1>1", "m3>2", "m0>-2t", "m3>2t",
    ]  # fmt: skip


@pytest.mark.skipif(
    shutil.which("node") is None or not (MODULES / "pokemon-showdown").is_dir(),
    reason="needs node, and NODE_PATH naming where pokemon-showdown is",
)
@pytest.mark.parametrize("name", ["doubles", "singles6"])
def test_showdown_plays_with_a_policy_of_this_project(name):
    words = [*command(name, "any", 3, 5, MODULES), "--ask"]
    showdown = Showdown(words, {**os.environ, "NODE_PATH": str(MODULES)})
    table = AskedTable(showdown)
    agreed, wrong = table.play_with(UniformPolicy(), seed=0)
    showdown.close()
    assert not wrong, str(wrong[0])
    assert agreed == sum(len(line["points"]) for line in table.lines) > 30
    assert all(line["points"][-1]["state"]["ended"] for line in table.lines)
