"""Scores of evaluation servers that somebody has written down: of which results they are."""

from difflib import get_close_matches
from pathlib import Path

from instmove.errors import InstMoveError
from instmove.metrics.server_scores import FOLDER, read_scores, scores_path
from instmove.reporting.cells import VOS, Result, Setup, available_results, table_names


def require_known_scores(setup: Setup, results: Path) -> None:
    """Every file of scores must be readable and of a result in the setup's tables; else an error names it."""
    found = sorted((results / FOLDER).glob("*"))
    if not found:
        return
    known = {path.name: result for result in _results(setup) if (path := scores_path(results / result.path))}
    for path in found:
        if path.name not in known:
            near = get_close_matches(path.name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise InstMoveError(f"{path}: no table of setup {setup['setup']} has a result of this name{hint}")
        read_scores(path, _metrics(setup, known[path.name]))


def _results(setup: Setup) -> list[Result]:
    return [result for table in table_names(setup) for result in available_results(setup, table)]


def _metrics(setup: Setup, result: Result) -> list[str]:
    """What the server of a benchmark scores."""
    from instmove.metrics import video_ap, vos_result

    if result.host != VOS:
        return list(video_ap.STATISTICS)
    return list(vos_result.STATISTICS[setup["vos"]["benchmarks"][result.benchmark]["protocol"]])
