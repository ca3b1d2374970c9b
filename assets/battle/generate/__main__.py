"""Writes `assets/battle/*.json` and `arenas/battle/ids.py` from the vocabulary and the pokemon-showdown package.

How the package is installed says `showdown.py`. Then:
`python -m kumite.assets.battle.generate --modules FOLDER/node_modules`.
"""

import argparse
import json
import textwrap
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .showdown import run_script

BATTLE = Path(__file__).parent.parent
IDS = BATTLE.parent.parent / "arenas" / "battle" / "ids.py"
KINDS = {"species": "Species", "moves": "Move", "items": "Item", "abilities": "Ability"}

IDS_HEAD = '''\
"""Ids of what the battle arena knows, for rules that name one, written by `kumite.assets.battle.generate`.

The number is the row in the tables, from the order in `assets/battle/vocabulary.toml`; 0 is none.
"""

from enum import IntEnum
'''


def read_vocabulary() -> dict[str, list[str]]:
    """Names by kind, in the order of their ids."""
    given = tomllib.loads((BATTLE / "vocabulary.toml").read_text(encoding="utf-8"))
    return {kind: given[kind] for kind in KINDS}


def member(name: str) -> str:
    """A name as a member of an enum: "Will-O-Wisp" -> WILL_O_WISP."""
    words = "".join(c if c.isalnum() else " " for c in name.replace("'", "")).split()
    return "_".join(words).upper()


def ids(vocabulary: dict[str, list[str]]) -> str:
    """The source of `ids.py`."""
    text = IDS_HEAD
    for kind, title in KINDS.items():
        names = " ".join(["NONE", *map(member, vocabulary[kind])])
        body = textwrap.fill(names, 116, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
        text += f'\n{title} = IntEnum(\n    "{title}",\n    """\n{body}\n    """,\n    start=0,\n)\n'
    return text


def lines(rows: dict[str, Any]) -> str:
    """A table as JSON, a row a line."""
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()) + "\n}\n"


def main(arguments: Iterable[str] | None = None) -> None:
    """Writes the files."""
    parser = argparse.ArgumentParser(prog="python -m kumite.assets.battle.generate", description=__doc__)
    parser.add_argument("--modules", type=Path, default=Path("node_modules"), help="where npm put the package")
    given = parser.parse_args(None if arguments is None else list(arguments))
    vocabulary = read_vocabulary()
    for name, rows in run_script("tables.js", vocabulary, given.modules).items():
        (BATTLE / f"{name}.json").write_text(lines(rows), encoding="utf-8")
        print(f"{name}.json: {len(rows)} rows")
    IDS.write_text(ids(vocabulary), encoding="utf-8")
    print(f"{IDS.name}: {', '.join(f'{len(names)} {kind}' for kind, names in vocabulary.items())}")


if __name__ == "__main__":
    main()
