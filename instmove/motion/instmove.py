"""InstMove as a motion model: masks and the current frame through the network, all instances of a frame together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.network.base import InstMoveNetwork
from instmove.network.build import NetworkSettings
from instmove.network.canvas import Canvas
from instmove.network.checkpoint import load_network, load_released
from instmove.network.decoder import Features
from instmove.network.window import Window, cut, cut_features, paste, window_around

BATCH = 20
"""Instances a forward pass, canvases included: bounds memory; as many as the paper gives MinVIS (Sec. 3.4)."""
RELEASED = NetworkSettings("released", "full", 1.0, side=384, antialias=True)
"""The authors' checkpoint. Their plug-in sees its host's input, which Pillow has reduced before:
wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:56-61, 375.
"""


class InstMoveMotion(MotionModel):
    """Predicts with a trained network; tracklets need at least two masks (Sec. 3.1)."""

    def __init__(
        self,
        network: InstMoveNetwork,
        side: int,
        device: torch.device | str = "cpu",
        window: int | None = None,
        antialias: bool = False,
    ) -> None:
        """Canvases have this ``side``; instances are seen through windows of ``window`` pixels or more, None: all."""
        self.network = network.to(device).eval()
        self.canvas = Canvas(side, device, antialias)
        self.window = side if window is None else window
        self.images = 1 if network.uses_image else 0

    @torch.inference_mode()
    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """Foreground probabilities (K, h, w): the canvas' logits, brought back to the masks' grid, and a sigmoid."""
        features = self._features(scene)
        result = np.empty((len(tracklets), *tracklets[0].masks.shape[1:]), dtype=np.float32)
        windows = [window_around(self.canvas.masks(tracklet.masks), self.window) for tracklet in tracklets]
        kinds = [(len(each.masks), window.side) for each, window in zip(tracklets, windows, strict=True)]
        for chosen in _batches(kinds):
            pasts = [self.canvas.masks(tracklets[k].masks) for k in chosen]
            logits = self._logits(pasts, [windows[k] for k in chosen], features)
            restored = self.canvas.restore(logits, *result.shape[1:])
            result[chosen] = restored.sigmoid().cpu().numpy()
        return result

    def _logits(self, pasts: Sequence[Tensor], windows: Sequence[Window], features: Features | None) -> Tensor:
        """Logits (K, S, S) on the canvas from equally many past masks (n, S, S) each and windows of one side."""
        seen = self.network(cut(torch.stack(list(pasts)), windows), cut_features(features, windows))
        return paste(seen, windows, self.canvas.side)

    def _features(self, scene: Scene) -> Features | None:
        if not self.network.uses_image:
            return None
        if scene.image is None:
            raise ValueError(f"frame {scene.frame}: this network looks at its image")
        image: Tensor = self.canvas.image(scene.image)
        return self.network.encode_image(image[None])


def _batches(kinds: list[tuple[int, int]]) -> list[list[int]]:
    """Indices of tracklets with equally many masks and equal windows, at most BATCH together."""
    if min(kinds)[0] < 2:
        raise ValueError("InstMove predicts from at least two past masks (Sec. 3.1)")
    groups = [[k for k, own in enumerate(kinds) if own == kind] for kind in sorted(set(kinds))]
    return [group[start : start + BATCH] for group in groups for start in range(0, len(group), BATCH)]


def load_motion(weights: Path | str, device: torch.device | str = "cpu") -> InstMoveMotion:
    """From our own safetensors file, or from the authors' ``motion_model.pth`` (canvas 384, as released)."""
    released = Path(weights).suffix != ".safetensors"
    network, settings = (load_released(weights), RELEASED) if released else load_network(weights)
    return InstMoveMotion(network, settings.side, device, settings.window, settings.antialias)
