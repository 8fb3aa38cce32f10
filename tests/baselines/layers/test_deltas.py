import math

import pytest
import torch

from baselines.layers.deltas import clipped, decode_boxes, encode_boxes


def made_boxes(count: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    corner = 100 * torch.rand(count, 2, generator=generator)
    return torch.cat((corner, corner + 1 + 50 * torch.rand(count, 2, generator=generator)), dim=1)


@pytest.mark.parametrize("deviations", [(1.0, 1.0, 1.0, 1.0), (0.1, 0.1, 0.2, 0.2)])
def test_decoding_undoes_encoding(deviations: tuple[float, ...]) -> None:
    anchors, boxes = made_boxes(20, 0), made_boxes(20, 1)
    deltas = encode_boxes(anchors, boxes, deviations)
    torch.testing.assert_close(decode_boxes(anchors, deltas, deviations), boxes, rtol=1e-4, atol=1e-3)


def test_shifts_are_in_sides_and_scalings_in_logarithms() -> None:
    anchor = torch.tensor([10.0, 20.0, 30.0, 60.0])
    box = torch.tensor([25.0, 0.0, 35.0, 80.0])
    expected = torch.tensor([0.5, 0.0, math.log(0.5), math.log(2.0)])
    torch.testing.assert_close(encode_boxes(anchor, box), expected)
    torch.testing.assert_close(
        encode_boxes(anchor, box, (0.1, 0.1, 0.2, 0.2)), expected / torch.tensor([0.1, 0.1, 0.2, 0.2])
    )


def test_no_side_grows_beyond_reason() -> None:
    found = decode_boxes(torch.tensor([0.0, 0.0, 16.0, 16.0]), torch.tensor([0.0, 0.0, 99.0, -99.0]))
    torch.testing.assert_close(found[2:] - found[:2], torch.tensor([1000.0, 0.256]))


def test_boxes_are_cut_to_the_image() -> None:
    found = clipped(torch.tensor([[-5.0, -6.0, 200.0, 90.0], [10.0, 20.0, 30.0, 40.0]]), height=80, width=100)
    assert found.tolist() == [[0, 0, 100, 80], [10, 20, 30, 40]]
