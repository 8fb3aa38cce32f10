"""What the plug-in costs: time for motion and association beside that of the host's network, from run records."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instmove.files import read_json
from instmove.metrics.result_files import run_path
from instmove.reporting.cells import VOS, Result, Setup, predictions_folder
from instmove.reporting.tables import csv_text, markdown_row

HEADER = (
    *("host", "benchmark", "motion", "seed", "frames", "predictions_per_frame", "motion_ms_per_frame"),
    *("association_ms_per_frame", "network_ms_per_frame", "motion_share", "association_share", "device"),
)
"""Shares are of the time of the host's network, whose device may be another."""
CAPTION = "Cost of the plug-in: time of motion and association per frame, and of the host's network (images included)"
SHOWN = {
    "predictions_per_frame": ("predictions per frame", "{:.1f}"),
    "motion_ms_per_frame": ("motion, ms per frame", "{:.1f}"),
    "association_ms_per_frame": ("association, ms per frame", "{:.2f}"),
    "network_ms_per_frame": ("network, ms per frame", "{:.1f}"),
    "motion_share": ("motion / network", "{:.0%}"),
    "association_share": ("association / network", "{:.1%}"),
}


@dataclass(frozen=True)
class Cost:
    """Frames of a result, tracklets predicted in them, and seconds; None where the network's record is missing."""

    frames: int
    predictions: int
    motion: float
    association: float
    network_per_frame: float | None
    device: str

    def values(self) -> dict[str, Any]:
        """The columns of HEADER that are measured."""
        network = self.network_per_frame
        return {
            "frames": self.frames,
            "predictions_per_frame": self.predictions / self.frames,
            "motion_ms_per_frame": 1000 * self.motion / self.frames,
            "association_ms_per_frame": 1000 * self.association / self.frames,
            "network_ms_per_frame": None if network is None else 1000 * network,
            "motion_share": self.motion / self.frames / network if network else None,
            "association_share": self.association / self.frames / network if network else None,
            "device": self.device,
        }


def costs_of(setup: Setup, results: Iterable[Result], folder: Path) -> dict[Result, Cost]:
    """What each result below ``folder`` took; those without tracking (oracle identities) or record are left out."""
    found = {}
    for result in results:
        record = _record(run_path(folder / result.path))
        if record.get("frames"):
            found[result] = Cost(
                record["frames"],
                record["tracklet_predictions"],
                record["motion_seconds"],
                record["association_seconds"],
                seconds_per_frame(_network_record(setup, result, folder)),
                record["device"],
            )
    return found


def _record(path: Path) -> dict[str, Any]:
    return read_json(path) if path.exists() else {}


def _network_record(setup: Setup, result: Result, folder: Path) -> Path:
    """The record of the run in which the network ran; where motion enters the network it is the result's own."""
    if result.host == VOS:
        return run_path(folder / result.path)
    return folder / predictions_folder(setup, result) / "index.run.json"


def seconds_per_frame(path: Path) -> float | None:
    """Seconds a frame that a host's network took, waiting for images included, by its record; None without one."""
    record = _record(path)
    return record["prediction_seconds"] / record["frames"] if record.get("frames") else None


def cost_csv(costs: Mapping[Result, Cost]) -> str:
    """A line for each result."""
    lines = [[*map(str, result), *map(_text, cost.values().values())] for result, cost in sorted(costs.items())]
    return csv_text([HEADER, *lines])


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def cost_markdown(
    costs: Mapping[Result, Cost],
    hosts: Mapping[str, str],
    motions: Mapping[str, str],
    benchmarks: Mapping[str, str],
) -> str:
    """A GitHub table of each host and motion (ids with shown names), over the benchmarks that all of a host's have."""
    header = ["Host", "Motion", *(title for title, _ in SHOWN.values()), "device", "benchmarks"]
    lines = [markdown_row(header), markdown_row(["---", "---", *["---:"] * len(SHOWN), "---", "---"])]
    for host, host_name in hosts.items():
        own = {result: cost for result, cost in costs.items() if result.host == host and result.motion in motions}
        common = _common(own.keys())
        for motion, motion_name in motions.items():
            members = [cost for each, cost in own.items() if each.motion == motion and each.benchmark in common]
            if members:
                values = _pooled(members).values()
                shown = ["" if values[key] is None else form.format(values[key]) for key, (_, form) in SHOWN.items()]
                places = ", ".join(benchmarks.get(name, name) for name in common)
                lines.append(markdown_row([host_name, motion_name, *shown, values["device"], places]))
    return "\n".join([f"**{CAPTION}**", "", *lines]) + "\n"


def _common(results: Set[Result]) -> list[str]:
    """The benchmarks that every motion among the results was run on."""
    by_motion = [{each.benchmark for each in results if each.motion == m} for m in {each.motion for each in results}]
    return sorted(set.intersection(*by_motion)) if by_motion else []


def _pooled(costs: Sequence[Cost]) -> Cost:
    frames = sum(cost.frames for cost in costs)
    network = [cost.frames * cost.network_per_frame for cost in costs if cost.network_per_frame is not None]
    return Cost(
        frames,
        sum(cost.predictions for cost in costs),
        sum(cost.motion for cost in costs),
        sum(cost.association for cost in costs),
        sum(network) / frames if len(network) == len(costs) else None,
        " ".join(sorted({cost.device for cost in costs})),
    )
