"""Names of motion models. A new model is one file beside this one and one line here."""

from importlib import import_module
from typing import Any

from instmove.errors import InstMoveError
from instmove.motion.base import MotionModel

BUILDERS = {
    "copy": "instmove.motion.copy_last:CopyLast",
    "constant_velocity": "instmove.motion.constant_velocity:ConstantVelocity",
    "kalman": "instmove.motion.kalman:Kalman",
    "raft": "instmove.motion.raft:load_raft_motion",
    "instmove": "instmove.motion.instmove:load_motion",
    "own": "instmove.motion.own:load_own",
}
"""kind -> module:callable, imported when asked for."""


def build_motion(kind: str, **options: Any) -> MotionModel:
    """A motion model by name; ``options`` are its builder's own (weights, device)."""
    if kind not in BUILDERS:
        raise InstMoveError(f"motion model '{kind}' does not exist; there are {', '.join(BUILDERS)}")
    module, _, name = BUILDERS[kind].partition(":")
    return getattr(import_module(module), name)(**options)
