"""What the rules of the hosts share: which weights, predictions and settings a result depends on."""

from instmove.reporting.cells import predicted_split, predictions_folder


def checkpoint_of(wildcards):
    return setup["hosts"][wildcards.host]["checkpoints"][wildcards.checkpoint]


def host_section(wildcards, *keys):
    """These settings of a host as they hold for a checkpoint."""
    chosen = host_settings(setup, wildcards.host, wildcards.checkpoint)
    return {key: chosen[key] for key in keys}


def host_arguments(wildcards, *keys):
    """Overrides of these settings of a host, and of the datasets."""
    host = f"hosts.{wildcards.host}"
    own = f"{host}.checkpoints.{wildcards.checkpoint}"
    return setup_arguments(
        "datasets", *(f"{place}.{key}" for place in (host, own) for key in keys)
    )


def split_file(split, part):
    return f"{RESULTS}/splits/{split}/{part}0.json"


def predictions_of(wildcards):
    """What a host sees on a benchmark; benchmarks with the same frames and checkpoint share it."""
    result = Result(
        wildcards.host, wildcards.benchmark, wildcards.motion, int(wildcards.seed)
    )
    return f"{RESULTS}/{predictions_folder(setup, result)}/index.json"


def plug_in_weights(wildcards):
    """The weights of the motion model that a variant adds, if it has any."""
    model = VARIANTS[wildcards.motion].get("model", "oracle")
    if model == "oracle":
        return []
    split = BENCHMARKS[wildcards.benchmark]["motion"]
    shipped = (
        shipped_weights(setup, f"{model}_{split}") if wildcards.seed == "0" else None
    )
    return [shipped] if shipped else weights_of(model, split, wildcards.seed)


def plug_in_settings(wildcards):
    """What an association depends on beside the predictions: not on the other variants and motion models."""
    model = VARIANTS[wildcards.motion].get("model")
    shared = {k: v for k, v in setup["association"].items() if k != "variants"}
    name = BENCHMARKS[wildcards.benchmark]["checkpoint"]
    return digest(
        [
            settings("datasets"),
            shared,
            VARIANTS[wildcards.motion],
            BENCHMARKS[wildcards.benchmark],
            model_entry(model),
            setup["flow"] if MODELS.get(model, {}).get("kind") == "raft" else None,
            host_settings(setup, wildcards.host, name)["tracker"],
        ]
    )


def plug_in_arguments(wildcards):
    """Overrides of what :func:`plug_in_settings` has."""
    model = VARIANTS[wildcards.motion].get("model")
    host = f"hosts.{wildcards.host}"
    name = BENCHMARKS[wildcards.benchmark]["checkpoint"]
    return setup_arguments(
        "datasets",
        f"benchmarks.{wildcards.benchmark}",
        *(
            f"{place}.{key}"
            for place in (host, f"{host}.checkpoints.{name}")
            for key in ("network", "input", "window", "tracker")
        ),
        *(f"association.{key}" for key in setup["association"] if key != "variants"),
        f"association.variants.{wildcards.motion}",
        f"motion.models.{model}",
        *(["flow"] if MODELS.get(model, {}).get("kind") == "raft" else []),
    )


def zoo():
    """What marks as shipped all that the repository keeps: the hosts, and the InstMove models that tables give them."""
    hosts = [
        f"{RESULTS}/hosts/{host}/{name}/shipped"
        for host, entry in setup["hosts"].items()
        for name in entry["checkpoints"]
    ]
    plugged = dict.fromkeys(
        f"{RESULTS}/motion/{VARIANTS[result.motion]['model']}/{BENCHMARKS[result.benchmark]['motion']}/shipped"
        for result in all_results()
        if result.host in setup["hosts"]
        and VARIANTS[result.motion].get("model") in TRAINED
    )
    return [*hosts, *plugged, *vos_zoo()]
