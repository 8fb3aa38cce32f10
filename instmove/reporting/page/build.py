"""Writing the page: ``index.html`` in a results folder, and ``page/`` beside it with all that it leads to."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instmove.files import atomic_path, write_text
from instmove.reporting.agreement import disagreements
from instmove.reporting.cells import FULL_GRID, Setup, table_names
from instmove.reporting.page import contents
from instmove.reporting.page.strips import write_picture
from instmove.reporting.page.templates import template
from instmove.reporting.page.videos import pictures, read_videos
from instmove.video import read_image

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = ("style.css", "page.js")
Context = Mapping[str, Any]


def build_page(setup: Setup, results: Path) -> None:
    """Make the page of a setup from what is in its results folder; what was not run is said to be missing."""
    environment, name = _environment(), setup["setup"]
    with atomic_path(results / "page") as folder:
        folder.mkdir()
        for asset in ASSETS:
            write_text(folder / asset, template(asset))
        for plot in contents.picture_names(results):
            write_picture(folder / contents.picture_file(plot), read_image(results / f"plots/{plot}.png"))
        for path, kind, context in (*_origin_pages(results), *_video_pages(setup, results)):
            root = "../" * len(path.parts)
            write_text(folder / path, environment.get_template(kind).render(root=root, setup=name, **context))
    context = _index(setup, results)
    write_text(results / "index.html", environment.get_template("index.html").render(root="", setup=name, **context))


def _environment() -> "Environment":
    """Everything is escaped; an unknown name in a template is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _index(setup: Setup, results: Path) -> Context:
    tables = [contents.table_context(setup, results, name) for name in table_names(setup) if name != FULL_GRID]
    gains = contents.gains_context(setup, results)
    return {
        "problems": disagreements(results),
        "about": setup.get("about", ""),
        "claims": contents.claims_context(results),
        "gains": gains,
        "tables": tables,
        "missing": [table["name"] for table in tables if not table["made"]],
        "plots": contents.plots_context(results),
        "files": [name for name in ("metrics.csv", "runs.csv", "claims.csv", "cost.md") if (results / name).exists()],
    }


def _origin_pages(results: Path) -> Iterator[tuple[Path, str, Context]]:
    for place, content in contents.origins(results):
        yield Path("origin", f"{place}.html"), "origin.html", {"result": content, "name": place}


def _video_pages(setup: Setup, results: Path) -> Iterator[tuple[Path, str, Context]]:
    """For every host and benchmark a list of the videos, and a page for each of them."""
    grid = setup.get("grid", {"videos": []})
    for benchmark in grid["videos"]:
        for host, videos in read_videos(results / "videos" / benchmark).items():
            names = {"host": grid["hosts"][host], "benchmark": grid["benchmarks"][benchmark]}
            where = Path(benchmark, host)
            context = names | {"videos": videos, "folder": f"videos/{where.as_posix()}"}
            yield where / "index.html", "videos.html", context
            yield from _each_video(where, context, videos)


def _each_video(
    where: Path, context: Context, videos: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Path, str, Context]]:
    """Each video's page with the one that gained more before it, and the one that gained less after it."""
    for video, before, after in zip(videos, [None, *videos[:-1]], [*videos[1:], None], strict=True):
        strips = pictures(video["number"])
        beside = {"video": video, "before": before, "after": after, "strips": strips, "curves": curves(video["kept"])}
        yield where / f"{video['number']}.html", "video.html", {**context, **beside}


WIDE, HIGH = 600, 100
"""Of a curve's drawing area, in its own units."""


def curves(series: Sequence[Sequence[float | None]]) -> list[list[str]]:
    """Points for SVG polylines of series from 0 to 1, broken where a value is missing; a list of lines for each."""
    return [_lines(values) for values in series]


def _lines(values: Sequence[float | None]) -> list[str]:
    lines: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            x = WIDE * number / max(1, len(values) - 1)
            lines[-1].append(f"{x:.1f},{HIGH * (1 - value):.1f}")
    return [" ".join(line) for line in lines if line]
