"""Frames read ahead by a thread, while the caller computes."""

from concurrent.futures import Future, ThreadPoolExecutor

from instmove.video import Image, Video


class FramesAhead:
    """The images of a video, asked for in their order; the ``ahead`` after the one asked for are read meanwhile."""

    def __init__(self, video: Video, ahead: int) -> None:
        self.video, self.ahead = video, ahead
        self._reader = ThreadPoolExecutor(max_workers=1)
        self._reading: dict[int, Future[Image]] = {}

    def __getitem__(self, frame: int) -> Image:
        """The image of a frame; those before it are forgotten."""
        for t in range(frame, min(frame + self.ahead + 1, len(self.video))):
            if t not in self._reading:
                self._reading[t] = self._reader.submit(self.video.image, t)
        image = self._reading[frame].result()
        self._reading = {t: reading for t, reading in self._reading.items() if t >= frame}
        return image
