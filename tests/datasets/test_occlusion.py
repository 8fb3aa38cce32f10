"""Which objects disappear and return."""

from dataclasses import replace

from made_clips import memory_dataset, seen_video

from instmove.datasets.occlusion import occlusion_subsets
from instmove.datasets.splits import SplitVideo


def test_occlusion_subsets_are_the_objects_that_return_and_the_rest() -> None:
    dataset = memory_dataset(seen_video("a", "x.x.", ".xx.", "..x.", "x..x", ignored="4"), seen_video("b", "xx"))
    occluded, continuous = occlusion_subsets(dataset)
    assert occluded.videos == (SplitVideo("a", (0, 1, 2, 3), (1,)),)
    assert continuous.videos == (SplitVideo("a", (0, 1, 2, 3), (2, 3)), SplitVideo("b", (0, 1), (1,)))


def test_an_object_that_is_flagged_or_of_another_class_for_a_while_does_not_disappear() -> None:
    whole = seen_video("a", "x.xx.", ".x...", "x....", "...x.", ignored="2")
    assert whole.tracks
    first, flagged, early, late = whole.tracks
    tracks = (first, replace(flagged, part_of=1), early, replace(late, category=2, part_of=3))
    occluded, continuous = occlusion_subsets(memory_dataset(replace(whole, tracks=tracks)))
    assert [part.tracks for part in (*occluded.videos, *continuous.videos)] == [(3, 4), (1,)]


def test_subsets_do_not_depend_on_the_order_of_the_dataset() -> None:
    videos = [seen_video("a", "x.x"), seen_video("b", "xxx"), seen_video("c", "x..")]
    assert occlusion_subsets(memory_dataset(*videos)) == occlusion_subsets(memory_dataset(*videos[::-1]))
