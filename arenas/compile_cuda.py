"""Rules as numba-cuda compiles them: as `compile.rule` says, for one width of numbers."""

from typing import Any

from numba.cuda.dispatcher import CUDADispatcher
from numba.cuda.typing import arraydecl

from .compile import widened

_types: Any = arraydecl.types
_index_type = arraydecl.get_array_index_type


def _index_by_member(array: Any, index: Any) -> Any:
    """What indexing gives, members of an IntEnum among the indices, which numba takes for numbers and numba-cuda not."""
    given = index if isinstance(index, _types.BaseTuple) else (index,)
    numbers = [kind.dtype if isinstance(kind, _types.IntEnumMember) else kind for kind in given]
    return _index_type(array, numbers[0] if given is not index else _types.BaseTuple.from_types(numbers))


arraydecl.get_array_index_type = _index_by_member


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
