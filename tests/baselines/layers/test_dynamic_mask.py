import torch
from torch.nn import functional as F

from baselines.layers.dynamic_mask import (
    aligned_bilinear,
    dynamic_masks,
    parameter_count,
    pixel_centres,
    relative_coordinates,
)

CHANNELS = (10, 8, 8, 1)


def test_each_instance_runs_its_own_network() -> None:
    """Against ordinary layers filled with the same numbers: all weights first, then all biases."""
    torch.manual_seed(0)
    inputs, parameters = torch.randn(3, 10, 4, 6), torch.randn(3, parameter_count(CHANNELS))
    found = dynamic_masks(inputs, parameters, CHANNELS)
    for n in range(3):
        p = parameters[n]
        x = inputs[n].permute(1, 2, 0)
        x = F.relu(F.linear(x, p[:80].view(8, 10), p[152:160]))
        x = F.relu(F.linear(x, p[80:144].view(8, 8), p[160:168]))
        x = F.linear(x, p[144:152].view(1, 8), p[168:])
        torch.testing.assert_close(found[n], x[..., 0])


def test_the_papers_head_has_169_parameters() -> None:
    assert parameter_count(CHANNELS) == 169


def test_no_instances_give_no_masks() -> None:
    assert dynamic_masks(torch.zeros(0, 10, 4, 6), torch.zeros(0, 169), CHANNELS).shape == (0, 4, 6)


def test_coordinates_point_from_cells_to_the_instance() -> None:
    centres = pixel_centres(2, 3, stride=8)
    assert centres[1, 2].tolist() == [20, 12]
    relative = relative_coordinates(torch.tensor([[20.0, 12.0]]), 2, 3, stride=8)
    assert relative.shape == (1, 2, 2, 3)
    assert relative[0, :, 1, 2].tolist() == [0, 0]
    assert relative[0, :, 0, 0].tolist() == [16, 8]


def test_enlarging_keeps_cell_centres() -> None:
    """A ramp stays a ramp: cell k sits at factor * k + factor // 2, between cells it is linear, outside constant."""
    ramp = torch.arange(5.0).expand(1, 1, 3, 5)
    enlarged = aligned_bilinear(ramp, 4)
    assert enlarged.shape == (1, 1, 12, 20)
    expected = ((torch.arange(20.0) - 2) / 4).clamp(0, 4)
    torch.testing.assert_close(enlarged[0, 0], expected.expand(12, 20))
