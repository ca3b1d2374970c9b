"""The conformance check passes for every arena, and finds what is broken on purpose."""

from dataclasses import replace

import numpy as np
import pytest
from numba.core.errors import TypingError

from kumite import arenas
from kumite.arenas import check, example
from kumite.arenas.arena import ActionSpec, ArenaError, Block, ObsSpec, Rules, Slot, match_dtype
from kumite.arenas.batch import Batch
from kumite.arenas.compile import PLAIN, rule
from kumite.arenas.dice import draw


@pytest.mark.parametrize("name", arenas.names())
def test_every_arena_conforms(name):
    assert {key: verdict for key, verdict in check.conformance(name).items() if verdict} == {}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("classic/liars-dice", {"dice": 3, "sides": 4}),
        ("classic/goofspiel", {"cards": 13, "hidden_bids": True, "returns": "point_difference"}),
        ("classic/goofspiel", {"points_order": "descending"}),
        ("classic/matrix", {"game": "matching-pennies"}),
        ("classic/blotto", {"coins": 5, "fields": 4}),
    ],
)
def test_arenas_conform_under_other_options(name, options):
    game = arenas.make_game(name, **options)
    assert {key: verdict for key, function in check.CHECKS.items() if (verdict := function(game))} == {}


@rule
def no_choice(tables, match, side, mask):
    mask[0, 0] = match.tick != 5


@rule
def one_sided(tables, match, actions):
    match.place[0] += actions[0, 0]
    match.place[1] += 2 * actions[1, 0]


@rule
def lopsided_mirror(tables, match):
    match.place[0] += 1


@rule
def far_away(tables, match, side, out):
    out[0] = 5000
    out[1] = 0


@rule
def cheat(tables, match, side, bot, actions):
    actions[0] = 7


