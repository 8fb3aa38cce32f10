"""Predict the motion of objects in your own clip: their masks in each frame from those in the frames before."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--frames", type=Path, required=True, help="folder of JPEG or PNG frames, ordered by name")
    parser.add_argument("--masks", type=Path, required=True, help="folder of PNGs of the same names: object ids")
    parser.add_argument("--weights", type=Path, help="ours or the authors' (default: the shipped ones)")
    parser.add_argument("--output", "-o", type=Path, required=True, help="folder for masks/ and overlay/")


def run(args: argparse.Namespace) -> None:
    """Write the predicted masks and an overlay for every frame with a prediction."""
    from instmove import load_motion
    from instmove.motion.clip import OwnClip, predict_clip, write_prediction

    clip = OwnClip.of(args.frames, args.masks)
    predicted = 0
    for frame, labels in predict_clip(load_motion(args.weights or _shipped()), clip):
        write_prediction(args.output, clip, frame, labels)
        predicted += 1
    print(f"{predicted} of {len(clip.frames)} frames predicted: {args.output}")


def _shipped() -> str:
    from instmove.config import load_setup
    from instmove.errors import InstMoveError
    from instmove.weights import shipped_weights

    found = shipped_weights(load_setup("mini"), "instmove_ovis")
    if found is None:
        raise InstMoveError("no InstMove weights are shipped; give --weights FILE")
    return found
