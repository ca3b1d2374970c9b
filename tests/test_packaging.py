"""What gets installed: the wheel holds every package and asset, works elsewhere, and names all it needs."""

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from source_tree import LAYERS, ROOT, file_imports, project_files, project_settings, python_files

IMPORT_NAMES = {"pillow": "PIL", "stable-baselines3": "stable_baselines3", "vl-convert-python": "vl_convert"}
"""Distribution -> what one imports, where the two differ."""
NOT_IMPORTED = {"tensorboard"}
"""Needed without being imported by name: torch.utils.tensorboard writes through it."""


def distributions(*groups: str) -> set[str]:
    """Names of the distributions that pyproject.toml asks for: the base, and the extras named."""
    project = project_settings()["project"]
    wanted = project["dependencies"] + [item for group in groups for item in project["optional-dependencies"][group]]
    return {re.match(r"[\w.-]+", item)[0].lower() for item in wanted}


def import_names(names: set[str]) -> set[str]:
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in names}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the project's files, so that nothing left in the working tree gets in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in project_files():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, source / path)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", out, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("kumite-*.whl")
    return built


def test_the_wheel_holds_every_module_and_asset_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    kept = {path for path in project_files() if path.parts[0] in LAYERS}
    assert len(kept) > 10
    assert names == {"/".join(path.parts if path.parts[0] == "kumite" else ("kumite", *path.parts)) for path in kept}


def test_the_wheel_carries_licence_and_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    names = {name.split(".dist-info/")[1]: name for name in archive.namelist() if ".dist-info/" in name}
    assert {"licenses/LICENSE", "licenses/THIRD_PARTY.md"} <= set(names)
    assert "kumite = kumite.cli:main" in archive.read(names["entry_points.txt"]).decode()


def test_packages_import_only_what_the_project_asks_for() -> None:
    """At import time the base suffices; inside functions extras may be asked for too."""
    base = import_names(distributions()) | set(sys.stdlib_module_names) | {"kumite"}
    extras = import_names(distributions(*project_settings()["project"]["optional-dependencies"]))
    found = []
    for path in python_files(*LAYERS):
        for item in file_imports(path):
            allowed = base if item.top and not item.typing else base | extras
            if item.target.split(".")[0] not in allowed:
                found.append(f"{path}, line {item.line}: {item.module}")
    assert not found, "\n".join(found)


def test_every_dependency_is_used() -> None:
    """An unused dependency is minutes of everybody's time."""
    used = {item.target.split(".")[0] for path in python_files(*LAYERS) for item in file_imports(path)}
    assert import_names(distributions() - NOT_IMPORTED) - used == set()


def test_every_direct_dependency_is_pinned_for_development() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0] for line in lines if line and not line.startswith("#")}
    assert distributions("test", "cuda") - pins == set()
    assert "torch==2.13.0" in lines


def test_every_direct_dependency_has_its_notice() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8"), re.MULTILINE)
    noticed = {name.strip() for row in rows for name in row.split(",")}
    assert distributions("test", "cuda", "ray") - noticed == set()


SMOKE = """
import pathlib, sys
import kumite, gymnasium
assert "torch" not in sys.modules
print(pathlib.Path(kumite.__file__).parent)
assert pathlib.Path(kumite.arenas.__file__).parent == pathlib.Path(kumite.__file__).parent / "arenas"
assert "example" in kumite.arenas.names()
batch = kumite.arenas.make_batch("example", matches=8, seed=3)
batch.reset()
for _ in range(20):
    batch.step(batch.random_actions())
assert (batch.outcome >= 0).all() and batch.observations.shape[:2] == (8, 2)
"""


@pytest.mark.slow
def test_an_installed_wheel_works_away_from_the_repository(wheel: Path, tmp_path: Path, run_python) -> None:
    """The dependencies are those of this environment, seen through a path file; the project is the wheel alone."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", wheel]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    printed = run_python(SMOKE, python=python, KUMITE_CACHE_DIR=str(tmp_path / "cache"))
    assert printed.splitlines()[0] == str(site / "kumite")
    listing = subprocess.run(
        [home / "bin" / "kumite", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert listing.returncode == 0, listing.stdout + listing.stderr
