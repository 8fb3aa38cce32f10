"""InstMove's latency a frame, against the release's way with images.

The release encodes the frame once an instance and runs all four stages of the ResNet, of which it reads two:
wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:397.
"""

from collections.abc import Iterator
from functools import partial
from typing import get_args

import torch

from benchmarks.timing import Row, seconds
from instmove.network.build import Variant, build_network
from instmove.network.resnet import ResNetTrunk

SIDE = 384
PAST = 4
INSTANCES = (1, 5, 20)


@torch.inference_mode()
def rows() -> Iterator[Row]:
    """Both variants for 1, 5 and 20 instances; what the two ways share is timed once and counted in both."""
    image = torch.randn(1, 3, SIDE, SIDE)
    release = ResNetTrunk(stages=4).eval()
    repeated = {k: seconds(partial(release, image.expand(k, -1, -1, -1)), repeat=1) for k in INSTANCES}
    for variant in get_args(Variant):
        network = build_network(variant, "full", width=1.0).eval()
        features = network.encode_image(image)
        once = seconds(partial(network.encode_image, image))
        for k in INSTANCES:
            past = (torch.rand(k, PAST, SIDE, SIDE) > 0.5).float()
            shared = seconds(partial(network, past, features), repeat=1)
            note = f"{PAST} past masks; image {once:.2f} s of ours, {repeated[k]:.2f} s of the release's"
            yield Row(f"InstMove {variant}, K = {k}, {SIDE}x{SIDE}", shared + once, shared + repeated[k], note)
