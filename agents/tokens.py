"""Observations as tokens: ids embedded, what is alike encoded alike, and pooled by attention.

What is a token, and what an id, is told by an observation's blocks (`Block.token`, `Block.ids`), whatever the arena.
All tokens are built alike and read by one encoder (Zaheer et al., "Deep Sets", 2017), with an embedding of each one's
place. Learned queries then look at the tokens of each group (the pooling of Lee et al., "Set Transformer", 2019). What
belongs to no token joins as it is.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..arenas.arena import Game
from .policy import PolicyError


@dataclass(frozen=True)
class Part:
    """One block of every token: where it begins in the token, and how many ids of which kind it holds (0: numbers)."""

    at: int
    length: int
    scale: float
    kind: str = ""
    ids: int = 0


@dataclass(frozen=True)
class TokenLayout:
    """How an observation is built: what a checkpoint needs to read one again."""

    starts: tuple[int, ...]  # where each token begins
    groups: tuple[int, ...]  # which group each token is pooled in
    size: int  # features of a token
    parts: tuple[Part, ...]
    width: int = 64  # of an encoded token
    queries: int = 4  # learned looks at each group

    @classmethod
    def of(cls, game: Game, **options: Any) -> "TokenLayout":
        """From an arena's blocks. PolicyError where they name no tokens, or tokens that are not built alike."""
        starts: dict[str, int] = {}
        parts: dict[str, list[Part]] = {}
        at = 0
        for block in game.observation.blocks:
            if block.token:
                first = starts.setdefault(block.token, at)
                kind = block.name.removeprefix(block.token).strip() if not block.kind else block.kind
                parts.setdefault(block.token, []).append(
                    Part(at - first, block.length, block.scale, kind if block.ids else "", block.ids)
                )
            elif block.ids:
                raise PolicyError(f"network 'tokens': block {block.name!r} of {game.arena.name} has ids but no token")
            at += block.length
        if not starts:
            raise PolicyError(
                f"network 'tokens': no block of {game.arena.name}'s observation belongs to a token "
                "(Block.token): expected 'flat'"
            )
        names = list(starts)
        for name in names[1:]:
            if parts[name] != parts[names[0]]:
                raise PolicyError(f"network 'tokens': {game.arena.name}'s {name!r} is not built like {names[0]!r}")
        kinds = [name.rpartition(" ")[0] for name in names]
        groups = tuple(sorted(set(kinds), key=kinds.index).index(kind) for kind in kinds)
        size = sum(part.length for part in parts[names[0]])
        return cls(tuple(starts.values()), groups, size, tuple(parts[names[0]]), **options)

    def as_json(self) -> dict[str, Any]:
        """As JSON values; `from_json` reads it back."""
        return asdict(self) | {
            "starts": list(self.starts),
            "groups": list(self.groups),
            "parts": [asdict(part) for part in self.parts],
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "TokenLayout":
        """From what `as_json` gave."""
        lists = {key: tuple(saved[key]) for key in ("starts", "groups")}
        return cls(**{**saved, **lists, "parts": tuple(Part(**part) for part in saved["parts"])})


class TokenReader(nn.Module):
    """Observations [..., F] to features [..., `features`]; all chance of its first weights comes from a generator.

    Ids are read back exactly: an observation holds them as float32 times the block's scale.
    """

    def __init__(self, layout: TokenLayout, features: int, generator: torch.Generator):
        super().__init__()
        self.layout = layout
        inside = torch.tensor(layout.starts)[:, None] + torch.arange(layout.size)  # [tokens, size]
        outside = torch.ones(features, dtype=torch.bool)
        outside[inside.flatten()] = False
        self._inside, self._outside = inside, outside.nonzero()[:, 0]
        self._numbers = _columns([part for part in layout.parts if not part.ids])
        kinds: dict[str, int] = {}
        for part in layout.parts:
            if part.ids:
                kinds[part.kind] = max(part.ids, kinds.get(part.kind, 0))
        self._ids = [(part.kind, _columns([part]), part.scale) for part in layout.parts if part.ids]
        tables = {_table(kind): nn.Parameter(torch.empty(count, _width(count))) for kind, count in kinds.items()}
        self.embeddings = nn.ParameterDict(tables)
        read = len(self._numbers) + sum(_width(kinds[kind]) * len(at) for kind, at, _ in self._ids)
        self.place = nn.utils.skip_init(nn.Embedding, len(layout.starts), layout.width)
        self.encode = nn.utils.skip_init(nn.Linear, read, layout.width)
        self.mix = nn.utils.skip_init(nn.Linear, layout.width, layout.width)
        groups = max(layout.groups) + 1
        self.queries = nn.Parameter(torch.empty(groups, layout.queries, layout.width))
        self._members = [[i for i, group in enumerate(layout.groups) if group == g] for g in range(groups)]
        self.features = len(self._outside) + groups * layout.queries * layout.width
        self._initialise(generator)

    @torch.no_grad()
    def _initialise(self, generator: torch.Generator) -> None:
        for layer in (self.encode, self.mix):
            nn.init.orthogonal_(layer.weight, sqrt(2), generator=generator)
        for layer in (self.encode, self.mix):
            nn.init.zeros_(layer.bias)
        for table in self.embeddings.values():
            nn.init.normal_(table, 0.0, 0.5, generator=generator)
        nn.init.normal_(self.place.weight, 0.0, 0.5, generator=generator)
        nn.init.normal_(self.queries, generator=generator)

    def _tokens(self, observation: Tensor) -> Tensor:
        """[..., F] to [..., tokens, size]."""
        first, count = self._inside[0, 0], self._inside.numel()
        if self._inside[-1, -1] - first + 1 == count:  # one after the other: no copy
            return observation.narrow(-1, int(first), count).unflatten(-1, tuple(self._inside.shape))
        return observation[..., self._inside]

    def ids(self, observation: Tensor) -> dict[str, Tensor]:
        """The ids in an observation by kind: int64 [..., tokens, ids]."""
        tokens = self._tokens(observation)
        found: dict[str, list[Tensor]] = {}
        for kind, at, scale in self._ids:
            found.setdefault(kind, []).append((tokens[..., at] / scale).round().long())
        return {kind: torch.cat(several, -1) for kind, several in found.items()}

    def forward(self, observation: Tensor) -> Tensor:
        """[..., F] to [..., features]."""
        tokens = self._tokens(observation)
        read = [tokens[..., self._numbers]]
        for kind, at, scale in self._ids:
            table = self.embeddings[_table(kind)]
            number = (tokens[..., at] / scale).round().long().clamp(0, len(table) - 1)
            read.append(F.embedding(number, table).flatten(-2))
        encoded = torch.relu(self.encode(torch.cat(read, -1)) + self.place.weight)
        encoded = torch.relu(self.mix(encoded))
        pooled = [observation[..., self._outside]]
        for group, members in enumerate(self._members):
            those = encoded[..., members, :]
            looks = those @ self.queries[group].T / sqrt(self.layout.width)  # [..., tokens, queries]
            pooled.append((looks.softmax(-2).transpose(-1, -2) @ those).flatten(-2))
        return torch.cat(pooled, -1)


def _table(kind: str) -> str:
    """A name that is no attribute of a module."""
    return f"{kind} ids"


def _columns(parts: Sequence[Part]) -> Tensor:
    """Which features of a token some parts hold: int64 [n]."""
    return torch.tensor([part.at + k for part in parts for k in range(part.length)], dtype=torch.int64)


def _width(count: int) -> int:
    """How wide the embedding of so many ids is."""
    return 4 if count <= 32 else 8 if count <= 128 else 16
