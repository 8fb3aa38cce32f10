"""Looking through the checkpoints that a setup names before hours are spent with them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from instmove.config import Setup, data_root
from instmove.datasets.catalog import open_dataset
from instmove.datasets.classes import joint_classes
from instmove.datasets.places import dataset_places
from instmove.errors import InstMoveError
from instmove.network.checkpoint import read_torch
from instmove.reporting.needs import AUTHORS, RAFT, RESNET, STATIC, checkpoint_needs, start_of, weights_of

Load = Callable[[Path], str]
"""Loads a file into the network that it is for; says what it found, raises :class:`InstMoveError` otherwise."""


@dataclass(frozen=True)
class Found:
    """A checkpoint as it is on disk."""

    path: Path
    of: str
    present: bool = False
    complete: bool = False
    """Whether all of it could be read."""
    loads: bool = False
    said: str = ""
    """What loading found, or what is wrong."""

    @property
    def broken(self) -> bool:
        """Whether it is there and of no use."""
        return self.present and not self.loads


def look_at(setup: Setup) -> Iterator[Found]:
    """Every checkpoint file that the setup names, read and loaded into its network one after another."""
    ways = _ways(setup)
    for path, of in checkpoint_needs(setup):
        yield _look(path, of, ways[of]) if path.exists() else Found(path, of)


def _look(path: Path, of: str, load: Load) -> Found:
    try:
        read_torch(path)
    except InstMoveError as error:
        return Found(path, of, present=True, said=str(error))
    try:
        return Found(path, of, True, True, True, load(path))
    except InstMoveError as error:
        return Found(path, of, True, True, said=str(error))


def _ways(setup: Setup) -> dict[str, Load]:
    """How each checkpoint is loaded, by what it is of."""
    ways: dict[str, Load] = {RESNET: _resnet, RAFT: _raft, STATIC: partial(_stcn, setup), AUTHORS: _instmove}
    for host, entry in setup["hosts"].items():
        ways[start_of(host)] = partial(_initial, setup, host)
        for name, checkpoint in entry["checkpoints"].items():
            if "file" in checkpoint:
                ways[weights_of(host, name)] = partial(_host, setup, host, checkpoint["dataset"])
    return ways


def _host(setup: Setup, host: str, dataset: str, path: Path) -> str:
    """Strictly, for the classes of its dataset; where that is not there, for as many as the file has."""
    from baselines.official import class_count, load_official, read_official
    from baselines.registry import host_named

    entry, root = setup["datasets"][dataset], data_root(setup)
    if all(place.exists() for place in dataset_places(entry, root)):
        classes, checked = len(joint_classes([open_dataset(dataset, entry, root)])), f"as {dataset} has"
    else:
        tensors, _ = host_named(host).convert(read_official(path))
        classes = class_count(host, setup["hosts"][host], tensors) or 1
        checked = f"not compared, {dataset} is absent"
    load_official(setup["hosts"], host, classes, path)
    return f"{classes} classes, {checked}"


def _initial(setup: Setup, host: str, path: Path) -> str:
    from baselines.official import start_from
    from baselines.registry import host_named

    module = host_named(host)
    network = module.build(setup["hosts"][host], 1)
    fresh = start_from(network, module, path)
    return f"all but {len(fresh)} of {len(list(network.parameters()))} parameters"


def _resnet(path: Path) -> str:
    from instmove.network.build import build_network
    from instmove.network.checkpoint import load_imagenet

    load_imagenet(build_network("released", "full", 1.0), path)
    return "stem and two stages"


def _instmove(path: Path) -> str:
    from instmove.network.checkpoint import load_released

    load_released(path)
    return "the released network"


def _raft(path: Path) -> str:
    from instmove.flow.checkpoint import load_raft

    return f"the {load_raft(path).settings.variant} network"


def _stcn(setup: Setup, path: Path) -> str:
    from baselines.stcn.checkpoint import start_from
    from baselines.stcn.network import StcnSettings

    start_from(path, StcnSettings(**setup["vos"]["train"]["network"]), seed=0)
    return "all but the motion branch"
