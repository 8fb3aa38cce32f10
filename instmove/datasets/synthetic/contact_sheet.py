"""A picture of a dataset: some frames of some videos, every second one with its masks outlined, a colour an object."""

from pathlib import Path

import cv2
import numpy as np

from instmove.files import atomic_path
from instmove.video import Dataset, Image, Video

VIDEOS, FRAMES = 5, 6
SCALE = 2
COLOURS = ((255, 64, 64), (64, 255, 64), (80, 140, 255), (255, 255, 64), (255, 64, 255), (64, 255, 255), (255, 160, 32))


def outline(video: Video, frame: int, image: Image) -> None:
    """Draw the outlines of a frame's masks into its picture, enlarged ``SCALE`` times."""
    for track in video.tracks or ():
        mask = track.mask(frame)
        if mask is not None:
            large = cv2.resize(mask.astype(np.uint8), None, fx=SCALE, fy=SCALE, interpolation=cv2.INTER_NEAREST)
            contours, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(image, contours, -1, COLOURS[track.id % len(COLOURS)], 1)


def strip(video: Video) -> Image:
    """A row of evenly spaced frames; the second, fourth, ... with outlines."""
    pictures = []
    for k, frame in enumerate(np.linspace(0, len(video) - 1, FRAMES).round().astype(int).tolist()):
        picture = video.image(frame).repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        if k % 2:
            outline(video, frame, picture)
        pictures.append(picture)
    return np.hstack(pictures)


def write_contact_sheet(path: Path, dataset: Dataset) -> None:
    """Write a PNG of up to five of the dataset's videos."""
    sheet = np.vstack([strip(dataset.load(name)) for name in dataset.names[:VIDEOS]])
    data = cv2.imencode(".png", cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR))[1]
    with atomic_path(path) as temporary:
        temporary.write_bytes(data.tobytes())
