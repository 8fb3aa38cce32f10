from pathlib import Path

import numpy as np
import pytest
from made_clips import box_clip

from instmove.datasets.frames import (
    FrameNames,
    check_frame,
    image_size,
    list_folders,
    list_frames,
    write_jpegs,
)
from instmove.errors import InstMoveError
from instmove.video import Clip, read_image


def written(folder: Path, size: tuple[int, int] = (24, 32)) -> Path:
    write_jpegs(folder, box_clip(size=size), FrameNames("%02d.jpg")(3))
    return folder / "00.jpg"


def test_jpegs_look_like_what_was_written(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    image = np.stack(np.broadcast_arrays(ramp, ramp[:, None], ramp[::-1]), axis=-1)
    write_jpegs(tmp_path, Clip("c", [image], ()), ["a.jpg"])
    assert np.abs(read_image(tmp_path / "a.jpg").astype(int) - image).mean() < 3
    with pytest.raises(ValueError, match="zip"):
        write_jpegs(tmp_path, Clip("c", [image], ()), ["a.jpg", "b.jpg"])


def test_frames_are_listed_in_order_and_hidden_files_left_out(tmp_path: Path) -> None:
    written(tmp_path / "v")
    (tmp_path / "v" / ".01.jpg").touch()
    (tmp_path / ".hidden").mkdir()
    assert [path.name for path in list_frames(tmp_path / "v")] == ["00.jpg", "01.jpg", "02.jpg"]
    assert list_folders(tmp_path) == ("v",)
    with pytest.raises(InstMoveError, match="w: folder not found; check the data root"):
        list_frames(tmp_path / "w")
    with pytest.raises(InstMoveError, match="w: folder not found; check the data root"):
        list_folders(tmp_path / "w")


def test_a_good_frame_passes(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert image_size(path) == (24, 32)
    check_frame(path, 24, 32)
    path.write_bytes(path.read_bytes() + b"\0" * 100)  # some writers pad
    check_frame(path, 24, 32)
    assert read_image(path).shape == (24, 32, 3)


def test_bad_frames_are_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(InstMoveError, match=r"00\.jpg: image is 24x32, its annotation says 32x24"):
        check_frame(path, 32, 24)
    with pytest.raises(InstMoveError, match=r"03\.jpg: frame not found"):
        check_frame(tmp_path / "03.jpg", 24, 32)
    path.write_bytes(b"no image")
    with pytest.raises(InstMoveError, match=r"00\.jpg: cannot be decoded"):
        check_frame(path, 24, 32)


def test_every_truncation_of_a_frame_is_found(tmp_path: Path) -> None:
    path = written(tmp_path, size=(120, 160))
    whole = path.read_bytes()
    for cut in range(0, len(whole) - 1, 211):
        path.write_bytes(whole[:cut])
        with pytest.raises(InstMoveError, match=r"00\.jpg: (cannot be decoded|ends in the middle)"):
            check_frame(path, 120, 160)
        with pytest.raises(InstMoveError, match=r"00\.jpg: cannot be decoded"):
            read_image(path)
