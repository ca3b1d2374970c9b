"""A network for games of units: each unit's choices come from weights that all units share.

An observation of such a game is rows: blocks named `own 3 place`, `foe 0 health` make the rows 3 of `own` and 0 of
`foe`. The first group is who chooses: it has a row for each slot, in order. Choices named `attack foe 2` point at a
row: their logits are products of what the unit asks for with what that row is, so what is learned about one enemy holds
for all. Each unit also looks at all rows of the other groups, by attention that begins with the nearest: where rows
have a block `place`, how far off and which way a row is from a unit is told, which products could hardly find out.

Letters for shapes, beside those of `policy.py`: R rows that can be looked at, D width of a row's embedding.
"""

import re
from itertools import pairwise
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..arenas.arena import Game
from .network import ActorCritic, linear

ROW = re.compile(r"(\w+) (\d+) ")
"""How the name of a block that belongs to a row begins."""
POINTS = re.compile(r"\w+ (\w+) (\d+)$")
"""A choice that names a row."""
EMBEDDED = 32
"""D."""
PLACE = "place"
"""The block of a row, of two features, by which distances are known."""
NEARER = -20.0
"""What a distance of 1 (half of the map) takes from attention at the start."""


def entity_layout(game: Game) -> tuple[Any, ...] | None:
    """Where the rows are, or None where a game has none, or none for each of its slots.

    (columns that belong to no row; groups (first column, rows, width, where a row's place is in it or -1), who chooses
    first; choices that point: (group, row) for each, () for others).
    """
    found: dict[str, list[tuple[int, dict[str, int]]]] = {}  # group: of each row where it begins, and its blocks
    plain: list[int] = []
    at = 0
    for block in game.observation.blocks:
        if match := ROW.match(block.name):
            rows = found.setdefault(match[1], [])
            if int(match[2]) == len(rows):
                rows.append((at, {}))
            if int(match[2]) != len(rows) - 1:
                return None
            rows[-1][1][block.name[match.end() :]] = block.length
        else:
            plain += range(at, at + block.length)
        at += block.length
    groups = []
    for rows in found.values():
        first, blocks = rows[0]
        width = sum(blocks.values())
        if any(row != (first + number * width, blocks) for number, row in enumerate(rows)):
            return None
        groups.append((first, len(rows), width, _place(blocks)))
    choices = game.action.slots[0].choices
    if not groups or groups[0][1] != game.action.count or any(slot.choices != choices for slot in game.action.slots):
        return None
    return tuple(plain), tuple(groups), tuple(_pointed(choice, [*found], groups) for choice in choices)


def _place(blocks: dict[str, int]) -> int:
    """Where in a row its place begins, -1: it has none."""
    at = 0
    for name, length in blocks.items():
        if name == PLACE and length == 2:
            return at
        at += length
    return -1


def _pointed(choice: str, names: list[str], groups: list[tuple[int, int, int, int]]) -> tuple[int, ...]:
    """(group, row) of the row that a choice names, () if it names none. Units do not point at their own group."""
    match = POINTS.match(choice)
    if match is None or match[1] not in names[1:]:
        return ()
    group, row = names.index(match[1]), int(match[2])
    return (group, row) if row < groups[group][1] else ()


def _used(there: Tensor) -> int:
    """How many rows there are up to the last that is there in any match, 1 at least. there: bool [..., rows]."""
    somewhere = there.flatten(0, -2).any(0).nonzero()
    return int(somewhere[-1]) + 1 if len(somewhere) else 1


