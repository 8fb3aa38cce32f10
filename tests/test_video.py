from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from instmove import masks
from instmove.errors import InstMoveError
from instmove.video import Dataset, Track, Video, read_image

DOT = masks.encode(np.eye(4, 5, dtype=bool))
EMPTY = masks.encode(np.zeros((4, 5), dtype=bool))


def made_video(folder: Path, *tracks: Track) -> Video:
    """Four 4x5 frames, frame t of the RGB colour (50 t, 100, 200)."""
    frames = tuple(folder / f"{t}.png" for t in range(4))
    for t, path in enumerate(frames):
        cv2.imwrite(str(path), np.full((4, 5, 3), (200, 100, 50 * t), dtype=np.uint8))
    return Video(1, "v", 4, 5, frames, tracks)


def test_images_are_rgb_and_of_the_annotated_size(tmp_path: Path) -> None:
    video = made_video(tmp_path)
    assert len(video) == 4 and video.image(3)[0, 0].tolist() == [150, 100, 200]
    wrong = Video(1, "v", 5, 4, video.frames, None)
    with pytest.raises(InstMoveError, match=r"0\.png: image is 4x5, its annotation says 5x4"):
        wrong.image(0)


def test_an_empty_mask_is_not_visible() -> None:
    track = Track(1, 1, (DOT, EMPTY, None, DOT))
    assert track.visible() == [0, 3]
    assert track.mask(2) is None
    mask = track.mask(0)
    assert mask is not None and np.array_equal(mask, np.eye(4, 5, dtype=bool))


def test_selecting_frames_keeps_their_place_and_drops_unseen_tracks(tmp_path: Path) -> None:
    video = made_video(tmp_path, Track(1, 1, (DOT, None, DOT, None)), Track(2, 1, (None, DOT, EMPTY, DOT)))
    half = video.select([0, 2])
    assert half.indices == (0, 2) and half.frames == video.frames[::2]
    assert half.tracks == (Track(1, 1, (DOT, DOT)),)
    last = half.select([1])
    assert last.indices == (2,) and last.image(0)[0, 0, 0] == 100


def test_selecting_without_truth_has_none(tmp_path: Path) -> None:
    video = made_video(tmp_path)
    assert Video(1, "v", 4, 5, video.frames, None).select([1]).tracks is None


def test_datasets_load_one_video_at_a_time(tmp_path: Path) -> None:
    loaded = []

    def load(name: str) -> Video:
        loaded.append(name)
        return Video(len(loaded), name, 4, 5, (), None)

    dataset = Dataset("d", {1: "x"}, ("a", "b"), load)
    assert len(dataset) == 2 and loaded == []
    assert next(iter(dataset)).name == "a" and loaded == ["a"]


def test_broken_images_are_named(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"x\.jpg: frame not found; check the data root"):
        read_image(tmp_path / "x.jpg")
    for content in (b"", b"not an image", b"\xff\xd8"):
        (tmp_path / "x.jpg").write_bytes(content)
        with pytest.raises(InstMoveError, match=r"x\.jpg: cannot be decoded; copy it again"):
            read_image(tmp_path / "x.jpg")


def test_images_are_not_turned_as_a_camera_s_mark_says(tmp_path: Path) -> None:
    turned = Pillow.Exif()
    turned[0x0112] = 6  # orientation: turn by 90 degrees to show
    Pillow.new("RGB", (5, 4)).save(tmp_path / "x.jpg", exif=turned)
    assert read_image(tmp_path / "x.jpg").shape == (4, 5, 3)
