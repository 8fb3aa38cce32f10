"""Official names: every tensor of the authors' three networks has its place, or is knowingly unused."""

import csv
import json

import pytest
import torch
from parity import REFERENCE, load_keys
from unicorn_reference import CLASSES, paper_settings

from baselines.unicorn.checkpoint import convert
from baselines.unicorn.network import UnicornNetwork


def official_shapes(backbone: str) -> dict[str, list[int]]:
    if backbone != "large":
        return {key: shape for key, (shape, _) in load_keys(f"unicorn_{backbone}_mask", "unicorn").items()}
    with (REFERENCE / "unicorn" / "unicorn_convnext_large_mask.tsv").open() as file:
        return {row["key"]: json.loads(row["shape"]) for row in csv.DictReader(file, delimiter="\t")}


@pytest.mark.parametrize("backbone", ["r50", "tiny", "large"])
def test_every_official_tensor_is_used_or_named(backbone: str) -> None:
    with torch.device("meta"):
        state = {key: torch.zeros(shape) for key, shape in official_shapes(backbone).items()}
        network = UnicornNetwork(paper_settings(backbone), CLASSES)
    ours, unused = convert(state)
    assert len(ours) + len(unused) == len(state)
    assert {key: value.shape for key, value in ours.items()} == {
        key: value.shape for key, value in network.state_dict().items()
    }
    assert all("_sot" in key or "mask_head" in key or key.endswith("num_batches_tracked") for key in unused)


def test_unknown_names_stay() -> None:
    """A strict load lists them."""
    assert list(convert({"head.surprise": torch.zeros(1)})[0]) == ["head.surprise"]
