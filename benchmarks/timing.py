"""What a measurement is: two times for the same work."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Processor seconds of our way and of the other way to do the same work."""

    name: str
    ours: float
    against: float
    note: str

    @property
    def ratio(self) -> float:
        """How many times as fast as the other way ours is."""
        return self.against / self.ours


def seconds(work: Callable[[], object], repeat: int = 3) -> float:
    """The shortest processor time of some repetitions.

    All work here runs in one thread, so that this is its duration on an idle processor, whatever else runs.
    """
    times = []
    for _ in range(repeat):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)
