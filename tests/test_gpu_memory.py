"""A GPU that is too small is one line that names what to lower."""

import argparse
from importlib import import_module

import pytest
import torch
import yaml

from instmove.cli import main, verbs
from instmove.config import CONFIG_FOLDER
from instmove.errors import InstMoveError
from instmove.gpu_memory import needs_memory

SAID = "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.10 GiB of which ..."


def test_out_of_memory_names_the_settings() -> None:
    @needs_memory("hosts.{host}.window", "hosts.{host}.input")
    def run(args: argparse.Namespace) -> int:
        if args.fail:
            raise args.fail
        return 3

    assert run(argparse.Namespace(host="idol", fail=None)) == 3
    with pytest.raises(InstMoveError) as caught:
        run(argparse.Namespace(host="idol", fail=torch.OutOfMemoryError(SAID)))
    assert str(caught.value) == (
        "the GPU has too little memory (CUDA out of memory); let one job at a time use it (snakemake --resources "
        "gpu_jobs=1), lower hosts.idol.window or hosts.idol.input in the setup,"
        " or take a larger GPU"
    )
    with pytest.raises(RuntimeError, match="a bug"):
        run(argparse.Namespace(host="idol", fail=RuntimeError("a bug")))


def test_what_is_to_be_raised_comes_first() -> None:
    @needs_memory("hosts.{host}.data.sides", raised="hosts.{host}.training.parts")
    def run(args: argparse.Namespace) -> None:
        raise torch.OutOfMemoryError(SAID)

    with pytest.raises(
        InstMoveError, match=r"raise hosts\.idol\.training\.parts, lower hosts\.idol\.data\.sides in the setup"
    ):
        run(argparse.Namespace(host="idol"))


def test_where_no_setting_helps_none_is_named() -> None:
    @needs_memory()
    def run(args: argparse.Namespace) -> None:
        raise torch.OutOfMemoryError(SAID)

    with pytest.raises(InstMoveError, match=r"\(snakemake --resources gpu_jobs=1\), or take a larger GPU"):
        run(argparse.Namespace())


LARGE = ("associate", "evaluate-motion", "finetune-flow", "label-flow", "predict", "segment")


def test_every_verb_that_fills_a_gpu_is_decorated() -> None:
    modules = {entry.name: entry.value for entry in verbs()}
    assert modules.keys() >= set(LARGE)
    for name in (*LARGE, *(name for name in modules if name.startswith("train-"))):
        assert hasattr(import_module(modules[name]).run, "__wrapped__"), name


def test_a_verb_says_it_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(args: argparse.Namespace) -> None:
        raise torch.OutOfMemoryError(SAID)

    monkeypatch.setattr("baselines.verbs.predict.setup_from", full)
    files = ["--split", "s.json", "--weights", "w.safetensors", "--output", "out"]
    assert main(["predict", "idol", "ovis", "--setup", "paper", *files]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("instmove predict: error: the GPU has too little memory (CUDA out of memory); let ")
    assert "hosts.idol.window" in line and {"window", "input"} <= paper("hosts", "idol").keys()


def paper(*keys: str) -> dict[str, object]:
    section = yaml.safe_load((CONFIG_FOLDER / "paper.yaml").read_text(encoding="utf-8"))
    for key in keys:
        section = section[key]
    return dict(section)
