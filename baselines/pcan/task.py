"""PCAN as a task of the training loop: a key frame and a reference frame, all heads together from the start."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from baselines.layers.images import normalised
from baselines.layers.rpn import RpnOutputs, proposals
from baselines.pcan.heads import MASK_GRID
from baselines.pcan.losses import box_losses, embedding_losses, mask_loss, mask_targets, proposal_losses
from baselines.pcan.network import PcanNetwork
from baselines.pcan.sampling import Drawn, SamplingRule, Truth, draw
from instmove.training.loop import Losses

BOXES = SamplingRule(positive=0.5, negative=0.5, share=0.25)
"""configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py, train_cfg.rcnn."""
EMBEDDINGS = SamplingRule(positive=0.7, negative=0.3, share=0.5, ratio=3)
"""train_cfg.embed; drawn evenly, where the authors balance objects and overlaps."""
ALIKE = 0.5
"""Cosine above which two regions are taken for the same object (em_match_head.py:164-184)."""


@dataclass(frozen=True)
class Frame:
    """One frame of the samples of a batch, and the regions drawn from it."""

    pyramid: list[Tensor]
    outputs: RpnOutputs
    truths: list[Truth]
    boxes: list[Drawn]
    embeddings: list[Drawn]


@dataclass(frozen=True)
class Masks:
    """Of the regions that answer for objects, of all images, with the features that they are made from."""

    logits: Tensor
    features: Tensor


class PcanTask(nn.Module):
    """The network and its losses; random choices follow from the iteration alone.

    The authors train in stages and freeze what came before; here the refine head alone sees the rest as frozen.
    SysCV/pcan@281e3a7 pcan/models/roi_heads/quasi_dense_roi_head.py:120-230, quasi_dense_seg_roi_head_refine.py:48-170.
    """

    def __init__(self, network: PcanNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on a batch of samples of two frames, the key and its reference."""
        generator = Generator().manual_seed(int(batch["iteration"][0]))
        images, sizes = (batch[name].transpose(0, 1).flatten(0, 1) for name in ("images", "sizes"))
        pyramid = self.network.pyramid(normalised(images, sizes))
        count = len(batch["images"])
        parts = zip(*(features.split(count) for features in pyramid), strict=True)
        key, reference = (self._frame(batch, t, list(part), generator) for t, part in enumerate(parts))
        anchors, samples = self.network.anchors(pyramid), self.network.settings.regions // 2
        losses = proposal_losses(key.outputs, anchors, key.truths, samples, generator)
        logits, deltas = self.network.bbox_head(self._regions(key, [drawn.boxes for drawn in key.boxes]))
        losses |= box_losses(logits, deltas, key.boxes, key.truths)
        masks, targets = self._masks(key), mask_targets(key.boxes, key.truths, 2 * MASK_GRID)
        losses["mask"] = mask_loss(masks.logits, targets)
        losses |= self._embedding_losses(key, reference)
        losses["refine"] = self._refine_loss(key, masks, targets, reference)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def _frame(self, batch: dict[str, Tensor], frame: int, pyramid: list[Tensor], generator: Generator) -> Frame:
        network, outputs = self.network, self.network.rpn_head(pyramid)
        anchors, truths = network.anchors(pyramid), _truths(batch, frame)
        boxes, embeddings = [], []
        for image, truth in enumerate(truths):
            height, width = batch["sizes"][image, frame].tolist()
            found, _ = proposals(outputs, anchors, image, (height, width), network.proposals)
            boxes.append(draw(found, truth, network.settings.regions, BOXES, generator))
            embeddings.append(draw(found, truth, network.settings.regions // 2, EMBEDDINGS, generator))
        return Frame(pyramid, outputs, truths, boxes, embeddings)

    def _regions(self, frame: Frame, boxes: Sequence[Tensor]) -> Tensor:
        return self.network.regions(frame.pyramid, _images(boxes), torch.cat(tuple(boxes)))

    def _masks(self, frame: Frame) -> Masks:
        boxes = [drawn.positives for drawn in frame.boxes]
        features = self.network.mask_regions(frame.pyramid, _images(boxes), torch.cat(boxes))
        labels = [truth.labels[drawn.objects] for truth, drawn in zip(frame.truths, frame.boxes, strict=True)]
        return Masks(self.network.mask_head(features, torch.cat(labels)), features)

    def _embedding_losses(self, key: Frame, reference: Frame) -> dict[str, Tensor]:
        positives, others = [one.positives for one in key.embeddings], [one.boxes for one in reference.embeddings]
        pairs = zip(
            self._embedded(key, positives),
            self._embedded(reference, others),
            _numbers(key.truths, key.embeddings),
            _numbers(reference.truths, reference.embeddings),
            strict=True,
        )
        losses = []
        for ours, theirs, number, their_number in pairs:
            same = F.pad(number[:, None] == their_number, (0, len(theirs) - len(their_number)))
            losses.append(torch.stack(embedding_losses(ours, theirs, same)))
        track, cosine = torch.stack(losses).mean(dim=0)
        return {"track": track, "cosine": cosine}

    def _embedded(self, frame: Frame, boxes: Sequence[Tensor]) -> Sequence[Tensor]:
        """Embeddings of each image's boxes."""
        return self.network.track_head(self._regions(frame, boxes)).split([len(own) for own in boxes])

    def _refine_loss(self, key: Frame, masks: Masks, targets: Tensor, reference: Frame) -> Tensor:
        """Of the key frame's masks, whose past is in the reference frame; they are their own if none is found there."""
        if not len(targets):
            return masks.logits.sum()
        now = past = Masks(masks.logits.detach(), masks.features.detach())
        rows, partners = self._found_again(key, reference)
        if len(rows):
            with torch.no_grad():
                past = self._masks(reference)
        else:
            rows = partners = torch.arange(len(targets), device=targets.device)
        refined = self.network.refine_head(
            now.features[rows], now.logits[rows], past.features[partners], past.logits[partners]
        )
        return mask_loss(refined, targets[rows])

    @torch.no_grad()
    def _found_again(self, key: Frame, reference: Frame) -> tuple[Tensor, Tensor]:
        """Those of the key frame's masks, and of the reference frame's, that are of one object and look like it."""
        both = [
            (
                torch.cat(tuple(self._embedded(frame, [one.positives for one in frame.boxes]))),
                torch.cat(_numbers(frame.truths, frame.boxes)),
            )
            for frame in (key, reference)
        ]
        (ours, numbers), (theirs, their_numbers) = both
        cosines = F.normalize(ours) @ F.normalize(theirs).T
        best, partners = F.pad(torch.where(numbers[:, None] == their_numbers, cosines, 0), (0, 1)).max(dim=1)
        rows = torch.nonzero(best > ALIKE)[:, 0]
        return rows, partners[rows]


def _truths(batch: dict[str, Tensor], frame: int) -> list[Truth]:
    valid = batch["visible"][:, frame] & (batch["labels"] >= 0)
    numbers = torch.arange(valid.numel(), device=valid.device).view_as(valid)
    tables = batch["boxes"][:, frame], batch["labels"], batch["masks"][:, frame], numbers
    return [Truth(*(table[b, shown] for table in tables)) for b, shown in enumerate(valid)]


def _images(boxes: Sequence[Tensor]) -> Tensor:
    """The number of the image of each box."""
    lengths = torch.tensor([len(own) for own in boxes], device=boxes[0].device)
    return torch.arange(len(boxes), device=boxes[0].device).repeat_interleave(lengths)


def _numbers(truths: Sequence[Truth], drawn: Sequence[Drawn]) -> list[Tensor]:
    """The numbers of the objects that the regions of each image answer for."""
    return [truth.numbers[regions.objects] for truth, regions in zip(truths, drawn, strict=True)]
