"""Drawing a scene: frames, the part that each pixel shows, masks, and exact flow from the transforms themselves."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from instmove import masks
from instmove.datasets.synthetic.geometry import Placement, Points, apply
from instmove.datasets.synthetic.scene import Actor, Canvas, Film, Scene
from instmove.datasets.synthetic.sprites import Sprite
from instmove.datasets.synthetic.textures import FloatArray
from instmove.masks import BoolArray, Rle
from instmove.video import Clip, Image, Track

BACKDROP = -1
"""Label of pixels that show no part."""
SMALLEST_MASK = 12
"""Objects that show fewer pixels count as hidden, as slivers are in hand-made annotation."""
NOISE_TILE = 48
"""A frame's noise is cut from one tile, this much larger than the frame, at a random place."""

Labels = NDArray[np.int16]


@dataclass(frozen=True)
class FlowClip:
    """A clip with exact flow: ``flows[t]`` (H, W, 2) float32 takes pixel (x right, y down) of frame t to frame t + 1.

    ``visible[t]`` (H, W) is true where the same surface point can be seen in frame t + 1 too.
    """

    clip: Clip
    flows: tuple[FloatArray, ...]
    visible: tuple[BoolArray, ...]


def _window(corners: Points, height: int, width: int) -> tuple[int, int, int, int] | None:
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0)) + 1
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(width, int(high[0])), min(height, int(high[1]))
    return (left, top, right, bottom) if right > left and bottom > top else None


def _corners(sprite: Sprite, placement: Placement) -> Points:
    """The sprite's corners in the frame, moved out by as much as its bend can reach."""
    height, width = sprite.pixels.shape[:2]
    box = apply(sprite.from_sprite, np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64))
    bend = placement.bend
    if bend is not None:
        reach = abs(bend.size) * placement.vigour * sum(abs(n) for n in bend.envelope)
        box[:, 1] += (-reach, -reach, reach, reach)
    return apply(placement.matrix, box)


def _sample(sprite: Sprite, placement: Placement, window: tuple[int, int, int, int]) -> FloatArray:
    """The sprite's pixels in a window of the frame: premultiplied colour and opacity."""
    left, top, right, bottom = window
    if placement.bend is None:
        matrix = placement.matrix @ sprite.from_sprite
        matrix[:2, 2] -= (left, top)
        return cv2.warpAffine(sprite.pixels, matrix[:2], (right - left, bottom - top)).astype(np.float32, copy=False)
    rows, columns = np.mgrid[top:bottom, left:right].astype(np.float64)
    points = apply(sprite.to_sprite, placement.to_part(np.stack((columns, rows), axis=-1))).astype(np.float32)
    return cv2.remap(sprite.pixels, points[..., 0], points[..., 1], cv2.INTER_LINEAR).astype(np.float32, copy=False)


def _draw(image: FloatArray, labels: Labels, sprite: Sprite, placement: Placement, label: int) -> None:
    """Lay one sprite over the picture; a shadow darkens it without changing whose pixels they are."""
    window = _window(_corners(sprite, placement), *labels.shape)
    if window is None:
        return
    left, top, right, bottom = window
    pixels = _sample(sprite, placement, window)
    part = image[top:bottom, left:right]
    part *= 1 - pixels[..., 3:]
    part += pixels[..., :3]
    if sprite.part.opacity == 1:
        labels[top:bottom, left:right][pixels[..., 3] > 0.5] = label


class Stage:
    """A scene with all its placements worked out: draws any of its frames."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        shutter, last = scene.film.shutter, len(scene.film.gain) - 1
        exposures = (-shutter, 0, shutter) if shutter else (0,)
        self.exposures = exposures
        wanted = {min(max(moment + e, 0), last) for moment in scene.moments for e in exposures}
        self.moments = sorted(wanted)
        self.index = {moment: k for k, moment in enumerate(self.moments)}
        self.placements = [actor.placements(self.moments) for actor in scene.actors]
        self.first = np.cumsum([0, *(len(actor.sprites) for actor in scene.actors)])
        self.owner = np.array([a.id for a in scene.actors for _ in a.sprites] + [0])

    def order(self, moment: int) -> list[int]:
        """Actors from back to front."""
        depth = [float(actor.depth[moment]) for actor in self.scene.actors]
        return sorted(range(len(depth)), key=depth.__getitem__)

    def paint(self, moment: int) -> tuple[FloatArray, Labels]:
        """A sharp picture (H, W, 3) and the label (H, W) of the part that each pixel shows."""
        image = self.scene.backdrop.draw(moment)
        labels = np.full(image.shape[:2], BACKDROP, np.int16)
        for a in self.order(moment):
            actor: Actor = self.scene.actors[a]
            here = self.placements[a][self.index[moment]]
            for k, (sprite, placement) in enumerate(zip(actor.sprites, here, strict=True)):
                _draw(image, labels, sprite, placement, int(self.first[a]) + k)
        return image, labels

    def frame(self, rng: Generator, number: int, noise: FloatArray) -> tuple[Image, Labels]:
        """Frame ``number`` as the film shows it, and its labels at the middle of the exposure."""
        film, moment = self.scene.film, self.scene.moments[number]
        image, labels = self.paint(moment)
        if film.shutter:
            others = [min(max(moment + e, 0), self.moments[-1]) for e in self.exposures if e]
            for other in others:
                image += self.paint(other)[0]
            image /= 1 + len(others)
        return develop(rng, image, film, film.gain[moment], noise), labels

    def placement(self, label: int, moment: int) -> Placement:
        """Where the part with this label (or the backdrop) is at one of the clip's moments."""
        if label == BACKDROP:
            assert isinstance(self.scene.backdrop, Canvas)
            return self.scene.backdrop.placement(moment)
        a = int(np.searchsorted(self.first, label, side="right")) - 1
        return self.placements[a][self.index[moment]][label - int(self.first[a])]


