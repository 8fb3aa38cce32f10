"""``python -m benchmarks``: print one table and write it to results/bench.csv."""

import csv
import io
from pathlib import Path

import torch
from tqdm import tqdm

from benchmarks import (
    association,
    intervals,
    motion_network,
    mots_scores,
    optical_flow,
    prediction_cache,
    readers,
    run_lengths,
    video_ap,
    vos_scores,
)
from benchmarks.timing import Row
from instmove.files import write_text

SUBJECTS = (
    run_lengths,
    readers,
    intervals,
    video_ap,
    vos_scores,
    mots_scores,
    prediction_cache,
    association,
    optical_flow,
    motion_network,
)
OUTPUT = Path("results/bench.csv")
HEADER = ("name", "ours_seconds", "against_seconds", "ratio", "note")


def main() -> None:
    """Measure subject after subject in one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    measured: list[Row] = []
    print(f"{'':40} {'ours s':>10} {'against s':>10} {'ratio':>7}")
    for subject in tqdm(SUBJECTS, desc="bench", disable=None):
        for row in subject.rows():
            measured.append(row)
            tqdm.write(f"{row.name:40} {row.ours:10.4f} {row.against:10.4f} {row.ratio:7.2f}  {row.note}")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    for row in measured:
        table.writerow((row.name, *(f"{value:.4g}" for value in (row.ours, row.against, row.ratio)), row.note))
    write_text(OUTPUT, text.getvalue())


if __name__ == "__main__":
    main()
