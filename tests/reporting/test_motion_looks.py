"""A motion has one look in every figure, and no two in a figure share one."""

from hypothesis import given
from hypothesis import strategies as st

from instmove.reporting.figures import PALETTE
from instmove.reporting.motion_looks import NAMES, PLACES, motion_name, places_of

KNOWN = st.sampled_from([*PLACES, "oracle motion", "mine", "another"])


@given(st.lists(KNOWN, unique=True, max_size=len(PALETTE)))
def test_known_motions_keep_their_look_and_none_share_one(names: list[str]) -> None:
    found = places_of(names)
    assert sorted(found) == sorted(names)
    assert len(set(found.values())) == len(names)
    assert all(found[name] == PLACES[name] for name in names if name in PLACES)


def test_more_motions_than_colours_begin_again() -> None:
    many = [f"model {number}" for number in range(len(PALETTE) + 2)]
    assert list(places_of(many).values()) == [*range(len(PALETTE)), 0, 1]


def test_what_has_a_look_is_the_name_of_an_id() -> None:
    assert PLACES.keys() <= {motion_name(motion) for motion in (*NAMES, "constant_velocity")}
    assert motion_name("my_model") == "my model"
