"""JaxMARL's SMAX on the same machine: `kumite bench skirmish --against-smax` prints the ratio from one run.

This file is also run as a program, by a Python that has jaxmarl: then it uses nothing of kumite. Both sides of a battle
of three marines choose random legal actions drawn at every step, in as many matches at once; all observations and masks
are made; compiling is not timed. SMAX has fewer rules (no shields, armour, bonus damage, walls or fog of high ground)
and the same 8 ticks of 1/16 s a step.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

STEPS = 50
"""Played in one call of the compiled loop."""


class SmaxError(RuntimeError):
    """SMAX could not be run."""


def against_smax(python: str, matches: int, threads: int, seconds: float) -> dict[str, Any]:
    """Decisions of matches a second of both, and the ratio. python: an interpreter with jaxmarl.

    Ours is measured before and after SMAX, and the mean counts: other work on the machine is rarely the same for long.
    """
    from . import make_batch
    from .bench import machine, median_rate

    batch = make_batch("skirmish", matches=matches, seed=0, threads=threads, scenario="3m")
    batch.rollout_random(64 * batch.game.frame_skip)

    def decide() -> float:
        batch.rollout_random(batch.game.frame_skip)
        return matches

    before = median_rate(decide, seconds)
    smax = _smax(python, matches, seconds)
    after = median_rate(decide, seconds)
    return {
        "scenario": "3m",
        "matches": matches,
        "threads": threads,
        "before": before,
        "after": after,
        "smax": smax["decisions_per_second"],
        "ratio": (before + after) / 2 / smax["decisions_per_second"],
        "smax_compile_seconds": smax["compile_seconds"],
        "smax_versions": smax["versions"],
        "machine": machine(),
    }


def _smax(python: str, matches: int, seconds: float) -> dict[str, Any]:
    """This file, run by another Python."""
    command = [python, str(Path(__file__)), str(matches), str(seconds)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SmaxError(f"--python {python}: {error.strerror}: expected an interpreter that has jaxmarl") from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise SmaxError(
            f"SMAX did not run under {python}: {said}. It is no dependency of kumite: make an environment of its own "
            "(python -m venv smax; smax/bin/pip install jaxmarl) and give --python smax/bin/python"
        )
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure_smax(matches: int, seconds: float) -> dict[str, Any]:
    """SMAX's speed, under a Python that has it."""
    from importlib.metadata import version

    import jax  # pyright: ignore[reportMissingImports]
    import jaxmarl  # pyright: ignore[reportMissingImports]
    from jaxmarl.environments.smax import map_name_to_scenario  # pyright: ignore[reportMissingImports]

    env = jaxmarl.make("SMAX", scenario=map_name_to_scenario("3m"), use_self_play_reward=True, see_enemy_actions=False)

    def choose(key: Any, mask: Any) -> Any:
        """A random legal action of an agent."""
        return jax.numpy.argmax(jax.random.gumbel(key, mask.shape) + 1e9 * (mask - 1.0))

    def decide(carry: Any, _: Any) -> Any:
        """One step of every match; what was seen is summed, so that none of it is left out."""
        key, state = carry
        key, choosing, stepping = jax.random.split(key, 3)
        masks = jax.vmap(env.get_avail_actions)(state)
        keys = jax.random.split(choosing, len(env.agents) * matches).reshape(len(env.agents), matches, -1)
        actions = {agent: jax.vmap(choose)(keys[i], masks[agent]) for i, agent in enumerate(env.agents)}
        seen, state, *_ = jax.vmap(env.step)(jax.random.split(stepping, matches), state, actions)
        return (key, state), sum(seen[agent].sum() for agent in env.agents)

    play = jax.jit(lambda carry: jax.lax.scan(decide, carry, None, STEPS))
    begin = time.perf_counter()
    _, state = jax.vmap(env.reset)(jax.random.split(jax.random.PRNGKey(0), matches))
    carry = jax.block_until_ready(play((jax.random.PRNGKey(1), state)))[0]
    compiled, steps, begin = time.perf_counter() - begin, 0, time.perf_counter()
    while time.perf_counter() - begin < 5 * seconds:
        carry = jax.block_until_ready(play(carry))[0]
        steps += STEPS * matches
    rate = steps / (time.perf_counter() - begin)
    versions = {name: version(name) for name in ("jaxmarl", "jax")}
    return {"decisions_per_second": rate, "compile_seconds": compiled, "versions": versions}


if __name__ == "__main__":
    sys.path.pop(0)  # this folder's modules are not meant
    print(json.dumps(measure_smax(int(sys.argv[1]), float(sys.argv[2]))))
