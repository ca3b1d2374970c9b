"""The arenas' page: its code is the example's own or runs, its tables agree with the package, its recipe works."""

import inspect
import re
from pathlib import Path

import numpy as np
from source_tree import ROOT

from kumite import arenas
from kumite.arenas.arena import Rules

PAGE = (ROOT / "arenas/README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SHOWN = "# arenas/example.py\n"


def test_code_shown_of_the_example_is_the_files_own() -> None:
    source = (ROOT / "arenas/example.py").read_text(encoding="utf-8")
    shown = [block.removeprefix(SHOWN) for block in BLOCKS if block.startswith(SHOWN)]
    assert len(shown) >= 4
    for block in shown:
        assert block in source, block


def test_the_other_code_runs(run_python) -> None:
    code = [block for block in BLOCKS if not block.startswith(SHOWN)]
    assert len(code) >= 4
    printed = run_python("\n".join(["import torch; torch.set_num_threads(1)", *code]))
    assert "AutoresetMode.SAME_STEP" in printed
    assert "torch.Size([1024, 2, 2]) torch.bool" in printed


def test_the_contract_names_every_rule_with_its_parameters() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `\(([^)]*)\)`", PAGE, re.MULTILINE))
    assert set(rows) - {"describe", "canonical"} == set(Rules._fields)
    example = arenas.get("example").rules
    for name, function in example._asdict().items():
        if function is not None:
            taken = re.findall(r"(?:^|, )(\w+)", re.sub(r" \w+ \[[^]]*\]| u?int\d+ \[[^]]*\]", "", rows[name]))
            parameters = list(inspect.signature(getattr(function, "py_func", function)).parameters)
            assert taken == parameters, name


def test_every_file_of_the_package_is_listed() -> None:
    linked = set(re.findall(r"\]\(([\w./]+)\)", PAGE))
    modules = {path.name for path in (ROOT / "arenas").glob("*.py")} - {"__init__.py"}
    assert modules - linked == set(), "arenas/README.md lists every file: give these a row"


def test_the_observation_table_is_the_one_the_game_writes() -> None:
    assert arenas.make_game("example").observation.table() in PAGE


def test_a_copy_of_the_example_is_an_arena_of_ones_own(run_python, tmp_path: Path) -> None:
    """What the page says to do: copy, change, name it by its path."""
    source = (ROOT / "arenas/example.py").read_text(encoding="utf-8")
    changed = re.sub(r"^from \.", "from kumite.arenas.", source, flags=re.MULTILINE)
    changed = changed.replace('name="example"', 'name="mine"').replace("+= 2", "+= 3")
    assert changed.count("kumite.arenas.") == 3
    (tmp_path / "mine.py").write_text(changed, encoding="utf-8")
    played = """
from kumite import arenas
batch = arenas.make_batch("mine.py", matches=40)
batch.step(batch.random_actions() * 0 + 2)
print(sorted(set(batch.state.place.ravel().tolist())))
env = arenas.parallel_env("mine.py")
env.reset(seed=0)
print(env.metadata["name"])
"""
    assert run_python(played, NUMBA_DISABLE_JIT="1").split("\n")[:2] == ["[0, 3]", "mine_v1"]
    assert np.array_equal(arenas.make_batch("example", matches=2).state.place, np.zeros((2, 2)))
