"""Benchmarks whose truth is withheld: scores come from the evaluation server, by way of a small file.

The submission is ``<name>.results.zip`` beside the metrics file. What the server prints for it goes into
``results/<setup>/server_scores/<host>_<benchmark>_<motion>_seed<k>.json``, in percent as printed, for example
``{"AP": 30.7, "AP50": 51.4, "AP75": 30.9, "AR1": 15.0, "AR10": 37.7}``; the next run shows it in the tables.

Of what the server of YouTube-VIS 2022 prints, the numbers of the long videos are meant (mAP_L as AP, AP50_L, ...), as
in Table 3. Its mAP is the mean with the short videos, of which the archive has none.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.metrics.result_files import write_result


def scores_path(results: Path, host: str, benchmark: str, motion: str, seed: int) -> Path:
    """Where the server's scores of one result are put; ``results`` is the results folder of the setup."""
    return results / "server_scores" / f"{host}_{benchmark}_{motion}_seed{seed}.json"


def write_server_metrics(path: Path, origin: Mapping[str, Any], scores: Path, names: Collection[str]) -> None:
    """Write the metrics JSON of a result that is scored elsewhere, in the metrics ``names``.

    Its ``status`` is "server" where the scores have come, else "submission", and then all values are null. There
    are no intervals: the server keeps what they would be made from.
    """
    known = known_scores(scores, names)
    metrics = {name: {"value": known.get(name), "unit": "fraction"} for name in names}
    write_result(path, origin, metrics, {}, status="server" if known else "submission")


def known_scores(path: Path, names: Collection[str]) -> dict[str, float]:
    """What :func:`read_scores` reads; nothing where there is no file yet. Asked before hours are spent, too."""
    return read_scores(path, names) if path.exists() else {}


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
