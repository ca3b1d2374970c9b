"""Fight: a short scripted match as people read it. Any change of rules or frame data shows here line by line.

`python tests/test_fight_trace.py` writes the trace anew: read the difference before keeping it.
"""

from pathlib import Path

from fight_ring import Ring

TRACE = Path(__file__).parent / "data" / "fight_trace.txt"
SCRIPT = (  # what Ren asks for, what Ivo asks for, for how many decisions of four ticks
    ("", "", 1),
    ("forward", "special 1", 1),
    ("forward", "", 4),
    ("down-back", "", 6),
    ("special 1", "back", 1),
    ("", "up-forward", 3),
    ("", "", 6),
    ("", "heavy", 1),
    ("down-back", "", 8),
    ("forward", "down-back", 12),
    ("down medium", "down-back", 1),
    ("special 3", "down-back", 4),
    ("", "light", 6),
    ("forward", "", 6),
    ("throw", "", 1),
    ("", "", 12),
    ("forward heavy", "special 2", 1),
    ("", "special 2", 12),
    ("back", "", 4),
    ("forward dash", "", 1),
    ("", "", 5),
    ("forward", "", 6),
    ("throw", "", 1),
    ("", "", 6),
    ("", "", 12),
)


def play() -> str:
    """The trace: what was asked for, then how the match stands."""
    ring = Ring(matchup="fixed", character="ren", versus="ivo", delay=12, frame_skip=4)
    lines = [ring.batch.describe(0), ""]
    for first, second, decisions in SCRIPT:
        ring.play(first, second, decisions)
        lines += [f"> {first or 'nothing'} | {second or 'nothing'}, {decisions} times", ring.batch.describe(0), ""]
    return "\n".join(lines)


def test_the_match_goes_as_written():
    assert play() == TRACE.read_text(), f"run `python {Path(__file__).name}` in tests/ if this was meant"


def test_the_trace_shows_what_matters():
    """A trace in which nothing happens would prove nothing."""
    text = TRACE.read_text()
    for word in ("block for", "hit for", "Wave at", "Dart", "dash for", "Whirl", "air", "hold for", "held", "down for"):
        assert word in text, word


if __name__ == "__main__":
    TRACE.write_text(play())
