"""Skirmish: neither seat has an advantage: a match and its image, turned by 180°, play alike bit for bit, and so
do matches in which the units of another side are gone through first."""

import numpy as np
import pytest

from kumite import arenas
from kumite.arenas.skirmish.bots import BOTS
from kumite.arenas.skirmish.state import Opt

GAMES = [
    {"scenario": "2s3z"},
    {"scenario": "5m_vs_6m", "frame_skip": 3},
    {"scenario": "random", "units": 2, "most": 10, "armies": "apart"},
    {"scenario": "move-to-beacon", "race": True},
    {"scenario": "find-and-defeat-zerglings", "race": True},
    {"scenario": "defeat-zerglings-and-banelings", "race": True},
    {"scenario": "collect-minerals-and-gas", "race": True},
    {"scenario": "build-marines", "race": True},
    {"scenario": "full"},
]


@pytest.mark.parametrize("options", GAMES, ids=lambda options: options["scenario"])
@pytest.mark.parametrize("scripted", [False, True])
def test_the_mirror_image_plays_alike(options, scripted):
    """Random legal play, and the scripts against each other, whose dice go with the sides."""
    bots = {side: [BOTS[(i + side) % len(BOTS)] for i in range(24)] for side in range(2)} if scripted else {}
    batch, image = (arenas.make_batch("skirmish", matches=24, seed=9, opponents=bots, **options) for _ in range(2))
    for decision in range(60):
        actions = batch.random_actions()
        image.state[:] = batch.state
        image.mirror()
        assert np.array_equal(image.observations, batch.observations[:, ::-1]), decision
        assert np.array_equal(image.masks, batch.masks[:, ::-1]), decision
        image.step(actions[:, ::-1])
        batch.step(actions)
        image.mirror()
        running = ~batch.done
        different = [
            name
            for name in batch.state.dtype.names
            if not np.array_equal(image.state[name][running], batch.state[name][running])
        ]
        assert not different, decision
        assert (image.utility == batch.utility[:, ::-1]).all()


@pytest.mark.parametrize("map_name", ["causeway", "plateau"])
def test_the_full_game_s_image_plays_alike_when_it_is_well_under_way(map_name):
    """Bases, armies in the field, remembered structures: 40 decisions from the middle of scripted matches."""
    names = [BOTS[4 + i % (len(BOTS) - 4)] for i in range(16)]
    options = {"scenario": "full", "map": map_name, "matches": 16, "seed": 9}
    bots = {0: names, 1: names[3:] + names[:3]}
    batch, image = (arenas.make_batch("skirmish", opponents=bots, **options) for _ in range(2))
    batch.rollout_random(16 * 200)
    assert (batch.state.ghost["kind"] > 0).any()
    still = np.zeros(batch.actions.shape, np.int16)
    for decision in range(40):
        image.state[:] = batch.state
        image.mirror()
        assert np.array_equal(image.observations, batch.observations[:, ::-1]), decision
        assert np.array_equal(image.masks, batch.masks[:, ::-1]), decision
        image.step(still)
        batch.step(still)
        image.mirror()
        running = ~batch.done
        assert image.state[running].tobytes() == batch.state[running].tobytes(), decision
        assert (image.outcome[running] == batch.outcome[running]).all()


@pytest.mark.parametrize(
    "options",
    [
        {"scenario": "27m_vs_30m"},
        {"scenario": "random", "units": 2, "most": 20, "armies": "apart"},
        {"scenario": "defeat-zerglings-and-banelings", "race": True},
        {"scenario": "collect-minerals-and-gas", "race": True},
        {"scenario": "full", "map": "causeway"},
        {"scenario": "full", "map": "plateau"},
    ],
    ids=lambda options: options.get("map", options["scenario"]),
)
def test_whose_units_are_gone_through_first_makes_no_difference(options):
    """Scripts, and in the last matches random play by the second side."""
    names = ["early-rush", "harass", "fast-expand", "worker-rush"]
    bots = {0: names * 2, 1: [*names[1:], names[0], *[None] * 4]}
    records = []
    for order in (0, 1):
        batch = arenas.make_batch("skirmish", matches=8, seed=4, opponents=bots, **options)
        changed = batch.tables.options.copy()
        changed[Opt.ORDER] = order
        changed.flags.writeable = False  # as all tables are: another type would be compiled anew
        batch.tables = batch.tables._replace(options=changed)
        batch.rollout_random(16 * 240)
        records.append(batch.state.tobytes())
    assert records[0] == records[1]
