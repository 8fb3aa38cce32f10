"""Transforms invert exactly, and the camera and the joints are such transforms."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.datasets.synthetic.camera import make_camera
from instmove.datasets.synthetic.dynamics import STYLES, confine, fold, follow
from instmove.datasets.synthetic.geometry import Bend, Placement, about, affine, apply, inverse
from instmove.datasets.synthetic.sprites import Part

angles = st.floats(-6, 6)
scales = st.floats(0.2, 5) | st.floats(-5, -0.2)
shifts = st.floats(-200, 200)


@settings(deadline=None)
@given(angles, scales, scales, shifts, shifts, st.floats(-0.5, 0.5), st.floats(-8, 8), angles)
def test_a_bent_placement_inverts(angle, scale_x, scale_y, x, y, size, wave, phase):
    placement = Placement(affine(angle, scale_x, scale_y, x, y), Bend(size, wave, (0.3, -0.5, 0.2)), phase, 0.7)
    points = np.random.default_rng(0).uniform(-1, 1, (4, 5, 2))
    np.testing.assert_allclose(placement.to_part(placement.to_image(points)), points, atol=1e-9)


@settings(deadline=None)
@given(angles, scales, scales, shifts, shifts)
def test_the_inverse_is_numpys(angle, scale_x, scale_y, x, y):
    matrix = affine(angle, scale_x, scale_y, x, y)
    np.testing.assert_allclose(inverse(matrix), np.linalg.inv(matrix), rtol=1e-9, atol=1e-9)


def test_affine_scales_then_turns_then_moves():
    matrix = affine(np.pi / 2, 2.0, 3.0, 10.0, 20.0)
    np.testing.assert_allclose(apply(matrix, np.array([[1.0, 0.0], [0.0, 1.0]])), [[10, 22], [7, 20]], atol=1e-12)


def test_a_joint_leaves_its_pivot_where_it_is():
    pivot = (0.3, -0.2)
    part = Part(np.zeros((3, 2)), pivot, rest=0.4, swing=0.9, squash=0.5)
    phases = np.linspace(0, 6, 9)
    moved = [apply(pose, np.array(pivot)) for pose in part.poses(phases, np.ones(9))]
    np.testing.assert_allclose(moved, [pivot] * 9, atol=1e-12)
    np.testing.assert_allclose(apply(about(pivot, affine(1.0)), np.array(pivot)), pivot, atol=1e-12)


@settings(deadline=None)
@given(st.floats(-1000, 1000))
def test_fold_reflects_at_walls(value):
    folded = float(fold(np.array([value]), -3.0, 7.0)[0])
    assert -3 - 1e-9 <= folded <= 7 + 1e-9
    if -3 <= value <= 7:
        assert abs(folded - value) < 1e-9
    np.testing.assert_allclose(fold(np.array([14.0 - value]), -3.0, 7.0), folded, atol=1e-6)  # mirror image at 7


def test_every_style_is_smooth_bounded_and_starts_at_rest_position():
    for name, style in STYLES.items():
        path = style(np.random.default_rng(3), 120, 2.0)
        assert path.shape == (120, 2)
        if name != "hop":  # a hop may start in the air
            np.testing.assert_allclose(path[0], 0, atol=1e-12)
        assert np.abs(np.diff(path, axis=0)).max() < 16  # pixels in a quarter of a frame
        inside = confine(path + 50, (40, 40, 70, 60), softness=1.0)
        assert inside.min(axis=0).tolist() >= [40, 40]
        assert inside[:, 0].max() <= 70 and inside[:, 1].max() <= 60


def test_a_body_faces_where_it_goes():
    path = np.stack((np.linspace(100, 0, 80), np.full(80, 5.0)), axis=-1)
    motion = follow(np.random.default_rng(0), path, stride=10.0, idle=0.0)
    assert (motion.facing < 0).all()
    np.testing.assert_allclose(np.cos(motion.heading), -1, atol=1e-2)
    assert (np.diff(motion.phase) > 0).all()


def test_a_still_camera_maps_the_world_onto_the_frame():
    camera = make_camera(np.random.default_rng(0), 8, (96, 160), pan=0.0, shake=0.0)
    centre = camera.matrices()[3] @ (80, 48, 1)
    np.testing.assert_allclose(centre[:2], (80, 48), atol=1e-9)
