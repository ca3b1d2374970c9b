"""What an arena tells in words and numbers: what a policy sees and chooses, what a setup row holds, what is refused."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class ArenaError(ValueError):
    """A wrong name, option or use of an arena."""


class IllegalOption(ArenaError):
    """An option the arena does not have, or a value it does not take."""


def nearest(word: str, known: Sequence[str]) -> str:
    """` (did you mean 'x'?)`, or the names there are."""
    close = difflib.get_close_matches(word, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else f" (there are: {', '.join(map(repr, known))})"


def within(arena: str, option: str, value: int, low: int, high: int) -> None:
    """Refuses an option's value outside [low, high]."""
    if not low <= value <= high:
        raise IllegalOption(f"{arena}: option {option} = {value}: expected {low} to {high}")


def one_of(arena: str, option: str, value: str, known: Sequence[str]) -> None:
    """Refuses an option's value that is none of those known."""
    if value not in known:
        raise IllegalOption(f"{arena}: option {option} = {value!r}" + nearest(value, known))


# --- what a policy sees ---


@dataclass(frozen=True)
class Block:
    """One named stretch of an observation. A rule writes integers; the driver multiplies each by `scale` (float32).

    token: what this is about, a group and a number ("foe 2"): the blocks of one token follow each other, and all tokens
    are built alike. ids: above 0, the integers are ids below it, to be embedded; blocks of one `kind` share their ids.
    """

    name: str
    length: int
    scale: float = 1.0
    help: str = ""
    token: str = ""
    ids: int = 0
    kind: str = ""


@dataclass(frozen=True)
class ObsSpec:
    """The blocks of an observation, in order; offsets follow from lengths."""

    blocks: tuple[Block, ...]

    @property
    def size(self) -> int:
        """F, the number of features."""
        return sum(block.length for block in self.blocks)

    @property
    def scales(self) -> np.ndarray:
        """float32 [F]."""
        return np.repeat([b.scale for b in self.blocks], [b.length for b in self.blocks]).astype(np.float32)

    def offset(self, name: str) -> int:
        """Where a block begins."""
        at = 0
        for block in self.blocks:
            if block.name == name:
                return at
            at += block.length
        raise ArenaError(f"no observation block {name!r}" + nearest(name, [b.name for b in self.blocks]))

    def split(self, observation: np.ndarray) -> dict[str, np.ndarray]:
        """An observation [..., F] by block name."""
        ends = np.cumsum([b.length for b in self.blocks])
        return {b.name: observation[..., end - b.length : end] for b, end in zip(self.blocks, ends, strict=True)}

    def table(self) -> str:
        """The blocks as a Markdown table, for READMEs."""
        rows, at = ["| block | offset | length | scale | what |", "|---|---|---|---|---|"], 0
        for block in self.blocks:
            rows.append(f"| `{block.name}` | {at} | {block.length} | {block.scale:g} | {block.help} |")
            at += block.length
        return "\n".join(rows)


@dataclass(frozen=True)
class Layer:
    """One layer of a plane block. A rule writes whole numbers from 0 to below `scale`, at most 256, as they are.

    categorical: the numbers name things (a kind, an owner); otherwise they are amounts.
    """

    name: str
    scale: int = 256
    categorical: bool = False
    help: str = ""


@dataclass(frozen=True)
class PlaneBlock:
    """Layers on one grid: feature layers of a screen, or the colours of a picture."""

    name: str
    layers: tuple[Layer, ...]
    height: int
    width: int


