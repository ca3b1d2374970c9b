"""The same batch on a GPU: one thread a match, the same `run_match`, other index arithmetic.

Needs the extra `cuda`. Inside the CUDA simulator (`NUMBA_ENABLE_CUDASIM=1 NUMBA_DISABLE_JIT=1`) it runs without a GPU,
slowly; `compile_ptx` shows, also without one, that an arena's rules compile for a GPU.
"""

import functools
import types
from collections.abc import Mapping, Sequence
from typing import Any

import numba
import numpy as np

from . import driver
from .arena import ArenaError, Game, Rules
from .batch import Batch
from .buffers import Buffers

THREADS = 64
"""Threads a block: rules are long and branchy, so registers, not threads, fill a multiprocessor."""

UPLOADED: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((driver.RESET, driver.SEED, driver.NEXT, driver.LOADED), ("where",)),
    driver.NARROW: ("asked", "actions"),
    driver.FORK: ("asked",),
    driver.ASK: ("asked",),
}
"""Buffers the host writes, by the mode that reads them."""


def _cuda() -> Any:
    try:
        from numba import cuda
    except ImportError as error:
        raise ArenaError(f"device 'cuda' needs the extra: pip install 'kumite[cuda]' ({error})") from error
    return cuda


def _kernel_template(tables, matches, buffers, mode, number):
    i = cuda.grid(1)  # noqa: F821  bound below
    if i < matches.shape[0]:
        run_match(tables, matches, buffers, i, mode, number)  # noqa: F821  bound below


def _python_kernel(arena: str, rules: Rules, planes: bool) -> Any:
    """The kernel as a Python function with an arena's rules bound into it, under a name of its own."""
    own = driver.driver_name(arena, rules, planes)
    name = f"kernel_{''.join(c if c.isalnum() else '_' for c in own)}"
    names = {"cuda": _cuda(), "run_match": driver.bound_run_match(own, rules, planes)}
    code = _kernel_template.__code__.replace(co_name=name, co_qualname=name)
    return types.FunctionType(code, {**globals(), **names}, name)


@functools.cache
def _kernel(arena: str, rules: Rules, planes: bool) -> Any:
    return _cuda().jit(_python_kernel(arena, rules, planes))


def compile_ptx(game: Game, compute_capability: tuple[int, int] = (9, 0), planes: bool = False) -> str:
    """An arena's kernel as PTX for a GPU of that compute capability; neither a GPU nor a driver is needed.

    numba asks the current device for its capability even when told: a stand-in answers while this runs.
    """
    import numba.cuda.compiler as cuda_compiler
    import numba.cuda.dispatcher as cuda_dispatcher

    stand_in = types.SimpleNamespace(compute_capability=compute_capability)
    batch = Batch(game, 1, planes=planes)
    signature = (
        *(numba.typeof(argument) for argument in (batch.tables, batch.state, batch.buffers)),
        numba.int64,
        numba.int64,
    )
    modules: list[Any] = [cuda_dispatcher, cuda_compiler]
    kept = [getattr(module, "get_current_device", None) for module in modules]
    try:
        for module in modules:
            module.get_current_device = lambda: stand_in
        ptx, _ = _cuda().compile_ptx(
            _python_kernel(game.arena.name, game.arena.rules, planes), signature, cc=compute_capability
        )
    finally:
        for module, function in zip(modules, kept, strict=True):
            if function is None:
                del module.get_current_device
            else:
                module.get_current_device = function
    return ptx


class CudaBatch(Batch):
    """A `Batch` whose public arrays are device arrays (`__cuda_array_interface__`: `torch.as_tensor` takes them as is).

    `step` takes device arrays or host arrays. `state` brings the records to the host; changes made there go back to the
    device before the next step.
    """

    def __init__(
        self,
        game: Game,
        matches: int = 1,
        seed: int = 0,
        *,
        reward: str | None = None,
        opponents: Mapping[int, str | Sequence[str]] | None = None,
        device: str = "cuda",
        auto_reset: bool = True,
        planes: bool = False,
    ):
        cuda = _cuda()
        if not cuda.is_available():
            raise ArenaError(f"device = {device!r}: no CUDA device was found (kumite doctor says more)")
        self._device_state: Any = None
        self._host_is_newer = True
        super().__init__(
            game, matches, seed, reward=reward, opponents=opponents, threads=1, auto_reset=auto_reset, planes=planes
        )

    @property
    def state(self) -> Any:
        """The records on the host [B]."""
        if not self._host_is_newer:
            self._device_state.copy_to_host(self._host_state)
            self._host_is_newer = True
        return self._host_state

    @state.setter
    def state(self, records: Any) -> None:
        self._host_state, self._host_is_newer = records, True

    def _show(self, written: Buffers) -> None:
        cuda = _cuda()
        self._host = written
        self._uploaded: Any = None
        self.buffers_on_device: Any = Buffers(*(cuda.to_device(np.asarray(array)) for array in written))
        self._device_state = cuda.to_device(np.asarray(self._host_state))
        super()._show(self.buffers_on_device)

    def step(self, actions: Any) -> None:
        """Plays one decision of every match. actions: int16 [B, S, K], on the device or the host."""
        if tuple(actions.shape) != self._host.actions.shape:
            raise ArenaError(
                f"actions: got {list(actions.shape)}, expected {list(self._host.actions.shape)} (matches, sides, slots)"
            )
        if not hasattr(actions, "__cuda_array_interface__"):
            actions = np.ascontiguousarray(actions, np.int16)
        self.buffers_on_device.actions.copy_to_device(actions)
        self._run(driver.STEP)

    def random_actions(self) -> Any:
        """Legal actions from each match's own dice: int16 [B, S, K], on the host."""
        self._run(driver.CHOOSE)
        return self._fetched("actions")

    def _fetched(self, name: str) -> np.ndarray:
        return getattr(self.buffers_on_device, name).copy_to_host()

    def _run(self, mode: int, number: int = 1, low: int = 0, high: int | None = None) -> None:
        if self._uploaded is not self.tables:
            self._upload()
        if self._host_is_newer:
            self._device_state.copy_to_device(self._host_state)
            self._host_is_newer = False
        for name in UPLOADED.get(mode, ()):
            getattr(self.buffers_on_device, name).copy_to_device(getattr(self._host, name))
        kernel = _kernel(self.arena.name, self.arena.rules, self.planes is not None)
        blocks = -(-len(self._host_state) // THREADS)
        kernel[blocks, THREADS](self._device_tables, self._device_state, self.buffers_on_device, mode, number)

    def _upload(self) -> None:
        """Takes the tables to the device; after the first time only those that were replaced."""
        cuda, known = _cuda(), self._uploaded
        self._device_tables = type(self.tables)(
            *(
                self._device_tables[n] if known is not None and known[n] is table else cuda.to_device(np.asarray(table))
                for n, table in enumerate(self.tables)
            )
        )
        self._uploaded = self.tables

    def __len__(self) -> int:
        return len(self._host_state)
