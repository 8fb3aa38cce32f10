"""A variant's settings over the section's, for one host."""

from typing import Any

import pytest

from baselines.idol import host as idol
from baselines.minvis import host as minvis
from baselines.quasi_dense import QuasiDenseSettings
from baselines.settings import AssociationSettings, association_settings, settings_of
from instmove.config import load_setup
from instmove.errors import InstMoveError
from instmove.video import Video

SECTION: dict[str, Any] = {
    "weight": 1.0,
    "past": [2, 4],
    "gaps": "last_seen",
    "top": {"minvis": 8},
    "variants": {
        "none": {},
        "kalman": {"model": "kalman"},
        "release": {"model": "instmove", "weight": 0.5, "gaps": "by_frame", "released": True, "hosts": ["minvis"]},
        "oracle_association": {"association": "oracle"},
        "oracle": {"model": "oracle"},
    },
}


def test_the_sections_own() -> None:
    assert association_settings(SECTION, "idol", "none") == AssociationSettings(1.0, (2, 4), "last_seen")
    assert association_settings(SECTION, "minvis", "none").top == 8


def test_the_variants_replace_them() -> None:
    found = association_settings(SECTION, "minvis", "release")
    assert found == AssociationSettings(0.5, (2, 4), "by_frame", top=8, released=True, model="instmove")


@pytest.mark.parametrize(
    ("variant", "model"), [("none", None), ("kalman", "kalman"), ("oracle", None), ("oracle_association", None)]
)
def test_models_that_a_setup_lists(variant: str, model: str | None) -> None:
    assert association_settings(SECTION, "idol", variant).model_name == model


def test_unknown_and_not_for_this_host() -> None:
    with pytest.raises(InstMoveError, match="'karman' is not under variants in the setup; choose one of none, kalman"):
        association_settings(SECTION, "idol", "karman")
    with pytest.raises(InstMoveError, match="variant 'release' is for minvis, not for idol"):
        association_settings(SECTION, "idol", "release")


@pytest.mark.parametrize("setup", ["mini", "paper"])
def test_every_variant_of_a_setup(setup: str) -> None:
    section = load_setup(setup)["association"]
    for variant, entry in section["variants"].items():
        assert association_settings(section, "minvis", variant).past == tuple(entry.get("past", (2, 4)))


def test_a_methods_own_settings_are_known_and_whole() -> None:
    assert settings_of(QuasiDenseSettings, {}, "hosts.pcan.tracker") == QuasiDenseSettings()
    video = Video(1, "a", 4, 4, (), None)
    with pytest.raises(InstMoveError, match=r"'duplicate_io' at hosts.idol.tracker; did you mean 'duplicate_iou'"):
        idol.tracker({"tracker": {"duplicate_io": 0.3}}, video, None)
    with pytest.raises(InstMoveError, match=r"unknown key 'match' at hosts.minvis.tracker$"):
        minvis.tracker({"tracker": {"match": 0.3}}, video, None)
    with pytest.raises(InstMoveError, match=r"hosts.minvis.network: 'backbone' is missing"):
        minvis.build({"network": {"hidden": 64}}, 3)
