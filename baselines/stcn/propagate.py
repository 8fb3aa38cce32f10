"""From the masks in which objects are introduced to masks in every frame (hkchengrex/STCN@eb83102).

One rule serves DAVIS (inference_core.py), where all objects are in frame 0, and YouTube-VOS (inference_core_yv.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.stcn.aggregation import aggregate
from baselines.stcn.memory import TOP_K, MemoryBank
from baselines.stcn.network import Encoded, Stcn

STRIDE = 16  # sides of the network's input are multiples of it (util/tensor_util.py:16-34)


@dataclass(frozen=True)
class Memory:
    """What is kept of a video, and how much of it is read (eval_davis.py:24-32)."""

    every: int = 5
    """A frame is kept when the last one kept is this many frames back."""
    top_k: int = TOP_K
    frames: int | None = None
    """Frames kept at most, the first and the latest; None: all, as the authors do."""


class Images(Protocol):
    """The frames of a video; each is asked for once, in their order."""

    def __len__(self) -> int:
        """Their number."""

    def __getitem__(self, frame: int, /) -> Tensor:
        """A normalised frame (3, H, W)."""


Motion = Callable[[int, Sequence[int]], Tensor]
"""Motion masks (K, 1, H, W) of these objects in a frame, from frames before it."""
Introduced = Mapping[int, Mapping[int, Tensor]]
"""Frame -> object -> mask (H, W) of zeros and ones."""


@dataclass
class _Group:
    """Objects introduced in the same frame: they share the memory's keys."""

    ids: list[int]
    bank: MemoryBank


class Propagation:
    """The state of one video: objects so far, their memory, and their probabilities in the last frame."""

    def __init__(self, network: Stcn, memory: Memory) -> None:
        self.network, self.memory = network, memory
        self.groups: list[_Group] = []
        self.kept = 0

    @property
    def ids(self) -> list[int]:
        """Objects in the order of the channels of probabilities."""
        return [number for group in self.groups for number in group.ids]

    def segment(self, frame: Encoded, motion: Tensor | None) -> Tensor:
        """Probabilities (K, 1, H, W) of the objects so far, each by itself, from the memory."""
        read = torch.cat([group.bank.read(frame.key[0]) for group in self.groups])
        return self.network.segment(read, frame, motion).sigmoid()

    def introduce(self, probabilities: Tensor, masks: Mapping[int, Tensor]) -> Tensor:
        """Give the pixels of new objects to them alone; probabilities of all objects (K', 1, H, W).

        inference_core_yv.py:103-123.
        """
        new = torch.stack([mask.to(probabilities) for mask in masks.values()])[:, None]
        self.groups.append(_Group(list(masks), MemoryBank(self.memory.top_k, self.memory.frames)))
        return torch.cat((probabilities * (1 - new.amax(0)), new))

    def remember(self, time: int, image: Tensor, frame: Encoded, probabilities: Tensor) -> None:
        """Keep a frame (1, 3, H, W) with the aggregated probabilities (K, 1, H, W) of all objects."""
        values = self.network.encode_value(image, frame, probabilities)
        for group, part in zip(self.groups, values.split([len(group.ids) for group in self.groups]), strict=True):
            group.bank.add(frame.key[0], part)
        self.kept = time

    def is_due(self, time: int) -> bool:
        """Whether enough frames have passed since the last one kept."""
        return time - self.kept >= self.memory.every


def propagate(
    network: Stcn,
    images: Images,
    introduced: Introduced,
    motion: Motion | None = None,
    memory: Memory = Memory(),
) -> Iterator[tuple[list[int], Tensor]]:
    """Object ids and probabilities (K + 1, H, W), background first, frame after frame from the first with an object.

    The sides of images are padded to multiples of 16 with zeros, on both sides alike (util/tensor_util.py:16-34).
    Frames with new objects are kept, and of the others those that are due but for the last, which could only serve
    itself (inference_core_yv.py:54-98).
    """
    state = Propagation(network, memory)
    last = len(images) - 1
    for time in range(min(introduced), len(images)):
        image, crop = pad(images[time])
        frame = network.encode_key(image)
        height, width = image.shape[-2:]
        found = image.new_zeros(0, 1, height, width)
        if state.groups:
            shown = None if motion is None else pad(motion(time, state.ids)[:, 0])[0].transpose(0, 1)
            found = state.segment(frame, shown)
        new = time in introduced
        if new:
            found = aggregate(found).softmax(0)[1:] if len(found) else found
            found = state.introduce(found, {k: pad(mask[None])[0][0, 0] for k, mask in introduced[time].items()})
        whole = aggregate(found).softmax(0)
        if new or (state.is_due(time) and time != last):
            state.remember(time, image, frame, whole[1:])
        yield state.ids, whole[:, 0][..., crop[0], crop[1]]


def pad(image: Tensor) -> tuple[Tensor, tuple[slice, slice]]:
    """(C, H, W) as (1, C, H', W') with sides that are multiples of 16, and the slices that undo it."""
    height, width = image.shape[-2:]
    rows, columns = -height % STRIDE, -width % STRIDE
    top, left = rows // 2, columns // 2
    padded = F.pad(image[None], (left, columns - left, top, rows - top))
    return padded, (slice(top, top + height), slice(left, left + width))
