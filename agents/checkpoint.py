"""Checkpoints: one safetensors file each, whose header holds what belongs to the weights as JSON. No pickle anywhere.

A policy's file says which arena, rules and options it was trained under, the network's shape and how it acts. A
training snapshot is any nesting of dictionaries and lists of tensors, arrays and JSON values.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..arenas.arena import Game
from .networks import build, config_from_json
from .policy import PolicyError
from .trained import NetworkPolicy

POLICY, TABLE, SNAPSHOT = "kumite policy 1", "kumite table 1", "kumite snapshot 1"


def save_policy(path: Path | str, policy: NetworkPolicy, game: Game, metadata: Mapping[str, Any] | None = None) -> str:
    """Writes a policy atomically; returns its hash. metadata: JSON values about its training, see `describe`."""
    header = {
        "format": POLICY,
        "name": policy.name,
        "policy_hash": policy.policy_hash,
        "acting": policy.acting,
        "network": policy.network.config.as_json(),
        "arena": game.arena.name,
        "arena_version": game.arena.version,
        "options": dict(game.options),
        "content_hash": game.content_hash,
        "training": dict(metadata or {}),
    }
    tensors = {name: tensor.contiguous() for name, tensor in policy.network.state_dict().items()}
    write_atomically(Path(path), save(tensors, {"kumite": json.dumps(header)}))
    return policy.policy_hash


def describe(path: Path | str) -> dict[str, Any]:
    """What a policy's file says about itself, without its weights."""
    return read_safetensors(Path(path), POLICY)[0]


def load_policy(path: Path | str, game: Game, *, acting: str | None = None, any_rules: bool = False) -> NetworkPolicy:
    """Reads a policy for a game. Refused if it is for another arena, other rules or options, or other shapes.

    acting: instead of the saved way of acting; it makes another policy of it. any_rules: takes a policy trained under
    other options or content of the same arena, as long as the shapes fit (to see how it transfers).
    """
    path = Path(path)
    header, tensors = read_safetensors(path, POLICY)
    where = _for_this_arena(path, header, game)
    config = config_from_json(header["network"])
    for what, saved, here in (
        ("features", config.features, game.observation.size),
        ("choices of the slots", config.sizes, game.action.sizes),
    ):
        if saved != here:
            raise PolicyError(f"{where} whose {what} are {saved}, and this game's are {here}")
    refuse_other_rules(path, header, game, any_rules=any_rules)
    network = build(config)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise PolicyError(f"{path}: the weights do not fit the network it names: {error}") from None
    policy = NetworkPolicy(network, acting or header["acting"], header["name"])
    if acting is None and policy.policy_hash != header["policy_hash"]:
        raise PolicyError(
            f"{path} is damaged: its hash is {policy.policy_hash}, it was saved as {header['policy_hash']}"
        )
    return policy


def refuse_other_rules(path: Path, header: Mapping[str, Any], game: Game, *, any_rules: bool = False) -> None:
    """Raises unless the file is for this game: its arena and, unless `any_rules`, its version, content and options."""
    where = _for_this_arena(path, header, game)
    if not any_rules and header["arena_version"] != game.arena.version:
        raise PolicyError(f"{where} version {header['arena_version']}, and this is version {game.arena.version}")
    if not any_rules and header["content_hash"] != game.content_hash:
        raise PolicyError(
            f"{where} with other rules or options: content {header['content_hash']} ({_difference(header, game)}), "
            f"this game has {game.content_hash}; any_rules=True takes it all the same"
        )


def _for_this_arena(path: Path, header: Mapping[str, Any], game: Game) -> str:
    """The beginning of a complaint about a file; complains itself if it is for another arena."""
    where = f"{path}: a policy for {header['arena']}"
    if header["arena"] != game.arena.name:
        raise PolicyError(f"{where}, and this game is {game.arena.name}")
    return where


def file_format(path: Path | str) -> str:
    """Which of our formats a file has; empty: none."""
    try:
        with safe_open(Path(path), framework="pt") as file:
            return json.loads((file.metadata() or {}).get("kumite", "{}")).get("format", "")
    except SafetensorError:
        return ""  # whoever reads it says what is wrong with it


def save_snapshot(path: Path | str, tree: Any) -> None:
    """Writes a nesting of dictionaries and lists of tensors, arrays and JSON values, atomically."""
    tensors: dict[str, torch.Tensor] = {}
    shape = json.dumps({"format": SNAPSHOT, "tree": _flatten(tree, tensors)})
    write_atomically(Path(path), save(tensors, {"kumite": shape}))


def load_snapshot(path: Path | str) -> Any:
    """What `save_snapshot` wrote; arrays come back as arrays, tensors as tensors."""
    header, tensors = read_safetensors(Path(path), SNAPSHOT)
    return _unflatten(header["tree"], tensors)


def _flatten(tree: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """The tree as JSON, each tensor or array replaced by its number in `tensors`."""
    if isinstance(tree, Mapping):
        if not all(isinstance(key, str) for key in tree):
            raise TypeError(f"a snapshot's keys must be text: got {list(tree)}")
        return {"map": {key: _flatten(value, tensors) for key, value in tree.items()}}
    if isinstance(tree, list | tuple):
        return {"list": [_flatten(value, tensors) for value in tree]}
    if isinstance(tree, torch.Tensor | np.ndarray):
        kind = "tensor" if isinstance(tree, torch.Tensor) else "array"
        number = str(len(tensors))
        tensors[number] = torch.as_tensor(tree).detach().cpu().clone(memory_format=torch.contiguous_format)
        return {kind: number}
    return {"value": tree.item() if isinstance(tree, np.generic) else tree}


def _unflatten(tree: Any, tensors: dict[str, torch.Tensor]) -> Any:
    ((kind, inside),) = tree.items()
    if kind == "map":
        return {key: _unflatten(value, tensors) for key, value in inside.items()}
    if kind == "list":
        return [_unflatten(value, tensors) for value in inside]
    if kind == "value":
        return inside
    return tensors[inside] if kind == "tensor" else tensors[inside].numpy()


def _difference(header: Mapping[str, Any], game: Game) -> str:
    """The options that differ, for the error message."""
    saved, here = header["options"], json.loads(json.dumps(dict(game.options)))
    differing = [
        f"{key}: {saved.get(key)!r}, here {here.get(key)!r}"
        for key in sorted({*saved, *here})
        if saved.get(key) != here.get(key)
    ]
    return "; ".join(differing) or "equal options, so the content itself changed"


def read_safetensors(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The header and the tensors of one of our files."""
    if not path.is_file():
        raise PolicyError(f"no checkpoint {str(path)!r}")
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get("kumite", "{}"))
            if header.get("format") != kind:
                raise PolicyError(f"{path}: expected a {kind!r} file, got {header.get('format', 'another')!r}")
            return header, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
    except SafetensorError as error:
        raise PolicyError(f"{path} is no safetensors file: {error}") from None


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file so that a reader, or a crash, sees the whole of the old or of the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
