"""The `kumite` command: one command, verbs. Each verb is a function of a module in `kumite/commands/`.

Those modules import what is heavy (numba, torch) inside their functions, so that `kumite --help` is quick.
"""

import importlib
import sys

import typer

VERBS = {
    "arena": ("arenas", "check"),
    "league": ("train", "resume", "status"),
    "verdict": ("tournament", "ladder", "exploit", "report", "demo"),
    "solving": ("exact",),
    "schemes": ("benchmark_schemes",),
    "replay": ("record", "verify", "watch"),
    "machine": ("bench", "doctor"),
}
"""The verbs, by the module of `kumite/commands/` they live in, in the order `kumite --help` shows them."""

GROUPS = ("battle", "skirmish")
"""Modules of `kumite/commands/` with verbs of their own: `kumite battle vocabulary`."""

USAGE = 2


def _exit_with(code: object, **_: object) -> None:
    """A verb's return value is the exit code."""
    if isinstance(code, int) and code:
        raise typer.Exit(code)


app = typer.Typer(
    result_callback=_exit_with,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def kumite() -> None:
    """Competitive multi-agent games: train leagues, rate agents, measure how exploitable they are.

    Begin with `kumite arenas`, or train: `kumite train fight --scheme double-oracle --out runs/first`.
    """


for module, verbs in VERBS.items():
    loaded = importlib.import_module(f".commands.{module}", __package__)
    for verb in verbs:
        app.command()(getattr(loaded, verb))
for group in GROUPS:
    app.add_typer(importlib.import_module(f".commands.{group}", __package__).app, name=group)


def main() -> None:
    """Runs the command. An error of this project is one line on stderr and exit code 2; Ctrl-C is 130."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except (ValueError, RuntimeError, OSError, MemoryError) as error:
        if not _speaks_for_itself(error):
            raise
        print(f"kumite: {error}", file=sys.stderr)
        sys.exit(USAGE)


def _speaks_for_itself(error: Exception) -> bool:
    """Whether the message is meant for the user: raised at one of our edges, or about a file or memory."""
    return type(error).__module__.startswith("kumite.") or isinstance(error, OSError | MemoryError)