BROKEN = {
    "masks_are_never_empty": ({"legal": no_choice}, "no legal choice in slot 'pace'"),
    "the_mirror_image_plays_alike": ({"step": one_sided}, "mirror image of match"),
    "observations_are_finite": ({"observe": far_away}, "block 'place'"),
    "bots_play_legally": ({"act": cheat}, "'walker' chose an illegal action"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named(name):
    rules, words = BROKEN[name]
    arena = replace(
        example.ARENA, name=f"broken-{name}", module=__name__, rules=Rules(**{**example.ARENA.rules._asdict(), **rules})
    )
    assert words in (check.CHECKS[name](arena.game()) or "")


def test_a_mirror_that_does_not_exchange_is_found():
    rules = example.ARENA.rules._replace(mirror=lopsided_mirror)
    game = replace(example.ARENA, name="broken-mirror", module=__name__, rules=rules).game()
    assert "mirror image" in (check.the_mirror_image_plays_alike(game) or "")


def test_hidden_bytes_are_reported():
    state = example.ARENA.game().state
    padded = np.dtype(
        {
            "names": state.names,
            "formats": [state[n] for n in state.names or ()],
            "offsets": [state.fields[n][1] for n in state.names or ()],  # type: ignore[index]
            "itemsize": state.itemsize + 8,
        },
        align=True,
    )
    assert "8 bytes" in (check.the_record_has_no_hidden_bytes(replace(example.ARENA.game(), state=padded)) or "")


def test_facts_that_disagree_are_reported():
    game = example.ARENA.game()
    assert check.facts_agree(game) is None
    assert "setup" in (check.facts_agree(replace(game, setup=(1,))) or "")
    assert "tick_limit is 0" in (check.facts_agree(replace(game, tick_limit=0)) or "")
    two = ActionSpec((*game.action.slots, Slot("more", ("pass",))))
    assert "1 slots, the action spec 2" in (check.facts_agree(replace(game, action=two)) or "")


def test_a_record_may_hold_more_slots_than_the_game_has():
    """So games with other slots share a record, and with it the compiled rules."""
    game = example.ARENA.game()
    wide = replace(game, state=match_dtype([("place", np.int32, (2,))], slots=3, setup=0))
    assert check.facts_agree(wide) is None
    narrow_batch, wide_batch = Batch(game, 50, 3), Batch(wide, 50, 3)
    for _ in range(30):
        actions = narrow_batch.random_actions()
        assert np.array_equal(wide_batch.random_actions(), actions)
        for batch in (narrow_batch, wide_batch):
            batch.step(actions)
        assert np.array_equal(narrow_batch.state.place, wide_batch.state.place)
        assert np.array_equal(narrow_batch.observations, wide_batch.observations)
    assert not wide_batch.state.pending[..., 1:].any()


def test_a_delay_that_the_ring_cannot_hold_is_refused_with_figures():
    """The decision to be played now would be overwritten by the one just made, for both sides alike."""
    game = example.ARENA.game()
    with pytest.raises(ArenaError, match=r"a delay of 1 and 1 ticks a decision make 2 ticks .* keeps 1"):
        replace(game, delay=1)
    ring = replace(game, state=match_dtype([("place", np.int32, (2,))], slots=1, setup=0, ring=4))
    assert replace(ring, delay=3).delay == 3
    with pytest.raises(ArenaError, match="keeps 4"):
        replace(ring, delay=3, frame_skip=2)
    assert replace(game, frame_skip=5).frame_skip == 5  # without delay one entry is enough


def test_facts_out_of_range_are_refused():
    game = example.ARENA.game()
    assert game.utility_bound == 1.0
    for wrong, words in (
        ({"utility": "points"}, "expected 'outcome' or 'score'"),
        ({"sides": 3}, "expected 1 or 2"),
        ({"utility": "score", "utility_bound": 0.0}, "expected the most a match can be worth"),
        ({"utility_bound": float("inf")}, "above 0"),
    ):
        with pytest.raises(ArenaError, match=words):
            replace(game, **wrong)


def test_a_bound_that_play_exceeds_is_found():
    kuhn = arenas.make_game("classic/kuhn")
    assert check.utility_stays_within_its_bound(kuhn) is None
    low = check.utility_stays_within_its_bound(replace(kuhn, utility_bound=1.5)) or ""
    assert low == "a match was worth 2, more than utility_bound = 1.5"


def test_tables_cannot_be_written_to():
    game = example.ARENA.game()
    with pytest.raises(ValueError, match="read-only"):
        game.tables.length[0] = 3
    assert game.tables.tape.flags.writeable


@rule
def meddling(tables, match, actions):
    tables.length[0] = 5
    match.place[0] += 1


@pytest.mark.skipif(PLAIN, reason="it is the compiler that refuses")
def test_a_rule_that_writes_to_a_table_does_not_compile():
    """Matches share the tables: what one wrote, another would read."""
    rules = example.ARENA.rules._replace(step=meddling)
    with pytest.raises(TypingError, match=r"[Rr]eadonly|[Cc]annot modify"):
        Batch(replace(example.ARENA, name="meddling", module=__name__, rules=rules).game())


def test_the_content_hash_covers_what_decides_play():
    game = example.ARENA.game()
    block = ObsSpec((Block("square", 2, 0.1),))
    others = [
        replace(game, observation=block),
        replace(game, observation=ObsSpec((Block("place", 2, 0.2),))),
        replace(game, utility="score", utility_bound=20.0),
        replace(game, score_scale=2.0),
        replace(game, state=match_dtype([("place", np.int64, (2,))], slots=1, setup=0)),
        replace(game, tables=game.tables._replace(length=np.array([10], np.int64))),
        replace(game, tick_limit=51),
    ]
    hashes = {each.content_hash for each in (game, *others)}
    assert len(hashes) == len(others) + 1
    assert replace(game).content_hash == game.content_hash


@rule
def lucky(tables, match, actions):
    match.place[0] += 1
    match.place[1] += draw(tables, match, 7, 0, 2)


def test_dice_in_a_game_without_chance_are_found():
    rules = example.ARENA.rules._replace(step=lucky)
    game = replace(example.ARENA, name="lucky", module=__name__, rules=rules).game()
    assert check.chance_is_told(game) is None
    assert check.chance_is_told(replace(game, chance=False)) == (
        "chance is False, and step or reset drew a number below 2 from stream 7"
    )


def test_choices_of_both_sides_in_a_game_of_turns_are_found():
    assert check.turns_are_kept(arenas.make_game("classic/kuhn")) is None
    verdict = check.turns_are_kept(replace(example.ARENA.game(), simultaneous=False)) or ""
    assert verdict == "simultaneous is False, and both sides have a choice at decision 0"


def test_information_that_one_side_lacks_is_found():
    assert check.perfect_information_is_shared(example.ARENA.game()) is None
    kuhn = arenas.make_game("classic/kuhn")
    assert check.perfect_information_is_shared(kuhn) is None
    verdict = check.perfect_information_is_shared(replace(kuhn, perfect_information=True)) or ""
    assert "what side 0 sees alike side 1 tells apart" in verdict or "what side 1 sees alike side 0" in verdict


@rule
def peeking(tables, match, side, out):
    out[0] = match.place[side]
    out[1] = 0
    match.place[side] += match.tick > 3


def test_an_observation_that_changes_the_match_is_found():
    rules = example.ARENA.rules._replace(observe=peeking)
    game = replace(example.ARENA, name="peeking", module=__name__, rules=rules).game()
    assert "observe or legal changed place" in (check.looking_changes_nothing(game) or "")
