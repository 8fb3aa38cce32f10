"""The templates of the page."""

from importlib.resources import files


def template(name: str) -> str:
    """The text of a template, style sheet or script."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def templates() -> list[str]:
    """All of them, so that a change of one makes the page again."""
    found = (path for path in files(__package__).iterdir() if path.name.endswith((".html", ".css", ".js")))
    return [path.read_text(encoding="utf-8") for path in sorted(found, key=lambda path: path.name)]
