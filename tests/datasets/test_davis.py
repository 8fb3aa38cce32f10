import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from made_clips import box_clip, clips, content
from PIL import Image as Pillow
from real_data import real_data

from instmove.datasets.davis import image_set_path, open_davis, write_clip, write_image_set
from instmove.errors import InstMoveError
from instmove.video import Clip, Track


@settings(max_examples=25, deadline=None)
@given(clips("dog"))
def test_what_is_written_is_read(clip: Clip) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_clip(Path(folder), clip)
        video = open_davis("made", Path(folder)).load("dog")
        assert [(track.id, track.masks) for track in video.tracks or ()] == [(t.id, t.masks) for t in clip.tracks]
        assert {track.category for track in video.tracks or ()} <= {1}
        assert (video.height, video.width) == clip.images[0].shape[:2]


def test_layout_is_the_published_one(tmp_path: Path) -> None:
    write_clip(tmp_path, box_clip("dog", length=2))
    write_image_set(tmp_path, "val", ["dog"])
    files = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert files == [
        "Annotations/480p/dog/00000.png",
        "Annotations/480p/dog/00001.png",
        "ImageSets/2017/val.txt",
        "JPEGImages/480p/dog/00000.jpg",
        "JPEGImages/480p/dog/00001.jpg",
    ]
    assert Pillow.open(tmp_path / files[0]).mode == "P"
    assert (tmp_path / files[2]).read_text() == "dog\n"


def test_image_sets_choose_and_order_sequences(tmp_path: Path) -> None:
    for name in ("ant", "bee", "cat"):
        write_clip(tmp_path, box_clip(name, length=1))
    write_image_set(tmp_path, "val", ["cat", "ant"])
    assert open_davis("d", tmp_path).names == ("ant", "bee", "cat")
    assert open_davis("d", tmp_path, "val").names == ("cat", "ant")
    assert image_set_path(tmp_path, "val", "binary").parent.name == "2016"
    with pytest.raises(InstMoveError, match=r"train\.txt: image set not found; leave out 'split'"):
        open_davis("d", tmp_path, "train")
    write_image_set(tmp_path, "val", ["cat", "dog"])
    with pytest.raises(InstMoveError, match=r"val\.txt: sequence dog \(1 in all\) is not in"):
        open_davis("d", tmp_path, "val")
    write_image_set(tmp_path, "val", [])
    with pytest.raises(InstMoveError, match="lists no sequence"):
        open_davis("d", tmp_path, "val")


def test_void_becomes_an_ignored_track(tmp_path: Path) -> None:
    first, second = box_clip().tracks
    clip = Clip("dog", box_clip().images, (first, Track(7, 2, second.masks, ignored=True)))
    write_clip(tmp_path, clip)
    read = open_davis("d", tmp_path).load("dog").tracks
    assert read == (Track(1, 1, first.masks), Track(255, 1, second.masks, ignored=True))


def test_binary_masks_are_one_object(tmp_path: Path) -> None:
    clip = box_clip("dog", objects=1)
    write_clip(tmp_path, clip, "binary")
    assert content(open_davis("d", tmp_path, mask_values="binary").load("dog").tracks) == content(clip.tracks)
    with pytest.raises(InstMoveError, match=r"00000\.png: PNG of mode L, .*mask_values: binary"):
        open_davis("d", tmp_path).load("dog")


def test_only_the_first_frame_may_be_annotated(tmp_path: Path) -> None:
    write_clip(tmp_path, box_clip("dog"))
    annotations = tmp_path / "Annotations/480p/dog"
    (annotations / "00001.png").unlink()
    with pytest.raises(InstMoveError, match=r"dog/00001\.png: mask not found"):
        open_davis("d", tmp_path).load("dog")
    (annotations / "00002.png").unlink()
    tracks = open_davis("d", tmp_path).load("dog").tracks
    assert tracks is not None and [track.visible() for track in tracks] == [[0], [0]]
    for split in ("train", "test-dev"):
        write_image_set(tmp_path, split, ["dog"])
    assert open_davis("d", tmp_path, "test-dev").load("dog").tracks == tracks
    with pytest.raises(InstMoveError, match=r"dog/00001\.png: mask not found"):
        open_davis("d", tmp_path, "train").load("dog")


def test_masks_whose_frames_are_missing_are_named(tmp_path: Path) -> None:
    write_clip(tmp_path, box_clip("dog", length=4))
    for number in (2, 3):
        (tmp_path / f"JPEGImages/480p/dog/0000{number}.jpg").unlink()
    (tmp_path / "Annotations/480p/dog/._00000.png").touch()  # as macOS's archives have
    said = (
        r"JPEGImages/480p/dog/00002\.jpg: frame not found \(2 in all\), but it is labelled in .*Annotations/480p/dog;"
    )
    with pytest.raises(InstMoveError, match=said):
        open_davis("d", tmp_path).load("dog")


def test_missing_root_and_frames_are_named(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="JPEGImages/480p: folder not found; check the data root"):
        open_davis("d", tmp_path)
    write_clip(tmp_path, box_clip("dog"))
    for frame in (tmp_path / "JPEGImages/480p/dog").iterdir():
        frame.unlink()
    with pytest.raises(InstMoveError, match=r"480p/dog: no \*\.jpg in it"):
        open_davis("d", tmp_path).load("dog")


def test_a_real_mask_one_column_short_is_named(tmp_path: Path) -> None:
    judo = real_data("cutie_examples")
    for kind, suffix in (("JPEGImages", "jpg"), ("Annotations", "png")):
        (tmp_path / kind / "judo").mkdir(parents=True)
        for number, name in enumerate(("00000", "00005")):
            source = judo / kind / "judo" / f"{name}.{suffix}"
            shutil.copy(source, tmp_path / kind / "judo" / f"{number:05d}.{suffix}")
    with pytest.raises(InstMoveError, match=r"judo/00001\.png: mask is 480x853, its frame is 480x854"):
        open_davis("judo", tmp_path, frames=".").load("judo")


def test_real_davis_2016() -> None:
    dataset = open_davis("davis16", real_data("davis16"), mask_values="binary")
    assert len(dataset) == 12
    video = dataset.load("bmx-trees")
    assert (len(video), video.height, video.width) == (80, 480, 854)
    assert video.tracks is not None and [track.id for track in video.tracks] == [1]
    mask = video.tracks[0].mask(3)
    raw = np.asarray(Pillow.open(real_data("davis16") / "Annotations/480p/bmx-trees/00003.png"))
    assert np.array_equal(mask, raw == 255)
