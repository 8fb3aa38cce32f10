"""A GPU with too little memory, said in one line."""

import argparse
import functools
from collections.abc import Callable
from typing import TypeVar

from instmove.errors import InstMoveError

R = TypeVar("R")
Verb = Callable[[argparse.Namespace], R]


def needs_memory(*settings: str) -> Callable[[Verb[R]], Verb[R]]:
    """Decorate a verb's ``run``: where CUDA runs out of memory, an :class:`InstMoveError` names what to lower.

    ``settings`` are dotted keys of the setup; ``{host}`` and the like stand for the verb's own arguments.
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
                lower = " or ".join(key.format(**vars(args)) for key in settings)
                raise InstMoveError(
                    f"the GPU has too little memory ({first}); lower {lower} in the setup, or take a larger GPU"
                ) from None

        return explained

    return decorate
