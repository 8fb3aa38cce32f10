"""How each dataset of the mini benchmark is drawn: a recipe is a handful of ranges; all of the calibration is here."""

from dataclasses import dataclass, replace

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
    size: Range = (38.0, 70.0)
    """Body unit of a clip's objects."""
    speed: float = 0.005
    """Median speed in body units a full-rate frame."""
    speed_spread: float = 1.6
    """Standard deviation of the logarithm of a clip's speed: most are calm, some are wild."""
    likeness: float = 5.0
    """How far look-alikes differ in colour, in grey levels."""
    company: float = 0.8
    """Share of objects that belong to the clip's group of look-alikes."""
    gathering: float = 26.0
    """How close to a common place the group's members pass."""
    cohesion: Range = (0.0, 0.5)
    """Share of an object's motion that its whole group makes."""
    margin: float = -6.0
    """How far outside the frame objects may stray before they turn."""
    props: Range = (0.5, 3.5)
    """Number of things that are not objects in front of the scene."""
    screened: float = 0.9
    """How often something solid is put where an object that goes far will pass."""
    pan: Range = (0.0, 3.0)
    shake: Range = (0.0, 0.2)
    followed: float = 0.4
    """Share of clips in which the camera follows the group."""
    noise: Range = (2.0, 9.0)
    blurred: float = 0.3
    """Share of clips with motion blur; half as many are out of focus."""
    height: int = 96
    width: int = 160


SHARED = ("person", "bird", "horse", "elephant", "zebra", "lizard", "fish", "turtle")
"""Categories that OVIS and YouTube-VIS 2021 both have, and mini draws."""

CROWD = (0.0, 0.23, 0.27, 0.22, 0.14, 0.09, 0.05)
FEW = (0.35, 0.35, 0.2, 0.1)
UNSEEN = ("giraffe", "dog", "shark", "duck")
"""Categories of YouTube-VOS that only its validation has."""

OVIS = Recipe((20, 24), SHARED, CROWD)
DAVIS = Recipe((16, 20), (*SHARED, "dog", "car"), (0.5, 0.3, 0.2), likeness=9.0, gathering=24.0, followed=0.7)
YTVOS = Recipe((12, 16), (*SHARED, "car"), FEW, stride=2, gathering=30.0, margin=22.0)

RECIPES: dict[str, Recipe] = {
    "ovis_train": OVIS,
    "ovis_valid": OVIS,
    "ytvis21_train": Recipe((12, 12), SHARED, (0.3, 0.35, 0.2, 0.15), props=(0.0, 2.0)),
    "ytvis_long_valid": Recipe((12, 16), SHARED, (0.1, 0.3, 0.3, 0.2, 0.1), stride=5, props=(0.0, 2.0)),
    "davis_train": DAVIS,
    "davis_val": DAVIS,
    "ytvos_train": YTVOS,
    "ytvos_valid": replace(YTVOS, categories=(*SHARED, *UNSEEN)),
}


@dataclass(frozen=True)
class RoadRecipe:
    """The same for drives: ``pace`` is metres a frame, ``sway`` how far steering moves the view, in pixels."""

    frames: tuple[int, int]
    objects: tuple[int, int]
    kinds: dict[str, float]
    pace: Range = (0.3, 1.1)
    sway: Range = (4.0, 30.0)
    noise: Range = (2.0, 7.0)
    height: int = 96
    width: int = 160


KINDS = {"car": 10, "pedestrian": 5, "truck": 2, "bus": 1.5, "bicycle": 1.0, "motorcycle": 0.8, "train": 0.4}
ROAD = RoadRecipe((24, 24), (5, 9), KINDS)
ROADS = {"bdd_train": ROAD, "bdd_val": ROAD}
