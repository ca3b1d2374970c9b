"""The battle arena's own promises: every entry has a rule, hidden facts stay hidden, joint choices, the bots' order."""

import re
from pathlib import Path

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas import battle
from kumite.arenas.arena import IllegalOption
from kumite.arenas.battle import ids
from kumite.arenas.battle.choices import COMPACT, FULL, names
from kumite.arenas.battle.content import default_content
from kumite.arenas.battle.terms import Volatile

CONTENT = default_content()
FOLDER = Path(battle.__file__).parent
DATA = {"ids", "terms", "content", "teams", "compose", "pools", "usage", "bots", "estimate", "render"}
SOURCE = "".join(path.read_text() for path in FOLDER.glob("*.py") if path.stem not in DATA)
BY_COLUMN = {
    "items": ("berry", "choice", "boost_type", "resist_type"),
    "moves": ("stalls", "volatile", "side_condition", "weather", "terrain", "pseudo_weather", "secondary_volatile"),
}
"""Columns that a rule reads for all entries alike."""


def rule_of(kind, member):
    """Whether a rule names an entry, or a column of its row makes one work on it."""
    if re.search(rf"\b{type(member).__name__}\.{member.name}\b", SOURCE):
        return True
    name = getattr(CONTENT, kind)[member]
    if kind == "moves" and not CONTENT.rows[kind][name].get("code"):
        return True
    table = {"items": CONTENT.item_table, "moves": CONTENT.move_table, "abilities": CONTENT.ability_table}[kind]
    columns = BY_COLUMN.get(kind, ())
    return any(np.any(table[column][member]) for column in columns)


@pytest.mark.parametrize(("kind", "enum"), [("abilities", ids.Ability), ("items", ids.Item), ("moves", ids.Move)])
def test_every_entry_has_a_rule(kind, enum):
    without = [getattr(CONTENT, kind)[member] for member in enum if member and not rule_of(kind, member)]
    assert without == []


def test_an_entry_without_a_rule_is_found():
    assert not re.search(r"\bAbility\.STENCH\b", SOURCE)
    assert not rule_of("abilities", ids.Ability(0))


def test_codes_are_those_of_poke_env():
    assert len(names(compact=True)) == COMPACT
    words = names(compact=False)
    assert len(words) == FULL
    assert words[0] == "pass"
    assert words[6] == "send 6"
    assert words[7 + 5 * 2 + 4] == "move 3 at foe b"
    assert words[87 + 5 * 3 + 2] == "move 4 tera"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"format": "triples"}, "format = 'triples'"),
        ({"teams": "17"}, r"teams = '17' \(did you mean '1'"),
        ({"sheets": "half"}, "sheets = 'half'"),
    ],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("battle", **options)


def test_places_choose_together():
    """Two places never bring in one Pokemon nor both terastallize in random play."""
    batch = arenas.make_batch("battle", matches=64, seed=5)
    for _ in range(120):
        actions = batch.random_actions()
        first, second = actions[:, :, 0], actions[:, :, 1]
        sends = (first >= 1) & (first <= 6)
        assert not (sends & (first == second)).any()
        assert not ((first >= 27) & (second >= 27)).any()
        batch.step(actions)
    assert batch.illegal.sum() == 0


def hidden_differently(batch):
    """Changes what side 0 must not see of side 1: stats, turns of sleep and confusion, who has come along unseen."""
    for match in batch.state:
        for who in range(6, 12):
            mon = match.mon[who]
            mon.stats[1:] = mon.stats[1:] + 7
            if mon.status == 5:
                mon.status_turns = 1 + mon.status_turns % 3
            if mon.turns[2]:
                mon.turns[2] = 1 + mon.turns[2] % 5
            if not mon.seen:
                mon.place = 5 if mon.place == -1 else -1


def seen_by_first(batch):
    """What side 0 sees now."""
    batch._run(1)
    return batch.observations[:, 0].copy()


@pytest.mark.parametrize("sheets", ["open", "closed"])
def test_hidden_facts_change_nothing_that_is_seen(sheets):
    batch = arenas.make_batch("battle", matches=64, seed=9, sheets=sheets)
    batch.rollout_random(12)
    before = seen_by_first(batch)
    hidden_differently(batch)
    assert np.array_equal(seen_by_first(batch), before)


def test_protect_in_a_row_and_the_last_move_are_seen_by_both():
    """Once only that it had been used was seen, not how likely it was to work again."""
    batch = arenas.make_batch("battle", matches=32, seed=2, endgame="sucker-punch", auto_reset=False)
    game = batch.game
    protect, calm_mind = 24, 14
    counts = []
    for _ in range(2):
        batch.step(np.tile(np.array([[protect], [calm_mind]], np.int16), (len(batch), 1, 1)))
        for side, whose in ((0, "own 1"), (1, "foe 1")):
            seen = game.observation.split(batch.observations[:, side])
            assert (seen[f"{whose} last"] == CONTENT.id_of("moves", "protect") / 256).all()
            stalled = seen[f"{whose} volatiles"][:, Volatile.STALL - 1]
            assert np.array_equal(stalled, batch.state.mon.stall[:, 0] / 4)
        counts.append(set(batch.state.mon.stall[:, 0].tolist()))
    assert counts == [{1}, {0, 2}]


def test_closed_sheets_hide_what_has_not_been_shown():
    batch = arenas.make_batch("battle", matches=64, seed=9, sheets="closed")
    batch.rollout_random(4)
    before = seen_by_first(batch)
    for match in batch.state:
        for who in range(6, 12):
            mon = match.mon[who]
            if not int(mon.seen) & 4:
                mon.held = 1 + mon.held % 70
            if not int(mon.seen) & 8:
                mon.ability = mon.own_ability = 1 + mon.own_ability % 80
            if not int(mon.seen) & 2:
                mon.tera = 1 + mon.tera % 17
            for k in range(4):
                if not int(mon.seen_moves) >> k & 1:
                    mon.moves[k] = 1 + mon.moves[k] % 200
    assert np.array_equal(seen_by_first(batch), before)


def test_a_bot_beats_the_one_before():
    """Each has won more than half of 128 matches against the bot before it, and nearly all against random play."""
    rivals = [(None, "simple"), ("simple", "damage"), ("damage", "heuristic")]
    for first, second in rivals:
        opponents = {1: second} if first is None else {0: first, 1: second}
        batch = arenas.make_batch("battle", matches=128, seed=3, opponents=opponents)
        wins, ended = 0, np.zeros(128, bool)
        for _ in range(200):
            batch.step(batch.random_actions())
            fresh = batch.done & ~ended
            wins += int((batch.outcome[fresh] == 2).sum())
            ended |= batch.done
            if ended.all():
                break
        assert wins > 64, f"{second} won {wins} of 128 against {first or 'random play'}"
