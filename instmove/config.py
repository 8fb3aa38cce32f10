"""Setups: ``config/<setup>.yaml`` is complete in itself and checked against the schema before anything starts."""

import argparse
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from instmove.errors import InstMoveError, did_you_mean
from instmove.files import digest, sha256_of_file
from instmove.references import broken_reference
from instmove.sensitivity import trial_variants

ROOT = Path(__file__).resolve().parents[1]
CONFIG_FOLDER = ROOT / "config"
SCHEMA_FILE = ROOT / "workflow" / "schemas" / "config.schema.yaml"

Setup = dict[str, Any]


def setups() -> list[str]:
    """Names of the setups there are."""
    return sorted(path.stem for path in CONFIG_FOLDER.glob("*.yaml"))


def load_setup(name: str, overrides: Mapping[str, Any] | None = None) -> Setup:
    """Read ``config/<name>.yaml``, lay the overrides (nested as the file is) over it, and validate the whole."""
    if name not in setups():
        raise InstMoveError(f"setup '{name}' does not exist; choose one of {', '.join(setups())}")
    path = CONFIG_FOLDER / f"{name}.yaml"
    setup = _merge(_read_yaml(path), overrides or {})
    _validate(setup, f"config/{name}.yaml" if not overrides else f"config/{name}.yaml with overrides")
    return _with_named_variants(setup)


def _with_named_variants(setup: Setup) -> Setup:
    """The setup with a variant for every motion model that has a label, and for every trial of ``sensitivity``."""
    labelled = {name: model["label"] for name, model in setup["motion"]["models"].items() if "label" in model}
    named = {name: {"model": name, "label": label} for name, label in labelled.items()}
    variants = {**setup["association"]["variants"], **named, **trial_variants(setup)}
    return {**setup, "association": {**setup["association"], "variants": variants}}


def nest(assignments: Iterable[str]) -> dict[str, Any]:
    """Turn ``["motion.canvas=64"]`` into ``{"motion": {"canvas": 64}}``; values are YAML."""
    nested: dict[str, Any] = {}
    for assignment in assignments:
        dotted, separator, text = assignment.partition("=")
        if not separator or not dotted:
            raise InstMoveError(f"--set {assignment}: expected KEY=VALUE, for example motion.canvas=64")
        inner = nested
        *parents, last = dotted.split(".")
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[last] = typed(text)
    return nested


def typed(value: Any) -> Any:
    """The value with every text in it read as YAML; Snakemake's ``--config`` gives ``{canvas: 64}`` as texts."""
    import yaml

    if isinstance(value, Mapping):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        raise InstMoveError(f"setting '{value}' is not valid YAML; put it in quotes") from None


def flatten(overrides: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The inverse of :func:`nest`: dotted ``KEY=VALUE`` assignments."""
    assignments: list[str] = []
    for key, value in overrides.items():
        if isinstance(value, Mapping) and value:
            assignments += flatten(value, f"{prefix}{key}.")
        else:
            assignments.append(f"{prefix}{key}={as_yaml(value)}")
    return assignments


def as_yaml(value: Any) -> str:
    """What YAML reads as this value; JSON will not do, whose 1e-05 is a text in YAML.

    Letters stay as they are, but not the line breaks and spaces of Unicode, which YAML would fold.
    """
    text = _dumped(value, allow_unicode=True)
    return text if text.isprintable() else _dumped(value, allow_unicode=False)


def _dumped(value: Any, allow_unicode: bool) -> str:
    import yaml

    form: dict[str, Any] = {"default_flow_style": True, "sort_keys": False, "width": math.inf}
    text: str = yaml.safe_dump(value, allow_unicode=allow_unicode, **form)
    return text.removesuffix("...\n").removesuffix("\n")


def add_setup_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--setup NAME`` and ``--set KEY=VALUE`` to a verb."""
    parser.add_argument("--setup", default="mini", help="one complete configuration, config/NAME.yaml (default mini)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="override a setting, dotted key"
    )


def setup_from(args: argparse.Namespace) -> Setup:
    """The setup that a verb's arguments choose."""
    return load_setup(args.setup, nest(args.set))


def entry_of(section: Mapping[str, Any], key: str, name: str) -> dict[str, Any]:
    """``section[key][name]``, for example a setup's split; an unknown name is an error that lists the known ones."""
    entries = section[key]
    if name not in entries:
        raise InstMoveError(f"'{name}' is not under {key} in the setup; choose one of {', '.join(entries)}")
    return dict(entries[name])


def host_settings(setup: Setup, host: str, checkpoint: str) -> dict[str, Any]:
    """``hosts.<host>`` without its checkpoints, as it holds for one of them, whose own settings replace the host's."""
    entry = entry_of(setup, "hosts", host)
    own = entry_of(entry, "checkpoints", checkpoint)
    general = {key: value for key, value in entry.items() if key != "checkpoints"}
    return {**general, **{key: value for key, value in own.items() if key in general}}


def motion_on(motion: Mapping[str, Any], split: str) -> dict[str, Any]:
    """The section ``motion`` as it holds for models that learn from a split: ``training_on`` laid over ``training``."""
    general = {key: value for key, value in motion.items() if key != "training_on"}
    return {**general, "training": {**motion["training"], **motion.get("training_on", {}).get(split, {})}}


def copied_checkpoint(model: Mapping[str, Any], split: str) -> str:
    """Which of its host's weights a motion model that learns from a split copies the image encoder of."""
    checkpoint: str = model.get("checkpoint_on", {}).get(split, model["checkpoint"])
    return checkpoint


def model_with_code(entry: Mapping[str, Any] | None) -> Any:
    """A motion model as the setup says it, with the digest of its code where that is a file of one's own."""
    file = (entry or {}).get("class", "").rpartition(":")[0]
    return [entry, sha256_of_file(file)] if file and Path(file).is_file() else entry


def settings_digest(setup: Setup, *sections: str) -> str:
    """Digest of these sections and of where the data come from: what a result depends on."""
    from instmove.datasets.synthetic import generator_digest

    drawn = [setup["generate"], generator_digest()] if "generate" in setup else None
    return digest([setup["data_root"], drawn, [setup[section] for section in sections]])


def data_root(setup: Setup) -> Path:
    """The folder that the paths of the setup's datasets start from; ``~`` and variables are expanded."""
    return Path(os.path.expandvars(setup["data_root"])).expanduser()


def _read_yaml(path: Path) -> Any:
    import yaml

    try:
        # The fast loader: every verb waits for this, and every start of the workflow.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise InstMoveError(f"{path}: not valid YAML, {' '.join(str(error).split())}") from None


def _merge(base: Any, over: Any) -> Any:
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    return {**base, **{key: _merge(base.get(key), value) for key, value in over.items()}}


def _validate(setup: Setup, where: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(_read_yaml(SCHEMA_FILE)).iter_errors(setup))
    if error is None:
        broken = broken_reference(setup)
        if broken is not None:
            raise InstMoveError(f"{where}: {broken.place}: '{broken.name}' is not under {broken.section}")
        return
    place = ".".join(str(part) for part in error.absolute_path) or "top level"
    if error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        unknown = next(key for key in error.instance if key not in known)
        raise InstMoveError(f"{where}: unknown key '{unknown}' at {place}{did_you_mean(unknown, known)}")
    raise InstMoveError(f"{where}: {place}: {error.message}{_number_hint(error.instance)}")


def _number_hint(value: Any) -> str:
    """What to write for a number that YAML 1.1 takes for a text."""
    try:
        return f"; YAML wants {float(value):.1e} with its point" if isinstance(value, str) else ""
    except ValueError:
        return ""
