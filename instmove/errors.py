"""The one error a person is meant to read."""


class InstMoveError(Exception):
    """Something outside the code is wrong: a file, a setting, a download.

    The message is a single line that names the file or key, says what was found and what to do.
    ``instmove VERB`` prints it and exits with status 1; anything else is a bug and keeps its traceback.
    """
