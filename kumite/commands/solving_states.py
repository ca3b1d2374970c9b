"""`kumite exact --states` and `--slice`: games of perfect information solved by their distinct states."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from . import print_json
from .judging import is_run, make_table, show
from .progress import Bars

if TYPE_CHECKING:
    from ..agents.policy import Policy
    from ..arenas.arena import Game


def by_states(
    game: "Game", members: list[str], samples: int | None, seed: int, limit: int | None, trust: bool,
    picture: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Solves, judges, prints, and draws."""
    from ..eval.exact.judging import SAMPLES
    from ..eval.exact.picture import check_format, draw
    from ..eval.exact.slices import examine_states, judge_states
    from ..eval.exact.walk import LIMIT

    if picture is not None:
        check_format(picture)
    asked = {text: _policies(text, game, trust) for text in members}
    with _playing() as told:
        told.begin("states")
        solved, figures = examine_states(game, limit=limit or LIMIT, told=told.update)
        figures["members"] = []
        for text, policies in asked.items():
            told.begin(text)
            row = judge_states(solved, text, policies, samples or SAMPLES, seed, told.update)
            figures["members"].append(row)
    if picture is not None:
        draw(figures, picture)
    if as_json:
        print_json(figures)
    else:
        _print(figures)


class _playing:
    """A bar that is told (states played on, states known)."""

    def __init__(self) -> None:
        self.bars, self.title, self.begun = Bars(), "", False

    def __enter__(self) -> "_playing":
        return self

    def begin(self, title: str) -> None:
        """Another game is enumerated."""
        self.title, self.begun = title, False

    def update(self, done: int, known: int) -> None:
        """So many states were played on, and so many are known."""
        if not self.begun:
            self.bars.begin(self.title, known)
            self.begun = True
        self.bars.grow(done, known, f"{known:,} known")

    def __exit__(self, *_: object) -> None:
        self.bars.close()


def _policies(text: str, game: "Game", trust: bool) -> "list[Policy]":
    """One policy for both sides, or one a side: of this game, or of whole fights at delay 0 where this is a slice."""
    from ..agents import resolve
    from ..agents.checkpoint import describe
    from ..arenas import make_game
    from ..eval.exact.slices import InSlice
    from ..league.run import Run

    file = Path(text.partition("@")[0])
    if is_run(text):
        with Run.open(text, trust=trust) as run:
            if run.game.content_hash == game.content_hash:
                return [run.judged(seat) for seat in range(run.count)]
            whole, policies = run.game, [run.judged(seat) for seat in range(run.count)]
    elif file.suffix == ".safetensors" and file.is_file():
        told = describe(file)
        whole = make_game(told["arena"], **told["options"])
        policies = [resolve(text, whole, trust=trust)]
        if whole.content_hash == game.content_hash:
            return policies
    else:
        return [resolve(text, game, trust=trust)]
    options = whole.options
    if not game.options.get("slice") or whole.arena is not game.arena or options["slice"] or options["delay"]:
        raise typer.BadParameter(
            f"{text} is of {whole.arena.name} with {dict(options)}, another game than {game.arena.name} with "
            f"{dict(game.options)}: expected the same, or for a slice whole fights with delay=0"
        )
    return [InSlice(policy, game) for policy in policies]


def _print(figures: dict[str, Any]) -> None:
    seconds = figures["seconds"]
    table = make_table("figure", "", title=f"kumite exact {figures['arena']}, by states")
    table.add_row("states", f"{figures['states']:,} ({figures['matrices']:,} of them choices of both sides)")
    table.add_row("outcomes of choices", f"{figures['outcomes']:,}")
    table.add_row("told apart by one look", f"{figures['seen_apart']:.1%} of the states")
    table.add_row("value to the first side", f"{figures['value']:.9f} (off by {figures['value_error']:.0e} at most)")
    table.add_row("exploitability of even play", f"{figures['uniform_exploitability']:.9f}")
    table.add_row("enumerated, solved in", ", ".join(f"{part:.2f} s" for part in seconds.values()))
    show(table)
    table = make_table("where", "first side", "second side", "value", title="Equilibrium")
    for row in figures["roots"]:
        table.add_row(
            f"a match begins ({row['chance']:.0%})", _mix(row["first"]), _mix(row["second"]), f"{row['value']:.6f}"
        )
    for row in figures["named"]:
        where = f"state {row['state']:,}, tick {row['tick']} ({row['reach']:.0%})"
        table.add_row(where, _mix(row["first"]), _mix(row["second"]), f"{row['value']:.6f}")
    show(table)
    if figures["members"]:
        table = make_table("policy", "exploitability", "best response as first, second", "how", title="Policies")
        for row in figures["members"]:
            above = " from above" if row["from_above"] else ""
            how = f"estimated{above}: {row['samples']:,} draws in each state" if row["estimated"] else "exact"
            answers = ", ".join(f"{worth:+.6f}" for worth in row["best_responses"])
            table.add_row(row["name"], f"{row['exploitability']:.6f}", answers, how)
        show(table)


def _mix(mix: dict[str, float]) -> str:
    """Shares of choices, the largest first."""
    return ", ".join(f"{name} {share:.1%}" for name, share in sorted(mix.items(), key=lambda item: -item[1]))
