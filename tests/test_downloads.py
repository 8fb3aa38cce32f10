"""Downloads from a server of our own: whole, verified and at their place, or one line and nothing there."""

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from workflow_runs import link_workflow, snakemake

from instmove.config import load_setup
from instmove.downloads import fetch
from instmove.errors import InstMoveError

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """Serves a folder; ``/short`` announces more than it sends, ``/page`` is a web page."""

    def __init__(self, root: Path, *arguments: Any) -> None:
        self.root = root
        super().__init__(*arguments)

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        path = self.root / (name if name not in ("short", "page") else "weights.pth")
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if name == "page" else "application/octet-stream")
        self.send_header("Content-Length", str(len(content) + (1000 if name == "short" else 0)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a site with a file, a zip and half of a zip."""
    root = tmp_path / "site"
    root.mkdir()
    (root / "weights.pth").write_bytes(CONTENT)
    with zipfile.ZipFile(root / "davis.zip", "w") as archive:
        archive.writestr("DAVIS/ImageSets/2017/val.txt", "bike\n")
        archive.writestr("DAVIS/JPEGImages/480p/bike/00000.jpg", CONTENT)
        archive.writestr("readme.txt", "")
    whole = (root / "davis.zip").read_bytes()
    (root / "half.zip").write_bytes(whole[: len(whole) // 2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, root))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def entry(url: str, target: str, sha256: str | None = None, **more: str) -> dict[str, Any]:
    return {"url": url, "sha256": sha256, "target": target, **more}


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_is_fetched_once(site: str, tmp_path: Path) -> None:
    root = tmp_path / "data"
    wanted = entry(f"{site}/weights.pth", "{data_root}/sub/weights.pth", DIGEST[:8])
    assert fetch(wanted, root) == f"{root}/sub/weights.pth: fetched, sha256 {DIGEST} (verified)"
    assert (root / "sub/weights.pth").read_bytes() == CONTENT
    assert left(root) == ["sub", "sub/weights.pth"]
    wanted["url"] = "http://127.0.0.1:9/gone"
    assert fetch(wanted, root) == f"{root}/sub/weights.pth: there already"


def test_without_a_sha256_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    said = fetch(entry((tmp_path / "a").as_uri(), str(tmp_path / "b")), tmp_path)
    assert said == f"{tmp_path}/b: fetched, sha256 {DIGEST} (the authors give none to compare with)"


def test_a_folder_and_a_file_of_an_archive(site: str, tmp_path: Path) -> None:
    root = tmp_path / "data"
    fetch(entry(f"{site}/davis.zip", "{data_root}/DAVIS", member="DAVIS"), root)
    assert (root / "DAVIS/JPEGImages/480p/bike/00000.jpg").read_bytes() == CONTENT
    fetch(entry(f"{site}/davis.zip", "{data_root}/val.txt", member="DAVIS/ImageSets/2017/val.txt"), root)
    assert (root / "val.txt").read_text() == "bike\n"
    assert sorted(path.name for path in root.iterdir()) == ["DAVIS", "val.txt"]


@pytest.mark.parametrize(
    ("page", "more", "says"),
    [
        ("absent", {}, "answered 404 Not Found; fetch it by hand to "),
        ("short", {}, "ended after 7000 of 8000 bytes; fetch it again"),
        ("page", {}, "answered with a web page, not a file; fetch it by hand to "),
        ("weights.pth", {"sha256": "0" * 64}, f"its sha256 is {DIGEST}, expected {'0' * 64}; it is damaged or "),
        ("half.zip", {"member": "DAVIS"}, "the archive fetched for it is no whole zip (File is not a zip file); fetch"),
        ("davis.zip", {"member": "YouTube"}, "the archive fetched for it holds no YouTube"),
    ],
)
def test_what_goes_wrong_is_one_line_and_leaves_nothing(
    site: str, page: str, more: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(InstMoveError) as caught:
        fetch(entry(f"{site}/{page}", "{data_root}/out", **more), tmp_path / "data")
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert left(tmp_path / "data") == []


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"http://127\.0\.0\.1:9/x: cannot be fetched \(.*\); fetch it by hand to"):
        fetch(entry("http://127.0.0.1:9/x", str(tmp_path / "out")), tmp_path)


def test_the_wrong_file_at_the_place_is_left_there_and_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"other")
    with pytest.raises(InstMoveError, match=r"out \(there already; remove it to fetch it again\): its sha256 is"):
        fetch(entry("http://127.0.0.1:9/x", str(tmp_path / "out"), DIGEST), tmp_path)
    assert (tmp_path / "out").read_bytes() == b"other"


def test_the_rule_fetches_by_name_and_again_when_it_is_gone(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    (tmp_path / "a").write_bytes(CONTENT)
    change = {"made": entry((tmp_path / "a").as_uri(), "checkpoints/made.pth", DIGEST)}
    for _ in range(2):
        done = snakemake(tmp_path, "fetch_made", "--config", f"downloads={change}")
        assert done.returncode == 0, done.stdout
        assert (tmp_path / "checkpoints/made.pth").read_bytes() == CONTENT
        (tmp_path / "checkpoints/made.pth").unlink()


def test_targets_of_the_paper_are_places_that_it_needs() -> None:
    setup = load_setup("paper")
    files = set(_texts(setup["hosts"], setup["flow"], setup["motion"], setup["vos"]))
    roots = {"{data_root}/" + entry["root"] for entry in setup["datasets"].values() if "root" in entry}
    assert all(each["target"] in files | roots for each in setup["downloads"].values())


def _texts(*values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, dict):
            yield from _texts(*value.values())
        elif isinstance(value, str):
            yield value
