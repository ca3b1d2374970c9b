"""Content: what is wrong in a file is said with file, row, key, value and what was expected."""

import re
import shutil
from pathlib import Path

import pytest

from kumite.arenas.content import ContentError, hash_files
from kumite.arenas.fight.content import FOLDER, default_content, read, tables
from kumite.arenas.fight.state import MOVES, Slot

DATA = Path(__file__).parent / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fight's files, to be spoilt."""
    return Path(shutil.copytree(FOLDER, tmp_path / "fight"))


def spoil(folder: Path, file: str, pattern: str, text: str) -> str:
    """Replaces the first match of a pattern in a file; gives the refusal."""
    path = folder / file
    changed, count = re.subn(pattern, text, path.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1, f"{pattern!r} is not in {file}"
    path.write_text(changed)
    with pytest.raises(ContentError) as refusal:
        read(folder)
    return str(refusal.value)


def test_what_ships_is_right():
    content = default_content()
    assert len(content.names) == len(content.characters) == len(content.moves) >= 4
    table = tables(content)["moves"]
    assert len(table) == MOVES * len(content.names)
    for number, own in enumerate(content.moves):
        for slot, move in own.items():
            assert table[number * MOVES + slot].startup == move.startup
            assert tuple(table[number * MOVES + slot].hit) == move.hit


@pytest.mark.parametrize(
    ("file", "pattern", "text", "words"),
    [
        ("ren.toml", r"^walk = .*\n", "", "ren.toml: row character: the key 'walk' is missing"),
        ("ren.toml", r"^walk = ", "wolk = ", "ren.toml: row character: unknown key 'wolk' (did you mean 'walk'?)"),
        (
            "ren.toml",
            r"^health = .*",
            'health = "much"',
            "row character: health = 'much': expected a whole number from 1 to 2000",
        ),
        ("ren.toml", r"^health = .*", "health = true", "health = True: expected a whole number from 1 to 2000"),
        ("ren.toml", r"^walk = .*", "walk = 40.0", "walk = 40.0: expected a number from 0 to 10"),
        (
            "kaya.toml",
            r"^(stand_l = .*)startup = \d+",
            r"\1startup = -3",
            "kaya.toml: row moves.stand_l: startup = -3: expected a whole number from 1 to 60",
        ),
        (
            "kaya.toml",
            r"^(stand_l = .*?), recovery = \d+",
            r"\1",
            "kaya.toml: row moves.stand_l: the key 'recovery' is missing",
        ),
        (
            "kaya.toml",
            r'effect = "knock_down"',
            'effect = "knockdown"',
            "effect = 'knockdown': unknown word (did you mean 'knock_down'?)",
        ),
        (
            "kaya.toml",
            r'level = "low"',
            'level = "bottom"',
            "level = 'bottom': unknown word (there are: 'mid', 'low', 'overhead')",
        ),
        ("kaya.toml", r"cancel = \[\"light\"", 'cancel = ["lihgt"', "unknown word (did you mean 'light'?)"),
        ("kaya.toml", r"cancel = \[[^]]*\]", 'cancel = "light"', "expected a list of words"),
        (
            "ivo.toml",
            r"hit = \[12, \d+,",
            "hit = [12, 2,",
            "expected [near, far, bottom, top], whole numbers with near < far",
        ),
        (
            "ivo.toml",
            r"hit = \[12, \d+, \d+, \d+\]",
            "hit = [12, 20, 30]",
            "ivo.toml: row moves.stand_l: hit = [12, 20, 30]: expected [near",
        ),
        ("ivo.toml", r"^stand_m = .*\n", "", "ivo.toml: moves: the key 'stand_m' is missing"),
        ("ivo.toml", r"^stand_m = ", "stand_x = ", "ivo.toml: moves: unknown key 'stand_x' (did you mean 'stand_"),
        (
            "ivo.toml",
            r"^stand_m = .*",
            "stand_m = 7",
            "ivo.toml: row moves.stand_m: got 7, expected a table of keys and values",
        ),
        (
            "bruk.toml",
            r"^(overhead = .*)startup = \d+",
            r"\1startup = 9",
            "bruk.toml: row moves.overhead: startup = 9: expected 18 to 24 for an overhead",
        ),
        (
            "bruk.toml",
            r"^(throw = .*)startup = \d+",
            r"\1startup = 2",
            "bruk.toml: row moves.throw: startup = 2: expected 4 to 7 for a throw",
        ),
        ("bruk.toml", r"^(throw = .*)reach = \d+", r"\1reach = 0", "row moves.throw: a throw needs a reach"),
        (
            "bruk.toml",
            r"^(stand_l = .*)hitstun = \d+, ",
            r"\1",
            "row moves.stand_l: hitstun = 0: expected 1 or more where effect is stagger",
        ),
        (
            "ren.toml",
            r"shot_speed = [\d.]+, ",
            "",
            "row moves.special_1: a projectile needs shot_speed, shot_life, shot_hits",
        ),
        ("ren.toml", r'motion = "rising", ', "", "row moves.special_2: a special needs a motion and a press"),
        (
            "ren.toml",
            r'title = "Jab"',
            'title = "Straight"',
            "title = 'Straight' is already taken by ren.toml: row moves.stand_l",
        ),
        (
            "common.toml",
            r'"kaya"',
            '"ren"',
            "common.toml: row characters[1]: name = 'ren' is already taken by common.toml: row characters[0]",
        ),
        ("common.toml", r'"kaya"', '"kira"', "kira.toml: "),
        (
            "common.toml",
            r"^scaling = .*",
            "scaling = [100, 90]",
            "common.toml: row common: scaling = [100, 90]: expected a list of 10 whole numbers from 1 to 100",
        ),
        ("common.toml", r"^down = ", "dawn = ", "unknown key 'dawn' (did you mean 'down'?)"),
        ("bots.toml", r"far = \{", "far = { jumpin = 3, ", "unknown word (did you mean 'jump_in'?)"),
        ("ren.toml", r"^\[moves\]", "[moves", "ren.toml: "),
    ],
)
def test_wrong_content_is_refused_by_place_and_value(folder, file, pattern, text, words):
    assert words in spoil(folder, file, pattern, text)


def test_two_moves_of_one_motion_and_button_are_refused(folder):
    """Ids that overlap: a press must ask for one move only."""
    text = (folder / "bruk.toml").read_text()
    motion, press = re.search(r'^special_1 = .*(motion = "\w+"), (press = \[[^]]*\])', text, re.MULTILINE).groups()
    pattern = r'^(special_3 = .*)motion = "\w+", press = \[[^]]*\]'
    refusal = spoil(folder, "bruk.toml", pattern, rf"\1{motion}, {press}")
    assert "bruk.toml: row moves.special_3: motion and press = " in refusal
    assert "is already taken by bruk.toml: row moves.special_1" in refusal


def test_the_hash_of_files_follows_their_text(folder):
    paths = list(folder.glob("*.toml"))
    before = hash_files(paths)
    assert before == hash_files(reversed(paths))
    paths[0].write_text(paths[0].read_text() + "\n")
    assert hash_files(paths) != before


def test_characters_and_moves_keep_their_places_and_names():
    """Ids are positions: names may be added at the end, never moved; a saved result means the same for ever."""
    content = default_content()
    now = [
        f"{name} {slot.name.lower()}: {content.moves[number][slot].title}"
        for number, name in enumerate(content.names)
        for slot in Slot
    ]
    known = (DATA / "fight_names.txt").read_text().splitlines()
    assert now[: len(known)] == known, "ids changed; if a title was reworded on purpose, change fight_names.txt"
    assert len(now) == len(known), "add the new names to the end of tests/data/fight_names.txt"
