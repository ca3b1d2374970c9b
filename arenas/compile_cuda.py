"""Rules as numba-cuda compiles them: as `compile.rule` says, for one width of numbers."""

from typing import Any

from numba.cuda.dispatcher import CUDADispatcher

from .compile import widened


class _DeviceRule(CUDADispatcher):
    """A rule compiled for a GPU."""

    def get_call_template(self, args, kws):
        """What a call from another rule is compiled to."""
        return super().get_call_template([widened(kind) for kind in args], kws)


def device_rule(compiled: Any) -> _DeviceRule:
    """A rule for a GPU, with the options it has on the CPU."""
    return _DeviceRule(compiled.py_func, compiled.targetoptions | {"device": True, "debug": False, "opt": True})
