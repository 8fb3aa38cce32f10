"""Metrics of object segmentation with intervals over objects, and what lies behind them."""

from pathlib import Path

import numpy as np
import pytest
from made_up import ORIGIN

from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.metrics.bootstrap import draw_weights
from instmove.metrics.result_files import samples_path
from instmove.metrics.vos import ObjectScores
from instmove.metrics.vos_files import load_objects, write_vos_metrics
from instmove.metrics.vos_result import STATISTICS, VosResult, vos_result
from instmove.reporting.cells import Result
from instmove.reporting.measured import Measurements


def objects(seed: int, better: float = 0.0) -> list[ObjectScores]:
    """Twelve objects of three categories with random scores in six frames each."""
    generator = np.random.default_rng(seed)
    return [
        ObjectScores(f"clip{n // 2}", n % 2 + 1, n % 3, tuple(range(1, 7)), *(generator.random((2, 6)) * 0.8 + better))
        for n in range(12)
    ]


@pytest.fixture
def result() -> VosResult:
    return vos_result(objects(0), frozenset({0, 1}))


def test_a_weight_counts_as_so_many_objects(result: VosResult) -> None:
    weights = draw_weights(12, 20, seed=3)
    for protocol, statistics in STATISTICS.items():
        for name, statistic in statistics.items():
            for row, value in zip(weights, statistic(result, weights), strict=True):
                repeated = vos_result(
                    [each for each, count in zip(objects(0), row, strict=True) for _ in range(count)], frozenset({0, 1})
                )
                once = statistic(repeated, np.ones((1, len(repeated.videos)), dtype=np.int64))[0]
                assert value == pytest.approx(once, nan_ok=True), (protocol, name)


def test_what_is_written_is_read(result: VosResult, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_vos_metrics(tmp_path / f"{name}.json", ORIGIN, result, "davis", draws=50)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert samples_path(tmp_path / "a.json").read_bytes() == samples_path(tmp_path / "b.json").read_bytes()
    content = read_json(tmp_path / "a.json")
    assert content["bootstrap"] == {"draws": 50, "seed": 0, "unit": "object", "objects": 12}
    metric = content["metrics"]["j_and_f"]
    assert metric["low"] < metric["value"] < metric["high"] and metric["n"] == 12
    means = [record["j_and_f"]["value"] for record in content["per_sequence"].values()]
    assert metric["value"] == pytest.approx(np.mean(means))
    read = load_objects(samples_path(tmp_path / "a.json"))
    assert read.same_samples(result) and np.array_equal(read.frame_j, result.frame_j)
    samples_path(tmp_path / "a.json").write_bytes(b"")
    with pytest.raises(InstMoveError, match="cannot read the predictions"):
        load_objects(samples_path(tmp_path / "a.json"))


def test_every_frame_s_scores_are_of_their_object(result: VosResult) -> None:
    rows = list(zip(result.object, result.frame, result.frame_j, result.frame_f, strict=True))
    expected = [
        (n, frame, j, f)
        for n, each in enumerate(objects(0))
        for frame, j, f in zip(each.frames, each.j, each.f, strict=True)
    ]
    assert rows == expected


def test_numbers_of_objects_are_those_of_the_group(result: VosResult, tmp_path: Path) -> None:
    write_vos_metrics(tmp_path / "a.json", ORIGIN, result, "ytvos", draws=5)
    counted = {name: record["n"] for name, record in read_json(tmp_path / "a.json")["metrics"].items()}
    assert counted == {"g": 12, "j_seen": 8, "f_seen": 8, "j_unseen": 4, "f_unseen": 4}


def test_gains_are_paired_over_objects(tmp_path: Path) -> None:
    for motion, better in (("none", 0.0), ("instmove", 0.1)):
        path = tmp_path / Result("stcn", "davis", motion, 0).path
        write_vos_metrics(path, ORIGIN, vos_result(objects(0, better)), "davis", draws=50)
    gain = Measurements(tmp_path, draws=50).gain(Result("stcn", "davis", "instmove", 0), "none", "j_mean")
    assert gain.numbers == pytest.approx((0.1, 0.1, 0.1))


def test_no_object_at_all_has_no_value() -> None:
    empty = vos_result([])
    assert empty.videos == ()
    assert all(np.isnan(s(empty, np.ones((1, 0), dtype=np.int64))).all() for s in STATISTICS["ytvos"].values())
