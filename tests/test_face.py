"""`import kumite`: version, layers on demand, Gymnasium's registry."""

import importlib
import importlib.metadata
import re
import warnings

import gymnasium
import pytest
from source_tree import ROOT

import kumite


def test_version_is_the_installed_one() -> None:
    assert importlib.metadata.version("kumite") == kumite.__version__


@pytest.mark.parametrize("layer", ["assets", "arenas", "agents", "league", "eval"])
def test_layers_load_when_named(run_python, layer: str) -> None:
    source = f"import sys, kumite\nassert 'kumite.{layer}' not in sys.modules\nprint(kumite.{layer}.__name__)"
    assert run_python(source).strip() == f"kumite.{layer}"


def test_an_unknown_name_lists_the_layers() -> None:
    with pytest.raises(AttributeError, match="'areans'; its layers are assets, arenas"):
        kumite.areans  # noqa: B018
    assert {"arenas", "league", "__version__"} <= set(dir(kumite))


def test_importing_again_registers_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        importlib.reload(kumite)
    assert "kumite/Fight-v0" in gymnasium.registry


@pytest.mark.parametrize("name", ["kumite/Fight-v0", "kumite:kumite/Fight-v0"])
def test_gymnasium_makes_the_environment(run_python, name: str) -> None:
    """The id alone imports the project where it says so. The arena is another one here to spare fight's compilation."""
    first = "import kumite, gymnasium" if ":" not in name else "import gymnasium"
    source = f"""{first}
env = gymnasium.make({name!r}, arena="example")
observation, info = env.reset(seed=1)
assert env.observation_space.contains(observation)
assert env.spec.id == "kumite/Fight-v0"
many = gymnasium.make_vec({name!r}, num_envs=3, arena="example")
observations, infos = many.reset(seed=1)
assert observations.shape == (3, *observation.shape)
"""
    run_python(source)


def test_fight_is_what_the_id_makes() -> None:
    assert gymnasium.spec("kumite/Fight-v0").kwargs == {"arena": "fight"}
    gymnasium.register_envs(kumite)


def test_the_readme_runs(run_python) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        run_python(block)
