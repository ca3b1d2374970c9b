"""Rules as numba-cuda compiles them: as `compile.rule` says, for one width of numbers."""

import importlib
from typing import Any

from numba.core import types
from numba.cuda.dispatcher import CUDADispatcher

from .compile import widened

_types: Any = types


def _index_by_members() -> None:
    """Lets members of an IntEnum be indices: numba takes them for the numbers they are, numba-cuda does not."""
    try:
        typing: Any = importlib.import_module("numba.cuda.typing.arraydecl")
    except ImportError:  # numba's own target of old
        return
    theirs = typing.get_array_index_type

    def index_type(array: Any, index: Any) -> Any:
        several = isinstance(index, _types.BaseTuple)
        numbers = [
            kind.dtype if isinstance(kind, _types.IntEnumMember) else kind for kind in (index if several else (index,))
        ]
        return theirs(array, _types.BaseTuple.from_types(numbers) if several else numbers[0])

    typing.get_array_index_type = index_type


_index_by_members()


class _DeviceRule(CUDADispatcher):
    """A rule compiled for a GPU."""

    def get_call_template(self, args, kws):
        """What a call from another rule is compiled to."""
        return super().get_call_template([widened(kind) for kind in args], kws)

    def compile_device(self, args, return_type=None):
        """Compiles the rule; one that is not to be inlined stays a function.

        NVVM would inline nearly all of them, one into the other: battle's 290 rules grew into one function that it was
        not done with after five minutes.
        """
        fresh = args not in self.overloads
        compiled = super().compile_device(args, return_type)
        if fresh and not self.targetoptions.get("forceinline"):
            for function in compiled.library.modules[0].functions:
                if function.name == compiled.fndesc.llvm_func_name:
                    function.attributes.add("noinline")
        return compiled


def device_rule(compiled: Any) -> _DeviceRule:
    """A rule for a GPU, with the options it has on the CPU."""
    return _DeviceRule(compiled.py_func, compiled.targetoptions | {"device": True, "debug": False, "opt": True})
