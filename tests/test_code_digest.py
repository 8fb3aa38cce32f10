"""The digest that makes Snakemake see imports."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from instmove import code_digest as module
from instmove.code_digest import closure_digest, code_digest


def forget() -> None:
    """Files may have changed since they were looked at."""
    for cached in (module._module, module._modules, module._files):
        cached.cache_clear()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package ``ours`` whose verb imports ``ours.used`` inside a function, and names ``ours.named`` in a string."""
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "verb.py").write_text(
        'from ours import member\nKINDS = {"a": "ours.named:Thing"}\ndef run():\n    from ours.used import value\n'
    )
    (folder / "member.py").write_text("value = 1\n")
    (folder / "used.py").write_text('"""Doc."""\nvalue = 1\n')
    (folder / "named.py").write_text("class Thing: pass\n")
    (folder / "other.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(module, "PACKAGES", ("ours",))
    entry = type("Entry", (), {"name": "verb", "module": "ours.verb"})
    monkeypatch.setattr(module, "entry_points", lambda **_: (entry,))
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "ours"]:
        del sys.modules[name]
    forget()


def digest() -> str:
    forget()
    return code_digest("verb")


@pytest.mark.parametrize(
    ("file", "text", "changes"),
    [
        ("used.py", '"""Doc."""\nvalue = 2\n', True),
        ("named.py", "class Thing: size = 3\n", True),
        ("member.py", "value = 2\n", True),
        ("member.py", "def value(size=1): return size\n", True),
        ("verb.py", "KINDS = {}\n", True),
        ("used.py", '"""Another doc."""\n# and a comment\nvalue = 1\n', False),
        ("other.py", "value = 2\n", False),
    ],
)
def test_changes_with_the_code_that_runs_and_with_nothing_else(
    package: Path, file: str, text: str, changes: bool
) -> None:
    before = digest()
    (package / file).write_text(text)
    assert (digest() != before) == changes


def test_default_annotation_and_constant_inside_a_function_count(package: Path) -> None:
    texts = ["size: int, by=1", "size: float, by=1", "size: int, by=2", "size: int, *, by=1"]
    found = set()
    for text in texts:
        (package / "used.py").write_text(f"def value({text}):\n    return lambda: size in {{'a', 'b'}}\n")
        found.add(digest())
    assert len(found) == len(texts)


def test_is_the_same_in_every_process() -> None:
    call = "from instmove.code_digest import code_digest; print(code_digest('associate'))"
    seeds = ("1", "2")
    runs = [
        subprocess.run([sys.executable, "-c", call], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
        for seed in seeds
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_a_module_of_somebody_else_is_its_name() -> None:
    assert closure_digest("json") == closure_digest("json") != closure_digest("csv")


def test_of_a_real_verb_covers_what_it_imports() -> None:
    modules = module._closure("instmove.verbs.evaluate_motion")
    assert {"instmove.metrics.motion", "instmove.masks", "instmove.flow.raft", "instmove.network.released"} <= modules
    assert "instmove.reporting.tables" not in modules
