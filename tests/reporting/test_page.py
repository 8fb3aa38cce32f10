"""The results page: made of fabricated results, read as a tree of files, and in a browser where there is one."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.config import load_setup
from instmove.files import read_json, write_json, write_text
from instmove.reporting.build import build_table
from instmove.reporting.cells import Result, description_of
from instmove.reporting.claims import read_claims
from instmove.reporting.figures import figure
from instmove.reporting.identity import follow, kept
from instmove.reporting.measured import Measurement, Measurements
from instmove.reporting.page.build import build_page, curves
from instmove.reporting.page.contents import _answer
from instmove.reporting.page.numbers import WrittenNumbers
from instmove.reporting.page.videos import read_videos, write_videos
from instmove.reporting.tables import write_table
from instmove.reporting.tidy import tidy_csv
from instmove.reporting.verdicts import judge, write_verdicts

CHROMIUM = shutil.which("chromium")
NAUGHTY = "<script>alert('video')</script>"


@pytest.fixture(scope="module")
def setup() -> dict[str, Any]:
    return load_setup("mini")


@pytest.fixture(scope="module")
def results(setup: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MinVIS helped and IDOL harmed on OVIS, with tables, claims, videos and a page; nothing else was run."""
    root = tmp_path_factory.mktemp("results")
    dataset = make_dataset(root / "frames", videos=6, tracks=4)
    swaps = {("minvis", "none"): 3, ("minvis", "instmove"): 0, ("idol", "none"): 0, ("idol", "instmove"): 3}
    write_tracking(root, dataset, {Result(host, "ovis", motion, 0): n for (host, motion), n in swaps.items()})
    measurements = Measurements(root, draws=50)
    for name in ("table1", "grid"):
        description = description_of(setup, name)
        write_table(build_table(name, description, measurements, seed=0), root / "tables")
        write_text(root / f"tables/{name}_tidy.csv", tidy_csv(description, measurements, seed=0))
    write_verdicts([judge(setup, claim, measurements) for claim in read_claims()], root / "claims.csv")
    pairs = {
        host: tuple(root / Result(host, "ovis", motion, 0).path for motion in ("none", "instmove"))
        for host in ("minvis", "idol")
    }
    write_videos(dataset, pairs, root / "videos/ovis")  # type: ignore[arg-type]
    build_page(setup, root)
    return root


