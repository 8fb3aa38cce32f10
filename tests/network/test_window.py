import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from instmove.motion.base import Scene, Tracklet
from instmove.motion.instmove import InstMoveMotion
from instmove.network.build import build_network
from instmove.network.window import FAR, MULTIPLE, STEP, Window, cut, cut_features, paste, window_around

CANVAS = 96


def blob(*boxes: tuple[int, int, int, int]) -> torch.Tensor:
    masks = torch.zeros(len(boxes), CANVAS, CANVAS)
    for mask, (left, top, right, below) in zip(masks, boxes, strict=True):
        mask[top:below, left:right] = 1
    return masks


boxes = st.tuples(*[st.integers(0, CANVAS - 2)] * 2, *[st.integers(1, CANVAS)] * 2).map(
    lambda b: (b[0], b[1], min(CANVAS, b[0] + b[2]), min(CANVAS, b[1] + b[3]))
)


@given(st.lists(boxes, min_size=2, max_size=4), st.sampled_from([32, 48, 96]))
def test_a_window_holds_all_past_masks_and_lies_on_the_canvas(
    past: list[tuple[int, int, int, int]], least: int
) -> None:
    window = window_around(blob(*past), least)
    assert least <= window.side <= CANVAS and window.side % MULTIPLE == window.left % STEP == window.top % STEP == 0
    assert window.left >= 0 and window.top >= 0
    assert window.left + window.side <= CANVAS and window.top + window.side <= CANVAS
    left, top, right, below = (
        pick(sides) for pick, sides in zip((min, min, max, max), zip(*past, strict=True), strict=True)
    )
    assert window.left <= left and window.top <= top
    assert window.left + window.side >= right and window.top + window.side >= below


def test_room_is_left_on_all_sides() -> None:
    window = window_around(blob((40, 40, 60, 60), (40, 40, 60, 60)), 16)
    assert window == Window(32, 32, 32)


@pytest.mark.parametrize(("extent", "side"), [(32, 48), (33, 64)])
def test_room_is_half_the_extent_around_the_middle_of_the_last_mask(extent: int, side: int) -> None:
    """1.5 * 32 = 48 is a side; 1.5 * 33 is more, and the next multiple of 16 is 64."""
    still = (32, 32, 32 + extent, 32 + extent)
    assert window_around(blob(still, still), 16) == Window(48 - side // 2, 48 - side // 2, side)


def test_empty_masks_are_seen_in_a_window_of_the_whole_canvas() -> None:
    assert window_around(torch.zeros(2, CANVAS, CANVAS), 32) == Window(0, 0, CANVAS)


def test_paste_undoes_cut() -> None:
    maps, windows = torch.randn(2, 3, CANVAS, CANVAS), [Window(8, 16, 48), Window(40, 0, 48)]
    seen = cut(maps, windows)
    assert seen.shape == (2, 3, 48, 48)
    torch.testing.assert_close(seen[1], maps[1, :, 0:48, 40:88])
    back = paste(seen[:, 0], windows, CANVAS)
    assert back.shape == (2, CANVAS, CANVAS)
    torch.testing.assert_close(back[0, 16:64, 8:56], maps[0, 0, 16:64, 8:56])
    assert (back == FAR).sum() == 2 * (CANVAS**2 - 48**2)


def test_windows_of_one_place_share_their_features() -> None:
    features = torch.randn(1, 4, 24, 24), torch.randn(1, 8, 12, 12)
    same, other = [Window(8, 16, 48)] * 3, [Window(8, 16, 48), Window(16, 16, 48)]
    shared, apart = cut_features(features, same), cut_features(features, other)
    assert shared is not None and [part.shape[0] for part in shared] == [1, 1]
    assert apart is not None
    torch.testing.assert_close(apart[1][1], features[1][0, :, 2:8, 2:8])
    assert cut_features(None, same) is None


def test_a_prediction_through_a_window_is_that_of_the_canvas_cut_out() -> None:
    torch.manual_seed(0)
    network = build_network("released", "full", 0.125)
    masks = np.zeros((3, 96, 96), dtype=bool)
    masks[:, 40:52, 44:58] = True
    scene = Scene(9, np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8))
    (seen,) = InstMoveMotion(network, 96, window=48).predict([Tracklet(masks, (6, 7, 8))], scene)
    window = window_around(torch.from_numpy(masks).float(), 48)
    rows, columns = slice(window.top, window.top + 48), slice(window.left, window.left + 48)
    with torch.inference_mode():
        features = network.eval().encode_image(InstMoveMotion(network, 96).canvas.image(scene.image)[None])
        part = tuple(
            f[..., rows.start // s : rows.stop // s, columns.start // s : columns.stop // s]
            for f, s in zip(features, (4, 8), strict=True)
        )
        wanted = network(torch.from_numpy(masks[None, :, rows, columns]).float(), part)[0].sigmoid().numpy()
    np.testing.assert_allclose(seen[rows, columns], wanted, atol=1e-5)
    outside = seen.copy()
    outside[rows, columns] = 0
    assert outside.max() < 1e-6
