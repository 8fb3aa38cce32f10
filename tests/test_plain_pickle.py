"""Pickles of numbers are read whatever wrote them; a pickle that would call anything else calls nothing."""

import builtins
import collections
import os
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch

from instmove.errors import InstMoveError
from instmove.network.checkpoint import read_torch
from instmove.plain_pickle import read_plain_pickle

DETECTRON2 = {
    "model": collections.OrderedDict(a=np.arange(6, dtype=np.float32).reshape(2, 3), b=np.array(3), c=torch.ones(2)),
    "__author__": "somebody",
    "matching_heuristics": True,
    "best": np.float64(0.5),
}


class Call:
    """A pickle that calls a function."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("protocol", range(2, 6))
def test_arrays_become_tensors(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "model_final.pkl"
    path.write_bytes(pickle.dumps(DETECTRON2, protocol=protocol))
    for read in (read_plain_pickle, read_torch):
        found = read(path)
        assert found["__author__"] == "somebody" and found["best"] == 0.5
        for key, value in DETECTRON2["model"].items():
            assert torch.equal(found["model"][key], torch.as_tensor(value))


def test_names_of_numpy_1_are_known(tmp_path: Path) -> None:
    content = pickle.dumps({"a": np.ones(3)}, protocol=2)
    assert b"numpy._core.multiarray" in content
    (tmp_path / "old.pkl").write_bytes(content.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    assert torch.equal(read_plain_pickle(tmp_path / "old.pkl")["a"], torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        (Call(os.system, "touch {}"), "system"),
        (Call(subprocess.check_call, ["touch", "{}"]), "subprocess.check_call"),
        (Call(builtins.eval, "open('{}', 'w')"), "builtins.eval"),
        (Call(builtins.getattr, {}, "clear"), "builtins.getattr"),
        (Call(np.load, "{}"), "load"),
        (Call(torch.load, "{}"), "load"),
        (collections.namedtuple("Other", "x")(1), "Other"),
        (Path("x"), "pathlib."),
    ],
)
def test_everything_else_is_refused_before_it_is_called(value: object, asked: str, tmp_path: Path) -> None:
    mark = tmp_path / "called"
    if isinstance(value, Call):
        function, arguments = value.call
        filled = [a.format(mark) if isinstance(a, str) else a for a in arguments]
        value = Call(function, *filled)
    if type(value).__name__ == "Other":
        globals()["Other"] = type(value)
        type(value).__module__ = __name__
    for nested in (value, {"model": [np.ones(1), value]}):
        (tmp_path / "bad.pkl").write_bytes(pickle.dumps(nested))
        with pytest.raises(InstMoveError, match=r"bad\.pkl: refused, .*it asks for .*" + asked) as caught:
            read_plain_pickle(tmp_path / "bad.pkl")
        assert "\n" not in str(caught.value)
    assert not mark.exists()


def test_a_storage_cannot_smuggle_a_call(tmp_path: Path) -> None:
    """torch pickles the bytes of a storage as a file of its own, which it would load without any care."""
    mark = tmp_path / "called"
    inner = tmp_path / "inner.pth"
    torch.save(Call(os.system, f"touch {mark}"), inner)
    (tmp_path / "bad.pkl").write_bytes(pickle.dumps(Call(torch.storage._load_from_bytes, inner.read_bytes())))
    with pytest.raises(InstMoveError, match="refused"):
        read_plain_pickle(tmp_path / "bad.pkl")
    assert not mark.exists()


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.99])
def test_a_truncated_download_is_said(share: float, tmp_path: Path) -> None:
    whole = pickle.dumps(DETECTRON2)
    (tmp_path / "short.pkl").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(InstMoveError, match=r"short\.pkl: .*(download it again|no pickle)"):
        read_torch(tmp_path / "short.pkl")
    torch.save({"model": {"a": torch.ones(100)}}, tmp_path / "whole.pth")
    content = (tmp_path / "whole.pth").read_bytes()
    (tmp_path / "short.pth").write_bytes(content[: max(20, int(share * len(content)))])
    with pytest.raises(InstMoveError, match=r"short\.pth: cannot be read as weights \(of \d+ bytes, .*; copy it again"):
        read_torch(tmp_path / "short.pth")


def test_torch_files_with_numbers_of_numpy_are_read(tmp_path: Path) -> None:
    torch.save({"model": {"a": torch.ones(2)}, "best_ap": np.float64(3.5), "seen": np.arange(3)}, tmp_path / "x.pth")
    found = read_torch(tmp_path / "x.pth")
    assert found["best_ap"] == 3.5 and torch.equal(found["model"]["a"], torch.ones(2))
    torch.save({"a": torch.ones(2)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert torch.equal(read_torch(tmp_path / "old.pth")["a"], torch.ones(2))


def test_a_web_page_is_no_download(tmp_path: Path) -> None:
    (tmp_path / "minvis.pth").write_text("<!DOCTYPE html><html><head><title>Virus scan warning</title>")
    with pytest.raises(InstMoveError, match=r"minvis\.pth: a web page, not weights"):
        read_torch(tmp_path / "minvis.pth")