@dataclass(frozen=True)
class PlaneSpec:
    """The blocks of a side's planes, uint8 [P, H, W], in order: all on grids of one size, row 0 the uppermost."""

    blocks: tuple[PlaneBlock, ...]

    def __post_init__(self) -> None:
        sizes = {block.name: (block.height, block.width) for block in self.blocks}
        if len(set(sizes.values())) != 1 or min(min(sizes.values())) < 1 or not self.layers:
            raise ArenaError(f"planes: got grids {sizes}: expected layers on grids of one height and width")
        for layer in self.layers:
            if not 1 < layer.scale <= 256:
                raise ArenaError(f"planes: layer {layer.name!r} has scale {layer.scale}: expected 2 to 256")

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, in order."""
        return tuple(layer for block in self.blocks for layer in block.layers)

    @property
    def shape(self) -> tuple[int, int, int]:
        """P layers, H rows, W columns."""
        return len(self.layers), self.blocks[0].height, self.blocks[0].width

    def split(self, planes: np.ndarray) -> dict[str, np.ndarray]:
        """Planes [..., P, H, W] by "block layer": each [..., H, W]."""
        names = [f"{block.name} {layer.name}" for block in self.blocks for layer in block.layers]
        return {name: planes[..., p, :, :] for p, name in enumerate(names)}

    def table(self) -> str:
        """The layers as a Markdown table, for READMEs."""
        rows = ["| block | layer | scale | what |", "|---|---|---|---|"]
        for block in self.blocks:
            for layer in block.layers:
                kind = "categories" if layer.categorical else "amount"
                rows.append(
                    f"| `{block.name}` | `{layer.name}` | {layer.scale} | {layer.help or layer.name} ({kind}) |"
                )
        return "\n".join(rows)


# --- what a policy chooses ---


@dataclass(frozen=True)
class Slot:
    """One choice a side makes each decision. Choice 0 is the one that does nothing, or waits.

    axis: "x" or "y" where the choices are columns or rows of the planes' grid, an "x" and the "y" after it a point;
    "xy" where they are all its pixels, row by row.
    """

    name: str
    choices: tuple[str, ...]
    axis: str = field(default="", repr=False)  # the hash of a game's content is made of what is printed


@dataclass(frozen=True)
class ActionSpec:
    """The slots of an action, in the order in which `refine` narrows them."""

    slots: tuple[Slot, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of choices of each slot."""
        return tuple(len(slot.choices) for slot in self.slots)

    @property
    def count(self) -> int:
        """K, the number of slots."""
        return len(self.slots)

    @property
    def choices(self) -> int:
        """C, the most choices any slot has: the width of a mask."""
        return max(self.sizes)

    def text(self, action: Sequence[int]) -> str:
        """An action [K] in words."""
        return " ".join(slot.choices[int(a)] for slot, a in zip(self.slots, action, strict=True))


@dataclass(frozen=True)
class SetupEntry:
    """One entry of a setup row, a whole number from `least` to below `below`."""

    name: str
    below: int
    least: int = 0
    help: str = ""


# --- how fast it is to be ---


@dataclass(frozen=True)
class BenchCase:
    """A figure that `kumite bench` prints of an arena beside those of all, and what it is to reach.

    what: `decisions`: of matches a second, each side's choices given, observations and masks written. `step`:
    microseconds of a PettingZoo step of one match. `cold`, `warm`: seconds until a new process has made a step.
    begin: of `decisions`, puts a batch's matches where they are measured, and where that is in words; without it they
    begin after 64 decisions of random play.
    """

    what: str
    goal: float  # at least so many decisions, or at most so many microseconds or seconds
    options: Mapping[str, Any] = field(default_factory=dict)
    matches: int = 1
    threads: int = 1
    begin: tuple[Callable[[Any], None], str] | None = None

    @property
    def title(self) -> str:
        """What is measured, in words."""
        options = ", ".join(f"{key} {value}" for key, value in self.options.items())
        if self.what == "decisions":
            where = f", {self.begin[1]}" if self.begin else ""
            return f"decisions/s, {self.matches:,} matches, {self.threads} threads, {options}{where}"
        return {"step": "us a PettingZoo step", "cold": "s cold start", "warm": "s warm start"}[self.what] + (
            f", {options}" if options else ""
        )

    def reached(self, measured: float) -> bool:
        """Whether a figure is as good as it is to be."""
        return measured >= self.goal if self.what == "decisions" else measured <= self.goal
