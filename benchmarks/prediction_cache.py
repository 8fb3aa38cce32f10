"""The cache of a host's predictions, against decoding and encoding the RLEs that it saves."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from baselines.cached_video import CachedVideo, write_video
from baselines.interface import Instances
from benchmarks.made_up import HEIGHT, WIDTH, blobs
from benchmarks.scale.sized import OVIS, OVIS_FRAMES_MEAN
from benchmarks.timing import Row, seconds
from instmove import masks

QUERIES, CLASSES, CHANNELS, STRIDE = 100, 25, 256, 4
FRAMES = 10
OVIS_VALID_FRAMES = round(OVIS["valid"] * OVIS_FRAMES_MEAN)


def rows() -> Iterator[Row]:
    """Writing and reading frames as large as MinVIS's on OVIS."""
    instances = minvis_like()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "video.zip"
        writing = seconds(lambda: write_video(path, [instances] * FRAMES, "stamp")) / FRAMES
        with CachedVideo(path, "stamp") as frames:
            reading = seconds(lambda: list(frames)) / FRAMES
        size = path.stat().st_size / FRAMES
    decoded = [masks.decode(rle) for rle in instances.rles]
    decoding = seconds(lambda: [masks.decode(rle) for rle in instances.rles])
    encoding = seconds(lambda: [masks.encode(mask) for mask in decoded])
    scene = f"{QUERIES} masks of {HEIGHT}x{WIDTH}"
    whole = f"{size / 1e3:.0f} kB, {size * OVIS_VALID_FRAMES / 1e9:.1f} GB for OVIS val"
    yield Row("prediction cache, frame written", writing, encoding, f"{scene}; {whole}; against RLE encoding")
    yield Row("prediction cache, frame read", reading, decoding, f"{scene}; against RLE decoding")


def minvis_like() -> Instances:
    """One frame's instances, with the sizes of the network's outputs."""
    generator = np.random.default_rng(0)
    shapes = np.tile(blobs(QUERIES // 4, HEIGHT, WIDTH), (4, 1, 1))
    return Instances(
        scores=generator.standard_normal((QUERIES, CLASSES + 1)).astype(np.float32),
        boxes=generator.random((QUERIES, 4)).astype(np.float32),
        embeddings=generator.standard_normal((QUERIES, CHANNELS)).astype(np.float32),
        masks=shapes[:, ::STRIDE, ::STRIDE],
        rles=tuple(masks.encode(shape) for shape in shapes),
    )
