"""What surrounds STCN's network: which masks are given, what it is shown, and the way back to the frame's size."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from made_clips import box_clip
from PIL import Image

from baselines.stcn.network import Stcn, StcnSettings
from baselines.stcn.propagate import Memory
from baselines.stcn.segmentation import Frames, Segmenter, _labels, introduced, scaled
from instmove.errors import InstMoveError
from instmove.network.canvas import MEAN, STD
from instmove.video import Track, Video

SIZE = (48, 64)
LENGTH = 5


@pytest.fixture
def video(tmp_path: Path) -> Video:
    """Two objects, the second of which comes in the third frame."""
    clip = box_clip("ant", LENGTH, SIZE)
    paths = tuple(tmp_path / f"{t}.png" for t in range(LENGTH))
    for path, image in zip(paths, clip.images, strict=True):
        Image.fromarray(image).save(path)
    first, second = clip.tracks
    return Video(1, "ant", *SIZE, paths, (first, replace(second, masks=(None, None, *second.masks[2:]))))


@pytest.mark.parametrize(
    ("size", "shortest", "expected"),
    [
        ((720, 1280), 480, (480, 853)),
        ((1280, 720), 480, (853, 480)),
        ((48, 64), 96, (96, 128)),
        ((201, 402), 480, (480, 960)),  # 201 * (480 / 201) is a little below 480
        ((100, 177), 30, (30, 53)),  # 53.1
        ((100, 179), 30, (30, 53)),  # 53.7
    ],
)
def test_the_short_side_is_exact_and_the_long_one_rounded_down(
    size: tuple[int, int], shortest: int, expected: tuple[int, int]
) -> None:
    assert scaled(Video(1, "v", *size, (), ()), shortest) == expected


def test_davis_gives_the_masks_of_the_first_frame_and_youtube_vos_each_object_s_first(video: Video) -> None:
    assert video.tracks is not None
    first, second = video.tracks
    crowd = Track(9, 1, first.masks, ignored=True)
    never = Track(8, 1, (None,) * LENGTH)
    everything = replace(video, tracks=(crowd, never, first, second))
    assert {t: list(objects) for t, objects in introduced(everything, "davis").items()} == {0: [first.id]}
    given = introduced(everything, "ytvos")
    assert {t: list(objects) for t, objects in given.items()} == {0: [first.id], 2: [second.id]}
    np.testing.assert_array_equal(given[2][second.id], second.mask(2))
    for protocol, says in (("davis", "no object in its first mask"), ("ytvos", "no object in any of its masks")):
        with pytest.raises(InstMoveError, match=f"ant: {says}"):
            introduced(replace(video, tracks=(crowd, never)), protocol)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [SIZE, (96, 128)])
def test_frames_are_normalised_and_bicubic(video: Video, size: tuple[int, int]) -> None:
    frames = Frames(video, size, antialias=False, device=torch.device("cpu"))
    assert len(frames) == LENGTH
    for t in range(LENGTH):
        normalised = ((video.image(t) - np.array(MEAN)) / np.array(STD)).astype(np.float32)
        expected = cv2.resize(normalised, size[::-1], interpolation=cv2.INTER_CUBIC)
        np.testing.assert_allclose(frames[t].movedim(0, -1), expected, atol=1e-4)


def test_frames_are_smoothed_before_they_shrink_where_that_is_asked_for(video: Video) -> None:
    stripes = np.zeros((*SIZE, 3), dtype=np.uint8)
    stripes[::2] = 255
    Image.fromarray(stripes).save(video.frames[0])
    cpu, third = torch.device("cpu"), (16, 64)
    plain, smooth = (Frames(video, third, antialias, cpu)[0][0, 2:-2] for antialias in (False, True))
    assert plain.std() > 2, "every third row: black and white by turns"
    grey = (127.5 - MEAN[0]) / STD[0]
    np.testing.assert_allclose(smooth, np.full(smooth.shape, grey), atol=0.3)


def test_labels_are_the_likeliest_after_enlarging_bilinearly() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(3), (6, 8)).astype(np.float32)
    enlarged = cv2.resize(probabilities, (32, 24), interpolation=cv2.INTER_LINEAR)
    expected = np.array([0, 7, 3])[enlarged.argmax(axis=-1)]
    found = _labels([7, 3], torch.from_numpy(probabilities).movedim(-1, 0), (24, 32))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected)


class Guide:
    """No motion; notes what it is told to remember."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.size = size
        self.told: dict[int, dict[int, np.ndarray]] = {}

    def __call__(self, frame: int, ids: Sequence[int]) -> torch.Tensor:
        return torch.zeros(len(ids), 1, *self.size)

    def remember(self, frame: int, ids: Sequence[int], masks: np.ndarray) -> None:
        self.told[frame] = dict(zip(ids, masks, strict=True))


@pytest.mark.parametrize("first", [0, 2])
def test_motion_remembers_what_was_segmented_of_every_object(video: Video, first: int) -> None:
    """From the first frame with an object; the labels, at the network's own size here, are of the same objects."""
    assert video.tracks is not None
    shown = video if first == 0 else replace(video, tracks=video.tracks[1:])
    torch.manual_seed(0)
    network = Stcn(StcnSettings(4, 8, 32, 16, motion="stride4")).eval()
    guide = Guide(SIZE)
    made = Segmenter(network, 48, False, Memory(), torch.device("cpu"), lambda video, size: guide)  # type: ignore[arg-type, return-value]
    found = dict(made.segment(shown, "ytvos"))
    assert list(found) == list(guide.told) == list(range(first, LENGTH))
    for t, labels in found.items():
        for number, mask in guide.told[t].items():
            np.testing.assert_array_equal(mask, labels == number)
    for track in shown.tracks or ():
        given = track.visible()[0]
        np.testing.assert_array_equal(guide.told[given][track.id], track.mask(given))
