"""Objects that disappear and return, apart from those that do not."""

import json
from pathlib import Path

import numpy as np

from instmove import masks
from instmove.cli import main
from instmove.datasets.bdd100k import write_clip
from instmove.video import Clip, Track


def box(x: int) -> masks.Rle:
    mask = np.zeros((20, 40), dtype=bool)
    mask[4:12, x : x + 6] = True
    return masks.encode(mask)


def test_each_object_is_in_one_subset(tmp_path: Path) -> None:
    always = Track(1, 3, tuple(box(2) for _ in range(4)))
    returning = Track(2, 3, (box(20), None, box(22), None))
    leaving = Track(3, 1, (box(30), box(31), None, None))
    images = [np.zeros((20, 40, 3), np.uint8)] * 4
    write_clip(tmp_path / "bdd100k", "val", Clip("drive", images, (always, returning, leaving)))
    paths = {name: tmp_path / f"{name}.json" for name in ("occlusion", "continuous")}
    outputs = [argument for name, path in paths.items() for argument in (f"--{name}", str(path))]
    assert main(["make-subsets", "bdd_val", "--set", f"data_root={tmp_path}", *outputs]) == 0
    tracks = {name: json.loads(path.read_text())["videos"][0]["tracks"] for name, path in paths.items()}
    assert tracks == {"occlusion": [2], "continuous": [1, 3]}
