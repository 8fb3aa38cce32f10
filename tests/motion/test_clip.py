"""Motion on one's own clip, by the verb, and the README's lines for one's own tracker."""

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from made_up import CopyLast
from PIL import Image

import instmove
from instmove.cli import main
from instmove.config import ROOT
from instmove.datasets.labels import PASCAL
from instmove.motion.base import Scene, Tracklet
from instmove.motion.clip import OwnClip, predict_clip, write_prediction
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import save_network
from instmove.network.initial import start_as_copy

HEIGHT, WIDTH = 40, 60


@pytest.fixture
def clip(tmp_path: Path) -> tuple[Path, Path]:
    """Five frames with two squares, the second of which is seen from the second frame on; the last has no mask."""
    frames, labels = tmp_path / "frames", tmp_path / "labels"
    frames.mkdir()
    labels.mkdir()
    for t in range(5):
        cv2.imwrite(str(frames / f"{t:03d}.jpg"), np.full((HEIGHT, WIDTH, 3), 30 * t, dtype=np.uint8))
        ids = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        ids[5:15, 5 + 3 * t : 15 + 3 * t] = 1
        if t > 0:
            ids[22:34, 40:52] = 7
        if t < 4:
            Image.fromarray(ids).save(labels / f"{t:03d}.png")
    return frames, labels


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A network of small size that repeats the last mask."""
    torch.manual_seed(0)
    network = build_network("released", "full", 0.125)
    start_as_copy(network)
    path = tmp_path / "instmove.safetensors"
    save_network(path, network, NetworkSettings("released", "full", 0.125, 32))
    return path


def test_an_object_is_predicted_once_it_has_two_masks(clip: tuple[Path, Path]) -> None:
    found = dict(predict_clip(CopyLast(), OwnClip.of(*clip)))
    assert {frame: set(np.unique(labels)) for frame, labels in found.items()} == {2: {0, 1}, 3: {0, 1, 7}, 4: {0, 1, 7}}
    last = np.asarray(Image.open(clip[1] / "003.png"))
    assert np.array_equal(found[4], last)


def test_at_most_four_past_masks_are_used(clip: tuple[Path, Path]) -> None:
    frames, labels = clip
    for t in (5, 6):
        (frames / f"{t:03d}.jpg").write_bytes((frames / "004.jpg").read_bytes())
        (labels / f"{t - 1:03d}.png").write_bytes((labels / "003.png").read_bytes())
    model = CopyLast()
    list(predict_clip(model, OwnClip.of(frames, labels)))
    used = [[each.frames for each in tracklets] for tracklets, _ in model.calls]
    assert [[len(each) for each in tracklets] for tracklets in used] == [[2], [3, 2], [4, 3], [4, 4], [4, 4]]
    assert used[-1] == [(2, 3, 4, 5), (2, 3, 4, 5)]


class Unsure(CopyLast):
    """Half sure of a single object; of two it is surer of the second on the left, and of the first on the right."""

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> np.ndarray:
        made = np.full((len(tracklets), HEIGHT, WIDTH), 0.5, dtype=np.float32)
        if len(tracklets) == 2:
            made[0], made[1] = 0.6, 0.55
            made[1, :, : WIDTH // 2] = 0.7
        return made


def test_the_more_probable_object_has_the_pixel_and_none_that_is_half_probable(clip: tuple[Path, Path]) -> None:
    found = dict(predict_clip(Unsure(), OwnClip.of(*clip)))
    assert not found[2].any()
    assert (found[3][:, : WIDTH // 2] == 7).all() and (found[3][:, WIDTH // 2 :] == 1).all()


def test_an_overlay_is_half_the_palette_s_colour_where_an_object_is(clip: tuple[Path, Path], tmp_path: Path) -> None:
    own = OwnClip.of(*clip)
    labels = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    labels[3:9, 20:30] = 7
    write_prediction(tmp_path / "out", own, 2, labels)
    overlay, image = np.asarray(Image.open(tmp_path / "out/overlay/002.png")).astype(int), own.image(2).astype(int)
    np.testing.assert_array_equal(overlay[labels == 0], image[labels == 0])
    np.testing.assert_allclose(overlay[labels == 7], (image[labels == 7] + PASCAL[7]) / 2, atol=0.5)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out/masks/002.png")), labels)


def run_motion(clip: tuple[Path, Path], weights: Path, output: Path) -> int:
    frames, labels = map(str, clip)
    return main(["motion", "--frames", frames, "--masks", labels, "--weights", str(weights), "-o", str(output)])


def test_the_verb_writes_masks_and_overlays(clip: tuple[Path, Path], weights: Path, tmp_path: Path) -> None:
    assert run_motion(clip, weights, tmp_path / "out") == 0
    for kind in ("masks", "overlay"):
        assert sorted(path.name for path in (tmp_path / "out" / kind).iterdir()) == ["002.png", "003.png", "004.png"]
    mask = Image.open(tmp_path / "out/masks/004.png")
    assert mask.mode == "P" and mask.size == (WIDTH, HEIGHT)
    assert {1, 7} <= set(np.unique(np.asarray(mask)))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frames, labels: [path.unlink() for path in frames.iterdir()], "frames: no frames in it"),
        (lambda frames, labels: [path.unlink() for path in labels.iterdir()], "labels: no masks for these frames"),
        (
            lambda frames, labels: Image.new("L", (5, 6)).save(labels / "001.png"),
            "001.png: mask is 6x5, its frame is 40x60",
        ),
        (lambda frames, labels: Image.new("RGB", (WIDTH, HEIGHT)).save(labels / "001.png"), "001.png: PNG of mode RGB"),
    ],
)
def test_bad_folders_are_one_line(clip, weights, tmp_path, capsys, spoil, message) -> None:  # type: ignore[no-untyped-def]
    spoil(*clip)
    assert run_motion(clip, weights, tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_the_readmes_lines_run_in_a_tracker(monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = re.findall(
        r"```python\n(from instmove import load_motion.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
    )
    assert len([line for line in code.splitlines() if line]) <= 10
    monkeypatch.chdir(ROOT)
    square = np.zeros((2, HEIGHT, WIDTH), dtype=bool)
    square[:, 8:30, 10:40] = True
    candidates = np.stack([square[0], ~square[0]])
    mine = {"history": [(square, (8, 9))], "rgb": np.zeros((HEIGHT, WIDTH, 3), np.uint8), "candidates": candidates}
    names = mine | {"similarity": np.zeros((1, 2))}
    exec(code, names)
    assert names["similarity"].argmax() == 0, "the mask where the object was is the better match"


def test_the_package_offers_load_motion_and_nothing_else_of_that_kind() -> None:
    assert callable(instmove.load_motion)
    with pytest.raises(AttributeError, match="has no attribute 'load_emotion'"):
        instmove.load_emotion  # noqa: B018
