"""`kumite record`, `kumite verify` and `kumite watch`: matches as files, checked and looked at."""

from pathlib import Path
from typing import Annotated

import typer

from . import AsJson, Options, parse_options, print_json


def record(
    arena: Annotated[str, typer.Argument(help="The arena to play.")],
    first: Annotated[str, typer.Argument(help="Who plays side 0: a bot, 'uniform', or a checkpoint file.")],
    second: Annotated[str, typer.Argument(help="Who plays side 1.")],
    out: Annotated[Path, typer.Option("--out", help="The replay to write.")] = Path("match.npz"),
    seed: Annotated[int, typer.Option(help="Seed of the match and of both policies.")] = 0,
    options: Options = None,
) -> None:
    """Plays one match and records it."""
    import numpy as np

    from .. import agents
    from ..agents.lineup import Lineup
    from ..arenas import make_batch
    from ..arenas.arena import Outcome
    from ..arenas.replay import Recorder

    batch = make_batch(arena, seed=seed, auto_reset=False, **parse_options(options))
    policies = [agents.resolve(name, batch.game) for name in (first, second)]
    rng = np.random.default_rng(seed)
    seats = [Lineup(batch, np.array([side]), policy, rng) for side, policy in enumerate(policies)]
    recorder = Recorder(batch, 0, players=(first, second))
    shape = batch.actions.shape
    while not recorder.finished:
        actions = np.zeros((shape[0] * shape[1], shape[2]), np.int16)
        observations = batch.observations.reshape(shape[0] * shape[1], -1)
        masks = batch.masks.reshape(shape[0] * shape[1], *batch.masks.shape[2:])
        for seat in seats:
            seat.act(observations, masks, actions)
        batch.step(actions.reshape(shape))
        recorder()
    path = recorder.replay.save(out)
    ended = Outcome(recorder.outcome).name.lower()
    print(f"{path}: {len(recorder.actions)} decisions, {ended} ({first} against {second})")


def verify(
    files: Annotated[list[Path], typer.Argument(help="Replays (.npz) to check.")], as_json: AsJson = False
) -> None:
    """Re-simulates replays and compares every record. Exit code 1 if one differs."""
    from ..arenas.replay import Replay, ReplayError

    verdicts = {}
    for path in files:
        try:
            replay = Replay.load(path)
            at = replay.first_difference()
        except ReplayError as error:
            verdicts[str(path)] = {"verified": False, "why": str(error)}
            continue
        frame_skip = replay.game().frame_skip
        verdicts[str(path)] = {"verified": at is None, "decisions": len(replay.actions)}
        if at is not None:
            why = f"differs from decision {at} on (ticks {at * frame_skip} to {(at + 1) * frame_skip})"
            verdicts[str(path)]["why"] = why
    if as_json:
        print_json(verdicts)
    else:
        for name, verdict in verdicts.items():
            print(
                f"{name}: " + (f"verified, {verdict['decisions']} decisions" if verdict["verified"] else verdict["why"])
            )
    if not all(verdict["verified"] for verdict in verdicts.values()):
        raise typer.Exit(1)


def watch(
    file: Annotated[Path, typer.Argument(help="A replay (.npz).")],
    gif: Annotated[Path | None, typer.Option("--gif", help="Write a GIF instead of opening a window.")] = None,
    boxes: Annotated[bool, typer.Option("--boxes", help="Draw hit and hurt boxes.")] = False,
    width: Annotated[int, typer.Option(help="Width of the picture in pixels.")] = 640,
    speed: Annotated[float, typer.Option(help="1: as played; 0.25: slow motion.")] = 1.0,
    start: Annotated[int, typer.Option(help="First decision shown.")] = 0,
    stop: Annotated[int | None, typer.Option(help="Last decision shown.")] = None,
) -> None:
    """Shows a replay in a window (space: pause, right: one step, b: boxes, escape: close), or writes it as a GIF."""
    from ..arenas.viewer import show, write_gif

    if gif:
        frames = write_gif(file, gif, boxes=boxes, width=width, speed=speed, start=start, stop=stop)
        print(f"{gif}: {frames} frames, {gif.stat().st_size / 1024:.0f} KiB")
    else:
        show(file, boxes=boxes, width=width, speed=speed, start=start, stop=stop)