class EntityActorCritic(ActorCritic):
    """Rows embedded by group, pooled into a summary of the match, which the value and every unit are told.

    hidden: the width of the summary (and of the memory, where there is one), then the widths of a unit's layers. Rows
    that are all zero are not there: they are neither pooled nor looked at. Rows after the last that is there in any of
    the matches given cost nothing, and what comes out does not depend on how many those are.
    """

    _places: Tensor  # where each choice's logit is, of plain ones and then those of all rows
    _columns: Tensor

    def _build(self) -> None:
        self.columns, self.groups, pointed = self.config.layout
        wide, *hidden = (*self.config.hidden, self.config.hidden[-1])[: max(2, len(self.config.hidden))]
        self.embed = nn.ModuleList(linear(width, EMBEDDED) for _, _, width, _ in self.groups)
        self.summary = linear(len(self.columns) + 2 * EMBEDDED * len(self.groups), wide)
        self.placed = all(place >= 0 for *_, place in self.groups)
        self.ask, self.told = linear(EMBEDDED, EMBEDDED), linear(EMBEDDED + 3 * self.placed, hidden[0])
        if self.placed:
            self.near = nn.Parameter(torch.tensor([NEARER, 0.0]))  # of attention, of pointing
        self.unit, self.common = linear(EMBEDDED, hidden[0]), linear(wide, hidden[0])
        self.deeper = nn.ModuleList(linear(a, b) for a, b in pairwise(hidden))
        self.point = linear(hidden[-1], EMBEDDED)
        self.plain = linear(hidden[-1], sum(not row for row in pointed))
        self.judge, self.value = linear(wide, wide), linear(wide, 1)
        before = [0, *torch.tensor([0, *(count for _, count, *_ in self.groups[1:])]).cumsum(0).tolist()]
        plain = iter(range(len(pointed)))
        places = [self.plain.out_features + before[row[0]] + row[1] if row else next(plain) for row in pointed]
        self.register_buffer("_places", torch.tensor(places), persistent=False)
        self.register_buffer("_columns", torch.tensor(self.columns, dtype=torch.int64), persistent=False)

    def _initialise_layers(self, gain: float, generator: torch.Generator) -> None:
        small = {id(self.point): 0.1, id(self.plain): 0.01, id(self.value): 1.0, id(self.ask): 1.0, id(self.told): 1.0}
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and not name.startswith("gate_"):
                nn.init.orthogonal_(module.weight, small.get(id(module), gain), generator=generator)

    @torch.no_grad()
    def lean(self, bias: Tensor) -> None:
        bias = bias[0]  # all slots have the same choices
        pointed = [bool(row) for row in self.config.layout[2]]
        if bias[pointed].any():
            raise ValueError("a network of kind 'entities' has no bias on choices that name a row: lean on others")
        self.plain.bias.add_(bias[[not row for row in pointed]])

    def _first(self, observation: Tensor) -> tuple[Tensor, Any]:
        embedded, here, places, pooled = [], [], [], [observation[..., self._columns]]
        for (first, count, width, place), layer in zip(self.groups, self.embed, strict=True):
            rows = observation[..., first : first + count * width].unflatten(-1, (count, width))
            there = (rows != 0).any(-1)
            used = _used(there)
            rows, there = rows[..., :used, :], there[..., :used]
            row = self._activate(layer(rows)) * there.unsqueeze(-1)
            most = row.amax(-2)
            pooled += [row.sum(-2) / count, most if used == count else most.clamp_min(0)]
            embedded.append(row)
            here.append(there)
            places.append(rows[..., place : place + 2])
        return self._activate(self.summary(torch.cat(pooled, -1))), (embedded, here, places)

    def _heads(self, x: Tensor, seen: Any) -> tuple[Tensor, Tensor]:
        shape = x.shape[:-1]
        embedded, here, places = ([part.flatten(0, len(shape) - 1) for part in parts] for parts in seen)
        own, alive = embedded[0], here[0]
        match, slot = alive.nonzero(as_tuple=True)
        u = self.unit(own[match, slot]) + self.common(x).flatten(0, -2)[match]
        apart = rows = None
        if len(embedded) > 1:
            rows = torch.cat(embedded[1:], 1)
            if self.placed:
                towards = torch.cat(places[1:], 1).unsqueeze(1) - places[0].unsqueeze(2)  # [N, K, R, 2]
                apart = torch.cat([towards, towards.norm(dim=-1, keepdim=True)], -1)
            u = u + self.told(self._look(own, rows, torch.cat(here[1:], 1), apart)[match, slot])
        u = self._activate(u)
        for layer in self.deeper:
            u = self._activate(layer(u))
        logits = self.plain(u)
        if rows is not None:
            asked = own.new_zeros(own.shape).index_put_((match, slot), self.point(u) / sqrt(EMBEDDED))
            pointing = asked @ rows.transpose(-1, -2)
            if apart is not None:
                pointing = pointing + self.near[1] * apart[..., 2]
            parts = pointing[match, slot].split([group.shape[1] for group in embedded[1:]], -1)
            counts = [count for _, count, *_ in self.groups[1:]]
            padded = [F.pad(part, (0, count - part.shape[-1])) for part, count in zip(parts, counts, strict=True)]
            logits = torch.cat([logits, *padded], -1)
        everyone = x.new_zeros(len(alive), self.slots, self.choices)
        everyone.index_put_((match, slot), logits[:, self._places])
        value = self.value(self._activate(self.judge(x))).squeeze(-1)
        return everyone.reshape(*shape, self.slots, self.choices), value

    def _look(self, own: Tensor, rows: Tensor, there: Tensor, apart: Tensor | None) -> Tensor:
        """What each unit [N, K, D] finds among rows [N, R, D], of which some are there: [N, K, D], and the direction
        and distance of it, [N, K, D + 3], where rows have places (apart [N, K, R, 3])."""
        scores = self.ask(own) @ rows.transpose(-1, -2) / sqrt(EMBEDDED)
        if apart is not None:
            scores = scores + self.near[0] * apart[..., 2]
        weights = torch.softmax(scores.masked_fill(~there.unsqueeze(-2), -1e9), -1) * there.unsqueeze(-2)
        found = weights @ rows
        if apart is None:
            return found
        return torch.cat([found, 4 * (weights.unsqueeze(-2) @ apart).squeeze(-2)], -1)
