"""Greedy non-maximum suppression of boxes."""

import numpy as np
import torch
from torch import Tensor


def batched_nms(boxes: Tensor, scores: Tensor, labels: Tensor, threshold: float, limit: int | None = None) -> Tensor:
    """Rows of ``boxes`` (N, 4: x1, y1, x2, y2) to keep, best first: none overlaps a better one by IoU > threshold.

    Boxes with different ``labels`` (N,) do not suppress each other, boxes without area do. Equal scores keep their
    order; at most the ``limit`` best survivors.
    """
    order = torch.sort(scores, descending=True, stable=True).indices
    corners = boxes[order].detach().cpu().numpy()
    classes = labels.cpu().numpy()[order.cpu().numpy()]
    areas = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    alive = np.ones(len(order), dtype=np.bool_)
    kept: list[int] = []
    for best in range(len(order)):
        if not alive[best]:
            continue
        kept.append(best)
        if len(kept) == limit:
            break
        rest = best + 1 + np.flatnonzero(alive[best + 1 :] & (classes[best + 1 :] == classes[best]))
        width, height = (
            np.minimum(corners[rest, side + 2], corners[best, side + 2])
            - np.maximum(corners[rest, side], corners[best, side])
            for side in (0, 1)
        )
        intersection = width.clip(min=0) * height.clip(min=0)
        union = areas[rest] + areas[best] - intersection
        alive[rest] = (intersection <= threshold * union) & (union > 0)
    return order[torch.as_tensor(kept, dtype=torch.int64, device=order.device)]
