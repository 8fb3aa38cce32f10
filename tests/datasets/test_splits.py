import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clips import memory_dataset, seen_video

from instmove.datasets.splits import SplitVideo, derive_ovis_sub, folds, load_split, make_split, sparse
from instmove.errors import InstMoveError

OVIS = [f"{number:08x}" for number in random.Random(0).sample(range(2**32), 607)]


def test_ovis_sub_has_the_paper_s_sizes_and_the_smallest_hashes() -> None:
    train, val = derive_ovis_sub(OVIS)
    assert (len(train), len(val)) == (485, 122)
    assert set(train) | set(val) == set(OVIS) and not set(train) & set(val)
    hashes = {name: hashlib.sha256(name.encode()).hexdigest() for name in OVIS}
    assert max(hashes[name] for name in val) < min(hashes[name] for name in train)


@settings(max_examples=30, deadline=None)
@given(st.permutations(OVIS[:40]))
def test_ovis_sub_does_not_depend_on_order(names: list[str]) -> None:
    train, val = derive_ovis_sub(names)
    assert (train, val) == derive_ovis_sub(OVIS[:40]) and len(val) == round(40 * 122 / 607)


def test_a_list_overrides() -> None:
    assert derive_ovis_sub(["a", "b", "c"], ["b"]) == (("a", "c"), ("b",))
    with pytest.raises(InstMoveError, match="validation list: video d"):
        derive_ovis_sub(["a", "b"], ["d"])


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(2, 30), st.randoms())
def test_folds_partition_and_do_not_depend_on_order(count: int, k: int, shuffler: random.Random) -> None:
    names = OVIS[:count]
    if k > count:
        with pytest.raises(InstMoveError, match=f"{k} folds of {count} videos"):
            folds(names, k)
        return
    parts = folds(names, k)
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert folds(shuffler.sample(names, count), k) == parts


def test_sparse_keeps_every_kth_frame_and_the_videos_with_something_in_them() -> None:
    dataset = memory_dataset(
        seen_video("b", "xxxxxxx", ".x.xx..", "...x..x"), seen_video("a", ".xx.xx"), seen_video("c", "x")
    )
    split = sparse("s", dataset, dataset.names, 3)
    assert [(part.name, part.frames) for part in split.videos] == [("b", (0, 3, 6)), ("c", (0,))]


def test_stride_one_keeps_all_and_withheld_truth_is_no_reason_to_drop() -> None:
    dataset = memory_dataset(seen_video("a", "xx"), replace(seen_video("b", ".."), tracks=None), seen_video("c", ".."))
    assert [part.name for part in sparse("s", dataset, dataset.names).videos] == ["a", "b"]
    with pytest.raises(InstMoveError, match="stride 0"):
        sparse("s", dataset, dataset.names, 0)


def test_splits_do_not_depend_on_the_order_of_the_dataset() -> None:
    videos = [seen_video("a", "x.x"), seen_video("b", "xxx"), seen_video("c", "x..")]
    first, second = memory_dataset(*videos), memory_dataset(*videos[::-1])
    assert sparse("s", first, first.names, 2) == sparse("s", second, second.names, 2)


def test_files_round_trip_and_are_the_same_bytes(tmp_path: Path) -> None:
    split = make_split("s", "d", [SplitVideo("b", (0, 2), (1, 5)), SplitVideo("a", (0,))])
    split.save(tmp_path / "s.json")
    assert load_split(tmp_path / "s.json") == split
    make_split("s", "d", split.videos[::-1]).save(tmp_path / "t.json")
    assert (tmp_path / "s.json").read_bytes() == (tmp_path / "t.json").read_bytes()
    assert replace(split, name="other").digest == split.digest
    assert make_split("s", "d", split.videos[:1]).digest != split.digest


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"videos": []}, "an empty split"),
        ({"videos": [{"name": "a", "frames": [1], "tracks": None}]}, "was changed after it was made"),
        ({"videos": [{"name": "a"}]}, "not a split file"),
        ({"videos": 3}, "not a split file"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, change: dict[str, object], says: str) -> None:
    path = tmp_path / "s.json"
    make_split("s", "d", [SplitVideo("a", (0,))]).save(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InstMoveError, match=rf"s\.json: {says}"):
        load_split(path)


def test_bad_splits_are_refused() -> None:
    part = SplitVideo("a", (0,))
    with pytest.raises(InstMoveError, match="split s: empty; no video of d"):
        make_split("s", "d", [])
    with pytest.raises(InstMoveError, match="video a occurs twice"):
        make_split("s", "d", [part, part])
    with pytest.raises(InstMoveError, match="video a has no frame"):
        make_split("s", "d", [replace(part, frames=())])
