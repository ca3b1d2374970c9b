"""Plays fresh battles in Showdown and compares the rules with them, point by point (`make oracle`; needs node, see
tests/oracle/README.md). With recordings named, those are compared, and nothing is played.

`python tests/battle_fuzz.py --seed 7 --battles 100 --modules node_modules` prints how many decision points agree; with
`--policy run/checkpoints/ppo-1.safetensors` it chooses for both sides, in the one format it was trained for. Of a
battle that does not, the first difference is printed, and the battle is left in `--out`, cut off there. Exits with 1 if
there is one.
"""

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from battle_asked import AskedTable, Showdown
from battle_oracle import Table
from battle_recordings import Battle, read_battle, read_lines
from battle_tape import Divergence

from kumite.agents.registry import resolve

ORACLE = Path(__file__).parent / "oracle"
AT_ONCE = 100
"""Battles a recording: what fits in memory and can be stopped without losing much."""
SHARES = (("doubles", "pools", 5), ("doubles", "any", 3), ("singles3", "pools", 1), ("singles3", "any", 1))
SHARES = (*SHARES, ("singles6", "pools", 1), ("singles6", "any", 1))
"""Formats, where their teams come from, and their share of the battles."""


class NoOracle(Exception):
    """Showdown cannot be asked."""


@dataclass
class Count:
    """What has been compared so far."""

    battles: int = 0
    points: Counter[str] = field(default_factory=Counter)  # by format
    diverged: int = 0

    def add(self, other: "Count") -> None:
        self.battles += other.battles
        self.points += other.points
        self.diverged += other.diverged

    def __str__(self) -> str:
        each = ", ".join(f"{count:,} in {name}" for name, count in self.points.items())
        agree = f"{self.points.total():,} decision points agree ({each})"
        return f"{self.battles:,} battles, {agree}, {self.diverged} battles diverge"


def command(rules: str, teams: str, battles: int, seed: int, modules: Path) -> list[str]:
    """What has Showdown play, but for who chooses."""
    node = shutil.which("node")
    if node is None:
        raise NoOracle("node is not on the path: tests/oracle/README.md says how the oracle is set up")
    if not (modules / "pokemon-showdown").is_dir():
        raise NoOracle(
            f"no pokemon-showdown in {modules}: run `npm install pokemon-showdown@0.11.11 --omit=optional "
            "--ignore-scripts` anywhere and name its node_modules (`--modules`, `make oracle MODULES=...`)"
        )
    words = [node, str(ORACLE / "record.js"), "--format", rules, "--battles", str(battles), "--seed", str(seed)]
    return words if teams == "pools" else [*words, "--teams", teams]


def record(rules: str, teams: str, battles: int, seed: int, modules: Path, out: Path) -> Path:
    """Has Showdown play by its own rules of thumb. Returns the recording."""
    path = out / f"{rules}-{teams}-{seed}.jsonl.gz"
    words = [*command(rules, teams, battles, seed, modules), "--policies", "random,eager,heuristic", "--out", str(path)]
    done = subprocess.run(words, env={**os.environ, "NODE_PATH": str(modules)}, capture_output=True, text=True)
    if done.returncode:
        raise NoOracle(f"{' '.join(words)} failed:\n{done.stderr}")
    return path


def play_with(policy: str, rules: str, teams: str, battles: int, seed: int, given: argparse.Namespace) -> Count:
    """Has a policy play both sides in Showdown, at most `AT_ONCE` battles; what differs is printed and kept."""
    words = [*command(rules, teams, battles, seed, given.modules), "--ask"]
    showdown = Showdown(words, {**os.environ, "NODE_PATH": str(given.modules)})
    try:
        table = AskedTable(showdown)
        player = resolve(policy, table.game, any_rules=True)
        if player.bot is not None:
            raise NoOracle(f"{policy} is a bot, which draws from the dice that Showdown's tape takes the place of")
        agreed, wrong = table.play_with(player, seed)
    finally:
        showdown.close()
    for found in wrong:
        name = f"{rules}-{teams}-{seed}-{found.battle}.jsonl.gz"
        print(f"{name}: {found}", flush=True)
        keep(cut(table.lines[found.battle], found), given.out / name)
    return Count(battles, Counter({rules: agreed}), len(wrong))


