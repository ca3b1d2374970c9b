"""Slices of the fight: where they begin, what may be chosen, when they end, and that nothing is lost by calling equal
what their record's canonical form makes equal."""

from itertools import product

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.arena import IllegalOption
from kumite.arenas.batch import Batch
from kumite.arenas.check import CHECKS
from kumite.arenas.content import FINE, ContentError
from kumite.arenas.fight.canonical import canonical
from kumite.arenas.fight.choices import CHOICES, Option, option_of
from kumite.arenas.fight.slices import read_slices
from kumite.arenas.fight.state import WALL, Pose
from kumite.eval.exact.states import as_words
from kumite.eval.exact.states import canonical as canonical_states

SLICES = ("wake-up", "corner", "last-round")


def played(game, decisions, matches=400, seed=5):
    """Records on the way of random play, matches that have ended left out."""
    batch, found = Batch(game, matches, seed, auto_reset=False), []
    for _ in range(decisions):
        found.append(np.asarray(batch.state)[~batch.done].copy())
        batch.step(batch.random_actions())
    return np.concatenate(found)


def batch_of(game, records):
    batch = Batch(game, len(records), auto_reset=False)
    batch.put(records)
    return batch


@pytest.mark.parametrize("name", SLICES)
def test_a_slice_keeps_the_contract(name):
    game = arenas.make_game("fight", preset=name)
    wrong = {check: words for check, function in CHECKS.items() if (words := function(game))}
    assert not wrong


def test_where_slices_begin():
    """The rules' own positions: on the ground, as far apart as the file says, the second as far from its wall."""
    for name, (row, _) in read_slices().items():
        batch = arenas.make_batch("fight", matches=1, preset=name)
        first, second = batch.state[0].fighter
        assert second.x - first.x == row.gap
        assert second.x == WALL - row.wall
        assert first.pose == Pose.STAND
        assert second.pose == (Pose.RISE if row.down else Pose.STAND)
        assert (first.health, second.health) == (row.health if row.health[0] else (600, 600))
        assert [batch.game.action.text(np.array([c])) for c in range(len(row.choices))] == list(row.names)


def test_an_exchange_ends_with_the_victim_on_the_floor():
    batch = arenas.make_batch("fight", preset="corner", auto_reset=False, frame_skip=1)
    throw = batch.game.action.slots[0].choices.index("throw")
    for _ in range(60):
        if batch.done[0]:
            break
        batch.step(np.array([[[throw], [0]]]))
    assert batch.done[0]
    assert batch.state[0].fighter[1].pose == Pose.DOWN
    assert batch.utility[0].tolist() == pytest.approx([0.144, -0.144])
    assert batch.state[0].tick < batch.game.tick_limit


def test_an_exchange_ends_when_who_was_hit_is_free_again():
    batch = arenas.make_batch("fight", preset="corner", auto_reset=False, frame_skip=1)
    jab, poses = batch.game.action.slots[0].choices.index("jab"), []
    for t in range(60):
        poses.append(int(batch.state[0].fighter[1].pose))
        if batch.done[0]:
            break
        batch.step(np.array([[[jab if t == 0 else 0], [0]]]))
    assert batch.done[0]
    assert Pose.HIT in poses
    assert poses[-1] == Pose.STAND
    assert batch.utility[0, 0] == pytest.approx(0.03)


def test_the_last_round_is_won_by_who_is_ahead_when_time_is_up():
    batch = arenas.make_batch("fight", preset="last-round", auto_reset=False)
    while not batch.done[0]:
        batch.step(np.zeros((1, 2, 1), np.int16))
    assert batch.state[0].tick == 60
    assert batch.utility[0].tolist() == [1, -1]


def test_bots_play_in_slices_by_stand_ins():
    """Every option of every bot comes to a choice of the slice, its own where the slice has it."""
    for row, entries in read_slices().values():
        comes_to = entries[-len(Option) :]
        assert ((comes_to >= 0) & (comes_to < len(row.choices))).all()
        for choice, option in enumerate(row.choices):
            assert comes_to[option] == choice
    batch = arenas.make_batch("fight", matches=64, preset="corner", opponents={0: "cpu-8", 1: "grabber"})
    for _ in range(20):
        batch.step(np.zeros((64, 2, 1), np.int16))
    assert not batch.bot_illegal.any() or batch.masks[:, :, 0, 1:].any()
    assert len(np.unique(batch.actions)) > 3


