"""What Regulation G teams use (`assets/battle/usage.json`), and how much of it the vocabulary covers."""

import json
from typing import Any

from .content import FOLDER, Content


def read_usage() -> dict[str, Any]:
    """The table: `teams` counted, `species` with their counts by kind, `pairs` of species."""
    return json.loads((FOLDER / "usage.json").read_text(encoding="utf-8"))


def coverage(content: Content) -> dict[str, float]:
    """The share of counted uses that the vocabulary has, by kind.

    The table names the ten commonest moves and six commonest items of the 106 species counted eight times or more; what
    is rarer is not in the count.
    """
    species = read_usage()["species"]
    shares = {}
    for kind in ("species", "moves", "items", "abilities"):
        uses = known = 0
        for name, row in species.items():
            for entry, count in ({name: row["count"]} if kind == "species" else row[kind]).items():
                uses += count
                known += count * (entry in content.rows[kind])
        shares[kind] = known / uses
    return shares
