"""What every test shares: hypothesis settings, a headless display, and Python processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# pygame must find no window system on the machine that runs the tests.
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

# Every matrix here is small: threads that wait for each other cost more than they save, one test process a core or not.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Drawn examples are the same in every run; a compile inside an example is no failure.
settings.register_profile("kumite", derandomize=True, deadline=None)
settings.load_profile("kumite")


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., str]:
    """Runs source text in a fresh interpreter, away from the repository, and gives what it printed.

    `run_python(source, python=..., NUMBA_DISABLE_JIT="1")`: other keywords are environment variables. Fails with the
    process's own error text.
    """

    def run(source: str, python: str | Path = sys.executable, **environment: str) -> str:
        command = [str(python), "-W", "error::SyntaxWarning", "-c", source]
        done = subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"exit status {done.returncode} from:\n{source}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def kumite(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """`kumite("check", "example")` -> (exit code, what it printed, what it complained)."""
    from kumite import cli

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kumite", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        printed = capsys.readouterr()
        return int(stop.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch):
    """Registers an arena with Gymnasium as the package does, for one test; gives the id."""
    import gymnasium
    from facade_play import short

    monkeypatch.setattr(gymnasium.envs.registration, "registry", dict(gymnasium.registry))
    monkeypatch.setattr(gymnasium, "registry", gymnasium.envs.registration.registry)

    def register(name: str) -> str:
        gymnasium.register(
            id="kumite/Test-v0",
            entry_point="kumite.arenas.facades.single:make_single",
            vector_entry_point="kumite.arenas.facades.single:make_vector",
            kwargs={"arena": name, **short(name)},
        )
        return "kumite/Test-v0"

    return register
