"""What the rules share: the setup, where its results are, and what each of them depends on."""

import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from instmove.code_digest import code_digest, module_digest
from instmove.config import (
    copied_checkpoint,
    data_root,
    flatten,
    host_settings,
    load_setup,
    motion_on,
    settings_digest,
    typed,
)
from instmove.errors import InstMoveError
from instmove.failures import explain_failure
from instmove.files import digest, sha256_of_file
from instmove.metrics.server_scores import scores_path
from instmove.reporting.cells import (
    BRANCHES,
    FULL_GRID,
    GRID,
    PREDICTION,
    VOS,
    Result,
    available,
    available_results,
    description_of,
    seeds_of,
    table_names,
)
from instmove.reporting.claims import claims_text
from instmove.reporting.left_out import left_out_text, why_nothing
from instmove.reporting.needs import lacking, makeable
from instmove.reporting.paper import paper_text
from instmove.reporting.page.templates import templates
from instmove.reporting.awaited import require_known_scores
from instmove.reporting.trials import sensitivity_results
from instmove.verbs.make_mini import PRETRAINING
from instmove.weights import shipped_weights

try:
    overrides = typed({key: value for key, value in config.items() if key != "setup"})
    setup = load_setup(config.get("setup", "mini"), overrides)
except InstMoveError as error:
    raise WorkflowError(str(error)) from None

RESULTS = f"results/{setup['setup']}"
DATA = data_root(setup)
ENVIRONMENT = "../../environment.yml"
MODELS = setup["motion"]["models"]
BENCHMARKS = setup["benchmarks"]
VARIANTS = setup["association"]["variants"]
VOS_BENCHMARKS = setup["vos"]["benchmarks"] if "vos" in setup else {}
TRAINED = [
    name
    for name, model in MODELS.items()
    if model["kind"] == "instmove" and "file" not in model
]
# Results whose data or checkpoints are not there: tables come without them.
LACKING = lacking(setup)
if LACKING and workflow.is_main_process:
    print(left_out_text(setup, LACKING), file=sys.stderr)
try:
    require_known_scores(setup, Path(RESULTS))
except InstMoveError as error:
    raise WorkflowError(str(error)) from None


def alternatives(names):
    """A wildcard's regular expression that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


wildcard_constraints:
    dataset=alternatives(setup["datasets"]),
    split=alternatives(setup["splits"]),
    model=alternatives(MODELS),
    host=alternatives(setup["hosts"]),
    checkpoint=alternatives(
        dict.fromkeys(c for h in setup["hosts"].values() for c in h["checkpoints"])
    ),
    benchmark=alternatives([*BENCHMARKS, *VOS_BENCHMARKS]),
    branch=alternatives(BRANCHES),
    motion=alternatives(VARIANTS),
    seed=alternatives(
        dict.fromkeys(str(seed) for seed in [*setup["seeds"], *seeds_of(setup, VOS)])
    ),
    fold=r"\d+",
    table=alternatives(table_names(setup)),


def setup_arguments(*keys):
    """How a job tells its verb the setup: the overrides below these dotted keys, so that others do not run it again."""
    wanted = {*keys, "data_root", "threads", "device"}
    chosen = [
        item
        for item in flatten(overrides)
        if any(item.startswith((f"{key}.", f"{key}=")) for key in wanted)
    ]
    return " ".join(
        [
            f"--setup {setup['setup']}",
            *(f"--set {shlex.quote(item)}" for item in chosen),
        ]
    )


def settings(*sections):
    """Digest of the parts of the setup that a result depends on, so that a change of them makes it again."""
    return settings_digest(setup, *sections)


def model_entry(name):
    """A motion model as the setup says it, with the code of one's own; None for what is no model."""
    entry = MODELS.get(name)
    file = (entry or {}).get("class", "").rpartition(":")[0]
    return [entry, sha256_of_file(file)] if file and Path(file).is_file() else entry


def named_arguments(*keys):
    """Overrides of these keys and of the motions that may be rows by their name."""
    return setup_arguments(*keys, "motion.models", "association.variants")


def motion_settings(wildcards):
    """What a motion model on a split depends on: not on the other models of the setup."""
    motion = motion_on(setup["motion"], wildcards.split)
    shared = {key: value for key, value in motion.items() if key != "models"}
    return digest(
        [
            settings("datasets"),
            shared,
            model_entry(wildcards.model),
            setup["splits"][wildcards.split],
            *(
                setup["splits"][other]
                for other in setup["splits"][wildcards.split].get("with", ())
            ),
        ]
    )


def motion_arguments(wildcards, *keys):
    """Overrides of what :func:`motion_settings` has, and below further keys."""
    shared = (f"motion.{key}" for key in setup["motion"] if key != "models")
    model = f"motion.models.{wildcards.model}"
    return setup_arguments("datasets", *shared, model, *keys)


def folds(split):
    return range(setup["splits"][split].get("folds", 1))


def generated_data(dataset):
    """The manifest of what is generated with it; real data has none and is checked by the verbs that read it."""
    entry = setup["datasets"][dataset]
    start = entry.get("annotations", entry.get("root", "")).partition("/")[0]
    folder = f"{PRETRAINING}/" if start == PRETRAINING else ""
    return [f"{DATA}/{folder}mini.json"] if "generate" in setup else []


