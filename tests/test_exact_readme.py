"""The tables of exact answers in eval's README are what the code computes; its example runs."""

import re

import pytest
from exact_games import tree
from source_tree import ROOT

from kumite.eval.exact import METHODS, solve
from kumite.eval.exact.curves import curve

PAGE = (ROOT / "eval/README.md").read_text(encoding="utf-8").replace("−", "-")
GAMES = re.findall(
    r"^\| `(classic/[\w-]+)` \|([^|]*)\| ([\d,]+) \| ([\d,]+) \+ ([\d,]+) \| (\S+) \| (\S+) \|$", PAGE, re.M
)
CURVES = re.findall(r"^\| `([\w+-]+)`[^|]*\|((?: ≈?\d*\.\d+ \|){8})$", PAGE, re.M)
LARGE = ("classic/tic-tac-toe", "`dice=1` `sides=6`")


def test_the_tables_were_found():
    assert len(GAMES) == 10
    assert {method for method, _ in CURVES} == set(METHODS)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            row,
            id=f"{row[0]} {row[1].strip()}",
            marks=[pytest.mark.slow] * (row[0] in LARGE or row[1].strip() in LARGE),
        )
        for row in GAMES
    ],
)
def test_a_game_is_what_its_row_says(row):
    name, options, states, first, second, value, uniform = row
    given = dict(option.split("=") for option in re.findall(r"`([^`]+)`", options))
    found = tree(name, **given)
    assert f"{found.states:,}" == states
    assert tuple(f"{count:,}" for count in found.information_sets) == (first, second)
    assert solve(found.form).value == pytest.approx(float(value), abs=1e-9)
    assert found.form.exploitability(found.form.uniform()) == pytest.approx(float(uniform), abs=1e-9)


@pytest.mark.parametrize(("method", "cells"), CURVES, ids=[method for method, _ in CURVES])
def test_a_curve_is_what_its_row_says(method, cells):
    printed = cells.replace("|", "").split()
    found = [*curve(tree("classic/kuhn").form, method, 1000).values()]
    found += curve(tree("classic/leduc").form, method, 1000).values()
    for value, text in zip(found, printed, strict=True):
        figure, digits = float(text.lstrip("≈")), len(text.partition(".")[2])
        slack = 0.1 * figure if text.startswith("≈") else 0.5 * 10**-digits
        assert abs(value - figure) <= slack + 1e-12, (value, text)


def test_its_example_runs(run_python):
    (source,) = [code for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "enumerate_game" in code]
    value, exploitability = map(float, run_python(source).split())
    assert value == pytest.approx(-1 / 18)
    assert exploitability == pytest.approx(1 / 3)