def compare(path: Path, out: Path, count: Count) -> None:
    """Compares one recording; prints what differs, and keeps it."""
    lines = list(read_lines(path))
    by_format: dict[str, list[tuple[dict, Battle]]] = {}
    for line in lines:
        battle = read_battle(line)
        by_format.setdefault(battle.format, []).append((line, battle))
    for name, group in by_format.items():
        agreed, wrong = Table([battle for _, battle in group]).play()
        count.battles += len(group)
        count.points[name] += agreed
        count.diverged += len(wrong)
        for found in wrong:
            print(f"{path.name}: {found}", flush=True)
            keep(
                cut(group[found.battle][0], found),
                out / f"{path.name.removesuffix('.jsonl.gz')}-{found.battle}.jsonl.gz",
            )


def cut(line: dict, found: Divergence) -> dict:
    """A battle up to its first difference: the shortest that shows it, without its log but for the end."""
    points = line["points"][: found.point + 1]
    shortened = [{**point, "log": []} for point in points[:-1]]
    last = {key: value for key, value in points[-1].items() if key != "choices"}
    result = line["result"] if found.point + 1 == len(line["points"]) else "unfinished"
    return {**line, "name": found.field, "points": [*shortened, last], "result": result}


def keep(line: dict, path: Path) -> None:
    """Writes one battle where it can be compared again, or put among the regressions."""
    path.write_bytes(gzip.compress(json.dumps(line).encode() + b"\n", mtime=0))
    print(f"kept: {path}", flush=True)


def specs(battles: int, teams: str | None = None) -> Iterator[tuple[str, str, int]]:
    """(format, teams, battles), in recordings of at most AT_ONCE. teams: where all come from, if not as in SHARES."""
    shares = [share for share in SHARES if teams is None or share[1] == "any"]
    whole = sum(share for _, _, share in shares)
    left = {(rules, teams or source): max(1, battles * share // whole) for rules, source, share in shares}
    while any(left.values()):
        for (rules, source), number in left.items():
            if number:
                yield rules, source, min(number, AT_ONCE)
                left[rules, source] = number - min(number, AT_ONCE)


def pieces(battles: int) -> list[int]:
    """The battles in recordings of at most AT_ONCE."""
    return [min(AT_ONCE, battles - first) for first in range(0, battles, AT_ONCE)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recordings", nargs="*", type=Path, help="compare these instead of playing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--battles", type=int, default=100)
    parser.add_argument("--teams", choices=["pools", "any", "rare"], help="where all teams come from (record.js)")
    parser.add_argument("--modules", type=Path, default=Path("node_modules"), help="where npm put pokemon-showdown")
    parser.add_argument("--out", type=Path, default=Path("runs/oracle"), help="for what diverges")
    parser.add_argument(
        "--policy", help="who chooses for both sides: a checkpoint, or what else `kumite` takes for one"
    )
    parser.add_argument("--format", choices=["doubles", "singles3", "singles6"], default="doubles", help="of --policy")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    count = Count()
    if given.recordings:
        for path in given.recordings:
            compare(path, given.out, count)
    elif given.policy:
        for number, battles in enumerate(pieces(given.battles)):
            teams = ("pools", "any")[number % 2]
            count.add(play_with(given.policy, given.format, teams, battles, given.seed + number, given))
            print(f"{given.format} {teams}: {count} so far", flush=True)
    else:
        for number, (rules, teams, battles) in enumerate(specs(given.battles, given.teams)):
            path = record(rules, teams, battles, given.seed + number, given.modules, given.out)
            compare(path, given.out, count)
            path.unlink()
            print(f"{rules} {teams}: {count} so far", flush=True)
    print(count)
    return 1 if count.diverged else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except NoOracle as error:
        sys.exit(str(error))
