"""InstMove: instance motion for object-centric video segmentation, made reproducible."""

from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """``instmove.load_motion``, imported when asked for: every verb imports this package, and torch takes seconds."""
    if name == "load_motion":
        from .motion.instmove import load_motion  # relative: else code digests of all verbs would take the network in

        return load_motion
    raise AttributeError(f"module 'instmove' has no attribute '{name}'")
