"""What is in a clip: actors built of sprites and placed over time, a backdrop, and how the film looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from instmove.datasets.synthetic.geometry import Matrix, Placement, Points
from instmove.datasets.synthetic.sprites import Sprite
from instmove.datasets.synthetic.textures import FloatArray


@dataclass(frozen=True)
class Actor:
    """Something with sprites: an object (``id`` from 1) or scenery (``id`` 0, drawn but not annotated)."""

    id: int
    category: int
    sprites: tuple[Sprite, ...]
    matrices: Matrix
    """Body-to-frame maps (T, 3, 3)."""
    depth: Points
    """Drawn from small to large; (T,)."""
    phase: Points
    vigour: Points

    def placements(self, moments: Sequence[int]) -> list[list[Placement]]:
        """Where each sprite is at each of these sub-steps: a list over moments of lists over sprites."""
        chosen = np.asarray(moments)
        phase, vigour, body = self.phase[chosen], self.vigour[chosen], self.matrices[chosen]
        poses = [body @ sprite.part.poses(phase, vigour) for sprite in self.sprites]
        bends = [sprite.part.bend for sprite in self.sprites]
        return [
            [
                Placement(pose[k], bend, float(phase[k]), float(vigour[k]))
                for pose, bend in zip(poses, bends, strict=True)
            ]
            for k in range(len(chosen))
        ]


class Backdrop(Protocol):
    """What is behind everything."""

    def draw(self, moment: int) -> FloatArray:
        """The frame's background (height, width, 3) at a sub-step."""
        ...


@dataclass(frozen=True)
class Canvas:
    """A painted backdrop larger than the frame, seen through the camera; its corner is at ``origin`` in the world."""

    painting: FloatArray
    origin: tuple[float, float]
    matrices: Matrix
    size: tuple[int, int]

    def placement(self, moment: int) -> Placement:
        """World-to-frame map of the painting."""
        return Placement(self.matrices[moment])

    def draw(self, moment: int) -> FloatArray:
        """The part of the painting that the camera sees; beyond its edge it is mirrored."""
        shift = np.array([[1, 0, self.origin[0]], [0, 1, self.origin[1]], [0, 0, 1]], np.float64)
        matrix = (self.matrices[moment] @ shift)[:2]
        height, width = self.size
        image = cv2.warpAffine(self.painting, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
        return image.astype(np.float32, copy=False)


@dataclass(frozen=True)
class Film:
    """How the picture is taken: noise and blur in grey levels and pixels, shutter in sub-steps (0: no motion blur)."""

    noise: float
    defocus: float
    shutter: int
    gain: Points
    """Brightness over sub-steps (T,)."""


@dataclass(frozen=True)
class Scene:
    """A clip before it is drawn: ``moments`` are the sub-steps at which its frames are taken."""

    backdrop: Backdrop
    actors: tuple[Actor, ...]
    film: Film
    moments: tuple[int, ...]
    size: tuple[int, int]
