"""PCAN's tracker: the quasi-dense one, whose masks are refined once it is known whose they are."""

from dataclasses import replace

import numpy as np
import torch

from baselines.interface import Float32, Instances, PlugIn
from baselines.pcan.pasting import frame_masks, frame_rles, rescaled
from baselines.pcan.refine import RefineHead
from baselines.quasi_dense import Match, QuasiDenseSettings, QuasiDenseTracker

INPUTS = ("features", "logits")
"""Names under ``Instances.extras``."""


class PcanTracker(QuasiDenseTracker):
    """Matches by unrefined masks, refines, and remembers refined masks.

    A refinement sees the features and the unrefined mask with which its track was last matched; detections that
    continue no track are their own past. It moves the running prototypes of the refine head, which outlive a video:
    results depend on the order of the videos, as the authors' do.
    SysCV/pcan@281e3a7 pcan/models/trackers/quasi_dense_seg_feat_embed_tracker.py,
    pcan/models/mot/quasi_dense_pcan_seg_refine.py:92-116.
    """

    def __init__(self, settings: QuasiDenseSettings, plug_in: PlugIn | None, refine_head: RefineHead) -> None:
        super().__init__(settings, plug_in)
        self.refine_head = refine_head
        self.pasts: dict[int, tuple[Float32, ...]] = {}
        """Features and logits of the last match of each live track."""

    def final(self, instances: Instances, match: Match) -> Instances:
        """The detections with refined masks, but for those that repeat a better one."""
        if not len(match.rows):
            return instances
        logits, boxes = self.refined(instances, match), instances.boxes[match.rows]
        grid, size = instances.masks.shape[1:], instances.rles[0]["size"]
        masks, rles = instances.masks.copy(), list(instances.rles)
        masks[match.rows] = frame_masks(logits, rescaled(boxes, (size[0], size[1]), grid), *grid)
        for row, rle in zip(match.rows, frame_rles(logits, boxes, size[0], size[1]), strict=True):
            rles[row] = rle
        return replace(instances, masks=masks, rles=tuple(rles))

    def update(self, frame: int, instances: Instances, match: Match) -> None:
        """Take the frame into memory."""
        super().update(frame, instances, match)
        named = [(int(number), row) for number, row in zip(match.ids, match.rows, strict=True) if number >= 0]
        pasts = self.pasts | {number: _inputs(instances, row) for number, row in named}
        self.pasts = {number: pasts[number] for number in self.tracks}

    @torch.inference_mode()
    def refined(self, instances: Instances, match: Match) -> Float32:
        """Mask logits (rows, 28, 28) of the matched detections; the running prototypes move."""
        now = [_inputs(instances, row) for row in match.rows]
        past = [self.pasts.get(int(number), own) for number, own in zip(match.ids, now, strict=True)]
        device = self.refine_head.pos_mu.device
        arrays = [np.stack([inputs[part] for inputs in side]) for side in (now, past) for part in range(len(INPUTS))]
        return self.refine_head(*(torch.from_numpy(array).to(device) for array in arrays)).cpu().numpy()


def _inputs(instances: Instances, row: int) -> tuple[Float32, ...]:
    """Features (C, 14, 14) and logits (28, 28) of a detection."""
    return tuple(instances.extras[name][row] for name in INPUTS)
