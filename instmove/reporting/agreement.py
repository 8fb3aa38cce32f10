"""Results that must not be compared: of other settings, splits, weights or evaluation code than those beside them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from instmove.metrics.result_files import metrics_files, read_result

Content = Mapping[str, Any]


def disagreements(folder: Path) -> list[str]:
    """What does not fit together among the metrics files below a results folder, a line each; none if all do.

    All must be of one setup; those of a scorer of one evaluation code; those of a host on a benchmark of one split and
    of what its verb calls shared (the host's settings and weights); the seeds of one result of one configuration. The
    odd ones out are named: those that differ from most of their group.
    """
    contents = {path.relative_to(folder).as_posix(): read_result(path) for path in metrics_files(folder)}
    return [line for name, content in _groups(contents) for line in _odd(name, content)]


def _groups(contents: Mapping[str, Content]) -> Iterator[tuple[str, dict[str, str]]]:
    """What has to be the same: its name, and its value in each file of a group."""
    groups: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for file, content in contents.items():
        for place, value in _identity(content):
            groups[place][file] = str(value)
    for (name, *_), values in groups.items():
        yield name, values


def _identity(content: Content) -> Iterator[tuple[tuple[str, ...], object]]:
    """What has to be the same, and among which results."""
    origin = content["origin"]
    place = (str(origin["method"]), str(origin["dataset"]))
    yield ("setup",), origin["setup"]
    yield ("evaluation code", str(content.get("scorer"))), content.get("evaluation_code")
    yield ("split", *place), origin["split_digest"]
    yield ("shared configuration", *place), origin.get("shared_digest")
    yield ("configuration", *place, str(origin["motion"])), origin["config_digest"]


def _odd(name: str, values: Mapping[str, str]) -> Iterable[str]:
    """A line for each file whose value most of its group do not have."""
    counted = Counter(values.values()).most_common()
    usual = counted[0][0]
    return [
        f"{file}: its {name} is {value}, that of {counted[0][1]} others {usual}"
        for file, value in values.items()
        if value != usual
    ]
