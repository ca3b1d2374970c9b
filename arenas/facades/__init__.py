"""Arenas in the forms other libraries expect: PettingZoo, Gymnasium, Stable-Baselines3, torch. Loaded when first named.

Each facade plays a `Batch` and adds nothing to it: the same seed and actions give the same trajectory, tick by tick.
"""

import importlib
from typing import Any

_PLACES = {
    "ParallelArena": "parallel",
    "aec_env": "parallel",
    "UnitsArena": "units",
    "SingleArena": "single",
    "VectorArena": "single",
    "make_single": "single",
    "make_vector": "single",
    "KumiteVecEnv": "vec",
    "BatchTensors": "tensor",
    "as_tensors": "tensor",
}
"""Name -> module. `vec` and `tensor` import torch, which alone takes two seconds."""


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(_PLACES)}")
    return getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(_PLACES)
