"""A digest of the code that a verb runs: Snakemake sees files, not imports, so rules carry this as a parameter."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from types import CodeType

PACKAGES = ("instmove", "baselines")
FIELDS = (
    "co_code",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_flags",
    "co_exceptiontable",
)
"""What of compiled code decides what it does, beside its constants; the rest says where it stands."""


def code_digest(verb: str) -> str:
    """Digest of the compiled code of every module of ours that ``instmove VERB`` may import.

    Comments, formatting, assertions and what docstrings say do not change it; another minor version of Python does, and
    so does a docstring below a constant that had none, of which a NOP is left. Imports inside functions count. Python
    package data (the paper's numbers) is not code and not included.
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
    """Digest of the compiled code of these modules alone."""
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
    """Modules of ours that a module may import, and the digest of what it compiles to; nothing of others' modules."""
    if name not in _files():
        return frozenset(), ""
    code = compile(_files()[name].read_bytes(), name, "exec", dont_inherit=True, optimize=2)
    found: set[str] = set()
    hasher = hashlib.sha256()
    for part in _parts(code):
        found |= _may_import(part)
        for field in FIELDS:
            hasher.update(repr(getattr(part, field)).encode())
        for constant in part.co_consts:
            hasher.update(_text(constant).encode())
    return frozenset(found & _files().keys()), hasher.hexdigest()


def _parts(code: CodeType) -> Iterator[CodeType]:
    """A module's code and that of everything defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _parts(constant)


def _may_import(code: CodeType) -> set[str]:
    """Names of ours that may be modules: of ``import``, each with what ``from`` takes of it, and in strings.

    Only imports have dotted names. Registries name their modules in strings as "package.module:attribute".
    """
    modules = {name for name in code.co_names if _is_ours(name)}
    taken = {item for constant in code.co_consts if isinstance(constant, tuple) for item in constant}
    strings = {item for item in taken.union(code.co_consts) if isinstance(item, str)}
    members = {f"{module}.{item}" for module in modules for item in strings & taken}
    return modules | members | {text.partition(":")[0] for text in strings if _is_ours(text)}


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in PACKAGES


def _text(constant: object) -> str:
    """A constant as text that is the same in every process: sets have no order, code is named by what it defines."""
    if isinstance(constant, CodeType):
        return constant.co_qualname
    return repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)


@cache
def _files() -> dict[str, Path]:
    """The file of every module of ours, found without importing anything."""
    found = {}
    for spec in filter(None, map(find_spec, PACKAGES)):
        root = Path(str(spec.origin)).parent
        for path in root.rglob("*.py"):
            parts = path.relative_to(root.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found
