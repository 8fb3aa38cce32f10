import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clips import box_clip
from PIL import Image as Pillow
from real_data import real_data

from instmove.datasets.labels import (
    DAVIS,
    KNOWN,
    PASCAL,
    YOUTUBE,
    paint,
    read_binary,
    read_ids,
    split_ids,
    write_binary,
    write_ids,
)
from instmove.errors import InstMoveError
from instmove.masks import decode
from instmove.video import Track

label_arrays = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1)).map(
    lambda drawn: np.random.default_rng(drawn[2]).integers(0, 256, drawn[:2]).astype(np.uint8)
)


@settings(deadline=None, max_examples=40)
@given(label_arrays, st.sampled_from(range(len(KNOWN))))
def test_ids_round_trip(labels: np.ndarray, palette: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000.png"
        write_ids(path, labels, KNOWN[palette])
        assert np.array_equal(read_ids(path, *labels.shape), labels)


@settings(deadline=None, max_examples=20)
@given(label_arrays)
def test_binary_round_trip(labels: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "00000.png"
        write_binary(path, labels > 127)
        assert np.array_equal(read_binary(path, *labels.shape), labels > 127)


def test_palettes_are_the_published_ones() -> None:
    # the first colours of DAVIS's and the PASCAL VOC devkit's published tables
    assert PASCAL[:9].tolist() == [
        [0, 0, 0],
        [128, 0, 0],
        [0, 128, 0],
        [128, 128, 0],
        [0, 0, 128],
        [128, 0, 128],
        [0, 128, 128],
        [128, 128, 128],
        [64, 0, 0],
    ]
    assert PASCAL[19].tolist() == [128, 192, 0] and PASCAL[255].tolist() == [224, 224, 192]
    assert DAVIS[22].tolist() == [22, 22, 22] and YOUTUBE[1].tolist() == [236, 95, 103]


def test_palettes_are_those_of_real_files() -> None:
    for path, known in (
        (real_data("davis17-osvos") / "bike-packing/00000.png", PASCAL),
        (real_data("cutie_examples") / "Annotations/bike/00000.png", DAVIS),
    ):
        palette = np.array(Pillow.open(path).getpalette()).reshape(-1, 3)
        assert np.abs(palette - known.astype(int)).max() <= 1


def test_davis_own_rounding_of_the_palette_is_accepted(tmp_path: Path) -> None:
    labels = np.arange(22, dtype=np.uint8).reshape(2, 11)
    write_ids(tmp_path / "x.png", labels, np.where(PASCAL == 192, 191, PASCAL).astype(np.uint8))
    assert np.array_equal(read_ids(tmp_path / "x.png", 2, 11), labels)


def png(path: Path, mode: str, palette: np.ndarray | None = None) -> Path:
    image = Pillow.fromarray(np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8))
    if palette is not None:
        image.putpalette(palette.tobytes())
    (image if palette is not None else image.convert(mode)).save(path)
    return path


@pytest.mark.parametrize(
    ("mode", "palette", "says"),
    [
        ("P", PASCAL[[0, 2, 1]], "unknown palette"),
        ("P", np.repeat(np.arange(3, dtype=np.uint8)[:, None], 3, axis=1), "unknown palette"),
        ("L", None, "mode L, expected a palette PNG of object ids; copy the original file"),
        ("RGB", None, "mode RGB, expected a palette PNG"),
    ],
)
def test_unknown_palettes_and_modes_are_refused(tmp_path: Path, mode: str, palette: np.ndarray, says: str) -> None:
    with pytest.raises(InstMoveError, match=rf"00000\.png: .*{says}"):
        read_ids(png(tmp_path / "00000.png", mode, palette), 2, 3)


def test_binary_masks_are_only_0_and_255(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="value 1 in a 0/255 mask"):
        read_binary(png(tmp_path / "x.png", "L"), 2, 3)
    with pytest.raises(InstMoveError, match=r"mode P.*mask_values: ids"):
        read_binary(png(tmp_path / "x.png", "P", PASCAL), 2, 3)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA"])
def test_binary_masks_are_grey_in_any_mode(tmp_path: Path, mode: str) -> None:
    mask = np.eye(2, 3, dtype=np.uint8)
    image = Pillow.fromarray(mask * 255).convert(mode)
    if mode.endswith("A"):
        image.putalpha(Pillow.fromarray(np.full((2, 3), 100, dtype=np.uint8)))
    image.save(tmp_path / "x.png")
    assert np.array_equal(read_binary(tmp_path / "x.png", 2, 3), mask)


def test_coloured_masks_are_not_binary(tmp_path: Path) -> None:
    Pillow.new("RGBA", (3, 2), (255, 255, 0, 255)).save(tmp_path / "x.png")
    with pytest.raises(InstMoveError, match="PNG of mode RGBA, expected grey 0/255"):
        read_binary(tmp_path / "x.png", 2, 3)


def test_only_0_and_255_are_taken_for_a_binary_mask(tmp_path: Path) -> None:
    write_binary(tmp_path / "x.png", np.eye(2, 3, dtype=bool))
    with pytest.raises(InstMoveError, match=r"mode L, .* object ids; set the key"):
        read_ids(tmp_path / "x.png", 2, 3, if_binary="set the key")
    with pytest.raises(InstMoveError, match=r"mode L, .* object ids; copy the original file"):
        read_ids(png(tmp_path / "y.png", "L"), 2, 3, if_binary="set the key")


@pytest.mark.parametrize("read", [read_ids, read_binary])
def test_missing_broken_and_ill_sized_files_are_named(tmp_path: Path, read) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InstMoveError, match=r"x\.png: mask not found"):
        read(tmp_path / "x.png", 2, 3)
    labels = np.random.default_rng(0).integers(0, 2, (40, 40)).astype(np.uint8)
    write_ids(tmp_path / "x.png", labels, PASCAL)
    if read is read_binary:
        write_binary(tmp_path / "x.png", labels > 0)
    with pytest.raises(InstMoveError, match="mask is 40x40, its frame is 40x41"):
        read(tmp_path / "x.png", 40, 41)
    whole = (tmp_path / "x.png").read_bytes()
    for cut in range(0, len(whole) - 24, 7):  # at the end are checksums, whose loss leaves the pixels as they were
        (tmp_path / "x.png").write_bytes(whole[:cut])
        with pytest.raises(InstMoveError, match="cannot be decoded"):
            read(tmp_path / "x.png", 40, 40)


