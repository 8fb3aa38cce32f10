"""Baselines by name."""

import subprocess
import sys

import pytest

from baselines.registry import HOSTS, host_named
from instmove.errors import InstMoveError


def test_association_waits_for_no_network() -> None:
    """Each of some hundred jobs of a run starts a process; transformers alone takes seconds to import."""
    code = (
        "import sys; from baselines.registry import HOSTS, host_named; from instmove.config import load_setup;"
        "from instmove.runtime import prepare; [host_named(name) for name in HOSTS]; prepare(load_setup('mini'));"
        "import torch; assert torch.are_deterministic_algorithms_enabled();"
        "print([name for name in ('transformers', 'torch._dynamo') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_baseline_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(InstMoveError, match=f"'idle' does not exist; there are {', '.join(HOSTS)}"):
        host_named("idle")
