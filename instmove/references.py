"""Names in a setup: what one part calls by name must be in another."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

Section = Mapping[str, Any]


class Reference(NamedTuple):
    """A name that stands at ``place`` and must be one of ``known``, the entries of ``section``."""

    place: str
    name: str
    section: str
    known: Collection[str]


def broken_reference(setup: Section) -> Reference | None:
    """The first name in a setup that is not there, None if all are."""
    for references in (_splits, _checkpoints, _models, _benchmarks, _variants, _sensitivity, _vos, _tables):
        for reference in references(setup):
            if reference.name not in reference.known:
                return reference
    return None


def _splits(setup: Section) -> Iterator[Reference]:
    for name, split in setup["splits"].items():
        for key in ("dataset", "val"):
            if key in split:
                yield Reference(f"splits.{name}.{key}", split[key], "datasets", setup["datasets"])
        if "learn_from" in split:
            yield Reference(f"splits.{name}.learn_from", split["learn_from"], "splits", setup["splits"])
        for other in split.get("with", ()):
            yield Reference(f"splits.{name}.with", other, "splits", setup["splits"])


def _checkpoints(setup: Section) -> Iterator[Reference]:
    for host, entry in setup["hosts"].items():
        for name, checkpoint in entry["checkpoints"].items():
            place = f"hosts.{host}.checkpoints.{name}"
            for split in checkpoint.get("train_on", ()):
                yield Reference(f"{place}.train_on", split, "splits", setup["splits"])
            if "dataset" in checkpoint:
                yield Reference(f"{place}.dataset", checkpoint["dataset"], "datasets", setup["datasets"])


def _models(setup: Section) -> Iterator[Reference]:
    hosts = setup["hosts"]
    for split in setup["motion"].get("training_on", ()):
        yield Reference("motion.training_on", split, "splits", setup["splits"])
    for name, model in setup["motion"]["models"].items():
        if "host" in model:
            place, host = f"motion.models.{name}", model["host"]
            yield Reference(f"{place}.host", host, "hosts", hosts)
            known = hosts[host]["checkpoints"]
            yield Reference(f"{place}.checkpoint", model["checkpoint"], f"hosts.{host}.checkpoints", known)
            for split, checkpoint in model.get("checkpoint_on", {}).items():
                yield Reference(f"{place}.checkpoint_on", split, "splits", setup["splits"])
                yield Reference(f"{place}.checkpoint_on", checkpoint, f"hosts.{host}.checkpoints", known)
        if "learned_from" in model:
            yield Reference(f"motion.models.{name}.learned_from", model["learned_from"], "splits", setup["splits"])


def _benchmarks(setup: Section) -> Iterator[Reference]:
    hosts = setup["hosts"]
    for name, benchmark in setup["benchmarks"].items():
        place = f"benchmarks.{name}"
        for key in ("split", "predicted", "motion"):
            if key in benchmark:
                yield Reference(f"{place}.{key}", benchmark[key], "splits", setup["splits"])
        for host in benchmark.get("hosts", hosts):
            yield Reference(f"{place}.hosts", host, "hosts", hosts)
            known = hosts[host]["checkpoints"]
            yield Reference(f"{place}.checkpoint", benchmark["checkpoint"], f"hosts.{host}.checkpoints", known)


def _variants(setup: Section) -> Iterator[Reference]:
    association, hosts = setup["association"], setup["hosts"]
    for name, variant in association["variants"].items():
        place = f"association.variants.{name}"
        if "model" in variant:
            known = (*setup["motion"]["models"], "oracle")
            yield Reference(f"{place}.model", variant["model"], "motion.models", known)
        for host in variant.get("hosts", ()):
            yield Reference(f"{place}.hosts", host, "hosts", hosts)


def _vos(setup: Section) -> Iterator[Reference]:
    vos = setup.get("vos", {"benchmarks": {}})
    for name, benchmark in vos["benchmarks"].items():
        yield Reference(f"vos.benchmarks.{name}.split", benchmark["split"], "splits", setup["splits"])
    if "train" in vos:
        wanted = {"static.train_on": vos["train"]["static"].get("train_on", ()), "clips": vos["train"]["clips"]}
        yield Reference("vos.motion", vos["motion"], "splits", setup["splits"])
        for key, splits in wanted.items():
            for split in splits:
                yield Reference(f"vos.train.{key}", split, "splits", setup["splits"])


def _sensitivity(setup: Section) -> Iterator[Reference]:
    section, variants = setup.get("sensitivity"), setup["association"]["variants"]
    if section is not None:
        yield Reference("sensitivity.variant", section["variant"], "association.variants", variants)
        for name in section["benchmarks"]:
            yield Reference("sensitivity.benchmarks", name, "benchmarks", setup["benchmarks"])


def _tables(setup: Section) -> Iterator[Reference]:
    vos = setup.get("vos", {"benchmarks": {}})["benchmarks"]
    places = {"motion": ("splits", setup["splits"]), "stcn": ("vos.benchmarks", vos)}
    for name, table in setup["tables"].items():
        section, known = places.get(table.get("host"), ("benchmarks", setup["benchmarks"]))
        for column in table["columns"]:
            yield Reference(f"tables.{name}.columns", column["benchmark"], section, known)
    benchmarks = {**setup["benchmarks"], **vos}
    grid = setup.get("grid", {})
    sections: dict[str, tuple[str, Collection[str]]] = {
        "hosts": ("hosts", (*setup["hosts"], "stcn")),
        "benchmarks": ("benchmarks", benchmarks),
    }
    shown = ("grid.benchmarks", grid.get("benchmarks", ()))
    sections |= dict.fromkeys(("metrics", "switches", "videos", "filmstrips"), shown)
    for key, (section, known) in sections.items():
        for wanted in grid.get(key, ()):
            yield Reference(f"grid.{key}", wanted, section, known)
