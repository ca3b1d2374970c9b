"""One match of every classic game as people read it: what each side sees and may do, decision by decision.

Any change of rules, observations or words shows here line by line. `python tests/test_classic_traces.py` writes the
traces anew: read the difference before keeping it.
"""

from pathlib import Path

import pytest
from classic_play import Play

from kumite import arenas

DATA = Path(__file__).parent / "data"
SCRIPTS = {
    # arena: options, forced dice, moves
    "classic/kuhn": ({}, (2, 0), (("pass", "pass"), ("pass", "bet"), ("bet", "pass"))),
    "classic/leduc": ({}, (3, 3, 0), "call raise raise call call raise call"),
    "classic/liars-dice": ({"dice": 2, "sides": 3}, (2, 0, 1, 1), "1x1 2x2 3x2 4x3 liar"),
    "classic/goofspiel": ({"hidden_bids": True}, (2, 0, 1), [("2", "3"), ("1", "1"), ("4", "2")]),
    "classic/matrix": ({"game": "biased-rock-paper-scissors"}, (), [("paper", "scissors")]),
    "classic/blotto": ({"coins": 4}, (), [("0-2-2", "3-1-0")]),
    "classic/tic-tac-toe": ({}, (), "centre top-left top bottom right left top-right bottom-left"),
}


def trace(name: str) -> str:
    """The match: a stretch for every decision, and how it ended."""
    options, dice, moves = SCRIPTS[name]
    play = Play(name, dice, **options)
    lines = []
    for move in moves.split() if isinstance(moves, str) else moves:
        lines.append(play.batch.describe(0))
        for side in (0, 1):
            seen = [f"{block} {text}" for block, values in play.seen(side).items() if (text := brief(values))]
            lines += [f"  side {side} sees {'; '.join(seen) or 'nothing'}"]
            lines += [f"  side {side} may {', '.join(play.legal(side))}"]
        play.play(move)
        chosen = play.batch.game.action
        lines += [f"> {' | '.join(chosen.text(play.batch.actions[0, side]) for side in (0, 1))}", ""]
    assert play.result, "the script does not end the match"
    outcome, utility = play.result
    return "\n".join([*lines, f"{outcome}: {utility:+g} for side 0", ""])


def brief(values: list[int]) -> str:
    """A block of whole numbers, nothing if all are 0; of a long one, which are not and where."""
    if not any(values):
        return ""
    if len(values) <= 6:
        return " ".join(map(str, values))
    return ", ".join(f"{value} at {at}" for at, value in enumerate(values) if value)


def file(name: str) -> Path:
    return DATA / f"{name.replace('/', '_').replace('-', '_')}_trace.txt"


@pytest.mark.parametrize("name", [name for name in arenas.names() if name.startswith("classic/")])
def test_a_match_goes_as_written(name):
    assert name in SCRIPTS, "every classic game has a trace: write its script"
    assert trace(name) == file(name).read_text(), f"run `python {Path(__file__).name}` in tests/ if this was meant"


if __name__ == "__main__":
    for arena in SCRIPTS:
        file(arena).write_text(trace(arena))
