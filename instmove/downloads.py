"""Fetching what needs no login: to a temporary name, verified, unpacked, renamed."""

import http.client
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tqdm import tqdm

from instmove.errors import InstMoveError
from instmove.files import sha256_of_file

TIMEOUT = 60
"""Seconds without an answer after which a server is given up."""
CHUNK = 1 << 20

Entry = Mapping[str, Any]
"""``url``, ``sha256`` (or as many of its first digits as the authors give, or null), ``target`` and, for an archive,
``member``: the file or folder in the zip that becomes the target."""


def fetch(entry: Entry, data_root: Path) -> str:
    """Fetch what is not there yet; says in one line what was done.

    ``target`` may start with ``{data_root}``. Raises :class:`InstMoveError` for whatever goes wrong; nothing is then at
    the target.
    """
    target = Path(entry["target"].format(data_root=data_root))
    if target.exists():
        if "member" not in entry:
            _verify(target, entry, f"{target} (there already; remove it to fetch it again)")
        return f"{target}: there already"
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        download = Path(folder, "download")
        _download(entry["url"], download, target)
        digest = _verify(download, entry, entry["url"])
        made = _unpack(download, entry["member"], target) if "member" in entry else download
        made.replace(target)
    checked = "verified" if entry["sha256"] else "the authors give none to compare with"
    return f"{target}: fetched, sha256 {digest} ({checked})"


def _download(url: str, path: Path, target: Path) -> None:
    by_hand = f"fetch it by hand to {target}"
    try:
        with urlopen(url, timeout=TIMEOUT) as answer, path.open("wb") as handle:
            if answer.headers.get_content_type() == "text/html":
                raise InstMoveError(f"{url}: answered with a web page, not a file; {by_hand}")
            size = int(answer.headers.get("Content-Length") or 0)
            with tqdm(total=size or None, desc=target.name, unit="B", unit_scale=True, disable=None) as bar:
                while block := answer.read(CHUNK):
                    handle.write(block)
                    bar.update(len(block))
    except HTTPError as error:
        raise InstMoveError(f"{url}: answered {error.code} {error.reason}; {by_hand}") from None
    except (URLError, TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise InstMoveError(f"{url}: cannot be fetched ({getattr(error, 'reason', error)}); {by_hand}") from None
    found = path.stat().st_size
    if found < size:
        raise InstMoveError(f"{url}: ended after {found} of {size} bytes; fetch it again")


def _verify(path: Path, entry: Entry, where: str) -> str:
    """The file's sha256; another than the entry's is an error."""
    digest, expected = sha256_of_file(path), entry["sha256"]
    if expected and not digest.startswith(expected):
        raise InstMoveError(f"{where}: its sha256 is {digest}, expected {expected}; it is damaged or another version")
    return digest


def _unpack(archive: Path, member: str, target: Path) -> Path:
    """The file or folder ``member`` of a zip, unpacked beside it."""
    folder = archive.with_name("unpacked")
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [name for name in opened.namelist() if name == member or name.startswith(f"{member}/")]
            opened.extractall(folder, names)
    except (zipfile.BadZipFile, EOFError) as error:
        raise InstMoveError(f"{target}: the archive fetched for it is no whole zip ({error}); fetch it again") from None
    if not names:
        raise InstMoveError(f"{target}: the archive fetched for it holds no {member}")
    return folder / member
