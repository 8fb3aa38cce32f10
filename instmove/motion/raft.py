"""Masks carried along by optical flow, the paper's rival (Table 2, Table 9, App. B)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from instmove.flow.checkpoint import load_raft
from instmove.flow.raft import Raft
from instmove.flow.warp import flow_between, resize_flow, warp
from instmove.motion.base import MotionModel, Scene, Tracklet


class RaftMotion(MotionModel):
    """Warps each tracklet's last mask by the flow between the current and the previous frame.

    As in App. B the last mask counts as the mask of frame t-1: flow knows this one step only, so a tracklet that was
    not seen in the previous frame is carried from where it was last seen by what moves there now.
    """

    def __init__(self, raft: Raft, longest: int, iterations: int):
        """``longest``: pixels of the longest side at which RAFT sees the frames; ``iterations``: its refinements."""
        self.raft, self.longest, self.iterations = raft.eval(), longest, iterations

    @torch.inference_mode()
    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """One flow for the frame, all masks warped at once as channels: (K, h, w)."""
        if scene.image is None or scene.previous is None:
            raise ValueError(f"frame {scene.frame}: flow needs its image and that of the previous frame")
        flow = flow_between(self.raft, scene.image, scene.previous, self.longest, self.iterations)
        masks = torch.from_numpy(np.stack([tracklet.masks[-1] for tracklet in tracklets])).to(flow.device)
        flow = resize_flow(flow, *masks.shape[-2:])
        return warp(masks[None].float(), flow)[0].cpu().numpy()


def load_raft_motion(
    weights: Path | str, longest: int, iterations: int, device: torch.device | str = "cpu"
) -> RaftMotion:
    """From a file that :func:`instmove.flow.checkpoint.load_raft` reads."""
    return RaftMotion(load_raft(weights).to(device), longest, iterations)
