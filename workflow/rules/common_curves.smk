"""Which training logs the learning curves are drawn from."""

from instmove.reporting.cells import branch_of
from instmove.weights import shipped_log

# What the hosts' curves are called, where those of InstMove have a split's name.
HOSTS = "hosts"


wildcard_constraints:
    trained=alternatives([HOSTS, *setup["splits"]]),


def training_logs(wildcards):
    """The training logs of the InstMove models of a split, or of the hosts, by what their curves are called."""
    named = (
        host_logs() if wildcards.trained == HOSTS else motion_logs(wildcards.trained)
    )
    return {name: log for name, log in named if log}


def motion_logs(split):
    """Names and logs of the InstMove models that a split's predictions are scored of."""
    for result in predicted(split):
        for fold in folds(split) if result.motion in TRAINED else ():
            runs = {"seed": (result.seed, setup["seeds"]), "fold": (fold, folds(split))}
            stem = f"{RESULTS}/motion/{result.motion}/{learned_from(split)}"
            log = f"{stem}/seed{result.seed}/fold{fold}/log.csv"
            yield curve_name(result.motion, runs), log


def host_logs():
    """Names and logs of the hosts that are trained here, and of shipped ones; none where it was not kept.

    Of several seeds it is the first one's.
    """
    for result in all_results():
        if result.host == VOS:
            branch = branch_of(VARIANTS[result.motion])
            weights = branch_weights(branch, seeds_of(setup, VOS)[0])
            yield f"{VOS} {branch}", log_of(weights)
        elif result.host in setup["hosts"]:
            trained_on = BENCHMARKS[result.benchmark]["checkpoint"]
            runs = {"on": (trained_on, setup["hosts"][result.host]["checkpoints"])}
            weights = host_weights(result.host, trained_on)
            yield curve_name(result.host, runs), log_of(weights)


def curve_name(name, runs):
    """A name and which run it is of what there are several, as in ``{"seed": (1, [0, 1, 2])}``."""
    which = [
        f"{kind} {run}" for kind, (run, several) in runs.items() if len(several) > 1
    ]
    return " ".join([name.replace("_", " "), *which])


def log_of(weights):
    """The training log of weights: written when they are trained, kept with shipped ones or not, none of others'."""
    path = Path(weights)
    trained = path.name == "model.safetensors"
    return str(path.with_name("log.csv")) if trained else shipped_log(path)
