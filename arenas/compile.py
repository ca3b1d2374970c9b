"""Compiling, all of it: `rule` for rules, `bind` for the drivers that run them.

Rules are scalar functions over one record. They run as plain Python (`NUMBA_DISABLE_JIT=1`), compiled for the CPU, in
the CUDA simulator, and compiled for a GPU; nothing in a rule may know which. A driver is one template, re-bound to an
arena's rules under a name of its own.
"""

import functools
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numba
from numba import njit
from numba.core import types
from numba.core.registry import CPUDispatcher

_config: Any = numba.config
PLAIN = bool(_config.DISABLE_JIT)
"""Whether rules run as plain Python in this process (`NUMBA_DISABLE_JIT=1`)."""

_njit: Any = njit  # its stubs know only some of its options
_LEAN: dict[str, Any] = {"error_model": "numpy", "_nrt": False}


_types: Any = types  # its stubs know no widths


def widened(kind: Any) -> Any:
    """The type a rule is compiled for where it is called with this one: constants are values, small numbers int64.

    numba compiles a function anew for every constant and every width it is called with: battle's 288 rules were
    compiled 453 times.
    """
    kind = _types.unliteral(kind)
    small = isinstance(kind, _types.Integer) and kind.bitwidth < 64
    return _types.int64 if small else kind


class _Rule(CPUDispatcher):
    """A compiled rule. Without a Python wrapper (a third less to compile) a direct call would crash: it is refused."""

    def get_call_template(self, args, kws):
        """What a call from another rule is compiled to."""
        return super().get_call_template([widened(kind) for kind in args], kws)

    @functools.cached_property
    def _CUDATypingContext__dispatcher(self):
        """What numba-cuda compiles instead, found under the name by which it would remember its own."""
        from .compile_cuda import device_rule

        return device_rule(self)

    def __call__(self, *args, **kwargs):
        raise TypeError(
            f"the rule {self.py_func.__name__!r} is compiled for other rules and cannot be called from Python: "
            "run it through a Batch, or set NUMBA_DISABLE_JIT=1 to run all rules as plain Python"
        )


def rule(function: Callable | None = None, *, inline: bool = True) -> Any:
    """Marks a rule: a scalar function over one match, integers only, no allocation, no exceptions.

    Rules are not cached one by one: the driver that calls them is cached whole. `error_model="numpy"` drops Python's
    division checks. `_nrt=False` compiles without numba's reference counts: counting the arrays in `tables` at each
    call made two threads fight over the same cache lines (14 times slower), and an allocation in a rule is now a
    compile error. inline: compiled into its callers; a call passes every array of `tables` anew, so inlining all made
    the fighting game 2.6 times as fast for 30 % more compile time. `@rule(inline=False)` is for what is called from
    many places.
    """
    if function is None:
        return functools.partial(rule, inline=inline)
    compiled = _njit(**_LEAN, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=inline)(function)
    if not PLAIN:
        compiled.__class__ = _Rule
    return compiled


def bind(template: Callable, name: str, folder: Path | None = None, **names: object) -> Callable:
    """Re-binds a template to an arena's rules and compiles it.

    template: a function whose free names include those in `names`. name: what makes it unique; the disk cache finds a
    function by file, qualified name and line, so two arenas under one name would run each other's rules. folder:
    where machine code is cached; without it, nothing is.
    """
    unique = f"{template.__name__}_{''.join(c if c.isalnum() else '_' for c in name)}"
    code = template.__code__.replace(co_name=unique, co_qualname=unique)
    function = FunctionType(code, {**template.__globals__, **names}, unique)
    function.__qualname__ = unique
    function.__module__ = template.__module__
    if folder is None:
        return rule(function)
    previous = _config.CACHE_DIR
    _config.CACHE_DIR = str(folder)  # global in numba: users have caches of their own, so only while our decorator runs
    try:
        return _njit(**_LEAN, nogil=True, cache=True)(function)
    finally:
        _config.CACHE_DIR = previous


STALE_DAYS = 7


def cache_root() -> Path:
    """Where compiled arenas are kept: `KUMITE_CACHE_DIR`, else the user's cache folder."""
    if given := os.environ.get("KUMITE_CACHE_DIR"):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kumite"


SHARED = ("arena.py", "buffers.py", "compile.py", "dice.py", "driver.py", "record.py")
"""What every compiled arena is made of, besides its own sources."""


def source_hash(module: ModuleType) -> str:
    """Hash of every file an arena's machine code comes from: the shared ones, and its own folder or file.

    numba's cache sees edits of one file only; the folder named by this hash sees all of them.
    """
    here, own = Path(__file__).parent, Path(module.__file__ or "")
    alone = own.parent == here or here not in own.parents  # a single file; the others have a folder
    sources = [own] if alone else [path for path in own.parent.rglob("*.py") if not path.name.startswith("render")]
    digest = hashlib.blake2b(f"{numba.__version__} {sys.version_info[:2]}".encode(), digest_size=8)
    for path in sorted({*sources, *(here / name for name in SHARED if (here / name).exists())}):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def cache_folder(name: str, module: ModuleType) -> Path:
    """Where an arena's machine code is kept. Folders of its older sources are deleted when unused for some days."""
    root, plain = cache_root(), name.replace("/", "-")
    folder = root / f"{plain}-{source_hash(module)}"
    for old in root.glob(f"{plain}-" + "?" * 16):
        if old != folder and time.time() - old.stat().st_mtime > STALE_DAYS * 86_400:
            shutil.rmtree(old, ignore_errors=True)
    return folder
