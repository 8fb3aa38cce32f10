"""PCAN through the interface of baselines, at a small size: trained, asked, tracked."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.interface import Instances
from baselines.pcan import host
from baselines.pcan.detection import DetectionSettings
from baselines.pcan.network import PcanNetwork
from baselines.pcan.predictor import PcanPredictor
from instmove.masks import decode, mask_iou

SETTINGS: dict[str, Any] = {
    "network": {
        "backbone": {"width": 8, "depths": [1, 1, 1, 1], "norm": "group"},
        "channels": 16,
        "anchor_scale": 6,
        "proposals": {"candidates": 50, "most": 30},
        "hidden": 64,
        "convolutions": 1,
        "groups": 4,
        "embedding": 16,
        "prototypes": 6,
        "instance_prototypes": 3,
        "regions": 32,
    },
    "input": {"shortest": 64, "longest": 96},
    "tracker": {"init_score": 0.7, "object_score": 0.3},
}


def squares(iteration: int) -> dict[str, Tensor]:
    """Two samples of two frames: two squares of two colours and classes on dark ground, moved in the second frame."""
    rng = np.random.default_rng(iteration)
    images, masks = torch.full((2, 2, 3, 64, 96), 40.0), torch.zeros(2, 2, 2, 64, 96, dtype=torch.bool)
    boxes = torch.zeros(2, 2, 2, 4)
    for sample in range(2):
        for n in range(2):
            x, y = int(rng.integers(4, 20)) + 46 * n, int(rng.integers(4, 32))
            for frame in range(2):
                left = x + 4 * frame
                masks[sample, frame, n, y : y + 24, left : left + 24] = True
                boxes[sample, frame, n] = torch.tensor([left, y, left + 24, y + 24])
                images[sample, frame, n] += 180 * masks[sample, frame, n]
    return {
        "images": images,
        "sizes": torch.tensor([64, 96]).expand(2, 2, 2),
        "masks": masks,
        "boxes": boxes,
        "labels": torch.tensor([[0, 1], [0, 1]]),
        "visible": torch.ones(2, 2, 2, dtype=torch.bool),
        "ids": torch.tensor([[1, 2], [3, 4]]),
        "iteration": torch.full((2,), iteration),
    }


@pytest.fixture(scope="module")
def trained() -> PcanNetwork:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = host.build(SETTINGS, 2)
    task = host.task(network, SETTINGS, 5)
    optimizer = torch.optim.AdamW(task.parameters(), lr=3e-3)
    for iteration in range(55):
        optimizer.zero_grad()
        task(squares(iteration), "train")["loss"].backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
    return network


def video(batch: dict[str, Tensor], sample: int) -> list[np.ndarray]:
    return list(batch["images"][sample].movedim(1, -1).byte().numpy())


def best_of_class(found: Instances, label: int) -> int:
    row = int(found.scores[:, label].argmax())
    assert found.scores[row, label] > 0.5
    return row


def test_what_was_learned_is_found_and_tracked(trained: PcanNetwork) -> None:
    """In each frame the best of each class is its square, with one identity and good masks."""
    batch = squares(1003)
    frames = list(host.predictor(trained, SETTINGS, "cpu").predict(video(batch, 0)))
    tracker = host.tracker(SETTINGS, trained, None)
    named: dict[int, set[int]] = {0: set(), 1: set()}
    for t, found in enumerate(frames):
        ids, final = tracker.track(t, found)
        for n in range(2):
            row = best_of_class(found, n)
            truth = batch["masks"][0, t, n].numpy()
            np.testing.assert_allclose(found.boxes[row], batch["boxes"][0, t, n], atol=4)
            assert mask_iou(final.masks[[row]], truth[None, ::2, ::2])[0, 0] > 0.7
            assert mask_iou(decode(final.rles[row])[None], truth[None])[0, 0] > 0.7
            named[n].add(int(ids[row]))
    assert [len(ids) for ids in named.values()] == [1, 1]
    assert named[0] != named[1] and -1 not in named[0] | named[1]


def test_a_video_is_seen_from_its_start(trained: PcanNetwork) -> None:
    """The second frame depends on the first, another video does not."""
    predictor, first, second = host.predictor(trained, SETTINGS, "cpu"), video(squares(1), 0), video(squares(2), 1)
    alone = list(predictor.predict(second))
    after = list(predictor.predict([*first, *second]))
    again = list(predictor.predict(second))
    assert all(np.array_equal(a.scores, b.scores) for a, b in zip(alone, again, strict=True))
    assert not np.array_equal(alone[0].scores, after[2].scores)


def test_frames_of_another_size(trained: PcanNetwork) -> None:
    """Boxes and full masks are in the frame's own pixels, the masks for matching on the input's grid."""
    image = np.repeat(np.repeat(video(squares(3), 0)[0], 3, axis=0), 3, axis=1)
    (found,) = host.predictor(trained, SETTINGS, "cpu").predict([image])
    row = best_of_class(found, 1)
    np.testing.assert_allclose(found.boxes[row], 3 * squares(3)["boxes"][0, 0, 1], atol=12)
    assert found.masks.shape[1:] == (32, 48)
    assert found.rles[row]["size"] == [192, 288]


def test_a_frame_without_detections(trained: PcanNetwork) -> None:
    predictor = PcanPredictor(trained, 64, 96, "cpu", DetectionSettings(least=1.0))
    (found,) = predictor.predict(video(squares(3), 0)[:1])
    assert len(found) == 0 and found.masks.shape == (0, 32, 48) and found.extras["features"].shape == (0, 16, 14, 14)
    ids, final = host.tracker(SETTINGS, trained, None).track(0, found)
    assert ids.tolist() == [] and final is found


class TestTask:
    def losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        torch.manual_seed(0)
        return host.task(host.build(SETTINGS, 2), SETTINGS, 5)(batch, "train")

    def test_the_total_is_the_sum(self) -> None:
        losses = self.losses(squares(0))
        assert set(losses) == {
            "loss", "objectness", "proposal", "class", "box", "mask", "track", "cosine", "refine"
        }  # fmt: skip
        parts = sum(value.item() for name, value in losses.items() if name != "loss")
        assert losses["loss"].item() == pytest.approx(parts, rel=1e-6)

    def test_random_choices_follow_from_the_iteration(self) -> None:
        first, second = self.losses(squares(0)), self.losses(squares(0))
        assert all(first[name].item() == second[name].item() for name in first)
        other = self.losses({**squares(0), "iteration": torch.full((2,), 7)})
        assert other["objectness"].item() != first["objectness"].item()

    @pytest.mark.parametrize("frames", [[0], [1], [0, 1]])
    def test_frames_without_objects_have_finite_losses_and_gradients(self, frames: list[int]) -> None:
        batch = squares(0)
        batch["visible"][:, frames] = False
        task = host.task(host.build(SETTINGS, 2), SETTINGS, 5)
        losses = task(batch, "train")
        losses["loss"].backward()
        assert all(value.isfinite() for value in losses.values())
        assert all(p.grad is None or p.grad.isfinite().all() for p in task.parameters())
        assert all(buffer.isfinite().all() for buffer in task.buffers())
        assert (losses["mask"].item() == 0) == (0 in frames)

    def test_the_refine_head_teaches_nothing_to_the_rest(self) -> None:
        """As in the authors' last stage, where all else is frozen."""
        task = host.task(host.build(SETTINGS, 2), SETTINGS, 5)
        task(squares(0), "train")["refine"].backward()
        taught = {name.split(".")[1] for name, p in task.named_parameters() if p.grad is not None}
        assert taught == {"refine_head"}
