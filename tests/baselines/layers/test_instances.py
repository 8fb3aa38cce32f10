import numpy as np
import torch

from baselines.layers.instances import CHUNK, covering_frame, encoded, in_class_columns
from instmove.masks import decode


def test_a_score_stands_in_the_column_of_its_class() -> None:
    found = in_class_columns(torch.tensor([0.5, 0.25]), torch.tensor([2, 0]), 3)
    np.testing.assert_array_equal(found, [[0, 0, 0.5], [0.25, 0, 0]])
    assert found.dtype == np.float32
    assert in_class_columns(torch.zeros(0), torch.zeros(0, dtype=torch.int64), 3).shape == (0, 3)


def test_a_begun_cell_at_the_frame_s_edge_is_part_of_it() -> None:
    masks = torch.rand(2, 8, 8) > 0.5
    np.testing.assert_array_equal(covering_frame(masks, (17, 16), 4), masks[:, :5, :4].numpy())


def test_masks_are_encoded_in_their_order_however_many_at_once() -> None:
    masks = torch.rand(2 * CHUNK + 3, 5, 7)
    seen: list[int] = []

    def at_output(chunk: torch.Tensor) -> torch.Tensor:
        seen.append(len(chunk))
        return chunk > 0.5

    rles = encoded(masks, at_output)
    assert seen == [CHUNK, CHUNK, 3]
    np.testing.assert_array_equal(np.stack([decode(rle) for rle in rles]), (masks > 0.5).numpy())
    assert encoded(masks[:0], at_output) == ()
