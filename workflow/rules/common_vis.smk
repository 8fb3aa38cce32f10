"""What the rules of the hosts share: which weights, predictions and settings a result depends on."""

from instmove.config import host_settings
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


def host_weights(host, checkpoint):
    """The authors' weights, else the shipped ones, else those that the rule train_host trains."""
    if "file" in setup["hosts"][host]["checkpoints"][checkpoint]:
        return f"{RESULTS}/hosts/{host}/{checkpoint}/imported.safetensors"
    return (
        shipped_weights(setup, host)
        or f"{RESULTS}/hosts/{host}/{checkpoint}/model.safetensors"
    )


def predictions_of(wildcards):
    """What a host sees on a benchmark; benchmarks with the same frames and checkpoint share it."""
    result = Result(
        wildcards.host, wildcards.benchmark, wildcards.motion, int(wildcards.seed)
    )
    return f"{RESULTS}/{predictions_folder(setup, result)}/index.json"


def plug_in_weights(wildcards):
    """The weights of the motion model that a variant adds on a benchmark, if it has any."""
    model = VARIANTS[wildcards.motion].get("model")
    split = BENCHMARKS[wildcards.benchmark]["motion"]
    return added_weights(model, split, int(wildcards.seed))


def plug_in_settings(wildcards):
    """What an association depends on beside the predictions."""
    name = BENCHMARKS[wildcards.benchmark]["checkpoint"]
    return digest(
        [
            settings("datasets"),
            added_settings(wildcards.motion),
            BENCHMARKS[wildcards.benchmark],
            host_settings(setup, wildcards.host, name)["tracker"],
        ]
    )


def plug_in_arguments(wildcards):
    """Overrides of what :func:`plug_in_settings` has."""
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
        *added_keys(wildcards.motion),
    )
