"""Kumite: a competitive multi-agent game benchmark suite.

Importing it registers the Gymnasium environments and nothing more: the layers (`kumite.arenas`, `kumite.agents`,
`kumite.league`, `kumite.eval`) load when they are first named, torch and numba with them.
"""

import importlib
from types import ModuleType

import gymnasium

__version__ = "0.1.0"

_LAYERS = ("assets", "arenas", "agents", "league", "eval")

_ENVIRONMENTS: dict[str, dict[str, str]] = {
    "kumite/Fight-v0": {"arena": "fight"},
    "kumite/MoveToBeacon-v0": {"arena": "skirmish", "scenario": "move-to-beacon"},
    "kumite/CollectMineralShards-v0": {"arena": "skirmish", "scenario": "collect-mineral-shards"},
    "kumite/FindAndDefeatZerglings-v0": {"arena": "skirmish", "scenario": "find-and-defeat-zerglings"},
    "kumite/DefeatRoaches-v0": {"arena": "skirmish", "scenario": "defeat-roaches"},
    "kumite/DefeatZerglingsAndBanelings-v0": {"arena": "skirmish", "scenario": "defeat-zerglings-and-banelings"},
    "kumite/CollectMineralsAndGas-v0": {"arena": "skirmish", "scenario": "collect-minerals-and-gas"},
    "kumite/BuildMarines-v0": {"arena": "skirmish", "scenario": "build-marines"},
}
"""Gymnasium id -> arena and options. The number counts changes of the environment's behaviour: rules, observations,
defaults."""


def _register() -> None:
    for name, chosen in _ENVIRONMENTS.items():
        if name in gymnasium.registry:  # a second import, as importlib.reload does it
            continue
        gymnasium.register(
            id=name,
            entry_point="kumite.arenas.facades.single:make_single",
            vector_entry_point="kumite.arenas.facades.single:make_vector",
            kwargs={**chosen},
        )


_register()


def __getattr__(name: str) -> ModuleType:
    """Loads a layer when it is first named."""
    if name in _LAYERS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module 'kumite' has no attribute {name!r}; its layers are {', '.join(_LAYERS)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAYERS])
