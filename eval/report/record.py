"""Report sections on what the figures rest on: settings, seeds, versions, hashes, forfeits, wall times, replays."""

from __future__ import annotations

import json
import os
import platform
from typing import Any

from ...league.run import STORE as RUN
from ..tournament import Standings
from .material import Material
from .parts import Column, Section, Table


def provenance(material: Material) -> Section:
    """Everything needed to make these results again."""
    command = f"kumite report {material.folder}"
    settings = [
        {"group": group, "key": key, "value": _text(value)}
        for group, values in _settings(material).items()
        for key, value in values.items()
    ]
    setting_columns = (Column("group", "of"), Column("key", "setting"), Column("value", "value"))
    tables = [
        Table("settings", "Settings and seeds", setting_columns, settings, "none: these are given", command),
        _versions(material, command),
        _members(material, command),
        _times(material, command),
    ]
    if material.replays:
        tables.append(_replays(material))
    words = f"Content hash of the rules and options all games were played under: {material.content_hash}."
    warning = ""
    if material.game.content_hash != material.content_hash:
        warning = (
            f"The rules installed now are others (content {material.game.content_hash}): these results stand, "
            "but nothing can be added to them here."
        )
    return Section("record", "What this rests on", words, (), tables, warning, folded=True)


def _settings(material: Material) -> dict[str, dict[str, Any]]:
    spec = next(iter(material.sources.values())).spec
    found: dict[str, dict[str, Any]] = {
        "arena": {"name": spec["arena"], "version": material.game.arena.version},
        "options": dict(spec["options"]),
    }
    if material.league:
        league = {key: value for key, value in material.league.items() if key not in ("about", "learner_options")}
        extended = material.sources[RUN].last("extended") or {}
        found["league"] = league | extended | {"config hash": material.sources[RUN].spec.get("config_hash")}
        found["learner"] = dict(material.league.get("learner_options", {}))
    for source in material.sources.values():
        own = {
            key: value for key, value in source.spec.items() if key not in ("arena", "options", "league", "config_hash")
        }
        for _, phase, data in source.events:
            if phase.endswith("command"):
                own |= data
        if own and source.name != RUN:
            found[source.name] = own
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _versions(material: Material, command: str) -> Table:
    known: dict[str, dict[str, str]] = {}
    for source in material.sources.values():
        for key, value in source.versions.items():
            known.setdefault(key, {}).setdefault(value, source.name)
    rows = [{"what": key, "version": " / ".join(values)} for key, values in known.items()]
    rows += [
        {
            "what": "machine of this report",
            "version": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        }
    ]
    columns = (Column("what", "what"), Column("version", "version"))
    return Table("versions", "Versions", columns, rows, "none: these are facts", command)


def _members(material: Material, command: str) -> Table:
    """Who took part, by content hash, with forfeits by kind: they count as losses and are never dropped."""
    members = {member.hash: member for source in material.sources.values() for member in source.members}
    forfeits: dict[str, dict[str, int]] = {}
    for source in material.sources.values():
        for loser, kinds in source.forfeits.items():
            for reason, count in kinds.items():
                by_kind = forfeits.setdefault(loser, {})
                by_kind[reason.value] = by_kind.get(reason.value, 0) + count
    rows = [
        {
            "name": member.name, "kind": member.kind, "role": member.role, "hash": member.hash, "path": member.path,
            "forfeits": ", ".join(f"{n} {kind}" for kind, n in forfeits.get(member.hash, {}).items()) or "0",
        }
        for member in members.values()
    ]  # fmt: skip
    columns = (
        Column("name", "member"), Column("kind", "kind"), Column("role", "role"), Column("hash", "policy hash"),
        Column("path", "file"), Column("forfeits", "forfeits"),
    )  # fmt: skip
    note = "A forfeit (crash, time-out, illegal output) counts as a loss and is never dropped."
    return Table("members", "Who took part", columns, rows, "game", command, note)


def _times(material: Material, command: str) -> Table:
    rows = []
    for source in material.sources.values():
        for at, phase, data in source.events:
            if "seconds" in data:
                what = data.get("name") or (data.get("games") is not None and f"{data['games']:,} games") or ""
                rows.append(
                    {"store": source.name, "phase": phase, "iteration": at, "what": what, "seconds": data["seconds"]}
                )
    columns = (
        Column("store", "record"), Column("phase", "phase"), Column("iteration", "number", "d"), Column("what", "what"),
        Column("seconds", "wall seconds", ",.1f"),
    )  # fmt: skip
    total = sum(row["seconds"] for row in rows)
    return Table("times", "Wall times", columns, rows, "phase", command, f"Together {total:,.0f} s.")


def _replays(material: Material) -> Table:
    rows = [
        {
            "file": str(path), "players": " – ".join(spec["players"]), "decisions": spec["decisions"],
            "outcome": {1: "first won", 2: "second won", 3: "draw"}.get(spec["outcome"], "unfinished"),
            "watch": f"kumite watch {path}",
        }
        for path, spec in material.replays
    ]  # fmt: skip
    columns = (
        Column("file", "replay"), Column("players", "players"), Column("decisions", "decisions", ",d"),
        Column("outcome", "outcome"), Column("watch", "see it"),
    )  # fmt: skip
    return Table("replays", "Replays", columns, rows, "game", f"kumite verify {material.folder}/replays/*.npz")


def copies(found: Standings | None) -> str:
    """One line on how many units differ, for the head of the report."""
    if found is None:
        return ""
    units, distinct = sum(cell.units for cell in found.cells), sum(cell.distinct for cell in found.cells)
    return f"{distinct:,} of {units:,} units differ in what happened"
