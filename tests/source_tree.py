"""Reads the project's own files, for the tests that judge them: which there are, and what each imports."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("assets", "arenas", "agents", "league", "eval", "kumite")
"""From the bottom up: each may import those before it."""


class Import(NamedTuple):
    """One imported module or name."""

    target: str  # absolute, with the name taken from the module: "kumite.arenas.dice", "numpy.random.default_rng"
    module: str  # the part of target that is written as a module: "kumite.arenas", "numpy.random"
    line: int
    relative: bool
    top: bool  # runs when the module is imported, rather than inside a function
    typing: bool  # under `if TYPE_CHECKING:`, so it never runs


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project, relative to ROOT: what git knows or would add; without git, all files."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        paths = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        hidden = (".venv", ".git", "build", "dist", "runs", "__pycache__")
        paths = [
            path.relative_to(ROOT) for path in ROOT.rglob("*") if not set(path.relative_to(ROOT).parts) & set(hidden)
        ]
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def python_files(*folders: str) -> list[Path]:
    """The project's Python files, relative to ROOT, within the given top folders (all without any)."""
    return [path for path in project_files() if path.suffix == ".py" and (not folders or path.parts[0] in folders)]


def project_settings() -> dict:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def parse(path: Path) -> ast.Module:
    """Syntax tree of a project file (path relative to ROOT)."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    """`arenas/fight/rules.py` -> `kumite.arenas.fight.rules`."""
    parts = list(path.with_suffix("").parts)
    if parts[0] != "kumite":
        parts.insert(0, "kumite")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def module_file(name: str) -> Path | None:
    """`kumite.arenas.fight` -> `arenas/fight/__init__.py`, or None where the project has no such module."""
    parts = name.split(".")[1:]
    if not parts or parts[0] not in LAYERS:
        parts.insert(0, "kumite")
    for path in (Path(*parts, "__init__.py"), Path(*parts).with_suffix(".py")):
        if (ROOT / path).is_file():
            return path
    return None


def defined_names(tree: ast.Module) -> set[str]:
    """Every name that a module defines, assigns or imports, however deep."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
    return names


def imports(tree: ast.Module, name: str, package: bool) -> Iterator[Import]:
    """All imports of a module, wherever they stand.

    name: the module's own absolute name, which relative imports start from; package: whether it is an `__init__.py`.
    """

    def visit(node: ast.AST, top: bool, typing: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, alias.name, node.lineno, False, top, typing)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".") if package else name.split(".")[:-1]
                parents = parents[: len(parents) - node.level + 1]
                base = ".".join([*parents, *base.split(".")] if base else parents)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", base, node.lineno, node.level > 0, top, typing)
        inner = top and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.body:
                yield from visit(child, inner, True)
            for child in node.orelse:
                yield from visit(child, inner, typing)
            return
        for child in ast.iter_child_nodes(node):
            yield from visit(child, inner, typing)

    yield from visit(tree, True, False)


def file_imports(path: Path) -> Iterator[Import]:
    """All imports of a project file."""
    return imports(parse(path), module_name(path), path.name == "__init__.py")
