"""Which plots and videos are drawn, and from which results and training logs."""

from instmove.reporting.cells import available, branch_of
from instmove.weights import shipped_log

# What the hosts' curves are called, where those of InstMove have a split's name.
HOSTS = "hosts"


wildcard_constraints:
    trained=alternatives([HOSTS, *setup["splits"]]),


def plot_files(name):
    return [f"{RESULTS}/plots/{name}.{suffix}" for suffix in ("png", "svg")]


def plots():
    scored = [result for result in all_results() if result.host == PREDICTION]
    trained = [result for result in scored if result.motion in TRAINED]
    names = [
        f"{name}_{split}"
        for name in ("motion_error", "filmstrips")
        for split in dict.fromkeys(result.benchmark for result in scored)
    ]
    names += [
        f"learning_curves_{split}"
        for split in dict.fromkeys(result.benchmark for result in trained)
    ]
    names += [f"learning_curves_{HOSTS}"] if any(log for _, log in host_logs()) else []
    names += ["sparsity"] if "table9" in made_tables() else []
    names += [
        f"{kind}_{name}"
        for name, entry in VOS_BENCHMARKS.items()
        if entry["scored"] == "here" and without_and_with(VOS, name)
        for kind in ("objects", "regions")
    ]
    if GRID in made_tables():
        grid = setup["grid"]
        names += ["gains_grid", *(f"videos_{name}" for name in shown_videos())]
        names += [
            f"tracks_{host}_{benchmark}"
            for benchmark in grid["filmstrips"]
            for host in hosts_on(benchmark)
        ]
        for benchmark in grid.get("switches", []):
            names += [f"switches_{benchmark}"] if hosts_on(benchmark) else []
            names += [
                f"switch_strips_{host}_{benchmark}" for host in hosts_on(benchmark)
            ]
    return [file for name in names for file in plot_files(name)]


def without_and_with(host, benchmark):
    """The first seed's metrics of a host without motion and with InstMove, if the setup has both."""
    pair = [
        Result(host, benchmark, motion, seeds_of(setup, host)[0])
        for motion in ("none", "instmove")
    ]
    possible = all(
        available(setup, result) and result not in LACKING for result in pair
    )
    return files_of(pair) if possible else []


def hosts_on(benchmark):
    """The hosts of the grid that run on a benchmark without motion and with InstMove."""
    return [
        host for host in setup["grid"]["hosts"] if without_and_with(host, benchmark)
    ]


def shown_videos():
    """The benchmarks whose videos the page shows."""
    return [name for name in setup.get("grid", {}).get("videos", []) if hosts_on(name)]


def shown_splits(benchmark):
    """The validation parts that a benchmark scores."""
    if benchmark in VOS_BENCHMARKS:
        return scored_splits(benchmark)
    return [split_file(BENCHMARKS[benchmark]["split"], "val")]


def videos():
    """The folders with pictures of the videos that the page shows."""
    return [f"{RESULTS}/videos/{name}" for name in shown_videos()]


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
