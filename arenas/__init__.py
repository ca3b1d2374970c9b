"""Arenas: games that step thousands of matches at once, made by `arenas.make_batch("fight", matches=4096)`."""

import importlib
import importlib.util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arena import Arena, Game

REGISTRY: dict[str, str | ModuleType] = {
    "example": ".example",
    "battle": ".battle",
    "classic/blotto": ".classic.blotto",
    "classic/goofspiel": ".classic.goofspiel",
    "classic/kuhn": ".classic.kuhn",
    "classic/leduc": ".classic.leduc",
    "classic/liars-dice": ".classic.liars_dice",
    "classic/matrix": ".classic.matrix",
    "classic/tic-tac-toe": ".classic.tic_tac_toe",
    "fight": ".fight",
    "skirmish": ".skirmish",
}
"""Every arena by name: the module whose `ARENA` it is, imported on demand."""


def names() -> list[str]:
    """The arenas there are."""
    return sorted(REGISTRY)


def register(name: str, module: "ModuleType | str") -> None:
    """Adds an arena of one's own: an imported module, or its importable name, that has an `ARENA`."""
    REGISTRY[name] = module


def get(name: str) -> "Arena":
    """An arena by name, or from a file: `path/to/mine.py:ARENA`."""
    from .arena import ArenaError, nearest

    if ".py" in name:
        return _from_file(name)
    if name not in REGISTRY:
        raise ArenaError(f"no arena {name!r}" + nearest(name, names()))
    found = REGISTRY[name]
    module = found if isinstance(found, ModuleType) else importlib.import_module(found, __name__)
    return module.ARENA


def _from_file(place: str) -> "Arena":
    """An arena in a file outside the package, importable afterwards so that its rules can be cached.

    Its module is named after the stem and the text of the file: `random.py` must not take the place of Python's own,
    and machine code in the cache names the module that it was made from, wherever that file lay.
    """
    import hashlib
    import sys

    from .arena import ArenaError

    path, _, attribute = place.partition(":")
    source = Path(path).resolve()
    if not source.is_file():
        raise ArenaError(f"no file {path!r}")
    name = f"kumite_file_{source.stem}_{hashlib.blake2b(source.read_bytes(), digest_size=4).hexdigest()}"
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None:
        raise ArenaError(f"{path!r} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if not hasattr(module, attribute or "ARENA"):
        raise ArenaError(f"{path!r} has no {attribute or 'ARENA'}")
    return getattr(module, attribute or "ARENA")


def make_game(name: str, **options: Any) -> "Game":
    """A game: an arena with its options chosen. Errors name the wrong option and the nearest right one."""
    return get(name).game(**options)


def make_batch(
    name: str,
    matches: int = 1,
    seed: int = 0,
    device: str = "cpu",
    *,
    reward=None,
    opponents=None,
    threads=None,
    auto_reset=True,
    planes=False,
    **options,
):
    """Many matches side by side: a `Batch` (on CPU), or a `CudaBatch` with `device="cuda"`.

    reward: "outcome" (at the end) or "score" (the change of own minus other's score each decision); by default the
    arena's utility. opponents: {side: bot name, or one name a match}. threads: most CPU threads used. auto_reset: a
    match that ends is followed by the next one within the step, and else stays as it ended. planes: also draws what
    `game.planes` names, feature layers or pixels. options: the arena's own, and `preset`.
    """
    from .arena import ArenaError

    game = make_game(name, **options)
    settings = {"reward": reward, "opponents": opponents, "auto_reset": auto_reset, "planes": planes}
    if device == "cpu":
        from .batch import Batch

        return Batch(game, matches, seed, threads=threads, **settings)
    if device.startswith("cuda"):
        from .batch_cuda import CudaBatch

        return CudaBatch(game, matches, seed, device=device, **settings)
    raise ArenaError(f"device = {device!r}: expected 'cpu' or 'cuda'")


def parallel_env(name: str, agents: str = "sides", **options: Any):
    """One match as a PettingZoo parallel environment: `ParallelArena`, an agent a side.

    agents: "units" makes every unit an agent of its own (`UnitsArena`), where the slots of an arena are units.
    """
    from .arena import one_of
    from .facades.parallel import ParallelArena
    from .facades.units import UnitsArena

    one_of(name, "agents", agents, ("sides", "units"))
    return UnitsArena(name, **options) if agents == "units" else ParallelArena(name, **options)
