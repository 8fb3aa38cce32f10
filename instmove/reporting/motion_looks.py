"""How a motion model is called and coloured: the same in every figure."""

from collections.abc import Iterable
from itertools import chain, cycle

from instmove.reporting.figures import PALETTE

NAMES = {
    "none": "no motion",
    "instmove": "InstMove",
    "instmove_paper": "InstMove as written",
    "instmove_no_image": "InstMove, no image",
    "instmove_fixed": "InstMove, fixed encoder",
    "raft": "RAFT",
    "raft_finetuned": "RAFT fine-tuned",
    "kalman": "Kalman",
    "copy": "Copy",
}
"""Of the ids in the setups; others are shown as they are."""
PLACES = {
    "no motion": 6,
    "InstMove": 1,
    "InstMove as written": 4,
    "RAFT": 3,
    "RAFT fine-tuned": 0,
    "Kalman": 2,
    "constant velocity": 5,
    "Copy": 7,
}
"""In PALETTE and MARKERS."""


def motion_name(motion: str) -> str:
    """The shown name of a motion's id."""
    return NAMES.get(motion, motion.replace("_", " "))


def places_of(names: Iterable[str]) -> dict[str, int]:
    """Places of a figure's motions (by shown name) in PALETTE and MARKERS; unknown ones take what is free."""
    wanted = list(dict.fromkeys(names))
    taken = {name: PLACES[name] for name in wanted if name in PLACES}
    free = [place for place in range(len(PALETTE)) if place not in taken.values()]
    others = zip((name for name in wanted if name not in taken), chain(free, cycle(range(len(PALETTE)))), strict=False)
    return taken | dict(others)