def test_a_palette_with_too_few_colours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    write_ids(path, np.full((2, 2), 200, dtype=np.uint8), PASCAL)
    whole = path.read_bytes()
    start = whole.index(b"PLTE")
    chunk = b"PLTE" + PASCAL[:3].tobytes()
    short = struct.pack(">I", 9) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(whole[: start - 4] + short + whole[start + 4 + 768 + 4 :])
    with pytest.raises(InstMoveError, match="unknown palette"):
        read_ids(path, 2, 2)


def test_paint_and_split_are_inverse() -> None:
    clip = box_clip(length=4)
    labels = {t: paint(clip.tracks, t, 24, 32) for t in range(4)}
    found = split_ids(labels, 4)
    assert found == {track.id: track.masks for track in clip.tracks}
    partly = split_ids({2: labels[2]}, 4)
    assert [rle is not None for rle in partly[1]] == [False, False, True, False]
    assert np.array_equal(decode(partly[1][2]), labels[2] == 1)  # type: ignore[arg-type]


def test_what_a_label_cannot_hold_is_refused() -> None:
    first, second = box_clip().tracks
    with pytest.raises(ValueError, match="overlaps"):
        paint([first, Track(2, 1, first.masks)], 0, 24, 32)
    with pytest.raises(ValueError, match="255"):
        paint([Track(255, 1, second.masks)], 0, 24, 32)
    assert paint([Track(9, 1, second.masks, ignored=True)], 0, 24, 32).max() == 255
