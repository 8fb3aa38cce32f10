"""The speed measurements compare two ways to the same result; how fast they are is never asserted."""

import json
from pathlib import Path

import numpy as np
import pytest

from instmove import masks
from instmove.config import ROOT


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)


def test_the_obvious_numpy_agrees() -> None:
    from benchmarks import run_lengths
    from benchmarks.made_up import HEIGHT, WIDTH, blobs

    frames = blobs(3, HEIGHT, WIDTH)
    for mask in frames:
        text = masks.encode(mask)["counts"]
        np.testing.assert_array_equal(run_lengths.naive_decode(text), mask)
        np.testing.assert_array_equal(run_lengths.naive_run_lengths(text), masks.run_lengths(text))
        np.testing.assert_array_equal(run_lengths.naive_encode(mask), masks.run_lengths(text))
    np.testing.assert_allclose(run_lengths.naive_iou(frames, frames), masks.mask_iou(frames, frames))


def test_made_up_annotations_are_a_whole_dataset(tmp_path: Path) -> None:
    from benchmarks.made_up import HEIGHT, WIDTH, write_ovis_like

    write_ovis_like(tmp_path / "annotations.json", videos=2, frames=3, tracks=4)
    content = json.loads((tmp_path / "annotations.json").read_text())
    assert [(video["height"], video["width"], video["length"]) for video in content["videos"]] == [
        (HEIGHT, WIDTH, 3),
        (HEIGHT, WIDTH, 3),
    ]
    assert len(content["annotations"]) == 8
    assert all(all(record["segmentations"]) for record in content["annotations"])


def test_merging_run_lengths_gives_the_same_iou_of_tracks() -> None:
    from benchmarks import video_ap
    from instmove.metrics.video_ap_matching import measure, track_iou

    for video, predictions in video_ap.made_cases(videos=2, frames=3):
        naive = iter(video_ap.naive_iou(video, predictions))
        for prediction in predictions:
            same = [track.masks for track in video.tracks or () if track.category == prediction.category]
            ours = track_iou(measure(video, [prediction.masks]), measure(video, same))[0]
            np.testing.assert_allclose(ours, [next(naive) for _ in same])


def test_rows_become_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from benchmarks import __main__ as bench
    from benchmarks.timing import Row, seconds

    class Subject:
        @staticmethod
        def rows() -> list[Row]:
            return [Row("sums, large", 0.5, 2.0, "by hand")]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench, "SUBJECTS", (Subject,))
    bench.main()
    assert (tmp_path / "results/bench.csv").read_text().splitlines() == [
        "name,ours_seconds,against_seconds,ratio,note",
        '"sums, large",0.5,2,4,by hand',
    ]
    assert "sums, large" in capsys.readouterr().out
    assert seconds(lambda: sum(range(100_000))) > 0


def test_the_page_of_costs_is_current() -> None:
    from benchmarks import cost
    from instmove.config import load_setup

    assert (ROOT / "docs/cost.md").read_text() == cost.page(load_setup("paper")), "run `python -m benchmarks.cost`"


def test_what_two_tables_need_costs_once() -> None:
    from benchmarks.cost import pieces_of
    from instmove.config import load_setup
    from instmove.reporting.cells import available_results

    setup = load_setup("paper")
    pieces = {name: set(pieces_of(setup, available_results(setup, name))) for name in ("table2", "table7")}
    trained = {name: {piece.name for piece in each if piece.training} for name, each in pieces.items()}
    splits = ("ovis_sub", "ovis_sub_sparse")
    assert trained["table2"] & trained["table7"] == {
        f"train {model} on {split}" for model in ("instmove", "instmove_paper") for split in splits
    }
    assert "train idol ovis_sub" in trained["table7"], "the fixed encoder is IDOL's"
    assert trained["table2"] - trained["table7"] == {f"fine-tune RAFT on {split}" for split in splits}
