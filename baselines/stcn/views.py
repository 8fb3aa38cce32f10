"""Pictures as STCN's training sees them: moved, cut, mirrored, warped and recoloured, with their labels.

Reaches are those of hkchengrex/STCN@eb83102 dataset/static_dataset.py:44-81, vos_dataset.py:33-91, tps.py:8-36.
"""

import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from instmove.datasets.labels import Labels
from instmove.video import Image

Float32 = NDArray[np.float32]
FILL = (124, 116, 104)
"""ImageNet's mean, outside of a moved picture; labels are 0 there (static_dataset.py:50, 56; vos_dataset.py:54, 58)."""
CONTROL_POINTS, BEND = 12, 0.02
"""Of the thin-plate spline: how many points are displaced, and by how much of the picture (tps.py:8-36)."""
COARSE = 16
"""Grid on which the spline is evaluated before it is enlarged."""


@dataclass(frozen=True)
class Picture:
    """An RGB image (H, W, 3) and the labels (H, W) of its pixels."""

    image: Image
    labels: Labels

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.labels.shape
        return height, width


@dataclass(frozen=True)
class Affine:
    """Reach of a random affine map about the picture's centre: degrees, degrees of shear along x, factors of size."""

    degrees: float = 0.0
    shear: float = 0.0
    sizes: tuple[float, float] = (1.0, 1.0)

    def draw(self, generator: random.Random) -> NDArray[np.float64]:
        """A linear map (2, 2)."""
        angle, shear = (np.deg2rad(generator.uniform(-reach, reach)) for reach in (self.degrees, self.shear))
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned: NDArray[np.float64] = generator.uniform(*self.sizes) * rotation @ [[1, np.tan(shear)], [0, 1]]
        return turned


@dataclass(frozen=True)
class Colours:
    """Reach of random changes of brightness, contrast and saturation (factors about 1), and of hue (turns)."""

    brightness: float
    contrast: float
    saturation: float
    hue: float = 0.0

    def draw(self, generator: random.Random) -> "Colours":
        """Factors, and a shift of hue, to give to :func:`recoloured`."""
        brightness, contrast, saturation, hue = (
            generator.uniform(-r, r) for r in (self.brightness, self.contrast, self.saturation, self.hue)
        )
        return Colours(1 + brightness, 1 + contrast, 1 + saturation, hue)


def moved(picture: Picture, linear: NDArray[np.float64]) -> Picture:
    """Apply a linear map about the centre; image bicubic, labels by nearest neighbour."""
    height, width = picture.size
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix = np.hstack([linear, (centre - linear @ centre)[:, None]])
    image = cv2.warpAffine(picture.image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=FILL)
    labels = cv2.warpAffine(picture.labels, matrix, (width, height), flags=cv2.INTER_NEAREST, borderValue=0)
    return Picture(image.astype(np.uint8, copy=False), labels.astype(np.uint8, copy=False))


def bent(picture: Picture, generator: random.Random) -> Picture:
    """Warp by a thin-plate spline through displaced random points."""
    from scipy.interpolate import RBFInterpolator

    points = np.array([[generator.random(), generator.random()] for _ in range(CONTROL_POINTS)])
    shifts = np.array([[generator.gauss(0, BEND), generator.gauss(0, BEND)] for _ in range(CONTROL_POINTS)])
    ticks = np.linspace(0, 1, COARSE)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    coarse = RBFInterpolator(points, shifts, kernel="thin_plate_spline")(grid).reshape(COARSE, COARSE, 2)
    height, width = picture.size
    shift = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    x = np.arange(width, dtype=np.float32)[None] + shift[..., 0] * width
    y = np.arange(height, dtype=np.float32)[:, None] + shift[..., 1] * height
    image = cv2.remap(picture.image, x, y, cv2.INTER_LINEAR, borderValue=FILL)
    labels = cv2.remap(picture.labels, x, y, cv2.INTER_NEAREST, borderValue=0)
    return Picture(image.astype(np.uint8, copy=False), labels.astype(np.uint8, copy=False))


def mirrored(picture: Picture) -> Picture:
    """Left and right exchanged."""
    return Picture(picture.image[:, ::-1], picture.labels[:, ::-1])


def resized(picture: Picture, height: int, width: int) -> Picture:
    """Image bilinear, averaged where it shrinks; labels by nearest neighbour of the pixels' centres."""
    kind = cv2.INTER_AREA if height < picture.size[0] else cv2.INTER_LINEAR
    image = cv2.resize(picture.image, (width, height), interpolation=kind)
    labels = cv2.resize(picture.labels, (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return Picture(image.astype(np.uint8, copy=False), labels.astype(np.uint8, copy=False))


def cut(picture: Picture, rows: slice, columns: slice) -> Picture:
    """These rows and columns."""
    return Picture(picture.image[rows, columns], picture.labels[rows, columns])


def draw_window(size: tuple[int, int], areas: tuple[float, float], generator: random.Random) -> tuple[slice, slice]:
    """Rows and columns of a window with this share of the picture's area and sides in a ratio of 3/4 to 4/3.

    As torchvision's RandomResizedCrop; the largest that fits where ten tries do not.
    """
    height, width = size
    for _ in range(10):
        area = height * width * generator.uniform(*areas)
        ratio = np.exp(generator.uniform(np.log(3 / 4), np.log(4 / 3)))
        rows, columns = round(np.sqrt(area / ratio)), round(np.sqrt(area * ratio))
        if 0 < rows <= height and 0 < columns <= width:
            break
    else:
        rows = columns = min(height, width)
    top, left = generator.randint(0, height - rows), generator.randint(0, width - columns)
    return slice(top, top + rows), slice(left, left + columns)


def recoloured(picture: Picture, change: Colours) -> Picture:
    """Change brightness, contrast, saturation and hue, in this order."""
    image = picture.image.astype(np.float32) * change.brightness
    image = (image - image.mean()) * change.contrast + image.mean()
    grey = image @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    image = (image - grey[..., None]) * change.saturation + grey[..., None]
    bounded = image.clip(0, 255).round().astype(np.uint8)
    if change.hue:
        hsv = cv2.cvtColor(bounded, cv2.COLOR_RGB2HSV_FULL)
        hsv[..., 0] += np.uint8(round(change.hue * 256) % 256)
        bounded = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).astype(np.uint8, copy=False)
    return Picture(bounded, picture.labels)


def grey(picture: Picture) -> Picture:
    """Without colour."""
    luminance = cv2.cvtColor(np.ascontiguousarray(picture.image), cv2.COLOR_RGB2GRAY)
    return Picture(np.repeat(luminance[..., None], 3, axis=2).astype(np.uint8, copy=False), picture.labels)
