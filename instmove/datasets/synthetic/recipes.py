"""How each dataset of the mini benchmark is drawn: a recipe is a handful of ranges; all of the calibration is here."""

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True)
class Recipe:
    """Ranges that a clip draws its values from. Lengths are in pixels of the frame, times in frames."""

    frames: tuple[int, int]
    """Number of frames, both ends included."""
    categories: tuple[str, ...]
    objects: tuple[float, ...]
    """Relative frequency of 1, 2, 3, ... objects."""
    stride: int = 1
    """Full-rate frames from one frame to the next: above 1 everything moves more in between."""
    size: Range = (32.0, 64.0)
    """Body unit of a clip's objects."""
    speed: float = 0.012
    """Median speed in body units a full-rate frame."""
    speed_spread: float = 1.0
    """Standard deviation of the logarithm of speed, over clips and over objects together."""
    likeness: float = 5.0
    """How far look-alikes differ in colour, in grey levels."""
    company: float = 0.8
    """Share of objects that belong to the clip's group of look-alikes."""
    gathering: float = 20.0
    """How close to a common place the group's members pass."""
    cohesion: Range = (0.0, 0.7)
    """Share of an object's motion that its whole group makes."""
    margin: float = 4.0
    """How far outside the frame objects may stray before they turn."""
    props: Range = (0.0, 3.0)
    """Number of things that are not objects in front of the scene."""
    pan: Range = (0.0, 6.0)
    shake: Range = (0.0, 0.4)
    followed: float = 0.4
    """Share of clips in which the camera follows the group."""
    noise: Range = (2.0, 9.0)
    blurred: float = 0.3
    """Share of clips with motion blur; half as many are out of focus."""
    height: int = 96
    width: int = 160


SHARED = ("person", "bird", "horse", "elephant", "zebra", "lizard", "fish", "turtle")
"""Categories that OVIS and YouTube-VIS 2021 both have, and mini draws."""

OVIS = Recipe((20, 22), SHARED, (0.0, 0.2, 0.25, 0.2, 0.15, 0.1, 0.1))
RECIPES: dict[str, Recipe] = {
    "ovis": OVIS,
    "ovis_valid": Recipe((12, 16), SHARED, OVIS.objects),
    "ytvis21": Recipe((12, 12), SHARED, (0.3, 0.35, 0.2, 0.15), gathering=30.0, props=(0.0, 2.0)),
    "ytvis_long": Recipe((12, 16), SHARED, (0.1, 0.3, 0.3, 0.2, 0.1), stride=5, gathering=30.0, props=(0.0, 2.0)),
    "davis": Recipe(
        (16, 20),
        (*SHARED, "dog", "car"),
        (0.5, 0.3, 0.2),
        size=(32.0, 60.0),
        followed=0.7,
        gathering=24.0,
        likeness=9.0,
    ),
    "ytvos_train": Recipe(
        (14, 18),
        (*SHARED, "car"),
        (0.35, 0.35, 0.2, 0.1),
        stride=2,
        size=(28.0, 56.0),
        gathering=30.0,
        margin=22.0,
    ),
    "ytvos_valid": Recipe(
        (14, 18),
        (*SHARED, "giraffe", "dog", "shark", "duck"),
        (0.35, 0.35, 0.2, 0.1),
        stride=2,
        size=(28.0, 56.0),
        gathering=30.0,
        margin=22.0,
    ),
}