def data_of_split(wildcards):
    split = setup["splits"][wildcards.split]
    found = [
        *generated_data(split["dataset"]),
        *generated_data(split.get("val", split["dataset"])),
    ]
    return list(dict.fromkeys(found))


def training_parts(wildcards):
    """The training parts that a motion model of a split learns from."""
    splits = [wildcards.split, *setup["splits"][wildcards.split].get("with", ())]
    return [f"{RESULTS}/splits/{split}/train{wildcards.fold}.json" for split in splits]


def split_part(part):
    return f"{RESULTS}/splits/{{split}}/{part}{{fold}}.json"


def split_parts(wildcards):
    return [
        f"{RESULTS}/splits/{wildcards.split}/val{fold}.json"
        for fold in folds(wildcards.split)
    ]


def all_splits():
    parts = [
        f"{RESULTS}/splits/{split}/{part}{fold}.json"
        for split in setup["splits"]
        for part in ("train", "val")
        for fold in folds(split)
    ]
    driving = [
        name
        for name, entry in setup["datasets"].items()
        if entry["format"] == "bdd100k"
    ]
    return parts + [
        f"{RESULTS}/splits/{name}/{part}.json"
        for name in driving
        for part in ("occlusion", "continuous")
    ]


def flow_base():
    """Official weights, else the shipped ones, else those that the rule flow_base trains."""
    return (
        setup["flow"].get("checkpoint")
        or shipped_weights(setup, "raft")
        or f"{RESULTS}/flow/base/model.safetensors"
    )


def host_weights(host, checkpoint):
    """The authors' weights, else the shipped ones, else those that the rule train_host trains."""
    if "file" in setup["hosts"][host]["checkpoints"][checkpoint]:
        return f"{RESULTS}/hosts/{host}/{checkpoint}/imported.safetensors"
    return (
        shipped_weights(setup, host)
        or f"{RESULTS}/hosts/{host}/{checkpoint}/model.safetensors"
    )


def copied_weights(wildcards):
    """The host's weights whose image encoder a motion model copies, if it does."""
    model = MODELS[wildcards.model]
    if "host" not in model:
        return []
    return host_weights(model["host"], copied_checkpoint(model, wildcards.split))


def motion_weights(wildcards):
    return weights_of(wildcards.model, wildcards.split, wildcards.seed)


def learned_from(split):
    """The split whose training part trains the InstMove that is scored on a split: itself unless it says otherwise."""
    return setup["splits"][split].get("learn_from", split)


def weights_of(model, split, seed):
    """The weights that a motion model predicts each fold with; none for the models that are not trained."""
    entry = MODELS[model]
    if "file" in entry:
        return [f"{RESULTS}/motion/{model}/imported.safetensors"] * len(folds(split))
    if entry["kind"] == "instmove":
        stem = f"{RESULTS}/motion/{model}/{learned_from(split)}"
    elif entry["kind"] == "raft" and entry["flow"] == "finetuned":
        stem = f"{RESULTS}/flow/finetuned/{split}"
    else:
        return [flow_base()] * len(folds(split)) if entry["kind"] == "raft" else []
    return [f"{stem}/seed{seed}/fold{fold}/model.safetensors" for fold in folds(split)]


def files_of(results):
    return [f"{RESULTS}/{result.path}" for result in results]


def numbers_of(results):
    """The metrics files of results, and what evaluation servers said of them, once somebody has written it down."""
    files = files_of(results)
    scores = [scores_path(Path(file)) for file in files]
    return [*files, *(str(path) for path in scores if path.exists())]


def made_tables():
    """The tables with at least one cell that can be made; all if there is none, so that asking for them says why."""
    names = [name for name in table_names(setup) if name != FULL_GRID]
    return [name for name in names if makeable(setup, name, LACKING)] or names


def results_in(table):
    """The results of a table that can be made; a table without any is an error that names what is missing."""
    results = makeable(setup, table, LACKING)
    if not results:
        raise WorkflowError(why_nothing(setup, table, LACKING))
    return results


def all_results():
    """What `tables` is made of, each result once."""
    return list(
        dict.fromkeys(
            result
            for name in made_tables()
            for result in makeable(setup, name, LACKING)
        )
    )


def predicted(split):
    """The motion models that are scored alone on a split."""
    return [r for r in all_results() if (r.host, r.benchmark) == (PREDICTION, split)]


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


def table_files(table):
    return [
        f"{RESULTS}/tables/{table}{ending}"
        for ending in (".csv", ".md", ".tex", "_tidy.csv")
    ]


def tables():
    cost = ["cost.csv", "cost.md"] if "grid" in setup else []
    return [
        *(file for name in made_tables() for file in table_files(name)),
        *(f"{RESULTS}/{name}" for name in cost),
    ]


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


def trial_results():
    """What says how much the plug-in's open settings matter: the trials, and each host without motion."""
    trials = [result for _, result, _ in sensitivity_results(setup)]
    plain = [result._replace(motion="none") for result in trials]
    return list(dict.fromkeys([*trials, *plain]))
