"""Tracks on a benchmark as result files: for an evaluation server, and scored where truth is at hand."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from instmove.metrics.result_files import submission_path, write_submission
from instmove.metrics.video_ap import STATISTICS, TrackPrediction, VideoMatches, pool
from instmove.metrics.video_ap_files import write_video_metrics
from instmove.metrics.video_ap_matching import match_video
from instmove.metrics.ytvis_results import write_results
from instmove.video import Video

Results = Iterable[tuple[Video, list[TrackPrediction]]]


def write_scored(path: Path, origin: Mapping[str, Any], results: Results) -> None:
    """Write the metrics JSON and, beside it, the tracks; videos come one at a time.

    Where truth is withheld the metrics are a server's (see ``instmove.metrics.server_scores``).
    """
    matches: list[VideoMatches] = []
    withheld: list[str] = []

    def matched() -> Iterator[tuple[Video, list[TrackPrediction]]]:
        for video, tracks in results:
            if video.tracks is None:
                withheld.append(video.name)
            else:
                matches.append(match_video(video, tracks))
            yield video, tracks

    write_results(submission_path(path), matched())
    if withheld:
        write_submission(path, origin, STATISTICS)
    else:
        write_video_metrics(path, origin, pool(matches))
