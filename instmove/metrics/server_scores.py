"""Benchmarks whose truth is withheld: scores come from the evaluation server, by way of a small file.

The submission is ``<name>.results.zip`` beside the metrics file. What the server prints for it goes into
``results/<setup>/server_scores/<host>_<benchmark>_<motion>_seed<k>.json``, in percent as printed, for example
``{"AP": 30.7, "AP50": 51.4, "AP75": 30.9, "AR1": 15.0, "AR10": 37.7}``; they are shown from then on.

Of what the server of YouTube-VIS 2022 prints, the numbers of the long videos are meant (mAP_L as AP, AP50_L, ...), as
in Table 3. Its mAP is the mean with the short videos, of which the archive has none.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from instmove.errors import InstMoveError
from instmove.files import read_json

FOLDER = "server_scores"


def scores_path(metrics: Path) -> Path | None:
    """Where the server's scores of a result are put, by its metrics file; None of one outside of a results folder."""
    if len(metrics.parents) < 5 or metrics.parents[3].name != "metrics":
        return None
    motion, benchmark, host, _, results = metrics.parents[:5]
    return results / FOLDER / f"{host.name}_{benchmark.name}_{motion.name}_{metrics.stem}.json"


def with_scores(content: dict[str, Any], metrics: Path) -> dict[str, Any]:
    """The content of a metrics file with the server's scores, where it waits for them and they have come.

    There are no intervals: the server keeps what they would be made from.
    """
    path = scores_path(metrics) if content.get("status") == "submission" else None
    if path is None or not path.exists():
        return content
    scores = read_scores(path, content["metrics"])
    scored = {name: {**record, "value": scores.get(name)} for name, record in content["metrics"].items()}
    return {**content, "metrics": scored, "status": "server"}


def read_scores(path: Path, names: Collection[str]) -> dict[str, float]:
    """The server's scores as fractions; anything but percentages of these metrics is an error that names the file."""
    content = read_json(path)
    if not isinstance(content, dict) or not content:
        raise InstMoveError(f'{path}: expected metrics and their values in percent, such as {{"AP": 30.7}}')
    for name, value in content.items():
        if name not in names:
            raise InstMoveError(f"{path}: unknown metric {name!r}; known are {', '.join(names)}")
        if not isinstance(value, int | float) or not 0 <= value <= 100:
            raise InstMoveError(f"{path}: {name} is {value!r}, expected a percentage")
    if 0 < max(content.values()) <= 1:
        raise InstMoveError(f"{path}: no value is above 1, so these look like fractions; write percent")
    return {name: round(value / 100, 12) for name, value in content.items()}
