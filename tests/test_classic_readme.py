"""The classic games' page: a row for every game, with its options and their defaults."""

import re
from dataclasses import fields

import pytest
from source_tree import ROOT

from kumite import arenas

PAGE = (ROOT / "arenas/classic/README.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| \[`(classic/[\w-]+)`\][^|]*\|([^|]*)\|", PAGE, re.MULTILINE))


def test_every_game_has_a_row():
    assert set(ROWS) == {name for name in arenas.names() if name.startswith("classic/")}


@pytest.mark.parametrize("name", ROWS)
def test_options_are_listed_with_their_defaults(name):
    listed = dict(option.split("=") for option in re.findall(r"`([^`]+)`", ROWS[name]))
    assert listed == {field.name: str(field.default) for field in fields(arenas.get(name).options)}


def test_every_file_is_linked():
    files = {path.name for path in (ROOT / "arenas/classic").glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"\]\((\w+\.py)\)", PAGE))


def test_its_code_runs(run_python):
    printed = run_python("\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)))
    assert "classic/leduc match 0" in printed
    assert "'2x3', 'liar'" in printed
