"""The number that is watched while a host trains, with a host whose network is perfect or not."""

from pathlib import Path
from typing import Any

import fake_host
import pytest
import torch
from tiny_ovis import ANNOTATIONS, FRAMES, write_tiny_ovis
from torch import nn

from baselines.interface import Instances
from baselines.training import validation
from baselines.training.validation import Answer, detected, frame_validation, tracked
from instmove.datasets.ytvis import open_ytvis
from instmove.video import Dataset, Video


class Task(nn.Module):
    network = nn.Identity()


@pytest.fixture
def tiny(tmp_path: Path) -> Dataset:
    write_tiny_ovis(tmp_path)
    return open_ytvis("tiny", tmp_path / ANNOTATIONS, tmp_path / FRAMES)


def ap50(classes: tuple[str, ...], dataset: Dataset) -> float:
    host: Any = fake_host
    return frame_validation(host, {"window": 1}, classes, dataset, torch.device("cpu"), tracked(host, {}))(Task())[
        "ap50"
    ]


def test_a_network_that_sees_all_is_perfect_on_every_frame(tiny: Dataset) -> None:
    assert ap50(("animal", "plant"), tiny) == 1


def test_classes_count_by_name_not_by_number(tiny: Dataset) -> None:
    assert ap50(("plant", "animal"), tiny) == 0
    assert ap50(("animal", "stone"), tiny) == 0.5, "what is called a stone is not in this dataset"


def test_a_method_without_results_of_its_own_answers_with_its_instances(tiny: Dataset) -> None:
    host: Any = fake_host
    validate = frame_validation(host, {"window": 1}, ("animal", "plant"), tiny, torch.device("cpu"), detected)
    assert validate(Task())["ap50"] == 1


@pytest.mark.parametrize("most", [200, 4])
def test_every_frame_is_looked_at_or_the_most_there_may_be_evenly_spaced(
    tiny: Dataset, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(validation, "FRAMES", most)
    host: Any = fake_host
    seen: list[Path] = []

    def watching(frame: Video, instances: Instances) -> list[Answer]:
        seen.extend(frame.frames)
        return []

    frame_validation(host, {"window": 1}, ("animal",), tiny, torch.device("cpu"), watching)(Task())
    places = [frame for video in tiny for frame in video.frames]
    assert seen == (places if most == 200 else [places[len(places) // 4 * k] for k in range(4)])
