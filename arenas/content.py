"""Content: TOML files -> frozen dataclasses -> integer tables. Content says *what* there is; what it does is code.

A dataclass describes one kind of row; each field says what values it takes (`whole`, `decimal`, `word`, `words`,
`box`, `text`). Wrong content is refused with the file, the row, the key, the value, and the allowed range or the
nearest right word.
"""

import dataclasses
import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .arena import ArenaError, nearest

FINE = 256
"""A decimal in a file becomes a whole number of 1/256 units: the fixed point of the rules."""
INT16 = 32767


T = TypeVar("T")


class ContentError(ArenaError):
    """A file of content says something that cannot be."""


@dataclass(frozen=True)
class Kind:
    """What a field takes.

    read: (value from TOML) -> what the dataclass holds, or ValueError with the reason. width: table columns, 0 if none.
    """

    read: Callable[[Any], Any]
    width: int = 1


def _field(kind: Kind, default: Any) -> Any:
    return dataclasses.field(default=default, metadata={"kind": kind})


def whole(low: int, high: int, default: Any = MISSING) -> Any:
    """A whole number in [low, high]."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return value

    return _field(Kind(read), default)


def decimal(low: float, high: float, default: Any = MISSING) -> Any:
    """A number in [low, high], held in 1/256."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"expected a number from {low} to {high}")
        return round(value * FINE)

    return _field(Kind(read), default)


def word(enum: type[IntEnum], default: Any = MISSING) -> Any:
    """The lower-case name of a member of an enum."""
    return _field(Kind(lambda value: _member(enum, value)), default)


def words(flags: type[IntFlag], default: Any = MISSING) -> Any:
    """A list of lower-case names of members of a flag enum."""

    def read(value: Any) -> IntFlag:
        if not isinstance(value, list):
            raise ValueError(f"expected a list of words{nearest('', _names(flags))}")
        total = flags(0)
        for entry in value:
            total |= _member(flags, entry)
        return total

    return _field(Kind(read), default)


def word_list(enum: type[IntEnum], default: Any = MISSING) -> Any:
    """A list of different members of an enum, in their order; not in tables."""

    def read(value: Any) -> tuple[IntEnum, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"expected a list of words{nearest('', _names(enum))}")
        found = tuple(_member(enum, entry) for entry in value)
        if len(set(found)) < len(found):
            raise ValueError("expected different words")
        return found

    return _field(Kind(read, 0), default)


def whole_list(count: int, low: int, high: int, default: Any = MISSING) -> Any:
    """A list of `count` whole numbers in [low, high]."""

    def read(value: Any) -> tuple[int, ...]:
        right = isinstance(value, list) and len(value) == count
        if not right or any(isinstance(v, bool) or not isinstance(v, int) or not low <= v <= high for v in value):
            raise ValueError(f"expected a list of {count} whole numbers from {low} to {high}")
        return tuple(value)

    return _field(Kind(read, count), default)


def weights(enum: type[IntEnum], default: Any = MISSING) -> Any:
    """A table from members of an enum to whole numbers from 0 to 1000, not all 0; held in the enum's order."""

    def read(value: Any) -> tuple[int, ...]:
        if not isinstance(value, Mapping):
            raise ValueError("expected a table of words and weights")
        by_member = {_member(enum, key): weight for key, weight in value.items()}
        if any(type(w) is not int or not 0 <= w <= 1000 for w in by_member.values()) or not any(by_member.values()):
            raise ValueError("expected whole numbers from 0 to 1000, not all 0")
        return tuple(by_member.get(member, 0) for member in enum)

    return _field(Kind(read, len(enum)), default)


def box(default: Any = MISSING) -> Any:
    """A rectangle [near, far, bottom, top] in whole units: forward of the fighter and up from the ground."""

    def read(value: Any) -> tuple[int, ...]:
        numbers = isinstance(value, list) and len(value) == 4 and all(type(v) is int for v in value)
        if not numbers or not (-999 <= value[0] < value[1] <= 999 and -999 <= value[2] < value[3] <= 999):
            raise ValueError(
                "expected [near, far, bottom, top], whole numbers with near < far and bottom < top, none beyond 999"
            )
        return tuple(value)

    return _field(Kind(read, 4), default)


def text(default: Any = MISSING) -> Any:
    """Words for people; not in tables."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise ValueError("expected a text")
        return value

    return _field(Kind(read, 0), default)


def _names(enum: Any) -> list[str]:
    return [member.name.lower() for member in enum]


def _member(enum: Any, value: Any) -> Any:
    known = _names(enum)
    if value not in known:
        raise ValueError("unknown word" + nearest(str(value), known))
    return enum[value.upper()]


def load(path: Path) -> dict[str, Any]:
    """A TOML file as a dict."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContentError(f"{path.name}: {error}") from None


def build(cls: type[T], given: Any, *, file: str, row: str) -> T:
    """One row: `given` checked against the dataclass `cls`."""
    if not isinstance(given, Mapping):
        raise ContentError(f"{file}: row {row}: got {given!r}, expected a table of keys and values")
    fields = {f.name: f for f in dataclasses.fields(cls)}  # pyright: ignore[reportArgumentType]
    for key in given:
        if key not in fields:
            raise ContentError(f"{file}: row {row}: unknown key {key!r}" + nearest(key, list(fields)))
    read = {}
    for key, field in fields.items():
        if key in given:
            try:
                read[key] = field.metadata["kind"].read(given[key])
            except ValueError as error:
                raise ContentError(f"{file}: row {row}: {key} = {given[key]!r}: {error}") from None
        elif field.default is MISSING:
            raise ContentError(f"{file}: row {row}: the key {key!r} is missing")
    return cls(**read)


def unique(entries: Iterable[tuple[str, str, Any]], what: str) -> None:
    """Refuses two rows with one value. entries: (file, row, value)."""
    seen: dict[Any, str] = {}
    for file, row, value in entries:
        if value in seen:
            raise ContentError(f"{file}: row {row}: {what} = {value!r} is already taken by {seen[value]}")
        seen[value] = f"{file}: row {row}"


def only(given: Mapping[str, Any], known: Sequence[str], *, file: str) -> None:
    """Refuses top-level keys a file should not have, and asks for those it should."""
    for key in given:
        if key not in known:
            raise ContentError(f"{file}: unknown key {key!r}" + nearest(key, known))
    for key in known:
        if key not in given:
            raise ContentError(f"{file}: the key {key!r} is missing")


def table_dtype(cls: type) -> np.dtype:
    """The record of one row: an int16 column (or several) for each field that is not text."""
    columns = []
    for field in dataclasses.fields(cls):
        width = field.metadata["kind"].width
        if width:
            columns.append((field.name, np.int16) if width == 1 else (field.name, np.int16, (width,)))
    return np.dtype(columns, align=True)


def table(cls: type, rows: Sequence[Any | None]) -> np.recarray:
    """Rows as a record array; None is a row of zeros."""
    dtype = table_dtype(cls)
    records = np.zeros(len(rows), dtype)
    for i, row in enumerate(rows):
        for name in dtype.names or () if row is not None else ():
            value = getattr(row, name)
            if np.max(np.abs(value)) > INT16:
                raise ContentError(
                    f"row {i} of {cls.__name__}: {name} = {value} does not fit a table of 16-bit numbers"
                )
            records[i][name] = value
    return records.view(np.recarray)


def hash_files(paths: Iterable[Path]) -> str:
    """Hash of content files, by name and text."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
