"""Flow is exact: it takes surface points to where they really are, and explains the next picture."""

import cv2
import numpy as np
import pytest

from instmove.datasets.synthetic.clips import clip_rng, render_flow_clip
from instmove.datasets.synthetic.flowworld import FlowRecipe, make_flow_scene
from instmove.datasets.synthetic.render import BACKDROP, Stage, seen_again


def warp_back(image, flow):
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float32)
    return cv2.remap(image, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR)


@pytest.mark.parametrize("index", range(4))
def test_the_next_frame_warped_back_is_this_frame(index):
    clip = render_flow_clip(11, index, FlowRecipe(noise=0.0))
    first, second = clip.clip.images
    flow, seen = clip.flows[0], clip.visible[0]
    assert flow.shape == (96, 160, 2) and flow.dtype == np.float32 and seen.dtype == np.bool_
    error = np.abs(warp_back(second, flow).astype(float) - first).mean(axis=-1)
    still = np.abs(second.astype(float) - first).mean(axis=-1)
    interior = cv2.erode(seen.astype(np.uint8), np.ones((3, 3))).astype(bool)  # edges mix two surfaces
    assert np.median(error[interior]) < 1.5
    assert error[interior].mean() < 0.35 * still[interior].mean()
    assert seen.mean() > 0.5 and not seen.all()


def test_flow_takes_a_surface_point_to_its_next_place():
    """Independent of the pixel grid: points of a part, placed by its own transforms in both frames."""
    scene = make_flow_scene(clip_rng(2, "flow", 0), FlowRecipe(noise=0.0))
    clip = render_flow_clip(2, 0, FlowRecipe(noise=0.0))
    stage = Stage(scene)
    before, after = scene.moments
    labels = stage.paint(before)[1]
    shown = [label for label in np.unique(labels).tolist() if label != BACKDROP and (labels == label).sum() > 20]
    assert shown
    for label in shown:
        rows, columns = np.nonzero(labels == label)
        pixels = np.stack((columns, rows), axis=-1).astype(float)
        own_before = stage.placement(label, before).to_part(pixels)
        landed = pixels + clip.flows[0][rows, columns]
        own_after = stage.placement(label, after).to_part(landed)
        np.testing.assert_allclose(own_after, own_before, atol=1e-4)


def test_visibility_by_hand():
    labels = np.array([[0, 1, 1]], np.int16)
    after = np.array([[1, 0, 1]], np.int16)
    flow = np.zeros((1, 3, 2), np.float32)
    flow[0, :, 0] = (1, -1, 5)
    assert seen_again(labels, after, flow).tolist() == [[True, True, False]]


def test_flow_clips_use_nothing_of_the_benchmarks_look():
    from instmove.datasets.synthetic import backdrops, flowworld, looks, shapes, textures

    theirs = [looks.LOOKS, shapes.PLANS, backdrops.PAINTERS, textures.COATS, textures.make_coat]
    assert not [thing for thing in theirs if any(thing is value for value in vars(flowworld).values())]