def develop(rng: Generator, image: FloatArray, film: Film, gain: float, noise: FloatArray) -> Image:
    """Exposure, defocus and sensor noise, in that order; 8 bits."""
    if film.defocus > 0:
        cv2.GaussianBlur(image, (0, 0), film.defocus, dst=image)
    image *= np.float32(gain)
    if film.noise > 0:
        top, left = rng.integers(0, NOISE_TILE, 2)
        image += noise[top : top + image.shape[0], left : left + image.shape[1]]
    return np.clip(image, 0, 255).astype(np.uint8)


def _noise(rng: Generator, scene: Scene) -> FloatArray:
    height, width = scene.size
    coarse = rng.standard_normal((height + NOISE_TILE, width + NOISE_TILE, 3), dtype=np.float32)
    return coarse * np.float32(scene.film.noise)


def _tracks(scene: Scene, ids: list[NDArray[np.int64]]) -> tuple[Track, ...]:
    found = []
    for actor in scene.actors:
        if actor.id == 0:
            continue
        shown = [frame == actor.id for frame in ids]
        rles: tuple[Rle | None, ...] = tuple(masks.encode(m) if m.sum() >= SMALLEST_MASK else None for m in shown)
        if any(rle is not None for rle in rles):
            found.append(Track(actor.id, actor.category, rles))
    return tuple(sorted(found, key=lambda track: track.id))


def draw_clip(rng: Generator, scene: Scene, name: str) -> Clip:
    """All frames and visible masks of a scene."""
    stage, noise = Stage(scene), _noise(rng, scene)
    drawn = [stage.frame(rng, t, noise) for t in range(len(scene.moments))]
    return Clip(name, [image for image, _ in drawn], _tracks(scene, [stage.owner[labels] for _, labels in drawn]))


def _flow(stage: Stage, labels: Labels, here: int, there: int) -> FloatArray:
    """Each pixel to its part's own coordinates, and from there to the next frame."""
    flow = np.zeros((*labels.shape, 2), np.float32)
    for label in np.unique(labels).tolist():
        rows, columns = np.nonzero(labels == label)
        pixels = np.stack((columns, rows), axis=-1).astype(np.float64)
        start, end = stage.placement(label, here), stage.placement(label, there)
        flow[rows, columns] = end.to_image(start.to_part(pixels)) - pixels
    return flow


def seen_again(labels: Labels, after: Labels, flow: FloatArray) -> BoolArray:
    """True (H, W) where a pixel's part is still the one on top at the place to which it moved."""
    height, width = labels.shape
    rows, columns = np.mgrid[:height, :width]
    x, y = np.rint(columns + flow[..., 0]).astype(int), np.rint(rows + flow[..., 1]).astype(int)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    landed = after[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
    return inside & (landed == labels)


def draw_clip_with_flow(rng: Generator, scene: Scene, name: str) -> FlowClip:
    """All frames, masks and forward flow of a scene whose backdrop is a :class:`Canvas`."""
    stage, noise = Stage(scene), _noise(rng, scene)
    drawn = [stage.frame(rng, t, noise) for t in range(len(scene.moments))]
    labels = [label for _, label in drawn]
    steps = range(len(drawn) - 1)
    flows = tuple(_flow(stage, labels[t], scene.moments[t], scene.moments[t + 1]) for t in steps)
    visible = tuple(seen_again(labels[t], labels[t + 1], flows[t]) for t in steps)
    tracks = _tracks(scene, [stage.owner[label] for label in labels])
    return FlowClip(Clip(name, [image for image, _ in drawn], tracks), flows, visible)
