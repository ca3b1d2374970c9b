"""Chance, and the only source of it: a hash of (seed, tick, stream, index), or a tape of values given from outside.

Adding a roll to a game never shifts another one, two rolls of one kind in one tick differ by their index, and any
roll can be forced by a test. All arithmetic stays below 2**63 in signed 64-bit integers, so plain Python, the CPU and
a GPU agree and nothing overflows.
"""

from .compile import rule

LOW = 0xFFFFFFFF
SEED_LIMIT = 1 << 62
"""Seeds lie in [0, 2**62): they fit a signed 64-bit field."""

# Streams below 100 belong to the arenas; these are the project's own.
STREAM_RANDOM_PLAY = 100
STREAM_EPISODE = 101
STREAM_FORK = 102
"""What a side imagines of what is hidden from it."""
STREAM_BOT = 110
"""Bots number their own streams upwards from here."""


@rule
def mix(x):
    """Scrambles 32 bits by multiply and xorshift; Thomas Mueller's constant keeps products below 2**60."""
    x = ((x >> 16) ^ x) * 0x45D9F3B & LOW
    x = ((x >> 16) ^ x) * 0x45D9F3B & LOW
    return (x >> 16) ^ x


@rule
def hash32(seed, tick, stream, index):
    """32 bits from a seed, a tick, a stream and an index."""
    seed = int(seed)
    x = mix((seed & LOW) ^ 0x9E3779B9)
    x = mix(x ^ (seed >> 32) ^ (int(stream) << 8))
    x = mix((x + int(tick) * 0x10001) & LOW)
    return mix((x ^ (int(index) & LOW)) + 0x3C6EF372 & LOW)


@rule
def hash62(seed, tick, stream, index):
    """A new seed from an old one."""
    return ((hash32(seed, tick, stream, 2 * index) & 0x3FFFFFFF) << 32) | hash32(seed, tick, stream, 2 * index + 1)


@rule
def draw(tables, match, stream, index, n):
    """A whole number in [0, n), n below 2**31.

    stream, index: name this roll within its tick. With a tape (`match.tape_length` >= 0) its next value is taken.
    """
    if match.tape_length < 0:
        return (hash32(match.seed, match.tick, stream, index) * int(n)) >> 32
    return forced(tables, match, stream, n)


@rule(inline=False)
def forced(tables, match, stream, n):
    """The next value of row `match.tape_row` of the tape.

    It is 0, and a fault, where the tape has run out, holds a value outside [0, n), or was rolled with another number of
    faces (row `match.tape_check`, where that is known). The header keeps the first fault: the one that matters.
    """
    row, check, cursor = int(match.tape_row), int(match.tape_check), int(match.tape_cursor)
    match.tape_cursor = cursor + 1
    rows, width = tables.tape.shape
    if 0 <= cursor < match.tape_length and cursor < width and 0 <= row < rows:
        value = int(tables.tape[row, cursor])
        rolled = int(tables.tape[check, cursor]) if 0 < check < rows else 0
        if 0 <= value < n and (rolled == 0 or rolled == n):
            return value
    if match.tape_faces == 0:
        match.tape_stream = stream
        match.tape_faces = n
        match.tape_at = cursor
    return 0


@rule
def seat(match, side):
    """The side whose dice this side throws: the other's in a mirrored match, so that it rolls as its image does."""
    return int(side) ^ int(match.flipped)
