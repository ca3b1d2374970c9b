"""Skirmish: what its files say, how wrong ones are refused, and pictures and words of a match."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.arena import IllegalOption
from kumite.arenas.content import ContentError
from kumite.arenas.skirmish.content import FOLDER, default_content, read
from kumite.arenas.skirmish.render import draw
from kumite.arenas.skirmish.state import SETUP

NAMES = Path(__file__).parent / "data" / "skirmish_names.txt"


@pytest.fixture
def folder(tmp_path):
    """A copy of the content that may be spoilt."""
    shutil.copytree(FOLDER, tmp_path / "skirmish")
    return tmp_path / "skirmish"


def test_units_keep_their_places_and_names():
    """Ids are positions: names may be added at the end, never moved."""
    known = NAMES.read_text().splitlines()
    now = list(default_content().units)
    assert now[: len(known)] == known
    assert len(now) == len(known), "add the new names to the end of tests/data/skirmish_names.txt"


def test_no_column_has_a_name_that_numpy_s_records_have():
    """`unit.size` was numpy's own 1 in plain Python and the structure's in compiled rules."""
    game = arenas.make_game("skirmish")
    tables = [
        game.tables.units,
        game.tables.strategies,
        *(np.empty(1, game.state[name].base) for name in game.state.names),
    ]
    names = {name for table in tables for name in table.dtype.names or ()}
    assert len(names) > 50
    assert not {name for name in names if hasattr(np.void, name)}


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("units.toml", "health = 45", "health = 0", "row marine: health = 0: expected a whole number from 1 to 5000"),
        ("units.toml", "sight = 9", "sihgt = 9", "unknown key 'sihgt' .did you mean 'sight'"),
        ("units.toml", 'by = "barracks"', 'by = "baracks"', "row marine: by = 'baracks': no such unit"),
        ("scenarios.toml", "marine = 3", "marnie = 3", "row 3m: no unit 'marnie'"),
        ("scenarios.toml", 'task = "elimination"', 'task = "peace"', "task = 'peace': unknown word"),
        ("scenarios.toml", 'map = "field"', 'map = "nowhere"', "maps/nowhere.txt"),
        ("maps/yard.txt", "............\n", "...........#\n", "not its own image when turned"),
        ("maps/yard.txt", "............\n", "...........?\n", "'.' at column 12: expected one of #"),
        ("maps/yard.txt", "............\n", ".....\n", "lines of one length"),
    ],
)
def test_wrong_content_is_refused_with_its_place(folder, file, old, new, words):
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ContentError, match=words.replace("'.' at", r"'\?' at")):
        read(folder)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scenario": "3s5x"}, "scenario = '3s5x' .did you mean '3s5z'"),
        ({"scenario": "3n"}, "scenario = '3n' .there are: '3m', '8m'"),
        ({"scenario": "fulll"}, "scenario = 'fulll' .did you mean 'full'"),
        ({"scenario": "3m", "race": True}, "scenario '3m' is no race"),
        ({"rows": 50}, "rows = 50: expected a multiple of 4"),
        ({"rows": 8}, "rows = 8: expected 48 to 256"),
        ({"frame_skip": 17}, "frame_skip = 17: expected 1 to 16"),
        ({"scenario": "random", "units": 4, "most": 5, "split": "held-out"}, "no count from 4 to 5 belongs to split"),
        ({"swap": "frist"}, "swap = 'frist' .did you mean 'first'"),
    ],
)
def test_wrong_options_are_refused_in_words(options, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("skirmish", **options)


def test_all_scenarios_share_one_record():
    """And with it the compiled rules."""
    kinds = {arenas.make_game("skirmish", scenario=name).state for name in default_content().scenarios}
    assert len(kinds) == 1


@pytest.mark.parametrize(
    ("options", "sides", "utility", "slots"),
    [
        ({"scenario": "27m_vs_30m"}, 2, "outcome", 30),
        ({"scenario": "random", "units": 3, "most": 7}, 2, "outcome", 7),
        ({"scenario": "defeat-roaches"}, 1, "score", 24),
        ({"scenario": "defeat-roaches", "race": True}, 2, "score", 24),
    ],
)
def test_the_facts_of_a_game_follow_from_its_options(options, sides, utility, slots):
    game = arenas.make_game("skirmish", **options)
    assert (game.sides, game.utility, game.action.count) == (sides, utility, slots)
    assert game.symmetric
    assert [entry.name for entry in game.setup_spec] == list(SETUP)


@pytest.mark.parametrize("scenario", ["2s3z", "collect-minerals-and-gas", "defeat-roaches"])
def test_a_match_can_be_read_and_drawn(scenario):
    batch = arenas.make_batch("skirmish", scenario=scenario, seed=1, opponents={0: "attack-move"})
    batch.rollout_random(320)
    text = batch.describe(0)
    assert "side 0 0" in text
    picture = draw(batch.game, batch.state[0], width=320, boxes=True)
    height, width = batch.tables.ground.shape
    assert picture.dtype == np.uint8
    assert picture.shape[1:] == (320, 3)
    assert abs(picture.shape[0] - 320 * height / width - 18) <= 2
    blank = draw(batch.game, arenas.make_batch("skirmish", scenario=scenario, seed=1).state[0], width=320)
    assert (picture != blank).any()
