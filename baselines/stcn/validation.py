"""How well STCN segments while it trains: mean J of the first held-out videos."""

from collections.abc import Callable
from itertools import islice

import numpy as np
import torch
from torch import nn

from baselines.stcn.build import segmenter
from baselines.stcn.guidance import MotionCost, MotionGuide
from baselines.stcn.segmentation import GuideFor, Segmenter
from baselines.stcn.task import StcnTask
from instmove.config import Setup
from instmove.datasets.labels import split_ids
from instmove.metrics.vos import ObjectScores, score_sequence
from instmove.motion.instmove import InstMoveMotion
from instmove.video import Dataset, Video

VIDEOS = 8
"""Held-out videos that are looked at."""


def region_validation(setup: Setup, held_out: Dataset, device: torch.device) -> Callable[[nn.Module], dict[str, float]]:
    """A function that gives a task's ``j``: mean J of the objects of up to 8 videos, as DAVIS has it."""
    videos = list(islice(held_out, VIDEOS))
    past, gaps = (setup["association"][key] for key in ("past", "gaps"))

    def guided(motion: InstMoveMotion) -> GuideFor:
        return lambda video, size: MotionGuide(motion, video, size, past, gaps, MotionCost())

    def validate(task: nn.Module) -> dict[str, float]:
        assert isinstance(task, StcnTask)
        guide = None if task.motion is None else guided(InstMoveMotion(task.motion.network, task.motion.side, device))
        made = segmenter(setup, task.network, device, guide)
        scored = [found for video in videos for found in _scored(made, video)]
        return {"j": float(np.mean([found.j.mean() for found in scored]))}

    return validate


def _scored(made: Segmenter, video: Video) -> list[ObjectScores]:
    labels = dict(made.segment(video, "davis"))
    return score_sequence(video, split_ids(labels, len(video)), "davis")
