"""What in a fight's record neither decides the future nor is seen: states that differ in it alone are one state.

It is written by an earlier tick and read by no later one: inputs are entered anew every tick, a move's progress counts
while the move lasts, a projectile's place while it flies.
"""

import numpy as np

from ..arena import Game
from .state import Pose

ALWAYS = ("event", "event_tick", "occasion", "forward", "up", "want", "keep", "spare")
"""For the count of what decisions go to, and inputs: both are written before they are read."""
BY_BUTTONS = ("buttons", "history")
MOVE = ("move", "frame", "touched", "hits", "rehit", "armor")
SHOT = ("shot_x", "shot_y", "shot_vx", "shot_move", "shot_hits", "shot_rehit")
PLAN = ("plan", "plan_left")
UNTIMED = [Pose.STAND, Pose.WALK, Pose.CROUCH, Pose.AIR, Pose.ATTACK]
"""Poses in which `left` counts for nothing."""


def canonical(game: Game, records: np.ndarray) -> None:
    """Blanks it in place. records: [N]. For semantic actions and slices without a delay; else nothing is blanked."""
    if game.delay > 0 or game.options["actions"] != "semantic":
        return
    records["score"] = 0  # what it pays is paid; the tick limit, which reads it, ends slices that are paid by it
    records["by_time"] = 0
    fighter = records["fighter"]
    for name in (*ALWAYS, *BY_BUTTONS):
        fighter[name] = 0
    pose = fighter["pose"]
    attacks, holds = pose == Pose.ATTACK, pose == Pose.HOLD
    for name in MOVE:
        _blank(fighter, name, ~(attacks | holds) if name == "move" else ~attacks)
    _blank(fighter, "heading", ~(attacks | holds | (pose == Pose.SPRING)))
    _blank(fighter, "left", np.isin(pose, UNTIMED))
    for name in SHOT:
        _blank(fighter, name, fighter["shot_left"] == 0)
    for name in PLAN:
        _blank(fighter, name, records["opponent"] < 0)


def _blank(fighter: np.ndarray, name: str, where: np.ndarray) -> None:
    """Zeroes a field of the marked fighters [N, 2]."""
    values = fighter[name]
    values[where] = 0
