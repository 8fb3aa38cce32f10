"""A YouTube-VIS style JSON, streamed once into a compressed index that later opens in milliseconds.

OVIS train is about 5.6 GB of Python objects if loaded whole; here one video's annotations exist at a time. The index
is a sqlite file: one row a video, one row an annotation, each a zlib-compressed JSON text.
"""

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson

from instmove.errors import InstMoveError
from instmove.files import atomic_path

VERSION = 1
HEAD_BYTES = 1 << 16
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);
CREATE TABLE videos (id INTEGER PRIMARY KEY, name TEXT UNIQUE, record BLOB);
CREATE TABLE annotations (id INTEGER PRIMARY KEY, video_id INTEGER, record BLOB);
"""
KEPT = {
    "videos": {"id": int, "width": int, "height": int, "file_names": list},
    "annotations": {"id": int, "video_id": int, "category_id": int, "segmentations": list},
    "categories": {"id": int, "name": str},
}
"""Keys that a record must have and their types; everything else is left out, but for ``iscrowd``."""


@dataclass(frozen=True)
class VideoIndex:
    """An open index: the small things in memory, the records on disk (picklable, safe to share by forking)."""

    source: Path
    path: Path
    categories: dict[int, str]
    names: tuple[str, ...]
    """Folder of each video's frames, in the order of the video ids."""
    withheld: bool
    """True where ``annotations`` is absent or null."""
    empty: bool
    """True where there is no annotation, withheld or not."""

    def read(self, name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The video's record and its annotations' records in the order of their ids.

        Where a byte of the index is wrong, this is an error, and the index is removed.
        """
        try:
            with closing(_connect(self.path)) as connection:
                found = connection.execute("SELECT id, record FROM videos WHERE name = ?", (name,)).fetchone()
                if found is None:
                    raise InstMoveError(f"{self.source}: no video named {name!r}")
                rows = connection.execute("SELECT record FROM annotations WHERE video_id = ? ORDER BY id", found[:1])
                return _unpack(found[1]), [_unpack(row[0]) for row in rows]
        except (sqlite3.DatabaseError, zlib.error, ValueError):
            self.path.unlink(missing_ok=True)
            raise InstMoveError(f"{self.path}: broken; run again, which makes it anew") from None


def open_index(source: Path, cache: Path | None = None) -> VideoIndex:
    """Open the index of a JSON file; make it first where it is missing or older than the file.

    It lies beside the JSON where that folder can be written, else in ``cache`` (default: the user's cache folder).
    """
    if not source.is_file():
        raise InstMoveError(f"{source}: annotation file not found; check the data root")
    path = _location(source, cache)
    key = _key(source)
    index = _load(source, path, key)
    if index is None:
        with atomic_path(path) as temporary:
            _build(source, temporary, key)
        index = _load(source, path, key)
    if index is None:
        raise InstMoveError(f"{source}: changed while it was being indexed; start again when it is complete")
    return index


def _location(source: Path, cache: Path | None) -> Path:
    if os.access(source.parent, os.W_OK):
        return source.with_name(f".{source.name}.index")
    folder = cache or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "instmove"
    digest = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:12]
    return folder / f"{source.stem}.{digest}.index"


def _key(source: Path) -> str:
    """What an index must have been made from: size, modification time and the head of the file."""
    stat = source.stat()
    with source.open("rb") as handle:
        head = hashlib.sha256(handle.read(HEAD_BYTES)).hexdigest()
    return f"{VERSION}:{stat.st_size}:{stat.st_mtime_ns}:{head}"


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)


def _load(source: Path, path: Path, key: str) -> VideoIndex | None:
    """The index at ``path``, None where there is none, it is damaged, or it belongs to another file."""
    if not path.is_file():
        return None
    try:
        with closing(_connect(path)) as connection:
            meta = dict(connection.execute("SELECT key, value FROM meta"))
            names = tuple(row[0] for row in connection.execute("SELECT name FROM videos ORDER BY id"))
            empty = connection.execute("SELECT id FROM annotations LIMIT 1").fetchone() is None
    except sqlite3.DatabaseError:
        return None
    if meta.get("key") != key:
        return None
    categories = {int(number): name for number, name in json.loads(meta["categories"]).items()}
    return VideoIndex(source, path, categories, names, meta["withheld"] == "1", empty)


def _build(source: Path, target: Path, key: str) -> None:
    with closing(sqlite3.connect(target)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        try:
            categories, withheld = _fill(connection, source)
        except ijson.JSONError as error:
            reason = " ".join(str(error).split())[:80]
            raise InstMoveError(f"{source}: not valid JSON ({reason}); is the download complete?") from None
        except sqlite3.IntegrityError as error:
            raise InstMoveError(f"{source}: an id or a video folder occurs twice ({error})") from None
        _refuse_strays(connection, source)
        meta = {"key": key, "categories": json.dumps(categories, sort_keys=True), "withheld": str(int(withheld))}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
        connection.execute("CREATE INDEX by_video ON annotations (video_id, id)")
        connection.commit()


def _fill(connection: sqlite3.Connection, source: Path) -> tuple[dict[int, str], bool]:
    """Stream all records into the tables; returns the categories and whether annotations are withheld."""
    categories: dict[int, str] = {}
    seen = set()
    for section, record in _records(source):
        seen.add(section)
        if record is None:
            continue
        _require(record, section, source)
        if section == "categories":
            categories[record["id"]] = record["name"]
        elif section == "videos":
            row = (record["id"], _folder(record, source), _pack(record, "videos"))
            connection.execute("INSERT INTO videos VALUES (?, ?, ?)", row)
        else:
            row = (record["id"], record["video_id"], _pack(record, "annotations"))
            connection.execute("INSERT INTO annotations VALUES (?, ?, ?)", row)
    if "videos" not in seen:
        raise InstMoveError(f"{source}: has no list 'videos'; is it a YouTube-VIS or OVIS annotation file?")
    return categories, "annotations" not in seen


def _records(source: Path) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Each record of the three top-level lists as (list's name, record); (name, None) where a list begins."""
    builder: ijson.ObjectBuilder | None = None
    items = {f"{section}.item": section for section in KEPT}
    with source.open("rb") as handle:
        for prefix, event, value in ijson.parse(handle, use_float=True, buf_size=1 << 18):
            if builder is not None:
                builder.event(event, value)
                if event == "end_map" and prefix in items:
                    yield items[prefix], builder.value
                    builder = None
            elif event == "start_map" and prefix in items:
                builder = ijson.ObjectBuilder()
                builder.event(event, value)
            elif event == "start_array" and prefix in KEPT:
                yield prefix, None


def _require(record: dict[str, Any], section: str, source: Path) -> None:
    for key, kind in KEPT[section].items():
        if not isinstance(record.get(key), kind):
            number, found = record.get("id"), str(record.get(key))[:20]
            expected = f"must be of type {kind.__name__}, not {found!r}" if key in record else "is missing"
            raise InstMoveError(f"{source}: {key!r} {expected} in an entry of {section!r} (id {number})")


def _folder(video: dict[str, Any], source: Path) -> str:
    """The folder that holds the video's frames: its name everywhere else."""
    names = video["file_names"]
    if not names or not all(isinstance(name, str) and name.count("/") == 1 for name in names):
        found = f"'file_names' of video {video['id']} are not of the form <video>/<frame>.jpg"
        raise InstMoveError(f"{source}: {found} (the first of {len(names)} is {str(next(iter(names), ''))[:60]!r})")
    return str(names[0].split("/")[0])


def _refuse_strays(connection: sqlite3.Connection, source: Path) -> None:
    query = "SELECT id, video_id FROM annotations WHERE video_id NOT IN (SELECT id FROM videos) LIMIT 1"
    stray = connection.execute(query).fetchone()
    if stray:
        raise InstMoveError(f"{source}: annotation {stray[0]} belongs to video {stray[1]}, which is not in 'videos'")


def _pack(record: dict[str, Any], section: str) -> bytes:
    kept = {key: record[key] for key in KEPT[section]} | {"iscrowd": record.get("iscrowd", 0)}
    return zlib.compress(json.dumps(kept, separators=(",", ":")).encode(), 1)


def _unpack(blob: bytes) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(zlib.decompress(blob))
    return record