class Links(HTMLParser):
    """What a page loads or leads to, and the anchors it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.targets.append(value)
            if name == "id" and value:
                self.anchors.add(value)


def pages(results: Path) -> list[Path]:
    return [results / "index.html", *sorted((results / "page").rglob("*.html"))]


def test_every_link_resolves_and_none_leaves_the_folder(results: Path) -> None:
    for page in pages(results):
        for target in Links(page.read_text()).targets:
            if target == "data:,":
                continue
            assert not re.match(r"[a-z]+:|//", target), f"{page}: {target} is an external request"
            path, _, anchor = target.partition("#")
            file = page if not path else page.parent / path
            if file.name in ("claims.svg",):
                continue  # the plot is made by the verb, not by the page
            assert file.resolve().is_file(), f"{page}: {target}"
            assert file.resolve().is_relative_to(results.resolve())
            assert not anchor or anchor in Links(file.read_text()).anchors, f"{page}: {target}"


def test_the_first_answer_is_whether_motion_helped_with_videos_to_look_at(results: Path) -> None:
    text = (results / "index.html").read_text()
    (card,) = re.findall(r'<article class="card ([a-z-]+)">\s*<h3>MinVIS on OVIS</h3>(.*?)</article>', text, re.DOTALL)
    assert card[0] == "helped" and "motion helped" in card[1]
    assert "a video it helped" in card[1]
    (other,) = re.findall(r'<article class="card ([a-z-]+)">\s*<h3>IDOL on OVIS</h3>(.*?)</article>', text, re.DOTALL)
    assert other[0] == "harmed" and "a video it harmed" in other[1]
    assert 'class="card not-run">\n<h3>CrossVIS on OVIS</h3>' in text


def test_what_was_not_run_is_said(results: Path, setup: dict[str, Any], tmp_path: Path) -> None:
    assert "snakemake table3 --config setup=mini" in (results / "index.html").read_text()
    build_page(setup, tmp_path)
    text = (tmp_path / "index.html").read_text()
    assert "snakemake claims --config setup=mini" in text and "snakemake figures" in text


def test_the_page_is_the_same_bytes_again(results: Path, setup: dict[str, Any]) -> None:
    first = {path: path.read_bytes() for path in pages(results)}
    build_page(setup, results)
    assert {path: path.read_bytes() for path in pages(results)} == first


def test_a_number_leads_to_its_origin(results: Path) -> None:
    content = read_json(results / "metrics/minvis/ovis/none/seed0.json")
    text = (results / "page/origin/minvis/ovis/none/seed0.html").read_text()
    assert f"{content['metrics']['AP']['value']:.4f}" in text
    assert content["evaluation_code"] in text
    assert 'href="page/origin/minvis/ovis/none/seed0.html"' in (results / "index.html").read_text()


def test_names_with_html_in_them_are_escaped_and_mixed_results_are_red(
    results: Path, setup: dict[str, Any], tmp_path: Path
) -> None:
    copy = tmp_path / "results"
    shutil.copytree(results, copy)
    videos = read_json(copy / "videos/ovis/videos.json")
    videos["minvis"][0]["name"] = NAUGHTY
    write_json(copy / "videos/ovis/videos.json", videos)
    odd = copy / "metrics/minvis/ovis/none/seed0.json"
    write_json(odd, read_json(odd) | {"evaluation_code": NAUGHTY})
    build_page(setup, copy)
    for page in pages(copy):
        assert NAUGHTY not in page.read_text()
    index = (copy / "index.html").read_text()
    assert 'class="problems"' in index and "metrics/minvis/ovis/none/seed0.json: its evaluation code is" in index
    assert 'class="problems"' not in (results / "index.html").read_text()


def test_videos_are_sorted_by_gain_and_have_both_strips(results: Path) -> None:
    videos = read_videos(results / "videos/ovis")["minvis"]
    gains = [video["gain"] for video in videos]
    assert gains == sorted(gains, reverse=True)
    for video in videos:
        for kind in ("without", "with"):
            assert (results / f"videos/ovis/minvis/{video['number']}_{kind}.webp").stat().st_size > 0
        assert all(len(series) == video["length"] for series in video["kept"])


def test_photographs_are_small_pictures_and_curves_stay_curves(
    results: Path, setup: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(results, copy := tmp_path / "copy")
    noise = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    for name in ("objects_davis", "gains_grid"):
        plot_to(copy / "plots" / name, noise)
    build_page(setup, copy)
    sources = [target for target in Links((copy / "index.html").read_text()).targets if "/" in target]
    assert "page/plots/objects_davis.webp" in sources and "plots/gains_grid.svg" in sources
    small, large = (copy / f"{path}" for path in ("page/plots/objects_davis.webp", "plots/objects_davis.png"))
    assert 0 < small.stat().st_size < large.stat().st_size
    assert not list((copy / "page/plots").glob("gains*"))


def plot_to(path: Path, image: Any) -> None:
    with figure(4, 3, path) as made:
        made.subplots().imshow(image)


def test_true_tracks_keep_every_object(tmp_path: Path) -> None:
    from fabricated import predict

    for video in make_dataset(tmp_path, videos=2):
        assert video.tracks is not None
        tracks = follow(predict(video, np.random.default_rng(0), 0), video.tracks)
        assert {share for share in kept(tracks, video.tracks, len(video)) if share is not None} == {1.0}
        assert all(share in (0.0, None) for share in kept([], video.tracks, len(video)))


def test_a_curve_is_broken_where_a_value_is_missing() -> None:
    assert curves([[1.0, None, 0.0]]) == [["0.0,0.0", "600.0,100.0"]]


def test_the_page_shows_the_numbers_that_the_tables_have(results: Path) -> None:
    written, measured = WrittenNumbers(results / "tables/table1_tidy.csv"), Measurements(results, draws=50)
    result = Result("minvis", "ovis", "instmove", 0)
    assert written.value(result, "AP") == measured.value(result, "AP")
    assert written.gain(result, "none", "AP50") == measured.gain(result, "none", "AP50")


PROBE = """<script>
addEventListener("load", () => {
  const head = document.querySelector("#grid thead tr:last-child th.number");
  head.click(); head.click();
  const order = [...document.querySelectorAll("#grid tbody tr")].map((row) => row.cells[head.cellIndex].dataset.order);
  document.querySelector("button[data-verdict=holds]").click();
  const shown = [...document.querySelectorAll(".claims tbody tr")].filter((row) => !row.hidden);
  document.title = JSON.stringify([order, shown.map((row) => row.dataset.verdict)]);
});
</script>"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A command that starts Chromium without a window."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: the page is not looked at in a browser")
    profile = tmp_path_factory.mktemp("profile")
    quiet = ["background-networking", "component-update", "sync", "gpu", "quic"]
    options = ["--headless", "--no-sandbox", "--no-first-run", f"--user-data-dir={profile}", "--enable-logging=stderr"]
    yield [CHROMIUM, *options, *(f"--disable-{name}" for name in quiet)]


