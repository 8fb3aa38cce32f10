"""The three places that pin dependencies agree."""

import tomllib

import yaml

from instmove.config import ROOT


def pins(lines: list[str]) -> dict[str, str]:
    entries = (line.strip().partition("==") for line in lines if line.strip() and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, _, version in entries}


def locked() -> dict[str, str]:
    return pins((ROOT / "requirements.txt").read_text().splitlines())


def test_conda_and_pip_pin_the_same() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert pins(environment["dependencies"][-1]["pip"]) == locked()
    assert "python=3.11" in environment["dependencies"]


def test_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = pins(project["dependencies"] + project["optional-dependencies"]["dev"])
    assert all(asked.values()), "every dependency is pinned"
    assert asked.items() <= locked().items()


def test_no_torchvision_and_no_screen_library() -> None:
    assert not {"torchvision", "opencv-python"} & locked().keys()
