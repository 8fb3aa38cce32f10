"""A motion model from a file of yours, so that one can be tried without touching the project."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from instmove.errors import InstMoveError
from instmove.motion.base import MotionModel


def load_own(place: str) -> MotionModel:
    """An object of the class ``FILE.py:CLASS``, a :class:`MotionModel` that is made without arguments."""
    file, _, name = place.rpartition(":")
    spec = spec_from_file_location(Path(file).stem, file)
    if spec is None or spec.loader is None or not Path(file).is_file():
        raise InstMoveError(f"{file}: not a Python file; give class: FILE.py:CLASS")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found = getattr(module, name, None)
    if not (isinstance(found, type) and issubclass(found, MotionModel)):
        raise InstMoveError(f"{file}: has no class '{name}' that is a MotionModel")
    return found()