def ask(browser: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*browser, *arguments], capture_output=True, text=True, timeout=100, check=True)


def test_tables_sort_and_claims_filter_without_console_errors(browser: list[str], results: Path) -> None:
    probe = results / "probe.html"
    probe.write_text((results / "index.html").read_text().replace("</body>", PROBE + "</body>"))
    done = ask(browser, "--dump-dom", probe.as_uri())
    probe.unlink()
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title
    order, shown = json.loads(title[1])
    numbers = [float(text) for text in order if text]
    assert len(numbers) == 4 and numbers == sorted(numbers, reverse=True)
    assert not any(order[4:]) and len(order) > 4, "what was not run comes last"
    assert set(shown) == {"holds"}
    assert "CONSOLE" not in done.stderr


@pytest.mark.parametrize("page", ["index.html", "page/ovis/minvis/index.html", "page/ovis/minvis/0.html"])
def test_a_page_looks_like_something_on_a_phone_and_in_the_dark(
    browser: list[str], results: Path, tmp_path: Path, page: str
) -> None:
    import cv2

    shots = {}
    for name, scheme in (("light", 1), ("dark", 0)):
        shot = tmp_path / f"{name}.png"
        look = f"--blink-settings=preferredColorScheme={scheme}"
        done = ask(browser, f"--screenshot={shot}", "--window-size=500,900", look, (results / page).as_uri())
        assert "CONSOLE" not in done.stderr
        shots[name] = cv2.imread(str(shot))
    assert np.median(shots["light"]) > 200 > 60 > np.median(shots["dark"])
    assert all(shot.std() > 5 for shot in shots.values())


@pytest.mark.parametrize(
    ("low", "high", "fewer", "answer"),
    [(1, 3, False, "helped"), (1, 3, True, "harmed"), (-3, -1, True, "helped"), (-1, 1, True, "not decided")],
)
def test_fewer_of_a_count_is_help(low: float, high: float, fewer: bool, answer: str) -> None:
    assert _answer(Measurement((low + high) / 2, low, high), fewer) == answer
    assert _answer(Measurement((low + high) / 2, status="server"), fewer) == "no interval"


def test_hosts_are_shown_on_their_own_benchmarks(results: Path) -> None:
    text = (results / "index.html").read_text()
    assert "<h3>PCAN on BDD100K</h3>" in text and "<h3>STCN on DAVIS 2017</h3>" in text
    assert "<h3>PCAN on OVIS</h3>" not in text and "<h3>CrossVIS on DAVIS 2017</h3>" not in text
