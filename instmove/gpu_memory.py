"""A GPU with too little memory, said in one line."""

import argparse
import functools
from collections.abc import Callable
from typing import TypeVar

from instmove.errors import InstMoveError

R = TypeVar("R")
Verb = Callable[[argparse.Namespace], R]


def needs_memory(*lower: str, raised: str = "") -> Callable[[Verb[R]], Verb[R]]:
    """Decorate a verb's ``run``: where CUDA runs out of memory, an :class:`InstMoveError` says what to do.

    Settings to lower, and one to be ``raised`` before, are dotted keys of the setup; ``{host}`` and the like stand for
    the verb's own arguments.
    """

    def decorate(run: Verb[R]) -> Verb[R]:
        @functools.wraps(run)
        def explained(args: argparse.Namespace) -> R:
            try:
                return run(args)
            except RuntimeError as error:
                import torch

                if not isinstance(error, torch.OutOfMemoryError):
                    raise
                first = str(error).partition(". ")[0]
                settings = [f"raise {raised}"] * bool(raised) + [f"lower {' or '.join(lower)}"] * bool(lower)
                changes = ", ".join(settings).format(**vars(args))
                raise InstMoveError(
                    f"the GPU has too little memory ({first}); let one job at a time use it (snakemake --resources "
                    f"gpu_jobs=1), {f'{changes} in the setup, ' if changes else ''}or take a larger GPU"
                ) from None

        return explained

    return decorate
