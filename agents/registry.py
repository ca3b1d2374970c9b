"""Policies by name: what a command line, a scheme or a mixture's file says, turned into a policy that fits the game."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..arenas.arena import Game, nearest
from .leaks import PREFIX, plant
from .policy import BotPolicy, ConstantPolicy, Policy, PolicyError, UniformPolicy, mixture


def resolve(name: str, game: Game, *, any_rules: bool = False, trust: bool = False) -> Policy:
    """A policy for a game.

    name: `uniform`; one of the arena's bots; `constant:1,0,2` (the choices of the slots, by number); `look-ahead:BOT`,
    also with settings (`search.parse`); `leak:never-block-low:cpu-6` (a policy with a planted weakness: `leaks.LEAKS`);
    a checkpoint `path.safetensors`, also `path.safetensors@greedy` for another way of acting; a mixture `path.json`; a
    Stable-Baselines3 model `path.zip`, which is code and needs `trust`. any_rules: see `checkpoint.load_policy`.
    """
    if name == "uniform":
        return UniformPolicy()
    if name in game.arena.bots:
        return BotPolicy(name)
    if name.startswith("constant:"):
        return _constant(name, game)
    if name.startswith(PREFIX):
        leak, _, base = name.removeprefix(PREFIX).partition(":")
        if not base:
            raise PolicyError(f"{name!r}: expected leak:LEAK:POLICY, as in leak:never-block-low:cpu-6")
        return plant(leak, resolve(base, game, any_rules=any_rules, trust=trust), game)
    if name.partition(":")[0] == "look-ahead":
        from .search import parse

        return parse(name, game)
    place, _, acting = name.partition("@")
    suffix = Path(place).suffix
    if suffix in _FILES:
        if not Path(place).is_file():
            raise PolicyError(f"no file {place!r}" + _nearby(Path(place)))
        return _FILES[suffix](Path(place), game, acting=acting or None, any_rules=any_rules, trust=trust)
    known = ["uniform", "look-ahead", *game.arena.bots]
    raise PolicyError(
        f"no policy {name!r} for {game.arena.name}" + nearest(name, known) + "; files end in " + ", ".join(_FILES)
    )


def save_mixture(path: Path | str, members: Mapping[str, float], name: str = "mixture") -> None:
    """Writes a mixture: {what `resolve` takes: weight}. Paths are relative to the file."""
    rows = [{"policy": policy, "weight": float(weight)} for policy, weight in members.items()]
    text = json.dumps({"format": "kumite mixture 1", "name": name, "members": rows}, indent=1)
    from .checkpoint import write_atomically

    write_atomically(Path(path), text.encode() + b"\n")


def _mixture(path: Path, game: Game, *, acting: str | None, **options: Any) -> Policy:
    if acting is not None:
        raise PolicyError(f"{path}: how a mixture acts is said by its members, not by @{acting}")
    try:
        saved = json.loads(path.read_text())
        rows = [(row["policy"], float(row["weight"])) for row in saved["members"]]
    except (ValueError, KeyError, TypeError) as error:
        raise PolicyError(
            f'{path}: expected {{"name": ..., "members": [{{"policy": ..., "weight": ...}}, ...]}}: {error!r}'
        ) from None
    members = [resolve(_beside(path, policy), game, **options) for policy, _ in rows]
    return mixture(members, [weight for _, weight in rows], saved.get("name", path.stem))


def _beside(path: Path, policy: str) -> str:
    """A member's path as seen from here; names stay names."""
    if Path(policy.partition("@")[0]).suffix in _FILES:
        return str(path.parent / policy)
    return policy


def _checkpoint(path: Path, game: Game, *, acting: str | None, any_rules: bool, trust: bool) -> Policy:
    from .checkpoint import TABLE, file_format, load_policy

    if file_format(path) == TABLE:
        from .table import load_table

        if acting is not None:
            raise PolicyError(f"{path}: a table has one way of acting, not @{acting}")
        return load_table(path, game, any_rules=any_rules)
    return load_policy(path, game, acting=acting, any_rules=any_rules)


def _stable_baselines(path: Path, game: Game, *, acting: str | None, any_rules: bool, trust: bool) -> Policy:
    from .sb3 import load_sb3

    return load_sb3(path, game, acting=acting, any_rules=any_rules, trust=trust)


_FILES: dict[str, Callable[..., Policy]] = {
    ".safetensors": _checkpoint,
    ".json": _mixture,
    ".zip": _stable_baselines,
}


def _constant(name: str, game: Game) -> Policy:
    """`constant:1,0,2`."""
    choices = name.partition(":")[2].split(",")
    sizes = game.action.sizes
    fits = len(choices) == len(sizes) and all(
        choice.strip().isdigit() and int(choice) < size for choice, size in zip(choices, sizes, strict=True)
    )
    if not fits:
        raise PolicyError(f"{name!r}: expected {len(sizes)} numbers, one for each slot, below {list(sizes)}")
    return ConstantPolicy([int(choice) for choice in choices])


def _nearby(path: Path) -> str:
    """The files there are beside a missing one."""
    if not path.parent.is_dir():
        return f" (there is no folder {str(path.parent)!r})"
    there = sorted(file.name for file in path.parent.iterdir() if file.suffix == path.suffix)
    return nearest(path.name, there) if there else f" (there is no {path.suffix} file in {str(path.parent)!r})"
