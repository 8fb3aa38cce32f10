"""A digest of the code that a verb runs: Snakemake sees files, not imports, so rules carry this as a parameter."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("instmove", "baselines")


def code_digest(verb: str) -> str:
    """Digest of the syntax trees, without docstrings, of every module of ours that ``instmove VERB`` may import.

    Comments, formatting and docstrings do not change it. Imports inside functions count. Python package data
    (the paper's numbers) is not code and not included.
    """
    return closure_digest(_modules()[verb])


@cache
def _modules() -> dict[str, str]:
    """The module of every verb."""
    return {entry.name: entry.module for entry in entry_points(group="instmove.verbs")}


def closure_digest(module: str) -> str:
    """The same of a module and all that it may import."""
    return module_digest(_closure(module))


def module_digest(modules: Iterable[str]) -> str:
    """Digest of the syntax trees, without docstrings, of these modules alone."""
    hasher = hashlib.sha256()
    for module in sorted(modules):
        hasher.update(module.encode())
        hasher.update(_module(module)[1].encode())
    return hasher.hexdigest()[:16]


def _closure(module: str) -> set[str]:
    seen: set[str] = set()
    pending = {module}
    while pending:
        name = pending.pop()
        seen.add(name)
        pending |= _module(name)[0] - seen
    return seen


@cache
def _module(name: str) -> tuple[frozenset[str], str]:
    """Modules of ours that a module imports, and the digest of its tree."""
    path = _file(name)
    if path is None:
        return frozenset(), ""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            imported.add(node.value.partition(":")[0])  # registries name their modules as "package.module:attribute"
        _drop_docstring(node)
    ours = {module for module in imported if module.split(".")[0] in PACKAGES and _file(module)}
    return frozenset(ours), hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def _file(name: str) -> Path | None:
    """The file of a module, without importing anything of the package it is in."""
    package = find_spec(name.split(".")[0])
    if package is None or package.origin is None:
        return None
    stem = Path(package.origin).parent.joinpath(*name.split(".")[1:])
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


def _drop_docstring(node: ast.AST) -> None:
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:] or [ast.Pass()]
