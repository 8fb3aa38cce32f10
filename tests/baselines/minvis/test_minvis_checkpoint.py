"""The authors' state dict under our names."""

import csv

import pytest
import torch
from parity import REFERENCE, load_keys
from test_minvis_parity import CLASSES, PAPER
from torch import Tensor

from baselines.minvis.checkpoint import convert
from baselines.minvis.network import MinVisNetwork
from instmove.errors import InstMoveError
from instmove.network.checkpoint import load_strict

OURS = {
    "model.pixel_level_module.decoder.": "mask2former.pixel_decoder.",
    "model.transformer_module.": "mask2former.transformer.",
    "class_predictor.": "class_predictor.",
}
"""Where the library's own segmentation model has what is ours."""


@pytest.fixture(scope="module")
def network() -> MinVisNetwork:
    return MinVisNetwork(PAPER, CLASSES)


@pytest.fixture
def official() -> dict[str, Tensor]:
    return {key: torch.zeros(shape) for key, (shape, _) in load_keys("minvis_r50", "minvis").items()}


def table() -> list[dict[str, str]]:
    with (REFERENCE / "minvis" / "minvis_r50_old_to_hf.tsv").open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def test_every_row_of_the_table(official: dict[str, Tensor]) -> None:
    """Row by row: a tensor whose values are its row numbers arrives where, and as the part that, the table says."""
    numbered = {}
    for key, value in official.items():
        rows = torch.arange(value.shape[0]) if value.ndim else torch.zeros(())
        numbered[key] = rows.reshape(-1, *[1] * (value.ndim - 1)).expand(value.shape)
    ours, unused = convert(numbered)
    assert unused == ["criterion.empty_weight"]
    expected = 0
    for row in table():
        prefix = next((prefix for prefix in OURS if row["hf_key"].startswith(prefix)), None)
        if row["old_key"].startswith("backbone."):
            new = row["old_key"]
        elif prefix is not None:
            new = OURS[prefix] + row["hf_key"].removeprefix(prefix)
        else:
            assert row["old_key"] in unused
            continue
        first = 0 if row["rows_of_old"] == "all" else int(row["rows_of_old"].split(":")[0])
        assert ours[new].flatten()[0] == first, row
        expected += 1
    assert expected == len(ours)


def test_strict_load(network: MinVisNetwork, official: dict[str, Tensor]) -> None:
    load_strict(network, convert(official)[0], "official")
    assert not network.class_predictor.bias.any()


def test_names_of_earlier_versions(official: dict[str, Tensor]) -> None:
    earlier = {
        key.replace("sem_seg_head.pixel_decoder.", "sem_seg_head.").replace(".query_feat.", ".static_query."): value
        for key, value in official.items()
    }
    assert earlier.keys() != official.keys()
    assert convert(earlier)[0].keys() == convert(official)[0].keys()


def test_everything_wrong_in_one_line(network: MinVisNetwork, official: dict[str, Tensor]) -> None:
    del official["backbone.res2.0.conv1.weight"]
    official["sem_seg_head.predictor.extra.weight"] = torch.zeros(1)
    official["sem_seg_head.predictor.class_embed.weight"] = torch.zeros(26, 256)
    with pytest.raises(InstMoveError) as caught:
        load_strict(network, convert(official)[0], "minvis_ovis_R50.pth")
    message = str(caught.value)
    assert "minvis_ovis_R50.pth" in message
    assert "missing keys: backbone.res2.0.conv1.weight" in message
    assert "unexpected keys: sem_seg_head.predictor.extra.weight" in message
    assert "class_predictor.weight [26, 256] instead of [41, 256]" in message
