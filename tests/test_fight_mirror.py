"""Fight: neither seat has an advantage: a match and its mirror image play alike, bit for bit."""

import pytest

from kumite import arenas
from kumite.arenas.check import the_mirror_image_plays_alike
from kumite.arenas.fight.bots import BOTS


@pytest.mark.parametrize("actions", ["semantic", "buttons"])
@pytest.mark.parametrize("delay", [0, 12])
def test_the_mirror_image_plays_alike(actions, delay):
    """Random matchups, random legal play, rounds short enough to end within the check."""
    game = arenas.make_game("fight", matchup="random", actions=actions, delay=delay, seconds=4)
    assert the_mirror_image_plays_alike(game) is None


def test_bots_play_alike_in_the_mirror_image():
    """The sides' dice go with the sides, so scripted opponents do the same on the other side."""
    options = {"matches": len(BOTS), "matchup": "random", "seconds": 4}
    batch = arenas.make_batch("fight", opponents={0: BOTS, 1: BOTS[::-1]}, **options)
    image = arenas.make_batch("fight", opponents={0: BOTS, 1: BOTS[::-1]}, **options)
    for decision in range(300):
        image.state[:] = batch.state
        image.mirror()
        image.step(image.actions)
        batch.step(batch.actions)
        image.mirror()
        running = ~batch.done
        assert (image.state[running] == batch.state[running]).all(), decision
        assert (image.utility == batch.utility[:, ::-1]).all()
