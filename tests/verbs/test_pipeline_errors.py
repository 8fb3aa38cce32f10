"""Bad input to the verbs of the workflow: one line that names the file, status 1, and nothing written."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_ovis import ANNOTATIONS, FRAMES, NAMES, write_tiny_ovis

from instmove.cli import main
from instmove.datasets.davis import write_clip, write_image_set
from instmove.datasets.splits import SplitVideo, make_split
from instmove.flow.checkpoint import save_raft
from instmove.flow.raft import Raft, RaftSettings
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import save_network
from instmove.video import Clip

Fails = Callable[..., None]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root in the working folder, ``data``, and a split of it, ``split.json``."""
    monkeypatch.chdir(tmp_path)
    write_tiny_ovis(Path("data"))
    make_split("tiny", "ovis_train", [SplitVideo(name, (0, 1, 2, 3)) for name in NAMES[:2]]).save(Path("split.json"))
    return tmp_path / "data"


@pytest.fixture
def fails(root: Path, capsys: pytest.CaptureFixture[str]) -> Fails:
    """``fails(verb, ..., says=...)`` runs a verb on that data root and checks all that an error must be."""

    def check(*arguments: str, says: str, data_root: str = "data") -> None:
        before = contents(root.parent)
        assert main([*arguments, "--set", f"data_root={data_root}"]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"instmove {arguments[0]}: error: ")
        assert says in line
        assert contents(root.parent) == before

    return check


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file, but for indices of whole annotation files: those are a cache."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".index"}


SPLIT = ("make-split", "ovis_sub", "--train", "out/train.json", "--val", "out/val.json")
EVALUATE = ("--splits", "split.json", "--output", "out/metrics.json")
COPY = ("evaluate-motion", "copy", *EVALUATE)
INSTMOVE = ("evaluate-motion", "instmove", *EVALUATE)
PARTS = ("--split", "ovis_sub", "--train", "split.json", "--val", "split.json")
TRAIN = ("train-motion", "instmove", *PARTS, "--output", "out")
LABEL = ("label-flow", "--split", "split.json", "--output", "out")


@pytest.mark.parametrize("arguments", [SPLIT, COPY, TRAIN])
def test_missing_data_root(arguments: tuple[str, ...], fails: Fails) -> None:
    fails(*arguments, data_root="nowhere", says="nowhere: data root not found; set data_root to the folder")


@pytest.mark.parametrize("arguments", [SPLIT, COPY])
def test_missing_annotations(arguments: tuple[str, ...], root: Path, fails: Fails) -> None:
    (root / ANNOTATIONS).unlink()
    fails(*arguments, says=f"data/{ANNOTATIONS}: annotation file not found")


@pytest.mark.parametrize("arguments", [SPLIT, TRAIN])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_truncated_annotations(arguments: tuple[str, ...], share: float, root: Path, fails: Fails) -> None:
    whole = (root / ANNOTATIONS).read_bytes()
    (root / ANNOTATIONS).write_bytes(whole[: int(share * len(whole))])
    fails(*arguments, says=f"data/{ANNOTATIONS}: not valid JSON")
    assert not [*root.rglob("*.index")], "an index of half a file is no cache"


def test_mask_of_another_size(root: Path, fails: Fails) -> None:
    text = (root / ANNOTATIONS).read_text()
    (root / ANNOTATIONS).write_text(text.replace('"size": [24, 32]', '"size": [32, 24]', 1))
    fails(*SPLIT, says="annotation 1, frame 0: mask of size [32, 24] in a frame of [24, 32]")


def test_missing_frame(root: Path, fails: Fails) -> None:
    (root / FRAMES / "ant/img_0000003.jpg").unlink()
    fails(*COPY, says="ant/img_0000003.jpg: frame not found; check the data root")


@pytest.mark.parametrize("rest", [0, 300])
def test_corrupt_frame(rest: int, root: Path, fails: Fails) -> None:
    frame = root / FRAMES / "ant/img_0000003.jpg"
    frame.write_bytes(frame.read_bytes()[:rest])
    fails(*COPY, says="ant/img_0000003.jpg: cannot be decoded; copy it again")


def test_mask_with_a_mode_that_holds_no_ids(root: Path, fails: Fails) -> None:
    track_free = Clip("gnat", [np.zeros((8, 8, 3), dtype=np.uint8)] * 3, ())
    write_clip(root / "DAVIS", track_free)
    write_image_set(root / "DAVIS", "train", ["gnat"])
    Image.new("RGB", (8, 8)).save(root / "DAVIS/Annotations/480p/gnat/00001.png")
    rule = "splits.ovis_sub={dataset: davis_train, rule: ovis_sub, stride: 1}"
    fails(*SPLIT, "--set", rule, says="gnat/00001.png")


