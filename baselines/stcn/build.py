"""A segmenter as a setup describes it: which weights, which motion."""

from pathlib import Path

import torch

from baselines.oracle import OracleMotion
from baselines.settings import association_settings
from baselines.stcn.guidance import MotionCost, MotionGuide
from baselines.stcn.network import Stcn
from baselines.stcn.propagate import Memory
from baselines.stcn.segmentation import GuideFor, Segmenter
from instmove.config import Setup
from instmove.motion.from_setup import motion_of
from instmove.reporting.cells import VOS


def segmenter(
    setup: Setup, network: Stcn, device: torch.device, guide: GuideFor | None, every: int | None = None
) -> Segmenter:
    """The network at the size, with the memory, that the section ``vos`` of a setup says, but for ``every``."""
    vos = setup["vos"]
    memory = Memory(**vos["memory"] | ({"every": every} if every else {}))
    return Segmenter(network.to(device).eval(), **vos["input"], memory=memory, device=device, guide_for=guide)


def guide_for(
    setup: Setup, variant: str, weights: Path | None, device: torch.device, cost: MotionCost
) -> GuideFor | None:
    """The motion of ``association.variants.<variant>``, None for the one without; its history is the association's."""
    settings = association_settings(setup["association"], VOS, variant)
    if settings.model is None:
        return None
    name = settings.model_name
    model = None if name is None else motion_of(setup, name, weights, device)
    return lambda video, size: MotionGuide(
        model or OracleMotion(video), video, size, settings.past, settings.gaps, cost
    )