def test_a_semantic_action_is_the_option_it_means():
    for option in Option:
        direction, button, special, *_ = CHOICES[option]
        meant = Option.GUARD_HIGH if option == Option.RETREAT else option  # the same inputs
        assert option_of(direction, button, special) == meant
    game = arenas.make_game("fight")
    assert {option_of(*action) for action in product(*map(range, game.action.sizes))} == set(Option) - {Option.RETREAT}


# --- one state, one future ---


@pytest.mark.parametrize(
    "options",
    [{"preset": "corner"}, {"preset": "wake-up", "frame_skip": 4}, {"preset": "last-round", "frame_skip": 7}],
    ids=str,
)
def test_the_canonical_form_has_the_same_future_and_is_seen_alike(options):
    """A record plays on as its canonical form does, step for step, and looks like it."""
    game = arenas.make_game("fight", **options)
    records = played(game, 6)
    blank = records.copy()
    canonical(game, blank)
    assert (as_words(blank) != as_words(records)).any()
    plain, other = batch_of(game, records), batch_of(game, blank)
    for _ in range(4):
        assert np.array_equal(plain.observations, other.observations)
        assert np.array_equal(plain.masks, other.masks)
        assert np.array_equal(plain.done, other.done)
        both = [np.asarray(batch.state).copy() for batch in (plain, other)]
        gained = [(state["score"][:, 0] - state["score"][:, 1]) for state in both]
        begun = records["score"][:, 0] - records["score"][:, 1]
        assert np.array_equal(gained[0] - begun, gained[1])
        one, two = (as_words(canonical_states(game, state)[~plain.done]) for state in both)
        assert np.array_equal(one, two)
        actions = plain.random_actions()
        plain.step(actions)
        other.step(actions)


@pytest.mark.parametrize(("name", "frame_skip"), [("wake-up", 4), ("corner", 4), ("wake-up", 15), ("corner", 15)])
def test_where_a_side_has_no_choice_nothing_it_asks_for_matters(name, frame_skip):
    """Locked states, put into a whole fight and played on for a decision with any inputs, come to the same."""
    game = arenas.make_game("fight", preset=name, frame_skip=frame_skip)
    whole = arenas.make_game("fight", delay=0, frame_skip=frame_skip)
    records = played(game, 60 // frame_skip)
    masks = batch_of(game, records).masks
    rng = np.random.default_rng(2)
    for side in (0, 1):
        locked = records[masks[:, side, 0, 1] == 0]
        assert len(locked) > 100
        came = []
        for special in (False, True):
            actions = np.stack([rng.integers(0, size, (len(locked), 2)) for size in whole.action.sizes], axis=-1)
            actions[:, 1 - side] = 3, 1, 0  # the other side jabs as it jumps: as good as anything
            actions[:, side] = rng.integers(0, (9, 7, 3), (len(locked), 3)) if special else 0
            batch = batch_of(whole, locked)
            batch.step(actions.astype(np.int16))
            state = np.asarray(batch.state).copy()
            state["fighter"]["meter"] = 0
            came.append(as_words(canonical_states(game, state)))
        assert np.array_equal(*came)


# --- what is refused ---


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slice": "wakeup", "delay": 0}, "slice = 'wakeup'.*wake-up"),
        ({"slice": "corner"}, r"slice = 'corner' needs delay = 0, got 12 \(preset = 'corner' sets it\)"),
        ({"preset": "corner", "actions": "buttons"}, "needs actions = 'semantic', got 'buttons'"),
        ({"preset": "corner", "matchup": "random"}, "needs matchup = 'mirror' or 'fixed'"),
    ],
)
def test_options_that_do_not_fit_a_slice(options, words):
    with pytest.raises(IllegalOption, match=words):
        arenas.make_game("fight", **options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('choices = ["jab", "wait"]', "expected `wait` first"),
        ('choices = ["wait", "super"]', "no `super`"),
        ('choices = ["wait", "jab", "jab"]', "expected different words"),
        ('choices = ["wait", "jib"]', "unknown word"),
        ('choices = ["wait"]\ngab = 4', "unknown key 'gab'"),
    ],
)
def test_wrong_content_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "slices.toml"
    path.write_text(f'[mine]\ntitle = "mine"\nends = "exchange"\nticks = 30\ngap = 50\nwall = 0\n{text}\n')
    with pytest.raises(ContentError, match=f"slices.toml: row mine: .*{words}"):
        read_slices(path)


def test_whole_fights_are_what_they_were():
    """A slice adds to the table of options; a whole fight has none of it, so its content hash is the old one."""
    assert len(arenas.make_game("fight").tables.options) == 5
    assert arenas.make_game("fight", preset="corner").tables.options[6] == 48 * FINE
