"""The one error a person is meant to read."""

from collections.abc import Iterable


class InstMoveError(Exception):
    """Something outside the code is wrong: a file, a setting, a download.

    The message is a single line that names the file or key, says what was found and what to do.
    ``instmove VERB`` prints it and exits with status 1; anything else is a bug and keeps its traceback.
    """


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as the end of a message, nothing if none is known."""
    from difflib import get_close_matches

    nearest = get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"; did you mean '{nearest[0]}'?" if nearest else ""
