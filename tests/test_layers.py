"""Layers import downwards only, by relative imports, and importing the lower ones loads nothing heavy."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from source_tree import (
    LAYERS,
    Import,
    defined_names,
    file_imports,
    imports,
    module_file,
    module_name,
    parse,
    python_files,
)

TORCH_FACADES = {"kumite.arenas.facades.tensor", "kumite.arenas.facades.vec"}
TORCH_PACKAGES = {"torch", "stable_baselines3", "sb3_contrib"}


def layer_of(module: str) -> str:
    """`kumite.arenas.dice` -> `arenas`; `kumite.cli` and `kumite` itself -> `kumite`."""
    second = module.split(".")[1:2]
    return second[0] if second and second[0] in LAYERS else "kumite"


def faults(tree: ast.Module, name: str, package: bool = False) -> Iterator[str]:
    """What one module's imports do against the layers, a sentence each."""
    own = layer_of(name)
    for found in imports(tree, name, package):
        top_level = found.target.split(".")[0]
        where = f"{name}, line {found.line}"
        if top_level in TORCH_PACKAGES and own in ("assets", "arenas") and name not in TORCH_FACADES:
            yield f"{where}: imports {top_level}; in arenas only {' and '.join(sorted(TORCH_FACADES))} may"
        if top_level in LAYERS and not found.relative:
            if top_level != "kumite":
                yield f"{where}: `{top_level}` is installed as kumite.{top_level}: import it relatively"
                continue
            yield f"{where}: imports {found.target} absolutely: inside the packages imports are relative"
        if top_level == "kumite":
            layer = layer_of(found.target)
            if LAYERS.index(layer) > LAYERS.index(own):
                yield f"{where}: {own} imports {found.target}, which is above it ({' <- '.join(LAYERS)})"


def test_layers_import_downwards_and_relatively() -> None:
    found = [
        fault
        for path in python_files(*LAYERS)
        for fault in faults(parse(path), module_name(path), path.name == "__init__.py")
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "source", "word"),
    [
        ("kumite.arenas.batch", "from ..agents import policy", "above"),
        ("kumite.arenas.fight.rules", "from ...league.store import Store", "above"),
        ("kumite.agents.ppo", "def f():\n    from ..eval import ratings", "above"),
        ("kumite.agents.ppo", "from .. import league", "above"),
        ("kumite.eval.ratings", "from .. import cli", "above"),
        ("kumite.league.store", "from kumite.arenas import names", "relative"),
        ("kumite.league.store", "import arenas", "relatively"),
        ("kumite.arenas.batch", "import torch", "torch"),
        ("kumite.arenas.facades.single", "def f():\n    from torch import nn", "torch"),
    ],
)
def test_a_wrong_import_is_found(name: str, source: str, word: str) -> None:
    found = list(faults(ast.parse(source), name))
    assert len(found) == 1
    assert word in found[0]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("kumite.eval.ratings", "from ..league.payoff import Payoff\nfrom . import cycles"),
        ("kumite.cli", "from .eval import ratings\nfrom . import arenas"),
        ("kumite.arenas.fight.rules", "from ..dice import draw\nfrom .state import Match"),
        ("kumite.arenas.facades.tensor", "import torch"),
        ("kumite.agents.network", "import torch\nfrom ..arenas.arena import ObsSpec"),
    ],
)
def test_a_right_import_passes(name: str, source: str) -> None:
    assert list(faults(ast.parse(source), name)) == []


def is_there(found: Import) -> bool:
    """Whether an import from the project itself finds its module, and its name there."""
    if module_file(found.target) is not None:
        return True
    file = module_file(found.module)
    if file is None:
        return False
    tree, name = parse(file), found.target.split(".")[-1]
    names = defined_names(tree)
    if "__getattr__" in names:  # a package that loads its names on demand lists them as strings
        names |= {
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return name in names


def test_every_import_of_the_project_has_its_file() -> None:
    """The type checker cannot follow the command line's imports into the layers (see pyproject.toml); this can."""
    missing = [
        f"{path}, line {found.line}: {found.target}"
        for path in python_files(*LAYERS, "tests")
        for found in file_imports(path)
        if found.target.split(".")[0] == "kumite" and not is_there(found)
    ]
    assert not missing, "\n".join(missing)


def test_an_import_of_nothing_is_found() -> None:
    source = "from .arenas import dice, dices\nfrom .leagues import store\nfrom . import __version__, other"
    verdicts = [is_there(found) for found in imports(ast.parse(source), "kumite.cli", package=False)]
    assert verdicts == [True, False, False, True, False]


def test_module_names_and_files_are_inverse() -> None:
    for path in python_files(*LAYERS):
        assert module_file(module_name(path)) == path
    assert module_file("kumite.arenas.no_such_module") is None
    assert module_name(Path("arenas/fight/__init__.py")) == "kumite.arenas.fight"


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("kumite", ("torch", "numba", "pettingzoo", "stable_baselines3", "scipy", "pygame")),
        ("kumite.arenas", ("torch", "stable_baselines3")),
    ],
)
def test_importing_is_light(run_python, module: str, absent: tuple[str, ...]) -> None:
    loaded = run_python(f"import sys, {module}\nprint(*sys.modules)").split()
    assert module in loaded
    assert not set(absent) & set(loaded)