@pytest.mark.parametrize("arguments", [COPY, TRAIN])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"name": "n", "dataset": "ovis_train", "digest": "", "videos": []}', "split.json: an empty split"),
        ('{"name": "n", "videos": [', "split.json: not valid JSON"),
        ('{"videos": [{}]}', "split.json: not a split file"),
    ],
)
def test_bad_split(arguments: tuple[str, ...], text: str, says: str, fails: Fails) -> None:
    Path("split.json").write_text(text)
    fails(*arguments, says=says)


@pytest.mark.parametrize("arguments", [SPLIT, COPY, TRAIN, LABEL, ("plan",), ("check-data", "ovis_train")])
def test_unknown_key_of_the_config(arguments: tuple[str, ...], fails: Fails) -> None:
    weights = ["--weights", "none"] if arguments is LABEL else []
    fails(
        *arguments,
        *weights,
        "--set",
        "motoin.canvas=64",
        says="unknown key 'motoin' at top level; did you mean 'motion'?",
    )


def network_file(path: str, drop: str | None = None, rename: tuple[str, str] | None = None) -> str:
    """Weights of a small InstMove, one key of them left out or renamed."""
    network = build_network("released", "none", 0.05)
    tensors = network.state_dict()
    if drop:
        del tensors[drop]
    if rename:
        tensors[rename[1]] = tensors.pop(rename[0])
    network.state_dict = lambda: tensors  # type: ignore[method-assign, assignment, misc]
    save_network(path, network, NetworkSettings("released", "none", 0.05, 96))
    return path


def test_checkpoint_with_missing_and_unexpected_keys(root: Path, fails: Fails) -> None:
    network_file("weights.safetensors", drop="memory.memory_w")
    fails(*INSTMOVE, "--weights", "weights.safetensors", says="weights.safetensors: these are not the weights of this")
    fails(*INSTMOVE, "--weights", "weights.safetensors", says="missing keys: memory.memory_w")
    network_file("weights.safetensors", rename=("memory.memory_w", "memory.slots"))
    fails(*INSTMOVE, "--weights", "weights.safetensors", says="unexpected keys: memory.slots")


def test_weights_of_another_network(root: Path, fails: Fails) -> None:
    save_raft("raft.safetensors", Raft(RaftSettings("small", 0.1, 2)))
    network_file("instmove.safetensors")
    fails(*INSTMOVE, "--weights", "raft.safetensors", says="raft.safetensors: weights without InstMove's settings")
    fails(*LABEL, "--weights", "instmove.safetensors", says="instmove.safetensors: weights without RAFT's settings")


@pytest.mark.parametrize("arguments", [INSTMOVE, LABEL])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "weights not found", id="missing"),
        pytest.param(b"", "cannot be read as safetensors", id="empty"),
        pytest.param(b"\x08" * 50, "cannot be read as safetensors", id="garbage"),
    ],
)
def test_weights_that_are_none(arguments: tuple[str, ...], content: bytes | None, says: str, fails: Fails) -> None:
    if content is not None:
        Path("weights.safetensors").write_bytes(content)
    fails(*arguments, "--weights", "weights.safetensors", says=f"weights.safetensors: {says}")


class Trap:
    """Creates a file when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, ...]]:
        return Path.touch, (Path("trapped"),)  # type: ignore[return-value]


def dump(value: object, path: str) -> None:
    Path(path).write_bytes(pickle.dumps(value, protocol=2))


@pytest.mark.parametrize("arguments", [INSTMOVE, LABEL])
@pytest.mark.parametrize("save", [torch.save, dump], ids=["torch", "pickle"])
def test_a_pickle_that_is_not_plain_tensors(
    arguments: tuple[str, ...], save: Callable[[object, str], object], fails: Fails
) -> None:
    save({"memory.memory_w": Trap()}, "weights.pth")
    fails(*arguments, "--weights", "weights.pth", says="weights.pth: refused, it ")
    assert not Path("trapped").exists()


def test_a_base_of_raft_that_the_setup_cannot_train(fails: Fails) -> None:
    says = "flow.base: setup 'davis16' does not say how RAFT's base is trained"
    fails("train-flow", "--setup", "davis16", "--output", "out", says=says)
